"""The explorer's parts in JupyterLab: in sight together, moving nothing, one thing at a time behind "more"."""

import pytest

from . import page
from .explorer import find, go_to, open_more, press, settle, violations

CELLS = (
    """
from helpers import explore, language
language.use("{language}")

def squared_error(w, b, x, y_true):
    y_pred = w * x + b
    loss = (y_pred - y_true) ** 2
    return loss

explore(squared_error, w=(-5.0, 5.0), b=(-5.0, 5.0), x=2.0, y_true=7.0, keep=True).set(w=4.0, b=2.0)
""",
    """
def bowl(w, b):
    return w * w + 3 * b * b

explore(bowl, w=(-5.0, 5.0), b=(-5.0, 5.0), plot=("w", "b")).set(w=4.0, b=2.0)
""",
)
BOXES = """explorer => [".sg-table", ".sg-plots", ".sg-stage", ".sg-actions", ".sg-reading", ".sg-source"].map(name => {
    const box = explorer.querySelector(name).getBoundingClientRect();
    const { left, top } = explorer.getBoundingClientRect();
    return [name, box.left - left, box.top - top, box.width, box.height].map(x => typeof x === "number" ? Math.round(x) : x);
})"""

HEAD_HEIGHTS = """explorer => Array.from({ length: 40 }, (_, i) => {
    explorer.parentElement.style.width = `${250 + 10 * i}px`;
    const height = explorer.querySelector(".sg-head").offsetHeight;
    explorer.parentElement.style.width = "";
    return height;
})"""


@pytest.fixture(scope="module", params=["zh"])
def opened(request, browser, server):
    from .lab import write_notebook

    name = f"panel-{request.param}.ipynb"
    write_notebook(server.root / name, *(cell.replace("{language}", request.param) for cell in CELLS))
    with page.open_notebook(browser, server, name) as notebook:
        page.run_all(notebook)
        yield notebook
    (server.root / name).unlink()


def test_fewer_digits_in_the_caption_of_a_plot_move_nothing_below(opened):
    caption = find(opened, 1).locator(".sg-plot-caption")
    before = caption.bounding_box()["height"]
    caption.evaluate("e => { e.firstElementChild.firstElementChild.textContent = 'w = 1 '.repeat(60); }")
    opened.page.evaluate(page.PAINT, 50)
    highest = caption.bounding_box()["height"]
    press(find(opened, 1), "ArrowLeft")  # which writes its own, short text
    settle(find(opened, 1))
    opened.page.evaluate(page.PAINT, 50)
    assert caption.inner_text().count("w = 1") == 0
    assert before < highest == caption.bounding_box()["height"]
    shown, wide = caption.element_handle(), caption.bounding_box()["width"]
    page.narrow(opened, 500)  # at another width it begins anew
    opened.page.wait_for_function("([e, width]) => e.getBoundingClientRect().width !== width", arg=[shown, wide])
    page.narrow(opened, None)
    opened.page.wait_for_function("([e, height]) => e.getBoundingClientRect().height === height", arg=[shown, before])


@pytest.mark.parametrize("width", [800, 400, None])  # None is the width that the page has afterwards
def test_a_step_moves_nothing(opened, width):
    page.narrow(opened, width)
    for index in (0, 1):
        widget = find(opened, index)
        before = widget.evaluate(BOXES)
        moved = []
        for step in (0, 5, 8):
            go_to(widget, step)
            moved += [box for box in widget.evaluate(BOXES) if box not in before]
        widget.locator(".sg-step-slider").press("End")
        assert moved == [], index


def test_a_longer_number_leaves_the_head_as_high_as_it_was(opened):
    widget = find(opened, 1)
    heights = []
    for key in ("ArrowLeft", "ArrowRight"):  # bowl(w=3.9, b=2) = 27.21 and bowl(w=4, b=2) = 28
        press(widget, key)
        settle(widget)
        heights.append(widget.evaluate(HEAD_HEIGHTS))
    assert heights[0] == heights[1]


def test_the_plot_and_its_sliders_are_in_sight_together_and_move_together(opened):
    page.narrow(opened, 1100)
    widget = find(opened, 1)
    widget.locator(".sg-plot-dot").wait_for()
    tops = widget.evaluate("""e => {
        const box = name => e.querySelector(name).getBoundingClientRect();
        return [box(".sg-plot").bottom - box(".sg-table").top, Math.max(box(".sg-plot").left - box(".sg-inputs").right, box(".sg-plot").left - box(".sg-stage").right)];
    }""")
    assert tops[0] < 600 and tops[1] > 0
    before = widget.locator(".sg-plot-dot").get_attribute("cx")
    press(widget, "ArrowLeft", times=5)
    settle(widget)
    assert widget.locator(".sg-plot-dot").get_attribute("cx") != before
    page.narrow(opened, None)


def test_more_opens_by_keyboard_and_a_cell_that_runs_again_keeps_it_open(opened):
    widget = find(opened)
    button = widget.locator(".sg-more-button")
    assert widget.locator(".sg-more").is_hidden() and button.get_attribute("aria-expanded") == "false"
    assert widget.locator(".sg-compare-button").is_visible()  # keep=True
    button.focus()
    button.press("Enter")
    assert widget.locator(".sg-saved-on input").is_visible() and widget.locator(".sg-plot-menu").is_visible()
    assert button.get_attribute("aria-expanded") == "true" and violations(opened) == []
    page.run_all(opened)
    again = find(opened)
    assert again.locator(".sg-more-button").get_attribute("aria-expanded") == "true"
    assert find(opened, 1).locator(".sg-more-button").get_attribute("aria-expanded") == "false"  # another function
    again.locator(".sg-more-button").press("Enter")
    assert again.locator(".sg-more").is_hidden()


def test_edges_are_cut_only_where_the_page_says_so(opened):
    widget = find(opened, 1)
    assert set(widget.locator(".sg-hit-area title").all_text_contents()) == {""}
    widget.locator(".sg-hit-area").first.dispatch_event("click")
    opened.page.wait_for_timeout(300)
    assert widget.locator(".sg-edge.sg-cut").count() == 0
    open_more(widget)
    assert "" not in widget.locator(".sg-hit-area title").all_text_contents()
    widget.locator(".sg-hit-area").first.dispatch_event("click")
    widget.locator(".sg-edge.sg-cut").first.wait_for()
    widget.locator(".sg-uncut").click()
    widget.locator(".sg-more-button").click()


def test_what_can_be_done_is_said_until_it_was_done_in_this_session(opened):
    opened.page.evaluate("sessionStorage.removeItem('seeing-gradients.moved-a-slider')")
    page.run_all(opened)
    widget = find(opened)
    tip = widget.locator(".sg-tip-line")
    assert "PyTorch" in tip.inner_text()
    press(widget, "ArrowRight")
    settle(widget)
    assert tip.is_hidden()
    page.run_all(opened)
    assert find(opened).locator(".sg-tip-line").is_hidden()


def test_both_ends_of_each_slider_are_written_beside_it(opened):
    for width in (None, 400):
        page.narrow(opened, width)
        widget = find(opened)
        ends = widget.locator("tr").nth(1).locator(".sg-end")
        assert ends.all_inner_texts() == ["-5", "5"]
        left, slider, right = (
            each.bounding_box() for each in (ends.first, widget.locator(".sg-range").first, ends.last)
        )
        assert left["x"] + left["width"] <= slider["x"] + 1 and slider["x"] + slider["width"] <= right["x"] + 1
    page.narrow(opened, None)


def test_nothing_was_complained_about(opened):
    assert page.errors(opened) == [] and opened.complaints == []
