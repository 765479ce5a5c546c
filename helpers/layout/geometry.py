"""Turn boxes and links into coordinates: where each box stands, and the curve that each link follows.

`arrange(boxes, links)` is pure geometry: it knows sizes, not autograd. Boxes stand in columns, left to right; a link
bends only in the gaps between columns, so that it cannot run through a box.
"""

from dataclasses import dataclass
from itertools import accumulate, chain
from typing import NamedTuple

import numpy as np

from .layers import columns, lattice, order
from .levels import PASS_HEIGHT, ports, settle, slot_levels
from .routes import lead

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
    rows = order(grid)
    tops = settle(grid, rows, boxes, anchors, set(late))
    level = [tops[i] + (anchors[i] if i < grid.count else PASS_HEIGHT / 2) for i in range(len(tops))]
    ends = ports(grid, links, boxes, level)
    slots = slot_levels(grid, links, level, ends)
    left, widest, gaps = _columns_x(grid, rows, boxes, links, level, ends)
    places = [
        (left[column[i]] + (widest[column[i]] - w) * (1 if i in late else 0.5), tops[i])
        for i, (w, _) in enumerate(boxes)
    ]
    paths, centres = lead(grid, links, boxes, places, gaps[:-1], (level, ends, slots))
    points = np.fromiter(chain.from_iterable(chain.from_iterable(paths)), float).reshape(-1, 2)
    top, bottom = _extent(links, boxes, places, points, centres)
    return Arrangement(
        [(x, y - top) for x, y in places],
        points - (0, top),
        [[len(piece) // 2 for piece in path] for path in paths],
        [centre and (centre[0], centre[1] - top) for centre in centres],
        gaps[:-1],
        column,
        gaps[-1][0],
        bottom - top,
    )


def _extent(links, boxes, places, points, centres):
    """The smallest and the largest y of everything."""
    ends = [float(points[:, 1].min()), float(points[:, 1].max())] if len(points) else []
    labels = [(centre[1], link.slot[1] / 2) for centre, link in zip(centres, links, strict=True) if centre]
    tops = [y for _, y in places] + [y - half for y, half in labels]
    bottoms = [y + height for (_, y), (_, height) in zip(places, boxes, strict=True)] + [y + half for y, half in labels]
    return min(ends + tops), max(ends + bottoms)


def _columns_x(grid, rows, boxes, links, level, ports):
    """Return the x of each column, its width, and (left, right) of the gap behind it."""
    labels, steepest, met = [0.0] * len(rows), [0.0] * len(rows), set()
    for link, route, port in zip(links, grid.routes, ports, strict=True):
        gap = grid.column[link.dst] - 1
        if link.slot:
            room = link.slot[0] + _SLOT_ROOM
            if route:
                hop = route[-2], link.dst
                room += _FORK if hop in met else 0
                met.add(hop)
            labels[gap] = max(labels[gap], room)
        if route and abs(level[route[-2]] - port) > steepest[gap]:
            steepest[gap] = abs(level[route[-2]] - port)
    left, widest, gaps, x = [], [0] * len(rows), [], 0.0
    for (width, _), c in zip(boxes, grid.column, strict=False):
        widest[c] = max(widest[c], width)
    for c in range(len(rows)):
        left.append(x)
        end = x + widest[c]
        x = end + max(labels[c], _GAP) + min(40, steepest[c] * _STEEP)
        gaps.append((end, x))
    return left, widest, gaps
