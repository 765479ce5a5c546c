"""The content of the picture of one or two runs, as shapes and texts, for the page and for the static picture.

`panels(runs)` returns a `WatchPanel` for each run. They share their scales, so that two runs can be compared.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np

from seeing_gradients.language import counted, message
from seeing_gradients.picture.charts import Axis, Frame, path, thin
from seeing_gradients.picture.labels import number
from seeing_gradients.picture.shapes import Shape
from seeing_gradients.recorder import Record

from .boundary import Boundary
from .connections import INPUT, Connections, connections
from .history import MOST_SNAPSHOTS, WEIGHT_BYTES, Losses, Snapshot
from .monitor import Monitor
from .protocol import WatchLine, WatchLink, WatchLoss, WatchMeasure, WatchPanel
from .rows import Row, rows_of

MEASURES = ("gradient", "update", "spread", "dead")
WIDTH, LINE_HEIGHT, LOSS_HEIGHT = 1000, 10, 100  # of the boxes in which shapes are drawn
SHADES = 9
_LOG_FROM = 30  # the loss has a logarithmic axis if its largest value is so many times its smallest
_LEAST = 1e-30  # smaller numbers have the same shade


@dataclass
class RunContent:
    """What `panels` needs to know of a run.

    Attributes:
        monitor: Monitor.
        total: the number of steps asked for; None in a loop of one's own.
        caption: its choices.
        boundary: Boundary, or None.
        record: Record of the model, which tells how its modules are connected; None if there is none.
        note: why it ended early, or "".
        is_over: whether no step follows.
        has_loss: whether the loss function is known, so that a step can be opened from it.
    """

    monitor: Monitor
    total: int | None
    caption: str = ""
    boundary: Boundary | None = None
    record: Record | None = None
    note: str = ""
    is_over: bool = False
    has_loss: bool = True

    @property
    def last_step(self) -> int:
        """The step at the right end of the time axis."""
        return max((self.total or self.monitor.step) - 1, 1)


@dataclass(frozen=True)
class _Scale:
    """The shades of a measure: whole powers of ten between `low` and `high`, or from 0 to 1."""

    low: float
    high: float
    log: bool

    def shade(self, x: float | None) -> str:
        if x is None:
            return "-"
        if not math.isfinite(x):
            return "x"
        if x == 0 and self.log:
            return "z"
        scaled = math.log10(max(x, _LEAST)) if self.log else x
        return str(min(max(int((scaled - self.low) / (self.high - self.low) * SHADES), 0), SHADES - 1))

    def ends(self) -> tuple[str, str]:
        if not self.log:
            return "0%", "100%"
        return number(float(f"1e{self.low:.0f}"), 1), number(float(f"1e{self.high:.0f}"), 1)


def panels(runs: Sequence[RunContent]) -> list[WatchPanel]:
    """Return the content of each run; scales are common to all of them."""
    rows = [rows_of(run.monitor.probe) for run in runs]
    values = [{name: _values(name, run, of_run) for name in MEASURES} for run, of_run in zip(runs, rows, strict=True)]
    scales = {name: _scale(name, [line[2] for of_run in values for line in of_run[name]]) for name in MEASURES}
    last = max(run.last_step for run in runs)
    frame = _loss_frame([run.monitor.history.losses for run in runs], last)
    return [
        _panel(run, of_run, measured, scales, frame, last)
        for run, of_run, measured in zip(runs, rows, values, strict=True)
    ]


def _panel(
    run: RunContent,
    rows: list[Row],
    values: dict[str, list[tuple[int, str, list[float | None]]]],
    scales: dict[str, _Scale],
    frame: Frame,
    last: int,
) -> WatchPanel:
    monitor = run.monitor
    snapshots = monitor.history.snapshots
    steps = [each.step for each in snapshots]
    edges = _edges(steps, monitor.step, last)
    known = None if run.record is None else connections(run.record, monitor.probe, rows)
    panel: WatchPanel = {
        "caption": run.caption,
        "steps": steps,
        "shares": [round(step / last * WIDTH, 1) for step in steps],
        "done": monitor.step,
        "total": run.total or monitor.step,
        "last": last,
        "loss": _loss(monitor.history.losses, snapshots, frame),
        "rows": [{"path": row.path, "kind": row.kind, "shape": row.shape} for row in rows],
        "links": _links(known, rows),
        "chained": [] if known is None else list(known.chained),
        "measures": {name: _measure(name, values[name], scales[name], edges) for name in MEASURES},
        "openable": "".join(str(int(_is_openable(each, run.has_loss))) for each in snapshots),
        "trouble": monitor.trouble.sentence() if monitor.trouble else "",
        "trouble_row": _trouble_row(monitor, rows),
        "notes": [*_notes(run, rows), *_link_notes(known, rows, bool(steps))],
        "cost": _cost(run),
    }
    boundary = run.boundary.data(snapshots) if run.boundary else None
    if boundary is not None:
        panel["boundary"] = boundary
    return panel


def _is_openable(snapshot: Snapshot, has_loss: bool) -> bool:
    point = snapshot.restore
    return point is not None and (has_loss or point.output_gradient is not None)


def _trouble_row(monitor: Monitor, rows: Iterable[Row]) -> int:
    """The row of the module in which a nan began, -1 if there is none."""
    trouble = monitor.trouble
    if trouble is None or trouble.kind in ("data", "loss"):
        return -1
    probe = monitor.probe
    for i, row in enumerate(rows):
        names = {probe.names[k] for module in row.modules for k in probe.modules[module].parameters}
        paths = {probe.modules[module].path for module in row.modules}
        if trouble.name in (paths if trouble.kind == "forward" else names):
            return i
    return -1


def _links(known: Connections | None, rows: Sequence[Row]) -> list[WatchLink]:
    return [
        {
            "source": link.source,
            "target": link.target,
            "lane": link.lane,
            "text": f"{_end(link.source, rows)} → {_end(link.target, rows)}",
        }
        for link in (() if known is None else known.links)
    ]


def _end(number: int, rows: Sequence[Row]) -> str:
    if number == INPUT:
        return message("watch.input")
    return message("watch.output") if number == len(rows) else rows[number].path or rows[number].kind


def _link_notes(known: Connections | None, rows: Sequence[Row], is_measured: bool) -> list[str]:
    """What the chain of the modules leaves out, or what leads past it."""
    if known is None:
        return [message("watch.links_unknown")] if is_measured and len(rows) > 1 else []
    if known.left_out:
        return [counted("watch.links_left_out", known.left_out)]
    return []


def _notes(run: RunContent, rows: Sequence[Row]) -> list[str]:
    monitor, history = run.monitor, run.monitor.history
    notes = [run.note] if run.note else []
    notes.append(counted("watch.measured", len(history.snapshots), steps=monitor.step, most=MOST_SNAPSHOTS))
    if history.restorable != "all":
        notes.append(message(f"watch.restorable_{history.restorable}", limit=WEIGHT_BYTES >> 20))
    shown, count = sum(len(row.modules) for row in rows), len(monitor.probe.modules)
    if shown < count:
        notes.append(message("watch.rows_left_out", shown=shown, count=count))
    return notes


def _cost(run: RunContent) -> str:
    cost = run.monitor.cost() if run.is_over else None
    return "" if cost is None else message("watch.cost", percent=f"{100 * cost:.0f}")


# ---- the loss ----


def _loss_frame(all_losses: Sequence[Losses], last: int) -> Frame:
    finite = [loss for losses in all_losses for _, loss in losses if math.isfinite(loss)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if low > 0 and high / low >= _LOG_FROM:
        axis = Axis("loss", low / 1.15, high * 1.15, log=True)
    else:
        margin = 0.06 * (high - low) or abs(high) / 10 or 1.0
        axis = Axis("loss", low - margin, high + margin)
    return Frame((Axis("step", 0.0, float(last)), axis), WIDTH, LOSS_HEIGHT)


def _loss(losses: Losses, snapshots: Sequence[Snapshot], frame: Frame) -> WatchLoss:
    finite = [(step, loss) for step, loss in losses if math.isfinite(loss)]
    curve: list[Shape] = []
    if finite:
        curve = [["loss", "path", path(thin(frame.pixels(finite))) if len(finite) > 1 else ""]]
    texts = [number(each.loss, 3) for each in snapshots]
    ticks = [(round(share, 4), text) for share, text in frame.axes[1].ticks(3)]
    return {"curve": curve, "ticks": ticks, "texts": texts}


# ---- the measures ----


def _values(name: str, run: RunContent, rows: Sequence[Row]) -> list[tuple[int, str, list[float | None]]]:
    """(index of the row, name, a number for each snapshot) of each line of a measure."""
    snapshots = run.monitor.history.snapshots
    if name in ("gradient", "update"):
        every = [each.gradients if name == "gradient" else each.updates for each in snapshots]
        together = _norm_of_all if name == "gradient" else _largest
        return [
            (i, label, [together([each[k] for k in parameters]) for each in every])
            for i, row in enumerate(rows)
            for label, parameters in row.lines
        ]
    every = [each.spreads if name == "spread" else each.dead for each in snapshots]
    together = _last if name == "spread" else _largest
    lines = [
        (i, label, [together([each[k] for k in modules]) for each in every])
        for i, row in enumerate(rows)
        for label, modules in row.outputs
    ]
    return [line for line in lines if any(x is not None for x in line[2])]


def _norm_of_all(norms: list[float | None]) -> float | None:
    present = [norm for norm in norms if norm is not None]
    return math.hypot(*present) if present else None


def _largest(values: list[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return next((x for x in present if not math.isfinite(x)), max(present)) if present else None


def _last(values: list[float | None]) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)


def _scale(name: str, lines: Iterable[list[float | None]]) -> _Scale:
    if name == "dead":
        return _Scale(0.0, 1.0, log=False)
    positive = [x for line in lines for x in line if x is not None and 0 < x < math.inf]
    if not positive:
        return _Scale(-1.0, 0.0, log=True)
    low = math.floor(math.log10(max(min(positive), _LEAST)))
    high = math.ceil(math.log10(max(max(positive), _LEAST)))
    return _Scale(low, max(high, low + 1), log=True)


def _measure(
    name: str, values: Iterable[tuple[int, str, list[float | None]]], scale: _Scale, edges: list[float]
) -> WatchMeasure:
    low, high = scale.ends()
    return {"lines": [_line(name, *line, scale, edges) for line in values], "low": low, "high": high}


def _line(name: str, row: int, label: str, values: list[float | None], scale: _Scale, edges: list[float]) -> WatchLine:
    texts = ["–" if x is None else f"{100 * x:.0f}%" if name == "dead" else number(x, 3) for x in values]
    shades = "".join(map(scale.shade, values))
    return {"row": row, "name": label, "texts": texts, "shades": shades, "track": _track(shades, edges)}


def _edges(steps: Sequence[int], done: int, last: int) -> list[float]:
    """The edges of the snapshots' cells: halfway between two steps."""
    if not steps:
        return [0.0]
    middles = [(one + other) / 2 for one, other in pairwise(steps)]
    end = max(steps[-1] + 0.5, min(done - 0.5, last))
    return [min(x / last, 1.0) * WIDTH for x in (0.0, *middles, min(end, last))]


def _track(shades: str, edges: list[float]) -> list[Shape]:
    """A path for each shade; neighbours of the same shade are one rectangle."""
    paths: dict[str, str] = {}
    first = 0
    for shade, run in groupby(shades):
        count = len(list(run))
        left, right = edges[first], edges[first + count]
        if shade != "-":
            paths[shade] = paths.get(shade, "") + f"M{left:.0f} 0H{right:.0f}V{LINE_HEIGHT}H{left:.0f}Z"
        first += count
    return [[f"shade-{shade}", "path", paths[shade]] for shade in sorted(paths)]


def nearest(steps: Sequence[int], step: int) -> int:
    """Return the index of the snapshot that is nearest to a step."""
    return int(np.abs(np.asarray(steps) - step).argmin()) if len(steps) else 0
