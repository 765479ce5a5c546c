"""Every page of the site in a headless Chromium: nothing goes wrong, nothing else is asked for, explorers answer truly.

`make test` walks SAMPLE, `make site-test` every page.

Each widget is moved, and its numbers are compared with those of plain PyTorch (truth.py): output and gradients of an explorer,
position, gradients and points of a descent, quotients of a secant, losses and gradients of a training. A prediction only
repeats the result of the cell after it.
"""

import functools
import http.server
import json
import re
import threading

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from docs.builder import guides, recordings
from tests.browser import page as browsers
from tests.browser.explorer import CROWDED
from tests.needs import need

from .conftest import ROOT, WHOLE
from .truth import Truth

LESSONS = [f"lessons/{path.stem}" for path in sorted((ROOT / "notebooks/en").glob("*.ipynb"))]
EVERY = [
    "index",
    *LESSONS,
    *(page.name for page in guides.PAGES),
    "api/index",
    "api/helpers",
    "api/seeing_gradients",
    "search",
]
SAMPLE = ["index", "lessons/00_start", "guides/learners"]
WALKED = EVERY if WHOLE else SAMPLE
# What a rule about colours says of an element depends on these of its properties alone, and a lesson has thousands of
# elements; so it looks at the first one of each look.
LOOKS = """rules => {
    const backs = new Map([[null, ""]]);
    const backOf = element => {
        if (backs.has(element)) return backs.get(element);
        const { backgroundColor, backgroundImage, opacity, position } = getComputedStyle(element);
        const back = backOf(element.parentElement) + [
            backgroundColor === "rgba(0, 0, 0, 0)" ? "" : backgroundColor, backgroundImage === "none" ? "" : backgroundImage,
            opacity === "1" ? "" : opacity, ["static", "relative"].includes(position) ? "" : position,
        ].join("");
        backs.set(element, back);
        return back;
    };
    const lookOf = element => {
        const { color, fill, fontSize, fontWeight, textDecorationLine } = getComputedStyle(element);
        return [color, fill, fontSize, fontWeight, textDecorationLine, element.tagName, backOf(element)].join(";");
    };
    for (const element of document.querySelectorAll("[data-look]")) delete element.dataset.look;
    const seen = new Set();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
        const look = `${lookOf(element)} in ${lookOf(element.parentElement)}`;
        if (!seen.has(look)) element.dataset.look = "first";
        seen.add(look);
    }
    axe.configure({ rules: Object.entries(rules).map(([id, of]) => ({ id, selector: `${of}[data-look]` })) });
}"""
COLOURS = {"color-contrast": "", "link-in-text-block": "a[href]"}  # the rules about colours, and what they look at
SERIOUS = """async rules => {
    const only = rules ? { runOnly: { type: "rule", values: rules } } : {};
    const found = await axe.run(document, { resultTypes: ["violations"], preload: false, ...only });
    const serious = found.violations.filter(each => ["serious", "critical"].includes(each.impact));
    return serious.map(each => `${each.id}: ${each.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")}`);
}"""
ROWS = """explorer => {
    const rows = [...explorer.querySelectorAll("tbody tr:has(.sg-gradient)")];
    return rows.map(row => row.querySelector(".sg-gradient").textContent);
}"""
DESCENT = """descent => {
    const texts = (selector) => [...descent.querySelectorAll(selector)].map(each => each.textContent);
    const handle = descent.querySelector(".sg-handle");
    const { width, height } = handle.parentElement.querySelector("svg").viewBox.baseVal;
    const [x, y] = handle.getAttribute("transform").match(/[-+.e\\d]+/g).slice(-2).map(Number);
    const rows = [...descent.querySelectorAll("tbody tr")].map(row => [...row.querySelectorAll("td")].map(td => td.textContent));
    const loss = rows.pop()[0];
    const points = descent.querySelector(".sg-dots").getAttribute("d").match(/M[^h]+/g).map(at => at.slice(1).split(",").map(Number));
    const [lr, steps] = texts(".sg-slider output").map(Number);
    const start = [x / width, 1 - y / height].slice(0, rows.length);
    return { state: { start, lr, steps }, rows, loss, points, size: [width, height] };
}"""
SECANT = """secant => {
    const slider = secant.querySelector("input[type=range]");
    const [precision, kind] = [...secant.querySelectorAll("select")].map(select => select.value);
    const power = (slider.valueAsNumber * -16) / +slider.min; // of ten; the low end is 1e-16
    return { state: { power, precision, kind }, numbers: [...secant.querySelectorAll("td")].map(td => td.textContent) };
}"""
TRAINING = """training => ({
    step: training.querySelector(".sg-scrubber").valueAsNumber,
    loss: training.querySelector(".sg-loss-number").textContent,
    norms: [...training.querySelectorAll(".sg-cell .sg-number")].map(number => number.textContent),
})"""
NUMBER = re.compile(r"[-−]?(?:\d[\d.]*(?:e[-+]?\d+)?|inf|nan)")
DIGITS = 6e-4  # the page shows four digits
pytestmark = pytest.mark.slow("loads pages in a browser; builds the site first unless it is there")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def address(site):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def tab(address):
    """One tab for all pages, which remembers what went wrong in `complaints`."""
    need("chromium")
    with browsers.chromium() as browser:
        context = browser.new_context(viewport={"width": 1100, "height": 1000}, reduced_motion="reduce")
        page = context.new_page()
        page.set_default_timeout(browsers.PATIENCE)
        page.complaints = []
        page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda asked: _own(asked.url, address) or page.complaints.append(f"asked for {asked.url}"))
        yield page


