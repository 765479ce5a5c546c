"""Answers that misbehave: each gets a verdict from `check`, and the session is restored after it."""

import getpass
import math
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
import torch

from helpers import accepted_or_worked, check, hint, language, progress
from seeing_gradients.course import exercises
from seeing_gradients.course.exercises import function_answers
from seeing_gradients.course.exercises.comparison import compare, plain
from seeing_gradients.widgets import verdict as verdict_widgets
from seeing_gradients.widgets.verdict import VerdictWidget

COS, TENSOR_SIN = torch.cos, torch.Tensor.sin


class AlwaysEqual(float):
    """A float that is equal to everything."""

    __hash__ = float.__hash__

    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0


class AlwaysEqualTensor(torch.Tensor):
    """A tensor whose every operation, tolist included, returns True."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return True


def endless(x):
    while True:
        pass


def endless_behind_a_bare_except(x):
    while True:
        try:
            time.sleep(0.01)
        except:  # noqa: E722, S112 - a learner may write this, and the limit must work all the same
            continue


def chatty(x):
    while True:
        print("here I am")


def spin(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def deep(x):
    return deep(x) + 1


def alters(x):
    x *= 2
    return x


def patches(x):
    torch.cos = torch.sin
    torch.Tensor.sin = torch.Tensor.cos
    return 2 * x


def exits(x):
    sys.exit()


def asks_too_much(x):
    return torch.zeros(10**13)


def starts_a_thread(x):
    threading.Thread(target=time.sleep, args=(30,), name="of-an-answer").start()
    return 2 * x


@pytest.mark.parametrize(
    ("answer", "reason", "said"),
    [
        (endless, "time", "did not finish within 2 seconds"),
        (chatty, "output", "printed without end"),
        (deep, "raised", "calls itself"),
        (alters, "changed", "modifies its input x"),
        (patches, "replaced", "torch.Tensor.sin, torch.cos"),
        (exits, "raised", "asked Python to exit"),
        (asks_too_much, "raised", "More memory"),
        (lambda x: input("?"), "raised", "cannot ask for input"),
        (lambda x: getpass.getpass(), "raised", "cannot ask for input"),
        (lambda x: y * x, "raised", "nothing called y"),  # noqa: F821
        (lambda: 1, "raised", "first line of the function"),
        (lambda x: "2x", "type", "str"),
        (lambda x: [2 * x, 2 * x], "type", "list"),
        (lambda x: torch.zeros(3, device="meta"), "type", "Tensor"),
        (lambda x: 2 * x.reshape(-1, 1), "shape", "instead of"),
        (lambda x: (8 * x).long(), "dtype", "int64 instead of float32"),
        (lambda x: torch.tensor(float("nan")).expand(len(x)), "value", "nan"),
        (lambda x: AlwaysEqual(1), "type", "AlwaysEqual"),
        (lambda x: torch.ones(len(x)).as_subclass(AlwaysEqualTensor), "type", "AlwaysEqualTensor"),
        (torch.tensor([2.0]), "type", "function itself"),
        (7, "type", "function itself"),
        (float, "type", "function itself"),
    ],
    ids=lambda item: getattr(item, "__name__", None),
)
def test_an_answer_that_misbehaves_gets_a_verdict_within_the_limit(answer, reason, said):
    began = time.monotonic()
    verdict = check("00.2", answer)
    assert (verdict.state, verdict.reason) == ("wrong", reason)
    assert said in repr(verdict)
    assert time.monotonic() - began < 10  # the limit is 2 seconds; the rest is for a busy machine


def test_an_answer_that_waits_for_ever_is_stopped_by_the_clock(monkeypatch):
    monkeypatch.setattr(function_answers, "ANSWER_SECONDS", 0.1)
    verdict = check("00.2", endless_behind_a_bare_except)
    assert (verdict.state, verdict.reason) == ("wrong", "wait")
    assert "not finished after 1 seconds" in repr(verdict)


def test_imports_of_pytorch_do_not_count_against_the_time_of_an_answer():
    late = {f"loaded_late_{i}" for i in range(60)}

    def loads_late(x):
        sys.modules.update(dict.fromkeys(late, sys))
        if not slept:
            slept.append("begun")
            spin(2.5)
        return 2 * x

    slept = []
    try:
        assert check("00.2", loads_late).solved
    finally:
        for name in late:
            sys.modules.pop(name, None)


def test_time_in_which_other_programs_have_the_processor_does_not_count(monkeypatch):
    monkeypatch.setattr(function_answers, "ANSWER_SECONDS", 0.3)

    def sleeps(x):
        time.sleep(0.1)
        return 2 * x

    assert check("00.2", sleeps).solved  # nine times: 0.9 s by the clock


def test_a_time_limit_also_holds_off_the_main_thread():
    verdicts = []
    thread = threading.Thread(target=lambda: verdicts.append(check("00.2", endless)), daemon=True)
    thread.start()
    thread.join(20)
    assert verdicts and verdicts[0].reason == "time"


def test_torch_is_restored_after_an_answer_that_patched_it():
    check("00.2", patches)
    assert torch.cos is COS and torch.Tensor.sin is TENSOR_SIN
    assert "sin" not in vars(torch.Tensor)


def test_a_method_of_torch_that_was_deleted_or_replaced_is_restored():
    def answer(x):
        del torch.Tensor.backward
        torch.Tensor.__mul__ = torch.Tensor.__add__
        return 2 * x

    assert check("00.2", answer).reason == "replaced"
    assert torch.tensor(3.0) * 4 == 12
    assert "backward" in vars(torch.Tensor)


def test_the_session_is_restored_after_an_answer():
    def answer(x):
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        torch.manual_seed(0)
        sys.setrecursionlimit(5000)
        return 2 * x

    before = torch.get_rng_state(), sys.getrecursionlimit(), sys.stdout
    assert check("00.2", answer).state == "correct"
    assert torch.is_grad_enabled() and torch.get_default_dtype() == torch.float32
    assert torch.equal(torch.get_rng_state(), before[0]) and sys.getrecursionlimit() == before[1]
    assert sys.stdout is before[2]


def test_a_check_does_not_disturb_the_random_numbers_of_the_lesson():
    torch.manual_seed(3)
    first = torch.rand(2)
    torch.manual_seed(3)
    check("00.2", lambda x: 2 * x + 0 * torch.rand(len(x)))
    assert torch.equal(torch.rand(2), first)


def test_a_thread_that_an_answer_starts_does_not_keep_the_kernel_alive():
    assert check("00.2", starts_a_thread).state == "correct"
    started = [thread for thread in threading.enumerate() if thread.name == "of-an-answer"]
    assert started and all(thread.daemon for thread in started)


def test_what_an_answer_prints_does_not_reach_the_notebook(capsys):
    def answer(x):
        print("debug", x)
        print("more", file=sys.stderr)
        return 2 * x

    assert check("00.2", answer).state == "correct"
    assert capsys.readouterr() == ("", "")


def test_an_interrupt_by_the_learner_is_not_swallowed():
    def answer(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("00.2", answer)
    assert torch.is_grad_enabled() and check("00.2", lambda x: 2 * x).solved


def test_an_error_is_shown_with_the_learners_own_line_and_explained():
    def answer(x):
        x = x.requires_grad_()
        return torch.tensor(x.detach().numpy() @ x.numpy())

    verdict = check("00.2", answer)
    facts = dict(verdict.facts)
    assert "Can't call numpy() on Tensor that requires grad" in facts["message"]
    assert "x.numpy()" in " ".join(facts.values()) and verdict.why.startswith("NumPy does not know")


def test_the_shape_is_judged_before_the_value():
    assert check("00.2", lambda x: torch.zeros(7, 7)).reason == "shape"


def test_a_value_that_differs_is_shown_with_input_received_expected_and_index():
    verdict = check("00.2", lambda x: torch.cat([2 * x[:-1], 5 + 2 * x[-1:]]))
    labels = [label for label, _ in verdict.facts]
    assert labels == ["input", "received", "expected", "largest at index", "largest difference"]
    assert dict(verdict.facts)["largest difference"] == "5" and verdict.difference == 5


def test_a_truth_value_that_is_wrong_is_shown_without_a_difference():
    verdict = check("06.6", lambda grad, d, a: torch.tensor(False))
    assert [label for label, _ in verdict.facts] == ["input", "received", "expected"]


def test_the_copy_of_a_tensor_is_compared_with_the_tensor_that_a_verdict_shows():
    facts = dict(check("05.4", lambda y: torch.zeros_like(y)).facts)
    assert facts["input"] == f"y = {facts['expected']}"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (lambda x: 2 * x, "correct"),
        (lambda x: x + x, "correct"),
        (lambda x: 2 * x.double(), "correct"),
        (lambda x: (2 * x).numpy(), "correct"),
        (lambda x: 2 * x * (1 + 1e-6), "approximately equal"),
        (lambda x: 2 * x * (1 + 1e-2), "wrong"),
        (lambda x: 2 * x.clone().requires_grad_(), "correct"),
    ],
)
def test_a_verdict_has_three_levels(answer, state):
    verdict = check("00.2", answer)
    assert verdict.state == state
    assert state == "wrong" or (verdict.difference == 0) == (state == "correct")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((-24, -8), "correct"),
        ([-24.0, -8.0], "correct"),
        (torch.tensor([-24.0, -8.0]), "correct"),
        ((torch.tensor(-24.0), np.float64(-8)), "correct"),
        ((-24.0000001, -8), "approximately equal"),
        ((-24, ...), "not yet"),
        ((..., ...), "not yet"),
        ((-24,), "wrong"),
        ((-24, -8, 0), "wrong"),
        (-24, "wrong"),
        (("-24", "-8"), "wrong"),
        ((AlwaysEqual(1), AlwaysEqual(1)), "wrong"),
        ((float("nan"), -8), "wrong"),
        ((10**400, -8), "wrong"),
        ((torch.ones(3), -8), "wrong"),
        ({1, 2}, "wrong"),
        (print, "wrong"),
    ],
    ids=str,
)
def test_numbers_are_accepted_in_any_sensible_form(answer, state):
    assert check("02.1", answer).state == state


@pytest.mark.parametrize(
    "answer",
    [{}, {"a": "flag"}, "compare", ["compare"] * 5, dict.fromkeys("abcde", 3), dict.fromkeys("abcde", "nonsense")],
    ids=str,
)
def test_a_choice_of_the_wrong_form_is_refused_with_what_is_allowed(answer):
    verdict = check("02.4", answer)
    assert verdict.reason == "type" and ("a, b, c, d, e" in verdict.text or '"no_grad"' in verdict.text)


def test_an_incomplete_choice_names_what_is_missing():
    verdict = check("02.4", {"a": "compare", "b": ..., "c": "detach", "d": None, "e": "flag"})
    assert verdict.state == "not yet" and "b, d" in verdict.text


def test_an_answer_that_is_right_for_some_inputs_says_how_many():
    verdict = check("00.2", lambda x: 2 * x.abs())
    assert verdict.state == "wrong" and any("of 9 inputs" in note for note in verdict.notes)


@pytest.mark.parametrize("size", [1.0, 1e12])
def test_what_rounding_leaves_is_told_as_a_share_of_the_largest_number(size):
    difference = compare(plain([0.0, size * (1 + 1e-6)]), plain([0.0, size]))
    assert difference.kind == "none" and difference.relative == pytest.approx(1e-6, rel=1e-3)


def test_a_verdict_calls_no_large_number_a_rounding_error():
    from seeing_gradients.course.exercises.lessons.l11.exercises_4_to_6_backward import (
        share_backward,  # of tiny rows, too
    )

    verdict = check("11.6", lambda A, G: share_backward(A.double(), G.double()).float())
    assert verdict.state == "approximately equal" and "e-0" in verdict.text and "e+" not in verdict.text


def test_nan_equals_nan_and_infinities_equal_themselves():
    a = plain(torch.tensor([float("nan"), math.inf]))
    assert compare(a, a).exact
    assert compare(plain(torch.tensor([math.inf, 1.0])), a).kind == "value"


@pytest.mark.parametrize("chosen", ["en", "zh"])
@pytest.mark.parametrize(
    "answer",
    [None, lambda x: 2 * x, lambda x: x, lambda x: x / 0 + {}],
    ids=["unsolved", "right", "wrong", "raises"],
)
def test_a_verdict_shows_itself_as_text_and_as_a_page_in_the_language_in_use(answer, chosen):
    language.use(chosen)
    verdict = check("00.2", answer)
    page = verdict._repr_html_()
    assert 'role="status"' in page and ('lang="zh-CN"' if chosen == "zh" else 'lang="en"') in page
    assert repr(verdict).startswith(("○", "✓", "✗")) and verdict.text.split("<")[0][:20] in page


def test_the_text_of_an_unsolved_and_of_a_solved_check_does_not_vary():
    unsolved = {repr(check("00.2", None)) for _ in range(5)}
    solved = {repr(check("00.2", lambda x: 2 * x)) for _ in range(5)}
    assert len(unsolved) == len(solved) == 1


def test_code_in_a_sentence_is_shown_as_code():
    page = check("01.1", lambda x, h: ((x + h) ** 3 - (x - h) ** 3) / 2 * h)._repr_html_()
    assert "<code>/ 2 * h</code>" in page and "`" not in page


def test_a_page_does_not_run_what_an_answer_returns():
    page = check("00.2", lambda x: type("<script>alert(1)</script>", (), {})())._repr_html_()
    assert "<script>" not in page


def test_check_still_works_where_progress_cannot_be_saved(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(blocked / "progress.json"))
    verdict = check("00.2", lambda x: 2 * x)
    assert verdict.state == "correct" and any("could not be saved" in note for note in verdict.notes)


def test_everything_that_the_package_offers_is_listed():
    assert exercises.__all__ == sorted(exercises.__all__)
    assert all(hasattr(exercises, name) for name in exercises.__all__)


@pytest.mark.slow("a fresh process loads the compiler of PyTorch")
def test_a_function_that_torch_itself_wraps_later_does_not_count_as_replaced():
    code = """
        from helpers import check
        import torch._dynamo  # as torch.compile does: it wraps torch.manual_seed
        print(check("00.2", lambda x: 2 * x).state, torch.manual_seed is torch._dynamo.torch.manual_seed)
        torch.cos = torch.sin
        print(check("00.2", lambda x: 2 * x).reason)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=600)
    assert done.stdout.split() == ["correct", "True", "replaced"], done.stderr


