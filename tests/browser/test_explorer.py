"""The explorer under a learner's hands: bad functions, endless ones, two views of one widget."""

import pytest

from . import lab, page
from .explorer import drag, find, press, read, settle, truth

SETUP = 'import torch\nfrom helpers import explore, language\nlanguage.use("en")'
CELLS = {
    "good": """
def line(w, b):
    return (w * 2.0 + b - 7.0) ** 2

both = explore(line, w=(-5.0, 5.0, 0.5), b=(-5.0, 5.0, 0.5))
both
""",
    "again": "both",
    "raises": """
def picky(w):
    if w > 1:
        raise ValueError("too steep")
    return w * w

explore(picky, w=(-2.0, 2.0, 0.5))
""",
    "doubles": """
def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b

explore(f, a=(-2.0, 2.0, 1.0)).set(a=1.0)
""",
    "spins": """
def spin(w):
    while w > 1:
        pass
    return w * 3

explore(spin, w=(-2.0, 2.0, 0.5), max_seconds=0.5)
""",
    "busy": "busy = explore(line, w=(-5.0, 5.0, 0.5), b=(-5.0, 5.0, 0.5))\nbusy",
    "scaled": """
scale = 1.0

def scaled(w):
    return w * w * scale

explore(scaled, w=(-2.0, 2.0, 0.5))
""",
    "named": "explore(lambda into_the_result, x: x * into_the_result, into_the_result=2.0, x=1.0)",
    "wordy": """
def wordy(w):
    raise ValueError("too steep, " * 20)

explore(wordy, w=(-2.0, 2.0, 0.5))
""",
    "exact": """
explore(lambda n, x, b: x * n + 0 * b, n=range(0, 100_000_000), x=(1_000_000.0, 1_000_001.0), b=(1e-12, 1e12)).set(n=12345678)
""",
}


@pytest.fixture(scope="module")
def notebook(browser, server):
    """A notebook with one explorer a cell, all run."""
    lab.write_notebook(server.root / "explorers.ipynb", SETUP, *CELLS.values())
    with page.open_notebook(browser, server, "explorers.ipynb") as opened:
        page.run_all(opened)
        yield opened


@pytest.fixture
def explorer(notebook):
    """A function from the name of a cell to its explorer."""
    return lambda name: find(notebook, list(CELLS).index(name))


def line(w, b):
    return (w * 2.0 + b - 7.0) ** 2


def doubles(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b


def assert_true(reading, f):
    """Compare what is shown, to the four digits that are shown, with PyTorch."""
    output, grads = truth(f, reading.at)
    assert reading.output == pytest.approx(output, rel=6e-4)
    assert reading.root == reading.output
    assert reading.grads == pytest.approx(grads, rel=6e-4)


def test_each_key_press_shows_what_pytorch_gives_there(explorer):
    widget = explorer("good")
    before = read(widget)
    for key, slider in (("ArrowRight", 0), ("ArrowRight", 0), ("ArrowLeft", 1), ("End", 1), ("Home", 0)):
        press(widget, key, slider=slider)
        assert_true(read(widget), line)
    assert read(widget).at == {"w": -5.0, "b": 5.0} != before.at


@pytest.mark.parametrize("to", [0.9, 0.15, 0.5])
def test_after_a_drag_the_place_of_release_is_shown(explorer, to):
    widget = explorer("good")
    drag(widget, to)
    reading = read(widget)
    assert reading.at["w"] == pytest.approx(-5 + 10 * to, abs=0.5)
    assert_true(reading, line)


def test_a_number_typed_beside_the_slider_moves_it(explorer):
    widget = explorer("good")
    widget.locator(".sg-exact").first.fill("1.5")
    reading = read(widget)
    assert reading.at["w"] == 1.5
    assert_true(reading, line)


def test_enter_takes_a_number_beyond_the_slider_to_its_end(explorer):
    widget = explorer("good")
    field = widget.locator(".sg-exact").first
    field.fill("99")
    field.press("Enter")
    assert field.input_value() == "5"
    assert read(widget).at["w"] == 5


def test_on_a_narrow_page_no_button_is_left_alone_and_no_name_is_cut_off(notebook, explorer):
    page.narrow(notebook, 400)
    tops = explorer("named").locator(".sg-actions .sg-button:visible").evaluate_all("all => all.map(e => e.offsetTop)")
    narrow = cut_off(explorer("named"))
    page.narrow(notebook, None)
    assert tops[0] == tops[1]
    assert narrow == cut_off(explorer("named")) == []


def cut_off(widget):
    """The names of inputs that are wider than their place."""
    return widget.locator(".sg-name").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth).map(e => e.innerText)"
    )


def test_a_long_message_has_a_line_of_its_own_and_a_short_one_shares_that_of_the_legend(explorer):
    widget = explorer("raises")
    press(widget, "End")
    settle(widget)
    assert not is_above_the_legend(widget)
    assert is_above_the_legend(explorer("wordy"))


