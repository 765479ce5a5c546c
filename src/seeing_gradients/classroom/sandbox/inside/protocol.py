"""The protocol between the judge and the process of an answer: frames of JSON with plain data, never pickle.

`send(connection, message)` and `receive(connection, deadline)` transfer dicts; `pack(value)` and `unpack(packed)`
convert values to JSON and back. Nothing that arrives is trusted: anything unexpected raises ProtocolError.
"""

import json
import math
import socket
import struct
import sys
import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import torch

from seeing_gradients.course.exercises.comparison import as_number

MAX_FRAME = 8 << 20  # bytes
_MAX_DEPTH, _MAX_NUMBERS, _MAX_TEXT, _MAX_DIMENSIONS = 24, 200_000, 100_000, 64
# Parts of one value, a tensor counted as one: a frame full of small lists would become gigabytes of objects.
_MAX_PARTS = 20_000
_LENGTH = struct.Struct("!I")
_DTYPES = {str(dtype): dtype for dtype in vars(torch).values() if isinstance(dtype, torch.dtype)}


class ProtocolError(ValueError):
    """A frame cannot be sent, or what arrived is not valid."""


def send(connection: socket.socket, message: dict[str, Any]) -> None:
    """Send a dict as one frame: its length in four bytes, then JSON.

    Args:
        connection: socket.socket.
        message: dict of what JSON can express.

    Raises:
        ProtocolError: the frame would be longer than MAX_FRAME.
        OSError: the other side has closed the connection.
    """
    data = json.dumps(message).encode()
    if len(data) > MAX_FRAME:
        raise ProtocolError(f"a frame of {len(data)} bytes")
    connection.sendall(_LENGTH.pack(len(data)) + data)


def receive(connection: socket.socket, deadline: float | None = None) -> dict[str, Any]:
    """Receive one frame.

    Args:
        connection: socket.socket.
        deadline: float, the value of time.monotonic() at which waiting ends; None to wait for ever.

    Returns:
        dict.

    Raises:
        TimeoutError: the deadline has passed.
        EOFError: the other side has closed the connection.
        ProtocolError: the frame is too long or not a JSON object.
    """
    (length,) = _LENGTH.unpack(_receive_exactly(connection, _LENGTH.size, deadline))
    if length > MAX_FRAME:
        raise ProtocolError(f"a frame of {length} bytes")
    try:
        message = json.loads(_receive_exactly(connection, length, deadline))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(str(error)) from None
    if type(message) is not dict:
        raise ProtocolError("not a dict")
    return message


