"""What stands above a static plot: where the sliders are, the value of f there and its slopes, in as few lines as fit."""

from seeing_gradients.picture import theme
from seeing_gradients.picture.layout import number
from seeing_gradients.picture.layout.words import brief, letters, room
from seeing_gradients.picture.svg import escape

CAPTION_LINE = 18  # px
_LEFT, _FIRST, _APART = 16, 25, 14  # px: where the first line begins, and between what stands in one line
_LONGEST = 16  # letters of a name
_ROOM_SIZE = 14  # px: as wide as bold letters are


def caption(drawn, point, width):
    """Return (SVG text, how many lines).

    Args:
        drawn: dict from `Plots.answer`.
        point: dict from `Plots.point`, or None where f failed: nothing is said.
        width: int, px that a line may take.
    """
    if point is None:
        return "", 0
    y = float("nan") if point["y"] is None else point["y"]
    groups = [
        (_places(drawn, point), theme.TEXT),
        ([f"{brief(drawn['name'], _LONGEST)} = {number(y)}"], theme.VALUE),
        (_slopes(drawn, point), theme.GRADIENT),
    ]
    lines = _lines(groups, room(width, _ROOM_SIZE))
    return "".join(_line(_FIRST + CAPTION_LINE * i, line) for i, line in enumerate(lines)), len(lines)


def _places(drawn, point):
    places = [f"{brief(axis['name'], _LONGEST)} = {number(drawn['at'][axis['place']], 7)}" for axis in drawn["axes"]]
    return places + ([f"‖{drawn['vector']}‖ = {point['norm']}"] if "norm" in point else [])


def _slopes(drawn, point):
    return [
        f"∂{brief(drawn['name'], _LONGEST)}/∂{brief(axis['name'], _LONGEST)} = {'None' if g is None else number(g)}"
        for axis, g in zip(drawn["axes"], point["slopes"], strict=True)
    ]


def _lines(groups, most):
    """Groups of (texts, colour) in lines of so many letters: each a list of (text, colour), a group in one where it fits."""
    lines = [[]]
    for texts, colour in groups:
        for text in _packed(texts, most):
            if lines[-1] and sum(letters(each) + 2 for each, _ in lines[-1]) + letters(text) > most:
                lines.append([])
            lines[-1].append((text, colour))
    return lines


def _packed(texts, most):
    """Texts joined by commas into lines of so many letters; one that is longer is a line of its own."""
    lines = [texts[0]]
    for text in texts[1:]:
        if letters(lines[-1]) + letters(text) + 2 <= most:
            lines[-1] += f", {text}"
        else:
            lines.append(text)
    return lines


def _line(y, words):
    gaps = ["", *[f' dx="{_APART}"'] * (len(words) - 1)]
    spans = [
        f'<tspan fill="{colour}"{gap}>{escape(text)}</tspan>' for gap, (text, colour) in zip(gaps, words, strict=True)
    ]
    place = f'x="{_LEFT}" y="{y}" font-size="{theme.TEXT_SIZE}" font-weight="600"'
    return f"<text {place}>{''.join(spans)}</text>"
