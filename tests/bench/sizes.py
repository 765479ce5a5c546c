"""Graphs of 100 and 500 nodes, a plot beside the graph, the first paint, opening, turning: against `interact`.

All widgets stand in one notebook and are measured in turn in the same page, so that a busy machine slows all of them.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ..browser import lab, page
from .browser_side import WARM_UP
from .figure import Figure

HERE = Path(__file__).parent
KEYS = 20  # that are counted, of each widget in each round
PAUSE = 150  # ms between key presses: each is measured on a page at rest
SETUP = """
import anywidget, matplotlib.pyplot as plt, torch, traitlets
from IPython import get_ipython
from ipywidgets import FloatSlider, interact
from matplotlib_inline.backend_inline import set_matplotlib_formats
from helpers import explore, language

language.use("en")
get_ipython().run_line_magic("matplotlib", "inline")
set_matplotlib_formats("svg")
grid = torch.linspace(-2, 2, 101)


def loss(w, b, x, y_true):
    y_pred = w * x + b
    error = y_pred - y_true
    return error**2


def recurrent(steps):
    def f(w, b, x):
        for _ in range(steps):
            x = (w * x + b).tanh()
        return x
    return f


def interactive(f, *others):
    def show(w):
        leaves = [torch.tensor(value, requires_grad=True) for value in (w, *others)]
        out = f(*leaves)
        out.backward()
        plt.figure(figsize=(3.5, 2.5))
        plt.plot(grid, f(grid, *others))
        plt.plot([w], [out.item()], "o")
        plt.title(f"{out.item():.4g}, {', '.join(f'{leaf.grad.item():.4g}' for leaf in leaves)}", fontsize=8)
        plt.show()
    return interact(show, w=FloatSlider(value=0.5, min=-2.0, max=2.0, step=0.02))


def explored(f, b, x, *others, **options):
    return explore(f, (-2.0, 2.0, 0.02), b, x, *others, **options)


class Empty(anywidget.AnyWidget):
    _esm = "export default { render({ el }) { el.innerHTML = '<p class=empty-widget>empty</p>'; } };"


