"""Difference quotients computed in float32 or float64, and their errors relative to autograd's derivative.

`quotient(f, x, h, precision, kind)` returns one Quotient; `slope(f, x)` returns the derivative to compare it with.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from seeing_gradients.recorder import record

PRECISIONS = {"float32": torch.float32, "float64": torch.float64}
KINDS = ("central", "one-sided")


@dataclass(frozen=True)
class Quotient:
    """One difference quotient; every number is rounded to its precision.

    Attributes:
        left, right: (x, f(x)) of the two points of the secant.
        difference: f(right) - f(left).
        value: the quotient.
    """

    left: tuple[float, float]
    right: tuple[float, float]
    difference: float
    value: float


class NotOneNumberError(Exception):
    """f does not return one real number; the text says what it returns."""


def _described(y: torch.Tensor) -> str:
    return f"{str(y.dtype).removeprefix('torch.')} {tuple(y.shape)}"


def slope(f: Callable[..., Any], x: float) -> float:
    """Return f'(x) as autograd computes it in float64.

    Args:
        f: function of a float64 tensor () -> tensor of one element.
        x: where to differentiate.

    Raises:
        RecordError: f does not return a tensor, or its result does not require grad.
        NotOneNumberError: f returns several numbers or a complex one.
        RuntimeError: the result of f does not depend on x.
    """
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        y = f(leaf)
        if not isinstance(y, torch.Tensor) or y.numel() == 1 and not y.requires_grad:
            record(f, x)  # which raises, and says why
        if not isinstance(y, torch.Tensor) or y.numel() != 1 or y.is_complex():
            raise NotOneNumberError(type(y).__name__ if not isinstance(y, torch.Tensor) else _described(y))
        (grad,) = torch.autograd.grad(y.reshape(()), leaf)
    return grad.item()


def value(f: Callable[..., Any], x: torch.Tensor) -> float:
    """Return f(x) as a float, for a tensor x of shape ()."""
    return float(f(x))


def quotient(f: Callable[..., Any], x: float, h: float, precision: str, kind: str) -> Quotient:
    """Compute (f(x + h) - f(x - h)) / 2h, or (f(x + h) - f(x)) / h, with every operation in one precision.

    Args:
        f: function of a tensor () -> tensor of one element.
        x: where to differentiate.
        h: > 0, the step.
        precision: "float32" or "float64".
        kind: "central" or "one-sided".
    """
    centre, step = (torch.tensor(number, dtype=PRECISIONS[precision]) for number in (x, h))
    with torch.no_grad():
        ends = (centre - step if kind == "central" else centre, centre + step)
        below, above = (f(end).reshape(()) for end in ends)
        width = 2 * step if kind == "central" else step
        difference = above - below
        result = difference / width
    left, right = [(end.item(), y.item()) for end, y in zip(ends, (below, above), strict=True)]
    return Quotient(left, right, difference.item(), result.item())


def errors(
    f: Callable[..., Any], x: float, steps: Sequence[float], precision: str, kind: str, exact: float
) -> list[float]:
    """Return |quotient - exact| for each step; nan where f fails.

    Args:
        f, x, precision, kind: as for `quotient`.
        steps: values of h.
        exact: the derivative.
    """
    return [_error(f, x, h, precision, kind, exact) for h in steps]


def _error(f: Callable[..., Any], x: float, h: float, precision: str, kind: str, exact: float) -> float:
    try:
        return abs(quotient(f, x, h, precision, kind).value - exact)
    except Exception:  # noqa: BLE001 - a gap in the plot; the step itself tells the learner why
        return math.nan
