"""The one public verb: record(f, ...) -> Record."""

from contextlib import contextmanager

import torch
from torch._C import _len_torch_dispatch_stack, _len_torch_function_stack, _pop_torch_function_stack
from torch.utils._python_dispatch import _pop_mode

from .arguments import as_leaf, names_of, outer_names, source_of
from .build import Builder
from .engine import Backward, run_backward, walk
from .errors import (
    CallsBackwardError,
    GradientShapeError,
    NoGradError,
    OutputError,
    RecordingLimitError,
    VectorOutputError,
)
from .limits import TimeLimitError, time_limit
from .pause import uncollected
from .trace import TooManyOperations, Trace
from .types import Record


def record(f, *args, gradient=None, max_ops=2_000, max_seconds=5.0, **kwargs):
    """Run f(*args, **kwargs) forward and backward once, and return what autograd recorded and computed.

    Args:
        f: callable, tensors -> tensor; an nn.Module too.
        args, kwargs: floats, ints and (nested) lists of them become float32 leaves that require grad; tensors, and
            everything else (bool, str, None, modules), are passed as they are.
        gradient: v, of the output's shape (tensor, number or list), for the vector-Jacobian product v^T J; may be
            left out where the output has one element.
        max_ops: int, operations after which a recording stops.
        max_seconds: float, seconds after which it stops, or None.

    Returns:
        Record. f's own tensors and every .grad are as they were before.

    Raises:
        ArgumentError: f is not callable, or has no argument of that name.
        CallsBackwardError: f calls backward itself.
        OutputError: f returned something that is not a tensor.
        NoGradError: nothing on the way to the output requires grad.
        VectorOutputError: the output has several elements and gradient is missing.
        GradientShapeError: gradient is not of the output's shape.
        RecordingLimitError: max_ops or max_seconds was reached; its `record` holds the forward pass so far.
        Exception: whatever f or the engine raises, unchanged.

    Source: https://docs.pytorch.org/docs/stable/notes/autograd.html
    """
    names = names_of(f, args, kwargs)
    args = [as_leaf(arg) for arg in args]
    kwargs = {name: as_leaf(arg) for name, arg in kwargs.items()}
    given = dict(zip(names, [*args, *kwargs.values()], strict=True))
    tensors = {name: arg for name, arg in given.items() if isinstance(arg, torch.Tensor)}
    trace = Trace(_run.__code__, max_ops)
    inputs = {name: trace.value_of(tensor) for name, tensor in tensors.items()}
    finish = _Finisher(f, trace, tensors, inputs)
    limit = time_limit(max_seconds)
    try:
        with _modes_kept(), limit:
            output = _run(f, args, kwargs, trace)
            return finish.whole(output, gradient)
    except TooManyOperations:
        raise RecordingLimitError("record.too_many_ops", finish.part(), max_ops=max_ops) from None
    except TimeLimitError:
        if not limit.expired:
            raise
        raise RecordingLimitError(
            "record.too_long", finish.part(), seconds=max_seconds, line=trace.last_line()
        ) from None
    finally:
        trace.frame = None


@contextmanager
def _modes_kept():
    """A time limit may strike inside an __exit__ of PyTorch: what that one would have undone is undone here."""
    grad, functions, dispatches = torch.is_grad_enabled(), _len_torch_function_stack(), _len_torch_dispatch_stack()
    try:
        yield
    finally:
        while _len_torch_function_stack() > functions:
            _pop_torch_function_stack()
        while _len_torch_dispatch_stack() > dispatches:
            _pop_mode()
        torch.set_grad_enabled(grad)


def _run(f, args, kwargs, trace):
    with torch.inference_mode(False), torch.enable_grad(), trace:
        return f(*args, **kwargs)


class _Finisher:
    """Turns a finished forward pass into a Record, or an unfinished one into what there is of it."""

    def __init__(self, f, trace, tensors, inputs):
        self.f, self.trace, self.tensors, self.inputs = f, trace, tensors, inputs

    def whole(self, output, gradient):
        self._check_output(output)
        gradient = self._checked_gradient(output, gradient)
        root = self.trace.value_of(output)
        nodes = walk(root.grad_fn) if root.grad_fn is not None else [_accumulator(output)]
        hooked = {name: t for name, t in self.tensors.items() if t.grad_fn is not None}
        captured, hooks = {}, []
        for name, tensor in hooked.items():  # an input with a history has no .grad to read
            hooks.append(tensor.register_hook(lambda grad, name=name: captured.__setitem__(name, grad)))
        try:
            backward = run_backward(output, gradient, nodes)
        except RuntimeError as error:
            if "second time" in str(error):
                raise CallsBackwardError("record.calls_backward", line="?") from error
            raise
        finally:
            for hook in hooks:
                hook.remove()
        grads = {name: captured.get(name, backward.grads.get(id(t))) for name, t in self.tensors.items()}
        return self._record(root, backward, output.detach(), grads, nodes=nodes)

    def part(self):
        """What was recorded so far, forward only; None where nothing was."""
        made = [value for value in self.trace.values if value.call is not None]
        if not made:
            return None
        return self._record(made[-1], Backward(), None, dict.fromkeys(self.tensors), complete=False)

    @uncollected()
    def _record(self, root, backward, output, grads, complete=True, nodes=()):
        builder = Builder(self.trace, backward, self._names(), list(self.inputs.values()))
        builder.place(nodes)
        nodes, edges, ids = builder.build(root)
        return Record(
            output=output,
            grads=grads,
            nodes=nodes,
            edges=edges,
            backward_order=[ids[builder.key_of_node(node)] for node in backward.order],
            inputs={name: ids[builder.key_of(value)] for name, value in self.inputs.items()},
            name=getattr(self.f, "__name__", type(self.f).__name__),
            source=source_of(self.f),
            complete=complete,
        )

    def _names(self):
        """id of a tensor -> the name it has in f: argument, local variable, or a variable from outside."""
        names = {id(tensor): name for name, tensor in self.tensors.items()}
        if self.trace.frame is not None:
            for name, value in self.trace.frame.f_locals.items():
                if isinstance(value, torch.Tensor):
                    names.setdefault(id(value), name)
        if any(value.call is None and id(value.tensor) not in names for value in self.trace.values):
            for name, tensor in outer_names(self.f):
                names.setdefault(id(tensor), name)
        return names

    def _check_output(self, output):
        if not isinstance(output, torch.Tensor):
            key = "record.returned_none" if output is None else "record.not_a_tensor"
            raise OutputError(key, self.part(), received=type(output).__name__)
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
            if output.numel() != 1:
                raise VectorOutputError("record.vector_output", self._forward_of(output), shape=tuple(output.shape))
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
