"""Variants of exercises with other numbers, e.g. one for each student: `personal("02.1", "alice", course="7f3a")`.

The numbers follow from the student's name, so an answer cannot be copied from a neighbour, and the grader can compute
the same numbers from the name. A lesson writes such an exercise as a function of its numbers,
`varied(build, lesson_numbers, *choices)`.
"""

import os
import random
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import Any

from seeing_gradients.language import abridged, message

from .catalogue import exercise
from .spec import Exercise, Variants


def varied(
    build: Callable[..., Exercise],
    lesson_numbers: tuple[int, ...],
    *choices: Iterable[int],
    fits: Callable[..., bool] = lambda *numbers: True,
) -> Exercise:
    """Return the exercise with the lesson's numbers; its `vary` draws other numbers from the choices.

    `vary` draws only numbers for which the right answer and the answers of all misconceptions differ from each other.

    Args:
        build: function (*numbers) -> Exercise of kind "value", whose texts and numbers all follow from its arguments.
        lesson_numbers: the numbers that the lesson shows.
        *choices: for each number the values that it may take.
        fits: function (*numbers) -> bool, False for numbers that make no sensible exercise.
    """

    @cache
    def variants() -> tuple[Exercise, ...]:
        built = (build(*numbers) for numbers in product(*choices) if numbers != lesson_numbers and fits(*numbers))
        return tuple(exercise for exercise in built if _answers_differ(exercise))

    return replace(build(*lesson_numbers), vary=Variants(variants))


def minus(number: int) -> str:
    """Return a number as it is written in prose, with a minus sign (U+2212) instead of a hyphen: "−4"."""
    return str(number).replace("-", "−")


def bracket(number: int) -> str:
    """Return a number as it is written in code after an operator: "3", "(-1)"."""
    return f"({number})" if number < 0 else str(number)


@dataclass(frozen=True)
class Personal:
    """An exercise with the numbers of one student; `check` and `hint` take it in place of the id.

    Attributes:
        exercise: Exercise, with this student's numbers.
        student: str, the name.
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
    """Return an exercise with a student's own numbers.

    Args:
        id: str, "02.1".
        student: str, the name by which the instructor knows the student; "" for the name of the JupyterHub user.
        course: str, a key of the course: with another one, the same student gets other numbers.

    Raises:
        ValueError: there is no such exercise, or no name.
    """
    spec = exercise(id)
    name = student.strip() if isinstance(student, str) else ""
    name = name or os.environ.get("JUPYTERHUB_USER", "").strip()
    if not name:
        raise ValueError(message("exercises.no_student", received=abridged(student)))
    return Personal(variant(spec, student_key(course, name, spec.id)), name)


def variant(spec: Exercise, key: str) -> Exercise:
    """Return an Exercise with numbers that follow from a key, or `spec` itself if its numbers are fixed.

    Args:
        spec: Exercise.
        key: str, the seed; from `student_key`.
    """
    return spec.vary(random.Random(key)) if spec.vary else spec


def student_key(course: str, student: str, id: str) -> str:
    """Return the key of a student's variant; case and spaces around the name make no difference.

    Args:
        course: str, as in `personal`.
        student: str.
        id: str, "02.1".
    """
    return f"{course}/{unicodedata.normalize('NFKC', student).strip().casefold()}/{id}"


def exercise_of(id_or_personal: str | Personal) -> Exercise:
    """Return the Exercise with an id, or that of a Personal.

    Raises:
        ValueError: there is no such exercise.
    """
    return id_or_personal.exercise if isinstance(id_or_personal, Personal) else exercise(id_or_personal)


def as_typed(id_or_personal: str | Personal) -> str:
    """Return the first argument of `check` as code: `"02.1"`; for a Personal `task_02_1`, its name in assignments."""
    if isinstance(id_or_personal, Personal):
        return f"task_{id_or_personal.exercise.id.replace('.', '_')}"
    return f'"{id_or_personal}"'


def _answers_differ(exercise: Exercise) -> bool:
    answers: list[Any] = [exercise.reference, *(misconception.gives for misconception in exercise.misconceptions)]
    return len(set(answers)) == len(answers)


def _without_markdown(name: str) -> str:
    """A name with a space in place of each character that may have a meaning in Markdown, at most 80 characters."""
    return "".join(c if c.isalnum() or c in " -._@" else " " for c in name)[:80]
