"""Cut an edge on request: the argument behind it is detached on its way into the operation."""

import itertools

import torch


def places_of(cut):
    """Return {(call, name): set of arguments} of a list of (call, name, argument)."""
    places = {}
    for call, name, place in cut:
        places.setdefault((call, name), set()).add(place)
    return places


def writes(name):
    """Whether an operation writes to its first argument: to detach that would let the write pass unseen."""
    return (name.endswith("_") and not name.endswith("__")) or name == "__setitem__" or name.startswith("__i")


def detached(args, kwargs, places, numbers):
    """Return (args, kwargs) with the tensors at some places detached, all others as they are.

    Args:
        args, kwargs: of one call; kwargs may be None.
        places: set of int, counted as Trace counts the arguments of a call: tensors, those in lists and dicts too, and
            numbers where these are operands.
        numbers: bool, whether they are.
    """
    count = itertools.count()

    def replaced(item, numbers):
        if isinstance(item, torch.Tensor):
            return item.detach() if next(count) in places else item
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
