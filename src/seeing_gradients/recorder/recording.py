"""The public function of this package: record(f, ...) -> Record."""

import itertools
import re
import types
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import Any, Literal

import torch
from torch import Tensor

from seeing_gradients.runtime import (
    TimeLimitError,
    collect_many,
    collector_off,
    collector_seldom,
    misfit,
    restore_settings,
    time_limit,
)

from .arguments import argument_names, as_leaf, check_limits, check_tensors, sized_inputs
from .backward import Backward, Sources, backward_nodes, remove_hooks, run_backward
from .build import Builder
from .closed_modules import boundary, outermost_modules, without_middle
from .custom_engine import record_custom_engine
from .errors import (
    ArgumentError,
    CallsBackwardError,
    FreedGraphError,
    GradientShapeError,
    NoGradError,
    OutputError,
    RecordError,
    RecordingLimitError,
    VectorOutputError,
)
from .failure import failed_node, failure_note
from .graph import Graph
from .module_outputs import ModuleOutputs
from .modules import Naming
from .names import (
    decorated_code,
    leaves_beside,
    modules_in,
    name_of,
    reachable,
    referenced_tensors,
    source_of,
    tensors_of_modules,
)
from .nested import tensors_in
from .outputs import Output, check_output_option, chosen, selected
from .preexisting_nodes import preexisting_nodes
from .saved_tensors import RawSaved, read_saved
from .snapshot import grad_fn_of
from .trace import Call, TooManyOperations, Trace, Value
from .types import Activations, Note, Record, new_frozen

Inner = bool | Literal["counted"]  # the option `inner` of record


