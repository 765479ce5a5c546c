"""Answers of an unusual type: `check` accepts the right ones, refuses the others, and never raises."""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import sympy
import torch

from helpers import check, language
from seeing_gradients.course import exercises


def without_parentheses(x):
    with torch.no_grad:
        return 2 * x


def on_one_path_only(x):
    if x.sum() > 0:
        slope = 2 * x
    return slope


def one_in_a_list(x, h):
    return [((x + h) ** 3 - (x - h) ** 3) / (2 * h)]


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: [2 * number for number in x.tolist()],
        lambda x: tuple(2 * number for number in x),
        lambda x: [Fraction(2 * number) for number in x.tolist()],
        lambda x: (2 * x).to_sparse(),
        lambda x: torch.nn.Parameter(2 * x),
        partial(torch.mul, 2),
    ],
)
def test_a_right_answer_may_come_in_an_unusual_form(answer):
    assert check("00.2", answer).state == "correct"


@pytest.mark.parametrize(
    ("id", "answer"), [("00.1", torch.tensor([14.0])), ("00.1", Fraction(14)), ("01.1", one_in_a_list)]
)
def test_a_tensor_or_list_with_one_element_is_accepted_as_one_number(id, answer):
    assert check(id, answer).state == "correct"


def test_an_answer_may_be_a_number_of_sympy():
    assert check("01.5", lambda x, lr: sympy.Float(x) - lr * (6 * x - 4)).solved


@pytest.mark.parametrize("answer", [(15, (12, -6)), (15, torch.tensor([12.0, -6.0])), [[15, 12, -6]]], ids=str)
def test_several_numbers_may_be_grouped_in_any_way(answer):
    assert check("03.1", answer).state == "correct"


def test_a_choice_may_be_written_as_a_number_or_in_capitals():
    assert check("01.2", {"a": 6e-6, "b": 0.005, "c": "1e-08", "d": " 3E-4 "}).state == "correct"


def nested():
    """A nested tensor: the first one imports a compiler, which takes a second of every process that reads this file."""
    return torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged)


ODD = {
    "meta": torch.ones(3, device="meta"),
    "nested": nested,
    "text": np.array(["a"]),
    "objects": np.array([object()]),
    "records": np.zeros(3, dtype=[("a", float)]),
    "long": np.ones(3, dtype=np.longdouble),
    "huge": torch.zeros(1).expand(10**10),
    "many": [0.0] * 1_000_000,
    "cycle": (cycle := []),
    "uneven": [1, [2, 3]],
}
cycle.append(cycle)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("id", ["00.1", "00.2", "02.1", "02.2", "02.4", "02.5", "03.3", "05.3"])
def test_a_returned_value_of_any_type_gets_a_verdict(id, odd):
    odd = odd() if odd is nested else odd
    answer = (lambda *inputs: odd) if exercises.exercise(id).kind == "function" else odd
    verdict = check(id, answer)
    assert (verdict.state, bool(repr(verdict))) == ("wrong", True)


def test_a_verdict_names_the_type_that_was_asked_for_not_what_is_compared():
    assert dict(check("05.3", lambda w, xs, lr: dict(enumerate(xs))).facts)["expected"] == "a list of losses"
    assert dict(check("02.5", lambda x: (x * x + x, 2 * x + 1)).facts)["expected"] == "a tensor"


def test_a_write_into_a_computed_input_is_noticed():
    def answer(y):
        copy = y.detach().clone()
        y.detach().zero_()
        return copy

    assert check("05.4", answer).reason == "changed"


def test_the_names_of_parts_come_in_the_language_in_use():
    language.use("zh")
    assert "不共享内存" in repr(check("05.4", lambda y: y.detach()))


@pytest.mark.parametrize(
    ("id", "answer", "said"),
    [
        ("03.2", lambda X: torch.dot(X, X), "works only on vectors"),
        ("03.4", lambda w, X, y, lam: X.double() @ w, "different dtypes"),
        ("03.2", lambda X: X.sum(1).item(), "has several"),
        ("03.3", lambda x: x / x.norm() if x > 0 else x, "one True or False"),
        ("01.5", lambda x, lr: x - lr * ..., "still a ..."),
        ("02.2", lambda w, b, c, x, y_true: (w * x - y_true).backward(), "plain Python number"),
        ("01.1", lambda x, h: torch.sin(x + h), "works on tensors"),
        ("00.2", lambda x: math.sin({}), "not a plain number"),
        ("00.2", without_parentheses, "without its parentheses"),
        ("00.2", lambda x: torch.stack([2 * v.item() for v in x]), "torch.tensor makes one tensor"),
        ("00.2", on_one_path_only, "slope gets its value only"),
        ("02.8", lambda q: q.detach_().requires_grad_(), "cannot be taken off alone"),
        ("03.4", lambda w, X, y, lam: X.T @ (X @ w - y).mean(), "one of the two here is a single number"),
    ],
)
def test_an_error_that_beginners_meet_is_explained(id, answer, said):
    assert said in check(id, answer).why


@pytest.mark.parametrize("id", ["01.1", "01.5", "03.4", "05.3", "05.5", "08.1", "08.2"])
def test_an_answer_that_remembers_results_by_its_first_input_alone_is_refused(id):
    reference = exercises.exercise(id).reference
    for _ in range(10):
        remembered = {}

        def answer(first, *others, remembered=remembered):
            name = str(first)
            if name not in remembered:
                remembered[name] = reference(first, *others)
            return remembered[name]

        assert check(id, answer).state == "wrong"
