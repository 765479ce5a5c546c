"""Wrong answers that compute differences where a formula is asked for: they all are right on ordinary numbers."""

import torch

STEPS = [(1e-3, False), (1e-5, False), (1e-5, True), (1e-6, True)]  # (step, whether it is relative to the number moved)


def jacobian(f, x, step, relative=False, sides=(1, -1)):
    """The derivative of f (...) at x in float64, one element after the other, of shape (..., *x.shape)."""
    x, columns = torch.as_tensor(x).double(), []
    for i in range(x.numel()):
        moved = []
        size = step * float(x.reshape(-1)[i].abs()) if relative else step
        for side in sides:
            other = x.clone()
            other.view(-1)[i] += side * size
            moved.append(f(other))
        columns.append((moved[0] - moved[1]) / ((sides[0] - sides[1]) * size))
    return torch.stack(columns, -1).reshape((*columns[0].shape, *x.shape))


def gradient(f, x, *settings, **more):
    """Likewise of a scalar."""
    return jacobian(f, x, *settings, **more).reshape(torch.as_tensor(x).shape)


def in_float32(f, x, step):
    """A gradient by central differences in float32, which has few digits for them."""
    result = torch.zeros_like(x)
    for i in range(x.numel()):
        up, down = x.clone(), x.clone()
        up.view(-1)[i] += step
        down.view(-1)[i] -= step
        result.view(-1)[i] = (f(up) - f(down)) / (2 * step)
    return result
