"""Turn boxes and links into coordinates: where each box stands, and the curve that each link follows.

`arrange(boxes, links)` is pure geometry: it knows sizes, not autograd. Boxes stand in columns, left to right; a link
bends only in the gaps between columns, so that it cannot run through a box.
"""

import itertools
from dataclasses import dataclass, field

from .layers import columns, lattice, neighbours, order

_ROW_SPACE, _PASS_HEIGHT, _PASS_SPACE = 16, 6, 16  # px between boxes; a passing link's own height and space
_SLOT_SPACE = 3  # px between two labels in one gap
_GAP, _SLOT_ROOM, _STEEP = 32, 24, 0.1  # px: gap without labels; room around a label; extra px per px of height
_SETTLE = 6  # alignment sweeps
_LIGHT = 0.05  # how hard an input pulls at the operation that uses it, where another operation pulls with 1
_PORT_SPACE = 13
_LANE = 18


@dataclass(frozen=True)
class Link:
    """A link between two boxes. `slot` is the (width, height) of its label, or None."""

    src: int
    dst: int
    slot: tuple | None = None


@dataclass(frozen=True)
class Arrangement:
    """Where everything is, in px.

    Attributes:
        places: list of (x, y), the upper left corner of each box.
        paths: list, one a link, of pieces: each a list of points, a cubic curve of 4 points or a line of 2.
        slots: list, one a link: (x, y) of the label's centre, or None.
        gaps: list of (left, right), the x where each gap between columns begins and ends.
        column: list of int, of each box.
        width, height: of everything, from 0.
    """

    places: list
    paths: list
    slots: list
    gaps: list
    column: list
    width: float
    height: float
    size: tuple = field(default=())


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
        return Arrangement([], [], [], [], [], 0, 0)
    anchors = anchors or [height / 2 for _, height in boxes]
    pairs = [(link.src, link.dst) for link in links]
    column = columns(len(boxes), pairs, late)
    grid = lattice(column, pairs)
    rows = order(grid)
    tops = _settle(grid, rows, boxes, anchors, set(late))
    level = [tops[i] + (anchors[i] if i < grid.count else _PASS_HEIGHT / 2) for i in range(len(tops))]
    ports = _ports(grid, links, boxes, level)
    slots = _slot_levels(grid, links, level, ports)
    left, gaps, width = _columns_x(grid, rows, boxes, links, level, ports)
    right_aligned = set(late)
    spare = {c: max((boxes[i][0] for i in row if i < grid.count), default=0) for c, row in enumerate(rows)}
    places = [
        (left[column[i]] + (spare[column[i]] - w) * (1 if i in right_aligned else 0.5), tops[i])
        for i, (w, _) in enumerate(boxes)
    ]
    return _finish(grid, links, boxes, places, level, ports, slots, gaps, width)


def _settle(grid, rows, boxes, anchors, late):
    """Choose the items' tops: near their neighbours, in order, never overlapping; the main chain runs straight."""
    count = grid.count
    above = [anchors[i] if i < count else _PASS_HEIGHT / 2 for i in range(len(grid.column))]
    height = [boxes[i][1] if i < count else _PASS_HEIGHT for i in range(len(grid.column))]
    offsets = [_offsets(row, above, height, count) for row in rows]
    weight = [_LIGHT if i in late else 1.0 if i < count else 4.0 for i in range(len(grid.column))]
    pull = [_LIGHT if grid.origin[i] in late else 1.0 for i in range(len(grid.column))]
    level = [0.0] * len(grid.column)
    for row, offset in zip(rows, offsets, strict=True):
        middle = (offset[0] + offset[-1]) / 2
        for item, y in zip(row, offset, strict=True):
            level[item] = y - middle
    before, after = neighbours(grid)
    for sweep in range(_SETTLE):
        both = sweep >= _SETTLE - 2
        forward = sweep % 2 == 0
        for c in range(len(rows)) if forward else range(len(rows) - 1, -1, -1):
            wanted = []
            for item in rows[c]:
                near = before[item] + after[item] if both else before[item] if forward else after[item]
                force = sum(pull[other] for other in near)
                wanted.append(sum(level[i] * pull[i] for i in near) / force if near else level[item])
            for item, y in zip(rows[c], spread(wanted, offsets[c], [weight[i] for i in rows[c]]), strict=True):
                level[item] = y
    return [y - a for y, a in zip(level, above, strict=True)]


