"""Lesson 09, the clinic: six exercises, most of them to diagnose and to mend, and five predictions."""

from . import lesson_09_diagnose, lesson_09_loops, lesson_09_mend
from .lesson_09_predictions import PREDICTIONS

EXERCISES = (*lesson_09_diagnose.EXERCISES, *lesson_09_mend.EXERCISES, *lesson_09_loops.EXERCISES)

__all__ = ["EXERCISES", "PREDICTIONS"]
