"""Write a Record as Mermaid text, which GitHub, GitLab and many editors draw from a block that begins with ```mermaid.

The shape of a node shows its kind, without colours: a leaf is a rectangle, an operation a stadium, a constant a
hexagon, a detached node a parallelogram, a folded module a rectangle with double sides, an operation that failed a
rhombus. A thick outline marks the output. Mermaid draws at most 500 edges, unless its page sets another limit.
Source: https://mermaid.js.org/syntax/flowchart.html
"""

import re

from seeing_gradients.recorder import Edge, Record

from .labels import edge_label, node_lines, title

_FORMS = {"leaf": ("[", "]"), "op": ("([", "])"), "constant": ("{{", "}}"), "detached": ("[/", "/]")}
_FORMS |= {"module": ("[[", "]]"), "loop": ("[[", "]]"), "failed": ("{", "}")}
# ASCII characters with a meaning in Mermaid, in its entities or in its Markdown; "_" inside a name has none.
_SYNTAX = re.compile(r"[!-'*:;<>?@\\^`{-~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|[+-](?= )|(?<=\d)[.](?= )|={3}|-{3}")
_ICON_OR_FORMULA = re.compile(r"(?<=[$])(?=[$])|(?<=:)(?=fa-)")  # Mermaid looks for them after it decodes entities


def mermaid(record: Record) -> str:
    """Return a Record as a Mermaid flowchart.

    The label of a node n0, n1, ... contains its name, value (→), gradient (←) and backward node. The label of an edge
    is the gradient along it; a cut edge is labelled "//" and dotted.
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
    """The line of an edge; an edge with a gradient has a second arrow head."""
    return "-.->" if edge.cut else "-->" if edge.flow is None else "<-->"


def _title(record: Record) -> str:
    return re.sub(r"[#;%{}]", "_", title(record))  # a title in Mermaid has no escapes


def _escaped(text: str) -> str:
    """A text with entities for special characters, and with a zero-width space inside what would start an icon."""
    apart = _ICON_OR_FORMULA.sub("\u200b", text)
    return _SYNTAX.sub(lambda match: "".join(f"#{ord(character)};" for character in match[0]), apart)
