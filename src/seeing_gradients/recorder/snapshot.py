"""Copy the values of a tensor quickly: all numbers of a small one, a summary of a large one.

Most summaries of a recording are never looked at. So the summary of a tensor of moderate size is computed when it is
first read, from a copy of the tensor's memory, which takes a fifth of the time; `copies` bounds what these copies hold.
"""

import contextlib
import math
import threading
from collections.abc import Iterable, Iterator, Sequence
from ctypes import string_at as _string_at
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch._C._functorch import is_functorch_wrapped_tensor as _is_wrapped  # under vmap or func.grad
from torch.autograd.graph import Node
from torch.nn import Parameter

from .types import SMALL, SUMMARIZE, Ragged, Snapshot, defer_summary, new_frozen

_SIDE = 8  # rows and columns of a thumbnail at most
_COPIED = 1 << 16  # bytes of a tensor that are copied at most; to summarize it at once would take five times as long
_PIECE = 1 << 20  # elements that may be copied at once if PyTorch needs a copy to find the range
# dtype -> (NumPy's name of the type, bytes of an element). If there is a nan, NumPy's smallest element is nan, as
# PyTorch's is.
_KINDS = {torch.float32: ("f4", 4), torch.float64: ("f8", 8), torch.int32: ("i4", 4), torch.int64: ("i8", 8)}
_smallest, _largest = np.minimum.reduce, np.maximum.reduce
_PLAIN, _STRIDED = {Tensor, Parameter}, torch.strided
# Raised by PyTorch for tensors that it cannot read.
_UNKNOWN = (RuntimeError, NotImplementedError, TypeError, ValueError)


class _Copies(threading.local):
    """How many bytes snapshots of this thread may still copy to be summarized later.

    Attributes:
        left: int. `Trace` sets it for the time of a recording; otherwise every snapshot is complete at once.
    """

    MOST = 1 << 25  # for one recording
    left = 0


copies = _Copies()


def has_memory(tensor: Tensor) -> bool:
    """Whether a tensor lies in one block of memory.

    That is not so for other layouts than strided, for nested tensors, under vmap, and for PyTorch's zeros that have no
    memory.
    """
    is_strided = tensor.layout == torch.strided and not tensor.is_nested
    return is_strided and not _is_wrapped(tensor) and not tensor._is_zerotensor()


def version_of(tensor: Tensor) -> int | None:
    """How often a tensor was written to in place; None for an inference tensor, which does not count writes."""
    try:
        return tensor._version
    except RuntimeError:
        return None


def grad_fn_of(tensor: Tensor) -> Node | None:
    """The grad_fn of a tensor; None, too, for a view that autograd has given up.

    PyTorch makes the grad_fn of a view again after a write to its memory. It refuses to if the view was made under
    no_grad or inside a Function, or is one of several views that one call returned; then reading grad_fn raises an
    error, although f never reads it.
    """
    try:
        return tensor.grad_fn
    except RuntimeError:
        return None


def is_leaf(tensor: Tensor) -> bool:
    """Whether a tensor is a leaf; False for a view that autograd has given up, see `grad_fn_of`."""
    try:
        return tensor.is_leaf
    except RuntimeError:
        return False


_most = SMALL  # elements that a Snapshot holds


@contextlib.contextmanager
def whole_snapshots(most: int) -> Iterator[None]:
    """Have the Snapshots that are made inside the with block hold all elements of larger tensors, too.

    That holds for every thread, since autograd's engine may copy gradients in threads of its own.

    Args:
        most: how many elements a tensor may have; up to 64 they are always held.
    """
    global _most  # an argument would have to pass through the trace and every hook of the engine
    before, _most = _most, max(most, SMALL)
    try:
        yield
    finally:
        _most = before


class Source(NamedTuple):
    """A tensor of which a Snapshot has been taken, and whose memory has not changed since; see `source_of`.

    Attributes:
        address: of its first element; the tensor still lives, so that no other memory has this address.
        content: the copy of its memory that the Snapshot holds, or None if the Snapshot is complete.
        known: the Snapshot.
    """

    address: int
    content: bytes | None
    known: Snapshot


