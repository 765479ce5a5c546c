"""Lesson 02 as a Chinese learner meets it: opened, run, dragged, in both themes and on a narrow page."""

import pytest

from . import lessons, page
from .explorer import COLOURS, drag, find, press, read, truth

LESSON = "zh/02_computation_graph.ipynb"
at_first = lessons.pictures_at_first


def squared_error(w, b, x, y_true):
    """The function of the explorer and of the descent."""
    return (w * x + b - y_true) ** 2


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


def test_the_pictures_of_the_committed_notebook_show_before_anything_is_run(lesson):
    held, shown = lesson.at_first
    assert held == shown >= 3


def assert_true(reading):
    output, grads = truth(squared_error, reading.at)
    assert (reading.output, reading.root) == pytest.approx((output, output), rel=6e-4)
    assert reading.grads == pytest.approx(grads, rel=6e-4)


def test_keys_on_a_slider_show_the_numbers_that_pytorch_gives_there(lesson):
    explorer = find(lesson, 1)
    before = read(explorer)
    assert_true(before)
    press(explorer, "ArrowRight", times=4)
    press(explorer, "ArrowLeft", slider=1)
    after = read(explorer)
    assert all(after.at[name] != before.at[name] for name in ("w", "b"))
    assert_true(after)


def test_dragging_a_slider_shows_the_numbers_that_pytorch_gives_at_the_end(lesson):
    explorer = find(lesson, 1)
    before = read(explorer)
    drag(explorer, 0.2)
    after = read(explorer)
    assert after.at["w"] != before.at["w"]
    assert_true(after)


def test_the_first_explorer_shows_the_nudge_of_the_text(lesson):
    explorer = find(lesson)
    products = explorer.locator(".sg-product").all_text_contents()
    assert products.count("6 × 0.02 = 0.12") == 3 and "12 × 0.01 = 0.12" in products
    assert "+0.1204" in explorer.locator(".sg-nudge-sentence").inner_text()


def test_one_click_is_one_step_of_gradient_descent(lesson):
    descent = lesson.page.locator(".jp-OutputArea-output .sg-descend").first
    descent.scroll_into_view_if_needed()
    w, b = start = parameters(descent)
    _, grads = truth(squared_error, {"w": w, "b": b, "x": 2.0, "y_true": 7.0})
    descent.locator(".sg-main").click()
    lesson.page.wait_for_function("([cell, was]) => cell.textContent !== was", arg=[handle(descent), f"{w:g}"])
    assert parameters(descent) == pytest.approx([w - 0.02 * grads["w"], b - 0.02 * grads["b"]], rel=6e-4)
    assert parameters(descent) != start


def handle(descent):
    return descent.locator("tbody .sg-value").first.element_handle()


def parameters(descent):
    return [float(text) for text in descent.locator("tbody .sg-value").all_text_contents()[:2]]


@pytest.mark.slow("axe reads every widget of a lesson, in both themes")
def test_no_widget_has_a_serious_accessibility_violation_in_either_theme(lesson, artefact):
    for theme in ("Light", "Dark"):
        page.change_theme(lesson, f"JupyterLab {theme}")
        find(lesson)
        lesson.page.screenshot(path=artefact(f"02-zh-{theme.lower()}.png"))
        rules = COLOURS if theme == "Dark" else None  # names and roles do not depend on the theme
        passed, grave = lessons.examine_all(lesson, rules)
        assert passed >= ({"button-name", "color-contrast", "label"} if rules is None else set(rules))
        assert grave == []
    page.change_theme(lesson, "JupyterLab Light")


def test_no_widget_is_wider_than_a_page_of_400_pixels(lesson, artefact):
    assert lessons.too_wide(lesson, artefact, "02-zh") == []


def test_the_browser_has_nothing_to_complain_about(lesson):
    assert lesson.complaints == []
