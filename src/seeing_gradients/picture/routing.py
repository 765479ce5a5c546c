"""Fourth step of the layout: the curves of the links. They bend in the gaps between columns and are straight elsewhere.

A link consists of hops between adjacent columns (see `layering`). `EdgeRoutes` holds the hops of all links as arrays;
`route(routes, ...)` returns the points of each link.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from .layering import LayeredGraph, Pair

_LANE = 18  # px between two lanes below the graph
_WIDEST = 24  # numbers for the pieces of one hop: a line before the gap, two cubic curves in it, a line after it
_LINE, _CURVE = 2, 4  # points

Piece = tuple[float, ...]  # (x0, y0, x1, y1, ...) of 2 points (a line) or 4 points (a cubic curve)


class EdgeRoutes:
    """The routes of all links: arrays with one element for each link, hop, or item of the layered graph.

    Attributes:
        src, dst: for each link, its boxes.
        routed: for each link, False if it runs in a lane below the graph.
        entry: for each link, the item from which it enters its last gap; 0 if it runs in a lane.
        labelled, sizes: for each link, whether it has a label, and the (width, height) of the label, px.
        link, item, following, first, last: for each hop, in the order of the links: its link, its two items, and
            whether it is the first or the last hop of the link.
        column: for each item, its column.
        item_y: for each item, the y at which links pass it, px. The caller sets it, and the next two.
        port_y, label_y: for each link, the y at which it ends, and the y of the centre of its label, px.
    """

    item_y: np.ndarray
    port_y: np.ndarray
    label_y: np.ndarray

    def __init__(
        self, graph: LayeredGraph, links: Sequence[Pair], labels: Sequence[tuple[float, float] | None]
    ) -> None:
        """Make the arrays from a layered graph.

        Args:
            graph: LayeredGraph.
            links: pairs (src, dst).
            labels: (width, height) of each link's label, px, or None.
        """
        routes, self.column = graph.routes, np.array(graph.column)
        self.src, self.dst = np.array(links, int).reshape(-1, 2).T
        lengths = np.array([len(route) if route else 0 for route in routes], int)
        self.routed = lengths > 0
        flat = np.fromiter(chain.from_iterable(filter(None, routes)), int)
        ends = lengths[self.routed].cumsum()
        self.entry = np.zeros(len(links), int)
        self.entry[self.routed] = flat[ends - 2]
        stays = np.ones(len(flat), bool)
        stays[ends - 1] = False
        self.item, self.following = flat[stays], flat[1:][stays[:-1]]
        hops = np.maximum(lengths - 1, 0)
        self.link = np.repeat(np.arange(len(links)), hops)
        self.first, self.last = np.zeros((2, len(self.link)), bool)
        after = hops[self.routed].cumsum()
        self.first[after - hops[self.routed]] = self.last[after - 1] = True
        self.labelled = np.array([label is not None for label in labels], bool)
        self.sizes = np.array([label or (0, 0) for label in labels], float).reshape(-1, 2)


def route(
    routes: EdgeRoutes, left: np.ndarray, right: np.ndarray, gaps: np.ndarray, bottom: float
) -> tuple[np.ndarray, list[list[int]]]:
    """Compute the curves of all links.

    Args:
        routes: EdgeRoutes whose item_y, port_y and label_y are set.
        left, right: arrays (boxes,), x of the sides of each box, px.
        gaps: array (columns - 1, 2), left and right end of each gap between columns, px.
        bottom: the y below which there is no box, px.

    Returns:
        the points of all links, one link after the other, array (n, 2), px; and for each link the number of points of
        each of its pieces, 2 or 4.
    """
    points, kinds = _hops(routes, left, right, gaps)
    pieces = list(map(_PIECES.__getitem__, kinds.tolist()))
    lengths: list[Any] = [None] * len(routes.src)
    for link, piece, first, last in zip(
        routes.link.tolist(), pieces, routes.first.tolist(), routes.last.tolist(), strict=True
    ):
        if first:
            lengths[link] = piece if last else list(piece)
        else:
            lengths[link].extend(piece)
    if routes.routed.all():
        return points.reshape(-1, 2), lengths
    return _with_lanes(routes, points, lengths, left, right, gaps, bottom)


def _pieces(kind: int) -> list[int]:
    """The number of points in each piece of a hop.

    Args:
        kind: bit 0: a line before the gap; bits 1 and 2: 0 for a line across it, 1 for a curve, 2 for two curves
            through the label; bit 3: a line after the gap.
    """
    before, bend, behind = kind & 1, kind >> 1 & 3, kind >> 3
    return [_LINE] * before + [[_LINE], [_CURVE], [_CURVE, _CURVE]][bend] + [_LINE] * behind


_PIECES = [_pieces(kind) if kind >> 1 & 3 < 3 else [] for kind in range(16)]


def _hops(routes: EdgeRoutes, left: np.ndarray, right: np.ndarray, gaps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The coordinates of all hops in one array (n,), x and y in turn, and the kind of each hop, as for `_pieces`."""
    first, last, link = routes.first, routes.last, routes.link
    begin, end = gaps[routes.column[routes.item]].T
    y0 = routes.item_y[routes.item]
    y1 = np.where(last, routes.port_y[link], routes.item_y[routes.following])
    label = np.where(last & routes.labelled[link], routes.label_y[link], np.nan)
    x = np.empty(len(link))
    x[1:] = end[:-1]
    from_box = routes.item == routes.src[link]
    x[first] = np.where(from_box, right[routes.src[link]], begin)[first]
    to = np.where(last, left[routes.dst[link]], -np.inf)
    before, behind = begin > x, to > end
    straight, through = (y0 == y1) & (np.isnan(label) | (label == y0)), ~np.isnan(label)
    bend = np.where(straight, 0, np.where(through, 2, 1))
    table, used = np.empty((len(link), _WIDEST)), np.zeros((len(link), _WIDEST), bool)
    _write(table, used, before, 0, (x, y0, begin, y0))
    _write(table, used, bend == 0, 4, (begin, y0, end, y1))
    _write(table, used, bend == 1, 4, _curve(begin, end, y0, y1))
    _write(table, used, bend == 2, 4, _curve_through(begin, end, y0, y1, label))
    _write(table, used, behind, 20, (end, y1, to, y1))
    return table[used], before + 2 * bend + 8 * behind


