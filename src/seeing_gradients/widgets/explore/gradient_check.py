"""The central-difference check: an independent second opinion on each gradient, in float64.

`check(f, controls, numbers, grads)` compares what autograd gave with what small steps of the inputs give.
"""

import math

import torch

from seeing_gradients.numeric import numerical_grad
from seeing_gradients.picture.layout import number
from seeing_gradients.runtime import time_limit

_TOLERANCE = 1e-3  # relative: float32 gradients against differences in float64
_ROUNDINGS = 2  # 1 - tanh² near 1: what is left of a float32 is its last bits, and so may be off by one or two
_MOST = 10_000  # elements of an output that is looked at
_STEP = 6e-6  # the cube root of float64's precision
_MAX_SECONDS = 1.0
UNKNOWN = ("", "")


def check(f, call, controls, inputs, grads, gradient=None, output=None):
    """Return one (number as text, sign) a slider: sign "=" where both agree, "≠" where not, "" where unknown.

    Args:
        f: the function.
        call: (f, dict of inputs) -> output; calls f by position or by name.
        controls: list of Control.
        inputs: dict from name to what f receives.
        grads: dict from name to tensor or None, of autograd.
        gradient: v for a vector output.
        output: tensor, what f returned, or None; against it a gradient may be nothing but rounding.
    """
    size = _size([output, *grads.values()])
    moving = {c.name: inputs[c.name] for c in controls if c.kind in ("number", "vector") and not c.weighs}

    def scalar(*moved):
        output = call(f, {**inputs, **dict(zip(moving, moved, strict=True))})
        return output if gradient is None else (output * torch.as_tensor(gradient)).sum()

    for method in (_quick, _careful):
        try:
            with time_limit(_MAX_SECONDS):
                found = method(scalar, moving)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - f refuses float64, or exits, say: no second opinion this way
            found = {}
        cells = [cell for c in controls for cell in _cells(c, found.get(c.name), grads.get(c.name), size)]
        if found and all(sign != "≠" for _, sign in cells):
            break
    return cells


def _quick(scalar, moving):
    """name -> gradient by central differences, as fast as f allows; inexact where f narrows to float32."""
    at = [torch.tensor(value, dtype=torch.float64) for value in moving.values()]
    return {name: _differences(scalar, at, place) for place, name in enumerate(moving)}


def _differences(scalar, at, place):
    found = []
    for i, x in enumerate(at[place].flatten().tolist()):
        h = _STEP * max(1.0, abs(x))
        ahead, behind = (_evaluate(scalar, at, place, i, x + sign * h) for sign in (1, -1))
        found.append((ahead - behind) / ((x + h) - (x - h)))
    return found


def _evaluate(scalar, at, place, i, x):
    moved = [t.clone() for t in at]
    moved[place].view(-1)[i] = x
    return float(scalar(*(t.requires_grad_() for t in moved)).detach())


def _careful(scalar, moving):
    """The same by `numerical_grad`, which widens float32 constants; by position, since an input may be called eps."""
    if not moving:
        return {}
    found = numerical_grad(scalar, *moving.values())
    return dict(zip(moving, found.values() if len(moving) > 1 else [found], strict=True))


def _size(tensors):
    """The largest element of an output and its gradients, at most 1."""
    return min(1.0, max((_largest(tensor) for tensor in tensors if tensor is not None), default=0.0))


def _largest(tensor):
    if tensor.numel() > _MOST:  # no copy of it is made here
        return 0.0
    try:
        largest = tensor.detach().abs().max().item()
    except (RuntimeError, NotImplementedError):  # it has none: empty, sparse, on the meta device
        return 0.0
    return largest if math.isfinite(largest) else 0.0


def _cells(control, found, grad, size):
    if found is None:
        return [UNKNOWN] * max(1, len(control.start))
    numerical = torch.as_tensor(found, dtype=torch.float64).flatten().tolist()
    analytic = [0.0] * len(numerical) if grad is None else grad.double().flatten().tolist()
    scale = max((abs(x) for x in [*numerical, *analytic] if math.isfinite(x)), default=0.0)
    rounding = 0.0 if grad is None else _ROUNDINGS * torch.finfo(grad.dtype).eps * size
    return [_cell(n, a, scale, rounding) for n, a in zip(numerical, analytic, strict=True)]


def _cell(numerical, analytic, scale, rounding):
    if math.isnan(numerical):
        return ("nan", "=" if math.isnan(analytic) else "")
    if abs(numerical) < 1e-9 * max(1.0, scale):
        numerical = 0.0  # round-off of the difference, not a slope
    allowed = _TOLERANCE * max(abs(numerical), abs(analytic), 1e-3 * scale, 1e-6)
    are_finite = math.isfinite(numerical) and math.isfinite(analytic)
    close = numerical == analytic or (are_finite and abs(numerical - analytic) <= max(allowed, rounding))
    return (number(_rounded(numerical)), "=" if close else "≠")


def _rounded(x):
    """x to seven digits: a difference has no more, and 12.0000000003 is 12."""
    return float(f"{x:.7g}")
