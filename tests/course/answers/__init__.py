"""Answers for the tests of exercises: one wrong answer for each misconception and rule, and others, wrong and right.

There is one module per lesson, e.g. `lesson_02`, with these constants:
    WRITTEN: (id, name of the misconception) -> a wrong answer, unless the misconception's own `gives` is one.
    OTHER: id -> wrong answers that the spec does not list, and that must be refused all the same.
    RECOGNISED: (id, name of the misconception) -> other wrong answers that get its sentence, too.
    PREDICTED: id of a prediction -> what PyTorch gives; for a choice its index.
    RIGHT: id -> right answers that are written in an unusual way.
To those written by hand `others` and `rights` add, for numbers and choices, answers that follow from the right one.
"""

import math
from functools import cache
from importlib import import_module
from itertools import combinations

import numpy
import torch

from seeing_gradients.course.exercises import all_exercises, lesson_numbers


def misconceptions():
    """Return a list of (id, name, wrong answer), one for each misconception and rule."""
    written = _all("WRITTEN")
    listed = [(spec.id, item) for spec in all_exercises() for item in (*spec.misconceptions, *spec.rules)]
    return [(id, item.name, written.get((id, item.name)) or item.gives) for id, item in listed]


def others():
    """Return a list of (id, index, wrong answer): those in OTHER, and spoilt forms of right numbers and choices."""
    written = _all("OTHER")
    return [
        (spec.id, index, answer)
        for spec in all_exercises()
        for index, answer in enumerate([*written.get(spec.id, ()), *_spoilt(spec)])
    ]


def recognised():
    """Return a list of (id, name, wrong answer), one for each answer in RECOGNISED."""
    return [(id, name, answer) for (id, name), answers in _all("RECOGNISED").items() for answer in answers]


def rights():
    """Return a list of (id, index, right answer): those in RIGHT, and other forms of right numbers and choices."""
    written = _all("RIGHT")
    return [
        (spec.id, index, answer)
        for spec in all_exercises()
        for index, answer in enumerate([*written.get(spec.id, ()), *_other_forms(spec)])
    ]


def _spoilt(spec):
    """Wrong numbers, each in one place; wrong choices, with two exchanged."""
    reference = spec.reference
    if spec.kind == "choice":
        pairs = combinations(reference, 2)
        exchanged = [reference | {a: reference[b], b: reference[a]} for a, b in pairs if reference[a] != reference[b]]
        return [*exchanged, *(dict.fromkeys(reference, option) for option in spec.options)]
    if spec.kind == "function":
        return []
    if not spec.names:
        return [reference + 0.37, reference - 0.61, -reference - 0.5, 10**6 + reference, math.inf]
    spoils = (lambda n: 1.5 * n + 0.37, lambda n: -0.3 * n - 0.61, lambda n: math.nan)
    return [
        tuple(spoil(n) if i == place else n for i, n in enumerate(reference))
        for place in range(len(reference))
        for spoil in spoils
    ]


def _other_forms(spec):
    """The right numbers as a list, in text-free containers of PyTorch and NumPy; the right choices written differently."""
    reference = spec.reference
    if spec.kind == "choice":
        backwards = dict(reversed(reference.items()))
        return [
            backwards,
            *({key: change(each) for key, each in reference.items()} for change in (str.upper, " {} ".format)),
        ]
    if spec.kind == "function":
        return []
    return [
        numpy.array(reference),
        torch.tensor(reference, dtype=torch.float64),
        [reference] if spec.names else (reference,),
    ]


def predicted():
    """Return a dict from the id of a prediction to what PyTorch gives."""
    return _all("PREDICTED")


@cache
def _all(name):
    answers = {}
    for number in lesson_numbers():
        answers |= getattr(import_module(f"{__name__}.lesson_{number}"), name, {})
    return answers
