"""Wrong answers to the exercises of lesson 14."""

import numpy
import torch
from torch.nn import functional as F

from seeing_gradients.course.exercises import exercise

from .differences import STEPS, gradient


def from_gives(id, name):
    """The answer whose VJPs return what the misconception `name` gives."""
    spec = exercise(id)
    gives = next(item.gives for item in spec.misconceptions if item.name == name)

    def answer(*operands):
        result, *vjps = spec.reference(*operands)
        if name == "sum":
            result = F.cross_entropy(*operands, reduction="sum")
        return result, *(lambda G, i=i: gives(*operands, G)[i + 1] for i in range(len(vjps)))

    return answer


def two(result, to_a, to_b):
    """An operation of two operands, from formulas in (a, b) and (a, b, G)."""
    return lambda a, b: (result(a, b), lambda G: to_a(a, b, G), lambda G: to_b(a, b, G))


def product(to_A, to_B):
    return two(lambda A, B: A @ B, to_A, to_B)


def total(to_a, to_b):
    return two(lambda a, b: a + b, to_a, to_b)


def one(result, to_a):
    return lambda a: (result(a), lambda G: to_a(a, G))


def loss(result, to_Z):
    return lambda Z, y: (result(Z, y), lambda G: to_Z(Z, y, G))


def shift(Z):
    return Z - Z.amax(1, keepdim=True)


def stable(Z, y):
    """The loss without F.cross_entropy."""
    return (shift(Z).exp().sum(1).log() - shift(Z)[torch.arange(len(y)), y]).mean()


def p_minus_y(Z, y):
    return torch.softmax(Z, 1) - torch.eye(Z.shape[1])[y]


def matmul_by_autograd(A, B):
    A, B = A.clone().requires_grad_(), B.clone().requires_grad_()
    C = A @ B
    grad = lambda x: lambda G: torch.autograd.grad(C, x, G, retain_graph=True)[0]
    return C.detach(), grad(A), grad(B)


def add_by_autograd(a, b):
    return a + b, *(torch.func.vjp(lambda x, other=y: x + other, x)[1] for x, y in ((a, b), (b, a)))


def unpacked(vjp):
    return lambda G: vjp(G)[0]


def add_by_func(a, b):
    total, *vjps = add_by_autograd(a, b)
    return total, *map(unpacked, vjps)


def relu_by_autograd(a):
    return a.relu(), unpacked(torch.func.vjp(torch.relu, a)[1])


def loss_by_autograd(Z, y):
    return stable(Z, y), unpacked(torch.func.vjp(lambda Z: F.cross_entropy(Z, y), Z)[1])


def naive(Z, y):
    p = Z.exp() / Z.exp().sum(1, keepdim=True)
    rows = torch.arange(len(y))

    def to_Z(G):
        q = p.clone()
        q[rows, y] -= 1
        return G * q / len(y)

    return -p[rows, y].log().mean(), to_Z


def by_differences(operation, *settings, **more):
    """An operation whose VJPs are the gradients of (result * G).sum() by differences."""

    def answer(*operands):
        def vjp(i):
            def loss(operand, G):
                moved = [operand if j == i else other for j, other in enumerate(operands)]
                return (operation(*moved) * G.double()).sum()

            return lambda G: gradient(lambda operand: loss(operand, G), operands[i], *settings, **more)

        is_vjp = [operand.is_floating_point() for operand in operands]
        return operation(*operands), *(vjp(i) for i in range(len(operands)) if is_vjp[i])

    return answer


def matmul_by_differences(*settings, **more):
    return by_differences(lambda A, B: A.double() @ B.double(), *settings, **more)


def add_by_differences(*settings, **more):
    return by_differences(lambda a, b: a.double() + b.double(), *settings, **more)


def loss_by_differences(*settings, **more):
    return by_differences(lambda Z, y: stable(Z.double(), y), *settings, **more)


def relu_by_differences(*settings, **more):
    return by_differences(torch.relu, *settings, **more)


