"""What each backward node keeps for its formula: which tensor, at which version, and what has become of it since.

Read from the node's `_raw_saved_*` attributes, which neither unpack nor recompute anything
(https://docs.pytorch.org/docs/stable/notes/autograd.html#saved-tensors).
"""

from functools import cache

import torch
from torch.autograd.function import BackwardCFunction

from .types import Saved, made


def look(node):
    """Return {name: (what is held, whether hooks packed it)} of what a backward node keeps now, in PyTorch's order.

    Args:
        node: grad_fn.
    """
    found = {}
    for name, attribute in _attributes(type(node)):
        held = getattr(node, attribute, None)
        if isinstance(held, tuple):
            parts = {f"{name}[{place}]": each for place, each in enumerate(held)}
        else:
            parts = {name: held}
        for part, each in parts.items():
            data = each.data if each is not None else None
            if data is not None:
                found[part] = data, each.unpack_hook is not None
    return found


@cache
def _attributes(kind):
    if issubclass(kind, BackwardCFunction):
        return [("saved_tensors", "_raw_saved_tensors")]
    names = [name for name in dir(kind) if name.startswith("_raw_saved_")]
    return [(name.removeprefix("_raw_saved_"), name) for name in names]


def describe(node, name, held, source, freed, writer, memories):
    """Return the Saved that a saved tensor is.

    Args:
        node: grad_fn that keeps it, or kept it.
        name: str.
        held: (tensor, False), or (anything, True), as `look` gives it.
        source: (node id, output, version then, variable) of the value it is, or None where f never had it.
        freed: bool, whether backward has freed it.
        writer: (tensor) -> line of f that last wrote to its memory in place, or None.
        memories: dict from address to a number, to be filled.
    """
    tensor, packed = held
    place, output, version, variable = source or (None, 0, None, None)
    if packed or not isinstance(tensor, torch.Tensor):
        return Saved(name, place, output, variable, version=version, state="freed" if freed else "packed")
    state, now = "freed" if freed else "kept", None if tensor.is_inference() else tensor._version
    if version != now and not freed:
        version, state = _compared(node, name, now)
    line = writer(tensor) if version != now else None
    return made(
        Saved,
        name=name,
        node=place,
        output=output,
        variable=variable,
        shape=tuple(tensor.shape),
        dtype=tensor.dtype,
        version=version,
        now=now,
        state=state,
        line=line,
        memory=_memory(tensor, memories),
    )


def _compared(node, name, now):
    """The version at which it was saved, and whether that is no longer the present one: PyTorch refuses to hand it out."""
    try:
        if isinstance(node, BackwardCFunction):
            _ = node.saved_tensors
        else:
            getattr(node, f"_saved_{name.partition('[')[0]}")
    except RuntimeError as error:
        expected = str(error).partition("expected version ")[2].partition(" ")[0]
        return (int(expected) if expected.isdigit() else None), "changed"
    return now, "kept"


def _memory(tensor, memories):
    """(number, bytes) of the memory that it keeps alive, shared with all its views; None for a layout without."""
    if tensor.layout != torch.strided:
        return None
    storage = tensor.untyped_storage()
    return memories.setdefault(storage.data_ptr(), len(memories)), storage.nbytes()
