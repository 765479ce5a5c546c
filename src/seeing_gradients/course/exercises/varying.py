"""An exercise about numbers as a function of these numbers: the lesson's own, and other ones for each student.

`varied(build, own, *choices)` is the exercise of the lesson, and knows how to draw another one.
"""

from dataclasses import replace
from functools import cache
from itertools import product


def varied(build, own, *choices, fits=lambda *numbers: True):
    """Return `build(*own)` with `vary`, which draws other numbers from the choices.

    Drawn are only numbers for which no two of the right answer and the misconceptions are the same.

    Args:
        build: function (*numbers) -> Exercise of kind "value"; its texts and numbers all follow from the arguments.
        own: tuple, the numbers of the lesson.
        choices: for each number what it may be, a sequence.
        fits: function (*numbers) -> bool, whether these numbers make an exercise at all.
    """

    @cache
    def known():
        made = (build(*numbers) for numbers in product(*choices) if numbers != own and fits(*numbers))
        return [exercise for exercise in made if _tells_apart(exercise)]

    return replace(build(*own), vary=lambda rng: rng.choice(known()))


def minus(number):
    """Return a number as a text writes it, with a real minus: "−4"."""
    return str(number).replace("-", "−")


def bracket(number):
    """Return a number as code writes it after an operator: "3", "(-1)"."""
    return f"({number})" if number < 0 else str(number)


def _tells_apart(exercise):
    answers = [exercise.reference, *(misconception.gives for misconception in exercise.misconceptions)]
    return len(set(answers)) == len(answers)
