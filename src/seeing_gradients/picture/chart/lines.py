"""Lines of points in pixels: thinned, measured, and written as SVG path data."""

import math

import numpy as np

_TOLERANCE = 0.15  # pixels that a line may be off when its points are thinned
_SHORTEST, _LONGEST = 24.0, 80.0  # pixels: an arrow for a small and for a large gradient
_HALFWAY = 10.0  # the gradient whose arrow has half the length between them
_LEAST = 14.0  # pixels: a dot and a head, which an arrow has where no room is left, too


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


def clipped(start, end, width, height):
    """Return the part of a segment inside (0, 0) to (width, height) as path data (Liang and Barsky, 1984)."""
    delta, first, last = end - start, 0.0, 1.0
    for d, near, far in zip(delta, -start, np.array([width, height]) - start, strict=True):
        if d == 0 and not near <= 0 <= far:
            return ""
        if d != 0:
            enter, leave = sorted((near / d, far / d))
            first, last = max(first, enter), min(last, leave)
    return path([start + first * delta, start + last * delta]) if first < last else ""


def arrow_path(start, end, head=8):
    """Return path data of an arrow with an open head."""
    u, v = (end - start) / np.hypot(*(end - start)) * head
    x, y = end
    return path([start, end]) + path([(x - u - 0.6 * v, y - v + 0.6 * u), (x, y), (x - u + 0.6 * v, y - v - 0.6 * u)])


def gradient_arrow(point, gradient, scale, frame=None):
    """Return path data of an arrow along a gradient, uphill; its length grows with the gradient.

    Args:
        point: array (2,), pixels.
        gradient: array (2,), finite, not zero.
        scale: array (2,), pixels a unit of either input at the point, negative where up is less.
        frame: (width, height) within which the arrow ends, but for a short rest at its edge; or None.
    """
    size = float(np.hypot(*gradient))
    length = _SHORTEST + (_LONGEST - _SHORTEST) * size / (size + _HALFWAY)
    direction = gradient / size * scale
    direction = direction / np.hypot(*direction)
    if frame is not None:
        length = min(length, max(_room(point, direction, frame), _LEAST))
    return arrow_path(point, point + direction * length)


def _room(point, direction, frame):
    """How far it is from a point to the edge of a frame."""
    ways = zip(point, direction, frame, strict=True)
    return min(((far if d > 0 else 0.0) - x) / d for x, d, far in ways if abs(d) > 1e-9)
