"""Reads plain numbers out of whatever an answer returns, and says how two groups of numbers differ.

`plain(value)` reads tensors, arrays, numbers and lists of numbers into a `Plain`, so that nothing in the answer can
influence the comparison; `compare(received, expected)` gives a `Difference`: shape before dtype before values.
"""

import cmath
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

RELATIVE_TOLERANCE = 1e-4  # of the largest expected element: float32 has seven digits, several operations lose some
_MAX_SHOWN = 8  # elements
_MAX_ELEMENTS, _MAX_DEPTH = 100_000, 4  # elements that are read, lists within lists

_Number = float | complex


class NotPlainError(TypeError):
    """The value holds no numbers that can be read; the text is its type."""


@dataclass(frozen=True)
class Plain:
    """Numbers, copied out of a value.

    Attributes:
        shape: tuple of int; () for a number.
        dtype: str, "float32", or "float", "int", "bool" for a Python number.
        numbers: tuple of float (or complex), flat; empty if there are more than 100,000.
        tensor: bool, whether it came in a tensor or an array.
    """

    shape: tuple[int, ...]
    dtype: str
    numbers: tuple[_Number, ...]
    tensor: bool = True

    def __str__(self) -> str:
        text = _nested(self.numbers, self.shape)
        return f"tensor({text})" if self.tensor else text

    def rows(self) -> "tuple[Plain, ...]":
        """Return its rows, along the first dimension."""
        size = math.prod(self.shape[1:])
        parts = (self.numbers[i * size : (i + 1) * size] for i in range(self.shape[0]))
        return tuple(Plain(self.shape[1:], self.dtype, part, self.tensor) for part in parts)


@dataclass(frozen=True)
class Difference:
    """How received numbers differ from the expected ones.

    Attributes:
        kind: "none", "shape", "dtype" or "value".
        exact: bool, every number equal.
        largest: float, the largest absolute difference, or nan.
        index: tuple of int, where the largest difference is.
    """

    kind: str
    exact: bool = False
    largest: float = math.nan
    index: tuple[int, ...] = ()


NO_DIFFERENCE = Difference("none")


def plain(value: Any) -> Plain:
    """Return the numbers of a tensor, NumPy array or scalar, Python number, or list or tuple of numbers.

    Raises:
        NotPlainError: it is something else.
    """
    if isinstance(value, Plain):
        return value
    if isinstance(value, Tensor):
        return _from_tensor(value)
    if is_array(value):
        return _from_array(value)
    if type(value) in (list, tuple):
        return _from_list(value, _MAX_DEPTH)
    number = as_number(value)
    if number is None:
        raise NotPlainError(type(value).__name__)
    return Plain((), type(value).__name__, (number,), tensor=False)


def compare(received: Plain, expected: Plain) -> Difference:
    """Compare two Plains; where one number is expected, a tensor or list that holds just one will do."""
    single = expected.shape == () and set(received.shape) == {1}
    if received.shape != expected.shape and not single:
        return Difference("shape")
    if _dtype_family(received.dtype) != _dtype_family(expected.dtype) and received.tensor and expected.tensor:
        return Difference("dtype")
    gaps = [_absolute_difference(a, b) for a, b in zip(received.numbers, expected.numbers, strict=True)]
    if not any(gaps):
        return Difference("none", exact=True, largest=0.0)
    largest = max(gaps, key=lambda gap: math.inf if math.isnan(gap) else gap)
    position = next(i for i, gap in enumerate(gaps) if gap is largest or gap == largest)
    size = max((abs(b) for b in expected.numbers if math.isfinite(abs(b))), default=0.0)
    close = largest <= RELATIVE_TOLERANCE * max(size, 1e-3)
    return Difference("none" if close else "value", False, largest, _unraveled(position, expected.shape))


