"""Counts the backward passes that an answer makes, for rules such as "one backward only"."""

from collections import Counter

import torch
from torch.overrides import TorchFunctionMode


def backwards(answer, *inputs):
    """Return how many times an answer went back through what it computed; a batch of passes made at once counts as one."""
    with _Watch() as watch:
        answer(*inputs)
    return min(watch.calls.values(), default=0)


def never_differentiated(answer, received, *inputs):
    """Whether autograd was not used at all, neither back through a graph nor forward with tangents."""
    with _Watch() as watch:
        answer(*inputs)
    return not watch.calls and not watch.tangents


class _Watch(TorchFunctionMode):
    """Hooks every node that is recorded while it is active.

    Attributes:
        calls: Counter from the kind of a node to its calls in backward.
        tangents: bool, whether forward mode was used.
    """

    def __init__(self):
        super().__init__()
        self.calls, self.tangents = Counter(), False

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.tangents |= getattr(func, "__name__", "") == "_make_dual"
        result = func(*args, **(kwargs or {}))
        node = result.grad_fn if isinstance(result, torch.Tensor) else None
        if node is not None:
            kind = type(node).__name__
            node.register_hook(lambda *_: self.calls.update([kind]))
        return result


def goes_backward(answer, received, *inputs):
    """Whether an answer differentiates by autograd although recording is off around it."""
    with torch.no_grad():
        return backwards(answer, *inputs) > 0


def never_backward(answer, received, *inputs):
    return backwards(answer, *inputs) == 0


def backward_more_than_once(answer, received, *inputs):
    return backwards(answer, *inputs) > 1


def not_one_backward_a_row(answer, received, A, x):
    return backwards(answer, A, x) != len(A)
