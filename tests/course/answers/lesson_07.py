"""Wrong answers to the exercises of lesson 07."""

import math

import torch


def prepared(x):
    x = x.clone().requires_grad_()
    return x, torch.sin(x) * torch.exp(x)


def second_without_a_graph(x):
    x, y = prepared(x)
    (first,) = torch.autograd.grad(y.sum(), x)
    (second,) = torch.autograd.grad(first.sum(), x)
    return second


def backward_twice(x):
    x, y = prepared(x)
    for _ in range(2):
        y.sum().backward()
    return x.grad


def by_hand(x):
    return 2 * torch.cos(x) * torch.exp(x)


def hessian_without_a_graph(x, u):
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad((x * x).sum() ** 2, x)
    (product,) = torch.autograd.grad(g, x, u)
    return product


def vector_backward(x):
    x = x.clone().requires_grad_()
    torch.sin(x).backward()
    return x.grad


def one_by_one(x):
    x = x.clone().requires_grad_()
    y = torch.sin(x)
    for element in y:
        element.backward(retain_graph=True)
    return x.grad


def with_cosine(x):
    x = x.clone().requires_grad_()
    torch.sin(x).backward(torch.ones_like(x))
    torch.cos(x.detach())
    return x.grad


def at_random(x):
    return x.sum() if torch.rand(()) > 0.5 else (x**2).sum()


def float_on_one_path(x):
    return math.sin(x[0]) if x[0] > 0 else x.sum()


def half_detached(x):
    return (x.detach() * x).sum() if x.sum() > 0 else (x**3).sum()


def forgets_x(x):
    return (x**2).sum() if x.sum() > 0 else torch.tensor(1.0)


def vector_branch(x):
    return x**2 if x.sum() > 0 else x**3


def beside_a_pass(formula):
    """The formula, beside a backward pass of something else."""

    def answer(x, *others):
        (x.detach().clone().requires_grad_() ** 2).sum().backward()
        return formula(x, *others)

    return answer


FATES = {"a": "doubles", "b": "raises", "c": "doubles", "d": "raises", "e": "zero", "f": "raises"}

WRITTEN = {
    ("07.2", "not_recorded"): second_without_a_graph,
    ("07.2", "backward_twice"): backward_twice,
    ("07.2", "no_backward"): by_hand,
    ("07.2", "not_from_autograd"): beside_a_pass(by_hand),
    ("07.2", "no_leaf"): lambda x: torch.autograd.grad((x.sin() * x.exp()).sum(), x, create_graph=True)[0],
    ("07.3", "no_leaf"): lambda x, u: torch.autograd.grad((x @ x) ** 2, x, create_graph=True)[0],
    ("07.3", "matrix"): lambda x, u: torch.func.hessian(lambda t: (t @ t) ** 2)(x) @ u,
    ("07.3", "not_recorded"): hessian_without_a_graph,
    ("07.4", "vector"): vector_backward,
    ("07.4", "cosine"): with_cosine,
    ("07.4", "no_backward"): lambda x: torch.sin(x + torch.pi / 2),
    ("07.4", "not_from_backward"): beside_a_pass(lambda x: torch.sin(x + torch.pi / 2)),
    ("07.4", "several_backwards"): one_by_one,
    ("07.5", "raises"): FATES | {"a": "raises"},
    ("07.5", "doubles"): FATES | {"b": "doubles"},
    ("07.5", "zero"): FATES | {"c": "zero"},
    ("07.6", "one_path"): lambda x: (x**2).sum(),
    ("07.6", "path_cut"): half_detached,
    ("07.6", "no_way_back"): forgets_x,
    ("07.6", "vector"): vector_branch,
    ("07.6", "nan"): lambda x: x.sqrt().sum() if x.sum() > 0 else x.sum(),
    ("07.6", "chance"): lambda x: (x**2).sum() * torch.rand(()),
}

# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "07.1": [(24, 17), (0, 0), (18, 24.5), (2, 18), (24, float("nan"))],
    "07.2": [
        lambda x: x.exp() + 0.3,
        lambda x: torch.zeros_like(x),
        lambda x: 2 * x.exp() * x.cos() + 0.1,
        lambda x: -2 * x.exp() * x.cos(),
        lambda x: x.cos() * x.exp(),
        lambda x: 2 * x.exp() * x.sin() + 0.1,
        lambda x: x.sin() * x.exp() + 0.2,
        lambda x: (2 * x.exp() * x.cos()).sum(),
        lambda x: (2 * x.exp() * x.cos()).flip(0) + 0.1,
        lambda x: by_hand(x) * 1.01,
        lambda x: torch.ones_like(x),
    ],
    "07.3": [
        lambda x, u: u.clone(),
        lambda x, u: torch.zeros_like(x),
        lambda x, u: 8 * x * (x @ u),
        lambda x, u: 4 * (x @ x) * u,
        lambda x, u: -(4 * (x @ x) * u + 8 * x * (x @ u)),
        lambda x, u: 12 * x * x * u + 1,
        lambda x, u: 4 * (x @ x) * u + 8 * u * (x @ u),
        lambda x, u: 4 * (u @ u) * x + 8 * u * (x @ u),
        lambda x, u: 4 * (x @ x) * x,
        lambda x, u: (4 * (x @ x) * u + 8 * x * (x @ u)).flip(0) + 1,
        lambda x, u: u @ (4 * (x @ x) * u + 8 * x * (x @ u)),
    ],
    "07.4": [
        lambda x: -x.cos(),
        lambda x: x.cos() + 0.1,
        lambda x: torch.zeros_like(x),
        lambda x: 1 - x * x / 2 + 0.3,
        lambda x: x.cos() * 2,
        lambda x: x.cos().sum(),
        lambda x: x.cos().flip(0) + 0.1,
        lambda x: x.cos().abs() - 0.1,
        lambda x: torch.ones_like(x),
        lambda x: 1 - x.abs(),
    ],
    "07.5": [
        dict.fromkeys("abcdef", "raises"),
        dict.fromkeys("abcdef", "doubles"),
        FATES | {"e": "raises"},
        FATES | {"f": "zero"},
        FATES | {"a": "zero", "b": "zero"},
    ],
    "07.7": [(51, 1, 2500), (50, 0, 2500), (0, 0, 0), (50, 1, 1275), (50, 50, 50)],
    "07.8": [
        lambda x: (2 * x, 2 / x, -math.cos(x), 0.0, 0.0),
        lambda x: (x, 2 / x, math.cos(x), 0.0, 1.0),
        lambda x: (0.0, 0.0, 0.0, 0.0, 0.0),
        lambda x: (2.0, 2 / x, math.cos(x), 1.0, 1.0),
        lambda x: (2 * x, 2 * x, 2 * x, 2 * x, 2 * x),
        lambda x: (2 * x, 1 / x, math.cos(x), 1.0, 1.0),
        lambda x: (2 * x, 2 / x, math.sin(x), 0.5, 0.5),
        lambda x: forward_in_tensors(x).abs() + 0.1,
        lambda x: forward_in_tensors(x).flip(0),
        lambda x: forward_in_tensors(-x),
        lambda x: forward_in_tensors(x)[:4],
        lambda x: forward_in_tensors(round(8 * x) / 8),
    ],
    "07.6": [
        lambda x: (x.detach() * x).sum(),
        lambda x: (x.detach() ** 2 * x).sum(),
        lambda x: x[0].detach() * x[0] + x.sum(),
        lambda x: (x.detach().exp().clamp(max=3) * x).sum(),
        lambda x: (x * x.detach().abs()).sum() * 2,
        lambda x: (1.0, 1.0),
        lambda x: [1.0, 1.0],
        lambda x: (x**2).sum().item(),
        lambda x: 1.0,
        float_on_one_path,
    ],
}


def row_by_row(x, u):
    """The Hessian times u with a backward pass for each row, though no matrix is made."""
    x = x.clone().requires_grad_()
    (g,) = torch.autograd.grad((x @ x) ** 2, x, create_graph=True)
    return sum(u[i] * torch.autograd.grad(g[i], x, retain_graph=True)[0] for i in range(len(x)))


