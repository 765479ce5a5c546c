"""First step of the layout: put the nodes of a directed acyclic graph in columns, left to right.

`assign_columns(count, links, late)` returns the column of each node, by longest paths. `layered(column, links)` then
replaces each long link by hops. A hop joins two items in adjacent columns. An item is a node, or a dummy: the point at
which a long link crosses a column.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

_DUMMIES_PER_NODE, _DUMMIES_OF_MANY, _MANY = 3, 1, 3_000  # at most, per node; the second from _MANY nodes on

Pair = tuple[int, int]  # a link between nodes: (source, destination)


def assign_columns(count: int, links: Sequence[Pair], late: Collection[int] = ()) -> list[int]:
    """Return the column of each node: the one after its last source, or for a node in `late` just before its first use.

    A node computed only from nodes in `late` moves with them, so that the transpose of a weight is next to its product.

    Args:
        count: number of nodes; they are 0 .. count - 1.
        links: pairs (src, dst).
        late: nodes without a source to move to the right: leaves and constants.

    Raises:
        ValueError: the links form a cycle.
    """
    targets: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
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
    for node in reversed(_movable(ready, links, targets, late)):
        if targets[node]:
            column[node] = min(column[dst] for dst in targets[node]) - 1
    return column


def _movable(
    ready: Sequence[int], links: Sequence[Pair], targets: Sequence[Sequence[int]], late: Collection[int]
) -> list[int]:
    """The nodes to move right, in the order of `ready`.

    They are the nodes in `late`, and those computed only from such nodes that nothing else uses.
    """
    origins: list[list[int]] = [[] for _ in targets]
    for src, dst in links:
        origins[dst].append(src)
    movable, used_once = [], set()
    for node in ready:
        if used_once.issuperset(origins[node]) if origins[node] else node in late:
            movable.append(node)
            if len(set(targets[node])) == 1:
                used_once.add(node)
    return movable


@dataclass(frozen=True)
class LayeredGraph:
    """Nodes and dummy items in columns, joined by hops between adjacent columns.

    Attributes:
        column: of each item; the items from `count` on are dummies.
        hops: dict with keys (item, item), the second one column to the right of the first.
        routes: for each link the items that it passes, up to dst. Links of one source share a trunk: a route begins at
            src, or where the link leaves the part of the trunk that earlier links have drawn. None if the link runs in
            a lane below the graph.
        count: number of nodes.
        origin: for each dummy the source of its link; for each node the node itself.
    """

    column: list[int]
    hops: dict[Pair, None]
    routes: list[list[int] | None]
    count: int
    origin: list[int]


def layered(column: Sequence[int], links: Sequence[Pair]) -> LayeredGraph:
    """Add dummy items to every link that skips columns; all links of one source share them.

    If the long links need far more dummies than there are nodes, the longest ones run in lanes below the graph instead.

    Args:
        column: of each node.
        links: pairs (src, dst), each to a column further right.
    """
    count = len(column)
    last_column: dict[int, int] = {}
    for src, dst in links:
        last_column[src] = max(last_column.get(src, 0), column[dst] - 1)
    in_lane = _too_long(column, last_column)
    items, origin = list(column), list(range(count))
    trunks: dict[int, list[int]] = {}
    drawn: dict[int, int] = {}
    hops: dict[Pair, None] = {}
    routes: list[list[int] | None] = []
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
    return LayeredGraph(items, hops, routes, count, origin)


def _too_long(column: Sequence[int], last_column: dict[int, int]) -> set[int]:
    """The sources whose links run in lanes, since their dummies would exceed the budget.

    Args:
        column: of each node.
        last_column: for each source the last column in which its links need a dummy.
    """
    lengths = sorted((end - column[src], src) for src, end in last_column.items() if end > column[src])
    per_node = _DUMMIES_PER_NODE if len(column) < _MANY else _DUMMIES_OF_MANY
    left, too_long = per_node * len(column) + 200, set()
    for length, src in lengths:
        left -= length
        if left < 0:
            too_long.add(src)
    return too_long
