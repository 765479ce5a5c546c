"""Wrong answers to the exercises of lesson 13."""

import numpy
import torch

from .differences import STEPS
from .differences import jacobian as jacobian_by_differences


def by_autograd(w, xs):
    leaf, h = torch.tensor(w, requires_grad=True), torch.zeros(())
    for x in xs:
        h = leaf * h + x
    return torch.autograd.grad(h, leaf)[0]


def terms(w, xs, term):
    states = [0.0]
    for x in xs.tolist():
        states.append(w * states[-1] + x)
    return sum(term(t, states) for t in range(1, len(xs) + 1))


def jacobian(W, h, x):
    return torch.autograd.functional.jacobian(lambda state: (W @ state + x).relu(), h)


def closed(W, h, x):
    return (W @ h + x > 0).float()


def chunked(w, xs, k, carry=torch.Tensor.detach, loss=lambda h: h * h):
    h = torch.zeros(())
    for chunk in xs.split(k):
        h = carry(h)
        for x in chunk:
            h = torch.tanh(w * h + x)
        loss(h).backward()
    return w.grad


def with_numbers(w, xs, k):
    h, total = 0.0, 0.0
    for chunk in xs.split(k):
        state = torch.tensor(h)
        for x in chunk:
            state = (w * state + x).tanh()
        total = total + torch.autograd.grad(state**2, w)[0]
        h = state.item()
    return total


def without_autograd(w, xs, k):
    w, h, total = w.item(), 0.0, 0.0
    for chunk in xs.split(k):
        slope = 0.0
        for x in chunk.tolist():
            new = numpy.tanh(w * h + x)
            h, slope = new, (1 - new**2) * (h + w * slope)
        total += 2 * h * slope
    return total


class Retained:
    def __init__(self, loss):
        self.loss = loss

    def backward(self):
        self.loss.backward(retain_graph=True)


def derivative_by_a_matrix(w, xs):
    state = torch.zeros(2)  # h and its derivative
    for x in xs:
        state = torch.tensor([[w, 0.0], [1.0, w]]) @ state + torch.tensor([1.0, 0.0]) * x
    return state[1]


def derivative_by_a_complex_step(w, xs):
    h = 0.0
    for x in xs.tolist():
        h = complex(w, 1e-20) * h + x
    return h.imag / 1e-20


def last_state(w, xs):
    state = 0.0
    for x in xs.tolist():
        state = w * state + x
    return state


def central_difference(h, relative=False):
    def answer(w, xs):
        step = h * abs(w) if relative else h
        return (last_state(w + step, xs) - last_state(w - step, xs)) / (2 * step)

    return answer


def step_by_differences(*settings, **more):
    def answer(W, h, x):
        return jacobian_by_differences(lambda h: (W.double() @ h + x.double()).relu(), h, *settings, **more)

    return answer


def relu_by_differences(W, h, x):
    """Only the slope of ReLU is a difference, from below, which is right at 0."""
    z = (W @ h + x).double()
    return ((z.relu() - (z - 1e-5).relu()) / 1e-5)[:, None] * W


def by_func(w, xs, k):
    h, total = torch.zeros(()), 0.0
    for chunk in xs.split(k):

        def loss(w, h=h, chunk=chunk):
            for x in chunk:
                h = torch.tanh(w * h + x)
            return h * h, h

        part, h = torch.func.grad(loss, has_aux=True)(w.detach())
        h, total = h.detach(), total + part
    return total


LINES = {"a": "detach", "b": "step", "c": "zero_grad", "d": "clip", "e": "start"}

