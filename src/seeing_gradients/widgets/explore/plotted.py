"""The plot as a static picture, below the graph: what GitHub and a reopened notebook show.

`stack(picture, drawn, point)` adds to an SVG what `Plots.answer` returned; only plain attributes, as everywhere.
"""

import itertools

import numpy as np

from seeing_gradients.picture import theme
from seeing_gradients.picture.chart import Axis, clipped, gradient_arrow
from seeing_gradients.picture.layout.words import fit
from seeing_gradients.picture.svg import below, escape, wrap

from .caption import CAPTION_LINE, caption

LEFT, RIGHT, TOP, BOTTOM = 62, 18, 22, 46  # px around a plot: numbers and names of its axes
_NAME_HEIGHT = 16  # px: of a name above a frame
_FOR_WORDS = 50  # px more at the right of contours
_MOST_BESIDE = 4  # letters of a name at the left of an axis; a longer one is above it
_HALO = f'stroke="{theme.CARD}" stroke-width="3" paint-order="stroke"'
_PARTS = 60  # of a tangent that is no straight line, since an axis is logarithmic


def stack(picture, drawn, point):
    """Return an SVG with the plot below what it shows.

    Args:
        picture: SVG text of ours.
        drawn: dict from `Plots.answer`.
        point: dict from `Plots.point`, or None where f failed.
    """
    return below(picture, *paint(drawn, point))


