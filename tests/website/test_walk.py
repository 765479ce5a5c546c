"""Every page of the site in a headless Chromium: nothing goes wrong, nothing else is asked for, explorers answer truly.

`make test` walks SAMPLE, `make site-test` every page.

Each explorer is moved once, and its output and gradients are compared with plain PyTorch's (truth.py). Not compared are the
films of `watch` and the cards of `predict`: their numbers are those that training or the result of the cell gave in the
recording process, and a page offers nothing that would compute another one. Steps of `descend`
are compared with their widget's in tests/widgets/test_recorded.py; quotients of `secant` are not.
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


def shown_numbers(tab):
    """Move each recorded explorer of a page, and read it.

    Returns:
        dict from the id of its element to {"position": list of float, "output": str, "gradients": list of str, "problem":
        str}.
    """
    shown = {}
    for recorded in tab.locator(".sg-recorded[data-kind=explore]").all():
        explorer = recorded.locator(".sg-explore")
        move(explorer)
        shown[recorded.get_attribute("id")] = {
            "position": json.loads(explorer.get_attribute("data-position")),
            "output": explorer.locator(".sg-output").first.text_content(),
            "gradients": explorer.evaluate(ROWS),
            "problem": explorer.locator(".sg-problem").first.text_content(),
        }
    return shown


def numbers(text):
    """The numbers in a text of the page."""
    return [float(number.replace("−", "-")) for number in NUMBER.findall(text)]


def assert_true(shown, true):
    """Compare what an explorer shows with what PyTorch computed there."""
    if true["output"] is None:
        assert shown["output"] == "= ?"
    else:
        assert numbers(shown["output"]) == pytest.approx(true["output"], rel=DIGITS, nan_ok=True)
    if "error" in true:
        assert shown["problem"] and not any(shown["gradients"])
        return
    for text, gradient in zip(shown["gradients"], true["gradients"], strict=True):
        assert numbers(text) == pytest.approx(gradient, rel=DIGITS, nan_ok=True)


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


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in WALKED])
def test_a_page_is_quiet_alive_true_accessible_and_fits_a_telephone(tab, address, truth, name, language):
    tab.complaints.clear()
    tab.set_viewport_size({"width": 1100, "height": 1000})
    tab.goto(f"{address}{language}/{name}.html")
    widgets = mounted(tab)
    assert widgets > 0 or name not in ("index", *LESSONS)
    shown = shown_numbers(tab)
    if shown:
        page = recordings.FRONT if name == "index" else name.partition("/")[2]
        truth.ask(page, {id: each["position"] for id, each in shown.items()})
    assert found_by_axe(tab) == []
    tab.set_viewport_size({"width": 400, "height": 900})
    tab.wait_for_function("document.documentElement.scrollWidth <= 400")
    if shown:
        true = truth.receive()
        assert true.keys() == shown.keys()
        for id, each in shown.items():
            assert_true(each, true[id])
    assert tab.complaints == []


def test_a_chinese_term_finds_its_lesson(tab, address):
    tab.goto(f"{address}zh/search.html?q=计算图")
    expect(tab.locator("#search-results li a[href*='02_computation_graph']").first).to_be_attached(
        timeout=browsers.PATIENCE
    )


def test_an_english_term_finds_its_lesson(tab, address):
    tab.goto(f"{address}en/search.html?q=detach")
    expect(tab.locator("#search-results li a[href*='05_detach']").first).to_be_attached(timeout=browsers.PATIENCE)
