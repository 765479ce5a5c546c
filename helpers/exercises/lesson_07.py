"""Lesson 07, the exercises of the book: six exercises and five predictions."""

from . import lesson_07_branch, lesson_07_second, lesson_07_sine
from .lesson_07_predictions import PREDICTIONS

EXERCISES = (*lesson_07_second.EXERCISES, *lesson_07_sine.EXERCISES, *lesson_07_branch.EXERCISES)

__all__ = ["EXERCISES", "PREDICTIONS"]
