"""Check the arguments of descend: one or two axes, sliders for the other numbers, everything else unchanged.

`setup(f, inputs, lr, start)` returns a Setup or raises an error that names the argument and the remedy.
"""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from seeing_gradients.language import message
from seeing_gradients.picture.charts import Axis

_LR_SPAN = 25  # the learning-rate slider reaches from lr / 25 to lr * 25


@dataclass(frozen=True)
class Range(Axis):
    """An input that can be moved: name, low and high of an Axis, and

    Attributes:
        step: what an arrow key moves.
        value: where it starts.
    """

    step: float
    value: float

    def clamp(self, value: float) -> float:
        """Return the value, or the nearer end if it lies outside the range."""
        return min(max(float(value), self.low), self.high)


@dataclass(frozen=True)
class Setup:
    """The arguments of descend, checked.

    Attributes:
        axes: one or two, across and up.
        sliders: the other numbers.
        lr: of the learning rate; its step has no meaning, its slider is logarithmic.
        fixed: whatever else f receives, by name.
    """

    axes: tuple[Range, ...]
    sliders: tuple[Range, ...]
    lr: Range
    fixed: dict[str, Any]


def setup(f: Callable[..., Any], inputs: Mapping[str, Any], lr: Any, start: Any) -> Setup:
    """Check the arguments of descend.

    Args:
        f: the loss.
        inputs: (low, high), a number, or anything else, by argument name.
        lr: float > 0.
        start: a float for each range, inside it, or None; the float itself where there is one range.

    Raises:
        TypeError: f is not callable with these names, or a range holds something that is no number.
        ValueError: neither two ranges nor a single one without other numbers, an empty range, a start outside them,
            lr not positive.
    """
    _check_names(f, inputs)
    ranges = {name: value for name, value in inputs.items() if isinstance(value, tuple)}
    numbers = {name: value for name, value in inputs.items() if _is_number(value)}
    if len(ranges) != 2 and (len(ranges) != 1 or numbers):
        raise ValueError(message("descend.two_axes", count=len(ranges), names=", ".join(ranges) or "-"))
    if not _is_number(lr) or not 0 < lr < math.inf:
        raise ValueError(message("descend.bad_lr", received=repr(lr)))
    lows_highs = [_ends(name, value) for name, value in ranges.items()]
    values = _start(list(ranges), lows_highs, start)
    axes = tuple(
        Range(name, low, high, _nice((high - low) / 100), value)
        for name, (low, high), value in zip(ranges, lows_highs, values, strict=True)
    )
    rest = {name: value for name, value in inputs.items() if name not in ranges and name not in numbers}
    for name, value in rest.items():
        _check_list(name, value)
    sliders = tuple(_around(name, float(value)) for name, value in numbers.items())
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


def _ends(name: str, value: tuple[Any, ...]) -> tuple[float, float]:
    if len(value) != 2 or not all(map(_is_number, value)):
        raise TypeError(message("descend.bad_range", name=name, received=repr(value)))
    low, high = map(float, value)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(message("descend.bad_range", name=name, received=repr(value)))
    return low, high


def _start(names: Sequence[str], lows_highs: Sequence[tuple[float, float]], start: Any) -> list[float]:
    if start is None:  # away from the middle, where the minimum often lies; a round number
        return [
            _rounded(low + share * (high - low), (high - low) / 5)
            for (low, high), share in zip(lows_highs, (0.7, 0.6), strict=False)
        ]
    pair = list(start) if isinstance(start, (tuple, list)) else [start]
    if len(pair) != len(names) or not all(map(_is_number, pair)):
        raise ValueError(message("descend.bad_start", received=repr(start)))
    for name, value, (low, high) in zip(names, pair, lows_highs, strict=True):
        if not low <= value <= high:
            raise ValueError(message("descend.start_outside", name=name, received=value, low=low, high=high))
    return [float(value) for value in pair]


def _around(name: str, value: float) -> Range:
    """A slider from 5 below to 5 above the number, or from 0 to its double where it is large."""
    span = max(5.0, abs(value))
    return Range(name, value - span, value + span, _nice(span / 100), value)


def _nice(size: float) -> float:
    """The largest of ..., 0.1, 0.2, 0.5, 1, 2, 5, ... that is at most size."""
    power = 10.0 ** math.floor(math.log10(size) + 1e-9)
    return max(factor * power for factor in (1, 2, 5) if factor * power <= size * (1 + 1e-9))


def _rounded(value: float, size: float) -> float:
    unit = 10.0 ** math.floor(math.log10(size))
    return round(round(value / unit) * unit, 12)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