def record(
    f: Callable[..., Any],
    *args: Any,
    gradient: Any = None,
    output: str | Callable[[Any], Any] | None = None,
    max_ops: int = 2_000,
    max_seconds: float | None = 10.0,
    retain_graph: bool = True,
    backwards: int = 1,
    cut: Iterable[Sequence[Any]] | None = None,
    engine: Any = None,
    strict: bool = True,
    inner: Inner = True,
    summary: bool = False,
    keep: bool | str | Iterable[str] = False,
    input_size: Sequence[Any] | None = None,
    dtypes: Any = None,
    **kwargs: Any,
) -> Record:
    """Run f(*args, **kwargs) forward and backward once, and return what autograd recorded and computed.

    Args:
        f: callable, tensors -> tensor; may be an nn.Module. It may also return a dict, list, tuple, dataclass or other
            object with tensors in it: see `output`.
        args, kwargs: floats, ints and (nested) lists of them become float32 leaves that require grad. Tensors and
            everything else (bool, str, None, modules) are passed unchanged.
        gradient: v, of the output's shape (tensor, number or list), for the vector-Jacobian product v^T J. Not needed
            if the output has one element.
        output: which tensor of what f returns is the output: a path, "logits", "0" or "encoder.states[0]", or a
            function of what f returns, `lambda result: result["a"].sum() + result["b"].sum()`. By itself record takes a
            tensor with one element under "loss", else the only tensor that requires grad.
        max_ops: int, the number of operations after which the recording stops.
        max_seconds: float, the seconds after which it stops, or None.
        retain_graph: bool, as for Tensor.backward; False frees the saved tensors.
        backwards: int from 1 to 9, how often to call backward. The first time is recorded; `accumulated` holds what all
            of them together left in .grad.
        cut: list of `Edge.edge_key`, the edges to cut; f runs as if x.detach() stood in place of x. An edge that this
            run does not reach, since f took another branch, is ignored. If a list is passed, even [], each edge has its
            `edge_key`; to tell the edges apart, an operation with one tensor at several positions then runs twice.
        engine: class of a custom autograd; f receives its values instead of tensors: see `record_custom_engine`.
        strict: bool; False for a record wherever one is possible: if gradient is missing, backward begins with ones,
            and if nothing requires grad, only the forward pass is recorded. `notes` of the Record say so.
        inner: False to leave out the values and gradients that stay inside the outermost nn.Modules that f runs. A
            picture with closed modules does not show them, and a recording without them takes about half of the time.
            "counted" leaves out the saved tensors of these modules, too, and most nodes of an operation that makes very
            many (a GRU on the CPU); the `inside` of its last node says for how many it stands.
        summary: bool; True to compute the norms of what every module returns and of its gradient, for
            `Record.summary()`, which knows them for small tensors only otherwise.
        keep: the modules whose output is kept whole in `Record.activations`: a path, "layer1", or a pattern,
            "layer1.*", or a list of them; True for all.
        input_size: in place of args, the shape of the input, (1, 3, 224, 224), or a list of shapes, of several: f receives
            tensors of uniform random numbers from 0 to 1, the same each time, which leave the random state as it is. If
            there is no parameter that requires grad, they do.
        dtypes: torch.dtype, or a list of them, of these inputs; by default that of the model's parameters. Inputs of
            integers or bool are zeros. The device is that of the parameters, too.

    Returns:
        Record. Afterwards f's own tensors and every .grad are as before, but writes by f itself remain, e.g. to the
        running means of a BatchNorm in training mode. `grads` holds the gradients of the inputs, those inside lists,
        dicts, tuples and dataclasses under their paths, `grads["batch['x']"]`; `parameters` those of an nn.Module's
        parameters: `record(model, batch, gradient=v).parameters["layers.0.linear1.weight"]`.

    Raises:
        ArgumentError: f is not callable or has other parameters; an input is a nested tensor; max_ops, max_seconds or
            backwards is out of range; output is neither path nor function; cut or engine is something else; retain_graph
            is False, but that would free a graph outside f.
        CallsBackwardError: f calls backward itself.
        FreedGraphError: f used a tensor whose graph was made, and freed, before f ran.
        OutputError: f returned no tensor, several between which `output` must choose, or complex numbers without
            gradient=v.
        NoGradError: the output depends on nothing that requires grad.
        VectorOutputError: the output has several elements and gradient is missing.
        GradientShapeError: gradient does not have the shape of the output.
        RecordingLimitError: max_ops or max_seconds was reached; its `record` holds the forward pass up to there.
        Exception: any error of f or of the engine, unchanged. It has an attribute `record`, too: for an error of f the
            forward pass up to there, whose `failed` is the operation that raised it, a node of the kind "failed"; for an
            error of the engine the Record whose `failed` is the node at which the engine stopped.

    Source: https://docs.pytorch.org/docs/stable/notes/autograd.html
    """
    check_limits(max_ops, max_seconds, backwards, retain_graph)
    check_output_option(output)
    if input_size is not None:
        args = sized_inputs(f, args, kwargs, input_size, dtypes)
    if engine is not None:
        return record_custom_engine(f, args, kwargs, engine, max_ops, max_seconds)
    names = argument_names(f, args, kwargs)
    args = tuple([as_leaf(arg) for arg in args])
    kwargs = {name: as_leaf(arg) for name, arg in kwargs.items()}
    arguments = dict(zip(names, [*args, *kwargs.values()], strict=True))
    tensors = {name: arg for name, arg in arguments.items() if isinstance(arg, Tensor)}
    check_tensors(tensors)
    trace = Trace(_run.__code__, max_ops, cut, decorated_code(f), closed_in=None if inner is True else f)
    inputs = {name: trace.value_of(tensor) for name, tensor in tensors.items()}
    finish = _Finisher(f, trace, arguments, inputs, strict, inner)
    limit, has_run = time_limit(max_seconds), False
    try:
        if summary or keep:
            finish.outputs = ModuleOutputs(trace, finish.naming, summary, keep)
        with restore_settings() as settings, limit, collector_seldom():
            finish.settings = settings
            with finish.outputs or nullcontext():
                result = _run(f, args, kwargs, trace, settings, output)
            has_run = True
            collect_many()
            return finish.whole(result, output if isinstance(output, str) else None, gradient, retain_graph, backwards)
    except TooManyOperations as error:
        line = trace.line_of(error)
        raise RecordingLimitError("record.too_many_ops", finish.part(), max_ops=max_ops, line=line) from None
    except TimeLimitError as error:
        if not limit.expired:
            raise
        line = trace.line_of(error)
        raise RecordingLimitError("record.too_long", finish.part(), seconds=max_seconds, line=line) from None
    except Exception as error:
        if not has_run and isinstance(error, TypeError) and (unfit := misfit(f, args, kwargs)) is not None:
            raise ArgumentError("record.misfit", None, **unfit) from None
        if not has_run and not isinstance(error, RecordError):
            finish.explain_failure(error)
        raise
    finally:
        trace.leave()
        if finish.outputs is not None:
            finish.outputs.remove_hooks()
            finish.outputs = None  # it refers to `finish`, and through it to all tensors of f