@pytest.mark.parametrize(("answer", "buttons"), [(..., 3), (13, 4), (14, 1)])
def test_hints_and_after_a_wrong_answer_the_solution_are_a_button_away(answer, buttons):
    verdict = check("00.1", answer)
    page, hints = verdict._repr_html_(), [str(hint) for hint in exercises.exercise("00.1").hints]
    assert page.count("<details") == page.count("<summary") == page.count("</details>") == buttons
    other_way = ["total = sum(n**2 for n in (1, 2, 3))"]
    assert [fold.text for fold in verdict.folds][:3] == (other_way if answer == 14 else hints)
    assert ("total = 1**2" in page) == (buttons == 4)


def test_a_hint_that_is_opened_by_its_button_counts_as_seen(tmp_path, monkeypatch):
    monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(tmp_path / "progress.json"))
    view, made = "application/vnd.jupyter.widget-view+json", []
    monkeypatch.setattr(verdict_widgets, "VerdictWidget", lambda *args: made.append(VerdictWidget(*args)) or made[-1])
    data, _ = check("02.1", (1, 2))._repr_mimebundle_()
    (shown,) = made
    assert (
        data[view]["model_id"] == shown.model_id
        and shown.markup == data["text/html"]
        and data["text/html"].count("data-step=") == 3
    )
    for message in ({"opened": 2}, {"opened": 1}, {"opened": 4}, {"opened": True}, "2", {}):
        shown._handle_custom_msg(message, [])
    assert progress.seen_hints("02.1") == 2 and hint("02.1").step == 3
    assert view not in check("02.1", (-24, -8))._repr_mimebundle_()[0]


