"""Draw samples as a plot: lines, ends, ticks and contours in pixels, as JSON for the page and as static SVG.

The page stretches a plot to its own width. `paint` draws it at its own size, and `stack` puts it below the graph.
"""

import functools
import itertools
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np

from seeing_gradients.picture import shapes, svg, theme
from seeing_gradients.picture.charts import Axis, Frame, clipped, gradient_arrow, path, thin
from seeing_gradients.picture.contours import field
from seeing_gradients.picture.labels import brief, fit, letters, number, room, wrap
from seeing_gradients.picture.painting import below
from seeing_gradients.picture.shapes import Style

from .plot_sampling import Curve, Grid

Pair: TypeAlias = tuple[float, float]
_WIDTH, _HEIGHT, _LOW = 560, 240, 96  # px: width and height of a curve; height of its derivative below it
_SIDE = 360  # px: width and height of contours
_MARGIN = 0.06  # of the height, free above and below a curve
_FAR = 40  # heights above or below the picture, at which lines are cut off
_TICK_SPACING = 48  # px between ticks at least
LEFT, RIGHT, TOP, BOTTOM = 62, 18, 22, 46  # px around a plot, for the numbers and names of its axes
_NAME_HEIGHT = 16  # px: height of a name above a frame
_FOR_WORDS = 50  # px: additional room to the right of contours
_MOST_BESIDE = 4  # letters of a name beside an axis; longer names stand above it
_PARTS = 60  # lines that make up a tangent if an axis is logarithmic, so that it is curved
CAPTION_LINE = 18  # px: height of a line
# px: where the first line of a caption begins, and the space between the texts of one line.
_CAPTION_LEFT, _CAPTION_TOP, _CAPTION_GAP = 16, 25, 14
_LONGEST_NAME = 16  # letters of a name
_CAPTION_LETTER = 14  # px: width of a bold letter


def blank(name: str, axes: Sequence[Axis], sliders: Sequence[int]) -> dict[str, Any]:
    """Return a plot without content: its name, size and axes.

    Args:
        name: of f.
        axes: of the inputs, one or two.
        sliders: their indices.
    """
    plain = [
        {**_plain(axis, 10 if i == 0 else 7), "slider": slider}
        for i, (axis, slider) in enumerate(zip(axes, sliders, strict=True))
    ]
    if len(axes) == 1:
        size = {"kind": "curve", "width": _WIDTH, "height": _HEIGHT}
    else:
        frame = _frame(axes)
        size = {"kind": "contours", "width": frame.width, "height": frame.height}
        size["name_beside"] = len(axes[1].name) <= _MOST_BESIDE
    return {**size, "name": name, "axes": plain, "notes": []}


def _frame(axes: Sequence[Axis]) -> Frame:
    """The frame of contours."""
    return Frame.of((axes[0], axes[1]), _SIDE)


def tangent(across: Axis, log: bool, point: Pair, slope: float) -> list[float | None]:
    """Return the values of the tangent through a point at equal distances along the axis; None if not finite.

    Args:
        across: of the input.
        log: whether the axis of the value is logarithmic; if neither axis is, the tangent is straight: two values.
        point: input and value, finite.
        slope: finite.
    """
    values = point[1] + slope * (_evenly(across, _PARTS if across.log or log else 1) - point[0])
    return [float(y) if np.isfinite(y) else None for y in values]


@functools.lru_cache(maxsize=64)
def _evenly(axis: Axis, parts: int) -> np.ndarray:
    """Values at equal distances along an axis: array (parts + 1,)."""
    return np.array([axis.value_at(k / parts) for k in range(parts + 1)])


def arrow(axes: Sequence[Axis], position: Pair, slopes: Sequence[float]) -> list[list[list[float]]]:
    """Return the gradient over contours as an arrow from a position: lines of points, px of the frame; [] if it is 0.

    Args:
        axes: of the inputs, two.
        position: of the two inputs, on the axes.
        slopes: finite.
    """
    if not any(slopes):
        return []
    frame, (a, b) = _frame(axes), position
    w, h = frame.width, frame.height
    scale = np.array([axes[0].rate(a) * w, -axes[1].rate(b) * h])
    return [line.tolist() for line in gradient_arrow(_pixels_of(axes, position, w, h), np.array(slopes), scale, (w, h))]


