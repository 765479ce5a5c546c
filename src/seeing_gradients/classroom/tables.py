"""grades.csv, one line an exercise, and totals.csv, one line a student; a spreadsheet opens both and runs nothing."""

import csv
import os
from contextlib import contextmanager

from . import cleaning

_GRADES = ["student", "assignment", "exercise", "points", "max", "state", "misconception", "faults", "graded_at"]


def score(task, ruling):
    """Return the points of one exercise, rounded to hundredths.

    Args:
        task: Task.
        ruling: dict of a Ruling.
    """
    return round(min(1.0, max(0.0, ruling["credit"])) * task.points, 2)


def write_grades(folder, course, results):
    """Write grades.csv and totals.csv.

    Args:
        folder: Path.
        course: Course.
        results: iterable of Result, by student.
    """
    assignments = {assignment.name: assignment for assignment in course.assignments}
    totals = {}
    with _table(folder / "grades.csv") as grades:
        grades.writerow(_GRADES)
        for result in results:
            assignment = assignments.get(result.assignment)
            tasks = assignment.tasks if assignment else ()
            rows = [_row(result, task) for task in tasks] or [
                [result.student, result.assignment, "", 0, 0, "review", ""]
            ]
            for grade_id, row in zip([task.grade_id for task in tasks] or [None], rows, strict=True):
                grades.writerow([*map(_safe, row), _faults(result, grade_id), result.graded_at])
            scores = totals.setdefault(result.student, {})
            scores[result.assignment] = sum(row[3] for row in rows)
    _write_totals(folder / "totals.csv", assignments, totals)


def _write_totals(path, assignments, totals):
    most = sum(task.points for assignment in assignments.values() for task in assignment.tasks)
    with _table(path) as table:
        table.writerow(["student", *map(_safe, assignments), "points", "max"])
        for student, scores in totals.items():
            parts = [round(scores[name], 2) if name in scores else "" for name in assignments]
            table.writerow([_safe(student), *parts, round(sum(part for part in parts if part != ""), 2), most])


def _row(result, task):
    ruling = result.rulings[task.grade_id]
    points = score(task, ruling)
    state, known = ruling["state"], ruling["misconception"]
    return [result.student, result.assignment, task.exercise, points, task.points, state, known]


def _faults(result, grade_id):
    """The faults of one answer and of the whole file."""
    about = [fault["text"] for fault in result.faults if fault["grade_id"] in (None, grade_id)]
    return _safe(" ".join(about))


def _safe(value):
    """A text that no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return value
    value = cleaning.clean(value)
    return f"'{value}" if value.lstrip()[:1] in ("=", "+", "-", "@") or value[:1] in ("\t", "\n") else value


@contextmanager
def _table(path):
    """A CSV file that takes the place of the old one when it is whole; its mark tells spreadsheets that it is UTF-8."""
    new = path.with_suffix(".new")
    with open(new, "w", encoding="utf-8-sig", newline="") as file:
        yield csv.writer(file)
    os.replace(new, path)
