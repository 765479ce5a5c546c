"""Lesson 00 in JupyterLab: it runs and its slider gives PyTorch's numbers; and every lesson has a file like this one."""

import re
from pathlib import Path

import pytest

from . import lessons, page
from .conftest import ROOT
from .explorer import find, press, read, truth

LESSON = "zh/00_start.ipynb"


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


def test_every_lesson_has_a_file_that_opens_it():
    files = Path(__file__).parent.glob("test_lesson_*.py")
    opened = {
        name for file in files for name in re.findall(r'^LESSON = "../(.+)"$', file.read_text("utf-8"), re.MULTILINE)
    }
    assert opened == {path.name for path in (ROOT / "notebooks/en").glob("*.ipynb")}


def test_a_slider_shows_what_pytorch_gives(lesson, artefact):
    lesson.page.screenshot(path=artefact("00-zh.png"))
    explorer = find(lesson)
    press(explorer, "ArrowLeft", times=2)
    reading = read(explorer)
    output, grads = truth(lambda x: x * x, reading.at)
    assert reading.at["x"] != 3 and reading.output == pytest.approx(output, rel=6e-4)
    assert reading.grads == pytest.approx(grads, rel=6e-4)
    assert page.errors(lesson) == []
    assert lesson.complaints == []
