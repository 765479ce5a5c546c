"""The files of our widgets that go to the page."""

from pathlib import Path

_STATIC = Path(__file__).parent / "static"


def script(name):
    """The path of a widget's JavaScript: name is "explore", "descend" or "predict"."""
    return _STATIC / f"{name}.js"


def style(name):
    """The text of a widget's CSS, after that which all share."""
    return "\n".join((_STATIC / f"{file}.css").read_text(encoding="utf-8") for file in ("card", name))
