"""The widget that asks for a prediction before anything runs; `course.exercises.predict` decides what it says."""

from .widget import PredictCard, PredictSent, PredictState, PredictWidget

__all__ = ["PredictCard", "PredictSent", "PredictState", "PredictWidget"]
