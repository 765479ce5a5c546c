"""Plots in JupyterLab: the point moves with the slider and the slider with the point, and both are PyTorch's."""

import re

import pytest
import torch

from . import page
from .explorer import drag, find, open_more, press, read, settle, truth, violations_in_both_themes

CURVE = """
from helpers import explore, language
language.use("{language}")

def wave(w, b):
    return (w * 1.0).sin() + w * b

waving = explore(wave, w=(-5.0, 5.0, 0.1), b=(0.5, 4.0, 0.1), plot="w").set(w=1.0, b=2.0)
waving
"""
CONTOURS = """
def bowl(w, b):
    return (w * 2.0 + b - 7.0) ** 2

explore(bowl, w=(-5.0, 5.0, 0.5), b=(-5.0, 5.0, 0.5), plot=("w", "b")).set(w=4.0, b=2.0)
"""
NONE = """
import torch
def hinge(x):
    return torch.relu(x) * 3

explore(hinge, x=(-5.0, 5.0, 0.5)).set(x=2.0)
"""
SWINGING = """
def steep(x, y):
    return x**2 + 10 * y**2

explore(steep, x=(0.01, 100.0), y=(0.01, 100.0)).plot("x", "y", log=("x", "y"), steps=10, lr=0.1)
"""
CORNER = """
explore(bowl, w=(-5.0, 5.0, 0.1), b=(-5.0, 5.0, 0.1), plot=("w", "b")).set(w=4.0, b=4.5)
"""
LONG = """
def a_function_with_a_name_that_is_very_long(learning_rate_of_the_outer_loop, another_rather_long_parameter_name):
    return (learning_rate_of_the_outer_loop * another_rather_long_parameter_name) ** 2

explore(
    a_function_with_a_name_that_is_very_long,
    learning_rate_of_the_outer_loop=(0.1, 3.0), another_rather_long_parameter_name=(-3.0, 7.0),
).plot({inputs})
"""
LOOP = """
def doubled(a):
    b = a * 2
    while b < 1000:
        b = b * 2
    return b

explore(doubled, a=(0.3, 2.3, 0.0001)).set(a=0.4882).plot("a", derivative=True)
"""
LONG_NAMES = ("learning_rate_of_the_outer_loop", "another_rather_long_parameter_name")
MARKS = """explorer => {
    const number = (element, name) => Number(element.getAttribute(name));
    const panel = explorer.querySelector(".sg-panel");
    const ground = panel.querySelector(".sg-plot-ground");
    const dot = panel.querySelector(".sg-plot-dot");
    return {
        at: explorer.dataset.position,
        width: number(ground, "width"), height: number(ground, "height"),
        dot: [number(dot, "cx"), number(dot, "cy")],
        tangent: panel.querySelector(".sg-plot-tangent, .sg-plot-arrow").getAttribute("d"),
    };
}"""


def wave(w, b):
    return torch.sin(w) + w * b


def bowl(w, b):
    return (w * 2.0 + b - 7.0) ** 2


def cells(language):
    along, over = (LONG.format(inputs=", ".join(map(repr, names))) for names in (LONG_NAMES[:1], LONG_NAMES))
    return CURVE.format(language=language), CONTOURS, NONE, SWINGING, CORNER, over, along, LOOP


@pytest.fixture(scope="module", params=["zh"])
def opened(request, browser, server):
    from .lab import write_notebook

    name = f"plots-{request.param}.ipynb"
    write_notebook(server.root / name, *cells(request.param))
    with page.open_notebook(browser, server, name) as notebook:
        notebook.language = request.param
        page.run_all(notebook)
        yield notebook


def sampled(explorer):
    """Settle until the plot is drawn as finely as it will be, of where the sliders stand; return its marks."""
    settle(explorer)
    explorer.page.wait_for_function(
        "e => e.dataset.plot !== 'coarse' && e.querySelector('.sg-panel') && !e.querySelector('.sg-old')",
        arg=explorer.element_handle(),
    )
    return explorer.evaluate(MARKS)


