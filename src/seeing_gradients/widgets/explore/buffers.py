"""Give the modules that f runs their buffers back: a BatchNorm in training writes its running means at every run of f.

An explorer runs f as often as the learner moves; without this its picture would drift.
"""

import contextlib

import torch

from seeing_gradients.recorder import outside


@contextlib.contextmanager
def buffers_kept(f, given):
    """Leave every buffer of every module that f is, knows or gets as it was.

    Args:
        f: the function or nn.Module.
        given: iterable of what f receives.
    """
    before = [
        (module, name, tensor, tensor.clone())
        for root in _modules(f, given)
        for module in root.modules()
        for name, tensor in module._buffers.items()
        if tensor is not None
    ]
    try:
        yield
    finally:
        with torch.no_grad():
            for module, name, tensor, copy in before:
                if not torch.equal(tensor, copy):
                    tensor.copy_(copy)
                module._buffers[name] = tensor


def _modules(f, given):
    owner = getattr(f, "__self__", f)
    return [thing for thing in (owner, *outside(f).values(), *given) if isinstance(thing, torch.nn.Module)]
