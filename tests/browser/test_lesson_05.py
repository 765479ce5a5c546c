"""Lesson 05 in JupyterLab: an edge cut by a click, a write through a detached tensor; the numbers are PyTorch's."""

import pytest
import torch

from . import lessons
from .explorer import find, press, read, settle

LESSON = "en/05_detach.ipynb"


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


def test_what_is_written_to_the_detached_tensor_shows_in_the_one_on_the_graph(lesson):
    explorer = find(lesson, 2)
    press(explorer, "ArrowLeft", times=3, slider=3)
    settle(explorer)
    written = explorer.locator(".sg-range").nth(3).evaluate("slider => slider.valueAsNumber")
    b = torch.tensor([1.0, 2.0, 3.0]) * 2
    b.detach()[0] = written
    shown = explorer.locator(".sg-output").inner_text().removeprefix("= ")
    assert written != 100 and float(shown) == pytest.approx(b.sum().item(), rel=6e-4)


def test_a_cut_edge_leaves_the_gradient_of_a_constant(lesson):
    explorer = find(lesson)
    press(explorer, "ArrowLeft", times=2)
    settle(explorer)
    x = torch.tensor(read(explorer).at["x"], requires_grad=True)
    assert x != 3 and read(explorer).grads["x"] == pytest.approx(3 * x.item() ** 2, rel=6e-4)
    explorer.locator(".sg-cut-select").select_option(label="u → ×")
    explorer.page.wait_for_function(
        "e => e.querySelector('.sg-check').textContent.startsWith('≠')", arg=explorer.element_handle()
    )
    ((x * x).detach() * x).backward()
    assert read(explorer).grads["x"] == pytest.approx(x.grad.item(), rel=6e-4)
