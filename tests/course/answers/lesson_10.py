"""Wrong answers to the exercises of lesson 10."""

import torch


def no_graph(x, v):
    x = x.clone().requires_grad_()
    (first,) = torch.autograd.grad(x.sum() ** 3, x)
    return torch.autograd.grad(first @ v, x)[0]


WRITTEN = {
    ("10.4", "no_graph"): no_graph,
    ("10.4", "no_leaf"): lambda x, v: torch.autograd.grad(x.sum() ** 3, x, create_graph=True)[0],
    ("10.4", "matrix"): lambda x, v: torch.func.hessian(lambda x: x.sum() ** 3)(x) @ v,
}

# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "10.1": [(5, 5), (200, 200), (0, 0), (205, 205), (5, float("nan"))],
    "10.2": [
        lambda x, g: g,
        lambda x, g: -g * (1 + x) * x.exp(),
        lambda x, g: g.sum(),
        lambda x, g: g * (2 + x) * x.exp(),
        lambda x, g: torch.zeros_like(x),
        lambda x, g: g * x,
        lambda x, g: g * (1 + x),
        lambda x, g: (g * (1 + x) * x.exp()).sum(),
        lambda x, g: g * (1 - x) * x.exp(),
        lambda x, g: g.abs() * (1 + x) * x.exp() + 0.1,
        lambda x, g: x * (1 + g) * g.exp(),
    ],
    "10.3": [(32, 8, 4), (20, 4, 4), (0, 0, 0), (32, 4, 1), (32, 4, float("nan"))],
    "10.4": [
        lambda x, v: 6 * (x.sum() * v.sum()).abs() * torch.ones_like(x),
        lambda x, v: 6 * x.sum() * v.sum() * torch.ones(3),
        lambda x, v: v,
        lambda x, v: 6 * x * v + 1,
        lambda x, v: x @ v,
        lambda x, v: torch.zeros_like(x),
        lambda x, v: -6 * x.sum() * v.sum() * torch.ones_like(x),
        lambda x, v: 6 * x.sum() * v,
        lambda x, v: 3 * x.sum() ** 2 * v,
        lambda x, v: torch.full_like(x, 6.0),
        lambda x, v: (6 * x.sum() * v.sum()).expand(len(x)) + 1,
        lambda x, v: 6 * x.sum() * v.sum(),
        lambda x, v: 6 * x * v.sum() + 0.5,
        lambda x, v: 6 * x * v,
        lambda x, v: torch.func.hessian(lambda x: (x**3).sum())(x) @ v,
    ],
}


def hvp_by_dot(x, v):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad(x.sum() ** 3, x, create_graph=True)
    return torch.autograd.grad(g, x, v)[0]


def both_into_grad(x, v):
    x = x.clone().requires_grad_()
    (x.sum() ** 3).backward(create_graph=True)
    (x.grad @ v).backward()
    return x.grad


RIGHT = {
    "10.1": [torch.zeros(5, 200).shape],
    "10.2": [
        lambda x, g: torch.func.vjp(lambda t: t * t.exp(), x.double())[1](g.double())[0],
        lambda x, g: g * x.exp() + g * x * x.exp(),
        lambda x, g: (g.double() * (1 + x.double()) * x.double().exp()).numpy(),
    ],
    "10.4": [
        lambda x, v: torch.func.jvp(torch.func.grad(lambda t: t.sum() ** 3), (x,), (v,))[1],
        lambda x, v: (6 * x.sum() * v.sum()).expand(len(x)).numpy(),
        hvp_by_dot,
    ],
}

RECOGNISED = {("10.4", "accumulated"): [both_into_grad]}

PREDICTED = {"10.p1": 60.0, "10.p2": 1, "10.p3": 2}
