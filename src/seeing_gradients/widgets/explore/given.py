"""Give tensors that f writes to their numbers back, so that every run of an explorer begins with the same.

Only the tensors that f is given: what it finds outside itself, counters say, it may change as it likes.
"""

import torch

_LARGEST = 1 << 20  # bytes; a larger tensor is not copied at every run, and what f writes to it stays


class given_kept:
    """Inside the with block f may write to its tensors; afterwards they are as before, as the same objects.

    Args:
        tensors: iterable; what is no tensor is passed over.

    Attributes:
        lost: list of the tensors that f wrote to and that could not be put back: too large, or part of a graph.
    """

    def __init__(self, tensors):
        self._before = [_Before(tensor) for tensor in tensors if isinstance(tensor, torch.Tensor)]
        self.lost = []

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        with torch.no_grad():
            self.lost = [before.tensor for before in self._before if not before.put_back()]


class _Before:
    def __init__(self, tensor):
        self.tensor, self.version, self.copy = tensor, _version(tensor), None
        self.grad, self.grad_fn = tensor.grad if tensor.is_leaf else None, tensor.grad_fn
        self.requires_grad = tensor.requires_grad
        is_plain = tensor.layout == torch.strided and not (tensor.is_nested or tensor.is_quantized or tensor.is_meta)
        if is_plain and tensor.numel() * tensor.element_size() <= _LARGEST:
            self.copy = tensor.detach().clone()

    def put_back(self):
        """Return whether the tensor is now as it was."""
        tensor = self.tensor
        if tensor.is_leaf and tensor.grad is not self.grad:
            tensor.grad = self.grad
        if self.copy is None:
            return tensor.grad_fn is self.grad_fn and _version(tensor) == self.version
        if tensor.grad_fn is not self.grad_fn and not self._detached():
            return False
        if tensor.is_leaf and tensor.requires_grad != self.requires_grad:
            tensor.requires_grad_(self.requires_grad)
        if tensor.shape != self.copy.shape or tensor.dtype != self.copy.dtype:
            tensor.data = self.copy
        elif not _is_same(tensor.detach(), self.copy):
            tensor.copy_(self.copy)
        return True

    def _detached(self):
        """Take a tensor out of the graph into which f wrote it; a view, or one that had a history, cannot be."""
        if self.grad_fn is not None or self.tensor._is_view():
            return False
        self.tensor.detach_()
        return True


def _version(tensor):
    return None if tensor.is_inference() else tensor._version


def _is_same(one, other):
    """Whether all numbers are equal, nan included."""
    if torch.equal(one, other):
        return True
    if not (one.is_floating_point() or one.is_complex()):
        return False
    return torch.equal(one.isnan(), other.isnan()) and torch.equal(one.nan_to_num(), other.nan_to_num())
