"""What holds for every lesson: it is opened and run once, for all tests of its file.

`test_lesson_NN.py` names its notebook, `LESSON = "en/NN_name.ipynb"`, has the fixture `lesson` open it, and has what holds
for every lesson checked by `class TestEveryLesson(lessons.Checks)`. Half of the files open the Chinese lesson.
"""

import time
from dataclasses import dataclass

from . import committed, page
from .explorer import examine

EXPLORERS = ".jp-OutputArea-output .sg-explore"
OURS = ".jp-OutputArea-output .sg"
PICTURE = ".jp-OutputArea-output[data-mime-type='image/svg+xml'] img"
WIDTHS = (1100, 800)  # px, of the page; the first is that of the fixture
HIGHEST = 800  # px, of an explorer of a lesson at first view, in a page of 1100 px
SMALLEST = 11  # px, of text on the screen
ROUNDING = 0.1  # px
PATIENCE = 60  # seconds, after which the kernel has laid all graphs out for a new width, however busy the machine is
OVERFLOWING = """all => all
    .filter(element => element.scrollWidth > element.clientWidth + 1)
    .filter(element => !["auto", "scroll"].includes(getComputedStyle(element).overflowX))
    .map(element => element.className)"""
# For each explorer: its call, the box of its graph, nodes inside the box and all of them, and its smallest text.
MEASURE = """all => all.map(widget => {
    const box = widget.querySelector(".sg-graph");
    if (!box) return null;
    const frame = box.getBoundingClientRect(), sign = widget.querySelector(".sg-call");
    const isInside = node => {
        const { left, top, right, bottom } = node.getBoundingClientRect();
        return left >= frame.left - 1 && right <= frame.right + 1 && top >= frame.top - 1 && bottom <= frame.bottom + 1;
    };
    const svg = box.querySelector("svg"), scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const nodes = [...svg.querySelectorAll(".sg-node")];
    const root = svg.querySelector(".sg-output-node");
    const texts = [...svg.querySelectorAll("text")].filter(text => text.textContent && text.getClientRects().length);
    return {
        call: sign.textContent, width: frame.width, height: frame.height, scale, whole: widget.offsetHeight,
        nodes: nodes.length, visible: nodes.filter(isInside).length, has_root: root === null || isInside(root), // an f that failed has none
        text: Math.min(...texts.map(text => parseFloat(getComputedStyle(text).fontSize) * scale)),
    };
})"""


@dataclass(frozen=True)
class Measured:
    """An explorer in a page.

    Attributes:
        call: str, what it shows.
        width, height: of the box of its graph, px; whole: the height of the widget, px.
        scale: of the graph.
        nodes, visible: how many nodes there are, and how many lie inside the box.
        has_root: whether the output does.
        text: font size of the smallest text, px on the screen.
    """

    call: str
    width: float
    height: float
    whole: float
    scale: float
    nodes: int
    visible: int
    has_root: bool
    text: float

    @property
    def is_whole(self):
        return self.visible == self.nodes and self.has_root and self.text >= SMALLEST - ROUNDING


def until(notebook, read, holds, seconds=PATIENCE):
    """Read a page again and again until a condition holds of what was read, at most for some seconds; return the last."""
    end = time.monotonic() + seconds
    while True:
        found = read()
        if holds(found) or time.monotonic() > end:
            return found
        notebook.page.wait_for_timeout(100)


def measured(notebook, width):
    """Measure all explorers of a notebook on a page of a width, once all are whole or PATIENCE is over.

    Returns:
        list of Measured.
    """
    page.narrow(notebook, width)
    found = notebook.page.locator(EXPLORERS)
    read = lambda: [Measured(**each) for each in found.evaluate_all(MEASURE) if each]
    return until(notebook, read, lambda explorers: all(each.is_whole for each in explorers))


def heights(notebook):
    """The heights of all explorers, px, once none is higher than HIGHEST or PATIENCE is over."""
    found = notebook.page.locator(EXPLORERS)
    read = lambda: found.evaluate_all("all => all.map(e => Math.round(e.getBoundingClientRect().height))")
    return until(notebook, read, lambda all_of_them: all(height <= HIGHEST for height in all_of_them))


def pictures_at_first(notebook):
    """How many SVG outputs the notebook holds, and how many pictures the page shows, once it shows all or is late.

    What answers a prediction is hidden until its cell runs, and not counted.
    """
    cells = page.content(notebook)["cells"]
    pictures = {
        index: sum("image/svg+xml" in output.get("data", {}) for output in cell.get("outputs", []))
        for index, cell in enumerate(cells)
        if not cell["metadata"].get("jupyter", {}).get("outputs_hidden")
    }
    held = sum(pictures.values())

    def count():
        for index in filter(pictures.get, pictures):  # JupyterLab renders what is out of sight only while it is idle
            notebook.page.locator(".jp-Notebook .jp-Cell").nth(index).evaluate("e => e.scrollIntoView()")
            notebook.page.evaluate(page.PAINT, 0)
        return notebook.page.locator(PICTURE).count()

    return held, until(notebook, count, lambda shown: shown >= held, seconds=180)


def examine_all(notebook, rules=None):
    """Run axe over our widgets and verdicts; `rules` are the only ones to apply, None all of them.

    Returns:
        (set of str, the rules that some element passes; list of "rule: element", what is grave).
    """
    page.lay_out_everything(notebook)
    passed, grave = examine(notebook, OURS, rules)
    return passed, [f"{violation['id']}: {node['html'][:200]}" for violation in grave for node in violation["nodes"]]


def too_wide(notebook, artefact, prefix):
    """The classes of the parts that overflow a page of 400 px; its explorer and its descent are pictured."""
    page.narrow(notebook, 400)
    page.lay_out_everything(notebook)
    wide = until(
        notebook, lambda: notebook.page.locator(OURS).evaluate_all(OVERFLOWING), lambda found: not found, seconds=20
    )
    for name in ("explore", "descend"):
        notebook.page.locator(f".sg-{name}").first.screenshot(path=artefact(f"{prefix}-400-{name}.png"))
    page.narrow(notebook, WIDTHS[0])
    return wide


class Checks:
    """What holds for every lesson.

    On a page of either width, every explorer shows its whole graph, the output included: no node is outside the box of the
    graph, which is not scrolled, and no text of the graph is smaller than 11 px on the screen.
    """

    def test_every_cell_runs_without_an_error_or_a_complaint(self, lesson):
        assert page.errors(lesson) == [] and lesson.complaints == []

    def test_every_cell_gives_what_the_committed_notebook_shows(self, request, lesson):
        assert committed.differences(request.session, request.module.LESSON, lesson.executed) == []

    def test_no_explorer_is_higher_than_the_page(self, lesson):
        found = heights(lesson)
        assert found and [height for height in found if height > HIGHEST] == []

    def test_every_graph_is_whole(self, lesson):
        for width in reversed(WIDTHS):  # the first is that of the tests that follow
            explorers = measured(lesson, width)
            assert explorers
            assert [each for each in explorers if not each.is_whole] == [], width
