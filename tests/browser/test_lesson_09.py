"""Lesson 09 in JupyterLab: a residual block that overwrites a saved tensor shows PyTorch's gradients once it does not."""

import pytest
import torch

from . import lessons
from .explorer import go_to

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


def test_a_gradient_of_the_step_does_not_lie_on_a_gradient_that_stands_on_its_edge(lesson):
    explorer = lesson.page.locator(".jp-OutputArea-output .sg-explore").nth(CLINIC + 1)
    explorer.scroll_into_view_if_needed()
    go_to(explorer, 6)
    overlapping = """e => {
        const boxes = [...e.querySelectorAll(".sg-tag-box")]
            .filter((box) => getComputedStyle(box).visibility === "visible")
            .map((box) => box.getBoundingClientRect());
        const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
        return boxes.filter((a, i) => boxes.some((b, k) => i < k && overlap(a, b))).length;
    }"""
    assert explorer.locator(".sg-tag").count() > 4 and explorer.evaluate(overlapping) == 0
    explorer.locator(".sg-step-slider").press("End")
