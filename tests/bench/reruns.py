"""What a thousand reruns leave behind, in the page and in the kernel: memory, elements and listeners."""

import tempfile
from pathlib import Path

from ..browser import lab, page
from .figure import Figure
from .mouse import at_every_frame, debugged, mouse

HERE = Path(__file__).parent
WARM_UP, RERUNS, MOVES = 200, 1_000, 150
MARGIN = 1.05  # the heap of a browser and the memory of a process breathe


def measure():
    """Return the Figures, each of what there is after 200 reruns and after 1,200."""
    with tempfile.TemporaryDirectory() as root, lab.serve(root) as server, debugged() as (browser, port):
        lab.write_notebook(Path(root) / "live.ipynb", (HERE / "widgets/live.py").read_text("utf-8"))
        with page.open_notebook(browser, server, "live.ipynb", fresh=True) as notebook:
            page.run_all(notebook)
            notebook.page.wait_for_selector(".sg-stage svg:visible")
            _drag_until(notebook, port, Path(root), WARM_UP)
            before = _held(notebook, Path(root))
            _drag_until(notebook, port, Path(root), WARM_UP + RERUNS)
            after = _held(notebook, Path(root))
    return [
        Figure(
            f"{name} after {RERUNS:,} more reruns",
            unit,
            "`explore`, nothing run ahead",
            f"after {WARM_UP}",
            [now],
            [then],
            MARGIN,
            at_most=True,
        )
        for (name, unit, now), (_, _, then) in zip(after, before, strict=True)
    ]


def _drag_until(notebook, port, root, count):
    """Drag the slider to and fro until the kernel has run f so many times."""
    shown = notebook.page
    box = shown.locator(".sg-range").first.bounding_box()
    y, middle, reach = box["y"] + box["height"] / 2, box["x"] + box["width"] / 2, box["width"] / 3
    while int(_of_kernel(notebook, root, "widget.state['sequence']")) < count:
        shown.mouse.move(middle, y)
        shown.mouse.down()
        with mouse(shown, port) as move:
            at_every_frame(lambda i: move(middle + reach * (1 - abs(i / MOVES * 4 % 2 - 1)), y, held=True), MOVES)
        shown.mouse.up()


def _held(notebook, root):
    """List of (what, unit, how much)."""
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("HeapProfiler.collectGarbage")
    counters, heap = session.send("Memory.getDOMCounters"), session.send("Runtime.getHeapUsage")
    session.detach()
    resident = float(_of_kernel(notebook, root, "__import__('psutil').Process().memory_info().rss"))
    return [
        ("the page's heap", "MB", heap["usedSize"] / 1e6),
        ("elements of the page", "nodes", counters["nodes"]),
        ("listeners of the page", "listeners", counters["jsEventListeners"]),
        ("the kernel's memory", "MB", resident / 1e6),
    ]


def _of_kernel(notebook, root, expression):
    """What an expression is in the kernel, as text."""
    told = root / "told.txt"
    page.execute(
        notebook, f"import gc, pathlib; gc.collect(); pathlib.Path({str(told)!r}).write_text(str({expression}))"
    )
    return told.read_text()
