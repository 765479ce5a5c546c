"""Fingers on an explorer in JupyterLab; and a slider that starts between two of its steps."""

import pytest
import torch

from . import page
from .explorer import find, press, read, truth
from .lab import write_notebook

CELL = """
import torch
from helpers import explore, language
language.use("en")

def wave(x, w):
    h = w * x
    return torch.sin(h) * h

waving = explore(wave, x=(0.25, 3.0), w=(-2.0, 2.0), cut=True).set(x=1.0, w=0.5)
waving
"""
MODEL = """
layers = [layer for _ in range(20) for layer in (torch.nn.Linear(4, 4), torch.nn.Tanh())]
explore(torch.nn.Sequential(*layers), torch.ones(2, 4), gradient=torch.ones(2, 4), opened="all")
"""


def wave(x, w):
    h = w * x
    return h.sin() * h


@pytest.fixture(scope="module")
def opened(browser, server):
    write_notebook(server.root / "touch.ipynb", CELL, MODEL)
    with page.open_notebook(browser, server, "touch.ipynb", has_touch=True) as notebook:
        page.run_all(notebook)
        yield notebook


@pytest.fixture(scope="module")
def touch(opened):
    """A function that puts fingers down at the first places given, moves them through the others and lifts them."""
    session = opened.page.context.new_cdp_session(opened.page)

    def send(kind, places):
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def moved(first, *others):
        send("touchStart", first)
        for places in others:
            send("touchMove", places)
            opened.page.evaluate("() => new Promise(requestAnimationFrame)")
        send("touchEnd", [])

    return moved


def between(a, b, steps=12):
    """Places on the way from a to b."""
    return [(a[0] + (b[0] - a[0]) * k / steps, a[1] + (b[1] - a[1]) * k / steps) for k in range(steps + 1)]


def assert_true(widget):
    reading = read(widget)
    output, grads = truth(wave, reading.at)
    assert reading.output == pytest.approx(output, rel=6e-4) and reading.grads == pytest.approx(grads, rel=6e-4)
    return reading.at


def test_a_slider_between_two_steps_stands_where_f_is_computed_and_goes_on_to_its_next_step(opened):
    widget = find(opened)
    assert assert_true(widget) == {"x": 1.0, "w": 0.5}  # the steps go from 0.25 by 0.02
    press(widget, "ArrowRight")
    assert assert_true(widget)["x"] == 1.01
    page.execute(opened, "waving.set(x=1.0)")
    opened.page.wait_for_function("e => e.dataset.position === '[1,0.5]'", arg=widget.element_handle())
    press(widget, "ArrowLeft")
    assert assert_true(widget)["x"] == 0.99


def test_a_finger_drags_a_slider_and_a_tap_cuts_an_edge(opened, touch):
    widget = find(opened)
    slider = widget.locator(".sg-range").nth(1)
    low, high, now = slider.evaluate("slider => [+slider.min, +slider.max, slider.valueAsNumber]")
    box = slider.bounding_box()
    place = lambda x: (box["x"] + 8 + (x - low) / (high - low) * (box["width"] - 16), box["y"] + box["height"] / 2)
    touch(*([at] for at in between(place(now), place(1.5))))
    assert assert_true(widget)["w"] == pytest.approx(1.5, abs=0.06)

    reach = widget.locator(".sg-hit-area").filter(has_text="h → sin").first
    middle = """path => {
        const at = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());
        return [at.x, at.y];
    }"""
    reach.scroll_into_view_if_needed()
    gradient = widget.locator("tbody .sg-gradient").first
    before, other = gradient.inner_text(), "([e, was]) => e.innerText !== was"
    touch([reach.evaluate(middle)])
    opened.page.wait_for_function(other, arg=[gradient.element_handle(), before])
    at = {
        name: slider.evaluate("e => e.valueAsNumber") for name, slider in zip("xw", widget.locator(".sg-range").all())
    }
    h = torch.tensor(at["w"] * at["x"])
    grads = [float(text) for text in widget.locator("tbody .sg-gradient").all_inner_texts()]
    assert grads == pytest.approx([(h.sin() * at["w"]).item(), (h.sin() * at["x"]).item()], rel=6e-4)
    after = gradient.inner_text()
    widget.locator(".sg-uncut").tap()
    opened.page.wait_for_function(other, arg=[gradient.element_handle(), after])
    assert_true(widget)


def test_one_finger_pans_a_large_graph_and_two_zoom_it(opened, touch):
    widget = find(opened, 1)
    box = widget.locator(".sg-pans")
    box.scroll_into_view_if_needed()
    area = box.bounding_box()
    x, y = area["x"] + area["width"] / 2, area["y"] + min(area["height"] / 2, 240)
    read = lambda: box.evaluate("b => [b.scrollTop, b.querySelector('svg').getBoundingClientRect().width]")
    top, width = read()
    touch(*([at] for at in between((x, y), (x, y - 150))))
    opened.page.wait_for_function("([b, was]) => b.scrollTop > was + 100", arg=[box.element_handle(), top])
    assert read()[1] == width
    touch(*zip(between((x - 120, y), (x - 60, y)), between((x + 120, y), (x + 60, y)), strict=True))
    wider = "([b, was]) => Math.abs(b.querySelector('svg').getBoundingClientRect().width / was - 0.5) < 0.1"
    opened.page.wait_for_function(wider, arg=[box.element_handle(), width])
    assert opened.page.evaluate("visualViewport.scale") == 1  # the graph grew smaller, not the page
    assert opened.complaints == [] and page.errors(opened) == []
