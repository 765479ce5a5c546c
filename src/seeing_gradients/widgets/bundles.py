"""The page's code of our widgets, bundled by `make js` into static/ from the JavaScript and CSS beside each widget."""

import os
from pathlib import Path

from seeing_gradients.picture import theme

_STATIC = Path(__file__).parent / "static"


def load_script(name: str) -> str | Path:
    """Return the JavaScript of a widget, as `_esm` takes it.

    It is text, since anywidget never frees a widget whose code it watches in a file. With ANYWIDGET_HMR=1, for work on the
    page, it is the path, and an open notebook takes a new bundle at once.

    Args:
        name: of the widget: "explore", "descend", "secant" or "predict".
    """
    path = _STATIC / f"{name}.js"
    return path if os.environ.get("ANYWIDGET_HMR") == "1" else path.read_text(encoding="utf-8")


def load_style(name: str) -> str:
    """Return the CSS of a widget, after the theme's colours, as `_css` takes it.

    Args:
        name: as for `load_script`.
    """
    return theme.css_variables() + (_STATIC / f"{name}.css").read_text(encoding="utf-8")
