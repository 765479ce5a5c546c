"""Cut an edge on request: detach the argument that it comes from before the operation uses it.

If a call has the same tensor at several positions, an edge of its graph may come from any of them. If there is only one
edge, it comes from all of these positions. Otherwise the call runs a second time with a separate leaf at each position,
and the two graphs are compared. If they differ (attention asks whether its query is its key), the argument is unknown.
"""

import itertools
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import Node

from seeing_gradients.language import abridged

from .errors import ArgumentError
from .snapshot import grad_fn_of
from .types import EdgeKey

Input = tuple[Node, int]  # a backward node and a position among its next_functions


def requested_cuts(cut: Iterable[Sequence[Any]]) -> dict[tuple[int, str], dict[int, Any]]:
    """Return {(call, operation): {argument: the argument field of its EdgeKey}}.

    If an EdgeKey names several arguments, each of them has an item.

    Args:
        cut: of EdgeKey, or of (call, operation, argument) as read from JSON.

    Raises:
        ArgumentError: one of them is something else.
    """
    requested: dict[tuple[int, str], dict[int, Any]] = {}
    if not isinstance(cut, Iterable) or isinstance(cut, str):
        raise ArgumentError("record.bad_cut", received=abridged(cut))
    for call, operation, argument in map(_edge_key, cut):
        several = isinstance(argument, (list, tuple))
        each = dict.fromkeys(argument, tuple(argument)) if several else {argument: argument}
        requested.setdefault((call, operation), {}).update(each)
    return requested


def _edge_key(key: Any) -> EdgeKey:
    if not isinstance(key, list | tuple) or len(key) != 3 or not isinstance(key[2], int | str | list | tuple):
        raise ArgumentError("record.bad_cut", received=abridged(key))
    return EdgeKey._make(key)


@cache
def hides_arguments(operation: str) -> bool:
    """Whether no edge into an operation's result shows which argument it comes from.

    That is so for operations that write to an argument, and for those that go through the graph behind it.

    Args:
        operation: its name, "add_".
    """
    return writes(operation) or operation == "grad"


def writes(operation: str) -> bool:
    """Whether an operation writes to its first argument. If that were detached, autograd would not see the write.

    Args:
        operation: its name, "add_".
    """
    is_in_place = operation.endswith("_") and not operation.endswith("__")
    return is_in_place or operation == "__setitem__" or operation.startswith("__i")


