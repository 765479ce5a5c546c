"""Record a custom autograd engine, such as a learner writes, with the same picture as for PyTorch.

`record(f, engine=Value, w=2.0)` calls f with values of the engine instead of tensors, then runs the engine's backward.
The engine may compute with numbers or with tensors: `record(f, engine=Value, W=[[1.0, -1.0], [0.5, 2.0]])`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from seeing_gradients.language import abridged
from seeing_gradients.runtime import TimeLimitError, time_limit

from .arguments import argument_names, as_leaf
from .errors import ArgumentError, OutputError, RecordingLimitError
from .names import name_of, referenced_tensors, source_of
from .snapshot import snapshot
from .types import Edge, Node, Record

_NEEDED = ("data", "grad", "parents", "op", "backward")


def record_custom_engine(
    f: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    engine: Any,
    max_ops: int,
    max_seconds: float | None,
) -> Record:
    """Run f on values of an engine, then the engine's backward, and return the graph as a Record.

    Args:
        f: callable, values of the engine -> value of the engine.
        args, kwargs: numbers, (nested) lists of numbers, or floating-point tensors; f receives engine(number) or
            engine(tensor) for each, float32 for a list.
        engine: class. Its values have `data` and `grad` (numbers, or tensors or NumPy arrays of one shape), `op` (str:
            "mul", or "leaf" for a value that no operation made), `parents` (pairs of a value and the local derivative
            towards it: a number, or a function from the gradient of the value to the parent's), and a method
            `backward()`.
        max_ops: int, how many values the graph may have.
        max_seconds: float or None, how long f and backward may take.

    Returns:
        Record; plain numbers are float64 scalars in it. The gradient along an edge is the local derivative times the
        gradient of the child, or what the function returns for that. `grads` holds what the engine's backward left in the inputs. `backward_order` runs from the output to the
        inputs and ends at each value without parents that a gradient reaches.

    Raises:
        ArgumentError: an input is neither a number nor a floating-point tensor, or a value lacks one of these
            attributes.
        OutputError: f did not return a value of the engine.
        RecordingLimitError: a limit was reached.
        Exception: whatever f or the engine raises, unchanged.
    """
    if not isinstance(engine, type):
        raise ArgumentError("record.engine_class", received=abridged(engine))
    arguments = dict(zip(argument_names(f, args, kwargs), [*args, *kwargs.values()], strict=True))
    inputs_of_engine = {name: _input(name, argument) for name, argument in arguments.items()}
    limit = time_limit(max_seconds)
    try:
        with limit:
            inputs = {name: engine(argument) for name, argument in inputs_of_engine.items()}
            values = list(inputs.values())
            output = f(*values[: len(args)], **dict(list(inputs.items())[len(args) :]))
            if not isinstance(output, engine):
                raise OutputError("record.engine_output", received=type(output).__name__, engine=engine.__name__)
            order = _ordered(output, max_ops)
            output.backward()
            return _record(f, inputs, order)
    except TimeLimitError:
        if not limit.expired:
            raise
        raise RecordingLimitError("record.too_long", None, seconds=max_seconds, line="?") from None


def _input(name: str, argument: Any) -> float | Tensor:
    """The argument as the engine receives it: a number as float, anything else as a tensor that requires no grad."""
    if isinstance(argument, int | float) and not isinstance(argument, bool):
        return float(argument)
    leaf = as_leaf(argument) if isinstance(argument, list) else argument
    if not isinstance(leaf, Tensor) or not leaf.is_floating_point():
        raise ArgumentError("record.engine_numbers", name=name, received=type(argument).__name__)
    return leaf.detach().clone()


def _ordered(root: Any, max_ops: int) -> list[Any]:
    """All ancestors of root and root itself, parents first."""
    order: list[Any] = []
    begun: set[int] = set()
    stack = [(root, False)]
    while stack:
        value, done = stack.pop()
        if done:
            order.append(value)
        elif id(value) not in begun:
            missing = [name for name in _NEEDED if not hasattr(value, name)]
            if missing:
                raise ArgumentError("record.engine_form", engine=type(value).__name__, missing=", ".join(missing))
            begun.add(id(value))
            if len(begun) > max_ops:
                raise RecordingLimitError("record.too_many_values", None, max_ops=max_ops)
            stack.append((value, True))
            stack += [(parent, False) for parent, _ in reversed(tuple(value.parents))]
    return order


def _record(f: Callable[..., Any], inputs: dict[str, Any], order: list[Any]) -> Record:
    names = {id(tensor): name for name, tensor in referenced_tensors(f)}  # that f hands to the engine as they are
    names = {id(value): names.get(id(value.data)) for value in order if not value.parents}
    names |= {id(value): name for name, value in inputs.items()}
    used = {id(value) for value in order}
    # First the inputs that f did not use.
    order = [*(value for value in inputs.values() if id(value) not in used), *order]
    ids = {id(value): number for number, value in enumerate(order)}
    edges: list[Edge] = []
    arriving: dict[int, list[Tensor]] = {}
    for number, value in enumerate(order):
        for i, (parent, derivative) in enumerate(value.parents):
            flow = _flow(derivative, value.grad)
            arriving.setdefault(ids[id(parent)], []).append(flow)
            edges.append(Edge(ids[id(parent)], number, 0, i, snapshot(flow)))
    return Record(
        output=_tensor(order[-1].data),
        grads={name: _tensor(value.grad) for name, value in inputs.items()},
        nodes=[_node(i, value, names.get(id(value)), arriving.get(i, [])) for i, value in enumerate(order)],
        edges=edges,
        backward_order=[i for i in reversed(range(len(order))) if order[i].parents or i in arriving],
        inputs={name: ids[id(value)] for name, value in inputs.items()},
        name=name_of(f),
        source=source_of(f),
    )


def _flow(derivative: Any, grad: Any) -> Tensor:
    """The gradient that a value sends along an edge: its own gradient, through the local derivative."""
    return _tensor(derivative(grad) if callable(derivative) else derivative * grad)


def _node(number: int, value: Any, name: str | None, arriving: list[Tensor]) -> Node:
    data, grad = _tensor(value.data), _tensor(value.grad)
    is_leaf = not value.parents
    kind = "leaf" if is_leaf else "op"
    if is_leaf and name is None and not data.ndim:
        name = f"{data.item():g}"  # a number that f or an operation added, e.g. the -1 of a subtraction
    op, values, grads = "leaf" if is_leaf else str(value.op), (snapshot(data),), (snapshot(grad),)
    return Node(
        number, op, None, kind, name, tuple(data.shape), data.dtype, True, is_leaf, values=values, grads=grads,
        is_not_sum=not _is_sum(grad, arriving),
    )  # fmt: skip


def _is_sum(grad: Tensor, arriving: list[Tensor]) -> bool:
    """Whether a gradient is the sum of those that arrive, within rounding; true if at most one does."""
    if len(arriving) < 2:
        return True
    total, size = sum(arriving[1:], arriving[0]), sum(flow.abs() for flow in arriving)
    if grad.shape != total.shape:
        return False
    same = (grad == total) | (grad.isnan() & total.isnan())
    return bool((same | ((grad - total).abs() <= 1e-5 * size)).all())


def _tensor(numbers: Any) -> Tensor:
    """A number as a float64 tensor, a tensor or an array as a copy that later writes do not change."""
    if isinstance(numbers, int | float):
        return torch.tensor(float(numbers), dtype=torch.float64)
    return torch.as_tensor(numbers).detach().clone()
