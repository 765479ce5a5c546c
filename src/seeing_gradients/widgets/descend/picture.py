"""A descent as it is shown: pixels for the path and the arrow, sentences and formulas for the numbers; and as static SVG.

`view(...)` gives plain data, finite numbers and text only, which travels to the page; `paint(...)` paints the same for
GitHub and a reopened notebook, with plain attributes only: no style sheet, id or script.
"""

import math
from html import escape
from itertools import pairwise

import numpy as np

from seeing_gradients.language import counted, message
from seeing_gradients.picture import theme
from seeing_gradients.picture.charts import clipped, gradient_arrow, path
from seeing_gradients.picture.labels import number

_HISTORY = (220, 48)  # pixels: the curve of the loss over the steps
LEFT, TOP, RIGHT, BOTTOM = 48, 14, 14, 44  # pixels around the frame: numbers and names of the axes
_PANEL = 290


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
        "arrow": _arrow_path(last, point, frame),
        "ghost": _next_step(last, point, frame, curve),
        "history": _history([step.loss for step in steps]),
    }


def _is_inside(point, frame):
    x, y = point
    return 0 <= x <= frame.width and 0 <= y <= frame.height


def _rounded(point):
    return [round(float(value), 2) for value in point]


def _next_step(last, point, frame, curve):
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


def _arrow_path(last, point, frame):
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


def paint(frame, field, shown, title, labels):
    """Return the picture as SVG text.

    Args:
        frame: field.Frame.
        field: field.Field.
        shown: dict from view.view.
        title: str, "loss(w, b)".
        labels: dict of the sentences "value", "gradient", "next_step" and "lr" (with its number).
    """
    width, height = LEFT + frame.width + RIGHT + _PANEL, TOP + frame.height + BOTTOM
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{theme.FONT}" font-size="{theme.TEXT_SIZE}" fill="{theme.TEXT}">',
        f"<title>{escape(title)}: {escape(shown['summary'] or shown['note'])}</title>",
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="{theme.CARD_RADIUS}" fill="{theme.CARD}" stroke="{theme.HAIRLINE}"/>',
        f'<g transform="translate({LEFT} {TOP})">{_plot(frame, field, shown)}</g>',
        f'<g transform="translate({LEFT + frame.width + RIGHT + 12} {TOP + 14})">{_panel(shown, title, labels)}</g>',
        "</svg>",
    ]
    return "".join(parts)


def _plot(frame, field, shown):
    is_curve = len(shown["rows"]) == 1
    stroke = 'stroke-width="2"' if is_curve else 'stroke-opacity="0.45" stroke-width="1"'
    ground = f'<rect width="{frame.width}" height="{frame.height}" fill="{theme.SUBTLE}"/>'
    ground += f'<path d="{field.ground}" fill="{theme.CARD}" fill-rule="evenodd"/>' if field.ground else ""
    bands = "".join(
        f'<path d="{d}" fill="{theme.VALUE}" fill-opacity="0.04" fill-rule="evenodd"/>' for d in field.bands
    )
    lines = "".join(f'<path d="{d}" fill="none" stroke="{theme.VALUE}" {stroke}/>' for d in field.lines)
    labels = "".join(
        f'<text x="{x}" y="{y + 4}" font-size="{theme.TICK_SIZE}" text-anchor="middle" stroke="{theme.CARD}" stroke-width="3" '
        f'paint-order="stroke">{text}</text>'
        for x, y, text in field.labels
    )
    edge = f'<rect width="{frame.width}" height="{frame.height}" fill="none" stroke="{theme.OUTLINE}"/>'
    return ground + bands + lines + labels + edge + _axes(frame, is_curve) + _descent(shown)


def _axes(frame, is_curve):
    across, up = frame.axes
    w, h, parts = frame.width, frame.height, []
    for share, text in across.ticks(w / 50):
        x = round(share * w, 1)
        parts.append(
            f'<path d="M{x},{h}v5" stroke="{theme.OUTLINE}"/>'
            + _text(x, h + 18, text, "middle", theme.MUTED, theme.TICK_SIZE)
        )
    for share, text in up.ticks(h / 45):
        y = round((1 - share) * h, 1)
        parts.append(
            f'<path d="M0,{y}h-5" stroke="{theme.OUTLINE}"/>'
            + _text(-9, y + 4, text, "end", theme.MUTED, theme.TICK_SIZE)
        )
    parts.append(_text(w / 2, h + 36, across.name, "middle", theme.TEXT, theme.TEXT_SIZE))
    parts.append(
        _text(w / 2, 18, up.name, "middle")
        if is_curve
        else _text(-36, h / 2 + 4, up.name, "middle", theme.TEXT, theme.TEXT_SIZE)
    )
    return "".join(parts)