def plot_axis(explorer):
    """(low, high) of the first panel's vertical axis, by the two outermost ticks."""
    ticks = explorer.evaluate("""e => {
        const panel = e.querySelector(".sg-panel");
        const numbers = [...panel.querySelectorAll(".sg-plot-number-text")].filter(t => t.getAttribute("text-anchor") === "end");
        return numbers.map(t => [Number(t.textContent), Number(t.getAttribute("y")) - 4]);
    }""")
    (v0, y0), (v1, y1) = ticks[0], ticks[-1]
    return lambda y: v0 + (y - y0) * (v1 - v0) / (y1 - y0)


def assert_true(explorer):
    """The point is on f, and the tangent's slope is autograd's."""
    marks, reading = sampled(explorer), read(explorer)
    output, grads = truth(wave, reading.at)
    value = plot_axis(explorer)
    x, y = marks["dot"]
    assert x / marks["width"] * 10 - 5 == pytest.approx(reading.at["w"], abs=1e-6)
    assert value(y) == pytest.approx(output, abs=0.05)
    (x0, y0), (x1, y1) = (map(float, p.split()) for p in re.split("[ML]", marks["tangent"])[1:])
    slope = (value(y1) - value(y0)) / ((x1 - x0) / marks["width"] * 10)
    assert slope == pytest.approx(grads["w"], abs=0.02)
    return reading


def test_point_and_tangent_are_pytorch_s_wherever_the_slider_is_dragged(opened):
    widget = find(opened)
    assert_true(widget)
    for to in (0.1, 0.5, 0.77):
        drag(widget, to)
        assert_true(widget)


def test_another_slider_draws_the_curve_anew(opened):
    widget = find(opened)
    sampled(widget)
    before = widget.locator(".sg-plot-curve").first.get_attribute("d")
    drag(widget, 0.9, slider=1)
    assert_true(widget)
    widget.page.wait_for_function(
        "([e, d]) => e.querySelector('.sg-plot-curve').getAttribute('d') !== d", arg=[widget.element_handle(), before]
    )


def test_a_click_or_a_drag_in_the_plot_moves_the_slider(opened):
    widget = find(opened)
    ground = widget.locator(".sg-plot-ground").first
    ground.scroll_into_view_if_needed()
    box = ground.bounding_box()
    mouse = widget.page.mouse
    mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 20)
    assert read(widget).at["w"] == -2.5
    mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 20)
    mouse.down()
    mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 40, steps=12)
    mouse.move(box["x"] + 0.81 * box["width"], box["y"] + 40, steps=12)
    mouse.up()
    assert assert_true(widget).at["w"] == 3.1


def test_the_keyboard_moves_the_point(opened):
    widget = find(opened)
    plot = widget.locator(".sg-plot")
    plot.press("Home")
    assert read(widget).at["w"] == -5
    plot.press("ArrowRight")
    plot.press("ArrowRight")
    plot.press("PageUp")
    assert assert_true(widget).at["w"] == pytest.approx(-3.8)


def wait_until_all_is_run_ahead(widget):
    before, now = "", widget.get_attribute("data-ahead")
    while before != now or int(now) <= 20:
        before = now
        widget.page.wait_for_timeout(700)
        now = widget.get_attribute("data-ahead")


def test_the_point_moves_to_what_was_run_ahead_while_the_kernel_has_no_time(opened):
    widget = find(opened)
    sampled(widget)
    widget.locator(".sg-plot").focus()
    wait_until_all_is_run_ahead(widget)
    page.hold(opened, "waving", 4)
    widget.locator(".sg-plot").press("ArrowRight")
    widget.locator(".sg-plot").press("ArrowRight")
    assert widget.get_attribute("data-run") == "ahead"
    marks = widget.evaluate(MARKS)
    assert marks["dot"][0] / marks["width"] * 10 - 5 == pytest.approx(-3.6)
    (x0, y0), (x1, y1) = (map(float, p.split()) for p in re.split("[ML]", marks["tangent"])[1:])
    value = plot_axis(widget)
    slope = (value(y1) - value(y0)) / ((x1 - x0) / marks["width"] * 10)
    b = widget.locator(".sg-range").nth(1).evaluate("slider => slider.valueAsNumber")
    assert slope == pytest.approx(truth(wave, {"w": -3.6, "b": b})[1]["w"], abs=0.02)
    opened.page.evaluate("window.executed.then(() => true)")
    widget.locator(".sg-plot").press("ArrowLeft")
    widget.locator(".sg-plot").press("ArrowLeft")
    assert_true(widget)


