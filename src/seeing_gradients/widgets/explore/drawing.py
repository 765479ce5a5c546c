"""From samples to what is drawn: lines, ends, ticks and contours in the pixels of a plot, as JSON.

The page stretches a plot to the room that it has; `plotted` paints the same at its own size.
"""

import numpy as np

from seeing_gradients.picture.chart import Axis, Frame, field, path, thin

_WIDTH, _HEIGHT, _LOW = 560, 240, 96  # px: a curve, and below it its derivative
_SIDE = 360  # px: contours
_ROOM = 0.06  # of the height, above and below a curve
_FAR = 40  # heights above or below the picture, where a line may as well end
_APART = 48  # px between ticks, at least


def blank(name, axes, places):
    """A plot without content: what it is of, its size and its axes.

    Args:
        name: str, of f.
        axes: one or two Axis, of the inputs.
        places: list of int, which sliders they are.
    """
    plain = [
        {**_plain(axis, 10 if i == 0 else 7), "place": place}
        for i, (axis, place) in enumerate(zip(axes, places, strict=True))
    ]
    if len(axes) == 1:
        size = {"kind": "curve", "width": _WIDTH, "height": _HEIGHT}
    else:
        frame = Frame.of(axes, _SIDE)
        size = {"kind": "contours", "width": frame.width, "height": frame.height}
    return {**size, "name": name, "axes": plain, "notes": []}


def curves(samples, axis, name, log, derivative):
    """The curve of f and, where wanted, of its derivative, whose samples are the second channel.

    Args:
        samples: Curve.
        axis: Axis, of the input.
        name: str, of f.
        log: bool, whether the samples are logarithms.
        derivative: bool.

    Returns:
        dict: value, derivative (only where wanted), each {axis, d, ends, height} or None; empty, whether there is no value.
    """
    value = _curve(samples, 0, axis, Axis(name, 0.0, 1.0, log=log), _HEIGHT)
    drawn = {"value": value, "empty": value is None}
    if derivative:
        drawn["derivative"] = _curve(samples, 1, axis, Axis(f"∂{name}/∂{axis.name}", 0.0, 1.0), _LOW)
    return drawn


def _curve(samples, channel, across, up, height):
    span = samples.span(channel)
    if span is None:
        return None
    low, high = _roomy(*span)

    def place(points):
        x, y = np.asarray(points, dtype=float).reshape(-1, 2).T
        y = np.clip(y, low - _FAR * (high - low), high + _FAR * (high - low))
        return np.column_stack([across.share(x) * _WIDTH, (high - y) / (high - low) * height])

    axis = Axis(up.name, 10.0**low, 10.0**high, log=True) if up.log else Axis(up.name, low, high)
    dots = samples.dots(channel)
    ends = [
        [round(float(x), 2), round(float(y), 2), taken]
        for (x, y), (_, _, taken) in zip(place([dot[:2] for dot in dots]), dots, strict=True)
    ]
    d = "".join(path(thin(place(piece))) for piece in samples.pieces(channel))
    return {"axis": _plain(axis, height / _APART), "d": d, "ends": ends, "height": height}


def contours(samples, axes, log):
    """Contours of a grid of values: {field, empty}, the field None as long as there are no values.

    Args:
        samples: Grid.
        axes: two Axis.
        log: bool, whether the levels are powers.
    """
    values = samples.values
    if values is None:
        return {"field": None, "empty": False}
    size = blank("", axes, [0, 1])
    found = field(values, Frame(tuple(axes), size["width"], size["height"]), log, samples.blank)
    return {"field": vars(found), "empty": not np.isfinite(values).any()}


def _plain(axis, room):
    ticks = [[round(share, 5), text] for share, text in axis.ticks(room)]
    return {"name": axis.name, "low": axis.low, "high": axis.high, "log": axis.log, "ticks": ticks}


def _roomy(low, high):
    """A range with some room at either end; of a constant, a range about it."""
    room = _ROOM * (high - low) or max(abs(low), 1.0) * 0.5
    return low - room, high + room
