"""Lesson 13 in JupyterLab: what holds for every lesson."""

from . import lessons

LESSON = "en/13_time.ipynb"


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""
