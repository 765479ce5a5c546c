"""Which argument of a call an edge of its graph comes from, where the same tensor stands at several places of it.

Two ways to know: one edge alone stands for all places; else the call is made once more with a leaf of its own at each
place, and that graph laid beside the first one. Where the two differ (attention asks whether its query is its key)
nobody knows.
"""

import torch

from .cutting import exchanged


def repeated(call):
    """Return {place: Value} of the arguments that require grad, are not cut, and stand at several places of a call."""
    places, count = {}, {}
    for place, arg in enumerate(call.args):
        if hasattr(arg, "tensor") and arg.requires_grad and place not in call.cut:
            places[place] = arg
            count[id(arg.tensor)] = count.get(id(arg.tensor), 0) + 1
    if len(count) == len(places):  # the common case
        return {}
    return {place: value for place, value in places.items() if count[id(value.tensor)] > 1}


def only_edges(call, places, result):
    """Return {(backward node, input): tuple of places} for the tensors from which a single edge leads into a call.

    Args:
        call: Call, which has run.
        places: dict from place to Value, as `repeated` gives it.
        result: what the call returned.
    """
    edges, reached, stack = {}, {arg.grad_fn for arg in call.args if hasattr(arg, "tensor")}, _roots(result)
    while stack:
        node = stack.pop()
        if node in reached or hasattr(node, "variable") or node._sequence_nr() < call.begin:
            continue
        reached.add(node)
        for i, source in enumerate(node.next_functions):
            if source[0] is not None:
                value = next((value for value in places.values() if _leads_to(source, value)), None)
                if value is None:
                    stack.append(source[0])
                else:
                    edges.setdefault(id(value.tensor), []).append((node, i))
    all_of = {key: tuple([p for p, value in places.items() if id(value.tensor) == key]) for key in edges}
    return {found[0]: all_of[key] for key, found in edges.items() if len(found) == 1}


def ways(func, given, places, result, begin):
    """Return {(backward node, input): place} of a call, found by a second one; {} where that made another graph.

    Args:
        func: the operation.
        given: (args, kwargs, whether numbers are operands) of the call.
        places: dict from place to Value.
        result: what the call returned.
        begin: int, the first sequence number that it used.
    """
    leaves = {place: value.tensor.detach().requires_grad_() for place, value in places.items()}

    def give(place, tensor):
        if place in leaves:
            return leaves[place]
        return tensor if tensor.requires_grad else tensor.clone()  # a batch norm writes to its running mean

    args, kwargs = exchanged(*given, give)
    roots, twins = _roots(result), _roots(func(*args, **kwargs))
    if len(roots) != len(twins):
        return {}
    place_of = {id(leaf): place for place, leaf in leaves.items()}
    found, pairs, stack = {}, {}, list(zip(roots, twins, strict=True))
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
            place = place_of.get(id(getattr(other[0], "variable", None)))
            if place is not None:
                if not _leads_to(source, places[place]):
                    return {}
                found[node, i] = place
            elif source[0] is None or other[0] is None or source[1] != other[1]:
                if source != other:
                    return {}
            elif source[0] is not other[0]:
                stack.append((source[0], other[0]))
    return found


def _leads_to(source, value):
    node, output = source
    if value.grad_fn is not None:
        return node is value.grad_fn and output == value.output_nr
    return getattr(node, "variable", None) is value.tensor


def _roots(result):
    """The backward nodes of all tensors in what a call returned."""
    if isinstance(result, torch.Tensor):
        return [result.grad_fn] if result.grad_fn is not None else []
    return [root for part in result for root in _roots(part)] if isinstance(result, (list, tuple)) else []
