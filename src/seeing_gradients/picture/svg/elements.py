"""The SVG elements of a picture: its nodes, its edges and their labels, as text.

A picture of 10,000 nodes is some 15 MB, written here: what elements have in common, all but places and words, is put
together once and kept. Only plain attributes, no style sheet, id or script.
"""

import re
from functools import lru_cache
from html import escape as _escape_markup

from seeing_gradients.picture import theme
from seeing_gradients.picture.export import clean
from seeing_gradients.picture.layout import SIGNS
from seeing_gradients.picture.layout.drawn import PLATES

BOLD = ' font-weight="600"'
_LABEL_CHARACTER = 7  # px of background a character of an edge's label
_KEPT = 1 << 12  # looks
_NUMBERS = 1 << 14  # numbers: those of some hundred rows, each of which is written in several places
_ALL_PLAIN = re.compile(r"[\w .,+()\[\]-]*", re.ASCII).fullmatch


class _Written(dict):
    """Numbers as short as possible, 12.0 -> 12; a picture has each in several places, and writing one is what takes time."""

    def __missing__(self, x):
        if len(self) > _NUMBERS:
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


def escape_all(texts):
    """Escape a list of texts; numbers are looked at once, all of them together."""
    return texts if _ALL_PLAIN("".join(texts)) else [escape(text) for text in texts]


@lru_cache(maxsize=_KEPT)
def _escaped(text):
    return _escape_markup(clean(text))


def text_at(x, y, size, anchor, fill, words, more="", sign=""):
    """A text, after a sign that is written as it is."""
    return f"{_opened_text(x, y, size, anchor, fill, more, sign)}{escape(words)}</text>"


def _opened_text(x, y, size, anchor, fill, more="", sign=""):
    """A text up to its words."""
    return f'<text x="{_numbers[x]}" y="{_numbers[y]}{_manner(size, anchor, fill, more, sign)}'


@lru_cache(maxsize=_KEPT)
def _manner(size, anchor, fill, more, sign):
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
    d, x, y, n = "", None, None, _numbers
    for piece in pieces:
        if piece[0] != x or piece[1] != y:
            d += f"M{n[piece[0]]} {n[piece[1]]}"
        if len(piece) == 4:
            _, _, x, y = piece
            d += f"L{n[x]} {n[y]}"
        else:
            _, _, x1, y1, x2, y2, x, y = piece
            d += f"C{n[x1]} {n[y1]} {n[x2]} {n[y2]} {n[x]} {n[y]}"
    return d


def edges(links, curves, shown):
    """Return the edges of a row, or as much of them as lies in it, as list of elements: all lines are one path, and all heads.

    Args:
        links: list of dict, the edges of the scene.
        curves: list of str, as `Curves.texts` gives it.
        shown: list of (place among them, its pieces in this row, whether the mark of a cut is among these).
    """
    n = _numbers
    lines, cuts, tips, cut_tips, backs, marks = [], [], [], [], [], []
    for i, inside, marked in shown:
        drawn = links[i]
        whole, back, is_cut = drawn["pieces"], drawn["back"], drawn["kind"] == "cut"
        if inside is whole:
            start = whole[0]
            line = f"M{n[start[0]]} {n[start[1]]}{curves[i]}"
        else:
            line = path(inside)
        (cuts if is_cut else lines).append(line)
        if inside[-1] is whole[-1]:
            x, y = drawn["tip"]
            (cut_tips if is_cut else tips).append(f"M{n[x]} {n[y]}l-7 -4v8Z")
        if back and inside[0] is whole[0]:
            x, y = back
            backs.append(f"M{n[x]} {n[y]}l7 -4v8Z")
        if marked:
            marks.append(_cut(drawn["mark"]))
    painted = ((lines, _SOLID), (cuts, _CUT_LINE), (tips, _TIP), (cut_tips, _CUT_TIP), (backs, _BACK), (marks, _MARK))
    return [f'<path d="{"".join(parts)}{manner}' for parts, manner in painted if parts]


_SOLID = f'" fill="none" stroke="{theme.OUTLINE}" stroke-width="{theme.EDGE_WIDTH}"/>'
_CUT_LINE = f'" fill="none" stroke="{theme.MUTED}" stroke-width="{theme.EDGE_WIDTH}" stroke-dasharray="5 4"/>'
_MARK = f'" fill="none" stroke="{theme.TEXT}" stroke-width="2"/>'
_TIP, _CUT_TIP, _BACK = (f'" fill="{fill}"/>' for fill in (theme.VALUE, theme.MUTED, theme.GRADIENT))


def _cut(mark):
    a, b, c, d, e, f, g, h = map(written, mark)
    return f"M{a} {b}L{c} {d}M{e} {f}L{g} {h}"