def _pixels_of(axes: Sequence[Axis], point: Pair, w: float, h: float) -> np.ndarray:
    """Where a pair of values lies in a frame, px."""
    return np.array([axes[0].share(point[0]) * w, (1 - axes[1].share(point[1])) * h])


def curves(samples: Curve, axis: Axis, name: str, log: bool, derivative: bool) -> dict[str, Any]:
    """Return the curve of f and, if wanted, of its derivative.

    Args:
        samples: Curve; the derivative is its second channel.
        axis: of the input.
        name: of f.
        log: whether the samples are logarithms.
        derivative: whether to return it, too.

    Returns:
        dict. value, derivative (only if wanted): {axis, d, ends, height} or None. empty: whether there is no value.
    """
    value = _channel(samples, 0, axis, Axis(name, 0.0, 1.0, log=log), _HEIGHT)
    drawn = {"value": value, "empty": value is None}
    if derivative:
        drawn["derivative"] = _channel(samples, 1, axis, Axis(f"∂{name}/∂{axis.name}", 0.0, 1.0), _LOW)
    return drawn


def _channel(samples: Curve, channel: int, across: Axis, up: Axis, height: int) -> dict[str, Any] | None:
    span = samples.span(channel)
    if span is None:
        return None
    low, high = _roomy(*span)

    def pixels(points: Any) -> np.ndarray:
        x, y = np.asarray(points, dtype=float).reshape(-1, 2).T
        y = np.clip(y, low - _FAR * (high - low), high + _FAR * (high - low))
        return np.column_stack([across.share(x) * _WIDTH, (high - y) / (high - low) * height])

    axis = Axis(up.name, 10.0**low, 10.0**high, log=True) if up.log else Axis(up.name, low, high)
    dots = samples.dots(channel)
    ends = [
        [round(float(x), 2), round(float(y), 2), is_value]
        for (x, y), (_, _, is_value) in zip(pixels([dot[:2] for dot in dots]), dots, strict=True)
    ]
    d = "".join(path(thin(pixels(piece))) for piece in samples.pieces(channel))
    return {"axis": _plain(axis, height / _TICK_SPACING), "d": d, "ends": ends, "height": height}


def contours(samples: Grid, axes: Sequence[Axis], log: bool) -> dict[str, Any]:
    """Return the contours of a grid of values: {field, empty}; field is None until there are values.

    Args:
        samples: Grid.
        axes: of the inputs, two.
        log: whether the levels are powers.
    """
    values = samples.values
    if values is None:
        return {"field": None, "empty": False}
    drawn = field(values, _frame(axes), log, samples.blank)
    return {"field": drawn.shapes(), "empty": not np.isfinite(values).any()}


def _plain(axis: Axis, room: float) -> dict[str, Any]:
    ticks = [[round(share, 5), text] for share, text in axis.ticks(room)]
    ends = {"low": axis.low, "high": axis.high, "log": axis.log}
    return {"name": axis.name, **ends, "scale": axis.scale, "ticks": ticks}


def _roomy(low: float, high: float) -> tuple[float, float]:
    """A range with some room at either end; for a constant, a range around it."""
    room = _MARGIN * (high - low) or max(abs(low), 1.0) * 0.5
    return low - room, high + room


def stack(picture: str, drawn: Any, point: Any) -> str:
    """Return an SVG picture with the plot below it.

    Args:
        picture: SVG text made by `painting`.
        drawn: dict from `PlotView.answer`.
        point: dict from `PlotView.point`, or None if f failed.
    """
    return below(picture, *paint(drawn, point))


