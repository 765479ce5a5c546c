"""Lesson 09 in JupyterLab: a patient with a spoiled saved tensor, healed by a switch, shows PyTorch's gradients."""

import pytest
import torch

from . import lessons
from .explorer import find

LESSON = "zh/09_debugging.ipynb"
CLINIC = 2  # the third explorer of the lesson
VALUES = "e => [...e.querySelectorAll('.sg-range')].map(slider => slider.valueAsNumber)"


def wait(explorer, condition):
    """Until a JavaScript condition of the explorer's element e holds."""
    explorer.page.wait_for_function(f"e => {condition}", arg=explorer.element_handle())


def gradients(explorer):
    cells = explorer.locator("tbody tr:has(.sg-range) .sg-gradient").all_inner_texts()
    return [float(text) for text in cells]


def clinic(lesson):
    explorer = lesson.page.locator(".jp-OutputArea-output .sg-explore").nth(CLINIC)
    explorer.scroll_into_view_if_needed()
    return explorer


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


def test_the_cut_path_says_what_is_wrong_with_it(lesson):
    wait(find(lesson), "e.querySelector('.sg-problem').innerText")


def test_the_spoiled_saved_tensor_is_marked_and_the_square_which_saved_its_input_is_not(lesson):
    explorer = clinic(lesson)
    wait(explorer, "e.querySelector('.sg-saved tspan')?.textContent.startsWith('✗')")
    wait(explorer, "e.querySelector('.sg-problem').innerText.includes('inplace operation')")
    explorer.locator("tbody .sg-switch").first.press("Space")
    wait(explorer, "!e.querySelector('.sg-problem').innerText")
    explorer.locator(".sg-range").first.press("ArrowRight")
    explorer.locator(".sg-range").first.press("ArrowRight")
    wait(explorer, "JSON.parse(e.dataset.position)[0] > 0")
    at = explorer.evaluate(VALUES)
    wait(explorer, f"JSON.parse(e.dataset.position)[0] === {at[0]}")
    x = torch.tensor(at, requires_grad=True)
    y = x**2
    y += 1
    y.sum().backward()
    assert at[0] > 0 and gradients(explorer) == pytest.approx(x.grad.tolist(), rel=6e-4)
    assert [text[0] for text in explorer.locator(".sg-saved tspan").all_text_contents()] == ["□"]
