"""Exercises that teach: `check("02.1", answer)` says what is wrong and why, `hint("02.1")` helps one step at a time.

`personal("02.1", "alice")` is an exercise with a student's own numbers. `predict("02.p1")` asks for a prediction before
anything runs. The specs are in one module a lesson (`lesson_02`); `exercise`, `prediction`, `all_exercises` and
`all_predictions` give them to tools.
"""

from .catalogue import all_exercises, all_predictions, exercise, lessons, prediction
from .checking import check
from .hints import Hint, hint
from .personal import Personal, personal
from .predicting import predict
from .spec import Exercise, Misconception, Prediction, Rule, Text
from .verdict import Verdict

__all__ = [
    "Exercise",
    "Hint",
    "Misconception",
    "Personal",
    "Prediction",
    "Rule",
    "Text",
    "Verdict",
    "all_exercises",
    "all_predictions",
    "check",
    "exercise",
    "hint",
    "lessons",
    "personal",
    "predict",
    "prediction",
]
