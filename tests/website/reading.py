"""What a page of the site contains, read without a browser."""

from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
LOADED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("video", "src"), ("audio", "src")}


@dataclass
class Page:
    """The parts of a page that tests ask for.

    Attributes:
        path: of its file.
        language: what the page says of itself.
        ids: of all elements.
        links: the targets of all links.
        loaded: addresses of scripts, styles, pictures and frames.
        unnamed: pictures without alternative text, as their start tags.
        classes: how often each class stands in it.
        alternates: the targets of the links with hreflang.
    """

    path: Path
    language: str = ""
    ids: set = field(default_factory=set)
    links: list = field(default_factory=list)
    loaded: list = field(default_factory=list)
    unnamed: list = field(default_factory=list)
    classes: dict = field(default_factory=dict)
    alternates: list = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.page = page
        self.hidden = []  # whether each open element is hidden from a screen reader

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        page = self.page
        hidden = (self.hidden and self.hidden[-1]) or attributes.get("aria-hidden") == "true"
        if tag not in VOID:
            self.hidden.append(hidden)
        if "id" in attributes:
            page.ids.add(attributes["id"])
        for name in attributes.get("class", "").split():
            page.classes[name] = page.classes.get(name, 0) + 1
        if tag == "html":
            page.language = attributes.get("lang", "")
        if tag == "a" and "href" in attributes:
            page.links.append(attributes["href"])
            if "hreflang" in attributes:
                page.alternates.append(attributes["href"])
        if tag == "link" and attributes.get("rel") in ("stylesheet", "icon", "preload"):
            page.loaded.append(attributes["href"])
        page.loaded += [value for name, value in attributes.items() if (tag, name) in LOADED]
        if tag == "img" and not attributes.get("alt") and not hidden:
            page.unnamed.append(self.get_starttag_text())
        if tag == "title" and page.unnamed and page.unnamed[-1].startswith("<svg"):
            page.unnamed.pop()  # an SVG's first child names it
        if tag == "svg" and not hidden and attributes.get("role") == "img" and not attributes.get("aria-label"):
            page.unnamed.append(self.get_starttag_text())

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.hidden.pop()

    def handle_endtag(self, tag):
        if tag not in VOID and self.hidden:
            self.hidden.pop()


@cache
def read(path):
    """The Page of a file."""
    page = Page(path)
    _Reader(page).feed(path.read_text(encoding="utf-8"))
    return page


def pages(site):
    """The Pages of a site, without the entrance, by their paths below the site."""
    found = sorted(
        path for language in ("en", "zh") for path in (site / language).rglob("*.html") if "_static" not in path.parts
    )
    return {path.relative_to(site).as_posix(): read(path) for path in found}
