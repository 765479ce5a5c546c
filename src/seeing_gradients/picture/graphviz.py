"""Write a Record as DOT text, for Graphviz and other programs; Graphviz need not be installed.

The shape of a node shows its kind, without colours: a leaf is a box, an operation a rounded box, a constant a hexagon,
a detached node a dashed rounded box, a folded module a 3D box, an operation that failed an octagon. A thick outline
marks the output.
Source: https://graphviz.org/doc/info/lang.html
"""

from seeing_gradients.recorder import Edge, Record

from . import theme
from .labels import edge_label, node_lines, title

_FORMS = {
    "leaf": "shape=box",
    "op": "shape=box, style=rounded",
    "constant": "shape=hexagon",
    "detached": 'shape=box, style="rounded,dashed"',
    "module": "shape=box3d",
    "loop": "shape=box3d",
    "failed": "shape=octagon",
}


def dot(record: Record) -> str:
    """Return a Record as a DOT digraph.

    The label of a node n0, n1, ... contains its name, value (→), gradient (←) and backward node. The label of an edge
    is the gradient along it; a cut edge is labelled "//" and dashed.
    """
    lines = [f"digraph {_quoted(title(record))} {{", "  rankdir=LR;", f"  label={_quoted(title(record))};"]
    fonts = f'[fontname="{theme.GRAPHVIZ_FONT}"]'
    lines.append(f"  node {fonts}; edge {fonts};")
    last = len(record.nodes) - 1 if record.complete else -1
    for node, texts in zip(record.nodes, node_lines(record), strict=True):
        thick = ", penwidth=3" if node.id == last else ""
        lines.append(f"  n{node.id} [label={_quoted(*texts)}, {_FORMS[node.kind]}{thick}];")
    for edge in record.edges:
        more = ", ".join(_attributes(record, edge))
        lines.append(f"  n{edge.src} -> n{edge.dst}{f' [{more}]' if more else ''};")
    return "\n".join([*lines, "}"]) + "\n"


def _attributes(record: Record, edge: Edge) -> list[str]:
    """The attributes of an edge; an edge with a gradient has a second, empty arrow head."""
    text = edge_label(record, edge)
    more = [f"label={_quoted(text)}"] if text else []
    more += ["style=dashed"] if edge.cut else []
    return more + (["dir=both", "arrowtail=empty"] if edge.flow is not None else [])


def _quoted(*lines: str) -> str:
    """Lines as one DOT string, in which Graphviz interprets backslashes and entities such as "&amp;"."""
    return '"{}"'.format(r"\n".join(_escaped(line) for line in lines))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
