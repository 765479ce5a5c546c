"""A Sphinx extension for docstrings in this course's style: plain sentences, names between single backticks.

What reStructuredText would take for markup, such as the star of `*args`, stays what it is.
"""

import re
from typing import Any

from sphinx.application import Sphinx

BEFORE_NAPOLEON = 400


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the reader of docstrings."""
    app.connect("autodoc-process-docstring", _read, priority=BEFORE_NAPOLEON)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _read(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    lines[:] = escaped("\n".join(lines)).split("\n")


def escaped(text: str) -> str:
    """Return a docstring in which stars and bars outside backticks are characters, and backticks mean code."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(f"`{part}`" if part.startswith("`") else re.sub(r"[*|]", r"\\\g<0>", part) for part in parts)
