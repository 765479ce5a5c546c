"""The SVG elements of all static pictures, as text: `text`, `rect`, `path`, `circle`, `group`, `card`, `document`.

Only plain attributes, for GitHub strips style sheets, ids and scripts. A picture of 10,000 nodes is some 15 MB, written here:
what `text` and `rect` have in common, all but position and words, is put together once and cached.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape as _escape_markup

from . import theme
from .labels import clean

BOLD = ' font-weight="600"'
_CACHED = 1 << 12  # tags
_NUMBERS = 1 << 14  # numbers: those of some hundred rows, each of which is written in several places
_ALL_PLAIN = re.compile(r"[\w .,+()\[\]-]*", re.ASCII).fullmatch


class _Px(dict[float, str]):
    """Numbers in tenths, as short as possible, 12.0 -> 12; a picture has each in several places, and writing takes time."""

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
    """A text as XML holds it, on one line."""
    return text if _ALL_PLAIN(text) else _escaped(text)


def escape_all(texts: Sequence[str]) -> Sequence[str]:
    """Escape a list of texts; plain numbers are checked once, all of them together."""
    return texts if _ALL_PLAIN("".join(texts)) else [escape(text) for text in texts]


@lru_cache(maxsize=_CACHED)
def _escaped(text: str) -> str:
    return _escape_markup(clean(text))


def element(tag: str, content: str | None = None, /, **attributes: str | float) -> str:
    """An element with its attributes in the order given: `stroke_width=2` is written stroke-width="2".

    Args:
        tag: "g", "path", ...
        content: SVG text inside it; None for an element that is closed at once.
        attributes: a str is written as it is, a number with up to six digits.
    """
    written = "".join([f' {name.replace("_", "-")}="{_attribute(value)}"' for name, value in attributes.items()])
    return f"<{tag}{written}/>" if content is None else f"<{tag}{written}>{content}</{tag}>"


def _attribute(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def text(x: float, y: float, words: str, size: float, anchor: str, fill: str, more: str = "", sign: str = "") -> str:
    """A text at (x, y).

    Args:
        words: are escaped here.
        size: of the font, px.
        anchor: "start", "middle" or "end".
        fill: colour.
        more: other attributes, as BOLD.
        sign: SVG text before the words.
    """
    return f"{open_text(x, y, size, anchor, fill, more, sign)}{escape(words)}</text>"


def open_text(x: float, y: float, size: float, anchor: str, fill: str, more: str = "", sign: str = "") -> str:
    """A text up to its words."""
    return f'<text x="{PX[x]}" y="{PX[y]}{_text_tail(size, anchor, fill, more, sign)}'


@lru_cache(maxsize=_CACHED)
def _text_tail(size: float, anchor: str, fill: str, more: str, sign: str) -> str:
    """A text's tag from behind its position up to its words."""
    return f'" font-size="{px(size)}" text-anchor="{anchor}" fill="{fill}"{more}>{sign}'


def rect(
    x: float, y: float, w: float, h: float, radius: float, fill: str, stroke: str, thick: float, more: str = ""
) -> str:
    """A rectangle with round corners; without an outline where `thick` is 0."""
    return f'<rect x="{PX[x]}" y="{PX[y]}{_rect_tail(w, h, radius, fill, stroke, thick, more)}'


@lru_cache(maxsize=_CACHED)
def _rect_tail(w: float, h: float, radius: float, fill: str, stroke: str, thick: float, more: str) -> str:
    """A rectangle's tag from behind its position."""
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
    """A text beside a plot; as `text`, but every attribute has a default."""
    font = {"font_size": size, "font_weight": weight}
    return element("text", escape(words), x=x, y=y, text_anchor=anchor, fill=fill, **font)


def path(d: str | None, **attributes: str | float) -> str:
    """A path; nothing where there is no path data."""
    return element("path", d=d, **attributes) if d else ""


def line(d: str | None, stroke: str, width: float | str | None = None, **attributes: str | float) -> str:
    """A path that is not filled; nothing where there is no path data."""
    more = attributes if width is None else {"stroke_width": width, **attributes}
    return path(d, fill="none", stroke=stroke, **more)


def circle(x: float | str, y: float | str, r: float, **attributes: str | float) -> str:
    """A circle around (x, y)."""
    return element("circle", cx=x, cy=y, r=r, **attributes)


def group(x: float, y: float, content: str) -> str:
    """Elements, moved by (x, y)."""
    return f'<g transform="translate({_attribute(x)} {_attribute(y)})">{content}</g>'


def card(width: float, height: float) -> str:
    """The ground of a picture, with its edge."""
    ground = {"rx": theme.CARD_RADIUS, "fill": theme.CARD, "stroke": theme.HAIRLINE}
    return element("rect", x=0.5, y=0.5, width=width - 1, height=height - 1, **ground)


def document(width: float, height: float, title: str, content: str) -> str:
    """A whole SVG in which texts are of the theme's size and colour where they say nothing else."""
    font = {"font_family": theme.FONT, "font_size": theme.TEXT_SIZE, "fill": theme.TEXT}
    size = {"width": width, "height": height, "viewBox": f"0 0 {_attribute(width)} {_attribute(height)}"}
    content = f"<title>{escape(title)}</title>{card(width, height)}{content}"
    return element("svg", content, xmlns="http://www.w3.org/2000/svg", **size, role="img", **font)