def is_above_the_legend(widget):
    problem, legend = (widget.locator(name).bounding_box() for name in (".sg-problem", ".sg-legend"))
    return problem["y"] + problem["height"] <= legend["y"]


def test_a_number_s_field_tells_each_step_from_the_next(explorer):
    fields = explorer("exact").locator(".sg-exact")
    assert fields.evaluate_all("all => all.map(field => field.value)")[:3] == ["12345678", "1000000.5", "5e11"]
    for place, following in ((0, "12345679"), (1, "1000000.51")):
        fields.nth(place).focus()
        fields.nth(place).press("ArrowUp")
        assert fields.nth(place).input_value() == following


def test_space_on_a_node_leaves_the_page_where_it_is(explorer):
    widget = explorer("good")
    widget.locator(".sg-graph").focus()
    widget.page.keyboard.press("ArrowRight")
    before = widget.bounding_box()["y"]
    widget.page.keyboard.press("Space")
    widget.page.wait_for_timeout(300)
    assert widget.bounding_box()["y"] == before


def test_two_views_of_one_widget_show_the_same(explorer):
    first, second = explorer("good"), explorer("again")
    press(second, "ArrowRight", times=3)
    assert read(second) == read(first)
    assert_true(read(first), line)


def test_an_error_of_f_is_shown_with_its_line_and_the_next_good_position_recovers(explorer):
    widget = explorer("raises")
    press(widget, "End")
    settle(widget)
    problem = widget.locator(".sg-problem").inner_text()
    assert "ValueError: too steep" in problem
    assert 'raise ValueError("too steep")' in problem
    press(widget, "Home")
    assert_true(read(widget), lambda w: w * w)
    assert widget.locator(".sg-problem").inner_text() == ""


def test_a_loop_of_operations_that_never_ends_is_stopped_with_a_message_and_recovers(explorer):
    widget = explorer("doubles")
    assert_true(read(widget), doubles)
    press(widget, "ArrowLeft")
    settle(widget)
    assert widget.locator(".sg-problem").inner_text() != ""
    assert widget.locator(".sg-output").inner_text() == "= ?"
    press(widget, "ArrowLeft")
    assert_true(read(widget), doubles)


def test_a_python_loop_that_never_ends_is_stopped_with_a_message_and_the_kernel_lives(explorer, notebook):
    widget = explorer("spins")
    press(widget, "End")
    settle(widget)
    assert widget.locator(".sg-problem").inner_text() != ""
    press(widget, "Home")
    assert_true(read(widget), lambda w: w * 3)
    assert page.kernel_status(notebook) in ("idle", "busy")


def run_ahead_of(widget, positions):
    """Put the focus on the first slider and wait until the kernel has run that many positions."""
    widget.locator(".sg-range").first.focus()
    widget.page.wait_for_function(
        "([widget, count]) => widget.dataset.ahead === String(count)", arg=[widget.element_handle(), positions]
    )


def wait_until_run_here(widget):
    widget.page.wait_for_function("widget => widget.dataset.run === 'here'", arg=widget.element_handle())


def test_a_picture_run_ahead_is_there_while_the_kernel_has_no_time(explorer, notebook):
    widget = explorer("busy")
    run_ahead_of(widget, 20)
    page.hold(notebook, "busy", 8)  # on a busy machine four keys take more than three seconds
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "Home"):
        press(widget, key)
        assert_true(read(widget), line)
    assert widget.get_attribute("data-run") == "ahead"
    wait_until_run_here(widget)
    assert read(widget).at["w"] == -5.0
    assert_true(read(widget), line)


def test_there_and_back_before_the_kernel_is_told_shows_where_the_slider_stands(explorer):
    widget = explorer("raises")
    widget.locator(".sg-reset").click()
    settle(widget)
    assert read(widget).at["w"] == 0.0
    for _ in range(3):  # to where f fails, which is never run ahead
        press(widget, "ArrowRight")
        settle(widget)
        widget.page.wait_for_timeout(200)  # until the kernel was told
    shown = widget.locator(".sg-range").evaluate("""slider => [1, 1.5].map(x => {
        slider.value = x;
        slider.dispatchEvent(new Event("input"));
        return slider.closest(".sg-explore").querySelector(".sg-output").textContent;
    })""")
    assert shown == ["= 1", "= ?"]
    assert widget.get_attribute("data-position") == "[1.5]"


def test_what_was_run_ahead_and_is_no_longer_true_gives_way(explorer, notebook):
    widget = explorer("scaled")
    run_ahead_of(widget, 8)
    page.execute(notebook, "scale = 3.0")
    for key in ("ArrowRight", "ArrowRight", "End"):
        press(widget, key)
        wait_until_run_here(widget)
        assert_true(read(widget), lambda w: w * w * 3.0)


def test_the_browser_has_nothing_to_complain_about(notebook):
    assert page.errors(notebook) == []
    assert notebook.complaints == []
