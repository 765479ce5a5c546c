"""Turn boxes and links into coordinates: where each box stands, and the curve that each link follows.

`arrange(boxes, links)` is pure geometry: it knows sizes, not autograd. Boxes stand in columns, left to right; a link
bends only in the gaps between columns, so that it cannot run through a box.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from .layers import columns, lattice, order
from .levels import PASS_HEIGHT, ports, settle, slot_levels
from .routes import Way, lead

_GAP, _SLOT_ROOM, _STEEP = 32, 24, 0.1  # px: gap without labels; room around a label; extra px per px of height
_FORK = 36  # px more where two links join the same boxes: else all that could be seen of them lies behind their labels


class Link(NamedTuple):
    """A link between two boxes. `slot` is the (width, height) of its label, or None."""

    src: int
    dst: int
    slot: tuple | None = None


@dataclass(frozen=True, eq=False)
class Arrangement:
    """Where everything is, in px.

    Attributes:
        places: list of (x, y), the upper left corner of each box.
        points: array (number of points, 2), of all links in a row.
        lengths: list, one a link, of the numbers of points of its pieces: 4 of a cubic curve, 2 of a line.
        slots: list, one a link: (x, y) of the label's centre, or None.
        gaps: list of (left, right), the x where each gap between columns begins and ends.
        column: list of int, of each box.
        width, height: of everything, from 0.
    """

    places: list
    points: np.ndarray
    lengths: list
    slots: list
    gaps: list
    column: list
    width: float
    height: float

    @property
    def paths(self):
        """The points of each link by themselves: list, one a link, of pieces, each a list of (x, y)."""
        points = map(tuple, self.points.tolist())
        return [[[next(points) for _ in range(length)] for length in pieces] for pieces in self.lengths]

    def bounds(self):
        """Where the points of each link begin, and at last where they end: list of int."""
        return [0, *accumulate(map(sum, self.lengths))]


def arrange(boxes, links, late=(), anchors=None):
    """Place the boxes and lead the links.

    Args:
        boxes: list of (width, height), px.
        links: list of Link.
        late: set of boxes that stand just before their first use.
        anchors: list of float, px below a box's top where its links arrive and leave; default the middle.

    Returns:
        Arrangement.
    """
    if not boxes:
        return Arrangement([], np.empty((0, 2)), [], [], [], [], 0, 0)
    anchors = anchors or [height / 2 for _, height in boxes]
    pairs = [(link.src, link.dst) for link in links]
    column = columns(len(boxes), pairs, late)
    grid = lattice(column, pairs)
    tops = settle(grid, order(grid), boxes, anchors, set(late))
    way = Way(grid, pairs, [link.slot for link in links])
    above = np.full(len(tops), PASS_HEIGHT / 2)
    above[: grid.count] = anchors
    way.level = np.array(tops, float) + above
    widths, heights = np.array(boxes, float).T
    way.ports = ports(way, heights)
    way.slots = slot_levels(way)
    left, widest, gaps = _columns_x(way, widths)
    share = np.full(grid.count, 0.5)
    share[list(late)] = 1
    own = way.column[: grid.count]
    x, y = left[own] + (widest[own] - widths) * share, np.array(tops[: grid.count], float)
    points, lengths = lead(way, x, x + widths, gaps[:-1], float((y + heights).max()))
    top, bottom = _extent(way, points, y, heights)
    centres, levels = (gaps[way.column[way.dst] - 1].sum(1) / 2).tolist(), (way.slots - top).tolist()
    return Arrangement(
        list(zip(x.tolist(), (y - top).tolist(), strict=True)),
        points - (0, top),
        lengths,
        [(x, y) if link.slot else None for link, x, y in zip(links, centres, levels, strict=True)],
        list(map(tuple, gaps[:-1].tolist())),
        column,
        float(gaps[-1, 0]),
        bottom - top,
    )


def _extent(way, points, y, heights):
    """The smallest and the largest y of everything."""
    slots, half = way.slots[way.slotted], way.sizes[way.slotted, 1] / 2
    ends = np.concatenate([points[:, 1], y, y + heights, slots - half, slots + half])
    return float(ends.min()), float(ends.max())


def _columns_x(way, widths):
    """Return the x of each column, its width, and of the gap behind it (left, right), as arrays."""
    count = int(way.column.max()) + 1
    widest, labels, steepest = np.zeros((3, count))
    np.maximum.at(widest, way.column[: len(widths)], widths)
    gap = way.column[way.dst] - 1
    needed = way.sizes[:, 0] + _SLOT_ROOM
    hop = way.entry * len(way.column) + way.dst
    labelled = np.flatnonzero(way.slotted & way.routed)
    again = np.ones(len(labelled), bool)
    again[np.unique(hop[labelled], return_index=True)[1]] = False
    needed[labelled[again]] += _FORK
    np.maximum.at(labels, gap[way.slotted], needed[way.slotted])
    rise = np.abs(way.level[way.entry] - way.ports)
    np.maximum.at(steepest, gap[way.routed], rise[way.routed])
    space = np.maximum(labels, _GAP) + np.minimum(40, steepest * _STEEP)
    ends = (
        np.column_stack([widest, space]).ravel().cumsum().reshape(-1, 2)
    )  # where each column ends, and the gap behind it
    return np.concatenate([[0.0], ends[:-1, 1]]), widest, ends
