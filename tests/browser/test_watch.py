"""watch in JupyterLab: scrub by keyboard and pointer, play, open a step in the explorer, choose, compare two runs."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from . import lab, page
from .explorer import COLOURS, EXAMINE

PROGRAM = """
import torch
from torch import nn
from helpers import language, watch
language.use("en")
torch.set_num_threads(1)
torch.manual_seed(0)
X = torch.randn(80, 2)
y = (X[:, 0] * X[:, 1] > 0).long()

def make_model(depth=2, activation="tanh"):
    function = {"tanh": nn.Tanh, "relu": nn.ReLU}[activation]
    hidden = [layer for _ in range(depth) for layer in (nn.LazyLinear(8), function())]
    model = nn.Sequential(*hidden, nn.LazyLinear(2))
    model(X)
    return model
"""
TRAINED = """
model = make_model()
run = watch(model, nn.CrossEntropyLoss(), (X, y), torch.optim.Adam(model.parameters(), lr=0.02), steps=60, every=10)
run
"""
CHOSEN = """
choices = dict(depth=(1, 9), activation=["tanh", "relu"], lr=0.1)
chosen = watch(make_model, nn.CrossEntropyLoss(), (X, y), torch.optim.SGD, steps=50, **choices)
chosen
"""
OWN = """
class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.third = nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2)

    def forward(self, x):
        h = self.first(x)
        return self.third(h + self.second(h).tanh())

model = Residual()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
with watch(model) as own:
    for _ in range(15):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X), y)
        loss.backward()
        optimizer.step()
        own.step(loss)