def is_array(value: object) -> bool:
    """Return whether a value is an array or a scalar of NumPy."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic))


def as_number(value: Any) -> _Number | None:
    """Return a Python, fractions, decimal or SymPy number as a float or complex, or None if it is no number."""
    if type(value) is complex:
        return value
    sympy = sys.modules.get("sympy")
    if type(value) not in (bool, int, float, Fraction, Decimal) and not (sympy and isinstance(value, sympy.Number)):
        return None
    try:
        return float(value)
    except OverflowError:  # a huge int
        return math.inf if value > 0 else -math.inf
    except ValueError:  # a signalling nan
        return None


def digits(x: _Number) -> str:
    """Write a number with up to six significant digits, -0 as 0."""
    if isinstance(x, complex):
        return str(x)
    return f"{x + 0.0:.6g}"


def _dtype_family(dtype: str) -> str:
    return dtype.rstrip("0123456789").removeprefix("b").removeprefix("u")


def _absolute_difference(a: _Number, b: _Number) -> float:
    both_nan = cmath.isnan(a) and cmath.isnan(b)
    return 0.0 if a == b or both_nan else abs(a - b)


def _unraveled(position: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    index = []
    for size in reversed(shape):
        position, i = divmod(position, size)
        index.append(i)
    return tuple(reversed(index))


def _from_tensor(tensor: Tensor) -> Plain:
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        try:
            if tensor.is_nested or tensor.is_meta:
                raise NotPlainError(_tensor_kind(tensor))
            shape, dtype = tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")
            return Plain(shape, dtype, _elements(tensor.detach()) if tensor.numel() <= _MAX_ELEMENTS else ())
        except RuntimeError:  # a layout or a device that gives no numbers
            raise NotPlainError(_tensor_kind(tensor)) from None


def _elements(tensor: Tensor) -> tuple[_Number, ...]:
    tensor = tensor.dequantize() if tensor.is_quantized else tensor
    tensor = tensor if tensor.layout is torch.strided else tensor.to_dense()
    return tuple(map(_as_float, Tensor.tolist(tensor.cpu().reshape(-1))))


def _tensor_kind(tensor: Tensor) -> str:
    what = "nested" if tensor.is_nested else tensor.device if tensor.is_meta else tensor.layout
    return f"{type(tensor).__name__} ({what})"


def _from_array(value: Any) -> Plain:
    array = sys.modules["numpy"].array(value, subok=False)
    if array.dtype.kind not in "biufc":
        raise NotPlainError(f"{type(value).__name__} ({array.dtype})")
    numbers = tuple(map(_as_float, array.reshape(-1).tolist())) if array.size <= _MAX_ELEMENTS else ()
    return Plain(array.shape, str(array.dtype), numbers)


def _from_list(value: list | tuple, depth: int) -> Plain:
    """Read a list of numbers, or of lists of equal length; a list of vectors is a list, not a tensor."""
    if len(value) > _MAX_ELEMENTS or not depth:
        raise NotPlainError(type(value).__name__)
    parts = [_from_list(item, depth - 1) if type(item) in (list, tuple) else plain(item) for item in value]
    has_vectors = any(part.tensor and part.shape for part in parts)
    if has_vectors or len({part.shape for part in parts}) > 1:
        raise NotPlainError(type(value).__name__)
    shape = (len(parts), *(parts[0].shape if parts else ()))
    numbers = tuple(number for part in parts for number in part.numbers)
    if len(numbers) > _MAX_ELEMENTS:
        raise NotPlainError(type(value).__name__)
    return Plain(shape, type(value).__name__, numbers, tensor=False)


def _as_float(x: _Number) -> _Number:
    return x if isinstance(x, complex) else float(x)


def _nested(numbers: Sequence[_Number], shape: tuple[int, ...]) -> str:
    if not shape:
        return digits(numbers[0])
    if math.prod(shape) > _MAX_SHOWN:
        shown = ", ".join([*map(digits, numbers[:_MAX_SHOWN]), "..."])
        return f"[{shown}], shape={shape}"
    size = len(numbers) // shape[0] if shape[0] else 0
    rows = [numbers[i * size : (i + 1) * size] for i in range(shape[0])]
    return "[" + ", ".join(_nested(row, shape[1:]) for row in rows) + "]"
