"""The students of a class, from a CSV file: who handed in nothing has a row in every table, too.

The file is one of your own, with the columns that `nbgrader db student import` reads, or a learning platform's own list:
the gradebook that Canvas exports, the grades or participants that Moodle exports, the roster that Gradescope exports.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seeing_gradients.language import message

from . import sanitize
from .course import Assignment, Course
from .results import Result

FILE = "roster.csv"
_MAX_BYTES = 10_000_000

# What each list calls the fields of a Student; the first that is not empty counts.
_OWN_COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id", "login", "sis_user_id", "section")
_OWN = {name: (name,) for name in _OWN_COLUMNS}
_CANVAS = {
    "id": ("SIS Login ID", "SIS User ID", "ID"),
    "lms_user_id": ("ID",),
    "login": ("SIS Login ID",),
    "sis_user_id": ("SIS User ID",),
    "section": ("Section",),
    "first_name": ("FirstName",),
    "last_name": ("LastName",),
}
_MOODLE = {
    "id": ("Username", "ID number", "Email address"),
    "lms_user_id": ("ID number",),
    "login": ("Username",),
    "first_name": ("First name",),
    "last_name": ("Last name", "Surname"),
    "email": ("Email address",),
}
_GRADESCOPE = {
    "id": ("SID", "Email"),
    "lms_user_id": ("SID",),
    "first_name": ("First Name",),
    "last_name": ("Last Name",),
    "email": ("Email",),
}
_LISTS = (  # the columns by which a list is recognised, and its fields
    ({"id"}, _OWN),
    ({"Student", "ID", "Section"}, _CANVAS),
    ({"LastName", "FirstName", "ID", "Section"}, _CANVAS),
    ({"First name", "Email address"}, _MOODLE),
    ({"SID", "Email"}, _GRADESCOPE),
)
_NO_STUDENT = re.compile(r"\s*(Points Possible|Student, Test)\s*|\s*", re.IGNORECASE)  # rows of Canvas


@dataclass(frozen=True)
class Student:
    """One student.

    Attributes:
        id: str, the name of the folder with the submissions, as `sanitize.key` writes it.
        first_name, last_name, email: str; "" if the file does not say.
        lms_user_id: str, the platform's number of the student: Canvas' ID, Moodle's ID number, Gradescope's SID; or "".
        login, sis_user_id, section: str, what Canvas calls SIS Login ID, SIS User ID and Section; or "".
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    login: str = ""
    sis_user_id: str = ""
    section: str = ""


Roster = dict[str, Student]  # by id


def load(path: Path) -> Roster:
    """Return the students in a CSV file, in its order.

    Args:
        path: Path. UTF-8, with or without a byte order mark; separated by commas or semicolons; other columns are left out.

    Raises:
        ValueError: a student has no id or has one twice, or the file has neither a column "id" nor those of a platform.
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
    columns = [name.strip() for name in rows.fieldnames or ()]
    rows.fieldnames = columns
    names = next((names for needed, names in _LISTS if needed <= set(columns)), None)
    if names is None:
        shown = ", ".join(map(sanitize.name, columns))
        raise ValueError(message("classroom.roster_no_id", file=path, columns=shown or "-"))
    roster: Roster = {}
    for row in rows:
        if names is _CANVAS and _NO_STUDENT.fullmatch(row.get("Student") or row.get("LastName") or ""):
            continue
        fields = {field: _cell(row, names.get(field, ())) for field in Student.__dataclass_fields__}
        if names is _CANVAS and "Student" in columns:  # "Liddell, Alice"
            last, _, first = (row["Student"] or "").partition(",")
            fields |= {"first_name": first.strip(), "last_name": last.strip()}
        key = sanitize.key(fields["id"])
        if not key or key in roster:
            problem = "roster_twice" if key else "roster_without_id"
            raise ValueError(message(f"classroom.{problem}", file=path, line=rows.line_num, student=sanitize.name(key)))
        roster[key] = Student(**{**fields, "id": key})
    return roster


def _cell(row: dict[str, str | None], columns: Iterable[str]) -> str:
    return next((text for column in columns if (text := (row.get(column) or "").strip())), "")


class Matcher:
    """Looks students up by an id, a login, an address or a name, whatever its case and Unicode spelling.

    Args:
        roster: Roster.
    """

    def __init__(self, roster: Roster) -> None:
        self._by_id: dict[str, set[str]] = {}
        self._by_name: dict[str, set[str]] = {}
        for student in roster.values():
            first, last = student.first_name, student.last_name
            for text in (student.id, student.lms_user_id, student.login, student.sis_user_id, student.email):
                if text:
                    self._by_id.setdefault(_folded(text), set()).add(student.id)
            for text in (first + last, last + first, student.login + first + last, student.login + last + first):
                if first or last:
                    self._by_name.setdefault(_letters(text), set()).add(student.id)

    def match(self, ids: Iterable[str], name: str) -> set[str]:
        """Return the ids of the students who may be meant: those with one of the `ids`, else those of the name.

        Args:
            ids: iterable of str, surest first.
            name: str, first and last name in either order; only its letters and digits count.
        """
        for text in ids:
            if text and (students := self._by_id.get(_folded(text))):
                return students
        return self._by_name.get(_letters(name)) or self._by_id.get(_folded(name)) or set()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", _folded(text))


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
