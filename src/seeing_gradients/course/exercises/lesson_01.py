"""Lesson 01, why autograd: five exercises and four predictions."""

from . import lesson_01_descent, lesson_01_differences
from .lesson_01_predictions import PREDICTIONS

EXERCISES = (*lesson_01_differences.EXERCISES, *lesson_01_descent.EXERCISES)

__all__ = ["EXERCISES", "PREDICTIONS"]