def run_cut(
    f: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    cut: Iterable[Sequence[Any]] | None,
    max_ops: int,
    output: str | Callable[[Any], Any] | None = None,
) -> Any:
    """Return f(*args, **kwargs) with the same edges cut as in record(f, ..., cut=cut), without a backward pass.

    Args:
        f: callable.
        args, kwargs: passed unchanged.
        cut: list of `Edge.edge_key`.
        max_ops: int; after so many operations it raises TooManyOperations, a BaseException.
        output: as in `record`, or None for all that f returns.
    """
    trace = Trace(_run.__code__, max_ops, cut)
    try:
        with restore_settings() as settings, collector_seldom():
            result = _run(f, args, kwargs, trace, settings, output)
            return selected(result, output) if isinstance(output, str) else result
    finally:
        trace.leave()


def _run(
    f: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    trace: Trace,
    settings: restore_settings,
    output: Output = None,
) -> Any:
    """Return f(*args, **kwargs), or what a function `output` makes of it; its operations are recorded, too."""
    if torch.is_inference_mode_enabled():
        with torch.inference_mode(False):
            return _run(f, args, kwargs, trace, settings, output)
    try:
        if not torch.is_grad_enabled():
            torch.set_grad_enabled(True)  # until the settings are restored
        with trace:
            result = f(*args, **kwargs)
            return result if output is None or isinstance(output, str) else output(result)
    finally:
        settings.restore()  # now, since the backward pass does not belong to f


_NONE: Mapping[Any, Sources] = types.MappingProxyType({})


