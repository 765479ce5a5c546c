"""Lesson 04, the gradient of a vector: five exercises and five predictions."""

from . import lesson_04_products, lesson_04_rows, lesson_04_weights
from .lesson_04_predictions import PREDICTIONS

EXERCISES = (*lesson_04_rows.EXERCISES, *lesson_04_weights.EXERCISES, *lesson_04_products.EXERCISES)

__all__ = ["EXERCISES", "PREDICTIONS"]
