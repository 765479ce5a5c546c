"""Writes the scores into nbgrader's gradebook, by nbgrader's own interface, so that its export and pages show them."""

import os
import sys
import warnings
from pathlib import Path


def write_gradebook(path, course, results):
    """Write every result; a score that a person gave is kept.

    Args:
        path: Path of the database, made if it is not there; or a URL of SQLAlchemy.
        course: Course.
        results: iterable of Result.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SAWarning

    _find_alembic()
    assignments = {assignment.name: assignment for assignment in course.assignments}
    url = path if "://" in str(path) else f"sqlite:///{Path(path).absolute()}"
    with warnings.catch_warnings(), Gradebook(url, course.name) as gradebook:
        warnings.simplefilter("ignore", SAWarning)  # nbgrader 0.9.6 makes them at every submission that it adds
        for assignment in course.assignments:
            _declare(gradebook, assignment)
        for result in results:
            if result.assignment in assignments:
                _enter(gradebook, assignments[result.assignment], result)


def test_cell(task):
    """Return the id of the cell that carries a task's points: "test-02-5" for "answer-02-5"."""
    return "test-" + task.grade_id.removeprefix("answer-")


def _find_alembic():
    """nbgrader runs `alembic` by its bare name, which is not found where the environment was never activated."""
    folder = str(Path(sys.executable).parent)
    if folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), folder])


def _declare(gradebook, assignment):
    notebook = Path(assignment.notebook).stem
    gradebook.update_or_create_assignment(assignment.name)
    gradebook.update_or_create_notebook(notebook, assignment.name)
    for task in assignment.tasks:
        cell = test_cell(task), notebook, assignment.name
        gradebook.update_or_create_grade_cell(*cell, max_score=task.points, cell_type="code")


def _enter(gradebook, assignment, result):
    notebook = Path(assignment.notebook).stem
    gradebook.update_or_create_student(result.student)
    submission = gradebook.update_or_create_submission(assignment.name, result.student)
    found = {grade.name: grade for part in submission.notebooks if part.name == notebook for grade in part.grades}
    for task in assignment.tasks:
        ruling = result.rulings[task.grade_id]
        grade = found.get(test_cell(task)) or gradebook.find_grade(
            test_cell(task), notebook, assignment.name, result.student
        )
        grade.auto_score = min(1.0, max(0.0, ruling["credit"])) * task.points
        grade.needs_manual_grade = ruling["state"] == "review" and grade.manual_score is None
    gradebook.db.commit()
