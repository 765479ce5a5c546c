"""An explorer in a page: read it and move it as a learner does, and what PyTorch says of the same position."""

from dataclasses import dataclass

import torch
from axe_playwright_python.base import AXE_SCRIPT

from . import page

EXPLORERS = ".jp-OutputArea-output .sg-explore"
COLOURS = ["color-contrast"]  # the rules of axe-core that depend on the theme
# To know what is behind a text, axe-core measures every element of the body, which takes most of its time. Here it goes past
# those that are neither in the examined parts nor around one of them: nothing of ours stands on them.
EXAMINE = """async ([selector, options]) => {
    const around = new Set();
    for (const part of document.querySelectorAll(selector)) {
        for (let element = part; element; element = element.parentElement) around.add(element);
    }
    const matters = { acceptNode: element =>
        around.has(element) || element.closest(selector) ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT };
    const walk = document.createTreeWalker.bind(document);
    document.createTreeWalker = (root, kinds, filter) => walk(root, kinds, root === document.body ? matters : filter);
    try {
        return await axe.run({ include: [selector] }, options);
    } finally {
        delete document.createTreeWalker;
    }
}"""
SETTLED = """element => {
    const at = JSON.parse(element.dataset.position ?? "null");
    const sliders = [...element.querySelectorAll(".sg-range")].map(slider => slider.valueAsNumber);
    return JSON.stringify(at) === JSON.stringify(sliders);
}"""
# Gradients and checks that are not to be read whole in the tables of inputs, and fields that lie over what stands beside them.
CROWDED = """table => [...table.querySelectorAll("tbody tr")].flatMap(row => {
    const bounds = element => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return range.getBoundingClientRect();
    };
    const cut = [...row.querySelectorAll(":is(.sg-gradient, .sg-check) > :first-child")].filter(text => {
        const box = text.parentElement.getBoundingClientRect(), isBox = getComputedStyle(text).display === "block";
        return bounds(text).right > box.right + 0.5 || isBox && text.scrollWidth > text.clientWidth + 1;
    });
    const parts = [...row.querySelectorAll(".sg-slide > *")].map(part => part.getBoundingClientRect());
    const end = row.querySelector(".sg-value").getBoundingClientRect().right;
    const isOver = parts.some((part, i) => part.right > (parts[i + 1]?.left ?? end) + 0.5);
    const all = [...cut.map(text => text.textContent), ...isOver ? ["field"] : []];
    return all.map(each => `${row.querySelector(".sg-name").textContent}: ${each}`);
})"""

SQUARED_ERROR = """
from helpers import explore, language
language.use("{language}")

def squared_error(w, b, x, y_true):
    y_pred = w * x + b
    loss = (y_pred - y_true) ** 2
    return loss

stepped = explore(squared_error, w=(-5.0, 5.0), b=(-5.0, 5.0), x=2.0, y_true=7.0).set(w=4.0, b=2.0)
stepped
"""  # a cell, to be formatted with the language


@dataclass(frozen=True)
class Reading:
    """What an explorer shows: slider positions and gradients by name, the output, the value and gradients of the graph."""

    at: dict
    output: float
    grads: dict
    root: float


def find(notebook, index=0):
    """The explorer number `index` of the open notebook, scrolled into view and at rest."""
    explorer = notebook.page.locator(".jp-OutputArea-output .sg-explore").nth(index)
    explorer.scroll_into_view_if_needed()
    settle(explorer)
    return explorer


def settle(explorer):
    """Wait until the explorer shows the answer to where its sliders stand."""
    explorer.page.wait_for_function(SETTLED, arg=explorer.element_handle())


