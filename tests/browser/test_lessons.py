"""The lessons as a learner meets them: opened, run, dragged, in both languages, themes and on a narrow page."""

import time

import pytest

from . import page
from .explorer import drag, examine, find, press, read, truth

LANGUAGES = ("en", "zh")
PICTURE = ".jp-OutputArea-output[data-mime-type='image/svg+xml'] img"
OURS = ".jp-OutputArea-output .sg"
OVERFLOWING = """all => all
    .filter(element => element.scrollWidth > element.clientWidth + 1)
    .filter(element => !["auto", "scroll"].includes(getComputedStyle(element).overflowX))
    .map(element => element.className)"""


def squared_error(w, b, x, y_true):
    """The function of the explorer and of the descent of lesson 02."""
    return (w * x + b - y_true) ** 2


@pytest.fixture(scope="module", params=LANGUAGES)
def lesson(request, browser, server):
    """Lesson 02 in one language, every cell run; `lesson.at_first`: SVG outputs, and those shown before."""
    with page.open_notebook(browser, server, f"{request.param}/02_computation_graph.ipynb") as opened:
        opened.language = request.param
        opened.at_first = pictures_at_first(opened)
        page.run_all(opened)
        yield opened


def pictures_at_first(notebook, seconds=90):  # JupyterLab renders what is out of sight when the machine is idle
    """How many SVG outputs the notebook holds, and how many pictures the page shows once it has had time for that."""
    outputs = [output for cell in page.content(notebook)["cells"] for output in cell.get("outputs", [])]
    held = sum("image/svg+xml" in output.get("data", {}) for output in outputs)
    end = time.monotonic() + seconds
    while notebook.page.locator(PICTURE).count() < held and time.monotonic() < end:
        notebook.page.wait_for_timeout(100)
    return held, notebook.page.locator(PICTURE).count()


def assert_true(reading):
    output, grads = truth(squared_error, reading.at)
    assert (reading.output, reading.root) == pytest.approx((output, output), rel=6e-4)
    assert reading.grads == pytest.approx(grads, rel=6e-4)


def examine_all(notebook):
    """Run axe over our widgets and verdicts.

    Returns:
        (set of str, the rules that some element passes; list of "rule: element", what is grave).
    """
    page.lay_out_everything(notebook)
    passed, grave = examine(notebook, OURS)
    return passed, [f"{violation['id']}: {node['html'][:200]}" for violation in grave for node in violation["nodes"]]


def test_the_pictures_of_the_committed_notebook_show_before_anything_is_run(lesson):
    held, shown = lesson.at_first
    assert held == shown >= 3


def test_every_cell_runs_without_an_error(lesson):
    assert page.errors(lesson) == []


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
def test_no_widget_has_a_serious_accessibility_violation(lesson, artefact):
    for theme in ("Light", "Dark"):
        page.change_theme(lesson, f"JupyterLab {theme}")
        find(lesson)
        lesson.page.screenshot(path=artefact(f"02-{lesson.language}-{theme.lower()}.png"))
        if (lesson.language, theme) == ("en", "Light"):
            continue  # colours are those of the Chinese one, and words do not depend on the theme
        passed, grave = examine_all(lesson)
        assert passed >= {"button-name", "color-contrast", "label"}
        assert grave == []
    page.change_theme(lesson, "JupyterLab Light")


def test_no_widget_is_wider_than_a_page_of_400_pixels(lesson, artefact):
    page.narrow(lesson, 400)
    page.lay_out_everything(lesson)
    wide = lesson.page.locator(OURS).evaluate_all(OVERFLOWING)
    for name in ("explore", "descend"):
        lesson.page.locator(f".sg-{name}").first.screenshot(path=artefact(f"02-{lesson.language}-400-{name}.png"))
    page.narrow(lesson, None)
    assert wide == []


def test_the_browser_has_nothing_to_complain_about(lesson):
    assert lesson.complaints == []


@pytest.mark.slow("a notebook of its own is opened and run")
@pytest.mark.parametrize("language", ["zh"])
def test_lesson_00_opens_and_runs(browser, server, language, artefact):
    with page.open_notebook(browser, server, f"{language}/00_start.ipynb") as opened:
        page.run_all(opened)
        opened.page.screenshot(path=artefact(f"00-{language}.png"))
        explorer = find(opened)
        press(explorer, "ArrowLeft", times=2)
        reading = read(explorer)
        output, grads = truth(lambda x: x * x, reading.at)
        assert reading.at["x"] != 3 and reading.output == pytest.approx(output, rel=6e-4)
        assert reading.grads == pytest.approx(grads, rel=6e-4)
        assert page.errors(opened) == []
        assert opened.complaints == []
