"""Pack a large scene for the page into one text of a tenth of the size; explore/page/packing.js unpacks it.

Nodes that differ only in position share one form. Curves are the differences between their points, in tenths of a px.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import numpy as np

from seeing_gradients.runtime import collector_off

PACKED_FROM = 1_000  # nodes; smaller scenes are not packed
_OWN = ("id", "form", "x", "y")  # the keys of a node that its form does not hold


@collector_off()
def packed(scene: Any, widget: Any = None) -> Any:
    """Return a scene as it is sent to the page: itself if it is small, else {"key", "packed": str}.

    Args:
        scene: Scene, or {} before the first one.
        widget: ignored; traitlets passes it.
    """
    if len(scene.get("nodes", ())) < PACKED_FROM:
        return scene
    rest = {
        name: scene[name] for name in ("direction", "width", "height", "connectors", "arrow_heads", "label", "frames")
    }
    text = json.dumps(
        {
            **rest,
            "nodes": _nodes(scene["nodes"]),
            "edges": _edges(scene["edges"], scene["direction"]),
            "steps": _steps(scene["steps"]),
        },
        separators=(",", ":"),
    )
    return {"key": scene["key"], "packed": text}


def _nodes(nodes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The forms, each once, and the form and position of each node."""
    forms = {node["form"]: node for node in reversed(nodes)}
    return {
        "forms": [{name: forms[i][name] for name in forms[i] if name not in _OWN} for i in range(len(forms))],
        "form": [node["form"] for node in nodes],
        "x": _tenths(node["x"] for node in nodes),
        "y": _tenths(node["y"] for node in nodes),
    }


def _edges(edges: Sequence[dict[str, Any]], direction: str) -> dict[str, Any]:
    """The edges as columns of numbers.

    `lengths` tells how many numbers each piece of an edge has; `dx` and `dy` lead from each point to the next. The tip
    and the back of an edge lie at the ends of its curve, so only the distance of the back is sent, in the direction of
    the graph. Of a label its rectangle is sent.
    """
    axis = 1 if direction == "down" else 0
    pieces = [piece for edge in edges for piece in edge["pieces"]]
    counts = [len(edge["pieces"]) for edge in edges]
    lengths = np.fromiter(map(len, pieces), int)
    points = np.rint(10 * np.fromiter(chain.from_iterable(pieces), float, lengths.sum())).astype(int)
    slots = [[i, *edge["slot"]] for i, edge in enumerate(edges) if edge["slot"]]
    return {
        "src": [edge["src"] for edge in edges],
        "dst": [edge["dst"] for edge in edges],
        "kinds": {kind: [i for i, edge in enumerate(edges) if edge["kind"] == kind] for kind in ("cut", "plain")},
        "pieces": counts,
        "lengths": "".join(map(str, lengths.tolist())),
        "dx": np.diff(points[::2], prepend=0).tolist(),
        "dy": np.diff(points[1::2], prepend=0).tolist(),
        "back": [edge["back"] and round(edge["back"][axis] - edge["pieces"][0][axis], 1) for edge in edges],
        "mark": {i: edge["mark"] for i, edge in enumerate(edges) if edge["mark"]},
        "slots": slots,
        "bundles": {i: edge["bundle"] for i, edge in enumerate(edges) if "bundle" in edge},
        "edge_keys": {i: [edge["edge_key"], edge["cut_name"]] for i, edge in enumerate(edges) if "edge_key" in edge},
    }


def _steps(steps: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """The steps as runs of one phase: [phase, ids]; in place of an id [id, round] for a round of a folded loop."""
    return [
        [phase, [step[1] if len(step) == 2 else step[1:] for step in run]]
        for phase, run in groupby(steps, key=itemgetter(0))
    ]


def _tenths(numbers: Iterable[float]) -> list[int]:
    return [round(10 * x) for x in numbers]
