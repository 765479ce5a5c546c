"""Break a wide scene into rows: `wrapped_rows` returns the nodes, labels and pieces of edges in each row.

A row ends in a gap between columns. Rows are found by bisection for all things at once, so that a picture of many rows
takes no longer than one of a single row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import numpy as np

from seeing_gradients.picture import theme

from .scene import AnyScene

if TYPE_CHECKING:
    from .painting import Curves

_WIDEST = 1280  # px; only a wider picture is broken into rows
_NARROWEST = 60  # px; a narrower part of a frame is not drawn

# An edge in a row: its position in the scene, its pieces in this row, whether its mark is in this row.
ShownEdge = tuple[int, list[list[float]], bool]
# The rows of each thing, two arrays: the first row in which it lies, and the row after the last one.
_RowRanges = tuple[np.ndarray, np.ndarray]


class Row(TypedDict):
    """One row of a picture.

    Keys:
        left, right, top, height: the part of the scene that it shows, px.
        level: the number of frames inside the outermost frame that crosses it, nested in each other.
        nodes: their positions in the scene.
        labels: positions of the edges whose label is in this row.
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


class _RowContent(NamedTuple):
    """The content of a row as in Row, and its smallest and largest y, px."""

    nodes: list[int]
    labels: list[int]
    edges: list[ShownEdge]
    top: float = 0.0
    bottom: float = 0.0


