"""The command `assign`: write an nbgrader course from the exercises of some lessons.

    python -m seeing_gradients.classroom assign 03 04 --lang zh --points points.toml --out course/

It writes three kinds of files: source/<assignment>/<assignment>.ipynb with nbgrader's cell metadata, schema version 3
(https://nbgrader.readthedocs.io/en/stable/contributor_guide/metadata.html); nbgrader_config.py; and classroom.json,
which the grader trusts and which stays with the instructor. When the command runs again for the same course, the seed,
the other assignments and the submissions stay as they are.
"""

import argparse
import hashlib
import secrets
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from seeing_gradients import language
from seeing_gradients.course.exercises import all_exercises
from seeing_gradients.course.exercises.variants import student_key, variant
from seeing_gradients.language import message

from . import course, students
from .lessons import LessonExercise, read_lesson, solution

_CONFIG = '''"""nbgrader's settings for this course; written by `python -m seeing_gradients.classroom assign`."""

c = get_config()  # noqa: F821, nbgrader defines it
c.CourseDirectory.course_id = {name!r}
c.ClearSolutions.code_stub = {{"python": ""}}  # replace a solution by nothing; the stub above it stays
c.ExecutePreprocessor.timeout = 60  # seconds per cell
'''

_INSTRUCTOR = "instructor"  # the solutions have the personal numbers of a student with this name
_DEFAULT_POINTS = 1.0
_LIMIT_NAMES = ("seconds", "processor", "memory", "processes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to a parser."""
    parser.add_argument("lessons", nargs="+", metavar="LESSON", help="numbers of lessons: 03 04")
    parser.add_argument("--lang", choices=language.LANGUAGES, help="language of the notebooks")
    parser.add_argument(
        "--points", type=Path, metavar="FILE", help='a TOML file: default = 2, and [points] with "03.1" = 5'
    )
    parser.add_argument("--out", type=Path, default=Path("course"), help="the folder of the course")
    parser.add_argument("--name", help="name of the course; otherwise that of its folder")
    parser.add_argument(
        "--seed",
        help="secret text from which the numbers of --personal follow; by default that of the course in --out, else random",
    )
    parser.add_argument(
        "--without-solutions",
        action="store_true",
        help="also write `students`: the library as students install it, without solutions and references of these lessons",
    )
    parser.add_argument("--personal", action="store_true", help="give every student other numbers, by the name")


def run(options: argparse.Namespace) -> int:
    """Write the course and print what to do next.

    Args:
        options: argparse.Namespace with the arguments that `add_arguments` adds.

    Returns:
        int, the exit status: 0, or 2 if an argument is wrong or a file cannot be read or written.
    """
    lang = options.lang or language.current()
    with language.using(lang):
        try:
            points = read_points(options.points)
            existing = course.load(options.out) if (options.out / course.FILE).exists() else None
            seed = options.seed or (existing.seed if existing else secrets.token_hex(16))
            personal = _public_digest(seed) if options.personal else ""
            assigned = [_assignment(number, lang, points, personal) for number in dict.fromkeys(options.lessons)]
            _write(options, assigned, existing, seed)
            folder = students.write(options.out, options.lessons) if options.without_solutions else None
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr)
            return 2
        for assignment, _ in assigned:
            total = sum(task.points for task in assignment.tasks)
            print(message("assign.done", name=assignment.name, count=len(assignment.tasks), total=f"{total:g}"))
        if folder is not None:
            print(message("assign.students", folder=folder))
        print(message("assign.next", folder=options.out, name=assigned[0][0].name))
    return 0


@dataclass(frozen=True)
class Points:
    """How many points each exercise is worth, and which limits of the sandbox differ for it.

    Attributes:
        default: float, the points of an exercise that `points` does not list.
        points: dict from the id of an exercise to its points.
        limits: dict from the id of an exercise to a dict from fields of `sandbox.AnswerLimits` to values.
    """

    default: float = _DEFAULT_POINTS
    points: dict[str, float] = field(default_factory=dict)
    limits: dict[str, dict[str, float]] = field(default_factory=dict)

    def of(self, id: str) -> float:
        """Return the points of the exercise with this id."""
        return float(self.points.get(id, self.default))


def read_points(path: Path | None) -> Points:
    """Read Points from a TOML file: `default = 2`, [points] with "03.1" = 5, [limits."03.1"] with seconds = 5.

    Args:
        path: Path; None if every exercise is worth one point and has the limits of the grading run.

    Returns:
        Points.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file is not TOML, a key is unknown or a number out of range; the message names it.
    """
    if path is None:
        return Points()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(message("assign.points_not_toml", file=path, error=error)) from None
    _check_keys(path, data, ("default", "points", "limits", "late"))  # late.py reads the last one
    ids = sorted(spec.id for spec in all_exercises())
    points, limits = (_check_keys(path, _table(path, data, name), ids) for name in ("points", "limits"))
    default = data.get("default", _DEFAULT_POINTS)
    _check_numbers(path, {"default": default, **points}, 10_000)
    for id in limits:
        _check_numbers(path, _check_keys(path, _table(path, limits, id), _LIMIT_NAMES), 1 << 40)
    return Points(default, points, limits)


def _table(path: Path, data: dict[str, Any], name: str) -> dict[str, Any]:
    """The table `name` of the file, {} if it is missing."""
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(  # noqa: TRY004, the file is wrong, not the type of an argument
            message("assign.points_number", file=path, key=name, received=table)
        )
    return table