def label(slot, words):
    """What flows along an edge, in words that are escaped."""
    x, y, w, h = slot
    return f'<g transform="translate({_numbers[x]},{_numbers[y]})">{_plate(w, h, len(words))}{words}</text></g>'


@lru_cache(maxsize=_KEPT)
def _plate(w, h, count):
    """A label up to its words, around its middle; the background is as wide as they need."""
    w = min(w, _LABEL_CHARACTER * (count + 2) + 8)
    box = rect_at(-w / 2, -h / 2, w, h, h / 2, theme.CARD, "none", 0)
    return box + _opened_text(0, 4, theme.LABEL_SIZE, "middle", theme.GRADIENT, BOLD, "← ")


def node(drawn, value, grad, look):
    """A node.

    Args:
        drawn: dict, of the scene.
        value, grad: str, escaped.
        look: as `look` gives it, for the form of this node.
    """
    before, between, behind = look
    place = f"{_numbers[drawn['x']]},{_numbers[drawn['y']]}"
    return f'<g transform="translate({place})">{before}{value}{between}{grad}{behind}</g>'


def look(form, chips=(), failed=False):
    """What is drawn of a form, around its corner: before the value, between value and gradient, behind it.

    Args:
        form: dict, a node of the scene.
        chips: list of [state, text], what it keeps.
        failed: bool, whether the backward pass stopped here.
    """
    before = [_outline(form, failed)]
    if form["badge"]:
        x, y, r = map(written, form["badge"])
        before.append(f'<circle cx="{x}" cy="{y}" r="{r}" fill="{theme.SUBTLE}"/>')
    for kind, x, y, size, anchor, words in form["marks"]:
        if kind == "caption":
            before.append(_chips(x, y, size, chips) if chips else text_at(x, y, size, anchor, theme.MUTED, words))
        else:
            before.append(text_at(x, y, size, anchor, theme.TEXT, words, BOLD if kind == "name" else ""))
    is_constant = form["kind"] == "constant"
    sign = (theme.MUTED, BOLD, escape(form.get("prefix", ""))) if is_constant else (theme.VALUE, BOLD, "→ ")
    before.append(_opened_text(*form["value"], *sign))
    between, behind = "</text>", _join(*form["sum"]) if form["sum"] else ""
    if form["grad"]:
        between, behind = between + _opened_text(*form["grad"], theme.GRADIENT, BOLD, "← "), f"</text>{behind}"
    return "".join(before), between, behind


def _chips(x, y, size, chips):
    """What a node keeps, below it."""
    inks = {"kept": theme.TEXT, "changed": theme.BAD}
    spans = []
    for place, (state, words) in enumerate(chips):
        gap, shown = ' dx="6"' if place else "", f"{SIGNS.get(state, '')} {words}".strip()
        spans.append(f'<tspan fill="{inks.get(state, theme.MUTED)}"{gap}>{escape(shown)}</tspan>')
    where = f'x="{written(x)}" y="{written(y)}" font-size="{written(size)}" text-anchor="middle"'
    return f"<text {where}{BOLD}>{''.join(spans)}</text>"


def _outline(form, failed):
    w, h = form["w"], form["h"]
    outline = rect_at(0, 0, w, h, *_style(form["kind"], h, bool(form["grad"]), form["root"], failed))
    if not form.get("stack"):
        return outline
    behind = [rect_at(d, d, w - 2 * d, h, 9, theme.CARD, theme.OUTLINE, 1.5) for d in PLATES]
    return "".join([*behind, outline])


def _style(kind, height, has_grad, is_root, failed):
    """Radius, fill, stroke, width of the stroke and dashes of a node's outline."""
    is_input = kind == "leaf" and has_grad
    radius = {"leaf": 9, "constant": 3, "module": 9}.get(kind, height / 2)
    fill = theme.LEAF if is_input else theme.SUBTLE if kind == "module" else theme.CARD
    if failed:
        return radius, fill, theme.BAD, 3.5, ' stroke-dasharray="2 2"'
    thick = 2.5 if is_root else 1 if kind == "constant" else 1.5
    stroke = theme.VALUE if is_input else theme.TEXT if is_root else theme.OUTLINE
    return radius, fill, stroke, thick, ' stroke-dasharray="5 4"' if kind == "detached" else ""


def _join(x, y):
    """The sign of a sum: here the gradients that come back are added."""
    n = written
    strokes = f"M{n(x - 3.5)} {n(y)}h7M{n(x)} {n(y - 3.5)}v7"
    return (
        f'<circle cx="{n(x)}" cy="{n(y)}" r="7" fill="{theme.CARD}" stroke="{theme.GRADIENT}" stroke-width="{theme.EDGE_WIDTH}"/>'
        f'<path d="{strokes}" fill="none" stroke="{theme.GRADIENT}" stroke-width="{theme.EDGE_WIDTH}"/>'
    )
