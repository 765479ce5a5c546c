"""Cut an edge on request: the argument that it comes from is detached on its way into the operation.

Where the same tensor stands at several positions of a call, an edge of its graph may come from any of them. Two ways to
know which: one edge alone stands for all positions; else the call is made once more with a separate leaf at each
position, and that graph is laid beside the first one. Where the two differ (attention asks whether its query is its key)
nobody knows.
"""

import itertools
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import Node

from .types import EdgeKey

Input = tuple[Node, int]  # a backward node and a position among its next_functions


def requested_cuts(cut: Iterable[Sequence[Any]]) -> dict[tuple[int, str], dict[int, Any]]:
    """Return {(call, operation): {argument: the argument of the EdgeKey, one or several}}.

    Args:
        cut: of EdgeKey, or of (call, operation, argument) as JSON gives it back.
    """
    requested: dict[tuple[int, str], dict[int, Any]] = {}
    for call, operation, argument in map(EdgeKey._make, cut):
        several = isinstance(argument, (list, tuple))
        each = dict.fromkeys(argument, tuple(argument)) if several else {argument: argument}
        requested.setdefault((call, operation), {}).update(each)
    return requested


def hides_arguments(operation: str) -> bool:
    """Whether no edge into what an operation made tells of its arguments: it writes, or goes through the graph behind them."""
    return writes(operation) or operation == "grad"


def writes(operation: str) -> bool:
    """Whether an operation writes to its first argument: to detach that would let the write pass unseen."""
    is_in_place = operation.endswith("_") and not operation.endswith("__")
    return is_in_place or operation == "__setitem__" or operation.startswith("__i")


def detach_arguments(
    args: Sequence[Any], kwargs: Mapping[str, Any] | None, positions: Container[int], numbers: bool
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return (args, kwargs) with the tensors at some positions detached, all others as they are.

    Args:
        args, kwargs, numbers: as `replace_tensors` takes them.
        positions: of arguments, as `replace_tensors` counts them.
    """
    detached: dict[int, Tensor] = {}  # one for each tensor: an operation may ask whether two arguments are the same

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
    """Return (args, kwargs) with replacement(position, tensor) in place of each tensor.

    Args:
        args, kwargs: of one call.
        numbers: whether numbers are operands. Positions are counted as Trace counts the arguments of a call: tensors, those
            in lists and dicts too, and numbers where these are operands.
        replacement: gives the new tensor.
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
    """Return {position: Value} of the arguments that require grad, are not cut, and stand at several positions of a Call."""
    values: dict[int, Any] = {}
    count: dict[int, int] = {}
    for position, arg in enumerate(call.args):
        if hasattr(arg, "tensor") and arg.requires_grad and position not in call.cut:
            values[position] = arg
            count[id(arg.tensor)] = count.get(id(arg.tensor), 0) + 1
    if len(count) == len(values):  # the common case
        return {}
    return {position: value for position, value in values.items() if count[id(value.tensor)] > 1}


def arguments_of_single_edges(call: Any, values: dict[int, Any], result: Any) -> dict[Input, tuple[int, ...]]:
    """Return {(backward node, input): positions} for the tensors from which a single edge leads into a call.

    Args:
        call: Call, which has run.
        values: dict from position to Value, as `repeated_arguments` gives it.
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
    """Return {(backward node, input): position} of a call, learnt from a second one; {} where that made another graph.

    Args:
        func: the operation.
        arguments: (args, kwargs, whether numbers are operands) of the call.
        values: dict from position to Value.
        result: what the call returned.
        begin: the first sequence number that it used.
    """
    leaves = {position: value.tensor.detach().requires_grad_() for position, value in values.items()}

    def replacement(position: int, tensor: Tensor) -> Tensor:
        if position in leaves:
            return leaves[position]
        return tensor if tensor.requires_grad else tensor.clone()  # a batch norm writes to its running mean

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


def _leads_to(source: tuple[Any, int], value: Any) -> bool:
    node, output = source
    if value.grad_fn is not None:
        return node is value.grad_fn and output == value.output_nr
    return getattr(node, "variable", None) is value.tensor


def _roots(result: Any) -> list[Any]:
    """The backward nodes of all tensors in what a call returned."""
    if isinstance(result, torch.Tensor):
        return [result.grad_fn] if result.grad_fn is not None else []
    return [root for part in result for root in _roots(part)] if isinstance(result, (list, tuple)) else []
