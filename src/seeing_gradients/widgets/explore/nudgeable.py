"""What can be nudged: a slider, one element of a tensor, or a whole tensor along its gradient.

`nudgeable(controls)` lists them by label: "w", "x[0]" for an element, "x" for all elements of x together.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seeing_gradients.recorder import Record

from .controls import Control

_MOST_ELEMENTS = 16  # of a fixed tensor that the page lists one by one


@dataclass(frozen=True)
class Nudged:
    """An input that can be nudged.

    Attributes:
        control: of the argument of f.
        first: the number of the argument's first slider; of a fixed tensor the number that it would have.
        element: the index among all elements of the argument; None for all of them together.
    """

    control: Control
    first: int
    element: int | None

    @property
    def is_whole(self) -> bool:
        return self.element is None

    def direction(self, record: Record) -> np.ndarray:
        """Return the unit vector along which the elements move, (n,) in float64.

        All elements together move along their gradient in a record; if that is 0 or there is none, each by the same.
        """
        grad = record.grads.get(self.control.name)
        count = len(self.control.start) or self.control.form.numel()
        along = np.zeros(count)
        if self.element is not None:
            along[self.element] = 1.0
        elif grad is not None:
            along = grad.detach().double().flatten().numpy()
        length = np.linalg.norm(along)
        return along / length if 0 < length < math.inf else np.full(count, 1 / math.sqrt(count))

    def value(self, position: Sequence[float]) -> float:
        """Return the present value of the element that moves."""
        assert self.element is not None
        if self.control.kind != "fixed":
            return position[self.first + self.element]
        return float(self.control.form.detach().flatten()[self.element])

    def moved(self, position: Sequence[float], delta: np.ndarray) -> tuple[list[float], dict[str, Any]]:
        """Return (the sliders' position, the arguments without sliders) with the elements moved by delta, (n,)."""
        moved, form = list(position), self.control.form
        if self.control.kind != "fixed":
            for i, step in enumerate(delta.tolist(), self.first):
                moved[i] += step
            return moved, {}
        step = torch.from_numpy(delta).reshape(form.shape)
        value = (form.detach().double() + step.to(form.device)).to(form.dtype)
        return moved, {self.control.name: value.requires_grad_()}


def nudgeable(controls: Iterable[Control]) -> dict[str, Nudged]:
    """Return what can be nudged, by label; of a large fixed tensor only the whole and its first elements."""
    inputs: dict[str, Nudged] = {}
    first = 0
    for control in controls:
        for label, element in _labels(control):
            inputs[label] = Nudged(control, first, element)
        first += len(control.start)
    return inputs


def nudge_labels_of(control: Control) -> list[str]:
    """Return the labels of what can be nudged in one argument."""
    return [label for label, _ in _labels(control)]


def _labels(control: Control) -> list[tuple[str, int | None]]:
    """(label, index of the element, None for all) of each part of an argument that can be nudged."""
    if control.is_v:
        return []
    if control.kind in ("number", "vector"):
        elements: list[tuple[str, int | None]] = [(label, i) for i, label in enumerate(control.labels)]
        return [*elements, (control.name, None)] if len(elements) > 1 else elements
    form = control.form
    if control.kind != "fixed" or not _is_movable(form):
        return []
    if not form.ndim:
        return [(control.name, 0)]
    elements = []
    for i in range(min(form.numel(), _MOST_ELEMENTS)):
        index = ", ".join(str(int(k)) for k in np.unravel_index(i, tuple(form.shape)))
        elements.append((f"{control.name}[{index}]", i))
    return [(control.name, None), *elements]


def _is_movable(form: Any) -> bool:
    is_plain = isinstance(form, Tensor) and form.is_leaf and form.requires_grad and form.layout == torch.strided
    return is_plain and form.is_floating_point() and form.numel() > 0 and not (form.is_meta or form.is_nested)
