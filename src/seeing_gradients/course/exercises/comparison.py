"""Copy the numbers out of a returned value, and compare them with the expected ones.

`plain(value)` copies tensors, arrays, numbers and lists of numbers into a `Plain`, so that no method of the answer's
own objects takes part in the comparison. `compare(received, expected)` returns a `Difference`; it compares shapes
first, then dtypes, then values.
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

RELATIVE_TOLERANCE = 1e-4  # of the largest expected element: float32 has seven digits, and operations lose a few
_MAX_SHOWN = 8  # elements
_MAX_ELEMENTS, _MAX_DEPTH = 100_000, 4  # elements that are read; levels of nested lists
# A tensor without elements may have any size along its other dimensions, and one element may have any number of them.
_MAX_SIZE, _MAX_DIMENSIONS = 1_000_000, 16

_Number = float | complex


class NotPlainError(TypeError):
    """The value holds no readable numbers; the text of the error is the type of the value."""


@dataclass(frozen=True)
class Plain:
    """Numbers, copied out of a value.

    Attributes:
        shape: tuple of int; () for a number.
        dtype: str, "float32", ...; for a Python number or list its type, "float", "int", "bool", "list", ...
        numbers: tuple of float (or complex), flat; empty if a tensor or array has more than 100,000 elements.
        tensor: bool, whether the value was a tensor or an array.
    """

    shape: tuple[int, ...]
    dtype: str
    numbers: tuple[_Number, ...]
    tensor: bool = True

    def __str__(self) -> str:
        text = _nested([bool(n) for n in self.numbers] if self.dtype == "bool" else self.numbers, self.shape)
        return f"tensor({text})" if self.tensor else text

    def rows(self) -> "tuple[Plain, ...]":
        """Return the slices along the first dimension."""
        if math.prod(self.shape) == 0:  # no element to read: all slices are alike
            return (Plain(self.shape[1:], self.dtype, (), self.tensor),) * self.shape[0]
        size = math.prod(self.shape[1:])
        parts = (self.numbers[i * size : (i + 1) * size] for i in range(self.shape[0]))
        return tuple(Plain(self.shape[1:], self.dtype, part, self.tensor) for part in parts)


@dataclass(frozen=True)
class Difference:
    """How received numbers differ from the expected ones.

    Attributes:
        kind: "none" (equal within the tolerance), "shape", "dtype" or "value".
        exact: bool, whether every number is equal.
        largest: float, the largest absolute difference; nan if the numbers were not compared, or if it is nan.
        index: tuple of int, the position of the largest difference; () if all are equal or were not compared.
        relative: float, the largest difference divided by the largest finite expected number; nan if that is 0.
    """

    kind: str
    exact: bool = False
    largest: float = math.nan
    index: tuple[int, ...] = ()
    relative: float = math.nan


NO_DIFFERENCE = Difference("none")


def plain(value: Any) -> Plain:
    """Return the numbers of a tensor, NumPy array or scalar, Python number, or list or tuple of numbers.

    Raises:
        NotPlainError: it is something else; a list with more than 100,000 numbers or more than four levels; a tensor or
            array with more than 16 dimensions, or without elements and longer than 1,000,000 along one of them.
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
    """Compare the numbers of an answer with the expected ones.

    Args:
        received: Plain.
        expected: Plain; if it is a single number, `received` may also be a tensor or list with one element.

    Returns:
        Difference. Two dtypes differ only if they are of different kinds (float, int, ...) and both are tensors'.
    """
    single = expected.shape == () and set(received.shape) == {1}
    if received.shape != expected.shape and not single:
        return Difference("shape")
    if _dtype_family(received.dtype) != _dtype_family(expected.dtype) and received.tensor and expected.tensor:
        return Difference("dtype")
    gaps = [_absolute_difference(a, b) for a, b in zip(received.numbers, expected.numbers, strict=True)]
    if not any(gaps):
        return Difference("none", exact=True, largest=0.0, relative=0.0)
    largest = max(gaps, key=lambda gap: math.inf if math.isnan(gap) else gap)
    position = next(i for i, gap in enumerate(gaps) if gap is largest or gap == largest)
    size = max((abs(b) for b in expected.numbers if math.isfinite(abs(b))), default=0.0)
    close = largest <= RELATIVE_TOLERANCE * max(size, 1e-3)
    relative = largest / size if size else math.nan
    return Difference("none" if close else "value", False, largest, _unraveled(position, expected.shape), relative)


