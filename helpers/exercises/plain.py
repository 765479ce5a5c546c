"""Numbers taken out of whatever an answer returns, so that nothing in it can influence the comparison.

`plain(value)` reads tensors, arrays and numbers; `compare(received, expected)` tells how two of them differ.
"""

import cmath
import math
import sys
from dataclasses import dataclass

import torch

RELATIVE = 1e-4  # of the largest expected element: float32 keeps seven digits, several operations lose some
_SHOWN = 8  # elements


class NotPlainError(TypeError):
    """The value is neither a number nor a tensor; the text is its type."""


@dataclass(frozen=True)
class Plain:
    """Numbers as we took them.

    Attributes:
        shape: tuple of int; () for a number.
        dtype: str, "float32", or "float", "int", "bool" for a Python number.
        numbers: tuple of float (or complex), flat.
        tensor: bool, whether it came in a tensor.
    """

    shape: tuple
    dtype: str
    numbers: tuple
    tensor: bool = True

    def __str__(self):
        if not self.tensor:
            return digits(self.numbers[0])
        return f"tensor({_nested(self.numbers, self.shape)})"


@dataclass(frozen=True)
class Difference:
    """How received differs from expected.

    Attributes:
        kind: "none", "shape", "dtype" or "value".
        exact: bool, every number equal.
        largest: float, the largest absolute difference, or nan.
        index: tuple of int, where the largest difference is.
    """

    kind: str
    exact: bool = False
    largest: float = math.nan
    index: tuple = ()


def plain(value):
    """Return the numbers of a tensor, NumPy array or scalar, or Python number.

    Raises:
        NotPlainError: it is something else.
    """
    numpy = sys.modules.get("numpy")
    try:
        if isinstance(value, torch.Tensor):
            return _from_tensor(value)
        if numpy is not None and isinstance(value, (numpy.ndarray, numpy.generic)):
            return _from_tensor(torch.from_numpy(numpy.array(value, subok=False)))
    except (TypeError, RuntimeError) as error:  # an array of strings, a tensor on the device "meta": no numbers in it
        raise NotPlainError(type(value).__name__) from error
    for kind in (bool, int, float, complex):
        if type(value) is kind:
            return Plain((), kind.__name__, (_float(value),), tensor=False)
    raise NotPlainError(type(value).__name__)


def compare(received, expected):
    """Compare two Plains: shape before dtype before values."""
    if received.shape != expected.shape:
        return Difference("shape")
    if _family(received.dtype) != _family(expected.dtype) and received.tensor and expected.tensor:
        return Difference("dtype")
    gaps = [_gap(a, b) for a, b in zip(received.numbers, expected.numbers, strict=True)]
    if not any(gaps):
        return Difference("none", exact=True, largest=0.0)
    largest = max(gaps, key=lambda gap: math.inf if math.isnan(gap) else gap)
    place = next(i for i, gap in enumerate(gaps) if gap is largest or gap == largest)
    size = max((abs(b) for b in expected.numbers if math.isfinite(abs(b))), default=0.0)
    close = largest <= RELATIVE * max(size, 1e-3)
    return Difference("none" if close else "value", False, largest, _index(place, expected.shape))


def digits(x):
    """Write a number with up to six significant digits, -0 as 0."""
    if isinstance(x, complex):
        return str(x)
    return f"{x + 0.0:.6g}"


def _from_tensor(tensor):
    with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
        dense = tensor.detach() if tensor.layout == torch.strided else tensor.detach().to_dense()
        values = torch.Tensor.tolist(dense.cpu().reshape(-1))
        return Plain(tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."), tuple(map(_float, values)))


def _float(x):
    if isinstance(x, complex):
        return x
    try:
        return float(x)
    except OverflowError:  # a huge int
        return math.inf if x > 0 else -math.inf


def _family(dtype):
    return dtype.rstrip("0123456789").removeprefix("b").removeprefix("u")


def _gap(a, b):
    both_nan = cmath.isnan(a) and cmath.isnan(b)
    return 0.0 if a == b or both_nan else abs(a - b)


def _index(place, shape):
    index = []
    for size in reversed(shape):
        place, i = divmod(place, size)
        index.append(i)
    return tuple(reversed(index))


def _nested(numbers, shape):
    if not shape:
        return digits(numbers[0])
    if math.prod(shape) > _SHOWN:
        shown = ", ".join(map(digits, numbers[:_SHOWN]))
        return f"[{shown}, ...], shape={shape}"
    size = len(numbers) // shape[0] if shape[0] else 0
    rows = [numbers[i * size : (i + 1) * size] for i in range(shape[0])]
    return "[" + ", ".join(_nested(row, shape[1:]) for row in rows) + "]"
