"""Previews of vectors and matrices as rows of small bars, and the shapes on edges, where numbers do not fit."""

import math
from collections.abc import Sequence
from typing import Any

import torch

from seeing_gradients.language import message
from seeing_gradients.picture.labels import number
from seeing_gradients.recorder import Node, Record, Snapshot

from .protocol import TensorPreview

_WORDS = ("shapes", "broadcast", "thumbnail")
_MOST_NODES = 400
_SINGLE_DIGITS, _DOUBLE_DIGITS = 7, 15  # significant digits of an element
# Operations that broadcast their operands to one shape.
_ELEMENTWISE = {"add", "sub", "rsub", "mul", "div", "pow", "maximum", "minimum", "where", "atan2", "lerp", "addcmul"}


def preview_labels() -> dict[str, str]:
    """Return the words of the page about shapes and previews."""
    return {name: message(f"explore.{name}", shape="{shape}", whole="{whole}") for name in _WORDS}


def tensor_previews(record: Record) -> list[list[TensorPreview | None] | None]:
    """Return for each node [preview of the value, preview of the gradient], or None for a node with a single number.

    Returns [] if no node has a preview, or if there are too many nodes. A preview is a dict of
        rows: int;
        bars: the elements in order, divided by the largest magnitude: -1 to 1, None for nan and infinity;
        texts: the elements as text;
        part: whether these elements are a thumbnail of more.
    """
    if len(record.nodes) > _MOST_NODES:
        return []
    previews = [
        [preview(node.values), preview(node.grads)] if math.prod(node.shape or ()) > 1 else None
        for node in record.nodes
    ]
    return previews if any(previews) else []


def shapes(record: Record) -> list[list[str]]:
    """Return for each edge [shape of its value, shape to which it is broadcast or ""]; [] if all are scalars."""
    if len(record.nodes) > _MOST_NODES or not any(node.shape for node in record.nodes):
        return []
    return [_shapes(record.nodes[edge.src], record.nodes[edge.dst]) for edge in record.edges]


def _shapes(source: Node, target: Node) -> list[str]:
    own = tuple(source.shape or ())
    spread = target.op in _ELEMENTWISE and tuple(target.shape or ()) != own and len(target.values) == 1
    return [_shape_text(own), _shape_text(target.shape) if spread else ""]


def _shape_text(shape: Sequence[int]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})" if shape else "()"


def preview(snapshots: Sequence[Snapshot | None]) -> TensorPreview | None:
    """Return the preview of a tensor; None for a single number, for complex ones, and for several tensors."""
    if len(snapshots) != 1 or snapshots[0] is None:
        return None
    snapshot = snapshots[0]
    numbers: Any = snapshot.numbers if snapshot.numbers is not None else snapshot.thumbnail
    if numbers is None:
        return None
    flat, last = [], 1
    stack = [numbers]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(reversed(item))
            last = len(item)
        else:
            flat.append(item)
    if len(flat) < 2 or any(isinstance(x, complex) for x in flat):
        return None
    digits = _DOUBLE_DIGITS if snapshot.dtype == torch.float64 else _SINGLE_DIGITS
    largest = max((abs(x) for x in flat if math.isfinite(x)), default=0) or 1
    return {
        "rows": len(flat) // last,
        "bars": [round(x / largest, 2) if math.isfinite(x) else None for x in flat],
        "texts": [number(x, digits) for x in flat],
        "part": snapshot.numbers is None,
    }
