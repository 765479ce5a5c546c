"""The edges of a scene: their curves, arrow heads, labels and marks, as plain data."""

import numpy as np

from seeing_gradients.picture import theme

from .drawn import round_all
from .words import room


def draw_edges(edges, links, plan, joins):
    """Return the edges of a scene, in order.

    Args:
        edges: list of Edge, of the Record.
        links: list of Link, the same.
        plan: Arrangement.
        joins: set of the nodes at which gradients add up.
    """
    if not edges:
        return []
    points, bounds = plan.points + theme.MARGIN, plan.bounds()
    starts = points[bounds[:-1]]
    starts[:, 0] += [8 if edge.src in joins else 1 for edge in edges]
    centres = np.array(list(filter(None, plan.slots)), float) + theme.MARGIN
    flat = round_all(np.concatenate([points.ravel(), starts.ravel(), centres.ravel()]))  # all at once, which is quicker
    back = 2 * len(points)
    centre = back + 2 * len(edges)
    sizes = {
        slot: (*map(float, slot), room(slot[0] - 16, theme.LABEL_SIZE))
        for slot in {link.slot for link in links}
        if slot
    }
    drawn, at = [], 0  # where the next point, back and centre begin in `flat`
    for i, (edge, link, lengths, placed) in enumerate(zip(edges, links, plan.lengths, plan.slots, strict=True)):
        pieces, cut, flow = [], edge.cut, edge.flow
        for length in lengths:
            end = at + 2 * length
            pieces.append(flat[at:end])
            at = end
        slot, space = None, 0
        if placed:
            w, h, space = sizes[link.slot]
            slot = [flat[centre], flat[centre + 1], w, h]
            centre += 2
        mark = None
        if cut:
            mark = _mark(*slot[:2]) if slot else _gap_mark(points[bounds[i] : bounds[i + 1]], lengths)
            slot = None
        drawn.append(
            {
                "src": edge.src,
                "dst": edge.dst,
                "kind": "cut" if cut else "plain" if flow is None else "flow",
                "pieces": pieces,
                "tip": flat[at - 2 : at],
                "back": None if flow is None else flat[back : back + 2],
                "mark": mark,
                "slot": slot,
                "room": space,
            }
        )
        back += 2
    return drawn


def _gap_mark(points, lengths):
    """Two strokes across the middle of the last bend."""
    pieces = np.split(points, np.cumsum(lengths)[:-1])
    piece = max(pieces[-2:], key=lambda p: abs(p[-1][0] - p[0][0]))
    if len(piece) == 2:
        x, y = ((piece[0][k] + piece[1][k]) / 2 for k in (0, 1))
    else:
        x, y = ((piece[0][k] + 3 * piece[1][k] + 3 * piece[2][k] + piece[3][k]) / 8 for k in (0, 1))
    return _mark(x, y)


def _mark(x, y):
    return round_all(np.array([x - 5, y + 6, x - 1, y - 6, x + 1, y + 6, x + 5, y - 6]))
