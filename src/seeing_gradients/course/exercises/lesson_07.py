"""Lesson 07, the exercises of the book: eight exercises and five predictions."""

from . import lesson_07_branch, lesson_07_cost, lesson_07_second, lesson_07_sine
from .lesson_07_predictions import PREDICTIONS

EXERCISES = (
    *lesson_07_second.EXERCISES,
    *lesson_07_sine.EXERCISES,
    *lesson_07_branch.EXERCISES,
    *lesson_07_cost.EXERCISES,
)

__all__ = ["EXERCISES", "PREDICTIONS"]
