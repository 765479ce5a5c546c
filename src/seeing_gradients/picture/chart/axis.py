"""An axis: where a value lies along it, linear or logarithmic, and which round values are written at it."""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np

from seeing_gradients.picture.layout import number

_DIGITS = 4  # of a tick, where these tell it from the next one


@dataclass(frozen=True)
class Axis:
    """An axis from low to high.

    Attributes:
        name: str.
        low, high: float, its ends, low < high; both positive where it is logarithmic.
        log: bool.
    """

    name: str
    low: float
    high: float
    log: bool = dataclasses.field(default=False, kw_only=True)

    def scaled(self, x):
        """x as it counts along the axis: itself, or its logarithm."""
        return np.log10(x) if self.log else x

    def share(self, x):
        """Where x lies, 0 at low and 1 at high: float or array."""
        low, high = self.scaled(self.low), self.scaled(self.high)
        return (self.scaled(x) - low) / (high - low)

    def at(self, share):
        """The value at a share of the way."""
        if share in (0, 1):
            return float(self.high if share else self.low)
        low, high = self.scaled(self.low), self.scaled(self.high)
        there = low + share * (high - low)
        return float(10.0**there if self.log else there)

    def rate(self, x):
        """How fast the share grows with x there."""
        span = self.scaled(self.high) - self.scaled(self.low)
        return 1 / (x * math.log(10) * span) if self.log else 1 / span

    def even(self, n):
        """n values at even distances along the axis, as `scaled` gives them: array (n,)."""
        return np.linspace(self.scaled(self.low), self.scaled(self.high), n)

    def ticks(self, room):
        """Round values along the axis, two at least and at most about room of them: list of (share of the way, text)."""
        if self.log:
            for places in (room, 2 * room, 4 * room):
                values = _powers(self.low, self.high, places)
                if len(values) > 1:
                    return [(float(self.share(x)), _power(x)) for x in values]
        step, first, last = self._steps(room)
        values = [round(k * step, 12) if step > 1e-9 else k * step for k in range(first, last + 1)]
        if self.log:
            return [(float(self.share(x)), number(x)) for x in values if x > 0]
        span, largest = self.high - self.low, max(map(abs, values), default=0.0)
        digits = (
            min(max(_DIGITS, math.ceil(math.log10(largest / step)) + 1), 15) if largest else _DIGITS
        )  # no two alike
        return [
            ((k * step - self.low) / span, number(x, digits))
            for k, x in zip(range(first, last + 1), values, strict=True)
        ]

    def _steps(self, room):
        """The distance between round values, and which multiples of it are the first and the last."""
        step = _step((self.high - self.low) / room)
        while True:
            first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
            if last > first:
                return step, first, last
            step = _step(step / 2.5)  # one value would not tell how much a part of the axis is


def _power(x):
    """A round value of a logarithmic axis: 0.01, but 1e-4."""
    return number(x) if x >= 1e-3 else f"{x:.0e}".replace("e-0", "e-")


def _step(raw):
    """The smallest of ..., 0.1, 0.2, 0.5, 1, 2, 5, ... that is at least raw."""
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))


def _powers(low, high, room):
    """Powers of ten between low and high, every second, third... where there are many, with 2 and 5 where few."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    stride = max(1, math.ceil((last - first + 1) / max(room, 1)))
    if last - first >= 2:
        return [float(f"1e{k}") for k in range(first, last + 1) if k % stride == 0]
    all_of_them = [float(f"{factor}e{k}") for k in range(first - 1, last + 1) for factor in (1, 2, 5)]
    return [x for x in all_of_them if low * (1 - 1e-9) <= x <= high * (1 + 1e-9)]
