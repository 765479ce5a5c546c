"""Wrong answers to the exercises of lesson 02."""

import copy

import torch


def train(zero_first=False, rebind=False):
    """The training loop of 02.3 with mistakes that the arguments choose."""

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


def by_formula(w, b, c, x, y_true):
    slope = 2 * (c * x**2 + w * x + b - y_true)
    return slope * x, slope, slope * x**2


def three_passes(w, b, c, x, y_true):
    leaves = [torch.tensor(p, requires_grad=True) for p in (w, b, c)]
    w, b, c = leaves
    loss = (c * x**2 + w * x + b - y_true) ** 2
    return tuple(torch.autograd.grad(loss, leaf, retain_graph=True)[0] for leaf in leaves)


def forgets_to_call(w, b, c, x, y_true):
    w, b, c = (torch.tensor(p, requires_grad=True) for p in (w, b, c))
    _ = three_parameters(w, b, c, x, y_true).backward
    return w.grad, b.grad, c.grad


def unpacked(w, b, c, x, y_true):
    w, b, c = torch.tensor([w, b, c], requires_grad=True)
    three_parameters(w, b, c, x, y_true).backward()
    return w.grad, b.grad, c.grad


def as_a_module(w, b, c, x, y_true):
    layer = torch.nn.Linear(2, 1)
    layer.weight.data, layer.bias.data = torch.tensor([[w, c]]), torch.tensor([b])
    torch.nn.functional.mse_loss(layer(torch.tensor([x, x * x])), torch.tensor([y_true])).backward()
    return layer.weight.grad[0, 0], layer.bias.grad[0], layer.weight.grad[0, 1]


def one_forward_pass(w, x, y_true, lr, steps):
    w = torch.tensor(w, requires_grad=True)
    squared = (w * x - y_true) ** 2
    for _ in range(steps):
        w.grad = None
        squared.backward()
        w.data -= lr * w.grad
    return w.item()


def cleared_by_a_method(w, x, y_true, lr, steps):
    w = torch.tensor(w, requires_grad=True)
    w.zero_grad()
    return w.item()


def never_called(x):
    y = x * x
    y.retain_grad()
    _ = (y * y).sum().backward
    return x.grad, y.grad


def detached_y(x):
    y = (x * x).detach().requires_grad_()
    (y * y).sum().backward()
    return x.grad, y.grad


def second_by_formula(x, kept=False):
    y = x * x
    if kept:
        y.retain_grad()
    (y * y).sum().backward()
    return x.grad, 2 * y if kept else 2 * y.detach()


def kept_but_not_read(x):
    y = x * x
    y.retain_grad()
    (y * y).sum().backward()
    return x.grad, 2 * y.detach()


def to_both(x):
    y = x * x
    (y * y).sum().backward(inputs=[x, y])
    return x.grad, y.grad


def through_a_hook(x):
    y, arrived = x * x, []
    y.register_hook(arrived.append)
    (y * y).sum().backward()
    return x.grad, arrived[0]


def too_late(x):
    y = x * x
    (y * y).sum().backward()
    y.retain_grad()
    return x.grad, y.grad


def three_parameters(w, b, c, x, y_true):
    return (c * x**2 + w * x + b - y_true) ** 2


def transformed(*numbers):
    return torch.func.grad(three_parameters, argnums=(0, 1, 2))(*map(torch.tensor, numbers))


def one_vector(w, b, c, x, y_true):
    p = torch.tensor([w, b, c], requires_grad=True, dtype=torch.float64)
    (p @ torch.tensor([x, 1.0, x * x], dtype=torch.float64) - y_true).square().backward()
    return p.grad.numpy()


def leaves_of_one_element(w, b, c, x, y_true):
    leaves = [torch.tensor([p], requires_grad=True) for p in (w, b, c)]
    three_parameters(*leaves, x, y_true).backward()
    return [leaf.grad for leaf in leaves]


def beside_a_pass(w, b, c, x, y_true):
    leaf = torch.tensor(x, requires_grad=True)
    (leaf * leaf).backward()
    return by_formula(w, b, c, x, y_true)