own
"""
LINEAR = """
linear = nn.Linear(2, 2)
watch(linear, nn.CrossEntropyLoss(), (X, y), torch.optim.SGD(linear.parameters(), lr=0.1), steps=5)
"""
STEP = ".sg-step-number"
PATIENCE = 1500  # ms; that of widgets/page/silence.js


@pytest.fixture(scope="module")
def notebook(browser, server):
    path = "watch.ipynb"
    lab.write_notebook(server.root / path, PROGRAM, TRAINED, CHOSEN, OWN, LINEAR)
    with page.open_notebook(browser, server, path) as opened:
        page.run_all(opened)
        yield opened


def find(notebook, index):
    widget = notebook.page.locator(".sg-watch").nth(index)
    widget.scroll_into_view_if_needed()
    return widget


def step_of(widget, panel=0):
    return int(widget.locator(STEP).nth(panel).inner_text())


def test_each_run_is_shown_once_and_without_a_complaint(notebook):
    assert page.errors(notebook) == [] and notebook.complaints == []
    assert notebook.page.locator(".sg-watch").count() == 4


def test_the_slider_moves_from_one_measured_step_to_the_next(notebook):
    widget = find(notebook, 0)
    slider = widget.locator(".sg-scrubber").first
    assert step_of(widget) == 59
    slider.press("ArrowLeft")
    assert step_of(widget) == 50
    slider.press("Home")
    first = widget.locator(".sg-cell .sg-number").first.inner_text()
    slider.press("ArrowRight")
    assert step_of(widget) == 10 and widget.locator(".sg-cell .sg-number").first.inner_text() != first
    assert slider.get_attribute("aria-valuetext") == "step 10 of 60"


def test_a_click_on_the_loss_goes_to_its_step(notebook):
    widget = find(notebook, 0)
    box = widget.locator(".sg-loss-box").first.bounding_box()
    notebook.page.mouse.click(box["x"] + box["width"] * 30 / 59, box["y"] + 20)
    assert step_of(widget) == 30


def test_the_boundary_moves_with_the_steps(notebook):
    widget = find(notebook, 0)
    slider = widget.locator(".sg-scrubber").first
    drawn = []
    for key in ("Home", "End"):
        slider.press(key)
        drawn.append(widget.locator(".sg-plane [class^='sg-region']").evaluate_all("all => all.map(e => e.outerHTML)"))
    assert drawn[0] and drawn[1] and drawn[0] != drawn[1]


def test_a_line_is_walked_by_keyboard_and_says_what_it_shows(notebook):
    widget = find(notebook, 0)
    track = widget.locator(".sg-track[tabindex='0']")
    track.focus()
    track.press("ArrowDown")
    notebook.page.keyboard.press("Home")
    focused = notebook.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("0 Linear bias, gradient norm at step 0: ")


def test_play_ends_at_the_last_step(notebook):
    widget = find(notebook, 0)
    widget.locator(".sg-scrubber").first.press("Home")
    button = widget.locator(".sg-play")
    button.click()
    assert button.inner_text() == "pause"
    notebook.page.wait_for_function(
        "element => element.querySelector('.sg-play').textContent === 'play'", arg=widget.element_handle()
    )
    assert step_of(widget) == 59


def test_the_other_measures_have_their_lines(notebook):
    widget = find(notebook, 0)
    menu = widget.locator(".sg-measure")
    counts = {}
    for name in ("spread", "dead", "update", "gradient"):
        menu.select_option(name)
        counts[name] = widget.locator(".sg-track").count()
    assert counts == {"spread": 5, "dead": 2, "update": 6, "gradient": 6}
    assert menu.locator("option:disabled").count() == 0


def test_a_measure_without_any_line_cannot_be_chosen(notebook):
    empty = find(notebook, 3).locator(".sg-measure option:disabled")  # no activation function
    assert empty.evaluate_all("all => all.map(option => option.value)") == ["dead"]


def test_a_skip_connection_is_a_bracket_beside_the_chain(notebook):
    widget = find(notebook, 2)
    bracket = widget.locator(".sg-link")
    assert bracket.count() == 1 and bracket.get_attribute("aria-label") == "first → third"
    box, rows = bracket.bounding_box(), [row.bounding_box() for row in widget.locator(".sg-module").all()]
    inside = lambda y, row: row["y"] < y < row["y"] + row["height"]
    assert inside(box["y"], rows[0]) and inside(box["y"] + box["height"], rows[2])
    assert box["x"] < rows[0]["x"] and widget.locator(".sg-module.sg-chained").count() == 2
    assert find(notebook, 0).locator(".sg-link").count() == 0


@pytest.mark.parametrize("index", [0, 2])
def test_a_step_opens_in_the_explorer_and_closes_again(notebook, index):
    widget = find(notebook, index)
    slider = widget.locator(".sg-scrubber").first
    slider.press("Home")
    for _ in range(3):
        slider.press("ArrowRight")
    step = step_of(widget)
    loss = widget.locator(".sg-loss-number").first.inner_text()
    widget.locator(".sg-open").click()
    explorer = widget.locator(".sg-explore")
    explorer.wait_for()
    assert f"step {step}," in widget.locator(".sg-opened").inner_text()
    if index == 0:  # in a loop of one's own, the loss lies outside the model
        shown = float(explorer.locator(".sg-output").inner_text().removeprefix("= "))
        assert shown == pytest.approx(float(loss), rel=2e-3)
    widget.locator(".sg-close").click()
    explorer.wait_for(state="detached")


def wait_for_training(notebook, widget, sequence):
    notebook.page.wait_for_function(
        """([element, sequence]) => {
            const { training, sequence: present } = element.querySelector(".sg-watch-body").dataset;
            return training === "false" && Number(present) >= sequence;
        }""",
        arg=[widget.element_handle(), sequence],
    )


def test_a_choice_trains_again_beside_the_run_that_was_kept(notebook):
    widget = find(notebook, 1)
    before = int(widget.locator(".sg-watch-body").get_attribute("data-sequence"))
    widget.locator(".sg-keep").click()
    depth = widget.locator(".sg-choices input").first
    depth.press("ArrowRight")
    depth.press("ArrowRight")
    widget.locator(".sg-caption", has_text="depth = 4").first.wait_for()  # the first choice may be trained by then
    wait_for_training(notebook, widget, before + 1)
    captions = widget.locator(".sg-caption").all_inner_texts()
    assert captions == ["depth = 4, activation = tanh, lr = 0.1", "depth = 2, activation = tanh, lr = 0.1"]
    assert widget.locator(".sg-panel").nth(0).locator(".sg-module").count() == 9
    widget.locator(".sg-scrubber").first.press("Home")
    assert step_of(widget, 0) == step_of(widget, 1) == 0
    widget.locator(".sg-keep").click()
    notebook.page.wait_for_function(
        "element => element.querySelectorAll('.sg-panel')[1].hidden", arg=widget.element_handle()
    )


def test_whoever_comes_back_to_a_choice_is_not_told_that_the_kernel_does_not_respond(notebook):
    widget = find(notebook, 1)
    sequence = widget.locator(".sg-watch-body").get_attribute("data-sequence")
    menu = widget.locator(".sg-choices select")
    menu.evaluate("""select => {
        for (const value of ["1", "0"]) {
            select.value = value;
            select.dispatchEvent(new Event("change"));
        }
    }""")
    notebook.page.evaluate(page.PAINT, PATIENCE + 500)
    assert widget.locator(".sg-silent-notice").is_hidden()
    assert widget.locator(".sg-watch-body").get_attribute("data-sequence") == sequence


def test_axe_has_nothing_to_say(notebook, artefact):
    page.lay_out_everything(notebook)
    notebook.page.evaluate(AXE_SCRIPT)
    only_colours = {"runOnly": {"type": "rule", "values": COLOURS}}  # names and roles do not depend on the theme
    for theme, options in (("Light", {}), ("Dark", only_colours)):
        page.change_theme(notebook, f"JupyterLab {theme}")
        found = notebook.page.evaluate(EXAMINE, [".sg-watch", options])["violations"]
        find(notebook, 0).screenshot(path=artefact(f"watch-{theme.lower()}.png"))
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == [], theme
    page.change_theme(notebook, page.LIGHT)


def test_a_narrow_page_cuts_nothing_off(notebook, artefact):
    for width in (500, 400):
        page.narrow(notebook, width)
        widget = find(notebook, 0)
        overflow = widget.evaluate(
            """element => [...element.querySelectorAll("*")].filter(part =>
                part.getBoundingClientRect().right > element.getBoundingClientRect().right + 1).length"""
        )
        widget.screenshot(path=artefact(f"watch-{width}.png"))
        assert overflow == 0, width
    page.narrow(notebook, None)
