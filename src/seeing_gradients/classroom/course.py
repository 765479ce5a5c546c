"""The assignments of a course and their tasks, stored in classroom.json, which stays with the instructor.

`load(folder)` reads a `Course`, `save(course, folder)` writes one; all of it is plain, frozen data.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from seeing_gradients.language import message

from . import sanitize

FILE = "classroom.json"


@dataclass(frozen=True)
class Task:
    """One exercise of an assignment.

    Attributes:
        grade_id: str, nbgrader's id of the answer's cell, "answer-02-5".
        exercise: str, the id of the exercise, "02.5".
        points: float, for a correct answer.
        prelude: str, trusted code that runs before the answer.
        stub: str, the unsolved answer.
        expression: str, the argument of `check`, evaluated after the answer has run.
        personal: str, public seed of the numbers that each student gets; "" if all students get the same.
        limits: dict from fields of `sandbox.AnswerLimits` to the values that this exercise has instead of the general ones.
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
    """One notebook with its tasks.

    Attributes:
        name: str, "02_computation_graph".
        lang: str, "en" or "zh".
        notebook: str, the name of the file, "02_computation_graph.ipynb".
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
        name: str, also nbgrader's course id.
        seed: str, secret; the public seed of personal numbers is derived from it.
        assignments: tuple of Assignment.
    """

    name: str
    seed: str
    assignments: tuple[Assignment, ...]

    @property
    def by_name(self) -> dict[str, Assignment]:
        """Dict from the name of an assignment to the Assignment."""
        return {assignment.name: assignment for assignment in self.assignments}

    def task_of(self, exercise: str) -> tuple[Assignment, Task]:
        """Return the assignment and the task of an exercise.

        Raises:
            ValueError: no assignment has it, or several have; the message lists the exercises.
        """
        matches = [(one, task) for one in self.assignments for task in one.tasks if task.exercise == exercise]
        if len(matches) != 1:
            names = ", ".join(sorted({task.exercise for one in self.assignments for task in one.tasks}))
            raise ValueError(message("classroom.no_exercise", received=sanitize.name(exercise), exercises=names))
        return matches[0]


def save(course: Course, folder: Path) -> None:
    """Write a Course to classroom.json in a folder.

    Raises:
        OSError: the file cannot be written.
    """
    text = json.dumps(asdict(course), ensure_ascii=False, indent=1)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def load(folder: Path) -> Course:
    """Return the Course stored in classroom.json of a folder.

    Raises:
        ValueError: the file is missing or damaged; the message says how to fix it.
        OSError: the file cannot be read.
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
