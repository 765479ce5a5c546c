"""Wrong answers for the tests of exercises: one for each misconception and rule, and five more that nobody foresaw.

One module a lesson, `lesson_02`: `WRITTEN` maps (id, name of the misconception) to a wrong answer, if the spec does
not compute its own; `OTHER` maps an id to five wrong answers that the spec does not list: refused all the same;
`PREDICTED` maps the id of a prediction to what PyTorch gives (of a choice, its index); `RIGHT` maps an id to right answers
written in an unusual way.
"""

from functools import cache
from importlib import import_module

from seeing_gradients.course.exercises import all_exercises, lesson_numbers


def misconceptions():
    """Return (id, name, wrong answer) of every misconception and rule."""
    written = _all("WRITTEN")
    listed = [(spec.id, item) for spec in all_exercises() for item in (*spec.misconceptions, *spec.rules)]
    return [(id, item.name, written.get((id, item.name)) or item.gives) for id, item in listed]


def others():
    """Return (id, index, wrong answer)."""
    return [(id, index, answer) for id, answers in _all("OTHER").items() for index, answer in enumerate(answers)]


def rights():
    """Return (id, index, right answer)."""
    return [(id, index, answer) for id, answers in _all("RIGHT").items() for index, answer in enumerate(answers)]


def predicted():
    """Return what PyTorch gives for every prediction: dict from its id."""
    return _all("PREDICTED")


@cache
def _all(name):
    answers = {}
    for number in lesson_numbers():
        answers |= getattr(import_module(f"{__name__}.lesson_{number}"), name, {})
    return answers