@pytest.fixture(scope="module")
def truth():
    """The process that runs the lessons and calls their functions."""
    process = Truth(ROOT)
    yield process
    process.close()


def _own(url, address):
    return url.startswith((address, "data:", "blob:"))


def mounted(tab):
    """Open what is folded, scroll to each recorded widget of a page until it lives, and return their number."""
    tab.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
    recorded = tab.locator(".sg-recorded")
    for index in range(recorded.count()):
        recorded.nth(index).scroll_into_view_if_needed()
        expect(recorded.nth(index)).to_have_attribute("data-mounted", "yes", timeout=browsers.PATIENCE)
    return recorded.count()


def move(explorer):
    """Press an arrow key on the first slider of an explorer, if it has one, and wait until the page shows the answer."""
    slider = explorer.locator(".sg-range").first
    if explorer.locator(".sg-range").count() == 0:
        return
    before, high = slider.evaluate("slider => [slider.valueAsNumber, +slider.max]")
    slider.press("ArrowLeft" if before >= high else "ArrowRight")
    explorer.page.wait_for_function(
        """([slider, explorer, before]) => slider.valueAsNumber !== before
            && JSON.parse(explorer.dataset.position)[0] === slider.valueAsNumber""",
        arg=[slider.element_handle(), explorer.element_handle(), before],
    )


def read_explorer(explorer):
    """Move an explorer once: (its position, what it shows)."""
    move(explorer)
    return json.loads(explorer.get_attribute("data-position")), {
        "output": explorer.locator(".sg-output").first.text_content(),
        "gradients": explorer.evaluate(ROWS),
        "problem": explorer.locator(".sg-problem").first.text_content(),
    }


def read_descent(descent):
    """Move the start of a descent by a key, and take a step: (its state, what it shows)."""
    handle = descent.locator(".sg-handle")
    before = handle.get_attribute("aria-valuenow")
    handle.press("ArrowLeft" if before == handle.get_attribute("aria-valuemax") else "ArrowRight")
    expect(handle).not_to_have_attribute("aria-valuenow", before)
    count = descent.locator(".sg-count").text_content()
    descent.get_by_role("button").first.click()
    expect(descent.locator(".sg-count")).not_to_have_text(count)
    shown = descent.evaluate(DESCENT)
    return shown.pop("state"), shown


def read_secant(secant):
    """Move the step of a secant, then choose the other precision: (both states, what it shows in each)."""
    slider, precision = secant.locator("input[type=range]"), secant.locator("select").first
    table = secant.locator(".sg-numbers")
    states, shown = [], []
    for act in (
        lambda: slider.press("ArrowLeft"),
        lambda: precision.select_option(index=1 - precision.evaluate("select => select.selectedIndex")),
    ):
        before = table.text_content()
        act()
        expect(table).not_to_have_text(before)
        read = secant.evaluate(SECANT)
        states.append(read.pop("state"))
        shown.append(read["numbers"])
    return states, shown


def read_training(training):
    """Go to three steps of a training: (these steps, what it shows at each)."""
    slider = training.locator(".sg-scrubber").first
    slider.press("Home")
    shown = []
    for key in ("PageUp", "End", "Home"):
        before = slider.input_value()
        slider.press(key)
        training.page.wait_for_function(
            "([slider, before]) => slider.value !== before", arg=[slider.element_handle(), before]
        )
        shown.append(training.evaluate(TRAINING))
    return [each.pop("step") for each in shown], shown


READ = {"explore": read_explorer, "descend": read_descent, "secant": read_secant, "watch": read_training}


def shown_numbers(tab):
    """Move each recorded widget of a page, except predictions, and read it.

    Returns:
        two dicts, from the id of its element to where it stands, as truth.py takes it, and to (its kind, what it shows).
    """
    states, shown = {}, {}
    for kind, read in READ.items():
        for recorded in tab.locator(f".sg-recorded[data-kind={kind}]").all():
            id = recorded.get_attribute("id")
            states[id], numbers_shown = read(recorded.locator(".sg-widget").first)
            shown[id] = kind, numbers_shown
    return states, shown


def numbers(text):
    """The numbers in a text of the page."""
    return [float(number.replace("−", "-")) for number in NUMBER.findall(text)]


def assert_explorer(shown, true):
    if true["output"] is None:
        assert shown["output"] == "= ?"
    else:
        assert numbers(shown["output"]) == pytest.approx(true["output"], rel=DIGITS, nan_ok=True)
    if "error" in true:
        assert shown["problem"] and not any(shown["gradients"])
        return
    for text, gradient in zip(shown["gradients"], true["gradients"], strict=True):
        assert numbers(text) == pytest.approx(gradient, rel=DIGITS, nan_ok=True)


