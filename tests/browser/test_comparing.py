"""A run that is kept and compared with the present one, in JupyterLab."""

import pytest

from . import page
from .explorer import find, press, settle, violations
from .lab import write_notebook

CELL = """
from helpers import explore, language
language.use("{language}")

def squared(w, b):
    d = w * b
    return d ** 2 + b

explore(squared, w=(-5.0, 5.0, 0.5), b=(-5.0, 5.0, 0.5)).set(w=2.0, b=3.0)
"""


@pytest.mark.parametrize("language", ["zh"])
def test_a_kept_run_stands_beside_the_present_one_and_what_differs_is_marked(browser, server, artefact, language):
    name = f"compare-{language}.ipynb"
    write_notebook(server.root / name, CELL.format(language=language))
    with page.open_notebook(browser, server, name) as notebook:
        page.run_all(notebook)
        widget = find(notebook)
        button = widget.locator(".sg-compare-button")
        button.focus()
        button.press("Enter")
        assert widget.locator(".sg-difference").count() == 0
        press(widget, "ArrowRight", slider=0)
        settle(widget)
        kept, now = (widget.locator(f"{place} .sg-val").all_text_contents() for place in (".sg-baseline", ".sg-stage"))
        assert "→ 39" in kept and "→ 59.25" in now  # (2 * 3) ** 2 + 3 and (2.5 * 3) ** 2 + 3
        assert "squared(w=2, b=3)" in widget.locator(".sg-kept-run").inner_text()
        # w, d, the square and the sum have other values, b and they other gradients; the sum's gradient is 1 as ever
        assert (
            widget.locator(".sg-stage .sg-difference").count()
            == widget.locator(".sg-baseline .sg-difference").count()
            == 5
        )
        assert "36" in widget.locator(".sg-was").first.inner_text()  # d loss / d w was 2 * 6 * 3
        for theme in ("Light", "Dark"):
            page.change_theme(notebook, f"JupyterLab {theme}")
            assert violations(notebook) == []
            notebook.page.screenshot(path=artefact(f"compare-{language}-{theme.lower()}.png"))
        button.click()
        assert widget.locator(".sg-difference").count() == widget.locator(".sg-baseline svg").count() == 0
        assert notebook.complaints == [] and page.errors(notebook) == []
