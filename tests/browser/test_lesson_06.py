"""Lesson 06 in JupyterLab: the loop unrolls at a jump, and a slider on 0 says why nothing is shown, then recovers."""

import pytest

from . import lessons
from .explorer import find, press, read, settle, truth

LESSON = "zh/06_control_flow.ipynb"


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


def test_one_key_across_the_jump_halves_the_slope_to_what_pytorch_gives(lesson):
    explorer = find(lesson)
    before = read(explorer)
    press(explorer, "ArrowRight")
    after = read(explorer)
    for reading in (before, after):
        output, grads = truth(f, reading.at)
        assert (reading.output, reading.grads["a"]) == pytest.approx((output, grads["a"]), rel=6e-4)
    assert (before.at["a"], after.at["a"]) == pytest.approx((0.4882, 0.4883))
    assert (before.grads["a"], after.grads["a"]) == (4096, 2048)


def test_a_slider_on_zero_says_that_a_loop_never_ends_and_the_next_position_works(lesson):
    explorer = find(lesson, 1)
    assert "100" in explorer.locator(".sg-problem").inner_text()
    press(explorer, "ArrowRight")
    settle(explorer)
    reading = read(explorer)
    assert reading.at["a"] == 0.25 and reading.grads["a"] == truth(f, reading.at)[1]["a"]
