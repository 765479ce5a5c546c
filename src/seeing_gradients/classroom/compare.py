"""The command `compare`: list answers that are alike, and those that are like the worked solution.

    python -m seeing_gradients.classroom compare course/submitted --out grades

It writes likeness.csv and likeness.html, with the answers side by side. Both are hints for a person: no points depend on
them.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from seeing_gradients import language
from seeing_gradients.language import message

from . import sanitize
from .anonymous import FILE, Pseudonyms
from .collecting import collect_class, folders
from .course import Course, Task, load
from .grade import DONE, FAILED, USAGE
from .likeness import Alike, compare_answers
from .pages import render, replace_file
from .reports import safe, table

_MAX_SHOWN = 300  # rows of the page with both answers; the table has all
_MAX_ANSWER = 4_000  # characters of an answer on the page

Answers = dict[str, dict[str, str]]  # {exercise: {student: source}}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to a parser."""
    parser.add_argument("submitted", type=Path, help="the folder submitted/<student>/<assignment>/<notebook>")
    parser.add_argument(
        "--out", type=Path, default=Path("grades"), help="the folder for likeness.csv and likeness.html"
    )
    parser.add_argument("--anonymous", action="store_true", help="as for grade: with ids in place of names")
    parser.add_argument("--lang", choices=language.LANGUAGES, help="language of the page and of messages")


def run(options: argparse.Namespace) -> int:
    """Write the list; return the exit status: 0 done, 1 a file cannot be written, 2 wrong arguments."""
    language.use(options.lang or language.current())
    try:
        if not options.submitted.is_dir():
            raise ValueError(message("classroom.grade_no_folder", folder=options.submitted))
        course = load(options.submitted.absolute().parent)
        language.use(options.lang or course.assignments[0].lang)
        answers = _read_answers(options.submitted, course)
        alike, reasons = [], []
        for assignment in course.assignments:
            for task in assignment.tasks:
                own = answers.get(task.exercise, {})
                listed, left_out = compare_answers(task, own, _solutions(task, own))
                alike += listed
                reasons += left_out
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return USAGE
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        if options.anonymous:
            alike, answers = _without_names(options.submitted.absolute().parent / FILE, alike, answers)
            options.out = options.out / "anonymous"
            options.out.mkdir(exist_ok=True)
        _write(options.out, alike, reasons, answers)
    except OSError as error:
        reason, file = error.strerror or str(error), error.filename or options.out
        print(message("classroom.grade_not_written", file=file, reason=reason), file=sys.stderr)
        return FAILED
    solutions = sum(one.is_solution for one in alike)
    page = options.out / "likeness.html"
    print(message("classroom.compare_done", count=len(alike) - solutions, solutions=solutions, page=page))
    return DONE


def _read_answers(submitted: Path, course: Course) -> Answers:
    exercises = {(one.name, task.grade_id): task.exercise for one in course.assignments for task in one.tasks}
    answers: Answers = {}
    for _, submission in collect_class(folders(submitted, course), course):
        for grade_id, source in submission.answers.items():
            if source is not None:
                exercise = exercises[submission.assignment, grade_id]
                answers.setdefault(exercise, {})[submission.student] = source
    return answers


def _solutions(task: Task, students: dict[str, str]) -> dict[str, str]:
    """{student: the worked solution}, with the student's own numbers where there are some."""
    from seeing_gradients.course.exercises import exercise  # imports PyTorch
    from seeing_gradients.course.exercises.variants import student_key, variant

    from .lessons import solution

    spec = exercise(task.exercise)
    if not task.personal:
        return dict.fromkeys(students, solution(spec, task.expression))
    return {
        student: solution(variant(spec, student_key(task.personal, student, task.exercise)), task.expression)
        for student in students
    }


def _without_names(path: Path, alike: list[Alike], answers: Answers) -> tuple[list[Alike], Answers]:
    names = Pseudonyms(path)
    names.add({student for own in answers.values() for student in own})
    renamed = [replace(one, students=tuple(sorted(map(names.id_of, one.students)))) for one in alike]
    return renamed, {
        exercise: {names.id_of(student): text for student, text in own.items()} for exercise, own in answers.items()
    }


def _write(out: Path, alike: list[Alike], reasons: list[str], answers: Answers) -> None:
    with table(out / "likeness.csv") as rows:
        rows.writerow(["exercise", "students", "like", "likeness", "as_written"])
        for one in alike:
            like = "worked solution" if one.is_solution else "each other"
            students = safe("; ".join(one.students))
            rows.writerow([one.exercise, students, like, _percent(one.likeness), _percent(one.as_written)])
    page = render("likeness.html", rows=list(_page_rows(alike, answers)), reasons=reasons, more=len(alike) > _MAX_SHOWN)
    replace_file(out / "likeness.html", page)


def _page_rows(alike: list[Alike], answers: Answers) -> Iterator[dict[str, Any]]:
    for one in alike[:_MAX_SHOWN]:
        sources = [(student, answers[one.exercise][student]) for student in one.students[:2]]
        yield {
            "exercise": one.exercise,
            "students": [sanitize.name(student) for student in one.students],
            "is_solution": one.is_solution,
            "likeness": _percent(one.likeness),
            "as_written": _percent(one.as_written),
            "sources": [(sanitize.name(student), sanitize.clean(text, _MAX_ANSWER)) for student, text in sources],
        }


def _percent(share: float) -> int:
    return round(100 * share)
