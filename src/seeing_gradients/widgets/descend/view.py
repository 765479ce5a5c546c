"""A descent as the picture shows it: pixels for the path and the arrow, sentences and formulas for the numbers.

`view(walk, frame, start, lr, name)` gives plain data, finite numbers and text only: it travels to the page, and the static
picture is painted from it.
"""

import math
from itertools import pairwise

import numpy as np

from seeing_gradients.language import counted, message
from seeing_gradients.picture.chart import clipped, gradient_arrow, path
from seeing_gradients.picture.layout import number

_HISTORY = (220, 48)  # pixels: the curve of the loss over the steps


def view(walk, frame, start, lr, name, curve=None):
    """Return what is to be seen of a Walk.

    Args:
        walk: walk.Walk.
        frame: field.Frame.
        start: list of two floats, or of one.
        lr: float, the learning rate.
        name: str, of f.
        curve: curve.Curve for an f of one input, whose loss is the axis up.

    Returns:
        dict of JSON: geometry in pixels of the frame (start, path, dots, point, arrow, ghost, history) and text (rows,
        loss, rule, formulas, count, note, summary); `trouble` says whether the note is a warning.
    """
    names = [axis.name for axis in frame.axes[: len(start)]]
    shown = {"reached": max(len(walk.steps) - 1, 0), "trouble": walk.trouble is not None, "note": walk.trouble or ""}
    begins = [*start, _height(walk, curve)] if curve else start
    shown["start"] = _rounded(frame.pixels([begins])[0])
    shown["rule"] = [f"{n} ← {n} − η · ∂{name}/∂{n}" for n in names]
    if not walk.steps:
        return shown | _nowhere(names)
    last = walk.steps[-1]
    shown |= _geometry(walk.steps, frame, curve) | _texts(last, names, lr, len(walk.steps) - 1, name)
    if not shown["note"]:
        shown["note"] = _remark(last, frame, names)
    shown["summary"] = shown["summary"] + (f" {shown['note']}" if shown["note"] else "")
    return shown


def _height(walk, curve):
    """The loss at the start, kept in the picture; its lower end where there is none."""
    loss = walk.steps[0].loss if walk.steps else math.nan
    return curve.axis.clamp(loss) if math.isfinite(loss) else curve.axis.low


def _place(step, frame):
    """Where a step stands, in pixels: by its two inputs, or by its only input and the loss there."""
    return frame.pixels([[*step.at.values(), step.loss][:2]])[0]


def _nowhere(names):
    rows = [{"name": n, "value": "?", "grad": "?"} for n in names]
    empty = {"path": "", "dots": "", "point": None, "arrow": None, "ghost": None, "history": ""}
    return empty | {"rows": rows, "loss": "?", "formulas": [], "count": "", "summary": ""}


def _texts(last, names, lr, count, name):
    rows = [{"name": n, "value": number(last.at[n]), "grad": _grad(last.grads[n])} for n in names]
    numbers = ", ".join(f"{row['name']} = {row['value']}" for row in rows)
    grads = ", ".join(f"∂{name}/∂{row['name']} = {row['grad']}" for row in rows)
    return {
        "rows": rows,
        "loss": number(last.loss),
        "formulas": [_formula(n, last, lr) for n in names],
        "count": counted("descend.count", count),
        "summary": counted("descend.summary", count, numbers=numbers, name=name, loss=number(last.loss), grads=grads),
    }


def _grad(g):
    return "None" if g is None else number(g)


def _formula(name, last, lr):
    """The step with its numbers in it: w ← 4 − 0.02 · 12 = 3.76."""
    value, g = number(last.at[name]), last.grads[name]
    if g is None:
        return f"{name} ← {value}"
    factor = number(g)
    factor = f"({factor})" if factor.startswith("-") else factor
    return f"{name} ← {value} − {number(lr)} · {factor} = {number(last.next[name])}"


def _remark(last, frame, names):
    """A sentence on a special place, or nothing."""
    missing = [n for n in names if last.grads[n] is None]
    if missing:
        return message("descend.no_gradient", name=missing[0])
    if all(last.next[n] == last.at[n] for n in names):
        return message("descend.flat")
    if not _is_inside(_place(last, frame), frame):
        return message("descend.outside")
    return ""


def _geometry(steps, frame, curve):
    points = [point for point in (_place(step, frame) for step in steps) if np.isfinite(point).all()]
    inside = [point for point in points if _is_inside(point, frame)]
    last = steps[-1]
    point = _place(last, frame)
    return {
        "path": "".join(clipped(a, b, frame.width, frame.height) for a, b in pairwise(points)),
        "dots": "".join(f"M{x:.4g},{y:.4g}h0" for x, y in inside),
        "point": _rounded(point) if _is_inside(point, frame) else None,
        "arrow": _arrow(last, point, frame),
        "ghost": _ghost(last, point, frame, curve),
        "history": _history([step.loss for step in steps]),
    }


def _is_inside(point, frame):
    x, y = point
    return 0 <= x <= frame.width and 0 <= y <= frame.height


def _rounded(point):
    return [round(float(value), 2) for value in point]


def _ghost(last, point, frame, curve):
    """Where the next step leads: the dashed line to it, and the place itself where it lies in the picture."""
    if not last.is_finite or not _is_inside(point, frame):
        return None
    after = list(last.next.values())
    if curve:  # across by the step, then up or down to the curve
        corner, end = (frame.pixels([[*after, loss]])[0] for loss in (last.loss, curve.at(after[0])))
    else:
        corner = end = frame.pixels([after])[0]
    way = [pair for pair in ((point, corner), (corner, end)) if np.isfinite(pair).all() and np.ptp(pair, axis=0).any()]
    return {
        "line": "".join(clipped(*pair, frame.width, frame.height) for pair in way),
        "at": _rounded(end) if _is_inside(end, frame) else None,
    }


def _arrow(last, point, frame):
    """The gradient, uphill, from the point, as path data; its length grows with the gradient."""
    g = np.array([grad or 0.0 for grad in last.grads.values()])
    if len(g) == 1:  # uphill along the tangent
        g = np.array([1.0, g[0]]) * g[0]
    size = float(np.hypot(*g))
    if not _is_inside(point, frame) or not 0 < size < math.inf:
        return None
    across, up = frame.axes
    scale = np.array([frame.width / (across.high - across.low), -frame.height / (up.high - up.low)])
    return gradient_arrow(point, g, scale, (frame.width, frame.height))


def _history(losses):
    """The loss over the steps as path data, its scale fitted to the finite ones."""
    finite = [(k, loss) for k, loss in enumerate(losses) if math.isfinite(loss)]
    if len(finite) < 2:
        return ""
    width, height = _HISTORY
    low, high = min(loss for _, loss in finite), max(loss for _, loss in finite)
    span = high - low or 1.0
    return path([(k / finite[-1][0] * width, height - (loss - low) / span * height) for k, loss in finite])
