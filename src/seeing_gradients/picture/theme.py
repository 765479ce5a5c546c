"""Every colour, and every size that several pictures, widgets or pages share.

A colour is a str with its value on a light page; its attribute `dark` is the value on a dark one: `theme.GRADIENT`,
`theme.GRADIENT.dark`. Static pictures are light. Style sheets use the same colours and sizes as CSS variables, GRADIENT
as `--sg-gradient` and LABEL_SIZE as `--sg-label-size`; `css_variables()` declares them. A size that only one picture or
style sheet needs is defined there, e.g. the font sizes of operations' symbols in scene.py.
"""

from collections.abc import Mapping
from typing import Self


class Colour(str):
    """A colour in CSS notation, "#rrggbb".

    Attributes:
        dark: str, the colour in its place on a dark page; the same one if none is given.
    """

    dark: str

    def __new__(cls, light: str, dark: str = "") -> Self:
        colour = super().__new__(cls, light)
        colour.dark = dark or light
        return colour


# Values flow forward and are blue, gradients flow back and are orange. The arrows "→" and "←" mean the same.
VALUE = Colour("#0b57d0", dark="#82b4ff")  # values, the forward pass, things that the learner can move
GRADIENT = Colour("#b93c05", dark="#ff9e6b")  # gradients, the backward pass
LEAF = Colour("#eaf1fe", dark="#1b2a42")  # background of a leaf that requires grad
TEXT = Colour("#1c2128", dark="#e6e9ee")
MUTED = Colour("#57606a", dark="#a3adb9")  # less important text and lines: captions, ticks, constants
OUTLINE = Colour("#8c96a3", dark="#77818d")  # outlines of nodes, edges, axes
HAIRLINE = Colour("#d5dae1", dark="#353c45")  # the card's edge, grid lines
CARD = Colour("#ffffff", dark="#16191d")  # background of a picture or widget
SUBTLE = Colour("#f3f5f8", dark="#252b33")  # background that sets something apart: badges, modules, code
GOOD = Colour("#1a7f37", dark="#56d364")
BAD = Colour("#b42318", dark="#ff8b82")  # errors; a saved tensor that was changed
BAD_GROUND = Colour("#fdecea", dark="#3a1f1f")
WARNING_GROUND = Colour("#fff6e0", dark="#3a3018")
ON_VALUE = Colour("#ffffff", dark="#10151c")  # text on a background of VALUE
# The classes of examples; each has a mark of its own, too.
CLASS_A = Colour("#0f766e", dark="#4fd1c0")
CLASS_B = Colour("#7c3aed", dark="#c3a5fd")
CLASS_C = Colour("#a16207", dark="#e8c04a")
CLASS_D = Colour("#be185d", dark="#f790bb")

# The bar beside a verdict, a hint, a question or a finding. It has the same colour on light and dark pages, since the
# text beside it says the same.
NOT_YET_BAR = Colour("#8c96a3")
CORRECT_BAR = Colour("#1a9d4a")
WRONG_BAR = Colour("#d1442f")

# The teacher's pages: the states of graded answers, in the order of the bars; and the distribution of points.
ANSWER_STATES = {
    "correct": Colour("#2da44e"),
    "approximately equal": Colour("#8fd19e"),
    "wrong": Colour("#d1442f"),
    "not yet": Colour("#8c96a3"),
    "missing": Colour("#4d5661"),
    "review": Colour("#d9a514"),
}
HISTOGRAM = Colour("#4c8dd6")

FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK SC', Helvetica, Arial, sans-serif"
GRAPHVIZ_FONT = "Helvetica,Arial,sans-serif"

