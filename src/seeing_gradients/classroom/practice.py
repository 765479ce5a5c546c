"""The command `practice`: a class of six with what they handed in, to walk through an instructor's week before the first real one.

    python -m seeing_gradients.classroom practice --course course --out practice

It writes roster.csv, the class list, and one and the same class as three platforms would give it: canvas.zip, moodle.zip and
gradescope.zip. The course has to have lesson 02, and its notebook for students has to be generated.
"""

import argparse
import copy
import csv
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

from seeing_gradients import language
from seeing_gradients.course.exercises import exercise
from seeing_gradients.course.exercises.variants import student_key, variant
from seeing_gradients.language import message

from . import course, lessons
from .course import Assignment, Task
from .pages import naming

DONE, FAILED, USAGE = 0, 1, 2
_LESSON = "02"
_COLUMNS = ["id", "first_name", "last_name", "email", "lms_user_id", "login", "sis_user_id", "section"]
_STUDENTS = (
    ("alice", "Alice", "Liddell", "101", "Tuesday"),
    ("bob", "Bob", "Builder", "102", "Tuesday"),
    ("carol", "Carol", "Day", "103", "Friday"),
    ("dave", "Dave", "Miller", "104", "Friday"),
    ("erin", "Erin", "Lance", "106", "Friday"),
    ("yak", "Yak", "Grunts", "105", "Friday"),
)
_HOURS = {
    "alice": 9,
    "bob": 11,
    "carol": 14,
    "dave": 47,
    "erin": 20,
}  # when they handed in, from the 20th of November on
# What differs from the worked solutions.
_ANSWERS: dict[str, dict[str, str]] = {
    "carol": {
        "02.2": "def three_grads(w, b, c, x, y_true):\n    return 1.0, 1.0, 1.0\n",
        "02.5": "def two_arrows(x):\n    return x**2 + x\n",
    },
    "dave": {"02.5": "def two_arrows(x):\n    while True:\n        x = x + 1\n"},
    "erin": {"02.5": "import sys\n\n\ndef two_arrows(x):\n    return x * (x + 1)\n"},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to a parser."""
    parser.add_argument("--course", type=Path, default=Path("course"), help="the folder that assign wrote (course)")
    parser.add_argument("--out", type=Path, default=Path("practice"), help="where to write the class (practice)")
    parser.add_argument("--lang", choices=language.LANGUAGES, help="language of messages")


def run(options: argparse.Namespace) -> int:
    """Write the class list and the downloads.

    Returns:
        int, the exit status: 0 done, 1 a file cannot be written, 2 there is no such course, or no notebook for students.
    """
    language.use(options.lang or language.current())
    try:
        assignment = _assignment(options.course)
        language.use(options.lang or assignment.lang)
        released = options.course / "release" / assignment.name / assignment.notebook
        if not released.is_file():
            raise ValueError(message("classroom.practice_not_released", file=released, assignment=assignment.name))
        notebooks = _notebooks(released.read_text(encoding="utf-8"), assignment)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return USAGE
    files = {
        "roster.csv": _roster().encode(),
        "canvas.zip": _zipped(_as_canvas(notebooks, assignment.notebook)),
        "moodle.zip": _zipped(_as_moodle(notebooks, assignment.notebook)),
        "gradescope.zip": _zipped(_as_gradescope(notebooks, assignment.notebook)),
    }
    try:
        with naming(options.out):
            options.out.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            with naming(options.out / name):
                (options.out / name).write_bytes(data)
    except OSError as error:
        print(
            message("classroom.grade_not_written", file=error.filename, reason=error.strerror or error), file=sys.stderr
        )
        return FAILED
    print(message("classroom.practice_done", folder=options.out, students=len(_STUDENTS), handed_in=len(notebooks)))
    return DONE


def _assignment(folder: Path) -> Assignment:
    """The assignment of the lesson for whose exercises there are answers.

    Raises:
        ValueError: the course does not have it, or there is no course.
    """
    for assignment in course.load(folder).assignments:
        if assignment.name.startswith(f"{_LESSON}_"):
            return assignment
    raise ValueError(message("classroom.practice_other_lesson", lesson=_LESSON, folder=folder))


def _notebooks(released: str, assignment: Assignment) -> dict[str, bytes]:
    """{student: the notebook that was handed in}; bob's is as it was handed out."""
    import nbformat

    book = nbformat.reads(released, as_version=4)
    notebooks = {}
    for student in _HOURS:
        own = copy.deepcopy(book)
        cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in own.cells}
        for task in assignment.tasks:
            if student != "bob" and task.grade_id in cells:
                cells[task.grade_id].source = _answer(student, task)
        notebooks[student] = nbformat.writes(own).encode()
    return notebooks


def _answer(student: str, task: Task) -> str:
    spec = exercise(task.exercise)
    if task.personal:
        spec = variant(spec, student_key(task.personal, student, spec.id))
    return _ANSWERS.get(student, {}).get(task.exercise) or lessons.solution(spec, task.expression)


def _roster() -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for id, first, last, number, section in _STUDENTS:
        table.writerow([id, first, last, f"{id}@example.org", number, id, f"s{number}", section])
    return text.getvalue()


# The downloads; `downloads.py` says how each platform names its files.


def _as_canvas(notebooks: dict[str, bytes], name: str) -> dict[str, bytes]:
    files = {}
    for i, (id, first, last, number, _) in enumerate(_STUDENTS):
        if id in notebooks:
            late = "LATE_" if id == "dave" else ""
            files[f"{last.lower()}{first.lower()}_{late}{number}_{7001 + i}_{name}"] = notebooks[id]
    return {**files, f"straysam_999_7100_{name}": notebooks["bob"]}


def _as_moodle(notebooks: dict[str, bytes], name: str) -> dict[str, bytes]:
    files = {
        f"{first} {last}_{int(number) + 400}_assignsubmission_file/{name}": notebooks[id]
        for id, first, last, number, _ in _STUDENTS
        if id in notebooks
    }
    return {**files, f"Sam Stray_999_assignsubmission_file/{name}": notebooks["bob"]}


def _as_gradescope(notebooks: dict[str, bytes], name: str) -> dict[str, bytes]:
    files, metadata = {}, ["---"]
    for id, first, last, number, _ in [*_STUDENTS, ("stray", "Sam", "Stray", "999", "")]:
        if id in notebooks or id == "stray":
            hour, folder = _HOURS.get(id, 12), f"submission_{number}"
            files[f"assignment_4711_export/{folder}/{name}"] = notebooks.get(id, notebooks["bob"])
            metadata += [f"{folder}:", "  :submitters:", f"  - :name: {first} {last}", f"    :sid: '{number}'"]
            metadata += [f"    :email: {id}@example.org", "  :status: :processed"]
            metadata += [f"  :created_at: 2026-11-{20 + hour // 24} {hour % 24:02}:00:00.000000000 Z"]
    return {**files, "assignment_4711_export/submission_metadata.yml": ("\n".join(metadata) + "\n").encode()}


def _zipped(files: dict[str, Any]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 21, 0, 0, 0)), content)
    return data.getvalue()