def ordered(root):
    order, seen = [], set()

    def visit(value):
        if value not in seen:
            seen.add(value)
            for parent, _ in value.parents:
                visit(parent)
            order.append(value)

    visit(root)
    return order


def pass_back(order, send, seed=1.0):
    """An answer to 14.5: order(root) are the values in the order in which they run."""

    def backward(root):
        root.grad = seed * torch.ones_like(root.data)
        for value in order(root):
            for parent, vjp in value.parents:
                send(parent, vjp, value)

    return backward


def add_to(parent, vjp, value):
    parent.grad = parent.grad + vjp(value.grad)


def overwrite(parent, vjp, value):
    parent.grad = vjp(value.grad)


def unchanged(parent, vjp, value):
    parent.grad = parent.grad + value.grad


def from_the_end(root):
    return ordered(root)[::-1]


def met(position):
    """The values as a search from the root meets them; 0 is the nearest first, -1 the newest."""

    def order(root):
        waiting, found = [root], []
        while waiting:
            value = waiting.pop(position)
            if value not in found:
                found.append(value)
                waiting += [parent for parent, _ in value.parents]
        return found

    return order


def at_once(root):
    root.grad = torch.ones_like(root.data)

    def visit(value):
        for parent, vjp in value.parents:
            parent.grad = parent.grad + vjp(value.grad)
            visit(parent)

    visit(root)


def stored_and_added_in_place(root):
    grads = {root: torch.ones_like(root.data)}
    for value in from_the_end(root):
        for parent, vjp in value.parents:
            arriving = vjp(grads[value])
            if parent in grads:
                grads[parent] += arriving
            else:
                grads[parent] = arriving
    for value, grad in grads.items():
        value.grad = grad


def entered(root):
    order = []

    def visit(value):
        if value not in order:
            order.append(value)
            for parent, _ in value.parents:
                visit(parent)

    visit(root)
    return order


def each_path(root):
    order = []

    def visit(value):
        for parent, _ in value.parents:
            visit(parent)
        order.append(value)

    visit(root)
    return order[::-1]


def pair_not_unpacked(root):
    root.grad = torch.ones_like(root.data)
    for value in from_the_end(root):
        for parent in value.parents:
            parent.grad = parent.grad + value.grad


def by_depth(root):
    depth = {}

    def measure(value):
        if value not in depth:
            depth[value] = 1 + max([measure(parent) for parent, _ in value.parents], default=0)
        return depth[value]

    measure(root)
    root.grad.add_(1)
    for value in sorted(depth, key=depth.get, reverse=True):
        for parent, vjp in value.parents:
            parent.grad.add_(vjp(value.grad))


def one_level(root):
    root.grad = torch.ones_like(root.data)
    for parent, vjp in root.parents:
        parent.grad = parent.grad + vjp(root.grad)


def leaves_only(root):
    pass_back(from_the_end, add_to)(root)
    for value in ordered(root):
        if value.parents:
            value.grad = torch.zeros_like(value.data)


def first_parent(root):
    root.grad = torch.ones_like(root.data)
    for value in from_the_end(root):
        for parent, vjp in value.parents[:1]:
            parent.grad = parent.grad + vjp(value.grad)


def each_parent_once(root):
    root.grad = torch.ones_like(root.data)
    for value in from_the_end(root):
        for parent, vjp in dict(value.parents).items():
            parent.grad = parent.grad + vjp(value.grad)


def iterative(root):
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        value, done = stack.pop()
        if done:
            order.append(value)
        elif id(value) not in seen:
            seen.add(id(value))
            stack += [(value, True), *((parent, False) for parent, _ in value.parents)]
    root.grad += 1
    while order:
        value = order.pop()
        for parent, vjp in value.parents:
            parent.grad += vjp(value.grad)


def by_counting(root):
    """Kahn's method: a value runs when all of its children have run."""
    waiting = {}
    for value in ordered(root):
        for parent, _ in value.parents:
            waiting[parent] = waiting.get(parent, 0) + 1
    root.grad, ready = 1.0, [root]
    while ready:
        value = ready.pop()
        for parent, vjp in value.parents:
            parent.grad = vjp(value.grad) + parent.grad
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)