_new_source = partial(tuple.__new__, Source)


def source_of(tensor: Tensor, known: Snapshot | None) -> Source | None:
    """Return the Source with which Snapshots of views of a tensor are made faster; None if there is nothing to share.

    Args:
        tensor: any.
        known: its Snapshot, if there is one.
    """
    if known is None or type(tensor) not in _PLAIN:
        return None
    fields = known.__dict__
    summarize = fields.get(SUMMARIZE)
    if summarize is not None:
        return _new_source((tensor.data_ptr(), summarize[1], known)) if summarize[0] is _summary_of_bytes else None
    if fields.get("thumbnail") is not None and fields.get("low") is not None and tensor.is_cpu and _is_dense(tensor):
        return _new_source((tensor.data_ptr(), None, known))
    return None


def _is_dense(tensor: Tensor) -> bool:
    """Whether the elements of a tensor fill its memory from the first to the last one, each once, in any order."""
    if tensor.is_contiguous():
        return True
    length = 1
    for stride, size in sorted(zip(tensor.stride(), tensor.shape, strict=True)):
        if size != 1 and stride != length:
            return False
        length *= size
    return True


def snapshot(tensor: Tensor, source: Source | None = None) -> Snapshot | None:
    """Return a Snapshot of a tensor, without numbers on the meta device; None for a tensor under vmap.

    A large tensor is read without a copy, a moderately large one is copied and summarized later; see `copies`.

    Args:
        tensor: any shape, dtype, device or layout; it is only read.
        source: of another tensor. If this one is a view of all of its memory, they share what their Snapshots hold.
    """
    if type(tensor) is Tensor and not tensor.ndim:  # the common case: most values of a lesson's function are scalars
        try:
            return new_frozen(Snapshot, {"shape": (), "dtype": tensor.dtype, "numbers": tensor.item()})
        except RuntimeError:  # on the meta device, or under vmap
            pass
    if _is_wrapped(tensor):
        return None
    if type(tensor) in _PLAIN and not tensor.is_nested:
        kind = _kind_of(tensor)
        if kind is not None:
            if tensor.numel() > _most:
                return _of_memory(tensor, kind, source)
            fields = {"shape": tuple(tensor.shape), "dtype": tensor.dtype, "numbers": tensor.tolist()}
            return new_frozen(Snapshot, fields)
    if tensor.is_meta:
        return _without_numbers(tensor)
    try:
        return _of_nested(tensor) if tensor.is_nested else _snapshot(tensor)
    except _UNKNOWN:  # one whose numbers cannot be read
        return _without_numbers(tensor)


def components_of(tensor: Tensor) -> tuple[Tensor, ...]:
    """Return the tensors of which a nested tensor consists, without a history.

    Args:
        tensor: nested, of either layout.

    Raises:
        RuntimeError: PyTorch cannot tell, e.g. for a tensor that it only uses to try out shapes.
    """
    with torch._C.DisableTorchFunctionSubclass(), torch.no_grad():
        return tuple(tensor.detach().unbind())


def _of_nested(tensor: Tensor) -> Snapshot:
    parts = components_of(tensor)
    fields: dict[str, Any] = {"shape": _shape_of_nested(tensor, parts), "dtype": tensor.dtype}
    known = [copy for part in parts if part.numel() and (copy := snapshot(part)) is not None]
    if parts and len(known) == len(parts) <= SMALL:
        fields["components"] = tuple(known)
    if known and not tensor.is_complex():
        ends = [torch.stack(tuple(_bounds(part.double()))) for part in parts if part.numel()]
        low, high = torch.aminmax(torch.stack(ends))  # nan if there is one
        fields["low"], fields["high"] = low.item(), high.item()
    return new_frozen(Snapshot, fields)


