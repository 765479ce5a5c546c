"""The loss as `descend` draws it: its curve over one input, or its contour lines over two, in the picture's pixels.

`LossCurve(f, axis, fixed, name)` evaluates f along the axis. `contours(f, frame, fixed)` evaluates it on a grid, with
`torch.func.vmap` if f allows. Where f fails or is not finite, there is a gap.
"""

import contextlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import torch

from seeing_gradients.picture.charts import Frame, path, thin
from seeing_gradients.picture.contours import Field, field
from seeing_gradients.picture.discontinuities import discontinuities
from seeing_gradients.picture.shapes import Shape
from seeing_gradients.runtime import TimeLimitError, discard_output, time_limit

from .arguments import Range

_COUNT = 201  # points of a curve
_CURVE_SECONDS = 1.5  # for all points of a curve
_MARGIN = 0.08  # of the range of the loss, left free below and above the curve
_FINE, _COARSE, _ROUGH = 61, 41, 9  # grid points per side: with vmap; point by point, at most and at least
_GRID_SECONDS = 1.5  # for the grid with vmap; point by point it may take up to twice as long
_QUICK, _MORE_TRIALS = 0.05, 2  # seconds of an f whose duration is measured more than once, and how often more

# Values (n, n), whose rows go up the vertical axis; and the cells in which f jumps, bool (n - 1, n - 1), or None.
Grid: TypeAlias = tuple[np.ndarray, np.ndarray | None]


