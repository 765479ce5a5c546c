"""A graph of 10,000 nodes in the page: drawn where one looks, reached everywhere, with PyTorch's numbers."""

import pytest
import torch

from . import lab, page
from .conftest import ROOT
from .explorer import find, press, settle

STEPS = 3_333
SETUP = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from helpers import explore, language
from seeing_gradients.widgets.explore import gradient_check
language.use("en")
gradient_check._MAX_SECONDS = 60.0  # for 10,000 operations while other tests have the processor

def f(x, w, b):
    for _ in range({STEPS}):
        x = (w * x + b).tanh()
    return x
"""
CELL = "explore(f, x=(-1.0, 1.0), w=0.9, b=0.1, max_ops=20_000, max_seconds=None, fold=False)"
MOST_ELEMENTS = 4_000  # in the whole explorer; all nodes would be 180,000


@pytest.fixture(scope="module")
def opened(browser, server):
    lab.write_notebook(server.root / "large.ipynb", SETUP, CELL)
    with page.open_notebook(browser, server, "large.ipynb") as notebook:
        page.run_all(notebook)
        yield notebook


def wait(explorer, condition):
    explorer.page.wait_for_function(f"e => {condition}", arg=explorer.element_handle(), timeout=page.PATIENCE)


def elements(explorer):
    return explorer.evaluate("e => e.querySelectorAll('*').length")


def numbers_of_pytorch(explorer):
    """The output and the gradients of what the sliders stand at, and after the last step but two."""
    at = explorer.locator(".sg-range").evaluate_all("all => all.map(slider => slider.valueAsNumber)")
    x, w, b = leaves = [torch.tensor(float(value), requires_grad=True) for value in at]
    for _ in range(STEPS):
        last = w * x + b
        x = last.tanh()
    x.backward()
    return x.item(), last.item(), [leaf.grad.item() for leaf in leaves]


def test_all_nodes_are_there_and_few_are_drawn_with_the_numbers_of_pytorch(opened):
    explorer = find(opened)
    assert explorer.locator(".sg-step-slider").get_attribute("max") == str(2 * 3 * STEPS + 1 + 3)
    assert 3 <= explorer.locator(".sg-node").count() < 500 and elements(explorer) < MOST_ELEMENTS
    assert explorer.locator(".sg-leaf").first.is_visible()
    press(explorer, "ArrowRight", times=3, slider=1)
    settle(explorer)
    output, _, grads = numbers_of_pytorch(explorer)
    assert float(explorer.locator(".sg-output").inner_text().removeprefix("= ")) == pytest.approx(output, rel=1e-3)
    shown = [float(text) for text in explorer.locator(".sg-gradient").all_inner_texts()]
    assert shown == pytest.approx(grads, rel=1e-3, abs=1e-40)
    wait(explorer, "[...e.querySelectorAll('.sg-check')].filter(cell => cell.textContent.startsWith('=')).length === 3")


def test_the_keyboard_the_steps_and_the_mouse_reach_nodes_far_away(opened):
    explorer = find(opened)
    output, last, _ = numbers_of_pytorch(explorer)
    explorer.locator(".sg-graph").focus()
    explorer.page.keyboard.press("End")
    wait(
        explorer,
        "document.activeElement.matches('.sg-output-node') && document.activeElement.ariaLabel.includes('tanh')",
    )
    assert float(explorer.locator(".sg-output-node .sg-val").text_content()[2:]) == pytest.approx(output, rel=1e-3)
    explorer.page.keyboard.press("ArrowLeft")
    wait(explorer, "document.activeElement.ariaLabel.includes('add')")
    assert float(opened.page.locator(".sg-node:focus .sg-val").text_content()[2:]) == pytest.approx(last, rel=1e-3)
    walk = explorer.locator(".sg-step-slider")
    walk.fill(str(STEPS))  # forward, a third of the way
    wait(explorer, "e.querySelector('.sg-node.sg-now')?.ariaLabel.includes('value')")
    box, now = explorer.locator(".sg-graph").bounding_box(), explorer.locator(".sg-node.sg-now").bounding_box()
    assert box["x"] <= now["x"] and now["x"] + now["width"] <= box["x"] + box["width"]
    assert box["y"] <= now["y"] and now["y"] + now["height"] <= box["y"] + box["height"]
    assert explorer.locator(".sg-node.sg-later").count() > 0
    explorer.get_by_title("show all").click()
    wait(explorer, "!e.querySelector('.sg-later')")
    explorer.locator(".sg-graph").evaluate("box => box.scrollBy(0, 40_000)")
    wait(
        explorer,
        "[...e.querySelectorAll('.sg-node')].some(node => node.getBoundingClientRect().y > e.getBoundingClientRect().y)",
    )
    assert elements(explorer) < MOST_ELEMENTS and opened.complaints == []


def test_seen_from_afar_nodes_are_outlines_and_come_back_as_one_zooms_in(opened):
    explorer = find(opened)
    explorer.locator(".sg-graph").focus()
    explorer.page.keyboard.press("Home")
    explorer.page.keyboard.press("0")
    wait(
        explorer,
        "e.querySelector('.sg-svg').getBoundingClientRect().width < 0.06 * e.querySelector('.sg-svg').viewBox.baseVal.width",
    )
    assert elements(explorer) < 2 * MOST_ELEMENTS
    explorer.page.keyboard.press("0")
    wait(
        explorer,
        "e.querySelector('.sg-svg').getBoundingClientRect().width > 0.7 * e.querySelector('.sg-svg').viewBox.baseVal.width",
    )
    wait(explorer, "e.querySelectorAll('.sg-node .sg-val').length > 2")
    assert elements(explorer) < MOST_ELEMENTS and opened.complaints == [] and page.errors(opened) == []
