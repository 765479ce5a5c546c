"""Stepping through one pass in JupyterLab: what is shown when, with the keyboard alone, and without the kernel."""

import pytest

from . import page
from .explorer import SQUARED_ERROR, find, go_to, press, settle, violations_in_both_themes

SHORT = """
from helpers import explore
explore(lambda x: x * x, x=3.0)
"""
NORM = """
from helpers import explore

def length(x):
    import torch
    return torch.linalg.vector_norm(x)

explore(length, x=[-3.6, -4.6])
"""
LONG = """
from helpers import explore

def long(x):
    # 1
    # 2
    # 3
    # 4
    # 5
    # 6
    # 7
    # 8
    return x * x

explore(long, x=3.0)
"""
VISIBLE = "all => all.filter(e => getComputedStyle(e).visibility === 'visible').length"


@pytest.fixture(scope="module", params=["zh"])
def opened(request, browser, server):
    from .lab import write_notebook

    name = f"steps-{request.param}.ipynb"
    write_notebook(server.root / name, SQUARED_ERROR.format(language=request.param), LONG, SHORT, NORM)
    with page.open_notebook(browser, server, name) as notebook:
        notebook.language = request.param
        page.run_all(notebook)
        yield notebook


def shown(widget, kind):
    """How many values (".sg-val"), gradients (".sg-grad") or flows (".sg-tag .sg-flow") are visible."""
    return widget.locator(f".sg-svg {kind}").evaluate_all(VISIBLE)


def test_values_and_gradients_fill_up_in_the_order_of_the_engine_while_the_kernel_has_no_time(opened):
    widget = find(opened)
    page.hold(opened, "stepped", 6)
    counts = []
    for step in (0, 1, 4, 5, 8, 12, 13):
        go_to(widget, step)
        counts.append((shown(widget, ".sg-val"), shown(widget, ".sg-grad"), shown(widget, ".sg-tag .sg-flow")))
    # No paths meet here, so that the only gradients on edges are those that flow in the step.
    assert counts == [(5, 0, 0), (6, 0, 0), (9, 0, 0), (9, 1, 1), (9, 4, 2), (9, 8, 0), (9, 8, 0)]
    assert widget.get_attribute("data-step") == "all"


def test_each_step_tells_its_rule_and_marks_its_line_of_f(opened):
    widget = find(opened)
    go_to(widget, 5)
    detail = widget.locator(".sg-detail").inner_text()
    assert "PowBackward0" in detail and "1 × 2 × 3^(2 − 1) = 6" in detail
    assert "** 2" in widget.locator(".sg-current-line").inner_text()
    assert widget.locator("tbody .sg-gradient").evaluate_all(VISIBLE) == 0
    go_to(widget, 11)
    assert widget.locator(".sg-detail").inner_text() == "w.grad = 12"
    assert widget.locator("tbody .sg-gradient").evaluate_all(VISIBLE) == 3


def test_the_line_of_the_step_is_in_sight_where_f_is_longer_than_its_panel(opened):
    widget = find(opened, 1)
    go_to(widget, 1)
    line = widget.locator(".sg-current-line")
    assert "x * x" in line.inner_text()
    inside = """line => {
        const [own, panel] = [line, line.parentElement].map((element) => element.getBoundingClientRect());
        return panel.height < line.parentElement.scrollHeight && own.top >= panel.top && own.bottom <= panel.bottom;
    }"""
    assert line.evaluate(inside)
    widget.locator(".sg-step-slider").press("End")


def test_a_gradient_beside_the_highest_node_is_shown_whole(opened):
    widget = find(opened, 3)
    go_to(widget, 2)
    label, picture = (widget.locator(f".sg-stage {name}").first for name in (".sg-overlay rect", ".sg-svg"))
    assert "-0.62" in widget.locator(".sg-overlay").text_content()
    assert label.bounding_box()["y"] >= picture.bounding_box()["y"]
    widget.locator(".sg-step-slider").press("End")


def test_a_slider_moved_during_a_step_shows_that_step_with_the_new_numbers(opened):
    widget = find(opened)
    go_to(widget, 11)
    press(widget, "Home", slider=1)
    settle(widget)
    widget.page.wait_for_function(
        "e => e.querySelector('.sg-detail').innerText === 'w.grad = -16'", arg=widget.element_handle()
    )
    assert widget.get_attribute("data-step") == "11"
    widget.locator(".sg-reset").click()
    settle(widget)


def test_playing_goes_from_the_inputs_to_the_end_and_stops(opened):
    widget = find(opened, 2)
    play = widget.locator(".sg-steps .sg-icon").nth(2)
    resting = play.get_attribute("aria-label")
    play.press("Enter")
    assert play.get_attribute("aria-label") != resting
    assert widget.get_attribute("data-step") == "0"
    widget.page.wait_for_function("e => !e.classList.contains('sg-stepping')", arg=widget.element_handle())
    assert widget.get_attribute("data-step") == "all"
    assert play.get_attribute("aria-label") == resting


def test_a_screen_reader_is_told_each_step(opened):
    widget = find(opened, 2)
    go_to(widget, 2)
    widget.page.wait_for_function(
        "e => e.querySelector('.sg-live').innerText.includes('MulBackward0')", arg=widget.element_handle()
    )
    walk = widget.locator(".sg-step-slider")
    assert "3" in walk.get_attribute("aria-valuetext")
    go_to(widget, 4)


def test_stepping_looks_well_in_both_themes_and_on_a_narrow_page(opened, artefact):
    widget = find(opened)
    go_to(widget, 8)
    assert violations_in_both_themes(opened, lambda theme: artefact(f"steps-{opened.language}-{theme}.png")) == []
    page.narrow(opened, 400)
    assert widget.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    widget.locator(".sg-steps").scroll_into_view_if_needed()
    opened.page.screenshot(path=artefact(f"steps-{opened.language}-400.png"))
    page.narrow(opened, None)


def test_nothing_was_complained_about(opened):
    assert page.errors(opened) == [] and opened.complaints == []