class LossCurve:
    """The loss over one input.

    Attributes:
        x, y: arrays (n,), the input and the loss; y is nan where f fails.
        axis: Range of the vertical axis, the loss.
    """

    def __init__(self, f: Callable[..., Any], axis: Range, fixed: Mapping[str, Any], name: str) -> None:
        """Evaluate f along an axis.

        Args:
            f: function (**inputs) -> tensor of one element.
            axis: of the input.
            fixed: name -> value of every other argument of f.
            name: of the vertical axis.
        """
        self.x = np.linspace(axis.low, axis.high, _COUNT)
        self.y = _values(f, axis.name, self.x, fixed)
        finite = self.y[np.isfinite(self.y)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        room = _MARGIN * (high - low) or 1.0
        self.axis = Range(name, low - room, high + room, 0.0, low)

    def shapes(self, frame: Frame) -> list[Shape]:
        """Return shapes: a "curve" for each piece without gaps, on a "finite" ground as large as the frame."""
        points = frame.pixels(np.stack([self.x, self.y], axis=1))
        broken = np.flatnonzero(~np.isfinite(self.y))
        pieces = [piece[np.isfinite(piece).all(axis=1)] for piece in np.split(points, broken)]
        ground = f"M0,0H{frame.width}V{frame.height}H0Z"
        curves: list[Shape] = [["curve", "path", path(thin(piece))] for piece in pieces if len(piece) > 1]
        return [["finite", "path", ground], *curves]

    def value_at(self, x: float) -> float:
        """Return the loss at x, interpolated linearly between the points of the curve; nan beyond its ends."""
        return float(np.interp(x, self.x, self.y, left=np.nan, right=np.nan))


def _values(f: Callable[..., Any], name: str, x: np.ndarray, fixed: Mapping[str, Any]) -> np.ndarray:
    y = np.full(len(x), np.nan)
    with contextlib.suppress(TimeLimitError), time_limit(_CURVE_SECONDS), torch.no_grad():
        for i, value in enumerate(x):
            with contextlib.suppress(Exception, SystemExit), discard_output(stderr=False):
                y[i] = float(f(**{name: torch.tensor(float(value))}, **fixed))
    return np.where(np.abs(y) < 1e30, y, np.nan)


def contours(f: Callable[..., Any], frame: Frame, fixed: Mapping[str, Any]) -> Field:
    """Return the contours of f in a frame; an empty Field if f is nowhere finite or takes too long.

    Args:
        f: function (**inputs) -> tensor of one element.
        frame: of the two inputs.
        fixed: name -> value of every other argument of f.
    """
    z, blank = _grid(f, frame.axes, fixed)
    return field(z, frame, blank=blank)


def _grid(f: Callable[..., Any], axes: Sequence[Any], fixed: Mapping[str, Any]) -> Grid:
    """The loss on a grid over two axes; see Grid. It is nan where f fails."""
    try:
        with time_limit(_GRID_SECONDS), torch.no_grad(), discard_output(stderr=False):
            return _vectorised(f, axes, fixed)
    except (Exception, SystemExit, TimeLimitError):  # noqa: BLE001 - vmap allows no branch and no .item(); f may also be slow
        return _point_by_point(f, axes, fixed)


def _vectorised(f: Callable[..., Any], axes: Sequence[Any], fixed: Mapping[str, Any]) -> Grid:
    names = [axis.name for axis in axes]
    across, up = (torch.linspace(axis.low, axis.high, _FINE) for axis in axes)
    up, across = torch.meshgrid(up, across, indexing="ij")  # (n, n)

    def loss(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return f(**{names[0]: a, names[1]: b}, **fixed).reshape(())

    def losses(a: torch.Tensor, b: torch.Tensor) -> np.ndarray:
        return torch.func.vmap(loss)(a, b).double().numpy()

    def values_at(shares: np.ndarray) -> np.ndarray:
        points = [axis.low + share * (axis.high - axis.low) for axis, share in zip(axes, shares.T, strict=True)]
        return losses(*(torch.as_tensor(x, dtype=across.dtype) for x in points))

    z = losses(across.flatten(), up.flatten()).reshape(across.shape)
    return z, _discontinuities(z, values_at)


def _point_by_point(f: Callable[..., Any], axes: Sequence[Any], fixed: Mapping[str, Any]) -> Grid:
    began, middle = time.monotonic(), [axis.value for axis in axes]
    if not math.isfinite(_value_at(f, axes, fixed, middle)) and time.monotonic() - began >= _GRID_SECONDS:
        return np.full((2, 2), np.nan), None
    cost = time.monotonic() - began
    for _ in range(_MORE_TRIALS if cost < _QUICK else 0):  # the first may have waited for another program
        again = time.monotonic()
        _value_at(f, axes, fixed, middle)
        cost = min(cost, time.monotonic() - again)
    n = int(min(_COARSE, max(_ROUGH, math.sqrt(_GRID_SECONDS / max(cost, 1e-6)))))
    across, up = (np.linspace(axis.low, axis.high, n) for axis in axes)
    z = np.full((n, n), np.nan)
    for row, b in enumerate(up):
        for column, a in enumerate(across):
            if time.monotonic() - began > 2 * _GRID_SECONDS:
                return z, None
            z[row, column] = _value_at(f, axes, fixed, (float(a), float(b)))

    def values_at(shares: np.ndarray) -> np.ndarray | None:
        ranges = [axis.high - axis.low for axis in axes]
        values = []
        for each in shares:
            if time.monotonic() - began > 2 * _GRID_SECONDS:
                return None
            point = [axis.low + x * size for axis, x, size in zip(axes, each, ranges, strict=True)]
            values.append(_value_at(f, axes, fixed, point))
        return np.array(values)

    return z, _discontinuities(z, values_at)


def _discontinuities(z: np.ndarray, evaluate: Callable[[np.ndarray], np.ndarray | None]) -> np.ndarray | None:
    """The cells in which f jumps, or None if the time ran out.

    Args:
        z: as in Grid.
        evaluate: function of positions (k, 2) as shares of the axes -> values (k,); None if the time ran out.
    """
    search: Any = discontinuities(z)
    try:
        shares = next(search)
        while (values := evaluate(shares)) is not None:
            shares = search.send(values)
    except StopIteration as end:
        return end.value
    return None


def _value_at(f: Callable[..., Any], axes: Sequence[Any], fixed: Mapping[str, Any], point: Sequence[float]) -> float:
    try:
        with time_limit(_GRID_SECONDS), torch.no_grad(), discard_output(stderr=False):
            inputs = {axis.name: torch.tensor(value) for axis, value in zip(axes, point, strict=True)}
            return float(f(**inputs, **fixed))
    except (Exception, SystemExit, TimeLimitError):  # noqa: BLE001 - a gap in the picture; the descent tells the learner why
        return math.nan