def with_a_dict(root):
    grads = {value: torch.zeros_like(value.data) for value in ordered(root)}
    grads[root] = torch.tensor(1.0)
    for value in from_the_end(root):
        value.grad = grads[value]
        for parent, vjp in value.parents:
            grads[parent] = grads[parent] + vjp(grads[value])


def step(zero="first", move=lambda p, lr: p.data - lr * p.grad, returns=lambda loss, again: loss.data):
    def train_step(parameters, compute_loss, lr):
        def clear(when):
            for p in parameters if zero == when else ():
                p.grad = torch.zeros_like(p.data)

        clear("first")
        loss = compute_loss()
        clear("between")
        loss.backward()
        clear("late")
        for p in parameters:
            p.data = move(p, lr)
        clear("last")
        return returns(loss, compute_loss)

    return train_step


def with_zero_grad(parameters, compute_loss, lr):
    for p in parameters:
        p.zero_grad()
    loss = compute_loss()
    loss.backward()
    return loss.data


def growth_of_grad(parameters, compute_loss, lr):
    before = [p.grad.clone() for p in parameters]
    loss = compute_loss()
    loss.backward()
    for p, old in zip(parameters, before, strict=True):
        p.data = p.data - lr * (p.grad - old)
    return float(loss.data)


def only(which):
    def train_step(parameters, compute_loss, lr):
        kept = [p.data for p in parameters]
        result = step()(parameters, compute_loss, lr)
        for i, p in enumerate(parameters):
            p.data = p.data if i == which else kept[i]
        return result

    return train_step


def backward_twice(parameters, compute_loss, lr):
    for p in parameters:
        p.grad = torch.zeros_like(p.data)
    loss = compute_loss()
    loss.backward()
    loss.backward()
    for p in parameters:
        p.data = p.data - lr * p.grad
    return loss.data


def none_for_grad(parameters, compute_loss, lr):
    for p in parameters:
        p.grad = None
    result = compute_loss()
    result.backward()
    return result.data


def one_loop(parameters, compute_loss, lr):
    """Updates each parameter after a pass of its own, so that the second sees the first one moved."""
    for p in parameters:
        for each in parameters:
            each.grad = torch.zeros_like(each.data)
        loss = compute_loss()
        loss.backward()
        p.data = p.data - lr * p.grad
    return loss.data


def in_place_step(parameters, compute_loss, lr):
    for p in parameters:
        p.grad.zero_()
    loss = compute_loss()
    loss.backward()
    for p in parameters:
        p.data -= lr * p.grad
    return loss.data.item()


def number_for_zero(parameters, compute_loss, lr):
    for p in parameters:
        p.grad = 0.0
    loss = compute_loss()
    value = float(loss.data)
    loss.backward()
    for p in parameters:
        p.data = torch.sub(p.data, p.grad, alpha=lr)
    return value


