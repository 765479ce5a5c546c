"""A student's own numbers: `personal("02.1", "alice", course="7f3a")`, exercise 02.1 with numbers that follow from the name.

So an answer cannot be copied from a neighbour, and the grader, who knows the name, knows the numbers.
"""

import os
import random
import unicodedata
from dataclasses import dataclass

from seeing_gradients.language import message

from .catalogue import exercise
from .spec import Exercise


@dataclass(frozen=True)
class Personal:
    """An exercise with the numbers of one student; `check` and `hint` take it in place of the id.

    Attributes:
        exercise: Exercise.
        student: str.
    """

    exercise: Exercise
    student: str

    def __repr__(self):
        return f"{self._title()}\n{self.exercise.statement}"

    def _repr_markdown_(self):
        return f"**{self._title()}**\n\n{self.exercise.statement}"

    def _title(self):
        return message("exercises.personal", id=self.exercise.id, student=_plain(self.student))


def personal(id, student="", course=""):
    """Return the Personal that an exercise is for one student.

    Args:
        id: str, "02.1".
        student: str, the name by which the instructor knows the student; empty takes that of the JupyterHub user.
        course: str, what the numbers of this course depend on besides.

    Raises:
        ValueError: there is no such exercise, or no name.
    """
    spec = exercise(id)
    name = student.strip() if isinstance(student, str) else ""
    name = name or os.environ.get("JUPYTERHUB_USER", "").strip()
    if not name:
        raise ValueError(message("exercises.no_student", received=repr(student)))
    return Personal(variant(spec, key_of(course, name, spec.id)), name)


def variant(spec, key):
    """Return an Exercise with the numbers that follow from a key, or itself where everybody has the same.

    Args:
        spec: Exercise.
        key: str.
    """
    return spec.vary(random.Random(key)) if spec.vary else spec


def key_of(course, student, id):
    """Return the key of a student's version; capital letters and spaces around the name make no difference.

    Args:
        course: str, as in `personal`.
        student: str.
        id: str, "02.1".
    """
    return f"{course}/{unicodedata.normalize('NFKC', student).strip().casefold()}/{id}"


def of(asked):
    """Return the Exercise that is meant by an id or by a Personal.

    Raises:
        ValueError: there is no such exercise.
    """
    return asked.exercise if isinstance(asked, Personal) else exercise(asked)


def written(asked):
    """Return how an id, or a Personal, is written in a cell: `"02.1"`, `task_02_1` as assignments call it."""
    return f"task_{asked.exercise.id.replace('.', '_')}" if isinstance(asked, Personal) else f'"{asked}"'


def _plain(name):
    """A name without what Markdown would read."""
    return "".join(c if c.isalnum() or c in " -._@" else " " for c in name)[:80]
