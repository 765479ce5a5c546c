"""Cut an edge on request: the argument behind it is detached on its way into the operation."""

import itertools

import torch


def places_of(cut):
    """Return {(call, name): {each argument: what was given}} of a list of (call, name, argument or several arguments)."""
    places = {}
    for call, name, given in cut:
        several = isinstance(given, (list, tuple))
        each = dict.fromkeys(given, tuple(given)) if several else {given: given}
        places.setdefault((call, name), {}).update(each)
    return places


def leads_elsewhere(name):
    """Whether no edge into what an operation made tells of its arguments: it writes, or goes through the graph behind them."""
    return writes(name) or name == "grad"


def writes(name):
    """Whether an operation writes to its first argument: to detach that would let the write pass unseen."""
    return (name.endswith("_") and not name.endswith("__")) or name == "__setitem__" or name.startswith("__i")


def detached(args, kwargs, places, numbers):
    """Return (args, kwargs) with the tensors at some places detached, all others as they are.

    Args:
        args, kwargs, numbers: as `exchanged` takes them.
        places: container of int.
    """
    made = {}  # one for each tensor: an operation may ask whether two arguments are the same

    def give(place, tensor):
        if place not in places:
            return tensor
        if id(tensor) not in made:
            made[id(tensor)] = tensor.detach()
        return made[id(tensor)]

    return exchanged(args, kwargs, numbers, give)


def exchanged(args, kwargs, numbers, give):
    """Return (args, kwargs) with give(place, tensor) in place of each tensor.

    Args:
        args, kwargs: of one call; kwargs may be None.
        numbers: bool, whether numbers are operands. Places are counted as Trace counts the arguments of a call: tensors,
            those in lists and dicts too, and numbers where these are operands.
        give: (int, tensor) -> tensor.
    """
    count = itertools.count()

    def replaced(item, numbers):
        if isinstance(item, torch.Tensor):
            return give(next(count), item)
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
