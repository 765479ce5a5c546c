"""Fills in the pages of this folder: one self-contained file each, that runs nothing and loads nothing.

`render("feedback.html", ...)` escapes whatever is filled in, and takes control characters out of it before that.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from seeing_gradients import language
from seeing_gradients.language import message
from seeing_gradients.picture import theme

from .. import cleaning

_FOLDER = Path(__file__).parent
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_HTML_LANGUAGE = {"zh": "zh-CN"}
SIGNS = {"correct": "✓", "approximately equal": "≈", "wrong": "✗", "not yet": "○", "missing": "–", "review": "?"}


def render(template, /, **fields):
    """Return a page in the language in use.

    Args:
        template: str, the name of a file of this folder.
        fields: what it shows; text is escaped, Markup is not.
    """
    common = {"lang": _HTML_LANGUAGE.get(language.current(), language.current()), "policy": _POLICY, "signs": SIGNS}
    return _environment().get_template(template).render(**common, **fields)


def state_word(state):
    """Return a Ruling's state in the language in use."""
    return message(f"classroom.state_{state.replace(' ', '_')}")


def number(value):
    """Return points as text: 2, 0.5, 1.25."""
    return f"{round(value, 2):g}"


@cache
def _environment():
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else cleaning.clean(str(value)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(say=lambda key, **fields: message(f"classroom.{key}", **fields))
    environment.globals.update(
        style=Markup(theme.page_css_variables() + (_FOLDER / "style.css").read_text(encoding="utf-8"))
    )
    environment.filters.update(state_word=state_word, number=number)
    return environment
