"""What the prose of a lesson says in numbers, a cell of that lesson shows: nothing is stated that was not run."""

import re
from pathlib import Path

import nbformat
import pytest

FOUND = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("??/*.ipynb"))
NUMBER = re.compile(r"\d+(?:\.\d+)?")
# headings, the line of minutes, code, links, exercise and lesson numbers, powers of ten
ELSEWHERE = re.compile(
    r"^#[^\n]*$|^\*[^*]+\*$|^\*?约\d+分钟[^\n]*$|```.*?```|`[^`]*`|\]\([^)]*\)|\d\d\.\d\b|[Ll]esson \d\d|第\d\d课|L2",
    re.MULTILINE | re.DOTALL,
)

STATEMENT = re.compile(r"### (Exercise|练习)")  # what an exercise gives, it gives


def numbers(text):
    return {float(number) for number in NUMBER.findall(text)}


def shown(cell):
    """The code of a cell and all that its outputs show, of a drawing its words and no coordinates."""
    texts = [output.get("text", "") for output in cell.outputs]
    data = [output.get("data", {}) for output in cell.outputs]
    texts += [re.sub(r"<[^>]*>", " ", content) for d in data for mime, content in d.items() if mime != "image/png"]
    return "\n".join([cell.source, *texts])


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_number_of_two_digits_or_more_in_the_prose_stands_in_a_cell(path):
    cells = nbformat.read(path, as_version=4).cells
    seen = set().union(*(numbers(shown(cell)) for cell in cells if cell.cell_type == "code"))
    prose = [c.source for c in cells if c.cell_type == "markdown" and "solution" not in c.metadata.get("tags", ())]
    prose = [text for text in prose if not STATEMENT.match(text)]
    stated = {n for text in prose for n in numbers(ELSEWHERE.sub("", text)) if n >= 10 or n % 1}
    assert stated, "this test looks at no number"
    assert sorted(stated - seen) == []
