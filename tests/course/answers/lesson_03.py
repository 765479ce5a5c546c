"""Wrong answers to the exercises of lesson 03."""

import math

import torch

from .differences import STEPS, gradient


def loop(X):
    return torch.stack([row.norm() for row in X])


def autograd_norm(x):
    x = x.clone().requires_grad_()
    x.norm().backward()
    return x.grad


def autograd_ridge(w, X, y, lam):
    w = w.clone().requires_grad_()
    (((X @ w - y) ** 2).mean() + lam * w @ w).backward()
    return w.grad


def norm_by_differences(step, relative=False, sides=(1, -1)):
    return lambda x: gradient(torch.linalg.vector_norm, x, step, relative, sides)


def norm_by_relative_differences(step):
    """Each step is a part of the element that it moves; only x = 0 is asked for beforehand."""
    return lambda x: norm_by_differences(step, relative=True)(x) if x.any() else torch.zeros_like(x)


def ridge_by_differences(step, relative=False, sides=(1, -1)):
    def answer(w, X, y, lam):
        X, y = X.double(), y.double()
        return gradient(lambda w: ((X @ w - y) ** 2).mean() + lam * w @ w, w, step, relative, sides)

    return answer


CAUSES = {"a": "length", "b": "inner", "c": "broadcast", "d": "rank", "e": "dtype"}

WRITTEN = {
    ("03.2", "off_the_graph"): lambda X: X.detach().norm(dim=1),
    ("03.2", "gram_matrix"): lambda X: (X @ X.T).diagonal().sqrt(),
    ("03.2", "loop"): loop,
    ("03.3", "number_at_zero"): lambda x: x / x.norm() if x.any() else 0,
    ("03.3", "of_the_square"): lambda x: 2 * x,
    ("03.3", "x_itself"): lambda x: x.clone(),
    ("03.3", "root_halved"): lambda x: x / (2 * x.norm()).clamp(min=1e-9),
    ("03.3", "divided_by_the_square"): lambda x: x / (x @ x).clamp(min=1e-9),
    ("03.3", "autograd"): autograd_norm,
    ("03.3", "autograd_after_all"): torch.func.grad(torch.linalg.vector_norm),
    ("03.3", "finite_difference"): norm_by_differences(1e-6),
    ("03.4", "finite_difference"): ridge_by_differences(1e-5),
    ("03.4", "not_transposed"): lambda w, X, y, lam: 2 * X @ (X @ w - y) / len(y) + 2 * lam * w,
    ("03.4", "autograd"): autograd_ridge,
    ("03.4", "autograd_after_all"): torch.enable_grad()(autograd_ridge),
    ("03.5", "rank"): CAUSES | {"a": "rank"},
    ("03.5", "length"): CAUSES | {"b": "length"},
    ("03.5", "dtype"): CAUSES | {"b": "dtype"},
    ("03.5", "inner"): CAUSES | {"c": "inner"},
    ("03.5", "broadcast"): CAUSES | {"a": "broadcast"},
}

# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "03.1": [
        (15, -12, 6),
        (0, 0, 0),
        (9, 12, -6),
        (15, 12, -6.1),
        (15, float("nan"), -6),
        (15, 12, -3),
        (45, 12, -6),
        (15, 36, -18),
        (15, [2, -1]),
    ],
    "03.2": [
        lambda X: X.abs().sum(1),
        lambda X: X.abs().max(1).values,
        lambda X: X.norm(dim=1) + 1,
        lambda X: -X.norm(dim=1),
        lambda X: torch.zeros(len(X)),
        lambda X: X.norm(dim=1).sum(),
        lambda X: X.norm(dim=1).flip(0) + X[:, 0] * 0 + 0.1,
        lambda X: X.norm(p=1, dim=1),
        lambda X: X.norm(p=3, dim=1),
        lambda X: (X * X).mean(1).sqrt(),
        lambda X: X[:, 0].abs(),
        lambda X: [X[0].norm()] * len(X) + [1.0],
        lambda X: torch.dot(X, X).sqrt(),
        lambda X: (X @ X.T).sqrt(),
        lambda X: math.sqrt((X * X).sum(1)),
    ],
    "03.3": [
        lambda x: torch.nn.functional.normalize(x, dim=0)[None],
        lambda x: x.sign(),
        lambda x: -x / x.norm().clamp(min=1e-9),
        lambda x: x.norm(),
        lambda x: torch.ones_like(x),
        lambda x: x / x.abs().sum().clamp(min=1e-9),
        lambda x: x / (x.norm() + 1),
        lambda x: x / (x.norm() + 1e-3),
        lambda x: (x / x.norm().clamp(min=1e-9)).abs() - 0.1,
        lambda x: x.norm() * x + 0.1,
        lambda x: torch.full_like(x, 1 / len(x) ** 0.5),
        lambda x: x / x.norm() if x.any() else torch.ones_like(x),
        lambda x: x / x.norm() if x.norm() > 0.02 else torch.zeros_like(x),
        lambda x: x / x.abs(),
        lambda x: 1 / (2 * x.norm()),
        lambda x: x / x.norm() if x.any() else None,
    ],
    "03.4": [
        lambda w, X, y, lam: (2 / len(y) * X.T @ (X @ w - y) + 2 * lam * w)[:, None],
        lambda w, X, y, lam: (2 / len(y) * X.T @ (X @ w - y) + 2 * lam * w,),
        lambda w, X, y, lam: w,
        lambda w, X, y, lam: 2 * X.T @ (X @ w) / len(y) + 2 * lam * w,
        lambda w, X, y, lam: X.T @ (X @ w - y) / len(y) + lam * w,
        lambda w, X, y, lam: torch.zeros_like(w),
        lambda w, X, y, lam: X.T @ y,
        lambda w, X, y, lam: 2 * X.T @ (X @ w - y) / len(w) + 2 * lam * w,
        lambda w, X, y, lam: 2 * X.T @ (X @ w - y) / len(y) + 2 * lam,
        lambda w, X, y, lam: 2 * X.T @ (X @ w - y) / len(y) + 2 * lam * w.abs() + 0.1,
        lambda w, X, y, lam: 2 * X.T @ (X @ w + y) / len(y) + 2 * lam * w,
        lambda w, X, y, lam: ((X @ w - y) ** 2).mean() + lam * w @ w,
        lambda w, X, y, lam: 2 * X.T @ (X @ w - y).abs() / len(y) + 2 * lam * w + 0.2,
        lambda w, X, y, lam: 2 * (X @ w - y) @ X + 2 * lam * w / len(y),
        lambda w, X, y, lam: (2 * X.T * (X @ w - y)).mean() + 2 * lam * w,
        lambda w, X, y, lam: 2 * X.T * (X @ w - y) / len(y) + 2 * lam * w,
        lambda w, X, y, lam: w - 2 * X.T @ (X @ w - y) / len(y) - 2 * lam * w,
    ],
    "03.5": [
        dict.fromkeys("abcde", "rank"),
        {"a": "dtype", "b": "inner", "c": "broadcast", "d": "rank", "e": "length"},
        {"a": "length", "b": "rank", "c": "broadcast", "d": "inner", "e": "dtype"},
        {"a": "length", "b": "inner", "c": "rank", "d": "broadcast", "e": "dtype"},
        {"a": "inner", "b": "length", "c": "dtype", "d": "rank", "e": "broadcast"},
    ],
}

RECOGNISED = {
    ("03.3", "finite_difference"): [
        *(norm_by_differences(step) for step in (1e-2, 1e-3, 1e-4, 1e-5)),
        *(norm_by_relative_differences(step) for step in (1e-3, 1e-5, 1e-6)),
    ],
    ("03.4", "finite_difference"): [
        *(ridge_by_differences(*each) for each in STEPS),
        ridge_by_differences(1e-7, sides=(1, 0)),
    ],
}

PREDICTED = {"03.p1": 1, "03.p2": 3, "03.p3": 1, "03.p4": 1.0, "03.p5": 2}

RIGHT = {
    "03.1": [(15, torch.tensor([12.0, -6.0])), torch.tensor([15, 12, -6])],
    "03.2": [
        lambda X: torch.einsum("bn,bn->b", X, X) ** 0.5,
        lambda X: torch.linalg.vecdot(X, X).sqrt(),
        lambda X: (X.unsqueeze(1) @ X.unsqueeze(2)).flatten().sqrt(),
        lambda X: torch.vmap(torch.linalg.norm)(X),
        lambda X: torch.cdist(X, torch.zeros(1, X.shape[1])).squeeze(1),
        lambda X: X.double().norm(dim=1),
        lambda X: torch.hypot(torch.hypot(X[:, 0], X[:, 1]), X[:, 2]),
        lambda X: torch.exp(0.5 * torch.log((X * X).sum(1))),
    ],
    "03.3": [
        lambda x: torch.nn.functional.normalize(x, dim=0),
        lambda x: torch.nan_to_num(x / x.norm()),
        lambda x: torch.where(x.norm() > 0, x / x.norm(), 0 * x),
        lambda x: (x / x.norm()).tolist() if x.any() else [0.0] * len(x),
        lambda x: x / (x.norm() + 1e-8),
        lambda x: x / x.norm().clamp(min=1e-30),
    ],
    "03.4": [
        lambda w, X, y, lam: torch.einsum("nd,n->d", X, X @ w - y) * 2 / len(X) + 2 * lam * w,
        lambda w, X, y, lam: 2 * (((X @ w - y)[:, None] * X).mean(0) + lam * w),
        lambda w, X, y, lam: 2 / len(y) * ((X @ w - y) @ X) + 2 * lam * w,
        lambda w, X, y, lam: 2 * (X.T @ X / len(y) + lam * torch.eye(len(w))) @ w - 2 * X.T @ y / len(y),
        lambda w, X, y, lam: sum(2 * (X[i] @ w - y[i]) * X[i] for i in range(len(y))) / len(y) + 2 * lam * w,
        lambda w, X, y, lam: (2 * X.double().T @ (X.double() @ w.double() - y) / len(y) + 2 * lam * w).numpy(),
    ],
}
