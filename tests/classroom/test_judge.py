"""The Judge: honest answers get the points they deserve, in both languages, and nothing hidden is revealed."""

import ast
import random
import re
import socket
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
import sympy
import torch

from helpers import language
from seeing_gradients.classroom.course import Task
from seeing_gradients.classroom.sandbox import AnswerLimits, GradedAnswer, Judge, SandboxError, launch, screening
from seeing_gradients.classroom.sandbox import judge as judge_module
from seeing_gradients.classroom.sandbox.answer import harness_path, rebuild_error
from seeing_gradients.classroom.sandbox.inside import protocol
from seeing_gradients.classroom.sandbox.judge import plain_formulas
from seeing_gradients.course.exercises import all_exercises, exercise
from seeing_gradients.course.exercises.variants import student_key, variant

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


@pytest.fixture(scope="module")
def judge(judge_with):
    return judge_with("en", AnswerLimits(seconds=10))


@BY_ID
def test_the_worked_solution_gets_all_points(judge, spec):
    graded = judge.grade(task(spec), spec.solution, seed="hidden", student="alice")
    assert (graded.credit, graded.exercise) == (1.0, spec.id), graded


@pytest.mark.parametrize("number", [Fraction(1, 4), Decimal("0.25"), sympy.Rational(1, 4), sympy.Float(0.25)], ids=str)
def test_a_number_of_another_type_is_unpacked_as_a_float(number):
    assert protocol.unpack(protocol.pack(number)) == 0.25


@BY_ID
def test_all_drawn_inputs_can_be_packed_and_unpacked(spec):
    if spec.kind != "function":
        assert spec.inputs is None
        return
    for sign in (1, -1, 0):
        for drawn in spec.inputs(random.Random(sign), sign):
            unpacked = protocol.unpack(protocol.pack(drawn))
            assert type(unpacked) is type(drawn)
            assert str(unpacked) == str(drawn)


@BY_ID
def test_every_function_that_runs_in_the_sandbox_is_part_of_the_harness(spec):
    assert harness_path(spec.run) is None or ":" in harness_path(spec.run)


def test_a_stub_an_empty_and_a_missing_cell(judge):
    one = task(exercise("02.2"))
    assert judge.grade(one, "def three_grads(*p):\n    return ...\n", "s").state == "not yet"
    assert [judge.grade(one, source, "s").state for source in (None, " \n")] == ["missing", "missing"]
    assert [judge.grade(one, source, "s").credit for source in ("", "def three_grads(*p):\n    return ...")] == [0, 0]


def test_a_misconception_is_recognised_and_nothing_hidden_is_revealed(judge):
    source = "def both_grads(x):\n    y = x * x\n    (y * y).sum().backward()\n    return x.grad, y.grad\n"
    graded = judge.grade(task(exercise("02.7")), source, "s")
    assert graded.misconception == "none_of_a_non_leaf"
    labels = {label for label, _ in graded.facts}
    assert labels.isdisjoint({"input", "expected", "largest difference"})


def test_partial_credit(judge):
    assert judge.grade(task(exercise("02.6")), "g, x_grad = 12, 17", "s").credit == 0.5
    with_power = judge.grade(task(exercise("02.5")), "def two_arrows(x):\n    return x ** 2 + x\n", "s")
    assert (with_power.reason, with_power.misconception, with_power.credit) == ("rule", "power", 0.5)


def test_inputs_follow_the_seed_and_the_program(judge_with, monkeypatch):
    monkeypatch.setattr(judge_module, "_without_hidden_inputs", lambda graded, shown: graded)
    source = "def three_grads(*p):\n    raise ValueError(p)\n"
    draws = [(source, "a"), (source + "# a comment", "a"), (source + "more = 1", "a"), (source, "b")]  # (program, seed)
    graded = [judge_with("en").grade(task(exercise("02.2")), *draw) for draw in draws]  # a judge of its own knows none
    messages = [dict(answer.facts)["message"] for answer in graded]
    assert messages[0] == messages[1]
    assert len(set(messages)) == 3


