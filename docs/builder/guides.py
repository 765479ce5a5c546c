"""Texts of the repository as pages of the site: each is written once, where GitHub shows it, and its links are made to fit.

`page(path, language)` gives the Markdown of a page. A line `<!-- include README.md: Start -->` stands for that section of a
text of the repository.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from . import address
from .words import LANGUAGES, word

ROOT = address.ROOT
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
_FENCE = re.compile(r"(^```.*?^```[^\S\n]*$)", re.DOTALL | re.MULTILINE)
_INCLUDE = re.compile(r"^<!-- include (\S+): (.+?) -->$", re.MULTILINE)
_OTHER_LANGUAGE = re.compile(r"\n\[(?:中文|English|中文说明)\]\([^)]*\)\n")


@dataclass(frozen=True)
class Page:
    """A page that is made of a text of the repository.

    Attributes:
        name: str, of the page in the site, without its suffix: "guides/instructors".
        source: dict from language to the path of the text in the repository. An English text stands for both languages
            where there is only one; the Chinese page says so.
    """

    name: str
    source: dict[str, str]


def _translated(name: str, stem: str) -> Page:
    return Page(name, {"en": f"{stem}.md", "zh": f"{stem}.zh-CN.md"})


def _english(name: str, path: str) -> Page:
    return Page(name, dict.fromkeys(LANGUAGES, path))


PAGES = (
    _translated("guides/learners", "docs/learners"),
    _translated("guides/front-ends", "docs/front-ends"),
    _translated("guides/instructors", "docs/instructors"),
    _translated("guides/jupyterhub", "docs/jupyterhub"),
    _english("guides/contributors", "CONTRIBUTING.md"),
    _english("guides/architecture", "docs/architecture.md"),
    _english("guides/changelog", "CHANGELOG.md"),
    _english("guides/speed", "tests/bench/REPORT.md"),
)
# What a link to a text of the repository leads to, beside PAGES.
_INDEX = {"README.md": "index", "README.zh-CN.md": "index"}


def markdown(page: Page, language: str) -> str:
    """Return the Markdown of a page, with its links as they must be in the site."""
    path = page.source[language]
    text = _INCLUDE.sub(lambda match: section(match[1], match[2]), (ROOT / path).read_text(encoding="utf-8"))
    text = _OTHER_LANGUAGE.sub("\n", text, count=1)
    if language == "zh" and not path.endswith(".zh-CN.md"):
        note = f":::{{note}}\n{word('untranslated', language)}\n:::"
        text = re.sub(r"\A(# .*\n)", lambda match: f"{match[1]}\n{note}\n", text)
    return with_links(text, path, page.name, language)


def own_page(path: Path, name: str, language: str) -> str:
    """Return a page that is written for the site alone, in docs/pages, with the sections that it includes."""
    return _INCLUDE.sub(
        lambda match: with_links(section(match[1], match[2]), match[1], name, language),
        path.read_text(encoding="utf-8"),
    )


def section(path: str, heading: str) -> str:
    """Return a section of a text of the repository, its heading included, with links relative to the root.

    Raises:
        ValueError: the text has no such heading.
    """
    text = (ROOT / path).read_text(encoding="utf-8")
    match = re.search(rf"^(#+) {re.escape(heading)}\n.*?(?=^#{{1,2}} |\Z)", text, re.DOTALL | re.MULTILINE)
    if match is None:
        raise ValueError(f"{path} has no heading {heading!r}")
    return re.sub(r"\]\((?!https?:|#)", "](/", match[0]).strip()


def with_links(text: str, path: str, name: str, language: str) -> str:
    """Return a text whose links lead to pages of the site, to the repository's address, or are left out.

    Args:
        text: str, Markdown; code blocks stay as they are.
        path: str, where it stands in the repository.
        name: str, the page's name in the site.
        language: "en" or "zh".
    """
    folder = PurePosixPath(path).parent

    def moved(match: re.Match[str]) -> str:
        image, label, target = match.groups()
        if re.match(r"https?:|#|mailto:", target):
            return match[0]
        file, _, fragment = target.partition("#")
        plain = os.path.normpath(file[1:] if file.startswith("/") else folder / file).replace(os.sep, "/")
        link = _link(plain, name, language)
        if image:
            return f"![{label}]({_relative('/pictures/' + PurePosixPath(plain).name, name)})"
        if not link:
            return label
        if link.endswith(".html") and not link.startswith(
            "http"
        ):  # of the other language, which Sphinx knows nothing of
            return f'<a href="{link}">{label}</a>'
        return f"[{label}]({link}{'#' + fragment if fragment and not link.startswith('http') else ''})"

    parts = _FENCE.split(text)
    return "".join(part if part.startswith("```") else _LINK.sub(moved, part) for part in parts)


def _link(path: str, name: str, language: str) -> str:
    """Where a link from the page `name` to a file of the repository leads; "" for nowhere."""
    for page in PAGES:
        if path in page.source.values():
            return _relative(f"/{page.name}.md", name)
    if path in _INDEX:
        return _relative("/index.md", name)
    lesson = re.fullmatch(r"notebooks/(en|zh)/(\w+)\.ipynb", path)
    if lesson and lesson[1] == language:
        return _relative(f"/lessons/{lesson[2]}.ipynb", name)
    if lesson:
        return f"{'../' * (name.count('/') + 1)}{lesson[1]}/lessons/{lesson[2]}.html"
    return address.source_link(path, address.repository())


def _relative(target: str, name: str) -> str:
    """A path from the root of the site's source, relative to the page `name`."""
    return os.path.relpath(target, f"/{PurePosixPath(name).parent}").replace(os.sep, "/")


def pictures() -> list[Path]:
    """Return the pictures that the texts show."""
    return sorted((ROOT / "docs").glob("*.png"))
