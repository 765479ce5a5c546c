"""Wrong answers to the exercises of lesson 11."""

import numpy
import torch
from torch.nn import functional as F

from .differences import STEPS, gradient, in_float32, jacobian


def one_hot(y, Z):
    return F.one_hot(y, Z.shape[1])


def layer_by_autograd(X, W, G):
    X, W, b = X.clone().requires_grad_(), W.clone().requires_grad_(), torch.zeros(W.shape[1], requires_grad=True)
    return torch.autograd.grad(X @ W + b, (W, X, b), G)


def logits_by_autograd(Z, y):
    Z = Z.clone().requires_grad_()
    F.cross_entropy(Z, y).backward()
    return Z.grad


def hidden_by_autograd(H, W2, dZ):
    return torch.func.vjp(lambda H: H.relu() @ W2, H)[1](dZ)[0]


def share_by_autograd(A, G):
    A = A.clone().requires_grad_()
    (A / A.sum(1, keepdim=True)).backward(G)
    return A.grad


def layer_by_differences(*settings, **more):
    def answer(X, W, G):
        X, W, G, b = X.double(), W.double(), G.double(), torch.zeros(W.shape[1])
        return (
            gradient(lambda W: ((X @ W) * G).sum(), W, *settings, **more),
            gradient(lambda X: ((X @ W) * G).sum(), X, *settings, **more),
            gradient(lambda b: ((X @ W + b) * G).sum(), b, settings[0]),
        )

    return answer


def layer_by_jacobians(step):
    """The Jacobian of each output by itself, with no sum in which one element might hide another one."""

    def answer(X, W, G):
        X, W, G = X.double(), W.double(), G.double()
        dW = torch.tensordot(G, jacobian(lambda W: X @ W, W, step), 2)
        return dW, torch.tensordot(G, jacobian(lambda X: X @ W, X, step), 2), G.sum(0)

    return answer


def logits_by_differences(*settings, **more):
    return lambda Z, y: gradient(lambda Z: F.cross_entropy(Z, y), Z, *settings, **more)


def hidden_by_differences(*settings, **more):
    def answer(H, W2, dZ):
        return gradient(lambda H: ((H.relu() @ W2.double()) * dZ.double()).sum(), H, *settings, **more)

    return answer


def share_by_differences(*settings, **more):
    return lambda A, G: gradient(lambda A: (A / A.sum(1, keepdim=True) * G).sum(), A, *settings, **more)


def share_by_rows(step):
    """Steps of the size of the row in which they are taken, right for tiny rows as well."""

    def answer(A, G):
        def loss(A):
            return (A / A.sum(1, keepdim=True) * G).sum()

        rows = []
        for i, row in enumerate(A.double()):
            others = (A[:i].double(), A[i + 1 :].double())

            def of_row(row, others=others):
                return loss(torch.cat([others[0], row[None], others[1]]))

            rows.append(gradient(of_row, row, step * row.abs().max().item()))
        return torch.stack(rows)

    return answer


def pair(W, G):
    """An answer to 11.4."""
    return lambda: (torch.tensor(W), torch.tensor(G))


LINES = {"a": "dZ", "b": "dW2", "c": "dH", "d": "dA", "e": "dW1"}

WRITTEN = {
    ("11.1", "shapes"): lambda X, W, G: (X @ G, G @ W.T, G.sum(0)),
    ("11.1", "by_autograd"): layer_by_autograd,
    ("11.1", "finite_difference"): layer_by_differences(1e-5),
    ("11.2", "finite_difference"): logits_by_differences(1e-5),
    ("11.6", "finite_difference"): share_by_differences(1e-5),
    ("11.2", "by_autograd"): logits_by_autograd,
    ("11.3", "shapes"): lambda H, W2, dZ: (dZ @ W2) * (H > 0),
    ("11.3", "by_autograd"): hidden_by_autograd,
    ("11.4", "symmetric"): pair([[2.0, 1.0], [1.0, 3.0]], [[1.0, 1.0]]),
    ("11.4", "not_square"): pair([[2.0, 1.0, 0.0], [1.0, 3.0, 0.0]], [[1.0, 1.0, 1.0]]),
    ("11.4", "not_finite"): pair([[1.0, float("nan")], [3.0, 4.0]], [[1.0, 0.0]]),
    ("11.4", "integers"): pair([[1, 2], [3, 4]], [[1, 0]]),
    ("11.5", "dZ"): LINES | {"b": "dZ"},
    ("11.5", "dW2"): LINES | {"a": "dW2"},
    ("11.5", "dA"): LINES | {"c": "dA"},
    ("11.5", "dH"): LINES | {"d": "dH"},
    ("11.5", "dW1"): LINES | {"c": "dW1"},
    ("11.6", "by_autograd"): share_by_autograd,
}

# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "11.1": [
        lambda X, W, G: (X.T @ G, G @ W.T, G.sum(dim=0, keepdim=True)),
        lambda X, W, G: (2 * X.T @ G, G @ W.T, G.sum(0)),
        lambda X, W, G: (X.T @ G, G @ W.T, G.sum()),
        lambda X, W, G: (X.T @ G, G @ W.T, torch.ones(W.shape[1])),
        lambda X, W, G: (X.T @ G / len(X), G @ W.T, G.sum(0)),
        lambda X, W, G: (X.T @ G, -(G @ W.T), G.sum(0)),
        lambda X, W, G: (G @ W.T, X.T @ G, G.sum(0)),
        lambda X, W, G: (X.T @ G, G @ W.T),
        lambda X, W, G: (X.T @ torch.ones_like(G), G @ W.T, G.sum(0)),
        lambda X, W, G: (torch.outer(X[0], G[0]), G @ W.T, G.sum(0)),
        lambda X, W, G: (X.T @ G, G @ W.T.abs(), G.sum(0)),
    ],
    "11.2": [
        lambda Z, y: ((torch.softmax(Z, 1) - torch.eye(Z.shape[1])[y]) / len(Z))[..., None],
        lambda Z, y: torch.zeros_like(Z),
        lambda Z, y: F.cross_entropy(Z, y),
        lambda Z, y: (Z.softmax(1) - 1) / len(Z),
        lambda Z, y: Z.log_softmax(1) / len(Z),
        lambda Z, y: (Z.softmax(1) - Z.softmax(1) * one_hot(y, Z)) / len(Z),
        lambda Z, y: ((Z.softmax(1) - one_hot(y, Z)) / len(Z)).sum(0),
        lambda Z, y: (Z.sigmoid() - one_hot(y, Z)) / len(Z),
        lambda Z, y: (Z.softmax(1).softmax(1) - one_hot(y, Z)) / len(Z),
        lambda Z, y: ((Z.softmax(1) - one_hot(y, Z)) / len(Z)).abs(),
        lambda Z, y: -one_hot(y, Z) / len(Z),
        lambda Z, y: (Z.softmax(1) - F.one_hot(y)) / len(Z),
        lambda Z, y: (Z.softmax(1) - y[:, None]) / len(Z),
    ],
    "11.3": [
        lambda H, W2, dZ: torch.zeros_like(H),
        lambda H, W2, dZ: (H > 0).float(),
        lambda H, W2, dZ: 2 * (dZ @ W2.T) * (H > 0),
        lambda H, W2, dZ: -(dZ @ W2.T) * (H > 0),
        lambda H, W2, dZ: (dZ @ W2.T).abs() * (H > 0) + 0.5,
        lambda H, W2, dZ: (dZ @ W2.T).T,
        lambda H, W2, dZ: H.relu(),
        lambda H, W2, dZ: (dZ @ W2.T) * (H > 0) / len(H),
        lambda H, W2, dZ: (dZ @ W2.T) * torch.sign(H) * 3,
        lambda H, W2, dZ: (dZ @ W2.T) * (H.sum(0) > 0) * 5,
        lambda H, W2, dZ: (dZ * (dZ > 0)) @ W2.T,
        lambda H, W2, dZ: (dZ @ W2.T) * torch.heaviside(H, torch.tensor(0.5)),
    ],
    "11.4": [
        lambda: 1.0,
        lambda: "W",
        lambda: torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
        lambda: (1.0, 2.0),
        lambda: (torch.ones(2, 2), [[1.0, 0.0]]),
        lambda: (torch.ones(2, 2), torch.ones(1, 2), torch.ones(1, 2)),
        lambda: {"W": torch.ones(2, 2), "G": torch.ones(1, 2)},
        lambda: torch.ones(2, 2),
        lambda: ([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0]]),
        lambda: (torch.eye(2), torch.ones(1, 2), 1.0),
    ],
    "11.5": [  # each has a first mistake that the spec explains; only the refusal is tested
        dict.fromkeys("abcde", "dZ"),
        LINES | {"a": "dH"},
        LINES | {"a": "dA"},
        LINES | {"a": "dW1"},
        LINES | {"b": "dA"},
        LINES | {"c": "dZ"},
        LINES | {"c": "dW2"},
        LINES | {"d": "dZ", "a": "dA"},
        LINES | {"e": "dA"},
        LINES | {"b": "dW1", "e": "dW2"},
    ],
    "11.6": [
        lambda A, G: G,
        lambda A, G: torch.zeros_like(A),
        lambda A, G: G * A,
        lambda A, G: G - G.mean(1, keepdim=True),
        lambda A, G: (G - (G * A).sum(1, keepdim=True)) / A.sum(1, keepdim=True) * 2,
        lambda A, G: (G / A.sum(1, keepdim=True)).sum(1),
        lambda A, G: -G / A.sum(1, keepdim=True) ** 2,
        lambda A, G: G / A.sum() * 3,
        lambda A, G: (G - G.sum(1, keepdim=True)) / A.sum(1, keepdim=True) * 5,
        lambda A, G: A / A.sum(1, keepdim=True) + 1,
    ],
}


