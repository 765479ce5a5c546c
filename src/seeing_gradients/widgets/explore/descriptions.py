"""Describe controls, gradients, nodes and problems, as plain data for the page and as text for the table."""

import math
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor

from seeing_gradients.language import html_language, message
from seeing_gradients.picture.labels import brief, clean, compact, full, is_unknown, listing, number
from seeing_gradients.picture.scene import SceneTexts
from seeing_gradients.recorder import Edge, Node, Record, Snapshot, name_of, snapshot, source_of
from seeing_gradients.widgets.page_widget import silent

from . import protocol
from .controls import Control
from .nudgeable import nudge_labels_of
from .problems import Problem
from .step_captions import flows_by_output, hooked_sum

_MOST_LINES = 80  # lines of source that the page shows
_FIXED_ROOM = 40  # characters for a fixed tensor in a cell of the table
_LABELS = (
    "input", "value", "gradient", "check", "check_long", "agrees", "differs", "forward", "backward", "hint",
    "saved", "reset", "fixed", "printed", "slider", "number", "graph", "where",
    "kind_leaf", "kind_constant", "kind_op", "kind_detached",
    "steps", "to_first", "to_previous", "play", "pause", "to_next", "to_last", "step_number", "all_shown", "source",
    "kind_module", "kind_loop", "round", "round_before", "round_after", "bundle", "close_group", "zoom_in", "zoom_out", "zoom_fit",
    "connector",
    "direction_right", "direction_down",
)  # fmt: skip


def page_labels(f: Callable[..., Any]) -> dict[str, Any]:
    """Return the words of the page, except those of single views, with the name and the source of f."""
    labels: dict[str, Any] = {key: _open_label(key) for key in _LABELS}
    return labels | {"name": _name(f), "code": _code(f), "language": html_language(), "silent": silent()}


def control_data(controls: Iterable[Control]) -> list[protocol.Control]:
    """Return the controls as plain data for the page."""
    data, first = [], 0
    for control in controls:
        data.append(
            protocol.Control(
                name=control.name,
                kind=control.kind,
                is_v=control.is_v,
                first=first,
                labels=list(control.labels) or [control.name],
                nudges=nudge_labels_of(control),
                low=control.low,
                high=control.high,
                step=control.step,
                text=fixed_text(control.form) if control.kind == "fixed" else "",
            )
        )
        first += len(control.start)
    return data


def fixed_text(value: Any) -> str:
    """Return the text of a fixed argument for a cell of the table: of a dict its keys, of other objects their class.

    A tensor that has no numbers, e.g. on the meta device, is "?".
    """
    if isinstance(value, Tensor):
        numbers = snapshot(value)
        return "?" if numbers is None else compact(numbers, _FIXED_ROOM)
    if value is None or isinstance(value, str | int | float | complex | bytes):
        return brief(clean(repr(value)), _FIXED_ROOM)
    name = getattr(value, "__name__", None)
    if isinstance(value, Mapping):
        text = f"{{{', '.join(map(str, value))}}}"
    elif isinstance(value, list | tuple):
        text = f"{type(value).__name__} ({len(value)})"
    else:
        text = name if isinstance(name, str) else type(value).__name__
    return brief(clean(text), _FIXED_ROOM)


def output_text(record: Record) -> str:
    """Return the text of the output of f; "?" if it is no tensor or has no numbers.

    In that case the last value of the graph is not the output.
    """
    last = record.nodes[-1].values[0]
    return "?" if record.output is None or last is None else compact(last, _FIXED_ROOM)


def values(control: Control, numbers: Sequence[float]) -> list[str]:
    """Return the values of one control as text, one for each row."""
    if control.kind == "fixed":
        return [fixed_text(control.form)]
    return [str(bool(x)) if control.kind == "switch" else _number(x, control) for x in numbers]


def gradients(control: Control, record: Record) -> list[str]:
    """Return the gradients of one control as text: one for each slider, or one for a fixed tensor."""
    grad = record.grads.get(control.name)
    if control.kind in ("integer", "switch") or control.is_v or not record.complete:
        return ["-"] * max(1, len(control.start))
    if control.kind == "fixed":
        if not (isinstance(control.form, Tensor) and control.form.requires_grad):
            return ["-"]
        return [_fixed_gradient(record.nodes[record.inputs[control.name]].grads[0], grad)]
    if grad is None:
        return ["None"] * len(control.start)
    return [number(x) for x in grad.flatten().tolist()]


