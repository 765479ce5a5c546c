"""Lines of points in pixels: thinned, measured, and written as SVG path data."""

import math

import numpy as np

_TOLERANCE = 0.15  # pixels that a line may be off when its points are thinned


def path(points, closed=False):
    """Return points (n, 2) as SVG path data."""
    return "M" + "L".join(f"{x:.4g},{y:.4g}" for x, y in points) + ("Z" if closed else "")


def thin(points):
    """Drop the points that a straight line replaces within the tolerance (Douglas and Peucker, 1973)."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    todo = [(0, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        away = _distance(points[first + 1 : last], points[first], points[last])
        farthest = int(away.argmax())
        if away[farthest] > _TOLERANCE:
            between = first + 1 + farthest
            keep[between] = True
            todo += [(first, between), (between, last)]
    return points[keep]


def _distance(points, start, end):
    chord, offset = end - start, points - start
    length = math.hypot(*chord)
    if not length:
        return np.hypot(*offset.T)
    return np.abs(offset[:, 0] * chord[1] - offset[:, 1] * chord[0]) / length


def length(points):
    """Return the length of a line (n, 2)."""
    return np.hypot(*np.diff(points, axis=0).T).sum()


def middle(points):
    """Return the point (x, y) halfway along a line (n, 2)."""
    along = np.concatenate([[0], np.hypot(*np.diff(points, axis=0).T).cumsum()])
    return tuple(float(np.interp(along[-1] / 2, along, column)) for column in points.T)