def paint(drawn, point):
    """Return (SVG elements of a plot, width, height)."""
    width = LEFT + drawn["width"] + RIGHT + (_FOR_WORDS if drawn["kind"] == "contours" else 0)
    words, lines = caption(drawn, point, width - 32)
    is_there = drawn.get("value") or drawn.get("field") or point
    parts, height = [], TOP + CAPTION_LINE * max(lines, 1) if is_there else 8
    if drawn["kind"] == "curve":
        for i, channel in enumerate(filter(None, (drawn.get("value"), drawn.get("derivative")))):
            height += _NAME_HEIGHT
            parts.append(f'<g transform="translate({LEFT} {height})">{_curve(drawn, channel, point, i)}</g>')
            height += channel["height"] + (BOTTOM if i or not drawn.get("derivative") else 12)
    elif drawn.get("field"):
        height += 0 if _is_beside(drawn["axes"][1]["name"]) else _NAME_HEIGHT
        parts.append(f'<g transform="translate({LEFT} {height})">{_contours(drawn, point)}</g>')
        height += drawn["height"] + BOTTOM
    lines = [line for note in drawn["notes"] for line in wrap(note, width // 8)]
    notes = [_text(16, height + 12 + 18 * i, line, colour=theme.MUTED) for i, line in enumerate(lines)]
    height += 18 * len(notes) + 6
    card = f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="{theme.CARD_RADIUS}" fill="{theme.CARD}" stroke="{theme.BORDER}"/>'
    return card + words + "".join(parts) + "".join(notes), width, height


def _curve(drawn, channel, point, i):
    w, h = drawn["width"], channel["height"]
    across, up = _axis(drawn["axes"][0]), _axis(channel["axis"])
    colour = theme.GRADIENT if i else theme.VALUE
    name = drawn["axes"][0]["name"] if i or not drawn.get("derivative") else ""
    parts = [_ground(w, h), _across(drawn["axes"][0], w, h, name), _up(channel["axis"], w, h)]
    clip = f'<svg width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
    parts.append(f'{clip}<path d="{channel["d"]}" fill="none" stroke="{colour}" stroke-width="2"/>')
    x = drawn["at"][drawn["axes"][0]["place"]]
    y = (point["slopes"][0] if i else point["y"]) if point else None
    if y is not None and not i and point["slopes"][0] is not None:
        d = tangent(across, up, (x, y), point["slopes"][0], w, h)
        parts.append(f'<path d="{d}" fill="none" stroke="{theme.GRADIENT}" stroke-width="1.5"/>')
    parts += [_end(*end, colour) for end in channel["ends"]]
    parts += ["</svg>", _text(0, -7, fit(up.name, w, theme.TEXT_SIZE), "start", colour, 12, 'font-weight="600"')]
    if not i:
        parts.append(_descent([(p[0], p[-1]) for p in _steps(drawn)], across, up, w, h))
    if y is not None and (y > 0 or not up.log):
        place = across.share(x) * w, (1 - up.share(y)) * h
        if 0 <= place[1] <= h:
            parts.append(_dot(*place, colour))
    return "".join(parts)


def tangent(across, up, at, slope, width, height):
    """Return the tangent through a point as path data, clipped to the frame; straight where both axes are linear."""
    count = _PARTS if across.log or up.log else 1
    xs = np.array([across.at(k / count) for k in range(count + 1)])
    ys = at[1] + slope * (xs - at[0])
    places = [_place(p, across, up, width, height) for p in zip(xs, ys, strict=True)]
    return _line(places, width, height)


def _contours(drawn, point):
    w, h, found = drawn["width"], drawn["height"], drawn["field"]
    across, up = map(_axis, drawn["axes"])
    parts = [f'<rect width="{w}" height="{h}" fill="{theme.SUBTLE}"/>']
    if found["ground"]:
        parts.append(f'<path d="{found["ground"]}" fill="{theme.CARD}" fill-rule="evenodd"/>')
    parts += [f'<path d="{d}" fill="{theme.VALUE}" fill-opacity="0.04" fill-rule="evenodd"/>' for d in found["bands"]]
    parts += [
        f'<path d="{d}" fill="none" stroke="{theme.VALUE}" stroke-opacity="0.45" stroke-width="1"/>'
        for d in found["lines"]
    ]
    parts += [_text(x, y + 4, text, "middle", theme.TEXT, theme.TICK_SIZE, _HALO) for x, y, text in found["labels"]]
    parts.append(f'<rect width="{w}" height="{h}" fill="none" stroke="{theme.OUTLINE}"/>')
    parts += [_across(drawn["axes"][0], w, h, across.name), _up(drawn["axes"][1], w, h)]
    beside = _is_beside(up.name)
    parts.append(_text(-44, h / 2 + 4, up.name, "middle") if beside else _text(0, -7, fit(up.name, w, theme.TEXT_SIZE)))
    parts.append(_descent([p[:2] for p in _steps(drawn)], across, up, w, h))
    a, b = (drawn["at"][axis["place"]] for axis in drawn["axes"])
    place = np.array([across.share(a) * w, (1 - up.share(b)) * h])
    if drawn.get("vector"):
        parts.append(_vector(np.array([across.share(0) * w, (1 - up.share(0)) * h]), place, w, h))
    slopes = np.array([g or 0.0 for g in point["slopes"]]) if point else np.zeros(2)
    if slopes.any():
        scale = np.array([across.rate(a) * w, -up.rate(b) * h])
        arrow = gradient_arrow(place, slopes, scale, (w, h))
        parts.append(
            f'<path d="{arrow}" fill="none" stroke="{theme.GRADIENT}" stroke-width="2.5" stroke-linecap="round"/>'
        )
    return "".join([*parts, _dot(*place, theme.VALUE)])


def _is_beside(name):
    """Whether the name of an axis has room at its left; a longer one lies above the frame."""
    return len(name) <= _MOST_BESIDE


def _vector(origin, tip, w, h):
    """The line from the origin to the tip, which the dot marks."""
    return f'<path d="{clipped(origin, tip, w, h)}" fill="none" stroke="{theme.VALUE}" stroke-width="3"/>'


def _steps(drawn):
    descent = drawn.get("descent")
    return [p for p in descent["points"] if p[-1] is not None] if descent else []


def _descent(points, across, up, w, h):
    """The steps of gradient descent as a line with dots; what lies outside is cut off."""
    places = [_place(p, across, up, w, h) for p in points]
    line = _line(places, w, h)
    inside = [p for p in places[1:] if p is not None and 0 <= p[0] <= w and 0 <= p[1] <= h]
    dots = "".join(f'<circle cx="{x:.4g}" cy="{y:.4g}" r="3" fill="{theme.TEXT}"/>' for x, y in inside)
    return (f'<path d="{line}" fill="none" stroke="{theme.TEXT}" stroke-width="1.5"/>' if line else "") + dots


def _place(at, across, up, w, h):
    """Where a point lies in the frame, px; None where a logarithmic axis has no place for it."""
    x, y = at
    if (across.log and x <= 0) or (up.log and y <= 0):
        return None
    return np.array([across.share(x) * w, (1 - up.share(y)) * h])


def _line(places, w, h):
    """A line through places, broken where there is none, clipped to the frame: path data."""
    pairs = [(a, b) for a, b in itertools.pairwise(places) if a is not None and b is not None]
    return "".join(clipped(a, b, w, h) for a, b in pairs)


def _axis(plain):
    return Axis(plain["name"], plain["low"], plain["high"], log=plain["log"])


def _ground(w, h):
    return f'<rect width="{w}" height="{h}" fill="{theme.CARD}" stroke="{theme.OUTLINE}"/>'


def _across(axis, w, h, name):
    """Ticks below, with numbers and the name where there is one."""
    parts = []
    for share, text in axis["ticks"]:
        x = round(share * w, 1)
        parts.append(f'<path d="M{x:g} {h}v5" stroke="{theme.OUTLINE}"/>')
        parts.append(_text(x, h + 18, text, "middle", theme.MUTED, theme.TICK_SIZE) if name else "")
    return "".join(parts) + (_text(w / 2, h + 36, fit(name, w, theme.TEXT_SIZE), "middle", theme.TEXT) if name else "")


def _up(axis, w, h):
    parts = []
    for share, text in axis["ticks"]:
        y = round((1 - share) * h, 1)
        parts.append(
            f'<path d="M0 {y:g}h-5" stroke="{theme.OUTLINE}"/><path d="M0 {y:g}h{w}" stroke="{theme.BORDER}"/>'
        )
        parts.append(_text(-9, y + 4, text, "end", theme.MUTED, theme.TICK_SIZE))
    return "".join(parts)


def _end(x, y, taken, colour):
    """An end at a jump: full where f takes that value."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="3.5" fill="{colour if taken else theme.CARD}" stroke="{colour}" stroke-width="1.5"/>'


def _dot(x, y, colour):
    return f'<circle cx="{x:.4g}" cy="{y:.4g}" r="6" fill="{colour}" stroke="{theme.CARD}" stroke-width="2"/>'


def _text(x, y, text, anchor="start", colour=theme.TEXT, size=theme.TEXT_SIZE, more=""):
    place = f'x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {place} {more}>{escape(str(text))}</text>".replace(" >", ">")
