"""Derivatives by central differences in float64, to compare with what autograd computes.

`numerical_grad(f, x)` returns the whole gradient. `directional_check(f, x)` compares the slope along one direction with
autograd's, with four evaluations of f however large x is. `relative_error(a, b)` measures how far apart two gradients
are.

The step is h = eps^(1/3) * max(1, |x|), where eps is the precision of f's result. The difference is divided by
(x + h) - (x - h) as it is after rounding. See Press et al., "Numerical Recipes", 3rd ed., section 5.7, and Baydin et
al., "Automatic Differentiation in Machine Learning: a Survey" (2018), section 2.1: the truncation error falls with
h^2, the round-off error grows with 1/h.
"""

import math
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from seeing_gradients.language import abridged, message
from seeing_gradients.runtime import misfit, repeat_random_state, signature_of

from .evaluate import float64, fresh, is_differentiable, is_number, value_of

_REPEATED = 1000  # times the precision of f: how far two values of f at one point may differ by rounding


class DirectionalCheck(NamedTuple):
    """The slope of f along a direction v, computed in two ways, and how far apart the results are.

    Attributes:
        autograd: float, the dot product of v and the gradient that autograd computes.
        numerical: float, the central difference along v.
        error: float, the `relative_error` of the two.
    """

    autograd: float
    numerical: float
    error: float


def numerical_grad(f: Callable[..., Any], *args: Any, eps: float | None = None, **kwargs: Any) -> Any:
    """Differentiate f at its arguments by central differences in float64.

    It evaluates f twice for each element, and twice for each argument to see that f repeats itself, always from the
    same state of the random number generators of PyTorch, NumPy and Python: a dropout has one mask for all
    evaluations. Afterwards their state is as it was before.

    Args:
        f: function (*args, **kwargs) -> tensor of one element, or float.
        *args, **kwargs: where to differentiate. f receives numbers and (nested) lists of numbers as float64 tensors
            that require grad, and floating-point tensors and arrays as float64 copies on the CPU; it may write to them.
            Anything else it receives unchanged (other tensors and arrays as copies).
        eps: float > 0, the step h for every element; None for a step that suits the element and f's precision.

    Returns:
        for a single positional argument its gradient, else a dict from argument name to gradient. A gradient has the
        form of its argument: a float for a number, a (nested) list for a list, a float64 tensor or array of the same
        shape for a floating-point tensor or array, None for anything else. An element is nan if f is nan or infinite at the argument or a
        step beside it.

    Raises:
        TypeError: f is no function, cannot be called like this or returns something that is no real number; or an
            argument cannot become a float64 tensor with numbers in rows of one length.
        ValueError: f returns several elements, or another value when it is called again; or eps is no positive finite
            number.
        Exception: whatever f raises.
    """
    if eps is not None and not (is_number(eps) and 0 < eps < sys.float_info.max):
        raise ValueError(message("numeric.bad_step", received=abridged(eps)))
    if not callable(f):
        raise TypeError(message("numeric.not_callable", received=type(f).__name__))
    arguments = dict(zip(signature_of(f).positional_names(len(args)), args, strict=True)) | kwargs
    random_state = repeat_random_state()
    try:
        grads = {
            name: _gradient_of_argument(f, args, kwargs, list(arguments).index(name), eps, random_state)
            for name in arguments
        }
    except TypeError as error:
        if (unfit := misfit(f, args, kwargs)) is not None:
            raise TypeError(message("record.misfit", **unfit)) from error
        raise
    return grads[next(iter(grads))] if len(args) == 1 and not kwargs else grads


def directional_grad(f: Callable[..., Any], x: Any, v: Any, eps: float | None = None) -> float:
    """Return the slope of f at x along v by one central difference, (f(x + h v) - f(x - h v)) / 2h.

    Args:
        f: function of x as a float64 tensor of any shape -> tensor of one element, or float.
        x: floating-point tensor, (nested) list of numbers, or number.
        v: the direction, with the shape of x; its length need not be 1.
        eps: float > 0, the length of the step h v; None for a length that suits x and f's precision.

    Returns:
        float, approximately the dot product of v and the gradient of f at x; nan if f is nan or infinite at x.

    Raises:
        TypeError, ValueError: as for `numerical_grad`, or v does not have the shape of x.
    """
    center, v = float64(x), float64(v)
    if v.shape != center.shape:
        raise ValueError(message("numeric.direction_shape", v=tuple(v.shape), x=tuple(center.shape)))
    length = v.norm().item()
    if not length:
        return 0.0
    random_state = repeat_random_state()
    middle = value_of(f, (fresh(x, center),), {}, random_state)
    h = (eps or _step(middle, center.abs().max().item())) / length
    ahead, behind = (value_of(f, (fresh(x, center + sign * h * v),), {}, random_state).item() for sign in (1, -1))
    return (ahead - behind) / (2 * h) if middle.isfinite() else math.nan


