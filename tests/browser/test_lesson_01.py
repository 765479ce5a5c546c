"""Lesson 01 in JupyterLab: the step of a quotient and the learning rate are moved, and the numbers are the true ones."""

import math

import pytest
import torch

from . import lessons

LESSON = "en/01_why_autograd.ipynb"


def widget(lesson, name, index):
    found = lesson.page.locator(f".jp-OutputArea-output .sg-{name}").nth(index)
    found.scroll_into_view_if_needed()
    return found


def wait_for_change(lesson, locator, was):
    lesson.page.wait_for_function("([e, was]) => e.textContent !== was", arg=[locator.element_handle(), was])


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


def test_the_step_and_the_precision_give_the_quotient_that_torch_gives(lesson):
    shown = widget(lesson, "secant", 1)
    cell = shown.locator("tr", has=lesson.page.get_by_text("quotient", exact=True)).locator("td")
    for act in (
        lambda: shown.locator("input[type=range]").press("PageDown"),
        lambda: shown.locator("select").first.select_option("float32"),
    ):
        was = cell.text_content()
        act()
        wait_for_change(lesson, cell, was)
    position = int(shown.locator("input[type=range]").input_value())
    x, h = torch.tensor(1.0), torch.tensor(10 ** (position / 20))
    assert position < -20
    quotient = ((torch.sin(x + h) - torch.sin(x - h)) / (2 * h)).item()
    assert float(cell.text_content()) == pytest.approx(quotient, rel=1e-8)
    error = float(shown.locator("tr").last.locator("td").text_content())
    assert error == pytest.approx(abs(float(cell.text_content()) - math.cos(1)), rel=0.02)


def test_one_click_on_the_curve_is_one_step_with_the_learning_rate_of_the_slider(lesson):
    descent = widget(lesson, "descend", 0)
    cell = descent.locator("tbody .sg-value").first
    was = cell.text_content()
    descent.locator("input[type=range]").first.press("PageUp")
    wait_for_change(lesson, cell, was)
    was, rate = cell.text_content(), float(descent.locator("output").first.text_content())
    descent.locator(".sg-main").click()
    wait_for_change(lesson, cell, was)
    assert rate > 0.1
    assert float(cell.text_content()) == pytest.approx(1.5 * (1 - 2 * rate) ** 7, rel=0.02, abs=1e-6)
