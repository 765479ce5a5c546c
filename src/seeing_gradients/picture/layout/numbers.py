"""How a number is written in every picture and table: one rule, so that the same value always looks the same.

`number(x)` for one number, `compact(snapshot, room)` for a tensor in a given room, `full(snapshot)` for all its digits.
"""

import math
from functools import lru_cache
from itertools import chain

DIGITS = 4
_PLAIN_BELOW, _PLAIN_FROM = 1e7, 1e-4
_QUICK_BELOW = {4: 1e3, 3: 1e2, 2: 10, 1: 1}  # by digits: so much is written in full by %g, too
_FULL_LENGTH = 300
_SHORTEST, _SHORTEST_RANGE = 3, 7  # characters of an element in a list: "1, "; of a range: " 1 .. 2"


@lru_cache(maxsize=4096, typed=True)
def number(x, digits=DIGITS):
    """Write one number with a few significant digits: 9.0 -> "9", 12.28221 -> "12.28", -0.0 -> "0", 1999.67 -> "1999.7".

    Args:
        x: int, float, complex or bool.
        digits: int, significant digits of what is no whole number.

    Returns:
        str, ASCII.
    """
    if isinstance(x, bool):
        return str(x)
    if isinstance(x, complex):
        sign = "-" if math.copysign(1.0, x.imag) < 0 and x.imag != 0 else "+"
        return f"{number(x.real, digits)}{sign}{number(abs(x.imag), digits)}i"
    if isinstance(x, int):
        return str(x) if abs(x) < 1e9 else _scientific(float(x), digits)
    if not math.isfinite(x):
        return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"
    return _finite(x, digits)


def _finite(x, digits):
    size = abs(x)
    if size == 0:
        return "0"
    if _PLAIN_FROM <= size < _QUICK_BELOW.get(digits, 0):
        return f"{x:.{digits}g}"  # the same as below, in a third of the time
    if size >= _PLAIN_BELOW or size < _PLAIN_FROM:
        return _scientific(x, digits)
    if x == int(x):
        return str(int(x))
    decimals = digits - 1 - math.floor(math.log10(size))
    decimals = max(decimals, 1 if digits >= DIGITS and size < 1e4 else 0)
    text = f"{x:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scientific(x, digits):
    mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


def listing(numbers, digits=DIGITS):
    """Write (nested lists of) numbers as one line: [[1, 2], [3, 4]]."""
    if isinstance(numbers, list | tuple):
        return f"[{', '.join(listing(item, digits) for item in numbers)}]"
    return number(numbers, digits)


def compact(snapshot, room):
    """Write a snapshot in at most about `room` characters: whole with as many digits as fit, else shape and range.

    Args:
        snapshot: Snapshot, or None.
        room: int, characters.

    Returns:
        str; "None" for None, "?" for one number that cannot be read.
    """
    if snapshot is None:
        return "None"
    numbers = snapshot.numbers
    if type(numbers) is float:
        return _fitting(numbers, room)
    count = math.prod(snapshot.shape)
    if numbers is not None and (count == 1 or _SHORTEST * count <= room):
        for digits in (DIGITS, 3, 2):
            text = listing(numbers, digits)
            if len(text) <= room:
                return text
        if count == 1:
            return text
    if not snapshot.shape:
        return "?"  # on the meta device
    shape = _shape(snapshot.shape)
    left = room - len(shape)
    ends = _ends(snapshot) if left >= _SHORTEST_RANGE else None
    return shape if ends is None else shape + _range(*ends, left)


@lru_cache(maxsize=4096)
def _fitting(x, room):
    """A number with as many digits as fit, at least two."""
    for digits in (DIGITS, 3, 2):
        text = number(x, digits)
        if len(text) <= room:
            break
    return text


def _range(low, high, room):
    """Smallest and largest with as many digits as fit, " -1.5 .. 2"; empty where not even one does."""
    shortest = f" {number(low, 1)} .. {number(high, 1)}"
    if len(shortest) > room:
        return ""
    for digits in (3, 2):
        text = f" {number(low, digits)} .. {number(high, digits)}"
        if len(text) <= room:
            return text
    return shortest


def full(snapshot):
    """Write a snapshot with all the digits that its dtype holds; long ones end in "..."."""
    if snapshot is None:
        return "None"
    if snapshot.numbers is None and snapshot.low is None:  # complex or sparse, or of a kind that PyTorch cannot read
        return f"{_shape(snapshot.shape)} {str(snapshot.dtype).removeprefix('torch.')}"
    if snapshot.numbers is None:
        return f"{_shape(snapshot.shape)}, {number(snapshot.low, 7)} ... {number(snapshot.high, 7)}"
    double = str(snapshot.dtype).endswith(("float64", "complex128"))
    text = listing(snapshot.numbers, 15 if double else 7)
    return text if len(text) <= _FULL_LENGTH else text[: _FULL_LENGTH - 3] + "..."


@lru_cache(maxsize=1024)
def _shape(shape):
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _ends(snapshot):
    """The smallest and the largest element, nan where there is one; None where elements have no order."""
    if snapshot.numbers is None:
        return None if snapshot.low is None else (snapshot.low, snapshot.high)
    flat = snapshot.numbers
    for _ in snapshot.shape[1:]:
        flat = chain.from_iterable(flat)
    flat = list(flat)
    if not flat or isinstance(flat[0], complex):
        return None
    is_nan = math.isnan(sum(flat)) and any(map(math.isnan, flat))  # the sum of two infinities is nan, too
    return (math.nan, math.nan) if is_nan else (min(flat), max(flat))