WRITTEN = {
    ("13.2", "finite_difference"): central_difference(1e-5),
    ("13.2", "by_autograd"): by_autograd,
    ("13.3", "finite_difference"): step_by_differences(1e-5),
    ("13.3", "by_autograd"): jacobian,
    ("13.4", "not_each_once"): lambda: "CEAGB",
    ("13.4", "no_way_back"): lambda: "ECAFGDB",
    ("13.4", "loss_unknown"): lambda: "CEGAFDB",
    ("13.4", "step_before_backward"): lambda: "CEABFGD",
    ("13.4", "w_never_moves"): lambda: "CEAGFDB",
    ("13.4", "clipping_without_effect"): lambda: ["D", "C", "E", "A", "F", "G", "B"],
    ("13.4", "last_update_missing"): lambda: "b c e a f g d",
    ("13.5", "detach"): LINES | {"b": "detach"},
    ("13.5", "zero_grad"): LINES | {"d": "zero_grad"},
    ("13.5", "clip"): LINES | {"c": "clip"},
    ("13.5", "step"): LINES | {"e": "step"},
    ("13.5", "start"): LINES | {"a": "start"},
    ("13.6", "too_few_steps"): lambda: (3.0, [1.0, 5.0]),
    ("13.6", "w_is_zero"): lambda: (0.0, [1.0, 2.0, 3.0, 4.0]),
    ("13.6", "nothing_to_remember"): lambda: (2.0, [0.0, 0.0, 1.0, 1.0]),
    ("13.6", "not_numbers"): lambda: (torch.ones(2), [1.0, 2.0, 3.0]),
    ("13.7", "detached_too_late"): lambda w, xs, k: chunked(w, xs, k, loss=lambda h: h.detach() ** 2),
    ("13.7", "second_time"): lambda w, xs, k: chunked(w, xs, k, carry=lambda h: h),
}

# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "13.1": [
        (17, 13, 7, 7),
        (15, 13, 7, 34),
        (17, 7, 7, 34),
        (17, 13, 0, 34),
        (34, 26, 14, 68),
        (26, 13, 7, 52),
        (4, 2, 1, 8),
        (17, 17, 17, 34),
        (17, 13, 6, 34),
        (-17, -13, -7, -34),
    ],
    "13.2": [
        lambda w, xs: terms(w, xs, lambda t, h: h[t - 1] * w ** (len(xs) - t)) * 2,
        lambda w, xs: terms(w, xs, lambda t, h: (len(xs) - t) * h[t - 1] + 0.3),
        lambda w, xs: terms(w, xs, lambda t, h: w ** (len(xs) - t)) + 0.1,
        lambda w, xs: -terms(w, xs, lambda t, h: h[t - 1] * w ** (len(xs) - t)),
        lambda w, xs: w ** len(xs),
        lambda w, xs: xs,
        lambda w, xs: torch.stack([w * x for x in xs]),
        lambda w, xs: terms(w, xs, lambda t, h: h[t]),
        lambda w, xs: terms(w, xs, lambda t, h: h[t - 1] * w ** (len(xs) - t)) + w,
        lambda w, xs: 0.5,
    ],
    "13.3": [
        lambda W, h, x: (W * (W @ h + x > 0)[:, None])[None],
        lambda W, h, x: closed(W, h, x),
        lambda W, h, x: torch.diag(closed(W, h, x)),
        lambda W, h, x: (W @ h + x).relu(),
        lambda W, h, x: closed(W, h, x)[:, None] * W * h,
        lambda W, h, x: (1 - closed(W, h, x))[:, None] * W,
        lambda W, h, x: W * W,
        lambda W, h, x: (W @ h > 0)[:, None] * W + 1,
        lambda W, h, x: -closed(W, h, x)[:, None] * W,
        lambda W, h, x: W @ torch.diag(closed(W, h, x)) @ W,
        lambda W, h, x: (closed(W, h, x)[:, None] * W)[:2],
        lambda W, h, x: (W @ h > 0)[:, None] * W,
        lambda W, h, x: (W @ h + x).sign()[:, None] * W,
        lambda W, h, x: (W @ h + x > 1e-5)[:, None] * W,
    ],
    "13.4": [
        *(lambda order=order: order for order in ("BCDEAFG", "BCDEFAG", "BCDFEAG", "BCEADFG", "BCEAFDG", "BCEDAFG")),
        lambda: 1234567,
        lambda: [1, 2, 3],
        lambda: {"C": 1, "E": 2},
        lambda: torch.zeros(7),
        lambda: True,
    ],
    "13.5": [  # each has a first mistake that the spec explains; only the refusal is tested
        dict.fromkeys("abcde", "detach"),
        dict.fromkeys("abcde", "step"),
        LINES | {"a": "zero_grad"},
        LINES | {"b": "zero_grad"},
        LINES | {"b": "start"},
        LINES | {"c": "detach"},
        LINES | {"c": "step"},
        LINES | {"d": "start"},
        LINES | {"e": "detach"},
        LINES | {"b": "clip", "d": "step"},
    ],
    "13.6": [
        lambda: 2.0,
        lambda: "w",
        lambda: [1.0, 2.0, 3.0],
        lambda: (1.0, [1.0], [2.0]),
        lambda: {"w": 2.0, "xs": [1.0, 2.0, 3.0]},
        lambda: torch.ones(3),
        lambda: {2.0, 3.0},
        lambda: 3j,
        lambda: True,
        lambda: (1.0,),
    ],
    "13.7": [
        lambda w, xs, k: chunked(w, xs, k, loss=lambda h: h),
        lambda w, xs, k: chunked(w, xs, k, loss=lambda h: -h * h),
        lambda w, xs, k: chunked(w, xs, k) / len(xs.split(k)),
        lambda w, xs, k: chunked(w, xs, k) * 2,
        lambda w, xs, k: chunked(w, xs, k, loss=lambda h: (h - 0.5) ** 2),
        lambda w, xs, k: chunked(w, xs.flip(0), k) + 1,
        lambda w, xs, k: w,
        lambda w, xs, k: xs,
        lambda w, xs, k: chunked(w, xs, k).abs() + 0.1,
        lambda w, xs, k: torch.zeros(()),
    ],
}

