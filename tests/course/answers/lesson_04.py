"""Wrong answers to the exercises of lesson 04."""

import torch


def prepared(A, x):
    x = x.clone().requires_grad_()
    return x, A @ (x * x)


def wrong_shape(A, x, i):
    x, y = prepared(A, x)
    y.backward(torch.ones(len(x)))
    return x.grad


def row_in_a_tuple(A, x, i):
    x, y = prepared(A, x)
    return torch.autograd.grad(y[i], x)


def row_of_them_all(A, x, i):
    return all_by_hand_made_graphs(A, x)[i]


def all_by_hand_made_graphs(A, x):
    x, y = prepared(A, x)
    return torch.stack([torch.autograd.grad(y[i], x, retain_graph=True)[0] for i in range(len(A))])


def freed(A, x):
    x, y = prepared(A, x)
    return torch.stack([torch.autograd.grad(y[i], x)[0] for i in range(len(A))])


def u_as_v(A, x, u):
    x, y = prepared(A, x)
    return torch.autograd.grad(y, x, u)[0]


def not_recorded(A, x, u):
    x, y = prepared(A, x)
    v = torch.zeros_like(y, requires_grad=True)
    (by_v,) = torch.autograd.grad(y, x, v)
    return torch.autograd.grad(by_v, v, u)[0]


def copied_out_of_grad(A, x):
    x, y = prepared(A, x)
    rows = torch.zeros(A.shape)
    for i in range(len(A)):
        x.grad = None
        y.backward(torch.eye(len(A))[i], retain_graph=True)
        rows[i] = x.grad
    return rows


def through_the_grad_of_v(A, x, u):
    x, y = prepared(A, x)
    v = torch.randn(len(A), requires_grad=True)
    (g,) = torch.autograd.grad(v @ y, x, create_graph=True)
    (g @ u).backward()
    return v.grad


def v_without_flag(A, x, u):
    x, y = prepared(A, x)
    v = torch.zeros_like(y)
    (g,) = torch.autograd.grad(y, x, v, create_graph=True)
    return torch.autograd.grad(g, v, u)[0]


def hessian_product(A, x, u):
    x, y = prepared(A, x)
    (g,) = torch.autograd.grad(y, x, torch.ones(len(A)), create_graph=True)
    return torch.autograd.grad(g, x, u)[0]


def without_u(A, x, u):
    x, y = prepared(A, x)
    v = torch.zeros_like(y, requires_grad=True)
    (g,) = torch.autograd.grad(y, x, v, create_graph=True)
    return torch.autograd.grad(g, v)[0]


def along_a_line(A, x, u):
    t, v = torch.zeros((), requires_grad=True), torch.zeros(len(A), requires_grad=True)
    (g,) = torch.autograd.grad(v @ (A @ ((x + t * u) ** 2)), t, create_graph=True)
    return torch.autograd.grad(g, v)[0]


def vjp_of_vjp(A, x, u):
    _, vjp = torch.func.vjp(lambda x: A @ (x * x), x)
    return torch.func.vjp(lambda v: vjp(v)[0], torch.zeros(len(A)))[1](u)[0]


def rows_of_tuples(A, x):
    x, y = prepared(A, x)
    return torch.stack([torch.autograd.grad(y[i], x, retain_graph=True) for i in range(len(A))])


def row_by_row(A, x):
    rows = []
    for row in A:
        leaf = x.clone().requires_grad_()
        (row @ (leaf * leaf)).backward()
        rows.append(leaf.grad)
    return torch.stack(rows)


def beside_a_pass(formula):
    """The formula, beside a backward pass of something else."""

    def answer(A, x, *others):
        (x.clone().requires_grad_() ** 2).sum().backward()
        return formula(A, x, *others)

    return answer


def beside_a_pass_a_row(A, x):
    for _ in A:
        (x.clone().requires_grad_() ** 2).sum().backward()
    return 2 * A * x


CAUSES = {"a": "values", "b": "start", "c": "mean", "d": "shape", "e": "twice"}

WRITTEN = {
    ("04.1", "shape_of_the_input"): wrong_shape,
    ("04.1", "a_tuple"): row_in_a_tuple,
    ("04.1", "no_backward"): lambda A, x, i: 2 * A[i] * x,
    ("04.1", "not_from_backward"): beside_a_pass(lambda A, x, i: 2 * A[i] * x),
    ("04.1", "several_backwards"): row_of_them_all,
    ("04.2", "rows_in_a_list"): lambda A, x: list(all_by_hand_made_graphs(A, x)),
    ("04.2", "freed"): freed,
    ("04.2", "no_backward"): lambda A, x: 2 * A * x,
    ("04.2", "not_from_backward"): beside_a_pass_a_row,
    ("04.2", "not_one_a_row"): lambda A, x: torch.func.jacrev(lambda x: A @ (x * x))(x),
    ("04.4", "a_tuple"): lambda A, x, u: (A @ (2 * x * u),),
    ("04.4", "back_to_x"): hessian_product,
    ("04.4", "second_without_weights"): without_u,
    ("04.4", "u_as_v"): u_as_v,
    ("04.4", "not_recorded"): not_recorded,
    ("04.4", "no_leaf"): lambda A, x, u: torch.autograd.grad(A @ (x * x), x, torch.ones(len(A)), create_graph=True)[0],
    ("04.4", "v_without_flag"): v_without_flag,
    ("04.4", "no_backward"): lambda A, x, u: torch.func.jvp(lambda x: A @ (x * x), (x,), (u,))[1],
    ("04.4", "not_from_backward"): beside_a_pass(lambda A, x, u: 2 * A @ (x * u)),
    ("04.4", "whole_jacobian"): lambda A, x, u: all_by_hand_made_graphs(A, x) @ u,
    ("04.5", "start"): CAUSES | {"a": "start"},
    ("04.5", "shape"): CAUSES | {"b": "shape"},
    ("04.5", "values"): CAUSES | {"c": "values"},
    ("04.5", "mean"): CAUSES | {"e": "mean"},
    ("04.5", "twice"): CAUSES | {"a": "twice"},
}

# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "04.1": [
        lambda A, x, i: A[i] * x + 0.3,
        lambda A, x, i: 2 * A[i] * x * x + 0.3,
        lambda A, x, i: torch.zeros_like(x),
        lambda A, x, i: (A @ (x * x))[i],
        lambda A, x, i: -2 * A[i] * x,
        lambda A, x, i: 2 * A[0] * x + 0.2,
        lambda A, x, i: 2 * A[i - 1] * x,
        lambda A, x, i: A[i] * x,
        lambda A, x, i: (2 * A[i] * x).flip(0) + 0.1,
        lambda A, x, i: 2 * x,
        lambda A, x, i: torch.zeros(len(A)),
        lambda A, x, i: (2 * A[i] * x)[i],
        lambda A, x, i: (A @ (x * x))[i].backward(),
        lambda A, x, i: prepared(A, x)[1].backward(),
    ],
    "04.2": [
        lambda A, x: A.clone(),
        lambda A, x: A * x,
        lambda A, x: A @ (x * x),
        lambda A, x: -2 * A * x,
        lambda A, x: torch.diag(2 * x),
        lambda A, x: 2 * A * x**2 + 0.1,
        lambda A, x: 2 * A * x.flip(0) + 0.1,
        lambda A, x: (2 * A * x).flip(0),
        lambda A, x: (2 * A * x)[:1],
        lambda A, x: (2 * A * x)[: len(x)],
        rows_of_tuples,
        lambda A, x: 2 * A,
    ],
    "04.3": [
        (3, -2, 4, 7, 14),
        (0, 0, 0, 0, 0),
        (3, -2, 4, 14, 7.1),
        (14, 7, 3, -2, 4),
        (3, -2, 4, 14, float("nan")),
        (3, -2, -4, -10, -1),
        (3, 0, 4, 18, 7),
        (3, -2, 4, 14, 9),
        (3, -2, 4),
        (14, 7),
    ],
    "04.4": [
        lambda A, x, u: A @ u,
        lambda A, x, u: A @ (x * u),
        lambda A, x, u: A @ ((x + u) ** 2) - A @ (x * x),
        lambda A, x, u: torch.zeros(len(A)),
        lambda A, x, u: (2 * A * x * u)[:, 0],
        lambda A, x, u: (2 * A * x) @ u * 1.5,
        lambda A, x, u: 2 * A @ (x * u) + 0.5,
        lambda A, x, u: -2 * A @ (x * u),
        lambda A, x, u: 2 * A @ (x * u.flip(0)) + 0.3,
        lambda A, x, u: 2 * A @ x * 0.7,
        lambda A, x, u: A @ (x * x) + A @ (2 * x * u),
    ],
    "04.5": [
        dict.fromkeys("abcde", "start"),
        {"a": "start", "b": "values", "c": "mean", "d": "shape", "e": "twice"},
        {"a": "values", "b": "shape", "c": "mean", "d": "start", "e": "twice"},
        {"a": "mean", "b": "start", "c": "values", "d": "shape", "e": "twice"},
        {"a": "twice", "b": "start", "c": "mean", "d": "shape", "e": "values"},
    ],
}

PREDICTED = {"04.p1": 0, "04.p2": 1.5, "04.p3": 1, "04.p4": 322.0, "04.p5": 2}

RIGHT = {
    "04.1": [
        lambda A, x, i: torch.func.grad(lambda x: (A @ (x * x))[i])(x),
        lambda A, x, i: torch.func.vjp(lambda x: A @ (x * x), x)[1](torch.eye(len(A))[i])[0],
        lambda A, x, i: torch.func.grad(lambda t: (A[i] * t * t).sum())(x),
        lambda A, x, i: torch.autograd.functional.jacobian(lambda x: torch.einsum("j,j,j->", A[i], x, x), x),
    ],
    "04.2": [
        copied_out_of_grad,
        row_by_row,
        lambda A, x: torch.stack([torch.func.grad(lambda x, i=i: A[i] @ x**2)(x) for i in range(len(A))]),
        lambda A, x: torch.autograd.functional.jacobian(lambda x: A @ (x * x), x),
        lambda A, x: all_by_hand_made_graphs(A, x).tolist(),
    ],
    "04.3": [torch.tensor([3.0, -2.0, 4.0, 14.0, 7.0]), ((3, -2, 4), (14, 7))],
    "04.4": [
        lambda A, x, u: torch.autograd.functional.jvp(lambda x: A @ (x * x), x, u)[1],
        through_the_grad_of_v,
        along_a_line,
        vjp_of_vjp,
        lambda A, x, u: torch.autograd.functional.jvp(lambda t: A @ t**2, x, u)[1].tolist(),
    ],
}
