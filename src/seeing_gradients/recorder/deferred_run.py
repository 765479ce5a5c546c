"""The second run of a composite operation, put off until somebody reads a value inside it.

Most operations of a model lie in modules that stay closed in its picture. So inside a module the recording only copies
the arguments of a composite operation, and the second run is made when the first of these values is read: with equal
arguments, the same random state, and the settings that chose among PyTorch's kernels. If its result is not that of the
first run, or if it fails, the values count as unknown.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from types import BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor
from torch._C import _is_any_autocast_enabled
from torch._C._autograd import _get_sequence_nr as _sequence_nr  # the number of this thread's next backward node

from .second_run import InnerValues, second_run
from .snapshot import memory_content, most_whole, snapshot, whole_snapshots
from .types import Snapshot, defer_values

if TYPE_CHECKING:
    from .trace import Value

_PLAIN = {int, float, complex, bool, str, type(None), torch.dtype, torch.device, torch.layout, torch.memory_format}
_BUILTIN = {BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType}
_ALIGNMENT = 64  # bytes, of PyTorch's memory: at another address a kernel may add in another order
_UNKNOWN: dict[str, Any] = dict.fromkeys(("numbers", "low", "high", "thumbnail"))
_one_at_a_time = threading.RLock()  # settings and random state belong to the process


def _settings() -> list[tuple[Any, Any]]:
    """(getter, setter) of each setting that chooses among kernels, as far as this version of PyTorch has it."""
    names = [("_get_mkldnn_enabled", "_set_mkldnn_enabled")]
    names += [(f"_get_{name}_sdp_enabled", f"_set_sdp_use_{name}") for name in ("flash", "mem_efficient", "math")]
    pairs = [(getattr(torch._C, getter, None), getattr(torch._C, setter, None)) for getter, setter in names]
    pairs += [(torch.get_default_dtype, torch.set_default_dtype), (torch.get_num_threads, torch.set_num_threads)]
    return [pair for pair in pairs if None not in pair]


_SETTINGS = _settings()
_GETTERS = [getter for getter, _ in _SETTINGS]


class _Copy(NamedTuple):
    """A copy of a tensor's memory.

    Attributes:
        content: from the first element to the last.
        dtype, shape, strides, requires_grad: of the tensor.
        offset: its address, modulo _ALIGNMENT.
    """

    content: bytes
    dtype: torch.dtype
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    requires_grad: bool
    offset: int

    def tensor(self) -> Tensor:
        """Return a leaf with this content, strides and alignment."""
        buffer = torch.empty(len(self.content) + _ALIGNMENT, dtype=torch.uint8, device="cpu")
        start = (self.offset - buffer.data_ptr()) % _ALIGNMENT
        buffer[start : start + len(self.content)] = torch.frombuffer(bytearray(self.content), dtype=torch.uint8)
        tensor = torch.empty(0, dtype=self.dtype, device="cpu")
        tensor.set_(buffer.untyped_storage(), start // self.dtype.itemsize, self.shape, self.strides)
        return tensor.requires_grad_(self.requires_grad)


_new_copy = partial(tuple.__new__, _Copy)  # makes one in half the time


class _UnfitError(Exception):
    """An argument cannot be copied, or only at a cost."""


def defer(
    func: Any, args: Any, kwargs: Mapping[str, Any], values: Iterable[Any], random_state: Tensor | None, count: int
) -> "DeferredRun | None":
    """Return a DeferredRun of an operation that has just run; None if its arguments cannot be kept until later.

    Args:
        func, args, kwargs: the operation of PyTorch, and its arguments.
        values: the Values among its arguments, to share the copies that their snapshots hold.
        random_state: of PyTorch's generator before the first run; None if it draws no random numbers.
        count: how many backward nodes it made.
    """
    if type(func) not in _BUILTIN and not getattr(func, "__module__", "").startswith("torch."):
        return None
    if _is_any_autocast_enabled():  # its cache decides which nodes are made
        return None
    packing = _Packing({id(value.tensor): value for value in values if hasattr(value, "tensor")})
    try:
        packed = packing.packed(args), packing.packed(kwargs)
    except _UnfitError:
        return None
    if random_state is not None and torch.equal(random_state, torch.get_rng_state()):
        random_state = None
    return DeferredRun(func, *packed, random_state, count)


class _Packing:
    """Replace the tensors among the arguments of an operation by copies, the same one by the same copy.

    Args:
        values: dict from id of a tensor to its Value.
    """

    def __init__(self, values: dict[int, "Value"]) -> None:
        self._values = values
        self._copies: dict[int, _Copy] = {}

    def packed(self, argument: Any) -> Any:
        kind = type(argument)
        if kind in _PLAIN:
            return argument
        if isinstance(argument, Tensor):
            copy = self._copies.get(id(argument))
            if copy is None:
                copy = self._copies[id(argument)] = self._copy(argument)
            return copy
        if kind is tuple or kind is list or kind is torch.Size:
            return kind([self.packed(part) for part in argument])
        if kind is dict:
            return {key: self.packed(part) for key, part in argument.items()}
        raise _UnfitError

    def _copy(self, tensor: Tensor) -> _Copy:
        value = self._values.get(id(tensor))
        content = memory_content(tensor, None if value is None else value.snapshot)
        if content is None:
            raise _UnfitError
        shape, strides, offset = tuple(tensor.shape), tensor.stride(), tensor.data_ptr() % _ALIGNMENT
        return _new_copy((content, tensor.dtype, shape, strides, tensor.requires_grad, offset))


def _unpacked(argument: Any, tensors: dict[int, Tensor]) -> Any:
    if isinstance(argument, _Copy):
        if id(argument) not in tensors:
            tensors[id(argument)] = argument.tensor()
        return tensors[id(argument)]
    if isinstance(argument, (list, tuple)):
        return type(argument)([_unpacked(part, tensors) for part in argument])
    if isinstance(argument, dict):
        return {key: _unpacked(part, tensors) for key, part in argument.items()}
    return argument


class DeferredRun:
    """A second run that has not been made yet; see `defer`."""

    def __init__(self, func: Any, args: Any, kwargs: Any, random_state: Tensor | None, count: int) -> None:
        self._call: Any = func, args, kwargs
        self._random_state, self._count, self._most = random_state, count, most_whole()
        self._settings = [getter() for getter in _GETTERS]
        self._results: Sequence[Snapshot | None] = ()
        self._values: Mapping[int, tuple[Snapshot | None, ...]] | None = None

    def expect(self, results: Sequence[Snapshot | None]) -> None:
        """Note what the first run returned: the Snapshots of its tensors."""
        self._results = results

    def snapshot(self, node: int, output: int, shape: tuple[int, ...], dtype: torch.dtype) -> Snapshot:
        """Return the Snapshot of an output of one of the backward nodes, whose numbers are computed when they are read.

        Args:
            node: position of the backward node among those that the operation made.
            output: which output of the node.
            shape, dtype: of the output.
        """
        return defer_values(shape, dtype, partial(self._fields, node, output, shape))

    def _fields(self, node: int, output: int, shape: tuple[int, ...]) -> Mapping[str, Any]:
        with _one_at_a_time:
            if self._values is None:
                self._values = self._run()
                self._call = self._random_state = None
        outputs = self._values.get(node, ())
        value = outputs[output] if output < len(outputs) else None
        if value is None or value.shape != shape:
            return _UNKNOWN
        return {name: getattr(value, name) for name in _UNKNOWN}

    def _run(self) -> Mapping[int, tuple[Snapshot | None, ...]]:
        """Run the operation again; return the values of its backward nodes, {} if the run was another one."""
        with _settings_as(self._settings), whole_snapshots(self._most), torch.inference_mode(False):
            with second_run(self._random_state), torch.autocast("cpu", enabled=False):
                with torch.no_grad():
                    tensors: dict[int, Tensor] = {}
                    func, args, kwargs = (_unpacked(part, tensors) for part in self._call)
                with torch.enable_grad(), InnerValues() as seen:
                    try:
                        result = func(*args, **kwargs)
                    except Exception:  # noqa: BLE001 - it ran well once; what has changed since then is unknown
                        return {}
                if seen.first + self._count != _sequence_nr():
                    return {}
                again = [snapshot(tensor) for tensor in tensors_of(result)]
            if len(again) != len(self._results) or not all(map(_is_same, again, self._results)):
                return {}
            return {number - seen.first: values for number, values in (seen.bases | seen.values).items()}


def tensors_of(result: Any) -> Iterator[Tensor]:
    """Yield the tensors that an operation returned, those in lists and tuples, too."""
    if isinstance(result, Tensor):
        yield result
    elif isinstance(result, (list, tuple)):
        for part in result:
            yield from tensors_of(part)


@contextmanager
def _settings_as(settings: Sequence[Any]) -> Iterator[None]:
    before = [getter() for getter in _GETTERS]
    _set(settings, before)
    try:
        yield
    finally:
        _set(before, settings)


def _set(settings: Sequence[Any], now: Sequence[Any]) -> None:
    for (_, setter), wanted, present in zip(_SETTINGS, settings, now, strict=True):
        if wanted != present:
            setter(wanted)


def _is_same(one: Snapshot | None, other: Snapshot | None) -> bool:
    """Whether two snapshots agree up to rounding."""
    if one is None or other is None or (one.shape, one.dtype) != (other.shape, other.dtype):
        return one is other
    for name in ("numbers", "thumbnail", "low", "high"):
        numbers, others = getattr(one, name), getattr(other, name)
        if numbers == others:
            continue
        if numbers is None or others is None:
            return False
        dtype = torch.complex128 if one.dtype.is_complex else torch.float64
        first, second = torch.tensor(numbers, dtype=dtype), torch.tensor(others, dtype=dtype)
        finite = second.abs().nan_to_num(0.0, 0.0, 0.0)
        scale = finite.max().item() if finite.numel() else 0.0
        if not torch.allclose(second, first, rtol=1e-4, atol=1e-5 * scale, equal_nan=True):
            return False
    return True
