"""In JupyterLab: edges cut by a click, by keyboard, and mended again; strips of elements, exact tables, shapes on edges."""

import pytest
import torch

from . import page
from .explorer import find, open_more, press, settle, violations_in_both_themes

CELL = """
import torch
from helpers import explore, language
language.use("{language}")

def product(w, x):
    h = w * x
    return torch.sin(h) * h

explore(product, w=(-2.0, 2.0), x=1.5, cut=True)
"""
TENSORS = """
def outer(u, v):
    m = u[:, None] * v
    return (m * m).sum()

explore(outer, u=[1.0, -2.0], v=[1.0, 3.0, -1.0])
"""

FAILING = """
def positive(x):
    if x < 0:
        raise ValueError("negative")
    return torch.sin(x * x)

explore(positive, x=(-2.0, 2.0, 1.0), cut=True).set(x=0.0)
"""

# nothing is cut, neither in the list of the page, which is written at once, nor in the picture, which comes from the kernel
WHOLE = "e.querySelectorAll('.sg-edge.sg-cut').length === 0 && !e.querySelector('.sg-uncut')"

# pairs of labels on the edges, numbers and shapes, of which one covers a part of the other
OVERLAPS = """widget => {
    const labels = [...widget.querySelectorAll(".sg-stage .sg-tag .sg-flow, .sg-stage text.sg-shape")].filter(e => e.textContent);
    const boxes = labels.map(e => e.getBoundingClientRect());
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
    return boxes.flatMap((a, i) => boxes.slice(0, i).flatMap((b, j) =>
        meet(a, b) ? [[labels[j].textContent, labels[i].textContent]] : []));
}"""


@pytest.fixture(scope="module", params=["en"])
def opened(request, browser, server):
    from .lab import write_notebook

    name = f"cut-{request.param}.ipynb"
    write_notebook(server.root / name, CELL.format(language=request.param), TENSORS, FAILING)
    with page.open_notebook(browser, server, name) as notebook:
        page.run_all(notebook)
        yield notebook


def wait(widget, condition):
    """Until a JavaScript condition of the widget's element e holds."""
    widget.page.wait_for_function(f"e => {condition}", arg=widget.element_handle())


def slopes(widget):
    return [float(text) for text in widget.locator("tbody .sg-gradient").all_inner_texts()]


def test_a_click_on_an_edge_detaches_there_and_the_check_disagrees(opened):
    widget = find(opened)
    press(widget, "ArrowRight", slider=0)
    settle(widget)
    before = slopes(widget)
    index = widget.locator(".sg-hit-area").evaluate_all(
        "all => all.findIndex(e => e.querySelector('title').textContent.includes('h → sin'))"
    )
    box = widget.locator(".sg-hit-area").nth(index)
    place = box.evaluate(
        "e => { const p = e.getPointAtLength(e.getTotalLength() / 2).matrixTransform(e.getScreenCTM()); return [p.x, p.y]; }"
    )
    opened.page.mouse.click(*place)
    wait(widget, "e.querySelectorAll('.sg-edge.sg-cut').length === 1")
    w = torch.tensor(float(widget.locator(".sg-range").first.input_value()), requires_grad=True)
    h = w * 1.5
    (torch.sin(h.detach()) * h).backward()
    assert slopes(widget)[0] == pytest.approx(w.grad.item(), rel=1e-3) and slopes(widget) != before
    wait(widget, "e.querySelectorAll('tbody .sg-check.sg-bad').length === 2")
    widget.locator(".sg-uncut").click()
    wait(widget, WHOLE)
    assert slopes(widget) == before


def test_by_keyboard_an_edge_is_chosen_and_mended(opened):
    widget = find(opened)
    menu = widget.locator(".sg-cut-select")
    menu.focus()
    menu.press("ArrowDown")
    wait(widget, "e.querySelectorAll('.sg-edge.sg-cut').length === 1 && e.querySelector('.sg-uncut')")
    button = widget.locator(".sg-uncut")
    button.focus()
    button.press("Enter")
    wait(widget, WHOLE)


