"""Numbers of one's own: every version of an exercise is right in itself, and belongs to one name."""

import random
import re

import pytest
import torch

from helpers import check, hint, language
from helpers.exercises import all_exercises, exercise, personal
from helpers.exercises.checking import judge
from helpers.exercises.personal import key_of, variant

VARIED = [spec for spec in all_exercises() if spec.vary]
KEYS = [f"key {number}" for number in range(100)]


def parts(spec):
    return spec.reference if spec.names else (spec.reference,)


def texts(spec):
    """Every sentence of an exercise, in both languages."""
    said = [spec.statement, *spec.hints, *(m.why for m in spec.misconceptions)]
    return [getattr(text, lang) for text in said for lang in ("en", "zh")] + [spec.solution]


def test_all_exercises_of_numbers_can_vary_but_the_one_without_numbers():
    assert {spec.id for spec in all_exercises() if spec.kind == "value"} - {spec.id for spec in VARIED} == {"09.2"}


@pytest.mark.parametrize("spec", VARIED, ids=lambda spec: spec.id)
def test_the_solution_of_every_version_is_right_and_every_misconception_is_recognised(spec):
    for made in {made.reference: made for made in (variant(spec, key) for key in KEYS)}.values():
        space = {}
        exec(made.solution, space)  # noqa: S102, ours
        names = [name for name in space if name != "__builtins__"][-len(parts(made)) :]
        assert tuple(space[name] for name in names) == parts(made)
        assert judge(made, made.reference).state == "correct"
        for misconception in made.misconceptions:
            verdict = judge(made, misconception.gives)
            assert (verdict.state, verdict.misconception) == ("wrong", misconception.name)


@pytest.mark.parametrize("spec", VARIED, ids=lambda spec: spec.id)
def test_versions_differ_in_their_numbers_alone(spec):
    made = [variant(spec, key) for key in KEYS]
    assert len({one.reference for one in made}) >= (3 if spec.id in ("00.1", "06.1") else 9)
    assert all(one.statement != spec.statement for one in made)
    without = [
        ["".join(c for c in text if not c.isdigit() and c not in "−-()") for text in texts(one)]
        for one in (spec, *made)
    ]
    assert all(each == without[0] for each in without)
    assert all("«" not in text for one in made for text in texts(one))
    assert {(one.id, one.difficulty, len(one.hints)) for one in made} == {(spec.id, spec.difficulty, 3)}


def numbers(spec, *names):
    """What stands for these names in the English statement: "$x = 3$"."""
    return [float(re.search(rf"\b{name}`?(?: is| =) (-?\d+)", spec.statement.en)[1]) for name in names]


@pytest.mark.parametrize("key", KEYS[:20])
def test_the_numbers_are_those_that_autograd_gives(key):
    made = variant(exercise("02.1"), key)
    x, y, start_w, start_b = numbers(made, "x", "y", "w", "b")
    w, b = torch.tensor(start_w, requires_grad=True), torch.tensor(start_b, requires_grad=True)
    ((w * x + b - y) ** 2).backward()
    assert (w.grad.item(), b.grad.item()) == made.reference

    made = variant(exercise("05.1"), key)
    x = torch.tensor(numbers(made, "x")[0], requires_grad=True)
    u = x**2
    (u.detach() * x + u).backward()
    assert x.grad.item() == made.reference

    made = variant(exercise("02.6"), key)
    x = torch.tensor(numbers(made, "x")[0], requires_grad=True)
    (x**3).backward()
    g = x.grad
    (int(re.search(r"\((\d+) \* x\)", made.statement.en)[1]) * x).backward()
    assert (g.item(), x.grad.item()) == made.reference


def test_the_loop_of_06_1_makes_as_many_rounds_as_the_exercise_says():
    for key in KEYS:
        made = variant(exercise("06.1"), key)
        (start,) = numbers(made, "a")
        for sign, slope in ((1, made.reference[1]), (-1, made.reference[2])):
            a, rounds = torch.tensor(sign * start, requires_grad=True), 0
            b = a * 2
            while b.norm() < 1000:
                b, rounds = b * 2, rounds + 1
            (b if b.sum() > 0 else 100 * b).backward()
            assert (rounds, a.grad.item()) == (made.reference[0], slope)


def test_the_same_name_gives_the_same_numbers_however_it_is_written():
    own = personal("02.1", "Alice", course="c").exercise.statement
    assert personal("02.1", " alice ", course="c").exercise.statement == own
    assert variant(exercise("02.1"), key_of("c", "alice", "02.1")).statement == own
    others = {personal("02.1", f"student{n}", course="c").exercise.statement for n in range(20)}
    assert len(others) > 10
    assert personal("02.2", "alice").exercise is exercise("02.2")


@pytest.mark.parametrize(("lang", "said"), [("en", "the numbers of zhang-san"), ("zh", "zhang-san的数据")])
def test_the_statement_is_shown_with_the_name(lang, said):
    language.use(lang)
    task = personal("05.1", "zhang-san", course="c")
    assert said in repr(task)
    assert said in task._repr_markdown_()
    assert str(task.exercise.statement) in task._repr_markdown_()
    assert "<b>" not in personal("05.1", "<b>x</b>")._repr_markdown_()


def test_check_and_hint_take_it_in_place_of_the_id(monkeypatch, tmp_path):
    monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(tmp_path / "progress.json"))
    task = next(one for one in (personal("05.1", f"s{n}", "c") for n in range(9)) if one.exercise.reference != 15)
    assert check(task, task.exercise.reference).state == "correct"
    verdict = check(task, 15)
    assert verdict.state == "wrong"
    assert verdict.id == "05.1"
    assert "hint(task_05_1)" in " ".join(verdict.notes)
    assert hint(task, 3).text == task.exercise.hints[2].en
    assert "hint(task_05_1, 2)" in hint(task, 1).more
    assert "check(task_05_1, answer)" in check(task).text


@pytest.mark.parametrize(("lang", "said"), [("en", "your name"), ("zh", "你的名字")])
@pytest.mark.parametrize("name", ["", "  ", None, 7])
def test_without_a_name_it_says_where_to_write_it(monkeypatch, lang, said, name):
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    language.use(lang)
    with pytest.raises(ValueError, match=said):
        personal("02.1", name)
    monkeypatch.setenv("JUPYTERHUB_USER", "alice")
    assert personal("02.1", name).student == "alice"


def test_an_unknown_exercise_is_named():
    language.use("en")
    with pytest.raises(ValueError, match=r"02\.99"):
        personal("02.99", "alice")


def test_numbers_are_drawn_from_the_key_alone():
    random.seed(1)
    first = variant(exercise("02.1"), "k").statement
    random.seed(2)
    assert variant(exercise("02.1"), "k").statement == first
