"""Break a scene into rows as wide as a page: the nodes, labels and pieces of edges in each row, and its height."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import numpy as np

from seeing_gradients.picture import theme

from .scene import AnyScene

if TYPE_CHECKING:
    from .painting import Curves

_WIDEST = 1280  # px: a picture much wider than a page is broken into rows
_NARROWEST = 60  # px of a frame in a row; less is not drawn

ShownEdge = tuple[
    int, list[list[float]], bool
]  # its position in the scene, the pieces in this row, whether its mark is, too
_Spans = tuple[np.ndarray, np.ndarray]  # of each thing the first row in which it lies, and the one after the last


class Row(TypedDict):
    """One row of a picture.

    Keys:
        left, right, top, height: of it in the scene, px.
        level: how many frames lie around what it shows, one in the other.
        nodes: positions in the scene; labels: positions of the edges whose label is shown.
        edges: see ShownEdge.
    """

    left: float
    right: float
    top: float
    height: float
    level: int
    nodes: list[int]
    labels: list[int]
    edges: list[ShownEdge]


class _Share(NamedTuple):
    """The content of a row, and how far it extends."""

    nodes: list[int]
    labels: list[int]
    edges: list[ShownEdge]
    top: float = 0.0
    bottom: float = 0.0


def wrapped_rows(scene: AnyScene, curves: Curves, row_width: float) -> list[Row]:
    """Break the columns into rows. The gap at which a row ends is shown again at the beginning of the next.

    Args:
        scene: of a Record.
        curves: of its edges.
        row_width: px.
    """
    far, gaps = scene["width"] - theme.MARGIN, scene["gaps"]
    spans, left, begin = [], theme.MARGIN, float("-inf")
    if far > max(_WIDEST, row_width):
        for i, (gap_left, gap_right) in enumerate(gaps):
            following = gaps[i + 1][1] if i + 1 < len(gaps) else far
            if following - left > row_width and gap_right - left > row_width / 2:
                spans.append((left, gap_right, begin, gap_right))
                left, begin = gap_left, gap_left
    spans.append((left, far, begin, float("inf")))
    shares = _share_out(scene, curves, [span[2] for span in spans], [span[3] for span in spans])
    return [_row(scene, span[0], span[1], share) for span, share in zip(spans, shares, strict=True)]


def _share_out(scene: AnyScene, curves: Curves, begins: Sequence[float], ends: Sequence[float]) -> list[_Share]:
    """The content and the extent of each row, found by bisection, so that one pass paints a picture of many rows.

    Args:
        scene: of a Record.
        curves: of its edges.
        begins, ends: ascending, the x range of each row.
    """
    shares = [_Share([], [], []) for _ in begins]
    extents = _Extents(len(begins))
    nodes, edges = scene["nodes"], scene["edges"]
    spans = _containing(begins, ends, [node["x"] for node in nodes])
    extents.add(
        spans,
        [node["y"] - (theme.NAME_ROOM if node["name"] else 0) for node in nodes],
        [node["y"] + node["h"] + theme.CAPTION_ROOM for node in nodes],
    )
    _deal([share.nodes for share in shares], spans, range(len(nodes)))
    spans = _touching(begins, ends, curves.left, curves.right)
    extents.add(spans, curves.top, curves.bottom)
    firsts, afters = spans[0].tolist(), spans[1].tolist()
    drawn, start = [share.edges for share in shares], 0
    for i, (edge, end, inside) in enumerate(zip(edges, curves.ends, _within(begins, ends, curves), strict=True)):
        whole, mark = edge["pieces"], edge["mark"]
        if afters[end - 1] - firsts[start] == 1:  # it runs from left to right within one row
            drawn[firsts[start]].append((i, whole, mark is not None))
        else:
            ranges = map(range, firsts[start:end], afters[start:end])
            shown = {} if len(inside) == afters[end - 1] - firsts[start] else _in_rows(whole, ranges, begins, ends)
            for row, pieces in (shown | dict.fromkeys(inside, whole)).items():
                drawn[row].append((i, pieces, mark is not None and begins[row] <= mark[0] < ends[row]))
        start = end
    labelled = [i for i, edge in enumerate(edges) if edge["slot"]]
    slots = [edges[i]["slot"] or [] for i in labelled]
    spans = _containing(begins, ends, [x for x, _, _, _ in slots])
    extents.add(spans, [y - h / 2 for _, y, _, h in slots], [y + h / 2 for _, y, _, h in slots])
    _deal([share.labels for share in shares], spans, labelled)
    return [share._replace(top=top, bottom=bottom) for share, (top, bottom) in zip(shares, extents.ends(), strict=True)]


class _Extents:
    """The smallest and the largest y in each row."""

    def __init__(self, count: int) -> None:
        self._tops, self._bottoms = np.full(count, np.inf), np.full(count, -np.inf)

    def add(self, spans: _Spans, tops: Any, bottoms: Any) -> None:
        """Add things: the rows in which each lies, its top and its bottom."""
        first, after = spans
        counts = after - first
        numbers = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
        np.minimum.at(self._tops, numbers, np.repeat(tops, counts))
        np.maximum.at(self._bottoms, numbers, np.repeat(bottoms, counts))

    def ends(self) -> list[tuple[float, float]]:
        """(top, bottom) of each row."""
        return list(zip(self._tops.tolist(), self._bottoms.tolist(), strict=True))


def _containing(begins: Sequence[float], ends: Sequence[float], x: Any) -> _Spans:
    """The rows in which each x lies."""
    return np.searchsorted(ends, x, "right"), np.searchsorted(begins, x, "right")


def _touching(begins: Sequence[float], ends: Sequence[float], left: np.ndarray, right: np.ndarray) -> _Spans:
    """The rows that each stretch from left to right touches."""
    return np.searchsorted(ends, left, "right"), np.searchsorted(begins, right)


def _within(begins: Sequence[float], ends: Sequence[float], curves: Curves) -> list[range]:
    """The rows in which all of an edge lies: a range for each edge."""
    if not curves.ends:
        return []
    after = np.array(curves.ends)
    left, right = curves.left[np.concatenate([[0], after[:-1]])], curves.right[after - 1]
    first, stop = np.searchsorted(ends, right).tolist(), np.searchsorted(begins, left, "right").tolist()
    return list(map(range, first, stop))


def _clipped(piece: list[float], begin: float, end: float) -> list[float]:
    """As much of a piece as lies between begin and end: what is longer than a row is a horizontal line."""
    if begin <= piece[0] and piece[-2] <= end:
        return piece
    x0, y0, x1, y1 = piece
    return [max(x0, begin), y0, min(x1, end), y1]


def _deal(lists: Sequence[list[int]], spans: _Spans, things: Iterable[int]) -> None:
    """Append each thing to the lists of the rows in which it lies."""
    firsts, afters = spans
    for thing, first, after in zip(things, firsts.tolist(), afters.tolist(), strict=True):
        lists[first].append(thing)
        for row in range(first + 1, after):
            lists[row].append(thing)


def _in_rows(
    pieces: Sequence[list[float]], ranges: Iterable[range], begins: Sequence[float], ends: Sequence[float]
) -> dict[int, list[list[float]]]:
    """The pieces of an edge in each row: dict from row to pieces."""
    inside: dict[int, list[list[float]]] = {}
    for piece, numbers in zip(pieces, ranges, strict=True):
        for row in numbers:
            shown = piece if len(numbers) == 1 else _clipped(piece, begins[row], ends[row])
            inside.setdefault(row, []).append(shown)
    return inside


def _row(scene: AnyScene, left: float, right: float, share: _Share) -> Row:
    top, bottom, level = share.top, share.bottom, 0
    boxes = [(box, frame["level"]) for frame in scene["frames"] if (box := frame["box"]) is not None]
    crossing = [(box, level) for box, level in boxes if crosses(box, left, right)]
    if crossing:
        box, level = crossing[0]  # outer ones come first
        top = max(top - (1 + level) * theme.FRAME_HEADER, box[1])
        bottom += (1 + level) * theme.FRAME_SIDE
    return {
        "left": left,
        "right": right,
        "top": top,
        "height": bottom - top,
        "level": level,
        "nodes": share.nodes,
        "labels": share.labels,
        "edges": share.edges,
    }


def crosses(box: Sequence[float], left: float, right: float) -> bool:
    """Whether so much of a frame's box lies between left and right that it is drawn there."""
    return min(box[0] + box[2], right) - max(box[0], left) > _NARROWEST