def _descent(shown):
    if shown["path"]:
        path = (
            f'<path d="{shown["path"]}" fill="none" stroke="{theme.TEXT}" stroke-width="1.5" stroke-linejoin="round"/>'
        )
    else:
        path = ""
    dots = (
        f'<path d="{shown["dots"]}" stroke="{theme.TEXT}" stroke-width="5" stroke-linecap="round"/>'
        if shown["dots"]
        else ""
    )
    ring = _ring(shown["start"])
    return path + dots + ring + _ghost(shown["ghost"]) + _arrow(shown["arrow"]) + _point(shown["point"])


def _ring(start):
    x, y = start
    return f'<circle cx="{x}" cy="{y}" r="11" fill="none" stroke="{theme.TEXT}" stroke-width="2" stroke-dasharray="3 2.5"/>'


def _ghost(ghost):
    if not ghost or not ghost["line"]:
        return ""
    line = f'<path d="{ghost["line"]}" fill="none" stroke="{theme.VALUE}" stroke-width="2" stroke-dasharray="4 3"/>'
    x, y = ghost["at"] or (None, None)
    mark = (
        f'<circle cx="{x}" cy="{y}" r="5" fill="{theme.CARD}" stroke="{theme.VALUE}" stroke-width="2"/>'
        if ghost["at"]
        else ""
    )
    return line + mark


def _arrow(arrow):
    if not arrow:
        return ""
    return f'<path d="{arrow}" fill="none" stroke="{theme.GRADIENT}" stroke-width="2.5" stroke-linecap="round"/>'


def _point(point):
    return (
        f'<circle cx="{point[0]}" cy="{point[1]}" r="6.5" fill="{theme.VALUE}" stroke="{theme.CARD}" stroke-width="2"/>'
        if point
        else ""
    )


def _panel(shown, title, labels):
    parts = [
        _text(0, 0, title, weight=600, size=15),
        _text(0, 22, f"{labels['lr']} · {shown['count']}", colour=theme.MUTED),
    ]
    parts += [
        _text(110, 52, labels["value"], "end", theme.MUTED, theme.TICK_SIZE),
        _text(200, 52, labels["gradient"], "end", theme.MUTED, theme.TICK_SIZE),
    ]
    for place, row in enumerate(shown["rows"]):
        y = 74 + 22 * place
        parts += [_text(0, y, row["name"], weight=600), _text(110, y, row["value"], "end", theme.VALUE, 14)]
        parts.append(_text(200, y, f"← {row['grad']}", "end", theme.GRADIENT, 14))
    parts += [_text(0, 122, labels["loss"], weight=600), _text(110, 122, shown["loss"], "end", theme.VALUE, 14)]
    parts.append(
        _text(0, 160, labels["next_step"], colour=theme.MUTED, size=theme.TICK_SIZE) if shown["formulas"] else ""
    )
    parts += [_text(0, 180 + 20 * place, formula) for place, formula in enumerate(shown["formulas"])]
    parts += [
        _text(0, 240 + 18 * place, line, colour=theme.BAD if shown["trouble"] else theme.MUTED)
        for place, line in enumerate(_wrap(shown["note"]))
    ]
    return "".join(parts)


def _wrap(text, room=38):
    """Break a sentence into lines; a Chinese character takes the room of two."""
    lines, line, used = [], "", 0
    pieces = text.split(" ") if " " in text else list(text)
    joint = " " if " " in text else ""
    for piece in pieces:
        size = sum(2 if ord(letter) > 0x2E80 else 1 for letter in piece + joint)
        if line and used + size > room:
            lines, line, used = [*lines, line], "", 0
        line, used = line + (joint if line else "") + piece, used + size
    return [*lines, line] if line else lines


def _text(x, y, text, anchor="start", colour=theme.TEXT, size=theme.TEXT_SIZE, weight=400):
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}" font-size="{size}" '
        f'font-weight="{weight}">{escape(str(text))}</text>'
    )
