"""The plot beside the graph: f along one slider or over two, kept in step with all the others.

`Plots.answer(sliders, seconds)` samples on for some time and returns what there is to draw, as plain data for the page and
for the static picture; samples stay valid while only the plotted sliders move.
"""

import itertools
import math
import time

import torch

from seeing_gradients.language import counted, message
from seeing_gradients.picture.chart import Axis
from seeing_gradients.picture.layout import number
from seeing_gradients.recorder import CallsBackwardError

from .choice import Choice, movable
from .curve import Curve
from .drawing import blank, contours, curves
from .grid import Descent, Grid
from .probe import UnplottableError, element, scalar

_MOST_SECONDS = 4.0  # of sampling at one position of the other sliders
_POLE, _LOG_POLE = (2.0, 50.0), (0.3, 2.5)  # for values, for their logarithms: see Curve


class Plots:
    """What is plotted for one explorer.

    Args:
        name: str, of f.
        controls: list of Control.
        probe: () -> Probe, a new one.
        attempt: list of float, the sliders -> nothing; records f there, or raises.
        surroundings: function that returns what f might alter besides its result, in a form that can be compared.

    Attributes:
        choice: Choice; set by `show`.
    """

    def __init__(self, name, controls, probe, attempt, surroundings):
        self._name, self._new_probe = name, probe
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
        self._samples = self._descent = None
        self.forget()

    def forget(self):
        """Sample anew from now on: f is run in another way."""
        self._key = self._descent_key = None

    def _axis(self, i):
        name = self.choice.inputs[i]
        control = self._known[name][1]
        return Axis(name, control.low, control.high, log=i in self.choice.log)

    def shown(self, record, gradient):
        """What the state of a position holds for the plot: nothing where there is none."""
        return {"point": self.point(record, gradient)} if self.choice.inputs else {}

    def point(self, record, gradient):
        """The value of f, weighed by v, and its slopes along the plotted inputs in a Record: dict of JSON, or None."""
        if not self.choice.inputs or not record.complete:
            return None
        try:
            value = float(scalar(record.output, gradient))
        except (UnplottableError, RuntimeError):
            return None
        slopes = [element(record.grads.get(name), i) for name, i in self._elements]
        texts = [number(value), *("None" if math.isnan(g) else number(g) for g in slopes)]
        shown = {"y": _finite(value), "slopes": [_finite(g) for g in slopes], "texts": texts}
        vector = self._vector()
        return shown | ({"norm": self._norm(record, vector)} if vector else {})

    def _vector(self):
        """The name of the vector of two elements over which f is plotted, or None: it is drawn as an arrow from 0."""
        controls = [self._known[name][1] for name in self.choice.inputs]
        is_plane = len(controls) == 2 and controls[0] is controls[1] and len(controls[0].labels) == 2
        return controls[0].name if is_plane and not {0, 1} & set(self.choice.log) else None

    def _norm(self, record, vector):
        return number(torch.linalg.vector_norm(record.nodes[record.inputs[vector]].value).item())

    def answer(self, sliders, seconds, patience=1):
        """Sample on for about so many seconds and return what there is to draw: dict of JSON.

        Args:
            sliders: list of float, where they stand.
            seconds: float, of computing.
            patience: float, how many times as long it may take by the clock where others keep the machine busy.

        Returns:
            dict: `at` the position, `done` whether there is nothing to refine, `notes` sentences, and see `drawing`.
        """
        shown = {"number": next(self._counter), "at": list(sliders), "choice": self.choice.plain()}
        if not self.choice.inputs:
            return {**shown, "done": True}
        began, busy = time.perf_counter(), time.thread_time()
        passed = lambda: max(time.thread_time() - busy, (time.perf_counter() - began) / patience)
        try:
            self._prepare(sliders)
            before = self._spent
            self._samples.work(lambda: passed() > seconds or self._is_late(before + passed()))
            self._spent += passed()
            self._descent.work(lambda: passed() > 2 * seconds)
        except UnplottableError as error:
            self._key = None
            return {**shown, **self._blank(), "done": True, "notes": [str(error)]}
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
            self._probe = self._new_probe()
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

    def _blank(self):
        return {**blank(self._name, self._axes, self._places), "vector": self._vector()}

    def _drawn(self, sliders):
        log = -1 in self.choice.log
        if len(self._axes) == 2:
            content = contours(self._samples, self._axes, log)
        else:
            content = curves(self._samples, self._axes[0], self._name, log, self.choice.derivative)
        drawn = {**self._blank(), **content, "descent": self._path(sliders)}
        return {**drawn, "notes": self._notes(drawn)}

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
            notes.append(counted("explore.plot_diverges", self._descent.stopped, lr=f"{self.choice.lr:g}"))
        if hidden := self._steps_off_the_axes():
            notes.append(counted("explore.plot_steps_hidden", hidden))
        return notes

    def _steps_off_the_axes(self):
        """How many steps of the descent have no place, since an axis is logarithmic and they are not above 0 there."""
        logs, points = self.choice.log, self._descent.points[1:] if self.choice.steps else []
        is_off = lambda at, y: any(at[i] <= 0 for i in logs if i >= 0) or (len(at) == 1 and -1 in logs and y <= 0)
        return sum(is_off(at, y) for at, y in points)

    def _path(self, sliders):
        if not self.choice.steps:
            return None
        steps = [[*at, _finite(y)] for at, y in self._descent.points]
        return {"at": list(sliders), "points": steps}


def _finite(x):
    return x if math.isfinite(x) else None


def _same(y):
    return y if math.isfinite(y) else math.nan


def _log10(y):
    return math.log10(y) if 0 < y < math.inf else math.nan