WRITTEN = {
    (id, name): from_gives(id, name)
    for id, names in {
        "14.1": ("exchanged", "transposed", "without_g", "mean"),
        "14.2": ("unchanged", "mean", "first_copy", "leading_axes_only", "no_axis_is_every_axis", "only_b"),
        "14.3": (
            "open",
            "relu_of_g",
            "times_value",
            "open_at_zero",
            "half_at_zero",
            "closed_where_tiny",
            "indicator_alone",
        ),
        "14.4": ("g_forgotten", "sum_for_mean", "sum", "sign", "target_forgotten", "columns"),
    }.items()
    for name in names
} | {
    ("14.1", "finite_difference"): matmul_by_differences(1e-5),
    ("14.2", "finite_difference"): add_by_differences(1e-5),
    ("14.4", "finite_difference"): loss_by_differences(1e-5),
    ("14.1", "shapes"): product(lambda A, B, G: G @ B, lambda A, B, G: A.T @ G),
    ("14.1", "by_autograd"): matmul_by_autograd,
    ("14.2", "by_autograd"): add_by_func,
    ("14.3", "by_autograd"): relu_by_autograd,
    ("14.4", "log_of_zero"): loss(
        lambda Z, y: -torch.softmax(Z, 1)[range(len(y)), y].log().mean(), lambda Z, y, G: G * p_minus_y(Z, y) / len(y)
    ),
    ("14.4", "overflow"): naive,
    ("14.4", "shifted_once"): loss(
        lambda Z, y: (shift(Z).exp().sum(1).log() - Z[range(len(y)), y]).mean(),
        lambda Z, y, G: G * p_minus_y(Z, y) / len(y),
    ),
    ("14.4", "values_and_indices"): lambda Z, y: (Z - Z.max(dim=1), lambda G: G),
    ("14.4", "ready_made"): loss(F.cross_entropy, lambda Z, y, G: G * p_minus_y(Z, y) / len(y)),
    ("14.5", "pair_not_unpacked"): pair_not_unpacked,
    ("14.4", "by_autograd"): loss_by_autograd,
    ("14.5", "overwritten"): pass_back(from_the_end, overwrite),
    ("14.5", "nearest_first"): pass_back(met(0), add_to),
    ("14.5", "as_met"): pass_back(met(-1), add_to),
    ("14.5", "before_parents"): pass_back(entered, add_to),
    ("14.5", "not_seen"): pass_back(each_path, add_to),
    ("14.5", "wrong_end"): pass_back(ordered, add_to),
    ("14.5", "at_once"): at_once,
    ("14.5", "no_seed"): pass_back(from_the_end, add_to, seed=0.0),
    ("14.5", "without_vjp"): pass_back(from_the_end, unchanged),
    ("14.5", "in_place"): stored_and_added_in_place,
    ("14.6", "never_zeroed"): step("never"),
    ("14.6", "zeroed_at_the_end"): step("last"),
    ("14.6", "nothing_moves"): step("late"),
    ("14.6", "uphill"): step(move=lambda p, lr: p.data + lr * p.grad),
    ("14.6", "without_lr"): step(move=lambda p, lr: p.data - p.grad),
    ("14.6", "loss_afterwards"): step(returns=lambda loss, again: again().data),
    ("14.6", "first_only"): only(0),
    ("14.6", "no_such_method"): with_zero_grad,
    ("14.6", "optimizer_of_torch"): lambda parameters, compute_loss, lr: torch.optim.SGD(parameters, lr=lr),
    ("14.6", "not_called"): lambda parameters, compute_loss, lr: compute_loss.backward(),
    ("14.6", "grad_is_none"): none_for_grad,
}

# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "14.1": [
        lambda A, B: A @ B,
        lambda A, B: (A @ B, A, B),
        lambda A, B: (A @ B, lambda G: G @ B.T),
        product(lambda A, B, G: 2 * G @ B.T, lambda A, B, G: A.T @ G),
        product(lambda A, B, G: G @ B.T, lambda A, B, G: -(A.T @ G)),
        product(lambda A, B, G: (G @ B.T).abs(), lambda A, B, G: A.T @ G),
        product(lambda A, B, G: G @ B.T, lambda A, B, G: torch.zeros_like(B)),
        product(lambda A, B, G: A, lambda A, B, G: B),
        product(lambda A, B, G: G @ B.T, lambda A, B, G: A.abs().T @ G),
        two(lambda A, B: (A @ B).relu() + 9, lambda A, B, G: G @ B.T, lambda A, B, G: A.T @ G),
        two(lambda A, B: (A @ B).T, lambda A, B, G: G @ B.T, lambda A, B, G: A.T @ G),
    ],
    "14.2": [
        lambda a, b: a + b,
        lambda a, b: (a + b, a, b),
        total(lambda a, b, G: G.sum(), lambda a, b, G: G.sum()),
        total(lambda a, b, G: G.sum(0), lambda a, b, G: G.sum(0)),
        total(lambda a, b, G: torch.zeros_like(a), lambda a, b, G: torch.zeros_like(b)),
        total(lambda a, b, G: torch.ones_like(a), lambda a, b, G: torch.ones_like(b)),
        total(lambda a, b, G: 2 * G.sum_to_size(a.shape), lambda a, b, G: 2 * G.sum_to_size(b.shape)),
        total(lambda a, b, G: G.sum_to_size(a.shape), lambda a, b, G: -G.sum_to_size(b.shape)),
        total(lambda a, b, G: a * G.sum_to_size(a.shape), lambda a, b, G: b * G.sum_to_size(b.shape)),
        two(lambda a, b: a - b, lambda a, b, G: G.sum_to_size(a.shape), lambda a, b, G: G.sum_to_size(b.shape)),
        total(lambda a, b, G: G.sum_to_size(b.shape), lambda a, b, G: G.sum_to_size(a.shape)),
    ],
    "14.3": [
        lambda a: a.relu(),
        lambda a: (a.relu(), a > 0),
        one(torch.relu, lambda a, G: torch.zeros_like(a)),
        one(torch.relu, lambda a, G: -G * (a > 0)),
        one(torch.relu, lambda a, G: G * (a < 0)),
        one(torch.relu, lambda a, G: G * a.sign()),
        one(torch.relu, lambda a, G: G * torch.where(a > 0, 1.0, 0.01)),
        one(torch.abs, lambda a, G: G * (a > 0)),
        one(lambda a: a.clamp(max=0), lambda a, G: G * (a > 0)),
        one(torch.relu, lambda a, G: G * (a > 1)),
        one(torch.relu, lambda a, G: (G * (a > 0)).sum()),
    ],
    "14.4": [
        lambda Z, y: stable(Z, y),
        lambda Z, y: (stable(Z, y), p_minus_y(Z, y)),
        loss(stable, lambda Z, y, G: torch.zeros_like(Z)),
        loss(stable, lambda Z, y, G: G * p_minus_y(Z, y) / Z.numel()),
        loss(stable, lambda Z, y, G: (G * p_minus_y(Z, y) / len(y)).sum(0)),
        loss(stable, lambda Z, y, G: G * (torch.softmax(Z, 1) - 1) / len(y)),
        loss(stable, lambda Z, y, G: G * (Z.sigmoid() - torch.eye(Z.shape[1])[y]) / len(y)),
        loss(lambda Z, y: -stable(Z, y), lambda Z, y, G: G * p_minus_y(Z, y) / len(y)),
        loss(lambda Z, y: stable(Z, y) + 1, lambda Z, y, G: G * p_minus_y(Z, y) / len(y)),
        loss(lambda Z, y: stable(Z.clamp(-9, 9), y), lambda Z, y, G: G * p_minus_y(Z.clamp(-1, 1), y) / len(y)),
        loss(stable, lambda Z, y, G: G * torch.log_softmax(Z, 1) / len(y)),
        loss(stable, lambda Z, y, G: G * (torch.softmax(Z, 1) - F.one_hot(y)) / len(y)),
        loss(
            lambda Z, y: -(torch.softmax(Z, 1)[range(len(y)), y] + 1e-9).log().mean(),
            lambda Z, y, G: G * p_minus_y(Z, y) / len(y),
        ),
    ],
    "14.5": [
        leaves_only,
        first_parent,
        each_parent_once,
        ordered,
        pass_back(from_the_end, add_to, seed=2.0),
        pass_back(from_the_end, add_to, seed=-1.0),
        pass_back(from_the_end, lambda parent, vjp, value: setattr(parent, "grad", parent.grad + vjp(parent.grad))),
        pass_back(from_the_end, lambda parent, vjp, value: setattr(parent, "grad", parent.grad - vjp(value.grad))),
        pass_back(from_the_end, lambda parent, vjp, value: setattr(parent, "grad", parent.grad + 2 * vjp(value.grad))),
        pass_back(from_the_end, lambda parent, vjp, value: setattr(value, "grad", vjp(value.grad))),
    ],
    "14.6": [
        backward_twice,
        one_loop,
        only(1),
        step(move=lambda p, lr: -lr * p.grad),
        step(move=lambda p, lr: p.data * (1 - lr)),
        step(move=lambda p, lr: p.data - lr * p.grad.sign()),
        step(move=lambda p, lr: p.data - lr**2 * p.grad),
        step(returns=lambda loss, again: loss),
        step(returns=lambda loss, again: -loss.data),
        step(returns=lambda loss, again: torch.zeros(())),
    ],
}

