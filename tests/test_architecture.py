"""docs/architecture.md and CONTRIBUTING.md name files, functions, classes and constants that exist."""

import ast
import functools
import re
from pathlib import Path

import pytest

import seeing_gradients

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = Path(seeing_gradients.__file__).parent
TEXT = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|js|css|toml)")
TABLE = TEXT.split("## Where to change what")[1].split("\n## ")[0]
CHANGES = re.findall(r"^\| (?!to change|---)(.+) \| (.+) \|$", TABLE, re.MULTILINE)
PARAGRAPHS = re.split(r"\n\n|\n(?=\d+\. |\| )", TEXT)
# Names of PyTorch, of pages and of Jupyter; what a learner types; classes and traits that a step names without their file.
OTHERS = {
    "TorchFunctionMode",
    "backward()",
    "sliders",
    "scene",
    "state",
    "explore",
    "watch",
    "descend",
    "secant",
    "predict",
    "grade",
}
OTHERS |= {"shown", "Explorer", "Record", "Exercise", "Problem", "Misconception", "d2l.plot", "make js"}


def quoted(paragraph):
    """What a paragraph has in backquotes."""
    return re.findall(r"`([^`\n]+)`", paragraph)


def located(path):
    """Where a path of the text lies: below the library or in the repository."""
    return next((base / path for base in (LIBRARY, ROOT) if (base / path).exists()), None)


@functools.cache
def defined(path):
    """The functions, classes and constants of a file, methods as Class.method."""
    if path.suffix != ".py":
        return set(re.findall(r"(?:function|const|class) (\w+)", path.read_text(encoding="utf-8")))
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.Assign | ast.AnnAssign):
            names |= {
                name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
            }
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return names


def named():
    """(file or None, name) of each function and class that the text names; the file is the last path before it."""
    for paragraph in PARAGRAPHS:
        file = None
        for token in quoted(paragraph):
            if PATH.fullmatch(token):
                file = token
            elif re.fullmatch(r"[A-Za-z_][\w.]*", token) and token not in OTHERS:
                yield file, token


def to_edit(cell):
    """(file, name) of each place where a row of the table of changes sends its reader; the name is None for a whole file."""
    file = None
    for token in quoted(cell):
        if PATH.fullmatch(token):
            file = token
            yield file, None
        else:
            yield file, token


def paths(text):
    """The files and folders that a text names; a pattern stands for no one file."""
    return {
        token for token in quoted(text) if PATH.fullmatch(token) and not re.search("NN|CODE|artefacts|build/", token)
    }


def test_every_file_and_folder_named_exists():
    every = paths(TEXT) | paths((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert every and [path for path in every if located(path) is None] == []


def test_every_function_and_class_named_stands_in_its_file():
    for file, name in named():
        assert file is not None, f"no file is named before {name}"
        assert name in defined(located(file)), file


def test_the_text_names_enough_to_be_a_map():
    assert len(set(named())) >= 40


@pytest.mark.parametrize(("change", "edit"), CHANGES)
def test_a_row_of_the_table_of_changes_names_what_there_is(change, edit):
    places = list(to_edit(edit))
    assert places and all(file and located(file) for file, _ in places)
    assert {name for file, name in places if name and name not in defined(located(file))} == set()


def test_the_table_of_changes_is_short_and_names_no_change_twice():
    assert 12 <= len(CHANGES) <= 16
    assert len({change for change, _ in CHANGES}) == len(CHANGES)
