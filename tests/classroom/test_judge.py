"""The Judge in its sandboxes: honest answers get what they deserve, in either language, and nothing hidden comes back."""

import ast
import random
import re
import socket
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
import sympy
import torch

from helpers import language
from seeing_gradients.classroom.course import Task
from seeing_gradients.classroom.sandbox import Judge, Limits, Ruling, SandboxError, launching, screening
from seeing_gradients.classroom.sandbox.inside import border
from seeing_gradients.classroom.sandbox.maths import readable
from seeing_gradients.classroom.sandbox.remote import path_of, told
from seeing_gradients.course.exercises import all_exercises, exercise
from tests.needs import need

EXERCISES = all_exercises()
BY_ID = pytest.mark.parametrize("spec", EXERCISES, ids=lambda spec: spec.id)


def task(spec):
    """The Task of an exercise whose answer is its worked solution."""
    names = []
    for statement in ast.parse(spec.solution).body:
        for target in getattr(statement, "targets", ()):
            names += [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]
        names += [statement.name] if isinstance(statement, ast.FunctionDef) else []
    expression = f"({', '.join(names[-len(spec.names) :])})" if spec.kind == "value" and spec.names else names[0]
    return Task(f"answer-{spec.id}", spec.id, 1.0, "import math\nimport torch\n", "", expression)


@pytest.fixture(scope="module", params=["bubblewrap", "namespaces"])
def judge(request):
    if request.param == "bubblewrap":
        need("bubblewrap")
    with Judge("en", Limits(seconds=10), request.param) as made:
        yield made


@BY_ID
def test_the_worked_solution_gets_all_points(judge, spec):
    ruling = judge.rule(task(spec), spec.solution, seed="hidden", student="alice")
    assert (ruling.credit, ruling.exercise) == (1.0, spec.id), ruling


@pytest.mark.parametrize("number", [Fraction(1, 4), Decimal("0.25"), sympy.Rational(1, 4), sympy.Float(0.25)], ids=str)
def test_a_number_of_another_kind_crosses_the_border_as_a_float(number):
    assert border.unpack(border.pack(number)) == 0.25


@BY_ID
def test_whatever_is_drawn_crosses_the_border(spec):
    if spec.kind != "function":
        assert spec.inputs is None
        return
    for sign in (1, -1, 0):
        for drawn in spec.inputs(random.Random(sign), sign):
            there = border.unpack(border.pack(drawn))
            assert type(there) is type(drawn)
            assert str(there) == str(drawn)


@BY_ID
def test_what_runs_in_the_sandbox_is_of_the_harness(spec):
    for function in (spec.run, *(rule.broken for rule in spec.rules)):
        assert path_of(function) is None or ":" in path_of(function)


def test_a_stub_an_empty_and_a_missing_cell(judge):
    one = task(exercise("02.2"))
    assert judge.rule(one, "def three_grads(*p):\n    return ...\n", "s").state == "not yet"
    assert [judge.rule(one, source, "s").state for source in (None, " \n")] == ["missing", "missing"]
    assert [judge.rule(one, source, "s").credit for source in ("", "def three_grads(*p):\n    return ...")] == [0, 0]


def test_a_misconception_is_recognised_and_nothing_hidden_is_told(judge):
    source = "def both_grads(x):\n    y = x * x\n    (y * y).sum().backward()\n    return x.grad, y.grad\n"
    ruling = judge.rule(task(exercise("02.7")), source, "s")
    assert ruling.misconception == "none_of_a_non_leaf"
    labels = {label for label, _ in ruling.facts}
    assert labels.isdisjoint({"input", "expected", "largest difference"})


def test_partial_credit(judge):
    assert judge.rule(task(exercise("02.6")), "g, x_grad = 12, 17", "s").credit == 0.5
    with_power = judge.rule(task(exercise("02.5")), "def two_arrows(x):\n    return x ** 2 + x\n", "s")
    assert (with_power.reason, with_power.misconception, with_power.credit) == ("rule", "power", 0.5)


def test_inputs_follow_the_seed(judge):
    source = "def three_grads(*p):\n    raise ValueError(p)\n"
    said = [dict(judge.rule(task(exercise("02.2")), source, seed, name).facts)["message"] for seed, name in (
        ("a", "ann"), ("a", "ann"), ("a", "bob"), ("b", "ann"))]  # fmt: skip
    assert said[0] == said[1]
    assert len(set(said)) == 3


def test_chinese():
    with Judge("zh") as judge:
        ruling = judge.rule(task(exercise("02.2")), "def three_grads(*p):\n    return 1 / 0\n", "s")
        assert re.search("[\u4e00-\u9fff]", ruling.text + ruling.why)
        assert not re.search(r"\bthe\b", ruling.text + ruling.why)
    assert Ruling.from_dict(ruling.as_dict()) == ruling


def test_lines_of_ipython_do_no_harm(judge):
    source = "%matplotlib inline\n!ls\n" + exercise("02.2").solution
    assert judge.rule(task(exercise("02.2")), source, "s").credit == 1


