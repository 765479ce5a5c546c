"""A nudge in JupyterLab: chosen by click and keyboard, its numbers those of PyTorch, and gone again afterwards."""

import pytest
import torch

from . import page
from .explorer import find, press, settle, violations
from .lab import write_notebook

CELL = """
import torch
from helpers import explore, language
language.use("zh")

def squared_error(w, b, x, y_true):
    y_pred = w * x + b
    loss = (y_pred - y_true) ** 2
    return loss

nudged = explore(squared_error, w=(-5.0, 5.0), b=(-5.0, 5.0), x=2.0, y_true=7.0).set(w=4.0, b=2.0)
nudged
"""
HINGE = """
def hinge(x, w):
    return torch.relu(x * w).sum() + 0.1 * x.sum()

explore(hinge, x=[1.0, -0.05, 2.0], w=1.5, nudge=("x[1]", 0.1))
"""

STOPPED = """
def write(x):
    y = x.exp()
    if x > 0:
        y.detach().add_(1)
    return y

explore(write, x=(-1.0, 1.0)).set(x=0.5)
"""


@pytest.fixture(scope="module")
def opened(browser, server):
    write_notebook(server.root / "nudge.ipynb", CELL, HINGE, STOPPED)
    with page.open_notebook(browser, server, "nudge.ipynb") as notebook:
        page.run_all(notebook)
        yield notebook


def wait_for(widget, text):
    """Until the sentence of the nudge contains a text."""
    widget.page.wait_for_function(
        "([e, text]) => e.querySelector('.sg-nudge-sentence').textContent.includes(text)",
        arg=[widget.element_handle(), text],
    )


def moves(widget):
    """Name of each named node -> its text, "Δ +0.02"."""
    return widget.locator(".sg-node:has(.sg-name)").evaluate_all(
        "all => Object.fromEntries(all.map(e => [e.querySelector('.sg-name').textContent,"
        " e.querySelector('.sg-val').textContent]))"
    )


def squared_error(w, b=2.0, x=2.0, y_true=7.0):
    return (torch.tensor(w) * x + b - y_true) ** 2


def test_a_click_on_the_button_nudges_the_first_input_as_pytorch_does(opened, artefact):
    widget = find(opened)
    assert widget.locator(".sg-nudge").is_hidden()
    widget.locator(".sg-nudge-button").click()
    wait_for(widget, "w：4 → 4.01")
    real = squared_error(4.01) - squared_error(4.0)
    assert moves(widget)["loss"] == f"Δ +{real.item():.4f}" and moves(widget)["b"] == "Δ 0"
    assert widget.locator(".sg-product").all_text_contents().count("6 × 0.02 = 0.12") == 3
    assert widget.locator(".sg-nudge-button").get_attribute("aria-pressed") == "true"
    widget.screenshot(path=artefact("nudge.png"))


def test_a_larger_step_by_keyboard_shows_where_the_moves_part(opened, artefact):
    widget = find(opened)
    step = widget.locator(".sg-nudge-step")
    step.focus()
    step.press("End")
    wait_for(widget, "w：4 → 5。")
    assert step.get_attribute("aria-valuetext") == "+1"
    assert widget.locator(".sg-node.sg-apart").count() == 1
    assert widget.locator(".sg-product.sg-bad").text_content() == "≠ 预测+12"
    assert "4" in widget.locator(".sg-nudge-verdict").inner_text()
    widget.screenshot(path=artefact("nudge-apart.png"))
    widget.locator(".sg-nudge-flip").press("Enter")
    wait_for(widget, "w：4 → 3。")
    real = (squared_error(3.0) - squared_error(4.0)).item()
    assert moves(widget)["loss"] == f"Δ {real:g}"


def test_the_nudge_follows_the_sliders_and_a_click_on_a_leaf(opened):
    widget = find(opened)
    press(widget, "ArrowLeft", times=7)
    settle(widget)
    w = widget.locator(".sg-range").first.evaluate("slider => slider.valueAsNumber")
    wait_for(widget, f"w：{w:g} → {w - 1:g}。")
    assert moves(widget)["loss"] == f"Δ {(squared_error(w - 1) - squared_error(w)).item():+.4g}"
    widget.locator(".sg-node", has=opened.page.get_by_text("b", exact=True)).first.click()
    wait_for(widget, "b：2 → 1。")
    assert widget.locator(".sg-nudge-input").input_value() == "b" and moves(widget)["b"] == "Δ -1"
    leaf = widget.locator(".sg-node", has=opened.page.get_by_text("y_true", exact=True)).first
    leaf.focus()
    leaf.press("Enter")
    wait_for(widget, "y_true：7 → 6。")


def test_a_screen_reader_hears_the_move_of_a_node(opened):
    widget = find(opened)
    widget.page.wait_for_function(
        "e => [...e.querySelectorAll('.sg-node')].some(n => n.getAttribute('aria-label').includes('实际变化-1'))",
        arg=widget.element_handle(),
    )
    assert violations(opened) == []


def test_another_click_ends_the_nudge_and_the_values_are_back(opened):
    widget = find(opened)
    widget.locator(".sg-nudge-button").click()
    widget.page.wait_for_function(
        "e => ![...e.querySelectorAll('.sg-val')].some(text => text.textContent.startsWith('Δ'))",
        arg=widget.element_handle(),
    )
    assert widget.locator(".sg-nudge").is_hidden()
    assert "".join(widget.locator(".sg-product").all_text_contents()) == ""
    captions = widget.locator(".sg-caption").evaluate_all("all => all.map(e => getComputedStyle(e).visibility)")
    assert set(captions) == {"visible"} and moves(widget)["b"] == "→ 2"


def test_a_bend_is_seen_in_both_themes_and_on_a_narrow_page(opened, artefact):
    widget = find(opened, 1)
    for theme, colour in (("Light", "rgb(180, 35, 24)"), ("Dark", "rgb(255, 139, 130)")):
        page.change_theme(opened, f"JupyterLab {theme}")
        assert "ReLU" in widget.locator(".sg-nudge-reason").inner_text()
        assert widget.locator(".sg-node.sg-apart .sg-symbol").text_content() == "ReLU"
        red = widget.locator(".sg-nudge-verdict").evaluate("e => getComputedStyle(e).color")
        assert red == colour
        widget.screenshot(path=artefact(f"nudge-bend-{theme.lower()}.png"))
    page.narrow(opened, 400)
    box = widget.locator(".sg-nudge")
    assert box.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    widget.screenshot(path=artefact("nudge-400.png"))
    page.narrow(opened, None)
    page.change_theme(opened, "JupyterLab Light")


def test_where_backward_stops_no_nudge_is_offered(opened):
    widget = find(opened, 2)
    button = widget.locator(".sg-nudge-button")
    assert button.is_disabled() and "ExpBackward0" in widget.locator(".sg-problem").inner_text()
    press(widget, "Home")
    settle(widget)
    assert button.is_enabled()
    button.click()
    wait_for(widget, "x：-1 → -0.99")


def test_the_browser_has_nothing_to_complain_about(opened):
    assert opened.complaints == [] and page.errors(opened) == []
