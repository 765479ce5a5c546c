"""What a slider feels like in JupyterLab: `explore`, what draws plots there today, and a widget that does nothing."""

import importlib.util
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from ..browser import lab, page
from .figure import Figure
from .mouse import FRAME, POLL, at_every_frame, debugged, mouse

HERE = Path(__file__).parent
KEYS = 60
WARM_UP = 5
PAUSE = 0.15  # s between key presses: each is measured on a page at rest
DRAG = 2.5  # s
UNLIMITED = "--disable-frame-rate-limit"


@dataclass(frozen=True)
class Rival:
    """A widget to measure: its file in widgets/, its title, and CSS selectors of its slider, handle and picture."""

    name: str
    title: str
    slider: str
    handle: str
    picture: str


EXPLORE = Rival("explore", "`explore`", ".sg-range", ".sg-range", ".sg-stage")
LIVE = Rival("live", "`explore`, nothing run ahead", ".sg-range", ".sg-range", ".sg-stage")
INTERACT = Rival(
    "interact", "`interact` with Matplotlib", ".noUi-target", ".noUi-handle", ".widget-interact .widget-output"
)
IPYMPL = Rival("ipympl", "ipympl", ".noUi-target", ".noUi-handle", ".jupyter-matplotlib")
PLOTLY = Rival("plotly", "plotly FigureWidget", ".noUi-target", ".noUi-handle", ".js-plotly-plot")
ECHO = Rival("echo", "a widget that does nothing", ".echo input", ".echo input", ".echo")


@dataclass(frozen=True)
class Feel:
    """What was measured of one rival.

    Attributes:
        changes, begins, ends: list of float, milliseconds from a key press to the new picture in the page, to the
            begin and to the end of the frame that shows it.
        rates: list of float, frames with a new picture per second, one a drag, where the browser shows 60 a second.
        free: list of float, the same where it shows as many as it can draw, and the mouse moves 125 times a second.
    """

    changes: list
    begins: list
    ends: list
    rates: list
    free: list


def figures(feels):
    """The figures that have a target, from what `measure` found."""
    ours, theirs = feels[EXPLORE], feels[INTERACT]
    found = [
        Figure("slider key to new picture drawn", "ms", EXPLORE.title, INTERACT.title, ours.ends, theirs.ends, 10.0)
    ]
    floor = [drawn + 1_000 * FRAME for drawn in feels[ECHO].ends]
    found.append(Figure(found[0].name, "ms", EXPLORE.title, f"{ECHO.title}, and one frame", ours.ends, floor, 1.0))
    found += _drags("new pictures while dragging, no frame limit", feels, lambda feel: feel.free, 6.0)
    return found + _drags("new pictures while dragging, 60 frames a second", feels, lambda feel: feel.rates, 1.0)


def _drags(name, feels, rates, times):
    """The figures of a drag: so many times the pictures of `interact`, and more than each of the others."""
    ours = rates(feels[EXPLORE])
    return [
        Figure(name, "1/s", EXPLORE.title, rival.title, ours, rates(feels[rival]), times if rival is INTERACT else 1.0)
        for rival in (INTERACT, IPYMPL, PLOTLY)
        if rival in feels
    ]


def rivals_here():
    """The rivals that can be measured: ipympl and plotly only where they are installed (`pip install -e .[bench]`)."""
    optional = {IPYMPL: "ipympl", PLOTLY: "plotly"}
    here = [rival for rival, package in optional.items() if importlib.util.find_spec(package)]
    return [EXPLORE, LIVE, INTERACT, *here, ECHO]


def measure(rivals=None, rounds=3):
    """Measure the rivals in turn, `rounds` times, in one JupyterLab.

    Returns:
        dict from Rival to Feel.
    """
    rivals = rivals or rivals_here()
    found = {rival: Feel([], [], [], [], []) for rival in rivals}
    with tempfile.TemporaryDirectory() as root, lab.serve(root) as server:
        for rival in rivals:
            source = (HERE / f"widgets/{rival.name}.py").read_text("utf-8")
            lab.write_notebook(Path(root) / f"{rival.name}.ipynb", source)
        for measure_one, flags in ((_at_sixty, ()), (_unlimited, (UNLIMITED,))):
            with debugged(*flags) as (browser, port):
                for rival in list(rivals) * rounds:
                    with page.open_notebook(browser, server, f"{rival.name}.ipynb", fresh=True) as notebook:
                        _prepare(notebook, rival)
                        measure_one(notebook.page, rival, found[rival], port)
    return found


def _prepare(notebook, rival):
    """Run the notebook, and watch the picture."""
    page.run_all(notebook)
    shown = notebook.page
    shown.wait_for_selector(f"{rival.picture} :is(svg, img, canvas):visible")
    shown.add_script_tag(path=HERE / "probe.js")
    shown.evaluate("selector => probe.watch(document.querySelector(selector))", rival.picture)
    time.sleep(2)


def _at_sixty(shown, rival, feel, port):
    for change, begin, end in _press(shown, rival):
        feel.changes.append(change)
        feel.begins.append(begin)
        feel.ends.append(end)
    feel.rates.append(_drag(shown, rival, port, FRAME))


def _unlimited(shown, rival, feel, port):
    _drag(shown, rival, port, POLL)  # to warm up, as the keys do above
    feel.free.append(_drag(shown, rival, port, POLL))


def _press(shown, rival):
    """Press the arrow keys on the slider; yield what the probe says of each press after the warm-up."""
    handle = shown.locator(rival.handle).first
    # without this JupyterLab's command mode keeps the arrow keys from the sliders of ipywidgets
    handle.evaluate("element => { element.dataset.lmSuppressShortcuts = 'true'; }")
    handle.focus()
    for i in range(WARM_UP + KEYS):
        shown.evaluate("() => { window.answer = probe.pressed(); }")
        shown.keyboard.press("ArrowRight" if i // 10 % 2 == 0 else "ArrowLeft")
        times = shown.evaluate("window.answer")
        if i >= WARM_UP:
            yield times
        time.sleep(PAUSE)


def _drag(shown, rival, port, apart):
    """Drag the handle to and fro, the moves `apart` seconds apart; return the frames with a new picture per second."""
    track, handle = (shown.locator(selector).first.bounding_box() for selector in (rival.slider, rival.handle))
    y = handle["y"] + handle["height"] / 2
    start = handle["x"] + handle["width"] / 2
    reach, moves = track["width"] / 3, round(DRAG / apart)
    shown.mouse.move(start, y)
    shown.mouse.down()
    shown.evaluate("probe.start()")
    with mouse(shown, port) as move:

        def drag(i):
            move(start + reach * (1 - abs(i / moves * 4 % 2 - 1)), y, held=True)

        seconds = at_every_frame(drag, moves, apart)
        frames = shown.evaluate("probe.stop()")
    shown.mouse.up()
    return len(frames) / seconds
