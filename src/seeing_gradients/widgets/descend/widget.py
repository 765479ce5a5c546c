"""The widget of `descend`: moving the start or a slider, or pressing a button, sets a trait, and Python recomputes.

The whole state is the traits start, lr, values and steps. The path follows from these four, so that all steps are
taken again, with the new learning rate, when the learner moves its slider.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
import traitlets

from seeing_gradients.language import message
from seeing_gradients.picture.charts import Frame
from seeing_gradients.picture.shapes import Shape
from seeing_gradients.runtime import repeat_random_state, restore_settings
from seeing_gradients.widgets.bundles import load_script, load_style
from seeing_gradients.widgets.page_widget import PageWidget, silent

from .arguments import Setup, bad_start, setup
from .descent_steps import DescentPath, descent_steps
from .loss_sampling import LossCurve, contours
from .picture import BOTTOM, LEFT, LOSS_BY_STEP_SIZE, RIGHT, TOP, field_shapes, frame_shapes, paint, view

MAX_STEPS = 500
_RATE_NOTCHES = 100  # intervals of the learning rate's slider; its middle is the initial one
_LABELS = (
    "step", "steps_10", "undo", "reset", "lr", "value", "gradient", "next_step", "start", "start_help", "plot",
    "plot_curve", "position", "uphill", "leads", "loss_by_step", "number_of_steps",
)  # fmt: skip


def descend(f: Callable[..., Any], *, lr: float = 0.02, start: Any = None, steps: int = 0, **inputs: Any) -> "Descent":
    """Show gradient descent on f over two of its inputs, or over its only input, as a widget.

    Args:
        f: the loss, function (**inputs) -> tensor of one element; numbers are passed as tensors () of the default
            dtype.
        lr: > 0, the initial learning rate; its slider goes from lr / 25 to lr * 25.
        start: the initial position: (a, b) in the order of the ranges, a for a single range; None for round numbers
            away from the middle of the ranges.
        steps: the initial number of steps.
        **inputs: the arguments of f. Two of them are ranges (low, high), the horizontal and the vertical axis; or one
            is, if there is no other number, and the curve over it is drawn. A number gets a slider around it. A list
            of numbers is passed as a tensor of the default dtype, anything else unchanged. An argument that is left
            out has its default in f.

    Returns:
        Descent, a widget; its traits start, lr, values and steps may also be set from Python.

    Raises:
        TypeError, ValueError: an argument is not as described. Errors of f are shown in the widget.
    """
    widget = Descent(f, setup(f, inputs, lr, start))
    widget.steps = steps
    return widget


class Descent(PageWidget):
    """The widget that `descend` returns.

    Attributes:
        start: list of one or two floats, the position at which the descent begins.
        lr: float, the learning rate.
        values: dict, name -> float, the other numbers.
        steps: int, the number of steps to take; fewer are taken if f fails or diverges.
        path: DescentPath, the steps that were taken.
        spec, field, shown: dicts for the page: what never changes; the contours or curve; the descent. data.d.ts
            declares them.
    """

    _esm = load_script("descend")
    _css = load_style("descend")
    start = traitlets.List(traitlets.CFloat(), minlen=1, maxlen=2).tag(sync=True)
    lr = traitlets.CFloat().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    steps = traitlets.CInt(0).tag(sync=True)
    spec = traitlets.Dict().tag(sync=True)
    field = traitlets.List().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, f: Callable[..., Any], arguments: Setup) -> None:
        self._f, self._arguments = f, arguments
        self._name = getattr(f, "__name__", type(f).__name__)
        self._name = "f" if self._name == "<lambda>" else self._name
        across, *more = arguments.axes
        self._random_state = repeat_random_state()
        with self._restored():
            self._curve = None if more else LossCurve(f, across, self._fixed({}), self._name)
        self._frame = Frame((across, self._curve.axis), 400, 320) if self._curve else Frame.of((across, more[0]))
        self.path, self._path_state = DescentPath(()), None
        self._contour_labels: list[Shape] = []
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
        axes, start = self._arguments.axes, proposal["value"]
        if len(start) != len(axes):
            raise traitlets.TraitError(bad_start(len(axes), start))
        return [axis.clamp(value) for axis, value in zip(axes, start, strict=True)]

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
        self.answered += 1

    @contextmanager
    def _restored(self) -> Iterator[None]:
        """Run f with the same random numbers each time; the generators and PyTorch's settings are as before afterwards."""
        with restore_settings(), self._random_state:
            yield

    def _fixed(self, values: Mapping[str, float]) -> dict[str, Any]:
        """The arguments of f besides the axes; numbers and lists become tensors."""
        fixed = {**self._arguments.fixed, **values}
        return {
            name: torch.tensor(value, dtype=torch.get_default_dtype()) if isinstance(value, (float, list)) else value
            for name, value in fixed.items()
        }

    def _draw_field(self) -> None:
        frame = self._frame
        with self._restored():
            lines = (
                self._curve.shapes(frame)
                if self._curve
                else contours(self._f, frame, self._fixed(self.values)).shapes()
            )
        self._contour_labels = [line for line in lines if line[0] == "level"]
        self.field = field_shapes(frame, [line for line in lines if line[0] != "level"])

    def _take_steps(self) -> None:
        """Take the steps again; if only the number of steps has changed, use the steps that are known already."""
        state = (tuple(self.start), self.lr, tuple(self.values.items()))
        before = self.path.steps if state == self._path_state else ()
        start = dict(zip((axis.name for axis in self._arguments.axes), self.start, strict=True))
        fixed = self._fixed(self.values)
        with self._restored():
            self.path = descent_steps(self._f, start, fixed, self.lr, self.steps, before=before)
        self._path_state = state
        self.shown = view(self.path, self._frame, self.start, self.lr, self._name, self._curve, self._contour_labels)

    def _specification(self) -> dict[str, Any]:
        """The data that never changes: names, ranges, sizes, and every label in the language in use."""
        frame, lr = self._frame, self._arguments.lr
        return {
            "title": f"{self._name}({', '.join(axis.name for axis in self._arguments.axes)})",
            "axes": [{**vars(axis), "scale": axis.scale} for axis in frame.axes],
            "sliders": [vars(slider) for slider in self._arguments.sliders],
            "lr": vars(lr),
            "width": frame.width,
            "height": frame.height,
            "margin": [TOP, RIGHT, BOTTOM, LEFT],
            "frame": frame_shapes(frame, self._curve is not None),
            "loss_by_step_size": list(LOSS_BY_STEP_SIZE),
            "max_steps": MAX_STEPS,
            "rate_notches": _RATE_NOTCHES,
            "labels": {name: message(f"descend.{name}") for name in _LABELS} | {"silent": silent("step")},
        }

    @contextmanager
    def without_page(self) -> Iterator["Descent"]:
        """Lend a copy that shows the same and sends nothing to a page."""
        copy = Descent(self._f, self._arguments)
        copy.close()
        copy.start, copy.lr, copy.values, copy.steps = self.start, self.lr, self.values, self.steps
        yield copy

    def static_markup(self) -> str:
        """Return the descent as SVG text."""
        labels = self.spec["labels"] | {"loss": self._name, "lr": f"η = {self.lr:.4g}"}
        background = [*self.field, *self.spec["frame"]]
        return paint(self._frame, background, self.shown, self.spec["title"], labels)

    def __repr__(self) -> str:
        return f"{self.spec['title']}: {self.shown['summary'] or self.shown['note']}"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        bundle, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return bundle | {"image/svg+xml": self.static_markup(), "text/plain": repr(self)}, metadata