LEAKS = {
    "an error": "raise ValueError(p)",
    "the name of a type": "return type(''.join(f'{float(x):.3f}' for x in p).translate({46: 95, 45: 97}), (), {})()",
    "a shape": "return torch.zeros(int(abs(float(p[0])) * 1000), 2), p[1], p[2]",
    "what it printed": "print(*p)\n    return 1 / 0",
    "a text that an earlier run left": "made.append(p)\n    raise ValueError(made[0])",
}


@pytest.mark.parametrize("body", LEAKS.values(), ids=LEAKS)
def test_nothing_that_an_answer_sends_shows_its_hidden_inputs(judge, body):
    source = f"made = []\ndef three_grads(*p):\n    {body}\n"
    first, second = (judge.grade(task(exercise("02.2")), source, seed, "ann") for seed in ("a", "b"))
    assert first.facts and (first.text, first.facts) == (second.text, second.facts)


def test_an_error_on_hidden_inputs_alone_is_named_without_its_text(judge):
    source = "import os\ndef three_grads(*p):\n    return (1 / 0) if os.urandom(1)[0] % 2 else (p[0],)\n"
    for seed in range(12):
        graded = judge.grade(task(exercise("02.2")), source, str(seed), "ann")
        assert graded.credit == 0 and graded.state == "wrong"


def test_chinese(judge_with):
    graded = judge_with("zh").grade(task(exercise("02.2")), "def three_grads(*p):\n    return 1 / 0\n", "s")
    assert re.search("[\u4e00-\u9fff]", graded.text + graded.why)
    assert not re.search(r"\bthe\b", graded.text + graded.why)
    assert GradedAnswer.from_dict(graded.as_dict()) == graded


def test_lines_for_ipython_are_ignored(judge):
    source = "%matplotlib inline\n!ls\n" + exercise("02.2").solution
    assert judge.grade(task(exercise("02.2")), source, "s").credit == 1


@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_without_bubblewrap_nothing_is_graded_and_the_message_says_how_to_install_it(monkeypatch, tmp_path, lang):
    monkeypatch.setenv("PATH", str(tmp_path))
    language.use(lang)
    with (
        pytest.raises(SandboxError, match="apt install bubblewrap.*dnf install bubblewrap.*--sandbox none"),
        Judge(lang),
    ):
        pass