def pick(Z, y):
    p = torch.softmax(Z, 1)
    p[:, y] -= 1
    return p / len(Z)


def keepdim_forgotten(A, G):
    S = A.sum(1)
    return (G - (G * A).sum(1) / S) / S


def threshold(H, W2, dZ):
    return (dZ @ W2.T) * (H > 1e-9)


RECOGNISED = {
    ("11.1", "finite_difference"): [
        *(layer_by_differences(*each) for each in STEPS),
        layer_by_differences(1e-7, sides=(1, 0)),
        layer_by_jacobians(1e-4),
    ],
    ("11.2", "finite_difference"): [
        *(logits_by_differences(*each) for each in STEPS),
        logits_by_differences(1e-7, sides=(1, 0)),
        lambda Z, y: in_float32(lambda Z: F.cross_entropy(Z, y), Z, 1e-2),
    ],
    ("11.3", "half_at_zero"): [hidden_by_differences(step) for step in (1e-3, 1e-6)],
    ("11.3", "closed_where_tiny"): [hidden_by_differences(1e-6, sides=(0, -1)), threshold],
    ("11.3", "open_at_zero"): [hidden_by_differences(1e-6, sides=(1, 0))],
    ("11.6", "finite_difference"): [
        *(share_by_differences(*each) for each in STEPS[2:]),
        *(share_by_rows(step) for step in (1e-4, 1e-6)),
    ],
    ("11.2", "whole_columns"): [pick],
    ("11.4", "not_finite"): [pair([[1.0, 1e39], [3.0, 4.0]], [[1.0, 1.0]])],
    ("11.4", "symmetric"): [pair([[1.0, 2.0], [2.0 + 1e-9, 4.0]], [[1.0, 0.0]])],
    ("11.6", "no_keepdim"): [keepdim_forgotten],
}

RIGHT = {
    "11.1": [
        lambda X, W, G: [torch.einsum("nd,nk->dk", X, G), torch.einsum("nk,dk->nd", G, W), torch.einsum("nk->k", G)],
        lambda X, W, G: (sum(torch.outer(x, g) for x, g in zip(X, G, strict=True)), (W @ G.T).T, sum(G)),
        lambda X, W, G: (X.numpy().T @ G.numpy(), G.numpy() @ W.numpy().T, G.numpy().sum(0)),
        lambda X, W, G: ((G.T @ X).T, G.mm(W.t()), torch.ones(len(G)) @ G),
    ],
    "11.2": [
        lambda Z, y: (
            (Z.exp() / Z.exp().sum(1, keepdim=True) - (torch.arange(Z.shape[1]) == y[:, None]).float()) / len(y)
        ),
        lambda Z, y: (Z.log_softmax(1).exp() - torch.eye(Z.shape[1])[y]).div(len(y)).double(),
        lambda Z, y: Z.softmax(1).index_put((torch.arange(len(y)), y), -torch.ones(len(y)), accumulate=True) / len(y),
        lambda Z, y: numpy.asarray((Z.softmax(1) - one_hot(y, Z)) / len(y)),
    ],
    "11.3": [
        lambda H, W2, dZ: torch.where(H > 0, dZ @ W2.T, 0.0),
        lambda H, W2, dZ: (dZ @ W2.T).masked_fill(H <= 0, 0.0),
        lambda H, W2, dZ: torch.einsum("nk,hk->nh", dZ, W2) * H.relu().sign(),
    ],
    "11.4": [
        pair([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [2.0, 0.0]]),
        lambda: [torch.tensor([[1.0, -1.0], [1.0, 1.0]], requires_grad=True), torch.eye(2)],
        lambda: (torch.triu(torch.ones(2, 2)).double(), torch.ones(3, 2)),
    ],
    "11.5": [{key: value.upper() for key, value in LINES.items()}, {key: f" {v} " for key, v in LINES.items()}],
    "11.6": [
        lambda A, G: G / A.sum(1)[:, None] - ((G * A).sum(1) / A.sum(1) ** 2)[:, None],
        lambda A, G: torch.stack([(g - g @ a / a.sum()) / a.sum() for a, g in zip(A, G, strict=True)]),
        lambda A, G: (G.double() - (G * A / A.sum(1, keepdim=True)).sum(1, keepdim=True)) / A.sum(1, keepdim=True),
    ],
}

PREDICTED = {"11.p1": 0, "11.p2": 1, "11.p3": 2, "11.p4": 2}
