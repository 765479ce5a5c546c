"""The picture of a descent: its geometry as shapes, its numbers as text and formulas, and a static SVG of both.

`view(...)`, `frame_shapes(...)` and `field_shapes(...)` return plain data for the page, with only finite numbers and
text. `paint(...)` draws the same as SVG for GitHub and a reopened notebook; it uses only plain attributes, no style
sheet, id or script.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from seeing_gradients.language import counted, joined, message
from seeing_gradients.picture import shapes, svg, theme
from seeing_gradients.picture.charts import Frame, axes, clipped, gradient_arrow
from seeing_gradients.picture.charts import path as path_data
from seeing_gradients.picture.labels import number
from seeing_gradients.picture.shapes import Shape, Style, tidy

from .descent_steps import DescentPath, Step
from .loss_sampling import LossCurve

LOSS_BY_STEP_SIZE = (220, 48)  # pixels, of the curve of the loss over the steps
LEFT, TOP, RIGHT, BOTTOM = 48, 14, 14, 44  # pixels around the frame, for the numbers and names of the axes
_PANEL = 290  # pixels, the width of the numbers beside the plot
_START, _GHOST, _POINT = 11, 5, 6.5  # pixels, radii of the start, of the next position and of the current one


def view(
    path: DescentPath,
    frame: Frame,
    start: Sequence[float],
    lr: float,
    name: str,
    curve: LossCurve | None = None,
    contour_labels: Sequence[Shape] = (),
) -> dict[str, Any]:
    """Return the picture of a descent as plain data for the page.

    Args:
        path: the steps that were taken.
        frame: of the picture.
        start: the initial position, one or two numbers.
        lr: the learning rate.
        name: of f.
        curve: of an f of one input; its loss is the vertical axis. None for an f of two inputs.
        contour_labels: the numbers of the contour lines. Those below the start or the current position are left out.

    Returns:
        dict that JSON can hold: `marks`, shapes of the classes "level", "path", "dots", "start", "lead", "ghost",
        "arrow" and "point" in pixels of the frame; `loss_by_step`, path data; text (rows, loss, rule, formulas, count, note,
        summary); and `reached`, the number of steps taken. If `trouble` is True, the note is a warning.
    """
    names = [axis.name for axis in frame.axes[: len(start)]]
    shown = {"reached": max(len(path.steps) - 1, 0), "trouble": path.trouble is not None, "note": path.trouble or ""}
    position = [*start, _height(path, curve)] if curve else start
    start_mark: Shape = ["start", "circle", *_rounded(frame.pixels([position])[0]), _START]
    shown["rule"] = [f"{n} ← {n} − η · ∂{name}/∂{n}" for n in names]
    if not path.steps:
        return shown | {"marks": [*_in_sight(contour_labels, [start_mark]), start_mark]} | _view_without_steps(names)
    last = path.steps[-1]
    marks = _marks(path.steps, start_mark, frame, curve)
    shown["marks"] = [*_in_sight(contour_labels, marks), *marks]
    shown["loss_by_step"] = _loss_by_step([step.loss for step in path.steps])
    shown |= _texts(last, names, lr, len(path.steps) - 1, name)
    if not shown["note"]:
        shown["note"] = _remark(last, frame, names)
    shown["summary"] = joined((shown["summary"], shown["note"]))
    return shown


def _height(path: DescentPath, curve: LossCurve) -> float:
    """The loss at the start, clamped to the vertical axis; the low end of the axis if there is no finite loss."""
    loss = path.steps[0].loss if path.steps else math.nan
    return curve.axis.clamp(loss) if math.isfinite(loss) else curve.axis.low


def _pixel(step: Step, frame: Frame) -> np.ndarray:
    """The position of a step, in pixels: its two inputs, or its only input and the loss there."""
    return frame.pixels([[*step.position.values(), step.loss][:2]])[0]


def _view_without_steps(names: Sequence[str]) -> dict[str, Any]:
    """The part of the view that depends on steps, if f failed at the start."""
    rows = [{"name": n, "value": "?", "grad": "?"} for n in names]
    return {"loss_by_step": "", "rows": rows, "loss": "?", "formulas": [], "count": "", "summary": ""}


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


def _marks(steps: Sequence[Step], start: Shape, frame: Frame, curve: LossCurve | None) -> list[Shape]:
    """The `marks` of the view, without shapes that have no path data."""
    points = [point for point in (_pixel(step, frame) for step in steps) if np.isfinite(point).all()]
    inside = [point for point in points if _is_inside(point, frame)]
    last = steps[-1]
    point = _pixel(last, frame)
    marks: list[Shape] = [
        ["path", "path", "".join(clipped(a, b, frame.width, frame.height) for a, b in pairwise(points))],
        ["dots", "path", "".join(f"M{x:.4g},{y:.4g}h0" for x, y in inside)],
        start,
        *_next_step(last, point, frame, curve),
        ["arrow", "path", _arrow_path(last, point, frame)],
    ]
    if _is_inside(point, frame):
        marks.append(["point", "circle", *_rounded(point), _POINT])
    return [mark for mark in marks if mark[-1]]


def _in_sight(contour_labels: Sequence[Shape], marks: Sequence[Shape]) -> list[Shape]:
    """The numbers of contour lines that no circle among the marks covers."""
    circles: list[tuple[Any, ...]] = [tuple(rest) for _, form, *rest in marks if form == "circle"]

    def is_covered(x: float, y: float, text: str) -> bool:
        half = 0.3 * theme.TICK_SIZE * len(text)  # pixels, of the width of the number; y is its base line
        return any(abs(x - u) < half + r and abs(y - 4 - v) < theme.TICK_SIZE / 2 + r for u, v, r in circles)

    return [label for label in contour_labels if not is_covered(*_place_and_text(label))]


def _place_and_text(label: Shape) -> tuple[float, float, str]:
    _, _, x, y, _, text = label
    return x, y, text


def _is_inside(point: np.ndarray, frame: Frame) -> bool:
    x, y = point
    return 0 <= x <= frame.width and 0 <= y <= frame.height


def _rounded(point: Sequence[float] | np.ndarray) -> list[float]:
    return [round(float(value), 2) for value in point]


def _next_step(last: Step, point: np.ndarray, frame: Frame, curve: LossCurve | None) -> list[Shape]:
    """The next step: a dashed line to it, and its position unless that is outside the frame."""
    if not last.is_finite or not _is_inside(point, frame):
        return []
    after = list(last.next.values())
    if curve:  # across by the step, then up or down to the curve
        corner, end = (frame.pixels([[*after, loss]])[0] for loss in (last.loss, curve.value_at(after[0])))
    else:
        corner = end = frame.pixels([after])[0]
    lines = [
        pair for pair in ((point, corner), (corner, end)) if np.isfinite(pair).all() and np.ptp(pair, axis=0).any()
    ]
    d = "".join(clipped(*pair, frame.width, frame.height) for pair in lines)
    if not d:
        return []
    ghost: list[Shape] = [["ghost", "circle", *_rounded(end), _GHOST]] if _is_inside(end, frame) else []
    return [["lead", "path", d], *ghost]


def _arrow_path(last: Step, point: np.ndarray, frame: Frame) -> str:
    """The path data of an arrow uphill from the point, whose length grows with the gradient; "" if there is none."""
    g = np.array([grad or 0.0 for grad in last.grads.values()])
    if len(g) == 1:  # uphill along the tangent
        g = np.array([1.0, g[0]]) * g[0]
    size = float(np.hypot(*g))
    if not _is_inside(point, frame) or not 0 < size < math.inf:
        return ""
    across, up = frame.axes
    scale = np.array([frame.width / (across.high - across.low), -frame.height / (up.high - up.low)])
    return "".join(map(path_data, gradient_arrow(point, g, scale, (frame.width, frame.height))))


def _loss_by_step(losses: Sequence[float]) -> str:
    """The curve of the loss over the steps as path data; its scale fits the finite losses."""
    finite = [(k, loss) for k, loss in enumerate(losses) if math.isfinite(loss)]
    if len(finite) < 2:
        return ""
    width, height = LOSS_BY_STEP_SIZE
    low, high = min(loss for _, loss in finite), max(loss for _, loss in finite)
    span = high - low or 1.0
    return path_data([(k / finite[-1][0] * width, height - (loss - low) / span * height) for k, loss in finite])


def frame_shapes(frame: Frame, is_curve: bool) -> list[Shape]:
    """Return the axes with their names as shapes; the name of the loss, a curve's vertical axis, is in the frame."""
    w, h, (across, up) = frame.width, frame.height, frame.axes
    x, y = (w / 2, 18) if is_curve else (-36, h / 2 + 4)
    return [
        *axes(frame, spacing=(50, 45), distance=(18, 9)),
        ["name", "text", tidy(w / 2), h + 36, "middle", across.name],
        ["name", "text", tidy(x), tidy(y), "middle", up.name],
    ]


