"""The links at the foot of every page: its source, and where it can be run. A Sphinx extension.

They are made from the repository's address, so there are none while that is unset.
"""

from typing import Any

from . import address, guides
from .words import LANGUAGES, word

_FIRST = "00_start"  # the lesson that Binder and Colab open from a page that is no lesson
_PACKAGES = {"api/seeing_gradients": "src/seeing_gradients/__init__.py", "api/helpers": "helpers/__init__.py"}


def links(name: str, language: str, repository: str) -> list[tuple[str, str]]:
    """Return (text, address) of each link of a page.

    Args:
        name: of the page in the site, e.g. "lessons/02_computation_graph".
        language: "en" or "zh".
        repository: its address, "" while it is unset.
    """
    if not repository:
        return []
    lesson = name.removeprefix("lessons/") if name.startswith("lessons/") else _FIRST
    notebook = f"notebooks/{language}/{lesson}.ipynb"
    source = source_of(name, language)
    return [
        *([(word("source", language), address.source_link(source, repository))] if source else []),
        (word("open_in_binder", language), address.binder_link(notebook, repository)),
        (word("open_in_colab", language), address.colab_link(notebook, repository)),
    ]


def source_of(name: str, language: str) -> str:
    """Return the path of the file that a page is made of; "" for a page that Sphinx makes by itself, as the search."""
    if name.startswith("lessons/"):
        return f"notebooks/source/{name.removeprefix('lessons/')}.py"
    for page in guides.PAGES:
        if page.name == name:
            return page.source[language]
    own = f"docs/pages/{language}/{name}.md"
    return _PACKAGES.get(name) or (own if (address.ROOT / own).is_file() else "")


def setup(app: Any) -> dict[str, bool]:
    """Give the template of each page its links."""
    language = next(each for each in LANGUAGES if app.tags.has(each))

    def add(app: Any, name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
        context["page_links"] = links(name, language, address.repository())

    app.connect("html-page-context", add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
