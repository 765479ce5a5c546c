"""The students of a class, from a CSV file: who handed in nothing has a row in every table, too.

The columns are those that `nbgrader db student import` reads: id, and if you like first_name, last_name, email, lms_user_id.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seeing_gradients.language import message

from . import sanitize
from .course import Assignment, Course
from .results import Result

FILE = "roster.csv"
_MAX_BYTES = 10_000_000


@dataclass(frozen=True)
class Student:
    """One student.

    Attributes:
        id: str, the name of the folder with the submissions, as `sanitize.key` writes it.
        first_name, last_name, email, lms_user_id: str; "" if the file does not say.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""


Roster = dict[str, Student]  # by id


def load(path: Path) -> Roster:
    """Return the students in a CSV file, in its order.

    Args:
        path: Path. UTF-8, with or without a byte order mark; separated by commas or semicolons; other columns are left out.

    Raises:
        ValueError: a student has no id or has one twice, or the file has no column "id".
        OSError: the file cannot be read.
    """
    with open(path, "rb") as file:
        data = file.read(_MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(message("classroom.roster_not_utf8", file=path)) from None
    heading = text.partition("\n")[0]
    separator = ";" if heading.count(";") > heading.count(",") else ","
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    if "id" not in (rows.fieldnames or ()):
        columns = ", ".join(map(sanitize.name, rows.fieldnames or ()))
        raise ValueError(message("classroom.roster_no_id", file=path, columns=columns or "-"))
    roster: Roster = {}
    for row in rows:
        fields = {name: (row.get(name) or "").strip() for name in Student.__dataclass_fields__}
        key = sanitize.key(fields["id"])
        if not key or key in roster:
            problem = "roster_twice" if key else "roster_without_id"
            raise ValueError(message(f"classroom.{problem}", file=path, line=rows.line_num, student=sanitize.name(key)))
        roster[key] = Student(**{**fields, "id": key})
    return roster


def with_everybody(results: Iterable[Result], roster: Roster, course: Course) -> Iterator[Result]:
    """Yield results, sorted by student and assignment, and one for whatever a student of the roster did not hand in."""
    graded = {(result.student, result.assignment): result for result in results}
    lacking = {(student, one.name): one for student in roster for one in course.assignments}
    for key in sorted(graded.keys() | lacking.keys()):
        yield graded.get(key) or _nothing_handed_in(key[0], lacking[key])


def _nothing_handed_in(student: str, assignment: Assignment) -> Result:
    empty = {"text": "", "facts": [], "why": "", "misconception": "", "reason": "", "notes": [], "seconds": 0.0}
    answers = {
        task.grade_id: {"exercise": task.exercise, "state": "missing", "credit": 0.0, **empty}
        for task in assignment.tasks
    }
    fault = {"kind": "nothing_handed_in", "text": message("classroom.fault_nothing_handed_in"), "grade_id": None}
    return Result(student, assignment.name, "", "", "", answers, [fault])
