"""Recorded widgets in one page from a file, without kernel or network; and widgets that nobody answers."""

import contextlib
import json
import re

import pytest
import torch
from axe_playwright_python.base import AXE_SCRIPT
from ipywidgets.embed import embed_data
from playwright.sync_api import expect
from torch import nn

from helpers import predict
from seeing_gradients import descend, explore, secant, watch
from seeing_gradients.language import using
from seeing_gradients.widgets.bundles import load_style
from seeing_gradients.widgets.recorded import record_widget, shared_script, shared_style

from .explorer import CROWDED

PATIENCE = 30_000  # ms
expect.set_options(timeout=PATIENCE)
SMALL = {"progress": False, "positions": 5, "variant_positions": 2, "parts": ("saved", "cut")}


def squared(w, b):
    return (w * 2.0 + b - 7.0) ** 2


def training():
    torch.manual_seed(0)
    X = torch.randn(32, 2)
    model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2))
    sgd = torch.optim.SGD(model.parameters(), lr=0.5)
    return watch(model, nn.CrossEntropyLoss(), (X, (X[:, 0] > 0).long()), sgd, steps=12)


def widgets():
    return {
        "explore": explore(squared, w=(-5.0, 5.0), b=(-5.0, 5.0), cut=True, saved=True, keep=True, plot="w"),
        "descend": descend(squared, w=(-1.0, 6.0), b=(-4.0, 6.0), lr=0.02, steps=2),
        "secant": secant(torch.sin, 1.0),
        "watch": training(),
        "predict": predict("02.p1"),
    }


