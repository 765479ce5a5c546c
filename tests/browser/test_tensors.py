"""Tensors in JupyterLab: strips in the nodes, exact elements on demand, shapes on the edges."""

import pytest
import torch

from . import page
from .explorer import find, violations
from .lab import write_notebook

CELL = """
import torch
from helpers import explore, language
language.use("{language}")

def outer(u, v):
    m = u[:, None] * v
    return (m * m).sum()

explore(outer, u=[1.0, -2.0], v=[1.0, 3.0, -1.0])
"""


@pytest.mark.parametrize("language", ["en"])
def test_elements_are_seen_as_bars_and_read_exactly_and_shapes_stand_on_the_edges(browser, server, artefact, language):
    name = f"tensors-{language}.ipynb"
    write_notebook(server.root / name, CELL.format(language=language))
    with page.open_notebook(browser, server, name) as notebook:
        page.run_all(notebook)
        widget = find(notebook)
        bars = widget.locator(".sg-bars-value").evaluate_all(
            "all => all.map(e => e.getAttribute('d').split('M').length - 1)"
        )
        assert bars.count(6) == 2  # m and m * m
        widget.locator(".sg-shapes-choice input").check()
        spread = widget.locator(".sg-spread").evaluate_all("all => all.map(e => e.firstChild.textContent)")
        assert sorted(spread) == ["(2, 1) ⇢ (2, 3)", "(3,) ⇢ (2, 3)"]
        widget.locator(".sg-node", has_text="MulBackward0").last.focus()
        cells = widget.locator(".sg-cells.sg-forward td").all_inner_texts()
        m = torch.tensor([1.0, -2.0])[:, None] * torch.tensor([1.0, 3.0, -1.0])
        assert [float(text) for text in cells] == (m * m).flatten().tolist()
        before = widget.bounding_box()["height"]
        widget.locator(".sg-shapes-choice input").click()
        assert not widget.locator(".sg-shapes-choice input").is_checked() and widget.bounding_box()["height"] == before
        widget.locator(".sg-shapes-choice input").check()
        for theme in ("Light", "Dark"):
            page.change_theme(notebook, f"JupyterLab {theme}")
            assert violations(notebook) == []
            notebook.page.screenshot(path=artefact(f"tensors-{language}-{theme.lower()}.png"))
        assert notebook.complaints == [] and page.errors(notebook) == []
