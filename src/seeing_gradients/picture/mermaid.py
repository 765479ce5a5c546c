"""Write a Record as Mermaid text, which GitHub, GitLab and many editors draw from a block that begins with ```mermaid.

The shape shows the kind, without colours: leaf rectangle, operation stadium, constant hexagon, detached parallelogram.
A thick outline marks the output. Mermaid draws at most 500 edges unless its page allows more.
Source: https://mermaid.js.org/syntax/flowchart.html
"""

import re

from seeing_gradients.recorder import Edge, Record

from .labels import edge_label, node_lines, title

_FORMS = {"leaf": ("[", "]"), "op": ("([", "])"), "constant": ("{{", "}}"), "detached": ("[/", "/]")}
_FORMS |= {"module": ("[[", "]]")}
# ASCII with a meaning in Mermaid, in its entities or in its Markdown. "_" within a name has none.
_SYNTAX = re.compile(r"[!-'*:;<>?@\\^`{-~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|[+-](?= )|(?<=\d)[.](?= )|={3}|-{3}")
_ICON_OR_FORMULA = re.compile(r"(?<=[$])(?=[$])|(?<=:)(?=fa-)")  # Mermaid looks for them after it decodes entities


def mermaid(record: Record) -> str:
    """Return a Record as a Mermaid flowchart.

    The nodes n0, n1, ... have a name, value (→), gradient (←) and backward node. An edge has the gradient along it; a
    cut edge has "//" and dots.
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
    """The line of an edge; a gradient gives it a second head."""
    return "-.->" if edge.cut else "-->" if edge.flow is None else "<-->"


def _title(record: Record) -> str:
    return re.sub(r"[#;%{}]", "_", title(record))  # a title in Mermaid has no escapes


def _escaped(text: str) -> str:
    apart = _ICON_OR_FORMULA.sub("\u200b", text)
    return _SYNTAX.sub(lambda match: "".join(f"#{ord(character)};" for character in match[0]), apart)