def test_a_right_answer_shows_other_ways_the_next_exercise_and_at_the_end_of_a_lesson_what_was_hard(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(tmp_path / "progress.json"))
    specs = {spec.id: spec for spec in exercises.all_exercises()}
    check("00.1", 13)
    check("00.1", 14)
    verdict = check("00.2", specs["00.2"].reference)
    assert [fold.is_code for fold in verdict.folds] == [True, True] and "return x + x" in verdict._repr_html_()
    assert any("Next: 01.1" in note for note in verdict.notes)
    first = [id for id in specs if id.startswith("01.")]
    for id in first[:-1]:
        assert not any("hard" in note for note in check(id, specs[id].reference).notes)
    assert any("hard earlier (00.1" in note for note in check(first[-1], specs[first[-1]].reference).notes)
    assert check(exercises.personal("02.1", "alice"), 0).folds


def test_a_personal_exercise_has_hints_and_no_solution_behind_a_button():
    verdict = check(exercises.personal("02.1", "alice"), (1.0, 2.0))
    assert verdict.state == "wrong" and len(verdict.folds) == 3


def test_a_lesson_goes_on_with_a_right_function_and_else_with_the_worked_one(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(tmp_path / "progress.json"))
    with pytest.raises(ValueError, match=r"02\.1"):
        accepted_or_worked("02.1", print)
    worked = exercises.exercise("08.1").reference
    assert accepted_or_worked("08.1", lambda a, b: (b * a, b, a)) is not worked
    assert [accepted_or_worked("08.1", answer) for answer in (print, lambda a, b: (a * b, a, b), ...)] == [worked] * 3
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 4 and len(set(said)) == 2 and "is used from here on" in said[0]
    assert not (tmp_path / "progress.json").exists()
