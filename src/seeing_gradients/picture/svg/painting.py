"""Paint a scene as SVG text: `paint(scene, texts)`. The same bytes for the same record, and nothing that GitHub strips."""

import re

from seeing_gradients.picture import theme
from seeing_gradients.picture.layout.words import fit
from seeing_gradients.runtime import collector_off

from . import elements
from .curves import Curves
from .elements import BOLD, escape, rect_at, text_at, written
from .rows import crosses, rows_of
from .table import wrap

_ROW_WIDTH, _LEGEND_HEIGHT, _ROW_SPACE = 1010, 26, 26  # px
_VALUE_LETTERS, _OUTPUT_LETTERS = "vutq", "yzLF"


@collector_off()
def paint(plan, words, title="", row_width=_ROW_WIDTH):
    """Return the picture as SVG text.

    Args:
        plan: dict from `layout.scene`.
        words: dict from `layout.texts`.
        title: str, what a screen reader says first.
        row_width: px; a wider picture is broken into rows.
    """
    curves = Curves(plan["edges"])
    rows = rows_of(plan, curves, row_width)
    width = max(260, max(row["right"] - row["left"] for row in rows) + 2 * theme.MARGIN)
    height = sum(row["height"] for row in rows) + _ROW_SPACE * (len(rows) - 1) + 2 * theme.MARGIN + _LEGEND_HEIGHT - 8
    out = [
        _open(width, height),
        f"<title>{escape(title)}</title>",
        rect_at(0.5, 0.5, width - 1, height - 1, theme.CARD_RADIUS, theme.CARD, theme.BORDER, 1),
    ]
    words = {**words, **{name: elements.escape_all(words[name]) for name in ("values", "grads", "flows")}}
    y, looks, curves = theme.MARGIN, {}, curves.texts()
    for row in rows:
        out.append(f'<g transform="translate({written(theme.MARGIN - row["left"])},{written(y - row["top"])})">')
        out += _row(plan, curves, words, row, looks)
        out.append("</g>")
        y += row["height"] + _ROW_SPACE
    out += [_legend(plan["nodes"], height), "</svg>", ""]
    return "\n".join(out)


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
    height = 20 * len(lines) + 2 * theme.MARGIN
    out = [
        _open(720, height),
        f"<title>{escape(title)}</title>",
        rect_at(0.5, 0.5, 719, height - 1, theme.CARD_RADIUS, theme.CARD, theme.BORDER, 1),
        *(
            text_at(theme.MARGIN, theme.MARGIN + 15 + 20 * i, 13, "start", theme.GRADIENT, line)
            for i, line in enumerate(lines)
        ),
        "</svg>",
    ]
    return "\n".join(out) + "\n"


def _open(width, height):
    size = f'width="{written(width)}" height="{written(height)}" viewBox="0 0 {written(width)} {written(height)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{theme.FONT}">'


def _row(plan, curves, words, row, looks):
    """The elements of a row; `curves` are the texts of the edges, and `looks` collects what is drawn of each form."""
    frames = [part for frame in plan["frames"] for part in _frame(frame, row)]
    links, flows = plan["edges"], words["flows"]
    edges = elements.edges(links, curves, row["edges"])
    labels = [elements.label(links[i]["slot"], flows[i]) for i in row["labels"]]
    nodes, kept, failed, values, grads = [], words.get("kept"), words.get("failed"), words["values"], words["grads"]
    for i in row["nodes"]:
        drawn = plan["nodes"][i]
        form = drawn["form"]
        if (kept and kept[i]) or failed == i:
            look = elements.look(drawn, kept[i] if kept else (), failed == i)
        else:
            look = looks.get(form) or looks.setdefault(form, elements.look(drawn))
        nodes.append(elements.node(drawn, values[i], grads[i], look))
    return frames + edges + labels + nodes


def _frame(frame, row):
    """The frame of an open module, as much of it as lies in a row."""
    if not crosses(frame, row):
        return []
    x, y, w, h = frame["box"]
    around = row["level"] - frame["level"]  # frames of this row around this one
    side = theme.MARGIN / 2 - 3 * around
    left, right = max(x, row["left"] - side), min(x + w, row["right"] + side)
    top = max(y, row["top"] + around * theme.FRAME_HEADER)
    bottom = min(y + h, row["top"] + row["height"] - around * theme.FRAME_SIDE)
    title = fit(frame["text"], right - left - 20, theme.LABEL_SIZE)
    return [
        rect_at(left, top, right - left, bottom - top, theme.CARD_RADIUS, "none", theme.BORDER, 1.5),
        text_at(left + 10, top + 15, theme.LABEL_SIZE, "start", theme.MUTED, title, BOLD),
    ]


def _legend(nodes, height):
    """In symbols, since one picture serves readers of both languages: v is any value, y the output.

    Another letter where a node of the picture has that name; only the output itself may be called y.
    """
    names = {node["name"] for node in nodes}
    value = next(letter for letter in (*_VALUE_LETTERS, "v'") if letter not in names)
    names = {node["name"] for node in nodes if not node["root"]}
    output = next(letter for letter in (*_OUTPUT_LETTERS, "y'") if letter not in names)
    y = height - 11
    return text_at(theme.MARGIN, y, 11, "start", theme.VALUE, f"→ {value}", BOLD) + text_at(
        theme.MARGIN + 36, y, 11, "start", theme.GRADIENT, f"← ∂{output}/∂{value}", BOLD
    )
