"""What plots add to the widget: the traits `plotting` (what is wanted) and `plotted` (what is drawn), and `Explorer.plot`.

The page sets `plotting`, and asks for samples by a message, again and again until they are fine enough; each answer takes
little time, so that sliders are never kept waiting.
"""

import contextlib

import traitlets

from seeing_gradients.language import message
from seeing_gradients.recorder import run_cut

from .buffers import buffers_kept
from .calling import recorded
from .choice import Choice, choose, cleaned
from .given import given_kept
from .plots import Plots
from .plotted import stack
from .probe import Probe
from .run import Nowhere, quiet

COARSE, FINE = 0.03, 0.15  # seconds of sampling in one answer: while a slider moves, and when it rests
# Seconds of sampling for the static picture, and how many times as long on a busy machine: it shall be the same again.
_MOST_FOR_A_PICTURE, _PATIENCE = 1.5, 4
_WORDS = (
    "plot", "plot_none", "plot_along", "plot_over", "plot_derivative", "plot_log_axis", "plot_descent",
    "plot_steps_label", "plot_lr_label", "plot_keys", "plot_curve", "plot_contours", "plot_drawing", "plot_no_gradient",
)  # fmt: skip


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
        with buffers_kept(self._f, given), given_kept(given):
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
                with quiet(Nowhere()), self._dice:
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
