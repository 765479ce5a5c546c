"""How far each node moves between two runs of f, and what the gradients of the first run predict for the output.

`moves(before, after, ...)` compares two Records of the same topology, recorded at x and at x + h e, where e selects one
element of one input. For a node n with the gradient g_n = d output / d n:

- its real move is Δn = n(x + h e) - n(x);
- its *product* g_n · Δn is the move of the output that its gradient predicts. For the nudged input it is g · h. For a
  node inside it is the part that goes through this node: the whole only if every path passes through it;
- its *gap* is g_n · Δn minus the sum of flow · Δsrc over the edges that enter it, where flow is the gradient along the
  edge. It is what the straight line through this one operation leaves out. For a linear operation it is 0.

Each g_n is the sum of the flows along the edges that leave n, so that all gaps add up:

    real move of the output - predicted move = sum of the gaps of all nodes.

That holds exactly, up to rounding, for steps of any size: a bend, a jump, a cut edge or a wrong backward shows up as the
gap of the node where it happens.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seeing_gradients.recorder import Edge, Node, Record, Snapshot


@dataclass(frozen=True)
class NodeMove:
    """The move of one node.

    Attributes:
        deltas: real move of each output, array of its shape; None if not all elements are known.
        product: g_n · Δn; None without a gradient, or if a move is unknown.
        gap: the part of the gap between real and predicted move that arises here; None if it is unknown.
        rounding: how much of the product may be rounding error.
        moved: whether an element moved, or may have moved.
        rounds: of a folded loop, the move in each round of the variable that it shows.
        uncounted: ids of nodes that moved and enter this one along an edge without a gradient.
    """

    deltas: tuple[np.ndarray | None, ...]
    product: float | None
    gap: float | None
    rounding: float
    moved: bool
    rounds: tuple[np.ndarray | None, ...] = ()
    uncounted: tuple[int, ...] = ()


def moves(before: Record, after: Record) -> list[NodeMove]:
    """Return the NodeMove of every node.

    Args:
        before, after: Records of the same topology; the gradients are those of `before`.
    """
    pairs = list(zip(before.nodes, after.nodes, strict=True))
    deltas = [tuple(map(_delta, one.values, other.values)) for one, other in pairs]
    entering: dict[int, list[Edge]] = {}
    for edge in before.edges:
        entering.setdefault(edge.dst, []).append(edge)
    return [_node_move(node, other, deltas, entering.get(node.id, ())) for node, other in pairs]


def output_move(before: Record, after: Record, v: Any) -> float | None:
    """Return the real move of the output, its elements weighted by v; None if the outputs have different shapes.

    Args:
        before, after: Records, perhaps of different topologies.
        v: weights of the output's shape, or None for a scalar output.
    """
    one, other = before.output, after.output
    if one is None or other is None or one.shape != other.shape:
        return None
    return _weighted_move(one, other, v)


def predicted_move(before: Record, after: Record, name: str, along: np.ndarray, h: float) -> tuple[float, float]:
    """Return (g, Δx): the slope of the output along a direction of an input, and how far the input really moved along it.

    Their product predicts. For one element they are its gradient and its move; along the gradient they are its norm and
    the distance.

    Args:
        before, after: Records.
        name: of the input.
        along: unit vector, an element for each of the input, (n,).
        h: the step, for an input that f never used.
    """
    grad = before.grads.get(name)
    g = 0.0 if grad is None else float(grad.detach().double().flatten().cpu().numpy() @ along)
    if name not in before.inputs or name not in after.inputs:
        return g, h
    one, other = (record.nodes[record.inputs[name]].values[0] for record in (before, after))
    delta = _delta(one, other)
    return g, h if delta is None else float(np.real(delta.ravel()) @ along)


def _node_move(
    node: Node, other: Node, deltas: Sequence[tuple[np.ndarray | None, ...]], entering: Iterable[Edge]
) -> NodeMove:
    """The NodeMove of a node.

    Args:
        node, other: of the first record, and the same of the second.
        deltas: the moves of all nodes.
        entering: the edges that lead to this node.
    """
    own = deltas[node.id]
    pairs = [(_array(grad), delta) for grad, delta in zip(node.grads, own, strict=True) if grad is not None]
    product = _total([_product(grad, delta) for grad, delta in pairs])
    edges = [(edge, deltas[edge.src][edge.output]) for edge in entering]
    uncounted = [edge.src for edge, delta in edges if edge.flow is None and _has_moved(delta)]
    predicted = _total([_product(_array(edge.flow), delta) for edge, delta in edges if edge.flow is not None])
    gap = 0.0
    if edges and pairs:
        gap = None if product is None or predicted is None else product - predicted
    product = product if pairs else None
    rounds = tuple(_delta(a.values[0], b.values[0]) for a, b in zip(node.rounds, other.rounds, strict=True))
    return NodeMove(own, product, gap, _rounding(node), any(map(_has_moved, own)), rounds, tuple(uncounted))


def _has_moved(delta: np.ndarray | None) -> bool:
    return delta is None or bool((delta != 0).any())


def _array(snapshot: Snapshot | None) -> np.ndarray | None:
    """The elements as float64 or complex128, or None."""
    if snapshot is None or snapshot.numbers is None:
        return None
    numbers = np.asarray(snapshot.numbers)
    return numbers if numbers.dtype.kind == "c" else numbers.astype(np.float64)


def _delta(before: Snapshot | None, after: Snapshot | None) -> np.ndarray | None:
    one, other = _array(before), _array(after)
    if one is None or other is None or one.shape != other.shape:
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(one == other, 0.0, other - one)  # inf - inf is nan, but an infinity that stays does not move


def _total(parts: Sequence[float | None]) -> float | None:
    """The sum; None if a part is unknown."""
    known = [part for part in parts if part is not None]
    return sum(known, 0.0) if len(known) == len(parts) else None


def _product(grad: np.ndarray | None, delta: np.ndarray | None) -> float | None:
    """g · Δ; of complex numbers the real part of conj(g) Δ, since PyTorch's gradient is d/d re + i d/d im."""
    if grad is None or delta is None or grad.size != delta.size:
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        return float(np.real(np.vdot(grad.ravel(), delta.ravel())))


def _rounding(node: Node) -> float:
    """How far rounding the value of a node in both runs may move the output, to first order."""
    if node.dtype is None or not (node.dtype.is_floating_point or node.dtype.is_complex):
        return 0.0
    total = 0.0
    for grad, value in zip(map(_array, node.grads), map(_array, node.values), strict=True):
        size = None if grad is None or value is None else _product(np.abs(grad), np.abs(value))
        total += size if size is not None and math.isfinite(size) else 0.0
    return torch.finfo(node.dtype).eps * total


def _weighted_move(before: Tensor, after: Tensor, v: Any) -> float:
    kind = torch.complex128 if before.is_complex() else torch.float64
    move = after.detach().to(kind) - before.detach().to(kind)
    if v is not None:
        weights = torch.as_tensor(v).detach().to(kind)
        move = (weights.conj() if weights.is_complex() else weights) * move
    total = move.sum()
    return float(total.real if total.is_complex() else total)
