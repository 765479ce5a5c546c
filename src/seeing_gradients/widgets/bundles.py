"""Load the JavaScript and CSS of the widgets, which `make js` bundles into static/."""

import os
from pathlib import Path

from seeing_gradients.picture import theme

_STATIC = Path(__file__).parent / "static"


def load_script(name: str) -> str | Path:
    """Return the JavaScript of a widget, for anywidget's `_esm`.

    Args:
        name: of the widget: "explore", "descend", "secant", "predict", "watch" or "verdict"; "recorded" for a page of recordings.

    Returns:
        str, the code, since anywidget never frees a widget whose `_esm` is a file that it watches. With ANYWIDGET_HMR=1
        in the environment, for work on the page's code: the Path of the file, so that an open notebook reloads a new
        bundle.
    """
    path = _STATIC / f"{name}.js"
    return path if os.environ.get("ANYWIDGET_HMR") == "1" else path.read_text(encoding="utf-8")


def load_style(name: str) -> str:
    """Return the CSS of a widget, after the declarations of the theme's variables, for anywidget's `_css`.

    Args:
        name: as for `load_script`.
    """
    return theme.css_variables() + (_STATIC / f"{name}.css").read_text(encoding="utf-8")
