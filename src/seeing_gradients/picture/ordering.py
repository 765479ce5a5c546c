"""Second step of the layout: the order of the items in each column, so that few links cross.

An item is a node or a dummy in a column, and a hop joins items in adjacent columns: see `layering.LayeredGraph`.
`order(graph)` sorts every column by barycentres, in sweeps to the right and to the left in turn, and returns the order
with the fewest crossings.
"""

import itertools
from bisect import bisect_right, insort
from collections.abc import Sequence
from operator import le

from .layering import LayeredGraph

_SWEEPS = 8
_COUNT_CROSSINGS_UP_TO = 3_000  # hops; for more of them, counting the crossings takes too long,
_SWEEPS_WITHOUT_COUNTING = 3  # and the last sweep is taken for the best

Neighbours = list[list[int]]  # for each item, the items in the column on one side to which a hop joins it


def order(graph: LayeredGraph) -> list[list[int]]:
    """Return the items of each column, from top to bottom: a list for each column."""
    columns: list[list[int]] = [[] for _ in range(max(graph.column, default=-1) + 1)]
    for item in sorted(range(len(graph.column)), key=graph.origin.__getitem__):
        columns[graph.column[item]].append(item)
    before, after = neighbours(graph)
    if len(graph.hops) > _COUNT_CROSSINGS_UP_TO:
        for i in range(_SWEEPS_WITHOUT_COUNTING):
            _sweep(columns, before, after, forward=i % 2 == 0)
        return columns
    best, fewest = [list(column) for column in columns], _crossings(columns, after)
    for i in range(_SWEEPS):
        if fewest == 0:
            break
        _sweep(columns, before, after, forward=i % 2 == 0)
        crossings = _crossings(columns, after)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    return best


def neighbours(graph: LayeredGraph) -> tuple[Neighbours, Neighbours]:
    """Return two lists: for each item its neighbours one column to the left, and one column to the right."""
    before: Neighbours = [[] for _ in graph.column]
    after: Neighbours = [[] for _ in graph.column]
    for left, right in graph.hops:
        before[right].append(left)
        after[left].append(right)
    return before, after


def _sweep(columns: list[list[int]], before: Neighbours, after: Neighbours, forward: bool) -> None:
    """Sort each column in place by the barycentres in the column before it if `forward`, else in the one after it."""
    adjacent = before if forward else after
    rank = [0] * len(adjacent)
    for column in columns:
        for i, item in enumerate(column):
            rank[item] = i
    for column in columns if forward else reversed(columns):
        if len(column) == 1:
            continue
        keys = [_barycentre(rank, adjacent[item], rank[item]) for item in column]
        if all(map(le, keys, keys[1:])):
            continue
        by_item = dict(zip(column, keys, strict=True))
        column.sort(key=by_item.__getitem__)
        for i, item in enumerate(column):
            rank[item] = i


def _barycentre(rank: Sequence[int], near: Sequence[int], own: int) -> float:
    """The mean rank of the neighbours `near`; `own` if there are none."""
    if len(near) == 1:
        return rank[near[0]]
    return sum([rank[other] for other in near]) / len(near) if near else own


def _crossings(columns: Sequence[Sequence[int]], after: Neighbours) -> int:
    """The number of crossings of hops; `after` holds the neighbours to the right."""
    total = 0
    for column, following in itertools.pairwise(columns):
        if len(column) == 1 or len(following) == 1:
            continue
        rank = {item: i for i, item in enumerate(following)}
        seen: list[int] = []
        for item in column:
            ends = sorted([rank[other] for other in after[item]])
            if seen and ends and ends[0] < seen[-1]:
                total += sum([len(seen) - bisect_right(seen, end) for end in ends])
                for end in ends:
                    insort(seen, end)
            else:
                seen += ends
    return total
