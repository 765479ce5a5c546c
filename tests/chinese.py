"""The Chinese of the project as the tests read it: lessons, exercises, messages, READMEs and guides, and the glossary.

A unit is what a reader meets as one text: all prose of a lesson, one message, one text of an exercise, one guide.
"""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import jupytext

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "notebooks" / "source"
EXERCISES = ROOT / "src/seeing_gradients/course/exercises"
HAN = re.compile(r"[\u4e00-\u9fff]")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)
FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+?\$", re.DOTALL)


class Row(NamedTuple):
    """A row of the glossary: the English, its Chinese terms, and the words that are not written for the same thing."""

    english: tuple[str, ...]
    terms: tuple[str, ...]
    rivals: tuple[str, ...]


@cache
def _tables() -> tuple[list[list[str]], list[list[str]]]:
    """The rows of the glossary's terms and those of its quoted errors, as cells."""
    terms, _, errors = (SOURCES / "GLOSSARY.md").read_text(encoding="utf-8").partition("\n## Quoted errors\n")
    return tuple(  # type: ignore[return-value]
        [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in text.splitlines()
            if line.startswith("|") and not line.startswith(("| ---", "| English"))
        ]
        for text in (terms, errors)
    )


def glossary() -> list[Row]:
    return [
        Row(tuple(english.split(", ")), tuple(terms.split("、")), tuple(filter(None, rivals.split("、"))))
        for english, terms, rivals, *_ in _tables()[0]
    ]


def quoted_errors() -> dict[str, str]:
    """The fixed Chinese of each English error text, the longest first."""
    return dict(sorted(_tables()[1], key=lambda row: -len(row[0])))


@cache
def lesson_cells() -> dict[str, list[str]]:
    """The Chinese prose cells of each lesson, by its number, in the order of the course."""
    return {
        path.name[:2]: [
            cell.source
            for cell in jupytext.read(path).cells
            if cell.cell_type == "markdown" and cell.metadata.get("lang") == "zh"
        ]
        for path in sorted(SOURCES.glob("[0-9][0-9]_*.py"))
    }


def _twins(path: Path) -> list[tuple[str, str]]:
    texts = tomllib.loads(path.read_text(encoding="utf-8"))
    return [(f"{path.stem}.{name}", twins["zh"]) for name, twins in texts.items()]


def _text(node: ast.expr) -> str | None:
    """What a string or f-string says, with ... for each value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "..." for part in node.values)
    return None


@cache
def message_units() -> dict[str, str]:
    """Every message, by its key."""
    files = [*sorted((ROOT / "src/seeing_gradients/messages").glob("*.toml")), ROOT / "docs" / "words.toml"]
    return {name: text for path in files for name, text in _twins(path)}


@cache
def exercise_units() -> dict[str, str]:
    """Every Chinese text of the exercises and predictions, by file and line."""
    return {
        f"{path.parent.name}/{path.name}:{keyword.value.lineno}": text
        for path in sorted(EXERCISES.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "zh" and (text := _text(keyword.value))
    }


@cache
def guide_units() -> dict[str, str]:
    """The README and the guides, by name."""
    paths = [*ROOT.glob("*.zh-CN.md"), *(ROOT / "docs").glob("*.zh-CN.md"), *(ROOT / "docs/pages/zh").rglob("*.md")]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(paths)}


def lesson_units() -> dict[str, str]:
    return {f"lesson {number}": "\n\n".join(cells) for number, cells in lesson_cells().items()}


def all_units() -> dict[str, str]:
    return lesson_units() | exercise_units() | message_units() | guide_units()


def without_code(text: str) -> str:
    """The prose of Markdown: code and formulas are replaced by a letter each."""
    return FORMULA.sub("x", CODE.sub("x", text))
