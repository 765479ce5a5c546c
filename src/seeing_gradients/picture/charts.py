"""The parts of every plot: axes with round ticks, the frame between them, lines in pixels, arrows along gradients.

`Axis` computes where a value lies on a linear or logarithmic scale, and the round values to write beside it. `Frame` is
the rectangle of two axes; `axes(frame, ...)` returns the shapes of both. `path(points)` returns a line as SVG path
data. Contour lines are in `contours`.
"""

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from .labels import number
from .shapes import Shape, tidy

_DIGITS = 4  # significant digits of a tick, unless more are needed to distinguish two ticks
_TOLERANCE = 0.15  # pixels by which a line may differ after its points are thinned
_SHORTEST, _LONGEST = 24.0, 80.0  # pixels, the length of an arrow for a very small and for a very large gradient
_HALFWAY = 10.0  # the norm of a gradient whose arrow has the mean of these lengths
_LEAST = 14.0  # pixels, the length of an arrow if there is no space for more
_FARTHEST = 1e12  # pixels; there float64 still tells 1e-4 pixels apart


@dataclass(frozen=True)
class Axis:
    """An axis from low to high.

    Attributes:
        name: str, of the input or value.
        low, high: float, its ends, low < high; both positive if it is logarithmic.
        log: bool, whether it is logarithmic.
    """

    name: str
    low: float
    high: float
    log: bool = dataclasses.field(default=False, kw_only=True)

    def scaled(self, x: Any) -> Any:
        """Return x, or log10(x) if the axis is logarithmic; x is a float or an array."""
        return np.log10(x) if self.log else x

    def share(self, x: Any) -> Any:
        """Return the position of x on the axis, 0 at low and 1 at high; x is a float or an array."""
        low, high = self.scaled(self.low), self.scaled(self.high)
        return (self.scaled(x) - low) / (high - low)

    @property
    def scale(self) -> tuple[float, float]:
        """(offset, rate), from which the page computes positions: share(x) = offset + rate * scaled(x)."""
        low, high = float(self.scaled(self.low)), float(self.scaled(self.high))
        return -low / (high - low), 1 / (high - low)

    def value_at(self, share: float) -> float:
        """Return the value at a position, 0 at low and 1 at high."""
        if share in (0, 1):
            return float(self.high if share else self.low)
        low, high = self.scaled(self.low), self.scaled(self.high)
        scaled = low + share * (high - low)
        return float(10.0**scaled if self.log else scaled)

    def rate(self, x: float) -> float:
        """Return the derivative of `share` at x."""
        span = self.scaled(self.high) - self.scaled(self.low)
        return 1 / (x * math.log(10) * span) if self.log else 1 / span

    def even(self, n: int) -> np.ndarray:
        """Return n scaled values at equal distances along the axis, array (n,)."""
        return np.linspace(self.scaled(self.low), self.scaled(self.high), n)

    def ticks(self, room: float) -> list[tuple[float, str]]:
        """Return the ticks of the axis: round values, at least two and at most about `room`, as (share, text)."""
        if self.log:
            for most in (room, 2 * room, 4 * room):
                values = _powers(self.low, self.high, most)
                if len(values) > 1:
                    return [(float(self.share(x)), _power(x)) for x in values]
        step, first, last = self._steps(room)
        values = [round(k * step, 12) if step > 1e-9 else k * step for k in range(first, last + 1)]
        if self.log:
            return [(float(self.share(x)), number(x)) for x in values if x > 0]
        span, largest = self.high - self.low, max(map(abs, values), default=0.0)
        # So many digits that the texts of two ticks differ.
        digits = min(max(_DIGITS, math.ceil(math.log10(largest / step)) + 1), 15) if largest else _DIGITS
        return [
            ((k * step - self.low) / span, number(x, digits))
            for k, x in zip(range(first, last + 1), values, strict=True)
        ]

    def _steps(self, room: float) -> tuple[float, int, int]:
        """(distance between two ticks, the first and the last multiple of it on the axis)."""
        step = nice_step((self.high - self.low) / room)
        while True:
            first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
            if last > first:
                return step, first, last
            step = nice_step(step / 2.5)  # with a single tick, the scale could not be read


