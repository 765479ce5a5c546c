"""Personal exercises: every variant is consistent, and its numbers follow from one name."""

import os
import random
import re
import subprocess
import sys

import pytest

from helpers import check, hint, language
from seeing_gradients.course.exercises import all_exercises, exercise, personal
from seeing_gradients.course.exercises.checking import judge
from seeing_gradients.course.exercises.variants import student_key, variant
from seeing_gradients.course.progress import read

from .personal_mistakes import MISTAKES
from .personal_truth import COMPUTED

VARIED = [spec for spec in all_exercises() if spec.vary]
KEYS = [f"key {number}" for number in range(100)]
BY_ID = pytest.mark.parametrize("spec", VARIED, ids=lambda spec: spec.id)
LANGUAGES = pytest.mark.parametrize("lang", ["en", "zh"])


def parts(spec):
    return spec.reference if spec.names else (spec.reference,)


def texts(spec):
    """All sentences of an exercise in both languages, and its solution."""
    said = [spec.statement, *spec.hints, *(m.why for m in spec.misconceptions)]
    return [getattr(text, lang) for text in said for lang in ("en", "zh")] + [spec.solution]


def listed(part):
    """A number, a tensor of one element, or a tuple or list of these, as a list of float."""
    return [float(one) for one in (part if type(part) in (tuple, list) else (part,))]


def solved(spec):
    """The answer that the solution computes: the values of its last names, as many as the exercise asks for."""
    space = {}
    exec(spec.solution, space)  # noqa: S102 - our own text
    values = [value for name, value in space.items() if name != "__builtins__"][-len(parts(spec)) :]
    return tuple(values) if spec.names else values[0]


def others(spec, course="c"):
    """A Personal whose right answer differs from the lesson's."""
    tasks = (personal(spec.id, f"s{n}", course) for n in range(9))
    return next(task for task in tasks if task.exercise.reference != spec.reference)


def test_all_exercises_about_numbers_but_two_can_vary():
    # 09.2 counts the versions in one program, 13.1 has the numbers of its lesson only
    assert {spec.id for spec in all_exercises() if spec.kind == "value"} - {spec.id for spec in VARIED} == {
        "09.2",
        "13.1",
    }


@BY_ID
def test_the_solution_of_every_version_is_right_and_every_misconception_is_recognised(spec):
    for made in (variant(spec, key) for key in KEYS):
        assert judge(made, solved(made)).state == "correct"
        assert judge(made, made.reference).state == "correct"
        for misconception in made.misconceptions:
            verdict = judge(made, misconception.gives)
            assert (verdict.state, verdict.misconception) == ("wrong", misconception.name)


@BY_ID
def test_versions_differ_in_their_numbers_alone(spec):
    made = [variant(spec, key) for key in KEYS]
    assert all(getattr(one.statement, lang) != getattr(spec.statement, lang) for one in made for lang in ("en", "zh"))
    without = [
        ["".join(c for c in text if not c.isdigit() and c not in "−-()") for text in texts(one)]
        for one in (spec, *made)
    ]
    assert all(each == without[0] for each in without)
    assert {(one.id, one.difficulty, len(one.hints)) for one in made} == {(spec.id, spec.difficulty, 3)}
    assert not re.search(r"[{}]", "".join(text for one in made for text in texts(one)).replace("\\text{detach}", ""))


@BY_ID
def test_a_class_has_many_different_answers(spec):
    answers = {variant(spec, key).reference for key in KEYS}
    assert len(answers) >= (6 if spec.id == "06.1" else 10)  # the loop of 06.1 has 3 to 8 rounds


def test_every_version_can_be_computed():
    assert {spec.id for spec in VARIED} == set(COMPUTED)


@BY_ID
def test_the_numbers_are_those_that_pytorch_gives(spec):
    for key in KEYS[:20]:
        made = variant(spec, key)
        assert COMPUTED[spec.id](made.statement.en) == parts(made)
    assert COMPUTED[spec.id](spec.statement.en) == parts(spec)


@BY_ID
def test_a_misconception_gives_what_the_mistake_leads_to(spec):
    for made in [spec, *(variant(spec, key) for key in KEYS[:20])]:
        mistakes = MISTAKES[spec.id](made.statement.en)
        results = {m.name: m.gives if spec.names else (m.gives,) for m in made.misconceptions}
        assert {name: listed(mistake) for name, mistake in mistakes.items()} == {
            n: listed(g) for n, g in results.items()
        }


def test_another_process_draws_the_same_numbers():
    ask = (
        "from seeing_gradients.course.exercises import personal\nfor id in %r: print(repr(personal(id, 'alice', 'c')))"
    )
    ids = [spec.id for spec in VARIED]
    env = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", ask % ids], capture_output=True, encoding="utf-8", env=env, check=True)
    assert done.stdout.splitlines() == [line for id in ids for line in repr(personal(id, "alice", "c")).splitlines()]


def test_the_same_name_gives_the_same_numbers_however_it_is_written():
    own = personal("02.1", "Alice", course="c").exercise.statement
    assert personal("02.1", " alice ", course="c").exercise.statement == own
    assert variant(exercise("02.1"), student_key("c", "alice", "02.1")).statement == own
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


@LANGUAGES
def test_check_and_hint_accept_a_personal_exercise_in_place_of_the_id(monkeypatch, tmp_path, lang):
    monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(tmp_path / "progress.json"))
    language.use(lang)
    task = others(exercise("05.1"))
    verdict = check(task, 15)
    assert (verdict.id, verdict.state) == ("05.1", "wrong")
    assert "hint(task_05_1)" in " ".join(verdict.notes)
    assert "hint(task_05_1, 2)" in hint(task).more
    assert hint(task, 3).text == getattr(task.exercise.hints[2], lang)
    assert "check(task_05_1, answer)" in check(task).text
    dropped = next(m for m in task.exercise.misconceptions if m.name == "term_dropped")
    assert check(task, dropped.gives).why == getattr(dropped.why, lang)
    assert check(task, task.exercise.reference).state == "correct"
    assert read()[0]["exercises"]["05.1"] == {"tries": 3, "solved": True, "hints": 3}


@BY_ID
def test_the_lessons_own_answer_is_wrong_for_other_numbers(monkeypatch, tmp_path, spec):
    monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(tmp_path / "progress.json"))
    task = others(spec)
    assert check(task, spec.reference).state == "wrong"
    assert check(spec.id, spec.reference).state == "correct"
    assert check(spec.id, task.exercise.reference).state == "wrong"


@pytest.mark.parametrize(("lang", "said"), [("en", "your name"), ("zh", "你的名字")])
@pytest.mark.parametrize("name", ["", "  ", None, 7])
def test_without_a_name_it_says_where_to_write_it(monkeypatch, lang, said, name):
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    language.use(lang)
    with pytest.raises(ValueError, match=said):
        personal("02.1", name)
    monkeypatch.setenv("JUPYTERHUB_USER", "alice")
    assert personal("02.1", name).student == "alice"


@LANGUAGES
def test_an_unknown_exercise_is_named(lang):
    language.use(lang)
    with pytest.raises(ValueError, match=r"02\.99"):
        personal("02.99", "alice")


def test_numbers_are_drawn_from_the_key_alone():
    random.seed(1)
    first = variant(exercise("02.1"), "k").statement
    random.seed(2)
    assert variant(exercise("02.1"), "k").statement == first