@contextlib.contextmanager
def opened(browser, path):
    """A page of a file, and lists of the messages of its console and of its requests."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    messages, requests = [], []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    try:
        yield page, messages, requests
    finally:
        context.close()


@pytest.fixture(scope="module")
def recorded(browser, tmp_path_factory):
    """A page with a recording of each kind, the explorer in Chinese once more."""
    parts = {name: record_widget(widget, **SMALL) for name, widget in widgets().items()}
    with using("zh"):
        parts["chinese"] = record_widget(explore(squared, w=(-5.0, 5.0), b=1.0), **SMALL | {"parts": ()})
    fragments = "\n".join(recording.html_fragment(name) for name, recording in parts.items())
    path = tmp_path_factory.mktemp("recorded") / "page.html"
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>recorded</title>'
    style = f"<style>body {{ margin: 0 }} {shared_style()}</style>"
    script = f"<script>{shared_script()}</script>"
    path.write_text(f'<!DOCTYPE html><html lang="en"><head>{head}{style}</head><body><main><h1>Recorded</h1>{fragments}'
                    f"</main>{script}</body></html>", encoding="utf-8")  # fmt: skip
    with opened(browser, path) as (page, messages, requests):
        for name in parts:
            page.locator(f"#{name}").scroll_into_view_if_needed()
            expect(page.locator(f"#{name}")).to_have_attribute("data-mounted", "yes")
        yield page
        assert messages == []
        assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []


def explorer_at_home(recorded):
    explorer = recorded.locator("#explore")
    explorer.locator(".sg-reset").click()
    expect(explorer.locator(".sg-call")).to_have_text("squared(w=0, b=0)")
    return explorer


def test_a_slider_shows_what_autograd_computes(recorded):
    explorer = explorer_at_home(recorded)
    explorer.locator(".sg-range").first.press("End")
    w, b = torch.tensor(5.0, requires_grad=True), torch.tensor(0.0, requires_grad=True)
    output = squared(w, b)
    output.backward()
    expect(explorer.locator(".sg-output")).to_have_text(f"= {output.item():g}")
    expect(explorer.locator(".sg-gradient").nth(0)).to_contain_text(f"{w.grad.item():g}")
    expect(explorer.locator(".sg-check").nth(0)).to_contain_text("=")


def test_a_typed_number_moves_to_the_nearest_recorded_position_and_the_page_says_so(recorded):
    explorer = explorer_at_home(recorded)
    field = explorer.locator(".sg-exact").nth(1)
    field.fill("4.2")
    field.press("Enter")
    expect(explorer.locator(".sg-call")).to_contain_text("b=5")
    expect(explorer.locator(".sg-recorded-moved")).to_contain_text("b = 5")
    field.blur()
    expect(field).to_have_value("5")


def test_an_edge_is_cut_and_restored_and_no_second_one_is_offered(recorded):
    explorer = recorded.locator("#explore")
    menu = explorer.locator(".sg-cut-select")
    menu.select_option(index=1)
    expect(explorer.locator(".sg-uncut")).to_have_count(1)
    expect(menu).to_be_hidden()
    explorer.locator(".sg-uncut").click()
    expect(menu).to_be_visible()


def test_two_runs_are_compared_and_saved_tensors_switched_off(recorded):
    explorer = recorded.locator("#explore")
    explorer.locator(".sg-compare-button").click()
    expect(explorer.locator(".sg-baseline .sg-svg")).to_have_count(1)
    explorer.locator(".sg-compare-button").click()
    explorer.locator(".sg-saved-on input").uncheck()
    expect(explorer.locator(".sg-memory")).to_have_text("")
    explorer.locator(".sg-saved-on input").check()
    expect(explorer.locator(".sg-memory")).not_to_have_text("")


def test_a_descent_takes_recorded_steps_and_stops_offering_more(recorded):
    descent = recorded.locator("#descend")
    descent.get_by_role("button", name="1 step").click()
    expect(descent.locator(".sg-count")).to_have_text("after 3 steps")
    descent.get_by_role("button", name="10 steps").click()
    descent.get_by_role("button", name="10 steps").click()
    expect(descent.get_by_role("button", name="1 step")).to_be_disabled()
    expect(descent.locator(".sg-count")).to_have_text("after 20 steps")


def test_a_secant_and_a_run_follow_the_keyboard(recorded):
    step = recorded.locator("#secant input[type=range]")
    step.press("Home")
    expect(recorded.locator("#secant output")).to_have_text("1e-16")
    recorded.locator("#secant select").first.select_option("float32")
    expect(recorded.locator("#secant select").first).to_have_value("float32")
    recorded.locator("#watch input[type=range]").press("Home")
    expect(recorded.locator("#watch .sg-open")).to_be_hidden()


def test_a_prediction_is_remembered_by_the_browser(recorded):
    prediction = recorded.locator("#predict")
    prediction.get_by_role("button", name="Skip").click()
    stored = recorded.evaluate("localStorage.getItem('seeing-gradients.prediction.02.p1')")
    assert json.loads(stored)["stage"] == "skipped"
    prediction.get_by_role("button", name="Compare with PyTorch").click()
    expect(prediction.locator(".sg-reply")).to_contain_text("PyTorch")


def test_a_recording_speaks_the_language_of_its_widget(recorded):
    expect(recorded.locator("#chinese .sg-recorded-note")).to_contain_text("录制")
    assert recorded.locator("#chinese").get_attribute("lang") == "zh-CN"


@pytest.mark.slow("axe reads every widget, in both themes")
def test_the_page_is_accessible_in_both_themes_and_fits_400_px(recorded):
    recorded.evaluate(AXE_SCRIPT)
    for scheme in ("light", "dark"):
        recorded.emulate_media(color_scheme=scheme)
        found = recorded.evaluate("axe.run(document, { resultTypes: ['violations'], preload: false })")
        assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    recorded.set_viewport_size({"width": 400, "height": 800})
    recorded.wait_for_function("document.documentElement.scrollWidth <= 400")
    recorded.set_viewport_size({"width": 1100, "height": 900})
    recorded.emulate_media(color_scheme="light")


def shrunk(learning_rate, x, momentum_factor):
    return learning_rate * x * 1.2345e-5 + torch.sin(momentum_factor)


TABLES_OF_A_SITE = """
main div.sg-recorded.sg-recorded table { table-layout: auto; }
div.sg-recorded table { display: block; width: fit-content; max-width: 100%; overflow-x: auto; }
"""  # as its theme styles every table, with as many classes and elements


def test_numbers_beside_the_sliders_are_whole_at_every_width_also_in_a_page_with_tables_of_its_own(browser, tmp_path):
    sliders = {"learning_rate": (-0.5, 0.5), "x": (-3.0, 3.0), "momentum_factor": (-1000.0, 1000.0)}
    explorer = explore(shrunk, **sliders).set(learning_rate=0.123, x=-2.345)
    path = tmp_path / "shrunk.html"
    explorer.export(path, **SMALL | {"parts": ()})
    with opened(browser, path) as (page, _, _):
        table = page.locator(".sg-table")
        expect(table.locator(".sg-check").first).to_contain_text("e-5")
        for style in ("main {}", TABLES_OF_A_SITE):
            page.add_style_tag(content=style)
            for width in range(360, 1120, 40):
                page.set_viewport_size({"width": width, "height": 900})
                assert (width, table.evaluate(CROWDED)) == (width, [])


MUTE = """
const states = STATES;
window.models = {};
for (const [name, state] of Object.entries(states)) {
  const listeners = {};
  const update = (trait, value) => {
    state[trait] = value;
    for (const listener of listeners[`change:${trait}`] ?? []) listener();
  };
  const each = (events) => events.split(" ").map((event) => (listeners[event] ??= []));
  const model = {
    get: (trait) => state[trait], set: update, save_changes() {}, send() {}, update,
    on: (events, listener) => each(events).forEach((all) => all.push(listener)), off() {},
  };
  window.models[name] = model;
  const { default: { render } } = await import(URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" })));
  render({ model, el: document.getElementById(name) });
}
document.body.dataset.ready = "yes";
"""


@pytest.fixture(scope="module")
def mute(browser, tmp_path_factory):
    """A page of widgets as `ipywidgets.embed` writes their state by default, whose models nobody answers."""
    made = widgets()
    states = {}
    for name, widget in made.items():
        states[name] = embed_data(views=[widget])["manager_state"]["state"][widget.model_id]["state"]
    hosts = "".join(f'<div id="{name}"></div>' for name in states)
    style = "".join(load_style(name) for name in states)
    script = MUTE.replace("STATES", json.dumps(states).replace("</", "<\\/"))
    path = tmp_path_factory.mktemp("mute") / "page.html"
    path.write_text(f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><style>{style}</style><body>{hosts}'
                    f'<script type="module">{script}</script></body></html>', encoding="utf-8")  # fmt: skip
    with opened(browser, path) as (page, messages, _):
        page.wait_for_selector("body[data-ready=yes]")
        yield page
        assert messages == []


def test_an_explorer_that_nobody_answers_greys_its_numbers_until_an_answer_comes(mute):
    explorer = mute.locator("#explore")
    explorer.locator(".sg-range").first.press("End")
    expect(explorer.locator(".sg-silent-notice")).to_contain_text("squared(w=0, b=0)")
    expect(explorer.locator(".sg-explore")).to_have_class("sg sg-widget sg-explore sg-cutting sg-silent")
    mute.evaluate(
        "() => { const m = models.explore; m.update('state', { ...m.get('state'), position: m.get('sliders') }); }"
    )
    expect(explorer.locator(".sg-silent-notice")).to_be_hidden()


def test_choices_that_nobody_answers_grey_the_numbers_too(mute):
    explorer, model = mute.locator("#explore"), "models.explore"
    answer = f"() => {{ const {{ get, update }} = {model}; update('state', {{ ...get('state'), position: get('sliders') }}); }}"
    mute.evaluate(answer)
    changes = ["update('opened', ['0'])", "update('plot_choice', { ...models.explore.get('plot_choice'), log: ['w'] })"]
    for act in (lambda: explorer.locator(".sg-nudge-button").click(),
                *(lambda change=change: mute.evaluate(f"() => {model}.{change}") for change in changes)):  # fmt: skip
        act()
        expect(explorer.locator(".sg-explore")).to_have_class(re.compile(r"\bsg-silent\b"))
        mute.evaluate(answer)
        expect(explorer.locator(".sg-silent-notice")).to_be_hidden()


@pytest.mark.slow("a notice settles after some seconds")
def test_every_other_widget_says_so_too_and_recovers(mute):
    mute.locator("#descend .sg-button").first.click()
    mute.locator("#secant input[type=range]").press("Home")
    mute.locator("#predict").get_by_role("button", name="Skip").click()
    mute.locator("#watch .sg-open").click()
    said = {
        "descend": "step 2.",
        "secant": "h = 0.5.",
        "predict": "Run this cell again.",
        "watch": "the training that you see.",
    }
    for name, end in said.items():
        notice = mute.locator(f"#{name} .sg-silent-notice")
        expect(notice).to_have_text(re.compile(f"^The kernel does not respond.*{re.escape(end)}$"))
        expect(notice).to_have_css("position", "static")  # in the end it covers nothing
        mute.evaluate("name => models[name].update('answered', 1)", name)
        expect(mute.locator(f"#{name} .sg-silent-notice")).to_be_hidden()
    expect(mute.locator("#watch .sg-open")).to_be_enabled()  # and does not go on saying that it opens the step
