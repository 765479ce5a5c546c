"""The Jacobian in JupyterLab: rows lit up by v, added up to the gradient, by keyboard and in both themes."""

import pytest
import torch

from . import page
from .explorer import find, press, settle, violations_in_both_themes
from .lab import write_notebook

CELL = """
import torch
from helpers import explore, language
language.use("zh")

def outputs(x):
    return torch.stack([x[0] * x[1], x[0] ** 2, x[1] + 3 * x[0]])

explore(outputs, x=[1.0, 2.0], gradient={"v": [1.0, 2.0, -2.0]})
"""
TWO = """
def outer(a, b):
    return a * b.sum()

explore(outer, a=[1.0, -2.0], b=[3.0, 4.0, 5.0], gradient="v")
"""


@pytest.fixture(scope="module")
def opened(browser, server):
    write_notebook(server.root / "jacobian.ipynb", CELL, TWO)
    with page.open_notebook(browser, server, "jacobian.ipynb") as notebook:
        page.run_all(notebook)
        yield notebook


def numbers(rows):
    return [[float(text) for text in row.locator("td:not(.sg-weight)").all_inner_texts()] for row in rows.all()]


def assert_true(widget):
    """Compare what is shown with PyTorch at the place of the sliders."""
    settle(widget)
    *x, v0, v1, v2 = widget.locator(".sg-range").evaluate_all("all => all.map(slider => slider.valueAsNumber)")
    at, v = torch.tensor(list(map(float, x))), torch.tensor([float(v0), float(v1), float(v2)])
    f = lambda x: torch.stack([x[0] * x[1], x[0] ** 2, x[1] + 3 * x[0]])
    jacobian = torch.autograd.functional.jacobian(f, at)
    assert numbers(widget.locator(".sg-jacobian-row")) == [pytest.approx(row, rel=6e-4) for row in jacobian.tolist()]
    (total,), (grad,) = (numbers(widget.locator(f".sg-jacobian-{name}")) for name in ("sum", "grad"))
    assert total == grad == pytest.approx((v @ jacobian).tolist(), rel=6e-4)
    assert [float(text) for text in widget.locator("tbody .sg-gradient").all_inner_texts()[:2]] == grad


def test_keys_on_x_and_on_v_show_the_rows_and_the_sum_that_pytorch_gives(opened):
    widget = find(opened)
    assert_true(widget)
    press(widget, "ArrowRight", times=3, slider=0)
    assert_true(widget)
    press(widget, "Home", slider=2)
    assert_true(widget)
    lights = widget.locator(".sg-jacobian-row").evaluate_all(
        "all => all.map(e => e.style.getPropertyValue('--sg-light'))"
    )
    assert [float(light) for light in lights] == [1.0, pytest.approx(0.4, abs=0.2), pytest.approx(0.4, abs=0.2)]


def test_of_two_inputs_one_is_chosen_by_keyboard_and_followed(opened, artefact):
    widget = find(opened, 1)
    widget.screenshot(path=artefact("jacobian-two-inputs.png"))
    select = widget.locator(".sg-jacobian-choice select")
    assert select.locator("option").all_inner_texts() == ["所有输入", "a", "b"]
    assert widget.locator(".sg-jacobian-row").first.locator("td:not(.sg-weight)").count() == 5
    select.press("ArrowDown")
    select.press("ArrowDown")
    opened.page.wait_for_function(
        "e => e.querySelectorAll('.sg-jacobian-row:first-child td').length === 4", arg=widget.element_handle()
    )
    press(widget, "ArrowRight", times=2, slider=0)
    settle(widget)
    *a, b0, b1, b2, _, _ = widget.locator(".sg-range").evaluate_all("all => all.map(slider => slider.valueAsNumber)")
    of_b = torch.autograd.functional.jacobian(lambda b: torch.tensor(a) * b.sum(), torch.tensor([b0, b1, b2]) * 1.0)
    assert numbers(widget.locator(".sg-jacobian-row")) == [pytest.approx(row, rel=6e-4) for row in of_b.tolist()]
    assert widget.locator(".sg-jacobian-table thead th").all_inner_texts()[-3:] == ["b[0]", "b[1]", "b[2]"]


def test_it_looks_well_in_both_themes_and_on_a_narrow_page(opened, artefact):
    widget = find(opened)
    assert violations_in_both_themes(opened, lambda theme: artefact(f"jacobian-{theme}.png")) == []
    page.narrow(opened, 400)
    widget.screenshot(path=artefact("jacobian-400.png"))
    assert widget.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    assert opened.complaints == [] and page.errors(opened) == []
