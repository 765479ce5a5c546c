"""Rules about what an answer does while it runs: the names and sizes of its operations, hooks, flags."""

import torch
from torch.overrides import TorchFunctionMode


class _Names(TorchFunctionMode):
    """The names of all operations of PyTorch that run while it is active."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.names.add(getattr(func, "__name__", ""))
        return func(*args, **(kwargs or {}))


def uses_cosine(answer, received, x):
    with _Names() as seen:
        answer(x.clone())
    return any("cos" in name for name in seen.names)


def uses_hook(answer, received, x):
    """Whether the answer hangs a hook on a tensor."""
    seen = []

    class Watch(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            if func is torch.Tensor.register_hook:
                seen.append(func)
            return func(*args, **(kwargs or {}))

    with Watch():
        answer(x.clone().requires_grad_())
    return bool(seen)


class _Largest(TorchFunctionMode):
    """Remembers how many elements the largest tensor had that an operation returned.

    Not a TorchDispatchMode: the first one in a session imports PyTorch's compiler, which takes seconds.
    """

    elements = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor):
            self.elements = max(self.elements, result.numel())
        return result


def builds_the_matrix(answer, received, x, v):
    with _Largest() as largest:
        answer(torch.linspace(1.0, 2.0, 12), torch.linspace(-1.0, 2.0, 12))
    return largest.elements >= 12 * 12


def leaves_grad_empty(answer, received, x):
    leaf = x.detach().clone().requires_grad_()
    answer(leaf)
    return leaf.grad is None


def has_history(answer, received, *inputs):
    return getattr(received, "grad_fn", None) is not None


def has_no_flag(answer, received, *inputs):
    return not (isinstance(received, torch.Tensor) and received.requires_grad)


def keeps_a_graph(answer, received, *inputs):
    return isinstance(received, torch.Tensor) and received.requires_grad