def assert_descent(shown, true):
    for texts, row in zip(shown["rows"], true["rows"], strict=True):
        assert [numbers(text) for text in texts] == [pytest.approx([x], rel=DIGITS) for x in row]
    assert numbers(shown["loss"]) == pytest.approx([true["loss"]], rel=DIGITS)
    width, height = shown["size"]
    assert len(shown["points"]) == len(true["points"]) > 1
    for (x, y), (across, up) in zip(shown["points"], true["points"], strict=True):
        assert (x, y) == pytest.approx((across * width, (1 - up) * height), abs=0.06)  # px; four digits are sent


def assert_secant(shown, true):
    for texts, expected in zip(shown, true, strict=True):
        h, right, left, difference, quotient, slope, error = map(float, texts)
        assert [right, left, quotient, slope] == pytest.approx([*expected[1:3], *expected[4:6]], rel=1e-8)
        assert [h, difference, error] == pytest.approx([expected[0], expected[3], expected[6]], rel=6e-3)


def assert_training(shown, true):
    for each, step in zip(shown, true, strict=True):
        assert numbers(each["loss"]) == pytest.approx([step["loss"]], rel=6e-3)  # three digits are shown
        *norms, last = step["norms"]
        # The gradient of the last bias is a sum that cancels where nothing is learned: what is left is rounding, which
        # differs from process to process.
        near = [pytest.approx([norm], rel=6e-3) for norm in norms] + [pytest.approx([last], rel=6e-3, abs=1e-8)]
        assert [numbers(text) for text in each["norms"]] == near


ASSERT = {"explore": assert_explorer, "descend": assert_descent, "secant": assert_secant, "watch": assert_training}


def found_by_axe(tab):
    """What axe-core finds serious in a page, in the light theme, then of its colours in the dark one."""
    tab.evaluate(AXE_SCRIPT)
    found = []
    for theme, rules in (("light", None), ("dark", list(COLOURS))):
        tab.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        tab.wait_for_function("theme => document.body.dataset.jpThemeLight === String(theme === 'light')", arg=theme)
        tab.evaluate(LOOKS, COLOURS)
        found += [f"{theme}: {each}" for each in tab.evaluate(SERIOUS, rules)]
    return found


def crowded(tab):
    """Gradients, checks and fields of all explorers that cannot be read whole."""
    return tab.evaluate(f"[...document.querySelectorAll('.sg-explore .sg-table')].flatMap({CROWDED})")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in WALKED])
def test_a_page_is_quiet_alive_true_accessible_and_fits_a_telephone(tab, address, truth, name, language):
    tab.complaints.clear()
    tab.set_viewport_size({"width": 1100, "height": 1000})
    tab.goto(f"{address}{language}/{name}.html")
    widgets = mounted(tab)
    assert widgets > 0 or name not in ("index", *LESSONS)
    states, shown = shown_numbers(tab)
    if shown:
        page = recordings.FRONT if name == "index" else name.partition("/")[2]
        truth.ask(page, states)
    assert crowded(tab) == []
    assert found_by_axe(tab) == []
    tab.set_viewport_size({"width": 400, "height": 900})
    tab.wait_for_function("document.documentElement.scrollWidth <= 400")
    assert crowded(tab) == []
    tab.wait_for_function(
        "[...document.querySelectorAll('.prev-next-area a')].every(link => link.scrollWidth <= link.clientWidth + 1)"
    )
    if shown:
        true = truth.receive()
        assert true.keys() == shown.keys()
        for id, (kind, each) in shown.items():
            ASSERT[kind](each, true[id])
    assert tab.complaints == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_first_window_of_the_front_page_holds_the_whole_graph_of_its_explorer(tab, address, language):
    tab.set_viewport_size({"width": 500, "height": 900})
    tab.goto(f"{address}{language}/index.html")
    tab.wait_for_function("""() => {
        const graph = document.querySelector("#front-explorer .sg-stage:has(.sg-node)")?.getBoundingClientRect();
        return graph?.height > 0 && graph.bottom <= innerHeight && scrollY === 0;
    }""")


def test_a_chinese_term_finds_its_lesson(tab, address):
    tab.goto(f"{address}zh/search.html?q=计算图")
    found = tab.locator("#search-results li:has(a[href*='02_computation_graph'])").first
    expect(found).to_be_attached(timeout=browsers.PATIENCE)
    expect(found.locator(".context").first).not_to_contain_text("目录", timeout=browsers.PATIENCE)  # a menu's title


def test_an_english_term_finds_its_lesson(tab, address):
    tab.goto(f"{address}en/search.html?q=detach")
    expect(tab.locator("#search-results li a[href*='05_detach']").first).to_be_attached(timeout=browsers.PATIENCE)
    tab.set_viewport_size({"width": 400, "height": 900})
    tab.wait_for_function("document.documentElement.scrollWidth <= 400")
