"""Wrong answers to the exercises of lesson 09."""

import numpy
import torch

AILMENTS = {"a": "freed", "b": "saved", "c": "vector", "d": "cut", "e": "leaf"}


def still_in_place(x):
    e = x.exp()
    e.div_(e.sum())
    return (e * e).sum()


def through_data(x):
    e = x.exp()
    e.data /= e.data.sum()
    return torch.dot(e, e)


def shares_added(x):
    e = x.exp()
    return (e / e.sum()).sum()


def with_hook(x):
    safe = torch.where(x > 0, x, 1.0)
    if x.requires_grad:
        x.register_hook(torch.nan_to_num)
    return torch.where(x > 0, torch.sqrt(safe), 0.0)


def masked(x):
    return torch.sqrt(x) * (x > 0)


def one_slope(x):
    return torch.relu(x) + (torch.relu(x).sqrt() - torch.relu(x)).detach()


def loop(update):
    """The loop of 09.5 with another update."""

    def train(w, xs, ys, lr, steps):
        w = w.clone().requires_grad_()
        for _ in range(steps):
            ((w * xs - ys) ** 2).mean().backward()
            w = update(w, lr)
        return w.detach()

    return train


def rebound(w, lr):
    w = w - lr * w.grad
    return w


def retained(w, lr):
    w = w - lr * w.grad
    w.retain_grad()
    return w


def emptied(w, lr):
    w.grad = None
    return rebound(w, lr)


def in_place(w, lr):
    w -= w.grad * lr
    return w


def on_the_graph(w, batches):
    return (w * batches).exp().mean(1)


def switched_off(w, batches):
    return (w.requires_grad_(False) * batches).exp().mean(1)


WRITTEN = {
    ("09.1", "leaf"): AILMENTS | {"a": "leaf"},
    ("09.1", "saved"): AILMENTS | {"a": "saved"},
    ("09.1", "freed"): AILMENTS | {"b": "freed"},
    ("09.1", "cut"): AILMENTS | {"a": "cut"},
    ("09.1", "vector"): AILMENTS | {"a": "vector"},
    ("09.3", "still_in_place"): still_in_place,
    ("09.3", "guard_bypassed"): through_data,
    ("09.3", "not_divided"): lambda x: torch.dot(x.exp(), x.exp()),
    ("09.3", "sum_of_shares"): shares_added,
    ("09.4", "nan_remains"): masked,
    ("09.4", "infinite_at_zero"): lambda x: torch.where(x >= 0, torch.where(x >= 0, x, 1.0).sqrt(), 0.0),
    ("09.4", "chosen_once"): lambda x: torch.where(x > 0, x, 1.0).sqrt(),
    ("09.4", "shifted"): lambda x: (x.clamp(min=0) + 0.01).sqrt(),
    ("09.4", "cut"): lambda x: torch.tensor([max(number, 0.0) ** 0.5 for number in x.tolist()]),
    ("09.4", "one_slope_for_all"): lambda x: torch.relu(x) + (torch.relu(x).detach().sqrt() - torch.relu(x).detach()),
    ("09.4", "hook"): with_hook,
    ("09.5", "no_leaf_any_more"): loop(rebound),
    ("09.4", "threshold"): lambda x: torch.where(x > 0.01, torch.where(x > 0.01, x, 1.0).sqrt(), 0.0),
    ("09.5", "rebound_without_recording"): loop(torch.no_grad()(rebound)),
    ("09.5", "retain_grad"): loop(retained),
    ("09.5", "leaf_in_place"): loop(in_place),
    ("09.5", "emptied_too_early"): loop(emptied),
    ("09.6", "graph_kept"): on_the_graph,
}


def fills_grad(w, batches):
    losses = (w * batches).exp().mean(1)
    losses.sum().backward()
    return losses.detach()


# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "09.1": [
        dict.fromkeys("abcde", "cut"),
        {"a": "saved", "b": "freed", "c": "vector", "d": "cut", "e": "leaf"},
        {"a": "freed", "b": "leaf", "c": "vector", "d": "cut", "e": "saved"},
        {"a": "freed", "b": "saved", "c": "cut", "d": "vector", "e": "leaf"},
        {"a": "cut", "b": "vector", "c": "leaf", "d": "saved", "e": "freed"},
    ],
    "09.2": [(2, 0), (0, 0), (-1, 1), (0, 2.5), (1, 1)],
    "09.3": [
        lambda x: x.exp().sum(),
        lambda x: torch.dot(x, x),
        lambda x: torch.softmax(x, 0).max(),
        lambda x: torch.softmax(-x, 0).pow(3).sum() + 1,
        lambda x: x.sum() * 0 + 3,
        lambda x: torch.softmax(x, 0).pow(3).sum(),
        lambda x: torch.softmax(x, 0).norm(),
        lambda x: torch.softmax(2 * x, 0).square().sum(),
        lambda x: torch.softmax(x, 0).square().mean(),
        lambda x: torch.log_softmax(x, 0).square().sum(),
        lambda x: torch.softmax(x, 0),
    ],
    "09.4": [
        lambda x: x * 2,
        lambda x: torch.relu(x) ** 2,
        lambda x: -torch.relu(x) - 1,
        lambda x: x * 0,
        lambda x: torch.where(x > 0, x, 0.0),
        lambda x: by_index(x) + 0.1 * x,
        lambda x: torch.relu(x) + 1,
        lambda x: torch.where(x > 0, x**2, 0.0),
        lambda x: by_index(x) * 2,
        lambda x: by_index(x).sum(),
        lambda x: 1 - by_index(x),
    ],
    "09.5": [
        lambda w, xs, ys, lr, steps: ys / xs,
        lambda w, xs, ys, lr, steps: w + 1,
        lambda w, xs, ys, lr, steps: -w,
        lambda w, xs, ys, lr, steps: w * 0,
        lambda w, xs, ys, lr, steps: w - lr * steps,
        lambda w, xs, ys, lr, steps: loop(detached_anew)(w, xs, ys, lr, steps + 1),
        lambda w, xs, ys, lr, steps: loop(detached_anew)(w, xs, ys, 2 * lr, steps),
        lambda w, xs, ys, lr, steps: loop(detached_anew)(w, xs, -ys, lr, steps),
        lambda w, xs, ys, lr, steps: loop(detached_anew)(w, xs, ys, lr, steps).sum(),
        lambda w, xs, ys, lr, steps: loop(detached_anew)(w, xs, ys, lr, steps).flip(0) + 1,
    ],
    "09.6": [
        lambda w, batches: torch.zeros(len(batches)),
        lambda w, batches: batches.mean(1),
        lambda w, batches: (w * batches).exp().mean(1).detach() + 1,
        lambda w, batches: (w * batches).mean(1).detach().exp(),
        lambda w, batches: (w * batches).exp().mean(1).detach().flip(0),
        lambda w, batches: [(w * x).exp().mean() for x in batches],
        lambda w, batches: [(w * x).exp().mean().item() for x in batches],
        switched_off,
        fills_grad,
        lambda w, batches: on_the_graph(w, batches).detach()[:-1],
        lambda w, batches: on_the_graph(w, batches).detach().mean(),
    ],
}


def by_index(x):
    root, inside = torch.zeros_like(x), x > 0
    root[inside] = x[inside].sqrt()
    return root


def by_sgd(w, xs, ys, lr, steps):
    w = torch.nn.Parameter(w.clone())
    optimizer = torch.optim.SGD([w], lr)
    for _ in range(steps):
        torch.nn.functional.mse_loss(w * xs, ys).backward()
        optimizer.step()
        optimizer.zero_grad()
    return w


def detached_anew(w, lr):
    return (w - lr * w.grad).detach().requires_grad_()


def concentrated_on_a_clone(x):
    e = x.exp()
    s = e.clone()
    s /= e.sum()
    return torch.einsum("i,i->", s, s)


RIGHT = {
    "09.3": [
        concentrated_on_a_clone,
        lambda x: x.double().softmax(-1).square().sum(),
        lambda x: (x.exp() / x.exp().sum()).norm() ** 2,
    ],
    "09.4": [
        by_index,
        lambda x: x.clamp(min=1e-12).sqrt() * (x > 0),
        lambda x: torch.stack([v.sqrt() if v > 0 else 0 * v for v in x]),
    ],
    "09.5": [
        by_sgd,
        loop(detached_anew),
        lambda w, xs, ys, lr, steps: by_sgd(w, xs, ys, lr, steps).tolist(),
    ],
    "09.6": [
        lambda w, batches: numpy.array([(w * x).exp().mean().item() for x in batches]),
        lambda w, batches: torch.inference_mode()(on_the_graph)(w, batches),
        lambda w, batches: on_the_graph(w, batches).data,
    ],
}

PREDICTED = {"09.p1": 1, "09.p2": 2, "09.p3": 2500.0, "09.p4": 1, "09.p5": 1}
