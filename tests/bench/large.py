"""From the start of a cell to the first paint of its explorer: a graph of 10,000 nodes, shared parameters."""

import tempfile
from pathlib import Path

from ..browser import lab, page
from .figure import Figure

HERE = Path(__file__).parent
PATIENCE = 120_000  # ms
FIRST_PAINT = """() => new Promise(resolve => {
    const began = performance.now();
    const seen = () => {
        if (!document.querySelector(".jp-OutputArea-output .sg-node .sg-val")?.textContent) return;
        observer.disconnect();
        requestAnimationFrame(() => { // the message after it is handled once the frame is drawn
            const channel = new MessageChannel();
            channel.port1.onmessage = () => resolve(performance.now() - began);
            channel.port2.postMessage(0);
        });
    };
    const observer = new MutationObserver(seen);
    observer.observe(document.body, { childList: true, characterData: true, subtree: true });
    jupyterapp.commands.execute("notebook:run-cell");
})"""


def measure(rounds=3):
    """Return the Figure, as a list of one."""
    samples = []
    with tempfile.TemporaryDirectory() as root, lab.serve(root) as server, page.chromium(has_windows=True) as browser:
        cells = (HERE / "widgets/large.py").read_text("utf-8").split("\n# ---- the cell that is timed ----\n")
        lab.write_notebook(Path(root) / "large.ipynb", *cells)
        for _ in range(rounds):
            with page.open_notebook(browser, server, "large.ipynb", fresh=True) as notebook:
                shown = notebook.page
                shown.set_default_timeout(PATIENCE)
                shown.evaluate("jupyterapp.commands.execute('notebook:run-cell-and-select-next').then(() => true)")
                page.execute(notebook, "pass")  # after the first cell has run
                samples.append(shown.evaluate(FIRST_PAINT))
    name = "first paint in the page of 10,002 nodes, from Run"
    return [Figure(name, "ms", "`explore`", "a second and a half", samples, [1_500.0], 1.0)]
