"""The loss as descend draws it, in the pixels of the picture: its curve over one input, or its contours over two.

`Curve(f, axis, fixed, name)` evaluates f once along the axis; `contours(f, frame, fixed)` over a grid, with
`torch.func.vmap` where f allows. A gap is where f fails or is not finite.
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
from seeing_gradients.runtime import TimeLimitError, discard_output, time_limit

from .arguments import Range

_COUNT = 201  # values along the axis
_CURVE_SECONDS = 1.5  # for all of them
_MARGIN = 0.08  # of the span of the loss, left free below and above
_FINE, _COARSE, _ROUGH = 61, 41, 9  # grid points a side: vectorised; point by point; a slow f
_GRID_SECONDS = 1.5  # for the whole grid, point by point

Grid: TypeAlias = tuple[
    np.ndarray, np.ndarray | None
]  # values (n, n), row = up; the cells in which f jumps, (n - 1, n - 1)


class Curve:
    """The loss over one input.

    Attributes:
        x, y: arrays (n,), y nan where f fails.
        axis: of the loss, up.
    """

    def __init__(self, f: Callable[..., Any], axis: Range, fixed: Mapping[str, Any], name: str) -> None:
        self.x = np.linspace(axis.low, axis.high, _COUNT)
        self.y = _values(f, axis.name, self.x, fixed)
        finite = self.y[np.isfinite(self.y)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
        room = _MARGIN * (high - low) or 1.0
        self.axis = Range(name, low - room, high + room, 0.0, low)

    def field(self, frame: Frame) -> Field:
        """Return the curve as a chart.Field: one line a piece, on a ground that is all there."""
        points = frame.pixels(np.stack([self.x, self.y], axis=1))
        broken = np.flatnonzero(~np.isfinite(self.y))
        pieces = [piece[np.isfinite(piece).all(axis=1)] for piece in np.split(points, broken)]
        ground = f"M0,0H{frame.width}V{frame.height}H0Z"
        return Field(ground=ground, lines=tuple(path(thin(piece)) for piece in pieces if len(piece) > 1))

    def value_at(self, x: float) -> float:
        """Return the loss at x on the drawn curve; nan beyond its ends."""
        return float(np.interp(x, self.x, self.y, left=np.nan, right=np.nan))


def _values(f: Callable[..., Any], name: str, x: np.ndarray, fixed: Mapping[str, Any]) -> np.ndarray:
    y = np.full(len(x), np.nan)
    with contextlib.suppress(TimeLimitError), time_limit(_CURVE_SECONDS), torch.no_grad():
        for i, value in enumerate(x):
            with contextlib.suppress(Exception), discard_output(stderr=False):
                y[i] = float(f(**{name: torch.tensor(float(value))}, **fixed))
    return np.where(np.abs(y) < 1e30, y, np.nan)


def contours(f: Callable[..., Any], frame: Frame, fixed: Mapping[str, Any]) -> Field:
    """Draw the contours of f over the frame; an empty Field where f is nowhere finite or takes too long.

    Args:
        f: numbers by name -> tensor of one element.
        frame: of the two inputs.
        fixed: what else f receives, by name.
    """
    z, blank = _grid(f, frame.axes, fixed)
    return field(z, frame, blank=blank)


def _grid(f: Callable[..., Any], axes: Sequence[Any], fixed: Mapping[str, Any]) -> Grid:
    """The loss over the two axes, array (n, n), row = up, nan where f fails; and the cells in which it jumps."""
    try:
        with time_limit(_GRID_SECONDS), torch.no_grad(), discard_output(stderr=False):
            return _vectorised(f, axes, fixed)
    except (Exception, TimeLimitError):  # noqa: BLE001 - a branch, .item(), a loop: f takes only one point at a time
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
    began = time.monotonic()
    if (
        not math.isfinite(_value_at(f, axes, fixed, [axis.value for axis in axes]))
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
    """The cells in which f jumps, from `discontinuities`; None if the time is over, when evaluate returns None."""
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
    except (Exception, TimeLimitError):  # noqa: BLE001 - a hole in the picture; the descent tells the learner why
        return math.nan
