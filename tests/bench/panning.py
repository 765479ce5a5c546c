"""Frames per second while a transformer with 1,000 open nodes is panned, against an empty page."""

import tempfile
import time
from pathlib import Path

from ..browser import lab, page
from .figure import Figure
from .mouse import at_every_frame, debugged, mouse

HERE = Path(__file__).parent
MOVES = 150
COUNT = """() => {
    window.frames_seen = [];
    const tick = (time) => { frames_seen.push(time); window.ticking = requestAnimationFrame(tick); };
    window.ticking = requestAnimationFrame(tick);
}"""
STOP = "() => { cancelAnimationFrame(ticking); return frames_seen; }"


def measure(rounds=3):
    """Return the Figure of panning and of zooming: list of two."""
    panned, zoomed, empty = [], [], []
    with tempfile.TemporaryDirectory() as root, lab.serve(root) as server, debugged() as (browser, port):
        source = (HERE / "widgets/transformer.py").read_text("utf-8")
        lab.write_notebook(Path(root) / "transformer.ipynb", source)
        for _ in range(rounds):
            with page.open_notebook(browser, server, "transformer.ipynb", fresh=True) as notebook:
                page.run_all(notebook)
                shown = notebook.page
                box = shown.locator(".sg-graph")
                box.scroll_into_view_if_needed()
                time.sleep(2)
                panned.append(_rate(shown, port, box.bounding_box(), pressed=True))
                zoomed.append(_rate_of_zoom(shown, box.bounding_box()))
            with browser.new_context() as context:
                blank = context.new_page()
                empty.append(_rate(blank, port, {"x": 100, "y": 100, "width": 800, "height": 400}, pressed=False))
    theirs = "an empty page"
    return [
        Figure("frames while panning 1,000 open nodes", "1/s", "`explore`", theirs, panned, empty, 0.9),
        Figure("frames while zooming 1,000 open nodes", "1/s", "`explore`", theirs, zoomed, empty, 0.9),
    ]


def _rate(shown, port, box, pressed):
    """Move the mouse to and fro, dragging if `pressed`; return frames per second."""
    middle, y, reach = box["x"] + box["width"] / 2, box["y"] + 4, box["width"] / 3
    shown.mouse.move(middle, y)
    if pressed:
        shown.mouse.down()
    with mouse(shown, port) as move:
        frames = _frames(shown, lambda i: move(middle - reach * (1 - abs(i / MOVES * 4 % 2 - 1)), y, held=pressed))
    if pressed:
        shown.mouse.up()
    return frames


def _rate_of_zoom(shown, box):
    """Turn the wheel with ctrl, in and out; return frames per second."""
    shown.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    shown.keyboard.down("Control")
    frames = _frames(shown, lambda i: shown.mouse.wheel(0, 6 if i // 30 % 2 else -6))
    shown.keyboard.up("Control")
    return frames


def _frames(shown, act):
    shown.evaluate(COUNT)
    at_every_frame(act, MOVES)
    times = shown.evaluate(STOP)
    return (len(times) - 1) / (times[-1] - times[0]) * 1000
