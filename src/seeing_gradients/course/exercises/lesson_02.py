"""Lesson 02, the computation graph and backward: eight exercises and five predictions."""

from . import lesson_02_graph, lesson_02_loss
from .lesson_02_predictions import PREDICTIONS

EXERCISES = (*lesson_02_loss.EXERCISES, *lesson_02_graph.EXERCISES)

__all__ = ["EXERCISES", "PREDICTIONS"]
