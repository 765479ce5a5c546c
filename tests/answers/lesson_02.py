"""Wrong answers to the exercises of lesson 02."""

import torch


def train(zero_first=False, rebind=False):
    """The loop of 02.3 with other mistakes."""

    def loop(w, x, y_true, lr, steps):
        w = torch.tensor(w, requires_grad=True)
        for _ in range(steps):
            if zero_first:
                w.grad.zero_()
            ((w * x - y_true) ** 2).backward()
            if rebind:
                w = w - lr * w.grad
                continue
            with torch.no_grad():
                w -= lr * w.grad
        return w.item()

    return loop


def zeroes_once(w, x, y_true, lr, steps):
    w = torch.tensor(w, requires_grad=True)
    w.grad = None
    for _ in range(steps):
        ((w * x - y_true) ** 2).backward()
        w.data -= lr * w.grad
    return w.item()


def forgets_c(w, b, c, x, y_true):
    w, b, c = (torch.tensor(p, requires_grad=True) for p in (w, b, c))
    ((w * x + b - y_true) ** 2).backward()
    return w.grad, b.grad, c.grad


def too_late(x):
    y = x * x
    (y * y).sum().backward()
    y.retain_grad()
    return x.grad, y.grad


WRITTEN = {
    ("02.2", "not_a_leaf"): forgets_c,
    ("02.3", "accumulated"): zeroes_once,
    ("02.3", "zeroed_before_there_is_any"): train(zero_first=True),
    ("02.3", "no_gradient_to_subtract"): train(rebind=True),
    ("02.5", "path_cut"): lambda x: x.detach() * x + x,
    ("02.5", "square_only"): lambda x: x * x,
    ("02.5", "plus_one"): lambda x: x * x + 1,
    ("02.5", "power"): lambda x: x**2 + x,
    ("02.5", "three_arrows"): lambda x: x * x + x,
    ("02.5", "operations"): lambda x: x * (x + 0.5 + 0.5),
    ("02.7", "none_of_a_non_leaf"): too_late,
    ("02.8", "flattened"): lambda q: q.detach().reshape(-1).requires_grad_(),
    ("02.8", "history"): lambda q: q.requires_grad_(),
    ("02.8", "no_flag"): lambda q: q.detach(),
    ("02.4", "flag"): {"a": "flag", "b": "copy", "c": "detach", "d": "no_grad", "e": "flag"},
    ("02.4", "no_grad"): {"a": "compare", "b": "no_grad", "c": "detach", "d": "no_grad", "e": "flag"},
    ("02.4", "detach"): {"a": "compare", "b": "detach", "c": "detach", "d": "no_grad", "e": "flag"},
    ("02.4", "copy"): {"a": "compare", "b": "copy", "c": "detach", "d": "no_grad", "e": "copy"},
    ("02.4", "compare"): {"a": "compare", "b": "copy", "c": "compare", "d": "no_grad", "e": "flag"},
}

# Wrong in ways that the spec does not list: refused all the same, and not taken for something else.
OTHER = {
    "02.1": [(-24, 8), (0, 0), (-24.1, -8), (1, 2), (-24, float("inf"))],
    "02.2": [
        lambda w, b, c, x, y_true: (w, b, c),
        lambda w, b, c, x, y_true: (0.0, 0.0, 0.0),
        lambda w, b, c, x, y_true: (x, x, x),
        lambda w, b, c, x, y_true: (y_true * x + 1, y_true, w),
        lambda w, b, c, x, y_true: (1.0, 2.0, 3.0),
    ],
    "02.3": [
        lambda w, x, y_true, lr, steps: 0.0,
        lambda w, x, y_true, lr, steps: y_true / x + 1,
        lambda w, x, y_true, lr, steps: w - lr,
        lambda w, x, y_true, lr, steps: -w,
        lambda w, x, y_true, lr, steps: w + 100 * lr * steps,
    ],
    "02.4": [  # two causes twice, with a first mistake that the spec explains: refused is what counts
        dict.fromkeys("abcde", "flag"),
        {"a": "copy", "b": "compare", "c": "detach", "d": "no_grad", "e": "flag"},
        {"a": "compare", "b": "copy", "c": "no_grad", "d": "detach", "e": "flag"},
        {"a": "detach", "b": "copy", "c": "compare", "d": "flag", "e": "no_grad"},
        {"a": "compare", "b": "flag", "c": "detach", "d": "no_grad", "e": "copy"},
    ],
    "02.5": [
        lambda x: x * (x + 2),
        lambda x: x + x,
        lambda x: x * (x - 1),
        lambda x: x.exp(),
        lambda x: x * 1.5,
    ],
    "02.6": [(17, 16), (0, 0), (60, 60), (-17, -17), (17, 12)],
    "02.7": [
        lambda x: (x.detach(), x.detach()),
        lambda x: (4 * x.detach() ** 3, 3 * x.detach() ** 2),
        lambda x: (x.detach() ** 4, x.detach() ** 2),
        lambda x: (torch.zeros_like(x), torch.zeros_like(x)),
        lambda x: (4 * x.detach().abs() ** 3, 2 * x.detach().abs()),
    ],
    "02.8": [
        lambda q: torch.ones(2, 3, requires_grad=True),
        lambda q: (q + 1).detach().requires_grad_(),
        lambda q: (-q).detach().requires_grad_(),
        lambda q: q.T.detach().requires_grad_(),
        lambda q: q.detach().round().sub(7).requires_grad_(),
    ],
}
