"""Every explorer of every lesson shows its whole graph, the output included, in text that can be read.

At both widths of a page no node is outside the box of the graph, which is not scrolled, and no text of the graph is
smaller than 11 px on the screen.
"""

import time
from dataclasses import dataclass

import pytest

from . import page
from .conftest import ROOT

LESSONS = sorted(path.name for path in (ROOT / "notebooks/en").glob("[0-9]*.ipynb"))
WIDTHS = (1100, 800)  # px, of the page
SMALLEST = 11  # px, of text on the screen
ROUNDING = 0.1  # px
PATIENCE = 15  # seconds, after which the kernel has laid all graphs out for a new width
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


def measured(notebook, width):
    """Measure all explorers of a notebook on a page of a width, once all are whole or PATIENCE is over.

    Returns:
        list of Measured.
    """
    page.narrow(notebook, width)
    end = time.monotonic() + PATIENCE
    while True:
        notebook.page.wait_for_timeout(300)
        evaluated = notebook.page.locator(".jp-OutputArea-output .sg-explore").evaluate_all(MEASURE)
        explorers = [Measured(**each) for each in evaluated if each]
        if all(each.is_whole for each in explorers) or time.monotonic() > end:
            return explorers


@pytest.mark.slow("a lesson is opened and run")
@pytest.mark.parametrize("lesson", LESSONS)
def test_every_graph_of_a_lesson_is_whole(browser, server, lesson):
    with page.open_notebook(browser, server, f"en/{lesson}") as opened:
        page.run_all(opened)
        for width in WIDTHS:
            explorers = measured(opened, width)
            assert explorers
            assert [each for each in explorers if not each.is_whole] == [], width
