"""A Record as a scene: plain data (dicts, lists, numbers, text) that says where everything is drawn.

`scene(record)` holds what stays while only numbers change; `texts(record, scene)` holds the numbers as text. The static
picture and the live one are both painted from these two; `topology(record)` tells whether a scene can be kept.
"""

import math
import unicodedata

from .geometry import Link, arrange
from .numbers import compact
from .symbols import symbol

MARGIN = 14
_OP, _LEAF, _CONSTANT = 122, 96, 34  # px: width of a node with one number; a constant grows with its text
_WIDE = 76  # px more where there are several numbers
_PILL, _LEAF_HEIGHT, _SHORT_LEAF, _CONSTANT_HEIGHT = 46, 58, 42, 26
_TAG, _CAPTION = 17, 14  # px above a node for its variable's name, below for its backward node
_LABEL, _WIDE_LABEL, _LABEL_HEIGHT = 66, 136, 17
_PER_CHARACTER = 0.57  # of the font size: a generous mean for digits
VALUE_SIZE, LABEL_SIZE, NAME_SIZE, CAPTION_SIZE = 12.5, 11.5, 12.5, 9.5


def topology(record):
    """Return a hashable key: equal for two records that differ in numbers only."""
    nodes = tuple(
        (n.op, n.kind, n.name, n.grad_fn, n.shape, n.line, n.requires_grad, len(n.values)) for n in record.nodes
    )
    edges = tuple((e.src, e.dst, e.output, e.input, e.flow is None, e.cut) for e in record.edges)
    constants = tuple(len(_constant(n)) for n in record.nodes if n.kind == "constant")
    return nodes, edges, constants


def scene(record):
    """Lay a Record out.

    Returns:
        dict: width, height (px); nodes: list of dict (id, kind, op, grad_fn, name, line, root, x, y, w, h of the outline,
        badge, marks: list of [class, x, y, size, anchor, text], value and grad: [x, y, size] or None, room in characters,
        sum: [x, y] or None); edges: list of dict (src, dst, kind, pieces: lists of points, tip, back, mark: paths,
        slot: [x, y, w, h] or None, room); gaps: list of [left, right].
    """
    root = len(record.nodes) - 1 if record.complete else -1
    sizes = [_size(node) for node in record.nodes]
    boxes = [(w, above + h + below) for w, h, above, below in sizes]
    links = [Link(e.src, e.dst, _slot(e)) for e in record.edges]
    late = {n.id for n in record.nodes if n.kind in ("leaf", "constant")}
    plan = arrange(boxes, links, late, [above + h / 2 for _, h, above, _ in sizes])
    joins = _joins(record)
    nodes = [_node(n, sizes[n.id], _shift(plan.places[n.id]), n.id == root, n.id in joins) for n in record.nodes]
    edges = [_edge(e, links[i], plan, i, e.src in joins) for i, e in enumerate(record.edges)]
    return {
        "width": math.ceil(plan.width + 2 * MARGIN),
        "height": math.ceil(plan.height + 2 * MARGIN),
        "nodes": nodes,
        "edges": edges,
        "gaps": [[_round(left + MARGIN), _round(right + MARGIN)] for left, right in plan.gaps],
    }


def texts(record, scene):
    """Return the numbers of a Record as text: dict of values, grads (one a node) and flows (one an edge)."""
    return {
        "values": [_value(n, s["room"]) for n, s in zip(record.nodes, scene["nodes"], strict=True)],
        "grads": [
            _outputs(n.grads, s["room"]) if s["grad"] else "" for n, s in zip(record.nodes, scene["nodes"], strict=True)
        ],
        "flows": [
            compact(e.flow, s["room"]) if s["slot"] else "" for e, s in zip(record.edges, scene["edges"], strict=True)
        ],
    }


def _value(node, room):
    return _constant(node) if node.kind == "constant" else _outputs(node.values, room)


