"""One node and one edge of a scene: outlines, badges, places of the texts, arrow heads and marks, as plain data."""

from itertools import chain

import numpy as np

from .symbols import symbol
from .words import fit, letters, room

MARGIN = 14
VALUE_SIZE, LABEL_SIZE, NAME_SIZE, CAPTION_SIZE = 12.5, 11.5, 12.5, 9.5
_SYMBOL_SIZES = {1: 18, 2: 15, 3: 12, 4: 10.5, 5: 9.5}
_SMALLEST_SYMBOL = 8.5
_NUMBERS_KEPT = 1 << 15
_TIE = 1e-6  # how near to the middle of two tenths a number is looked at more closely
PLATES = (8, 4)  # px that the cards below a run of modules look out


def draw_node(node, size, place, is_root, joins):
    """Return a node of the scene; `size` is (width, height, room above, room below), `joins` whether gradients add up."""
    w, h, above, _ = size
    x, y = place[0], place[1] + above
    drawn = {
        "id": node.id, "kind": node.kind, "op": node.op, "grad_fn": node.grad_fn, "name": node.name, "line": node.line,
        "root": is_root, "x": rounded(x), "y": rounded(y), "w": w, "h": h, "badge": None, "marks": [], "grad": None,
        "sum": [rounded(x + w), rounded(y + h / 2)] if joins else None, "saved": [] if node.kind == "module" else list(node.saved), "shape": list(node.shape or ()),
    }  # fmt: skip
    fill = {"leaf": _fill_leaf, "constant": _fill_constant, "module": _fill_module}.get(node.kind, _fill_op)
    fill(drawn, node)
    if node.grad_fn and node.kind != "constant":
        drawn["marks"].append(
            _mark("caption", x + w / 2, y + h + 10.5, CAPTION_SIZE, "middle", fit(node.grad_fn, w + 16, CAPTION_SIZE))
        )
    return drawn


def _fill_leaf(drawn, node):
    x, y, w, _h = (drawn[key] for key in "xywh")
    drawn["marks"].append(
        _mark("name", x + w / 2, y + 16.5, NAME_SIZE, "middle", fit(node.name or "?", w - 12, NAME_SIZE))
    )
    drawn["value"] = [rounded(x + w / 2), rounded(y + 33.5), VALUE_SIZE, "middle"]
    if node.requires_grad:
        drawn["grad"] = [rounded(x + w / 2), rounded(y + 50), VALUE_SIZE, "middle"]
    drawn["room"] = room(w - 30, VALUE_SIZE)


def _fill_constant(drawn, node):
    x, y, w, h = (drawn[key] for key in "xywh")
    drawn["value"] = [rounded(x + w / 2), rounded(y + h / 2 + 4.7), VALUE_SIZE, "middle"]
    drawn["room"] = 20
    if node.name:
        drawn["prefix"] = f"{node.name} = "


def _fill_module(drawn, node):
    x, y, w, h = (drawn[key] for key in "xywh")
    inside = node.inside
    drawn["group"], drawn["stack"] = inside.key, inside.members > 1
    drawn["marks"].append(_mark("name", x + w / 2, y + 17, NAME_SIZE, "middle", fit(node.op, w - 50, NAME_SIZE)))
    drawn["value"] = [rounded(x + w / 2), rounded(y + 36), VALUE_SIZE, "middle"]
    if node.requires_grad:
        drawn["grad"] = [rounded(x + w / 2), rounded(y + 53), VALUE_SIZE, "middle"]
    drawn["room"] = room(w - 30, VALUE_SIZE)
    count = f"{inside.operations} op{'s' if inside.operations != 1 else ''}"
    count += f", {inside.parameters:,} params" if inside.parameters else ""
    below = y + h + (20 if drawn["stack"] else 12)
    for text, level, size in ((node.name, y - 6, CAPTION_SIZE + 1), (count, below, CAPTION_SIZE)):
        drawn["marks"].append(_mark("caption", x + w / 2, level, size, "middle", fit(text or "", w + 16, size)))


