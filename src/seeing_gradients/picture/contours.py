"""Contour lines of a grid of values, as SVG path data in the pixels of a frame.

`field(z, frame)` computes them with contourpy; `charts.Frame` converts inputs to pixels.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import contourpy
import numpy as np

from .charts import Frame, length, middle, nice_step, path, thin
from .labels import number
from .shapes import Shape

_LEVELS = 11  # number of levels, about
_LABEL_DIGITS = 10  # of a level, which is round
_NEAR_ZERO = 0.06  # values begin near 0 if the lowest is no larger than this part of the highest
_HOLLOW = 0.4  # of the range: the median of a bowl is lower; that of a plane is 0.5, that of a cone more
_Level: TypeAlias = tuple[float, bool]  # the level, and whether its number is written on a line


@dataclass(frozen=True)
class Field:
    """Contours in pixels.

    Attributes:
        ground: SVG path data of the region in which values are finite.
        bands: SVG path data of the region above each level, from the lowest level up; they overlap.
        lines: SVG path data of the contour lines at each level.
        labels: (x, y, text) of the numbers on the lines, px.
        levels: the value at each level.
    """

    ground: str = ""
    bands: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    labels: tuple[tuple[float, float, str], ...] = ()
    levels: tuple[float, ...] = ()

    def shapes(self) -> list[Shape]:
        """Return the contours as shapes of the classes "finite", "band", "contour" and "level" (the numbers)."""
        ground: list[Shape] = [["finite", "path", self.ground]] if self.ground else []
        bands = [["band", "path", d] for d in self.bands]
        lines = [["contour", "path", d] for d in self.lines]
        return [*ground, *bands, *lines, *(["level", "text", x, y + 4, "middle", text] for x, y, text in self.labels)]


def field(z: np.ndarray, frame: Frame, log: bool = False, blank: np.ndarray | None = None) -> Field:
    """Return the contours of a grid; an empty Field if no value is finite, or if all are equal.

    Args:
        z: array (m, n), values at equal distances along the axes; rows go up the vertical axis; nan where there is no
            value.
        frame: Frame.
        log: whether levels are spaced logarithmically, which leaves out values that are not positive.
        blank: bool array (m - 1, n - 1), True for the cells in which nothing is drawn (see `discontinuities`), or None.
    """
    z = np.clip(z, -1e30, 1e30)
    if log:
        z = np.log10(np.where(z > 0, z, np.nan))
    blank = blank if blank is not None and blank.any() else None
    z = np.ma.masked_invalid(z)
    chosen = _logarithmic_levels(z) if log else _round_levels(z)
    if not chosen:
        return Field()
    levels = [level for level, _ in chosen]
    if blank is not None:
        z = np.ma.masked_invalid(_with_gaps(z.filled(np.nan), blank))
    up, across = (axis.even(n) for axis, n in zip(frame.axes[::-1], z.shape, strict=True))
    generator: Any = contourpy.contour_generator(
        across, up, z, line_type="Separate", fill_type="OuterOffset", corner_mask=blank is None
    )
    lines = [[thin(frame.pixels_of_scaled(line)) for line in generator.lines(level)] for level in levels]
    ground, *bands = [_region(frame, generator.filled(level, np.inf)) for level in (-np.inf, *levels)]
    values = [10.0**level for level in levels] if log else levels
    return Field(
        ground,
        tuple(bands),
        tuple("".join(map(path, line)) for line in lines),
        tuple(_labels(frame, *_numbered(values, lines, chosen))),
        tuple(values),
    )


def above(z: np.ndarray, frame: Frame) -> tuple[str, str]:
    """Return the region in which a grid is above 0 and its boundary, as SVG path data; "" where there is none.

    Args:
        z: array (m, n), as for `field`.
        frame: Frame.
    """
    up, across = (axis.even(n) for axis, n in zip(frame.axes[::-1], z.shape, strict=True))
    generator: Any = contourpy.contour_generator(
        across, up, np.ma.masked_invalid(z), line_type="Separate", fill_type="OuterOffset"
    )
    lines = (path(thin(frame.pixels_of_scaled(line))) for line in generator.lines(0.0))
    return _region(frame, generator.filled(0.0, np.inf)), "".join(lines)


def _with_gaps(z: np.ndarray, blank: np.ndarray) -> np.ndarray:
    """The grid at twice the resolution, interpolated linearly, with nan at the centre of each blank cell."""
    fine = np.empty((2 * z.shape[0] - 1, 2 * z.shape[1] - 1))
    fine[::2, ::2] = z
    fine[1::2, ::2] = (z[:-1] + z[1:]) / 2
    fine[:, 1::2] = (fine[:, :-1:2] + fine[:, 2::2]) / 2
    fine[1::2, 1::2][blank] = np.nan
    return fine


def _round_levels(z: Any) -> list[_Level]:
    """Round levels, from the lowest up, whose contour lines are about evenly spaced.

    For a bowl they are 1, 2, 3, 5 and 7 times a power of ten, for a dome minus these, if the values begin or end near 0.
    Otherwise they are evenly spaced, as the contour lines of a plane or a cone are.
    """
    values = z.compressed()
    if not len(values) or values.min() == values.max():
        return []
    lowest, highest = float(values.min()), float(values.max())
    low, middle, high = (float(np.quantile(values, share)) for share in (0.02, 0.5, 0.98))
    if abs(lowest) <= _NEAR_ZERO * high and middle - lowest < _HOLLOW * (high - lowest):
        levels = _ladder(high)
    elif abs(highest) <= _NEAR_ZERO * -low and highest - middle < _HOLLOW * (highest - low):
        levels = [(-level, has_number) for level, has_number in reversed(_ladder(-low))]
    else:
        step = nice_step((high - low or highest - lowest) / _LEVELS)
        counts = range(math.ceil(low / step) - 2, math.floor(high / step) + 3)
        levels = [(float(f"{k * step:.12g}"), k % 2 == 0) for k in counts]
    return [(level, has_number) for level, has_number in levels if lowest < level < highest]


def _ladder(high: float) -> list[_Level]:
    """Return the numbers ..., 0.7, 1, 2, 3, 5, 7, 10, ... up to about `high`; 3 and 7 are not written on their lines."""
    top = math.floor(math.log10(high)) + 1
    steps = [(float(f"{digit}e{k}"), digit in (1, 2, 5)) for k in range(top - 3, top + 1) for digit in (1, 2, 3, 5, 7)]
    return [(step, has_number) for step, has_number in steps if step < 1.5 * high][-_LEVELS:]


def _logarithmic_levels(z: Any) -> list[_Level]:
    """The log10 of levels: powers of ten, with 2 and 5 times these if there are few, only some of them if many."""
    values = z.compressed()
    if not len(values) or values.min() == values.max():
        return []
    low, high = float(values.min()), float(values.max())
    powers = range(math.floor(low), math.ceil(high) + 1)
    factors = (1,) if len(powers) > 5 else (1, 2, 5)
    levels = [k + math.log10(factor) for k in powers for factor in factors]
    inside = [level for level in levels if low < level < high]
    shown = inside[:: math.ceil(len(inside) / (_LEVELS + 2)) or 1] if inside else [(low + high) / 2]
    return [(level, i % 2 == 1) for i, level in enumerate(shown)]


def _region(frame: Frame, filled: Any) -> str:
    """Filled polygons of contourpy, each an outer ring with holes, as SVG path data."""
    rings = [points[first:last] for points, offsets in zip(*filled, strict=True) for first, last in pairwise(offsets)]
    return "".join(path(thin(frame.pixels_of_scaled(ring)), closed=True) for ring in rings)


def _numbered(values: Sequence[float], lines: Sequence[Any], chosen: Sequence[_Level]) -> tuple[list[float], list[Any]]:
    """The values and lines of the levels whose number is written."""
    written = [i for i, (_, has_number) in enumerate(chosen) if has_number]
    return [values[i] for i in written], [lines[i] for i in written]


def _labels(
    frame: Frame, levels: Sequence[float], lines: Sequence[Sequence[np.ndarray]]
) -> Iterator[tuple[float, float, str]]:
    """Yield (x, y, text) for each level: its number at the middle of its longest line, if there is space."""
    used: list[tuple[float, float]] = []
    for level, pieces in zip(levels, lines, strict=True):
        for points in sorted(pieces, key=length, reverse=True)[:2]:
            x, y = middle(points)
            inside = 16 < x < frame.width - 16 and 10 < y < frame.height - 10
            if inside and all(abs(x - u) > 34 or abs(y - v) > 16 for u, v in used):
                used.append((x, y))
                yield round(x, 1), round(y, 1), number(level, _LABEL_DIGITS)
                break
