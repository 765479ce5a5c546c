"""Fingers on an explorer in JupyterLab; and a slider that starts between two of its steps."""

import pytest

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

explore(wave, x=(0.25, 3.0), w=(-2.0, 2.0)).set(x=1.0, w=0.5)
"""


def wave(x, w):
    h = w * x
    return h.sin() * h


@pytest.fixture(scope="module")
def opened(browser, server):
    write_notebook(server.root / "touch.ipynb", CELL)
    with page.open_notebook(browser, server, "touch.ipynb", has_touch=True) as notebook:
        page.run_all(notebook)
        yield notebook


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
    page.execute(opened, "_.set(x=1.0)")
    opened.page.wait_for_function("e => e.dataset.at === '[1,0.5]'", arg=widget.element_handle())
    press(widget, "ArrowLeft")
    assert assert_true(widget)["x"] == 0.99
