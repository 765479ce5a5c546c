"""Lesson 07 in JupyterLab: the order of a derivative and a branch, moved by keyboard; the numbers are PyTorch's."""

import pytest
import torch

from . import lessons
from .explorer import find, press, settle

LESSON = "en/07_exercises.ipynb"


def derivative(x, order):
    y = torch.sin(x) * torch.exp(x)
    for _ in range(order):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


def test_another_order_shows_a_larger_graph_and_the_derivative_that_pytorch_gives(lesson):
    explorer = find(lesson)
    nodes = explorer.locator(".sg-node")
    before = nodes.count()
    press(explorer, "ArrowRight", slider=1)
    press(explorer, "ArrowLeft", times=5, slider=0)
    settle(explorer)
    assert nodes.count() > before
    at, order = explorer.locator(".sg-range").evaluate_all("all => all.map(slider => slider.valueAsNumber)")
    assert order == 2 and at != 1
    x = torch.tensor(float(at), requires_grad=True)
    y = derivative(x, int(order))
    y.backward()
    assert float(explorer.locator(".sg-output").inner_text().removeprefix("= ")) == pytest.approx(y.item(), rel=6e-4)
    shown = explorer.locator("tbody .sg-gradient").first.inner_text()
    assert float(shown) == pytest.approx(x.grad.item(), rel=6e-4)