RECOGNISED = {
    ("13.6", "w_is_zero"): [lambda: (1e-12, [1.0, 2.0, 3.0])],
    ("13.6", "not_numbers"): [lambda: (2.0, []), lambda: (float("inf"), [1.0, 2.0, 3.0])],
    ("13.2", "finite_difference"): [
        *(central_difference(h, relative) for h in (1e-3, 1e-6) for relative in (False, True)),
        lambda w, xs: central_difference(1e-4)(w, xs.double()),
        lambda w, xs: (last_state(w + 1e-7, xs) - last_state(w, xs)) / 1e-7,
    ],
    ("13.3", "finite_difference"): [
        *(step_by_differences(*each) for each in STEPS),
        *(step_by_differences(1e-6, sides=sides) for sides in ((1, 0), (0, -1))),
        relu_by_differences,
    ],
    ("13.7", "not_truncated"): [
        lambda w, xs, k: chunked(w, xs, k, carry=lambda h: h, loss=lambda h: Retained(h * h)),
    ],
    ("13.7", "short_chunk_missing"): [lambda w, xs, k: chunked(w, xs[: len(xs) // k * k], k)],
    ("13.7", "k_chunks"): [lambda w, xs, k: chunked(w, xs, -(-len(xs) // k))],
}

RIGHT = {
    "13.1": [[17, 13, 7, 34], torch.tensor([17.0, 13.0, 7.0, 34.0]), (17.0, (13.0, 7.0), numpy.float64(34))],
    "13.2": [
        lambda w, xs: terms(w, xs, lambda t, h: h[t - 1] * w ** (len(xs) - t)),
        lambda w, xs: sum(
            (len(xs) - s) * w ** (len(xs) - s - 1) * x for s, x in enumerate(xs.double(), start=1) if s < len(xs)
        ),
        derivative_by_a_matrix,
        derivative_by_a_complex_step,
        lambda w, xs: numpy.polyval(numpy.polyder(xs.double().numpy()), w),
    ],
    "13.3": [
        lambda W, h, x: torch.diag(closed(W, h, x)) @ W,
        lambda W, h, x: torch.stack([row if row @ h + b > 0 else 0 * row for row, b in zip(W, x, strict=True)]),
        lambda W, h, x: torch.where((W @ h + x > 0).unsqueeze(1), W, 0.0),
        lambda W, h, x: (W.T * (W @ h + x).sign().clamp(min=0)).T.double().tolist(),
    ],
    "13.4": [
        lambda: "EAFGDBC",
        lambda: "FCEAGDB",
        lambda: "EAGDBCF",
        lambda: "f, c, e, a, g, d, b",
        lambda: ["C", "E", "A", "G", "D", "B", "F"],
    ],
    "13.5": [
        {key: value.upper() for key, value in LINES.items()},
        {key: f" {value} " for key, value in LINES.items()},
        dict(reversed(LINES.items())),
    ],
    "13.6": [
        lambda: (0.5, torch.tensor([1.0, 2.0, 3.0])),
        lambda: [1, (1, 1, 1)],
        lambda: (numpy.float64(-0.5), numpy.array([3.0, 0.0, 0.0, 0.0])),
    ],
    "13.7": [
        with_numbers,
        by_func,
        without_autograd,
        lambda w, xs, k: chunked(w, xs, k, carry=lambda h: h.data.clone()).clone(),
    ],
}

PREDICTED = {"13.p1": 5, "13.p2": 2, "13.p3": 1, "13.p4": 2}
