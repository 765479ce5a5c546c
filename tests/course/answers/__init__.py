"""Answers for the tests of exercises: one wrong answer for each misconception and rule, and others, wrong and right.

There is one module per lesson, e.g. `lesson_02`, with these constants:
    WRITTEN: (id, name of the misconception) -> a wrong answer, unless the misconception's own `gives` is one.
    OTHER: id -> five wrong answers that the spec does not list, and that must be refused all the same.
    PREDICTED: id of a prediction -> what PyTorch gives; for a choice its index.
    RIGHT: id -> right answers that are written in an unusual way.
"""

from functools import cache
from importlib import import_module

from seeing_gradients.course.exercises import all_exercises, lesson_numbers


def misconceptions():
    """Return a list of (id, name, wrong answer), one for each misconception and rule."""
    written = _all("WRITTEN")
    listed = [(spec.id, item) for spec in all_exercises() for item in (*spec.misconceptions, *spec.rules)]
    return [(id, item.name, written.get((id, item.name)) or item.gives) for id, item in listed]


def others():
    """Return a list of (id, index, wrong answer) for the answers in OTHER."""
    return [(id, index, answer) for id, answers in _all("OTHER").items() for index, answer in enumerate(answers)]


def rights():
    """Return a list of (id, index, right answer) for the answers in RIGHT."""
    return [(id, index, answer) for id, answers in _all("RIGHT").items() for index, answer in enumerate(answers)]


def predicted():
    """Return a dict from the id of a prediction to what PyTorch gives."""
    return _all("PREDICTED")


@cache
def _all(name):
    answers = {}
    for number in lesson_numbers():
        answers |= getattr(import_module(f"{__name__}.lesson_{number}"), name, {})
    return answers
