"""Wrong answers to the exercises of lesson 05."""

import torch


def train(w, xs, lr, keep):
    w = torch.tensor(w, requires_grad=True)
    losses = []
    for x in xs:
        loss = (w * x - 1) ** 2
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        w.grad = None
        losses.append(keep(loss, w, x))
    return losses


def through_data(w, lr):
    w.data -= lr * w.grad
    return w


def straight(w, lr):
    return w.sub_(lr * w.grad)


def uphill(w, lr):
    with torch.no_grad():
        w += lr * w.grad
    return w


def twice(w, lr):
    with torch.no_grad():
        w -= 2 * lr * w.grad
    return w


def zeroed(w, lr):
    with torch.no_grad():
        w.zero_()
    return w


def without_lr(w, lr):
    with torch.no_grad():
        w -= w.grad
    return w


def shifted(w, lr):
    with torch.no_grad():
        w -= lr
    return w


def halved(w, lr):
    with torch.no_grad():
        w -= lr * w.grad / 2
    return w


def by_optimizer(w, lr):
    torch.optim.SGD([w], lr=lr).step()
    return w


def by_optimizer_and_cleared(w, lr):
    sgd = torch.optim.SGD([w], lr=lr)
    sgd.step()
    sgd.zero_grad()
    return w


@torch.no_grad()
def element_by_element(w, lr):
    for i in range(len(w)):
        w[i] -= lr * w.grad[i]
    return w


def flag_off_and_on(w, lr):
    w.requires_grad_(False).sub_(lr * w.grad)
    return w.requires_grad_()


CAUSES = {"a": "saved", "b": "detached", "c": "silent", "d": "leaf", "e": "numpy"}

WRITTEN = {
    ("05.2", "detached"): CAUSES | {"a": "detached"},
    ("05.2", "leaf"): CAUSES | {"a": "leaf"},
    ("05.2", "saved"): CAUSES | {"b": "saved"},
    ("05.2", "silent"): CAUSES | {"a": "silent"},
    ("05.2", "numpy"): CAUSES | {"a": "numpy"},
    ("05.3", "still_held"): lambda w, xs, lr: train(w, xs, lr, lambda loss, w, x: loss.clone()),
    ("05.3", "detached_too_early"): lambda w, xs, lr: [(w * x - 1) ** 2 for x in xs],
    ("05.3", "after_the_step"): lambda w, xs, lr: train(w, xs, lr, lambda loss, w, x: ((w * x - 1) ** 2).item()),
    ("05.3", "detached_tensors"): lambda w, xs, lr: train(w, xs, lr, lambda loss, w, x: loss.detach()),
    ("05.4", "new_leaf"): lambda y: y.detach().clone().requires_grad_(),
    ("05.4", "shares_memory"): lambda y: y.detach(),
    ("05.4", "on_the_graph"): lambda y: y.clone(),
    ("05.4", "itself"): lambda y: y,
    ("05.5", "new_tensor"): lambda w, lr: w - lr * w.grad,
    ("05.5", "another_leaf"): lambda w, lr: (w - lr * w.grad).detach().requires_grad_(),
    ("05.5", "uphill"): uphill,
    ("05.5", "unmoved"): lambda w, lr: w,
    ("05.5", "leaf_in_place"): straight,
    ("05.5", "data"): through_data,
}

# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "05.1": [0, 12, 27, 15.5, float("nan")],
    "05.2": [
        dict.fromkeys("abcde", "silent"),
        {"a": "silent", "b": "detached", "c": "saved", "d": "leaf", "e": "numpy"},
        {"a": "leaf", "b": "detached", "c": "silent", "d": "saved", "e": "numpy"},
        {"a": "saved", "b": "numpy", "c": "silent", "d": "leaf", "e": "detached"},
        {"a": "detached", "b": "saved", "c": "silent", "d": "leaf", "e": "numpy"},
    ],
    "05.3": [
        lambda w, xs, lr: [torch.tensor((w * x) ** 2) for x in xs],
        lambda w, xs, lr: [0.0 for _ in xs],
        lambda w, xs, lr: [float(x) + 3 for x in xs],
        lambda w, xs, lr: train(w, xs, lr, lambda loss, w, x: loss.item() + 1),
        lambda w, xs, lr: train(w, xs, lr, lambda loss, w, x: -loss.item() - 0.5),
        lambda w, xs, lr: train(w, xs, lr, lambda loss, w, x: w.item() + 9),
        lambda w, xs, lr: train(w, xs, 0.5, lambda loss, w, x: loss.item()),
        lambda w, xs, lr: train(w, xs[::-1], lr, lambda loss, w, x: loss.item())[:-1],
        lambda w, xs, lr: sum(train(w, xs, lr, lambda loss, w, x: loss.item())),
        lambda w, xs, lr: train(w, xs, lr, lambda loss, w, x: abs(w.item() * x - 1) + 2),
        lambda w, xs, lr: train(w, xs, lr, lambda loss, w, x: str(loss.item())),
        lambda w, xs, lr: train(w, xs, lr, lambda loss, w, x: [loss.item()]),
    ],
    "05.4": [
        lambda y: torch.zeros(y.shape),
        lambda y: y.detach() + 1,
        lambda y: -y.detach(),
        lambda y: y.detach().round() + 0.3,
        lambda y: y.detach() * 3,
        lambda y: y.detach()[:1].clone(),
        lambda y: y.detach().clone().abs() + 0.1,
        lambda y: y.detach().clone().flip(0) + 0.1,
        lambda y: y.tolist(),
        lambda y: y.detach().clone().round(decimals=0) - 0.2,
        lambda y: y.data.zero_(),
        lambda y: y.clone().requires_grad_(False),
    ],
    "05.5": [
        twice,
        zeroed,
        without_lr,
        shifted,
        halved,
        torch.no_grad()(lambda w, lr: w.mul_(1 - lr)),
        torch.no_grad()(lambda w, lr: w.copy_(w.grad)),
        torch.no_grad()(lambda w, lr: w.sub_(lr * w.grad * w.grad)),
        torch.no_grad()(lambda w, lr: w.sub_(lr * w)),
        torch.no_grad()(lambda w, lr: w.sub_(lr * 2 * w)),
        torch.no_grad()(lambda w, lr: w.add_(lr)),
        torch.no_grad()(lambda w, lr: w.sub_(lr * w.grad).add_(0.1)),
        by_optimizer_and_cleared,
    ],
}

PREDICTED = {"05.p1": 1, "05.p2": 9.0, "05.p3": 2, "05.p4": 2}

RIGHT = {
    "05.1": [torch.tensor([15.0]), (15,)],
    "05.3": [
        lambda w, xs, lr: train(w, xs, lr, lambda loss, w, x: float(loss)),
        lambda w, xs, lr: tuple(train(w, xs, lr, lambda loss, w, x: loss.detach().numpy())),
        lambda w, xs, lr: train(w, xs, lr, lambda loss, w, x: loss.tolist()),
    ],
    "05.4": [
        lambda y: torch.empty_like(y).copy_(y.detach()),
        lambda y: y.clone().detach(),
        lambda y: torch.tensor(y.tolist()),
        lambda y: y.detach() * 1,
        torch.no_grad()(torch.clone),
        torch.inference_mode()(torch.clone),
    ],
    "05.5": [by_optimizer, element_by_element, flag_off_and_on],
}
