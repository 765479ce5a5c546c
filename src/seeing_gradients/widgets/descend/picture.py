"""The static picture of a descent: what GitHub and a reopened notebook show in place of the widget.

`paint(frame, field, shown, title, caption)` returns SVG of plain attributes only: no style sheet, id or script.
"""

from html import escape

from seeing_gradients.picture import theme

LEFT, TOP, RIGHT, BOTTOM = 48, 14, 14, 44  # pixels around the frame: numbers and names of the axes
_PANEL = 290


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
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="{theme.CARD_RADIUS}" fill="{theme.CARD}" stroke="{theme.BORDER}"/>',
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
