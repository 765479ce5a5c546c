"""Cut an edge in the explorer: f runs again as if detach() stood there."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from seeing_gradients.language import message
from seeing_gradients.picture.labels import symbol
from seeing_gradients.picture.scene import EdgeKey, Scene
from seeing_gradients.recorder import Node, Record

_CUT = ("cut", "cut_choose", "cut_here", "cut_restore")
_BASELINE = ("compare", "compare_end", "baseline_run", "numbers_of", "was")
_MOST_CUTS, _MOST_EDGES = 64, 3000  # in a larger picture, an edge is too hard to hit


def clean_cuts(sent: Sequence[Any]) -> list[EdgeKey]:
    """Return the valid edge keys that the page sent, (call, operation, argument or list of arguments), each once."""
    cuts: list[EdgeKey] = []
    for key in sent[:_MOST_CUTS]:
        if _is_edge_key(key):
            call, name, argument = key
            plain = [call, name, argument if type(argument) is int else list(argument)]
            cuts += [] if plain in cuts else [plain]
    return cuts


def cut_labels() -> dict[str, str]:
    """Return the words of the page about cut edges."""
    return {name: message(f"explore.{name}", edge="{edge}") for name in _CUT}


def baseline_labels() -> dict[str, str]:
    """Return the words of the page for comparing a run with a baseline."""
    return {name: message(f"explore.{name}", value="{value}", call="{call}") for name in _BASELINE}


def note_edge_keys(record: Record, scene: Scene) -> None:
    """Add to each edge of a scene that can be cut its key, `edge_key`, and what the page calls it, `cut_name`: "w → ×".

    Edges between the same nodes are counted: "w → × (1)", "w → × (2)".
    """
    if len(record.edges) > _MOST_EDGES:
        return
    pairs = zip(record.edges, scene["edges"], strict=True)
    edges = [(edge, drawn, edge.edge_key) for edge, drawn in pairs if edge.edge_key is not None]
    counts, met = Counter((edge.src, edge.dst) for edge, _, _ in edges), Counter()
    for edge, drawn, key in edges:
        ends = edge.src, edge.dst
        met[ends] += 1
        drawn["edge_key"] = [list(part) if isinstance(part, tuple) else part for part in key]
        drawn["cut_name"] = " → ".join(_node_name(record.nodes[i]) for i in ends)
        if counts[ends] > 1:
            drawn["cut_name"] += f" ({met[ends]})"


def _is_edge_key(key: Any) -> bool:
    if not isinstance(key, (list, tuple)) or len(key) != 3 or [type(part) for part in key[:2]] != [int, str]:
        return False
    arguments = key[2] if isinstance(key[2], (list, tuple)) else [key[2]]
    return 0 < len(arguments) <= _MOST_CUTS and all(type(each) is int for each in arguments)


def _node_name(node: Node) -> str:
    return node.name or symbol(node.op) or ""
