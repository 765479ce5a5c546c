"""What goes into f: the names of its arguments, numbers made leaves, and what is refused."""

import reprlib
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import torch
from torch import Tensor

from seeing_gradients.runtime import signature_of

from .errors import ArgumentError

_LONGEST = 86_400  # seconds of a time limit: a day
_DEEPEST = 64  # as many dimensions as a tensor can have


def as_leaf(argument: Any) -> Any:
    """A number or a (nested) list of numbers as a float32 leaf that requires grad; anything else as it is.

    Raises:
        ArgumentError: a list that is no tensor, or a number too large for one.
    """
    is_list = isinstance(argument, list)
    if is_list and is_too_deep(argument):
        raise ArgumentError("record.too_deep", received=reprlib.repr(argument), most=_DEEPEST)
    if not (_all_numbers(argument) if is_list else _is_number(argument)):
        return argument
    dtype = None if isinstance(argument, complex) else torch.get_default_dtype()
    try:
        return torch.tensor(argument, dtype=dtype, requires_grad=True)
    except (ValueError, OverflowError) as error:  # rows of unequal length; an int too large for a float
        key = "record.bad_list" if is_list else "record.bad_number"
        raise ArgumentError(key, received=_short(argument), reason=str(error)) from error


def is_too_deep(items: list[Any]) -> bool:
    """Whether lists are nested deeper than any tensor, a list that contains itself included."""
    level = [items]
    for _ in range(_DEEPEST):
        inside = {id(item): item for part in level for item in part if isinstance(item, list)}
        if not inside:
            return False
        level = list(inside.values())
    return True


def _all_numbers(items: list[Any]) -> bool:
    return all(
        _all_numbers(item) if isinstance(item, list) else isinstance(item, (int, float)) and not isinstance(item, bool)
        for item in items
    )


def _is_number(argument: object) -> bool:
    if isinstance(argument, (bool, torch.Tensor)):
        return False
    return isinstance(argument, (int, float, complex, Real))  # Real: NumPy's numbers and fractions, too


def check_limits(max_ops: Any, max_seconds: Any, backwards: Any) -> None:
    """Refuse limits that cannot be limits.

    Raises:
        ArgumentError: max_ops is no whole number from 1, max_seconds neither None nor positive, backwards not 1 to 9.
    """
    if not isinstance(max_ops, int) or isinstance(max_ops, bool) or max_ops < 1:
        raise ArgumentError("record.max_ops", received=_short(max_ops))
    if max_seconds is not None and not (_is_real(max_seconds) and 0 < max_seconds <= _LONGEST):
        raise ArgumentError("record.max_seconds", received=_short(max_seconds), most=_LONGEST)
    if backwards not in range(1, 10):
        raise ArgumentError("record.backwards", received=backwards)


def _is_real(value: object) -> bool:
    return type(value) is float or (isinstance(value, Real) and not isinstance(value, bool))


def check_tensors(tensors: dict[str, Tensor]) -> None:
    """Refuse what has no shape.

    Args:
        tensors: dict from name to tensor.

    Raises:
        ArgumentError: one is nested.
    """
    for name, tensor in tensors.items():
        if tensor.is_nested:
            raise ArgumentError("record.nested_tensor", name=name)


def argument_names(f: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[str]:
    """Return the names of the arguments, positional first.

    Raises:
        ArgumentError: f is not callable, or takes no argument of that name.
    """
    if not callable(f):
        raise ArgumentError("record.not_callable", received=type(f).__name__)
    signature = signature_of(f)
    unknown = [name for name in kwargs if name not in signature.names]
    if unknown and not signature.takes_any_name:
        raise ArgumentError("record.unknown_argument", name=unknown[0], allowed=", ".join(signature.names) or "-")
    return [*signature.positional_names(len(args)), *kwargs]


def _short(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - an int of too many digits, or a class of the learner's own
        text = type(value).__name__
    return text if len(text) <= 60 else f"{text[:57]}..."
