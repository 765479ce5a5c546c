"""The plot beside the graph: f along one slider or over two, always at the current position of the others.

`choose` and `clean_choice` check what to plot and return a `Choice`. `PlotView` samples f for some milliseconds at a
time and returns what it has so far, as plain data for the page and for the static picture. The samples remain valid
while only the plotted sliders move.
"""

import itertools
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import torch

from seeing_gradients.language import abridged, counted, message
from seeing_gradients.picture.charts import Axis
from seeing_gradients.picture.labels import number
from seeing_gradients.recorder import CallsBackwardError, Record
from seeing_gradients.runtime import thread_time

from ..slider_ranges import fits_slider
from . import protocol
from .controls import Control
from .plot_picture import arrow, blank, contours, curves, tangent
from .plot_sampling import Curve, Descent, Grid, Probe, UnplottableError, element, scalar
from .session import RunSession

MOST_STEPS = 200
COARSE, FINE = 0.03, 0.15  # seconds of sampling for one answer: while a slider moves, and when it rests
# The static picture must always be the same. Seconds of sampling, and how many times as long on a busy machine.
PICTURE_SECONDS, PICTURE_PATIENCE = 1.5, 4
_OUTPUT = -1  # stands for the value of f among the logarithmic axes
_MOST_SECONDS = 4.0  # seconds of sampling at one position of the other sliders
_POLE, _LOG_POLE = (2.0, 50.0), (0.3, 2.5)  # the `pole` of a Curve of values, and of logarithms
_WORDS = (
    "plot", "plot_none", "plot_along", "plot_over", "plot_derivative", "plot_log_axis", "plot_descent",
    "plot_steps_label", "plot_lr_label", "plot_keys", "plot_curve", "plot_contours", "plot_drawing", "plot_no_gradient",
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """What to plot.

    Attributes:
        inputs: labels of one or two sliders; empty for no plot.
        log: the logarithmic axes: 0 and 1 for the inputs, -1 for the value.
        derivative: whether to plot the derivative, too (one input).
        steps: how many steps of gradient descent to draw from the current position; 0 for none.
        lr: its learning rate, > 0.
    """

    inputs: tuple[str, ...] = ()
    log: tuple[int, ...] = ()
    derivative: bool = False
    steps: int = 0
    lr: float = 0.1

    def plain(self) -> protocol.PlotChoice:
        """Return the choice as JSON."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return cast(protocol.PlotChoice, plain)


@dataclass(frozen=True)
class MovableInput:
    """A slider along which f can be plotted.

    Attributes:
        slider: its index among all sliders.
        control: the control to which it belongs.
        element: its index in that control.
    """

    slider: int
    control: Control
    element: int


def movable_inputs(controls: Iterable[Control]) -> dict[str, MovableInput]:
    """Return {label: MovableInput} for all sliders along which f can be plotted."""
    movable, first = {}, 0
    for control in controls:
        if control.kind in ("number", "vector") and not control.is_v:
            movable |= {label: MovableInput(first + i, control, i) for i, label in enumerate(control.labels)}
        first += len(control.start)
    return movable


def choose(
    controls: Sequence[Control],
    inputs: str | Sequence[str],
    log: str | Iterable[str] = (),
    derivative: bool = False,
    steps: int = 0,
    lr: float = 0.1,
) -> Choice:
    """Return the Choice that the arguments of `Explorer.plot` describe.

    Args:
        controls: of the explorer.
        inputs, log, derivative, steps, lr: as for `Explorer.plot`.

    Raises:
        ValueError: an input is unknown or cannot be moved, there are more than two, or an axis cannot be logarithmic.
    """
    names = tuple(inputs) if isinstance(inputs, list | tuple) else (cast(str, inputs),)
    movable = movable_inputs(controls)
    if not all(isinstance(name, str) for name in names) or not 1 <= len(set(names)) == len(names) <= 2:
        raise ValueError(message("explore.plot_count", received=_listed(names), allowed=", ".join(movable) or "-"))
    for name in names:
        if name not in movable:
            raise ValueError(_refusal(controls, name, movable))
    if isinstance(steps, bool) or not isinstance(steps, int) or not 0 <= steps <= MOST_STEPS:
        raise ValueError(message("explore.plot_steps", received=abridged(steps), most=MOST_STEPS))
    if isinstance(lr, bool) or not isinstance(lr, int | float) or not (fits_slider(lr) and lr > 0):
        raise ValueError(message("explore.plot_lr", received=abridged(lr)))
    return Choice(names, _log_axes(movable, names, log), bool(derivative), steps, float(lr))


def clean_choice(controls: Iterable[Control], sent: dict[str, Any]) -> Choice:
    """Return the Choice that the page sent. Anything in it may be wrong; wrong parts are dropped without an error."""
    movable = movable_inputs(controls)
    names = sent.get("inputs")
    names = tuple(dict.fromkeys(names)) if isinstance(names, list | tuple) else ()
    if not 1 <= len(names) <= 2 or any(name not in movable for name in names):
        names = ()
    allowed = {_OUTPUT, *(i for i, name in enumerate(names) if movable[name].control.low > 0)}
    log = sent.get("log")
    log = tuple(sorted({i for i in log if i in allowed})) if isinstance(log, list | tuple) else ()
    steps: Any = sent.get("steps")
    lr: Any = sent.get("lr")
    steps = min(max(int(steps), 0), MOST_STEPS) if _is_number(steps) else 0
    return Choice(names, log, bool(sent.get("derivative")), steps, float(lr) if _is_number(lr) and lr > 0 else 0.1)


def plot_labels(name: str) -> dict[str, str]:
    """Return the words of the page about plots, with their fields left open.

    Args:
        name: of the function that is plotted.
    """
    fields = {name: f"{{{name}}}" for name in ("name", "names", "input", "x", "y", "slope")}
    labels = {key.removeprefix("plot_"): message(f"explore.{key}", **fields) for key in _WORDS}
    return labels | {"value": name}


class PlotView:
    """The plot of one explorer.

    Args:
        session: RunSession.
        name: of f.

    Attributes:
        choice: set by `show`.
        name: of the function that is plotted: f, or the sum weighted by v.
    """

    def __init__(self, session: RunSession, name: str) -> None:
        self._session, self._movable, self._counter = session, movable_inputs(session.controls), itertools.count(1)
        self.name = name
        if session.has_gradient:
            self.name = f"({session.v_control.name if session.v_control else 'v'}·{name})"
        self._refusal: str | None = None
        self.show(Choice())

    def show(self, choice: Choice) -> None:
        """Plot this choice from now on."""
        self.choice = choice
        inputs = [self._movable[name] for name in choice.inputs]
        self._sliders = [each.slider for each in inputs]
        self._elements = [(each.control.name, each.element) for each in inputs]
        self._axes = [
            Axis(name, each.control.low, each.control.high, log=i in choice.log)
            for i, (name, each) in enumerate(zip(choice.inputs, inputs, strict=True))
        ]
        self._samples: Curve | Grid
        self._descent: Descent
        self.forget()

    def forget(self) -> None:
        """Discard all samples, since f now runs in another way."""
        self._sampled_at = self._descent_from = None

    def state(self, position: Sequence[float], record: Record) -> dict[str, Any]:
        """Return the part of the state about the plot; {} if there is none."""
        return {"point": self.point(position, record)} if self.choice.inputs else {}

    def point(self, position: Sequence[float], record: Record) -> protocol.PlotPoint | None:
        """Return the value of f (weighted by v) and its slopes along the plotted inputs, read from a record.

        If backward did not reach the inputs, there are no slopes, and their texts are "?".
        """
        if not self.choice.inputs or record.output is None:
            return None
        try:
            value = float(scalar(record.output, self._session.gradient(position)))
        except (UnplottableError, RuntimeError):
            return None
        slopes = [element(record.grads.get(name), i) for name, i in self._elements]
        missing = "None" if record.complete else "?"
        texts = [number(value), *(missing if math.isnan(g) else number(g) for g in slopes)]
        point: protocol.PlotPoint = {"y": _finite(value), "slopes": [_finite(g) for g in slopes], "texts": texts}
        inputs = [position[slider] for slider in self._sliders]
        if len(inputs) == 2 and record.complete:
            point["arrow"] = arrow(self._axes, (inputs[0], inputs[1]), [g or 0.0 for g in point["slopes"]])
        elif len(inputs) == 1 and math.isfinite(value) and math.isfinite(slopes[0]):
            point["tangent"] = tangent(self._axes[0], _OUTPUT in self.choice.log, (inputs[0], value), slopes[0])
        if vector := self._vector():
            point["norm"] = number(torch.linalg.vector_norm(record.nodes[record.inputs[vector]].value).item())
        return point

    def answer(self, position: Sequence[float], seconds: float, patience: float = 1) -> protocol.Plot:
        """Sample for some seconds, and return what there is to draw. Call it inside `session.quiet()`.

        Args:
            position: of the sliders.
            seconds: of sampling, about.
            patience: how many times as long it may take by the clock if other programs keep the machine busy.
        """
        answer: dict[str, Any] = {
            "sequence": next(self._counter),
            "position": list(position),
            "choice": self.choice.plain(),
        }
        if not self.choice.inputs:
            return cast(protocol.Plot, {**answer, "done": True})
        began, busy = time.perf_counter(), thread_time()
        passed = lambda: max(thread_time() - busy, (time.perf_counter() - began) / patience)
        try:
            self._prepare(position)
            before = self._spent
            self._samples.work(lambda: passed() > seconds or self._is_late(before + passed()))
            self._spent += passed()
            self._descent.work(lambda: passed() > 2 * seconds)
        except UnplottableError as error:
            self._sampled_at = None
            return cast(protocol.Plot, {**answer, **self._blank(), "done": True, "notes": [str(error)]})
        done = self._descent.is_done and (self._samples.is_done or self._is_late(self._spent))
        return cast(protocol.Plot, {**answer, **self._content(position), "done": done})

    def _vector(self) -> str | None:
        """The name of the vector of two elements over which f is plotted, drawn as an arrow from 0; or None."""
        controls = [self._movable[name].control for name in self.choice.inputs]
        is_plane = len(controls) == 2 and controls[0] is controls[1] and len(controls[0].labels) == 2
        return controls[0].name if is_plane and not {0, 1} & set(self.choice.log) else None

    def _is_late(self, spent: float) -> bool:
        """Whether sampling stops for good: it took too many seconds, or too many evaluations did not end."""
        return self._probe.is_spent or spent > _MOST_SECONDS

    def _prepare(self, position: Sequence[float]) -> None:
        """Discard the samples if another slider moved, and the descent if any slider moved."""
        others = [None if i in self._sliders else x for i, x in enumerate(position)]
        if self._sampled_at != others:
            session, self._spent = self._session, 0.0
            self._probe = Probe(
                session.call_cut, session.inputs, session.restored, session.gradient, session.max_seconds
            )
            self._refuse_changes(position)
            self._samples = self._sampler(list(position))
            self._sampled_at, self._descent_from = others, None
        start = [position[slider] for slider in self._sliders]
        if self._descent_from != start:
            self._descent_from = start
            choice = self.choice
            self._descent = Descent(self._slopes_from(list(position)), start, self._axes, choice.lr, choice.steps)

    def _refuse_changes(self, position: Sequence[float]) -> None:
        """On the first call, test whether f changes anything outside itself or calls backward."""
        if self._refusal is None:
            before = self._session.surroundings()
            self._refusal = self._reason_against(position)
            if before != self._session.surroundings():
                self._refusal = message("explore.plot_alters")
        if self._refusal:
            raise UnplottableError(self._refusal)

    def _reason_against(self, position: Sequence[float]) -> str:
        try:
            self._session.record(position)
        except CallsBackwardError as error:
            return str(error)
        except Exception:  # noqa: BLE001 - the explorer shows it; f may work elsewhere
            return ""
        return ""

    def _sampler(self, base: list[float]) -> Curve | Grid:
        value = self._value_from(base)
        if len(self._axes) == 2:
            return Grid(lambda a, b: value([a, b]), self._axes)
        shown, pole = (_log10, _LOG_POLE) if _OUTPUT in self.choice.log else (_same, _POLE)
        if not self.choice.derivative:
            return Curve(lambda x: (shown(value([x])),), self._axes[0], pole=pole)
        slopes = self._slopes_from(base)

        def both(x: float) -> tuple[float, float]:
            y, (g,) = slopes([x])
            return shown(y), g

        return Curve(both, self._axes[0], channels=2, pole=pole)

    def _value_from(self, base: list[float]) -> Callable[[Sequence[float]], float]:
        return lambda moved: self._probe.value(self._moved(base, moved))

    def _slopes_from(self, base: list[float]) -> Callable[[Sequence[float]], tuple[float, list[float]]]:
        return lambda moved: self._probe.slopes(self._moved(base, moved), self._elements)

    def _moved(self, base: list[float], moved: Sequence[float]) -> list[float]:
        position = list(base)
        for slider, x in zip(self._sliders, moved, strict=True):
            position[slider] = x
        return position

    def _blank(self) -> dict[str, Any]:
        return {**blank(self.name, self._axes, self._sliders), "vector": self._vector()}

    def _content(self, position: Sequence[float]) -> dict[str, Any]:
        log = _OUTPUT in self.choice.log
        if isinstance(self._samples, Grid):
            content = contours(self._samples, self._axes, log)
        else:
            content = curves(self._samples, self._axes[0], self.name, log, self.choice.derivative)
        drawn = {**self._blank(), **content, "descent": self._path(position)}
        return {**drawn, "notes": self._notes(drawn)}

    def _notes(self, drawn: dict[str, Any]) -> list[str]:
        notes, probe = [], self._probe
        if drawn["empty"]:
            notes.append(message("explore.plot_nothing"))
        elif self.choice.derivative and drawn.get("value") and not drawn.get("derivative"):
            notes.append(message("explore.plot_no_gradient", name=drawn["axes"][0]["name"]))
        if probe.failed:
            notes.append(message("explore.plot_failed"))
        if probe.stopped:
            notes.append(message("explore.plot_stopped"))
        if not self._samples.is_done and self._is_late(self._spent):
            notes.append(message("explore.plot_slow"))
        if _OUTPUT in self.choice.log and self._probe.lowest <= 0:
            notes.append(message("explore.plot_not_positive", name=self.name))
        if self._descent.stopped is not None:
            notes.append(counted("explore.plot_diverges", self._descent.stopped, lr=f"{self.choice.lr:g}"))
        if hidden := self._steps_off_the_axes():
            notes.append(counted("explore.plot_steps_hidden", hidden))
        return notes

    def _steps_off_the_axes(self) -> int:
        """How many steps of the descent cannot be drawn: they are not positive, and an axis is logarithmic."""
        logs, points = self.choice.log, self._descent.points[1:] if self.choice.steps else []
        is_off = lambda inputs, y: (
            any(inputs[i] <= 0 for i in logs if i >= 0) or (len(inputs) == 1 and _OUTPUT in logs and y <= 0)
        )
        return sum(is_off(inputs, y) for inputs, y in points)

    def _path(self, position: Sequence[float]) -> dict[str, Any] | None:
        if not self.choice.steps:
            return None
        return {"start": list(position), "points": [[*inputs, _finite(y)] for inputs, y in self._descent.points]}


def _log_axes(movable: dict[str, MovableInput], names: tuple[str, ...], log: str | Iterable[str]) -> tuple[int, ...]:
    axes = []
    for name in tuple(log) if isinstance(log, Iterable) and not isinstance(log, str) else (log,):
        if name not in (*names, "output"):
            raise ValueError(
                message("explore.plot_log", received=abridged(name), allowed=", ".join((*names, "output")))
            )
        if name in names and not movable[name].control.low > 0:
            control = movable[name].control
            raise ValueError(message("explore.plot_log_range", name=name, low=control.low, high=control.high))
        axes.append(names.index(name) if name in names else _OUTPUT)
    return tuple(sorted(set(axes)))


def _refusal(controls: Iterable[Control], name: str, movable: Iterable[str]) -> str:
    """Why f cannot be plotted along an input of this name."""
    allowed = ", ".join(movable) or "-"
    for control in controls:
        if control.name == name and control.kind == "vector":
            return message("explore.plot_element", name=name, allowed=", ".join(control.labels))
        if control.name == name:
            return message("explore.plot_fixed", name=name, allowed=allowed)
    return message("explore.plot_unknown", name=_listed((name,)), allowed=allowed)


def _is_number(x: Any) -> bool:
    return isinstance(x, int | float) and not isinstance(x, bool) and fits_slider(x)


def _listed(names: Iterable[Any]) -> str:
    text = ", ".join(map(str, names))
    return text if len(text) <= 60 else f"{text[:57]}..."


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None


def _same(y: float) -> float:
    return y if math.isfinite(y) else math.nan


def _log10(y: float) -> float:
    return math.log10(y) if 0 < y < math.inf else math.nan
