"""Turn arguments of explore into controls: `w=(-5.0, 5.0)` is a slider, `x=[1.0, 2.0]` a slider for each number.

`read_controls(f, args, kwargs)` makes the controls; `Control.value(numbers)` is the argument that f receives.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

import torch

from seeing_gradients.language import abridged, message
from seeing_gradients.recorder import is_too_deep
from seeing_gradients.runtime import parameters_of

from ..slider_ranges import default_range, default_step, fits_slider, round_number, without_noise

_MOST_SLIDERS = 64
_LARGEST_INTEGER = 2**53  # of a slider over integers: from here on a float, which the page has, skips some of them
_MOST_POSITIONS = 1e15  # of a slider; a float tells hardly more positions of a range apart
_LEAST_V_RANGE = 5.0  # how far the sliders of v reach at least,
_SMALL_V = 0.1  # unless all its numbers are smaller than this


@dataclass(frozen=True)
class Control:
    """One argument of f and its sliders.

    Attributes:
        name: of the argument.
        kind: "number", "vector", "integer", "switch" or "fixed".
        start: one number for each slider; empty for "fixed".
        low, high, step: of the sliders; 0 for "fixed".
        labels: one for each slider: "w", or "x[0]", "x[1]".
        form: the (nested) list of a vector, with indices into `start` in place of its numbers; for "fixed" the argument
            itself, which f receives unchanged.
        is_v: whether this is v, which weights the elements of f's output, rather than an argument of f.
    """

    name: str
    kind: Literal["number", "vector", "integer", "switch", "fixed"]
    start: tuple[float, ...]
    low: float
    high: float
    step: float
    labels: tuple[str, ...] = ()
    form: Any = None
    is_v: bool = False

    def value(self, numbers: Sequence[float]) -> Any:
        """Return the argument that f receives, built from one float for each slider."""
        if self.kind == "fixed":
            return self.form
        if self.kind == "switch":
            return bool(numbers[0])
        if self.kind == "integer":
            return torch.tensor(int(numbers[0]))
        return numbers[0] if self.kind == "number" else _filled(self.form, numbers)

    def position(self, numbers: Sequence[float]) -> Any:
        """Return the numbers in the form in which a learner writes them: 2.0, [1.0, 2.0], 3 or True."""
        value = self.value(numbers)
        return int(numbers[0]) if self.kind == "integer" else value

    def numbers(self, value: Any) -> list[float]:
        """Return one float for each slider from a value, moved into the range of the slider.

        Raises:
            TypeError, ValueError: the value does not have the form of this control.
        """
        flat = _flat(value.tolist() if isinstance(value, torch.Tensor) else value)
        if len(flat) != len(self.start) or not all(_is_number(x) or isinstance(x, bool) for x in flat):
            expected = abridged(self.position(list(self.start))) if self.kind != "fixed" else "-"
            raise ValueError(
                message("explore.bad_position", name=self.name, received=abridged(value), example=expected)
            )
        if not all(map(fits_slider, flat)):
            raise ValueError(message("explore.not_finite", name=self.name, received=abridged(value)))
        clamped = [min(max(float(x), self.low), self.high) for x in flat]
        return [round(x) for x in clamped] if self.kind in ("integer", "switch") else clamped


def read_controls(f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Control]:
    """Return the controls, in the order of f's parameters.

    Args:
        f: the function or nn.Module.
        args, kwargs: one abbreviation for each argument of f, see `control`.

    Raises:
        TypeError: f is not callable; an argument is unknown, missing, or a list in which not everything is a number.
        ValueError: a range is empty, a step is not positive, a list is empty or too long.
    """
    if not callable(f):
        raise TypeError(message("explore.not_callable", received=abridged(f)))
    parameters, any_name = _parameters(f, len(args))
    if len(args) > len(parameters):
        raise TypeError(message("explore.too_many", received=len(args), allowed=", ".join(parameters) or "-"))
    arguments = {**dict(zip(parameters, args, strict=False)), **kwargs}
    for name in kwargs:
        if name not in parameters and not any_name:
            raise TypeError(message("explore.unknown", name=name, allowed=", ".join(parameters) or "-"))
    for name, default in parameters.items():
        if name not in arguments and default is inspect.Parameter.empty:
            raise TypeError(message("explore.missing", name=name))
    ordered = [name for name in parameters if name in arguments]
    ordered += [name for name in arguments if name not in parameters]
    return [control(name, arguments[name], parameters.get(name)) for name in ordered]


def _parameters(f: Callable[..., Any], count: int) -> tuple[dict[str, Any], bool]:
    """({name: default} of the parameters, those of *args named as in `record`; whether f has **kwargs)."""
    parameters = parameters_of(f)
    if parameters is None:
        return dict.fromkeys((f"arg{i}" for i in range(9)), None), True
    named = {p.name: p.default for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)}
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        named |= {f"arg{i}": None for i in range(len(named), count)}
    named |= {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    return named, any(p.kind is p.VAR_KEYWORD for p in parameters)


def control(name: str, abbreviation: Any, default: Any = None) -> Control:
    """Return the Control for an abbreviation. A slider starts at the default, if it lies in the range.

    Args:
        name: of the argument.
        abbreviation: (low, high) or (low, high, step), number, (nested) list of numbers, range or bool; anything else,
            such as a tensor, dict or str, is fixed.
        default: the parameter's default in f.
    """
    if isinstance(abbreviation, bool):
        return Control(name, "switch", (float(abbreviation),), 0.0, 1.0, 1.0, (name,))
    if isinstance(abbreviation, range):
        return _integer(name, abbreviation, default)
    if _is_number(abbreviation):
        return _around(name, abbreviation)
    if isinstance(abbreviation, tuple) and abbreviation and all(map(_is_number, abbreviation)):
        return _between(name, abbreviation, default)
    if isinstance(abbreviation, list) and not _holds_objects(abbreviation):
        return _vector(name, abbreviation)
    return Control(name, "fixed", (), 0.0, 0.0, 0.0, form=abbreviation)


def _holds_objects(items: list[Any]) -> bool:
    """Whether a list is no list of numbers with a slip in it: it has no number at all, or objects that are no text."""
    if is_too_deep(items):
        return False
    flat = _flat(items)
    slips = bool | str | None
    return bool(flat) and not (
        any(map(_is_number, flat)) and all(_is_number(item) or isinstance(item, slips) for item in flat)
    )


def _integer(name: str, numbers: range, default: Any) -> Control:
    if not numbers:
        raise ValueError(message("explore.empty_range", name=name, received=abridged(numbers)))
    low, high = min(numbers[0], numbers[-1]), max(numbers[0], numbers[-1])
    if not -_LARGEST_INTEGER <= low <= high <= _LARGEST_INTEGER:
        raise ValueError(message("explore.large_range", name=name, received=abridged(numbers)))
    start = default if isinstance(default, int) and default in numbers else numbers[len(numbers) // 2]
    return Control(name, "integer", (start,), low, high, abs(numbers.step), (name,))


def _around(name: str, x: Any) -> Control:
    if not fits_slider(x):
        raise ValueError(message("explore.not_finite", name=name, received=abridged(x)))
    low, high, step = default_range(x)
    return Control(name, "number", (float(x),), low, high, step, (name,))


def _between(name: str, bounds: tuple[Any, ...], default: Any) -> Control:
    if len(bounds) not in (2, 3) or not all(_is_number(x) and fits_slider(x) for x in bounds):
        raise ValueError(message("explore.bad_range", name=name, received=abridged(bounds)))
    low, high = float(bounds[0]), float(bounds[1])
    if not low < high:
        raise ValueError(message("explore.empty_range", name=name, received=abridged(bounds)))
    step = float(bounds[2]) if len(bounds) == 3 else default_step(low, high)
    if not (high - low) / _MOST_POSITIONS <= step <= high - low:
        raise ValueError(message("explore.bad_step", name=name, received=abridged(bounds)))
    inside = _is_number(default) and low <= default <= high
    middle = (low + high) / 2 if len(bounds) == 2 else low + step * round((high - low) / 2 / step)
    start = float(default) if inside else middle
    return Control(name, "number", (without_noise(start, step),), low, high, step, (name,))


def _vector(name: str, items: list[Any]) -> Control:
    if is_too_deep(items):
        raise ValueError(message("explore.bad_argument", name=name, received=abridged(items)))
    items = _as_lists(items)
    flat = _flat(items)
    if not flat or len(flat) > _MOST_SLIDERS:
        raise ValueError(message("explore.bad_length", name=name, received=len(flat), most=_MOST_SLIDERS))
    if not all(_is_number(x) and fits_slider(x) for x in flat):
        raise TypeError(message("explore.bad_argument", name=name, received=abridged(items)))
    form = _indices_in_form(items, iter(range(len(flat))))
    labels = tuple(f"{name}[{', '.join(map(str, index))}]" for index in _indices(items))
    return Control(name, "vector", tuple(map(float, flat)), *_vector_range(flat), labels, form)


def v_range(numbers: Sequence[float]) -> tuple[float, float, float]:
    """Return (low, high, step) of the sliders of v, which stand at 0 and 1 exactly, and as far as the largest number.

    [1, 1] -> (-5, 5, 0.1), [1, 10, 100] -> (-100, 100, 1); around numbers below 0.1 as `default_range`.
    """
    largest = max(map(abs, numbers))
    if 0 < largest < _SMALL_V:
        return _vector_range(numbers)
    widest = round_number(max(largest, _LEAST_V_RANGE), up=True)
    return -widest, widest, _step_for([*numbers, 1.0], min(1.0, round_number(widest / 50, up=False)))


def _vector_range(numbers: Sequence[float]) -> tuple[float, float, float]:
    low, high, step = default_range(max(numbers, key=abs))
    widest = max(abs(low), abs(high))
    return -widest, widest, _step_for(numbers, step)


def _step_for(numbers: Iterable[float], step: float) -> float:
    """The first of step, step / 10 and step / 100 that makes every number a position of its slider; else step."""
    for finer in (step, step / 10, step / 100):
        if all(abs(x / finer - round(x / finer)) < 1e-6 for x in map(float, numbers)):
            return without_noise(finer, finer)
    return step


def _flat(items: Any) -> list[Any]:
    stack, flat = [items], []
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple):
            stack.extend(reversed(item))
        else:
            flat.append(item)
    return flat


def _as_lists(items: Any) -> Any:
    """A nested list whose rows may be tuples, as lists throughout."""
    return [_as_lists(item) for item in items] if isinstance(items, list | tuple) else items


def _indices_in_form(items: list[Any], indices: Iterator[int]) -> list[Any]:
    return [_indices_in_form(item, indices) if isinstance(item, list) else next(indices) for item in items]


def _filled(form: list[Any], numbers: Sequence[float]) -> list[Any]:
    return [_filled(item, numbers) if isinstance(item, list) else numbers[item] for item in form]


def _indices(items: list[Any], before: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    for i, item in enumerate(items):
        if isinstance(item, list):
            yield from _indices(item, (*before, i))
        else:
            yield (*before, i)


def _is_number(x: Any) -> bool:
    return isinstance(x, (int, float, Real)) and not isinstance(x, bool)