def partly_beside_the_pass(w, b, c, x, y_true):
    leaf = torch.tensor(w, requires_grad=True)
    three_parameters(leaf, b, c, x, y_true).backward()
    return leaf.grad, *by_formula(w, b, c, x, y_true)[1:]


def by_plain_numbers(w, b, c, x, y_true):
    grads = leaves_of_one_element(w, b, c, x, y_true)
    print("found", grads)
    return [grad.item() for grad in grads]


def by_a_hook(w, b, c, x, y_true):
    leaves, arrived = [torch.tensor(p, requires_grad=True) for p in (w, b, c)], {}
    for i, leaf in enumerate(leaves):
        leaf.register_hook(lambda grad, i=i: arrived.update({i: grad}))
    three_parameters(*leaves, x, y_true).backward()
    return arrived[0], arrived[1], arrived[2]


def checked_by_the_formula(w, b, c, x, y_true):
    grads = leaves_of_one_element(w, b, c, x, y_true)
    for grad, expected in zip(grads, by_formula(w, b, c, x, y_true), strict=True):
        if not torch.isclose(grad, torch.tensor(expected)):
            raise ValueError("they disagree")
    return grads


def half_the_square(w, b, c, x, y_true):
    leaves = [torch.tensor(p, requires_grad=True) for p in (w, b, c)]
    (three_parameters(*leaves, x, y_true) / 2).backward()
    return [2 * leaf.grad for leaf in leaves]


def descends(how):
    """The loop of 02.3, fixed in one of many ways."""

    def loop(w, x, y_true, lr, steps):
        w = torch.tensor(w, requires_grad=True)
        sgd = torch.optim.SGD([w], lr=lr)
        for _ in range(steps):
            loss = (w * x - y_true) ** 2
            if how == "first":
                w.grad = None
            if how == "grad":
                (slope,) = torch.autograd.grad(loss, w)
                w = (w - lr * slope).detach().requires_grad_()
                continue
            loss.backward()
            if how == "optimizer":
                sgd.step()
                sgd.zero_grad()
            elif how == "new leaf":
                w = (w - lr * w.grad).detach().requires_grad_()
            else:
                w.data -= lr * w.grad
                w.grad.zero_() if how == "zero" else delattr(w, "grad")
        return w

    return loop


def both(x, loss, power=1):
    y = x.square()
    y.retain_grad()
    (loss(y) ** power).backward()
    return torch.stack([x.grad, y.grad])


def through_a_leaf(x):
    y = (x * x).detach().requires_grad_()
    (y * y).sum().backward()
    (x * x).backward(y.grad)
    return x.grad, y.grad


def rebound_in_no_grad(w, x, y_true, lr, steps):
    w = torch.tensor(w, requires_grad=True)
    for _ in range(steps):
        ((w * x - y_true) ** 2).backward()
        with torch.no_grad():
            w = w - lr * w.grad
    return w.item()


WRITTEN = {
    ("02.2", "not_a_leaf"): forgets_c,
    ("02.2", "never_ran"): forgets_to_call,
    ("02.2", "no_backward"): by_formula,
    ("02.2", "not_from_backward"): beside_a_pass,
    ("02.2", "several_backwards"): three_passes,
    ("02.3", "accumulated"): zeroes_once,
    ("02.3", "zeroed_before_there_is_any"): train(zero_first=True),
    ("02.3", "rebound_without_recording"): rebound_in_no_grad,
    ("02.2", "another_order"): lambda *numbers: by_formula(*numbers)[::-1],
    ("02.3", "no_gradient_to_subtract"): train(rebind=True),
    ("02.5", "path_cut"): lambda x: x.detach() * x + x,
    ("02.5", "square_only"): lambda x: x * x,
    ("02.5", "plus_one"): lambda x: x * x + 1,
    ("02.5", "power"): lambda x: x**2 + x,
    ("02.5", "three_arrows"): lambda x: x * x + x,
    ("02.5", "operations"): lambda x: x * (x + 0.5 + 0.5),
    ("02.7", "none_of_a_non_leaf"): too_late,
    ("02.7", "never_ran"): never_called,
    ("02.7", "path_cut_at_y"): detached_y,
    ("02.7", "second_by_formula"): second_by_formula,
    ("02.7", "several_backwards"): through_a_leaf,
    ("02.7", "grad_empty"): lambda x: (4 * x.detach() ** 3, 2 * x.detach() ** 2),
    ("02.8", "flattened"): lambda q: q.detach().reshape(-1).requires_grad_(),
    ("02.8", "history"): lambda q: q.requires_grad_(),
    ("02.8", "no_flag"): lambda q: q.detach(),
    ("02.4", "flag"): {"a": "flag", "b": "copy", "c": "detach", "d": "no_grad", "e": "flag"},
    ("02.4", "no_grad"): {"a": "compare", "b": "no_grad", "c": "detach", "d": "no_grad", "e": "flag"},
    ("02.4", "detach"): {"a": "compare", "b": "detach", "c": "detach", "d": "no_grad", "e": "flag"},
    ("02.4", "copy"): {"a": "compare", "b": "copy", "c": "detach", "d": "no_grad", "e": "copy"},
    ("02.4", "compare"): {"a": "compare", "b": "copy", "c": "compare", "d": "no_grad", "e": "flag"},
}

# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "02.1": [
        (-24, 8),
        (0, 0),
        (-24.1, -8),
        (1, 2),
        (-24, float("inf")),
        (-24, -4),
        (16, 0),
        (-48, -16),
        -24,
        {"dw": -24, "db": -8},
    ],
    "02.2": [
        lambda w, b, c, x, y_true: (w, b, c),
        lambda w, b, c, x, y_true: (0.0, 0.0, 0.0),
        lambda w, b, c, x, y_true: (x, x, x),
        lambda w, b, c, x, y_true: (y_true * x + 1, y_true, w),
        lambda w, b, c, x, y_true: (1.0, 2.0, 3.0),
        lambda w, b, c, x, y_true: (2 * x, 2.0, 2 * x * x),
        lambda w, b, c, x, y_true: tuple(g + 0.5 for g in by_formula(w, b, c, x, y_true)),
        lambda w, b, c, x, y_true: by_formula(w, b, c, x, -y_true),
        lambda w, b, c, x, y_true: by_formula(w, b, 0.0, x, y_true),
        lambda w, b, c, x, y_true: torch.tensor(by_formula(w, b, c, x, y_true)).abs().add(0.3),
        lambda w, b, c, x, y_true: tuple(torch.tensor(p, requires_grad=True) for p in (w, b, c)),
        lambda w, b, c, x, y_true: dict(zip("wbc", by_formula(w, b, c, x, y_true), strict=True)),
        lambda w, b, c, x, y_true: three_parameters(w, b, c, x, y_true).backward(),
    ],
    "02.3": [
        lambda w, x, y_true, lr, steps: 0.0,
        lambda w, x, y_true, lr, steps: y_true / x + 1,
        lambda w, x, y_true, lr, steps: w - lr,
        lambda w, x, y_true, lr, steps: -w,
        lambda w, x, y_true, lr, steps: w + 100 * lr * steps,
        lambda w, x, y_true, lr, steps: descends("zero")(w, x, y_true, lr, steps + 1),
        lambda w, x, y_true, lr, steps: descends("zero")(w, x, y_true, 2 * lr, steps),
        lambda w, x, y_true, lr, steps: descends("zero")(w, x, -y_true, lr, steps),
        lambda w, x, y_true, lr, steps: (w * x - y_true) ** 2,
        lambda w, x, y_true, lr, steps: w - lr * steps * 2 * x * (w * x - y_true),
        lambda w, x, y_true, lr, steps: y_true / x,
        one_forward_pass,
        cleared_by_a_method,
    ],
    "02.4": [  # each has a first mistake that the spec explains; only the refusal is tested
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
        lambda x: (x + 1) * (x + 1),
        lambda x: x * (x + 1) * 1.01,
        lambda x: (x * (x + 1)).detach().requires_grad_() * 1.0,
        lambda x: torch.tensor(6.0),
        lambda x: x * (x + 1) + 0.5,
        lambda x: x.item() * (x.item() + 1),
        lambda x: torch.tensor((x * (x + 1)).item(), requires_grad=True),
        lambda x: x(x + 1),
    ],
    "02.6": [(17, 16), (0, 0), (60, 60), (-17, -17), (17, 12), (17, 5), (5, 17), (24, 17), (17,), "17"],
    "02.7": [
        lambda x: (x.detach(), x.detach()),
        lambda x: (4 * x.detach() ** 3, 3 * x.detach() ** 2),
        lambda x: (x.detach() ** 4, x.detach() ** 2),
        lambda x: (torch.zeros_like(x), torch.zeros_like(x)),
        lambda x: (4 * x.detach().abs() ** 3, 2 * x.detach().abs()),
        lambda x: x.detach() ** 3,
        lambda x: (4 * x.detach() ** 3,),
        lambda x: (4 * x.detach() ** 3, 2 * x.detach() ** 2 + 1),
        lambda x: (4 * x.detach() ** 2, 2 * x.detach() ** 2),
        lambda x: torch.stack([x, x]).detach() + 1,
    ],
    "02.8": [
        lambda q: torch.ones(2, 3, requires_grad=True),
        lambda q: (q + 1).detach().requires_grad_(),
        lambda q: (-q).detach().requires_grad_(),
        lambda q: q.T.detach().requires_grad_(),
        lambda q: q.detach().round().sub(7).requires_grad_(),
        lambda q: q.detach_().requires_grad_(),
        lambda q: torch.empty_like(q).fill_(0.5).requires_grad_(),
        lambda q: q.detach()[:1].requires_grad_(),
        lambda q: (q.detach() * 2).requires_grad_(),
        lambda q: q.detach().tolist(),
        lambda q: q.grad_fn,
        copy.deepcopy,
        lambda q: torch.tensor(q.numpy(), requires_grad=True),
    ],
}


