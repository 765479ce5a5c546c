"""The one public verb: record(f, ...) -> Record."""

import inspect
import types

import torch

from seeing_gradients.runtime import TimeLimitError, collector_off, collector_seldom, restore_settings, time_limit

from .arguments import as_leaf, check_limits, check_tensors, decorated_code, name_of, names_of, source_of
from .build import Builder
from .by_hand import record_by_hand
from .engine import Backward, run_backward, walk
from .errors import (
    ArgumentError,
    CallsBackwardError,
    GradientShapeError,
    NoGradError,
    OutputError,
    RecordingLimitError,
    VectorOutputError,
)
from .graph import Graph
from .modules import Naming
from .outer import nodes_outside
from .reach import inner_names, outer_names, outside
from .saved import look
from .trace import TooManyOperations, Trace
from .types import Record, made


def record(
    f,
    *args,
    gradient=None,
    max_ops=2_000,
    max_seconds=5.0,
    retain_graph=True,
    backwards=1,
    cut=None,
    engine=None,
    **kwargs,
):
    """Run f(*args, **kwargs) forward and backward once, and return what autograd recorded and computed.

    Args:
        f: callable, tensors -> tensor; an nn.Module too.
        args, kwargs: floats, ints and (nested) lists of them become float32 leaves that require grad; tensors, and
            everything else (bool, str, None, modules), are passed as they are.
        gradient: v, of the output's shape (tensor, number or list), for the vector-Jacobian product v^T J; may be
            left out where the output has one element.
        max_ops: int, operations after which a recording stops.
        max_seconds: float, seconds after which it stops, or None.
        retain_graph: bool, as backward takes it; False frees the saved tensors, as backward by itself does.
        backwards: int, how often backward is called, 1 to 9; what is recorded is the first time, and what all of them
            together left in .grad is `accumulated`.
        cut: list of `Edge.at`, the edges at which to detach; f runs as if x.detach() stood there in place of x. One that
            is not met, since f took another way, does nothing. Given, if only as [], each edge tells its `at`.
            An operation that takes one tensor at several places is then made a second time, to tell these apart.
        engine: class of an autograd of one's own, whose values f gets in place of tensors: see `by_hand.record_by_hand`.

    Returns:
        Record. f's own tensors and every .grad are as they were before; what f itself writes to, the running means of a
        BatchNorm in training say, it has written to. `grads` holds the gradients of the inputs, `parameters` those of an
        nn.Module's parameters: `record(model, batch, gradient=v).parameters["layers.0.linear1.weight"]`.

    Raises:
        ArgumentError: f is not callable, or has no argument of that name; an input is nested, a limit is none; retain_graph
            is False and the graph goes on outside f, where it would be freed, too; backwards is not 1 to 9.
        CallsBackwardError: f calls backward itself.
        OutputError: f returned something that is not a tensor, or complex numbers without a gradient=v.
        NoGradError: nothing on the way to the output requires grad.
        VectorOutputError: the output has several elements and gradient is missing.
        GradientShapeError: gradient is not of the output's shape.
        RecordingLimitError: max_ops or max_seconds was reached; its `record` holds the forward pass so far.
        Exception: whatever f or the engine raises, unchanged; an error of the engine has a `record`, too, whose `failed`
            is the node at which it stopped.

    Source: https://docs.pytorch.org/docs/stable/notes/autograd.html
    """
    check_limits(max_ops, max_seconds, backwards)
    if engine is not None:
        return record_by_hand(f, args, kwargs, engine, max_ops, max_seconds)
    names = names_of(f, args, kwargs)
    args = [as_leaf(arg) for arg in args]
    kwargs = {name: as_leaf(arg) for name, arg in kwargs.items()}
    given = dict(zip(names, [*args, *kwargs.values()], strict=True))
    tensors = {name: arg for name, arg in given.items() if isinstance(arg, torch.Tensor)}
    check_tensors(tensors)
    trace = Trace(_run.__code__, max_ops, cut, decorated_code(f))
    inputs = {name: trace.value_of(tensor) for name, tensor in tensors.items()}
    finish = _Finisher(f, trace, given, inputs)
    limit = time_limit(max_seconds)
    try:
        with restore_settings() as settings, limit:
            output = _run(f, args, kwargs, trace, settings)
            return finish.whole(output, gradient, retain_graph, backwards)
    except TooManyOperations as error:
        line = trace.line_of(error)
        raise RecordingLimitError("record.too_many_ops", finish.part(), max_ops=max_ops, line=line) from None
    except TimeLimitError as error:
        if not limit.expired:
            raise
        line = trace.line_of(error)
        raise RecordingLimitError("record.too_long", finish.part(), seconds=max_seconds, line=line) from None
    finally:
        trace.leave()


