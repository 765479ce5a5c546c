"""Lesson 04 in JupyterLab: v and x are moved by keyboard, and rows, weights and their sum are PyTorch's."""

import pytest
import torch

from . import lessons
from .explorer import find, press, settle

LESSON = "zh/04_vector_backward.ipynb"


def outputs(x):
    return torch.stack([x[0] * x[1], x[0] ** 2, x[1] + 3 * x[0]])


def shown(explorer, kind):
    rows = explorer.locator(f".sg-jacobian-{kind}")
    return [[float(text) for text in row.locator("td:not(.sg-weight)").all_inner_texts()] for row in rows.all()]


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


def test_the_gradient_begins_as_the_text_says_and_follows_the_sliders_as_pytorch_does(lesson):
    explorer = find(lesson)
    assert shown(explorer, "sum") == shown(explorer, "grad") == [[322, 101]]
    press(explorer, "ArrowLeft", times=4, slider=1)
    press(explorer, "ArrowRight", times=3, slider=3)
    settle(explorer)
    x0, x1, *v = explorer.locator(".sg-range").evaluate_all("all => all.map(slider => slider.valueAsNumber)")
    x = torch.tensor([float(x0), float(x1)], requires_grad=True)
    outputs(x).backward(torch.tensor([float(weight) for weight in v]))
    assert (x1, v[1]) != (2, 10)
    assert shown(explorer, "grad") == [pytest.approx(x.grad.tolist(), rel=6e-4)]
    expected = torch.autograd.functional.jacobian(outputs, x.detach()).tolist()
    assert shown(explorer, "row") == [pytest.approx(row, rel=6e-4) for row in expected]
