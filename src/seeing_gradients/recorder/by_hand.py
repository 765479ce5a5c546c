"""A Record of somebody's own engine: the same picture for an autograd that was written by hand.

`record(f, engine=Value, w=2.0)` gives f values of the engine in place of tensors and lets the engine run its own backward.
"""

import torch

from seeing_gradients.runtime import TimeLimitError, time_limit

from .arguments import name_of, names_of, source_of
from .errors import ArgumentError, OutputError, RecordingLimitError
from .types import Edge, Node, Record, Snapshot

_NEEDED = ("data", "grad", "parents", "op", "backward")


def record_by_hand(f, args, kwargs, engine, max_ops, max_seconds):
    """Run f on values of an engine, then the engine's backward, and return what it left in the graph.

    Args:
        f: callable, values of the engine -> value of the engine.
        args, kwargs: numbers; each becomes engine(number).
        engine: class; its values have data and grad (numbers), op (str, "mul", or "leaf" where nothing made it), parents
            (pairs of a value and the local slope towards it) and backward().
        max_ops: int, values after which the graph is no longer walked.
        max_seconds: float or None.

    Returns:
        Record: float64 scalars; what flows along an edge is the slope noted there times the gradient behind it, and
        `grads` is what the engine's backward left in the inputs. `backward_order` is from the output to the inputs.

    Raises:
        ArgumentError: an input is no number, or a value lacks one of these attributes.
        OutputError: f returned no value of the engine.
        RecordingLimitError: a limit was reached.
        Exception: whatever f or the engine raises, unchanged.
    """
    given = dict(zip(names_of(f, args, kwargs), [*args, *kwargs.values()], strict=True))
    for name, number in given.items():
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise ArgumentError("record.engine_numbers", name=name, received=type(number).__name__)
    limit = time_limit(max_seconds)
    try:
        with limit:
            inputs = {name: engine(float(number)) for name, number in given.items()}
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


def _ordered(root, max_ops):
    """All values behind root, parents first."""
    order, begun, stack = [], set(), [(root, False)]
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


def _record(f, inputs, order):
    names = {id(value): name for name, value in inputs.items()}
    walked = {id(value) for value in order}
    order = [*(value for value in inputs.values() if id(value) not in walked), *order]  # first those that f did not use
    ids = {id(value): place for place, value in enumerate(order)}
    edges = [
        Edge(ids[id(parent)], place, 0, i, _snapshot(float(slope) * float(value.grad)))
        for place, value in enumerate(order)
        for i, (parent, slope) in enumerate(value.parents)
    ]
    return Record(
        output=torch.tensor(float(order[-1].data), dtype=torch.float64),
        grads={name: torch.tensor(float(value.grad), dtype=torch.float64) for name, value in inputs.items()},
        nodes=[_node(place, value, names.get(id(value))) for place, value in enumerate(order)],
        edges=edges,
        backward_order=[place for place in reversed(range(len(order))) if order[place].parents],
        inputs={name: ids[id(value)] for name, value in inputs.items()},
        name=name_of(f),
        source=source_of(f),
    )


def _node(place, value, name):
    is_leaf = not value.parents
    kind = "leaf" if is_leaf else "op"
    if is_leaf and name is None:
        name = f"{float(value.data):g}"  # a number that f or an operation brought in, the -1 of a subtraction
    numbers = {"values": (_snapshot(value.data),), "grads": (_snapshot(value.grad),)}
    return Node(
        place, "leaf" if is_leaf else str(value.op), None, kind, name, (), torch.float64, True, is_leaf, **numbers
    )


def _snapshot(number):
    return Snapshot((), torch.float64, float(number))
