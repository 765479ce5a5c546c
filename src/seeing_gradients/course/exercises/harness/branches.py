"""Runs a function with control flow: its gradients against central differences, and the paths that it takes."""

from contextlib import contextmanager

import torch

from seeing_gradients.recorder import record

_SCALES = (1.0, -1.0, 20.0, -20.0, 0.05)

_STEP, _TOLERANCE = 1e-6, 1e-4  # of the difference in float64; relative


def examined(answer, x):
    """(1 where the gradients agree with central differences on all test inputs, 1 where it took two paths); or what it gave."""
    with _doubles():
        first = answer(x.double().requires_grad_())
        return _examined(answer, x.double()) if isinstance(first, torch.Tensor) else first


def _examined(answer, x):
    agree, paths, kinds = [], set(), set()
    for scale in _SCALES:
        at = x * scale
        leaf = at.clone().requires_grad_()
        y = answer(leaf)
        (grad,) = torch.autograd.grad(y, leaf)
        if y.isfinite():  # a number too large for float64 says nothing about the slope
            agree.append(_agrees(answer, at, y.abs().item(), grad))
        nodes = record(answer, at.clone().requires_grad_()).nodes
        kinds.add(tuple(node.op for node in nodes))
        paths.add(tuple((node.op, _written(node)) for node in nodes))
    # a number that differs at every input was computed from it, and tells of no path
    several = len(kinds) > 1 or 1 < len(paths) < len(_SCALES)
    return float(any(agree) and all(agree)), float(several)


def _written(node):
    """The number that a constant is, an exponent in the program say; None of anything else."""
    return repr(node.values[0].numbers) if node.kind == "constant" and node.values[0] is not None else None


@contextmanager
def _doubles():
    """A tensor that an answer makes of plain numbers is float64, like the input."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _agrees(answer, at, size, grad):
    """Whether a gradient is the central difference, as far as that can be known of numbers of this size."""
    round_off = 100 * torch.finfo(torch.float64).eps * size / _STEP
    return torch.allclose(grad, _differences(answer, at), rtol=_TOLERANCE, atol=_TOLERANCE + round_off)


def _differences(answer, at):
    found = torch.zeros_like(at)
    for i in range(len(at)):
        step = torch.zeros_like(at)
        step[i] = _STEP * max(1.0, abs(at[i].item()))
        ahead, behind = (answer((at + sign * step).requires_grad_()).detach() for sign in (1, -1))
        found[i] = (ahead - behind) / (2 * step[i])
    return found
