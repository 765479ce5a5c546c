"""What each backward node keeps for its formula: which tensor, at which version, and what has become of it since.

Read from the node's `_raw_saved_*` attributes, which neither unpack nor recompute anything
(https://docs.pytorch.org/docs/stable/notes/autograd.html#saved-tensors).
"""

from functools import cache

import torch
from torch.autograd.function import BackwardCFunction
from torch.utils.checkpoint import _CheckpointFrame as _Frame

from .snapshot import version_of
from .types import Saved, made

_MOST_BEHIND = 1000  # things looked at behind one hook


def look(node):
    """Return {name: (what is held, the hook that unpacks it or None)} of what a backward node keeps now, in PyTorch's order.

    Args:
        node: grad_fn.
    """
    found = {}
    for name, attribute in _attributes(type(node)):
        try:
            held = getattr(node, attribute, None)
        except RuntimeError:  # a Function of one's own, whose saved tensors backward has freed
            continue
        if held.__class__ is tuple:
            for place, each in enumerate(held):
                if each is not None and each.data is not None:
                    found[f"{name}[{place}]"] = each.data, each.unpack_hook
        elif held is not None:
            data = held.data
            if data is not None:
                found[name] = data, held.unpack_hook
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
        held: (tensor, None), or (anything, hook), as `look` gives it.
        source: (node id, output, version then, variable) of the value it is, or None where f never had it.
        freed: bool, whether backward has freed it.
        writer: (tensor) -> line of f that last wrote to its memory in place, or None.
        memories: dict from address to (number, bytes), to be filled.
    """
    tensor, hook = held
    place, output, version, variable = source or (None, 0, None, None)
    if hook is not None or not isinstance(tensor, torch.Tensor):
        behind = [memory(each, memories) for each in _behind(tensor, hook)]
        return Saved(
            name,
            place,
            output,
            variable,
            version=version,
            state="freed" if freed else "packed",
            behind=tuple(dict.fromkeys(filter(None, behind))),
        )
    state, now, line = "freed" if freed else "kept", version_of(tensor), None
    if freed and version is None:  # backward got it, so that no write had come between
        version = now
    if version != now:
        if not freed:
            version, state = _compared(node, name, now)
        line = writer(tensor) if version != now else None
    return made(
        Saved,
        {
            "name": name,
            "node": place,
            "output": output,
            "variable": variable,
            "shape": tuple(tensor.shape),
            "dtype": tensor.dtype,
            "version": version,
            "now": now,
            "state": state,
            "line": line,
            "memory": memory(tensor, memories),
        },
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


def _behind(packed, hook):
    """Yield the tensors that hooks hold in place of the one that was saved: what they packed, and a checkpoint's inputs.

    A checkpoint (use_reentrant=False) packs nothing: all its hooks share a frame with the inputs of the stretch that is
    to be run again (torch.utils.checkpoint._CheckpointFrame.saved_args).
    """
    waiting, met = [packed, hook], set()
    while waiting:
        item = waiting.pop()
        if id(item) in met or len(met) > _MOST_BEHIND:
            continue
        met.add(id(item))
        if isinstance(item, torch.Tensor):
            yield item
        elif isinstance(item, (list, tuple)):
            waiting += item
        elif isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, torch._C._autograd.SavedTensor):
            waiting.append(item.data)
        elif isinstance(item, _Frame):
            waiting.append(getattr(item, "saved_args", ()))
        elif item is hook or getattr(item, "__module__", "") == _Frame.__module__:
            waiting += [cell.cell_contents for cell in getattr(item, "__closure__", None) or ()]


def memory(tensor, memories):
    """(number, bytes) of the memory that a tensor keeps alive, shared with all its views; None for one without.

    Args:
        tensor: of any layout.
        memories: dict from address to (number, bytes), to be filled.
    """
    try:
        storage = tensor.untyped_storage()
        address = storage.data_ptr()
    except RuntimeError:  # another layout, under vmap, or PyTorch's zeros that are stored nowhere
        return None
    known = memories.get(address)
    if known is None:
        known = memories[address] = len(memories), storage.nbytes()
    return known
