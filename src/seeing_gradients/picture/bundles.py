"""Bundle parallel edges: many edges between the same two nodes become one, "16 ×", until it is opened.

`bundle(record, opened)` is applied to a folded Record just before it is drawn. A bundle shows the sum of the gradients
along its edges, which is what they add at their common source; where they come from different outputs, or where not
every number is known, there is no such sum, and the bundle shows none.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Any

import torch

from seeing_gradients.recorder import Edge, Node, Opened, Record, Snapshot, snapshot

from .grouping import Fold
from .labels import symbol

_BETWEEN = "=>"  # in the key of a bundle
# How many edges become one: where one end is a folded module, where it is a loop, and between two other nodes.
_SMALLEST = {"auto": {"module": 2, "loop": 3, "": 4}, True: {"module": 2, "loop": 2, "": 2}}
_ROUNDINGS = 16  # rounding units of the largest term by which a sum in another order may be off


@dataclass(frozen=True)
class Bundle(Edge):
    """Several edges between the same two nodes.

    Attributes:
        edges: tuple of these Edges. `flow` is that of the first one that has any.
        key: str, opens the bundle: "w=>line 4".
        total: Snapshot, the sum of the gradients along them; None if they cannot be added, or if a number is unknown.
    """

    edges: tuple[Edge, ...] = ()
    key: str = ""
    total: Snapshot | None = None


def is_bundle_key(key: str) -> bool:
    """Whether a key is one that a bundle can have; whether there is such a bundle depends on what else is open."""
    return _BETWEEN in key


def bundle(record: Record, opened: Collection[str] = (), fold: Fold = "auto") -> Record:
    """Return a Record in which parallel edges are Bundles, except for the opened ones.

    Args:
        record: folded Record.
        opened: keys of bundles.
        fold: "auto": from two edges on where one end is a folded module, from three where it is a folded loop, else from
            four; True: from two; False: none.

    Returns:
        Record, whose `opened` lists the open bundles, too; `record` itself if there are none.
    """
    if fold is False:
        return record
    counts = Counter((edge.src, edge.dst, edge.cut) for edge in record.edges)
    smallest = _SMALLEST[fold]
    least = min(smallest.values())
    nodes, names = record.nodes, None
    parallel: dict[tuple[int, int, bool], str] = {}  # -> key of the bundle
    for ends, count in counts.items():
        if count < least or ends[2]:
            continue
        src, dst = nodes[ends[0]], nodes[ends[1]]
        if count >= min(smallest.get(node.kind, smallest[""]) for node in (src, dst)):
            names = names or _names(nodes)
            parallel[ends] = f"{names[src.id]}{_BETWEEN}{names[dst.id]}"
    if not parallel:
        return record
    members: dict[tuple[int, int, bool], list[Edge]] = {ends: [] for ends in parallel}
    flows = Counter((edge.src, edge.output) for edge in record.edges if edge.flow is not None)
    for edge in record.edges:
        if (ends := (edge.src, edge.dst, edge.cut)) in members:
            members[ends].append(edge)
    edges: list[Edge] = []
    for edge in record.edges:
        ends = edge.src, edge.dst, edge.cut
        if ends not in parallel or parallel[ends] in opened:
            edges.append(edge)
        elif edge is members[ends][0]:
            edges.append(_bundled(members[ends], parallel[ends], nodes[edge.src], flows))
    shown = [
        Opened(key, f"{counts[ends]} ×", " → ".join(_called(nodes[i]) for i in ends[:2]), None, ())
        for ends, key in parallel.items()
        if key in opened
    ]
    return replace(record, edges=edges, opened=(*record.opened, *shown))


def _bundled(edges: list[Edge], key: str, src: Node, flows: Counter[tuple[int, int]]) -> Bundle:
    first = next((edge for edge in edges if edge.flow is not None), edges[0])
    plain = {field.name: getattr(first, field.name) for field in fields(Edge)}
    return Bundle(**{**plain, "edge_key": None}, edges=tuple(edges), key=key, total=_total(edges, src, flows))


def _total(edges: list[Edge], src: Node, flows: Counter[tuple[int, int]]) -> Snapshot | None:
    """The sum of the gradients along edges from one output.

    If no other edge sends a gradient there, it is the sum that autograd made, unless a hook changed that.
    """
    sent = [edge.flow for edge in edges if edge.flow is not None]
    if not sent or len({edge.output for edge in edges}) > 1 or len({flow.shape for flow in sent}) > 1:
        return None
    if any(flow.numbers is None for flow in sent):
        return None
    arrived = src.grads[edges[0].output] if edges[0].output < len(src.grads) else None
    if arrived is not None and flows[src.id, edges[0].output] == len(sent) and _is_sum(arrived, sent):
        return arrived
    terms = torch.stack([flow.tensor() for flow in sent])
    total = terms.sum(0)
    if arrived is not None and arrived.numbers is not None and flows[src.id, edges[0].output] == len(sent):
        off = _ROUNDINGS * torch.finfo(terms.dtype).eps * terms.abs().sum(0) if terms.is_floating_point() else 0
        if ((arrived.tensor() - total).abs() <= off).all():
            return arrived
    return snapshot(total)


def _is_sum(arrived: Snapshot, sent: list[Snapshot]) -> bool:
    """Whether a single number is the sum of others up to rounding: the common case, made fast."""
    numbers = [flow.numbers for flow in sent]
    total: Any = arrived.numbers
    if type(total) is not float or not arrived.dtype.is_floating_point:
        return False
    off = _ROUNDINGS * torch.finfo(arrived.dtype).eps * sum(map(abs, numbers))
    return abs(total - sum(numbers)) <= off


def _names(nodes: list[Node]) -> list[str]:
    """A name for each node that stays while sliders move, even if the loops before it gain and lose rounds."""
    names: list[str] = []
    counts: Counter[str] = Counter()
    for node in nodes:
        name = node.inside.key if node.inside is not None else node.name or f"{node.op}@{node.line or ''}"
        counts[name] += 1
        names.append(name if counts[name] == 1 else f"{name}#{counts[name]}")
    return names


def _called(node: Node) -> str:
    return node.op if node.inside is not None else node.name or symbol(node.op)