def is_array(value: object) -> bool:
    """Return whether a value is an array or a scalar of NumPy."""
    numpy = sys.modules.get("numpy")  # if NumPy was not imported, the value cannot be NumPy's
    return numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic))


def as_number(value: Any) -> _Number | None:
    """Return a number as a float, or as it is if complex; None if the value is no number.

    It accepts bool, int, float, complex, Fraction, Decimal and SymPy's numbers.
    """
    if type(value) is complex:
        return value
    sympy = sys.modules.get("sympy")
    if type(value) not in (bool, int, float, Fraction, Decimal) and not (sympy and isinstance(value, sympy.Number)):
        return None
    try:
        return float(value)
    except OverflowError:  # a huge int
        return math.inf if value > 0 else -math.inf
    except ValueError:  # Decimal("sNaN")
        return None


def digits(x: _Number) -> str:
    """Return a number as text with up to six significant digits, -0 as "0"; a complex number or a truth value in full."""
    if isinstance(x, complex | bool):
        return str(x)
    return f"{x + 0.0:.6g}"


def _dtype_family(dtype: str) -> str:
    """The kind of number without its width: "float64" and "bfloat16" are "float", "uint8" is "int"."""
    return dtype.rstrip("0123456789").removeprefix("b").removeprefix("u")


def _absolute_difference(a: _Number, b: _Number) -> float:
    both_nan = cmath.isnan(a) and cmath.isnan(b)
    return 0.0 if a == b or both_nan else abs(a - b)


def _unraveled(position: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The index in a tensor of this shape of the element at a position in the flattened tensor."""
    index = []
    for size in reversed(shape):
        position, i = divmod(position, size)
        index.append(i)
    return tuple(reversed(index))


def _from_tensor(tensor: Tensor) -> Plain:
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():  # so that no method of a subclass runs
        try:
            if tensor.is_nested or tensor.is_meta:
                raise NotPlainError(_tensor_kind(tensor))
            shape, dtype = tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")
            _check_shape(shape, type(tensor).__name__)
            return Plain(shape, dtype, _elements(tensor.detach()) if tensor.numel() <= _MAX_ELEMENTS else ())
        except RuntimeError:  # the elements of this layout or device cannot be read
            raise NotPlainError(_tensor_kind(tensor)) from None


def _check_shape(shape: tuple[int, ...], kind: str) -> None:
    """Raise NotPlainError for a shape that cannot be shown, or gone through, in a bounded time."""
    if len(shape) > _MAX_DIMENSIONS:
        raise NotPlainError(f"{kind} ({len(shape)}-D)")
    if 0 in shape and max(shape) > _MAX_SIZE:
        raise NotPlainError(f"{kind} {shape}")


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
    _check_shape(array.shape, type(value).__name__)
    numbers = tuple(map(_as_float, array.reshape(-1).tolist())) if array.size <= _MAX_ELEMENTS else ()
    return Plain(array.shape, str(array.dtype), numbers)


def _from_list(value: list | tuple, depth: int) -> Plain:
    """Read a (nested) list of numbers or one-element tensors.

    Args:
        value: list or tuple.
        depth: int, how many levels of nesting are still allowed.

    Raises:
        NotPlainError: the items have different shapes, an item is a tensor with a dimension, or it is too large.
    """
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
    """Flat numbers as nested lists of this shape, "[[1, 2], [3, 4]]"; beyond _MAX_SHOWN only the first ones."""
    if not shape:
        return digits(numbers[0])
    if math.prod(shape) == 0:
        return "[]" if len(shape) == 1 else f"[], shape={shape}"
    if math.prod(shape) > _MAX_SHOWN:
        shown = ", ".join([*map(digits, numbers[:_MAX_SHOWN]), "..."])
        return f"[{shown}], shape={shape}"
    size = len(numbers) // shape[0]
    rows = [numbers[i * size : (i + 1) * size] for i in range(shape[0])]
    return "[" + ", ".join(_nested(row, shape[1:]) for row in rows) + "]"
