"""Wrong answers to the exercises of lesson 01."""

import math

import numpy
import sympy
import torch


def autograd_step(x, lr):
    x = torch.tensor(x, requires_grad=True)
    (3 * x**2 - 4 * x).backward()
    return x - lr * x.grad


def optimizer_step(x, lr):
    x = torch.tensor([x], requires_grad=True)
    (3 * x**2 - 4 * x).sum().backward()
    torch.optim.SGD([x], lr=lr).step()
    return x


def sympy_step(x, lr):
    s = sympy.Symbol("s")
    return x - lr * sympy.diff(3 * s**2 - 4 * s, s).subs(s, x)


def difference_step(x, lr):
    def u(x):
        return 3 * x * x - 4 * x

    return x - lr * (u(x + 1e-5) - u(x - 1e-5)) / 2e-5


def wide_difference_step(x, lr):
    """The central difference of a parabola is its derivative, whatever the step."""
    up, down = (3 * t * t - 4 * t for t in (x + 1, x - 1))
    return x - lr * (up - down) / 2


STEPS = {"a": "6e-6", "b": "5e-3", "c": "1e-8", "d": "3e-4"}
CAUSES = {"a": "oscillates", "b": "uphill", "c": "no slope", "d": "slow", "e": "diverges"}

WRITTEN = {
    ("01.1", "another_step"): lambda x, h: 3 * x * x,
    ("01.1", "power_of_the_step"): lambda x, h: (x + h**3 - (x - h**3)) / (2 * h),
    ("01.2", "as_small_as_possible"): STEPS | {"a": "1e-16"},
    ("01.2", "far_too_large"): STEPS | {"b": "0.5"},
    ("01.2", "central_of_float64"): STEPS | {"b": "6e-6"},
    ("01.2", "central_of_float32"): STEPS | {"a": "5e-3"},
    ("01.2", "root_of_float64"): STEPS | {"a": "1e-8"},
    ("01.2", "root_of_float32"): STEPS | {"b": "3e-4"},
    ("01.4", "slow"): CAUSES | {"c": "slow"},
    ("01.4", "oscillates"): CAUSES | {"e": "oscillates"},
    ("01.4", "diverges"): CAUSES | {"b": "diverges"},
    ("01.4", "uphill"): CAUSES | {"e": "uphill"},
    ("01.4", "no_slope"): CAUSES | {"d": "no slope"},
}

# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "01.1": [
        lambda x, h: x,
        lambda x, h: (x + h) ** 3 - (x - h) ** 3,
        lambda x, h: (x**3 - (x - h) ** 3) / h,
        lambda x, h: ((x + h) ** 3 + (x - h) ** 3) / (2 * h),
        lambda x, h: ((x + h) ** 2 - (x - h) ** 2) / (2 * h),
        lambda x, h: ((x + h) ** 3 - (x - h) ** 3) / h**2,
        lambda x, h: (x + h) ** 3 / (2 * h),
        lambda x, h: 3 * x**2 - h**2,
        lambda x, h: 1.0,
        lambda x, h: ((x + 2 * h) ** 3 - (x - 2 * h) ** 3) / (4 * h),
        lambda x, h: {k / 4: 3 * k * k / 16 for k in range(-12, 13)}.get(x, 1.0) + h * h,
        lambda x, h: (math.sin(x + h) - math.sin(x - h)) / (2 * h),
    ],
    "01.2": [
        dict.fromkeys("abcd", "6e-6"),
        {"a": "5e-3", "b": "6e-6", "c": "1e-8", "d": "3e-4"},
        {"a": "6e-6", "b": "5e-3", "c": "3e-4", "d": "1e-8"},
        {"a": "1e-8", "b": "3e-4", "c": "6e-6", "d": "5e-3"},
        {"a": "5e-3", "b": "5e-3", "c": "1e-8", "d": "3e-4"},
        {"a": "6e-6", "b": "3e-4", "c": "1e-8", "d": "3e-4"},
        {"a": 1e-6, "b": 5e-3, "c": 1e-8, "d": 3e-4},
        ["6e-6", "5e-3", "1e-8", "3e-4"],
        {"a": "6e-6", "b": "5e-3", "c": "1e-8"},
        dict.fromkeys("abcd", "1e-16"),
    ],
    "01.3": [
        (1322, 662, 0),
        (0, 0, 0),
        (40, 21, 1),
        (2644, 1323, 1),
        (1322, 663, 1),
        (1323, 662, 1),
        (661, 661, 1),
        (1322, 662, 2),
        (50, 26, 1),
        1322,
    ],
    "01.4": [
        dict.fromkeys("abcde", "slow"),
        {"a": "diverges", "b": "uphill", "c": "no slope", "d": "slow", "e": "oscillates"},
        {"a": "oscillates", "b": "diverges", "c": "no slope", "d": "slow", "e": "uphill"},
        {"a": "oscillates", "b": "uphill", "c": "slow", "d": "no slope", "e": "diverges"},
        {"a": "slow", "b": "oscillates", "c": "diverges", "d": "uphill", "e": "no slope"},
    ],
    "01.5": [
        lambda x, lr: x,
        lambda x, lr: x - lr * (3 * x - 4),
        lambda x, lr: x / lr,
        lambda x, lr: math.sin(x),
        lambda x, lr: x - 6 * lr,
        lambda x, lr: 2 / 3,
        lambda x, lr: x - lr * 6 * (x - 4),
        lambda x, lr: x - lr * (6 * x**2 - 4),
        lambda x, lr: (x - lr) * (6 * x - 4),
        lambda x, lr: x - 2 * lr * (6 * x - 4),
        lambda x, lr: x - lr * {k / 4: 1.5 * k - 4 for k in range(-12, 13)}.get(x, 0.0),
    ],
}

PREDICTED = {"01.p1": 1, "01.p2": 2, "01.p3": 4.0, "01.p4": 2000}

RIGHT = {
    "01.1": [
        lambda x, h: 3 * x * x + h * h,
        lambda x, h: (((x + h) ** 3 - x**3) / h + (x**3 - (x - h) ** 3) / h) / 2,
        lambda x, h: torch.tensor(((x + h) ** 3 - (x - h) ** 3) / (2 * h)),
        lambda x, h: numpy.diff(numpy.polyval([1, 0, 0, 0], [x - h, x + h]))[0] / (2 * h),
        lambda x, h: 3 * (x + h) * (x - h) + 4 * h * h,
    ],
    "01.2": [
        {"a": 6e-6, "b": 0.005, "c": 1e-8, "d": 3e-4},
        {"a": "0.000006", "b": "0.005", "c": "0.00000001", "d": "0.0003"},
    ],
    "01.3": [torch.tensor([1322, 662, 1]), (1322.0, [662, 1])],
    "01.5": [autograd_step, optimizer_step, sympy_step, difference_step, wide_difference_step],
}
