"""Find the cells of a grid in which a function jumps, so that no contour line is drawn through them.

`discontinuities(z)` examines pairs of neighbouring grid points whose values differ much more than those of the pairs
next to them, and halves the distance between the two again and again. If the difference remains over a very short
distance, the function jumps there; if it shrinks, the function is only steep.
"""

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np

# A pair of neighbours is examined if its difference exceeds _LEAP times the usual range of the values, is more than
# _TIMES as large as the smaller difference next to it, and differs from the mean of those next to it by more than _BENT
# times itself (in a smooth wave it differs less).
_LEAP, _TIMES, _BENT = 1 / 200, 2, 0.35
_HALVINGS = 8  # of the distance between two neighbours, which makes it much smaller than a pixel
_REMAINS = 0.2  # a jump is where at least this part of the difference remains after the halvings
_MOST = 800  # pairs that are examined at most, those with the largest differences


def discontinuities(z: np.ndarray) -> Generator[np.ndarray, Any, np.ndarray]:
    """Find the cells in which a function jumps; a generator that asks its caller for more values of the function.

    Args:
        z: array (m, n), values on an evenly spaced grid; rows go up the vertical axis; nan where there is no value.

    Yields:
        array (k, 2), positions (horizontal, vertical) as shares of the axes, 0 to 1. Send back the array (k,) of the
        values there.

    Returns:
        bool array (m - 1, n - 1), True for the cells in which the function jumps.
    """
    a, b = _pairs_to_examine(z)  # (row, column) of the neighbours, each (k, 2)
    edges, last = np.stack([a, b], axis=1), np.maximum(np.array(z.shape) - 1, 1)
    za, zb = z[tuple(a.T)], z[tuple(b.T)]
    a, b, least = a / last, b / last, _REMAINS * np.abs(zb - za)
    for _ in range(_HALVINGS):
        if not len(a):
            break
        middle = (a + b) / 2
        zm = np.asarray((yield middle[:, ::-1]), dtype=float)
        first = _difference(za, zm) >= _difference(zm, zb)
        a, b = np.where(first[:, None], a, middle), np.where(first[:, None], middle, b)
        za, zb = np.where(first, za, zm), np.where(first, zm, zb)
        left = _difference(za, zb) > least
        a, b, za, zb, least, edges = (each[left] for each in (a, b, za, zb, least, edges))
    return _cells(edges, z.shape)


def _pairs_to_examine(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The (row, column) of both neighbours, two arrays (k, 2), of the pairs to examine."""
    leaps = [(size, cell, (0, 1)) for size, cell in _large_differences(z)]
    leaps += [(size, cell[::-1], (1, 0)) for size, cell in _large_differences(z.T)]
    leaps = sorted(leaps, key=lambda leap: -leap[0])[:_MOST]
    starts = np.array([cell for _, cell, _ in leaps], dtype=int).reshape(-1, 2)
    return starts, starts + np.array([step for _, _, step in leaps], dtype=int).reshape(-1, 2)


def _large_differences(z: np.ndarray) -> Iterator[tuple[Any, Any]]:
    """Yield (difference, (row, column) of the left point) for the horizontal neighbours to examine."""
    values = z[np.isfinite(z)]
    if not len(values) or z.shape[1] < 3:
        return
    low, high = np.quantile(values, (0.02, 0.98))
    leap = _LEAP * ((high - low) or (values.max() - values.min()))
    size = _difference(z[:, :-1], z[:, 1:])
    aside = np.pad(size, ((0, 0), (1, 1)), constant_values=np.inf)
    is_large = np.isfinite(size) & (size > _TIMES * np.minimum(aside[:, :-2], aside[:, 2:]) + leap)
    with np.errstate(invalid="ignore", over="ignore"):
        change = np.pad(np.diff(z), ((0, 0), (1, 1)), mode="reflect", reflect_type="odd")  # extrapolated at the ends
        is_bent = ~(np.abs(np.diff(change, 2)) / 2 <= _BENT * size)
    for row, column in np.argwhere(is_large & is_bent):
        yield size[row, column], (row, column)


def _difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The absolute difference of two values; infinite if only one of them is finite, 0 if none is."""
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(b - a)
    return np.where(np.isfinite(a) & np.isfinite(b), difference, np.where(np.isfinite(a) | np.isfinite(b), np.inf, 0.0))


def _cells(edges: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The cells on both sides of pairs of neighbours, bool array (m - 1, n - 1).

    Args:
        edges: array (k, 2, 2), the (row, column) of both neighbours of each pair.
        shape: (m, n).
    """
    cells = np.zeros((shape[0] + 1, shape[1] + 1), dtype=bool)  # with a margin on every side
    for (row, column), (other, _) in edges:
        across = row == other
        cells[row + 1, column + 1] = True
        cells[row + (not across), column + across] = True
    return cells[1:-1, 1:-1]
