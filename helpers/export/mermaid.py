"""A Record as Mermaid text, which GitHub, GitLab and many editors draw from a block that begins with ```mermaid.

The form tells the kind, whatever the colours: leaf rectangle, operation stadium, constant hexagon, detached dashed
stadium; a thick outline is the output. Mermaid draws at most 500 edges unless its page allows more.
Source: https://mermaid.js.org/syntax/flowchart.html
"""

import re

from .labels import edge_label, node_lines, title

_FORMS = {"leaf": ("[", "]"), "op": ("([", "])"), "constant": ("{{", "}}"), "detached": ("([", "])")}
_STYLES = {"detached": "stroke-dasharray:5 4", "output": "stroke-width:4px"}
_NOT_PLAIN = re.compile(r"[!-'*+/:-@\\^-`{-~]|(?<=\d)\.(?= )|-(?= )")  # ASCII that is, or could turn into, syntax


def mermaid(record):
    """Return a Record as a Mermaid flowchart.

    Args:
        record: Record.

    Returns:
        str: every node n0, n1, ... with its name, value (→), gradient (←) and backward node, every edge with what flows
        back along it; "//" and dots on an edge that is cut.
    """
    lines = ["flowchart LR", f"  accTitle: {_title(record)}"]
    for node, texts in zip(record.nodes, node_lines(record), strict=True):
        before, after = _FORMS[node.kind]
        lines.append(f'  n{node.id}{before}"{"<br/>".join(map(_escaped, texts))}"{after}')
    for edge in record.edges:
        text = edge_label(record, edge)
        label = f'|"{_escaped(text)}"|' if text else ""
        lines.append(f"  n{edge.src} {_line(edge)}{label} n{edge.dst}")
    for name, ids in _classes(record).items():
        if ids:
            lines += [f"  classDef {name} {_STYLES[name]}", f"  class {','.join(ids)} {name}"]
    return "\n".join(lines) + "\n"


def _line(edge):
    """A gradient that flows back gives the line a second head."""
    return "-.->" if edge.cut else "-->" if edge.flow is None else "<-->"


def _classes(record):
    detached = [f"n{node.id}" for node in record.nodes if node.kind == "detached"]
    return {"detached": detached, "output": [f"n{len(record.nodes) - 1}"] if record.complete else []}


def _title(record):
    return re.sub(r"[#;%{}]", "_", title(record))  # Mermaid knows no escape in a title


def _escaped(text):
    return _NOT_PLAIN.sub(lambda found: f"#{ord(found[0])};", text)
