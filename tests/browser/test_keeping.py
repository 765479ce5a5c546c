"""Saved tensors in JupyterLab: shown on request, freed as backward passes, and the node at which backward stops."""

import time

import pytest

from . import page
from .explorer import find, go_to, open_more, press, settle, violations_in_both_themes

CELL = """
import torch
from helpers import explore, language
language.use("{language}")

def squared_sine(w, x):
    h = torch.sin(w * x)
    return h ** 2

explore(squared_sine, w=(-2.0, 2.0), x=1.5)
"""
COMPARED = """
def squared(w, b):
    d = w * b
    return d ** 2 + b

explore(squared, w=(-5.0, 5.0, 0.5), b=(-5.0, 5.0, 0.5)).set(w=2.0, b=3.0)
"""
FAILING = """
def positive(x):
    if x < 0:
        raise ValueError("negative")
    return x * x + 1

explore(positive, x=(-2.0, 2.0, 1.0), saved=True).set(x=0.0)
"""
WRITTEN = """
def unseen(x):
    y = x.exp()
    s = y.sin()
    y.add_(1)
    return s

explore(unseen, x=(-2.0, 2.0), saved=True)
"""
IN_SIGHT = """
def in_sight(x):
    e = torch.exp(x)
    y = e * x
    e.add_(1.0)
    return y + e

explore(in_sight, x=(-2.0, 2.0), saved=True)
"""
SPOILED = """
def spoiled(w):
    e = torch.exp(w)
    y = e * w
    e.add_(1.0)
    return y

explore(spoiled, w=(-2.0, 2.0))
"""


@pytest.fixture(scope="module", params=["zh"])
def opened(request, browser, server):
    from .lab import write_notebook

    name = f"kept-{request.param}.ipynb"
    write_notebook(
        server.root / name, CELL.format(language=request.param), SPOILED, COMPARED, FAILING, WRITTEN, IN_SIGHT
    )
    with page.open_notebook(browser, server, name) as notebook:
        page.run_all(notebook)
        yield notebook


def wait(widget, condition, arg=None):
    """Until a JavaScript condition of the widget's element holds."""
    widget.page.wait_for_function(f"([e, arg]) => {condition}", arg=[widget.element_handle(), arg])


def signs(widget):
    """The signs below the nodes, one text each."""
    return [text[0] for text in widget.locator(".sg-saved tspan").all_text_contents()]


def test_by_keyboard_the_saved_tensors_appear_and_are_freed_one_node_after_the_other(opened):
    widget = find(opened)
    assert widget.locator(".sg-saved").count() == 0
    open_more(widget)
    box = widget.locator(".sg-saved-on input")
    box.focus()
    box.press("Space")
    wait(widget, "e.querySelectorAll('.sg-saved tspan').length === 4")
    assert signs(widget) == ["□"] * 4
    seen = []
    for step in (3, 4, 5, 6):
        go_to(widget, step)
        seen.append("".join(signs(widget)))
    assert seen == ["■■■■", "■■■□", "■■□□", "□□□□"]
    widget.locator(".sg-step-slider").press("End")


def test_moving_a_slider_keeps_the_view(opened):
    widget = find(opened)
    press(widget, "ArrowRight", slider=0)
    settle(widget)
    assert len(signs(widget)) == 4


def test_a_second_backward_marks_the_node_that_fails_and_retain_graph_mends_it(opened):
    widget = find(opened)
    widget.locator(".sg-saved-twice input").check()
    wait(widget, "e.querySelectorAll('.sg-failed').length === 1")
    assert "retain_graph=True" in widget.locator(".sg-problem").inner_text()
    widget.locator(".sg-saved-retain input").check()
    wait(widget, "e.querySelectorAll('.sg-failed').length === 0 && e.querySelector('.sg-problem.sg-warning')")
    assert signs(widget) == ["■"] * 4
    widget.locator(".sg-saved-on input").uncheck()
    wait(widget, "e.querySelectorAll('.sg-saved tspan').length === 0 && !e.querySelector('.sg-problem').innerText")


def test_a_write_in_place_is_seen_in_one_picture(opened, artefact):
    widget = find(opened, 1)
    open_more(widget)
    widget.locator(".sg-saved-on input").check()
    wait(widget, "e.querySelectorAll('.sg-is-changed').length === 2")
    assert widget.locator(".sg-failed").count() == 1
    assert "✗ e v0→v1" in widget.locator(".sg-svg").text_content()
    assert violations_in_both_themes(opened, lambda theme: artefact(f"kept-{theme}.png")) == []
    assert opened.complaints == [] and page.errors(opened) == []