def _offsets(row, above, height, count):
    """The levels of a column's items if they were stacked as closely as allowed."""
    offsets, y, previous = [], 0.0, None
    for item in row:
        if previous is not None:
            y += _ROW_SPACE if item < count and previous < count else _PASS_SPACE
        offsets.append(y + above[item])
        y += height[item]
        previous = item
    return offsets


def spread(wanted, offsets, weights=None):
    """Return positions as near as possible to the wanted ones (least squares) that keep the order and the distances.

    Pool adjacent violators: position i minus offsets[i] must not decrease.

    Args:
        wanted: list of float.
        offsets: list of float, increasing; offsets[i + 1] - offsets[i] is the least distance.
        weights: list of float > 0; default all 1.
    """
    if len(wanted) == 1:
        return wanted
    weights = weights or [1.0] * len(wanted)
    blocks = []  # [sum of weight * target, weight, number of items]
    for y, offset, weight in zip(wanted, offsets, weights, strict=True):
        blocks.append([(y - offset) * weight, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            total, heavy, number = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += heavy
            blocks[-1][2] += number
    shifts = [total / weight for total, weight, number in blocks for _ in range(number)]
    return [shift + offset for shift, offset in zip(shifts, offsets, strict=True)]


def _ports(grid, links, boxes, level):
    """The y at which each link arrives at its box: spread over the left side, in the order of where they come from."""
    arriving = {}
    for i, link in enumerate(links):
        arriving.setdefault(link.dst, []).append(i)
    ports = [0.0] * len(links)
    for dst, ids in arriving.items():
        comes_from = {i: level[grid.routes[i][-2]] if grid.routes[i] else float("inf") for i in ids}
        ids.sort(key=lambda i, comes_from=comes_from: (comes_from[i], i))
        reach = boxes[dst][1] * 0.2
        step = min(_PORT_SPACE, 2 * reach / max(1, len(ids) - 1))
        wanted = [min(max(comes_from[i], level[dst] - reach), level[dst] + reach) for i in ids]
        for i, y in zip(ids, spread(wanted, [rank * step for rank in range(len(ids))]), strict=True):
            ports[i] = y
    return ports


def _slot_levels(grid, links, level, ports):
    """The y of each label: half-way along its curve, pushed apart from the other labels of its gap."""
    by_gap = {}
    for i, link in enumerate(links):
        if link.slot:
            by_gap.setdefault(grid.column[link.dst], []).append(i)
    slots = [None] * len(links)
    for ids in by_gap.values():
        wanted = {i: ((level[grid.routes[i][-2]] if grid.routes[i] else ports[i]) + ports[i]) / 2 for i in ids}
        ids.sort(key=lambda i: (wanted[i], ports[i], i))
        offsets, y = [], 0.0
        for i in ids:
            offsets.append(y + links[i].slot[1] / 2)
            y += links[i].slot[1] + _SLOT_SPACE
        for i, y in zip(ids, spread([wanted[i] for i in ids], offsets), strict=True):
            slots[i] = y
    return slots


def _columns_x(grid, rows, boxes, links, level, ports):
    """Return the x of each column, each gap's (left, right), and the whole width."""
    widest, steepest = [0.0] * len(rows), [0.0] * len(rows)
    for i, link in enumerate(links):
        gap = grid.column[link.dst] - 1
        if link.slot:
            widest[gap] = max(widest[gap], link.slot[0] + _SLOT_ROOM)
        if grid.routes[i]:
            steepest[gap] = max(steepest[gap], abs(level[grid.routes[i][-2]] - ports[i]))
    left, gaps, x = [], [], 0.0
    for c, row in enumerate(rows):
        left.append(x)
        end = x + max((boxes[i][0] for i in row if i < grid.count), default=0)
        x = end + max(widest[c], _GAP) + min(40, steepest[c] * _STEEP)
        gaps.append((end, x))
    return left, gaps[:-1], gaps[-1][0]


def _finish(grid, links, boxes, places, level, ports, slots, gaps, width):
    """Lead the links, then shift everything so that it begins at 0."""
    bottom = max(y + boxes[i][1] for i, (_, y) in enumerate(places))
    lanes, paths, centres = {}, [], []
    for i, link in enumerate(links):
        x0, x1 = places[link.src][0] + boxes[link.src][0], places[link.dst][0]
        if grid.routes[i]:
            if grid.routes[i][0] != link.src:
                x0 = gaps[grid.column[grid.routes[i][0]]][0]
            path, centre = _route(grid, grid.routes[i], gaps, level, (x0, x1, ports[i], slots[i]))
        else:
            lane = lanes.setdefault(link.src, bottom + _LANE * (len(lanes) + 1))
            path, centre = _lane(grid, link, gaps, level, (x0, x1, ports[i], slots[i], lane))
        paths.append(path)
        centres.append(centre)
    ys = [y for path in paths for piece in path for _, y in piece] + [y for _, y in places]
    ys += [y - links[i].slot[1] / 2 for i, (_, y) in ((i, c) for i, c in enumerate(centres) if c)]
    top = min(ys)
    lows = [y for path in paths for piece in path for _, y in piece] + [bottom]
    lows += [y + links[i].slot[1] / 2 for i, (_, y) in ((i, c) for i, c in enumerate(centres) if c)]
    return Arrangement(
        [(x, y - top) for x, y in places],
        [[[(x, y - top) for x, y in piece] for piece in path] for path in paths],
        [c and (c[0], c[1] - top) for c in centres],
        gaps,
        grid.column[: grid.count],
        width,
        max(lows) - top,
    )


def _route(grid, route, gaps, level, ends):
    """Pieces of a link through the passing points of its route; its label sits in the last gap."""
    x, x1, port, slot = ends
    path, centre = [], None
    for item, following in itertools.pairwise(route):
        left, right = gaps[grid.column[item]]
        y0 = level[item]
        last = following == route[-1]
        y1 = port if last else level[following]
        if left > x:
            path.append([(x, y0), (left, y0)])
        if last and slot is not None:
            centre = ((left + right) / 2, slot)
        path += _bend(left, right, y0, y1, slot if last else None)
        x = right
    if x1 > x:
        path.append([(x, port), (x1, port)])
    return path, centre


def _lane(grid, link, gaps, level, ends):
    """Pieces of a link that runs below everything: down in the first gap, along, up in the last."""
    x, x1, port, slot, lane = ends
    first, last = gaps[grid.column[link.src]], gaps[grid.column[link.dst] - 1]
    y = level[link.src]
    path = [[(x, y), (first[0], y)]] + _bend(first[0], first[1], y, lane, None)
    path += (
        [[(first[1], lane), (last[0], lane)]]
        + _bend(last[0], last[1], lane, port, slot)
        + [[(last[1], port), (x1, port)]]
    )
    return path, ((last[0] + last[1]) / 2, slot) if slot is not None else None


def _bend(left, right, y0, y1, through):
    """A smooth curve over one gap, level at both ends; through a given height half-way, if there is one."""
    if y0 == y1 and through in (None, y0):
        return [[(left, y0), (right, y1)]]
    if through is None:
        middle = (left + right) / 2
        return [[(left, y0), (middle, y0), (middle, y1), (right, y1)]]
    w, rise = right - left, (y1 - y0) / 4
    middle = (left + w / 2, through)
    return [
        [(left, y0), (left + w / 4, y0), (left + w * 3 / 8, through - rise), middle],
        [middle, (left + w * 5 / 8, through + rise), (left + w * 3 / 4, y1), (right, y1)],
    ]
