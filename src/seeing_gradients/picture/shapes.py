"""The drawing primitives that static pictures and pages share: `Shape`, a list that crosses to the page as it is.

    [class, "path", d]
    [class, "circle", x, y, radius]
    [class, "rect", x, y, width, height, radius]
    [class, "text", x, y, anchor, words]

All numbers are px. The class says what is drawn, as "tick" or "arrow", and a painter knows how that looks: `paint` takes its
attributes from a table, and `createShapes` in widgets/page/shapes.js makes "tick" the CSS class "sg-tick".
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from . import theme
from .svg import element, escape

Shape: TypeAlias = Sequence[Any]
Style: TypeAlias = Mapping[str, str | float]
_GEOMETRY = {
    "path": ("d",),
    "circle": ("cx", "cy", "r"),
    "rect": ("x", "y", "width", "height", "rx"),
    "text": ("x", "y"),
}
# The look of a text that says nothing else, and of the axes of a plot: see `charts.axes`.
TEXT_STYLE: Style = {
    "text_anchor": "start", "fill": theme.TEXT, "font_size": theme.TEXT_SIZE, "font_weight": 400,
}  # fmt: skip
AXIS_STYLES: Mapping[str, Style] = {
    "frame": {"fill": "none", "stroke": theme.OUTLINE},
    "tick": {"stroke": theme.OUTLINE},
    "number": {**TEXT_STYLE, "fill": theme.MUTED, "font_size": theme.TICK_SIZE},
    "name": TEXT_STYLE,
}


def paint(shapes: Iterable[Shape], styles: Mapping[str, Style]) -> str:
    """Return shapes as SVG elements.

    Args:
        shapes: in the order in which they are painted.
        styles: the attributes of each class, besides the geometry.
    """
    return "".join(paint_shape(shape, styles[shape[0]]) for shape in shapes)


def paint_shape(shape: Shape, style: Style) -> str:
    """Return one shape as an SVG element; of a rectangle, what is 0 is left out, as SVG assumes it."""
    _, tag, *numbers = shape
    geometry: dict[str, str | float] = {
        name: str(number) for name, number in zip(_GEOMETRY[tag], numbers, strict=False) if number or tag != "rect"
    }
    if tag != "text":
        return element(tag, **geometry, **style)
    _, _, anchor, words = numbers
    return element(tag, escape(words), **geometry, **{**style, "text_anchor": anchor})


def tidy(x: float) -> float:
    """Return a number of px rounded to tenths, as an int if it is whole, since both painters write it as it is."""
    rounded = round(x, 1)
    return int(rounded) if rounded == int(rounded) else rounded
