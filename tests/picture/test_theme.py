"""theme: every colour of the library stands in it, and nowhere else."""

import inspect
import re
from pathlib import Path

import pytest
from matplotlib.colors import to_hex

import seeing_gradients
from helpers import d2l
from seeing_gradients.picture import theme
from seeing_gradients.widgets.bundles import load_script, load_style

LIBRARY = Path(seeing_gradients.__file__).parent
COLOUR = re.compile(
    r"(?<![&\w])#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b|\b(?:rgb|hsl|oklch|lab)a?\(", re.IGNORECASE
)
VARIABLE = re.compile(r"--sg-[a-z-]+")
WIDGETS = ["descend", "explore", "predict", "secant", "watch"]


EXTENSION = LIBRARY / "jupyter-config" / "labextensions" / "seeing-gradients" / "static" / "pictures.js"


def sources():
    """The Python, JavaScript, CSS and HTML files of the library, but for the theme and its copy in JupyterLab."""
    kinds = ("*.py", "*.js", "*.css", "*.html")
    return [path for kind in kinds for path in LIBRARY.rglob(kind) if path.name != "theme.py" and path != EXTENSION]


def test_the_extension_of_jupyterlab_has_the_colours_of_the_theme():
    names = {*theme._COLOURS_IN_PICTURES, "CLASS_A", "CLASS_B", "CLASS_C", "CLASS_D"}
    pairs = {(str(colour), colour.dark) for colour in (getattr(theme, name) for name in names)}
    ours, _, plots = EXTENSION.read_text("utf-8").partition("const PLOT_COLOURS")
    assert set(re.findall(r'\["(#\w+)", "(#\w+)"\]', ours)) == pairs
    curves = {to_hex("C0" if fmt == "-" else fmt[0]) for fmt in inspect.signature(d2l.plot).parameters["fmts"].default}
    assert curves <= set(re.findall(r'\["(#\w+)", "#\w+"\]', plots))
    assert theme.FONT.startswith("system-ui, -apple-system, 'Segoe UI', 'Noto Sans'")  # by which it knows our pictures


def colours():
    return {name: value for name, value in vars(theme).items() if isinstance(value, theme.Colour)}


def test_no_source_but_the_theme_holds_a_colour():
    found = {str(path): COLOUR.findall(path.read_text(encoding="utf-8")) for path in sources()}
    assert {path: here for path, here in found.items() if here} == {}


@pytest.mark.parametrize("text", ["fill:#fff", "#1C2128", "rgb(0, 0, 0)", "rgba(1,2,3,.4)", '"#1c212880"'])
def test_the_search_knows_a_colour(text):
    assert COLOUR.search(text)


@pytest.mark.parametrize("text", ["&#39;", "x#35;", "layers.0#2", "color-mix(in srgb, a, b)", "&#8217;"])
def test_the_search_knows_what_is_no_colour(text):
    assert not COLOUR.search(text)


@pytest.mark.parametrize("name", WIDGETS)
def test_a_style_sheet_uses_only_variables_that_somebody_sets(name):
    style, script = load_style(name), load_script(name)
    declared = set(re.findall(r"(--sg-[a-z-]+):", style)) | set(VARIABLE.findall(script))
    assert set(re.findall(r"var\((--sg-[a-z-]+)", style)) <= declared


@pytest.mark.parametrize("name", ["VALUE", "GRADIENT", "TEXT", "CARD", "BAD", "GOOD"])
def test_the_widgets_show_the_colours_of_the_theme_on_light_and_dark_pages(name):
    colour = colours()[name]
    assert f"light-dark({colour}, {colour.dark})" in theme.css_variables()
    assert load_style("explore").startswith(theme.css_variables())


@pytest.mark.parametrize("name", ["TEXT_SIZE", "TICK_SIZE", "LABEL_SIZE", "CARD_RADIUS", "PANEL_RADIUS"])
def test_the_widgets_use_the_sizes_of_the_theme(name):
    variable = f"--sg-{name.lower().replace('_', '-')}"
    assert f"{variable}: {getattr(theme, name)}px;" in theme.css_variables()
    assert f"var({variable})" in load_style("explore")


def test_a_colour_is_its_light_value():
    assert f"{theme.GRADIENT}" == "#b93c05" and theme.GRADIENT.dark == "#ff9e6b"
    assert theme.NOT_YET_BAR.dark == theme.NOT_YET_BAR


@pytest.mark.parametrize("ground", ["CARD", "SUBTLE", "LEAF"])
@pytest.mark.parametrize("ink", ["TEXT", "MUTED", "VALUE", "GRADIENT"])
@pytest.mark.parametrize("side", ["light", "dark"])
def test_text_can_be_read_on_every_ground(ground, ink, side):
    pair = [str(colours()[name]) if side == "light" else colours()[name].dark for name in (ground, ink)]
    darker, lighter = sorted(map(luminance, pair))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


def luminance(colour):
    """Relative luminance, 0 to 1, as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
