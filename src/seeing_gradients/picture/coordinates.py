"""Third step of the layout: the y of boxes, links and labels. Boxes are near their neighbours and never overlap.

An item is a box, or a dummy: the point at which a long link crosses a column. `item_tops` places the items of all
columns, `port_coordinates` the ends of links at their boxes, `label_coordinates` the labels. Each solves least-squares
problems with minimum distances by `spread` (pool adjacent violators).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .layering import LayeredGraph
from .ordering import Neighbours, neighbours

if TYPE_CHECKING:
    from .routing import EdgeRoutes

DUMMY_HEIGHT = 6  # px
_BOX_SPACE, _DUMMY_SPACE = 16, 16  # px between two boxes; between a dummy and its neighbour
_LABEL_SPACE = 3  # px between two labels in one gap
_SWEEPS = 4  # one to the right, one to the left, two that look at both sides; more sweeps change nothing
_MANY_COLUMNS, _DRIFT = 40, 60  # a slope is removed if there are so many columns, and it amounts to so many px
_INPUT_WEIGHT = 0.05  # weight of an input for the operation that uses it; an operation has weight 1
_PORT_SPACE = 13  # px between two links that end at one box


def item_tops(
    graph: LayeredGraph,
    columns: Sequence[Sequence[int]],
    boxes: Sequence[tuple[float, float]],
    anchors: Sequence[float],
    late: Collection[int],
) -> list[float]:
    """Return the y of the top of each item, px: near its neighbours, in the order of its column, without overlap.

    Args:
        graph: LayeredGraph.
        columns: the items of each column, top to bottom.
        boxes: (width, height) of each node, px.
        anchors: for each node the distance from its top to where its links begin and end, px.
        late: nodes (leaves and constants) that hardly move the nodes that use them.
    """
    count = graph.count
    above = [anchors[i] if i < count else DUMMY_HEIGHT / 2 for i in range(len(graph.column))]
    height = [boxes[i][1] if i < count else DUMMY_HEIGHT for i in range(len(graph.column))]
    offsets = [_offsets(column, above, height, count) for column in columns]
    weight = [_INPUT_WEIGHT if i in late else 1.0 if i < count else 4.0 for i in range(len(graph.column))]
    pull = [_INPUT_WEIGHT if graph.origin[i] in late else 1.0 for i in range(len(graph.column))]
    y_of = [0.0] * len(graph.column)
    for column, offset in zip(columns, offsets, strict=True):
        middle = (offset[0] + offset[-1]) / 2
        for item, y in zip(column, offset, strict=True):
            y_of[item] = y - middle
    before, after = neighbours(graph)
    _straighten(graph, after)
    weights = [[weight[i] for i in column] for column in columns]
    around = [left + right for left, right in zip(before, after, strict=True)]
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        near = around if sweep >= _SWEEPS - 2 else before if forward else after
        for c in range(len(columns)) if forward else range(len(columns) - 1, -1, -1):
            column = columns[c]
            if len(column) == 1:
                item = column[0]
                if near[item]:
                    y_of[item] = _mean_of_neighbours(near[item], y_of, pull)
                continue
            wanted = []
            for item in column:
                joined = near[item]
                if len(joined) == 1:
                    wanted.append(y_of[joined[0]])
                else:
                    wanted.append(_mean_of_neighbours(joined, y_of, pull) if joined else y_of[item])
            for item, y in zip(column, spread(wanted, offsets[c], weights[c]), strict=True):
                y_of[item] = y
    y_of = _without_slope(graph, len(columns), y_of, late)
    return [y - a for y, a in zip(y_of, above, strict=True)]


def _without_slope(graph: LayeredGraph, count: int, y_of: list[float], late: Collection[int]) -> list[float]:
    """Remove the slope of a long picture; without this, each layer of a residual net is a little above the one before.

    Adjacent columns move relative to each other only if no hop between them is straight.
    """
    if count < _MANY_COLUMNS:
        return y_of
    spine = [i for i in range(graph.count) if i not in late]
    column, height = np.array([graph.column[i] for i in spine]), np.array([y_of[i] for i in spine])
    if len(spine) < 2 or column.min() == column.max():
        return y_of
    slope = float(np.polyfit(column, height, 1)[0])
    if abs(slope) * count < _DRIFT:
        return y_of
    joined = [False] * count
    for left, right in graph.hops:
        if abs(y_of[left] - y_of[right]) < 1:
            joined[graph.column[left]] = True
    shifts = [0.0]
    for c in range(count - 1):
        shifts.append(shifts[-1] if joined[c] else -slope * (c + 1))
    return [y + shifts[c] for y, c in zip(y_of, graph.column, strict=True)]


def _straighten(graph: LayeredGraph, after: Neighbours) -> None:
    """Remove, in place, the branches of each trunk from the neighbours of its dummies, so that the trunk runs straight.

    Otherwise a trunk and its branches move each other up or down from column to column.
    """
    for item in range(graph.count, len(after)):
        if len(after[item]) > 1:
            trunk = [other for other in after[item] if graph.origin[other] == graph.origin[item]]
            after[item] = trunk or after[item]


def _mean_of_neighbours(near: Sequence[int], y_of: Sequence[float], pull: Sequence[float]) -> float:
    """The mean of the y of the neighbours `near`, weighted by `pull`."""
    if len(near) == 1:
        return y_of[near[0]]
    if len(near) == 2:
        i, j = near
        return (y_of[i] * pull[i] + y_of[j] * pull[j]) / (pull[i] + pull[j])
    return sum([y_of[i] * pull[i] for i in near]) / sum([pull[i] for i in near])


def _offsets(column: Sequence[int], above: Sequence[float], height: Sequence[float], count: int) -> list[float]:
    """The y of the anchors of the items of a column, if they are stacked as closely as allowed from y = 0."""
    if len(column) == 1:
        return [above[column[0]]]
    offsets: list[float] = []
    y, previous = 0.0, None
    for item in column:
        if previous is not None:
            y += _BOX_SPACE if item < count and previous < count else _DUMMY_SPACE
        offsets.append(y + above[item])
        y += height[item]
        previous = item
    return offsets


def spread(wanted: list[float], offsets: Sequence[float], weights: Sequence[float] | None = None) -> list[float]:
    """Return the positions nearest to the wanted ones (least squares) that keep their order and minimum distances.

    The algorithm is pool adjacent violators; the differences position[i] - offsets[i] must not decrease.

    Args:
        wanted: positions.
        offsets: increasing; offsets[i + 1] - offsets[i] is the minimum distance between positions i and i + 1.
        weights: of the squared differences, all > 0; None for equal weights.
    """
    if len(wanted) == 2:  # by far the most common case
        return _spread_two(wanted, offsets, *(weights or (1.0, 1.0)))
    for i in range(1, len(wanted)):
        if wanted[i] - wanted[i - 1] < offsets[i] - offsets[i - 1]:
            break
    else:
        return wanted
    totals, heavies, counts = [], [], []  # for each block: the sum of weight * target, the weight, the number of items
    for y, offset, heavy in zip(wanted, offsets, weights or [1.0] * len(wanted), strict=True):
        total, count = (y - offset) * heavy, 1
        while totals and totals[-1] * heavy > total * heavies[-1]:
            total, heavy, count = totals.pop() + total, heavies.pop() + heavy, counts.pop() + count
        totals.append(total)
        heavies.append(heavy)
        counts.append(count)
    shifts = [total / heavy for total, heavy in zip(totals, heavies, strict=True)]
    if len(shifts) < len(wanted):
        shifts = [shift for shift, count in zip(shifts, counts, strict=True) for _ in range(count)]
    return [shift + offset for shift, offset in zip(shifts, offsets, strict=True)]


def _spread_two(wanted: list[float], offsets: Sequence[float], one: float, other: float) -> list[float]:
    """`spread` for two positions with the weights `one` and `other`."""
    (y0, y1), (a, b) = wanted, offsets
    if y1 - y0 >= b - a:
        return wanted
    shift = ((y0 - a) * one + (y1 - b) * other) / (one + other)
    return [shift + a, shift + b]


def port_coordinates(routes: EdgeRoutes, heights: np.ndarray) -> np.ndarray:
    """Return the y at which each link ends at the left side of its box, array (links,), px, in the order of arrival.

    Args:
        routes: EdgeRoutes whose item_y is set.
        heights: array (boxes,), px.
    """
    comes_from = np.where(routes.routed, routes.item_y[routes.entry], np.inf)
    half, middle = heights[routes.dst] * 0.2, routes.item_y[routes.dst]
    y = np.minimum(np.maximum(comes_from, middle - half), middle + half)
    together = _groups(routes.dst, np.arange(len(routes.dst)))
    if not together:
        return y
    comes_from, wanted = comes_from.tolist(), y.tolist()
    for ids in together:
        ids.sort(key=comes_from.__getitem__)
        step = min(_PORT_SPACE, 2 * float(half[ids[0]]) / (len(ids) - 1))
        y[ids] = spread([wanted[i] for i in ids], [rank * step for rank in range(len(ids))])
    return y


def label_coordinates(routes: EdgeRoutes) -> np.ndarray:
    """Return the y of each label's centre, array (links,), px: the middle of its curve, or away from other labels.

    Args:
        routes: EdgeRoutes whose item_y and port_y are set.
    """
    middle = (np.where(routes.routed, routes.item_y[routes.entry], routes.port_y) + routes.port_y) / 2
    labelled = np.flatnonzero(routes.labelled)
    together = _groups(routes.column[routes.dst[labelled]], labelled)
    if not together:
        return middle
    wanted, arrive, tall = middle.tolist(), routes.port_y.tolist(), routes.sizes[:, 1].tolist()
    for ids in together:
        ids.sort(key=lambda i: (wanted[i], arrive[i]))
        offsets, y = [], 0.0
        for i in ids:
            offsets.append(y + tall[i] / 2)
            y += tall[i] + _LABEL_SPACE
        middle[ids] = spread([wanted[i] for i in ids], offsets)
    return middle


def _groups(keys: np.ndarray, things: np.ndarray) -> list[list[int]]:
    """The things that share a key with others: a list for each key, in order.

    Args:
        keys: array (n,) of int >= 0.
        things: array (n,).
    """
    counts = np.bincount(keys) if len(keys) else keys
    shared = counts[keys] > 1
    groups: dict[int, list[int]] = {}
    for key, thing in zip(keys[shared].tolist(), things[shared].tolist(), strict=True):
        groups.setdefault(key, []).append(thing)
    return list(groups.values())