def detach_arguments(
    args: Sequence[Any], kwargs: Mapping[str, Any] | None, positions: Container[int], numbers: bool
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return (args, kwargs) with the tensors at some positions detached, and all other arguments unchanged.

    Args:
        args, kwargs, numbers: as for `replace_tensors`.
        positions: of the arguments to detach, counted as in `replace_tensors`.
    """
    # One copy of each tensor: an operation may ask whether two arguments are identical.
    detached: dict[int, Tensor] = {}

    def replacement(position: int, tensor: Tensor) -> Tensor:
        if position not in positions:
            return tensor
        if id(tensor) not in detached:
            detached[id(tensor)] = tensor.detach()
        return detached[id(tensor)]

    return replace_tensors(args, kwargs, numbers, replacement)


def replace_tensors(
    args: Sequence[Any], kwargs: Mapping[str, Any] | None, numbers: bool, replacement: Callable[[int, Tensor], Tensor]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return (args, kwargs) with each tensor replaced by replacement(position, tensor).

    Args:
        args, kwargs: of one call.
        numbers: whether numbers are operands. Positions count the arguments as Trace does: tensors, also inside lists
            and dicts, and numbers if they are operands.
        replacement: (position, tensor) -> new tensor.
    """
    count = itertools.count()

    def replaced(item: Any, numbers: bool) -> Any:
        if isinstance(item, Tensor):
            return replacement(next(count), item)
        if numbers and isinstance(item, (int, float, complex)):
            next(count)
        elif isinstance(item, (list, tuple)):
            inside = [replaced(each, False) for each in item]
            return item if all(new is old for new, old in zip(inside, item, strict=True)) else type(item)(inside)
        elif isinstance(item, dict):
            return {key: replaced(each, False) for key, each in item.items()}
        return item

    new = tuple([replaced(item, numbers) for item in args])
    return new, {key: replaced(item, numbers) for key, item in (kwargs or {}).items()}


def repeated_arguments(call: Any) -> dict[int, Any]:
    """Return {position: Value} for arguments of a call that require grad, are not cut, and occur at several positions.

    Args:
        call: Call.
    """
    tensors = [id(arg.tensor) for arg in call.args if hasattr(arg, "tensor")]
    if len(set(tensors)) == len(tensors):  # the common case
        return {}
    values: dict[int, Any] = {}
    count: dict[int, int] = {}
    for position, arg in enumerate(call.args):
        if hasattr(arg, "tensor") and arg.requires_grad and position not in call.cut:
            values[position] = arg
            count[id(arg.tensor)] = count.get(id(arg.tensor), 0) + 1
    return {position: value for position, value in values.items() if count[id(value.tensor)] > 1}


def arguments_of_single_edges(call: Any, values: dict[int, Any], result: Any) -> dict[Input, tuple[int, ...]]:
    """Return {(backward node, input): positions} for the tensors that have a single edge into a call.

    Args:
        call: Call, finished.
        values: dict from position to Value, as `repeated_arguments` returns it.
        result: what the call returned.
    """
    edges: dict[int, list[Input]] = {}
    reached, stack = {arg.grad_fn for arg in call.args if hasattr(arg, "tensor")}, _roots(result)
    while stack:
        node = stack.pop()
        if node in reached or hasattr(node, "variable") or node._sequence_nr() < call.begin:
            continue
        reached.add(node)
        for i, source in enumerate(node.next_functions):
            if source[0] is not None:
                value = next((value for value in values.values() if _leads_to(source, value)), None)
                if value is None:
                    stack.append(source[0])
                else:
                    edges.setdefault(id(value.tensor), []).append((node, i))
    positions = {key: tuple([p for p, value in values.items() if id(value.tensor) == key]) for key in edges}
    return {inputs[0]: positions[key] for key, inputs in edges.items() if len(inputs) == 1}


def argument_of_edge(
    func: Callable[..., Any],
    arguments: tuple[Sequence[Any], Mapping[str, Any] | None, bool],
    values: dict[int, Any],
    result: Any,
    begin: int,
) -> dict[Input, int]:
    """Return {(backward node, input): position} for a call by running it again.

    Returns {} if the second run builds another graph.

    Args:
        func: the operation.
        arguments: (args, kwargs, whether numbers are operands) of the call.
        values: dict from position to Value.
        result: what the call returned.
        begin: the sequence number of its first backward node.
    """
    leaves = {position: value.tensor.detach().requires_grad_() for position, value in values.items()}

    def replacement(position: int, tensor: Tensor) -> Tensor:
        if position in leaves:
            return leaves[position]
        return tensor if tensor.requires_grad else tensor.clone()  # e.g. the running mean, to which a batch norm writes

    args, kwargs = replace_tensors(*arguments, replacement)
    roots, twins = _roots(result), _roots(func(*args, **kwargs))
    if len(roots) != len(twins):
        return {}
    position_of = {id(leaf): position for position, leaf in leaves.items()}
    positions: dict[Input, int] = {}
    pairs: dict[Node, Node] = {}
    stack = list(zip(roots, twins, strict=True))
    while stack:
        node, twin = stack.pop()
        if node in pairs:
            if pairs[node] is not twin:
                return {}
            continue
        pairs[node] = twin
        after, after_twin = node.next_functions, twin.next_functions
        if node.name() != twin.name() or len(after) != len(after_twin) or node._sequence_nr() < begin:
            return {}
        for i, (source, other) in enumerate(zip(after, after_twin, strict=True)):
            position = position_of.get(id(getattr(other[0], "variable", None)))
            if position is not None:
                if not _leads_to(source, values[position]):
                    return {}
                positions[node, i] = position
            elif source[0] is None or other[0] is None or source[1] != other[1]:
                if source != other:
                    return {}
            elif source[0] is not other[0]:
                stack.append((source[0], other[0]))
    return positions


def pairs_of_nodes(result: Any, twin: Any, begin: int) -> Iterator[tuple[int, int]]:
    """Yield the sequence numbers (of a backward node, of its twin) for two runs of one call.

    Where the graphs differ, the search ends.

    Args:
        result, twin: what the first and the second run returned.
        begin: the sequence number of the first backward node of the first run.
    """
    stack, met = list(zip(_roots(result), _roots(twin), strict=False)), set()
    while stack:
        node, other = stack.pop()
        if node is None or other is None or node in met or hasattr(node, "variable") or node._sequence_nr() < begin:
            continue
        met.add(node)
        if len(node.next_functions) == len(other.next_functions):
            yield node._sequence_nr(), other._sequence_nr()
            pairs = zip(node.next_functions, other.next_functions, strict=True)
            stack += [(source, source_twin) for (source, _), (source_twin, _) in pairs]


def _leads_to(source: tuple[Any, int], value: Any) -> bool:
    node, output = source
    if value.grad_fn is not None:
        return node is value.grad_fn and output == value.output_nr
    return getattr(node, "variable", None) is value.tensor


def _roots(result: Any) -> list[Any]:
    """The backward nodes of all tensors in the result of a call."""
    if isinstance(result, torch.Tensor):
        node = grad_fn_of(result)
        return [node] if node is not None else []
    return [root for part in result for root in _roots(part)] if isinstance(result, (list, tuple)) else []