def _shape_of_nested(tensor: Tensor, parts: Sequence[Tensor]) -> tuple[int, ...]:
    shape = [len(parts)]
    for axis in range(tensor.dim() - 1):
        sizes = {part.shape[axis] for part in parts}
        longest = max(sizes, default=0)
        shape.append(longest if len(sizes) < 2 else Ragged(longest))
    return tuple(shape)


def _snapshot(tensor: Tensor) -> Snapshot | None:
    if tensor._is_zerotensor():  # it has no memory to read
        tensor = torch.zeros((), dtype=tensor.dtype).expand(tensor.shape)
    if tensor.layout != torch.strided:
        return _of_sparse(tensor.detach())
    if tensor.is_quantized:
        return _snapshot(tensor.detach().dequantize()) if tensor.numel() <= SMALL else _without_numbers(tensor)
    shape, dtype = tuple(tensor.shape), tensor.dtype
    if math.prod(shape) <= _most:
        return new_frozen(Snapshot, {"shape": shape, "dtype": dtype, "numbers": tensor.tolist()})
    return _summary(tensor.detach(), shape, dtype)


def _without_numbers(tensor: Tensor) -> Snapshot | None:
    shape = shape_of(tensor)
    return None if shape is None else Snapshot(shape, tensor.dtype)


def shape_of(tensor: Any) -> tuple[int, ...] | None:
    """The shape of a tensor, or of the metadata of a backward node's output.

    None for a nested tensor of which only the metadata is there, or that PyTorch uses to try out shapes.
    """
    try:
        shape = tuple(tensor.shape)
    except _UNKNOWN:
        return _ragged_shape(tensor)
    if type(tensor) in _PLAIN:  # its sizes are no symbols
        return shape
    for size in shape:
        if type(size) is not int:
            return _ragged_shape(tensor)
    return shape


def _ragged_shape(tensor: Any) -> tuple[int, ...] | None:
    if not isinstance(tensor, Tensor) or not tensor.is_nested:
        return None
    try:
        return _shape_of_nested(tensor, components_of(tensor))
    except _UNKNOWN:
        return None


def _of_sparse(tensor: Tensor) -> Snapshot:
    shape = tuple(tensor.shape)
    if math.prod(shape) <= SMALL:
        return Snapshot(shape, tensor.dtype, tensor.to_dense().tolist())
    return Snapshot(shape, tensor.dtype)


def snapshot_of_rearranged(tensor: Tensor, original: Snapshot | None) -> Snapshot | None:
    """Return a Snapshot of a tensor that holds the elements of another one in another shape or order.

    Args:
        tensor: any.
        original: Snapshot of the other tensor; its range is used again.
    """
    is_plain = type(tensor) in _PLAIN and not tensor.is_nested and not _is_wrapped(tensor)
    kind = _kind_of(tensor) if is_plain and not copies.left else None
    if kind is None or original is None or original.low is None or original.thumbnail is None:
        return snapshot(tensor)
    array = _as_array(tensor, kind)
    return new_frozen(Snapshot, {**vars(original), "shape": array.shape, "thumbnail": _thumbnail(array)})


def most_whole() -> int:
    """How many elements a Snapshot holds now; see `whole_snapshots`."""
    return _most


def memory_content(tensor: Tensor, known: Snapshot | None) -> bytes | None:
    """Return a copy of a tensor's memory, from its first element to the last; None if there is none, or if it is large.

    Args:
        tensor: any.
        known: its Snapshot if it has not been written to since: a copy that it holds is shared.
    """
    summarize = None if known is None else known.__dict__.get(SUMMARIZE)
    if summarize is not None and summarize[0] is _summary_of_bytes:
        return summarize[1]
    if type(tensor) not in _PLAIN or tensor.layout is not _STRIDED or not tensor.is_cpu or _is_wrapped(tensor):
        return None
    if tensor.is_nested or tensor._is_zerotensor() or tensor.is_neg() or tensor.is_conj() or tensor.is_quantized:
        return None
    address, nbytes = tensor.data_ptr(), _nbytes(tensor.shape, tensor.stride(), tensor.element_size())
    if not address or nbytes > _COPIED or nbytes > copies.left:
        return None
    copies.left -= nbytes
    return _string_at(address, nbytes)


