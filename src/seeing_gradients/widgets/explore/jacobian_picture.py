"""The Jacobian as a static picture below the graph: what GitHub and a reopened notebook show."""

from seeing_gradients.language import message
from seeing_gradients.picture import theme
from seeing_gradients.picture.svg import below, escape, wrap

_SIDE, _TOP, _ROW = 16, 48, 26  # px
_CHARACTER, _PADDING = 7.6, 20  # px of a column
_DARKEST = 0.45  # opacity of the largest element's background


def with_jacobian(picture, state):
    """Return an SVG with the Jacobian of a state below it, where the state has one.

    Args:
        picture: SVG text of ours.
        state: dict, the trait of that name.
    """
    shown = state.get("jacobian")
    if not shown or not state.get("fresh"):
        return picture
    return below(picture, *(_sentence(shown["note"]) if "note" in shown else _table(shown)))


def _sentence(text):
    lines = wrap(text, 84)
    height = 20 * len(lines) + 20
    return _card(720, height) + "".join(_text(_SIDE, 25 + 20 * i, line) for i, line in enumerate(lines)), 720, height


def _table(shown):
    """(SVG elements, width, height)."""
    columns = [shown["weights"], shown["rows"], *zip(*shown["cells"], strict=True)]
    heads = [message("explore.jacobian_weights"), "", *shown["columns"]]
    last = ["", "vᵀJ", *shown["sum"]]
    longest = [max(map(_length, [head, *cells, end])) for head, cells, end in zip(heads, columns, last, strict=True)]
    widths = [_CHARACTER * length + _PADDING for length in longest]
    rights = [_SIDE + sum(widths[: j + 1]) for j in range(len(widths))]
    lines = [heads, *zip(*columns, strict=True), last]
    parts = [_background(shown, rights, widths), _text(_SIDE, 26, message("explore.jacobian"), theme.MUTED)]
    for i, line in enumerate(lines):
        for j, text in enumerate(line):
            is_sum, is_head = i == len(lines) - 1, i == 0 or j == 1
            colour = theme.GRADIENT if is_sum or (j == 0 and i) else theme.MUTED if is_head else theme.TEXT
            parts.append(_text(rights[j] - 8, _TOP + _ROW * i + 17, text, colour, "end", bold=is_sum))
    verdict = message("explore.jacobian_same" if shown["same"] else "explore.jacobian_other")
    height = _TOP + _ROW * len(lines) + 34
    parts.append(_text(_SIDE, height - 14, verdict, theme.MUTED))
    width = max(
        rights[-1] + _SIDE, 8 * _length(verdict) + 2 * _SIDE, 8 * _length(message("explore.jacobian")) + 2 * _SIDE
    )
    return _card(width, height) + "".join(parts), width, height


def _background(shown, rights, widths):
    """One rectangle a cell, as dark as the element is large, orange-striped hues apart from the printed sign."""
    found = []
    for i, row in enumerate(shown["parts"], 1):
        for j, part in enumerate(row, 2):
            if not part:
                continue
            x, y = rights[j] - widths[j] + 4, _TOP + _ROW * i + 1
            colour = theme.VALUE if part > 0 else theme.GRADIENT
            size = f'width="{widths[j] - 4:g}" height="{_ROW - 2}" rx="3"'
            found.append(
                f'<rect x="{x:g}" y="{y:g}" {size} fill="{colour}" fill-opacity="{abs(part) * _DARKEST:.2f}"/>'
            )
    return "".join(found)


def _card(width, height):
    return f'<rect x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" rx="{theme.CARD_RADIUS}" fill="{theme.CARD}" stroke="{theme.BORDER}"/>'


def _text(x, y, text, colour=theme.TEXT, anchor="start", bold=False):
    weight = ' font-weight="650"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" font-size="{theme.TEXT_SIZE}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(text)}</text>'


def _length(text):
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
