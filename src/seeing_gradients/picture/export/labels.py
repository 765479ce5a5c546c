"""What is written at the nodes and edges of a graph as text: one wording for Mermaid and DOT.

Symbols instead of words, as in the picture: "→" a value, "←" a gradient, "//" an edge that is cut.
"""

import unicodedata

from seeing_gradients.language import message
from seeing_gradients.picture.layout import compact

CUT = "//"
_LONGEST_NAME, _ROOM = 60, 40  # characters: of a name; of a value or gradient
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}  # control characters, half surrogates, line and paragraph separators


def clean(text):
    """Return a text on one line, without what neither XML nor UTF-8 can hold: white space as spaces, the rest as U+FFFD."""
    return text if text.isascii() and text.isprintable() else "".join(map(_printable, text))


def _printable(character):
    if character.isspace():
        return " "
    bad = unicodedata.category(character) in _UNPRINTABLE or ord(character) & 0xFFFE == 0xFFFE
    return "\ufffd" if bad else character


def title(record):
    """Return what the graph is of: "loss(w, b, x, y_true)"."""
    text = _short(f"{_short(record.name)}({', '.join(record.inputs)})", 2 * _LONGEST_NAME)
    return text if record.complete else f"{text}: {message('draw.incomplete')}"


def node_lines(record):
    """Return the lines of text of every node: list of list of str."""
    names = {node: name for name, node in record.inputs.items()}
    return [_lines(node, names.get(node.id) or node.name) for node in record.nodes]


def edge_label(record, edge):
    """Return the text of an edge: its gradient, after the number of the output where src has several; "" for none."""
    parts = [f"[{edge.output}]"] if len(record.nodes[edge.src].values) > 1 else []
    parts += [CUT] if edge.cut else []
    parts += [f"← {compact(edge.flow, _ROOM)}"] if edge.flow is not None else []
    return " ".join(parts)


def _lines(node, name):
    value, name = _numbers(node.values, "?"), _short(name or "")
    if node.kind == "constant":
        return [f"{name} = {value}" if name else value]
    op = _short(node.op)
    heading = (name or op) if node.kind == "leaf" else f"{name} = {op}" if name else op
    lines = [heading, f"→ {value}"]
    lines += [f"← {_numbers(node.grads)}"] if node.requires_grad else []
    return lines + ([_short(node.grad_fn)] if node.grad_fn else [])


def _numbers(snapshots, unknown="None"):
    room = max(12, _ROOM // len(snapshots))
    return "; ".join(unknown if snapshot is None else compact(snapshot, room) for snapshot in snapshots)


def _short(name, longest=_LONGEST_NAME):
    name = clean(name)
    return name if len(name) <= longest else f"{name[: longest - 1]}…"
