"""Wrong answers to the exercises of lesson 06."""

import math

import numpy
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def safe(at_zero):
    """The lesson's function, except that it returns `at_zero(a)` at 0."""
    return lambda a: f(a) if a != 0 else at_zero(a)


def rounds_counted(a):
    b = a * 2
    for _ in range(60):
        if b.norm() < 1000:
            b = b * 2
    return b if b.sum() > 0 else 100 * b


def jump(last):
    """The next jump; a itself if that is a jump."""

    def next_jump(a):
        x = 500.0
        while x / 2 >= a:
            x /= 2
        return last(x)

    return next_jump


def tabled(numbers):
    """An answer that knows the results of these numbers alone."""
    results = {n: next(500 / 2**i for i in range(60, -1, -1) if 500 / 2**i > n) for n in numbers}
    return lambda a: results.get(a, 1e4)


def one_by_one(a):
    return torch.stack([f(each) / each for each in a])


def unsummed(a):
    a = a.clone().requires_grad_()
    f(a).backward()
    return a.grad


def numbers_only(x):
    n = x.item()
    return torch.tensor(n * n if n > 0 else -3 * n)


def beside_a_pass(formula):
    """The formula, beside a backward pass of something else."""

    def answer(x, *others):
        (x.detach().clone().requires_grad_() ** 2).sum().backward()
        return formula(x, *others)

    return answer


def begins_at_a(a):
    """Of a beyond 1000 the value is a, not 2a: the first doubling is missing."""
    if a == 0:
        return 0 * a
    b = a
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


WRITTEN = {
    ("06.2", "where_a_is_a_jump"): jump(lambda x: x),
    ("06.3", "off_the_graph"): safe(lambda a: torch.tensor(0.0)),
    ("06.3", "not_used"): safe(lambda a: torch.tensor(0.0, requires_grad=True) * 1),
    ("06.3", "else_branch"): safe(lambda a: 200 * a),
    ("06.3", "a_itself"): safe(lambda a: a * 1),
    ("06.2", "too_far"): lambda a: 500.0,
    ("06.3", "rounds_counted"): rounds_counted,
    ("06.4", "swapped"): lambda x: -3 * x if x > 0 else x * x,
    ("06.4", "one_formula"): lambda x: x * x,
    ("06.4", "sign_of_the_line"): lambda x: x * x if x > 0 else 3 * x,
    ("06.4", "number_taken_out"): numbers_only,
    ("06.4", "zero_on_the_wrong_side"): lambda x: x * x if x >= 0 else -3 * x,
    ("06.4", "where"): lambda x: torch.where(x > 0, x * x, -3 * x),
    ("06.4", "mask"): lambda x: (x > 0) * x * x + (x <= 0) * -3 * x,
    ("06.5", "no_sum"): unsummed,
    ("06.5", "no_backward"): lambda a: f(a) / a,
    ("06.5", "not_from_autograd"): beside_a_pass(lambda a: f(a) / a),
    ("06.6", "always_true"): lambda grad, d, a: torch.isclose((grad * a).sum(), d.sum()),
}

# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "06.1": [(7, 512, 51200), (0, 0, 0), (8, 51200, 512), (8, 512, 102400), (8, float("nan"), 51200)],
    "06.2": [
        lambda a: a + 1,
        lambda a: 2 * a + 0.1,
        lambda a: -a,
        lambda a: 1000.0 / (a + 1),
        lambda a: a * 2,
        lambda a: 1000.0,
        lambda a: 500 / 2 ** (500 // a % 7) * 1.1,
        lambda a: a + 1e-3,
        lambda a: 500 - a,
        lambda a: round(500 / 2 ** (math.ceil(math.log2(500 / a)) - 1)),
        tabled([250 / 2**n * factor for n in range(1, 9) for factor in (1.125, 1.25, 1.5)]),
    ],
    "06.3": [
        begins_at_a,
        safe(lambda a: a + 1),
        safe(lambda a: -5 * a),
        lambda a: 0 * a,
        safe(lambda a: f(a + 1)),
        safe(lambda a: 7 * a),
        lambda a: f(a) if a.abs() > 0.1 else 0 * a,
        lambda a: a * 1024,
        safe(lambda a: a * a + 1),
        lambda a: f(a) if a > 0 else 0 * a,
        lambda a: f(a) if a.abs() > 1e-6 else 0 * a,
        lambda a: f(a) if a.abs() > 1e-11 else 0 * a,
    ],
    "06.4": [
        lambda x: x * x * x,
        lambda x: x * 3,
        lambda x: x * x if x > 0 else x,
        lambda x: x * x + 1 if x > 0 else -3 * x,
        lambda x: x * 2 if x > 0 else -3 * x,
        lambda x: x * x if x > -1 else -3 * x + 1,
        lambda x: x * x if x > 1 else -3 * x,
        lambda x: x.abs() * 3,
        lambda x: x * x if x > 0 else -3 * x - 1,
        lambda x: (x * x).detach() + 0 * x if x > 0 else -3 * x,
        lambda x: x * x if x > 0 else 3 * x.abs() + x,
    ],
    "06.5": [
        lambda a: torch.zeros_like(a),
        lambda a: torch.ones_like(a),
        lambda a: -f(a) * 2,
        lambda a: f(a) * 3,
        lambda a: f(a).sum(),
        lambda a: f(a) / a + 1,
        lambda a: torch.full_like(a, 512.0) + 1,
        lambda a: (f(a) / a).abs().log2(),
        lambda a: slopes_one_by_one(a) * torch.arange(1.0, 4.0),
        lambda a: slopes_one_by_one(a).flip(0) + a,
        lambda a: slopes_one_by_one(a).max(),
    ],
    "06.6": [
        lambda grad, d, a: grad.sum(),
        lambda grad, d, a: not torch.allclose(grad * a, d),
        lambda grad, d, a: 0.5,
        lambda grad, d, a: grad,
        lambda grad, d, a: len(a),
        lambda grad, d, a: (grad * a - d).norm(),
        lambda grad, d, a: grad * a,
        lambda grad, d, a: str(torch.allclose(grad * a, d)),
        lambda grad, d, a: -1,
        lambda grad, d, a: 2.0,
        lambda grad, d, a: bool((grad == grad[0]).all()),
    ],
}


def rounds_limited(a):
    b, n = a * 2, 0
    while b.norm() < 1000:
        b, n = b * 2, n + 1
        if n > 200:
            return a - a
    return b if b.sum() > 0 else 100 * b


def slopes_one_by_one(a):
    a = a.detach().clone().requires_grad_()
    for element in f(a):
        element.backward(retain_graph=True)
    return a.grad.numpy()


def next_by_loop(a):
    x = 500.0 / 2**20
    while x <= a:
        x *= 2
    return torch.tensor(x)


RECOGNISED = {
    ("06.2", "too_far"): [lambda a: 250.0 if a < 250 else 500.0, lambda a: min(500.0, 2 * next_by_loop(a).item())],
    ("06.5", "one_by_one"): [one_by_one],
    ("06.6", "exact_equality"): [
        lambda grad, d, a: bool((grad * a == d).all()),
        lambda grad, d, a: bool(((grad * a - d).abs() < 1e-8).all()),
    ],
    ("06.6", "always_true"): [
        lambda grad, d, a: torch.isclose(grad * a, d)[0],
        lambda grad, d, a: torch.isclose(grad * a, d).any(),
        lambda grad, d, a: torch.allclose(grad * a, d, atol=1.0),
        lambda grad, d, a: torch.allclose(grad * a, d, rtol=0.05),
    ],
}

RIGHT = {
    "06.1": [[8, 512, 51200], torch.tensor([8, 512, 51200]), (torch.tensor(8), 512.0, 51200)],
    "06.2": [
        lambda a: torch.tensor(500 / 2 ** (math.ceil(math.log2(500 / a)) - 1)),
        lambda a: min(500 / 2**n for n in range(30) if 500 / 2**n > a),
        next_by_loop,
    ],
    "06.3": [
        rounds_limited,
        safe(lambda a: torch.zeros_like(a) * a),
        safe(lambda a: a.norm() * 0),
        safe(lambda a: (0 * a).double()),
    ],
    "06.4": [
        lambda x: x.square() if x > 0 else -x - x - x,
        lambda x: torch.einsum(",->", x, x) if x > 0 else x.clone().mul_(3).neg_(),
        lambda x: (x if x.item() > 0 else -3) * x,
    ],
    "06.5": [
        slopes_one_by_one,
        lambda a: torch.func.grad(lambda b: f(b).sum())(a.double()),
        lambda a: torch.autograd.functional.jacobian(f, a).sum(0),
    ],
    "06.6": [
        lambda grad, d, a: torch.isclose(grad * a, d).all(),
        lambda grad, d, a: numpy.allclose(grad * a, d),
        lambda grad, d, a: torch.allclose(torch.where(a == 0, grad, d / a), grad),
    ],
}

PREDICTED = {"06.p1": 102400.0, "06.p2": 0, "06.p3": 3, "06.p4": 2}