def wrapped_rows(scene: AnyScene, curves: Curves, row_width: float) -> list[Row]:
    """Break a scene into rows. The gap in which a row ends is shown again at the beginning of the next row.

    Args:
        scene: of a Record.
        curves: of its edges.
        row_width: px, the largest width of a row if it has more than one column.
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
    contents = _row_contents(scene, curves, [span[2] for span in spans], [span[3] for span in spans])
    return [_row(scene, span[0], span[1], content) for span, content in zip(spans, contents, strict=True)]


def _row_contents(scene: AnyScene, curves: Curves, begins: Sequence[float], ends: Sequence[float]) -> list[_RowContent]:
    """The content of each row.

    Args:
        scene: of a Record.
        curves: of its edges.
        begins, ends: the x range of each row, both ascending, px.
    """
    contents = [_RowContent([], [], []) for _ in begins]
    extents = _Extents(len(begins))
    nodes, edges = scene["nodes"], scene["edges"]
    row_ranges = _rows_of_points(begins, ends, [node["x"] for node in nodes])
    extents.add(
        row_ranges,
        [node["y"] - (theme.NAME_ROOM if node["name"] else 0) for node in nodes],
        [node["y"] + node["h"] + theme.CAPTION_ROOM for node in nodes],
    )
    _append_to_rows([content.nodes for content in contents], row_ranges, range(len(nodes)))
    row_ranges = _rows_of_intervals(begins, ends, curves.left, curves.right)
    extents.add(row_ranges, curves.top, curves.bottom)
    firsts, afters = row_ranges[0].tolist(), row_ranges[1].tolist()
    drawn, start = [content.edges for content in contents], 0
    for i, (edge, end, inside) in enumerate(zip(edges, curves.ends, _rows_of_edges(begins, ends, curves), strict=True)):
        whole, mark = edge["pieces"], edge["mark"]
        if afters[end - 1] - firsts[start] == 1:  # the common case: all of its pieces are in a single row
            drawn[firsts[start]].append((i, whole, mark is not None))
        else:
            ranges = map(range, firsts[start:end], afters[start:end])
            shown = {} if len(inside) == afters[end - 1] - firsts[start] else _in_rows(whole, ranges, begins, ends)
            for row, pieces in (shown | dict.fromkeys(inside, whole)).items():
                drawn[row].append((i, pieces, mark is not None and begins[row] <= mark[0] < ends[row]))
        start = end
    labelled = [i for i, edge in enumerate(edges) if edge["slot"]]
    slots = [edges[i]["slot"] or [] for i in labelled]
    row_ranges = _rows_of_points(begins, ends, [x for x, _, _, _ in slots])
    extents.add(row_ranges, [y - h / 2 for _, y, _, h in slots], [y + h / 2 for _, y, _, h in slots])
    _append_to_rows([content.labels for content in contents], row_ranges, labelled)
    bounds = zip(contents, extents.bounds(), strict=True)
    return [content._replace(top=top, bottom=bottom) for content, (top, bottom) in bounds]


class _Extents:
    """Computes the smallest and the largest y in each row."""

    def __init__(self, count: int) -> None:
        """Begin with so many empty rows."""
        self._tops, self._bottoms = np.full(count, np.inf), np.full(count, -np.inf)

    def add(self, row_ranges: _RowRanges, tops: Any, bottoms: Any) -> None:
        """Extend rows so that things fit.

        Args:
            row_ranges: of n things.
            tops, bottoms: sequences or arrays (n,), the y range of each thing, px.
        """
        first, after = row_ranges
        counts = after - first
        numbers = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
        np.minimum.at(self._tops, numbers, np.repeat(tops, counts))
        np.maximum.at(self._bottoms, numbers, np.repeat(bottoms, counts))

    def bounds(self) -> list[tuple[float, float]]:
        """Return (top, bottom) of each row, px."""
        return list(zip(self._tops.tolist(), self._bottoms.tolist(), strict=True))


def _rows_of_points(begins: Sequence[float], ends: Sequence[float], x: Any) -> _RowRanges:
    """The rows in which each x lies."""
    return np.searchsorted(ends, x, "right"), np.searchsorted(begins, x, "right")


def _rows_of_intervals(
    begins: Sequence[float], ends: Sequence[float], left: np.ndarray, right: np.ndarray
) -> _RowRanges:
    """The rows that each interval from left to right overlaps."""
    return np.searchsorted(ends, left, "right"), np.searchsorted(begins, right)


def _rows_of_edges(begins: Sequence[float], ends: Sequence[float], curves: Curves) -> list[range]:
    """For each edge the rows that contain all of it."""
    if not curves.ends:
        return []
    after = np.array(curves.ends)
    left, right = curves.left[np.concatenate([[0], after[:-1]])], curves.right[after - 1]
    first, stop = np.searchsorted(ends, right).tolist(), np.searchsorted(begins, left, "right").tolist()
    return list(map(range, first, stop))


def _clipped(piece: list[float], begin: float, end: float) -> list[float]:
    """The part of a piece between begin and end. A piece that is not inside one row is a horizontal line."""
    if begin <= piece[0] and piece[-2] <= end:
        return piece
    x0, y0, x1, y1 = piece
    return [max(x0, begin), y0, min(x1, end), y1]


def _append_to_rows(lists: Sequence[list[int]], row_ranges: _RowRanges, things: Iterable[int]) -> None:
    """Append each thing to the lists of the rows in which it lies."""
    firsts, afters = row_ranges
    for thing, first, after in zip(things, firsts.tolist(), afters.tolist(), strict=True):
        lists[first].append(thing)
        for row in range(first + 1, after):
            lists[row].append(thing)


def _in_rows(
    pieces: Sequence[list[float]], ranges: Iterable[range], begins: Sequence[float], ends: Sequence[float]
) -> dict[int, list[list[float]]]:
    """The pieces of an edge in each row: dict from row to pieces.

    Args:
        pieces: of the edge.
        ranges: for each piece the rows in which it lies.
        begins, ends: the x range of each row, px.
    """
    inside: dict[int, list[list[float]]] = {}
    for piece, numbers in zip(pieces, ranges, strict=True):
        for row in numbers:
            shown = piece if len(numbers) == 1 else _clipped(piece, begins[row], ends[row])
            inside.setdefault(row, []).append(shown)
    return inside


def _row(scene: AnyScene, left: float, right: float, content: _RowContent) -> Row:
    """A row with its content, made higher by the frames that cross it."""
    top, bottom, level = content.top, content.bottom, 0
    boxes = [(box, frame["level"]) for frame in scene["frames"] if (box := frame["box"]) is not None]
    crossing = [(box, level) for box, level in boxes if crosses(box, left, right)]
    if crossing:
        box, level = crossing[0]  # the outermost one: the scene lists outer frames first
        top = max(top - (1 + level) * theme.FRAME_HEADER, box[1])
        bottom += (1 + level) * theme.FRAME_SIDE
    return {
        "left": left,
        "right": right,
        "top": top,
        "height": bottom - top,
        "level": level,
        "nodes": content.nodes,
        "labels": content.labels,
        "edges": content.edges,
    }


def crosses(box: Sequence[float], left: float, right: float) -> bool:
    """Return whether enough of a frame lies between left and right to draw it there.

    Args:
        box: [x, y, width, height], px.
        left, right: px.
    """
    return min(box[0] + box[2], right) - max(box[0], left) > _NARROWEST
