"""Handle arguments of f that have the name of an option: for `record` pass them by position, for `explore` refuse them.

`recorded(f, args, kwargs, options)` is record for any names; `check_options` and `check_passing` say what cannot be.
"""

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from numbers import Number
from typing import Any

import torch

from seeing_gradients.language import message
from seeing_gradients.recorder import Record, record
from seeing_gradients.runtime import BY_POSITION, VARIADIC, parameters_of

_OPTIONS = {p.name for p in parameters_of(record) or () if p.kind not in VARIADIC}


def recorded(
    f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], options: Mapping[str, Any]
) -> Record:
    """Return record(f, *args, **kwargs, **options), even if an input has the name of an option of record.

    Raises:
        TypeError: such an input cannot go by position.
        RecordError: as `record`; and whatever else it raises.
    """
    args, kwargs = _moved_to_positions(f, args, kwargs)
    return record(f, *args, **options, **kwargs)


def check_passing(f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Refuse inputs that `recorded` could not pass.

    Raises:
        TypeError: one has the name of an option of record, and cannot go by position.
    """
    _moved_to_positions(f, args, kwargs)


def check_options(f: Callable[..., Any], count: int, used_options: Collection[str], options: Collection[str]) -> None:
    """Refuse an f with an argument that has the name of an option of explore, so that f would never receive it.

    Args:
        f: anything; what is not callable passes.
        count: how many arguments are passed by position, which need no name.
        used_options: names of the options that were passed.
        options: names of all options.

    Raises:
        TypeError: f needs such an argument by name, or has it and the option was passed.
    """
    for i, parameter in enumerate(parameters_of(f) or ()):
        by_position = parameter.kind in BY_POSITION and i < count
        if parameter.name not in options or parameter.kind in VARIADIC or by_position:
            continue
        if parameter.name in used_options or parameter.default is inspect.Parameter.empty:
            raise TypeError(message("explore.option_name", name=parameter.name))


def _moved_to_positions(
    f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """args and kwargs, with enough of kwargs moved to args that no name of an option of record remains."""
    clashing = [name for name in kwargs if name in _OPTIONS]
    if not clashing:
        return args, kwargs
    parameters = [parameter for parameter in parameters_of(f) or () if parameter.kind in BY_POSITION]
    names = [parameter.name for parameter in parameters]
    for name in clashing:
        if name not in names:
            raise TypeError(message("explore.record_name", name=name))
    args, kwargs = list(args), dict(kwargs)
    for parameter in parameters[len(args) : max(map(names.index, clashing)) + 1]:
        if parameter.name not in kwargs and not _stays_as_it_is(parameter.default):
            raise TypeError(message("explore.record_name", name=clashing[-1]))
        args.append(kwargs.pop(parameter.name, parameter.default))
    return args, kwargs


def _stays_as_it_is(default: Any) -> bool:
    """Whether a default may be passed explicitly: record would make a leaf of a number, and an input of a tensor."""
    numbers = Number, list, torch.Tensor
    return isinstance(default, bool) or not (isinstance(default, numbers) or default is inspect.Parameter.empty)
