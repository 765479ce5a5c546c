"""The static picture of a secant: what GitHub and a reopened notebook show in place of the widget.

`paint(frames, curve, shown, precision, title)` returns SVG of plain attributes only: no style sheet, id or script.
"""

from html import escape

from seeing_gradients.picture import theme

LEFT, TOP, RIGHT, BOTTOM = 46, 12, 16, 42  # pixels around each plot: numbers and names of the axes
_ROW, _LINES = 20, 4  # pixels; rows of numbers below one another


def paint(frames, curve, shown, precision, title):
    """Return the picture as SVG text.

    Args:
        frames: two Frame, of the curve and of the error.
        curve: str, SVG path data of f.
        shown: dict from view.Plots.view.
        precision: "float32" or "float64".
        title: str.
    """
    plot_width, plot_height = (LEFT + frames[0].width + RIGHT, TOP + frames[0].height + BOTTOM)
    height = plot_height + _ROW * (_LINES + 2)
    size = f'width="{2 * plot_width}" height="{height}" viewBox="0 0 {2 * plot_width} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{theme.FONT}" font-size="{theme.TEXT_SIZE}" fill="{theme.TEXT}">',
        f"<title>{escape(title)}: {escape(shown['summary'])}</title>",
        f'<rect x="0.5" y="0.5" width="{2 * plot_width - 1}" height="{height - 1}" rx="{theme.CARD_RADIUS}" fill="{theme.CARD}" stroke="{theme.BORDER}"/>',
        f'<g transform="translate({LEFT} {TOP})">{_axes(frames[0])}{_secant(curve, shown)}</g>',
        f'<g transform="translate({plot_width + LEFT} {TOP})">{_axes(frames[1])}{_errors(shown, precision)}</g>',
        f'<g transform="translate({LEFT} {plot_height + _ROW})">{_rows(shown, title, plot_width)}</g></svg>',
    ]
    return "".join(parts)


def _axes(frame):
    w, h = frame.width, frame.height
    parts = [f'<rect width="{w}" height="{h}" fill="none" stroke="{theme.OUTLINE}"/>']
    for share, text in frame.axes[0].ticks(w / 55):
        x = round(share * w, 1)
        parts.append(
            f'<path d="M{x},{h}v5" stroke="{theme.OUTLINE}"/>'
            + _text(x, h + 17, text, "middle", theme.MUTED, theme.TICK_SIZE)
        )
    for share, text in frame.axes[1].ticks(h / 40):
        y = round((1 - share) * h, 1)
        parts.append(
            f'<path d="M0,{y}h-5" stroke="{theme.OUTLINE}"/>'
            + _text(-8, y + 4, text, "end", theme.MUTED, theme.TICK_SIZE)
        )
    parts += [_text(w / 2, h + 34, frame.axes[0].name, "middle")]
    parts.append(_text(8, h - 9 if frame.axes[1].log else 18, frame.axes[1].name))  # where no curve is
    return "".join(parts)


def _secant(curve, shown):
    parts = [
        f'<path d="{curve}" fill="none" stroke="{theme.MUTED}" stroke-width="2"/>',
        _path(shown["secant"], theme.VALUE, 'stroke-width="2"'),
        _path(shown["tangent"], theme.GRADIENT, 'stroke-width="2" stroke-dasharray="6 4"'),
    ]
    return "".join(parts) + "".join(_dot(end) for end in shown["ends"])


def _errors(shown, precision):
    others = [d for name, d in shown["curves"].items() if name != precision]
    faint = "".join(_path(d, theme.MUTED, 'stroke-width="1" stroke-opacity="0.5"') for d in others)
    chosen = _path(shown["curves"][precision], theme.VALUE, 'stroke-width="1.5"')
    return faint + chosen + (_dot(shown["mark"]) if shown["mark"] else "")


def _rows(shown, title, half):
    """The numbers in two columns, the second `half` pixels to the right, and the note below the second."""
    parts = [_text(0, 0, title, weight=600, size=14)]
    for place, (name, value) in enumerate(shown["rows"]):
        column, line = divmod(place, _LINES)
        x, y = half * column, _ROW * (line + 1)
        parts += [_text(x, y, name, colour=theme.MUTED), _text(x + 110, y, value)]
    return "".join(parts) + _text(half, _ROW * _LINES, shown["note"], colour=theme.GRADIENT)


def _path(d, colour, rest):
    return f'<path d="{d}" fill="none" stroke="{colour}" {rest}/>' if d else ""


def _dot(at):
    return f'<circle cx="{at[0]}" cy="{at[1]}" r="5" fill="{theme.VALUE}" stroke="{theme.CARD}" stroke-width="2"/>'


def _text(x, y, text, anchor="start", colour=theme.TEXT, size=theme.TEXT_SIZE, weight=400):
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}" font-size="{size}" '
        f'font-weight="{weight}">{escape(str(text))}</text>'
    )