@dataclass(frozen=True)
class Frame:
    """The rectangle of a plot.

    Attributes:
        axes: the horizontal and the vertical Axis.
        width, height: int, px.
    """

    axes: tuple[Axis, ...]
    width: int
    height: int

    @classmethod
    def of(cls, axes: tuple[Axis, ...], side: int = 400) -> Self:
        """Return a frame for two axes.

        A unit has the same length on both axes, so that gradients are perpendicular to contour lines, unless an axis is
        logarithmic or the frame would be much longer than wide, or wider than long.

        Args:
            axes: the horizontal and the vertical Axis.
            side: px, of the longer side.
        """
        ratio = (axes[0].high - axes[0].low) / (axes[1].high - axes[1].low)
        if not 0.5 <= ratio <= 2 or axes[0].log or axes[1].log:
            return cls(axes, side, round(0.8 * side))
        return cls(axes, round(side * min(1, ratio)), round(side * min(1, 1 / ratio)))

    def pixels(self, points: Any) -> np.ndarray:
        """Return points in units of the axes, (n, 2), as pixels (n, 2); y points down."""
        x, y = np.asarray(points, dtype=float).reshape(-1, 2).T
        return self.pixels_of_scaled(np.column_stack([self.axes[0].scaled(x), self.axes[1].scaled(y)]))

    def pixels_of_scaled(self, points: Any) -> np.ndarray:
        """Return points with `Axis.scaled` coordinates, (n, 2), as pixels (n, 2); y points down."""
        x, y = np.asarray(points, dtype=float).reshape(-1, 2).T
        (left, right), (bottom, top) = ((axis.scaled(axis.low), axis.scaled(axis.high)) for axis in self.axes)
        return np.column_stack(
            [
                (x - left) / (right - left) * self.width,
                (top - y) / (top - bottom) * self.height,
            ]
        )


def axes(frame: Frame, spacing: tuple[float, float], distance: tuple[float, float]) -> list[Shape]:
    """Return a frame with its ticks and the numbers beside them, as shapes of the classes "frame", "tick" and "number".

    Args:
        frame: of the plot.
        spacing: the approximate distance between ticks on the horizontal and on the vertical axis, px.
        distance: from the frame to the baseline of the numbers below it, and to the end of the numbers on its left, px.
    """
    w, h, (across, up), (below, left) = frame.width, frame.height, frame.axes, distance
    shapes: list[Shape] = [["frame", "rect", 0, 0, w, h, 0]]
    for share, words in across.ticks(w / spacing[0]):
        x = round(share * w, 1)
        shapes += [["tick", "path", f"M{x},{h}v5"], ["number", "text", tidy(x), h + below, "middle", words]]
    for share, words in up.ticks(h / spacing[1]):
        y = round((1 - share) * h, 1)
        shapes += [["tick", "path", f"M0,{y}h-5"], ["number", "text", -left, tidy(y + 4), "end", words]]
    return shapes


def _power(x: float) -> str:
    """The text of a round value on a logarithmic axis: 0.01, but 1e-4."""
    return number(x) if x >= 1e-3 else f"{x:.0e}".replace("e-0", "e-")


def nice_step(raw: float) -> float:
    """Return the smallest of the numbers ..., 0.1, 0.2, 0.5, 1, 2, 5, ... that is not below `raw`."""
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))


def _powers(low: float, high: float, room: float) -> list[float]:
    """The powers of ten from low to high: only every k-th if there are more than `room`, with 2 and 5 times if few."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    stride = max(1, math.ceil((last - first + 1) / max(room, 1)))
    if last - first >= 2:
        return [float(f"1e{k}") for k in range(first, last + 1) if k % stride == 0]
    all_of_them = [float(f"{factor}e{k}") for k in range(first - 1, last + 1) for factor in (1, 2, 5)]
    return [x for x in all_of_them if low * (1 - 1e-9) <= x <= high * (1 + 1e-9)]


# ---- lines ----


def path(points: Iterable[Any], closed: bool = False) -> str:
    """Return a line through points (n, 2), px, as SVG path data."""
    return "M" + "L".join(f"{x:.4g},{y:.4g}" for x, y in points) + ("Z" if closed else "")


def thin(points: np.ndarray) -> np.ndarray:
    """Return a line (n, 2), px, without the points that lie almost on a straight line (Douglas and Peucker, 1973)."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    todo = [(0, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        distances = _distance(points[first + 1 : last], points[first], points[last])
        farthest = int(distances.argmax())
        if distances[farthest] > _TOLERANCE:
            between = first + 1 + farthest
            keep[between] = True
            todo += [(first, between), (between, last)]
    return points[keep]


