"""The loss over two inputs as contour lines, in the pixels of the picture, ready for any SVG.

`contours(f, frame, fixed)` evaluates f once over a grid, with `torch.func.vmap` where f allows, and lets contourpy
draw the lines; `Frame` turns inputs into pixels.
"""

import contextlib
import io
import math
import time
from dataclasses import dataclass
from itertools import pairwise

import contourpy
import numpy as np
import torch

from helpers.layout import number
from helpers.record import TimeLimitError, time_limit

from .lines import length, middle, path, thin

_FINE, _COARSE, _ROUGH = 61, 41, 9  # grid points a side: vectorised; point by point; a slow f
_SECONDS = 1.5  # for the whole grid, point by point
_LEVELS = 11


@dataclass(frozen=True)
class Frame:
    """The rectangle in which the two inputs lie.

    Attributes:
        axes: two arguments.Range, across and up.
        width, height: int, pixels; a unit is as long across as up where that fits, so that gradients stand
            at right angles to the contours.
    """

    axes: tuple
    width: int
    height: int

    @classmethod
    def of(cls, axes, side=400):
        ratio = (axes[0].high - axes[0].low) / (axes[1].high - axes[1].low)
        if not 0.5 <= ratio <= 2:
            return cls(axes, side, 320)
        return cls(axes, round(side * min(1, ratio)), round(side * min(1, 1 / ratio)))

    def pixels(self, points):
        """Return points (n, 2) of inputs as pixels (n, 2), y downwards."""
        across, up = self.axes
        x, y = np.asarray(points, dtype=float).reshape(-1, 2).T
        return np.column_stack(
            [
                (x - across.low) / (across.high - across.low) * self.width,
                (up.high - y) / (up.high - up.low) * self.height,
            ]
        )


@dataclass(frozen=True)
class Field:
    """Contours of the loss, in pixels.

    Attributes:
        ground: SVG path data, where the loss is finite.
        bands: tuple of SVG path data, the region above each level, lowest first; they overlap.
        lines: tuple of SVG path data, the line of each level.
        labels: tuple of (x, y, text).
    """

    ground: str = ""
    bands: tuple = ()
    lines: tuple = ()
    labels: tuple = ()


def contours(f, frame, fixed):
    """Draw the contours of f over the frame; an empty Field where f is nowhere finite or takes too long.

    Args:
        f: numbers by name -> tensor of one element.
        frame: Frame.
        fixed: dict from name to what else f gets.
    """
    z = _grid(f, frame.axes, fixed)
    z = np.ma.masked_invalid(np.clip(z, -1e30, 1e30))
    levels = _levels(z)
    if not levels:
        return Field()
    across, up = (np.linspace(axis.low, axis.high, z.shape[0]) for axis in frame.axes)
    generator = contourpy.contour_generator(across, up, z, line_type="Separate", fill_type="OuterOffset")
    lines = [[thin(frame.pixels(line)) for line in generator.lines(level)] for level in levels]
    ground, *bands = [_region(frame, generator.filled(level, np.inf)) for level in (-np.inf, *levels)]
    return Field(
        ground,
        tuple(bands),
        tuple("".join(map(path, line)) for line in lines),
        tuple(_labels(frame, levels, lines)),
    )


def _grid(f, axes, fixed):
    """The loss over the two axes, array (n, n), row = up; nan where f fails."""
    try:
        with time_limit(_SECONDS), torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
            return _vectorised(f, axes, fixed)
    except (Exception, TimeLimitError):  # noqa: BLE001 - a branch, .item(), a loop: f wants one point at a time
        return _point_by_point(f, axes, fixed)


def _vectorised(f, axes, fixed):
    names = [axis.name for axis in axes]
    across, up = (torch.linspace(axis.low, axis.high, _FINE) for axis in axes)
    up, across = torch.meshgrid(up, across, indexing="ij")  # (n, n)

    def loss(a, b):
        return f(**{names[0]: a, names[1]: b}, **fixed).reshape(())

    z = torch.func.vmap(loss)(across.flatten(), up.flatten())
    return z.reshape(across.shape).double().numpy()


def _point_by_point(f, axes, fixed):
    began = time.monotonic()
    if not math.isfinite(_at(f, axes, fixed, [axis.value for axis in axes])) and time.monotonic() - began >= _SECONDS:
        return np.full((2, 2), np.nan)
    cost = time.monotonic() - began
    n = int(min(_COARSE, max(_ROUGH, math.sqrt(_SECONDS / max(cost, 1e-6)))))
    across, up = (np.linspace(axis.low, axis.high, n) for axis in axes)
    z = np.full((n, n), np.nan)
    for row, b in enumerate(up):
        for column, a in enumerate(across):
            if time.monotonic() - began > 2 * _SECONDS:
                return z
            z[row, column] = _at(f, axes, fixed, (float(a), float(b)))
    return z


def _at(f, axes, fixed, point):
    try:
        with time_limit(_SECONDS), torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):
            inputs = {axis.name: torch.tensor(value) for axis, value in zip(axes, point, strict=True)}
            return float(f(**inputs, **fixed))
    except (Exception, TimeLimitError):  # noqa: BLE001 - a hole in the picture; the descent tells the learner why
        return math.nan


def _levels(z):
    """Levels that lie evenly around a bowl: squares between the smallest and nearly the largest loss, rounded."""
    values = z.compressed()
    if not len(values) or values.min() == values.max():
        return []
    low, high = values.min(), np.quantile(values, 0.98)
    levels = [low + (high - low) * (k / _LEVELS) ** 2 for k in range(1, _LEVELS + 1)]
    digits = 1 - math.floor(math.log10(max(high - low, 1e-300) / 10))
    rounded = sorted({round(level, digits) for level in levels})
    return [level for level in rounded if values.min() < level < values.max()]


def _region(frame, filled):
    """Filled polygons of contourpy, each an outer ring and its holes, as SVG path data."""
    rings = [points[first:last] for points, offsets in zip(*filled, strict=True) for first, last in pairwise(offsets)]
    return "".join(path(thin(frame.pixels(ring)), closed=True) for ring in rings)


def _labels(frame, levels, lines):
    """Every second level's number on the middle of its longest line, where there is room."""
    taken = []
    for level, pieces in list(zip(levels, lines, strict=True))[1::2]:
        for points in sorted(pieces, key=length, reverse=True)[:2]:
            x, y = middle(points)
            inside = 16 < x < frame.width - 16 and 10 < y < frame.height - 10
            if inside and all(abs(x - u) > 34 or abs(y - v) > 16 for u, v in taken):
                taken.append((x, y))
                yield round(x, 1), round(y, 1), number(level)
                break
