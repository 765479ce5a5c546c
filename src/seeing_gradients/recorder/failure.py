"""Describe an operation of f that raised an error: a node of its own, and a sentence with the shapes that met."""

from collections.abc import Sequence
from dataclasses import replace

from .trace import Call
from .types import Edge, Node, Note, Record

_LONGEST_ERROR, _MOST_NAMED = 400, 6  # characters of an error; tensors that a sentence names


def failed_node(node: Node, call: Call) -> Node:
    """Return the node of an operation that raised an error, without a value.

    Args:
        node: as it would be of a value that the operation made.
        call: the operation.
    """
    operation = call.name.strip("_")
    return replace(
        node, op=operation, kind="failed", name=None, shape=(), dtype=None, requires_grad=False, values=(None,)
    )


def failure_note(record: Record, error: Exception) -> Note:
    """Return the Note about the operation that raised an error.

    Args:
        record: whose last node is the operation.
        error: its text stands in the note.
    """
    node = record.nodes[-1]
    edges = [edge for edge in record.edges if edge.dst == node.id]
    fields = {"operation": _operation(node), "tensors": _met(record.nodes, edges), "error": _text(error)}
    if node.line is None:
        return Note("draw.failed", fields)
    code = _code(record.source, node.line)
    if not code:
        return Note("draw.failed_at_line", {**fields, "line": node.line})
    return Note("draw.failed_at_code", {**fields, "line": node.line, "code": code})


def _code(source: tuple[int, str] | None, line: int) -> str:
    """The text of a line of f; "" if the line does not belong to the source that is known."""
    first, text = source or (line + 1, "")
    return dict(enumerate(text.splitlines(), first)).get(line, "").strip()


def _met(nodes: Sequence[Node], edges: Sequence[Edge]) -> str:
    """The tensors that met in an operation, with their shapes: "x (8, 5), lin.weight (32, 32)"."""
    named = [_described(nodes[edge.src], edge.output) for edge in edges]
    return ", ".join([*named[:_MOST_NAMED], *(["..."] if len(named) > _MOST_NAMED else [])]) or "-"


def _described(node: Node, output: int) -> str:
    """A value with its name and shape: "w (4, 5)", "0: addmm (2, 3)"; a Python number as it is."""
    snapshot = node.values[output] if output < len(node.values) else None
    shape = node.shape if snapshot is None else snapshot.shape
    if node.kind == "constant" and node.name is None:
        return str(snapshot.numbers) if snapshot is not None and not shape else str(shape)
    return f"{node.name or _operation(node)} {shape}"


def _operation(node: Node) -> str:
    """The name of an operation, after the module in which it ran: "1.lin: linear"."""
    return f"{node.module[-1].key}: {node.op}" if node.module else node.op


def _text(error: Exception) -> str:
    """The class and the text of an error, on one line."""
    try:
        words = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - __str__ may be the learner's code
        words = ""
    kind = type(error).__name__
    return f"{kind}: {words}"[:_LONGEST_ERROR] if words else kind
