"""Lesson 12 in JupyterLab: what holds for every lesson."""

from . import lessons

LESSON = "zh/12_vanishing.ipynb"


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""