# Sizes, in px of a picture that is not scaled.
PICTURE_WIDTH = 890  # of a graph for which the page has named no width: that of a notebook's outputs, page 1100 px wide
COLUMN_HEIGHT = 640  # of the columns of a model, so that the whole model is in sight on a page of 1100 x 800
PICTURE_HEIGHT = 360  # of the graph of a function, so that sliders, graph and plot are in sight together
MARGIN = 14  # between the edge of the card and its content
CARD_RADIUS = 10
LEAF_RADIUS, CONSTANT_RADIUS, MODULE_RADIUS = 9, 3, 9  # corner radii of nodes; operations are pills
PANEL_RADIUS, FIELD_RADIUS = 8, 6  # corner radii of a widget's panels; of its buttons, fields and menus
TEXT_SIZE, TICK_SIZE = 13, 11  # font sizes: text beside a plot; the numbers at an axis, and captions beside it
SMALL_SIZE, NUMBER_SIZE, TITLE_SIZE = 12, 14, 15  # font sizes: legends, help and code; numbers and title of a widget
VALUE_SIZE, LABEL_SIZE, NAME_SIZE, CAPTION_SIZE = 12.5, 11.5, 12.5, 11  # font sizes at a node or an edge
PRODUCT_SIZE = 11  # font size: what a nudge predicts, below a node
NAME_ROOM, CAPTION_ROOM = 17, 14  # space above a node for its variable's name, below it for its backward node
OPERATION_WIDTH, LEAF_WIDTH, MORE_WIDTH = 122, 96, 76  # of a node with one number; extra width for several numbers
MODULE_WIDTH, WIDEST_MODULE = 190, 300
OPERATION_HEIGHT, LEAF_HEIGHT, SHORT_LEAF_HEIGHT, CONSTANT_HEIGHT, MODULE_HEIGHT = 46, 58, 42, 26, 62
LABEL_WIDTH, WIDE_LABEL_WIDTH, LABEL_HEIGHT = 66, 112, 17  # of the gradient on an edge
BUNDLE_LABEL_WIDTH = 124  # of the sum along several edges: × and Σ are wider than digits
FRAME_HEADER, FRAME_SIDE = 22, 9  # space between the frame of an open module and its content: above; on other sides
EDGE_WIDTH = 1.5  # of edges, of the outlines of nodes, of the path of a descent
CONTOUR_OPACITY = 0.45  # of contours, so that the path over them is seen first

_COLOURS_IN_STYLE_SHEETS = (
    "VALUE", "GRADIENT", "LEAF", "TEXT", "MUTED", "OUTLINE", "HAIRLINE", "SUBTLE", "GOOD", "BAD", "BAD_GROUND",
    "WARNING_GROUND", "ON_VALUE", "CLASS_A", "CLASS_B", "CLASS_C", "CLASS_D",
)  # fmt: skip
_COLOURS_IN_PICTURES = (
    "VALUE", "GRADIENT", "LEAF", "TEXT", "MUTED", "OUTLINE", "HAIRLINE", "CARD", "SUBTLE", "GOOD", "BAD", "BAD_GROUND",
    "WARNING_GROUND",
)  # fmt: skip
_SIZES_IN_STYLE_SHEETS = (
    "TEXT_SIZE", "TICK_SIZE", "SMALL_SIZE", "NUMBER_SIZE", "TITLE_SIZE", "LABEL_SIZE", "CARD_RADIUS", "PANEL_RADIUS",
    "FIELD_RADIUS", "EDGE_WIDTH",
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
    """Return CSS rules that declare the theme's colours, light and dark, and sizes as variables of every `.sg-widget`.

    On a light page the card has JupyterLab's background colour, if there is one. JupyterLab and VS Code say whether the
    page is dark; on other pages the system's setting counts.
    """
    pairs = ((_css_name(name), globals()[name]) for name in _COLOURS_IN_STYLE_SHEETS)
    colours = "".join(f"  {name}: light-dark({colour}, {colour.dark});\n" for name, colour in pairs)
    sizes = "".join(f"  {_css_name(name)}: {globals()[name]}px;\n" for name in _SIZES_IN_STYLE_SHEETS)
    sizes += f"  --sg-contour-opacity: {CONTOUR_OPACITY};\n  --sg-font: {FONT};\n"
    card = f"  --sg-card: var(--jp-layout-color0, light-dark({CARD}, {CARD.dark}));\n"
    dark = f"{{\n  color-scheme: dark;\n  --sg-card: {CARD.dark};\n}}\n"
    return (
        f".sg-widget {{\n  color-scheme: light;\n{card}{colours}{sizes}}}\n"
        f"{_DARK_PAGE} {dark}@media (prefers-color-scheme: dark) {{\n{_DARK_SYSTEM} {dark}}}\n"
    )


def dark_picture_css() -> str:
    """Return CSS rules that give the static pictures of a page their dark colours, if the system's setting is dark."""
    rules = "".join(
        f'  [{attribute}="{colour}"] {{ {attribute}: {colour.dark}; }}\n'
        for colour in (globals()[name] for name in _COLOURS_IN_PICTURES)
        for attribute in ("fill", "stroke")
    )
    return f"@media (prefers-color-scheme: dark) {{\n{rules}}}\n"


def _css_name(name: str) -> str:
    """The CSS variable of a constant: "BAD_GROUND" -> "--sg-bad-ground"."""
    return f"--sg-{name.lower().replace('_', '-')}"


def page_css_variables() -> str:
    """Return CSS rules that declare the colours of the teacher's pages, light or dark as the system's setting says."""
    light, dark = _declarations(_PAGE), _declarations({name: each.dark for name, each in _PAGE.items()})
    return (
        f":root {{ color-scheme: light dark; {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{\n  :root {{ {dark} }}\n}}\n"
    )


def _declarations(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())