def _nbytes(shape: Iterable[int], strides: Iterable[int], size: int) -> int:
    """The bytes from the first to the last element of a tensor that has one; an element takes `size` bytes."""
    last = 0
    for length, stride in zip(shape, strides, strict=True):
        last += (length - 1) * stride
    return (last + 1) * size


class _Memory:
    """The memory of a tensor, as NumPy asks for it (https://numpy.org/doc/stable/reference/arrays.interface.html)."""

    __slots__ = ("__array_interface__",)

    def __init__(self, interface: dict[str, Any]) -> None:
        self.__array_interface__ = interface


def _kind_of(tensor: Tensor) -> tuple[str, int] | None:
    """NumPy's name of a tensor's type and the bytes of an element; None if NumPy cannot read its memory.

    Args:
        tensor: neither nested, nor under vmap, nor of a subclass.
    """
    kind = _KINDS.get(tensor.dtype)
    if kind is None or not tensor.is_cpu or tensor.layout is not _STRIDED or tensor._is_zerotensor() or tensor.is_neg():
        return None
    return kind if tensor.data_ptr() else None  # 0 if it is empty, or if a module has freed it for the time being


def _of_memory(tensor: Tensor, kind: tuple[str, int], source: Source | None) -> Snapshot:
    """The Snapshot of a large tensor whose memory NumPy can read; a copy of a moderate one is summarized later."""
    shape, dtype, strides, address = tuple(tensor.shape), tensor.dtype, None, tensor.data_ptr()
    if tensor.is_contiguous():
        nbytes = tensor.nbytes
    else:  # all memory from the first to the last element
        strides = tensor.stride()
        nbytes = _nbytes(shape, strides, kind[1])
    shared = source if source is not None and source.address == address else None
    content = None if shared is None else shared.content
    if content is None or len(content) != nbytes:
        left = copies.left
        if nbytes > _COPIED or nbytes > left:
            array = _as_array(tensor, kind)
            if shared is None or shared.content is not None or not _has_same_elements(tensor, shared.known):
                return new_frozen(Snapshot, {"dtype": dtype, **_summary_of_array(array)})
            fields = {"low": shared.known.low, "high": shared.known.high, "thumbnail": _thumbnail(array)}
            return new_frozen(Snapshot, {"shape": shape, "dtype": dtype, **fields})
        copies.left, content = left - nbytes, _string_at(address, nbytes)
    return defer_summary(shape, dtype, (_summary_of_bytes, content, kind, shape, strides))


def _has_same_elements(view: Tensor, known: Snapshot) -> bool:
    """Whether a view at the address of a dense tensor consists of the same elements; `known` is the tensor's Snapshot."""
    return view.numel() == math.prod(known.shape) and view.dtype == known.dtype and _is_dense(view)


def _summary_of_bytes(
    content: bytes, kind: tuple[str, int], shape: tuple[int, ...], strides: tuple[int, ...] | None
) -> dict[str, Any]:
    """The summary of a tensor of which only the memory is left.

    Args:
        content: the memory from its first to its last element.
        kind: as `_kind_of` returns it.
        shape: of the tensor.
        strides: in elements; None if the tensor was contiguous.
    """
    name, size = kind
    steps = None if strides is None else [stride * size for stride in strides]
    return _summary_of_array(np.ndarray(shape, name, content, strides=steps))


def _as_array(tensor: Tensor, kind: tuple[str, int]) -> np.ndarray:
    """A tensor's memory as an array, only to be read while the tensor is there.

    `Tensor.numpy` would do the same, but f could not resize the tensor any more.

    Args:
        tensor: whose memory NumPy can read.
        kind: of it, as `_kind_of` returns it.
    """
    name, size = kind
    strides = tuple([stride * size for stride in tensor.stride()])
    return np.asarray(
        _Memory(
            {
                "shape": tuple(tensor.shape),
                "typestr": name,
                "data": (tensor.data_ptr(), True),
                "strides": strides,
                "version": 3,
            }
        )
    )


