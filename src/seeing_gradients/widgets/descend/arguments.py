"""Check the arguments of `descend`: one or two axes, sliders for the other numbers, everything else unchanged.

`setup(f, inputs, lr, start)` returns a Setup, or raises an error that names the argument and says how to fix it.
"""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from seeing_gradients.language import abridged, message
from seeing_gradients.picture.charts import Axis

from ..slider_ranges import default_range, default_step, fits_slider

_LR_SPAN = 25  # the learning-rate slider reaches from lr / 25 to lr * 25


@dataclass(frozen=True)
class Range(Axis):
    """An Axis for an input that the learner can change.

    Attributes:
        name, low, high: as in Axis.
        step: the change by one press of an arrow key.
        value: the initial value.
    """

    step: float
    value: float

    def clamp(self, value: float) -> float:
        """Return the value, or the nearer end if it lies outside the range.

        Raises:
            ValueError: it is no number.
        """
        if not _is_number(value):
            raise ValueError(message("descend.bad_number", name=self.name, received=abridged(value)))
        return float(min(max(value, self.low), self.high))


@dataclass(frozen=True)
class Setup:
    """The arguments of `descend`, checked.

    Attributes:
        axes: one or two Ranges, of the horizontal and the vertical axis.
        sliders: a Range for each other number.
        lr: the Range of the learning rate; its slider is logarithmic, so its `step` is not used.
        fixed: name -> value of every other argument of f.
    """

    axes: tuple[Range, ...]
    sliders: tuple[Range, ...]
    lr: Range
    fixed: dict[str, Any]


def setup(f: Callable[..., Any], inputs: Mapping[str, Any], lr: Any, start: Any) -> Setup:
    """Check the arguments of `descend` and return them as a Setup.

    Args:
        f: the loss.
        inputs: argument name -> (low, high), a number, or anything else.
        lr: float > 0, the initial learning rate.
        start: a tuple or list with one float for each range, inside it; the float itself if there is one range; or
            None.

    Raises:
        TypeError: f is not callable with these names, or a range contains something that is no number.
        ValueError: there are not two ranges, nor one range without other numbers; a range is empty; a list is not
            numeric; start lies outside the ranges; or lr is not positive and finite.
    """
    _check_names(f, inputs)
    ranges = {name: value for name, value in inputs.items() if isinstance(value, tuple)}
    numbers = {name: value for name, value in inputs.items() if _is_number(value)}
    if len(ranges) != 2 and (len(ranges) != 1 or numbers):
        raise ValueError(message("descend.two_axes", count=len(ranges), names=", ".join(ranges) or "-"))
    for name, value in numbers.items():
        if not fits_slider(value):
            raise ValueError(message("descend.bad_number", name=name, received=abridged(value)))
    if not _is_number(lr) or not (0 < lr and fits_slider(lr)):
        raise ValueError(message("descend.bad_lr", received=abridged(lr)))
    lows_highs = [_check_range(name, value) for name, value in ranges.items()]
    values = _check_start(list(ranges), lows_highs, start)
    axes = tuple(
        Range(name, low, high, default_step(low, high), value)
        for name, (low, high), value in zip(ranges, lows_highs, values, strict=True)
    )
    rest = {name: value for name, value in inputs.items() if name not in ranges and name not in numbers}
    for name, value in rest.items():
        _check_list(name, value)
    sliders = tuple(Range(name, *default_range(value), float(value)) for name, value in numbers.items())
    return Setup(axes, sliders, Range("lr", lr / _LR_SPAN, lr * _LR_SPAN, 0.0, float(lr)), rest)


def _check_names(f: Any, inputs: Mapping[str, Any]) -> None:
    if not callable(f):
        raise TypeError(message("descend.not_callable", received=type(f).__name__))
    try:
        inspect.signature(f).bind(**inputs)
    except TypeError as error:
        raise TypeError(message("descend.wrong_names", reason=str(error))) from None
    except ValueError:  # some built-in functions have no signature
        return


def _check_list(name: str, value: Any) -> None:
    if isinstance(value, list):
        try:
            torch.tensor(value, dtype=torch.get_default_dtype())
        except (TypeError, ValueError) as error:
            raise ValueError(message("descend.bad_list", name=name, reason=str(error))) from None


def _check_range(name: str, value: tuple[Any, ...]) -> tuple[float, float]:
    if len(value) != 2 or not all(map(_is_number, value)):
        raise TypeError(message("descend.bad_range", name=name, received=abridged(value)))
    low, high = value
    if not (fits_slider(low) and fits_slider(high) and float(low) < float(high)):
        raise ValueError(message("descend.bad_range", name=name, received=abridged(value)))
    return float(low), float(high)


def _check_start(names: Sequence[str], lows_highs: Sequence[tuple[float, float]], start: Any) -> list[float]:
    if start is None:  # a round number away from the middle of the range, where the minimum often lies
        return [
            _rounded(low + share * (high - low), (high - low) / 5)
            for (low, high), share in zip(lows_highs, (0.7, 0.6), strict=False)
        ]
    pair = list(start) if isinstance(start, (tuple, list)) else [start]
    if len(pair) != len(names) or not all(map(_is_number, pair)):
        raise ValueError(bad_start(len(names), start))
    for name, value, (low, high) in zip(names, pair, lows_highs, strict=True):
        if not low <= value <= high:
            raise ValueError(message("descend.start_outside", name=name, received=abridged(value), low=low, high=high))
    return [float(value) for value in pair]


def bad_start(count: int, start: object) -> str:
    """Return the sentence that a start is not one number, or two, as there are ranges."""
    return message("descend.bad_start" if count == 2 else "descend.bad_start_one", received=abridged(start))


def _rounded(value: float, size: float) -> float:
    """`value` rounded to a multiple of the largest power of ten that is not above `size`."""
    unit = 10.0 ** math.floor(math.log10(size))
    return round(round(value / unit) * unit, 12)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
