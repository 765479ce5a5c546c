"""A scene in rows as wide as a page: which nodes, labels and pieces of edges each row shows, and how high it is."""

import numpy as np

from seeing_gradients.picture import theme

_WIDEST = 1280  # px: a picture much wider than a page is broken into rows
_NARROWEST = 60  # px of a frame in a row; less is not drawn


def rows_of(plan, curves, row_width):
    """Break the columns into rows: dicts of left, right, top, height in the scene, and what is shown: see `_share_out`.

    The gap at which a row ends is shown again at the beginning of the next.
    """
    far, gaps = plan["width"] - theme.MARGIN, plan["gaps"]
    spans, left, begin = [], theme.MARGIN, float("-inf")
    if far > max(_WIDEST, row_width):
        for i, (gap_left, gap_right) in enumerate(gaps):
            following = gaps[i + 1][1] if i + 1 < len(gaps) else far
            if following - left > row_width and gap_right - left > row_width / 2:
                spans.append((left, gap_right, begin, gap_right))
                left, begin = gap_left, gap_left
    spans.append((left, far, begin, float("inf")))
    shares = _share_out(plan, curves, [span[2] for span in spans], [span[3] for span in spans])
    return [_extent(plan, span, share) for span, share in zip(spans, shares, strict=True)]


def _share_out(plan, curves, begins, ends):
    """What each row shows and how far it reaches, found by bisection: a picture of many rows is painted in one pass.

    Args:
        plan: the scene.
        curves: its Curves.
        begins, ends: list of float, ascending: the x range of each row.

    Returns:
        list of dict: nodes and labels, the places in the scene of nodes and of edges whose label is shown; edges, a list
        of (place, the pieces that lie inside, whether the mark does); top and bottom.
    """
    shares = [{"nodes": [], "labels": [], "edges": []} for _ in begins]
    reach = _Reach(len(begins))
    nodes, edges = plan["nodes"], plan["edges"]
    found = _at(begins, ends, [node["x"] for node in nodes])
    reach.add(
        found,
        [node["y"] - (theme.NAME_ROOM if node["name"] else 0) for node in nodes],
        [node["y"] + node["h"] + theme.CAPTION_ROOM for node in nodes],
    )
    _deal([share["nodes"] for share in shares], found, range(len(nodes)))
    found = _around(begins, ends, curves.left, curves.right)
    reach.add(found, curves.top, curves.bottom)
    firsts, afters = found[0].tolist(), found[1].tolist()
    drawn, at = [share["edges"] for share in shares], 0
    for i, (edge, end, inside) in enumerate(zip(edges, curves.ends, _within(begins, ends, curves), strict=True)):
        whole, mark = edge["pieces"], edge["mark"]
        if afters[end - 1] - firsts[at] == 1:  # it runs from left to right within one row
            drawn[firsts[at]].append((i, whole, mark is not None))
        else:
            spans = map(range, firsts[at:end], afters[at:end])
            shown = {} if len(inside) == afters[end - 1] - firsts[at] else _in_rows(whole, spans, begins, ends)
            for row, pieces in (shown | dict.fromkeys(inside, whole)).items():
                drawn[row].append((i, pieces, mark is not None and begins[row] <= mark[0] < ends[row]))
        at = end
    labelled = [i for i, edge in enumerate(edges) if edge["slot"]]
    slots = [edges[i]["slot"] for i in labelled]
    found = _at(begins, ends, [x for x, _, _, _ in slots])
    reach.add(found, [y - h / 2 for _, y, _, h in slots], [y + h / 2 for _, y, _, h in slots])
    _deal([share["labels"] for share in shares], found, labelled)
    return [{**share, **ends} for share, ends in zip(shares, reach.ends(), strict=True)]


class _Reach:
    """The highest and the lowest y of what each row shows."""

    def __init__(self, count):
        self._tops, self._bottoms = np.full(count, np.inf), np.full(count, -np.inf)

    def add(self, found, tops, bottoms):
        """Add things: the first row of each and the row after its last, its top and its bottom."""
        first, after = found
        counts = after - first
        rows = np.repeat(first - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
        np.minimum.at(self._tops, rows, np.repeat(tops, counts))
        np.maximum.at(self._bottoms, rows, np.repeat(bottoms, counts))

    def ends(self):
        pairs = zip(self._tops.tolist(), self._bottoms.tolist(), strict=True)
        return [{"top": top, "bottom": bottom} for top, bottom in pairs]


def _at(begins, ends, x):
    """The rows in which each x lies: arrays of the first and of the one after the last."""
    return np.searchsorted(ends, x, "right"), np.searchsorted(begins, x, "right")


def _around(begins, ends, left, right):
    """The rows that each stretch from left to right touches, likewise."""
    return np.searchsorted(ends, left, "right"), np.searchsorted(begins, right)


def _within(begins, ends, curves):
    """The rows in which all of an edge lies: a range for each edge."""
    if not curves.ends:
        return []
    after = np.array(curves.ends)
    left, right = curves.left[np.concatenate([[0], after[:-1]])], curves.right[after - 1]
    rows = np.searchsorted(ends, right).tolist(), np.searchsorted(begins, left, "right").tolist()
    return list(map(range, *rows))


def _clipped(piece, begin, end):
    """As much of a piece as lies between begin and end: what is longer than a row is a level line."""
    if begin <= piece[0] and piece[-2] <= end:
        return piece
    x0, y0, x1, y1 = piece
    return [max(x0, begin), y0, min(x1, end), y1]


def _deal(lists, found, things):
    """Append each thing to the lists of the rows in which it lies."""
    for thing, first, after in zip(things, *(rows.tolist() for rows in found), strict=True):
        lists[first].append(thing)
        for row in range(first + 1, after):
            lists[row].append(thing)


def _in_rows(pieces, spans, begins, ends):
    """What each row shows of an edge: dict from row to pieces."""
    inside = {}
    for piece, rows in zip(pieces, spans, strict=True):
        for row in rows:
            shown = piece if len(rows) == 1 else _clipped(piece, begins[row], ends[row])
            inside.setdefault(row, []).append(shown)
    return inside


def _extent(plan, span, share):
    top, bottom = share["top"], share["bottom"]
    crossing = [frame for frame in plan["frames"] if crosses(frame, {"left": span[0], "right": span[1]})]
    level = crossing[0]["level"] if crossing else 0  # outer ones come first
    if crossing:
        top = max(top - (1 + level) * theme.FRAME_HEADER, crossing[0]["box"][1])
        bottom += (1 + level) * theme.FRAME_SIDE
    return {**share, "left": span[0], "right": span[1], "top": top, "height": bottom - top, "level": level}


def crosses(frame, row):
    box = frame["box"]
    return box is not None and min(box[0] + box[2], row["right"]) - max(box[0], row["left"]) > _NARROWEST
