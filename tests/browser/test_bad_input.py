"""Odd input in a real notebook: what the explorer says, that the kernel lives, and that the next good input works."""

import pytest
from playwright.sync_api import expect

from . import lab, page
from .explorer import find, press, settle

SETUP = 'import torch\nfrom helpers import explore, language, record\nlanguage.use("en")'
CELLS = {
    "exits": """
def f(w):
    if w > 1:
        raise SystemExit("enough")
    return w * w

explore(f, w=(-2.0, 2.0, 0.5))
""",
    "writes": """
def f(x, w):
    x.mul_(2.0)
    return (x * w).sum()

fixed = torch.tensor([1.0, 2.0])
explore(f, fixed, w=(0.0, 4.0, 0.5))
""",
    "names": """
NAMES = ["权重", "</text><img src=x onerror=document.title='hit'>", "עברית", "a\\u202eb", "x" * 10_000, "one\\ntwo", ""]
explore(lambda **given: sum(given.values()) * 1.0, **{name: (0.0, 4.0, 0.5) for name in NAMES})
""",
    "generates": """
def f(w):
    yield w * w

language.use("zh")
refused = explore(f, w=(0.0, 2.0))
language.use("en")
refused
""",
    "nested": """
def f(w):
    inner = explore(lambda x: x * x, x=(0.0, 2.0))
    return w * inner.record.grads["x"]

explore(f, w=(0.0, 4.0, 0.5))
""",
    "large": """
big = torch.ones(10**8, dtype=torch.uint8)
explore(lambda x, w: x.sum() * w, big, w=(0.0, 4.0, 2.0), max_seconds=30)  # three places: each run takes half a second
""",
}


@pytest.fixture(scope="module")
def notebook(browser, server):
    lab.write_notebook(server.root / "odd.ipynb", SETUP, *CELLS.values())
    with page.open_notebook(browser, server, "odd.ipynb") as opened:
        page.run_all(opened)
        yield opened


@pytest.fixture
def explorer(notebook):
    """A function from the name of a cell to its explorer."""
    return lambda name: find(notebook, list(CELLS).index(name))


def output(explorer):
    settle(explorer)
    return explorer.locator(".sg-output").inner_text()


def test_a_function_that_exits_is_shown_and_the_kernel_lives(explorer):
    shown = explorer("exits")
    press(shown, "ArrowRight", 4)
    settle(shown)
    assert "SystemExit: enough" in shown.locator(".sg-problem").inner_text()
    expect(shown.locator(".sg-nudge-button")).to_be_disabled()
    press(shown, "ArrowLeft", 6)
    assert output(shown) == "= 1" and shown.locator(".sg-problem").inner_text() == ""
    expect(shown.locator(".sg-nudge-button")).to_be_enabled()


def test_a_fixed_tensor_that_f_writes_to_does_not_drift_as_the_slider_moves(explorer):
    shown = explorer("writes")
    before = output(shown)
    press(shown, "ArrowRight", 3)
    press(shown, "ArrowLeft", 3)
    assert output(shown) == before == "= 12"
    assert "[1, 2]" in shown.locator("tbody").inner_text()


def test_no_name_breaks_out_of_the_page_or_swells_it(explorer, notebook):
    shown = explorer("names")
    press(shown, "ArrowRight", 2)
    assert output(shown) == "= 15"
    assert notebook.page.title() != "hit" and shown.locator("img").count() == 0
    width, room, height = shown.evaluate("element => [element.scrollWidth, element.clientWidth, element.clientHeight]")
    assert width <= room + 1 and height < 1_500


def test_a_generator_is_explained_in_the_language_of_the_lesson(explorer):
    shown = explorer("generates")
    assert "f应当返回张量" in shown.locator(".sg-problem").inner_text()


def test_an_explorer_inside_f_does_not_disturb_the_one_around_it(explorer):
    shown = explorer("nested")
    press(shown, "ArrowRight", 2)
    assert output(shown) == "= 6"


def test_a_tensor_of_1e8_elements_is_explored_by_its_summary(explorer):
    shown = explorer("large")
    press(shown, "ArrowRight", 1)
    assert output(shown) == "= 4e8"
    assert "(100000000,)" in shown.locator("tbody").inner_text()