def directional_check(f: Callable[..., Any], x: Any, v: Any = None) -> DirectionalCheck:
    """Compare autograd with a central difference along one direction.

    Args:
        f: function of x as a float64 tensor of any shape -> tensor of one element that requires grad.
        x: floating-point tensor, (nested) list of numbers, or number.
        v: the direction, with the shape of x; None for a random one, which is the same in each call.

    Returns:
        DirectionalCheck (autograd, numerical, error). In float64 an error below 1e-6 is a good sign, though a single
        direction cannot prove that every element of the gradient is right.

    Raises:
        TypeError, ValueError: as for `directional_grad`.
        RuntimeError: the result of f does not require grad.
    """
    center = float64(x)
    if v is None:
        v = torch.randn(center.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    numerical = directional_grad(f, x, v)
    leaf = center.clone().requires_grad_()
    (grad,) = torch.autograd.grad(value_of(f, (leaf.clone(),), {}, repeat_random_state()), leaf, allow_unused=True)
    slope = 0.0 if grad is None else (grad * float64(v)).sum().item()
    return DirectionalCheck(slope, numerical, relative_error(slope, numerical))


def relative_error(a: Any, b: Any) -> float:
    """Return |a - b| / max(|a|, |b|), where |.| is the Euclidean norm of all elements.

    Args:
        a, b: numbers, (nested) lists or tensors of the same shape.

    Returns:
        float from 0 to 2, 0 if a and b are equal; nan if either contains nan.

    Raises:
        ValueError: the shapes differ.
    """
    a, b = float64(a), float64(b)
    if a.shape != b.shape:
        raise ValueError(message("numeric.shapes_differ", a=tuple(a.shape), b=tuple(b.shape)))
    if torch.equal(a, b):
        return 0.0
    scale = torch.maximum(a.abs().max(), b.abs().max())  # so that squares neither overflow nor underflow
    a, b = a / scale, b / scale
    return ((a - b).norm() / torch.maximum(a.norm(), b.norm())).item()


def _gradient_of_argument(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    position: int,
    eps: float | None,
    random_state: repeat_random_state,
) -> Any:
    """The gradient with respect to the argument at a position, as `numerical_grad` returns it."""
    values = [*args, *kwargs.values()]
    x = values[position]
    if not is_differentiable(x):
        return None
    center = float64(x)

    def evaluate(point: Tensor) -> Tensor:
        copies = [fresh(value, point if i == position else None) for i, value in enumerate(values)]
        return value_of(f, copies[: len(args)], dict(zip(kwargs, copies[len(args) :], strict=True)), random_state)

    middle = evaluate(center)
    again = evaluate(center)
    if not torch.isclose(middle, again, rtol=_REPEATED * _precision(middle), atol=0.0, equal_nan=True):
        raise ValueError(message("numeric.not_repeatable", first=middle.item(), second=again.item()))
    grad = torch.full(center.shape, math.nan, dtype=torch.float64)
    if middle.isfinite():
        for i, x_i in enumerate(center.flatten().tolist()):
            grad.view(-1)[i] = _central_difference(evaluate, center, i, eps or _step(middle, abs(x_i)))
    if isinstance(x, np.ndarray):
        return grad.numpy()
    return grad if isinstance(x, torch.Tensor) else grad.tolist()


def _central_difference(evaluate: Callable[[Tensor], Tensor], center: Tensor, i: int, h: float) -> float:
    """The central difference with respect to element i of the flattened argument."""
    x = center.view(-1)[i].item()
    high, low = x + h, x - h
    ahead, behind = (evaluate(_with_element(center, i, value)).item() for value in (high, low))
    return (ahead - behind) / (high - low) if high > low else math.nan


def _with_element(tensor: Tensor, i: int, value: float) -> Tensor:
    """A copy of a tensor in which element i of the flattened tensor has another value."""
    copy = tensor.clone()
    copy.view(-1)[i] = value
    return copy


def _step(output: Tensor, size: float) -> float:
    """The step h for an argument of this absolute value and a result with the dtype of `output`."""
    return _precision(output) ** (1 / 3) * max(1.0, size)


def _precision(output: Tensor) -> float:
    return torch.finfo(output.dtype if output.is_floating_point() else torch.float64).eps