def _receive_exactly(connection: socket.socket, count: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < count:
        seconds = None if deadline is None else deadline - time.monotonic()
        if seconds is not None and seconds <= 0:
            raise TimeoutError
        connection.settimeout(seconds)
        try:
            part = connection.recv(min(count - len(data), 1 << 16))
        except ConnectionError:
            part = b""
        if not part:
            raise EOFError
        data += part
    return bytes(data)


def pack(value: object, depth: int = 0) -> list[Any]:
    """Return a value as nested lists, numbers and text, e.g. ["int", 3]; other objects as ["other", name of the type].

    Args:
        value: number, str, None, Ellipsis, tensor, NumPy array, or tuple, list or dict of these; or any object.
        depth: int, how deep the value is nested; for the recursion.
    """
    kind = type(value)
    if depth > _MAX_DEPTH:
        return ["other", kind.__name__]
    if value is None:
        return ["none"]
    if value is ...:
        return ["ellipsis"]
    if value is NotImplemented:
        return ["notimplemented"]
    if kind in (bool, float):
        return [kind.__name__, value]
    if type(value) is int:
        return ["int", value] if value.bit_length() < 4096 else ["float", math.inf if value > 0 else -math.inf]
    if type(value) is complex:
        return ["complex", value.real, value.imag]
    if type(value) is str:
        return ["str", value[:_MAX_TEXT]]
    if type(value) is tuple or type(value) is list:
        return [kind.__name__, [pack(item, depth + 1) for item in value[:_MAX_PARTS]]]
    if type(value) is dict:
        return ["dict", [[pack(key, depth + 1), pack(item, depth + 1)] for key, item in value.items()]]
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
        try:
            value = torch.from_numpy(numpy.array(value, subok=False))
        except TypeError:  # strings, objects
            return ["other", kind.__name__]
    if isinstance(value, torch.Tensor):
        return _pack_tensor(value)
    number = as_number(value)
    return ["float", number] if number is not None else ["other", kind.__name__]


def _pack_tensor(tensor: torch.Tensor) -> list[Any]:
    if type(tensor) not in (torch.Tensor, torch.nn.Parameter):  # its attributes may be the answer's own
        return ["other", type(tensor).__name__]
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        too_large = tensor.numel() > _MAX_NUMBERS or tensor.dim() > _MAX_DIMENSIONS
        if too_large or str(tensor.dtype) not in _DTYPES or tensor.layout != torch.strided:
            return ["other", type(tensor).__name__]
        flags = [bool(tensor.requires_grad), tensor.grad_fn is not None]
        values = tensor.detach().cpu().reshape(-1).resolve_conj().resolve_neg()
        numbers = (torch.view_as_real(values) if values.is_complex() else values).tolist()
        return ["tensor", str(tensor.dtype), list(tensor.shape), numbers, *flags]


def unpack(packed: Any) -> Any:
    """Return the value that `pack` packed; for other objects an instance of an empty class with the name of their type.

    A tensor keeps dtype, shape, requires_grad and whether it is a leaf; its grad_fn is another one.

    Args:
        packed: anything that JSON can express.

    Raises:
        ProtocolError: `packed` is not what `pack` returns, too deep or too large.
    """
    try:
        return _unpack(packed, 0, iter(range(_MAX_PARTS)))
    except (TypeError, ValueError, KeyError, IndexError, RuntimeError, OverflowError, RecursionError) as error:
        raise ProtocolError(str(error)) from None


_SINGLETONS = {"none": None, "ellipsis": ..., "notimplemented": NotImplemented}


def _unpack(packed: Any, depth: int, budget: Iterator[int]) -> Any:
    """Do what `unpack` does; each part takes one item from `budget`."""
    name, *rest = packed
    if depth > _MAX_DEPTH + 1 or next(budget, None) is None:
        raise ProtocolError("too deep, or too much")
    if name in _SINGLETONS:
        return _SINGLETONS[name]
    if name in ("bool", "int", "float", "str"):
        (value,) = rest
        if type(value).__name__ != name:
            raise ProtocolError(name)
        return value
    if name == "complex":
        return complex(*map(float, rest))
    if name in ("tuple", "list"):
        items = [_unpack(item, depth + 1, budget) for item in rest[0]]
        return tuple(items) if name == "tuple" else items
    if name == "dict":
        return {_unpack(key, depth + 1, budget): _unpack(item, depth + 1, budget) for key, item in rest[0]}
    if name == "tensor":
        return _unpack_tensor(*rest)
    if name == "other":
        return _empty_type(_printable(rest[0]))()
    raise ProtocolError(str(name)[:80])


@lru_cache(100)
def _empty_type(name: str) -> type:
    return type(name, (), {})


def _unpack_tensor(
    dtype: str, shape: list[int], numbers: list[Any], requires_grad: bool, has_grad_fn: bool
) -> torch.Tensor:
    kind = _DTYPES[dtype]
    # each of them an int, since "2" times 2**40 is a text of a terabyte
    if len(shape) > _MAX_DIMENSIONS or any(type(size) is not int or not 0 <= size < 1 << 63 for size in shape):
        raise ProtocolError("shape")
    if math.prod(shape) > _MAX_NUMBERS or len(numbers) != math.prod(shape):
        raise ProtocolError("shape")
    numbers = [complex(*pair) for pair in numbers] if kind.is_complex else numbers
    tensor = torch.tensor(numbers, dtype=kind).reshape(shape)
    if requires_grad is True and (kind.is_floating_point or kind.is_complex):
        tensor.requires_grad_()
        return tensor.view_as(tensor) if has_grad_fn is True else tensor
    return tensor


def _printable(name: object) -> str:
    return "".join(c for c in str(name)[:60] if c.isprintable()) or "object"
