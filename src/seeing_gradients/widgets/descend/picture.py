"""The picture of a descent: its geometry in pixels, its numbers as text and formulas, and a static SVG of both.

`view(...)` returns plain data for the page, with only finite numbers and text. `paint(...)` draws the same as SVG for
GitHub and a reopened notebook; it uses only plain attributes, no style sheet, id or script.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from seeing_gradients.language import counted, message
from seeing_gradients.picture import svg, theme
from seeing_gradients.picture.charts import Frame, clipped, gradient_arrow
from seeing_gradients.picture.charts import path as path_data
from seeing_gradients.picture.contours import Field
from seeing_gradients.picture.labels import number

from .descent_steps import DescentPath, Step
from .plot import Curve

HISTORY_SIZE = (220, 48)  # pixels: the curve of the loss over the steps
LEFT, TOP, RIGHT, BOTTOM = 48, 14, 14, 44  # pixels around the frame: numbers and names of the axes
_PANEL = 290


def view(
    path: DescentPath, frame: Frame, start: Sequence[float], lr: float, name: str, curve: Curve | None = None
) -> dict[str, Any]:
    """Return the picture of a descent as plain data for the page.

    Args:
        path: the steps that were taken.
        frame: of the picture.
        start: the initial position, one or two numbers.
        lr: the learning rate.
        name: of f.
        curve: of an f of one input; its loss is the vertical axis. None for an f of two inputs.

    Returns:
        dict that JSON can hold: geometry in pixels of the frame (start, path, dots, point, arrow, ghost, history), text
        (rows, loss, rule, formulas, count, note, summary), and `reached`, the number of steps taken. If `trouble` is
        True, the note is a warning.
    """
    names = [axis.name for axis in frame.axes[: len(start)]]
    shown = {"reached": max(len(path.steps) - 1, 0), "trouble": path.trouble is not None, "note": path.trouble or ""}
    position = [*start, _height(path, curve)] if curve else start
    shown["start"] = _rounded(frame.pixels([position])[0])
    shown["rule"] = [f"{n} ← {n} − η · ∂{name}/∂{n}" for n in names]
    if not path.steps:
        return shown | _nowhere(names)
    last = path.steps[-1]
    shown |= _geometry(path.steps, frame, curve) | _texts(last, names, lr, len(path.steps) - 1, name)
    if not shown["note"]:
        shown["note"] = _remark(last, frame, names)
    shown["summary"] = shown["summary"] + (f" {shown['note']}" if shown["note"] else "")
    return shown


def _height(path: DescentPath, curve: Curve) -> float:
    """The loss at the start, clamped to the vertical axis; the low end of the axis if there is no finite loss."""
    loss = path.steps[0].loss if path.steps else math.nan
    return curve.axis.clamp(loss) if math.isfinite(loss) else curve.axis.low


def _pixel(step: Step, frame: Frame) -> np.ndarray:
    """The position of a step, in pixels: its two inputs, or its only input and the loss there."""
    return frame.pixels([[*step.position.values(), step.loss][:2]])[0]


def _nowhere(names: Sequence[str]) -> dict[str, Any]:
    """The part of the view that depends on steps, if f failed at the start."""
    rows = [{"name": n, "value": "?", "grad": "?"} for n in names]
    empty = {"path": "", "dots": "", "point": None, "arrow": None, "ghost": None, "history": ""}
    return empty | {"rows": rows, "loss": "?", "formulas": [], "count": "", "summary": ""}


def _texts(last: Step, names: Sequence[str], lr: float, count: int, name: str) -> dict[str, Any]:
    rows = [{"name": n, "value": number(last.position[n]), "grad": _grad(last.grads[n])} for n in names]
    numbers = ", ".join(f"{row['name']} = {row['value']}" for row in rows)
    grads = ", ".join(f"∂{name}/∂{row['name']} = {row['grad']}" for row in rows)
    return {
        "rows": rows,
        "loss": number(last.loss),
        "formulas": [_formula(n, last, lr) for n in names],
        "count": counted("descend.count", count),
        "summary": counted("descend.summary", count, numbers=numbers, name=name, loss=number(last.loss), grads=grads),
    }


def _grad(g: float | None) -> str:
    return "None" if g is None else number(g)


def _formula(name: str, last: Step, lr: float) -> str:
    """The step with its numbers in it: w ← 4 − 0.02 · 12 = 3.76."""
    value, g = number(last.position[name]), last.grads[name]
    if g is None:
        return f"{name} ← {value}"
    factor = number(g)
    factor = f"({factor})" if factor.startswith("-") else factor
    return f"{name} ← {value} − {number(lr)} · {factor} = {number(last.next[name])}"


def _remark(last: Step, frame: Frame, names: Sequence[str]) -> str:
    """A sentence on a special position (no gradient, flat, outside the picture), or ""."""
    missing = [n for n in names if last.grads[n] is None]
    if missing:
        return message("descend.no_gradient", name=missing[0])
    if all(last.next[n] == last.position[n] for n in names):
        return message("descend.flat")
    if not _is_inside(_pixel(last, frame), frame):
        return message("descend.outside")
    return ""


def _geometry(steps: Sequence[Step], frame: Frame, curve: Curve | None) -> dict[str, Any]:
    points = [point for point in (_pixel(step, frame) for step in steps) if np.isfinite(point).all()]
    inside = [point for point in points if _is_inside(point, frame)]
    last = steps[-1]
    point = _pixel(last, frame)
    return {
        "path": "".join(clipped(a, b, frame.width, frame.height) for a, b in pairwise(points)),
        "dots": "".join(f"M{x:.4g},{y:.4g}h0" for x, y in inside),
        "point": _rounded(point) if _is_inside(point, frame) else None,
        "arrow": _arrow_path(last, point, frame),
        "ghost": _next_step(last, point, frame, curve),
        "history": _history([step.loss for step in steps]),
    }


def _is_inside(point: np.ndarray, frame: Frame) -> bool:
    x, y = point
    return 0 <= x <= frame.width and 0 <= y <= frame.height


def _rounded(point: Sequence[float] | np.ndarray) -> list[float]:
    return [round(float(value), 2) for value in point]


def _next_step(last: Step, point: np.ndarray, frame: Frame, curve: Curve | None) -> dict[str, Any] | None:
    """The next step: a dashed line to it, as path data, and its position in px, or None if that is outside the frame."""
    if not last.is_finite or not _is_inside(point, frame):
        return None
    after = list(last.next.values())
    if curve:  # across by the step, then up or down to the curve
        corner, end = (frame.pixels([[*after, loss]])[0] for loss in (last.loss, curve.value_at(after[0])))
    else:
        corner = end = frame.pixels([after])[0]
    lines = [
        pair for pair in ((point, corner), (corner, end)) if np.isfinite(pair).all() and np.ptp(pair, axis=0).any()
    ]
    return {
        "line": "".join(clipped(*pair, frame.width, frame.height) for pair in lines),
        "end": _rounded(end) if _is_inside(end, frame) else None,
    }


def _arrow_path(last: Step, point: np.ndarray, frame: Frame) -> str | None:
    """The path data of an arrow uphill from the point, whose length grows with the gradient; None if there is none."""
    g = np.array([grad or 0.0 for grad in last.grads.values()])
    if len(g) == 1:  # uphill along the tangent
        g = np.array([1.0, g[0]]) * g[0]
    size = float(np.hypot(*g))
    if not _is_inside(point, frame) or not 0 < size < math.inf:
        return None
    across, up = frame.axes
    scale = np.array([frame.width / (across.high - across.low), -frame.height / (up.high - up.low)])
    return gradient_arrow(point, g, scale, (frame.width, frame.height))


def _history(losses: Sequence[float]) -> str:
    """The curve of the loss over the steps as path data; its scale fits the finite losses."""
    finite = [(k, loss) for k, loss in enumerate(losses) if math.isfinite(loss)]
    if len(finite) < 2:
        return ""
    width, height = HISTORY_SIZE
    low, high = min(loss for _, loss in finite), max(loss for _, loss in finite)
    span = high - low or 1.0
    return path_data([(k / finite[-1][0] * width, height - (loss - low) / span * height) for k, loss in finite])


def paint(frame: Frame, field: Field, shown: Mapping[str, Any], title: str, labels: Mapping[str, str]) -> str:
    """Return the picture as SVG text.

    Args:
        frame: of the picture.
        field: contours or curve.
        shown: from `view`.
        title: "loss(w, b)".
        labels: the words "value", "gradient", "next_step" and "loss", and "lr", the learning rate as text.
    """
    width, height = LEFT + frame.width + RIGHT + _PANEL, TOP + frame.height + BOTTOM
    plot = svg.group(LEFT, TOP, _plot(frame, field, shown))
    panel = svg.group(LEFT + frame.width + RIGHT + 12, TOP + 14, _panel(shown, title, labels))
    return svg.document(width, height, f"{title}: {shown['summary'] or shown['note']}", plot + panel)


def _plot(frame: Frame, field: Field, shown: Mapping[str, Any]) -> str:
    is_curve = len(shown["rows"]) == 1
    size = {"width": frame.width, "height": frame.height}
    pen = {"stroke_width": 2} if is_curve else {"stroke_opacity": 0.45, "stroke_width": 1}
    halo = {"stroke": theme.CARD, "stroke_width": 3, "paint_order": "stroke"}
    font = {"font_size": theme.TICK_SIZE, "text_anchor": "middle"}
    parts = [svg.element("rect", **size, fill=theme.SUBTLE)]
    parts.append(svg.path(field.ground, fill=theme.CARD, fill_rule="evenodd"))
    parts += [svg.element("path", d=d, fill=theme.VALUE, fill_opacity=0.04, fill_rule="evenodd") for d in field.bands]
    parts += [svg.element("path", d=d, fill="none", stroke=theme.VALUE, **pen) for d in field.lines]
    parts += [svg.element("text", text, x=str(x), y=str(y + 4), **font, **halo) for x, y, text in field.labels]
    parts.append(svg.element("rect", **size, fill="none", stroke=theme.OUTLINE))
    return "".join([*parts, _axes(frame, is_curve), _descent(shown)])


def _axes(frame: Frame, is_curve: bool) -> str:
    across, up = frame.axes
    w, h, parts = frame.width, frame.height, []
    for share, text in across.ticks(w / 50):
        x = round(share * w, 1)
        parts.append(svg.path(f"M{x},{h}v5", stroke=theme.OUTLINE))
        parts.append(svg.label(x, h + 18, text, "middle", theme.MUTED, theme.TICK_SIZE))
    for share, text in up.ticks(h / 45):
        y = round((1 - share) * h, 1)
        parts.append(svg.path(f"M0,{y}h-5", stroke=theme.OUTLINE))
        parts.append(svg.label(-9, y + 4, text, "end", theme.MUTED, theme.TICK_SIZE))
    parts.append(svg.label(w / 2, h + 36, across.name, "middle"))
    x, y = (w / 2, 18) if is_curve else (-36, h / 2 + 4)
    return "".join([*parts, svg.label(x, y, up.name, "middle")])


def _descent(shown: Mapping[str, Any]) -> str:
    (x, y), ghost = shown["start"], shown["ghost"]
    parts = [
        svg.line(shown["path"], theme.TEXT, theme.EDGE_WIDTH, stroke_linejoin="round"),
        svg.path(shown["dots"], stroke=theme.TEXT, stroke_width=5, stroke_linecap="round"),
        svg.circle(str(x), str(y), 11, fill="none", stroke=theme.TEXT, stroke_width=2, stroke_dasharray="3 2.5"),
    ]
    if ghost and ghost["line"]:
        parts.append(svg.line(ghost["line"], theme.VALUE, 2, stroke_dasharray="4 3"))
        parts.append(_dot(ghost["end"], 5, fill=theme.CARD, stroke=theme.VALUE))
    parts.append(svg.line(shown["arrow"], theme.GRADIENT, 2.5, stroke_linecap="round"))
    return "".join([*parts, _dot(shown["point"], 6.5, fill=theme.VALUE, stroke=theme.CARD)])


def _dot(point: Sequence[float] | None, radius: float, fill: str, stroke: str) -> str:
    if not point:
        return ""
    return svg.circle(str(point[0]), str(point[1]), radius, fill=fill, stroke=stroke, stroke_width=2)


def _panel(shown: Mapping[str, Any], title: str, labels: Mapping[str, str]) -> str:
    parts = [
        svg.label(0, 0, title, weight=600, size=theme.TITLE_SIZE),
        svg.label(0, 22, f"{labels['lr']} · {shown['count']}", fill=theme.MUTED),
    ]
    parts += [
        svg.label(110, 52, labels["value"], "end", theme.MUTED, theme.TICK_SIZE),
        svg.label(200, 52, labels["gradient"], "end", theme.MUTED, theme.TICK_SIZE),
    ]
    for count, row in enumerate(shown["rows"]):
        y = 74 + 22 * count
        parts += [
            svg.label(0, y, row["name"], weight=600),
            svg.label(110, y, row["value"], "end", theme.VALUE, theme.NUMBER_SIZE),
        ]
        parts.append(svg.label(200, y, f"← {row['grad']}", "end", theme.GRADIENT, theme.NUMBER_SIZE))
    parts += [
        svg.label(0, 122, labels["loss"], weight=600),
        svg.label(110, 122, shown["loss"], "end", theme.VALUE, theme.NUMBER_SIZE),
    ]
    parts.append(
        svg.label(0, 160, labels["next_step"], fill=theme.MUTED, size=theme.TICK_SIZE) if shown["formulas"] else ""
    )
    parts += [svg.label(0, 180 + 20 * count, formula) for count, formula in enumerate(shown["formulas"])]
    parts += [
        svg.label(0, 240 + 18 * count, line, fill=theme.BAD if shown["trouble"] else theme.MUTED)
        for count, line in enumerate(_wrap(shown["note"]))
    ]
    return "".join(parts)


def _wrap(text: str, room: int = 38) -> list[str]:
    """Break a sentence into lines of at most `room` columns; a Chinese character is two columns wide."""
    lines, line, used = [], "", 0
    pieces = text.split(" ") if " " in text else list(text)
    joint = " " if " " in text else ""
    for piece in pieces:
        size = sum(2 if ord(letter) > 0x2E80 else 1 for letter in piece + joint)
        if line and used + size > room:
            lines, line, used = [*lines, line], "", 0
        line, used = line + (joint if line else "") + piece, used + size
    return [*lines, line] if line else lines
