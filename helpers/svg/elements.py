"""The SVG elements of a picture: its nodes, its edges and their labels, as text.

A picture of 10,000 nodes is some 15 MB, written here: what elements have in common, all but places and words, is put
together once and kept. Only plain attributes, no style sheet, id or script.
"""

import re
from functools import lru_cache
from html import escape as _escape_markup

from helpers.export import clean
from helpers.layout import SIGNS
from helpers.layout.drawn import LABEL_SIZE, PLATES

CARD, HAIR, INK, MUTED, LINE = "#ffffff", "#d5dae1", "#1c2128", "#57606a", "#8c96a3"
FORWARD, BACKWARD, LEAF, SOFT = "#0b57d0", "#b93c05", "#eaf1fe", "#f3f5f8"
BAD = "#b42318"
BOLD = ' font-weight="600"'
_LABEL_CHARACTER = 7  # px of background a character of an edge's label
_KEPT = 1 << 12  # numbers and looks: those of a few rows, which come again and again
_ALL_PLAIN = re.compile(r"[\w .,+()\[\]-]*", re.ASCII).fullmatch


class _Written(dict):
    """Numbers as short as possible, 12.0 -> 12; a picture has each in several places, and writing one is what takes time."""

    def __missing__(self, x):
        if len(self) > _KEPT:
            self.clear()
        text = f"{x:.1f}"
        if text[-1] == "0":
            text = text[:-2] if text != "-0.0" else "0"
        self[x] = text
        return text


_numbers = _Written()
written = _numbers.__getitem__


def escape(text):
    return text if _ALL_PLAIN(text) else _escaped(text)


@lru_cache(maxsize=_KEPT)
def _escaped(text):
    return _escape_markup(clean(text))


def text_at(x, y, size, anchor, fill, words, more="", sign=""):
    """A text, after a sign that is written as it is."""
    return f'<text x="{_numbers[x]}" y="{_numbers[y]}{_look(size, anchor, fill, more, sign)}{escape(words)}</text>'


@lru_cache(maxsize=_KEPT)
def _look(size, anchor, fill, more, sign):
    """A text's tag from behind its place up to its words."""
    return f'" font-size="{written(size)}" text-anchor="{anchor}" fill="{fill}"{more}>{sign}'


def rect_at(x, y, w, h, radius, fill, stroke, thick, more=""):
    return f'<rect x="{_numbers[x]}" y="{_numbers[y]}{_box(w, h, radius, fill, stroke, thick, more)}'


@lru_cache(maxsize=_KEPT)
def _box(w, h, radius, fill, stroke, thick, more):
    """A rectangle's tag from behind its place."""
    edge = f' stroke="{stroke}" stroke-width="{written(thick)}"' if thick else ""
    size = f'width="{written(w)}" height="{written(h)}" rx="{written(radius)}"'
    return f'" {size} fill="{fill}"{edge}{more}/>'


def path(pieces):
    """Return the `d` of an SVG path through pieces of 2 (line) or 4 (cubic) points, given as flat lists."""
    d, x, y, n = [], None, None, _numbers
    for piece in pieces:
        if piece[0] != x or piece[1] != y:
            d.append(f"M{n[piece[0]]} {n[piece[1]]}")
        if len(piece) == 4:
            _, _, x, y = piece
            d.append(f"L{n[x]} {n[y]}")
        else:
            _, _, x1, y1, x2, y2, x, y = piece
            d.append(f"C{n[x1]} {n[y1]} {n[x2]} {n[y2]} {n[x]} {n[y]}")
    return "".join(d)


def edge(drawn, inside, marked):
    """An edge, or as much of it as lies in a row.

    Args:
        drawn: dict, of the scene.
        inside: list of its pieces.
        marked: bool, whether the mark of a cut is among them.
    """
    is_cut = drawn["kind"] == "cut"
    look = (
        f'stroke="{MUTED}" stroke-width="1.5" stroke-dasharray="5 4"'
        if is_cut
        else f'stroke="{LINE}" stroke-width="1.5"'
    )
    parts = f'<path d="{path(inside)}" fill="none" {look}/>'
    if inside[-1] is drawn["pieces"][-1]:
        parts += _triangle(drawn["tip"], MUTED if is_cut else FORWARD)
    if drawn["back"] and inside[0] is drawn["pieces"][0]:
        parts += _triangle(drawn["back"], BACKWARD)
    return parts + _cut(drawn["mark"]) if marked else parts