def call_text(f: Callable[..., Any], parts: Iterable[tuple[Control, list[float]]]) -> str:
    """Return the call as a learner would type it: loss(w=4, b=2).

    Args:
        f: the function.
        parts: each control with its numbers.
    """
    inside = []
    for control, numbers in parts:
        if control.is_v:
            continue
        if control.kind == "fixed":
            inside.append(brief(control.name))
        elif control.kind == "vector":
            inside.append(f"{brief(control.name)}={listing(control.value(numbers), 7)}")
        else:
            inside.append(f"{brief(control.name)}={values(control, numbers)[0]}")
    return f"{_name(f)}({', '.join(inside)})"


def problem_data(problem: Problem) -> protocol.Problem:
    """Return a Problem as plain data for the page."""
    text = problem.text if problem.line is None else message("explore.at_line", line=problem.line, text=problem.text)
    return {"severity": problem.severity, "text": text, "code": problem.code}


def sentence(problem: Problem) -> str:
    """Return a Problem as one line of text."""
    shown = problem_data(problem)
    return shown["text"] + (f"  [{shown['code']}]" if shown["code"] else "")


def details(record: Record, scene: protocol.Scene, texts: SceneTexts) -> list[list[str] | None]:
    """Return for each node what its texts shorten, [all digits of the value, of the gradient, the sum], or None.

    Args:
        record: Record.
        scene: of the record.
        texts: the values and gradients as the graph shows them.
    """
    flows: dict[int, list[Edge]] = {}
    for edge in record.edges:
        if edge.flow is not None and scene["nodes"][edge.src]["sum"]:
            flows.setdefault(edge.src, []).append(edge)
    details: list[list[str] | None] = []
    for node in record.nodes:
        value = message("draw.unknown_value") if is_unknown(node) else _all_digits(node.values, "?")
        grad = _all_digits(node.grads) if node.requires_grad else ""
        total = _sums(node, flows.get(node.id, ()))
        known = value == texts["values"][node.id] and grad in ("", texts["grads"][node.id]) and not total
        details.append(None if known else [value, grad, total])
    return details


def _number(x: float, control: Control) -> str:
    """A position with enough digits to tell it from the next step, and with seven at least."""
    if control.kind == "integer":
        return str(int(x))
    digits = min(max(7, math.ceil(math.log10(abs(x) / control.step)) + 1), 15) if x and control.step else 7
    return number(float(f"{x:.{digits}g}"), digits)


def _code(f: Callable[..., Any]) -> protocol.SourceCode | None:
    source = source_of(f)
    if source is None or source[1].count("\n") > _MOST_LINES:
        return None
    return {"first": source[0], "lines": textwrap.dedent(source[1]).rstrip().split("\n")}


def _open_label(key: str) -> str:
    """A sentence with its fields left open, for the page to fill in."""
    fields = ("name", "line", "names", "text", "step", "count", "number", "round")
    return message(f"explore.{key}", **{field: f"{{{field}}}" for field in fields})


def _name(f: Callable[..., Any]) -> str:
    name = name_of(f)
    return "f" if name == "<lambda>" else brief(name)


def _fixed_gradient(shown: Snapshot | None, grad: Tensor | None) -> str:
    """The gradient of a fixed tensor; "?" if its numbers cannot be read."""
    return "?" if shown is None and grad is not None else compact(shown, _FIXED_ROOM)


def _sums(node: Node, edges: Sequence[Edge]) -> str:
    """The terms of the gradient of each output, "2 + 1; 1"; "" if it is not a sum, or if a hook changed it."""
    flows = flows_by_output(node, edges)
    if max(map(len, flows), default=0) < 2 or any(map(hooked_sum, flows, node.grads)):
        return ""
    return "; ".join(" + ".join(compact(flow, 36) for flow in one) or "None" for one in flows).replace("+ -", "- ")


def _all_digits(snapshots: Sequence[Snapshot | None], unknown: str = "None") -> str:
    return "; ".join(unknown if s is None else full(s) for s in snapshots)
