"""The drawing primitives of static pictures and pages: a `Shape` is a list, which is sent to the page as JSON.

    [class, "path", d]
    [class, "circle", x, y, radius]
    [class, "rect", x, y, width, height, radius]
    [class, "text", x, y, anchor, words]

All numbers are px. The class says what the shape is, e.g. "tick" or "arrow", and not how it looks. For a static picture
`paint` takes its style from a table; on a page it gets a CSS class, "sg-tick", from `createShape` in
widgets/page/shapes.js.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
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
# The default style of a text, and the styles of the shapes that `charts.axes` returns.
TEXT_STYLE: Style = {
    "text_anchor": "start", "fill": theme.TEXT, "font_size": theme.TEXT_SIZE, "font_weight": 400,
}  # fmt: skip
AXIS_STYLES: Mapping[str, Style] = {
    "frame": {"fill": "none", "stroke": theme.OUTLINE},
    "tick": {"stroke": theme.OUTLINE},
    "number": {**TEXT_STYLE, "fill": theme.MUTED, "font_size": theme.TICK_SIZE},
    "name": TEXT_STYLE,
}


def paint(shapes: Iterable[Shape], styles: Mapping[str, Style], number: Callable[[float], str] = str) -> str:
    """Return shapes as SVG elements.

    Args:
        shapes: in the order in which they are painted.
        styles: class -> the attributes of its elements besides the geometry.
        number: writes a number of px.

    Raises:
        KeyError: a class has no style.
    """
    return "".join(paint_shape(shape, styles[shape[0]], number) for shape in shapes)


def paint_shape(shape: Shape, style: Style, number: Callable[[float], str] = str) -> str:
    """Return one shape as an SVG element; attributes of a rectangle that are 0, SVG's default, are left out."""
    _, tag, *content = shape
    geometry: dict[str, str | float] = {
        name: value if isinstance(value, str) else number(value)
        for name, value in zip(_GEOMETRY[tag], content, strict=False)
        if value or tag != "rect"
    }
    if tag != "text":
        return element(tag, **geometry, **style)
    _, _, anchor, words = content
    return element(tag, escape(words), **geometry, **{**style, "text_anchor": anchor})


def tidy(x: float) -> float:
    """Return a number of px, rounded to tenths, as an int if it is whole, since painters do not format it further."""
    rounded = round(x, 1)
    return int(rounded) if rounded == int(rounded) else rounded
