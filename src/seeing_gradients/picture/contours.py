"""Contour lines of a grid of values, as SVG path data in the pixels of a frame.

`field(z, frame)` computes them with contourpy; `charts.Frame` converts inputs to pixels.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import contourpy
import numpy as np

from .charts import Frame, length, middle, path, thin
from .labels import number
from .shapes import Shape

_LEVELS = 11  # number of levels, about


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
        log: whether levels are spaced logarithmically, which leaves out values that are not positive; otherwise they
            are spaced like squares.
        blank: bool array (m - 1, n - 1), True for the cells in which nothing is drawn (see `discontinuities`), or None.
    """
    z = np.clip(z, -1e30, 1e30)
    if log:
        z = np.log10(np.where(z > 0, z, np.nan))
    blank = blank if blank is not None and blank.any() else None
    z = np.ma.masked_invalid(z)
    levels = _logarithmic_levels(z) if log else _quadratic_levels(z)
    if not levels:
        return Field()
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
        tuple(_labels(frame, values, lines)),
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


def _quadratic_levels(z: Any) -> list[float]:
    """Rounded levels low + c k² for k = 1, 2, ..., so that the contour lines of a bowl are evenly spaced."""
    values = z.compressed()
    if not len(values) or values.min() == values.max():
        return []
    low, high = values.min(), np.quantile(values, 0.98)
    levels = [low + (high - low) * (k / _LEVELS) ** 2 for k in range(1, _LEVELS + 1)]
    digits = 1 - math.floor(math.log10(max(high - low, 1e-300) / 10))
    rounded = sorted({round(level, digits) for level in levels})
    return [level for level in rounded if values.min() < level < values.max()]


def _logarithmic_levels(z: Any) -> list[float]:
    """The log10 of levels: powers of ten, with 2 and 5 times these if there are few, only some of them if many."""
    values = z.compressed()
    if not len(values) or values.min() == values.max():
        return []
    low, high = float(values.min()), float(values.max())
    powers = range(math.floor(low), math.ceil(high) + 1)
    factors = (1,) if len(powers) > 5 else (1, 2, 5)
    levels = [k + math.log10(factor) for k in powers for factor in factors]
    inside = [level for level in levels if low < level < high]
    return inside[:: math.ceil(len(inside) / (_LEVELS + 2)) or 1] if inside else [(low + high) / 2]


def _region(frame: Frame, filled: Any) -> str:
    """Filled polygons of contourpy, each an outer ring with holes, as SVG path data."""
    rings = [points[first:last] for points, offsets in zip(*filled, strict=True) for first, last in pairwise(offsets)]
    return "".join(path(thin(frame.pixels_of_scaled(ring)), closed=True) for ring in rings)


def _labels(
    frame: Frame, levels: Sequence[float], lines: Sequence[Sequence[np.ndarray]]
) -> Iterator[tuple[float, float, str]]:
    """Yield (x, y, text) for every second level: its number at the middle of its longest line, if there is space."""
    used: list[tuple[float, float]] = []
    for level, pieces in list(zip(levels, lines, strict=True))[1::2]:
        for points in sorted(pieces, key=length, reverse=True)[:2]:
            x, y = middle(points)
            inside = 16 < x < frame.width - 16 and 10 < y < frame.height - 10
            if inside and all(abs(x - u) > 34 or abs(y - v) > 16 for u, v in used):
                used.append((x, y))
                yield round(x, 1), round(y, 1), number(level)
                break
