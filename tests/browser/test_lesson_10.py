"""Lesson 10 in JupyterLab: the number of segments moves memory, and the gradient stays PyTorch's."""

import pytest
import torch
from playwright.sync_api import expect

from . import lessons
from .explorer import find, press, settle

LESSON = "zh/10_beyond.ipynb"


def slope(number):
    x = torch.tensor(number, requires_grad=True)
    y = x
    for _ in range(12):
        y = torch.tanh(1.1 * y)
    y.backward()
    return x.grad.item()


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


def test_fewer_segments_hold_less_and_the_gradient_is_still_that_of_pytorch(lesson):
    explorer = find(lesson)
    boxes = explorer.locator(".sg-module")
    expect(boxes).to_have_count(4)
    assert "held = 16000, inside = 12000, held + inside = 28000, evaluations = 24" in explorer.inner_text()
    handle = explorer.locator(".sg-range").nth(1)
    handle.press("ArrowLeft")
    handle.press("ArrowLeft")
    settle(explorer)
    expect(boxes).to_have_count(2)
    assert "held = 8000, inside = 24000, held + inside = 32000, evaluations = 24" in explorer.inner_text()
    press(explorer, "ArrowRight")
    settle(explorer)
    gradient = float(explorer.locator(".sg-gradient").first.inner_text())
    at = explorer.locator(".sg-range").first.evaluate("slider => slider.valueAsNumber")
    assert gradient == pytest.approx(slope(at), rel=6e-4)
