"""Find the cells of a grid in which a function jumps, so that no contour line is drawn through them.

`discontinuities(z)` looks at neighbours that differ much more than those next to them, and halves the distance between
them. If the difference stays as large over a very short distance it is a jump; if it shrinks, it is a slope.
"""

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np

_LEAP = 1 / 200  # of the usual range of the values; smaller differences are no jumps
_TIMES = 2  # how many times larger than the differences next to it a difference must be, to be searched
_BENT = 0.35  # how far it must be from the mean of those, as a part of itself; a wave is closer
_HALVINGS = 8  # of the distance between two neighbours: to well below a pixel
_STAYS = 0.2  # the part of the difference that must remain over so short a distance
_MOST = 800  # pairs of neighbours that are searched, those with the largest differences


def discontinuities(z: np.ndarray) -> Generator[np.ndarray, Any, np.ndarray]:
    """Ask for values of a function (a generator), and return the cells in which it jumps.

    Args:
        z: array (m, n), values at equal distances, row = up; nan if there is none.

    Yields:
        array (k, 2), positions (across, up) as shares of the axes, 0 to 1. Send back the array (k,) of their values.

    Returns:
        array (m - 1, n - 1) of bool.
    """
    a, b = _suspects(z)  # (row, column) of the neighbours, each (k, 2)
    edges, last = np.stack([a, b], axis=1), np.maximum(np.array(z.shape) - 1, 1)
    za, zb = z[tuple(a.T)], z[tuple(b.T)]
    a, b, least = a / last, b / last, _STAYS * np.abs(zb - za)
    for _ in range(_HALVINGS):
        if not len(a):
            break
        middle = (a + b) / 2
        zm = np.asarray((yield middle[:, ::-1]), dtype=float)
        first = _rise(za, zm) >= _rise(zm, zb)
        a, b = np.where(first[:, None], a, middle), np.where(first[:, None], middle, b)
        za, zb = np.where(first, za, zm), np.where(first, zm, zb)
        left = _rise(za, zb) > least
        a, b, za, zb, least, edges = (each[left] for each in (a, b, za, zb, least, edges))
    return _cells(edges, z.shape)


def _suspects(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two neighbours, arrays (k, 2), of all pairs between which there may be a jump."""
    leaps = [(size, cell, (0, 1)) for size, cell in _leaps(z)]
    leaps += [(size, cell[::-1], (1, 0)) for size, cell in _leaps(z.T)]
    leaps = sorted(leaps, key=lambda leap: -leap[0])[:_MOST]
    starts = np.array([cell for _, cell, _ in leaps], dtype=int).reshape(-1, 2)
    return starts, starts + np.array([step for _, _, step in leaps], dtype=int).reshape(-1, 2)


def _leaps(z: np.ndarray) -> Iterator[tuple[Any, Any]]:
    """Yield (difference, (row, column) of the left one) for neighbours that differ much more than others."""
    values = z[np.isfinite(z)]
    if not len(values) or z.shape[1] < 3:
        return
    low, high = np.quantile(values, (0.02, 0.98))
    leap = _LEAP * ((high - low) or (values.max() - values.min()))
    size = _rise(z[:, :-1], z[:, 1:])
    aside = np.pad(size, ((0, 0), (1, 1)), constant_values=np.inf)
    is_large = np.isfinite(size) & (size > _TIMES * np.minimum(aside[:, :-2], aside[:, 2:]) + leap)
    with np.errstate(invalid="ignore", over="ignore"):
        change = np.pad(np.diff(z), ((0, 0), (1, 1)), mode="reflect", reflect_type="odd")  # extrapolated at the ends
        is_bent = ~(np.abs(np.diff(change, 2)) / 2 <= _BENT * size)
    for row, column in np.argwhere(is_large & is_bent):
        yield size[row, column], (row, column)


def _rise(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The absolute difference of two values: infinite if only one is finite, 0 if none is."""
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(b - a)
    return np.where(np.isfinite(a) & np.isfinite(b), difference, np.where(np.isfinite(a) | np.isfinite(b), np.inf, 0.0))


def _cells(edges: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The cells on either side of pairs of neighbours: bool array (m - 1, n - 1)."""
    cells = np.zeros((shape[0] + 1, shape[1] + 1), dtype=bool)  # with a margin on every side
    for (row, column), (other, _) in edges:
        across = row == other
        cells[row + 1, column + 1] = True
        cells[row + (not across), column + across] = True
    return cells[1:-1, 1:-1]
