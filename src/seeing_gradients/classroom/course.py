"""What a course asks: assignments and their tasks, in classroom.json, which stays with the instructor.

`load(folder)` and `save(course, folder)`; everything is plain, frozen data.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from seeing_gradients.language import message

FILE = "classroom.json"


@dataclass(frozen=True)
class Task:
    """One exercise of an assignment.

    Attributes:
        grade_id: str, the id of the answer's cell, "answer-02-5".
        exercise: str, "02.5".
        points: float.
        prelude: str, trusted code that runs before the answer.
        stub: str, the unsolved answer.
        expression: str, the argument of `check`.
        personal: str, what the numbers of each student's own version depend on; "" where all have the same.
        limits: dict, fields of judge.Limits that differ for this exercise.
    """

    grade_id: str
    exercise: str
    points: float
    prelude: str
    stub: str
    expression: str
    personal: str = ""
    limits: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Assignment:
    """One notebook that is handed out.

    Attributes:
        name: str, "02_computation_graph".
        lang: str, "en" or "zh".
        notebook: str, the file's name.
        tasks: tuple of Task.
    """

    name: str
    lang: str
    notebook: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class Course:
    """A course.

    Attributes:
        name: str.
        seed: str, secret, what the hidden inputs depend on.
        assignments: tuple of Assignment.
    """

    name: str
    seed: str
    assignments: tuple[Assignment, ...]

    @property
    def by_name(self) -> dict[str, Assignment]:
        """The assignments, by name."""
        return {assignment.name: assignment for assignment in self.assignments}

    def assignment(self, name: str) -> Assignment:
        """Return the Assignment of this name.

        Raises:
            KeyError: there is none.
        """
        return self.by_name[name]


def save(course: Course, folder: Path) -> None:
    """Write a Course into a folder."""
    text = json.dumps(asdict(course), ensure_ascii=False, indent=1)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def load(folder: Path) -> Course:
    """Return the Course in a folder.

    Raises:
        ValueError: the folder holds none, or it is damaged; the message says how to fix it.
    """
    try:
        data = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(message("classroom.course_missing", file=folder / FILE)) from None
    except (ValueError, RecursionError) as error:
        raise ValueError(message("classroom.course_damaged", file=folder / FILE, error=error)) from None
    try:
        assignments = [{**one, "tasks": tuple(Task(**task) for task in one["tasks"])} for one in data["assignments"]]
        return Course(data["name"], data["seed"], tuple(Assignment(**one) for one in assignments))
    except (KeyError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(message("classroom.course_damaged", file=folder / FILE, error=reason)) from None
