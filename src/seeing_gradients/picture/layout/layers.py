"""Put the nodes of a directed acyclic graph in columns, left to right, and choose their order in a column.

`columns(count, links, late)` gives each node's column; `Lattice` adds the points where long links pass the columns
between; `order(lattice)` sorts every column so that few links cross. All of it iterative.
"""

import itertools
from bisect import bisect_right, insort
from dataclasses import dataclass
from operator import le

_SWEEPS = 8
_COUNT_CROSSINGS_UP_TO = 3_000  # links; beyond, counting costs more than it saves
_PASSES_PER_NODE, _PASSES_OF_MANY, _MANY = 3, 1, 3_000


def columns(count, links, late=()):
    """Return each node's column: one past its furthest source; a node in `late` just before its first use.

    So is what is made of nodes in `late` that nothing else uses: the transpose of a weight stands beside its product.

    Args:
        count: int, nodes are 0 .. count - 1.
        links: list of (src, dst).
        late: set of nodes without a source to be moved right (leaves and constants).

    Raises:
        ValueError: the links form a cycle.
    """
    targets, waiting = [[] for _ in range(count)], [0] * count
    for src, dst in links:
        targets[src].append(dst)
        waiting[dst] += 1
    sources = [node for node in range(count) if not waiting[node]]
    column, ready, done = [0] * count, list(sources), 0
    while done < len(ready):
        node = ready[done]
        done += 1
        for dst in targets[node]:
            column[dst] = max(column[dst], column[node] + 1)
            waiting[dst] -= 1
            if not waiting[dst]:
                ready.append(dst)
    if done < count:
        raise ValueError(f"links must not form a cycle; {count - done} of {count} nodes lie on or behind one")
    for node in reversed(_loose(ready, links, targets, late)):
        if targets[node]:
            column[node] = min(column[dst] for dst in targets[node]) - 1
    return column


def _loose(ready, links, targets, late):
    """The nodes in `late`, and those all of whose sources are loose and used by them alone; in the given order."""
    origins = [[] for _ in targets]
    for src, dst in links:
        origins[dst].append(src)
    loose, private = [], set()
    for node in ready:
        if private.issuperset(origins[node]) if origins[node] else node in late:
            loose.append(node)
            if len(set(targets[node])) == 1:
                private.add(node)
    return loose


@dataclass(frozen=True)
class Lattice:
    """Nodes and passing points in columns, joined by hops between neighbouring columns.

    Attributes:
        column: list of int, of each item; items from `count` on are passing points.
        hops: dict with keys (item, item), from one column to the next.
        routes: list, one a link: its items up to dst, from src or from where it leaves the trunk that an earlier link
            of this source has drawn; None where the link takes a lane below the graph.
        count: int, number of real nodes.
        origin: list of int, the node from which a passing point comes (itself for a node).
    """

    column: list
    hops: dict
    routes: list
    count: int
    origin: list


def lattice(column, links):
    """Give every link that skips columns its passing points; all links of one source share them.

    A graph whose long links would need far more points than it has nodes sends the longest through lanes instead.
    """
    count = len(column)
    reach = {}
    for src, dst in links:
        reach[src] = max(reach.get(src, 0), column[dst] - 1)
    in_lane = _too_long(column, reach, links)
    items, origin, trunks, drawn, hops, routes = list(column), list(range(count)), {}, {}, {}, []
    for src, dst in links:
        if src in in_lane and column[dst] - column[src] > 1:
            routes.append(None)
            continue
        trunk = trunks.setdefault(src, [src])
        while items[trunk[-1]] < column[dst] - 1:
            items.append(items[trunk[-1]] + 1)
            origin.append(src)
            trunk.append(len(items) - 1)
            hops[trunk[-2], trunk[-1]] = None
        last = column[dst] - column[src] - 1
        routes.append([*trunk[min(drawn.get(src, 0), last) : last + 1], dst])
        drawn[src] = max(drawn.get(src, 0), last)
        hops[trunk[last], dst] = None
    return Lattice(items, hops, routes, count, origin)


def _too_long(column, reach, links):
    """The sources whose points would go beyond the budget, the longest first."""
    lengths = sorted((end - column[src], src) for src, end in reach.items() if end > column[src])
    passes = _PASSES_PER_NODE if len(column) < _MANY else _PASSES_OF_MANY
    left, too_long = passes * len(column) + 200, set()
    for length, src in lengths:
        left -= length
        if left < 0:
            too_long.add(src)
    return too_long


def order(grid):
    """Return the columns as lists of items, top to bottom, sorted by some sweeps of barycentres; fewest crossings win."""
    rows = [[] for _ in range(max(grid.column, default=-1) + 1)]
    for item in sorted(range(len(grid.column)), key=grid.origin.__getitem__):
        rows[grid.column[item]].append(item)
    before, after = neighbours(grid)
    count = len(grid.hops) <= _COUNT_CROSSINGS_UP_TO
    best, fewest = [list(row) for row in rows], _crossings(rows, after) if count else None
    for sweep in range(_SWEEPS if count else 3):
        if fewest == 0:
            break
        _sweep(rows, before if sweep % 2 == 0 else after, forward=sweep % 2 == 0)
        crossings = _crossings(rows, after) if count else None
        if not count or crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def neighbours(grid):
    """Return two lists: the items one column to the left, and one to the right, of each item."""
    before, after = [[] for _ in grid.column], [[] for _ in grid.column]
    for left, right in grid.hops:
        before[right].append(left)
        after[left].append(right)
    return before, after


def _sweep(rows, neighbours, forward):
    place = [0] * len(neighbours)
    for row in rows:
        for i, item in enumerate(row):
            place[item] = i
    for row in rows if forward else reversed(rows):
        if len(row) == 1:
            continue
        keys = [_middle(place, neighbours[item], place[item]) for item in row]
        if all(map(le, keys, keys[1:])):
            continue
        by_item = dict(zip(row, keys, strict=True))
        row.sort(key=by_item.__getitem__)
        for i, item in enumerate(row):
            place[item] = i


def _middle(place, near, own):
    """The mean place of the neighbours; without any its own."""
    if len(near) == 1:
        return place[near[0]]
    return sum([place[other] for other in near]) / len(near) if near else own


def _crossings(rows, after):
    total = 0
    for row, following in itertools.pairwise(rows):
        if len(row) == 1 or len(following) == 1:
            continue
        place, seen = {item: i for i, item in enumerate(following)}, []
        for item in row:
            ends = sorted([place[other] for other in after[item]])
            if seen and ends and ends[0] < seen[-1]:
                total += sum([len(seen) - bisect_right(seen, end) for end in ends])
                for end in ends:
                    insort(seen, end)
            else:
                seen += ends
    return total