def field_shapes(frame: Frame, lines: Sequence[Shape]) -> list[Shape]:
    """Return the background and, on it, the shapes of contours or of a curve; all of them lie inside the frame."""
    return [["ground", "rect", 0, 0, frame.width, frame.height, 0], *lines]


def paint(
    frame: Frame, background: Sequence[Shape], shown: Mapping[str, Any], title: str, labels: Mapping[str, str]
) -> str:
    """Return the picture as SVG text.

    Args:
        frame: of the picture.
        background: from `field_shapes` and `frame_shapes`.
        shown: from `view`.
        title: "loss(w, b)".
        labels: the words "value", "gradient", "next_step" and "loss", and "lr", the learning rate as text.
    """
    width, height = LEFT + frame.width + RIGHT + _PANEL, TOP + frame.height + BOTTOM
    plot = svg.group(LEFT, TOP, shapes.paint([*background, *shown["marks"]], _STYLES))
    panel = svg.group(LEFT + frame.width + RIGHT + 12, TOP + 14, _panel(shown, title, labels))
    return svg.document(width, height, f"{title}: {shown['summary'] or shown['note']}", plot + panel)


_STYLES: dict[str, Style] = {
    **shapes.AXIS_STYLES,
    "ground": {"fill": theme.SUBTLE},
    "finite": {"fill": theme.CARD, "fill_rule": "evenodd"},
    "band": {"fill": theme.VALUE, "fill_opacity": 0.04, "fill_rule": "evenodd"},
    "contour": {"fill": "none", "stroke": theme.VALUE, "stroke_opacity": theme.CONTOUR_OPACITY, "stroke_width": 1},
    "curve": {"fill": "none", "stroke": theme.VALUE, "stroke_width": 2},
    "level": {
        "font_size": theme.TICK_SIZE, "text_anchor": "middle", "stroke": theme.CARD, "stroke_width": 3,
        "paint_order": "stroke",
    },
    "path": {"fill": "none", "stroke": theme.TEXT, "stroke_width": theme.EDGE_WIDTH, "stroke_linejoin": "round"},
    "dots": {"stroke": theme.TEXT, "stroke_width": 5, "stroke_linecap": "round"},
    "start": {"fill": "none", "stroke": theme.TEXT, "stroke_width": 2, "stroke_dasharray": "3 2.5"},
    "lead": {"fill": "none", "stroke": theme.VALUE, "stroke_width": 2, "stroke_dasharray": "4 3"},
    "ghost": {"fill": theme.CARD, "stroke": theme.VALUE, "stroke_width": 2},
    "arrow": {"fill": "none", "stroke": theme.GRADIENT, "stroke_width": 2.5, "stroke_linecap": "round"},
    "point": {"fill": theme.VALUE, "stroke": theme.CARD, "stroke_width": 2},
}  # fmt: skip


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
