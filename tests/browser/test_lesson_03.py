"""Lesson 03 in JupyterLab: the tip of the vector is dragged, and norm and gradient are PyTorch's."""

import re

import pytest
import torch

from . import lessons
from .explorer import find, settle

LESSON = "en/03_dot_and_norm.ipynb"
AT = "e => JSON.parse(e.dataset.position)"


def drag_tip(explorer, to):
    """Drag the tip with the mouse to a point of the plane, both axes from -5 to 5."""
    ground = explorer.locator(".sg-plot-ground").first
    ground.scroll_into_view_if_needed()
    mouse = explorer.page.mouse

    def go(x, y, steps=1):
        box = ground.bounding_box()  # where it is now: cells above may still be growing
        mouse.move(box["x"] + (x + 5) / 10 * box["width"], box["y"] + (5 - y) / 10 * box["height"], steps=steps)

    go(*explorer.evaluate(AT))
    mouse.down()
    go(*to, steps=15)
    settle(explorer)
    go(*to)
    mouse.up()
    settle(explorer)


def numbers(explorer):
    """Position, norm, value and gradient, as the caption of the plot tells them."""
    caption = explorer.locator(".sg-plot-caption").inner_text()
    return explorer.evaluate(AT), [float(text) for text in re.findall(r"= (-?[\d.]+)", caption)]


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


@pytest.mark.parametrize(("index", "f"), [(0, lambda x: 2 * torch.dot(x, x)), (1, torch.linalg.vector_norm)])
def test_the_dragged_tip_shows_the_norm_and_the_gradient_that_pytorch_gives_there(lesson, index, f):
    explorer = find(lesson, index)
    drag_tip(explorer, (-2.0, 1.5))
    explorer.locator(".sg-plot").press("ArrowUp")
    settle(explorer)
    at, told = numbers(explorer)
    x = torch.tensor(at, requires_grad=True)
    y = f(x)
    y.backward()
    assert at == pytest.approx([-2.0, 1.6], abs=0.11)
    assert told == pytest.approx([*at, x.norm().item(), y.item(), *x.grad.tolist()], rel=6e-4)
