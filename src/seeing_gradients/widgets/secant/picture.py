"""The picture of a secant: two plots as shapes, and the numbers with all digits of their precision.

`Plots(f, x)` holds the axes and the curve of f. Its `view(h, precision, kind)` returns plain data for the page, with
only finite numbers and text; `paint(...)` draws this data as SVG for GitHub and a reopened notebook, with plain
attributes only.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from seeing_gradients.language import message
from seeing_gradients.picture import shapes, svg, theme
from seeing_gradients.picture.charts import Axis, Frame, axes, clipped, path, thin
from seeing_gradients.picture.shapes import Shape, Style, tidy

from .quotient import PRECISIONS, Quotient, errors, quotient, slope, value

WIDTH, HEIGHT = 300, 230  # pixels of either plot
LOWEST, HIGHEST = 1e-16, 1.0  # of the step
_HALF_WIDTH = 1.25  # of the curve's x axis, around x
_FLOOR, _CEILING = 1e-16, 10.0  # of the error's axis; errors beyond it are drawn at its ends
_DIGITS = {"float32": 9, "float64": 17}  # so that any two numbers of this precision have different texts
NOTCHES = 20  # positions of the step's slider per power of ten
_STEPS = [10 ** (-k / NOTCHES) for k in range(16 * NOTCHES + 1)]
LEFT, TOP, RIGHT, BOTTOM = 46, 12, 16, 42  # pixels around each plot, for the numbers and names of the axes
_POINT = 5  # radius in pixels
_ROW, _LINES = 20, 4  # height of a line of numbers in pixels; lines in one column


class NoCurveError(Exception):
    """f is nowhere finite around x, or x is so large that neighbouring points are the same float."""


class Plots:
    """The two plots of f at x.

    Attributes:
        exact: float, f'(x) as autograd computes it.
        frames: (Frame of the curve, Frame of the error).
        background: for each plot the shapes that never change: its axes, and the curve of f.
    """

    def __init__(self, f: Callable[..., Any], x: float) -> None:
        self._f, self._x, self.exact = f, x, slope(f, x)
        across = Axis("x", x - _HALF_WIDTH, x + _HALF_WIDTH)
        xs = np.linspace(across.low, across.high, 121)
        with torch.no_grad():
            y = np.array([value(f, torch.tensor(each, dtype=torch.float64)) for each in xs])
        finite = y[np.isfinite(y)]
        if not len(finite) or len(np.unique(xs)) < len(xs):
            raise NoCurveError
        room = 0.15 * (finite.max() - finite.min()) or 1.0
        up = Axis("f(x)", float(finite.min() - room), float(finite.max() + room))
        error = Axis(message("secant.error"), _FLOOR, _CEILING, log=True)
        self.frames = (
            Frame((across, up), WIDTH, HEIGHT),
            Frame((Axis("h", LOWEST, HIGHEST, log=True), error), WIDTH, HEIGHT),
        )
        graph: Shape = ["graph", "path", path(thin(self._pixels(0, xs, y)))]
        self.background = ([*_axes(self.frames[0]), graph], _axes(self.frames[1]))
        self._errors: dict[str, dict[str, str]] = {}

    def _pixels(self, which: int, x: Any, y: Any) -> np.ndarray:
        points = self.frames[which].pixels(np.stack([x, y], axis=1))
        return points[np.isfinite(points).all(axis=1)]

    def errors(self, kind: str) -> dict[str, str]:
        """Return the curves of the error over the step: dict from precision to SVG path data."""
        if kind not in self._errors:
            values = {p: errors(self._f, self._x, _STEPS, p, kind, self.exact) for p in PRECISIONS}
            self._errors[kind] = {
                p: path(self._pixels(1, _STEPS, np.clip(e, _FLOOR, _CEILING))) for p, e in values.items()
            }
        return self._errors[kind]

    def view(self, h: float, precision: str, kind: str) -> dict[str, Any]:
        """Return the picture for one step as plain data for the page.

        Args:
            h: the step.
            precision: "float32" or "float64".
            kind: "central" or "one-sided".

        Returns:
            dict that JSON can hold: marks, for each plot the shapes that change, px; rows of (name, number), note and
            summary as text.

        Raises:
            Exception: whatever f raises.
        """
        q = quotient(self._f, self._x, h, precision, kind)
        error, digits = abs(q.value - self.exact), _DIGITS[precision]
        marks = self._lines(q), self._error_marks(h, error, precision, kind)
        shown: dict[str, Any] = {
            "marks": [[mark for mark in each if mark[-1]] for each in marks],
            "note": _note(q, error),
        }
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

    def _lines(self, q: Quotient) -> list[Shape]:
        middle = self._x, value(self._f, torch.tensor(self._x, dtype=torch.float64))
        ends = map(_point, self._pixels(0, *zip(q.left, q.right, strict=True)))
        secant, tangent = self._line(q.left, q.value), self._line(middle, self.exact)
        return [["secant-line", "path", secant], ["tangent", "path", tangent], *ends]

    def _error_marks(self, h: float, error: float, precision: str, kind: str) -> list[Shape]:
        """The curves of the error, that of the chosen precision on top of the others, and the error of this step."""
        curves = self.errors(kind)
        others = [["faint-line", "path", d] for name, d in curves.items() if name != precision]
        points = map(_point, self._pixels(1, [h], np.clip([error], _FLOOR, _CEILING)))
        return [*others, ["error-line", "path", curves[precision]], *points]

    def _line(self, point: tuple[float, float], rise: float) -> str:
        """A straight line with a slope through a point, across the whole plot, as path data; "" if it is not finite."""
        frame, (x, y) = self.frames[0], point
        if not all(map(math.isfinite, (x, y, rise))):
            return ""
        ends = np.array([frame.axes[0].low, frame.axes[0].high])
        left, right = frame.pixels(np.stack([ends, y + rise * (ends - x)], axis=1))
        return clipped(left, right, frame.width, frame.height)


def _point(point: np.ndarray) -> Shape:
    return ["point", "circle", *(round(float(coordinate), 2) for coordinate in point), _POINT]


def _note(q: Quotient, error: float) -> str:
    """A sentence on a step that is too small, or on a result that is not finite; else ""."""
    if q.left[0] == q.right[0]:
        return message("secant.same_point")
    if q.difference == 0:
        return message("secant.same_value")
    return "" if math.isfinite(error) else message("secant.not_finite")


def paint(frames: Sequence[Frame], background: Sequence[Sequence[Shape]], shown: Mapping[str, Any], title: str) -> str:
    """Return the picture as SVG text.

    Args:
        frames, background: as in `Plots`.
        shown: as `Plots.view` returns it.
        title: of the picture.
    """
    plot_width, plot_height = LEFT + frames[0].width + RIGHT, TOP + frames[0].height + BOTTOM
    plots = [shapes.paint([*below, *marks], _STYLES) for below, marks in zip(background, shown["marks"], strict=True)]
    content = [
        *(svg.group(plot_width * i + LEFT, TOP, plot) for i, plot in enumerate(plots)),
        svg.group(LEFT, plot_height + _ROW, _rows(shown, title, plot_width)),
    ]
    height = plot_height + _ROW * (_LINES + 2)
    return svg.document(2 * plot_width, height, f"{title}: {shown['summary']}", "".join(content))


_STYLES: dict[str, Style] = {
    **shapes.AXIS_STYLES,
    "graph": {"fill": "none", "stroke": theme.MUTED, "stroke_width": 2},
    "secant-line": {"fill": "none", "stroke": theme.VALUE, "stroke_width": 2},
    "tangent": {"fill": "none", "stroke": theme.GRADIENT, "stroke_width": 2, "stroke_dasharray": "6 4"},
    "faint-line": {"fill": "none", "stroke": theme.MUTED, "stroke_width": 1, "stroke_opacity": 0.5},
    "error-line": {"fill": "none", "stroke": theme.VALUE, "stroke_width": theme.EDGE_WIDTH},
    "point": {"fill": theme.VALUE, "stroke": theme.CARD, "stroke_width": 2},
}


def _axes(frame: Frame) -> list[Shape]:
    """The axes with their names, as shapes; the vertical axis has its name inside the frame, where no curve is."""
    w, h, (across, up) = frame.width, frame.height, frame.axes
    return [
        *axes(frame, spacing=(55, 40), distance=(17, 8)),
        ["name", "text", tidy(w / 2), h + 34, "middle", across.name],
        ["name", "text", 8, h - 9 if up.log else 18, "start", up.name],
    ]


def _rows(shown: Mapping[str, Any], title: str, half: float) -> str:
    """The numbers in two columns, the second one `half` pixels to the right, and the note below it."""
    parts = [svg.label(0, 0, title, weight=600, size=14)]
    for count, (name, text) in enumerate(shown["rows"]):
        column, line = divmod(count, _LINES)
        x, y = half * column, _ROW * (line + 1)
        parts += [svg.label(x, y, name, fill=theme.MUTED), svg.label(x + 110, y, text)]
    return "".join(parts) + svg.label(half, _ROW * _LINES, shown["note"], fill=theme.GRADIENT)
