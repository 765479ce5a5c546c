"""Paint a recorded graph as a static SVG: the picture that GitHub and nbviewer show.

`draw(r)` or `draw(f, w=4.0)` gives a Picture; `paint(scene, texts)` is the painter behind it. Only plain attributes: no
style sheet, id or script, and the same bytes for the same record.
"""

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache
from html import escape as _escape_markup
from unicodedata import east_asian_width

from helpers.export import clean, save, target
from helpers.language import message
from helpers.layout import ALL, SIGNS, brief, fold, full, kept, keys, listing, scene, texts
from helpers.layout.drawn import LABEL_SIZE, MARGIN, PLATES
from helpers.layout.frames import HEADER
from helpers.layout.frames import SIDE as FRAME_SIDE
from helpers.layout.words import fit
from helpers.record import Record, record, uncollected

_FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', Helvetica, Arial, sans-serif"
_CARD, _HAIR, _INK, _MUTED, _LINE = "#ffffff", "#d5dae1", "#1c2128", "#57606a", "#8c96a3"
_FORWARD, _BACKWARD, _LEAF, _SOFT = "#0b57d0", "#b93c05", "#eaf1fe", "#f3f5f8"
_BAD = "#b42318"
_WIDEST, _ROW_WIDTH, _LEGEND_HEIGHT = 1280, 1010, 26  # px: a picture much wider than a page is broken into rows
_ROW_SPACE = 26
_NARROWEST = 60  # px of a frame in a row; less is not drawn
_LABEL_CHARACTER = 7  # px of background a character of an edge's label
_ABOVE, _BELOW = 17, 14  # px: the names above and below a node's outline
_NUMBERS_KEPT = 1 << 15


class Picture:
    """A static picture of a Record, shown by the notebook as SVG, or as text where there are no pictures.

    Attributes:
        svg: str, the picture.
        text: str, inputs, values and gradients as a table.
    """

    def __init__(self, svg, text):
        self.svg, self.text = svg, text

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, **kwargs):
        return {"image/svg+xml": self.svg, "text/plain": self.text}


def draw(f, *args, path=None, opened=(), depth=0, saved=False, **kwargs):
    """Draw a Record, or record f and draw that.

    Args:
        f: Record, or function of tensors -> tensor.
        args, kwargs: what `record` takes besides f.
        opened: keys of modules that are drawn opened, "layers.0" or "layers.0..layers.11"; "all" for every operation.
        saved: bool, whether the tensors that each backward node keeps are shown below it, ■ kept, □ freed, ✗ changed since.
        depth: int, down to which modules are opened: 1 opens the outermost, 2 those in them, too.
        path: str or Path; a file to write, too: .svg or .png (the picture), .mmd (Mermaid) or .dot (text), .json (all data).

    Returns:
        Picture.

    Raises:
        TypeError: f is neither a Record nor callable, arguments for f were given beside a Record, or path is no path.
        RecordError: f could not be recorded.
        ValueError: path ends in something else, or the picture is too large for a PNG; opened names no module.
        OSError: the file cannot be written.
    """
    file = None if path is None else target(path)
    if isinstance(f, Record):
        if args or kwargs:
            raise TypeError(message("draw.extra_arguments", received=", ".join([*map(repr, args), *kwargs])))
        taken = f
    elif callable(f):
        taken = record(f, *args, **kwargs)
    else:
        raise TypeError(message("draw.not_recordable", received=type(f).__name__))
    taken = _folded(taken, opened, depth)
    plan = scene(taken)
    words = {**texts(taken, plan), "failed": taken.failed, "kept": kept(taken, plan) if saved else None}
    picture = Picture(paint(plan, words, title=taken.name), table(taken))
    if file is not None:
        save(file, taken, picture.svg)
    return picture


def _folded(taken, opened, depth):
    """A Record with its modules folded, but for those to be opened."""
    if opened == ALL or not any(node.module for node in taken.nodes):
        return fold(taken, ALL)
    opened = (opened,) if isinstance(opened, str) else tuple(opened)
    known = keys(taken)
    unknown = [key for key in opened if key not in known]
    if unknown:
        raise ValueError(message("draw.not_opened", received=unknown[0], allowed=", ".join(known[:12])))
    return fold(taken, [*opened, *keys(taken, depth)])


