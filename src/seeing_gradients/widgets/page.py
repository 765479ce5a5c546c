"""The files of our widgets that go to the page: one JavaScript and one CSS file a widget, or a folder of them."""

from pathlib import Path

from seeing_gradients.picture import theme

_STATIC = Path(__file__).parent / "static"


def script(name):
    """The JavaScript module of a widget, as text: name is "explore", "descend", "predict" or "secant"."""
    return _joined(name, "js")


def style(name):
    """The text of a widget's CSS, after the theme's colours and the rules that all share."""
    return "\n".join([theme.css_variables(), (_STATIC / "card.css").read_text(encoding="utf-8"), _joined(name, "css")])


def _joined(name, suffix):
    """A folder's files become one, since a page of a notebook can load no second: main first, the others by name."""
    folder = _STATIC / name
    files = [_STATIC / f"{name}.{suffix}"]
    if folder.is_dir():
        files = sorted(folder.glob(f"*.{suffix}"), key=lambda path: (path.stem != "main", path.stem))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)
