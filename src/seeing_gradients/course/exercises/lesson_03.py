"""Lesson 03, the dot product and the L2 norm: five exercises and five predictions."""

from . import lesson_03_forms, lesson_03_norm
from .lesson_03_predictions import PREDICTIONS

EXERCISES = (*lesson_03_norm.EXERCISES, *lesson_03_forms.EXERCISES)

__all__ = ["EXERCISES", "PREDICTIONS"]
