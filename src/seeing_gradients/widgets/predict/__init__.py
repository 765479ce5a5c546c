"""The widget that asks for a prediction before any code runs; `course.exercises.predictions` decides what it says."""

from .widget import PredictCard, PredictReplies, PredictSent, PredictState, PredictWidget

__all__ = ["PredictCard", "PredictReplies", "PredictSent", "PredictState", "PredictWidget"]
