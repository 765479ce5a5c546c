"""A scene in rows as wide as a page: which nodes, labels and pieces of edges each row shows, and how high it is."""

import numpy as np

from helpers.layout.drawn import MARGIN
from helpers.layout.frames import HEADER
from helpers.layout.frames import SIDE as FRAME_SIDE

_WIDEST = 1280  # px: a picture much wider than a page is broken into rows
_NARROWEST = 60  # px of a frame in a row; less is not drawn
_ABOVE, _BELOW = 17, 14  # px: the names above and below a node's outline


def rows_of(plan, row_width):
    """Break the columns into rows: dicts of left, right, top, height in the scene, and what is shown: see `_share_out`.

    The gap at which a row ends is shown again at the beginning of the next.
    """
    far, gaps = plan["width"] - MARGIN, plan["gaps"]
    spans, left, begin = [], MARGIN, float("-inf")
    if far > max(_WIDEST, row_width):
        for i, (gap_left, gap_right) in enumerate(gaps):
            following = gaps[i + 1][1] if i + 1 < len(gaps) else far
            if following - left > row_width and gap_right - left > row_width / 2:
                spans.append((left, gap_right, begin, gap_right))
                left, begin = gap_left, gap_left
    spans.append((left, far, begin, float("inf")))
    shares = _share_out(plan, [span[2] for span in spans], [span[3] for span in spans])
    return [_extent(plan, span, share) for span, share in zip(spans, shares, strict=True)]


def _share_out(plan, begins, ends):
    """What each row shows, found by bisection: a picture of many rows is painted in one pass.

    Args:
        plan: the scene.
        begins, ends: list of float, ascending: the x range of each row.

    Returns:
        list of dict: nodes and labels, the places in the scene of nodes and of edges whose label is shown; edges, a list
        of (place, the pieces that lie inside, whether the mark does).
    """
    shares = [{"nodes": [], "labels": [], "edges": []} for _ in begins]
    nodes, edges = plan["nodes"], plan["edges"]
    for i, rows in enumerate(_at(begins, ends, [node["x"] for node in nodes])):
        for row in rows:
            shares[row]["nodes"].append(i)
    pieces = [piece for edge in edges for piece in edge["pieces"]]
    touched = _around(begins, ends, [piece[0] for piece in pieces], [piece[-2] for piece in pieces])
    for i, edge in enumerate(edges):
        inside = {}
        for piece in edge["pieces"]:
            for row in next(touched):
                inside.setdefault(row, []).append(piece)
        mark = edge["mark"]
        for row, shown in inside.items():
            marked = mark is not None and begins[row] <= mark[0] < ends[row]
            shares[row]["edges"].append((i, shown, marked))
    labelled = [i for i, edge in enumerate(edges) if edge["slot"]]
    for i, rows in zip(labelled, _at(begins, ends, [edges[i]["slot"][0] for i in labelled]), strict=True):
        for row in rows:
            shares[row]["labels"].append(i)
    return shares


def _at(begins, ends, x):
    """The rows in which each x lies, as ranges."""
    return map(range, np.searchsorted(ends, x, "right").tolist(), np.searchsorted(begins, x, "right").tolist())


def _around(begins, ends, left, right):
    """The rows that each stretch from left to right touches, as ranges."""
    return map(range, np.searchsorted(ends, right).tolist(), np.searchsorted(begins, left, "right").tolist())


def _extent(plan, span, share):
    ys = []
    for i in share["nodes"]:
        node = plan["nodes"][i]
        ys += [node["y"] - (_ABOVE if node["name"] else 0), node["y"] + node["h"] + _BELOW]
    for _, pieces, _ in share["edges"]:
        for piece in pieces:
            ys += piece[1::2]
    for i in share["labels"]:
        _, y, _, height = plan["edges"][i]["slot"]
        ys += [y - height / 2, y + height / 2]
    crossing = [frame for frame in plan["frames"] if crosses(frame, {"left": span[0], "right": span[1]})]
    if crossing:
        levels = 1 + crossing[0]["level"]  # outer ones come first
        ys = [max(min(ys) - levels * HEADER, crossing[0]["box"][1]), max(ys) + levels * FRAME_SIDE]
    top = min(ys)
    level = crossing[0]["level"] if crossing else 0
    return {"left": span[0], "right": span[1], "top": top, "height": max(ys) - top, "level": level, **share}


def crosses(frame, row):
    box = frame["box"]
    return box is not None and min(box[0] + box[2], row["right"]) - max(box[0], row["left"]) > _NARROWEST
