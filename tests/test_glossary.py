"""The glossary rules over the Chinese of all lessons, exercises and messages: one word for one thing."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [
    *sorted((ROOT / "notebooks" / "source").glob("[0-9][0-9]_*.py")),
    *sorted((ROOT / "src/seeing_gradients/course/exercises").rglob("*.py")),
    *sorted((ROOT / "src/seeing_gradients/messages").glob("*.toml")),
]
TEXT = {path: path.read_text(encoding="utf-8") for path in SOURCES}


def rows():
    """(English, list of Chinese terms, list of words that are not written) of every row."""
    for line in (ROOT / "notebooks" / "source" / "GLOSSARY.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if (
            line.startswith("|")
            and len(cells) > 2
            and re.search(r"[\u4e00-\u9fff]", cells[1])
            and cells[0] != "English"
        ):
            yield cells[0], cells[1].split("、"), [word for word in cells[2].split("、") if word]


@pytest.mark.parametrize(
    ("english", "terms", "others"), list(rows()), ids=lambda item: item if type(item) is str else ""
)
def test_a_term_is_used_and_none_of_its_rivals(english, terms, others):
    whole = "\n".join(TEXT.values())
    assert [term for term in terms if term not in whole] == []
    found = [(path.name, word) for path, text in TEXT.items() for word in others if word in text]
    assert found == [], f"{english} is {terms[0]}"