def test_the_plot_is_told_to_a_screen_reader_in_one_sentence(opened):
    widget = find(opened)
    sampled(widget)
    output, grads = truth(wave, read(widget).at)
    picture = widget.locator(".sg-plot-svg")
    label = picture.get_attribute("aria-label")
    assert picture.get_attribute("role") == "img"
    assert "w = -3.8" in label and f"{output:.3f}"[:4] in label and f"{grads['w']:.3f}"[:4] in label


def test_over_two_inputs_a_click_sets_both_and_the_arrow_goes_uphill(opened):
    widget = find(opened, 1)
    marks = sampled(widget)
    tail, head = (list(map(float, p.split())) for p in re.split("[ML]", marks["tangent"])[1:3])
    _, grads = truth(bowl, read(widget).at)
    across, up = head[0] - tail[0], tail[1] - head[1]
    assert up / across == pytest.approx(grads["b"] / grads["w"], rel=0.01) and across > 0
    ground = widget.locator(".sg-plot-ground").first
    ground.scroll_into_view_if_needed()
    box = ground.bounding_box()
    widget.page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    assert read(widget).at == {"w": -2.0, "b": 3.0}
    widget.locator(".sg-plot").press("ArrowUp")
    widget.locator(".sg-plot").press("ArrowLeft")
    assert read(widget).at == {"w": -2.5, "b": 3.5}


def test_a_descent_is_shown_on_request_and_follows_the_sliders(opened):
    widget = find(opened, 1)
    sampled(widget)
    open_more(widget)
    widget.locator(".sg-plot-choice:visible .sg-plot-check").last.check()
    widget.locator(".sg-plot-number").last.fill("0.02")
    widget.locator(".sg-plot-number").last.press("Enter")
    press(widget, "ArrowRight", times=3)
    sampled(widget)
    at = read(widget).at
    w, b = (torch.tensor(float(at[name]), requires_grad=True) for name in ("w", "b"))
    for _ in range(10):
        w.grad = b.grad = None
        bowl(w, b).backward()
        with torch.no_grad():
            w -= 0.02 * w.grad
            b -= 0.02 * b.grad
    widget.page.wait_for_function(
        """([e, w, b]) => {
            const ground = e.querySelector(".sg-plot-ground");
            const [x, y] = (e.querySelector(".sg-plot-steps").getAttribute("d").match(/M([-\\d.]+) ([-\\d.]+)h0$/) ?? []).slice(1);
            return Math.abs(x / ground.getAttribute("width") * 10 - 5 - w) < 0.05
                && Math.abs(5 - y / ground.getAttribute("height") * 10 - b) < 0.05;
        }""",
        arg=[widget.element_handle(), w.item(), b.item()],
    )


def test_a_plot_is_turned_on_in_the_page_with_its_derivative(opened):
    widget = find(opened, 2)
    open_more(widget)
    assert widget.locator(".sg-panel").count() == 0
    widget.locator(".sg-plot-menu").select_option(index=1)
    sampled(widget)
    widget.locator(".sg-plot-choice:visible .sg-plot-check").first.check()
    widget.page.wait_for_function("e => e.querySelectorAll('.sg-panel').length === 2", arg=widget.element_handle())
    sampled(widget)
    ends = widget.locator(".sg-slopes .sg-plot-end")
    assert ends.evaluate_all("all => all.map(e => e.classList.contains('sg-included'))") == [True, False]
    press(widget, "ArrowLeft", times=6)
    assert read(widget).at == {"x": -1.0}
    widget.locator(".sg-plot-menu").select_option(index=0)
    assert widget.locator(".sg-plot").is_hidden()
    widget.locator(".sg-plot-menu").select_option(index=1)
    sampled(widget)


def test_a_descent_is_broken_where_a_step_has_no_place_and_that_is_said(opened):
    widget = find(opened, 3)
    sampled(widget)
    assert widget.locator(".sg-plot-steps").get_attribute("d").count("h0") == 5
    assert "L" not in widget.locator(".sg-plot-path").get_attribute("d")
    assert widget.locator(".sg-plot-notes").inner_text().startswith("梯度下降有5步无法画出")


def ends(marks):
    """Both ends of a gradient's arrow, px."""
    return (list(map(float, p.split())) for p in re.split("[ML]", marks["tangent"])[1:3])