def _write(table: np.ndarray, used: np.ndarray, which: np.ndarray, first: int, numbers: Sequence[np.ndarray]) -> None:
    """Write arrays as adjacent columns into the chosen rows of a table, and note in `used` where.

    Args:
        table, used: arrays (rows, columns), changed in place.
        which: bool array (rows,), the rows to write.
        first: the first column.
        numbers: arrays (rows,), one for each column.
    """
    if which.any():
        columns = slice(first, first + len(numbers))
        table[which, columns] = np.column_stack([each[which] for each in numbers])
        used[which, columns] = True


class _Lane(NamedTuple):
    """A horizontal line below the graph for the links of one source.

    Attributes:
        y: px.
        turns: the x at which links leave it, ascending, px.
    """

    y: float
    turns: list[float]


class _Ends(NamedTuple):
    """The ends of a link in a lane, (x0, y0) and (x1, y1), and the y of its label or None, px."""

    x0: float
    y0: float
    x1: float
    y1: float
    label: float | None


def _with_lanes(
    routes: EdgeRoutes,
    points: np.ndarray,
    lengths: list[Any],
    left: np.ndarray,
    right: np.ndarray,
    gaps: np.ndarray,
    bottom: float,
) -> tuple[np.ndarray, list[list[int]]]:
    """Add the points of the links in lanes to those of the others; arguments and result are as for `route`.

    Args:
        points: coordinates of the other links, array (n,).
        lengths: for each link the points of its pieces, None for a link in a lane; changed in place.
    """
    bounds: list[list[float]] = gaps.tolist()
    lanes: dict[int, _Lane] = {}
    paths = []
    for i in np.flatnonzero(~routes.routed).tolist():
        src, dst = int(routes.src[i]), int(routes.dst[i])
        lane = lanes.setdefault(src, _Lane(bottom + _LANE * (len(lanes) + 1), []))
        label = float(routes.label_y[i]) if routes.labelled[i] else None
        ends = _Ends(float(right[src]), float(routes.item_y[src]), float(left[dst]), float(routes.port_y[i]), label)
        path = _in_lane(bounds[routes.column[src]], bounds[routes.column[dst] - 1], ends, lane)
        lengths[i] = [len(piece) // 2 for piece in path]
        paths.append(path)
    points = np.concatenate([points, np.fromiter(chain.from_iterable(chain.from_iterable(paths)), float)])
    counts = np.array([2 * sum(pieces) for pieces in lengths])
    drawn = np.argsort(~routes.routed, kind="stable")  # the links, in the order of their points in `points`
    starts = np.empty(len(counts), int)
    starts[drawn] = counts[drawn].cumsum() - counts[drawn]
    index = np.repeat(starts - counts.cumsum() + counts, counts) + np.arange(counts.sum())
    return points[index].reshape(-1, 2), lengths


def _in_lane(first: Sequence[float], last: Sequence[float], ends: _Ends, lane: _Lane) -> list[Piece]:
    """The pieces of a link below the graph: down in the first gap, along the lane, up in the last gap.

    If other links of the same source are already drawn in the lane, only the part beyond their last turn is added.

    Args:
        first, last: (left, right) of the two gaps.
        ends: of the link.
        lane: of its source; the turn of this link is added to it in place.
    """
    rank = bisect_right(lane.turns, last[0])
    path: list[Piece]
    if rank:
        path, begin = [], lane.turns[rank - 1]
    else:
        x, y = ends.x0, ends.y0
        path, begin = [(x, y, first[0], y), *_bend(first[0], first[1], y, lane.y, None)], first[1]
    if begin < last[0]:
        path.append((begin, lane.y, last[0], lane.y))
        lane.turns.insert(rank, last[0])
    y = ends.y1
    return [*path, *_bend(last[0], last[1], lane.y, y, ends.label), (last[1], y, ends.x1, y)]


def _bend(left: float, right: float, y0: float, y1: float, through: float | None) -> list[Piece]:
    """A smooth curve across one gap, horizontal at both ends; halfway it passes the y `through`, if it is not None."""
    if y0 == y1 and through in (None, y0):
        return [(left, y0, right, y1)]
    if through is None:
        return [_curve(left, right, y0, y1)]
    numbers = _curve_through(left, right, y0, y1, through)
    return [numbers[:8], numbers[8:]]


# The next two functions take numbers, or arrays for many curves at once.


def _curve(left: Any, right: Any, y0: Any, y1: Any) -> tuple[Any, ...]:
    """The coordinates of a cubic curve across a gap, horizontal at both ends."""
    middle = (left + right) / 2
    return left, y0, middle, y0, middle, y1, right, y1


def _curve_through(left: Any, right: Any, y0: Any, y1: Any, height: Any) -> tuple[Any, ...]:
    """The coordinates of two cubic curves across a gap, horizontal at both ends, that meet halfway at y = height."""
    w, rise = right - left, (y1 - y0) / 4
    middle = left + w / 2
    one = (left, y0, left + w / 4, y0, left + w * 3 / 8, height - rise, middle, height)
    return *one, middle, height, left + w * 5 / 8, height + rise, left + w * 3 / 4, y1, right, y1
