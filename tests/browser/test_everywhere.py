"""The explorer outside JupyterLab: Notebook 7, Voila, marimo, a page of nbconvert, and a hundred of them at once."""

import base64
import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from seeing_gradients.picture.labels import number

from . import lab, page
from .explorer import open_more, press, read, settle, truth

CELL = """
from helpers import explore, language
language.use("en")

def line(w, b):
    return (w * 2.0 + b - 7.0) ** 2

def outer(a, b):
    return a * b.sum()

display(explore(line, w=(-5.0, 5.0, 0.5), b=2.0).set(w=4.0))
explore(outer, a=2.0, b=[3.0, 4.0], gradient={"v": 2.0}, plot=("a", "b[0]"))
"""
MANY = """
from helpers import explore
from IPython.display import display

for i in range({first}, {first} + 25):
    display(explore(lambda w, i=i: (w - i) ** 2, w=(-5.0, 5.0, 0.5)))
"""
MARIMO = """
import marimo

app = marimo.App()


@app.cell
def _():
    from seeing_gradients import explore

    def line(w, b):
        return (w * 2.0 + b - 7.0) ** 2

    explore(line, w=(-5.0, 5.0, 0.5), b=2.0).set(w=4.0)
    return
"""
NAME = "everywhere.ipynb"


def line(w, b):
    return (w * 2.0 + b - 7.0) ** 2


@pytest.fixture(scope="module")
def path(server):
    lab.write_notebook(server.root / NAME, CELL)
    return server.root / NAME


@pytest.fixture
def tab(browser):
    """A function that opens an address in a fresh profile: the page, and what it complains about."""
    contexts = []

    def visit(address):
        context = browser.new_context(viewport={"width": 1100, "height": 1000})
        contexts.append(context)
        opened, complaints = context.new_page(), []
        opened.add_init_script(page.WAIT_LONGER)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(address)
        return opened, complaints

    yield visit
    for context in contexts:
        context.close()


def assert_alive(explorer):
    """The explorer answers keys with what PyTorch gives, and steps."""
    explorer.scroll_into_view_if_needed()
    for key in ("ArrowRight", "Home"):
        press(explorer, key)
        reading = read(explorer)
        output, grads = truth(line, reading.at)
        assert reading.output == pytest.approx(output, rel=6e-4)
        assert reading.grads == pytest.approx(grads, rel=6e-4)
    explorer.locator(".sg-steps .sg-icon").first.click()
    assert explorer.get_attribute("data-step") == "0"


def assert_newer_parts(explorer):
    """Plot, Jacobian and a kept run follow a slider."""
    explorer.scroll_into_view_if_needed()
    open_more(explorer)
    explorer.locator(".sg-compare-button").click()
    press(explorer, "ArrowRight", times=3)
    settle(explorer)
    a, b0, b1, v = explorer.locator(".sg-range").evaluate_all("all => all.map(slider => slider.valueAsNumber)")
    slopes = [v * (b0 + b1), v * a]  # of v · a · (b[0] + b[1])
    explorer.locator(".sg-plot .sg-plot-dot").wait_for()
    assert f"= {number(slopes[0])}" in explorer.locator(".sg-plot-caption .sg-backward").inner_text()
    total = explorer.locator(".sg-jacobian-sum td:not(.sg-weight)").all_inner_texts()
    assert total == [number(slopes[0]), number(slopes[1]), number(slopes[1])]
    assert "a=2, " in explorer.locator(".sg-baseline-head").inner_text().replace("a=2.0", "a=2")
    explorer.locator(".sg-jacobian-choice select").select_option("b")
    explorer.locator(".sg-jacobian-row").filter(has_not=explorer.page.locator("td:nth-child(5)")).wait_for()
    assert explorer.evaluate("e => e.scrollWidth <= e.clientWidth + 1")