def _distance(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The distances of points (n, 2) from the straight line through start and end, array (n,)."""
    chord, offset = end - start, points - start
    length = math.hypot(*chord)
    if not length:
        return np.hypot(*offset.T)
    return np.abs(offset[:, 0] * chord[1] - offset[:, 1] * chord[0]) / length


def length(points: np.ndarray) -> float:
    """Return the length of a line (n, 2), px."""
    return np.hypot(*np.diff(points, axis=0).T).sum()


def middle(points: np.ndarray) -> tuple[float, float]:
    """Return the point (x, y) halfway along a line (n, 2), px."""
    along = np.concatenate([[0], np.hypot(*np.diff(points, axis=0).T).cumsum()])
    x, y = (float(np.interp(along[-1] / 2, along, column)) for column in points.T)
    return x, y


def clipped(start: np.ndarray, end: np.ndarray, width: float, height: float) -> str:
    """Return the part of a segment inside a frame as SVG path data; "" if none is (Liang and Barsky, 1984).

    A segment that reaches further than _FARTHEST is left out: float64 cannot tell where it crosses the frame.

    Args:
        start, end: arrays (2,), px.
        width, height: of the frame, px.
    """
    if max(np.abs(start).max(), np.abs(end).max()) > _FARTHEST:
        return ""
    delta, first, last = end - start, 0.0, 1.0
    for d, near, far in zip(delta, -start, np.array([width, height]) - start, strict=True):
        if d == 0 and not near <= 0 <= far:
            return ""
        if d != 0:
            enter, leave = sorted((near / d, far / d))
            first, last = max(first, enter), min(last, leave)
    return path([start + first * delta, start + last * delta]) if first < last else ""


def arrow(start: np.ndarray, end: np.ndarray, head: float = 8) -> list[np.ndarray]:
    """Return the lines of an arrow with an open head: the shaft (2, 2) and the head (3, 2), px.

    Args:
        start, end: arrays (2,), px.
        head: length of the head along the shaft, px.
    """
    u, v = (end - start) / np.hypot(*(end - start)) * head
    x, y = end
    return [
        np.array([start, end]),
        np.array([(x - u - 0.6 * v, y - v + 0.6 * u), (x, y), (x - u + 0.6 * v, y - v - 0.6 * u)]),
    ]


def gradient_arrow(
    point: np.ndarray, gradient: np.ndarray, scale: np.ndarray, frame: tuple[float, float] | None = None
) -> list[np.ndarray]:
    """Return the lines of an arrow along a gradient, as `arrow` does; its length grows with the gradient's norm.

    Args:
        point: array (2,), where it starts, px.
        gradient: array (2,), finite, not zero.
        scale: array (2,), px per unit of each input at the point; negative for an axis that points up.
        frame: (width, height) of the frame in which the arrow ends, px, or None. Near its edge a short arrow may stick
            out.
    """
    size = float(np.hypot(*gradient))
    length = _SHORTEST + (_LONGEST - _SHORTEST) * size / (size + _HALFWAY)
    direction = gradient / size * scale
    direction = direction / np.hypot(*direction)
    if frame is not None:
        length = min(length, max(_room(point, direction, frame), _LEAST))
    return arrow(point, point + direction * length)


def _room(point: np.ndarray, direction: np.ndarray, frame: tuple[float, float]) -> float:
    """The distance from a point to the edge of a frame, along a direction."""
    axes = zip(point, direction, frame, strict=True)
    return min(((far if d > 0 else 0.0) - x) / d for x, d, far in axes if abs(d) > 1e-9)
