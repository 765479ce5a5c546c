"""How two groups of numbers differ: `compare(received, expected)`, shape before dtype before values."""

import cmath
import math
from dataclasses import dataclass

RELATIVE = 1e-4  # of the largest expected element: float32 keeps seven digits, several operations lose some


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


def compare(received, expected):
    """Compare two Plains; where one number is expected, a tensor or list that holds just one will do."""
    alone = expected.shape == () and set(received.shape) == {1}
    if received.shape != expected.shape and not alone:
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
