"""What a model of two inputs makes of the plane: the regions of its classes, or the contours of its output."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seeing_gradients.picture.charts import Axis, Frame, axes
from seeing_gradients.picture.contours import above, field
from seeing_gradients.picture.shapes import Shape

from .history import Snapshot
from .protocol import WatchBoundary
from .replay import Replay

_SIDE, _GRID = 220, 36  # px of the frame; points along each side of the grid
_MOST_POINTS, _MOST_FRAMES, MOST_CLASSES = 240, 50, 4
_LEFT, _TOP, _RIGHT, _BOTTOM = 34, 8, 8, 22  # px around the frame
_RADIUS = 3.2  # px, of a mark


class Boundary:
    """The plane of one run.

    Args:
        replay: Replay.
        snapshots: the first ones of the run; their batches give the points.
    """

    def __init__(self, replay: Replay, snapshots: Sequence[Snapshot]) -> None:
        self._replay = replay
        self._frames: dict[int, list[Shape]] = {}
        points, targets = _examples(snapshots)
        self._classes = _classes(targets)
        self.is_possible = points is not None
        if points is not None:
            self._points = points
            self._frame = Frame.of(tuple(_axis(f"x[{i}]", points[:, i]) for i in (0, 1)), _SIDE)
            self._grid = _grid(self._frame, points)

    def data(self, snapshots: Sequence[Snapshot]) -> WatchBoundary | None:
        """Return the frames of a run, or None if its model is none of two inputs."""
        usable = [each for each in snapshots if each.restore is not None]
        if not (self.is_possible and usable):
            return None
        every = -(-len(usable) // _MOST_FRAMES)
        chosen = usable[::every]
        if chosen[-1] is not usable[-1]:
            chosen.append(usable[-1])
        frames = [self._shapes(each) for each in chosen]
        if not self.is_possible:
            return None
        steps = [each.step for each in chosen]
        frame_of = [max(0, sum(step <= each.step for step in steps) - 1) for each in snapshots]
        frame = self._frame
        return {
            "size": [_LEFT + frame.width + _RIGHT, _TOP + frame.height + _BOTTOM],
            "offset": [_LEFT, _TOP],
            "axes": axes(frame, spacing=(60, 50), distance=(16, 9)),
            "points": self._marks(),
            "frames": frames,
            "frame_of": frame_of,
            "classes": [str(c) for c in range(0 if self._classes is None else int(self._classes.max()) + 1)],
        }

    def _shapes(self, snapshot: Snapshot) -> list[Shape]:
        if snapshot.step not in self._frames and snapshot.restore is not None:
            try:
                with self._replay.evaluating(snapshot.restore) as model:
                    values = model(self._grid)
            except Exception:  # noqa: BLE001 - the model needs more than a batch of any size, or cannot be copied
                self.is_possible = False
                return []
            if not isinstance(values, Tensor) or values.ndim > 2 or len(values) != len(self._grid):
                self.is_possible = False
                return []
            self._frames[snapshot.step] = self._drawn(values.double().reshape(len(self._grid), -1).numpy())
        return self._frames.get(snapshot.step, [])

    def _drawn(self, values: np.ndarray) -> list[Shape]:
        """The shapes of the model's output on the grid, (n, k)."""
        columns = values.shape[1]
        z = values.T.reshape(columns, _GRID, _GRID)
        if columns == 1 and self._classes is None:
            return field(z[0], self._frame).shapes()
        if columns == 1:  # a probability, or a logit
            middle = 0.5 if z[0].min() >= 0 and z[0].max() <= 1 else 0.0
            z = np.stack([middle - z[0], z[0] - middle])
        shapes: list[Shape] = []
        for c in range(len(z)):
            with np.errstate(invalid="ignore"):  # inf - inf
                difference = z[c] - np.delete(z, c, axis=0).max(axis=0)
            region, line = above(difference, self._frame)
            shapes += [[f"region-{c % MOST_CLASSES}", "path", region]] if region else []
            shapes += [["boundary", "path", line]] if line else []
        return shapes

    def _marks(self) -> list[Shape]:
        pixels = self._frame.pixels(self._points.numpy())
        classes = [0] * len(pixels) if self._classes is None else self._classes.tolist()
        return [_mark(int(c), float(x), float(y)) for c, (x, y) in zip(classes, pixels, strict=True)]


def _mark(c: int, x: float, y: float) -> Shape:
    """A disc, a square, a triangle or a rhombus around (x, y)."""
    c, r, x, y = c % MOST_CLASSES, _RADIUS, round(x, 1), round(y, 1)
    if c == 0:
        return ["class-0", "circle", x, y, r]
    corners = {
        1: f"M{x - r:.1f},{y - r:.1f}h{2 * r}v{2 * r}h{-2 * r}Z",
        2: f"M{x:.1f},{y - r:.1f}l{r},{2 * r}h{-2 * r}Z",
        3: f"M{x:.1f},{y - r:.1f}l{r},{r}l{-r},{r}l{-r},{-r}Z",
    }
    return [f"class-{c}", "path", corners[c]]


def _examples(snapshots: Sequence[Snapshot]) -> tuple[Tensor | None, Tensor | None]:
    """The inputs (n, 2) of the first batches and their targets (n,); None if there are none of these shapes."""
    inputs, targets, count = [], [], 0
    for snapshot in snapshots:
        point = snapshot.restore
        x: Any = point.arguments[0][0] if point and point.arguments and point.arguments[0] else None
        if point is None or any(x is each for each in inputs):
            continue
        if not isinstance(x, Tensor) or x.ndim != 2 or x.shape[1] != 2 or not x.is_floating_point() or not len(x):
            return None, None
        inputs.append(x)
        y = point.target
        targets.append(y.reshape(-1) if isinstance(y, Tensor) and y.numel() == len(x) else None)
        count += len(x)
        if count >= _MOST_POINTS:
            break
    if not inputs or not all(bool(each.isfinite().all()) for each in inputs):
        return None, None
    together = torch.cat([each.detach().cpu().float() for each in inputs])[:_MOST_POINTS]
    if any(each is None for each in targets):
        return together, None
    return together, torch.cat([each.detach().cpu() for each in targets if each is not None])[:_MOST_POINTS]


def _classes(targets: Tensor | None) -> Tensor | None:
    """The class of each point from 0, or None if the targets are no classes."""
    if targets is None or not len(targets) or targets.is_complex():
        return None
    if set(targets.unique().tolist()) <= {-1, 1}:
        return (targets > 0).long()
    if targets.is_floating_point() and not bool(((targets == 0) | (targets == 1)).all()):
        return None
    return None if targets.min() < 0 else targets.long()


def _axis(name: str, x: Tensor) -> Axis:
    low, high = float(x.min()), float(x.max())
    margin = 0.12 * (high - low) or 1.0
    return Axis(name, low - margin, high + margin)


def _grid(frame: Frame, like: Tensor) -> Tensor:
    """The points of the grid, (n, 2), rows upwards."""
    across, up = (torch.as_tensor(axis.even(_GRID), dtype=like.dtype) for axis in frame.axes)
    y, x = torch.meshgrid(up, across, indexing="ij")
    return torch.stack([x.reshape(-1), y.reshape(-1)], dim=1)
