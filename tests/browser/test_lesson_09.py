"""Lesson 09 in JupyterLab: a residual block that overwrites a saved tensor shows PyTorch's gradients once it does not."""

import pytest
import torch

from . import lessons

LESSON = "zh/09_debugging.ipynb"
CLINIC = 1  # the second explorer of the lesson
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


def test_the_overwritten_result_is_marked_and_no_longer_once_the_block_adds_into_a_new_tensor(lesson):
    explorer = clinic(lesson)
    wait(explorer, "[...e.querySelectorAll('.sg-saved tspan')].some(chip => chip.textContent.startsWith('✗'))")
    wait(explorer, "e.querySelector('.sg-problem').innerText.includes('inplace operation')")
    explorer.locator("tbody .sg-switch").first.press("Space")
    wait(explorer, "!e.querySelector('.sg-problem').innerText")
    explorer.locator(".sg-range").first.press("ArrowRight")
    wait(explorer, "JSON.parse(e.dataset.position)[0] > 0.5")
    at = explorer.evaluate(VALUES)
    wait(explorer, f"JSON.parse(e.dataset.position)[0] === {at[0]}")
    torch.manual_seed(0)
    linear, x = torch.nn.Linear(2, 2), torch.tensor(at, requires_grad=True)
    (torch.sigmoid(linear(x)) + x).sum().backward()
    assert gradients(explorer) == pytest.approx(x.grad.tolist(), rel=6e-4)
    assert "✗" not in "".join(explorer.locator(".sg-saved tspan").all_text_contents())