def run_cut(f, args, kwargs, cut, max_ops):
    """Return what f(*args, **kwargs) gives where edges are cut as record(f, ..., cut=cut) cuts them; no backward pass.

    Args:
        f: callable.
        args, kwargs: tensors and everything else, passed as they are.
        cut: list of `Edge.at`.
        max_ops: int, operations after which TooManyOperations, a BaseException, is raised.
    """
    trace = Trace(_run.__code__, max_ops, cut)
    try:
        with restore_settings() as settings:
            return _run(f, args, kwargs, trace, settings)
    finally:
        trace.leave()


def _run(f, args, kwargs, trace, settings):
    if torch.is_inference_mode_enabled():
        with torch.inference_mode(False):
            return _run(f, args, kwargs, trace, settings)
    try:
        with collector_seldom():
            if not torch.is_grad_enabled():
                torch.set_grad_enabled(True)  # until all is put back
            with trace:
                return f(*args, **kwargs)
    finally:
        settings.restore()  # already now: the backward pass is none of f's


_NONE = types.MappingProxyType({})


class _Finisher:
    """Turns a finished forward pass into a Record, or an unfinished one into what there is of it."""

    def __init__(self, f, trace, given, inputs):
        self.f, self.trace, self.given, self.inputs = f, trace, given, inputs
        self.tensors = {name: given[name] for name in inputs}

    @collector_off()
    def whole(self, output, gradient, retain_graph, backwards):
        self._check_output(output)
        gradient = self._checked_gradient(output, gradient)
        root = self.trace.value_of(output)
        nodes = walk(root.grad_fn) if root.grad_fn is not None else {_accumulator(output): ()}
        self.trace.walked = nodes
        held = None if retain_graph else self._held(nodes)
        hooked = {name: t for name, t in self.tensors.items() if t.grad_fn is not None}
        captured, hooks, backward = {}, [], Backward()
        for name, tensor in hooked.items():  # an input with a history has no .grad to read
            hooks.append(tensor.register_hook(lambda grad, name=name: captured.setdefault(name, grad)))
        try:
            accumulated = run_backward(backward, output, gradient, nodes, retain_graph, backwards)
        except Exception as error:
            self._explain(error, root, backward, output, nodes, held)
            raise
        finally:
            for hook in hooks:
                hook.remove()
        grads = {name: captured.get(name, backward.grads.get(id(t))) for name, t in self.tensors.items()}
        after = {name: accumulated.get(id(t)) for name, t in self.tensors.items()} if backwards > 1 else None
        return self._record(root, backward, output.detach(), grads, nodes=nodes, held=held, accumulated=after)

    def _held(self, nodes):
        """What all of them keep, before it is freed; refused where somebody else's graph would be freed with it."""
        outer, first = nodes_outside(self.trace), self.trace.first
        own = [node for node in nodes if not hasattr(node, "variable")]
        before = [node for node in own if node in outer or node._sequence_nr() < first]
        if before:
            raise ArgumentError("record.frees_outside", grad_fn=before[0].name())
        return {node: look(node) for node in nodes}

    def _explain(self, error, root, backward, output, nodes, held):
        """Add to an error of the engine what was recorded until then."""
        if "second time" in str(error) and held is None:
            raise CallsBackwardError("record.calls_backward", line="?") from error
        grads = dict.fromkeys(self.tensors)
        whole = bool(backward.grads)
        if whole:
            grads = {name: backward.grads.get(id(t)) for name, t in self.tensors.items()}
        error.record = self._record(root, backward, output.detach(), grads, whole, nodes, held=held)

    @collector_off()
    def part(self):
        """What was recorded so far, forward only; None where nothing was."""
        made = [value for value in self.trace.values if value.call is not None]
        if not made:
            return None
        return self._record(made[-1], Backward(), None, dict.fromkeys(self.tensors), complete=False)

    def _record(self, root, backward, output, grads, complete=True, nodes=_NONE, held=None, accumulated=None):
        naming = self._naming()
        names = self._names(naming)
        graph = Graph(self.trace, list(self.inputs.values()))
        graph.place(nodes)
        nodes, edges, ids = Builder(graph, backward, names, held, naming).build(root)
        failed = backward.running
        return made(
            Record,
            {
                "output": output,
                "grads": grads,
                "nodes": nodes,
                "edges": edges,
                "backward_order": [ids[node if node in ids else graph.key_of_node(node)] for node in backward.sent],
                "inputs": {name: ids[graph.key_of(value)] for name, value in self.inputs.items()},
                "name": name_of(self.f),
                "source": source_of(self.f),
                "complete": complete,
                "failed": ids[graph.key_of_node(failed)] if failed is not None else None,
                "accumulated": accumulated,
                "parameters": self._parameters(backward, names),
            },
        )

    def _parameters(self, backward, names):
        inputs, found = {id(tensor) for tensor in self.tensors.values()}, {}
        for key, grad in backward.grads.items():
            if key not in inputs:
                name = names.get(key, "?")
                found[name if name not in found else f"{name} {len(found) + 1}"] = grad
        return found

    def _naming(self):
        """The names of modules and their parameters; None where no module ran."""
        if not self.trace.stack.counts:
            return None
        return Naming(self.f, self.given, self.trace.frame.f_locals if self.trace.frame is not None else {})

    def _names(self, naming):
        """id of a tensor -> the name it has in f: argument, parameter, local variable, or a variable from outside."""
        names = {id(tensor): name for name, tensor in self.tensors.items()}
        for name, tensor in naming.tensors() if naming is not None else ():
            names.setdefault(id(tensor), name)
        if self.trace.frame is not None:
            for name, value in self.trace.frame.f_locals.items():
                if isinstance(value, torch.Tensor):
                    names.setdefault(id(value), name)
        if self._is_one_unnamed(names):
            for name, tensor in outer_names(self.f):
                names.setdefault(id(tensor), name)
            self._name_inner(names)
        return names

    def _name_inner(self, names):
        if self._is_one_unnamed(names):
            local = self.trace.frame.f_locals if self.trace.frame is not None else {}
            for name, tensor in inner_names({**outside(self.f), **local, **self.given}):
                if tensor.grad_fn is None:  # what f computed is named by a variable, or not at all
                    names.setdefault(id(tensor), name)

    def _is_one_unnamed(self, names):
        return any(id(value.tensor) not in names for value in self.trace.found)

    def _check_output(self, output):
        if not isinstance(output, torch.Tensor):
            raise OutputError(_refusal(output), self.part(), received=type(output).__name__)
        if not output.requires_grad:
            self.trace.value_of(output)
            integers = [n for n, t in self.tensors.items() if not (t.is_floating_point() or t.is_complex())]
            if any(tensor.requires_grad for tensor in self.tensors.values()):
                raise NoGradError("record.path_cut", self._forward_of(output))
            if integers:
                raise NoGradError("record.integer_inputs", self._forward_of(output), names=", ".join(integers))
            raise NoGradError("record.nothing_requires_grad", self._forward_of(output))

    def _forward_of(self, output):
        root = self.trace.value_of(output)
        return self._record(root, Backward(), output.detach(), dict.fromkeys(self.tensors), complete=False)

    def _checked_gradient(self, output, gradient):
        if gradient is None:
            if output.is_complex():
                raise OutputError("record.complex_output", self._forward_of(output), dtype=output.dtype)
            if output.numel() != 1:
                key = "record.vector_output_of_model" if isinstance(self.f, torch.nn.Module) else "record.vector_output"
                raise VectorOutputError(key, self._forward_of(output), shape=tuple(output.shape))
            return None
        try:
            given = torch.as_tensor(gradient, dtype=output.dtype, device=output.device).detach()
        except (TypeError, ValueError, RuntimeError) as error:
            fields = {"received": type(gradient).__name__, "expected": tuple(output.shape), "reason": str(error)}
            raise GradientShapeError("record.gradient_type", self._forward_of(output), **fields) from error
        if given.shape != output.shape:
            shapes = {"received": tuple(given.shape), "expected": tuple(output.shape)}
            raise GradientShapeError("record.gradient_shape", self._forward_of(output), **shapes)
        return given


def _accumulator(leaf):
    """The AccumulateGrad of a leaf that f returned as it was."""
    return torch.autograd.graph.get_gradient_edge(leaf).node


def _refusal(output):
    """The key of the sentence for what is no tensor."""
    if output is None:
        return "record.returned_none"
    if inspect.iscoroutine(output):
        output.close()  # else Python warns that it was never awaited
    is_unrun = inspect.iscoroutine(output) or inspect.isgenerator(output) or inspect.isasyncgen(output)
    return "record.not_run" if is_unrun else "record.not_a_tensor"
