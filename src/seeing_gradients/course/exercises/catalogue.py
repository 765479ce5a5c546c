"""Finds an exercise or a prediction by its id; one module a lesson is loaded when it is first asked for."""

import pkgutil
import re
from functools import cache
from importlib import import_module
from pathlib import Path

from seeing_gradients.language import message


def exercise(id):
    """Return the Exercise with this id, "02.1".

    Raises:
        ValueError: there is none; the message lists those of the lesson.
    """
    return _find("EXERCISES", "exercises.unknown", id)


def prediction(id):
    """Return the Prediction with this id, "02.p1".

    Raises:
        ValueError: there is none; the message lists those of the lesson.
    """
    return _find("PREDICTIONS", "exercises.unknown_prediction", id)


@cache
def lessons():
    """Return the numbers of the lessons that have exercises: ("00", "02")."""
    names = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    found = (re.fullmatch(r"lesson_(\d+)", name) for name in names)  # lesson_02_graph is a part of lesson_02
    return tuple(sorted(match[1] for match in found if match))


def all_exercises():
    """Return every Exercise of every lesson, in order."""
    return [item for lesson in lessons() for item in _lesson(lesson).EXERCISES]


def all_predictions():
    """Return every Prediction of every lesson, in order."""
    return [item for lesson in lessons() for item in _lesson(lesson).PREDICTIONS]


@cache
def _lesson(number):
    return import_module(f"{__package__}.lesson_{number}")


def _find(group, key, id):
    lesson = id.partition(".")[0] if isinstance(id, str) else None
    known = [lesson] if lesson in lessons() else lessons()
    items = {item.id: item for number in known for item in getattr(_lesson(number), group)}
    if not isinstance(id, str) or id not in items:
        raise ValueError(message(key, received=repr(id), ids=", ".join(items)))
    return items[id]