def _outputs(snapshots, room):
    """One snapshot, or the outputs of an operation that has several, in the room there is."""
    known = [s for s in snapshots if s is not None]
    if not known:
        return "None" if len(snapshots) == 1 else "?"
    if len(snapshots) == 1:
        return compact(known[0], room)
    share = max(4, room // len(known) - 2)
    whole = "; ".join(compact(s, share) for s in known)
    return whole if len(whole) <= room else f"{compact(known[0], room - 3)} .."


def _constant(node):
    return _outputs(node.values, 20)


def _size(node):
    """Width and height of the outline, and the room above (variable's name) and below (backward node)."""
    wide = 0 if _is_single(node) else _WIDE
    if node.kind == "constant":
        name = len(node.name) + 3 if node.name else 0
        return max(_CONSTANT, _width(len(_constant(node)) + name, VALUE_SIZE) + 16), _CONSTANT_HEIGHT, 0, 0
    below = _CAPTION if node.grad_fn else 0
    if node.kind == "leaf":
        return _LEAF + wide, _LEAF_HEIGHT if node.requires_grad else _SHORT_LEAF, 0, below
    return _OP + wide, _PILL, _TAG if node.name else 0, below or _CAPTION


def _is_single(node):
    return len(node.values) == 1 and math.prod(node.shape or ()) == 1


def _slot(edge):
    if edge.flow is None:
        return None
    return (_LABEL if math.prod(edge.flow.shape) == 1 else _WIDE_LABEL, _LABEL_HEIGHT)


def _joins(record):
    """The nodes at which several gradient flows are added."""
    flows = {}
    for edge in record.edges:
        if edge.flow is not None:
            flows[edge.src, edge.output] = flows.get((edge.src, edge.output), 0) + 1
    return {src for (src, _), count in flows.items() if count > 1}


def _node(node, size, place, is_root, joins):
    w, h, above, _ = size
    x, y = place[0], place[1] + above
    drawn = {
        "id": node.id, "kind": node.kind, "op": node.op, "grad_fn": node.grad_fn, "name": node.name, "line": node.line,
        "root": is_root, "x": _round(x), "y": _round(y), "w": w, "h": h, "badge": None, "marks": [], "grad": None,
        "sum": [_round(x + w), _round(y + h / 2)] if joins else None, "saved": list(node.saved), "shape": list(node.shape or ()),
    }  # fmt: skip
    fill = {"leaf": _fill_leaf, "constant": _fill_constant}.get(node.kind, _fill_op)
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
    drawn["value"] = [_round(x + w / 2), _round(y + 33.5), VALUE_SIZE, "middle"]
    if node.requires_grad:
        drawn["grad"] = [_round(x + w / 2), _round(y + 50), VALUE_SIZE, "middle"]
    drawn["room"] = _room(w - 30, VALUE_SIZE)


def _fill_constant(drawn, node):
    x, y, w, h = (drawn[key] for key in "xywh")
    drawn["value"] = [_round(x + w / 2), _round(y + h / 2 + 4.7), VALUE_SIZE, "middle"]
    drawn["room"] = 20
    if node.name:
        drawn["prefix"] = f"{node.name} = "


def _fill_op(drawn, node):
    x, y, w, h = (drawn[key] for key in "xywh")
    sign = symbol(node.op)
    drawn["badge"] = [_round(x + h / 2), _round(y + h / 2), h / 2 - 5]
    size = {1: 18, 2: 15, 3: 12, 4: 10.5, 5: 9.5}.get(_columns(sign), 8.5)
    drawn["marks"].append(_mark("symbol", x + h / 2, y + h / 2 + size * 0.35, size, "middle", sign))
    middle = x + h + (w - h - 12) / 2
    drawn["value"] = [_round(middle), _round(y + (20 if node.kind == "op" else 28)), VALUE_SIZE, "middle"]
    if node.kind == "op":
        drawn["grad"] = [_round(middle), _round(y + 37), VALUE_SIZE, "middle"]
    drawn["room"] = _room(w - h - 20, VALUE_SIZE)
    if node.name:
        drawn["marks"].append(_mark("name", x + w / 2, y - 5, NAME_SIZE, "middle", fit(node.name, w + 10, NAME_SIZE)))
    if not node.grad_fn and _shows_no_name(sign, node):
        drawn["marks"].append(
            _mark("caption", x + w / 2, y + h + 10.5, CAPTION_SIZE, "middle", fit(node.op, w, CAPTION_SIZE))
        )


def _shows_no_name(sign, node):
    return sign != node.op


def _edge(edge, link, plan, i, joins):
    pieces = [[_shift(point) for point in piece] for piece in plan.paths[i]]
    end, start = pieces[-1][-1], pieces[0][0]
    slot = plan.slots[i] and [*_shift(plan.slots[i]), *link.slot]
    out = start[0] + (8 if joins else 1)
    return {
        "src": edge.src,
        "dst": edge.dst,
        "kind": "cut" if edge.cut else "plain" if edge.flow is None else "flow",
        "pieces": [[_round(v) for point in piece for v in point] for piece in pieces],
        "tip": _triangle(end[0], end[1], -7),
        "back": _triangle(out, start[1], 7) if edge.flow is not None else None,
        "mark": _gap_mark(pieces) if edge.cut else None,
        "slot": slot and [_round(v) for v in slot],
        "room": _room(link.slot[0] - 16, LABEL_SIZE) if link.slot else 0,
    }


def _triangle(x, y, length):
    return [_round(v) for v in (x, y, x + length, y - 4, x + length, y + 4)]


def _gap_mark(pieces):
    """Two strokes across the middle of the longest piece."""
    piece = max(pieces, key=lambda p: abs(p[-1][0] - p[0][0]))
    if len(piece) == 2:
        x, y = ((piece[0][k] + piece[1][k]) / 2 for k in (0, 1))
    else:
        x, y = ((piece[0][k] + 3 * piece[1][k] + 3 * piece[2][k] + piece[3][k]) / 8 for k in (0, 1))
    return [_round(v) for v in (x - 5, y + 6, x - 1, y - 6, x + 1, y + 6, x + 5, y - 6)]


def _mark(kind, x, y, size, anchor, text):
    return [kind, _round(x), _round(y), size, anchor, text]


def fit(text, width, size):
    """Shorten a name to a width in px, ending in "…" where something is left out."""
    room = max(2, int(width / (size * _PER_CHARACTER)))
    if _columns(text) <= room:
        return text
    while _columns(text) > room - 1:
        text = text[:-1]
    return f"{text}…"


def _columns(text):
    """How many letters wide a text is, where a Chinese character counts as two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text if not unicodedata.combining(c))


def _width(characters, size):
    return math.ceil(characters * size * _PER_CHARACTER)


def _room(width, size):
    return int(width / (size * _PER_CHARACTER))


def _shift(point):
    return (point[0] + MARGIN, point[1] + MARGIN)


def _round(x):
    return round(x, 1)
