"""A Record as a text table, for where there are no pictures, and texts in columns and lines of a given width."""

import re
from unicodedata import east_asian_width

from seeing_gradients.language import message
from seeing_gradients.picture.layout import brief, full, listing


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


def wrap(text, room):
    """Break a text into lines of at most `room` columns, between words or Chinese characters."""
    lines, line = [], ""
    for word in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+|\s+", text):
        if line and _width(line + word.rstrip()) > room:
            lines, line = [*lines, line.rstrip()], word.lstrip()
        else:
            line += word
    return [*lines, line.rstrip()] if line.strip() else lines
