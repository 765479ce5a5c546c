"""Models in the page: modules open and close by mouse and keyboard, large graphs are panned and zoomed."""

import pytest

from . import lab, page
from .conftest import ROOT
from .explorer import find, violations_in_both_themes

SETUP = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
import torch
from helpers import explore, language
from tests.models import *
language.use("en")
"""
CELLS = [
    "model, tokens = transformer()\nexplore(model, tokens, gradient=torch.ones(2, 8, WORDS))",
    "net, images = resnet()\nexplore(net, images, gradient=torch.ones(2, CLASSES))",
    "explore(lambda w: w * w, w=(-2.0, 2.0))",
]


@pytest.fixture(scope="module")
def opened(browser, server):
    lab.write_notebook(server.root / "models.ipynb", SETUP, *CELLS)
    with page.open_notebook(browser, server, "models.ipynb") as notebook:
        page.run_all(notebook)
        yield notebook


@pytest.fixture
def widget(opened):
    """A function from the number of a cell to its explorer, everything in it closed, at its first size."""

    def find_closed(index):
        found = find(opened, index)
        while found.locator(".sg-chip").count():
            count = found.locator(".sg-chip").count()
            found.locator(".sg-chip").last.click()
            wait(found, f"e.querySelectorAll('.sg-chip').length < {count}")
        return found

    return find_closed


def wait(explorer, condition):
    """Wait until a JavaScript condition about the explorer e holds."""
    explorer.page.wait_for_function(f"e => {condition}", arg=explorer.element_handle(), timeout=page.PATIENCE)


def module(explorer, name):
    """The node of a module, by its path."""
    return explorer.locator(".sg-module").filter(has_text=name).first


def scroll(explorer):
    return explorer.locator(".sg-graph").evaluate("box => [box.scrollLeft, box.scrollTop]")


def scale(explorer):
    return explorer.locator(".sg-svg").evaluate("svg => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width")


def focused(explorer):
    return explorer.page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''")


def test_a_model_is_collapsed_at_first(widget):
    explorer = widget(0)
    assert explorer.locator(".sg-module").count() == 3
    assert "12 × Transformer" in explorer.locator(".sg-svg").text_content()


def test_a_click_opens_a_module_and_its_close_button_closes_it(widget):
    explorer = widget(0)
    module(explorer, "12 ×").click()
    wait(explorer, "e.querySelectorAll('.sg-module').length === 14")
    assert focused(explorer).startswith("encoder.layers.0,")
    explorer.locator(".sg-chip").click()
    wait(explorer, "e.querySelectorAll('.sg-module').length === 3")
    assert focused(explorer).startswith("encoder.layers.0 … 11,")


def test_the_keyboard_alone_opens_and_closes(widget):
    explorer = widget(0)
    explorer.locator(".sg-graph").focus()
    for _ in range(4):
        explorer.page.keyboard.press("ArrowRight")
    explorer.page.keyboard.press("ArrowLeft")
    assert "12 × TransformerEncoderLayer" in focused(explorer)
    explorer.page.keyboard.press("Enter")
    wait(explorer, "e.querySelectorAll('.sg-module').length === 14")
    explorer.page.keyboard.press(" ")
    wait(explorer, "e.querySelectorAll('.sg-chip').length === 2")
    assert focused(explorer).startswith("encoder.layers.0.self_attn,")
    explorer.page.keyboard.press("Escape")
    wait(explorer, "e.querySelectorAll('.sg-chip').length === 1")
    explorer.page.keyboard.press("Escape")
    wait(explorer, "e.querySelectorAll('.sg-chip').length === 0")


def test_steps_walk_over_folded_modules(widget):
    explorer = widget(0)
    explorer.get_by_title("to the inputs").click()
    for _ in range(4):
        explorer.get_by_title("one step on").click()
    assert "backward begins at Linear" in explorer.locator(".sg-detail").inner_text()
    explorer.get_by_title("show all").click()


def test_dragging_pans_and_opens_nothing(widget):
    explorer = widget(0)
    module(explorer, "12 ×").click()
    wait(explorer, "e.querySelectorAll('.sg-module').length === 14")
    before, box = scroll(explorer), explorer.locator(".sg-graph").bounding_box()
    target = module(explorer, "encoder.layers.1").bounding_box()
    x, y = target["x"] + target["width"] / 2, target["y"] + target["height"] / 2
    mouse = explorer.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, y - 150, steps=10)
    mouse.up()
    wait(explorer, f"Math.abs(e.querySelector('.sg-graph').scrollTop - {before[1] + 150}) <= 1")
    assert explorer.locator(".sg-chip").count() == 1 and box["width"] > 0


def test_keys_and_buttons_zoom(widget):
    explorer = widget(0)
    module(explorer, "12 ×").click()
    wait(explorer, "e.querySelectorAll('.sg-module').length === 14")
    first = scale(explorer)
    explorer.page.keyboard.press("-")
    wait(
        explorer,
        f"Math.abs(e.querySelector('.sg-svg').getBoundingClientRect().width / e.querySelector('.sg-svg').viewBox.baseVal.width - {first / 1.25}) < 1e-3",
    )
    explorer.get_by_title("zoom in (+)").click()
    explorer.get_by_title("zoom in (+)").click()
    wait(
        explorer,
        f"Math.abs(e.querySelector('.sg-svg').getBoundingClientRect().width / e.querySelector('.sg-svg').viewBox.baseVal.width - {first * 1.25}) < 1e-3",
    )
    explorer.locator(".sg-graph").focus()
    explorer.page.keyboard.press("0")
    wait(explorer, "e.querySelector('.sg-graph').scrollHeight <= e.querySelector('.sg-graph').clientHeight + 1")
    explorer.page.keyboard.press("0")
    wait(explorer, "e.querySelector('.sg-graph').scrollHeight > e.querySelector('.sg-graph').clientHeight + 1")
    assert scale(explorer) == pytest.approx(first, abs=1e-3)


def test_ctrl_and_wheel_zoom_about_the_pointer_and_a_plain_wheel_does_not(widget):
    explorer = widget(0)
    module(explorer, "12 ×").click()
    wait(explorer, "e.querySelectorAll('.sg-module').length === 14")
    node = module(explorer, "encoder.layers.1")
    before, first = node.bounding_box(), scale(explorer)
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    explorer.page.mouse.move(x, y)
    explorer.page.mouse.wheel(0, 1)
    assert scale(explorer) == pytest.approx(first)
    explorer.page.keyboard.down("Control")
    explorer.page.mouse.wheel(0, -40)
    explorer.page.keyboard.up("Control")
    wait(
        explorer,
        f"e.querySelector('.sg-svg').getBoundingClientRect().width / e.querySelector('.sg-svg').viewBox.baseVal.width > {first * 1.1}",
    )
    after = node.bounding_box()
    assert after["x"] + after["width"] / 2 == pytest.approx(x, abs=3)
    explorer.locator(".sg-graph").focus()
    explorer.page.keyboard.press("0")
    explorer.page.keyboard.press("0")


def test_the_search_opens_what_is_closed_and_goes_there(widget):
    explorer = widget(0)
    keyboard, field = explorer.page.keyboard, explorer.locator(".sg-search-field")
    explorer.locator(".sg-graph").focus()
    keyboard.press("/")
    assert focused(explorer) == "search modules and nodes (/)" and field.input_value() == ""
    keyboard.type("layers.7.linear1")
    wait(
        explorer, "e.querySelectorAll('.sg-match').length === 3"
    )  # with its weight and its bias: the kernel knows them
    names = explorer.locator(".sg-match-name").all_inner_texts()
    assert names == [f"encoder.layers.7.linear1{end}" for end in ("", ".weight", ".bias")]
    keyboard.press("ArrowDown")
    chosen = field.get_attribute("aria-activedescendant")
    assert explorer.locator(f"#{chosen}").get_attribute("aria-selected") == "true"
    assert explorer.locator(f"#{chosen} .sg-match-name").inner_text() == names[1]
    keyboard.press("Escape")
    assert field.is_hidden() and explorer.locator(".sg-matches").is_hidden()
    assert focused(explorer).startswith("Computation graph of") and explorer.locator(".sg-chip").count() == 0
    keyboard.press("/")
    keyboard.type("layers.7.linear1")
    wait(explorer, "e.querySelectorAll('.sg-match').length === 3")
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    wait(explorer, "e.querySelectorAll('.sg-chip').length === 3")
    wait(explorer, "document.activeElement.ariaLabel?.startsWith('encoder.layers.7.linear1.weight,')")
    box, node = explorer.locator(".sg-graph").bounding_box(), explorer.locator(".sg-node:focus").bounding_box()
    assert box["x"] <= node["x"] and node["x"] + node["width"] <= box["x"] + box["width"]


def test_a_minimap_moves_what_is_in_sight_and_goes_where_all_is(widget):
    explorer = widget(0)
    minimap = explorer.locator(".sg-minimap")
    module(explorer, "12 ×").click()
    wait(explorer, "e.querySelectorAll('.sg-module').length === 14")
    wait(explorer, "e.querySelector('.sg-minimap').checkVisibility()")
    assert minimap.get_attribute("aria-hidden") == "true"
    area = minimap.bounding_box()
    mouse, x = explorer.page.mouse, area["x"] + area["width"] / 2
    mouse.click(x, area["y"] + area["height"] - 3)
    end = "e.querySelector('.sg-graph').scrollHeight - e.querySelector('.sg-graph').clientHeight"
    wait(explorer, f"e.querySelector('.sg-graph').scrollTop > 0.95 * ({end})")
    mouse.move(x, area["y"] + area["height"] - 3)
    mouse.down()
    mouse.move(x, area["y"] + 2, steps=6)
    mouse.up()
    wait(explorer, "e.querySelector('.sg-graph').scrollTop === 0")
    wait(explorer, "Number(e.querySelector('.sg-mini-sight').getAttribute('y')) === 0")
    explorer.locator(".sg-graph").focus()
    explorer.page.keyboard.press("0")
    wait(explorer, "!e.querySelector('.sg-minimap').checkVisibility()")
    explorer.page.keyboard.press("0")


def test_a_small_graph_has_no_buttons_for_zoom(widget):
    explorer = widget(2)
    assert explorer.locator(".sg-zooms").is_hidden() and explorer.locator(".sg-search").is_hidden()
    assert explorer.locator(".sg-graph.sg-pans").count() == 0


def test_models_are_accessible_in_both_themes(opened, widget, artefact):
    page.lay_out_everything(opened)
    for index, name in ((0, "transformer"), (1, "resnet")):
        explorer = widget(index)
        module(explorer, "12 ×" if index == 0 else "layer2").click()
        wait(explorer, "e.querySelectorAll('.sg-chip').length === 1")
        opened.page.keyboard.press("Enter")
        wait(explorer, "e.querySelectorAll('.sg-chip').length === 2")
        wait(explorer, "[...e.querySelectorAll('.sg-node')].every(node => node.ariaLabel)")
        explorer.screenshot(path=artefact(f"model-{name}.png"))
    assert violations_in_both_themes(opened, lambda theme: artefact(f"models-{theme}.png")) == []
    assert opened.complaints == [] and page.errors(opened) == []


def test_a_model_fits_a_narrow_page(opened, widget, artefact):
    explorer = widget(0)
    module(explorer, "12 ×").click()
    wait(explorer, "e.querySelectorAll('.sg-chip').length === 1")
    page.narrow(opened, 400)
    try:
        wait(explorer, "e.getBoundingClientRect().width < 400")
        assert explorer.evaluate("e => e.scrollWidth <= e.clientWidth")
        explorer.screenshot(path=artefact("model-narrow.png"))
    finally:
        page.narrow(opened, None)


@pytest.mark.parametrize("width", [400, 500])
def test_on_a_narrow_page_the_buttons_of_a_graph_stand_in_one_row_above_its_open_modules(opened, widget, width):
    explorer = widget(0)
    module(explorer, "12 ×").click()
    wait(explorer, "e.querySelectorAll('.sg-chip').length === 1")
    page.narrow(opened, width)
    try:
        wait(explorer, f"e.getBoundingClientRect().width < {width}")
        buttons = [b.bounding_box() for b in explorer.locator(".sg-tools .sg-icon").all() if b.is_visible()]
        chip = explorer.locator(".sg-chip").bounding_box()
        assert len(buttons) == 5 and len({b["y"] for b in buttons}) == 1
        assert chip["y"] >= max(b["y"] + b["height"] for b in buttons)
    finally:
        page.narrow(opened, None)