class _Finisher:
    """Make a Record of a forward pass, finished or not."""

    def __init__(
        self,
        f: Callable[..., Any],
        trace: Trace,
        arguments: dict[str, Any],
        inputs: dict[str, Value],
        strict: bool = True,
        inner: Inner = True,
    ) -> None:
        self.f, self.trace, self.arguments, self.inputs = f, trace, arguments, inputs
        self.strict, self.inner = strict, inner
        self.tensors: dict[str, Tensor] = {name: arguments[name] for name in inputs}
        self.nested = {
            path: tensor
            for name, argument in arguments.items()
            if not isinstance(argument, Tensor)
            for path, tensor in tensors_in(argument, name, objects=False)
        }
        self.output_path: str | None = None
        self.notes: list[Note] = []
        self.settings: restore_settings | None = None
        self.outputs: ModuleOutputs | None = None
        self.closed: Container[Any] = ()  # backward nodes of which no saved tensors are recorded
        self.counts: Mapping[Any, int] = {}  # see without_middle

    @collector_off()
    def whole(self, result: Any, path: str | None, gradient: Any, retain_graph: bool, backwards: int) -> Record:
        try:
            output, self.output_path = chosen(result, path)
        except OutputError as error:
            error.record = self.part()
            raise
        if self.output_path is not None and path is None:
            self.notes.append(Note("draw.chosen_output", {"path": self.output_path}))
        if not output.requires_grad and not self.strict:
            return self._forward_only(output)
        self._check_output(output)
        gradient = self._checked_gradient(output, gradient)
        root = self.trace.value_of(output)
        nodes = backward_nodes(root.grad_fn) if root.grad_fn is not None else {_accumulator(output): ()}
        self.trace.visited = nodes
        self.trace.hidden = None
        watched, outermost = None, {}
        if self.trace.earlier:  # then an edge may lead to a value before or after an untracked write, wherever that is
            self._reveal_all()
        elif self.inner is not True:
            self.trace.reveal(root)
            inputs = {id(tensor) for tensor in self._input_tensors().values()}
            outermost = outermost_modules(self.trace, nodes, inputs)
            watched = boundary(self.trace, nodes, outermost)
        saved = None if retain_graph else self._saved_before(nodes)
        leaves = self._input_tensors()
        hooked = {name: t for name, t in leaves.items() if t.grad_fn is not None}
        captured: dict[str, Tensor] = {}
        hooks, backward = [], Backward()
        for name, tensor in hooked.items():  # an input with a history has no .grad
            hooks.append(tensor.register_hook(lambda grad, name=name: captured.setdefault(name, grad)))
        try:
            used = [value.tensor for value in self.trace.external if value.is_leaf and value.requires_grad]
            accumulated = run_backward(backward, output, gradient, nodes, retain_graph, backwards, used, watched)
        except Exception as error:
            self._explain(error, root, backward, output, nodes, saved)
            raise
        finally:
            remove_hooks(hooks)
        grads = {name: captured.get(name, backward.grads.get(id(t))) for name, t in leaves.items()}
        after = {name: accumulated.get(id(t)) for name, t in leaves.items()} if backwards > 1 else None
        if self.inner == "counted" and watched is not None:
            self.closed = {node for node in nodes if outermost.get(node) is not None}
            nodes, self.counts = without_middle(self.trace, nodes, watched)
        recorded = self._record(root, backward, output.detach(), grads, nodes=nodes, saved=saved, accumulated=after)
        self.trace.forget()
        return recorded

    def _reveal_all(self) -> None:
        self.trace.hidden = None
        for value in self.trace.values:
            self.trace.reveal(value)

    def _input_tensors(self) -> dict[str, Tensor]:
        """The inputs by name: all tensors that f received, and those inside other arguments that require grad."""
        if not self.nested:
            return self.tensors
        return self.tensors | {path: t for path, t in self.nested.items() if t.requires_grad}

    def _nested_values(self, owned: set[int]) -> dict[str, Value]:
        """The first Value of each tensor inside an argument that f used.

        Args:
            owned: ids of the tensors of modules that ran; they are parameters, even in a list that f received.
        """
        first = {id(value.tensor): value for value in reversed(self.trace.external)}
        return {path: first[id(t)] for path, t in self.nested.items() if id(t) in first and id(t) not in owned}

    def _saved_before(self, nodes: Mapping[Any, Sources]) -> dict[Any, RawSaved]:
        """The saved tensors of all nodes, before backward frees them; refused if it would free a graph outside f."""
        preexisting, first = preexisting_nodes(self.trace), self.trace.first
        own = [node for node in nodes if not hasattr(node, "variable")]
        before = [node for node in own if node in preexisting or node._sequence_nr() < first]
        if before:
            raise ArgumentError("record.frees_outside", grad_fn=before[0].name())
        return {node: read_saved(node) for node in nodes}

    def _explain(
        self,
        error: Any,
        root: Value,
        backward: Backward,
        output: Tensor,
        nodes: Mapping[Any, Sources],
        saved: dict[Any, RawSaved] | None,
    ) -> None:
        """Add to an error of the engine an attribute `record`, with what was recorded before."""
        if "second time" in str(error) and saved is None:
            if backward.running in (preexisting := preexisting_nodes(self.trace)):
                raise self._freed_before(backward.running, preexisting) from error
            if not any(call.name == "grad" for call in self.trace.calls):  # backward itself, unseen by an older PyTorch
                raise CallsBackwardError("record.calls_backward", line="?") from error
        grads: dict[str, Tensor | None] = dict.fromkeys(self._input_tensors())
        whole = bool(backward.grads)
        if whole:
            grads = {name: backward.grads.get(id(t)) for name, t in self._input_tensors().items()}
        error.record = self._record(root, backward, output.detach(), grads, whole, nodes, saved)

    def explain_failure(self, error: Any) -> None:
        """Add to an error of f an attribute `record`, the forward pass up to the operation or module that failed."""
        call = self.trace.raised(error) or self.trace.refused(error)
        record = self.part() if call is None else self._up_to(call, error)
        if record is not None:
            with suppress(AttributeError, TypeError):  # a class of errors that takes no attributes
                error.record = record

    @collector_off()
    def _up_to(self, call: Call, error: Exception) -> Record:
        """The forward pass up to an operation that raised an error, whose node is the last, of the kind "failed"."""
        computed = [value for value in self.trace.values if value.call is not None and value.requires_grad]
        self._reveal_all()
        failed = self.trace.add(torch.empty(0), call)
        grads = dict.fromkeys(self._input_tensors())
        record = self._record(failed, Backward(), None, grads, complete=False, others=computed)
        last = len(record.nodes) - 1
        nodes = [*record.nodes[:-1], failed_node(record.nodes[-1], call)]
        edges = [replace(edge, cut=False) if edge.dst == last else edge for edge in record.edges]
        record = replace(record, nodes=nodes, edges=edges, failed=last)
        return replace(record, notes=(*record.notes, failure_note(record, error)))

    def _freed_before(self, freed: Any, preexisting: Container[Any]) -> FreedGraphError:
        """The error that names the tensor through which f reached a freed backward node.

        Args:
            freed: the backward node whose saved tensors are gone.
            preexisting: the backward nodes that f did not make.
        """
        names = self._names(self.naming())
        for value in self.trace.external:
            if value.grad_fn in preexisting and freed in backward_nodes(value.grad_fn) and id(value.tensor) in names:
                return FreedGraphError("record.freed_before", name=names[id(value.tensor)], grad_fn=freed.name())
        return FreedGraphError("record.freed_before_unnamed", grad_fn=freed.name())

    @collector_off()
    def part(self) -> Record | None:
        """Return what was recorded so far, forward only; None if there is nothing."""
        self._reveal_all()
        computed = [value for value in self.trace.values if value.call is not None]
        if not computed:
            return None
        return self._record(computed[-1], Backward(), None, dict.fromkeys(self._input_tensors()), complete=False)

    def _record(
        self,
        root: Value,
        backward: Backward,
        output: Tensor | None,
        grads: dict[str, Tensor | None],
        complete: bool = True,
        nodes: Mapping[Any, Sources] = _NONE,
        saved: dict[Any, RawSaved] | None = None,
        accumulated: dict[str, Tensor | None] | None = None,
        others: Iterable[Value] = (),
    ) -> Record:
        naming = self.naming()
        if naming is not None:
            for call in self.trace.calls:
                naming.scopes(call.entered)  # paths for modules that no name leads to
        names = self._names(naming)
        inputs = self.inputs
        if self.nested:
            owned = {id(t) for _, t in naming.tensors()} if naming is not None else set()
            inputs = inputs | self._nested_values(owned)
        graph = Graph(self.trace, list(inputs.values()))
        graph.add_nodes(nodes)
        for value in others:  # of which the root need not be computed
            graph.add_ancestor(value)
        builder = Builder(graph, backward, names, saved, naming, self.closed, self.counts)
        recorded, edges, ids = builder.build(root)
        failed = backward.running
        return new_frozen(
            Record,
            {
                "output": output,
                "grads": grads,
                "nodes": recorded,
                "edges": edges,
                "backward_order": [ids[node if node in ids else graph.key_of_node(node)] for node in backward.sent],
                "inputs": {name: ids[graph.key_of(value)] for name, value in inputs.items()},
                "name": name_of(self.f),
                "source": source_of(self.f),
                "complete": complete,
                "failed": ids[graph.key_of_node(failed)] if failed is not None else None,
                "accumulated": accumulated,
                "parameters": self._parameters(backward, names),
                "output_path": self.output_path,
                "notes": (*self._first_notes(), *self.notes),
                "activations": Activations() if self.outputs is None else self.outputs.activations(naming),
                "module_norms": {} if self.outputs is None else self.outputs.norms(naming),
                "sites": builder.sites(),
            },
        )

    def _first_notes(self) -> Iterator[Note]:
        if self.settings is not None and self.settings.has_met_compiled:
            yield Note("draw.uncompiled", {})

    def _parameters(self, backward: Backward, names: dict[int, str]) -> dict[str, Tensor | None]:
        inputs = {id(tensor) for tensor in self.tensors.values()}
        grads: dict[str, Tensor | None] = {}
        for key, grad in backward.grads.items():
            if key not in inputs:
                name = names.get(key, "?")
                count = next(i for i in itertools.count(1) if (name if i == 1 else f"{name} {i}") not in grads)
                grads[name if count == 1 else f"{name} {count}"] = grad
        return grads

    def naming(self) -> Naming | None:
        """The names of modules and their parameters; None if no module ran."""
        stack = self.trace.stack
        return Naming(self.f, self.arguments, self._local_variables(), stack.modules) if stack.counts else None

    def _local_variables(self) -> dict[str, Any]:
        return self.trace.frame.f_locals if self.trace.frame is not None else {}

    def _names(self, naming: Naming | None) -> dict[int, str]:
        """Return {id of a tensor: its name in f}: of an argument, parameter, local variable, or variable outside f."""
        names = {id(tensor): name for name, tensor in self.tensors.items()}
        for name, tensor in naming.tensors() if naming is not None else ():
            names.setdefault(id(tensor), name)
        local: set[int] = set()  # ids of the tensors that have the name of a local variable
        for name, value in self._local_variables().items():
            if isinstance(value, Tensor) and id(value) not in names:
                names[id(value)] = name
                local.add(id(value))
        if self._is_one_unnamed(names):
            for name, tensor in referenced_tensors(self.f):
                names.setdefault(id(tensor), name)
            if self._is_one_unnamed(names):
                self._name_reachable(names, local)
        if any(value.grad_fn is not None for value in self.trace.external):  # a graph that was made before f
            for name, tensor in leaves_beside(self.f):
                names.setdefault(id(tensor), name)
        for path, tensor in self.nested.items():
            names.setdefault(id(tensor), path)
        if naming is not None and self._is_one_unnamed(names):
            for name, tensor in naming.own_tensors(self.trace.stack.modules):
                names.setdefault(id(tensor), name)
        return names

    def _name_reachable(self, names: dict[int, str], local: set[int]) -> None:
        """Name tensors after where f finds them: "params[0]", "self.w".

        If a loop goes through a list, its variable names the last tensor only; then all of the list have names like the
        others. `W, b = params` names all of them, and these names stay.

        Args:
            names: dict from id of a tensor to its name; new names are added.
            local: ids of the tensors that have the name of a local variable.
        """
        paths: dict[int, str] = {}
        for path, tensor in reachable(self.f, {**self.arguments, **self._local_variables()}):
            if isinstance(tensor, torch.nn.Module):  # it need not have run: functional_call uses parameters of others
                for name, own in tensors_of_modules(list(modules_in(tensor, path))):
                    paths.setdefault(id(own), name)
            # A computed tensor has the name of a variable, or none.
            is_named = path.isidentifier() and id(tensor) in names
            if isinstance(tensor, Tensor) and not is_named and grad_fn_of(tensor) is None:
                paths.setdefault(id(tensor), path)
        loops = {_any_index(path) for key, path in paths.items() if key not in names and "[" in path}
        for key, path in paths.items():
            if key not in names or (key in local and _any_index(path) in loops):
                names[key] = path

    def _is_one_unnamed(self, names: dict[int, str]) -> bool:
        for value in self.trace.external:
            if id(value.tensor) not in names:
                return True
        return False

    def _forward_only(self, output: Tensor) -> Record:
        self._reveal_all()
        leaves = [value.requires_grad for value in self.trace.values]
        self.notes.append(Note("draw.forward_only_cut" if any(leaves) else "draw.forward_only", {}))
        return self._forward_of(output)

    def _check_output(self, output: Tensor) -> None:
        if not output.requires_grad:
            self.trace.value_of(output)
            integers = [n for n, t in self.tensors.items() if not (t.is_floating_point() or t.is_complex())]
            if any(tensor.requires_grad for tensor in self.tensors.values()):
                raise NoGradError("record.path_cut", self._forward_of(output))
            if integers:
                raise NoGradError("record.integer_inputs", self._forward_of(output), names=", ".join(integers))
            raise NoGradError("record.nothing_requires_grad", self._forward_of(output))

    def _forward_of(self, output: Tensor) -> Record:
        root = self.trace.value_of(output)
        grads = dict.fromkeys(self._input_tensors())
        return self._record(root, Backward(), output.detach(), grads, complete=False)

    def _checked_gradient(self, output: Tensor, gradient: Any) -> Tensor | None:
        if gradient is None and not self.strict and (output.is_complex() or output.numel() != 1):
            key = "draw.ones_complex" if output.is_complex() else "draw.ones"
            self.notes.append(Note(key, {"shape": tuple(output.shape)}))
            return torch.ones(output.shape, dtype=output.dtype, device=output.device)
        if gradient is None:
            if output.is_complex():
                raise OutputError("record.complex_output", self._forward_of(output), dtype=output.dtype)
            if output.numel() != 1:
                key = "record.vector_output_of_model" if isinstance(self.f, torch.nn.Module) else "record.vector_output"
                raise VectorOutputError(key, self._forward_of(output), shape=tuple(output.shape))
            return None
        try:
            v = torch.as_tensor(gradient, dtype=output.dtype, device=output.device).detach()
        except (TypeError, ValueError, RuntimeError) as error:
            fields = {"received": type(gradient).__name__, "expected": tuple(output.shape), "reason": str(error)}
            raise GradientShapeError("record.gradient_type", self._forward_of(output), **fields) from error
        if v.shape != output.shape:
            shapes = {"received": tuple(v.shape), "expected": tuple(output.shape)}
            raise GradientShapeError("record.gradient_shape", self._forward_of(output), **shapes)
        return v


def _any_index(path: str) -> str:
    """A path without its indices: "self.layers[0][1]" and "self.layers[2][1]" are two rounds of one loop."""
    return re.sub(r"\[[^\]]*\]", "[]", path)


def _accumulator(leaf: Tensor) -> Any:
    """The AccumulateGrad of a leaf that f returned unchanged."""
    return torch.autograd.graph.get_gradient_edge(leaf).node
