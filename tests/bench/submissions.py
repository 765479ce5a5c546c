"""Submissions of a made-up class for lesson 02: right ones, wrong ones, and files with a fault of every kind."""

import io
import json
import zipfile
from functools import cache
from pathlib import Path

import nbformat

from seeing_gradients.classroom import __main__ as commands
from seeing_gradients.classroom import course as courses
from seeing_gradients.classroom import lessons
from seeing_gradients.course.exercises import exercise

NAME, EXERCISE = "02_computation_graph", "02.5"
MEANING = {
    "right": "the worked solutions",
    "misconception": "a classic mistake in every exercise that has one",
    "empty": "what was handed out",
    "half": "half of the exercises",
    "rule": "right values, a rule broken",
    "error": "an answer that raises",
    "exit": "`os._exit(0)`",
    "memory": "takes memory without end",
    "loop": "runs without end",
    "output": "prints without end",
    "cut off": "a file cut off in the middle",
    "no JSON": "no JSON at all",
    "missing": "the answer's cell deleted",
    "copies": "the answer's cell twice, the same",
    "duplicate": "the answer's cell twice, different",
    "renamed": "another file name",
    "zip": "a zip of the notebook",
    "encoding": "UTF-16",
    "nothing": "an empty folder",
    "link": "a link to a file outside",
}
KINDS = tuple(MEANING)
_BODY = {
    "rule": "def two_arrows(x):\n    return x * x + x",
    "error": "def two_arrows(x):\n    return undefined_name",
    "exit": "import os\ndef two_arrows(x):\n    os._exit(0)",
    "memory": "def two_arrows(x):\n    things = []\n    while True:\n        things.append(bytearray(1 << 26))",
    "loop": "def two_arrows(x):\n    while True:\n        pass",
    "output": "def two_arrows(x):\n    while True:\n        print('x' * 1000)",
}


def course(root):
    """Write the course into root/course; return its folder."""
    folder = root / "course"
    assert commands.main(["assign", "02", "--lang", "en", "--out", str(folder)]) == 0
    return folder


def tasks(folder):
    """The tasks of the assignment."""
    return courses.load(folder).assignments[0].tasks


@cache
def _solutions():
    return {
        p.exercise.id: lessons.solution(p.exercise, p.expression) for p in lessons.read_lesson("02", "en").exercises
    }


@cache
def _source(folder):
    return nbformat.read(Path(folder) / "source" / NAME / f"{NAME}.ipynb", as_version=4), tasks(Path(folder))


def hand_in(folder, student, kind, rng, alike=False):
    """Write one submission.

    Args:
        folder: Path of the course.
        student: str.
        kind: str, of KINDS.
        rng: random.Random.
        alike: bool, whether other students hand in the same programs; otherwise each answer is a program of its own.
    """
    source, asked = _source(folder)
    notebook = nbformat.from_dict(json.loads(nbformat.writes(source)))
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    for place, task in enumerate(asked):
        answer = _answer(task, kind, place)
        own = f"# {student}" if alike or answer == task.stub else f"mine = '{student} {rng.random()}'"
        cells[task.grade_id].source = f"{answer}\n{own}"
    target = folder / "submitted" / student / NAME / f"{NAME}.ipynb"
    target.parent.mkdir(parents=True)
    _written(kind, notebook, cells[f"answer-{EXERCISE.replace('.', '-')}"], target)


def _answer(task, kind, place):
    if kind == "empty" or (kind == "half" and place % 2):
        return task.stub
    if kind == "misconception":
        spec = exercise(task.exercise)
        known = next((m for m in spec.misconceptions if spec.kind == "value" and isinstance(m.gives, tuple)), None)
        return f"{task.expression.strip('()')} = {known.gives}" if known else _solutions()[task.exercise]
    if task.exercise == EXERCISE and kind in _BODY:
        return _BODY[kind]
    return _solutions()[task.exercise]


def _written(kind, notebook, cell, target):
    if kind == "missing":
        notebook.cells.remove(cell)
    elif kind in ("copies", "duplicate"):
        other = nbformat.from_dict({**cell, "id": "other"})
        other.source += "\n# another" if kind == "duplicate" else ""
        notebook.cells.append(other)
    text = nbformat.writes(notebook)
    if kind == "cut off":
        text = text[: len(text) // 2]
    elif kind == "no JSON":
        text = "my homework"
    if kind == "nothing":
        return
    if kind == "link":
        target.symlink_to("/etc/passwd")
    elif kind == "zip":
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(target.name, text)
        target.with_suffix(".zip").write_bytes(file.getvalue())
    elif kind == "renamed":
        target.with_name("my homework.ipynb").write_text(text, encoding="utf-8")
    else:
        target.write_bytes(text.encode("utf-16" if kind == "encoding" else "utf-8"))
