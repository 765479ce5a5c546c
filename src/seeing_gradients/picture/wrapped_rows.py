"""Break a layout that is too wide into rows: `arrange_wrapped(boxes, links, ..., width)`.

A row holds some adjacent columns, and is laid out by itself. A link from one row to another is drawn in two parts: it
ends in a connector, a circle with a number, and goes on at the connector with the same number in the other row. All
links of one source to other rows share its number. Flowcharts mark broken lines in the same way (ISO 5807).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from .layering import assign_columns
from .layout import GAP, LABEL_ROOM, Arrangement, Connector, Link, arrange

CONNECTOR_RADIUS = 9  # px
_CONNECTOR = (2.0 * CONNECTOR_RADIUS, 2.0 * CONNECTOR_RADIUS)  # width and height of the box in which it lies, px
_BEND = 14  # px: the extra width of a gap with a bend, about
_ATTEMPTS = 6  # the widths of rows are known only once they are laid out
# The cost of a row, of a source whose links are broken, and of a row that is empty (or half empty: a quarter of it).
_ROW_COST, _BREAK_COST, _EMPTY_COST = 4.0, 0.6, 2.0


def narrowest(
    boxes: Sequence[tuple[float, float]], links: Sequence[Link], late: Collection[int] = (), gap: float = GAP
) -> float:
    """Return a width that the layout of a graph in one row needs at least, px; arguments as for `arrange`."""
    if not boxes:
        return 0.0
    column = assign_columns(len(boxes), [link[:2] for link in links], late)
    widest = np.zeros(max(column) + 1)
    np.maximum.at(widest, column, np.array(boxes, float)[:, 0])
    return float(widest.sum()) + gap * (len(widest) - 1)


def arrange_wrapped(
    boxes: Sequence[tuple[float, float]],
    links: Sequence[Link],
    late: Collection[int],
    anchors: Sequence[float] | None,
    width: float,
    row_space: float,
    gap: float = GAP,
) -> Arrangement:
    """Place the boxes in rows and route the links; return the Arrangement.

    Args:
        boxes, links, late, anchors: as for `arrange`.
        width: px, of a row at most, if it has more than one column.
        row_space: px between two rows.
        gap: as for `arrange`.

    Raises:
        ValueError: the links form a cycle.
    """
    if not boxes:
        return arrange(boxes, links, late, anchors, gap)
    anchors = anchors or [height / 2 for _, height in boxes]
    column = np.array(assign_columns(len(boxes), [link[:2] for link in links], late))
    # A leaf stands in the row of its first use, even if that begins there; but with labels between the two, that may be
    # too wide.
    together = np.zeros(len(boxes), bool)
    together[list(late)] = True
    apart = together.copy()
    labelled = {link.dst for link in links if link.label}
    apart[[link.src for link in links if link.dst in labelled]] = False
    for with_first_use in (together, apart):
        parts = _fitting_parts(column, column + with_first_use, boxes, links, set(late), anchors, width, gap)
        if max(part.plan.width for part in parts) <= width:
            break
    return _stacked(parts, len(boxes), links, row_space)


def _fitting_parts(
    column: np.ndarray,
    first_use: np.ndarray,
    boxes: Sequence[tuple[float, float]],
    links: Sequence[Link],
    late: Collection[int],
    anchors: Sequence[float],
    width: float,
    gap: float,
) -> list[_Part]:
    """The rows, narrower than `width` if that is possible.

    Args:
        column: of each box.
        first_use: the column in which each leaf is first used, for those in the row of that use; else their own.
        boxes, links, late, anchors, width, gap: as for `arrange_wrapped`.
    """
    columns = _Columns(column, first_use, boxes, links, gap)
    limit, tried = width, set()
    parts: list[_Part] = []
    for _ in range(_ATTEMPTS):
        breaks = columns.breaks(limit)
        if breaks in tried:
            break
        tried.add(breaks)
        rows_used, row_of = np.unique(np.searchsorted(breaks, first_use, "right"), return_inverse=True)
        parts = _parts(row_of.tolist(), len(rows_used), boxes, links, late, anchors, gap)
        excess = max(part.plan.width for part in parts) - width
        if excess <= 0 or len(breaks) == columns.count - 1:
            break
        limit -= max(excess, 8)
    return parts


class _Columns:
    """What the columns of a graph need, from which the rows are chosen before they are laid out."""

    def __init__(
        self,
        column: np.ndarray,
        first_use: np.ndarray,
        boxes: Sequence[tuple[float, float]],
        links: Sequence[Link],
        narrowest_gap: float,
    ) -> None:
        """Measure the columns.

        Args:
            column: of each box.
            first_use: the column in which each leaf is first used; for all other boxes their own.
            boxes, links: as for `arrange`.
            narrowest_gap: width of a gap between columns, px, without labels or bends.
        """
        self._narrowest_gap = narrowest_gap
        self.count = count = int(column.max()) + 1
        widths, is_late = np.array(boxes, float)[:, 0], first_use > column
        own, before = np.zeros((2, count + 1))
        np.maximum.at(own, column[~is_late], widths[~is_late])
        np.maximum.at(before, first_use[is_late], widths[is_late])
        src, dst = np.array([link[:2] for link in links], int).reshape(-1, 2).T
        gap = np.full(count, float(narrowest_gap))
        gap[np.bincount(column[dst], minlength=count) > 1] += _BEND
        labels = np.array([link.label[0] + LABEL_ROOM if link.label else 0 for link in links], float)
        np.maximum.at(gap, column[dst], labels)
        last, changes = np.zeros(len(boxes), int), np.zeros(count + 2, int)
        np.maximum.at(last, src, column[dst])  # the column of the last target of each source
        sources = np.unique(src)
        np.add.at(changes, first_use[sources] + 1, 1)
        np.add.at(changes, last[sources] + 1, -1)
        # Lists of numbers, which Python reads faster. Widths: of each column, of the leaves used there first, of the gap
        # before it. The end of each column, with 0 before the first one. The sources whose links enter it from the left.
        self._own: list[float] = own.tolist()
        self._before: list[float] = before.tolist()
        self._gap: list[float] = gap.tolist()
        self._ends: list[float] = [0.0, *(gap + np.maximum(own[:-1], before[1:])).cumsum().tolist()]
        self._broken: list[int] = changes.cumsum().tolist()

    def breaks(self, limit: float) -> tuple[int, ...]:
        """Return the first columns of the second and all later rows: few, even rows that break few links.

        Args:
            limit: px, of a row.
        """
        best, before = [0.0] + [float("inf")] * self.count, [0] * (self.count + 1)
        for end in range(1, self.count + 1):
            for begin in range(end - 1, -1, -1):
                width = self._width(begin, end)
                if width > limit and end - begin > 1:
                    break
                empty = max(0.0, 1 - width / limit)
                cost = best[begin] + _ROW_COST + _EMPTY_COST * empty**2 + _BREAK_COST * self._broken[begin]
                if cost < best[end]:
                    best[end], before[end] = cost, begin
        breaks, end = [], before[self.count]
        while end:
            breaks.append(end)
            end = before[end]
        return tuple(reversed(breaks))

    def _width(self, begin: int, end: int) -> float:
        """The width of a row from one column up to another one, with the connectors at its ends, px."""
        width = self._ends[end - 1] - self._ends[begin] + self._own[end - 1]
        if begin:
            width += max(self._before[begin], _CONNECTOR[0]) + self._gap[begin]
        if end > begin + 1:
            width += self._gap[end - 1] - self._gap[begin]
        return width + (_CONNECTOR[0] + self._narrowest_gap if end < self.count else 0)


class _Source(NamedTuple):
    """A box whose links to other rows share a number; those that are cut have another one."""

    src: int
    is_cut: bool


class _Part(NamedTuple):
    """One row.

    Attributes:
        nodes: its boxes.
        entries: for each source in another row its connector in this row, a box of `plan`.
        exits: for each source in this row with links to other rows its connector, a box of `plan`.
        links: for each link of the graph that ends in this row the link of `plan` that does.
        exit_links: for each source in `exits` the link of `plan` to its connector.
        plan: the layout, of the nodes and then the connectors.
    """

    nodes: list[int]
    entries: dict[_Source, int]
    exits: dict[_Source, int]
    links: dict[int, int]
    exit_links: dict[_Source, int]
    plan: Arrangement


def _parts(
    row_of: Sequence[int],
    count: int,
    boxes: Sequence[tuple[float, float]],
    links: Sequence[Link],
    late: Collection[int],
    anchors: Sequence[float],
    gap: float,
) -> list[_Part]:
    """Lay out so many rows; `row_of` is the row of each box."""
    nodes: list[list[int]] = [[] for _ in range(count)]
    ending: list[dict[int, int]] = [{} for _ in range(count)]  # the links that end in each row, numbered there
    sources: list[dict[_Source, None]] = [{} for _ in range(count)]  # of those, the ones in other rows
    leaving: list[dict[_Source, None]] = [{} for _ in range(count)]  # the sources with links to other rows
    own = [0] * len(boxes)
    for node, row in enumerate(row_of):
        own[node] = len(nodes[row])
        nodes[row].append(node)
    for i, link in enumerate(links):
        row, begin = row_of[link.dst], row_of[link.src]
        ending[row][i] = len(ending[row])
        if begin != row:
            source = _Source(link.src, link.is_cut)
            leaving[begin][source] = sources[row][source] = None
    parts = []
    known: dict[Hashable, Arrangement] = {}  # layouts of rows; loops repeat them
    for row, members in enumerate(nodes):
        first = len(members)
        entries = {source: first + n for n, source in enumerate(sources[row])}
        exits = {source: first + len(entries) + n for n, source in enumerate(leaving[row])}
        inner = []
        for i in ending[row]:
            link = links[i]
            begin = own[link.src] if row_of[link.src] == row else entries[_Source(link.src, link.is_cut)]
            inner.append(Link(begin, own[link.dst], link.label))
        inner += [Link(own[source.src], connector) for source, connector in exits.items()]
        connectors = len(entries) + len(exits)
        content = (
            (*(boxes[node] for node in members), *[_CONNECTOR] * connectors),
            tuple(inner),
            (*(own[node] for node in members if node in late), *entries.values()),
            (*(anchors[node] for node in members), *[CONNECTOR_RADIUS] * connectors),
        )
        plan = known.get(content)
        if plan is None:
            plan = known[content] = arrange(*content, gap)
        exit_links = {source: len(ending[row]) + n for n, source in enumerate(exits)}
        parts.append(_Part(members, entries, exits, ending[row], exit_links, plan))
    return parts


def _stacked(parts: Sequence[_Part], count: int, links: Sequence[Link], row_space: float) -> Arrangement:
    """One Arrangement of all rows, each below the one before; `count` is the number of boxes."""
    if len(parts) == 1:
        return parts[0].plan
    tops = list(accumulate((part.plan.height + row_space for part in parts), initial=0.0))
    corners, row_of = [(0.0, 0.0)] * count, [0] * count
    labels: list[tuple[float, float] | None] = [None] * len(links)
    lengths: list[list[int]] = [[] for _ in links]
    curves: list[list[np.ndarray]] = [[] for _ in links]
    number = _numbers(parts)
    connectors, leaving = [], {}
    for row, (part, top) in enumerate(zip(parts, tops, strict=False)):
        bounds = part.plan.bounds()
        points = part.plan.points + (0, top)
        for node, (x, y) in zip(part.nodes, part.plan.corners, strict=False):
            corners[node], row_of[node] = (x, y + top), row
        for is_exit, ends in ((False, part.entries), (True, part.exits)):
            for source, box in ends.items():
                x, y = part.plan.corners[box]
                centre = x + CONNECTOR_RADIUS, y + top + CONNECTOR_RADIUS
                connectors.append(Connector(*centre, number[source], source.src, is_exit))
        for source, n in part.exit_links.items():
            leaving[source] = points[bounds[n] : bounds[n + 1]], part.plan.lengths[n]
        for i, n in part.links.items():
            curves[i].append(points[bounds[n] : bounds[n + 1]])
            lengths[i] = list(part.plan.lengths[n])
            centre = part.plan.labels[n]
            labels[i] = centre and (centre[0], centre[1] + top)
    for i, link in enumerate(links):
        source = _Source(link.src, link.is_cut)
        if row_of[link.src] != row_of[link.dst] and source in leaving:  # the first one to leave the row
            begin, pieces = leaving.pop(source)
            curves[i].insert(0, begin)
            lengths[i] = [*pieces, *lengths[i]]
    flat = [curve for each in curves for curve in each]
    return replace(
        parts[0].plan,
        corners=corners,
        points=np.concatenate(flat) if flat else np.empty((0, 2)),
        lengths=lengths,
        labels=labels,
        gaps=[],
        width=max(part.plan.width for part in parts),
        height=tops[-1] - row_space,
        connectors=connectors,
        row_of=row_of,
    )


def _numbers(parts: Sequence[_Part]) -> dict[_Source, int]:
    """The number of each source whose links are broken: from 1 on, row by row, from top to bottom."""
    numbers: dict[_Source, int] = {}
    for part in parts:
        for source in sorted(part.exits, key=lambda source: part.plan.corners[part.exits[source]][1]):
            numbers[source] = len(numbers) + 1
    return numbers