def test_the_arrow_of_a_gradient_ends_at_the_frame_and_at_its_edge_still_has_a_head(opened):
    widget = find(opened, 4)
    marks = sampled(widget)
    _, (x, y) = ends(marks)
    assert x == pytest.approx(marks["width"], abs=0.1) and 0 <= y <= marks["height"]
    widget.locator(".sg-plot").press("Home")
    widget.locator(".sg-plot").press("End")
    (x, y), tip = ends(sampled(widget))
    assert x == marks["width"] and (tip[0] - x) ** 2 + (tip[1] - y) ** 2 == pytest.approx(14**2)


def test_a_number_below_the_point_is_left_out(opened):
    widget = find(opened, 4)
    sampled(widget)
    number = widget.locator(".sg-level").first
    assert number.get_attribute("visibility") == "visible"
    box = number.bounding_box()
    widget.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    sampled(widget)
    assert number.get_attribute("visibility") == "hidden"
    widget.locator(".sg-plot").press("End")
    sampled(widget)
    assert number.get_attribute("visibility") == "visible"


OUTSIDE = """explorer => {
    const { left, right } = explorer.getBoundingClientRect();
    const parts = [...explorer.querySelectorAll(".sg-more *, .sg-plot-caption, .sg-plot-caption *, .sg-plot text, .sg-plot-notes")];
    const isOut = part => { const box = part.getBoundingClientRect(); return box.width && (box.left < left - 0.5 || box.right > right + 0.5); };
    return parts.filter(isOut).map(part => part.textContent);
}"""


@pytest.mark.parametrize("width", [None, 400])
@pytest.mark.parametrize("index", [5, 6])
def test_long_names_stay_within_the_widget_and_are_whole_in_their_titles(opened, width, index):
    page.narrow(opened, width)
    widget = find(opened, index)
    open_more(widget)
    sampled(widget)
    assert widget.evaluate(OUTSIDE) == []
    before_the_menu = widget.locator(".sg-plot-choice > span").first
    assert before_the_menu.evaluate("word => word.scrollWidth <= word.clientWidth")
    name = "a_function_with_a_name_that_is_very_long" if index == 6 else LONG_NAMES[1]
    shown = widget.locator(".sg-plot-name").evaluate(
        "name => [name.firstChild.data, name.querySelector('title')?.textContent]"
    )
    assert shown == [name, None] or (shown[0].endswith("…") and shown[1] == name)
    assert (shown[1] is None) == (width is None)
    assert LONG_NAMES[0] in widget.locator(".sg-plot-svg").get_attribute("aria-label")
    assert LONG_NAMES[0] in widget.locator(".sg-plot-menu").get_attribute("title")
    page.narrow(opened, None)


def test_the_name_of_a_vertical_axis_lies_on_none_of_its_numbers(opened):
    widget = find(opened, 5)
    sampled(widget)
    bottom = lambda box: box["y"] + box["height"]
    name = widget.locator(".sg-plot-name").bounding_box()
    assert bottom(name) <= widget.locator(".sg-plot-ground").bounding_box()["y"]
    assert all(bottom(name) <= number.bounding_box()["y"] for number in widget.locator(".sg-plot-number-text").all())


def test_a_page_that_was_narrow_looks_as_if_it_had_been_wide_from_the_start(opened):
    widget = find(opened, 7)
    page.narrow(opened, 1100)
    columns, graph = (widget.locator(name) for name in (".sg-body", ".sg-stage .sg-svg"))
    look = lambda: (columns.get_attribute("data-columns"), graph.bounding_box()["height"])
    before = look()
    page.narrow(opened, 500)
    assert columns.get_attribute("data-columns") == "none"
    page.narrow(opened, 1100)
    assert look() == before
    page.narrow(opened, None)


@pytest.mark.slow("axe reads every plot, in both themes")
def test_plots_look_well_in_both_themes_and_on_a_narrow_page(opened, artefact):
    assert violations_in_both_themes(opened, lambda theme: artefact(f"plots-{opened.language}-{theme}.png")) == []
    page.narrow(opened, 400)
    for index in range(len(cells("zh"))):
        widget = find(opened, index)
        assert widget.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    opened.page.screenshot(path=artefact(f"plots-{opened.language}-400.png"))
    page.narrow(opened, None)


def test_nothing_was_complained_about(opened):
    assert page.errors(opened) == [] and opened.complaints == []