def calls_counted(first, later, graded=9):
    """An answer that behaves when the graded calls are over, as if rules were watched after the grading."""
    calls = []

    def counting(*inputs):
        calls.append(1)
        return first(*inputs) if len(calls) <= graded else later(*inputs)

    return counting


RECOGNISED = {
    ("02.2", "no_backward"): [calls_counted(by_formula, one_vector, graded=18)],
    ("02.5", "three_arrows"): [calls_counted(lambda x: x + x * x, lambda x: x * (x + 1))],
    ("02.2", "not_a_leaf"): [unpacked],
    ("02.2", "not_from_backward"): [
        partly_beside_the_pass,
        lambda *numbers: tuple(map(float, beside_a_pass(*numbers))),
    ],
    ("02.7", "never_ran"): [lambda x: (4 * x.detach() ** 3, None)],
    ("02.7", "second_by_formula"): [lambda x: second_by_formula(x, kept=True), kept_but_not_read],
    ("02.8", "no_flag"): [lambda q: q.detach().clone() * 1],
}

RIGHT = {
    "02.1": [torch.tensor([-24.0, -8.0]), (torch.tensor([-24.0]), -8)],
    "02.2": [
        one_vector,
        transformed,
        leaves_of_one_element,
        as_a_module,
        by_plain_numbers,
        by_a_hook,
        checked_by_the_formula,
        half_the_square,
    ],
    "02.3": [descends(how) for how in ("optimizer", "zero", "first", "grad", "new leaf", "data")],
    "02.5": [lambda x: torch.mul(x, torch.add(x, 1)), lambda x: (x + 1).mul_(x), lambda x: x * (1 + x)],
    "02.7": [
        lambda x: both(x, lambda y: (y * y).sum()),
        lambda x: both(x, lambda y: torch.dot(y, y)),
        lambda x: both(x, torch.Tensor.norm, 2),
        to_both,
        through_a_hook,
    ],
    "02.8": [
        lambda q: torch.nn.Parameter(q),
        lambda q: q.data.requires_grad_(),
        lambda q: torch.tensor(q.tolist(), requires_grad=True),
        lambda q: q.clone().detach().double().requires_grad_(True),
        lambda q: torch.from_numpy(q.detach().numpy().copy()).requires_grad_(),
    ],
}