def read(explorer):
    """Settle and read all numbers.

    Returns:
        Reading.
    """
    settle(explorer)
    rows = explorer.locator("tbody tr:has(.sg-range)")
    names = rows.locator(".sg-name").all_inner_texts()
    sliders = rows.locator(".sg-range").evaluate_all("all => all.map(slider => slider.valueAsNumber)")
    grads = map(float, rows.locator(".sg-gradient").all_inner_texts())
    output = explorer.locator(".sg-output").inner_text().removeprefix("= ")
    root = explorer.locator(".sg-output-node .sg-val").first.text_content().removeprefix("→ ")
    return Reading(
        dict(zip(names, sliders, strict=True)), float(output), dict(zip(names, grads, strict=True)), float(root)
    )


def truth(f, at):
    """What PyTorch gives at a position: (output, dict of gradients)."""
    leaves = {name: torch.tensor(float(x), requires_grad=True) for name, x in at.items()}
    output = f(**leaves)
    output.backward()
    return output.item(), {name: leaf.grad.item() for name, leaf in leaves.items()}


def press(explorer, key, times=1, slider=0):
    """Press a key on a slider."""
    handle = explorer.locator(".sg-range").nth(slider)
    for _ in range(times):
        handle.press(key)


def drag(explorer, to, slider=0, steps=8):
    """Drag the thumb of a slider with the mouse to the fraction `to` of its track, and let go."""
    handle = explorer.locator(".sg-range").nth(slider)
    handle.scroll_into_view_if_needed()
    low, high, now = handle.evaluate("slider => [+slider.min, +slider.max, slider.valueAsNumber]")
    box, mouse = handle.bounding_box(), explorer.page.mouse
    thumb = 16  # px: the middle of the thumb stays half of it away from either end
    place = lambda part: box["x"] + thumb / 2 + part * (box["width"] - thumb)
    y = box["y"] + box["height"] / 2
    mouse.move(place((now - low) / (high - low)), y)
    mouse.down()
    mouse.move(place(to), y, steps=steps)
    mouse.up()


def open_more(explorer):
    """Show what stands behind "more", if it is not shown."""
    button = explorer.locator(".sg-more-button")
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    explorer.locator(".sg-more").wait_for()


def go_to(explorer, step):
    """Move the slider of the steps to a step, counted from 0."""
    walk = explorer.locator(".sg-step-slider")
    walk.focus()
    walk.press("Home")
    for _ in range(step):
        walk.press("ArrowRight")


def examine(notebook, selector=EXPLORERS, rules=None):
    """What axe-core finds in the parts of a page that a CSS selector names.

    It need not load the page's style sheets once more: the one rule that reads them is experimental and off.

    Args:
        notebook: Notebook.
        selector: str.
        rules: list of str, the only rules to apply, or None for all of them.

    Returns:
        (set of str, the rules that some element passes; list of dict, the violations that are serious or critical).
    """
    if not notebook.page.evaluate("'axe' in window"):
        notebook.page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"], "preload": False}
    if rules is not None:
        options["runOnly"] = {"type": "rule", "values": rules}
    found = notebook.page.evaluate(EXAMINE, [selector, options])
    grave = [each for each in found["violations"] if each["impact"] in ("serious", "critical")]
    return {rule["id"] for rule in found["passes"]}, grave


def violations(notebook):
    """The rules of which axe-core finds a serious or critical violation in the explorers of a page."""
    return [each["id"] for each in examine(notebook)[1]]


def violations_in_both_themes(notebook, picture):
    """What axe-core finds in the explorers of a page: every rule in the light theme, in the dark one those of colours.

    Names and roles do not depend on the theme. The page is pictured in both, and light afterwards.

    Args:
        notebook: Notebook.
        picture: function from "light" or "dark" to the path of the picture.

    Returns:
        list of (theme, rule), which should be empty.
    """
    found = []
    for theme, rules in (("light", None), ("dark", COLOURS)):
        page.change_theme(notebook, f"JupyterLab {theme.title()}")
        found += [(theme, each["id"]) for each in examine(notebook, rules=rules)[1]]
        notebook.page.screenshot(path=picture(theme))
    page.change_theme(notebook, page.LIGHT)
    return found