def _summary_of_array(array: np.ndarray) -> dict[str, Any]:
    """The shape, range and thumbnail that `_summary` finds, of a tensor whose memory an array reads.

    NumPy takes a third of PyTorch's time for it, and most of a model's recording goes into snapshots.
    """
    fields: dict[str, Any] = {"shape": array.shape, "thumbnail": _thumbnail(array)}
    if 0 in array.strides:  # an expanded axis repeats the same element
        array = array[tuple([slice(None) if stride else slice(1) for stride in array.strides])]
    fields["low"], fields["high"] = _smallest(array, axis=None).item(), _largest(array, axis=None).item()
    return fields


def _thumbnail(array: np.ndarray) -> list[list[Any]]:
    matrix = array if array.ndim == 2 else _as_rows(array)
    return matrix[_grid(*matrix.shape)].tolist()


def _summary(tensor: Tensor, shape: tuple[int, ...], dtype: torch.dtype) -> Snapshot:
    matrix = tensor if tensor.ndim == 2 else _as_rows(tensor)
    rows, columns = (_spread(size, matrix.device) for size in matrix.shape)
    few = matrix[rows[:, None], columns]  # (8, 8) at most; index_select would copy a whole row
    if dtype.is_complex:
        return Snapshot(shape, dtype, thumbnail=few.abs().tolist())
    low, high = (bound.item() for bound in _bounds(tensor))
    return Snapshot(shape, dtype, low=low, high=high, thumbnail=few.tolist())


def _bounds(tensor: Tensor) -> Iterable[Tensor]:
    """The smallest and the largest element; nan if there is one."""
    for axis in range(tensor.ndim):
        if tensor.stride(axis) == 0:  # an expanded axis repeats the same element
            tensor = tensor.narrow(axis, 0, 1)
    if not tensor.is_contiguous():  # a transposed tensor can be read in the order of its memory
        tensor = tensor.permute(sorted(range(tensor.ndim), key=tensor.stride, reverse=True))
    if tensor.is_contiguous():
        try:
            return torch.aminmax(tensor)
        except NotImplementedError:  # unsigned integers of 16 bits and more, and floats of 8 bits
            return _bounds_of_pieces(tensor, torch.float64)
    return _bounds_of_pieces(tensor, tensor.dtype)


def _bounds_of_pieces(tensor: Tensor, dtype: torch.dtype) -> Iterable[Tensor]:
    """The same, piece by piece: aminmax copies all of a tensor that is not contiguous or must be converted."""
    bounds = [torch.stack(torch.aminmax(piece.to(dtype))) for piece in _pieces(tensor)]
    return torch.aminmax(torch.stack(bounds))


def _pieces(tensor: Tensor) -> Iterable[Tensor]:
    if tensor.numel() <= _PIECE:
        return [tensor]
    axis = max(range(tensor.ndim), key=tensor.size)
    length = max(1, _PIECE * tensor.shape[axis] // tensor.numel())
    return (smaller for piece in tensor.split(length, axis) for smaller in _pieces(piece))


def _as_rows(tensor: Any) -> Any:
    """A large tensor or array as a matrix, without a copy: the first rows along its longest leading part."""
    if tensor.ndim == 1:
        return tensor[None, :]
    while tensor.ndim > 2:
        tensor = tensor[0] if tensor.shape[0] <= tensor.shape[1] else tensor[:, 0]
    return tensor


@lru_cache(maxsize=256)
def _grid(rows: int, columns: int) -> tuple[np.ndarray, ...]:
    cpu = torch.device("cpu")
    return np.ix_(_spread(rows, cpu).numpy(), _spread(columns, cpu).numpy())


@lru_cache(maxsize=256)
def _spread(size: int, device: torch.device) -> Tensor:
    return torch.linspace(0, size - 1, min(size, _SIDE), dtype=torch.float64).round().long().to(device)
