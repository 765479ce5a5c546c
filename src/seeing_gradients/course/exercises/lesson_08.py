"""Lesson 08, an autograd of one's own: five exercises and four predictions."""

from . import lesson_08_engine, lesson_08_slopes
from .lesson_08_predictions import PREDICTIONS

EXERCISES = (*lesson_08_slopes.EXERCISES, *lesson_08_engine.EXERCISES)

__all__ = ["EXERCISES", "PREDICTIONS"]
