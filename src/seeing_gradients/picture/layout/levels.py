"""How high everything stands: boxes near what they are joined to, in order, never overlapping.

`settle` places the items of all columns, `ports` the ends of links at their boxes, `slot_levels` the labels; each is a
least-squares problem with least distances, solved by `spread`.
"""

import numpy as np

from .layers import neighbours

PASS_HEIGHT = 6  # px: a passing link's own height
_ROW_SPACE, _PASS_SPACE = 16, 16  # px between boxes; around a passing link
_SLOT_SPACE = 3  # px between two labels in one gap
_SWEEPS = 4  # one along the links, one against them, two with both; more of them move nothing
_LONG, _DRIFT = 40, 60  # columns, and px from the first to the last, from which a picture that slopes is made level
_LIGHT = 0.05  # how hard an input pulls at the operation that uses it, where another operation pulls with 1
_PORT_SPACE = 13  # px between two links that arrive at one box


def settle(grid, rows, boxes, anchors, late):
    """Choose the items' tops: near their neighbours, in order, never overlapping; the main chain runs straight."""
    count = grid.count
    above = [anchors[i] if i < count else PASS_HEIGHT / 2 for i in range(len(grid.column))]
    height = [boxes[i][1] if i < count else PASS_HEIGHT for i in range(len(grid.column))]
    offsets = [_offsets(row, above, height, count) for row in rows]
    weight = [_LIGHT if i in late else 1.0 if i < count else 4.0 for i in range(len(grid.column))]
    pull = [_LIGHT if grid.origin[i] in late else 1.0 for i in range(len(grid.column))]
    level = [0.0] * len(grid.column)
    for row, offset in zip(rows, offsets, strict=True):
        middle = (offset[0] + offset[-1]) / 2
        for item, y in zip(row, offset, strict=True):
            level[item] = y - middle
    before, after = neighbours(grid)
    _straighten(grid, after)
    weights = [[weight[i] for i in row] for row in rows]
    around = [left + right for left, right in zip(before, after, strict=True)]
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        near = around if sweep >= _SWEEPS - 2 else before if forward else after
        for c in range(len(rows)) if forward else range(len(rows) - 1, -1, -1):
            row = rows[c]
            if len(row) == 1:
                item = row[0]
                if near[item]:
                    level[item] = _wanted(near[item], level, pull)
                continue
            wanted = []
            for item in row:
                joined = near[item]
                if len(joined) == 1:
                    wanted.append(level[joined[0]])
                else:
                    wanted.append(_wanted(joined, level, pull) if joined else level[item])
            for item, y in zip(row, spread(wanted, offsets[c], weights[c]), strict=True):
                level[item] = y
    level = _made_level(grid, rows, level, late)
    return [y - a for y, a in zip(level, above, strict=True)]


def _made_level(grid, rows, level, late):
    """Take the slope out of a long picture: each layer of a residual net stands a little higher than the one before.

    Columns are shifted against each other only where no link between them runs straight.
    """
    if len(rows) < _LONG:
        return level
    spine = [i for i in range(grid.count) if i not in late]
    column, height = np.array([grid.column[i] for i in spine]), np.array([level[i] for i in spine])
    if len(spine) < 2 or column.min() == column.max():
        return level
    slope = float(np.polyfit(column, height, 1)[0])
    if abs(slope) * len(rows) < _DRIFT:
        return level
    joined = [False] * len(rows)
    for left, right in grid.hops:
        if abs(level[left] - level[right]) < 1:
            joined[grid.column[left]] = True
    shifts = [0.0]
    for c in range(len(rows) - 1):
        shifts.append(shifts[-1] if joined[c] else -slope * (c + 1))
    return [y + shifts[c] for y, c in zip(level, grid.column, strict=True)]


def _straighten(grid, after):
    """What branches off a trunk does not pull at it: else trunk and branches lead each other up or down, column by column."""
    for item in range(grid.count, len(after)):
        if len(after[item]) > 1:
            trunk = [other for other in after[item] if grid.origin[other] == grid.origin[item]]
            after[item] = trunk or after[item]


def _wanted(near, level, pull):
    """The mean level of the neighbours, each as heavy as it pulls."""
    if len(near) == 1:
        return level[near[0]]
    if len(near) == 2:
        i, j = near
        return (level[i] * pull[i] + level[j] * pull[j]) / (pull[i] + pull[j])
    return sum([level[i] * pull[i] for i in near]) / sum([pull[i] for i in near])


def _offsets(row, above, height, count):
    """The levels of a column's items if they were stacked as closely as allowed."""
    if len(row) == 1:
        return [above[row[0]]]
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
    if len(wanted) == 2:  # the most common number by far
        return _spread_two(wanted, offsets, *(weights or (1.0, 1.0)))
    for i in range(1, len(wanted)):
        if wanted[i] - wanted[i - 1] < offsets[i] - offsets[i - 1]:
            break
    else:
        return wanted
    totals, heavies, counts = [], [], []  # of each block: the sum of weight * target, the weight, the number of items
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


def _spread_two(wanted, offsets, one, other):
    (y0, y1), (a, b) = wanted, offsets
    if y1 - y0 >= b - a:
        return wanted
    shift = ((y0 - a) * one + (y1 - b) * other) / (one + other)
    return [shift + a, shift + b]


def ports(way, heights):
    """The y at which each link arrives at its box: spread over the left side, in the order of where they come from.

    Args:
        way: Way.
        heights: array, px, of each box.
    """
    comes_from = np.where(way.routed, way.level[way.entry], np.inf)
    reach, middle = heights[way.dst] * 0.2, way.level[way.dst]
    levels = np.minimum(np.maximum(comes_from, middle - reach), middle + reach)
    together = _groups(way.dst, np.arange(len(way.dst)))
    if not together:
        return levels
    comes_from, wanted = comes_from.tolist(), levels.tolist()
    for ids in together:
        ids.sort(key=comes_from.__getitem__)
        step = min(_PORT_SPACE, 2 * float(reach[ids[0]]) / (len(ids) - 1))
        levels[ids] = spread([wanted[i] for i in ids], [rank * step for rank in range(len(ids))])
    return levels


def slot_levels(way):
    """The y of each label: half-way along its curve, pushed apart from the other labels of its gap."""
    middle = (np.where(way.routed, way.level[way.entry], way.ports) + way.ports) / 2
    labelled = np.flatnonzero(way.slotted)
    together = _groups(way.column[way.dst[labelled]], labelled)
    if not together:
        return middle
    wanted, arrive, tall = middle.tolist(), way.ports.tolist(), way.sizes[:, 1].tolist()
    for ids in together:
        ids.sort(key=lambda i: (wanted[i], arrive[i]))
        offsets, y = [], 0.0
        for i in ids:
            offsets.append(y + tall[i] / 2)
            y += tall[i] + _SLOT_SPACE
        middle[ids] = spread([wanted[i] for i in ids], offsets)
    return middle


def _groups(keys, things):
    """The things that share a key with others: list of lists, each in order."""
    counts = np.bincount(keys) if len(keys) else keys
    shared = counts[keys] > 1
    groups = {}
    for key, thing in zip(keys[shared].tolist(), things[shared].tolist(), strict=True):
        groups.setdefault(key, []).append(thing)
    return list(groups.values())
