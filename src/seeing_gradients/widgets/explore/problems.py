"""Describe what went wrong in a run, as a sentence with the line of f.

A `Problem` describes an exception of f, an error of `record`, numbers that are not finite, a backward pass that failed
or ran twice, or inputs to which f wrote.
"""

import inspect
import linecache
import math
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from torch import Tensor
from torch.nn import Module

from seeing_gradients.language import message
from seeing_gradients.picture.labels import brief, number
from seeing_gradients.picture.saved_tensor_chips import owner_name
from seeing_gradients.recorder import Node, Record, RecordError, Snapshot, VectorOutputError, argument_names
from seeing_gradients.widgets.errors import is_users, kind_of, text_of

_LONGEST_ERROR = 600  # characters
# Operations that compute nothing, but put given numbers in place: an infinity in their result was given to them.
_PLACING = {
    "masked_fill", "where", "full", "full_like", "fill", "index_fill", "index_put", "masked_scatter", "scatter",
    "select_scatter", "slice_scatter", "triu", "tril", "copy", "setitem", "copyslices",
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """A problem as the widget shows it.

    Attributes:
        text: the sentence, in the lesson's language.
        severity: "error" (there are no new numbers) or "warning" (there are new numbers, but something is odd).
        line: line number in the file or cell of f, or None.
        code: the text of that line, or "".
    """

    text: str
    severity: Literal["error", "warning"] = "error"
    line: int | None = None
    code: str = ""


def of_exception(f: Callable[..., Any], error: BaseException) -> Problem:
    """Return a Problem for an exception of f, with the line of f that raised it."""
    line, filename = None, _file_of(f)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == filename:
            line = frame.lineno
    code = linecache.getline(filename, line).strip() if line else ""
    return Problem(message("explore.raised", error=brief(kind_of(error), _LONGEST_ERROR)), line=line, code=code)


def with_own_line(f: Callable[..., Any], problem: Problem) -> Problem:
    """Return a Problem without its line number if f is PyTorch's or ours, in whose files the learner has no lines."""
    return problem if is_users(_file_of(f)) else replace(problem, line=None)


def of_record_error(f: Callable[..., Any], error: RecordError) -> Problem:
    """Return a Problem for an error of `record`. If v would solve it, the text offers to put v on sliders."""
    is_vector = isinstance(error, VectorOutputError)
    return Problem(message("explore.v_hint", text=error) if is_vector else str(error), code=_code_at(f, error))


def of_failed_backward(record: Record, error: BaseException) -> Problem:
    """Return a Problem for an error of the engine.

    Args:
        record: its `failed` is the node at which backward stopped.
        error: the error.
    """
    assert record.failed is not None
    node = record.nodes[record.failed]
    return Problem(_stopped(record, error), line=node.line, code=_line_of(record, node.line))


def of_numbers(record: Record) -> Problem | None:
    """Return a warning about nan or infinity in a record, which says where the first one comes from; or None.

    An infinity is no fault where f puts it in place itself, e.g. the -inf of an attention mask, and what is computed
    from it neither becomes nan nor reaches the output or a gradient.
    """
    is_masked: set[int] = set()  # ids of nodes whose infinities f has put in place
    sources: dict[int, list[int]] = {}
    for edge in record.edges:
        sources.setdefault(edge.dst, []).append(edge.src)
    first: Node | None = None  # whose infinities come from a mask; rather an operation than a constant
    for node in record.nodes:
        bad = _first_not_finite(node.values)
        if bad is None or node.kind == "leaf":
            continue
        if not _is_mask(node, any(source in is_masked for source in sources.get(node.id, ()))):
            return _warning(record, node)
        is_masked.add(node.id)
        first = node if first is None or first.kind == "constant" else first
    if first is not None and record.nodes[-1].id in is_masked:
        return _warning(record, first)
    for name, grads in _leaf_gradients(record):
        bad = _first_not_finite(grads)
        if bad is not None:
            return (
                _warning(record, first)
                if first
                else Problem(message("explore.gradient_not_finite", name=name, value=bad), "warning")
            )
    return None


def _is_mask(node: Node, has_masked_source: bool) -> bool:
    """Whether a node has infinities, and no nan, because f wrote them there, or because it computes with such a node."""
    if any(_has_nan(values) for values in node.values):
        return False
    return node.kind == "constant" or has_masked_source or node.op.strip("_") in _PLACING


def _warning(record: Record, node: Node) -> Problem:
    """The warning that names an operation whose value is not finite."""
    value, code = _first_not_finite(node.values), _line_of(record, node.line)
    return Problem(message("explore.value_not_finite", op=node.op, value=value), "warning", node.line, code)


def _leaf_gradients(record: Record) -> Iterator[tuple[str, Iterable[Snapshot | None]]]:
    """Yield the name and gradient of each input, then of each other leaf, e.g. a parameter."""
    inputs = set(record.inputs.values())
    yield from ((name, record.nodes[node_id].grads) for name, node_id in record.inputs.items())
    for node in record.nodes:
        if node.kind == "leaf" and node.id not in inputs:
            yield node.name or node.op, node.grads


def of_second_backward(record: Record) -> Problem | None:
    """Return a warning about what a second backward added; None if there was no second one."""
    sums = []
    for name, total in (record.accumulated or {}).items():
        first = record.grads[name]
        if first is None or total is None:
            continue
        whole = f"{name}.grad = {_sum(first)} + {_sum(total - first)} = {_sum(total)}"
        sums.append(whole if total.numel() == 1 else f"{name}.grad")
    return Problem(message("explore.backward_twice", grads=", ".join(sums)), "warning") if sums else None


def of_compiled(record: Record) -> Problem | None:
    """Return a warning that code compiled by torch.compile ran uncompiled, or None."""
    return next((Problem(note.text, "warning") for note in record.notes if note.key == "draw.uncompiled"), None)


def of_changed_inputs(
    f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], lost: Iterable[Tensor]
) -> Problem | None:
    """Return a warning that f wrote to inputs that cannot be restored, or None.

    Args:
        f: the function.
        args, kwargs: what it received.
        lost: the tensors that could not be restored.
    """
    lost = list(lost)
    named = dict(zip(argument_names(f, args, kwargs), [*args, *kwargs.values()], strict=True)) if lost else {}
    names = [name for name, value in named.items() if any(value is tensor for tensor in lost)]
    return Problem(message("explore.drifts", names=", ".join(names)), "warning") if names else None


