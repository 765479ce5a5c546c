"""The choices of `watch(make_model, ..., depth=(1, 20), activation=["relu", "tanh"])`: what each argument may be.

`read_choices(...)` makes a `Choice` of each argument, and says whether `make_model` or the optimizer receives it.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from seeing_gradients.language import abridged, message
from seeing_gradients.runtime import parameters_of

from .training import is_finite_number

_NOTCHES = 100  # positions of a slider over floats
_LOG_FROM = 20  # a slider whose ends differ by such a factor is logarithmic
_SPAN = 25  # the slider around a number reaches from a 25th to 25 times of it


@dataclass(frozen=True)
class Choice:
    """One argument with a control.

    Attributes:
        name: of the argument.
        kind: "integer", "number", "menu" or "switch".
        receiver: who receives it, "model" or "optimizer".
        start: its first value; of a menu the index.
        low, high: of a slider.
        log: whether the slider is logarithmic.
        options: of a menu.
    """

    name: str
    kind: Literal["integer", "number", "menu", "switch"]
    receiver: Literal["model", "optimizer"]
    start: float
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    options: tuple[Any, ...] = ()

    def value(self, number: float) -> Any:
        """Return what the function receives."""
        if self.kind == "menu":
            return self.options[int(number)]
        if self.kind == "switch":
            return bool(number)
        return int(number) if self.kind == "integer" else float(number)

    def number(self, value: Any) -> float:
        """Return the number that stands for a value, moved into the range of the slider.

        Raises:
            ValueError: there is no such option, or the value is no number.
        """
        if self.kind == "menu":
            for i, option in enumerate(self.options):
                if _is_same(option, value):
                    return i
            allowed = ", ".join(self.texts())
            raise ValueError(message("watch.no_option", name=self.name, received=abridged(value), allowed=allowed))
        if self.kind == "switch":
            return float(bool(value))
        if not is_finite_number(value):
            raise ValueError(message("watch.no_number", name=self.name, received=abridged(value)))
        clamped = min(max(float(value), self.low), self.high)
        return round(clamped) if self.kind == "integer" else clamped

    def clean(self, number: Any) -> float:
        """Return a number that the page sent as one that `value` takes."""
        if not is_finite_number(number):
            return self.start
        if self.kind == "menu":
            return min(max(int(number), 0), len(self.options) - 1)
        return float(bool(number)) if self.kind == "switch" else self.number(number)

    def texts(self) -> list[str]:
        """Return the options of a menu as text."""
        return [text_of(option) for option in self.options]

    def text(self, number: float) -> str:
        """Return a value as text: "20", "0.01", "relu"."""
        value = self.value(number)
        return f"{value:.3g}" if isinstance(value, float) else text_of(value)


def text_of(value: Any) -> str:
    """Return a value as short text; of a function or class its name."""
    return value if isinstance(value, str) else getattr(value, "__name__", None) or str(value)


def read_choices(make_model: Callable[..., Any], optimizer: Any, arguments: Mapping[str, Any]) -> list[Choice]:
    """Return the choices.

    Args:
        make_model: returns the model.
        optimizer: makes the optimizer from the parameters.
        arguments: name -> (low, high), list, bool or number.

    Raises:
        TypeError: nobody has an argument of that name, or the value is of another kind.
        ValueError: a range or list is empty.
    """
    choices = []
    for name, value in arguments.items():
        receiver = _receiver(make_model, optimizer, name)
        function = make_model if receiver == "model" else optimizer
        choices.append(_choice(name, value, receiver, _default(function, name)))
    return choices


def _receiver(make_model: Any, optimizer: Any, name: str) -> Literal["model", "optimizer"]:
    if name in _names(make_model):
        return "model"
    if name in _names(optimizer):
        return "optimizer"
    if _takes_any(make_model):
        return "model"
    allowed = [*_names(make_model), *_names(optimizer)[1:]]
    raise TypeError(message("watch.unknown_choice", name=name, allowed=", ".join(allowed) or "-"))


def _names(function: Any) -> list[str]:
    parameters = parameters_of(function) or []
    return [each.name for each in parameters if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)]


def _takes_any(function: Any) -> bool:
    return any(each.kind is each.VAR_KEYWORD for each in parameters_of(function) or [])


def _default(function: Any, name: str) -> Any:
    for each in parameters_of(function) or []:
        if each.name == name and each.default is not inspect.Parameter.empty:
            return each.default
    return None


def _choice(name: str, value: Any, receiver: Literal["model", "optimizer"], default: Any) -> Choice:
    if isinstance(value, bool):
        return Choice(name, "switch", receiver, float(value))
    if isinstance(value, (list, set, frozenset)):
        options = tuple(value)
        if not options:
            raise ValueError(message("watch.empty_menu", name=name))
        start = next((i for i, option in enumerate(options) if _is_same(option, default)), 0)
        return Choice(name, "menu", receiver, start, options=options)
    if isinstance(value, range) and len(value) > 1 and value.step == 1:
        return _range(name, (value[0], value[-1]), receiver, default)
    if isinstance(value, tuple):
        return _range(name, value, receiver, default)
    if isinstance(value, (int, float)) and is_finite_number(value) and value > 0:
        return _around(name, value, receiver)
    raise TypeError(message("watch.bad_choice", name=name, received=abridged(value)))


def _is_same(option: Any, value: Any) -> bool:
    """Whether two options are one; tensors and arrays, which compare elements, are so only if they are one object."""
    return option is value or (not hasattr(option, "__array__") and not hasattr(value, "__array__") and option == value)


def _range(name: str, value: tuple[Any, ...], receiver: Literal["model", "optimizer"], default: Any) -> Choice:
    if len(value) != 2 or not all(map(is_finite_number, value)):
        raise TypeError(message("watch.bad_choice", name=name, received=abridged(value)))
    low, high = value
    if not low < high:
        raise ValueError(message("watch.empty_range", name=name, received=abridged(value)))
    log = low > 0 and high / low >= _LOG_FROM and not (isinstance(low, int) and isinstance(high, int))
    is_inside = is_finite_number(default) and low <= default <= high
    if isinstance(low, int) and isinstance(high, int):
        return Choice(name, "integer", receiver, int(default) if is_inside else (low + high) // 2, low, high)
    middle = math.sqrt(low * high) if log else (low + high) / 2
    start = default if is_inside else float(f"{middle:.2g}")
    return Choice(name, "number", receiver, float(start), float(low), float(high), log)


def _around(name: str, value: float, receiver: Literal["model", "optimizer"]) -> Choice:
    if isinstance(value, int):
        return Choice(name, "integer", receiver, value, 1, max(2 * value, 2))
    return Choice(name, "number", receiver, value, value / _SPAN, value * _SPAN, log=True)