def test_a_kept_run_stands_beside_the_present_one_and_what_differs_is_marked(opened, artefact):
    widget = find(opened, 2)
    open_more(widget)
    button = widget.locator(".sg-compare-button")
    press(widget, "ArrowRight", slider=0)
    press(widget, "ArrowLeft", slider=0)
    button.focus()
    button.press("Enter")
    assert widget.locator(".sg-difference").count() == 0
    time.sleep(1)  # what the move left to be told does not write over what the button tells
    assert widget.locator(".sg-live").text_content().endswith("squared(w=2, b=3)")
    press(widget, "ArrowRight", slider=0)
    settle(widget)
    kept, now = (widget.locator(f"{place} .sg-val").all_text_contents() for place in (".sg-baseline", ".sg-stage"))
    assert "→ 39" in kept and "→ 59.25" in now  # (2 * 3) ** 2 + 3 and (2.5 * 3) ** 2 + 3
    assert "squared(w=2, b=3)" in widget.locator(".sg-baseline-head").inner_text()
    # w, d, the square and the sum have other values, b and they other gradients; the sum's gradient is 1 as ever
    assert (
        widget.locator(".sg-stage .sg-difference").count() == widget.locator(".sg-baseline .sg-difference").count() == 5
    )
    assert "36" in widget.locator(".sg-baseline-value").first.inner_text()  # d loss / d w was 2 * 6 * 3
    nudge = widget.locator(".sg-nudge-button")
    nudge.click()
    wait(widget, "e.querySelectorAll('.sg-difference').length === 0")  # "≠" now marks what is not as predicted
    nudge.click()
    wait(widget, "e.querySelectorAll('.sg-difference').length === 10")
    assert violations_in_both_themes(opened, lambda theme: artefact(f"compare-zh-{theme}.png")) == []
    for width in (None, 400):
        page.narrow(opened, width)
        cut_off = widget.locator(".sg-gradient, .sg-check").evaluate_all(
            "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)"
        )
        assert cut_off == []
    page.narrow(opened, None)
    button.click()
    assert widget.locator(".sg-difference").count() == widget.locator(".sg-baseline svg").count() == 0
    assert opened.complaints == [] and page.errors(opened) == []


def test_a_run_that_is_kept_during_a_nudge_shows_its_values(opened):
    widget = find(opened, 2)
    nudge, button = widget.locator(".sg-nudge-button"), widget.locator(".sg-compare-button")
    nudge.click()
    wait(widget, "e.querySelector('.sg-stage .sg-val').textContent.startsWith('Δ')")
    button.click()
    kept, now = (widget.locator(f"{place} .sg-val").all_text_contents() for place in (".sg-baseline", ".sg-stage"))
    assert "→ 59.25" in kept and not any("Δ" in text for text in kept) and any("Δ" in text for text in now)
    assert set(widget.locator(".sg-baseline .sg-product").all_text_contents()) <= {""}
    assert widget.locator(".sg-stage .sg-product").first.text_content() != ""
    button.click()
    nudge.click()
    wait(widget, "!e.classList.contains('sg-nudging')")


def test_where_f_fails_the_run_that_is_kept_is_one_that_worked_under_its_own_call(opened):
    widget = find(opened, 3)
    open_more(widget)
    button = widget.locator(".sg-compare-button")
    press(widget, "ArrowLeft")
    wait(widget, "e.querySelector('.sg-output').innerText === '= ?'")
    assert "positive(x=0)" in button.get_attribute("title")
    widget.locator(".sg-node").nth(1).hover()
    assert "positive(x=0)" in widget.locator(".sg-detail").inner_text()
    widget.locator(".sg-stage .sg-graph").press("Home")
    wait(widget, "e.querySelector('.sg-node').getAttribute('aria-label').endsWith('positive(x=0)')")
    button.focus()
    button.press("Enter")
    head = widget.locator(".sg-baseline-head").inner_text()
    assert "positive(x=0)" in head and "= 1" in head and "x=-1" not in head
    assert "positive(x=0)" in widget.locator(".sg-live").text_content()
    press(widget, "ArrowRight", 2)
    wait(widget, "e.querySelector('.sg-output').innerText === '= 2'")
    assert "→ 1" in widget.locator(".sg-baseline .sg-val").all_text_contents()
    assert (
        widget.locator(".sg-baseline-value").inner_text().endswith("0")
        and widget.locator(".sg-difference").count() == 6
    )
    press(widget, "Home")
    wait(widget, "e.querySelector('.sg-output').innerText === '= ?'")
    assert widget.locator(".sg-difference").count() == 0 and widget.locator(".sg-baseline-value").inner_text() == ""
    opacity = widget.locator(".sg-pair .sg-svg").evaluate_all("all => all.map(e => +getComputedStyle(e).opacity)")
    assert opacity[0] == 1 and opacity[1] < 1  # the kept run is as true as before
    widget.locator(".sg-reset").click()
    settle(widget)
    button.click()
    assert button.get_attribute("title") == ""


def test_a_run_kept_in_the_middle_of_its_steps_shows_what_it_keeps_at_their_end(opened):
    widget = find(opened, 3)
    go_to(widget, 2)
    now = signs(widget)
    widget.locator(".sg-compare-button").click()
    kept = widget.locator(".sg-baseline .sg-saved tspan").all_text_contents()
    assert "■" in "".join(now) and kept and {text[0] for text in kept} == {"□"}
    assert [text[0] for text in widget.locator(".sg-stage .sg-saved tspan").all_text_contents()] == now
    widget.locator(".sg-compare-button").click()
    widget.locator(".sg-step-slider").press("End")


@pytest.mark.parametrize(
    ("index", "seen"),
    [
        (4, ["■ y v0", "■ y v0■ y v0", "✗ y v0→v1✗ y v0→v1"]),  # add_ is no node: exp, sin, then backward stops
        (
            5,
            ["■ e v0", "■ e v0■ x v0■ e v0", "✗ e v0→v1■ x v0✗ e v0→v1", "✗ e v0→v1■ x v0✗ e v0→v1"],
        ),  # exp, ×, add_, +
    ],
)
def test_a_saved_tensor_is_said_to_be_changed_only_from_the_write_on(opened, index, seen):
    widget = find(opened, index)
    found = []
    for step in range(1, len(seen) + 1):
        go_to(widget, step)
        found.append("".join(widget.locator(".sg-saved tspan").all_text_contents()))
    assert found == seen
