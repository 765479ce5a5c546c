"""Exercises that teach: `check("02.1", answer)` says what is wrong and why, `hint("02.1")` helps one step at a time.

`personal("02.1", "alice")` is an exercise with a student's own numbers. `predict("02.p1")` asks for a prediction before
anything runs. The exercises themselves are in `lessons/`, one folder per lesson. Tools read them through `exercise`,
`prediction`, `all_exercises` and `all_predictions`; `judge` judges an answer without recording it in the progress file.
"""

from .catalogue import all_exercises, all_predictions, exercise, lesson_numbers, prediction
from .checking import Hint, accepted_or_worked, check, hint, judge, predict
from .spec import Exercise, Misconception, Prediction, Rule, Text
from .variants import Personal, personal, student_key, variant
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
    "accepted_or_worked",
    "all_exercises",
    "all_predictions",
    "check",
    "exercise",
    "hint",
    "judge",
    "lesson_numbers",
    "personal",
    "predict",
    "prediction",
    "student_key",
    "variant",
]
