"""Lesson 06, control flow: six exercises and four predictions."""

from . import lesson_06_branch, lesson_06_loop
from .lesson_06_predictions import PREDICTIONS

EXERCISES = (*lesson_06_loop.EXERCISES, *lesson_06_branch.EXERCISES)

__all__ = ["EXERCISES", "PREDICTIONS"]