def _check_keys(path: Path, table: dict[str, Any], allowed: Iterable[str]) -> dict[str, Any]:
    if unknown := [key for key in table if key not in allowed]:
        raise ValueError(message("assign.points_key", file=path, key=unknown[0], known=", ".join(allowed)))
    return table


def _check_numbers(path: Path, table: dict[str, Any], below: int) -> None:
    for key, number in table.items():
        if type(number) not in (int, float) or not 0 <= number < below:
            raise ValueError(message("assign.points_number", file=path, key=key, received=number))


def _public_digest(seed: str) -> str:
    """The public seed of the personal numbers, which every notebook contains; it does not reveal the secret seed."""
    return hashlib.sha256(f"numbers/{seed}".encode()).hexdigest()[:8]


def _assignment(number: str, lang: str, points: Points, personal: str) -> tuple[course.Assignment, NotebookNode]:
    """The (Assignment, notebook) of the lesson with this number; `personal` is "" or the public seed of the numbers."""
    lesson = read_lesson(number, lang)
    tasks, cells = [], [_text_cell(message("assign.intro", lesson=lesson.name), f"intro-{number}")]
    cells.append(new_code_cell(f"{lesson.setup}\nfrom helpers import personal" if personal else lesson.setup))
    if personal and any(part.exercise.vary for part in lesson.exercises):
        cells += [_text_cell(message("assign.name"), f"name-{number}"), _name_cell(f"student-{number}")]
    for part in lesson.exercises:
        id, public_seed = part.exercise.id, personal if part.exercise.vary else ""
        key, limits = id.replace(".", "-"), dict(points.limits.get(id, {}))
        content = part.prelude, part.stub, part.expression
        tasks.append(course.Task(f"answer-{key}", id, points.of(id), *content, public_seed, limits))
        cells += _cells(part, key, points.of(id), public_seed)
    for i, cell in enumerate(cells):
        cell.id = f"{number}-{i}"
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assignment = course.Assignment(lesson.name, lang, f"{lesson.name}.ipynb", tuple(tasks))
    return assignment, new_notebook(cells=cells, metadata=metadata)


def _cells(part: LessonExercise, key: str, points: float, personal: str) -> list[NotebookNode]:
    """The cells of one exercise: statement, code handed out, answer, code that uses the answer, test."""
    spec, id = part.exercise, part.exercise.id
    statement, checked, handed_out = _text_cell(part.statement, f"statement-{key}"), f'"{id}"', part.handed_out
    if personal:
        spec, checked = variant(spec, student_key(personal, _INSTRUCTOR, id)), f"task_{id.replace('.', '_')}"
        heading = part.statement.split("\n", 1)[0]
        statement = _text_cell(f"{heading}\n\n{message('assign.personal')}", f"statement-{key}")
        handed_out = (f'{checked} = personal("{id}", student, course="{personal}")\n{checked}', *handed_out)
    return [
        statement,
        *(new_code_cell(code) for code in handed_out),
        _answer_cell(part.stub, solution(spec, part.expression), f"answer-{key}"),
        *(new_code_cell(code) for code in part.after),
        _test_cell(f"check({checked}, {part.expression})", f"test-{key}", points),
    ]


def _text_cell(source: str, grade_id: str) -> NotebookNode:
    return new_markdown_cell(source, metadata=_metadata(grade_id, locked=True))


def _name_cell(grade_id: str) -> NotebookNode:
    """The cell in which students enter their name, which their numbers depend on."""
    return _answer_cell('student = ""', f'student = "{_INSTRUCTOR}"', grade_id)


def _answer_cell(stub: str, worked_solution: str, grade_id: str) -> NotebookNode:
    source = f"{stub}\n### BEGIN SOLUTION\n{worked_solution}\n### END SOLUTION"
    return new_code_cell(source, metadata=_metadata(grade_id, solution=True))


def _test_cell(check: str, grade_id: str, points: float) -> NotebookNode:
    source = f"{check}\n### BEGIN HIDDEN TESTS\nassert {check}.solved\n### END HIDDEN TESTS"
    return new_code_cell(source, metadata=_metadata(grade_id, grade=True, locked=True, points=points))


def _metadata(grade_id: str, **flags: bool | float) -> dict[str, Any]:
    plain = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": {**plain, "grade_id": grade_id, **flags}}


def _write(
    options: argparse.Namespace,
    assigned: list[tuple[course.Assignment, NotebookNode]],
    existing: course.Course | None,
    seed: str,
) -> None:
    """Write the files of the course.

    Args:
        options: as for `run`; the folder and the name are used.
        assigned: (Assignment, notebook) pairs to add or replace.
        existing: the Course in the folder, whose other assignments stay; None if there is none.
        seed: str, the secret of the Course.
    """
    folder = options.out
    name = options.name or (existing.name if existing else folder.absolute().name)
    assignments = existing.by_name if existing else {}
    assignments |= {assignment.name: assignment for assignment, _ in assigned}
    for assignment, notebook in assigned:
        target = folder / "source" / assignment.name / assignment.notebook
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)
    updated = course.Course(name, seed, tuple(assignments[key] for key in sorted(assignments)))
    (folder / "nbgrader_config.py").write_text(_CONFIG.format(name=name), encoding="utf-8")
    course.save(updated, folder)
