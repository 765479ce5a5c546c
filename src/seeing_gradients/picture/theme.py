"""Every colour, and every size that pictures, widgets and pages share.

A colour is its light value, a str, with the dark one beside it: `theme.GRADIENT`, `theme.GRADIENT.dark`. Static pictures
are light. The widgets' style sheets name the same colours and sizes as variables, GRADIENT as `--sg-gradient` and LABEL_SIZE
as `--sg-label-size`: `css_variables()` declares them. A size that one picture or one style sheet alone needs stands there:
the space between things, the signs of operations in scene.py, the names at the axes of a live plot.
"""

from collections.abc import Mapping
from typing import Self


class Colour(str):
    """A colour as CSS writes it, "#rrggbb".

    Attributes:
        dark: str, what stands for it on a dark page.
    """

    dark: str

    def __new__(cls, light: str, dark: str = "") -> Self:
        colour = super().__new__(cls, light)
        colour.dark = dark or light
        return colour


# What a colour means. Values run forward and are blue, gradients run back and are orange; "→" and "←" say the same.
VALUE = Colour("#0b57d0", dark="#82b4ff")  # values, the forward pass, what can be moved
GRADIENT = Colour("#b93c05", dark="#ff9e6b")  # gradients, the backward pass
LEAF = Colour("#eaf1fe", dark="#1b2a42")  # ground of a leaf that wants a gradient
TEXT = Colour("#1c2128", dark="#e6e9ee")
MUTED = Colour("#57606a", dark="#a3adb9")  # text and lines of less weight: captions, ticks, constants
OUTLINE = Colour("#8c96a3", dark="#77818d")  # outlines of nodes, edges, axes
HAIRLINE = Colour("#d5dae1", dark="#353c45")  # the card's edge, grid lines
CARD = Colour("#ffffff", dark="#16191d")  # the ground of everything
SUBTLE = Colour("#f3f5f8", dark="#252b33")  # a ground that sets something apart: badges, modules, code
GOOD = Colour("#1a7f37", dark="#56d364")
BAD = Colour("#b42318", dark="#ff8b82")  # failed, changed since it was saved
BAD_GROUND = Colour("#fdecea", dark="#3a1f1f")
WARNING_GROUND = Colour("#fff6e0", dark="#3a3018")
ON_VALUE = Colour("#ffffff", dark="#10151c")  # text on a ground of VALUE

# The bar beside a verdict, a hint, a question or a finding; one value on light and dark pages, for words carry the meaning.
NOT_YET_BAR = Colour("#8c96a3")
CORRECT_BAR = Colour("#1a9d4a")
WRONG_BAR = Colour("#d1442f")

# The teacher's pages: how answers ended, in the order of the bars; and the distribution of points.
ANSWER_STATES = {
    "correct": Colour("#2da44e"),
    "approximately equal": Colour("#8fd19e"),
    "wrong": Colour("#d1442f"),
    "not yet": Colour("#8c96a3"),
    "missing": Colour("#4d5661"),
    "review": Colour("#d9a514"),
}
HISTOGRAM = Colour("#4c8dd6")
CURRENT_COLOUR = Colour(
    "#010203"
)  # in a plot of Matplotlib: stands for the page's own text colour, which is put in later

FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', Helvetica, Arial, sans-serif"
GRAPHVIZ_FONT = "Helvetica,Arial,sans-serif"