def _stopped(record: Record, error: BaseException) -> str:
    """A sentence on where and why backward stopped."""
    assert record.failed is not None
    node = record.nodes[record.failed]
    named = message("explore.backward_node", name=node.name, grad_fn=node.grad_fn) if node.name else node.grad_fn
    fields: dict[str, Any] = {"node": named}
    fields["error"] = f"{type(error).__name__}: {text_of(error).split('. ')[0]}"
    changed = next((saved for saved in node.saved_tensors if saved.state == "changed"), None)
    if changed is not None:
        fields |= {"name": owner_name(changed, node, record.nodes), "version": changed.version, "now": changed.now}
        return message("explore.backward_changed", line=changed.line or "?", **fields)
    freed = any(saved.state == "freed" for saved in node.saved_tensors)
    return message("explore.backward_freed" if freed else "explore.backward_failed", **fields)


def _sum(tensor: Tensor) -> str:
    return number(tensor.sum().item())


def _code_at(f: Callable[..., Any], error: RecordError) -> str:
    """The text of the line of f that an error names; "" if it names none."""
    line = error.fields.get("line")
    return linecache.getline(_file_of(f), line).strip() if isinstance(line, int) else ""


def _file_of(f: Callable[..., Any]) -> str:
    target = getattr(type(f), "forward", None) if isinstance(f, Module) else inspect.unwrap(f)
    return getattr(getattr(target, "__code__", None), "co_filename", "")


def _line_of(record: Record, line: int | None) -> str:
    if line is None or record.source is None:
        return ""
    lines = record.source[1].splitlines()
    index = line - record.source[0]
    return lines[index].strip() if 0 <= index < len(lines) else ""


def _numbers(snapshot: Snapshot | None) -> Iterator[float]:
    """Yield the real numbers of a snapshot; of a large tensor the smallest and the largest."""
    stack: list[Any] = []
    if snapshot is not None:
        stack = [snapshot.low, snapshot.high] if snapshot.numbers is None else [snapshot.numbers]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, float):
            yield item


def _first_not_finite(snapshots: Iterable[Snapshot | None]) -> str | None:
    """The first number that is nan or infinite, as text, or None."""
    for snapshot in snapshots:
        for x in _numbers(snapshot):
            if not math.isfinite(x):
                return number(x)
    return None


def _has_nan(snapshot: Snapshot | None) -> bool:
    return any(map(math.isnan, _numbers(snapshot)))
