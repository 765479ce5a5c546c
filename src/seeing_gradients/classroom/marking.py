"""The notebooks that nbgrader's formgrader shows: one for each submission, with nothing but the exercises and the answers.

`nbgrader autograde` would run what students wrote. These are made from the answers as they were read, and hold neither
outputs nor anything else of the file that was handed in.
"""

import json
import os
from pathlib import Path
from typing import Any

from seeing_gradients import language
from seeing_gradients.language import message

from .course import Assignment
from .submissions import Submission

FOLDER = "autograded"  # where formgrader looks


def grade_cell_id(grade_id: str) -> str:
    """Return the id of the cell that carries the points of an answer: "test-02-5" for "answer-02-5"."""
    return "test-" + grade_id.removeprefix("answer-")


def write_notebook(folder: Path, submission: Submission, assignment: Assignment) -> None:
    """Write the notebook of a submission to folder/<student>/<assignment>/.

    Raises:
        OSError: it cannot be written; the error names the file.
    """
    from .pages import naming  # imports templates, which grading does not need

    path = folder / submission.student / assignment.name / assignment.notebook
    text = json.dumps(_notebook(submission, assignment), ensure_ascii=False, indent=1) + "\n"
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.write_text(text, encoding="utf-8")
        os.replace(new, path)


def _notebook(submission: Submission, assignment: Assignment) -> dict[str, Any]:
    cells = []
    with language.using(assignment.lang):
        for task in assignment.tasks:
            key = task.exercise.replace(".", "-")
            has_title = language.has(f"titles.{task.exercise}")
            title = f" {message(f'titles.{task.exercise}')}" if has_title else ""
            cells.append(_cell("markdown", f"### {task.exercise}{title}", f"statement-{key}", locked=True))
            cells.append(_cell("code", submission.answers[task.grade_id] or "", task.grade_id, solution=True))
            check = f'check("{task.exercise}", {task.expression})'
            test = {"grade": True, "locked": True, "points": task.points}
            cells.append(_cell("code", check, grade_cell_id(task.grade_id), **test))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _cell(kind: str, source: str, grade_id: str, **flags: bool | float) -> dict[str, Any]:
    plain = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
    metadata = {"nbgrader": {**plain, "grade_id": grade_id, "cell_type": kind, **flags}}
    code = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "id": grade_id, "metadata": metadata, "source": source, **code}
