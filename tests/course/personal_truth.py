"""The answers of the exercises that vary, computed by PyTorch from the English statement alone.

`COMPUTED["02.1"](statement)` is a tuple of numbers; `numbers("02.1", statement)` reads those of the exercise.
"""

import re
from functools import cache

import torch
from torch.autograd import forward_ad
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.checkpoint import checkpoint

_NUMBERS = {
    "00.1": r"squares of (\d+), (\d+) and (\d+)",
    "01.3": r"Linear\((\d+), (\d+)\)`, a ReLU, `Linear\(\2, 1\)",
    "02.1": r"\$x = (-?\d+)\$, \$y = (-?\d+)\$, \$w = (-?\d+)\$, \$b = (-?\d+)\$",
    "02.6": r"`x` is (\d+) .*\((\d+) \* x\)",
    "03.1": r"y = (\d+).*x = \((-?\d+), (-?\d+)\)",
    "04.3": r"L = (\d+) y_0 - (\d+) y_1 .*\(y_2 - (\d+)\)",
    "05.1": r"x = (\d+)\$",
    "06.1": r"a = (\d+)",
    "07.1": r"x\^3 \+ (\d+)x\^2\$ at \$x = (\d+)",
    "07.7": r"loss has (\d+) inputs",
    "10.1": r"(\d+) inputs and (\d+) outputs",
    "10.3": r"chain has (\d+) .* into (\d+) segments",
}


def numbers(id, statement, kind=float):
    """Return the numbers of an exercise, read from its English statement."""
    return [kind(number) for number in re.search(_NUMBERS[id], statement).groups()]


def leaf(number):
    """Return a tensor of this number, or list of numbers, that requires grad."""
    return torch.tensor(number, requires_grad=True)


def _squares(statement):
    return ((torch.tensor(numbers("00.1", statement)) ** 2).sum().item(),)


def _count(statement):
    a, b = numbers("01.3", statement, int)
    net = torch.nn.Sequential(torch.nn.Linear(a, b), torch.nn.ReLU(), torch.nn.Linear(b, 1))
    net(torch.ones(a)).sum().backward()  # one backward pass computes all gradients
    n = sum(p.grad.numel() for p in net.parameters())
    return 2 * n, n + 1, 1


def _loss(statement):
    x, y, w, b = numbers("02.1", statement)
    w, b = leaf(w), leaf(b)
    ((w * x + b - y) ** 2).backward()
    return w.grad.item(), b.grad.item()


def _accumulated(statement):
    start, c = numbers("02.6", statement)
    x = leaf(start)
    (x**3).backward()
    g = x.grad
    (c * x).backward()
    return g.item(), x.grad.item()


def _norm(statement):
    c, *start = numbers("03.1", statement)
    x = leaf(start)
    y = c * x @ x
    y.backward()
    return y.item(), *x.grad.tolist()


def _weights(statement):
    p, q, s = numbers("04.3", statement)
    x = leaf([1.0, 2.0])
    y = torch.stack([x[0] * x[1], x[0] ** 2, x[1] + 3 * x[0]])
    loss = p * y[0] - q * y[1] + (y[2] - s) ** 2 / 2
    (v,) = torch.autograd.grad(loss, y, retain_graph=True)
    (gradient,) = torch.autograd.grad(loss, x, retain_graph=True)
    assert torch.equal(torch.autograd.grad(y, x, v)[0], gradient)
    return *v.tolist(), *gradient.tolist()


def _detached(statement):
    x = leaf(*numbers("05.1", statement))
    u = x**2
    (u.detach() * x + u).backward()
    return (x.grad.item(),)


def _loop(statement):
    (start,) = numbers("06.1", statement)
    slopes = []
    for a in (leaf(start), leaf(-start)):
        b, rounds = a * 2, 0
        while b.norm() < 1000:
            b, rounds = b * 2, rounds + 1
        (b if b.sum() > 0 else 100 * b).backward()
        slopes.append(a.grad.item())
    return rounds, *slopes


def _twice(statement):
    c, start = numbers("07.1", statement)
    x = leaf(start)
    (first,) = torch.autograd.grad(x**3 + c * x**2, x, create_graph=True)
    return first.item(), torch.autograd.grad(first, x)[0].item()


def _hessian(statement):
    """(passes for all rows of H, passes for one product H u, numbers in H)."""
    (n,) = numbers("07.7", statement, int)
    x, u = torch.rand(n, requires_grad=True), torch.rand(n)
    (g,) = torch.autograd.grad((x * x).sum() ** 2, x, create_graph=True)
    rows = [torch.autograd.grad(element, x, retain_graph=True)[0] for element in g]
    products = [torch.autograd.grad(g, x, u)[0]]
    whole = torch.stack(rows)
    assert torch.allclose(products[0], whole @ u, rtol=1e-4)
    return len(rows), len(products), whole.numel()


def _passes(statement):
    """(passes in reverse mode, passes in forward mode) for the whole Jacobian."""
    inputs, outputs = numbers("10.1", statement, int)
    whole, x = torch.rand(outputs, inputs), torch.zeros(inputs, requires_grad=True)
    rows = [torch.autograd.grad(y, x, retain_graph=True)[0] for y in whole @ x]
    columns = []
    for direction in torch.eye(inputs):
        with forward_ad.dual_level():
            columns.append(forward_ad.unpack_dual(whole @ forward_ad.make_dual(torch.zeros(inputs), direction)).tangent)
    assert torch.equal(torch.stack(rows), whole)
    assert torch.equal(torch.stack(columns, dim=1), whole)
    return len(rows), len(columns)


def _checkpointed(statement):
    """(evaluations of blocks, tensors saved in forward, tensors saved while one segment runs again)."""
    blocks, segments = numbers("10.3", statement, int)
    ran, saved, inside = [], [], []

    def segment(x):
        before = len(saved)
        for _ in range(blocks // segments):
            ran.append(x)
            x = x.sin()  # saves its input
        inside.append(len(saved) - before)
        return x

    x = y = torch.ones(1, requires_grad=True)
    with saved_tensors_hooks(lambda tensor: saved.append(tensor) or tensor, lambda tensor: tensor):
        for _ in range(segments):
            y = checkpoint(segment, y, use_reentrant=True)
        num_held = len(saved)
        y.backward()
    assert x.grad is not None and set(inside[:segments]) == {0}
    (num_inside,) = set(inside[segments:])
    return len(ran), num_held, num_inside


_COMPUTATIONS = {
    "00.1": _squares,
    "01.3": _count,
    "02.1": _loss,
    "02.6": _accumulated,
    "03.1": _norm,
    "04.3": _weights,
    "05.1": _detached,
    "06.1": _loop,
    "07.1": _twice,
    "07.7": _hessian,
    "10.1": _passes,
    "10.3": _checkpointed,
}

COMPUTED = {id: cache(computation) for id, computation in _COMPUTATIONS.items()}  # many names get the same statement
