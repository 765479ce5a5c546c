"""Paint a recorded graph as a static SVG: the picture that GitHub and nbviewer show.

`draw(r)` or `draw(f, w=4.0)` gives a Picture; `paint(scene, texts)` is the painter behind it. Only plain attributes: no
style sheet, id or script, and the same bytes for the same record.
"""

import re
from bisect import bisect_left, bisect_right
from unicodedata import east_asian_width

from helpers.export import save, target
from helpers.language import message
from helpers.layout import ALL, brief, fold, full, kept, keys, listing, scene, texts
from helpers.layout.drawn import LABEL_SIZE, MARGIN
from helpers.layout.frames import HEADER
from helpers.layout.frames import SIDE as FRAME_SIDE
from helpers.layout.words import fit
from helpers.record import Record, record, uncollected
from helpers.svg_elements import (
    BACKWARD,
    BOLD,
    CARD,
    FORWARD,
    HAIR,
    MUTED,
    escape,
    paint_edge,
    paint_label,
    paint_node,
    rect_at,
    text_at,
    written,
)

_FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', Helvetica, Arial, sans-serif"
_WIDEST, _ROW_WIDTH, _LEGEND_HEIGHT = 1280, 1010, 26  # px: a picture much wider than a page is broken into rows
_ROW_SPACE = 26
_NARROWEST = 60  # px of a frame in a row; less is not drawn
_ABOVE, _BELOW = 17, 14  # px: the names above and below a node's outline


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
        rect_at(0.5, 0.5, width - 1, height - 1, 10, CARD, HAIR, 1),
    ]
    y = MARGIN
    for row in rows:
        out.append(f'<g transform="translate({written(MARGIN - row["left"])},{written(y - row["top"])})">')
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
        rect_at(0.5, 0.5, 719, height - 1, 10, CARD, HAIR, 1),
        *(text_at(MARGIN, MARGIN + 15 + 20 * i, 13, "start", BACKWARD, line) for i, line in enumerate(lines)),
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
    size = f'width="{written(width)}" height="{written(height)}" viewBox="0 0 {written(width)} {written(height)}"'
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
    edges = [paint_edge(plan["edges"][i], pieces, marked) for i, pieces, marked in row["edges"]]
    labels = [paint_label(plan["edges"][i]["slot"], words["flows"][i]) for i in row["labels"]]
    nodes, kept, failed = [], words.get("kept"), words.get("failed")
    for i in row["nodes"]:
        nodes += paint_node(
            plan["nodes"][i], words["values"][i], words["grads"][i], kept[i] if kept else (), failed == i
        )
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
        rect_at(left, top, right - left, bottom - top, 10, "none", HAIR, 1.5),
        text_at(left + 10, top + 15, LABEL_SIZE, "start", MUTED, title, BOLD),
    ]


def _legend(height):
    """In symbols, since one picture serves readers of both languages: v is a value, y the output."""
    y = height - 11
    return text_at(MARGIN, y, 11, "start", FORWARD, "→ v", BOLD) + text_at(
        MARGIN + 36, y, 11, "start", BACKWARD, "← ∂y/∂v", BOLD
    )
