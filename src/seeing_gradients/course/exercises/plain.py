"""Numbers taken out of whatever an answer returns, so that nothing in it can influence the comparison.

`plain(value)` reads tensors, arrays, numbers and lists of numbers.
"""

import math
import sys
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import torch

_SHOWN = 8  # elements
_MOST, _DEEPEST = 100_000, 4  # elements that are read, lists within lists


class NotPlainError(TypeError):
    """The value holds no numbers that can be read; the text is its type."""


@dataclass(frozen=True)
class Plain:
    """Numbers as we took them.

    Attributes:
        shape: tuple of int; () for a number.
        dtype: str, "float32", or "float", "int", "bool" for a Python number.
        numbers: tuple of float (or complex), flat; none where there are more than 100,000.
        tensor: bool, whether it came in a tensor or an array.
    """

    shape: tuple
    dtype: str
    numbers: tuple
    tensor: bool = True

    def __str__(self):
        text = _nested(self.numbers, self.shape)
        return f"tensor({text})" if self.tensor else text

    def rows(self):
        """Its rows, along the first dimension, as a tuple of Plain."""
        size = math.prod(self.shape[1:])
        parts = (self.numbers[i * size : (i + 1) * size] for i in range(self.shape[0]))
        return tuple(Plain(self.shape[1:], self.dtype, part, self.tensor) for part in parts)


def plain(value):
    """Return the numbers of a tensor, NumPy array or scalar, Python number, or list or tuple of numbers.

    Raises:
        NotPlainError: it is something else.
    """
    if isinstance(value, Plain):
        return value
    if isinstance(value, torch.Tensor):
        return _from_tensor(value)
    if is_array(value):
        return _from_array(value)
    if type(value) in (list, tuple):
        return _from_list(value, _DEEPEST)
    number = as_number(value)
    if number is None:
        raise NotPlainError(type(value).__name__)
    return Plain((), type(value).__name__, (number,), tensor=False)


def is_array(value):
    """Return whether a value is an array or a scalar of NumPy."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic))


def as_number(value):
    """Return a Python, fractions, decimal or SymPy number as a float or complex, or None where it is no number."""
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


def digits(x):
    """Write a number with up to six significant digits, -0 as 0."""
    if isinstance(x, complex):
        return str(x)
    return f"{x + 0.0:.6g}"


def _from_tensor(tensor):
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        try:
            if tensor.is_nested or tensor.is_meta:
                raise NotPlainError(_kind(tensor))
            shape, dtype = tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")
            return Plain(shape, dtype, _numbers(tensor.detach()) if tensor.numel() <= _MOST else ())
        except RuntimeError:  # a layout or a device that gives no numbers
            raise NotPlainError(_kind(tensor)) from None


def _numbers(tensor):
    tensor = tensor.dequantize() if tensor.is_quantized else tensor
    tensor = tensor if tensor.layout is torch.strided else tensor.to_dense()
    return tuple(map(_float, torch.Tensor.tolist(tensor.cpu().reshape(-1))))


def _kind(tensor):
    what = "nested" if tensor.is_nested else tensor.device if tensor.is_meta else tensor.layout
    return f"{type(tensor).__name__} ({what})"


def _from_array(value):
    array = sys.modules["numpy"].array(value, subok=False)
    if array.dtype.kind not in "biufc":
        raise NotPlainError(f"{type(value).__name__} ({array.dtype})")
    numbers = tuple(map(_float, array.reshape(-1).tolist())) if array.size <= _MOST else ()
    return Plain(array.shape, str(array.dtype), numbers)


def _from_list(value, depth):
    """A list of numbers, or of lists of as many numbers; a list of vectors is a list and no tensor."""
    if len(value) > _MOST or not depth:
        raise NotPlainError(type(value).__name__)
    parts = [_from_list(item, depth - 1) if type(item) in (list, tuple) else plain(item) for item in value]
    vectors = any(part.tensor and part.shape for part in parts)
    if vectors or len({part.shape for part in parts}) > 1:
        raise NotPlainError(type(value).__name__)
    shape = (len(parts), *(parts[0].shape if parts else ()))
    numbers = tuple(number for part in parts for number in part.numbers)
    if len(numbers) > _MOST:
        raise NotPlainError(type(value).__name__)
    return Plain(shape, type(value).__name__, numbers, tensor=False)


def _float(x):
    return x if isinstance(x, complex) else float(x)


def _nested(numbers, shape):
    if not shape:
        return digits(numbers[0])
    if math.prod(shape) > _SHOWN:
        shown = ", ".join([*map(digits, numbers[:_SHOWN]), "..."])
        return f"[{shown}], shape={shape}"
    size = len(numbers) // shape[0] if shape[0] else 0
    rows = [numbers[i * size : (i + 1) * size] for i in range(shape[0])]
    return "[" + ", ".join(_nested(row, shape[1:]) for row in rows) + "]"
