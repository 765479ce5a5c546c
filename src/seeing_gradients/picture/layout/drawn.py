"""The nodes of a scene: outlines, badges and places of the texts, as plain data; and numbers rounded to tenths of a px."""

import functools

import numpy as np

from seeing_gradients.picture import theme

from .symbols import symbol
from .words import fit, letters, room

_SYMBOL_SIZES = {1: 18, 2: 15, 3: 12, 4: 10.5, 5: 9.5}
_SMALLEST_SYMBOL = 8.5
_TIE = 1e-6  # how near to the middle of two tenths a number is looked at more closely
PLATES = (8, 4)  # px that the cards below a run of modules look out


def draw_nodes(nodes, sizes, places, root, joins):
    """Return the nodes of a scene, in order.

    Nodes alike in everything but number and place share one form: what is drawn of them, around the upper left corner.

    Args:
        nodes: list of Node.
        sizes: list, one a node, of (width, height, room above, room below), px.
        places: list, one a node, of (x, y), the upper left corner with the room above.
        root: id of the output, or -1.
        joins: set of the nodes at which gradients add up.
    """
    if not nodes:
        return []
    corners = round_pairs(
        [(x + theme.MARGIN, y + theme.MARGIN + size[2]) for (x, y), size in zip(places, sizes, strict=True)]
    )
    forms, drawn = {}, []
    for node, size, (x, y) in zip(nodes, sizes, corners, strict=True):
        alike = (node.kind, node.op, node.grad_fn, node.name, node.line, node.requires_grad, node.shape, node.saved)
        key = alike, size, node.inside, node.id == root, node.id in joins
        form = forms.get(key)
        if form is None:
            form = forms[key] = {"form": len(forms), **_form(node, size, node.id == root, node.id in joins)}
        drawn.append({**form, "id": node.id, "x": x, "y": y})
    return drawn


def _form(node, size, is_root, joins):
    w, h, _, _ = size
    middle, kind = round(w / 2, 1), node.kind
    form = {
        "kind": kind, "op": node.op, "grad_fn": node.grad_fn, "name": node.name, "line": node.line,
        "root": is_root, "w": w, "h": h, "badge": None, "marks": [], "grad": None,
        "sum": [w, round(h / 2, 1)] if joins else None, "saved": [] if kind == "module" else list(node.saved),
        "shape": list(node.shape or ()),
    }  # fmt: skip
    _FILL.get(kind, _fill_op)(form, node, middle)
    if node.grad_fn and kind != "constant":
        form["marks"].append(_caption(middle, h + 10.5, node.grad_fn, w + 16))
    return form


def _caption(x, y, words, wide, size=theme.CAPTION_SIZE):
    return ["caption", x, y, size, "middle", _fit(words, wide, size)]


def _fill_leaf(form, node, middle):
    w = form["w"]
    form["marks"].append(
        ["name", middle, 16.5, theme.NAME_SIZE, "middle", _fit(node.name or "?", w - 12, theme.NAME_SIZE)]
    )
    form["value"] = [middle, 33.5, theme.VALUE_SIZE, "middle"]
    if node.requires_grad:
        form["grad"] = [middle, 50, theme.VALUE_SIZE, "middle"]
    form["room"] = room(w - 30, theme.VALUE_SIZE)


def _fill_constant(form, node, middle):
    form["value"] = [middle, round(form["h"] / 2 + 4.7, 1), theme.VALUE_SIZE, "middle"]
    form["room"] = 20
    if node.name:
        form["prefix"] = f"{node.name} = "


def _fill_module(form, node, middle):
    inside, w = node.inside, form["w"]
    form["group"], form["stack"] = inside.key, inside.members > 1
    form["marks"].append(["name", middle, 17, theme.NAME_SIZE, "middle", _fit(node.op, w - 50, theme.NAME_SIZE)])
    form["value"] = [middle, 36, theme.VALUE_SIZE, "middle"]
    if node.requires_grad:
        form["grad"] = [middle, 53, theme.VALUE_SIZE, "middle"]
    form["room"] = room(w - 30, theme.VALUE_SIZE)
    count = f"{inside.operations} op{'s' if inside.operations != 1 else ''}"
    count += f", {inside.parameters:,} params" if inside.parameters else ""
    below = form["h"] + (20 if form["stack"] else 12)
    for words, level, size in ((node.name, -6, theme.CAPTION_SIZE + 1), (count, below, theme.CAPTION_SIZE)):
        form["marks"].append(_caption(middle, level, words or "", w + 16, size))


def _fill_op(form, node, middle):
    (sign, size), marks, w, h = _sign(node.op), form["marks"], form["w"], form["h"]
    half, is_op = round(h / 2, 1), node.kind == "op"
    form["badge"] = [half, half, round(h / 2 - 5, 1)]
    marks.append(["symbol", half, round(h / 2 + size * 0.35, 1), size, "middle", sign])
    x = round(h + (w - h - 12) / 2, 1)
    form["value"] = [x, 20 if is_op else 28, theme.VALUE_SIZE, "middle"]
    if is_op:
        form["grad"] = [x, 37, theme.VALUE_SIZE, "middle"]
    form["room"] = room(w - h - 20, theme.VALUE_SIZE)
    if node.name:
        marks.append(["name", middle, -5, theme.NAME_SIZE, "middle", _fit(node.name, w + 10, theme.NAME_SIZE)])
    if not node.grad_fn and sign != node.op:
        marks.append(_caption(middle, h + 10.5, node.op, w))


_FILL = {"leaf": _fill_leaf, "constant": _fill_constant, "module": _fill_module}
_fit = functools.lru_cache(maxsize=1 << 10)(fit)


@functools.lru_cache(maxsize=1 << 10)
def _sign(op):
    """The sign of an operation and its size."""
    sign = symbol(op)
    return sign, _SYMBOL_SIZES.get(letters(sign), _SMALLEST_SYMBOL)


def round_pairs(pairs):
    """Round a list of (x, y) to tenths; return a list of [x, y]."""
    return np.reshape(round_all(np.array(pairs, float).ravel()), (-1, 2)).tolist()


def round_all(numbers):
    """Round an array to tenths, each number as `round` does; return a list."""
    tens = numbers * 10
    near = np.rint(tens) / 10
    is_near_tie = np.abs(np.abs(tens - np.trunc(tens)) - 0.5) < _TIE
    is_quarter = np.rint(numbers * 4) == numbers * 4  # a tie indeed, of which rint took the even side, as `round` does
    for i in np.flatnonzero(is_near_tie & ~is_quarter):
        near[i] = round(float(numbers[i]), 1)
    return near.tolist()
