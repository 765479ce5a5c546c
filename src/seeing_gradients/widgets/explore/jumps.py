"""Follow what happens between two neighbouring samples of a curve to where it happens, and say how its ends are drawn.

`follow(...)` closes in on a jump, a pole or the edge of a gap; `ends(...)` finds the round number at which a jump is and
which of the two values f takes there.
"""

import math
from dataclasses import dataclass

import numpy as np

_CLOSEST = 1e-6  # of the plot's width, to which a jump is followed


@dataclass(frozen=True)
class Break:
    """A jump of one channel between two neighbouring samples.

    Attributes:
        left, right: (x, y), the last place before it and the first after it.
        dots: tuple of (x, y, whether the value there is taken).
    """

    left: tuple
    right: tuple
    dots: tuple = ()


def is_close(axis, a, b):
    """Whether an interval is so short already that it isn't followed any further."""
    return axis.share(b) - axis.share(a) <= 2 * _CLOSEST


def follow(evaluate, axis, values, channel, a, b):
    """Halve an interval, always keeping the half in which most happens; a step of the generator is one evaluation.

    Args:
        evaluate: float -> tuple of float.
        axis: Axis.
        values: dict from x to tuple; what is evaluated is added.
        channel: int, which of the values is looked at.
        a, b: float, the interval.

    Returns:
        (a, b), the ends of a very short interval.
    """
    while axis.share(b) - axis.share(a) > _CLOSEST:
        middle = axis.at(float(axis.share(a) + axis.share(b)) / 2)
        if not a < middle < b:
            break
        if middle not in values:
            values[middle] = evaluate(middle)
        yield middle
        left = rise(values[a][channel], values[middle][channel])
        right = rise(values[middle][channel], values[b][channel])
        a, b = (a, middle) if left >= right else (middle, b)
    return a, b


def rise(ya, yb):
    """How much happens between two values: their difference, or infinitely much where only one is finite."""
    if math.isfinite(ya) and math.isfinite(yb):
        return abs(yb - ya)
    return math.inf if math.isfinite(ya) or math.isfinite(yb) else 0.0


def ends(evaluate, axis, left, right):
    """Return the Break of a jump: at the round number at which it is, if it is at one, with the value that f takes there.

    Args:
        evaluate: float -> float.
        axis: Axis.
        left, right: (x, y), very close to each other.
    """
    (a, ya), (b, yb) = left, right
    c, jump = roundest(a, b), abs(yb - ya)
    tiny = max(float(np.spacing(np.float32(abs(c)))), 1e-8 * (axis.high - axis.low))
    before, there, after = near = [evaluate(x) for x in (c - tiny, c, c + tiny)]
    is_there = (c <= a or abs(before - ya) < jump / 4) and (c >= b or abs(after - yb) < jump / 4)
    is_jump = all(map(math.isfinite, near)) and max(abs(after - there), abs(there - before)) >= jump / 4
    if not (is_there and is_jump):
        return Break(left, right, ((*left, False), (*right, False)))
    own = ((before, c > a), (after, c < b))
    open_ends = [(c, y, False) for y, is_own in own if is_own and abs(y - there) >= jump / 1000]
    left_end, right_end = (c, before if c > a else there), (c, after if c < b else there)
    return Break(left_end, right_end, (*open_ends, (c, there, True)))


def roundest(a, b):
    """The number of fewest decimals from a to b."""
    for digits in range(-6, 16):
        unit = 10.0**-digits
        x = round(math.ceil(a / unit - 1e-12) * unit, max(digits, 0))
        if a <= x <= b:
            return x + 0.0
    return a
