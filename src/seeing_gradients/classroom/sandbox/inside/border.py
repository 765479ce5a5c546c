"""What crosses the border of the sandbox: frames of JSON with plain numbers, never pickle.

`send(socket, message)` and `receive(socket, deadline)` carry dicts, `pack(value)` and `unpack(packed)` turn values into
what JSON can carry and back. Nothing that arrives is trusted: whatever is not as it should be raises BorderError.
"""

import json
import math
import struct
import sys
import time
from functools import lru_cache

import torch

from seeing_gradients.course.exercises.comparison import as_number

LARGEST = 8 << 20  # bytes of a frame
_DEEPEST, _NUMBERS, _TEXT = 24, 200_000, 100_000
_PARTS = 20_000  # of one value, tensors counted once: a frame of brackets would become gigabytes
_LENGTH = struct.Struct("!I")
_DTYPES = {str(dtype): dtype for dtype in vars(torch).values() if isinstance(dtype, torch.dtype)}


class BorderError(ValueError):
    """What arrived is no frame of ours."""


def send(socket, message):
    """Send a dict.

    Raises:
        BorderError: it is too long for a frame.
        OSError: nobody listens any more.
    """
    data = json.dumps(message).encode()
    if len(data) > LARGEST:
        raise BorderError(f"a frame of {len(data)} bytes")
    socket.sendall(_LENGTH.pack(len(data)) + data)


def receive(socket, deadline=None):
    """Return the next dict.

    Args:
        socket: socket.socket.
        deadline: float, time.monotonic() when waiting ends, or None.

    Raises:
        TimeoutError: the deadline has passed.
        EOFError: the other side has closed.
        BorderError: no frame of ours.
    """
    (length,) = _LENGTH.unpack(_exactly(socket, _LENGTH.size, deadline))
    if length > LARGEST:
        raise BorderError(f"a frame of {length} bytes")
    try:
        message = json.loads(_exactly(socket, length, deadline))
    except (ValueError, RecursionError) as error:
        raise BorderError(str(error)) from None
    if type(message) is not dict:
        raise BorderError("no dict")
    return message


def _exactly(socket, count, deadline):
    parts = bytearray()
    while len(parts) < count:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        socket.settimeout(left)
        try:
            part = socket.recv(min(count - len(parts), 1 << 16))
        except ConnectionError:
            part = b""
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def pack(value, depth=0):
    """Return a value as lists, numbers and text; what is no plain data as the name of its type."""
    kind = type(value)
    if depth > _DEEPEST:
        return ["other", kind.__name__]
    if value is None or value is ... or value is NotImplemented:
        return [{None: "none", ...: "ellipsis"}.get(value, "notimplemented")]
    if kind in (bool, float):
        return [kind.__name__, value]
    if kind is int:
        return ["int", value] if value.bit_length() < 4096 else ["float", math.inf if value > 0 else -math.inf]
    if kind is complex:
        return ["complex", value.real, value.imag]
    if kind is str:
        return ["str", value[:_TEXT]]
    if kind in (tuple, list):
        return [kind.__name__, [pack(item, depth + 1) for item in value[:_PARTS]]]
    if kind is dict:
        return ["dict", [[pack(key, depth + 1), pack(item, depth + 1)] for key, item in value.items()]]
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)):
        try:
            value = torch.from_numpy(numpy.array(value, subok=False))
        except TypeError:  # strings, objects
            return ["other", kind.__name__]
    if isinstance(value, torch.Tensor):
        return _packed_tensor(value)
    number = as_number(value)
    return ["float", number] if number is not None else ["other", kind.__name__]


def _packed_tensor(tensor):
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        if tensor.numel() > _NUMBERS or str(tensor.dtype) not in _DTYPES or tensor.layout != torch.strided:
            return ["other", type(tensor).__name__]
        flags = [bool(tensor.requires_grad), tensor.grad_fn is not None]
        values = tensor.detach().cpu().reshape(-1).resolve_conj().resolve_neg()
        numbers = (torch.view_as_real(values) if values.is_complex() else values).tolist()
        return ["tensor", str(tensor.dtype), list(tensor.shape), numbers, *flags]


def unpack(packed):
    """Return the value that was packed; what was no plain data comes as an object of an empty type of that name.

    Raises:
        BorderError: it was not packed by `pack`.
    """
    try:
        return _unpack(packed, 0, iter(range(_PARTS)))
    except (TypeError, ValueError, KeyError, IndexError, RuntimeError, OverflowError, RecursionError) as error:
        raise BorderError(str(error)) from None


_FIXED = {"none": None, "ellipsis": ..., "notimplemented": NotImplemented}


def _unpack(packed, depth, left):
    name, *rest = packed
    if depth > _DEEPEST + 1 or next(left, None) is None:
        raise BorderError("too deep, or too much")
    if name in _FIXED:
        return _FIXED[name]
    if name in ("bool", "int", "float", "str"):
        (value,) = rest
        if type(value).__name__ != name:
            raise BorderError(name)
        return value
    if name == "complex":
        return complex(*map(float, rest))
    if name in ("tuple", "list"):
        items = [_unpack(item, depth + 1, left) for item in rest[0]]
        return tuple(items) if name == "tuple" else items
    if name == "dict":
        return {_unpack(key, depth + 1, left): _unpack(item, depth + 1, left) for key, item in rest[0]}
    if name == "tensor":
        return _tensor(*rest)
    if name == "other":
        return _other(_printable(rest[0]))()
    raise BorderError(str(name)[:80])


@lru_cache(100)
def _other(name):
    return type(name, (), {})


def _tensor(dtype, shape, numbers, requires_grad, has_grad_fn):
    kind = _DTYPES[dtype]
    if math.prod(shape) > _NUMBERS or len(numbers) != math.prod(shape):
        raise BorderError("shape")
    numbers = [complex(*pair) for pair in numbers] if kind.is_complex else numbers
    made = torch.tensor(numbers, dtype=kind).reshape(shape)
    if requires_grad is True and (kind.is_floating_point or kind.is_complex):
        made.requires_grad_()
        return made.view_as(made) if has_grad_fn is True else made
    return made


def _printable(name):
    return "".join(c for c in str(name)[:60] if c.isprintable()) or "object"