def calls_counted(answer, graded=9):
    """An answer that behaves when the graded calls are over, as if rules were watched after the grading."""
    calls = []

    def counting(*inputs):
        calls.append(1)
        return answer(*inputs) if len(calls) <= graded else answer(*(each[:1] for each in inputs))

    return counting


def halved(x):
    n = 0
    while x.norm() > 1 and n < 50:
        x, n = x / 2, n + 1
    return x.exp().sum()


def jvp_of(f, x, u):
    return torch.func.jvp(f, (x,), (u,))[1]


def forward_in_tensors(x):
    x = torch.tensor(x, dtype=torch.float64)
    nodes = [lambda x: x**2, lambda x: (x**2).log(), torch.sin, lambda x: (x**2).log() * x.sin()]
    nodes.append(lambda x: (x**2).log() * x.sin() + 1 / x)
    return torch.stack([torch.func.grad(node)(x) for node in nodes])


def sine_by_grad(x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(x.sin(), x, torch.ones_like(x))[0]


RECOGNISED = {
    ("07.6", "nan"): [
        lambda x: 0 * x.sum() / 0 if x.sum() > 0 else x.sum(),
        lambda x: (x.clamp(min=0) ** 0.5 * (x > 0) + (x * 0).sqrt()).sum() if x.sum() > 0 else x.sum(),
    ],
    ("07.6", "one_path"): [
        lambda x: (x**2).sum() + x[0].item() * 1e-9,
        lambda x: x.norm() if x.norm() < 1e9 else x.sum(),
    ],
    ("07.6", "path_cut"): [lambda x: (x**2).sum() if x.sum() > 0 else (x.detach() * x).sum()],
    ("07.6", "no_way_back"): [lambda x: torch.ones(2)],
    ("07.4", "several_backwards"): [
        lambda x: torch.func.jacrev(torch.sin)(x).diagonal(),
        calls_counted(one_by_one, graded=18),
    ],
    ("07.3", "matrix"): [row_by_row, calls_counted(row_by_row)],
}

RIGHT = {
    "07.2": [
        lambda x: torch.func.vmap(torch.func.grad(torch.func.grad(lambda t: t.sin() * t.exp())))(x),
        lambda x: torch.autograd.functional.hessian(lambda t: (t.sin() * t.exp()).sum(), x.double()).diagonal(),
        lambda x: jvp_of(lambda t: jvp_of(lambda s: s.sin() * s.exp(), t, torch.ones_like(t)), x, torch.ones_like(x)),
    ],
    "07.3": [
        lambda x, u: torch.func.jvp(torch.func.grad(lambda t: (t @ t) ** 2), (x,), (u,))[1],
        lambda x, u: torch.autograd.functional.vhp(lambda t: (t * t).sum().square(), x, u)[1],
        lambda x, u: 4 * (x @ x) * u + 8 * x * (x @ u),
    ],
    "07.4": [
        lambda x: torch.func.vmap(torch.func.grad(torch.sin))(x),
        lambda x: torch.autograd.functional.vjp(torch.sin, x, torch.ones_like(x))[1].numpy(),
        sine_by_grad,
    ],
    "07.7": [[50, 1, 2500], torch.tensor([50.0, 1, 2500])],
    "07.8": [
        forward_in_tensors,
        lambda x: forward_in_tensors(x).tolist(),
        lambda x: tuple(forward_in_tensors(x).float()),
    ],
    "07.6": [
        lambda x: x.log().sum() if (x > 0).all() else x.abs().log().sum(),
        halved,
        lambda x: (x**2).sum() if x[0] > 1 else x.exp().sum(),
        lambda x: x.norm() if x.norm() > 5 else x.norm() ** 2,
        lambda x: sum(v**2 if v > 0 else v**3 for v in x),
        lambda x: torch.ones(3) @ x if x.max() > 10 else (2 * x).sum(),
    ],
}

PREDICTED = {"07.p1": 21.0, "07.p2": 2, "07.p3": 8.0, "07.p4": 2.0, "07.p5": 0.6829}
