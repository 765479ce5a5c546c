"""The plots of the class page, as SVG whose lines and text take the colour and the font of the page."""

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from seeing_gradients.picture import theme

_WIDTH, _BINS = 640, 10
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 16, 10, 28  # around the axes
_BAR, _GAP = 22, 9  # of a stacked bar
_TICK = 5


def histogram(points: Sequence[float], full_score: float, label: str) -> Markup:
    """Return a histogram of points, with ten bins, as an <svg> element.

    Args:
        points: sequence of float, one per submission.
        full_score: float, the right end of the axis.
        label: str, the text for screen readers.
    """
    end, height = full_score or 1.0, 230
    counts = [0] * _BINS
    for value in points:
        counts[min(_BINS - 1, max(0, int(_BINS * value / end)))] += 1
    ticks = _even_ticks(max(counts), 4)
    x0, x1, y0, y1 = _LEFT, _WIDTH - _RIGHT, height - _BOTTOM, _TOP
    bin_width, unit = (x1 - x0) / _BINS, (y0 - y1) / ticks[-1]
    bars = [
        _rectangle(x0 + (i + 0.04) * bin_width, y0 - count * unit, 0.92 * bin_width, count * unit, theme.HISTOGRAM)
        for i, count in enumerate(counts)
        if count
    ]
    marks = [_tick_beside(x0, y0 - tick * unit, f"{tick:g}") for tick in ticks]
    marks += [_tick_below(x0 + share * (x1 - x0), y0, f"{share * end:g}") for share in (0, 0.25, 0.5, 0.75, 1)]
    return _svg(height, label, [*bars, _axes(x0, x1, y0, y1), *marks])


def stacked_bars(exercises: Sequence[str], table: Sequence[Sequence[float]], label: str) -> Markup:
    """Return a stacked bar per exercise, with the shares of the states of its answers, as an <svg> element.

    Args:
        exercises: sequence of str, ids.
        table: for each exercise, the percentages of the states in the order of theme.ANSWER_STATES.
        label: str, the text for screen readers.
    """
    height = _TOP + len(exercises) * (_BAR + _GAP) + _BOTTOM
    x0, x1, y0, y1 = _LEFT, _WIDTH - _RIGHT, height - _BOTTOM, _TOP
    parts = []
    for row, (exercise, shares) in enumerate(zip(exercises, table, strict=True)):
        y, left = y1 + row * (_BAR + _GAP) + _GAP / 2, float(x0)
        for colour, share in zip(theme.ANSWER_STATES.values(), shares, strict=True):
            width = share / 100 * (x1 - x0)
            parts += [_rectangle(left, y, width, _BAR, colour)] if share else []
            left += width
        parts.append(_tick_beside(x0, y + _BAR / 2, exercise))
    marks = [_tick_below(x0 + share / 100 * (x1 - x0), y0, f"{share} %") for share in (0, 25, 50, 75, 100)]
    return _svg(height, label, [*parts, _axes(x0, x1, y0, y1), *marks])


def _even_ticks(most: int, count: int) -> list[int]:
    """Whole numbers from 0 to at least `most`, with equal steps of 1, 2 or 5 times a power of ten, about `count` of them."""
    raw = max(1.0, most / count)
    power = 10 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    return list(range(0, step * math.ceil(max(most, 1) / step) + 1, step))


def _rectangle(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'


def _axes(x0: float, x1: float, y0: float, y1: float) -> str:
    return f'<path d="M{x0},{y1}V{y0}H{x1}" fill="none" stroke="currentColor"/>'


def _tick_beside(x: float, y: float, text: str) -> str:
    line = f'<path d="M{x - _TICK},{y:.1f}H{x}" stroke="currentColor"/>'
    return f'{line}<text x="{x - _TICK - 3}" y="{y + 4:.1f}" text-anchor="end">{escape(text)}</text>'


def _tick_below(x: float, y: float, text: str) -> str:
    line = f'<path d="M{x:.1f},{y}V{y + _TICK}" stroke="currentColor"/>'
    return f'{line}<text x="{x:.1f}" y="{y + _TICK + 13}" text-anchor="middle">{escape(text)}</text>'


def _svg(height: float, label: str, parts: Sequence[str]) -> Markup:
    head = (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {_WIDTH} {height}" '
        f'font-size="{theme.TICK_SIZE}" fill="currentColor">'
    )
    return Markup(head + "".join(parts) + "</svg>")