def test_no_sandbox_no_grading(monkeypatch):
    def failing(*_):
        raise SandboxError("not here")

    monkeypatch.setattr(launching, "_bubblewrap", failing)
    monkeypatch.setattr(launching, "_namespaces", failing)
    language.use("en")
    with pytest.raises(SandboxError, match="apt install bubblewrap.*--sandbox none.*not here"), Judge():
        pass


def test_a_loop_ends_with_its_processor_time_and_says_where(judge):
    ruling = judge.rule(task(exercise("02.2")), "def three_grads(*p):\n    while True:\n        pass\n", "s")
    assert (ruling.reason, ruling.credit, ruling.facts[0][0]) == ("processor", 0, "line 2")
    assert "more than 1 s of processor time" in ruling.text
    assert ruling.seconds < 10


def test_the_limit_of_time_is_the_one_that_was_asked_for(judge):
    asleep = "import time\ndef three_grads(*p):\n    time.sleep(100)\n"
    ruling = judge.rule(replace(task(exercise("02.2")), limits={"seconds": 0.5}), asleep, "s")
    assert (ruling.reason, "within 0.5 seconds" in ruling.text, ruling.seconds < 5) == ("time", True, True)


def test_a_cell_may_import_all_that_a_notebook_does(judge):
    source = (
        "from helpers import check, explore, personal, record\nimport numpy as np\nimport matplotlib.pyplot as plt\n"
    )
    assert judge.rule(task(exercise("02.2")), source + exercise("02.2").solution, "s").credit == 1


@pytest.mark.parametrize("spec", [spec for spec in EXERCISES if spec.vary], ids=lambda spec: spec.id)
def test_a_personal_task_is_told_without_signs_of_a_typesetter(spec):
    for text in (spec.statement.en, spec.statement.zh):
        assert not set(readable(text)) & set("$\\`{}^"), readable(text)


def test_a_power_of_python_stays_one():
    assert readable("$x^2$, `x ** 3`, **bold**") == "x², x ** 3, bold"


def test_unknown_sandbox():
    with pytest.raises(ValueError, match="auto, bubblewrap, namespaces, none"):
        Judge(sandbox="jail")


def test_without_a_sandbox_when_told_so():
    with Judge(sandbox="none", limits=Limits(seconds=20)) as judge:
        assert judge.rule(task(exercise("02.2")), exercise("02.2").solution, "s").credit == 1


@pytest.mark.parametrize(
    "frame",
    [b"", b"\0\0\0\1", b"\xff\xff\xff\xff", b"\0\0\0\2[]", b"\0\0\0\4nope", b"\0\0\xff\xff" + b"[" * 65535],
)
def test_frames_that_are_not_ours(frame):
    here, there = socket.socketpair()
    with here, there:
        there.sendall(frame)
        there.close()
        with pytest.raises((EOFError, border.BorderError)):
            border.receive(here)


@pytest.mark.parametrize(
    "packed",
    [
        ["tensor", "torch.float32", [10**9], [], False, False],
        ["tensor", "torch.nothing", [1], [1.0], False, False],
        ["tensor", "torch.float32", [-1, -1], [1.0], False, False],
        ["tensor", "torch.uint8", [1], [10**30], False, False],
        ["int", "1"],
        ["int", True],
        ["dict", [[["list", []], ["none"]]]],
        ["nothing"],
        [],
        7,
        ["list", 5],
        ["list", [["other", "x"]] * 500_000],
        ["list", [["list", [["none"]] * 200]] * 200],
    ],
)
def test_packed_values_that_are_not_ours(packed):
    with pytest.raises(border.BorderError):
        border.unpack(packed)


def test_values_keep_what_counts():
    leaf = torch.tensor([1.0, float("nan")], requires_grad=True)
    there = border.unpack(border.pack((leaf, leaf * 2, 1 + 2j, None, {"a": [True, 2**80]}, torch.tensor(3))))
    assert (there[0].is_leaf, there[0].requires_grad, there[1].grad_fn is not None) == (True, True, True)
    assert there[2:5] == (1 + 2j, None, {"a": [True, 2**80]})
    assert there[5].dtype == torch.int64


@BY_ID
def test_listed_mistakes_of_plain_numbers_keep_their_message_across_the_border(judge, spec):
    if spec.kind == "function":
        return
    for wrong in spec.misconceptions:
        answer = wrong.gives
        if spec.kind == "value" and isinstance(answer, tuple | int | float):
            names = task(spec).expression
            ruling = judge.rule(task(spec), f"{names} = {answer!r}", "s")
            assert (ruling.state, ruling.misconception) == ("wrong", wrong.name)


def test_errors_are_told_by_name():
    error = told({"type": "KeyError", "base": "KeyError", "text": "'x'", "stopped": None})
    assert (type(error).__name__, str(error), isinstance(error, KeyError)) == ("KeyError", "'x'", True)
    odd = told({"type": "UnicodeDecodeError", "base": "UnicodeDecodeError", "text": "t", "stopped": None})
    assert str(odd) == "t"
    assert not isinstance(told({"type": "K", "base": "KeyboardInterrupt", "text": ""}), KeyboardInterrupt)


@BY_ID
def test_no_worked_solution_is_out_of_the_ordinary(spec):
    assert screening.concerns(spec.solution) == ()
