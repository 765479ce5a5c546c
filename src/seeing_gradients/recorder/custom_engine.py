"""Record a custom autograd engine, such as a learner writes, with the same picture as for PyTorch.

`record(f, engine=Value, w=2.0)` calls f with values of the engine instead of tensors, then runs the engine's backward.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from seeing_gradients.runtime import TimeLimitError, time_limit

from .arguments import argument_names
from .errors import ArgumentError, OutputError, RecordingLimitError
from .names import name_of, source_of
from .types import Edge, Node, Record, Snapshot

_NEEDED = ("data", "grad", "parents", "op", "backward")


def record_custom_engine(
    f: Callable[..., Any],
    args: Sequence[float],
    kwargs: Mapping[str, float],
    engine: Any,
    max_ops: int,
    max_seconds: float | None,
) -> Record:
    """Run f on values of an engine, then the engine's backward, and return the graph as a Record.

    Args:
        f: callable, values of the engine -> value of the engine.
        args, kwargs: numbers; f receives engine(number) for each.
        engine: class. Its values have `data` and `grad` (numbers), `op` (str: "mul", or "leaf" for a value that no
            operation made), `parents` (pairs of a value and the local slope towards it), and a method `backward()`.
        max_ops: int, how many values the graph may have.
        max_seconds: float or None, how long f and backward may take.

    Returns:
        Record of float64 scalars. The gradient along an edge is its local slope times the gradient of the child.
        `grads` holds what the engine's backward left in the inputs. `backward_order` runs from the output to the
        inputs.

    Raises:
        ArgumentError: an input is not a number, or a value lacks one of these attributes.
        OutputError: f did not return a value of the engine.
        RecordingLimitError: a limit was reached.
        Exception: whatever f or the engine raises, unchanged.
    """
    arguments = dict(zip(argument_names(f, args, kwargs), [*args, *kwargs.values()], strict=True))
    for name, number in arguments.items():
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise ArgumentError("record.engine_numbers", name=name, received=type(number).__name__)
    limit = time_limit(max_seconds)
    try:
        with limit:
            inputs = {name: engine(float(number)) for name, number in arguments.items()}
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
    names = {id(value): name for name, value in inputs.items()}
    used = {id(value) for value in order}
    # First the inputs that f did not use.
    order = [*(value for value in inputs.values() if id(value) not in used), *order]
    ids = {id(value): number for number, value in enumerate(order)}
    edges = [
        Edge(ids[id(parent)], number, 0, i, _snapshot(float(slope) * float(value.grad)))
        for number, value in enumerate(order)
        for i, (parent, slope) in enumerate(value.parents)
    ]
    return Record(
        output=torch.tensor(float(order[-1].data), dtype=torch.float64),
        grads={name: torch.tensor(float(value.grad), dtype=torch.float64) for name, value in inputs.items()},
        nodes=[_node(number, value, names.get(id(value))) for number, value in enumerate(order)],
        edges=edges,
        backward_order=[number for number in reversed(range(len(order))) if order[number].parents],
        inputs={name: ids[id(value)] for name, value in inputs.items()},
        name=name_of(f),
        source=source_of(f),
    )


def _node(number: int, value: Any, name: str | None) -> Node:
    is_leaf = not value.parents
    kind = "leaf" if is_leaf else "op"
    if is_leaf and name is None:
        name = f"{float(value.data):g}"  # a number that f or an operation added, e.g. the -1 of a subtraction
    op = "leaf" if is_leaf else str(value.op)
    values, grads = (_snapshot(value.data),), (_snapshot(value.grad),)
    return Node(number, op, None, kind, name, (), torch.float64, True, is_leaf, values=values, grads=grads)


def _snapshot(number: Any) -> Snapshot:
    return Snapshot((), torch.float64, float(number))
