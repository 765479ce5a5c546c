"""Exercises about numbers with other numbers: `personal("02.1", "alice", course="7f3a")` has those that follow from a name.

So an answer cannot be copied from a neighbour, and the grader, who knows the name, knows the numbers. A lesson writes
such an exercise as a function of its numbers, `varied(build, own, *choices)`.
"""

import os
import random
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

from seeing_gradients.language import message

from .catalogue import exercise
from .spec import Exercise


def varied(
    build: Callable[..., Exercise],
    own: tuple[int, ...],
    *choices: Iterable[int],
    fits: Callable[..., bool] = lambda *numbers: True,
) -> Exercise:
    """Return `build(*own)` with `vary`, which draws other numbers from the choices.

    It draws only numbers for which the right answer and all misconceptions differ from each other.

    Args:
        build: function (*numbers) -> Exercise of kind "value"; its texts and numbers all follow from the arguments.
        own: tuple, the numbers of the lesson.
        choices: for each number what it may be, a sequence.
        fits: function (*numbers) -> bool, whether these numbers make an exercise at all.
    """

    @cache
    def variants() -> list[Exercise]:
        built = (build(*numbers) for numbers in product(*choices) if numbers != own and fits(*numbers))
        return [exercise for exercise in built if _answers_differ(exercise)]

    return replace(build(*own), vary=lambda rng: rng.choice(variants()))


def minus(number: int) -> str:
    """Return a number as a text writes it, with a real minus: "−4"."""
    return str(number).replace("-", "−")


def bracket(number: int) -> str:
    """Return a number as code writes it after an operator: "3", "(-1)"."""
    return f"({number})" if number < 0 else str(number)


@dataclass(frozen=True)
class Personal:
    """An exercise with the numbers of one student; `check` and `hint` take it in place of the id.

    Attributes:
        exercise: Exercise.
        student: str.
    """

    exercise: Exercise
    student: str

    def __repr__(self) -> str:
        return f"{self._title()}\n{self.exercise.statement}"

    def _repr_markdown_(self) -> str:
        return f"**{self._title()}**\n\n{self.exercise.statement}"

    def _title(self) -> str:
        return message("exercises.personal", id=self.exercise.id, student=_without_markdown(self.student))


def personal(id: str, student: str = "", course: str = "") -> Personal:
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
    return Personal(variant(spec, student_key(course, name, spec.id)), name)


def variant(spec: Exercise, key: str) -> Exercise:
    """Return an Exercise with the numbers that follow from a key, or itself if everybody has the same.

    Args:
        spec: Exercise.
        key: str.
    """
    return spec.vary(random.Random(key)) if spec.vary else spec


def student_key(course: str, student: str, id: str) -> str:
    """Return the key of a student's version; capital letters and spaces around the name make no difference.

    Args:
        course: str, as in `personal`.
        student: str.
        id: str, "02.1".
    """
    return f"{course}/{unicodedata.normalize('NFKC', student).strip().casefold()}/{id}"


def exercise_of(id_or_personal: str | Personal) -> Exercise:
    """Return the Exercise that is meant by an id or by a Personal.

    Raises:
        ValueError: there is no such exercise.
    """
    return id_or_personal.exercise if isinstance(id_or_personal, Personal) else exercise(id_or_personal)


def as_typed(id_or_personal: str | Personal) -> str:
    """Return how an id, or a Personal, is written in a cell: `"02.1"`, `task_02_1` as assignments call it."""
    if isinstance(id_or_personal, Personal):
        return f"task_{id_or_personal.exercise.id.replace('.', '_')}"
    return f'"{id_or_personal}"'


def _answers_differ(exercise: Exercise) -> bool:
    answers: list[Any] = [exercise.reference, *(misconception.gives for misconception in exercise.misconceptions)]
    return len(set(answers)) == len(answers)


def _without_markdown(name: str) -> str:
    """A name without what Markdown would read."""
    return "".join(c if c.isalnum() or c in " -._@" else " " for c in name)[:80]
