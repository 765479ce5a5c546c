"""seeing_gradients.numeric against closed forms, against torch.autograd, and on functions that misbehave."""

import math
import random
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import language, numerical_grad
from seeing_gradients.numeric import directional_check, directional_grad, relative_error

TOLERANCE = 1e-8  # relative; the best a central difference in float64 does is about 1e-10


def loss(w, b, x=2.0, y_true=7.0):
    return (w * x + b - y_true) ** 2


CLOSED_FORMS = {
    "sin": (torch.sin, math.cos),
    "exp": (torch.exp, math.exp),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "tanh": (torch.tanh, lambda x: 1 / math.cosh(x) ** 2),
    "constant": (lambda x: 5.0, lambda x: 0.0),
    "plain Python": (lambda x: math.sin(x), math.cos),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
@pytest.mark.parametrize("x", [-2.0, 0.0, 0.5, 3])
def test_equals_the_closed_form(name, x):
    f, derivative = CLOSED_FORMS[name]
    assert numerical_grad(f, x) == pytest.approx(derivative(x), rel=TOLERANCE, abs=TOLERANCE)


def test_arguments_by_name_give_a_dict_by_name():
    assert numerical_grad(loss, w=4.0, b=2.0) == pytest.approx({"w": 12, "b": 6})


def test_several_positional_arguments_give_a_dict_by_name():
    grads = numerical_grad(loss, 4.0, 2.0, x=2.0)
    assert grads == pytest.approx({"w": 12, "b": 6, "x": 24})


def test_a_gradient_has_the_form_of_its_argument():
    assert isinstance(numerical_grad(torch.sin, 1), float)
    assert numerical_grad(lambda x: (x * x).sum(), [[1, 2], [3, 4.0]]) == pytest.approx(
        torch.tensor([[2.0, 4], [6, 8]], dtype=torch.float64)
    )
    grad = numerical_grad(lambda x: (x * x).sum(), torch.ones(2, 1, 3))
    assert (grad.shape, grad.dtype, grad.requires_grad) == ((2, 1, 3), torch.float64, False)


def test_what_is_no_float_passes_unchanged_and_has_no_gradient():
    def f(x, i, power):
        assert i.dtype == torch.int64 and power == "square"
        return x[i].sum()

    grads = numerical_grad(f, [1.0, 2.0], i=torch.tensor([0, 0]), power="square")
    assert grads["i"] is None and grads["power"] is None and grads["x"] == pytest.approx([2, 0])


hundredths = st.integers(-300, 300).map(
    lambda n: n / 100
)  # autograd's own prod is inexact where the product underflows


@settings(max_examples=40, deadline=None)
@given(st.lists(hundredths, min_size=1, max_size=5), st.lists(hundredths, min_size=5, max_size=5))
def test_equals_autograd_on_random_points(x, a):
    def f(x):
        return (torch.sin(x * a[0] + a[1]) * torch.exp(-x * x / 9) + a[2] * x.prod() + a[3] * x**2).sum() * a[4]

    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(leaf).backward()
    torch.testing.assert_close(numerical_grad(f, leaf), leaf.grad, rtol=1e-6, atol=1e-6)


def test_equals_the_numerics_of_gradcheck_at_the_same_step():
    from torch.autograd.gradcheck import get_numerical_jacobian

    def f(x):
        return (x.sin() * x).sum()

    x = torch.tensor([0.3, -1.2, 2.0], dtype=torch.float64, requires_grad=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch calls it deprecated, gradcheck still stands on it
        theirs = get_numerical_jacobian(lambda inputs: f(*inputs), (x,), eps=1e-6)[0].flatten()
    torch.testing.assert_close(numerical_grad(f, x, eps=1e-6), theirs, rtol=1e-9, atol=1e-9)


def test_a_float32_constant_does_not_spoil_the_precision():
    X = torch.arange(1, 6, dtype=torch.float32)
    assert numerical_grad(lambda w: ((w * X - 1) ** 2).sum(), 3.0) == pytest.approx(300, rel=TOLERANCE)


def test_a_module_with_float32_parameters_is_differentiated():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
    x = torch.tensor([0.5, -1.0, 2.0])
    leaf = x.clone().requires_grad_()
    (grad,) = torch.autograd.grad(net(leaf), leaf)
    torch.testing.assert_close(numerical_grad(net, x), grad.double(), rtol=1e-5, atol=1e-6)
    assert all(p.dtype == torch.float32 and p.grad is None for p in net.parameters())


def test_a_function_that_rounds_to_float32_gets_a_wider_step():
    assert numerical_grad(lambda x: (x.float() ** 2).sum(), 3.0) == pytest.approx(6, rel=1e-4)


def test_a_function_that_writes_to_its_input_is_right_and_leaves_the_input():
    x, leaf = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0], requires_grad=True)
    for argument in (x, leaf, [1.0, 2.0]):
        grad = torch.as_tensor(numerical_grad(lambda x: (x.mul_(3) ** 2).sum(), argument), dtype=torch.float64)
        torch.testing.assert_close(grad, torch.tensor([18.0, 36.0], dtype=torch.float64), rtol=TOLERANCE, atol=0)
    assert x.tolist() == leaf.tolist() == [1, 2] and leaf.grad is None