def test_when_every_way_is_cut_the_widget_says_so_and_can_be_mended(opened):
    widget = find(opened)
    menu = widget.locator(".sg-cut-select")
    for text in ("sin → ×", "h → ×"):
        menu.select_option(label=text)
        wait(widget, f"[...e.querySelectorAll('.sg-uncut')].some(b => b.textContent.includes('{text}'))")
    wait(widget, "e.querySelector('.sg-problem').innerText")
    widget.locator(".sg-uncut").first.click()
    wait(widget, "!e.querySelector('.sg-problem').innerText")
    widget.locator(".sg-uncut").first.click()
    wait(widget, WHOLE)


def test_cuts_stay_while_a_slider_moves_and_look_well(opened, artefact):
    widget = find(opened)
    widget.locator(".sg-cut-select").select_option(index=1)
    wait(widget, "e.querySelectorAll('.sg-edge.sg-cut').length === 1")
    press(widget, "ArrowRight", slider=0)
    settle(widget)
    wait(widget, "e.querySelectorAll('.sg-edge.sg-cut').length === 1")
    assert violations_in_both_themes(opened, lambda theme: artefact(f"cut-{theme}.png")) == []
    assert opened.complaints == [] and page.errors(opened) == []


def test_elements_are_seen_as_bars_and_read_exactly_and_shapes_stand_on_the_edges(opened, artefact):
    widget = find(opened, 1)
    bars = widget.locator(".sg-bars-value").evaluate_all(
        "all => all.map(e => e.getAttribute('d').split('M').length - 1)"
    )
    assert bars.count(6) == 2  # m and m * m
    open_more(widget)
    widget.locator(".sg-shapes-choice input").check()
    spread = widget.locator(".sg-broadcast").evaluate_all("all => all.map(e => e.firstChild.textContent)")
    assert sorted(spread) == ["(2, 1) ⇢ (2, 3)", "(3,) ⇢ (2, 3)"]
    assert widget.evaluate(OVERLAPS) == []
    widget.locator(".sg-node", has_text="MulBackward0").last.focus()
    cells = widget.locator(".sg-cells.sg-forward td").all_inner_texts()
    m = torch.tensor([1.0, -2.0])[:, None] * torch.tensor([1.0, 3.0, -1.0])
    assert [float(text) for text in cells] == (m * m).flatten().tolist()
    page.wait_until_laid_out(opened)
    before = widget.bounding_box()["height"]
    widget.locator(".sg-shapes-choice input").click()
    assert not widget.locator(".sg-shapes-choice input").is_checked()
    # px: the graph is scaled to the page
    wait(widget, f"Math.abs(e.getBoundingClientRect().height - {before}) < 1")
    widget.locator(".sg-shapes-choice input").check()
    assert violations_in_both_themes(opened, lambda theme: artefact(f"tensors-en-{theme}.png")) == []
    assert opened.complaints == [] and page.errors(opened) == []


def test_where_f_fails_an_edge_says_what_a_click_will_do_though_the_picture_cannot_follow(opened):
    widget = find(opened, 2)
    say = lambda: [text.split(" ")[0] for text in widget.locator(".sg-hit-area title").all_text_contents()]
    press(widget, "ArrowLeft")
    wait(widget, "e.querySelector('.sg-output').innerText === '= ?'")
    widget.locator(".sg-cut-select").select_option(index=1)
    wait(widget, "e.querySelector('.sg-uncut')")
    assert widget.locator(".sg-edge.sg-cut").count() == 0 and say().count("restore") == 1
    press(widget, "ArrowRight", 2)
    wait(widget, "e.querySelectorAll('.sg-edge.sg-cut').length === 1 && e.dataset.run === 'here'")
    press(widget, "ArrowLeft", 2)
    wait(widget, "e.querySelector('.sg-output').innerText === '= ?'")
    widget.locator(".sg-uncut").click()
    wait(widget, "!e.querySelector('.sg-uncut')")
    assert widget.locator(".sg-edge.sg-cut").count() == 1 and set(say()) == {"cut"}
    press(widget, "ArrowRight", 2)
    wait(widget, "e.querySelectorAll('.sg-edge.sg-cut').length === 0")
