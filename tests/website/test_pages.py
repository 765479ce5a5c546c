"""The pages of the site, read without a browser."""

import gzip
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from docs.builder import address, katex
from docs.builder.chinese_search import words
from notebooks import build
from seeing_gradients.course.exercises import all_exercises

from .reading import pages, read

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted(path.stem for path in (ROOT / "notebooks/en").glob("*.ipynb"))
LARGEST = 500_000  # bytes of a lesson's page, compressed as a server sends it
pytestmark = pytest.mark.slow("builds the site, once for all tests, unless it is there")


@pytest.fixture(scope="module")
def every(site):
    return pages(site)


def external(target):
    return urlsplit(target).scheme in ("http", "https") or target.startswith("//")


def broken_links(site, page):
    """The links of a page that lead to no file or no place of the site."""
    for link in page.links:
        parts = urlsplit(link)
        if external(link) or parts.scheme in ("mailto", "data", "javascript"):
            continue
        target = Path(os.path.normpath(page.path.parent / unquote(parts.path))) if parts.path else page.path
        target = target / "index.html" if target.is_dir() else target
        exists = site in target.parents and target.is_file()
        fragment = unquote(parts.fragment) if target.suffix == ".html" else ""
        if not exists or (fragment and fragment not in read(target).ids):
            yield link


def test_no_link_is_broken(site, every):
    broken = {name: found for name, page in every.items() if (found := list(broken_links(site, page)))}
    assert not broken


def test_every_file_that_a_page_loads_is_there(site, every):
    for name, page in every.items():
        for target in page.loaded:
            assert external(target) or (page.path.parent / unquote(urlsplit(target).path)).is_file(), (name, target)


def test_a_page_loads_nothing_from_elsewhere(site, every):
    assert {name: page.loaded for name, page in every.items() if any(map(external, page.loaded))} == {}
    styles = [
        path
        for path in site.rglob("*.css")
        if re.search(r"(?:url\(|@import )['\"]?(?:https?:)?//", path.read_text("utf-8"))
    ]
    assert styles == []


def test_every_picture_has_alternative_text(every):
    assert {name: page.unnamed for name, page in every.items() if page.unnamed} == {}


def test_every_page_exists_in_both_languages_and_leads_to_the_other(every):
    english, chinese = ({name[3:] for name in every if name.startswith(language)} for language in ("en/", "zh/"))
    assert english == chinese and len(english) > len(LESSONS)
    for name, page in every.items():
        other = "zh" if name.startswith("en") else "en"
        (link,) = page.alternates
        assert os.path.normpath(Path(name).parent / link) == f"{other}/{name[3:]}"


def test_every_page_says_its_language(every):
    assert {(name[:2], page.language) for name, page in every.items()} == {("en", "en"), ("zh", "zh-CN")}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_is_small_enough(site, lesson, language):
    assert len(gzip.compress((site / f"{language}/lessons/{lesson}.html").read_bytes())) <= LARGEST


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_its_formulas_exercises_and_solutions(site, every, lesson, language):
    page = every[f"{language}/lessons/{lesson}.html"]
    cells = nbformat.read(ROOT / f"notebooks/{language}/{lesson}.ipynb", as_version=4).cells
    prose = "\n".join(
        re.sub(r"```.*?```|`[^`\n]*`", "", c.source, flags=re.DOTALL) for c in cells if c.cell_type == "markdown"
    )
    formulas = re.findall(r"\$\$.+?\$\$|\$[^$\n]+?\$", prose, re.DOTALL)
    assert page.classes.get("katex", 0) >= len(formulas)  # one in a heading stands in the contents, too
    exercises = [exercise for exercise in all_exercises() if exercise.id.startswith(lesson[:2])]
    assert page.classes.get("site-hint", 0) == 3 * len(exercises)
    title = f"<b>{build.WORDS[language][0]}</b>"
    folded = sum(title in cell.source for cell in cells)
    assert page.path.read_text(encoding="utf-8").count(title) == folded >= len(exercises)


def test_the_front_page_shows_an_explorer_and_a_film_above_everything_else(every):
    for language in ("en", "zh"):
        text = every[f"{language}/index.html"].path.read_text(encoding="utf-8")
        explorer, film = text.index('id="front-explorer"'), text.index('id="front-film"')
        assert explorer < film < text.index("lessons/00_start.html", explorer)


def test_the_entrance_leads_to_both_languages(site):
    assert [link for link in read(site / "index.html").links] == ["en/index.html", "zh/index.html"]


def test_every_public_name_has_its_description(every):
    import helpers
    import seeing_gradients

    for package in (helpers, seeing_gradients):
        ids = every[f"en/api/{package.__name__}.html"].ids
        described = {name for name in package.__all__ if f"{package.__name__}.{name}" in ids}
        modules = {name for name in package.__all__ if f"module-{getattr(package, name).__name__}" in ids}
        assert described | modules == set(package.__all__)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("计算图", ["计", "算", "图", "计算", "算图"]),
        ("梯度 backward", ["梯", "度", "梯度", "backward"]),
        ("L2范数", ["L2", "范", "数", "范数"]),
    ],
)
def test_a_chinese_text_is_split_into_characters_and_pairs(text, expected):
    assert words(text) == expected


def test_a_formula_is_set_with_mathml_for_screen_readers():
    html = katex.render(r"\frac{1}{2}", False)
    assert "<mfrac><mn>1</mn><mn>2</mn></mfrac>" in html and 'aria-hidden="true"' in html


def test_a_formula_that_cannot_be_read_stops_the_build():
    with pytest.raises(katex.ExtensionError, match="KaTeX"):
        katex.render(r"\frac{1", False)


def test_the_address_of_the_site_is_that_of_the_setting(every):
    page = every["en/lessons/00_start.html"]
    binder = [link for link in page.links if link.startswith("https://mybinder.org/v2/")]
    assert len(set(binder)) == (1 if address.repository() else 0)