@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_if_bubblewrap_fails_the_message_contains_its_error(monkeypatch, tmp_path, lang):
    error = "bwrap: No permissions to create new namespace, likely because the kernel does not allow it"
    (tmp_path / "bwrap").write_text(f"#!/bin/sh\necho '{error}' >&2\nexit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    language.use(lang)
    with pytest.raises(SandboxError, match=f"kernel.unprivileged_userns_clone=1.*--sandbox none.*{error}"), Judge(lang):
        pass


def test_all_staged_files_exist():
    assert [name for name in launch.STAGED if not (launch._LIBRARY / name).exists()] == []


def test_a_full_folder_for_temporary_files_is_named(tmp_path, monkeypatch):
    def copyfile(source, target):
        raise OSError(28, "No space left on device", str(source), None, str(target))

    monkeypatch.setattr(launch.shutil, "copyfile", copyfile)
    with pytest.raises(OSError, match="No space left on device") as raised:
        launch.stage(tmp_path)
    assert raised.value.filename.startswith(str(tmp_path / "seeing_gradients"))


def test_no_solution_and_no_reference_is_in_the_sandbox(tmp_path):
    launch.stage(tmp_path)
    files = {path: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()}
    staged = "\n".join(files.values())
    assert [spec.id for spec in EXERCISES if spec.kind != "choice" and spec.solution in staged] == []
    assert [
        path for path, text in files.items() if re.search(r"\b(EXERCISES|Exercise|Misconception)\b *[=(]", text)
    ] == []
    assert len(files) > 30 and not list(tmp_path.rglob("rules.py"))  # what is recorded inside is judged outside


@pytest.mark.slow("a new process imports PyTorch and warms it up")
def test_the_staged_files_are_enough_and_nothing_else_of_the_library_is_imported(tmp_path):
    launch.stage(tmp_path)
    code = (
        "import sys; sys.path[:0] = [sys.argv[1]]; from inside import answer, session; answer.warm_up()\n"
        "from helpers.record import RecordingLimitError\n"
        "library = {name: m for name, m in sys.modules.items() if name.startswith('seeing_gradients')}\n"
        "print({name for name, m in library.items() if sys.argv[1] not in m.__file__})"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.stdout == "set()\n", done.stderr


def test_an_answer_may_import_what_the_recorder_raises(judge):
    source = "from helpers.record import RecordingLimitError\n" + exercise("02.6").solution
    assert judge.grade(task(exercise("02.6")), source, "s").credit == 1


def test_a_loop_ends_with_its_processor_time_and_says_where(judge):
    graded = judge.grade(task(exercise("02.2")), "def three_grads(*p):\n    while True:\n        pass\n", "s")
    assert (graded.reason, graded.credit, graded.facts[0][0]) == ("processor", 0, "line 2")
    assert "more than 1 s of processor time" in graded.text
    assert graded.seconds < 10


def test_a_right_answer_with_an_optimizer_has_the_time_that_pytorch_takes_to_load_it(judge_with):
    source = """
def train(w, x, y_true, lr, steps):
    w = torch.tensor(w, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        ((w * x - y_true) ** 2).backward()
        optimizer.step()
    return w.item()
"""
    for _ in range(2):  # the second time it is loaded
        assert judge_with("en", AnswerLimits(seconds=20)).grade(task(exercise("02.3")), source, "s").credit == 1


def test_a_program_that_several_hand_in_is_run_once(judge):
    asked = task(exercise("02.2"))
    for source in (
        "def three_grads(*p):\n    return ...\n",
        exercise("02.2").solution,
        "import os; os._exit(0)",
        "x = 1",
    ):
        first, second = (judge.grade(asked, f"{source}  # {name}\n", "s", name) for name in ("ann", "bob"))
        assert second is first, source
    others = [
        judge.grade(replace(asked, **{name: value}), exercise("02.2").solution, "s") for name, value in OTHER_TASKS
    ]
    others += [
        judge.grade(asked, exercise("02.2").solution, "t"),
        judge.grade(asked, exercise("02.2").solution + "\n1", "s"),
    ]
    assert len({id(each) for each in [first, *others]}) == 1 + len(others)


OTHER_TASKS = [("prelude", "import torch\n"), ("limits", {"seconds": 5.0}), ("expression", "[three_grads][0]")]


def test_a_program_that_was_stopped_is_known_after_it_was_stopped_twice(judge_with):
    judge = judge_with("en", AnswerLimits(processor=0.2))
    first, second, third = (judge.grade(task(exercise("02.2")), "while True: pass", "s") for _ in range(3))
    assert first.reason == "processor" and first is not second and second is third


def test_two_students_with_numbers_of_their_own_are_not_graded_alike(judge):
    asked = replace(task(exercise("02.6")), personal="key")
    keys = {name: student_key("key", name, "02.6") for name in ("ann", "bob", "cleo", "dan")}
    numbers = {name: variant(exercise("02.6"), key).reference for name, key in keys.items()}
    source = f"g, x_grad = {numbers['ann'][0]}, {numbers['ann'][1]}"
    for name, own in numbers.items():
        assert (judge.grade(asked, source, "s", name).credit == 1) is (own == numbers["ann"]), name


def test_an_answer_is_stopped_at_its_time_limit(judge):
    asleep = "import time\ndef three_grads(*p):\n    time.sleep(100)\n"
    graded = judge.grade(replace(task(exercise("02.2")), limits={"seconds": 0.5}), asleep, "s")
    assert (graded.reason, "within 0.5 seconds" in graded.text, graded.seconds < 5) == ("time", True, True)


def test_a_cell_may_import_all_that_a_notebook_does(judge_with):
    judge = judge_with("en", AnswerLimits(seconds=20, processor=10))
    source = (
        "from helpers import check, explore, personal, record\nimport numpy as np\nimport matplotlib.pyplot as plt\n"
    )
    assert judge.grade(task(exercise("02.2")), source + exercise("02.2").solution, "s").credit == 1


@pytest.mark.parametrize("spec", [spec for spec in EXERCISES if spec.vary], ids=lambda spec: spec.id)
def test_a_personal_statement_is_shown_without_latex(spec):
    for text in (spec.statement.en, spec.statement.zh):
        assert not set(plain_formulas(text)) & set("$\\`{}^"), plain_formulas(text)


def test_code_in_a_statement_stays_as_it_is():
    assert plain_formulas("$x^2$, `x ** 3`, **bold**") == "x², x ** 3, bold"


def test_unknown_sandbox():
    with pytest.raises(ValueError, match="bubblewrap, none"):
        Judge(sandbox="jail")


def test_the_judge_grades_without_a_sandbox_if_asked_to():
    with Judge(sandbox="none", limits=AnswerLimits(seconds=20)) as judge:
        assert judge.grade(task(exercise("02.2")), exercise("02.2").solution, "s").credit == 1


@pytest.mark.parametrize(
    "frame",
    [b"", b"\0\0\0\1", b"\xff\xff\xff\xff", b"\0\0\0\2[]", b"\0\0\0\4nope", b"\0\0\xff\xff" + b"[" * 65535],
)
def test_invalid_frames_raise(frame):
    receiver, sender = socket.socketpair()
    with receiver, sender:
        sender.sendall(frame)
        sender.close()
        with pytest.raises((EOFError, protocol.ProtocolError)):
            protocol.receive(receiver)


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
def test_invalid_packed_values_raise(packed):
    with pytest.raises(protocol.ProtocolError):
        protocol.unpack(packed)


def test_unpacked_values_keep_dtype_and_gradient_flags():
    leaf = torch.tensor([1.0, float("nan")], requires_grad=True)
    unpacked = protocol.unpack(protocol.pack((leaf, leaf * 2, 1 + 2j, None, {"a": [True, 2**80]}, torch.tensor(3))))
    assert (unpacked[0].is_leaf, unpacked[0].requires_grad, unpacked[1].grad_fn is not None) == (True, True, True)
    assert unpacked[2:5] == (1 + 2j, None, {"a": [True, 2**80]})
    assert unpacked[5].dtype == torch.int64


@BY_ID
def test_a_misconception_of_a_value_exercise_is_recognised(judge, spec):
    if spec.kind == "function":
        return
    for wrong in spec.misconceptions:
        answer = wrong.gives
        if spec.kind == "value" and isinstance(answer, tuple | int | float):
            names = task(spec).expression
            graded = judge.grade(task(spec), f"{names} = {answer!r}", "s")
            assert (graded.state, graded.misconception) == ("wrong", wrong.name)


def test_errors_are_rebuilt_with_name_text_and_base():
    error = rebuild_error({"type": "KeyError", "base": "KeyError", "text": "'x'", "stopped": None})
    assert (type(error).__name__, str(error), isinstance(error, KeyError)) == ("KeyError", "'x'", True)
    odd = rebuild_error({"type": "UnicodeDecodeError", "base": "UnicodeDecodeError", "text": "t", "stopped": None})
    assert str(odd) == "t"
    assert not isinstance(rebuild_error({"type": "K", "base": "KeyboardInterrupt", "text": ""}), KeyboardInterrupt)


@BY_ID
def test_no_worked_solution_is_suspicious(spec):
    assert screening.suspicious_parts(spec.solution) == ()
