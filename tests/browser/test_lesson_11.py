"""Lesson 11 in JupyterLab: what holds for every lesson."""

from . import lessons

LESSON = "en/11_network.ipynb"


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""
