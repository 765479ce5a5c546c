"""Runs a function with control flow: its gradients against central differences, and the paths that it takes."""

import torch

from helpers.record import record

_SCALES = (1.0, -1.0, 20.0, -20.0, 0.05)

_STEP, _TOLERANCE = 1e-6, 1e-4  # of the difference in float64; relative


def examined(answer, x):
    """(1 where the gradients agree with central differences on all test inputs, 1 where it took two paths); or what it gave."""
    first = answer(x.double().requires_grad_())
    if not isinstance(first, torch.Tensor):
        return first
    agree, paths, kinds = True, set(), set()
    for scale in _SCALES:
        at = x.double() * scale
        leaf = at.clone().requires_grad_()
        (grad,) = torch.autograd.grad(answer(leaf), leaf)
        agree &= torch.allclose(grad, _differences(answer, at), rtol=_TOLERANCE, atol=_TOLERANCE)
        nodes = record(answer, at.clone().requires_grad_()).nodes
        kinds.add(tuple(node.op for node in nodes))
        paths.add(tuple((node.op, _written(node)) for node in nodes))
    # a number that differs at every input was computed from it, and tells of no path
    several = len(kinds) > 1 or 1 < len(paths) < len(_SCALES)
    return float(agree), float(several)


def _written(node):
    """The number that a constant is, an exponent in the program say; None of anything else."""
    return repr(node.values[0].numbers) if node.kind == "constant" and node.values[0] is not None else None


def _differences(answer, at):
    found = torch.zeros_like(at)
    for i in range(len(at)):
        step = torch.zeros_like(at)
        step[i] = _STEP * max(1.0, abs(at[i].item()))
        ahead, behind = (answer((at + sign * step).requires_grad_()).detach() for sign in (1, -1))
        found[i] = (ahead - behind) / (2 * step[i])
    return found
