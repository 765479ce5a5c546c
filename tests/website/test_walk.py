"""Every page of the site in a headless Chromium: nothing goes wrong, nothing else is asked for, explorers answer truly.

`make test` walks SAMPLE, `make site-test` every page.
"""

import functools
import http.server
import threading

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from docs.builder import front, guides
from tests.browser import explorer as explorers
from tests.browser import page as browsers
from tests.needs import need

from .conftest import ROOT, WHOLE

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
SERIOUS = """async () => {
    const found = await axe.run(document, { resultTypes: ["violations"], preload: false });
    const serious = found.violations.filter(each => ["serious", "critical"].includes(each.impact));
    return serious.map(each => `${each.id}: ${each.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(" | ")}`);
}"""
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
        page = browser.new_context(viewport={"width": 1100, "height": 1000}).new_page()
        page.set_default_timeout(browsers.PATIENCE)
        page.complaints = []
        page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda asked: _own(asked.url, address) or page.complaints.append(f"asked for {asked.url}"))
        yield page


def _own(url, address):
    return url.startswith((address, "data:", "blob:"))


def mounted(tab):
    """Scroll to each recorded widget of a page until it lives; return their number."""
    recorded = tab.locator(".sg-recorded")
    for index in range(recorded.count()):
        recorded.nth(index).scroll_into_view_if_needed()
        expect(recorded.nth(index)).to_have_attribute("data-mounted", "yes", timeout=browsers.PATIENCE)
    return recorded.count()


def move(explorer):
    """Press an arrow key on the first slider of an explorer, and wait until the slider has moved."""
    slider = explorer.locator(".sg-range").first
    before, high = slider.evaluate("slider => [slider.valueAsNumber, +slider.max]")
    slider.press("ArrowLeft" if before >= high else "ArrowRight")
    explorer.page.wait_for_function(
        "([slider, before]) => slider.valueAsNumber !== before", arg=[slider.element_handle(), before]
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", EVERY if WHOLE else SAMPLE)
def test_a_page_is_quiet_alive_accessible_and_fits_a_telephone(tab, address, name, language):
    tab.complaints.clear()
    tab.set_viewport_size({"width": 1100, "height": 1000})
    tab.goto(f"{address}{language}/{name}.html")
    widgets = mounted(tab)
    assert widgets > 0 or name not in ("index", "lessons/00_start")
    for explorer in tab.locator(".sg-recorded .sg-explore").all():
        if explorer.locator(".sg-range").count():
            move(explorer)
            if explorer.locator(".sg-call").first.inner_text().startswith("squared_error("):
                shown = explorers.read(explorer)
                output, grads = explorers.truth(front.squared_error, shown.at)
                assert shown.output == pytest.approx(output, rel=1e-3)
                assert shown.grads == pytest.approx(grads, rel=1e-3)
    tab.evaluate(AXE_SCRIPT)
    assert tab.evaluate(SERIOUS) == []
    tab.set_viewport_size({"width": 400, "height": 900})
    tab.wait_for_function("document.documentElement.scrollWidth <= 400")
    assert tab.complaints == []


def test_a_chinese_term_finds_its_lesson(tab, address):
    tab.goto(f"{address}zh/search.html?q=计算图")
    expect(tab.locator("#search-results li a[href*='02_computation_graph']").first).to_be_attached(
        timeout=browsers.PATIENCE
    )


def test_an_english_term_finds_its_lesson(tab, address):
    tab.goto(f"{address}en/search.html?q=detach")
    expect(tab.locator("#search-results li a[href*='05_detach']").first).to_be_attached(timeout=browsers.PATIENCE)