def _triangle(t, fill):
    x, y, x1, y1, x2, y2 = t
    n = _numbers
    return f'<path d="M{n[x]} {n[y]}L{n[x1]} {n[y1]}L{n[x2]} {n[y2]}Z" fill="{fill}"/>'


def _cut(mark):
    a, b, c, d, e, f, g, h = map(written, mark)
    return f'<path d="M{a} {b}L{c} {d}M{e} {f}L{g} {h}" fill="none" stroke="{INK}" stroke-width="2"/>'


def label(slot, words):
    """What flows along an edge."""
    x, y, w, h = slot
    w = min(w, _LABEL_CHARACTER * (len(words) + 2) + 8)
    box = rect_at(x - w / 2, y - h / 2, w, h, h / 2, CARD, "none", 0)
    return box + text_at(x, y + 4, LABEL_SIZE, "middle", BACKWARD, words, BOLD, "← ")


def node(drawn, value, grad, chips=(), failed=False):
    """A node, as a list of elements.

    Args:
        drawn: dict, of the scene.
        value, grad: str.
        chips: list of [state, text], what it keeps.
        failed: bool, whether the backward pass stopped here.
    """
    out = [_outline(drawn, failed)]
    if drawn["badge"]:
        x, y, r = drawn["badge"]
        out.append(f'<circle cx="{_numbers[x]}" cy="{_numbers[y]}" r="{_numbers[r]}" fill="{SOFT}"/>')
    for kind, x, y, size, anchor, words in drawn["marks"]:
        if kind == "caption":
            out.append(_chips(x, y, size, chips) if chips else text_at(x, y, size, anchor, MUTED, words))
        else:
            out.append(text_at(x, y, size, anchor, INK, words, BOLD if kind == "name" else ""))
    if drawn["kind"] == "constant":
        out.append(text_at(*drawn["value"], MUTED, drawn.get("prefix", "") + value, BOLD))
    else:
        out.append(text_at(*drawn["value"], FORWARD, value, BOLD, "→ "))
    if drawn["grad"]:
        out.append(text_at(*drawn["grad"], BACKWARD, grad, BOLD, "← "))
    if drawn["sum"]:
        out.append(_join(*drawn["sum"]))
    return out


def _chips(x, y, size, chips):
    """What a node keeps, below it."""
    inks = {"kept": INK, "changed": BAD}
    spans = []
    for place, (state, words) in enumerate(chips):
        gap, shown = ' dx="6"' if place else "", f"{SIGNS.get(state, '')} {words}".strip()
        spans.append(f'<tspan fill="{inks.get(state, MUTED)}"{gap}>{escape(shown)}</tspan>')
    where = f'x="{written(x)}" y="{written(y)}" font-size="{written(size)}" text-anchor="middle"'
    return f"<text {where}{BOLD}>{''.join(spans)}</text>"


def _outline(drawn, failed):
    x, y, w, h = drawn["x"], drawn["y"], drawn["w"], drawn["h"]
    outline = rect_at(x, y, w, h, *_style(drawn["kind"], h, bool(drawn["grad"]), drawn["root"], failed))
    if not drawn.get("stack"):
        return outline
    behind = [rect_at(x + d, y + d, w - 2 * d, h, 9, CARD, LINE, 1.5) for d in PLATES]
    return "".join([*behind, outline])


@lru_cache(maxsize=_KEPT)
def _style(kind, height, has_grad, is_root, failed):
    """Radius, fill, stroke, width of the stroke and dashes of a node's outline."""
    is_input = kind == "leaf" and has_grad
    radius = {"leaf": 9, "constant": 3, "module": 9}.get(kind, height / 2)
    fill = LEAF if is_input else SOFT if kind == "module" else CARD
    if failed:
        return radius, fill, BAD, 3.5, ' stroke-dasharray="2 2"'
    thick = 2.5 if is_root else 1 if kind == "constant" else 1.5
    stroke = FORWARD if is_input else INK if is_root else LINE
    return radius, fill, stroke, thick, ' stroke-dasharray="5 4"' if kind == "detached" else ""


def _join(x, y):
    """The sign of a sum: here the gradients that come back are added."""
    n = written
    strokes = f"M{n(x - 3.5)} {n(y)}L{n(x + 3.5)} {n(y)}M{n(x)} {n(y - 3.5)}L{n(x)} {n(y + 3.5)}"
    return (
        f'<circle cx="{n(x)}" cy="{n(y)}" r="7" fill="{CARD}" stroke="{BACKWARD}" stroke-width="1.5"/>'
        f'<path d="{strokes}" fill="none" stroke="{BACKWARD}" stroke-width="1.5"/>'
    )
