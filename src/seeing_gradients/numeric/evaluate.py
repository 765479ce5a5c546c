"""Evaluate a function in float64, even if it uses float32 constants or writes to its arguments."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_any, tree_map

from seeing_gradients.language import abridged, message
from seeing_gradients.runtime import repeat_random_state


class _WidenToFloat64(TorchFunctionMode):
    """Make an operation that mixes float64 with narrower floats compute in float64, as NumPy does.

    PyTorch computes in float32 if a 0-d float64 tensor meets a float32 tensor with dimensions, and float32 has too few
    digits for a difference quotient. In-place operations are left alone, since they cannot change a tensor's dtype.
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = getattr(func, "__name__", "")
        in_place = name.endswith("_") and not name.endswith("__")
        if not in_place and tree_any(_is_float64, (args, kwargs)):
            args, kwargs = tree_map(_widen, (args, kwargs))
        return func(*args, **(kwargs or {}))


def _is_float64(value: object) -> bool:
    return isinstance(value, Tensor) and value.dtype == torch.float64


def _widen(value: Any) -> Any:
    if isinstance(value, Tensor) and value.is_floating_point() and value.dtype != torch.float64:
        return value.double()
    return value


def value_of(
    f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], random_state: repeat_random_state
) -> Tensor:
    """Evaluate f(*args, **kwargs), and return the value as a real tensor of shape ().

    Args:
        f: function -> tensor of one element, array of one element, or number.
        args, kwargs: its arguments.
        random_state: in which f begins. If every evaluation of f draws the same random numbers, e.g. the mask of a
            dropout, differences between them are those of one function.

    Raises:
        TypeError: f returns something that is no real number.
        ValueError: f returns several elements.
        Exception: whatever f raises.
    """
    with random_state, torch.enable_grad(), _WidenToFloat64(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Converting a tensor with requires_grad=True to a scalar")  # math.sin(x)
        value = f(*args, **kwargs)
    if is_number(value):
        value = torch.tensor(float(value), dtype=torch.float64)
    elif isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "fiu":
        value = torch.from_numpy(np.array(value))
    if not isinstance(value, Tensor) or value.is_complex():
        kind = value.dtype if isinstance(value, Tensor) else type(value).__name__
        raise TypeError(message("numeric.not_a_number", received=str(kind)))
    if value.numel() != 1:
        raise ValueError(message("numeric.several_elements", shape=tuple(value.shape)))
    return value.reshape(())


def fresh(value: Any, point: Tensor | None = None) -> Any:
    """Return a copy of an argument that f may write to.

    Args:
        value: the argument that the user passed. It decides whether the copy requires grad.
        point: float64 tensor with the values of the copy; None for those of `value`.

    Returns:
        float64 tensor for a number, a list of numbers or a floating-point tensor; float64 array for a floating-point
        array; a copy of any other tensor or array; `value` itself if it is something else.
    """
    if not is_differentiable(value):
        if isinstance(value, np.ndarray):
            return value.copy()
        return value.detach().clone() if isinstance(value, Tensor) else value
    copy = (float64(value) if point is None else point).clone()
    if isinstance(value, np.ndarray):
        return copy.numpy()
    if isinstance(value, Tensor) and not value.requires_grad:
        return copy
    with torch.enable_grad():
        copy = copy.requires_grad_().clone()  # no leaf, since f could not write to a leaf in place
    copy.retain_grad()  # so that f can read its .grad all the same
    return copy


def float64(value: Any) -> Tensor:
    """Return a number, a (nested) list of numbers, an array or a tensor as a new, detached float64 tensor on the CPU.

    Raises:
        TypeError: a number or list cannot become such a tensor, or a tensor is not dense, or has no values.
    """
    if not isinstance(value, Tensor):
        try:
            return torch.tensor(value, dtype=torch.float64)
        except (TypeError, ValueError, OverflowError) as error:
            raise _bad_argument(value, str(error)) from error
    if value.layout != torch.strided or value.is_nested or value.is_meta:
        raise _bad_argument(value, "nested" if value.is_nested else "meta" if value.is_meta else str(value.layout))
    return value.detach().to(device="cpu", dtype=torch.float64, copy=True)


def _bad_argument(value: object, reason: str) -> TypeError:
    return TypeError(message("numeric.bad_argument", received=abridged(value), reason=reason))


def is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a value is an int or a float, or one of NumPy's, but no bool."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def is_differentiable(value: object) -> bool:
    """Return whether f can be differentiated with respect to a value.

    That is so for numbers, lists of numbers, and tensors and arrays of floats.

    Raises:
        TypeError: a list contains itself.
    """
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "f"
    if isinstance(value, Tensor):
        return value.is_floating_point()
    try:
        return _is_number_or_list(value)
    except RecursionError as error:  # a list that contains itself
        raise _bad_argument(value, str(error)) from None


def _is_number_or_list(value: object) -> bool:
    return is_number(value) or (isinstance(value, list) and all(map(_is_number_or_list, value)))
