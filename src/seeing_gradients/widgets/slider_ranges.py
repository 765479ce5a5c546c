"""Round numbers for sliders: the range around a number for which none was given, and the step of a range."""

import math

import numpy as np

LARGEST = 1e300  # of the numbers of a slider: the width of a range of such numbers is still a float
_STEPS = 100  # a slider has at least about so many positions
_SMALLEST = 1e-300  # numbers nearer to 0 than this have the range of 0: too few floats lie around them
_LEAST = math.ulp(0.0)  # the smallest positive float


def fits_slider(x: float) -> bool:
    """Return whether a number, which may be an int of any size, is finite and not beyond LARGEST or -LARGEST."""
    x = x.item() if isinstance(x, np.generic) else x  # NumPy would warn that no float32 is as large
    return -LARGEST <= x <= LARGEST


def default_range(x: float) -> tuple[float, float, float]:
    """Return (low, high, step) of the slider around a number: 2 -> (-3, 7), 0.02 -> (-0.03, 0.07), 0 -> (-5, 5).

    All three are round numbers.
    """
    half = round_number(2.5 * abs(x), up=True) if abs(x) > _SMALLEST else 5.0
    step = default_step(-half, half)
    return without_noise(x - half, step / 100), without_noise(x + half, step / 100), step


def default_step(low: float, high: float) -> float:
    """Return the change by one press of an arrow key, a round number, for a range without a step of its own."""
    return round_number(max((high - low) / _STEPS, _LEAST), up=False)


def round_number(x: float, up: bool) -> float:
    """Return the nearest 1, 2 or 5 times a power of ten that is not below x (up), or not above it.

    Args:
        x: positive.
        up: which of the two.
    """
    power = 10.0 ** math.floor(math.log10(x) + 1e-9)
    fits = [m for m in (1, 2, 5, 10) if (m * power >= x * (1 - 1e-9) if up else m * power <= x * (1 + 1e-9))]
    factor = min(fits, default=10) if up else max(fits, default=1)  # none fits where floats are few, below 1e-320
    return without_noise(factor * power, power / 100)


def without_noise(x: float, step: float) -> float:
    """Return x rounded to the digits of the step, without the noise of binary fractions."""
    return round(x, max(0, 3 - math.floor(math.log10(step)))) if step else x  # 0 beside the smallest floats
