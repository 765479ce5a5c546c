"""The curves that links follow: bends in the gaps between columns, straight lines past them.

`Way` holds the hops of all links as arrays; `lead` gives each link its pieces, x and y of their points in a row.
"""

from bisect import bisect_right
from itertools import chain

import numpy as np

_LANE = 18  # px between two lanes below the graph
_WIDEST = 24  # numbers of the pieces of one hop: a line before the gap, two cubic curves in it, a line behind it
_LINE, _CURVE = 2, 4  # points


class Way:
    """The ways of all links, as arrays with one element a link or, where it says so, a hop or an item of the lattice.

    Args:
        grid: Lattice.
        links: list of (src, dst).
        slots: list of (width, height) of labels, or None.

    Attributes:
        src, dst: the boxes that a link joins.
        routed: bool; False of one that takes a lane.
        entry: the item from which a link enters its last gap; 0 of one in a lane.
        slotted, sizes: whether it has a label, and (width, height) of it.
        link, item, following, first, last: of each hop, in the order of the links: the link, the items that it joins,
            whether it is the link's first or last.
        column, level: of each item; `level`, `ports` and `slots` (y where a link arrives, y of its label) are set later.
    """

    level = ports = slots = None

    def __init__(self, grid, links, slots):
        routes, self.column = grid.routes, np.array(grid.column)
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
        self.slotted = np.array([slot is not None for slot in slots], bool)
        self.sizes = np.array([slot or (0, 0) for slot in slots], float).reshape(-1, 2)


def lead(way, left, right, gaps, bottom):
    """Return the points of all links in a row, array (n, 2), and for each link the list of how many each piece has.

    Args:
        way: Way, with level, ports and slots.
        left, right: array, x of the sides of each box.
        gaps: array (n, 2), left and right of each gap between columns.
        bottom: y below which there is no box.
    """
    points, kinds = _hops(way, left, right, gaps)
    pieces = list(map(_PIECES.__getitem__, kinds.tolist()))
    lengths = [None] * len(way.src)
    for link, piece, first, last in zip(way.link.tolist(), pieces, way.first.tolist(), way.last.tolist(), strict=True):
        if first:
            lengths[link] = piece if last else list(piece)
        else:
            lengths[link].extend(piece)
    if way.routed.all():
        return points.reshape(-1, 2), lengths
    return _with_lanes(way, points, lengths, (left, right, gaps, bottom))


def _pieces(kind):
    """The numbers of points of a hop's pieces."""
    before, bend, behind = kind & 1, kind >> 1 & 3, kind >> 3
    return [_LINE] * before + [[_LINE], [_CURVE], [_CURVE, _CURVE]][bend] + [_LINE] * behind


_PIECES = [_pieces(kind) if kind >> 1 & 3 < 3 else [] for kind in range(16)]


def _hops(way, left, right, gaps):
    """The numbers of all hops in a row, and the kind of each, as `_pieces` reads it."""
    first, last, link = way.first, way.last, way.link
    begin, end = gaps[way.column[way.item]].T
    y0 = way.level[way.item]
    y1 = np.where(last, way.ports[link], way.level[way.following])
    slot = np.where(last & way.slotted[link], way.slots[link], np.nan)
    x = np.empty(len(link))
    x[1:] = end[:-1]
    from_box = way.item == way.src[link]
    x[first] = np.where(from_box, right[way.src[link]], begin)[first]
    to = np.where(last, left[way.dst[link]], -np.inf)
    before, behind = begin > x, to > end
    straight, through = (y0 == y1) & (np.isnan(slot) | (slot == y0)), ~np.isnan(slot)
    bend = np.where(straight, 0, np.where(through, 2, 1))
    table, used = np.empty((len(link), _WIDEST)), np.zeros((len(link), _WIDEST), bool)
    _write(table, used, before, 0, (x, y0, begin, y0))
    _write(table, used, bend == 0, 4, (begin, y0, end, y1))
    _write(table, used, bend == 1, 4, _level(begin, end, y0, y1))
    _write(table, used, bend == 2, 4, _through(begin, end, y0, y1, slot))
    _write(table, used, behind, 20, (end, y1, to, y1))
    return table[used], before + 2 * bend + 8 * behind


def _write(table, used, which, place, numbers):
    """Write numbers, arrays with one element a row, side by side into some of the rows."""
    if which.any():
        there = slice(place, place + len(numbers))
        table[which, there] = np.column_stack([each[which] for each in numbers])
        used[which, there] = True


def _with_lanes(way, points, lengths, room):
    """Put the links that run below everything among the others."""
    left, right, gaps, bottom = room
    gaps, lanes, paths = gaps.tolist(), {}, []
    for i in np.flatnonzero(~way.routed).tolist():
        src, dst = int(way.src[i]), int(way.dst[i])
        lane, turns = lanes.setdefault(src, (bottom + _LANE * (len(lanes) + 1), []))
        slot = float(way.slots[i]) if way.slotted[i] else None
        ends = float(right[src]), float(left[dst]), float(way.ports[i]), slot, lane, turns
        path = _lane(gaps[way.column[src]], gaps[way.column[dst] - 1], float(way.level[src]), ends)
        lengths[i] = [len(piece) // 2 for piece in path]
        paths.append(path)
    points = np.concatenate([points, np.fromiter(chain.from_iterable(chain.from_iterable(paths)), float)])
    counts = np.array([2 * sum(pieces) for pieces in lengths])
    drawn = np.argsort(~way.routed, kind="stable")  # the links in the order in which their points lie there
    starts = np.empty(len(counts), int)
    starts[drawn] = counts[drawn].cumsum() - counts[drawn]
    place = np.repeat(starts - counts.cumsum() + counts, counts) + np.arange(counts.sum())
    return points[place].reshape(-1, 2), lengths


def _lane(first, last, y, ends):
    """Pieces of a link that runs below everything: down in the first gap, along, up in the last.

    It begins where an earlier link of this source, of those that turned up before it, has left their lane.
    """
    x, x1, port, slot, lane, turns = ends
    place = bisect_right(turns, last[0])
    if place:
        path, begin = [], turns[place - 1]
    else:
        path, begin = [(x, y, first[0], y), *_bend(*first, y, lane, None)], first[1]
    if begin < last[0]:
        path.append((begin, lane, last[0], lane))
        turns.insert(place, last[0])
    return [*path, *_bend(*last, lane, port, slot), (last[1], port, x1, port)]


def _bend(left, right, y0, y1, through):
    """A smooth curve over one gap, level at both ends; through a given height half-way, if there is one."""
    if y0 == y1 and through in (None, y0):
        return [(left, y0, right, y1)]
    if through is None:
        return [_level(left, right, y0, y1)]
    numbers = _through(left, right, y0, y1, through)
    return [numbers[:8], numbers[8:]]


# Both take numbers, or arrays of them: one curve or all at once.


def _level(left, right, y0, y1):
    """The points of a curve over a gap, level at both ends."""
    middle = (left + right) / 2
    return left, y0, middle, y0, middle, y1, right, y1


def _through(left, right, y0, y1, height):
    """The points of two curves over a gap, level at both ends, that meet half-way at a given height."""
    w, rise = right - left, (y1 - y0) / 4
    middle = left + w / 2
    one = (left, y0, left + w / 4, y0, left + w * 3 / 8, height - rise, middle, height)
    return *one, middle, height, left + w * 5 / 8, height + rise, left + w * 3 / 4, y1, right, y1
