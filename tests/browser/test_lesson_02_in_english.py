"""Lesson 02 in English: what its words decide, names for a screen reader and widths; `test_lesson_02.py` has the rest."""

import pytest

from . import lessons, page
from .explorer import find, read, truth

LESSON = "en/02_computation_graph.ipynb"
at_first = lessons.pictures_at_first


class TestEveryLesson(lessons.Checks):
    """What holds for every lesson."""


def test_the_pictures_of_the_committed_notebook_show_before_anything_is_run(lesson):
    held, shown = lesson.at_first
    assert held == shown >= 3


def test_the_explorer_begins_with_the_numbers_of_pytorch_and_the_first_with_the_nudge_of_the_text(lesson):
    reading = read(find(lesson, 1))
    output, grads = truth(lambda w, b, x, y_true: (w * x + b - y_true) ** 2, reading.at)
    assert (reading.output, reading.root) == pytest.approx((output, output), rel=6e-4)
    assert reading.grads == pytest.approx(grads, rel=6e-4)
    first = find(lesson)
    products = first.locator(".sg-product").all_text_contents()
    assert products.count("6 × 0.02 = 0.12") == 3 and "12 × 0.01 = 0.12" in products
    assert "+0.1204" in first.locator(".sg-nudge-sentence").inner_text()


@pytest.mark.slow("axe reads every widget of a lesson")
def test_no_widget_has_a_serious_accessibility_violation(lesson, artefact):
    page.change_theme(lesson, "JupyterLab Dark")
    find(lesson)
    lesson.page.screenshot(path=artefact("02-en-dark.png"))
    passed, grave = lessons.examine_all(lesson)
    assert passed >= {"button-name", "color-contrast", "label"}
    assert grave == []
    page.change_theme(lesson, "JupyterLab Light")


def test_no_widget_is_wider_than_a_page_of_400_pixels(lesson, artefact):
    assert lessons.too_wide(lesson, artefact, "02-en") == []


def test_the_browser_has_nothing_to_complain_about(lesson):
    assert lesson.complaints == []