torch.manual_seed(0)
layer = torch.nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
encoder = torch.nn.TransformerEncoder(layer, 8, enable_nested_tensor=False)
model = torch.nn.Sequential(torch.nn.Embedding(50, 32), encoder, torch.nn.Linear(32, 50))
layers = [f"1.layers.{i}" for i in range(8)]
opened = ["1.layers.0..1.layers.7", *layers, *[f"{name}.self_attn" for name in layers[1:]]]
explore(loss, w=1.0, b=1.0, x=1.0, y_true=1.0)
Empty()
"""


@dataclass
class Widget:
    """One widget of the notebook.

    Attributes:
        cell: the code that shows it.
        samples: ms from a key press to the new picture drawn.
    """

    cell: str
    samples: list = field(default_factory=list)

    @property
    def is_ours(self):
        return not self.cell.startswith("interactive")

    @property
    def handle(self):
        return ".sg-range" if self.is_ours else ".noUi-handle"

    @property
    def picture(self):
        return ".sg-stage" if self.is_ours else ".widget-interact .widget-output"


def measure(rounds=3):
    """Return the Figures."""
    pairs = {
        "a lesson's graph": (Widget("explored(loss, 2.0, 2.0, 7.0)"), Widget("interactive(loss, 2.0, 2.0, 7.0)"), 10),
        "a lesson's graph with its plot": (
            Widget("explored(loss, 2.0, 2.0, 7.0, plot='w')"),
            Widget("interactive(loss, 2.0, 2.0, 7.0)"),
            10,
        ),
        "a graph of 102 nodes": (
            Widget("explored(recurrent(33), 0.1, 0.3, fold=False)"),
            Widget("interactive(recurrent(33), 0.1, 0.3)"),
            6,
        ),
        "a graph of 501 nodes": (
            Widget("explored(recurrent(166), 0.1, 0.3, fold=False)"),
            Widget("interactive(recurrent(166), 0.1, 0.3)"),
            6,
        ),
    }
    turning = Widget("")  # of the same cell
    folding = Widget("explore(model, torch.randint(0, 50, (2, 8)), gradient=torch.ones(2, 8, 50), opened=opened)")
    first = {"explore": [], "empty": []}
    widgets = [widget for ours, theirs, _ in pairs.values() for widget in (ours, theirs)]
    with tempfile.TemporaryDirectory() as root, lab.serve(root) as server, page.chromium(has_windows=True) as browser:
        cells = [SETUP, *[widget.cell for widget in widgets], folding.cell, "explored(loss, 2.0, 2.0, 7.0)", "Empty()"]
        lab.write_notebook(Path(root) / "sizes.ipynb", *cells)
        for _ in range(rounds):
            with page.open_notebook(browser, server, "sizes.ipynb", fresh=True) as notebook:
                page.run_all(notebook)
                shown = notebook.page
                shown.add_script_tag(path=HERE / "probe.js")
                shown.wait_for_timeout(2000)
                for i, widget in enumerate(widgets, 1):
                    _press(shown, shown.locator(".jp-Cell").nth(i), widget)
                _fold(shown, shown.locator(".jp-Cell").nth(len(widgets) + 1), folding)
                _turn(shown, shown.locator(".jp-Cell").nth(len(widgets) + 1), turning)
                for _ in range(5):
                    first["explore"].append(_paint(shown, len(widgets) + 2, ".sg-node .sg-val"))
                    first["empty"].append(_paint(shown, len(widgets) + 3, ".empty-widget"))
    theirs = "`interact` with Matplotlib"
    figures = [
        Figure(
            f"slider key to new picture drawn, {name}", "ms", "`explore`", theirs, mine.samples, other.samples, target
        )
        for name, (mine, other, target) in pairs.items()
    ]
    repaint = pairs["a lesson's graph"][1].samples
    return [
        *figures,
        Figure(
            "opening or closing a module of 500 nodes",
            "ms",
            "`explore`",
            f"a repaint of {theirs}",
            folding.samples,
            repaint,
            2.0,
            at_most=True,
        ),
        Figure(
            "switching the direction of 500 nodes",
            "ms",
            "`explore`",
            f"a repaint of {theirs}",
            turning.samples,
            repaint,
            2.0,
            at_most=True,
        ),
        Figure(
            "first paint of a lesson's graph, from Run",
            "ms",
            "`explore`",
            "an empty anywidget",
            first["explore"],
            first["empty"],
            3.0,
            at_most=True,
        ),
    ]


def _watch(shown, cell, selector):
    cell.scroll_into_view_if_needed()
    picture = cell.locator(selector).first
    picture.evaluate("element => probe.watch(element)")


def _press(shown, cell, widget):
    """Press arrow keys on the slider of a widget."""
    _watch(shown, cell, widget.picture)
    handle = cell.locator(widget.handle).first
    handle.evaluate("element => { element.dataset.lmSuppressShortcuts = 'true'; }")
    handle.focus()
    shown.wait_for_timeout(1500)
    for i in range(WARM_UP + KEYS):
        answer = _pressed(shown, "ArrowRight" if i // 10 % 2 == 0 else "ArrowLeft")
        if i >= WARM_UP:
            widget.samples.append(answer)


def _fold(shown, cell, widget):
    """Open and close the attention of the first layer, by key; some 500 nodes are shown."""
    _watch(shown, cell, ".sg-stage")
    node = cell.locator(".sg-module").filter(has_text="1.layers.0.self_attn").first
    node.focus()
    shown.wait_for_timeout(1000)
    for i in range(12):
        answer = _pressed(shown, "Escape" if i % 2 else "Enter")
        if i >= 2:
            widget.samples.append(answer)


def _turn(shown, cell, widget):
    """Switch the direction of the graph to and fro, by key."""
    _watch(shown, cell, ".sg-stage")
    for i in range(10):
        cell.locator(".sg-direction").first.focus()
        answer = _pressed(shown, "Enter")
        if i >= 2:
            widget.samples.append(answer)


def _pressed(shown, key):
    """Press a key; return the ms until the picture that changes is drawn."""
    shown.evaluate("() => { window.answer = probe.pressed(); }")
    shown.keyboard.press(key)
    times = shown.evaluate("window.answer")
    shown.wait_for_timeout(PAUSE)
    return times[2]


PAINT = """([index, selector]) => new Promise(resolve => {
    const notebook = jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = index;
    const cell = notebook.widgets[index];
    cell.model.outputs.clear();
    const began = performance.now();
    const seen = () => {
        if (!cell.node.querySelector(selector)?.textContent) return;
        observer.disconnect();
        requestAnimationFrame(() => {
            const channel = new MessageChannel(); // its message is handled once the frame is drawn
            channel.port1.onmessage = () => resolve(performance.now() - began);
            channel.port2.postMessage(0);
        });
    };
    const observer = new MutationObserver(seen);
    observer.observe(cell.node, { childList: true, characterData: true, subtree: true });
    jupyterapp.commands.execute("notebook:run-cell");
})"""


def _paint(shown, index, selector):
    """Run a cell again; return the ms from the command to the frame that shows its widget."""
    shown.locator(".jp-Cell").nth(index).scroll_into_view_if_needed()
    shown.wait_for_timeout(300)
    return shown.evaluate(PAINT, [index, selector])
