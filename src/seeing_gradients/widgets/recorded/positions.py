"""Choose the positions of sliders at which a widget is recorded."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_FEW = 4  # a slider with so few values is combined with all others
_MOST_COMBINED = 16  # combinations of such values


@dataclass(frozen=True)
class Slider:
    """One slider.

    Attributes:
        low, high, step: its range.
        home: where it stands at first, and after a reset.
    """

    low: float
    high: float
    step: float
    home: float

    @property
    def count(self) -> int:
        """How many steps lead from its low end to its high one."""
        return max(math.floor((self.high - self.low) / self.step + 1e-9), 1)

    def value(self, notch: int) -> float:
        """Return the number so many steps above the low end, exactly as a browser computes it."""
        return float(Decimal(repr(self.low)) + notch * Decimal(repr(self.step)))

    def scaled(self, stride: int) -> float:
        """Return so many steps as one number, without the noise of binary fractions."""
        return float(Decimal(repr(self.step)) * stride)

    def part(self, steps: int) -> "Slider":
        """Return a slider of so many of its steps, or all if there are fewer, around home."""
        home = min(max(round((self.home - self.low) / self.step), 0), self.count)
        first = max(min(home - steps // 2, self.count - steps), 0)
        low, high = self.value(first), self.value(min(first + steps, self.count))
        return Slider(low, high, self.step, min(max(self.home, low), high))

    def stride(self, most: int) -> int:
        """Return the smallest stride with which at most so many positions are left, home among them if that is possible.

        Args:
            most: positions.
        """
        smallest = max(math.ceil(self.count / max(most - 1, 1)), 1)
        home = round((self.home - self.low) / self.step)
        is_on_step = abs(self.value(home) - self.home) < self.step / 1000
        for stride in range(smallest, 2 * smallest + 1):
            if is_on_step and home % stride == 0 and self.count % stride == 0:
                return stride
        for stride in range(smallest, 2 * smallest + 1):
            if is_on_step and home % stride == 0:
                return stride
        return smallest

    def values(self, most: int) -> list[float]:
        """Return about so many positions in ascending order, both ends and home among them.

        Args:
            most: positions, at least 2; perhaps two more are returned, for home and the high end.
        """
        stride = self.stride(most)
        chosen = {self.value(notch) for notch in range(0, self.count + 1, stride)}
        for extra in (self.home, self.value(self.count)):
            if all(abs(extra - value) > self.step / 1000 for value in chosen):
                chosen.add(extra)
        return sorted(chosen)


def choose_positions(
    sliders: Sequence[Slider], most: int | None, most_states: int, share: float = 0.0
) -> tuple[list[list[float]], list[int]]:
    """Return the positions to record, the home position first, and how many steps lie between those of each slider.

    Of one or two sliders the whole grid, else each slider by itself from the home position. Sliders with few values, such
    as switches, are combined with all others.

    Args:
        sliders: all of the widget.
        most: positions along one slider; None for as many as `most_states` allows.
        most_states: positions in total, about, if `most` is None.
        share: of the grid of all sliders that is recorded in any case, 0 to 1.
    """
    home = [slider.home for slider in sliders]
    few = [i for i, slider in enumerate(sliders) if slider.count < _FEW]
    while math.prod(sliders[i].count + 1 for i in few) > _MOST_COMBINED:
        few.pop()
    wide = [i for i in range(len(sliders)) if i not in few]
    combined = _grid(few, [sliders[i].values(_FEW) for i in few])
    room = most_states // len(combined)
    if len(wide) <= 2:
        each = most or most_along_each([sliders[i] for i in wide], room)
        moved = _grid(wide, [sliders[i].values(each) for i in wide])
    else:
        each = most or max(room // len(wide), 3)
        moved = [{i: value} for i in wide for value in sliders[i].values(each)]
        if share > 0:
            rate = min(share, 1.0) ** (1 / len(wide))
            moved += _grid(wide, [sliders[i].values(max(round((sliders[i].count + 1) * rate), 2)) for i in wide])
    chosen = [home]
    chosen += [[(one | other).get(i, home[i]) for i in range(len(sliders))] for one in combined for other in moved]
    strides = [sliders[i].stride(each) if i in wide else 1 for i in range(len(sliders))]
    return [list(position) for position in dict.fromkeys(map(tuple, chosen))], strides


def most_along_each(sliders: Sequence[Slider], room: int) -> int:
    """Return how many positions along each of at most two sliders make a grid of no more than `room`, at least 2.

    A slider with fewer positions than that leaves the other one more.
    """
    counts = [slider.count + 1 for slider in sliders]
    if len(counts) < 2:
        return max(room, 2)
    short, long = sorted(counts)
    each = math.isqrt(room)
    return max(min(room // short, long) if short <= each else each, 2)


def _grid(which: Sequence[int], values: Sequence[Sequence[float]]) -> list[dict[int, float]]:
    """Every combination of the values of some sliders: index of a slider -> value."""
    return [dict(zip(which, each, strict=True)) for each in itertools.product(*values)]
