"""Lesson 14 in JupyterLab: an engine of tensors under the slider, on real digits, held against PyTorch."""

import pytest
import torch
from torch.nn import functional as F

from seeing_gradients.course.digits import load_digits

from . import lessons
from .explorer import find, press, read

LESSON = "en/14_capstone.ipynb"


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


def gradient_of_contrast(contrast):
    """The loss of the lesson's network on its first eight digits, and its derivative, by PyTorch."""
    images, labels = load_digits()
    first = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[:8]
    g = torch.Generator().manual_seed(0)
    W1 = torch.randn(64, 32, generator=g) * (2 / 64) ** 0.5
    W2 = torch.randn(32, 10, generator=g) * (2 / 32) ** 0.5
    contrast = torch.tensor(contrast, requires_grad=True)
    loss = F.cross_entropy((contrast * images[first] @ W1).relu() @ W2, labels[first])
    loss.backward()
    return loss.item(), contrast.grad.item()


def test_the_engine_gives_what_pytorch_gives_wherever_the_slider_is(lesson):
    explorer = find(lesson)
    press(explorer, "ArrowRight", times=4)
    reading = read(explorer)
    loss, gradient = gradient_of_contrast(reading.at["contrast"])
    assert reading.at["contrast"] != 1.0
    assert reading.output == pytest.approx(loss, rel=6e-4)
    assert reading.grads["contrast"] == pytest.approx(gradient, rel=2e-3)
