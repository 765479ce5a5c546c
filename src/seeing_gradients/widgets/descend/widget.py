"""The live widget: a move of the start, a slider or a button sets a trait, and Python walks the descent anew.

The whole state is start, lr, values and steps: the same four always give the same path, so the learning rate can be
dragged and every step is taken again with it.
"""

import anywidget
import traitlets

from seeing_gradients.language import message
from seeing_gradients.picture.charts import Frame
from seeing_gradients.widgets.bundles import load_script, load_style

from .arguments import setup
from .descent_steps import Walk, walk
from .picture import BOTTOM, LEFT, RIGHT, TOP, paint, view
from .plot import Curve, contours

MAX_STEPS = 500
_LABELS = (
    "step", "steps_10", "undo", "reset", "lr", "value", "gradient", "next_step", "start", "start_help", "plot",
    "plot_curve", "here", "uphill", "leads", "history", "number_of_steps",
)  # fmt: skip


def descend(f, *, lr=0.02, start=None, steps=0, **inputs):
    """Show gradient descent on f over two of its inputs, or over its only one, live.

    Args:
        f: numbers by name, each as a float32 tensor () -> tensor of one element, the loss.
        lr: float > 0, the learning rate at first; its slider reaches from lr / 25 to lr * 25.
        start: (a, b), where the descent begins, in the order of the ranges; a for a single range; None for a round place off the middle.
        steps: int, how many steps are taken at first.
        **inputs: exactly two as (low, high), the axes, across and up, or the only number as (low, high), whose curve
            is drawn; a number becomes a slider around it; a list of
            numbers reaches f as a float32 tensor, anything else as it is. What is left out keeps its default in f.

    Returns:
        Descent, a widget; its traits start, lr, values and steps may be set from Python too.

    Raises:
        TypeError, ValueError: an argument is not as described. What goes wrong inside f is shown in the widget.
    """
    widget = Descent(f, setup(f, inputs, lr, start))
    widget.steps = steps
    return widget


class Descent(anywidget.AnyWidget):
    """The widget that descend returns.

    Attributes:
        start: list of two floats, or of one, where the descent begins.
        lr: float, the learning rate.
        values: dict from name to float, the other numbers.
        steps: int, how many steps are wanted; fewer are taken where f fails or diverges.
        walk: walk.Walk, the steps taken.
    """

    _esm = load_script("descend")
    _css = load_style("descend")
    start = traitlets.List(traitlets.CFloat(), minlen=1, maxlen=2).tag(sync=True)
    lr = traitlets.CFloat().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    steps = traitlets.CInt(0).tag(sync=True)
    spec = traitlets.Dict().tag(sync=True)
    field = traitlets.Dict().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, f, given):
        self._f, self._given = f, given
        self._name = getattr(f, "__name__", type(f).__name__)
        self._name = "f" if self._name == "<lambda>" else self._name
        self._curve = Curve(f, given.axes[0], self._fixed({}), self._name) if len(given.axes) == 1 else None
        self._frame = Frame((*given.axes, self._curve.axis), 400, 320) if self._curve else Frame.of(given.axes)
        self.walk, self._walked = Walk(()), None
        super().__init__(
            start=[axis.value for axis in given.axes],
            lr=given.lr.value,
            values={slider.name: slider.value for slider in given.sliders},
            spec=self._specification(),
        )
        self._draw_field()
        self._take_steps()
        self.observe(self._on_move, names=["start", "lr", "steps", "values"])

    @traitlets.validate("start")
    def _keep_inside(self, proposal):
        return [axis.clamp(value) for axis, value in zip(self._given.axes, proposal["value"], strict=True)]

    @traitlets.validate("lr")
    def _keep_positive(self, proposal):
        return self._given.lr.clamp(proposal["value"])

    @traitlets.validate("steps")
    def _keep_count(self, proposal):
        return min(max(proposal["value"], 0), MAX_STEPS)

    @traitlets.validate("values")
    def _keep_known(self, proposal):
        return {
            slider.name: slider.clamp(proposal["value"].get(slider.name, slider.value))
            for slider in self._given.sliders
        }

    def _on_move(self, change):
        if change["name"] == "values":
            self._draw_field()
        self._take_steps()

    def _fixed(self, values):
        import torch

        fixed = self._given.fixed | values
        return {
            name: torch.tensor(value, dtype=torch.get_default_dtype()) if isinstance(value, (float, list)) else value
            for name, value in fixed.items()
        }

    def _draw_field(self):
        frame = self._frame
        drawn = self._curve.field(frame) if self._curve else contours(self._f, frame, self._fixed(self.values))
        self._contours = drawn
        self.field = vars(self._contours)

    def _take_steps(self):
        """Walk again, from the last point where only the number of steps grew."""
        same = (tuple(self.start), self.lr, tuple(self.values.items()))
        before = self.walk.steps if same == self._walked else ()
        at = dict(zip((axis.name for axis in self._given.axes), self.start, strict=True))
        self.walk, self._walked = walk(self._f, at, self._fixed(self.values), self.lr, self.steps, before=before), same
        self.shown = view(self.walk, self._frame, self.start, self.lr, self._name, self._curve)

    def _specification(self):
        """What never changes: names, ranges, sizes, and every label in the lesson's language."""
        frame, lr = self._frame, self._given.lr
        across, up = frame.axes
        return {
            "title": f"{self._name}({', '.join(axis.name for axis in self._given.axes)})",
            "axes": [vars(axis) for axis in frame.axes],
            "sliders": [vars(slider) for slider in self._given.sliders],
            "lr": vars(lr),
            "width": frame.width,
            "height": frame.height,
            "margin": [TOP, RIGHT, BOTTOM, LEFT],
            "ticks": [across.ticks(frame.width / 50), up.ticks(frame.height / 45)],
            "max_steps": MAX_STEPS,
            "labels": {name: message(f"descend.{name}") for name in _LABELS},
        }

    def _svg(self):
        labels = self.spec["labels"] | {"loss": self._name, "lr": f"η = {self.lr:.4g}"}
        return paint(self._frame, self._contours, self.shown, self.spec["title"], labels)

    def __repr__(self):
        return f"{self.spec['title']}: {self.shown['summary'] or self.shown['note']}"

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        bundle, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return bundle | {"image/svg+xml": self._svg(), "text/plain": repr(self)}, metadata
