"""Lesson 08 in JupyterLab: the learner's engine under the sliders, held against PyTorch; a forgetful one is found out."""

import pytest
import torch

from . import lessons
from .explorer import find, press, read, settle, truth

LESSON = "zh/08_build_autograd.ipynb"


def loss(w, b, x, y_true):
    return (w * x + b - y_true) ** 2


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


def test_the_engine_gives_what_pytorch_gives_wherever_the_sliders_are(lesson):
    explorer = find(lesson)
    press(explorer, "ArrowLeft", times=3, slider=0)
    press(explorer, "ArrowRight", times=2, slider=1)
    reading = read(explorer)
    output, grads = truth(loss, reading.at)
    assert reading.at["w"] != 4.0
    assert reading.output == pytest.approx(output, rel=6e-4) and reading.grads == pytest.approx(grads, rel=6e-4)


def test_the_check_finds_the_engine_that_overwrites(lesson):
    explorer = find(lesson, 1)
    press(explorer, "ArrowRight")
    settle(explorer)
    explorer.page.wait_for_function(
        "e => e.querySelector('.sg-check').textContent.startsWith('≠')", arg=explorer.element_handle()
    )
    x = torch.tensor(read(explorer).at["x"], requires_grad=True)
    (x * (x + 2)).backward()
    assert read(explorer).grads["x"] != pytest.approx(x.grad.item())