def _fill_op(drawn, node):
    x, y, w, h = (drawn[key] for key in "xywh")
    sign = symbol(node.op)
    drawn["badge"] = [rounded(x + h / 2), rounded(y + h / 2), h / 2 - 5]
    size = _SYMBOL_SIZES.get(letters(sign), _SMALLEST_SYMBOL)
    drawn["marks"].append(_mark("symbol", x + h / 2, y + h / 2 + size * 0.35, size, "middle", sign))
    middle = x + h + (w - h - 12) / 2
    drawn["value"] = [rounded(middle), rounded(y + (20 if node.kind == "op" else 28)), VALUE_SIZE, "middle"]
    if node.kind == "op":
        drawn["grad"] = [rounded(middle), rounded(y + 37), VALUE_SIZE, "middle"]
    drawn["room"] = room(w - h - 20, VALUE_SIZE)
    if node.name:
        drawn["marks"].append(_mark("name", x + w / 2, y - 5, NAME_SIZE, "middle", fit(node.name, w + 10, NAME_SIZE)))
    if not node.grad_fn and sign != node.op:
        drawn["marks"].append(
            _mark("caption", x + w / 2, y + h + 10.5, CAPTION_SIZE, "middle", fit(node.op, w, CAPTION_SIZE))
        )


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
    flat = round_all(np.fromiter(_coordinates(plan.paths), float) + MARGIN)
    starts = np.array([path[0][0] for path in plan.paths]) + MARGIN
    starts[:, 0] += [8 if edge.src in joins else 1 for edge in edges]
    backs = _triangles(starts, 7)
    tips = _triangles(np.array([path[-1][-1] for path in plan.paths]) + MARGIN, -7)
    drawn, at = [], 0
    for i, (edge, link, path) in enumerate(zip(edges, links, plan.paths, strict=True)):
        pieces = []
        for piece in path:
            end = at + 2 * len(piece)
            pieces.append(flat[at:end])
            at = end
        slot = plan.slots[i] and [rounded(v) for v in (*shifted(plan.slots[i]), *link.slot)]
        drawn.append(
            {
                "src": edge.src,
                "dst": edge.dst,
                "kind": "cut" if edge.cut else "plain" if edge.flow is None else "flow",
                "pieces": pieces,
                "tip": tips[i],
                "back": backs[i] if edge.flow is not None else None,
                "mark": _gap_mark([[shifted(point) for point in piece] for piece in path]) if edge.cut else None,
                "slot": slot,
                "room": room(link.slot[0] - 16, LABEL_SIZE) if link.slot else 0,
            }
        )
    return drawn


def _coordinates(paths):
    """All numbers of all paths, in a row."""
    return chain.from_iterable(chain.from_iterable(chain.from_iterable(paths)))


def _triangles(points, length):
    """Arrow heads, each of six numbers, from their points to `length` px away."""
    x, y, back = (np.array(round_all(numbers)) for numbers in (points[:, 0], points[:, 1], points[:, 0] + length))
    above, below = np.array(round_all(y - 4)), np.array(round_all(y + 4))
    return np.column_stack([x, y, back, above, back, below]).tolist()


def _gap_mark(pieces):
    """Two strokes across the middle of the last bend."""
    piece = max(pieces[-2:], key=lambda p: abs(p[-1][0] - p[0][0]))
    if len(piece) == 2:
        x, y = ((piece[0][k] + piece[1][k]) / 2 for k in (0, 1))
    else:
        x, y = ((piece[0][k] + 3 * piece[1][k] + 3 * piece[2][k] + piece[3][k]) / 8 for k in (0, 1))
    return [rounded(v) for v in (x - 5, y + 6, x - 1, y - 6, x + 1, y + 6, x + 5, y - 6)]


def _mark(kind, x, y, size, anchor, text):
    return [kind, rounded(x), rounded(y), size, anchor, text]


def shifted(point):
    return (point[0] + MARGIN, point[1] + MARGIN)


class _Rounded(dict):
    """Numbers rounded to tenths; the same ones come again and again, and `round` takes its time."""

    def __missing__(self, x):
        if len(self) > _NUMBERS_KEPT:
            self.clear()
        self[x] = near = round(float(x), 1)
        return near


rounded = _Rounded().__getitem__


def round_all(numbers):
    """Round an array to tenths, each number as `round` does; return a list."""
    tens = numbers * 10
    near = np.rint(tens) / 10
    for i in np.flatnonzero(np.abs(np.abs(tens - np.trunc(tens)) - 0.5) < _TIE):
        near[i] = round(float(numbers[i]), 1)
    return near.tolist()