def test_a_function_that_differentiates_inside_works():
    def slope_squared(x):
        (slope,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
        return (slope**2).sum()

    assert numerical_grad(slope_squared, 2.0) == pytest.approx(36 * 2**3, rel=TOLERANCE)


def test_a_function_that_reads_grad_inside_works_under_no_grad():
    def grad_of_square(x):
        (x * x).backward()
        return x.grad

    with torch.no_grad():
        assert numerical_grad(grad_of_square, 3.0) == pytest.approx(2)


@pytest.mark.parametrize("f, x", [(torch.log, 0.0), (torch.sqrt, -1.0), (lambda x: 1 / x, 0.0), (torch.sin, math.inf)])
def test_is_nan_where_f_is_not_finite(f, x):
    assert math.isnan(numerical_grad(f, x))
    assert math.isnan(directional_grad(f, x, 1.0))


def test_an_undefined_element_leaves_the_others():
    grad = numerical_grad(lambda x: x[0].sqrt() + x[1] ** 2, [0.0, 3.0])
    assert math.isnan(grad[0]) and grad[1] == pytest.approx(6)


@pytest.mark.parametrize("x", [1e-300, 1e12, -1e200])
def test_large_and_tiny_arguments_get_a_step_that_suits_them(x):
    assert numerical_grad(lambda x: 3 * x, x) == pytest.approx(3, rel=1e-6)


def test_the_step_can_be_chosen():
    assert numerical_grad(lambda x: x**3, 1.0, eps=0.1) == pytest.approx(3 + 0.1**2)


@pytest.mark.parametrize("eps", [0, -1e-6, "small", math.nan, math.inf, True, 10**400])
def test_a_bad_step_is_refused(eps):
    with pytest.raises(ValueError, match="eps"):
        numerical_grad(torch.sin, 1.0, eps=eps)


def test_a_function_without_one_real_number_is_refused():
    with pytest.raises(ValueError, match=r"\(2,\)"):
        numerical_grad(lambda x: x, [1.0, 2.0])
    for wrong in (None, "1", torch.tensor(1j), [1.0]):
        with pytest.raises(TypeError, match="real number"):
            numerical_grad(lambda x, wrong=wrong: wrong, 1.0)


RECURSIVE = []
RECURSIVE.append(RECURSIVE)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: numerical_grad(4.0, 1.0), "f must be a function .*, received float"),
        (lambda: numerical_grad(lambda a, b: a * b, 1.0), "f cannot be called like this: .*'b'. Its parameters: a, b"),
        (lambda: numerical_grad(lambda a: a, 1.0, 2.0), "f cannot be called like this: .*Its parameters: a"),
        (lambda: numerical_grad(lambda a: a, 10**400), "100000.* cannot become a tensor of float64"),
        (lambda: numerical_grad(lambda a: a.sum(), [[1.0, 2.0], [3.0]]), "rows have the same length"),
        (lambda: numerical_grad(lambda a: a.sum(), RECURSIVE), "cannot become a tensor of float64 .*recursion"),
        (lambda: numerical_grad(lambda a: a.sum(), torch.eye(2).to_sparse()), "ordinary .dense. tensor"),
        (lambda: numerical_grad(lambda a: a.sum(), torch.ones(2, device="meta")), "ordinary .dense. tensor"),
        (lambda: directional_check(lambda a: a.sum(), [[1.0, 2.0], [3.0]]), "rows have the same length"),
        (lambda: relative_error(10**400, 1.0), "a number that a float can hold"),
    ],
)
def test_what_cannot_be_differentiated_is_named(call, said):
    with pytest.raises(TypeError, match=said):
        call()


def test_an_error_of_f_passes_through():
    with pytest.raises(ZeroDivisionError):
        numerical_grad(lambda x: 1 / 0, 1.0)


