"""A Record as Mermaid text, which GitHub, GitLab and many editors draw from a block that begins with ```mermaid.

The form tells the kind, whatever the colours: leaf rectangle, operation stadium, constant hexagon, detached
parallelogram; a thick outline is the output. Mermaid draws at most 500 edges unless its page allows more.
Source: https://mermaid.js.org/syntax/flowchart.html
"""

import re

from seeing_gradients.recorder import Edge, Record

from .labels import edge_label, node_lines, title

_FORMS = {"leaf": ("[", "]"), "op": ("([", "])"), "constant": ("{{", "}}"), "detached": ("[/", "/]")}
_FORMS |= {"module": ("[[", "]]")}
# ASCII that is syntax, of Mermaid, of its entities or of its Markdown; "_" within a name is none
_SYNTAX = re.compile(r"[!-'*:;<>?@\\^`{-~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|[+-](?= )|(?<=\d)[.](?= )|={3}|-{3}")
_ICON_OR_FORMULA = re.compile(r"(?<=[$])(?=[$])|(?<=:)(?=fa-)")  # found after entities are decoded


def mermaid(record: Record) -> str:
    """Return a Record as a Mermaid flowchart.

    Every node n0, n1, ... has its name, value (→), gradient (←) and backward node, every edge what flows back along it;
    an edge that is cut has "//" and dots.
    """
    lines = ["flowchart LR", f"  accTitle: {_title(record)}"]
    for node, texts in zip(record.nodes, node_lines(record), strict=True):
        before, after = _FORMS[node.kind]
        lines.append(f'  n{node.id}{before}"{"<br/>".join(map(_escaped, texts))}"{after}')
    for edge in record.edges:
        text = edge_label(record, edge)
        label = f'|"{_escaped(text)}"|' if text else ""
        lines.append(f"  n{edge.src} {_line(edge)}{label} n{edge.dst}")
    if record.complete:
        lines += ["  classDef output stroke-width:4px", f"  class n{len(record.nodes) - 1} output"]
    return "\n".join(lines) + "\n"


def _line(edge: Edge) -> str:
    """A gradient that flows back gives the line a second head."""
    return "-.->" if edge.cut else "-->" if edge.flow is None else "<-->"


def _title(record: Record) -> str:
    return re.sub(r"[#;%{}]", "_", title(record))  # Mermaid knows no escape in a title


def _escaped(text: str) -> str:
    apart = _ICON_OR_FORMULA.sub("\u200b", text)
    return _SYNTAX.sub(lambda match: "".join(f"#{ord(character)};" for character in match[0]), apart)