def table(taken):
    """Return the inputs, the computed values and their gradients as a text table."""
    inputs = {node: name for name, node in taken.inputs.items()}
    rows = [[message("draw.node"), message("draw.value"), message("draw.gradient")]]
    for node in taken.nodes:
        if node.kind == "constant":
            continue
        name = inputs.get(node.id) or node.name
        name = brief(name) if name else name
        label = name if node.kind == "leaf" and name else f"{name} = {node.op}" if name else node.op
        rows.append([label, _short(node.values), _short(node.grads) if node.requires_grad else "-"])
    lines = columns(rows)
    call = f"{brief(taken.name)}({', '.join(map(brief, taken.inputs))})"
    lines.insert(0, f"{call} = {_short(taken.nodes[-1].values) if taken.nodes else '?'}")
    return "\n".join(lines if taken.complete else [*lines, message("draw.incomplete")])


def columns(rows):
    """Return rows of text as lines with aligned columns; a Chinese character is two columns wide."""
    widths = [max(_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _width(text):
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _short(snapshots):
    parts = [full(s) if s is None or s.numbers is None else listing(s.numbers) for s in snapshots]
    text = "; ".join(parts)
    return text if len(text) <= 60 else f"{text[:57]}..."


@uncollected()
def paint(plan, words, title="", row_width=_ROW_WIDTH):
    """Return the picture as SVG text.

    Args:
        plan: dict from `layout.scene`.
        words: dict from `layout.texts`.
        title: str, what a screen reader says first.
        row_width: px; a wider picture is broken into rows.
    """
    rows = _rows(plan, row_width)
    width = max(260, max(row["right"] - row["left"] for row in rows) + 2 * MARGIN)
    height = sum(row["height"] for row in rows) + _ROW_SPACE * (len(rows) - 1) + 2 * MARGIN + _LEGEND_HEIGHT - 8
    out = [
        _open(width, height),
        f"<title>{escape(title)}</title>",
        _rect(0.5, 0.5, width - 1, height - 1, 10, _CARD, _HAIR, 1),
    ]
    y = MARGIN
    for row in rows:
        out.append(f'<g transform="translate({_n(MARGIN - row["left"])},{_n(y - row["top"])})">')
        out += _row(plan, words, row)
        out.append("</g>")
        y += row["height"] + _ROW_SPACE
    out += [_legend(height), "</svg>"]
    return "\n".join(out) + "\n"


def below(picture, group, width, height):
    """Return an SVG with more below what it shows.

    Args:
        picture: SVG text of ours.
        group: str, SVG elements.
        width, height: float, px, of them.
    """
    size = re.search(r'width="([\d.]+)" height="([\d.]+)" viewBox="0 0 [\d. ]+"', picture)
    whole, top = max(float(size[1]), width), float(size[2]) + 8
    head = f'width="{whole:g}" height="{top + height:g}" viewBox="0 0 {whole:g} {top + height:g}"'
    added = f'<g transform="translate(0 {top:g})">{group}</g>\n</svg>'
    return picture.replace(size[0], head, 1).replace("</svg>", added, 1)


def notice(text, title=""):
    """Return a card with a sentence, as SVG text: the picture where there is no graph to show."""
    lines = wrap(text, 84) or [""]
    height = 20 * len(lines) + 2 * MARGIN
    out = [
        _open(720, height),
        f"<title>{escape(title)}</title>",
        _rect(0.5, 0.5, 719, height - 1, 10, _CARD, _HAIR, 1),
        *(_text(MARGIN, MARGIN + 15 + 20 * i, 13, "start", _BACKWARD, line) for i, line in enumerate(lines)),
        "</svg>",
    ]
    return "\n".join(out) + "\n"


def wrap(text, room):
    """Break a text into lines of at most `room` columns, between words or Chinese characters."""
    lines, line = [], ""
    for word in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+", text):
        if line and _width(line + word.rstrip()) > room:
            lines, line = [*lines, line.rstrip()], word.lstrip()
        else:
            line += word
    return [*lines, line.rstrip()] if line.strip() else lines


def _open(width, height):
    size = f'width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{_FONT}">'


def _rows(plan, row_width):
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

    def around(left, right):
        return range(bisect_left(ends, right), bisect_right(begins, left))

    def at(x):
        return range(bisect_right(ends, x), bisect_right(begins, x))

    for i, node in enumerate(plan["nodes"]):
        for row in at(node["x"]):
            shares[row]["nodes"].append(i)
    for i, edge in enumerate(plan["edges"]):
        inside = {}
        for piece in edge["pieces"]:
            for row in around(piece[0], piece[-2]):
                inside.setdefault(row, []).append(piece)
        marked = at(edge["mark"][0]) if edge["mark"] else ()
        for row, pieces in inside.items():
            shares[row]["edges"].append((i, pieces, row in marked))
        for row in at(edge["slot"][0]) if edge["slot"] else ():
            shares[row]["labels"].append(i)
    return shares


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
    crossing = [frame for frame in plan["frames"] if _crosses(frame, {"left": span[0], "right": span[1]})]
    if crossing:
        levels = 1 + crossing[0]["level"]  # outer ones come first
        ys = [max(min(ys) - levels * HEADER, crossing[0]["box"][1]), max(ys) + levels * FRAME_SIDE]
    top = min(ys)
    level = crossing[0]["level"] if crossing else 0
    return {"left": span[0], "right": span[1], "top": top, "height": max(ys) - top, "level": level, **share}


def _row(plan, words, row):
    frames = [part for frame in plan["frames"] for part in _frame(frame, row)]
    edges = [_edge(plan["edges"][i], pieces, marked) for i, pieces, marked in row["edges"]]
    labels = [_label(plan["edges"][i]["slot"], words["flows"][i]) for i in row["labels"]]
    nodes = []
    for i in row["nodes"]:
        chips = words["kept"][i] if words.get("kept") else ()
        nodes += _node(plan["nodes"][i], words["values"][i], words["grads"][i], chips, words.get("failed") == i)
    return frames + edges + labels + nodes


def _crosses(frame, row):
    box = frame["box"]
    return box is not None and min(box[0] + box[2], row["right"]) - max(box[0], row["left"]) > _NARROWEST


def _frame(frame, row):
    """The frame of an open module, as much of it as lies in a row."""
    if not _crosses(frame, row):
        return []
    x, y, w, h = frame["box"]
    around = row["level"] - frame["level"]  # frames of this row around this one
    side = MARGIN / 2 - 3 * around
    left, right = max(x, row["left"] - side), min(x + w, row["right"] + side)
    top = max(y, row["top"] + around * HEADER)
    bottom = min(y + h, row["top"] + row["height"] - around * FRAME_SIDE)
    title = fit(frame["text"], right - left - 20, LABEL_SIZE)
    return [
        _rect(left, top, right - left, bottom - top, 10, "none", _HAIR, 1.5),
        _text(left + 10, top + 15, LABEL_SIZE, "start", _MUTED, title, ' font-weight="600"'),
    ]


def _edge(edge, inside, marked):
    colour = _LINE if edge["kind"] != "cut" else _MUTED
    dash = ' stroke-dasharray="5 4"' if edge["kind"] == "cut" else ""
    parts = [f'<path d="{path(inside)}" fill="none" stroke="{colour}" stroke-width="1.5"{dash}/>']
    if inside[-1] is edge["pieces"][-1]:
        parts.append(_triangle(edge["tip"], _FORWARD if edge["kind"] != "cut" else _MUTED))
    if edge["back"] and inside[0] is edge["pieces"][0]:
        parts.append(_triangle(edge["back"], _BACKWARD))
    if marked:
        parts.append(_cut(edge["mark"]))
    return "".join(parts)


def path(pieces):
    """Return the `d` of an SVG path through pieces of 2 (line) or 4 (cubic) points, given as flat lists."""
    d, at = [], None
    for piece in pieces:
        numbers = [_n(v) for v in piece]
        if at != tuple(numbers[:2]):
            d.append(f"M{numbers[0]} {numbers[1]}")
        d.append(f"{'L' if len(piece) == 4 else 'C'}{' '.join(numbers[2:])}")
        at = tuple(numbers[-2:])
    return "".join(d)


def _node(node, value, grad, chips=(), failed=False):
    out = [_outline(node, failed)]
    if node["badge"]:
        x, y, r = node["badge"]
        out.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}" fill="{_SOFT}"/>')
    for kind, x, y, size, anchor, text in node["marks"]:
        if kind == "caption" and chips:
            out.append(_chips(x, y, size, chips))
            continue
        weight = ' font-weight="600"' if kind == "name" else ""
        out.append(_text(x, y, size, anchor, _MUTED if kind == "caption" else _INK, text, weight))
    bold = ' font-weight="600"'
    if node["kind"] == "constant":
        out.append(_text(*node["value"], _MUTED, node.get("prefix", "") + value, bold))
    else:
        out.append(_text(*node["value"], _FORWARD, value, bold, "→ "))
    if node["grad"]:
        out.append(_text(*node["grad"], _BACKWARD, grad, bold, "← "))
    if node["sum"]:
        out.append(_join(*node["sum"]))
    return out


def _chips(x, y, size, chips):
    """What a node keeps, below it."""
    inks = {"kept": _INK, "changed": _BAD}
    spans = []
    for place, (state, text) in enumerate(chips):
        gap, shown = ' dx="6"' if place else "", f"{SIGNS.get(state, '')} {text}".strip()
        spans.append(f'<tspan fill="{inks.get(state, _MUTED)}"{gap}>{escape(shown)}</tspan>')
    where = f'x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" text-anchor="middle"'
    return f'<text {where} font-weight="600">{"".join(spans)}</text>'


def _outline(node, failed=False):
    radius = {"leaf": 9, "constant": 3, "module": 9}.get(node["kind"], node["h"] / 2)
    fill = _LEAF if node["kind"] == "leaf" and node["grad"] else _SOFT if node["kind"] == "module" else _CARD
    thick = 2.5 if node["root"] else 1 if node["kind"] == "constant" else 1.5
    stroke = _FORWARD if node["kind"] == "leaf" and node["grad"] else _INK if node["root"] else _LINE
    dash = ' stroke-dasharray="5 4"' if node["kind"] == "detached" else ""
    if failed:
        thick, stroke, dash = 3.5, _BAD, ' stroke-dasharray="2 2"'
    outline = _rect(node["x"], node["y"], node["w"], node["h"], radius, fill, stroke, thick, dash)
    behind = [_rect(node["x"] + d, node["y"] + d, node["w"] - 2 * d, node["h"], 9, _CARD, _LINE, 1.5) for d in PLATES]
    return "".join([*behind, outline]) if node.get("stack") else outline


def _join(x, y):
    """The sign of a sum: here the gradients that come back are added."""
    strokes = f"M{_n(x - 3.5)} {_n(y)}L{_n(x + 3.5)} {_n(y)}M{_n(x)} {_n(y - 3.5)}L{_n(x)} {_n(y + 3.5)}"
    return (
        f'<circle cx="{_n(x)}" cy="{_n(y)}" r="7" fill="{_CARD}" stroke="{_BACKWARD}" stroke-width="1.5"/>'
        f'<path d="{strokes}" fill="none" stroke="{_BACKWARD}" stroke-width="1.5"/>'
    )


def _label(slot, text):
    x, y, w, h = slot
    w = min(w, _LABEL_CHARACTER * (len(text) + 2) + 8)
    box = _rect(x - w / 2, y - h / 2, w, h, h / 2, _CARD, "none", 0)
    return box + _text(x, y + 4, LABEL_SIZE, "middle", _BACKWARD, text, ' font-weight="600"', "← ")


def _legend(height):
    """In symbols, since one picture serves readers of both languages: v is a value, y the output."""
    y = height - 11
    return _text(MARGIN, y, 11, "start", _FORWARD, "→ v", ' font-weight="600"') + _text(
        MARGIN + 36, y, 11, "start", _BACKWARD, "← ∂y/∂v", ' font-weight="600"'
    )


def _cut(m):
    d = f"M{_n(m[0])} {_n(m[1])}L{_n(m[2])} {_n(m[3])}M{_n(m[4])} {_n(m[5])}L{_n(m[6])} {_n(m[7])}"
    return f'<path d="{d}" fill="none" stroke="{_INK}" stroke-width="2"/>'


def _triangle(t, fill):
    return f'<path d="M{_n(t[0])} {_n(t[1])}L{_n(t[2])} {_n(t[3])}L{_n(t[4])} {_n(t[5])}Z" fill="{fill}"/>'


def _rect(x, y, w, h, radius, fill, stroke, thick, more=""):
    edge = f' stroke="{stroke}" stroke-width="{_n(thick)}"' if thick else ""
    return (
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}" rx="{_n(radius)}" fill="{fill}"{edge}{more}/>'
    )


def _text(x, y, size, anchor, fill, text, more="", sign=""):
    place = f'x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" text-anchor="{anchor}"'
    return f'<text {place} fill="{fill}"{more}>{sign}{escape(text)}</text>'


@lru_cache(maxsize=1 << 12)
def escape(text):
    return _escape_markup(clean(text))


class _Written(dict):
    """Numbers as short as possible, 12.0 -> 12; a picture has each in several places, and writing one is what takes time."""

    def __missing__(self, x):
        if len(self) > _NUMBERS_KEPT:
            self.clear()
        text = f"{x:.1f}"
        self[x] = text = text[:-2] if text[-1] == "0" and text != "-0.0" else text if text != "-0.0" else "0"
        return text


_n = _Written().__getitem__