def test_directional_grad_is_the_gradient_dot_v():
    x, v = torch.tensor([1.0, 2.0]), torch.tensor([3.0, -5.0])
    assert directional_grad(lambda x: (x**2).sum(), x, v) == pytest.approx(6 - 20, rel=TOLERANCE)
    assert directional_grad(lambda x: (x**2).sum(), x, [0.0, 0.0]) == 0


def test_directional_check_agrees_on_a_right_gradient():
    check = directional_check(lambda x: (x.sin() * x).sum(), torch.linspace(-2, 2, 10_000))
    assert check.error < 1e-6 and check.numerical != 0


def test_directional_check_catches_a_wrong_gradient():
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x**2

        @staticmethod
        def backward(ctx, g):
            return g * 3

    check = directional_check(lambda x: Wrong.apply(x).sum(), [1.0, 2.0], v=[1.0, 0.0])
    assert (check.autograd, check.numerical) == pytest.approx((3, 2)) and check.error > 0.3


def test_directional_check_takes_a_cut_graph_for_zero():
    assert directional_check(lambda x: x.detach().sum() + 0 * x.sum(), [1.0], v=[1.0]).autograd == 0


def test_a_direction_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"\(3,\)"):
        directional_grad(torch.sum, [1.0, 2.0], [1.0, 2.0, 3.0])


def test_relative_error_is_scale_free():
    assert relative_error(1.0, 1.0) == relative_error(0.0, 0.0) == relative_error([], []) == 0
    assert relative_error(1.0, -1.0) == 2
    assert relative_error([3e-200, 4e-200], [3e-200, 0.0]) == pytest.approx(0.8)
    assert relative_error(1e300, 2e300) == pytest.approx(0.5)
    assert math.isnan(relative_error(math.nan, 1.0))


def test_relative_error_refuses_different_shapes_in_the_language_of_the_lesson():
    language.use("zh")
    with pytest.raises(ValueError, match="形状"):
        relative_error([1.0], [1.0, 2.0])
    language.use("en")


def test_a_random_f_draws_the_same_numbers_in_every_evaluation():
    dropout = torch.nn.functional.dropout
    torch.manual_seed(0)
    state = torch.get_rng_state()
    grad = numerical_grad(lambda x: dropout(x, 0.5).sum(), torch.ones(8))
    assert torch.equal(torch.get_rng_state(), state)
    assert grad.tolist() == pytest.approx(
        torch.autograd.functional.vjp(lambda x: dropout(x, 0.5).sum(), torch.ones(8))[1].tolist()
    )
    assert numerical_grad(lambda x: x * np.random.normal() * random.random(), 2.0) == pytest.approx(
        np.random.normal() * random.random()
    )
    assert directional_check(lambda x: (dropout(x, 0.5) ** 2).sum(), torch.ones(8)).error < 1e-6


def test_an_f_that_does_not_repeat_itself_is_refused_with_the_cause():
    generator, calls = torch.Generator().manual_seed(0), []
    with pytest.raises(ValueError, match="keeps a state of its own"):
        numerical_grad(lambda x: (x * torch.rand(3, generator=generator)).sum(), torch.ones(3))
    with pytest.raises(ValueError, match="keeps a state of its own"):
        numerical_grad(lambda k, x: calls.append(k) or x * len(calls), "name", 2.0)
    seeded = lambda x: (x * torch.rand(3, generator=generator.manual_seed(1))).sum()
    expected = torch.rand(3, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(numerical_grad(seeded, torch.ones(3)), expected.double())
    assert math.isnan(numerical_grad(lambda x: x * math.nan, 1.0))


def test_arrays_of_numpy_are_differentiated_as_arrays():
    def f(x, i):
        assert isinstance(x, np.ndarray) and x.dtype == np.float64 and i.dtype.kind == "i"
        y = np.square(x, out=x)
        return y[i].sum()

    x = np.array([1.0, 2.0], dtype=np.float32)
    grads = numerical_grad(f, x, np.array([1]))
    assert isinstance(grads["x"], np.ndarray) and grads["x"].dtype == np.float64
    assert grads["x"].tolist() == pytest.approx([0.0, 4.0]) and grads["i"] is None
    assert x.tolist() == [1.0, 2.0]
    assert numerical_grad(torch.sin, np.float32(0.5)) == pytest.approx(math.cos(0.5))
    grad = numerical_grad(lambda x: torch.from_numpy(x).sin().sum(), np.zeros((2, 1)))
    assert grad.shape == (2, 1) and grad.ravel().tolist() == pytest.approx([1.0, 1.0])
