"""The plot beside the graph: f along one slider or over two, kept in step with all the others.

`choose` and `cleaned` check what is to be plotted (a `Choice`), `Plots.answer` samples it for some milliseconds at a time,
and `Plotting` shows it in the explorer.
"""

import contextlib
import itertools
import math
import time
from dataclasses import asdict, dataclass

import torch
import traitlets

from seeing_gradients.language import counted, message
from seeing_gradients.picture.chart import Axis
from seeing_gradients.picture.layout import number
from seeing_gradients.recorder import CallsBackwardError, referenced_modules, run_cut
from seeing_gradients.runtime import restore_buffers, restore_tensors

from .calling import recorded
from .plot_picture import blank, contours, curves, stack
from .plot_sampling import Curve, Descent, Grid, Probe, UnplottableError, element, scalar
from .session import undisturbed

MOST_STEPS = 200
_OUTPUT = -1  # among the logarithmic axes: that of the value of f
_MOST_SECONDS = 4.0  # of sampling at one position of the other sliders
_POLE, _LOG_POLE = (2.0, 50.0), (0.3, 2.5)  # for values, for their logarithms: see Curve
COARSE, FINE = 0.03, 0.15  # seconds of sampling in one answer: while a slider moves, and when it rests
# Seconds of sampling for the static picture, and how many times as long on a busy machine: it shall be the same again.
_MOST_FOR_A_PICTURE, _PATIENCE = 1.5, 4
_WORDS = (
    "plot", "plot_none", "plot_along", "plot_over", "plot_derivative", "plot_log_axis", "plot_descent",
    "plot_steps_label", "plot_lr_label", "plot_keys", "plot_curve", "plot_contours", "plot_drawing", "plot_no_gradient",
)  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """What is to be plotted.

    Attributes:
        inputs: tuple of str, labels of one or two sliders; empty for no plot.
        log: tuple of int, the logarithmic axes: 0 and 1 of the inputs, -1 of the value.
        derivative: bool, whether the derivative is drawn, too (one input).
        steps: int, of gradient descent from where the sliders stand; 0 for none.
        lr: float > 0, its learning rate.
    """

    inputs: tuple = ()
    log: tuple = ()
    derivative: bool = False
    steps: int = 0
    lr: float = 0.1

    def plain(self):
        """As JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def movable(controls):
    """The sliders along which f can be plotted: dict from label to (place among the sliders, control, element)."""
    found, first = {}, 0
    for control in controls:
        if control.kind in ("number", "vector") and not control.weighs:
            found |= {label: (first + i, control, i) for i, label in enumerate(control.labels)}
        first += len(control.start)
    return found


def choose(controls, inputs, log=(), derivative=False, steps=0, lr=0.1):
    """Return the Choice that the arguments name.

    Raises:
        ValueError: an input is unknown or cannot be moved, there are more than two, or an axis cannot be logarithmic.
    """
    names = tuple(inputs) if isinstance(inputs, list | tuple) else (inputs,)
    known = movable(controls)
    if not all(isinstance(name, str) for name in names) or not 1 <= len(set(names)) == len(names) <= 2:
        raise ValueError(message("explore.plot_count", received=_listed(names), allowed=", ".join(known) or "-"))
    for name in names:
        if name not in known:
            raise ValueError(_refusal(controls, name, known))
    if isinstance(steps, bool) or not isinstance(steps, int) or not 0 <= steps <= MOST_STEPS:
        raise ValueError(message("explore.plot_steps", received=repr(steps), most=MOST_STEPS))
    if isinstance(lr, bool) or not isinstance(lr, int | float) or not (math.isfinite(lr) and lr > 0):
        raise ValueError(message("explore.plot_lr", received=repr(lr)))
    return Choice(names, _log_axes(known, names, log), bool(derivative), steps, float(lr))


def _log_axes(known, names, log):
    axes, given = [], (log,) if isinstance(log, str) else tuple(log)
    for name in given:
        if name not in (*names, "output"):
            raise ValueError(message("explore.plot_log", received=repr(name), allowed=", ".join((*names, "output"))))
        if name in names and not known[name][1].low > 0:
            control = known[name][1]
            raise ValueError(message("explore.plot_log_range", name=name, low=control.low, high=control.high))
        axes.append(names.index(name) if name in names else _OUTPUT)
    return tuple(sorted(set(axes)))


def _refusal(controls, name, known):
    """Why f cannot be plotted along an input of this name."""
    allowed = ", ".join(known) or "-"
    for control in controls:
        if control.name == name and control.kind == "vector":
            return message("explore.plot_element", name=name, allowed=", ".join(control.labels))
        if control.name == name:
            return message("explore.plot_fixed", name=name, allowed=allowed)
    return message("explore.plot_unknown", name=_listed((name,)), allowed=allowed)


def cleaned(controls, given):
    """What the page sent as a Choice: nothing in it can be trusted, and nothing is worth an error."""
    known = movable(controls)
    names = given.get("inputs")
    names = tuple(dict.fromkeys(names)) if isinstance(names, list | tuple) else ()
    if not 1 <= len(names) <= 2 or any(name not in known for name in names):
        names = ()
    allowed = {_OUTPUT, *(i for i, name in enumerate(names) if known[name][1].low > 0)}
    log = given.get("log")
    log = tuple(sorted({i for i in log if i in allowed})) if isinstance(log, list | tuple) else ()
    steps, lr = given.get("steps"), given.get("lr")
    steps = min(max(int(steps), 0), MOST_STEPS) if _is_number(steps) else 0
    return Choice(names, log, bool(given.get("derivative")), steps, float(lr) if _is_number(lr) and lr > 0 else 0.1)


def _is_number(x):
    return isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)


def _listed(names):
    text = ", ".join(map(str, names))
    return text if len(text) <= 60 else f"{text[:57]}..."


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


class Plotting(traitlets.HasTraits):
    """The part of an Explorer that plots."""

    plotting = traitlets.Dict(Choice().plain()).tag(sync=True)
    plotted = traitlets.Dict().tag(sync=True)

    def plot(self, *inputs, log=(), derivative=False, steps=0, lr=0.1):
        """Plot f along one input, or its contours over two, in step with the sliders; without any, no plot.

        Args:
            inputs: str, labels of sliders: "w", or "x[0]" for an element of a vector.
            log: str or several, of the inputs and "output": whose axis is logarithmic.
            derivative: bool, whether the derivative is drawn, too, along one input.
            steps: int, of gradient descent from where the sliders stand.
            lr: float > 0, its learning rate.

        Returns:
            Explorer: itself.

        Raises:
            ValueError: an input is unknown or has no slider, there are three, or an axis cannot be logarithmic.
        """
        choice = choose(self._controls, inputs, log, derivative, steps, lr) if inputs else Choice()
        self.plotting = choice.plain()
        return self

    def _set_up_plots(self, name, controls, surroundings):
        """Make the plots of f; return the name of what they show."""
        seconds = self._limits["max_seconds"]
        probe = lambda: Probe(self._call_cut, self._inputs, self._kept_for, self._gradient_at, seconds)
        if self._limits["gradient"] is not None or self._weights is not None:  # what is plotted is a sum weighed by v
            name = f"({self._weights.name if self._weights else 'v'}·{name})"
        self._plots = Plots(name, controls, probe, self._attempt, surroundings)
        return name

    @contextlib.contextmanager
    def _kept_for(self, given):
        """Whatever f writes to its tensors and buffers inside the with block is put back."""
        with restore_buffers(referenced_modules(self._f, given)), restore_tensors(given):
            yield

    def _call_cut(self, inputs):
        """f as the graph shows it: with its edges cut that the learner cut."""
        if not self.cuts:
            return self._call(self._f, inputs)
        cut, most = self._cut_places()["cut"], self._limits["max_ops"]
        return self._call(lambda *args, **kwargs: run_cut(self._f, args, kwargs, cut, most), inputs)

    def _plot_anew(self):
        """Sample again, since f is to be run in another way."""
        if self._plots.choice.inputs:
            self._plots.forget()
            self._answer_plot(COARSE)

    def _attempt(self, sliders):
        """Record f at a position, or raise what is wrong with it."""
        args, kwargs = self._split(self._inputs(sliders))
        with self._kept_for([*args, *kwargs.values()]):
            recorded(self._f, args, kwargs, {**self._limits, "gradient": self._gradient_at(sliders)})

    @traitlets.validate("plotting")
    def _clean_plotting(self, proposal):
        return cleaned(self._controls, proposal["value"]).plain()

    @traitlets.observe("plotting")
    def _plot_chosen(self, change):
        with self._busy:
            self._plots.show(cleaned(self._controls, change["new"]))
            if self.record is not None and self.state.get("fresh"):
                self.state = {**self.state, "point": self._plots.point(self.record, self._gradient_at(self.sliders))}
            self.send({"ahead": {"forget": True}})  # those positions have no point, or another one
            self._answer_plot(COARSE)

    def _answer_plot(self, seconds, patience=1):
        """Sample for some time and show what there is by then."""
        with self._busy:
            try:
                with undisturbed(), self._random:
                    self.plotted = self._plots.answer(self.sliders, seconds, patience)
            except KeyboardInterrupt:
                self.plotted = {**self.plotted, "done": True, "notes": [message("explore.interrupted")]}

    def _with_plot(self, picture):
        """A picture of the graph, and below it the plot where there is one."""
        if not self._plots.choice.inputs:
            return picture
        self._answer_plot(_MOST_FOR_A_PICTURE, _PATIENCE)
        return stack(picture, self.plotted, self.state.get("point") if self.state.get("fresh") else None)


def plot_words():
    """The words of the page about plots, their fields left open."""
    fields = {name: f"{{{name}}}" for name in ("name", "names", "input", "x", "y", "slope")}
    return {key.removeprefix("plot_"): message(f"explore.{key}", **fields) for key in _WORDS}
