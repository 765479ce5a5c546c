"""Predictions and checks as a learner meets them in JupyterLab: keyboard, both themes, a narrow page, a kernel that lives."""

import json

import pytest

from . import page
from .explorer import COLOURS, examine

MISBEHAVE = """
from helpers import check, language, predict, progress
language.use("{language}")
import os, sys, torch
os.environ["SEEING_GRADIENTS_PROGRESS"] = "progress-{language}.json"
def endless(x):
    while True: pass
def chatty(x):
    while True: print(1)
def ends(x): exit()
def quits(x): quit()
def reads(x): return input("?")
def patches(x):
    torch.cos = torch.sin
    return 2 * x
"""


@pytest.fixture(scope="module", params=["zh"])
def predictions(request, browser, server):
    """A notebook with every kind of prediction, run."""
    from .lab import write_notebook

    name = f"predictions-{request.param}.ipynb"
    ids = {"en": ("02.p1", "02.p3", "02.p5"), "zh": ("00.p1", "02.p3", "02.p5")}[request.param]
    cells = [f'predict("{id}")' for id in ids]
    checks = ['check("02.1", (-12, -4))', 'check("00.2", lambda x: 2 * x)', "progress.show()"]
    write_notebook(server.root / name, MISBEHAVE.format(language=request.param), *cells, *checks)
    with page.open_notebook(browser, server, name) as opened:
        opened.language = request.param
        page.run_all(opened)
        opened.page.locator(".sg-predict").nth(2).wait_for()
        yield opened


def widget(notebook, place):
    found = notebook.page.locator(".sg-predict").nth(place)
    found.scroll_into_view_if_needed()
    return found


def test_a_narrow_page_and_both_themes_show_the_predictions_well(predictions, artefact):
    for theme in ("Light", "Dark"):
        page.change_theme(predictions, f"JupyterLab {theme}")
        rules = COLOURS if theme == "Dark" else None  # names and roles do not depend on the theme
        passed, grave = examine(predictions, ".jp-OutputArea-output .sg", rules)
        assert passed >= ({"button-name", "color-contrast", "label"} if rules is None else set(rules))
        assert grave == []
        predictions.page.screenshot(path=artefact(f"predict-{predictions.language}-{theme.lower()}.png"))
    page.narrow(predictions, 400)
    wide = predictions.page.locator(".sg-predict").evaluate_all(
        "all => all.filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    predictions.page.screenshot(path=artefact(f"predict-{predictions.language}-400.png"))
    page.narrow(predictions, None)
    page.change_theme(predictions, "JupyterLab Light")
    assert wide == 0


def test_a_number_is_typed_recorded_and_compared_with_the_keyboard_alone(predictions):
    asked = widget(predictions, 0)
    cells = predictions.page.locator(".jp-Cell").count()
    asked.locator("input").focus()
    predictions.page.keyboard.type("dd")
    predictions.page.keyboard.press("Enter")
    asked.locator(".sg-problem:not(:empty)").wait_for()
    asked.locator("input").fill("9.5")
    predictions.page.keyboard.press("Enter")
    asked.locator(".sg-reply", has_text="9.5").wait_for()
    assert not asked.locator("form").is_visible()
    predictions.page.keyboard.press("Enter")  # the focus has moved on to the button that compares
    asked.locator(".sg-why:not(:empty)").wait_for()
    assert "9.5" in asked.locator(".sg-reply").text_content()
    assert predictions.page.locator(".jp-Cell").count() == cells


def test_a_choice_is_made_with_the_arrow_keys(predictions):
    asked = widget(predictions, 1)
    asked.locator("input").first.focus()
    for key in ("ArrowDown", "ArrowDown"):
        predictions.page.keyboard.press(key)
    assert asked.locator("input").nth(2).is_checked()
    asked.locator("button[type=submit]").click()
    asked.locator(".sg-reply", has_text="None").wait_for()


def test_a_slider_moves_by_key_and_skipping_is_possible(predictions):
    asked = widget(predictions, 2)
    asked.locator("input").focus()
    before = asked.locator("output").text_content()
    predictions.page.keyboard.press("ArrowRight")
    assert asked.locator("output").text_content() != before
    asked.locator("button[type=button]").first.click()
    asked.locator(".sg-reply:not(:empty)").wait_for()
    asked.locator("> button").click()
    asked.locator(".sg-reply", has_text="5.76").wait_for()


def test_a_hint_opened_by_its_button_counts_as_seen(predictions, server):
    card = predictions.page.locator(".sg-verdict").first
    card.scroll_into_view_if_needed()
    card.locator("summary").nth(0).click()
    card.locator("summary").nth(1).focus()
    predictions.page.keyboard.press("Enter")
    card.locator("details[data-step='2'][open]").wait_for()
    for _ in range(600):  # until the kernel has written the file
        progress = json.loads((server.root / f"progress-{predictions.language}.json").read_text(encoding="utf-8"))
        if progress["exercises"]["02.1"].get("hints") == 2:
            break
        predictions.page.wait_for_timeout(100)
    assert progress["exercises"]["02.1"]["hints"] == 2


def test_what_was_recorded_is_there_when_the_cells_are_run_again(predictions):
    page.run_all(predictions)
    assert "9.5" in widget(predictions, 0).locator(".sg-reply").text_content()
    assert predictions.complaints == []


@pytest.mark.slow("a notebook of its own, whose answers are stopped one after the other")
def test_the_kernel_lives_on_after_every_answer_that_misbehaves(browser, server, scratch):
    names = ("endless", "chatty", "ends", "quits", "reads", "patches")
    cells = [f'print(check("00.2", {name}).reason, os.getpid())' for name in names]
    name = scratch(MISBEHAVE.format(language="en"), *cells, 'print(check("00.2", lambda x: 2 * x), os.getpid())')
    with page.open_notebook(browser, server, name) as opened:
        page.run_all(opened)
        outputs = [cell["outputs"] for cell in page.content(opened)["cells"][1:]]
        said = ["".join("".join(output.get("text", "")) for output in group).split() for group in outputs]
        assert [words[0] for words in said[:-1]] == ["time", "output", "raised", "raised", "raised", "replaced"]
        assert said[-1][2] == "correct:" and len({words[-1] for words in said}) == 1
        assert page.errors(opened) == []
