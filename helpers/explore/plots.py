"""The plot beside the graph: f along one slider or over two, kept in step with all the others.

`Plots.answer(sliders, seconds)` samples on for some time and returns what there is to draw, as plain data for the page and
for the static picture; samples stay valid while only the plotted sliders move.
"""

import itertools
import math
import time

import numpy as np

from helpers.chart import Axis, Frame, field, path, thin
from helpers.language import message
from helpers.layout import number
from helpers.record import CallsBackwardError

from .choice import Choice, movable
from .curve import Curve
from .grid import Descent, Grid
from .probe import Probe, UnplottableError, element, scalar

WIDTH, HEIGHT, LOW = 560, 240, 96  # px: a curve, and below it its derivative
SIDE = 360  # px: contours
_MOST_SECONDS = 4.0  # of sampling at one position of the other sliders
_ROOM = 0.06  # of the height, above and below a curve
_POLE, _LOG_POLE = (2.0, 50.0), (0.3, 2.5)  # for values, for their logarithms: see Curve


class Plots:
    """What is plotted for one explorer.

    Args:
        name: str, of f.
        controls: list of Control.
        call: dict from name to what f receives -> output of f.
        inputs: list of float, the sliders -> dict from name to number, list or tensor.
        limits: dict of gradient and max_seconds.
        attempt: list of float, the sliders -> nothing; records f there, or raises.
        surroundings: function that returns what f might alter besides its result, in a form that can be compared.

    Attributes:
        choice: Choice; set by `show`.
    """

    def __init__(self, name, controls, call, inputs, limits, attempt, surroundings):
        self._name, self._call, self._inputs, self._limits = name, call, inputs, limits
        self._attempt, self._surroundings, self._known, self._counter = (
            attempt,
            surroundings,
            movable(controls),
            itertools.count(1),
        )
        self._refusal = None
        self.show(Choice())

    def show(self, choice):
        """Plot this from now on."""
        self.choice = choice
        self._places = [self._known[name][0] for name in choice.inputs]
        self._elements = [(self._known[name][1].name, self._known[name][2]) for name in choice.inputs]
        self._axes = [self._axis(i) for i in range(len(choice.inputs))]
        self._key = self._samples = self._descent = self._descent_key = None

    def _axis(self, i):
        name = self.choice.inputs[i]
        control = self._known[name][1]
        return Axis(name, control.low, control.high, log=i in self.choice.log)

    def shown(self, record):
        """What the state of a position holds for the plot: nothing where there is none."""
        return {"point": self.point(record)} if self.choice.inputs else {}

    def point(self, record):
        """The value of f and its slopes along the plotted inputs in a Record, and their texts: dict of JSON, or None."""
        if not self.choice.inputs or not record.complete:
            return None
        try:
            value = float(scalar(record.output, self._limits["gradient"]))
        except (UnplottableError, RuntimeError):
            return None
        slopes = [element(record.grads.get(name), i) for name, i in self._elements]
        texts = [number(value), *("None" if math.isnan(g) else number(g) for g in slopes)]
        return {"y": _finite(value), "slopes": [_finite(g) for g in slopes], "texts": texts}

    def answer(self, sliders, seconds):
        """Sample on for about so many seconds and return what there is to draw: dict of JSON.

        Args:
            sliders: list of float, where they stand.
            seconds: float.

        Returns:
            dict: `at` the position, `done` whether there is nothing to refine, `notes` sentences, and see `_drawn`.
        """
        shown = {"number": next(self._counter), "at": list(sliders), "choice": self.choice.plain()}
        if not self.choice.inputs:
            return {**shown, "done": True}
        began = time.perf_counter()
        passed = lambda: time.perf_counter() - began
        try:
            self._prepare(sliders)
            before = self._spent
            self._samples.work(lambda: passed() > seconds or self._is_late(before + passed()))
            self._spent += passed()
            self._descent.work(lambda: passed() > 2 * seconds)
        except UnplottableError as error:
            self._key = None
            return {**shown, **self._frame(), "done": True, "notes": [str(error)]}
        done = self._descent.is_done and (self._samples.is_done or self._is_late(self._spent))
        return {**shown, **self._drawn(sliders), "done": done}

    def _is_late(self, spent):
        """Whether sampling took so many seconds, or met so many positions without an end, that it goes on no more."""
        return self._probe.is_spent or spent > _MOST_SECONDS

    def _prepare(self, sliders):
        """Begin anew where another slider moved, and the descent where any did."""
        others = [None if i in self._places else x for i, x in enumerate(sliders)]
        if self._key != others:
            self._spent = 0.0
            self._probe = Probe(self._call, self._inputs, self._limits["gradient"], self._limits["max_seconds"])
            self._refuse_changes(sliders)
            self._samples = self._sampler(list(sliders))
            self._key, self._descent_key = others, None
        start = [sliders[place] for place in self._places]
        if self._descent_key != start:
            self._descent_key = start
            choice = self.choice
            self._descent = Descent(self._slopes_from(list(sliders)), start, self._axes, choice.lr, choice.steps)

    def _refuse_changes(self, sliders):
        """The first time, see whether f alters anything outside itself, or calls backward."""
        if self._refusal is None:
            before = self._surroundings()
            self._refusal = self._trouble(sliders)
            if before != self._surroundings():
                self._refusal = message("explore.plot_alters")
        if self._refusal:
            raise UnplottableError(self._refusal)

    def _trouble(self, sliders):
        try:
            self._attempt(sliders)
        except CallsBackwardError as error:
            return str(error)
        except Exception:  # noqa: BLE001 - the explorer shows it, and elsewhere f may well be plotted
            return ""
        return ""

    def _sampler(self, base):
        value = self._value_from(base)
        if len(self._axes) == 2:
            return Grid(lambda a, b: value([a, b]), self._axes)
        shown, pole = (_log10, _LOG_POLE) if -1 in self.choice.log else (_same, _POLE)
        if not self.choice.derivative:
            return Curve(lambda x: (shown(value([x])),), self._axes[0], pole=pole)
        slopes = self._slopes_from(base)

        def both(x):
            y, (g,) = slopes([x])
            return shown(y), g

        return Curve(both, self._axes[0], channels=2, pole=pole)

    def _value_from(self, base):
        return lambda moved: self._probe.value(self._moved(base, moved))

    def _slopes_from(self, base):
        return lambda moved: self._probe.slopes(self._moved(base, moved), self._elements)

    def _moved(self, base, moved):
        sliders = list(base)
        for place, x in zip(self._places, moved, strict=True):
            sliders[place] = x
        return sliders

    # ---- what is drawn ----

    def _frame(self):
        axes = [
            {**_plain(axis, 10 if i == 0 else 7), "place": self._places[i], "can_log": bool(axis.low > 0)}
            for i, axis in enumerate(self._axes)
        ]
        if len(axes) == 1:
            return {"kind": "curve", "name": self._name, "axes": axes, "width": WIDTH, "height": HEIGHT, "notes": []}
        frame = Frame.of(self._axes, SIDE)
        size = {"width": frame.width, "height": frame.height}
        return {"kind": "contours", "name": self._name, "axes": axes, **size, "notes": []}

    def _drawn(self, sliders):
        """The plot in pixels of its own width and height, y downwards, whatever size it is then shown in."""
        drawn = self._frame()
        content = self._contours(drawn) if drawn["kind"] == "contours" else self._curve(drawn)
        drawn |= content
        drawn["notes"] = self._notes(drawn)
        drawn["descent"] = self._path(sliders)
        return drawn

    def _curve(self, drawn):
        log = -1 in self.choice.log
        main = self._channel(0, log, HEIGHT, self._name)
        content = {"value": main, "empty": main is None}
        if self.choice.derivative:
            content["derivative"] = self._channel(1, False, LOW, f"∂{self._name}/∂{drawn['axes'][0]['name']}")
        return content

    def _channel(self, channel, log, height, name):
        """One curve: its axis, its lines and the ends at its jumps; None where there is nothing."""
        span = self._samples.span(channel)
        if span is None:
            return None
        low, high = _roomy(*span)
        across = self._axes[0]

        def place(points):
            x, y = np.asarray(points, dtype=float).T
            y = np.clip(y, low - 40 * (high - low), high + 40 * (high - low))
            return np.column_stack([across.share(x) * WIDTH, (high - y) / (high - low) * height])

        axis = Axis(name, 10.0**low, 10.0**high, log=True) if log else Axis(name, low, high)
        d = "".join(path(thin(place(piece))) for piece in self._samples.pieces(channel))
        dots = self._samples.dots(channel)
        ends = [
            [round(float(x), 2), round(float(y), 2), taken]
            for (x, y), (_, _, taken) in zip(place([dot[:2] for dot in dots]) if dots else (), dots, strict=True)
            if 0 <= y <= height
        ]
        return {"axis": _plain(axis, height / 48), "d": d, "ends": ends, "height": height}

    def _contours(self, drawn):
        values = self._samples.values
        log = -1 in self.choice.log
        found = (
            field(values, Frame(tuple(self._axes), drawn["width"], drawn["height"]), log)
            if values is not None
            else None
        )
        if found is None:
            return {"field": None, "empty": False}
        return {"field": vars(found), "empty": not np.isfinite(values).any()}

    def _notes(self, drawn):
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
        if -1 in self.choice.log and self._probe.lowest <= 0:
            notes.append(message("explore.plot_not_positive", name=self._name))
        if self._descent.stopped is not None:
            steps, lr = self._descent.stopped, f"{self.choice.lr:g}"
            notes.append(message("explore.plot_diverges", steps=steps, lr=lr))
        return notes

    def _path(self, sliders):
        if not self.choice.steps:
            return None
        steps = [[*at, _finite(y)] for at, y in self._descent.points]
        return {"at": list(sliders), "points": steps}


def _plain(axis, room):
    ticks = [[round(share, 5), text] for share, text in axis.ticks(room)]
    return {"name": axis.name, "low": axis.low, "high": axis.high, "log": axis.log, "ticks": ticks}


def _roomy(low, high):
    """A range with some room at either end; of a constant, a range about it."""
    room = _ROOM * (high - low) or max(abs(low), 1.0) * 0.5
    return low - room, high + room


def _finite(x):
    return x if math.isfinite(x) else None


def _same(y):
    return y if math.isfinite(y) else math.nan


def _log10(y):
    return math.log10(y) if 0 < y < math.inf else math.nan
