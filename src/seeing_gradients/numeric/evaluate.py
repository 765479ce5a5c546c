"""Evaluate a function in float64, whatever dtype it computes in and whatever it does to its arguments."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_any, tree_map

from seeing_gradients.language import message


class _Widen(TorchFunctionMode):
    """Compute in float64 where an operation mixes float64 with narrower floats, as NumPy does.

    A float32 constant or parameter of f would otherwise pull a 0-d float64 argument down to float32, whose seven
    digits drown the difference. In-place operations keep the dtype of what they write to.
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


def value_of(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor:
    """Evaluate f, and return its value as a tensor of shape ()."""
    with torch.enable_grad(), _Widen(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Converting a tensor with requires_grad=True to a scalar")  # math.sin(x)
        value = f(*args, **kwargs)
    if is_number(value):
        value = torch.tensor(float(value), dtype=torch.float64)
    if not isinstance(value, Tensor) or value.is_complex():
        kind = value.dtype if isinstance(value, Tensor) else type(value).__name__
        raise TypeError(message("numeric.not_a_number", received=str(kind)))
    if value.numel() != 1:
        raise ValueError(message("numeric.several_elements", shape=tuple(value.shape)))
    return value.reshape(())


def fresh(value: Any, point: Tensor | None = None) -> Any:
    """A copy that f may write to: of the tensor `point` in place of value, or of value itself."""
    if not is_differentiable(value):
        return value.detach().clone() if isinstance(value, Tensor) else value
    copy = (float64(value) if point is None else point).clone()
    if isinstance(value, Tensor) and not value.requires_grad:
        return copy
    with torch.enable_grad():
        copy = copy.requires_grad_().clone()  # no leaf: f may write to it in place
    copy.retain_grad()  # and yet f may read its .grad
    return copy


def float64(value: Any) -> Tensor:
    """A number, a (nested) list of numbers or a tensor as a new float64 tensor on the CPU, off the graph."""
    if isinstance(value, Tensor):
        return value.detach().to(device="cpu", dtype=torch.float64, copy=True)
    return torch.tensor(value, dtype=torch.float64)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether it is an int or a float, and no bool."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_differentiable(value: object) -> bool:
    """Whether f can be differentiated with respect to it: a number, a list of numbers, a tensor of floats."""
    if isinstance(value, Tensor):
        return value.is_floating_point()
    return _is_number_or_list(value)


def _is_number_or_list(value: object) -> bool:
    return is_number(value) or (isinstance(value, list) and all(map(_is_number_or_list, value)))
