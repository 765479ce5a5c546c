"""The loss over one input: its curve in the pixels of the picture, and the axis of the loss that fits it.

`Curve(f, axis, fixed, name)` evaluates f once along the axis; a gap is where f fails or is not finite.
"""

import contextlib
import io

import numpy as np
import torch

from seeing_gradients.picture.chart import Field, path, thin
from seeing_gradients.recorder import TimeLimitError, time_limit

from .arguments import Range

_COUNT = 201  # values along the axis
_SECONDS = 1.5  # for all of them
_MARGIN = 0.08  # of the span of the loss, left free below and above


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
    with contextlib.suppress(TimeLimitError), time_limit(_SECONDS), torch.no_grad():
        for place, value in enumerate(x):
            with contextlib.suppress(Exception), contextlib.redirect_stdout(io.StringIO()):
                y[place] = float(f(**{name: torch.tensor(float(value))}, **fixed))
    return np.where(np.abs(y) < 1e30, y, np.nan)
