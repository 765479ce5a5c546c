"""What the page and the text table say about controls, gradients, nodes and problems, as plain data and text."""

import math
import textwrap

from seeing_gradients.language import current, message
from seeing_gradients.picture.layout import brief, compact, full, listing, number
from seeing_gradients.recorder import name_of, snapshot, source_of

from .step_captions import by_output, hooked

_MOST_LINES = 80  # of source that the page shows
FIXED_ROOM = 40  # characters of a tensor in a table's cell
_LABELS = (
    "input", "value", "gradient", "check", "check_long", "agrees", "differs", "forward", "backward", "hint",
    "saved", "reset", "fixed", "printed", "slider", "number", "graph", "where",
    "kind_leaf", "kind_constant", "kind_op", "kind_detached",
    "steps", "to_first", "to_previous", "play", "pause", "to_next", "to_last", "step_number", "all_shown", "source",
    "kind_module", "close_group", "zoom_in", "zoom_out", "zoom_fit",
)  # fmt: skip


def fixed_text(tensor):
    """A fixed tensor in a table's cell; "?" for one without numbers, on the meta device say."""
    shot = snapshot(tensor)
    return "?" if shot is None else compact(shot, FIXED_ROOM)


def output_text(record):
    """What f returned; "?" where that is no tensor, or one without numbers: the last value in the graph is not it."""
    last = record.nodes[-1].values[0]
    return "?" if record.output is None or last is None else compact(last, FIXED_ROOM)


def values(control, numbers):
    """The values of one control as text, one a row."""
    if control.kind == "fixed":
        return [fixed_text(control.form)]
    return [str(bool(x)) if control.kind == "switch" else _number(x, control) for x in numbers]


def sentence(problem):
    """A problem in one line of text."""
    shown = shown_problem(problem)
    return shown["text"] + (f"  [{shown['code']}]" if shown["code"] else "")


def _number(x, control):
    """A position with as many digits as tell it from the next step, seven at least."""
    if control.kind == "integer":
        return str(int(x))
    digits = min(max(7, math.ceil(math.log10(abs(x) / control.step)) + 1), 15) if x and control.step else 7
    return number(float(f"{x:.{digits}g}"), digits)


def described(controls):
    """The controls as plain data for the page."""
    described, first = [], 0
    for control in controls:
        described.append(
            {
                "name": control.name,
                "kind": control.kind,
                "weighs": control.weighs,
                "first": first,
                "labels": list(control.labels) or [control.name],
                "low": control.low,
                "high": control.high,
                "step": control.step,
                "text": fixed_text(control.form) if control.kind == "fixed" else "",
            }
        )
        first += len(control.start)
    return described


def labels_of(f):
    """Every word of the page, in the lesson's language."""
    labels = {key: _raw(key) for key in _LABELS}
    labels["name"] = _name(f)
    labels["code"] = _code(f)
    labels["language"] = {"zh": "zh-CN"}.get(current(), current())
    return labels


def _code(f):
    """The source of f for the page: its first line number and its lines, or None."""
    found = source_of(f)
    if found is None or found[1].count("\n") > _MOST_LINES:
        return None
    return {"first": found[0], "lines": textwrap.dedent(found[1]).rstrip().split("\n")}


def _raw(key):
    """A label with its fields left open, for the page to fill in."""
    return message(
        f"explore.{key}", name="{name}", line="{line}", names="{names}", text="{text}", step="{step}", count="{count}"
    )


def _name(f):
    name = name_of(f)
    return "f" if name == "<lambda>" else brief(name)


def call_text(f, parts):
    """The call as it would be typed: loss(w=4, b=2)."""
    inside = []
    for control, numbers in parts:
        if control.weighs:
            continue
        if control.kind == "fixed":
            inside.append(brief(control.name))
        elif control.kind == "vector":
            inside.append(f"{brief(control.name)}={listing(control.value(numbers), 7)}")
        else:
            inside.append(f"{brief(control.name)}={values(control, numbers)[0]}")
    return f"{_name(f)}({', '.join(inside)})"


def shown_problem(problem):
    """A Problem as the page shows it."""
    text = problem.text if problem.line is None else message("explore.at_line", line=problem.line, text=problem.text)
    return {"severity": problem.severity, "text": text, "code": problem.code}


def gradients(control, record):
    """One gradient a row, as text: one a slider, or one for a fixed tensor."""
    grad = record.grads.get(control.name)
    if control.kind in ("integer", "switch") or control.weighs or not record.complete:
        return ["-"] * max(1, len(control.start))
    if control.kind == "fixed":
        return (
            [_fixed_gradient(record.nodes[record.inputs[control.name]].grads[0], grad)]
            if control.form.requires_grad
            else ["-"]
        )
    if grad is None:
        return ["None"] * len(control.start)
    return [number(x) for x in grad.flatten().tolist()]


def _fixed_gradient(shot, grad):
    """The gradient of a fixed tensor; "?" where it has one whose numbers cannot be read."""
    return "?" if shot is None and grad is not None else compact(shot, FIXED_ROOM)


def details(record, plan, numbers):
    """For each node what its texts leave out: [all digits of the value, of the gradient, the sum], or None."""
    flows = {}
    for edge in record.edges:
        if edge.flow is not None and plan["nodes"][edge.src]["sum"]:
            flows.setdefault(edge.src, []).append(edge)
    details = []
    for node in record.nodes:
        value, grad = _all_digits(node.values, "?"), _all_digits(node.grads) if node.requires_grad else ""
        total = _sums(node, flows.get(node.id, ()))
        known = value == numbers["values"][node.id] and grad in ("", numbers["grads"][node.id]) and not total
        details.append(None if known else [value, grad, total])
    return details


def _sums(node, edges):
    """The terms of the gradient, output by output: "2 + 1; 1"; "" where it is no sum, or a hook made something else of it."""
    flows = by_output(node, edges)
    if max(map(len, flows), default=0) < 2 or any(map(hooked, flows, node.grads)):
        return ""
    return "; ".join(" + ".join(compact(flow, 36) for flow in one) or "None" for one in flows).replace("+ -", "- ")


def _all_digits(snapshots, unknown="None"):
    return "; ".join(unknown if s is None else full(s) for s in snapshots)
