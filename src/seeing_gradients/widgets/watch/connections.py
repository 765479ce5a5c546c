"""Which rows of the picture get what others return: the chain of the modules, and what leads past it.

A skip connection is no module, and neither is an addition in somebody's `forward`. So the model's copy is recorded
once, and in the Record every path from one row to another that meets no third one is a `Link`. Where several paths have
been joined, e.g. by an addition, and the sum has entered a row, the sum is from then on taken as what its last row
returns: in a chain of residual blocks each block is bridged once, not by every block before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seeing_gradients.recorder import Record

from .probe import Probe
from .rows import Row

INPUT = -1  # the row number of what the model receives; what it returns has that behind the last row
MOST_LANES = 6  # brackets beside each other


@dataclass(frozen=True)
class Link:
    """A connection that is not from a row to the next one.

    Attributes:
        source, target: numbers of rows; -1 for the input, the number of rows for the output.
        lane: the bracket's distance from the rows, from 0.
    """

    source: int
    target: int
    lane: int


@dataclass(frozen=True)
class Connections:
    """How the rows are connected.

    Attributes:
        chained: whether the input enters the first row, then for each row whether its output enters the next one, and
            at last whether that of the last row is the output.
        links: the other connections that are drawn.
        left_out: how many are not drawn, since there are too many beside each other.
    """

    chained: tuple[bool, ...]
    links: tuple[Link, ...]
    left_out: int = 0


def connections(record: Record, probe: Probe, rows: Sequence[Row]) -> Connections:
    """Return how the rows of a model are connected.

    Args:
        record: of the model, f itself.
        probe: of the same model, or of the one that it is a copy of.
        rows: of the picture.
    """
    row_of = {probe.modules[i].path: number for number, row in enumerate(rows) for i in row.modules}
    numbers = [_row(node.kind, [scope.path for scope in node.module], row_of) for node in record.nodes]
    inputs = set(record.inputs.values())
    # Nodes that pass on one and the same sum share one set.
    sources: list[set[int]] = [{INPUT} if node.id in inputs else set() for node in record.nodes]
    pairs: set[tuple[int, int]] = set()
    entering: dict[int, list[int]] = {}
    for edge in record.edges:
        entering.setdefault(edge.dst, []).append(edge.src)
    for node in record.nodes:
        own = numbers[node.id]
        joined = list({id(sources[i]): sources[i] for i in entering.get(node.id, ())}.values())
        if own is None:
            if joined:
                sources[node.id] = joined[0] if len(joined) == 1 else set().union(*joined)
            continue
        sources[node.id] = {own}
        for each in joined:
            pairs |= {(source, own) for source in each if source != own}
            each.intersection_update({max(each, default=own)})
    last = len(rows)
    pairs |= {(source, last) for source in sources[-1]} if sources else set()
    chained = tuple((number, number + 1) in pairs for number in range(INPUT, last))
    others = [pair for pair in pairs if pair[1] != pair[0] + 1]
    return Connections(chained, *_lanes(others))


def _row(kind: str, paths: Sequence[str], row_of: dict[str, int]) -> int | None:
    """The row of a node, by the innermost module that has one; None for a leaf and for what no such module computed."""
    if kind in ("leaf", "constant"):
        return None
    return next((row_of[path] for path in reversed(paths) if path in row_of), None)


def _lanes(pairs: Iterable[tuple[int, int]]) -> tuple[tuple[Link, ...], int]:
    """(the links, each in the innermost lane that is free along its whole length; how many found none)."""
    ends: list[list[tuple[int, int]]] = []
    links, left_out = [], 0
    for source, target in sorted(pairs, key=lambda pair: (abs(pair[1] - pair[0]), pair)):
        top, bottom = sorted((source, target))
        lane = next((i for i, spans in enumerate(ends) if all(bottom <= a or b <= top for a, b in spans)), len(ends))
        if lane == MOST_LANES:
            left_out += 1
            continue
        if lane == len(ends):
            ends.append([])
        ends[lane].append((top, bottom))
        links.append(Link(source, target, lane))
    return tuple(sorted(links, key=lambda link: (link.source, link.target))), left_out
