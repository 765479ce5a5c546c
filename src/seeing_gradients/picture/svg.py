"""The SVG elements of all static pictures, as text: `text`, `rect`, `path`, `circle`, `group`, `card`, `document`.

They use only plain attributes, since GitHub strips style sheets, ids and scripts. Speed matters: a picture of 10,000
nodes has about 15 MB. So `text` and `rect` cache the part of a tag that does not depend on position or words.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape as _escape_markup

from . import theme
from .labels import clean

BOLD = ' font-weight="600"'
_CACHED = 1 << 12  # cached tags
_NUMBERS = 1 << 14  # cached numbers: those of some hundred rows of nodes
_ALL_PLAIN = re.compile(r"[\w .,+()\[\]-]*", re.ASCII).fullmatch


class _Px(dict[float, str]):
    """A cache of numbers as text, rounded to tenths and as short as possible: 12.0 -> "12".

    A picture contains each number in several places, and formatting takes time.
    """

    def __missing__(self, x: float) -> str:
        if len(self) > _NUMBERS:
            self.clear()
        text = f"{x:.1f}"
        if text[-1] == "0":
            text = text[:-2] if text != "-0.0" else "0"
        self[x] = text
        return text


PX = _Px()
px = PX.__getitem__


def escape(text: str) -> str:
    """Return a text on one line, escaped for XML."""
    return text if _ALL_PLAIN(text) else _escaped(text)


def escape_all(texts: Sequence[str]) -> Sequence[str]:
    """Return a list of texts, each as `escape`; fast if all are plain numbers, since one test then covers all."""
    return texts if _ALL_PLAIN("".join(texts)) else [escape(text) for text in texts]


@lru_cache(maxsize=_CACHED)
def _escaped(text: str) -> str:
    return _escape_markup(clean(text))


def element(tag: str, content: str | None = None, /, **attributes: str | float) -> str:
    """Return an element with its attributes in the order of the call.

    Args:
        tag: "g", "path", ...
        content: SVG text inside the element; None for an empty element, `<path .../>`.
        **attributes: `stroke_width=2` is written as stroke-width="2"; a str unescaped, a number with up to six digits.
    """
    written = "".join([f' {name.replace("_", "-")}="{_attribute(value)}"' for name, value in attributes.items()])
    return f"<{tag}{written}/>" if content is None else f"<{tag}{written}>{content}</{tag}>"


def _attribute(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def text(x: float, y: float, words: str, size: float, anchor: str, fill: str, more: str = "", sign: str = "") -> str:
    """Return a text element.

    Args:
        x, y: px, the anchor point on the baseline.
        words: the text, not escaped yet.
        size: of the font, px.
        anchor: "start", "middle" or "end".
        fill: colour.
        more: other attributes as SVG text, e.g. BOLD.
        sign: SVG text before the words.
    """
    return f"{open_text(x, y, size, anchor, fill, more, sign)}{escape(words)}</text>"


def open_text(x: float, y: float, size: float, anchor: str, fill: str, more: str = "", sign: str = "") -> str:
    """Return a text element up to its words, without its end tag; the arguments are those of `text`."""
    return f'<text x="{PX[x]}" y="{PX[y]}{_text_tail(size, anchor, fill, more, sign)}'


@lru_cache(maxsize=_CACHED)
def _text_tail(size: float, anchor: str, fill: str, more: str, sign: str) -> str:
    """The start tag of a text after its position, and the sign."""
    return f'" font-size="{px(size)}" text-anchor="{anchor}" fill="{fill}"{more}>{sign}'


def rect(
    x: float, y: float, w: float, h: float, radius: float, fill: str, stroke: str, thick: float, more: str = ""
) -> str:
    """Return a rectangle with round corners.

    Args:
        x, y: px, the upper left corner.
        w, h: px.
        radius: px, of the corners.
        fill, stroke: colours.
        thick: px, the width of the outline; 0 for none.
        more: other attributes as SVG text.
    """
    return f'<rect x="{PX[x]}" y="{PX[y]}{_rect_tail(w, h, radius, fill, stroke, thick, more)}'


@lru_cache(maxsize=_CACHED)
def _rect_tail(w: float, h: float, radius: float, fill: str, stroke: str, thick: float, more: str) -> str:
    """The tag of a rectangle after its position."""
    edge = f' stroke="{stroke}" stroke-width="{px(thick)}"' if thick else ""
    size = f'width="{px(w)}" height="{px(h)}" rx="{px(radius)}"'
    return f'" {size} fill="{fill}"{edge}{more}/>'


def label(
    x: float,
    y: float,
    words: str,
    anchor: str = "start",
    fill: str = theme.TEXT,
    size: float = theme.TEXT_SIZE,
    weight: int = 400,
) -> str:
    """Return a text element for a plot; the arguments are those of `text`, and `weight`, the font weight."""
    font = {"font_size": size, "font_weight": weight}
    return element("text", escape(words), x=x, y=y, text_anchor=anchor, fill=fill, **font)


def path(d: str | None, **attributes: str | float) -> str:
    """Return a path element; "" if there is no path data."""
    return element("path", d=d, **attributes) if d else ""


def line(d: str | None, stroke: str, width: float | str | None = None, **attributes: str | float) -> str:
    """Return a path element without fill; "" if there is no path data.

    Args:
        d: path data.
        stroke: colour.
        width: of the stroke, px; None for SVG's default.
        **attributes: as for `element`.
    """
    more = attributes if width is None else {"stroke_width": width, **attributes}
    return path(d, fill="none", stroke=stroke, **more)


def circle(x: float | str, y: float | str, r: float, **attributes: str | float) -> str:
    """Return a circle around (x, y) with radius r, px; the attributes are as for `element`."""
    return element("circle", cx=x, cy=y, r=r, **attributes)


def group(x: float, y: float, content: str) -> str:
    """Return a group of elements, given as SVG text, moved by (x, y) px."""
    return f'<g transform="translate({_attribute(x)} {_attribute(y)})">{content}</g>'


def card(width: float, height: float) -> str:
    """Return the background of a picture with its outline; width and height are those of the picture, px."""
    ground = {"rx": theme.CARD_RADIUS, "fill": theme.CARD, "stroke": theme.HAIRLINE}
    return element("rect", x=0.5, y=0.5, width=width - 1, height=height - 1, **ground)


def document(width: float, height: float, title: str, content: str) -> str:
    """Return a whole SVG picture on a card, with the theme's font, text size and text colour as defaults.

    Args:
        width, height: px.
        title: what a screen reader says, not escaped yet.
        content: SVG text.
    """
    font = {"font_family": theme.FONT, "font_size": theme.TEXT_SIZE, "fill": theme.TEXT}
    size = {"width": width, "height": height, "viewBox": f"0 0 {_attribute(width)} {_attribute(height)}"}
    content = f"<title>{escape(title)}</title>{card(width, height)}{content}"
    return element("svg", content, xmlns="http://www.w3.org/2000/svg", **size, role="img", **font)
