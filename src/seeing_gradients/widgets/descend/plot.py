"""The loss as descend draws it, in the pixels of the picture: its curve over one input, or its contours over two.

`Curve(f, axis, fixed, name)` evaluates f once along the axis; `contours(f, frame, fixed)` over a grid, with
`torch.func.vmap` where f allows. A gap is where f fails or is not finite.
"""

import contextlib
import math
import time

import numpy as np
import torch

from seeing_gradients.picture.charts import path, thin
from seeing_gradients.picture.contours import Field, field
from seeing_gradients.picture.discontinuities import discontinuities
from seeing_gradients.runtime import TimeLimitError, discard_output, time_limit

from .arguments import Range

_COUNT = 201  # values along the axis
_CURVE_SECONDS = 1.5  # for all of them
_MARGIN = 0.08  # of the span of the loss, left free below and above
_FINE, _COARSE, _ROUGH = 61, 41, 9  # grid points a side: vectorised; point by point; a slow f
_GRID_SECONDS = 1.5  # for the whole grid, point by point


class Curve:
    """The loss over one input.

    Attributes:
        x, y: arrays (n,), y nan where f fails.
        axis: Range of the loss, up.
    """

    def __init__(self, f, axis, fixed, name):
        self.x = np.linspace(axis.low, axis.high, _COUNT)
        self.y = _values(f, axis.name, self.x, fixed)
        finite = self.y[np.isfinite(self.y)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        room = _MARGIN * (high - low) or 1.0
        self.axis = Range(name, low - room, high + room, 0.0, low)

    def field(self, frame):
        """Return the curve as a chart.Field: one line a piece, on a ground that is all there."""
        points = frame.pixels(np.stack([self.x, self.y], axis=1))
        broken = np.flatnonzero(~np.isfinite(self.y))
        pieces = [piece[np.isfinite(piece).all(axis=1)] for piece in np.split(points, broken)]
        ground = f"M0,0H{frame.width}V{frame.height}H0Z"
        return Field(ground=ground, lines=tuple(path(thin(piece)) for piece in pieces if len(piece) > 1))

    def at(self, x):
        """Return the loss at x as the drawn curve has it; nan beyond its ends."""
        return float(np.interp(x, self.x, self.y, left=np.nan, right=np.nan))


def _values(f, name, x, fixed):
    y = np.full(len(x), np.nan)
    with contextlib.suppress(TimeLimitError), time_limit(_CURVE_SECONDS), torch.no_grad():
        for place, value in enumerate(x):
            with contextlib.suppress(Exception), discard_output(stderr=False):
                y[place] = float(f(**{name: torch.tensor(float(value))}, **fixed))
    return np.where(np.abs(y) < 1e30, y, np.nan)


def contours(f, frame, fixed):
    """Draw the contours of f over the frame; an empty Field where f is nowhere finite or takes too long.

    Args:
        f: numbers by name -> tensor of one element.
        frame: Frame.
        fixed: dict from name to what else f gets.
    """
    z, blank = _grid(f, frame.axes, fixed)
    return field(z, frame, blank=blank)


def _grid(f, axes, fixed):
    """The loss over the two axes, array (n, n), row = up, nan where f fails; and the cells in which it jumps."""
    try:
        with time_limit(_GRID_SECONDS), torch.no_grad(), discard_output(stderr=False):
            return _vectorised(f, axes, fixed)
    except (Exception, TimeLimitError):  # noqa: BLE001 - a branch, .item(), a loop: f wants one point at a time
        return _point_by_point(f, axes, fixed)


def _vectorised(f, axes, fixed):
    names = [axis.name for axis in axes]
    across, up = (torch.linspace(axis.low, axis.high, _FINE) for axis in axes)
    up, across = torch.meshgrid(up, across, indexing="ij")  # (n, n)

    def loss(a, b):
        return f(**{names[0]: a, names[1]: b}, **fixed).reshape(())

    def losses(a, b):
        return torch.func.vmap(loss)(a, b).double().numpy()

    def at(places):
        points = [axis.low + share * (axis.high - axis.low) for axis, share in zip(axes, places.T, strict=True)]
        return losses(*(torch.as_tensor(x, dtype=across.dtype) for x in points))

    z = losses(across.flatten(), up.flatten()).reshape(across.shape)
    return z, _torn(z, at)


def _point_by_point(f, axes, fixed):
    began = time.monotonic()
    if (
        not math.isfinite(_at(f, axes, fixed, [axis.value for axis in axes]))
        and time.monotonic() - began >= _GRID_SECONDS
    ):
        return np.full((2, 2), np.nan), None
    cost = time.monotonic() - began
    n = int(min(_COARSE, max(_ROUGH, math.sqrt(_GRID_SECONDS / max(cost, 1e-6)))))
    across, up = (np.linspace(axis.low, axis.high, n) for axis in axes)
    z = np.full((n, n), np.nan)
    for row, b in enumerate(up):
        for column, a in enumerate(across):
            if time.monotonic() - began > 2 * _GRID_SECONDS:
                return z, None
            z[row, column] = _at(f, axes, fixed, (float(a), float(b)))

    def at(places):
        ranges = [axis.high - axis.low for axis in axes]
        values = []
        for place in places:
            if time.monotonic() - began > 2 * _GRID_SECONDS:
                return None
            point = [axis.low + x * size for axis, x, size in zip(axes, place, ranges, strict=True)]
            values.append(_at(f, axes, fixed, point))
        return np.array(values)

    return z, _torn(z, at)


def _torn(z, evaluate):
    """The cells in which f jumps, as `discontinuities` finds them; None where evaluate gives None, since the time is over."""
    search = discontinuities(z)
    try:
        places = next(search)
        while (values := evaluate(places)) is not None:
            places = search.send(values)
    except StopIteration as found:
        return found.value
    return None


def _at(f, axes, fixed, point):
    try:
        with time_limit(_GRID_SECONDS), torch.no_grad(), discard_output(stderr=False):
            inputs = {axis.name: torch.tensor(value) for axis, value in zip(axes, point, strict=True)}
            return float(f(**inputs, **fixed))
    except (Exception, TimeLimitError):  # noqa: BLE001 - a hole in the picture; the descent tells the learner why
        return math.nan
