"""Saving a notebook while its widgets are live, and opening it again without a kernel."""

import json

import pytest

from . import lab, page
from .explorer import find, press, read

CELL = """
from helpers import explore, language
language.use("en")

def line(w):
    return (w * 2.0 - 5.0) ** 2

explore(line, w=(-5.0, 5.0, 0.5))
"""


def on_disk(server, name):
    """The mime types of the first cell's outputs in the saved file."""
    saved = json.loads((server.root / name).read_text(encoding="utf-8"))
    return [set(output["data"]) for output in saved["cells"][0]["outputs"]]


@pytest.fixture(scope="module")
def saved(browser, server):
    """The name of a notebook that was run, moved, saved, moved and saved again; what the page showed meanwhile."""
    name = "saved.ipynb"
    lab.write_notebook(server.root / name, CELL)
    with page.open_notebook(browser, server, name) as opened:
        page.run_all(opened)
        seen = []
        for _ in range(2):
            press(find(opened), "ArrowRight")
            page.save(opened)
            seen.append((read(find(opened)).at["w"], page.dialogs(opened), on_disk(server, name)))
        assert opened.complaints == []
    return name, seen


def test_the_widget_stays_live_and_no_dialog_opens_when_saving_twice(saved):
    _, seen = saved
    assert [(position, dialogs) for position, dialogs, _ in seen] == [(0.5, []), (1.0, [])]


def test_each_save_writes_the_picture_without_the_view(saved):
    _, seen = saved
    assert [outputs for _, _, outputs in seen] == [[{"image/svg+xml", "text/plain"}]] * 2


@pytest.mark.slow("JupyterLab is loaded again, with a new kernel")
def test_opened_again_with_a_new_kernel_the_picture_is_there_and_no_error_box(saved, browser, server, artefact):
    name, _ = saved
    with page.open_notebook(browser, server, name, fresh=True) as again:
        output = again.page.locator(".jp-OutputArea-output").first
        output.scroll_into_view_if_needed()
        picture = output.locator("img, svg").first
        picture.wait_for()
        again.page.screenshot(path=artefact("reopened.png"))
        assert picture.bounding_box()["width"] > 100
        assert output.inner_text() == ""
        assert output.get_attribute("data-mime-type") == "image/svg+xml"
        assert again.complaints == []
        picture_follows_the_page(again, output, artefact)


def picture_follows_the_page(notebook, output, artefact):
    """It is dark in a dark theme, and on a narrow page it scrolls, says so, and can be reached by keyboard."""
    image = output.locator("img")
    wait = lambda condition: notebook.page.wait_for_function(condition, arg=output.element_handle())
    is_dark = "box => decodeURIComponent(box.querySelector('img').src).includes('{fill:#16191d}')"
    assert not output.evaluate(is_dark) and image.get_attribute("alt")
    page.change_theme(notebook, "JupyterLab Dark")
    wait(is_dark)
    wait("box => box.querySelector('img').complete && box.querySelector('img').naturalWidth > 0")
    page.narrow(notebook, 400)
    wait("box => box.classList.contains('sg-cut') && box.tabIndex === 0 && box.innerText.includes('→')")
    notebook.page.screenshot(path=artefact("reopened-dark-400.png"))
    output.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    wait("box => box.innerText.includes('←')")
    page.narrow(notebook, None)
    wait("box => !box.classList.contains('sg-cut') && !box.hasAttribute('tabindex')")
    page.change_theme(notebook, page.LIGHT)
    wait(f"box => !({is_dark})(box)")
