"""The classic mistakes of the exercises that vary, made in PyTorch with the numbers of the English statement.

`MISTAKES["02.1"](statement)` is a dict from the name of a misconception to the numbers that it leads to.
"""

import torch

from .personal_truth import COMPUTED, leaf, numbers


def _grad(y, *leaves):
    """The gradients of y as a flat list of floats."""
    return [number for g in torch.autograd.grad(y, leaves, retain_graph=True) for number in g.reshape(-1).tolist()]


def _squares(statement):
    n = torch.tensor(numbers("00.1", statement))
    return {"square_of_the_sum": n.sum() ** 2, "doubled": (n + n).sum(), "plain_sum": n.sum()}


def _count(statement):
    a, b = numbers("01.3", statement, int)
    n = sum(p.numel() for layer in (torch.nn.Linear(a, b), torch.nn.Linear(b, 1)) for p in layer.parameters())
    weights = sum(torch.nn.Linear(*shape, bias=False).weight.numel() for shape in ((a, b), (b, 1)))
    return {
        "biases_forgotten": (2 * weights, weights + 1, 1),
        "one_evaluation_each": (n, n + 1, 1),
        "nothing_shared": (2 * n, 2 * n, 1),
        "base_forgotten": (2 * n, n, 1),
        "backward_each": (2 * n, n + 1, n),
    }


def _loss(statement):
    x, y, w, b = map(leaf, numbers("02.1", statement))
    error = w * x + b - y
    dw, db = _grad(error**2, w, b)
    return {
        "forgotten_factor_2": _grad(error**2 / 2, w, b),
        "forgotten_inner_derivative": (db, db),
        "target_minus_prediction": _grad(-(error**2), w, b),
        "swapped": (db, dw),
        "w_for_x": _grad(error**2, x, b),
    }


def _accumulated(statement):
    start, c = numbers("02.6", statement)

    def run(between=lambda x, g: g, second=True):
        x = leaf(start)
        (x**3).backward()
        g = between(x, x.grad)
        if second:
            (c * x).backward()
        return g.item(), x.grad.item()

    def forget(x, g):
        x.grad = None
        return g

    return {
        "g_is_a_copy": run(lambda x, g: g.clone()),
        "overwritten": run(forget),
        "overwritten_alias": run(lambda x, g: g.zero_()),
        "second_ignored": run(second=False),
        "value_for_slope": (start**3 + c,) * 2,
    }


def _norm(statement):
    c, *start = numbers("03.1", statement)
    x = leaf(start)
    plain, y = x @ x, c * x @ x
    first, second = _grad(y, x)
    return {
        "factor_of_the_square": (y, *_grad(y / 2, x)),
        "factor_in_front": (plain, *_grad(plain, x)),
        "factor_in_the_value_only": (y, *_grad(plain, x)),
        "sign_lost": (y, first, abs(second)),
    }


def _weights(statement):
    p, q, s = numbers("04.3", statement)
    x = leaf([1.0, 2.0])
    y = torch.stack([x[0] * x[1], x[0] ** 2, x[1] + 3 * x[0]])
    y0, y1, y2 = y.tolist()
    mistaken = {
        "square_not_differentiated": (p, -q, 0.5),
        "half_left": (p, -q, (y2 - s) / 2),
        "inner_part_forgotten": (p, -q, y2),
        "sign_lost": (p, q, y2 - s),
        "ones": (1.0, 1.0, 1.0),
        "terms_of_the_loss": (p * y0, -q * y1, (y2 - s) ** 2 / 2),
    }
    return {name: (*v, *_grad(y @ torch.tensor(v), x)) for name, v in mistaken.items()}


def _detached(statement):
    x = leaf(*numbers("05.1", statement))
    u = x**2
    programs = {
        "nothing_cut": u * x + u,
        "term_dropped": u,
        "second_use_cut": u.detach() * x + u.detach(),
        "wrong_factor": u * x.detach() + u,
    }
    return {name: _grad(z, x) for name, z in programs.items()}


def _loop(statement):
    (a,) = numbers("06.1", statement)
    n, plus, minus = COMPUTED["06.1"](statement)
    return {
        "first_doubling_lost": (n, plus / 2, minus / 2),
        "one_round_too_many": (n + 1, plus, minus),
        "branch_forgotten": (n, plus, plus),
        "sign_of_the_value": (n, plus, -minus),
        "values": (n, plus * a, minus * -a),
    }


def _twice(statement):
    c, start = numbers("07.1", statement)
    x = leaf(start)
    y = x**3 + c * x**2
    (first,) = torch.autograd.grad(y, x, create_graph=True)
    (without,) = torch.autograd.grad(x**3, x, create_graph=True)
    y.backward(retain_graph=True)
    first.backward(retain_graph=True)
    return {
        "accumulated": (first, x.grad),
        "first_twice": (first, first),
        "value_and_slope": (y, first),
        "constant_lost": (first, *_grad(without, x)),
    }


def _hessian(statement):
    rows, products, entries = COMPUTED["07.7"](statement)
    return {
        "one_pass_for_all": (products, products, entries),
        "a_pass_for_each_number": (entries, products, entries),
        "product_by_way_of_the_matrix": (rows, rows, entries),
        "first_pass_counted": (1 + rows, 1 + products, entries),
        "first_pass_counted_for_the_product": (rows, 1 + products, entries),
        "length_for_size": (rows, products, rows),
    }


def _passes(statement):
    inputs, outputs = numbers("10.1", statement, int)
    entries = torch.empty(outputs, inputs).numel()
    return {"swapped": (inputs, outputs), "every_entry": (entries, entries), "one_pass": (1, inputs)}


def _checkpointed(statement):
    blocks, segments = numbers("10.3", statement, int)
    ran, held, inside = COMPUTED["10.3"](statement)
    return {
        "nothing_recomputed": (ran / 2, held, inside),
        "all_held": (ran, blocks, inside),
        "all_at_once": (ran, held, held * inside),
        "once_a_segment": (segments * blocks, held, inside),
    }


MISTAKES = {
    "00.1": _squares,
    "01.3": _count,
    "02.1": _loss,
    "02.6": _accumulated,
    "03.1": _norm,
    "04.3": _weights,
    "05.1": _detached,
    "06.1": _loop,
    "07.1": _twice,
    "07.7": _hessian,
    "10.1": _passes,
    "10.3": _checkpointed,
}
