"""Lesson 05, detach: five exercises and four predictions."""

from . import lesson_05_copies, lesson_05_paths
from .lesson_05_predictions import PREDICTIONS

EXERCISES = (*lesson_05_paths.EXERCISES, *lesson_05_copies.EXERCISES)

__all__ = ["EXERCISES", "PREDICTIONS"]
