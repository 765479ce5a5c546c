"""Find an exercise or a prediction by its id. A lesson's modules are imported when one of its items is first needed.

What a class gets without solutions has, in place of a lesson's modules of exercises, a file `withheld.json`.
"""

import json
import pkgutil
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from seeing_gradients.language import abridged, message

from . import lessons
from .spec import Exercise, Prediction
from .withheld import restore

WITHHELD = "withheld.json"


def exercise(id: str) -> Exercise:
    """Return the Exercise with an id such as "02.1".

    Raises:
        ValueError: there is no such exercise; the message lists the ids of the lesson.
    """
    return _item("EXERCISES", "exercises.unknown", id)


def prediction(id: str) -> Prediction:
    """Return the Prediction with an id such as "02.p1".

    Raises:
        ValueError: there is no such prediction; the message lists the ids of the lesson.
    """
    return _item("PREDICTIONS", "exercises.unknown_prediction", id)


@cache
def lesson_numbers() -> tuple[str, ...]:
    """Return the numbers of the lessons that have exercises, in order: ("00", "01", ...)."""
    return tuple(sorted(module.name[1:] for module in pkgutil.iter_modules(lessons.__path__) if module.ispkg))


def all_exercises() -> list[Exercise]:
    """Return every Exercise of every lesson, in order."""
    return [item for lesson in lesson_numbers() for item in _lesson_items(lesson, "EXERCISES")]


def all_predictions() -> list[Prediction]:
    """Return every Prediction of every lesson, in order."""
    return [item for lesson in lesson_numbers() for item in _lesson_items(lesson, "PREDICTIONS")]


@cache
def _lesson_items(lesson: str, group: str) -> Sequence[Any]:
    """The exercises or predictions in all modules of a lesson's folder, sorted by number.

    Args:
        lesson: "02".
        group: the constant that holds them in each module, "EXERCISES" or "PREDICTIONS".
    """
    package = import_module(f"{lessons.__name__}.l{lesson}")
    withheld = Path(package.__path__[0]) / WITHHELD
    if group == "EXERCISES" and withheld.exists():
        return [restore(described) for described in json.loads(withheld.read_text(encoding="utf-8"))]
    modules = [import_module(f"{package.__name__}.{module.name}") for module in pkgutil.iter_modules(package.__path__)]
    items = [item for module in modules for item in getattr(module, group, ())]
    return sorted(items, key=lambda item: int(item.id.partition(".")[2].removeprefix("p")))


def _item(group: str, message_key: str, id: str) -> Any:
    """The item with this id; otherwise raise a ValueError with the message of that key."""
    lesson = id.partition(".")[0] if isinstance(id, str) else None
    searched = [lesson] if lesson in lesson_numbers() else lesson_numbers()
    items = {item.id: item for number in searched for item in _lesson_items(number, group)}
    if not isinstance(id, str) or id not in items:
        raise ValueError(message(message_key, received=abridged(id), ids=", ".join(items)))
    return items[id]
