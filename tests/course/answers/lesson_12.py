"""Wrong answers to the exercises of lesson 12."""

import math

import numpy
import torch

from .differences import gradient


def factors_by_autograd(w, x):
    factors = []
    for weight in w:
        x = x.detach().requires_grad_()
        y = torch.sigmoid(weight * x)
        factors.append(torch.autograd.grad(y, x)[0])
        x = y
    return torch.stack(factors)


def chain(w, x, factor):
    factors = []
    for weight in w:
        x = torch.sigmoid(weight * x)
        factors.append(factor(weight, x))
    return torch.stack(factors)


def norm(grads):
    return torch.cat([g.flatten() for g in grads]).norm()


def backward_of(w, x, scale):
    ((w.half() * x).mean() * scale).backward()
    return w.grad


def clipped_by_torch(grads, limit):
    parameters = [torch.nn.Parameter(torch.zeros_like(g)) for g in grads]
    for p, g in zip(parameters, grads, strict=True):
        p.grad = g.clone()
    torch.nn.utils.clip_grad_norm_(parameters, limit)
    return [p.grad for p in parameters]


def in_float32(w, x, scale):
    ((w * x.float()).mean() * scale).backward()
    return w.grad / scale


def old_state(w, x):
    factors = []
    for weight in w:
        factors.append(weight * x * (1 - x))
        x = torch.sigmoid(weight * x)
    return torch.stack(factors)


def factors_by_differences(*settings, **more):
    def answer(w, x):
        factors = []
        for weight in w.double():
            factors.append(gradient(lambda x, weight=weight: torch.sigmoid(weight * x), x, *settings, **more))
            x = torch.sigmoid(weight * x)
        return torch.stack(factors)

    return answer


def beside_a_pass(formula):
    """The formula, beside a backward pass of something else."""

    def answer(x, *others):
        (x.detach().clone().requires_grad_() ** 2).sum().backward()
        return formula(x, *others)

    return answer


CAUSES = {"a": "too_small", "b": "saturated", "c": "learnt", "d": "too_large", "e": "dead"}

WRITTEN = {
    ("12.1", "finite_difference"): factors_by_differences(1e-5),
    ("12.1", "by_autograd"): factors_by_autograd,
    ("12.3", "saturated"): CAUSES | {"a": "saturated"},
    ("12.3", "too_small"): CAUSES | {"b": "too_small"},
    ("12.3", "too_large"): CAUSES | {"e": "too_large"},
    ("12.3", "dead"): CAUSES | {"a": "dead"},
    ("12.3", "learnt"): CAUSES | {"d": "learnt"},
    ("12.4", "ready_made"): clipped_by_torch,
    ("12.6", "no_backward"): lambda w, x, scale: x.float() / len(x),
    ("12.6", "not_from_backward"): beside_a_pass(lambda w, x, scale: x.float() / len(x)),
    ("12.6", "in_float32"): in_float32,
    ("12.6", "without_scale"): lambda w, x, scale: backward_of(w, x, 1.0),
    ("12.6", "another_scale"): lambda w, x, scale: backward_of(w, x, 2048.0) / 2048.0,
    ("12.6", "not_divided"): lambda w, x, scale: backward_of(w, x, scale),
    ("12.6", "scaled_down"): lambda w, x, scale: backward_of(w, x, scale) * scale,
    ("12.6", "mean_forgotten"): lambda w, x, scale: backward_of(w, x, scale) / scale * len(x),
}

# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "12.1": [
        lambda w, x: w,
        lambda w, x: chain(w, x, lambda weight, h: h),
        lambda w, x: chain(w, x, lambda weight, h: weight / 4),
        lambda w, x: chain(w, x, lambda weight, h: weight * h),
        lambda w, x: chain(w, x, lambda weight, h: -weight * h * (1 - h)),
        lambda w, x: chain(w, x, lambda weight, h: weight + h * (1 - h)),
        lambda w, x: chain(w, x, lambda weight, h: weight * h * (1 - h)).flip(0) + 1,
        lambda w, x: chain(w, x, lambda weight, h: weight * h * (1 - h)).sum(),
        lambda w, x: chain(w, x, lambda weight, h: weight**2 * h * (1 - h) * 3),
        lambda w, x: torch.ones_like(w),
    ],
    "12.2": [
        lambda n_in, activation: 1.0 / n_in * 3,
        lambda n_in, activation: 0.01,
        lambda n_in, activation: n_in**0.5,
        lambda n_in, activation: (6 / n_in) ** 0.5,
        lambda n_in, activation: (n_in / 2) ** 0.5,
        lambda n_in, activation: -((2 if activation == "relu" else 1) ** 0.5) / n_in**0.5,
        lambda n_in, activation: (2 / n_in) ** 0.5 * 1.1,
        lambda n_in, activation: 0.0,
        lambda n_in, activation: (1 / (n_in + 1)) ** 0.5 * (1.5 if activation == "relu" else 1.1),
        lambda n_in, activation: activation,
    ],
    "12.3": [  # each has a first mistake that the spec explains; only the refusal is tested
        dict.fromkeys("abcde", "dead"),
        CAUSES | {"c": "saturated"},
        CAUSES | {"c": "too_small"},
        CAUSES | {"d": "too_small"},
        CAUSES | {"e": "saturated"},
        CAUSES | {"a": "too_large"},
        CAUSES | {"b": "dead"},
        CAUSES | {"e": "learnt"},
        CAUSES | {"a": "learnt", "c": "too_small"},
        CAUSES | {"d": "dead", "e": "too_large"},
    ],
    "12.4": [
        lambda grads, limit: [g * 0 for g in grads],
        lambda grads, limit: [g / limit for g in grads],
        lambda grads, limit: [g * limit for g in grads],
        lambda grads, limit: [g.sign() * limit for g in grads],
        lambda grads, limit: [g * max(1.0, (limit / norm(grads)).item()) * 2 for g in grads],
        lambda grads, limit: [g * min(1.0, (limit / g.abs().max()).item()) for g in grads],
        lambda grads, limit: norm(grads),
        lambda grads, limit: [-g for g in grads],
        lambda grads, limit: [grads[0] * min(1.0, (limit / norm(grads)).item())],
        lambda grads, limit: [g - limit for g in grads],
    ],
    "12.5": [
        lambda X, W, b: (X @ W + b <= 1e-5).all(dim=0),
        lambda X, W, b: torch.zeros(len(b), dtype=torch.bool),
        lambda X, W, b: torch.ones(len(b), dtype=torch.bool),
        lambda X, W, b: X @ W + b,
        lambda X, W, b: (X @ W + b).relu().sum(0),
        lambda X, W, b: (X @ W + b) <= 0,
        lambda X, W, b: ((X @ W + b) > 0).all(0),
        lambda X, W, b: (W <= 0).all(0),
        lambda X, W, b: ((X @ W + b) <= 0).all(),
        lambda X, W, b: ((X @ W + b) >= 0).all(0),
        lambda X, W, b: ((X @ W + b) <= 0).sum(0),
    ],
    "12.6": [
        lambda w, x, scale: w,
        lambda w, x, scale: x.float() * w,
        lambda w, x, scale: torch.ones(len(w)),
        lambda w, x, scale: -backward_of(w, x, scale) / scale,
        lambda w, x, scale: backward_of(w, x, scale) / scale * 2,
        lambda w, x, scale: backward_of(w, x, scale) - scale,
        lambda w, x, scale: (w.half() * x).mean() * scale,
        lambda w, x, scale: backward_of(w, x, scale).sum() / scale,
        lambda w, x, scale: backward_of(w, x, scale).abs() / scale + 1e-4,
        lambda w, x, scale: backward_of(w, x, scale) / scale / len(w) ** 0.5,
    ],
}

RECOGNISED = {
    ("12.1", "state_before"): [old_state],
    ("12.5", "any_example"): [lambda X, W, b: (X @ W + b).min(0).values <= 0],
    ("12.6", "another_scale"): [
        *(lambda w, x, scale, own=own: backward_of(w, x, own) / own for own in (1024.0, 4096.0, 65536.0)),
        lambda w, x, scale: backward_of(w, x, 4 * scale) / (4 * scale),
    ],
    ("12.6", "without_scale"): [
        *(lambda w, x, scale, own=own: backward_of(w, x, own) / own for own in (4.0, 16.0)),
        lambda w, x, scale: backward_of(w, x, scale / 4) / (scale / 4),
        lambda w, x, scale: backward_of(w, x, 1 / scale) * scale,
        lambda w, x, scale: (backward_of(w, x, scale) / scale).half(),
    ],
}

RIGHT = {
    "12.1": [
        lambda w, x: chain(w, x, lambda weight, h: weight / (4 * torch.cosh(torch.logit(h) / 2) ** 2)),
        lambda w, x: chain(w, x, lambda weight, h: weight * (h - h * h)).tolist(),
        lambda w, x: chain(w.double(), x.double(), lambda weight, h: weight * h * (1 - h)),
        lambda w, x: chain(w, x, lambda weight, h: weight / (2 + h / (1 - h) + (1 - h) / h)),
    ],
    "12.2": [
        lambda n_in, activation: math.sqrt({"relu": 2, "linear": 1}[activation] / n_in),
        lambda n_in, activation: torch.nn.init.calculate_gain(activation) / n_in**0.5,
        lambda n_in, activation: numpy.sqrt(1 + (activation == "relu")) / numpy.sqrt(n_in),
    ],
    "12.3": [{key: value.upper() for key, value in CAUSES.items()}],
    "12.4": [
        lambda grads, limit: tuple(g * torch.clamp(limit / norm(grads), max=1) for g in grads),
        lambda grads, limit: [g.double() * limit / max(limit, norm(grads).item()) for g in grads],
        lambda grads, limit: [g * torch.clamp(limit / torch.nn.utils.get_total_norm(grads), max=1.0) for g in grads],
        lambda grads, limit: grads if norm(grads) <= limit else [g / norm(grads) * limit for g in grads],
    ],
    "12.5": [
        lambda X, W, b: (X @ W + b).relu().amax(0) == 0,
        lambda X, W, b: ~((X @ W + b) > 0).any(0),
        lambda X, W, b: (X @ W + b).max(0).values <= 0,
    ],
    "12.6": [
        lambda w, x, scale: torch.autograd.grad((w.half() * x).mean() * scale, w)[0] / scale,
        lambda w, x, scale: backward_of(w, x, scale).div(scale).numpy(),
        lambda w, x, scale: torch.func.grad(lambda v: (v.half() * x).mean() * scale)(w.detach()) / scale,
    ],
}

PREDICTED = {"12.p1": 2, "12.p2": 2, "12.p3": 2, "12.p4": 2}