# Sizes, all in px of a picture at its own size.
MARGIN = 14  # between the card's edge and what it shows
CARD_RADIUS = 10
LEAF_RADIUS, CONSTANT_RADIUS, MODULE_RADIUS = 9, 3, 9  # of nodes; operations are pills
PANEL_RADIUS, FIELD_RADIUS = 8, 6  # of what a widget sets apart; of its buttons, fields and menus
TEXT_SIZE, TICK_SIZE = 13, 11  # of text beside a plot; of the numbers at an axis, and of captions beside it
SMALL_SIZE, NUMBER_SIZE, TITLE_SIZE = 12, 14, 15  # of legends, help and code; of a widget's numbers; of its title
VALUE_SIZE, LABEL_SIZE, NAME_SIZE, CAPTION_SIZE = 12.5, 11.5, 12.5, 9.5  # at a node or an edge
NAME_ROOM, CAPTION_ROOM = 17, 14  # above a node for its variable's name, below it for its backward node
OPERATION_WIDTH, LEAF_WIDTH, MORE_WIDTH = 122, 96, 76  # of a node with one number; more where there are several
MODULE_WIDTH, WIDEST_MODULE = 190, 300
OPERATION_HEIGHT, LEAF_HEIGHT, SHORT_LEAF_HEIGHT, CONSTANT_HEIGHT, MODULE_HEIGHT = 46, 58, 42, 26, 62
LABEL_WIDTH, WIDE_LABEL_WIDTH, LABEL_HEIGHT = 66, 136, 17  # of what flows along an edge
FRAME_HEADER, FRAME_SIDE = 22, 9  # of the frame around an open module: above what it holds, and at its other sides
EDGE_WIDTH = 1.5

_COLOURS_IN_STYLE_SHEETS = (
    "VALUE", "GRADIENT", "LEAF", "TEXT", "MUTED", "OUTLINE", "HAIRLINE", "SUBTLE", "GOOD", "BAD", "BAD_GROUND",
    "WARNING_GROUND", "ON_VALUE",
)  # fmt: skip
_SIZES_IN_STYLE_SHEETS = (
    "TEXT_SIZE", "TICK_SIZE", "SMALL_SIZE", "NUMBER_SIZE", "TITLE_SIZE", "LABEL_SIZE", "CARD_RADIUS", "PANEL_RADIUS",
    "FIELD_RADIUS",
)  # fmt: skip
_DARK_PAGE = 'body[data-jp-theme-light="false"] .sg-widget,\n.vscode-dark .sg-widget'
_DARK_SYSTEM = "body:not([data-jp-theme-light], .vscode-light) .sg-widget"
_PAGE = {
    "text": Colour("#1c2127", dark="#e6edf3"), "soft": Colour("#57606a", dark="#9ba6b2"),
    "back": Colour("#fff", dark="#12161b"), "card": Colour("#f6f8fa", dark="#1b2129"),
    "line": Colour("#d0d7de", dark="#39424d"), "good": Colour("#1a7f37", dark="#56d37c"),
    "bad": Colour("#b3261e", dark="#ff8a7f"), "attention": Colour("#8a5a00", dark="#e3b341"),
}  # fmt: skip


def css_variables() -> str:
    """The CSS rules that declare the theme's colours, light and dark, and sizes as variables of every `.sg-widget`.

    JupyterLab's own ground stands for the card's where the page is light; VS Code and JupyterLab tell whether it is dark,
    elsewhere the system does.
    """
    pairs = ((_css_name(name), globals()[name]) for name in _COLOURS_IN_STYLE_SHEETS)
    colours = "".join(f"  {name}: light-dark({colour}, {colour.dark});\n" for name, colour in pairs)
    sizes = "".join(f"  {_css_name(name)}: {globals()[name]}px;\n" for name in _SIZES_IN_STYLE_SHEETS)
    sizes += f"  --sg-font: {FONT};\n"
    card = f"  --sg-card: var(--jp-layout-color0, light-dark({CARD}, {CARD.dark}));\n"
    dark = f"{{\n  color-scheme: dark;\n  --sg-card: {CARD.dark};\n}}\n"
    return (
        f".sg-widget {{\n  color-scheme: light;\n{card}{colours}{sizes}}}\n"
        f"{_DARK_PAGE} {dark}@media (prefers-color-scheme: dark) {{\n{_DARK_SYSTEM} {dark}}}\n"
    )


def _css_name(name: str) -> str:
    """BAD_GROUND as `--sg-bad-ground`."""
    return f"--sg-{name.lower().replace('_', '-')}"


def page_css_variables() -> str:
    """The CSS rules that declare the colours of the teacher's pages, light and dark as the system is."""
    light, dark = _declared(_PAGE), _declared({name: each.dark for name, each in _PAGE.items()})
    return f":root {{ color-scheme: light dark; {light} }}\n@media (prefers-color-scheme: dark) {{\n  :root {{ {dark} }}\n}}\n"


def _declared(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())
