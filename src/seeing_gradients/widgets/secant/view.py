"""What is to be seen of a secant: two small plots in pixels, and the numbers in their precision's own digits.

`Plots(f, x)` holds the axes and the curve of f; its `view(h, precision, kind)` is plain data of finite numbers and text.
"""

import math

import numpy as np
import torch

from seeing_gradients.language import message
from seeing_gradients.picture.chart import Axis, Frame, clipped, path, thin

from .quotient import PRECISIONS, errors, quotient, slope, value

WIDTH, HEIGHT = 300, 230  # pixels of either plot
LOWEST, HIGHEST = 1e-16, 1.0  # of the step
_REACH = 1.25  # the curve is drawn so far to either side
_FLOOR, _CEILING = 1e-16, 10.0  # of the error
_DIGITS = {"float32": 9, "float64": 17}  # as many as tell two neighbours apart
NOTCHES = 20  # of the step, a power of ten
_STEPS = [10 ** (-k / NOTCHES) for k in range(16 * NOTCHES + 1)]


class Plots:
    """The two plots of f at x.

    Attributes:
        exact: float, f'(x) as autograd gives it.
        frames: (Frame of the curve, Frame of the error).
        curve: str, SVG path data.
    """

    def __init__(self, f, x):
        self._f, self._x, self.exact = f, x, slope(f, x)
        across = Axis("x", x - _REACH, x + _REACH)
        places = np.linspace(across.low, across.high, 121)
        with torch.no_grad():
            y = np.array([value(f, torch.tensor(place, dtype=torch.float64)) for place in places])
        finite = y[np.isfinite(y)]
        room = 0.15 * (finite.max() - finite.min()) or 1.0
        up = Axis("f(x)", float(finite.min() - room), float(finite.max() + room))
        error = Axis(message("secant.error"), _FLOOR, _CEILING, log=True)
        self.frames = (
            Frame((across, up), WIDTH, HEIGHT),
            Frame((Axis("h", LOWEST, HIGHEST, log=True), error), WIDTH, HEIGHT),
        )
        self.curve = path(thin(self._pixels(0, places, y)))
        self._errors = {}

    def _pixels(self, which, x, y):
        points = self.frames[which].pixels(np.stack([x, y], axis=1))
        return points[np.isfinite(points).all(axis=1)]

    def errors(self, kind):
        """Return the error over the step for both formats: dict from precision to SVG path data."""
        if kind not in self._errors:
            found = {p: errors(self._f, self._x, _STEPS, p, kind, self.exact) for p in PRECISIONS}
            self._errors[kind] = {
                p: path(self._pixels(1, _STEPS, np.clip(e, _FLOOR, _CEILING))) for p, e in found.items()
            }
        return self._errors[kind]

    def view(self, h, precision, kind):
        """Return dict of JSON: curves, secant, tangent, ends and mark in pixels; rows, note and summary as text."""
        q = quotient(self._f, self._x, h, precision, kind)
        error, digits = abs(q.value - self.exact), _DIGITS[precision]
        shown = {"curves": self.errors(kind), "secant": self._line(q.left, q.value), "note": _note(q, error)}
        middle = self._x, value(self._f, torch.tensor(self._x, dtype=torch.float64))
        shown["tangent"] = self._line(middle, self.exact)
        shown["ends"] = [_rounded(p) for p in self._pixels(0, *zip(q.left, q.right, strict=True))]
        marks = self._pixels(1, [h], np.clip([error], _FLOOR, _CEILING))
        shown["mark"] = _rounded(marks[0]) if len(marks) else None
        shown["rows"] = [
            ["h", f"{h:.3g}"],
            ["f(x + h)", f"{q.right[1]:.{digits}g}"],
            ["f(x − h)" if kind == "central" else "f(x)", f"{q.left[1]:.{digits}g}"],
            [message("secant.difference"), f"{q.difference:.4g}"],
            [message("secant.quotient"), f"{q.value:.{digits}g}"],
            [message("secant.exact"), f"{self.exact:.17g}"],
            [message("secant.error"), f"{error:.3g}"],
        ]
        shown["summary"] = message("secant.summary", h=f"{h:.3g}", value=f"{q.value:.9g}", error=f"{error:.3g}")
        return shown

    def _line(self, point, rise):
        """A straight line through a point across the whole plot, as path data."""
        frame, (x, y) = self.frames[0], point
        if not all(map(math.isfinite, (x, y, rise))):
            return ""
        ends = np.array([frame.axes[0].low, frame.axes[0].high])
        return clipped(*frame.pixels(np.stack([ends, y + rise * (ends - x)], axis=1)), frame.width, frame.height)


def _rounded(point):
    return [round(float(coordinate), 2) for coordinate in point]


def _note(q, error):
    if q.left[0] == q.right[0]:
        return message("secant.same_point")
    if q.difference == 0:
        return message("secant.same_value")
    return "" if math.isfinite(error) else message("secant.not_finite")
