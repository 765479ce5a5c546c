"""The live widget: a move of the start, a slider or a button sets a trait, and Python takes the steps again.

The whole state is start, lr, values and steps: the same four always give the same path, so the learning rate can be
dragged and every step is taken again with it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import torch
import traitlets

from seeing_gradients.language import message
from seeing_gradients.picture.charts import Frame
from seeing_gradients.widgets.bundles import load_script, load_style

from .arguments import Setup, setup
from .descent_steps import DescentPath, descent_steps
from .picture import BOTTOM, HISTORY_SIZE, LEFT, RIGHT, TOP, paint, view
from .plot import Curve, contours

MAX_STEPS = 500
_LABELS = (
    "step", "steps_10", "undo", "reset", "lr", "value", "gradient", "next_step", "start", "start_help", "plot",
    "plot_curve", "position", "uphill", "leads", "history", "number_of_steps",
)  # fmt: skip


def descend(f: Callable[..., Any], *, lr: float = 0.02, start: Any = None, steps: int = 0, **inputs: Any) -> "Descent":
    """Show gradient descent on f over two of its inputs, or over its only one, live.

    Args:
        f: numbers by name, each as a float32 tensor () -> tensor of one element, the loss.
        lr: > 0, the learning rate at first; its slider reaches from lr / 25 to lr * 25.
        start: (a, b), where the descent begins, in the order of the ranges; a for a single range; None for a round
            place off the middle.
        steps: how many are taken at first.
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
        path: DescentPath, the steps taken.
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

    def __init__(self, f: Callable[..., Any], arguments: Setup) -> None:
        self._f, self._arguments = f, arguments
        self._name = getattr(f, "__name__", type(f).__name__)
        self._name = "f" if self._name == "<lambda>" else self._name
        across, *more = arguments.axes
        self._curve = None if more else Curve(f, across, self._fixed({}), self._name)
        self._frame = Frame((across, self._curve.axis), 400, 320) if self._curve else Frame.of((across, more[0]))
        self.path, self._path_of = DescentPath(()), None
        super().__init__(
            start=[axis.value for axis in arguments.axes],
            lr=arguments.lr.value,
            values={slider.name: slider.value for slider in arguments.sliders},
            spec=self._specification(),
        )
        self._draw_field()
        self._take_steps()
        self.observe(self._on_move, names=["start", "lr", "steps", "values"])

    @traitlets.validate("start")
    def _clamp_start(self, proposal: Any) -> list[float]:
        return [axis.clamp(value) for axis, value in zip(self._arguments.axes, proposal["value"], strict=True)]

    @traitlets.validate("lr")
    def _clamp_lr(self, proposal: Any) -> float:
        return self._arguments.lr.clamp(proposal["value"])

    @traitlets.validate("steps")
    def _clamp_steps(self, proposal: Any) -> int:
        return min(max(proposal["value"], 0), MAX_STEPS)

    @traitlets.validate("values")
    def _clean_values(self, proposal: Any) -> dict[str, float]:
        return {
            slider.name: slider.clamp(proposal["value"].get(slider.name, slider.value))
            for slider in self._arguments.sliders
        }

    def _on_move(self, change: Any) -> None:
        if change["name"] == "values":
            self._draw_field()
        self._take_steps()

    def _fixed(self, values: Mapping[str, float]) -> dict[str, Any]:
        fixed = {**self._arguments.fixed, **values}
        return {
            name: torch.tensor(value, dtype=torch.get_default_dtype()) if isinstance(value, (float, list)) else value
            for name, value in fixed.items()
        }

    def _draw_field(self) -> None:
        frame = self._frame
        drawn = self._curve.field(frame) if self._curve else contours(self._f, frame, self._fixed(self.values))
        self._contours = drawn
        self.field = vars(self._contours)

    def _take_steps(self) -> None:
        """Take the steps again; from the last point if only the number of steps has grown."""
        same = (tuple(self.start), self.lr, tuple(self.values.items()))
        before = self.path.steps if same == self._path_of else ()
        start = dict(zip((axis.name for axis in self._arguments.axes), self.start, strict=True))
        fixed = self._fixed(self.values)
        self.path = descent_steps(self._f, start, fixed, self.lr, self.steps, before=before)
        self._path_of = same
        self.shown = view(self.path, self._frame, self.start, self.lr, self._name, self._curve)

    def _specification(self) -> dict[str, Any]:
        """The constant data: names, ranges, sizes, and every label in the lesson's language."""
        frame, lr = self._frame, self._arguments.lr
        across, up = frame.axes
        return {
            "title": f"{self._name}({', '.join(axis.name for axis in self._arguments.axes)})",
            "axes": [vars(axis) for axis in frame.axes],
            "sliders": [vars(slider) for slider in self._arguments.sliders],
            "lr": vars(lr),
            "width": frame.width,
            "height": frame.height,
            "margin": [TOP, RIGHT, BOTTOM, LEFT],
            "ticks": [across.ticks(frame.width / 50), up.ticks(frame.height / 45)],
            "history_size": list(HISTORY_SIZE),
            "max_steps": MAX_STEPS,
            "labels": {name: message(f"descend.{name}") for name in _LABELS},
        }

    def _svg(self) -> str:
        labels = self.spec["labels"] | {"loss": self._name, "lr": f"η = {self.lr:.4g}"}
        return paint(self._frame, self._contours, self.shown, self.spec["title"], labels)

    def __repr__(self) -> str:
        return f"{self.spec['title']}: {self.shown['summary'] or self.shown['note']}"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        bundle, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return bundle | {"image/svg+xml": self._svg(), "text/plain": repr(self)}, metadata
