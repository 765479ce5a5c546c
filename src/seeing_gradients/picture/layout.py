"""Lay out a directed acyclic graph from left to right: the position of each box, and the curve of each link.

The method is Sugiyama's, with a module for each of its four steps. `layering` puts the nodes in columns, `ordering`
sorts each column so that few links cross, `coordinates` computes every y, `routing` draws the curves. `arrange(boxes,
links)` runs all of them. This is pure geometry: it knows sizes, but nothing about autograd. A link bends only in the
gaps between columns, so it never runs through a box.

Sources: K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures", IEEE
Transactions on Systems, Man, and Cybernetics 11 (1981), for the steps, the dummy items of long links and the
barycentres. E. R. Gansner, E. Koutsofios, S. C. North, K.-P. Vo, "A technique for drawing directed graphs", IEEE
Transactions on Software Engineering 19 (1993), for keeping the best of several sweeps, and for coordinates that pull
neighbours together by weights, heaviest on long links so that these run straight.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from .coordinates import DUMMY_HEIGHT, item_tops, label_coordinates, port_coordinates
from .layering import assign_columns, layered
from .ordering import order
from .routing import EdgeRoutes, route

GAP, LABEL_ROOM = 32, 16  # px: width of a gap without labels; space around a label
_STEEP = 0.1  # px of extra width for each px that a link rises or falls in the gap
_FORK = 36  # px of extra width if two labelled links join the same boxes, so that their labels do not hide them


class Link(NamedTuple):
    """A link between two boxes.

    Attributes:
        src, dst: the boxes.
        label: (width, height) of its label, px, or None.
        is_cut: whether it is of another kind than the other links of its source, with a connector of its own.
    """

    src: int
    dst: int
    label: tuple[float, float] | None = None
    is_cut: bool = False


class Connector(NamedTuple):
    """A circle with a number, at which the links of one box to other rows end or go on; (x, y) is its centre, px.

    `src` is the box, and `is_exit` is whether the links end here and go on in other rows.
    """

    x: float
    y: float
    number: int
    src: int
    is_exit: bool


@dataclass(frozen=True, eq=False)
class Arrangement:
    """The position of everything, px.

    Attributes:
        corners: (x, y) of the upper left corner of each box.
        points: array (n, 2), the points of all links, one link after the other.
        lengths: for each link the number of points of each piece: 4 for a cubic curve, 2 for a line.
        labels: for each link the (x, y) of the centre of its label, or None.
        gaps: (left, right) of each gap between columns; [] if there are several rows.
        width, height: of the whole picture, whose upper left corner is (0, 0).
        connectors: where links are broken, since their ends are in different rows.
        row_of: the row of each box; [] if there is only one row.
    """

    corners: list[tuple[float, float]]
    points: np.ndarray
    lengths: list[list[int]]
    labels: list[tuple[float, float] | None]
    gaps: list[tuple[float, float]]
    width: float
    height: float
    connectors: list[Connector] = field(default_factory=list)
    row_of: list[int] = field(default_factory=list)

    def bounds(self) -> list[int]:
        """Return the index in `points` at which each link begins, and in the end the number of points."""
        return [0, *accumulate(map(sum, self.lengths))]

    def moved(self, dx: float, dy: float) -> "Arrangement":
        """Return the same layout, moved by dx and dy px; width and height include the space that this leaves free."""
        return replace(
            self,
            corners=[(x + dx, y + dy) for x, y in self.corners],
            points=self.points + (dx, dy),
            labels=[label and (label[0] + dx, label[1] + dy) for label in self.labels],
            gaps=[(left + dx, right + dx) for left, right in self.gaps],
            width=self.width + dx,
            height=self.height + dy,
            connectors=[each._replace(x=each.x + dx, y=each.y + dy) for each in self.connectors],
        )

    def transposed(self) -> "Arrangement":
        """Return the same layout with x and y exchanged: what ran to the right then runs down, and rows are columns."""
        return Arrangement(
            corners=[(y, x) for x, y in self.corners],
            points=self.points[:, ::-1],
            lengths=self.lengths,
            labels=[label and (label[1], label[0]) for label in self.labels],
            gaps=self.gaps,
            width=self.height,
            height=self.width,
            connectors=[each._replace(x=each.y, y=each.x) for each in self.connectors],
            row_of=self.row_of,
        )


def arrange(
    boxes: Sequence[tuple[float, float]],
    links: Sequence[Link],
    late: Collection[int] = (),
    anchors: Sequence[float] | None = None,
    gap: float = GAP,
) -> Arrangement:
    """Place the boxes and route the links; return the Arrangement.

    Args:
        boxes: (width, height) of each box, px.
        links: between boxes, which are numbered by their positions in `boxes`.
        late: boxes to place just before their first use (leaves and constants).
        anchors: for each box the distance from its top to where its links begin and end, px; None for its middle.
        gap: width of a gap between columns, px; those with labels or steep links are wider.

    Raises:
        ValueError: the links form a cycle.
    """
    if not boxes:
        return Arrangement([], np.empty((0, 2)), [], [], [], 0, 0)
    anchors = anchors or [height / 2 for _, height in boxes]
    pairs = [(link.src, link.dst) for link in links]
    column = assign_columns(len(boxes), pairs, late)
    graph = layered(column, pairs)
    tops = item_tops(graph, order(graph), boxes, anchors, set(late))
    routes = EdgeRoutes(graph, pairs, [link.label for link in links])
    above = np.full(len(tops), DUMMY_HEIGHT / 2)
    above[: graph.count] = anchors
    routes.item_y = np.array(tops, float) + above
    widths, heights = np.array(boxes, float).T
    routes.port_y = port_coordinates(routes, heights)
    routes.label_y = label_coordinates(routes)
    left, widest, gaps = _columns_x(routes, widths, gap)
    share = np.full(graph.count, 0.5)
    share[list(late)] = 1
    own = routes.column[: graph.count]
    x, y = left[own] + (widest[own] - widths) * share, np.array(tops[: graph.count], float)
    points, lengths = route(routes, x, x + widths, gaps[:-1], float((y + heights).max()))
    top, bottom = _extent(routes, points, y, heights)
    centres, label_y = (gaps[routes.column[routes.dst] - 1].sum(1) / 2).tolist(), (routes.label_y - top).tolist()
    return Arrangement(
        list(zip(x.tolist(), (y - top).tolist(), strict=True)),
        points - (0, top),
        lengths,
        [(x, y) if link.label else None for link, x, y in zip(links, centres, label_y, strict=True)],
        list(map(tuple, gaps[:-1].tolist())),
        float(gaps[-1, 0]),
        bottom - top,
    )


def _extent(routes: EdgeRoutes, points: np.ndarray, y: np.ndarray, heights: np.ndarray) -> tuple[float, float]:
    """The smallest and the largest y of all boxes, links and labels."""
    labels, half = routes.label_y[routes.labelled], routes.sizes[routes.labelled, 1] / 2
    ends = np.concatenate([points[:, 1], y, y + heights, labels - half, labels + half])
    return float(ends.min()), float(ends.max())


def _columns_x(routes: EdgeRoutes, widths: np.ndarray, narrowest: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The left end of each column, its width, and the (left, right) of the gap after it: arrays (c,), (c,), (c, 2)."""
    count = int(routes.column.max()) + 1
    widest, labels, steepest = np.zeros((3, count))
    np.maximum.at(widest, routes.column[: len(widths)], widths)
    gap = routes.column[routes.dst] - 1
    needed = routes.sizes[:, 0] + LABEL_ROOM
    hop = routes.entry * len(routes.column) + routes.dst
    labelled = np.flatnonzero(routes.labelled & routes.routed)
    is_repeated = np.ones(len(labelled), bool)
    is_repeated[np.unique(hop[labelled], return_index=True)[1]] = False
    needed[labelled[is_repeated]] += _FORK
    np.maximum.at(labels, gap[routes.labelled], needed[routes.labelled])
    rise = np.abs(routes.item_y[routes.entry] - routes.port_y)
    np.maximum.at(steepest, gap[routes.routed], rise[routes.routed])
    space = np.maximum(labels, narrowest) + np.minimum(40, steepest * _STEEP)
    # The right end of each column, and the right end of the gap after it.
    ends = np.column_stack([widest, space]).ravel().cumsum().reshape(-1, 2)
    return np.concatenate([[0.0], ends[:-1, 1]]), widest, ends