@pytest.mark.slow("a second server starts, of Notebook 7, and its page is loaded")
def test_it_lives_in_notebook_7(server, path, tab, artefact):
    opened, complaints = tab(f"{server.url}notebooks/{NAME}?token={server.token}")
    opened.locator(".jp-CodeCell .cm-content").first.click()
    before = list(complaints)  # of Notebook itself
    opened.wait_for_function(
        "() => document.querySelector('.jp-Notebook-ExecutionIndicator')?.dataset.status === 'idle'"
    )
    opened.keyboard.press("Shift+Enter")
    explorer = opened.locator(".jp-OutputArea-output .sg-explore")
    explorer.nth(1).wait_for()
    assert_alive(explorer.first)
    assert_newer_parts(explorer.nth(1))
    opened.screenshot(path=artefact("notebook-7.png"))
    assert complaints == before


@pytest.mark.slow("a second server starts, Voila, and runs the notebook")
def test_it_lives_in_voila(server, path, tab, artefact):
    opened, complaints = tab(f"{server.url}voila/render/{NAME}?token={server.token}")
    explorer = opened.locator(".sg-explore")
    explorer.nth(1).wait_for(timeout=90_000)
    assert_alive(explorer.first)
    assert_newer_parts(explorer.nth(1))
    opened.screenshot(path=artefact("voila.png"))
    assert complaints == []


@pytest.fixture
def marimo(tmp_path):
    """The address of a server of marimo, which shows MARIMO."""
    program = tmp_path / "explorer.py"
    program.write_text(MARIMO, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "marimo", "--quiet", "run", str(program), "--headless", "--no-token"]
    environment = os.environ | {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "MARIMO_SKIP_UPDATE_CHECK": "1",
    }
    address, deadline = f"http://127.0.0.1:{port}/", time.monotonic() + 180
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([*command, "--port", str(port)], env=environment, stdout=log, stderr=log)
        try:
            while process.poll() is None and time.monotonic() < deadline:
                with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=60):
                    break
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            process.wait()


@pytest.mark.slow("a server of marimo starts and runs the notebook")
def test_it_lives_in_marimo_without_a_network(marimo, tab, artefact):
    opened, complaints = tab("about:blank")
    elsewhere = []
    opened.on("request", lambda request: elsewhere.append(request.url) if "127.0.0.1" not in request.url else None)
    opened.goto(marimo)
    explorer = opened.locator(".sg-explore")
    explorer.locator(".sg-range").first.wait_for(timeout=180_000)
    assert_alive(explorer)
    opened.screenshot(path=artefact("marimo.png"))
    assert complaints == []
    assert [url for url in elsewhere if url.startswith("http")] == []


@pytest.mark.slow("nbconvert runs the notebook with a kernel of its own")
def test_a_page_made_by_nbconvert_shows_the_picture_without_a_kernel(server, path, tab, artefact, tmp_path):
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", "--execute", str(path)]
    made = subprocess.run(
        [*command, "--output-dir", str(tmp_path)], check=False, capture_output=True, text=True, timeout=600
    )
    assert made.returncode == 0, made.stderr
    html = (tmp_path / NAME).with_suffix(".html")
    opened, _ = tab(html.as_uri())
    assert opened.locator(".jp-OutputArea-output img").count() == 2
    picture = opened.locator(".jp-OutputArea-output img").first
    picture.wait_for()
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 300
    drawn = base64.b64decode(picture.get_attribute("src").removeprefix("data:image/svg+xml;base64,")).decode("utf-8")
    assert all(text in drawn for text in ("→ 9", "← 12", "← 6", "PowBackward0"))
    opened.screenshot(path=artefact("nbconvert.png"))


@pytest.mark.slow("a hundred live widgets, each of which must answer")
def test_a_hundred_explorers_in_one_notebook_all_live(browser, server):
    cells = [MANY.format(first=first) for first in range(0, 100, 25)]  # JupyterLab shows no more than 50 outputs a cell
    lab.write_notebook(server.root / "many.ipynb", *cells)
    with page.open_notebook(browser, server, "many.ipynb") as opened:
        page.run_all(opened)
        all_of_them = opened.page.locator(".jp-OutputArea-output .sg-explore")
        all_of_them.nth(99).wait_for()
        assert all_of_them.count() == 100
        for place in (0, 57, 99):
            explorer = all_of_them.nth(place)
            explorer.scroll_into_view_if_needed()
            press(explorer, "ArrowRight")
            settle(explorer)
            assert explorer.locator(".sg-gradient").first.inner_text() == f"{2 * (0.5 - place):g}"
        assert opened.complaints == []
