"""One setting holds the repository's address; every link that is made from it is right, and none is left out."""

import re

import pytest

from docs.builder import address, guides, lessons, page_links

OWN = "https://github.com/somebody/gradients"
TEXTS = sorted(path for pattern in address.TEXTS for path in address.ROOT.glob(pattern))


def test_the_texts_of_the_repository_have_the_address_of_the_setting():
    assert address.main(["--check"]) == 0


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_placeholder_is_left_where_the_address_is_set(path):
    language = "zh" if ".zh-CN" in path.name else "en"
    before = path.read_text(encoding="utf-8")
    after = address.with_address(before, language, OWN)
    assert not re.search(r"OWNER|NAME/HEAD|ADDRESS-OF", after)
    assert address.with_address(after, language, "") == address.with_address(before, language, "")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_readme_leads_to_binder_and_colab(language):
    text = address.binder_text(language, OWN)
    notebook = f"notebooks/{language}/00_start.ipynb"
    assert f"https://mybinder.org/v2/gh/somebody/gradients/HEAD?urlpath=lab/tree/{notebook}" in text
    assert f"https://colab.research.google.com/github/somebody/gradients/blob/HEAD/{notebook}" in text
    assert f"https://somebody.github.io/gradients/{language}/" in text


@pytest.mark.parametrize("written", [OWN, f"{OWN}/", f"{OWN}.git"])
def test_an_address_may_be_written_as_git_or_a_browser_shows_it(written):
    assert address.checked(written) == OWN


@pytest.mark.parametrize("written", ["somebody/gradients", "https://example.org/a/b", "https://github.com/somebody"])
def test_another_address_is_refused_with_an_example(written):
    with pytest.raises(ValueError, match="https://github.com/owner/name"):
        address.checked(written)


def test_a_lesson_leads_to_binder_and_colab_where_the_address_is_set(tmp_path):
    path = address.ROOT / "notebooks/zh/02_computation_graph.ipynb"
    sources = {
        linked: "\n".join(cell.source for cell in lessons.page_notebook(path, "zh", {}, tmp_path, linked).cells)
        for linked in (OWN, "")
    }
    assert (
        sources[OWN].count("https://mybinder.org/v2/gh/somebody/gradients/HEAD") == 9
    )  # the lesson, and each exercise
    assert "mybinder.org/v2" not in sources[""] and "github.com" not in sources[""]


PAGES = ["index", "api/index", "api/helpers", "api/seeing_gradients", *(page.name for page in guides.PAGES)]


@pytest.mark.parametrize("name", [*PAGES, "lessons/02_computation_graph"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_leads_to_its_source_to_binder_and_to_colab(name, language):
    source, binder, colab = (link for _, link in page_links.links(name, language, OWN))
    assert source.startswith(f"{OWN}/blob/HEAD/")
    assert (address.ROOT / source.removeprefix(f"{OWN}/blob/HEAD/")).is_file()
    lesson = name.removeprefix("lessons/") if name.startswith("lessons/") else "00_start"
    assert binder.endswith(f"HEAD?urlpath=lab/tree/notebooks/{language}/{lesson}.ipynb")
    assert colab.endswith(f"blob/HEAD/notebooks/{language}/{lesson}.ipynb")
    assert page_links.links(name, language, "") == []


def test_a_page_that_sphinx_makes_by_itself_names_no_source():
    assert [text for text, _ in page_links.links("search", "en", OWN)] == ["Open in Binder", "Open in Colab"]


def test_a_text_that_is_no_page_is_linked_in_the_repository_or_not_at_all(monkeypatch):
    text = "[licence](../LICENSE), [map](architecture.md), [lesson](../notebooks/zh/00_start.ipynb)"
    made = guides.with_links(text, "docs/instructors.md", "guides/instructors", "zh")
    assert made == "licence, [map](architecture.md), [lesson](../lessons/00_start.ipynb)"
    monkeypatch.setattr(address, "repository", lambda: OWN)
    made = guides.with_links(text, "docs/instructors.md", "guides/instructors", "en")
    assert made.startswith(f"[licence]({OWN}/blob/HEAD/LICENSE)")
    assert '<a href="../../zh/lessons/00_start.html">lesson</a>' in made