RECOGNISED = {
    ("14.1", "finite_difference"): [
        *(matmul_by_differences(*each) for each in STEPS),
        matmul_by_differences(1e-7, sides=(1, 0)),
    ],
    ("14.2", "finite_difference"): [
        *(add_by_differences(*each) for each in STEPS),
        add_by_differences(1e-7, sides=(1, 0)),
    ],
    ("14.3", "half_at_zero"): [relu_by_differences(step) for step in (1e-3, 1e-6)],
    ("14.3", "closed_where_tiny"): [
        relu_by_differences(1e-6, sides=(0, -1)),
        one(torch.relu, lambda a, G: G * (a > 1e-9)),
    ],
    ("14.4", "finite_difference"): [loss_by_differences(*each) for each in STEPS],
    ("14.5", "wrong_end"): [one_level],
}

RIGHT = {
    "14.1": [
        product(lambda A, B, G: torch.einsum("nk,dk->nd", G, B), lambda A, B, G: torch.einsum("nd,nk->dk", A, G)),
        product(lambda A, B, G: (B @ G.T).T, lambda A, B, G: sum(map(torch.outer, A, G))),
        lambda A, B: [A.mm(B), lambda G: G.mm(B.t()), lambda G: (G.t().mm(A)).t()],
        product(lambda A, B, G: G.numpy() @ B.numpy().T, lambda A, B, G: numpy.dot(A.numpy().T, G.numpy())),
    ],
    "14.2": [
        total(lambda a, b, G: G.sum_to_size(a.shape), lambda a, b, G: G.sum_to_size(b.shape)),
        total(
            lambda a, b, G: (
                torch.stack([G[index] for index in numpy.ndindex(G.shape)]).reshape(G.shape)
                if a.shape == G.shape
                else G.sum_to_size(a.shape)
            ),
            lambda a, b, G: G.double().sum_to_size(b.shape),
        ),
        lambda a, b: [torch.add(a, b), *(lambda G, x=x: G.clone().sum_to_size(x.shape) for x in (a, b))],
    ],
    "14.3": [
        one(torch.relu, lambda a, G: torch.where(a > 0, G, 0.0)),
        one(lambda a: a * (a > 0), lambda a, G: G.masked_fill(a <= 0, 0.0)),
        one(lambda a: torch.maximum(a, torch.zeros(())), lambda a, G: G * a.relu().sign()),
    ],
    "14.4": [
        loss(stable, lambda Z, y, G: G * p_minus_y(Z, y) / len(y)),
        loss(
            lambda Z, y: (Z.logsumexp(1) - Z.gather(1, y[:, None])[:, 0]).mean(),
            lambda Z, y, G: (torch.softmax(Z, 1) - F.one_hot(y, Z.shape[1])).div(len(y)).mul(G),
        ),
        loss(
            lambda Z, y: -(torch.log_softmax(Z.double(), 1)[range(len(y)), y]).sum() / len(y),
            lambda Z, y, G: G * (Z.log_softmax(1).exp() - (torch.arange(Z.shape[1]) == y[:, None]).float()) / len(y),
        ),
    ],
    "14.5": [iterative, by_counting, with_a_dict, by_depth],
    "14.6": [in_place_step, number_for_zero, step("between"), growth_of_grad],
}

PREDICTED = {"14.p1": 2, "14.p2": 2, "14.p3": 0, "14.p4": 0}