def paint(drawn: Any, point: Any) -> tuple[str, float, float]:
    """Return (SVG elements of a plot, width, height), px.

    Args:
        drawn, point: as for `stack`.
    """
    width = LEFT + drawn["width"] + RIGHT + (_FOR_WORDS if drawn["kind"] == "contours" else 0)
    words, lines = caption(drawn, point, width - 32)
    has_field = drawn.get("field") is not None
    has_content = drawn.get("value") or has_field or point
    parts, height = [], TOP + CAPTION_LINE * max(lines, 1) if has_content else 8
    if drawn["kind"] == "curve":
        for i, channel in enumerate(filter(None, (drawn.get("value"), drawn.get("derivative")))):
            height += _NAME_HEIGHT
            parts.append(svg.group(LEFT, height, _curve(drawn, channel, point, i)))
            height += channel["height"] + (BOTTOM if i or not drawn.get("derivative") else 12)
    elif has_field:
        height += 0 if drawn["name_beside"] else _NAME_HEIGHT
        parts.append(svg.group(LEFT, height, _contours(drawn, point)))
        height += drawn["height"] + BOTTOM
    lines = [line for note in drawn["notes"] for line in wrap(note, width // 8)]
    notes = [_text(16, height + 12 + 18 * i, line, colour=theme.MUTED) for i, line in enumerate(lines)]
    height += 18 * len(notes) + 6
    return svg.card(width, height) + words + "".join(parts) + "".join(notes), width, height


def _curve(drawn: Any, channel: Any, point: Any, i: int) -> str:
    w, h = drawn["width"], channel["height"]
    across, up = _axis(drawn["axes"][0]), _axis(channel["axis"])
    colour = theme.GRADIENT if i else theme.VALUE
    name = drawn["axes"][0]["name"] if i or not drawn.get("derivative") else ""
    parts = [_ground(w, h), _across(drawn["axes"][0], w, h, name), _up(channel["axis"], w, h)]
    clip = f'<svg width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
    parts.append(clip + svg.element("path", d=channel["d"], fill="none", stroke=colour, stroke_width=2))
    x = drawn["position"][drawn["axes"][0]["slider"]]
    y = (point["slopes"][0] if i else point["y"]) if point else None
    if not i and point and "tangent" in point:
        d = _tangent_path(point["tangent"], across, up, w, h)
        parts.append(svg.element("path", d=d, fill="none", stroke=theme.GRADIENT, stroke_width=1.5))
    parts += [_end(x, y, is_value, colour) for x, y, is_value in channel["ends"]]
    parts += ["</svg>", _text(0, -7, fit(up.name, w, theme.TEXT_SIZE), "start", colour, 12, svg.BOLD)]
    if not i:
        parts.append(_descent([(p[0], p[-1]) for p in _steps(drawn)], across, up, w, h))
    if y is not None and (y > 0 or not up.log):
        dot = across.share(x) * w, (1 - up.share(y)) * h
        if 0 <= dot[1] <= h:
            parts.append(_dot(dot[0], dot[1], colour))
    return "".join(parts)


def _tangent_path(heights: Sequence[float | None], across: Axis, up: Axis, width: float, height: float) -> str:
    """The tangent as path data, clipped to the frame; heights as `tangent` returns them."""
    xs = _evenly(across, len(heights) - 1)
    pixels = [
        None if y is None else _pixel((x, y), across, up, width, height) for x, y in zip(xs, heights, strict=True)
    ]
    return _line(pixels, width, height)


_FIELD_STYLES: dict[str, Style] = {
    "finite": {"fill": theme.CARD, "fill_rule": "evenodd"},
    "band": {"fill": theme.VALUE, "fill_opacity": 0.04, "fill_rule": "evenodd"},
    "contour": {"fill": "none", "stroke": theme.VALUE, "stroke_opacity": theme.CONTOUR_OPACITY, "stroke_width": 1},
    "level": {
        "font_size": theme.TICK_SIZE, "text_anchor": "middle", "fill": theme.TEXT, "stroke": theme.CARD,
        "stroke_width": 3, "paint_order": "stroke",
    },
}  # fmt: skip


def _contours(drawn: Any, point: Any) -> str:
    w, h = drawn["width"], drawn["height"]
    across, up = map(_axis, drawn["axes"])
    parts = [svg.element("rect", width=w, height=h, fill=theme.SUBTLE)]
    parts.append(shapes.paint(drawn["field"], _FIELD_STYLES, svg.px))
    parts.append(svg.element("rect", width=w, height=h, fill="none", stroke=theme.OUTLINE))
    parts += [_across(drawn["axes"][0], w, h, across.name), _up(drawn["axes"][1], w, h)]
    beside = drawn["name_beside"]
    parts.append(_text(-44, h / 2 + 4, up.name, "middle") if beside else _text(0, -7, fit(up.name, w, theme.TEXT_SIZE)))
    parts.append(_descent([p[:2] for p in _steps(drawn)], across, up, w, h))
    a, b = (drawn["position"][axis["slider"]] for axis in drawn["axes"])
    tip = _pixels_of((across, up), (a, b), w, h)
    if drawn.get("vector"):
        parts.append(_vector(_pixels_of((across, up), (0, 0), w, h), tip, w, h))
    if point and point["arrow"]:
        d = "".join(map(path, point["arrow"]))
        parts.append(svg.line(d, theme.GRADIENT, 2.5, stroke_linecap="round"))
    return "".join([*parts, _dot(tip[0], tip[1], theme.VALUE)])


def _vector(origin: np.ndarray, tip: np.ndarray, w: float, h: float) -> str:
    """The line from the origin to the tip, where the dot is."""
    return svg.element("path", d=clipped(origin, tip, w, h), fill="none", stroke=theme.VALUE, stroke_width=3)


def _steps(drawn: Any) -> list[Any]:
    descent = drawn.get("descent")
    return [p for p in descent["points"] if p[-1] is not None] if descent else []


def _descent(points: Sequence[Any], across: Axis, up: Axis, w: float, h: float) -> str:
    """The steps of gradient descent as a line with dots, clipped to the frame."""
    pixels = [_pixel(p, across, up, w, h) for p in points]
    line = _line(pixels, w, h)
    inside = [p for p in pixels[1:] if p is not None and 0 <= p[0] <= w and 0 <= p[1] <= h]
    dots = [svg.circle(f"{x:.4g}", f"{y:.4g}", 3, fill=theme.TEXT) for x, y in inside]
    return "".join([svg.line(line, theme.TEXT, theme.EDGE_WIDTH), *dots])


def _pixel(point: Any, across: Axis, up: Axis, w: float, h: float) -> np.ndarray | None:
    """The position of a point in the frame, px; None if it has none on a logarithmic axis."""
    x, y = point
    if (across.log and x <= 0) or (up.log and y <= 0):
        return None
    return _pixels_of((across, up), point, w, h)


def _line(pixels: Sequence[np.ndarray | None], w: float, h: float) -> str:
    """A line through points as path data, with gaps at None, clipped to the frame."""
    pairs = [(a, b) for a, b in itertools.pairwise(pixels) if a is not None and b is not None]
    return "".join(clipped(a, b, w, h) for a, b in pairs)


def _axis(plain: Any) -> Axis:
    return Axis(plain["name"], plain["low"], plain["high"], log=plain["log"])


def _ground(w: float, h: float) -> str:
    return svg.element("rect", width=w, height=h, fill=theme.CARD, stroke=theme.OUTLINE)


def _across(axis: Any, w: float, h: float, name: str) -> str:
    """The ticks below a frame, with their numbers, and the name if there is one."""
    parts = []
    for share, text in axis["ticks"]:
        x = round(share * w, 1)
        parts.append(svg.path(f"M{x:g} {h}v5", stroke=theme.OUTLINE))
        parts.append(_text(x, h + 18, text, "middle", theme.MUTED, theme.TICK_SIZE) if name else "")
    return "".join(parts) + (_text(w / 2, h + 36, fit(name, w, theme.TEXT_SIZE), "middle", theme.TEXT) if name else "")


def _up(axis: Any, w: float, h: float) -> str:
    parts = []
    for share, text in axis["ticks"]:
        y = round((1 - share) * h, 1)
        parts.append(svg.path(f"M0 {y:g}h-5", stroke=theme.OUTLINE))
        parts.append(svg.path(f"M0 {y:g}h{w}", stroke=theme.HAIRLINE))
        parts.append(_text(-9, y + 4, text, "end", theme.MUTED, theme.TICK_SIZE))
    return "".join(parts)


def _end(x: float, y: float, is_value: bool, colour: str) -> str:
    """An end of a curve at a jump: a full dot if f has that value, else an empty one."""
    fill = colour if is_value else theme.CARD
    return svg.circle(x, y, 3.5, fill=fill, stroke=colour, stroke_width=1.5)


def _dot(x: float, y: float, colour: str) -> str:
    return svg.circle(f"{x:.4g}", f"{y:.4g}", 6, fill=colour, stroke=theme.CARD, stroke_width=2)


def _text(
    x: float,
    y: float,
    text: str,
    anchor: str = "start",
    colour: str = theme.TEXT,
    size: float = theme.TEXT_SIZE,
    more: str = "",
) -> str:
    return svg.text(x, y, text, size, anchor, colour, more)


def caption(drawn: Any, point: Any, width: float) -> tuple[str, int]:
    """Return (SVG text, how many lines).

    Args:
        drawn: dict from `PlotView.answer`.
        point: dict from `PlotView.point`; None if f failed, for an empty caption.
        width: px of a line.
    """
    if point is None:
        return "", 0
    groups = [
        (_positions(drawn, point), theme.TEXT),
        ([f"{brief(drawn['name'], _LONGEST_NAME)} = {point['texts'][0]}"], theme.VALUE),
        (_slopes(drawn, point), theme.GRADIENT),
    ]
    lines = _lines(groups, room(width, _CAPTION_LETTER))
    return "".join(_caption_line(_CAPTION_TOP + CAPTION_LINE * i, line) for i, line in enumerate(lines)), len(lines)


def _positions(drawn: Any, point: Any) -> list[str]:
    positions = [
        f"{brief(axis['name'], _LONGEST_NAME)} = {number(drawn['position'][axis['slider']], 7)}"
        for axis in drawn["axes"]
    ]
    return positions + ([f"‖{drawn['vector']}‖ = {point['norm']}"] if "norm" in point else [])


def _slopes(drawn: Any, point: Any) -> list[str]:
    name = brief(drawn["name"], _LONGEST_NAME)
    return [
        f"∂{name}/∂{brief(axis['name'], _LONGEST_NAME)} = {slope}"
        for axis, slope in zip(drawn["axes"], point["texts"][1:], strict=True)
    ]


def _lines(groups: Iterable[tuple[list[str], str]], most: float) -> list[list[tuple[str, str]]]:
    """Distribute groups of (texts, colour) over lines of (text, colour); a group stays on one line if it fits."""
    lines: list[list[tuple[str, str]]] = [[]]
    for texts, colour in groups:
        for text in _packed(texts, most):
            if lines[-1] and sum(letters(each) + 2 for each, _ in lines[-1]) + letters(text) > most:
                lines.append([])
            lines[-1].append((text, colour))
    return lines


def _packed(texts: Sequence[str], most: float) -> list[str]:
    """Join texts by commas into lines of at most so many letters; a longer text is a line of its own."""
    lines = [texts[0]]
    for text in texts[1:]:
        if letters(lines[-1]) + letters(text) + 2 <= most:
            lines[-1] += f", {text}"
        else:
            lines.append(text)
    return lines


def _caption_line(y: float, words: Sequence[tuple[str, str]]) -> str:
    spans = []
    for text, colour in words:
        gap = {"dx": _CAPTION_GAP} if spans else {}
        spans.append(svg.element("tspan", svg.escape(text), fill=colour, **gap))
    font = {"font_size": theme.TEXT_SIZE, "font_weight": 600}
    return svg.element("text", "".join(spans), x=_CAPTION_LEFT, y=y, **font)
