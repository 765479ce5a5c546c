"""Copy a tensor's values at once, cheaply: plain numbers for a small one, a summary for a large one."""

import math

import torch

from .types import SMALL, Snapshot, made

_is_wrapped = torch._C._functorch.is_functorch_wrapped_tensor  # under vmap or func.grad
_SIDE = 8  # rows and columns of a thumbnail, at most


def snapshot(tensor):
    """Return a Snapshot of a tensor as it is now; None for one that has no numbers (on the meta device, under vmap).

    Args:
        tensor: any shape, dtype, device or layout; it is only read.
    """
    if tensor.ndim == 0 and type(tensor) is torch.Tensor and tensor.is_cpu and not _is_wrapped(tensor):
        return made(Snapshot, shape=(), dtype=tensor.dtype, numbers=tensor.item())  # the common case, without detours
    if tensor.is_meta or _is_wrapped(tensor):
        return None
    if tensor.layout != torch.strided:
        return _of_sparse(tensor.detach())
    shape, dtype = tuple(tensor.shape), tensor.dtype
    if math.prod(shape) <= SMALL:
        return Snapshot(shape, dtype, tensor.tolist())
    return _summary(tensor.detach(), shape, dtype)


def _of_sparse(tensor):
    shape = tuple(tensor.shape)
    if math.prod(shape) <= SMALL:
        return Snapshot(shape, tensor.dtype, tensor.to_dense().tolist())
    return Snapshot(shape, tensor.dtype)


def _summary(tensor, shape, dtype):
    rows = tensor if tensor.ndim == 2 else _as_rows(tensor)
    for axis in (0, 1):
        rows = rows.index_select(axis, _spread(rows.shape[axis], rows.device))
    if dtype.is_complex:
        return Snapshot(shape, dtype, thumbnail=rows.abs().tolist())
    low, high = (bound.item() for bound in torch.aminmax(tensor))
    return Snapshot(shape, dtype, low=low, high=high, thumbnail=rows.tolist())


def _as_rows(tensor):
    """A large tensor as a matrix, without a copy: the first rows along its longest leading part."""
    if tensor.ndim == 1:
        return tensor[None, :]
    while tensor.ndim > 2:
        tensor = tensor[0] if tensor.shape[0] <= tensor.shape[1] else tensor.select(1, 0)
    return tensor


def _spread(size, device):
    return torch.linspace(0, size - 1, min(size, _SIDE), device=device).round().long()
