"""Every exercise: the reference passes, the stub is "not yet", misconceptions are recognised, mistakes are refused.

Most tests use `judge`, which is `check` without writing to the progress file.
"""

import inspect
import pkgutil
import re
import string
from collections import Counter
from dataclasses import fields, is_dataclass, replace
from importlib import import_module

import numpy as np
import pytest
import torch

from helpers import check, hint, language
from seeing_gradients.course.exercises import Text, all_exercises, all_predictions, exercise, judge, lesson_numbers
from seeing_gradients.course.exercises import lessons as folders
from seeing_gradients.course.exercises.execution import is_stub
from seeing_gradients.course.exercises.lessons.alternatives import alternatives
from seeing_gradients.course.exercises.spec import source_of
from seeing_gradients.language import localize_comments

from .answers import misconceptions, others, recognised, rights

EXERCISES = all_exercises()
PREDICTIONS = all_predictions()
BY_ID = pytest.mark.parametrize("spec", EXERCISES, ids=lambda spec: spec.id)
LANGUAGES = pytest.mark.parametrize("chosen", ["en", "zh"])
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SPACED = re.compile(r"[\u4e00-\u9fff] +[A-Za-z0-9`$]|[A-Za-z0-9`$] +[\u4e00-\u9fff]")


def texts(spec):
    """Every Text in a spec, at any depth."""
    if isinstance(spec, Text):
        yield spec
    elif is_dataclass(spec):
        for field in fields(spec):
            yield from texts(getattr(spec, field.name))
    elif isinstance(spec, tuple):
        for item in spec:
            yield from texts(item)


def solved(spec):
    """The answer that the worked solution computes when a learner runs it."""
    names = {"torch": torch}
    exec(spec.solution, names)  # noqa: S102
    made = {name: value for name, value in names.items() if name not in ("torch", "__builtins__", "error", "net")}
    values = list(made.values())
    return tuple(values[-len(spec.names) :]) if spec.kind == "value" and spec.names else values[0]


@BY_ID
def test_the_reference_passes_on_many_draws(spec):
    verdicts = [judge(spec, spec.reference) for _ in range(10)]
    assert [verdict for verdict in verdicts if verdict.state != "correct"] == []


@BY_ID
def test_the_worked_solution_passes(spec):
    assert judge(spec, solved(spec)).solved


@BY_ID
@pytest.mark.parametrize("stub", [None, ..., NotImplemented])
def test_an_unsolved_stub_is_not_yet(spec, stub):
    answers = [stub]
    if spec.kind == "function":
        answers.append(lambda *inputs: stub)
    if spec.kind == "value" and spec.names:
        answers.append((stub,) * len(spec.names))
    if spec.kind == "choice":
        answers.append(dict.fromkeys(spec.reference, stub))
    assert all(is_stub(stub) and judge(spec, answer).state == "not yet" for answer in answers)


@BY_ID
def test_a_function_that_raises_not_implemented_is_not_yet(spec):
    def later(*inputs):
        raise NotImplementedError

    if spec.kind == "function":
        assert check(spec.id, later).state == "not yet"


def test_a_program_handed_out_and_not_yet_fixed_is_not_yet():
    assert "as it was given" in repr(check("02.3", exercise("02.3").starter))


def solution_lines(spec):
    """The lines of the worked solution that give the answer away; no verdict may contain one."""
    return [line.strip() for line in spec.solution.splitlines() if len(line.strip()) > 12 and "def " not in line]


@BY_ID
@LANGUAGES
def test_every_misconception_gets_its_own_sentence_without_the_solution(spec, chosen):
    language.use(chosen)
    whys = {item.name: str(item.why) for item in (*spec.misconceptions, *spec.rules)}
    wrong = {name: answer for id, name, answer in misconceptions() if id == spec.id}
    assert list(wrong) == list(whys)
    for name, answer in wrong.items():
        verdict = judge(spec, answer)
        assert (verdict.state, verdict.misconception, verdict.why) == ("wrong", name, whys[name])
        assert whys[name] in repr(verdict)
        # A verdict may quote the line of the answer that failed.
        own = inspect.getsource(answer.__code__) if inspect.isfunction(answer) else ""
        assert not any(line in repr(verdict) for line in solution_lines(spec) if line not in own)


@BY_ID
def test_every_wrong_answer_that_the_spec_does_not_list_is_refused_without_the_solution(spec):
    wrong = [answer for id, _, answer in others() if id == spec.id]
    assert wrong
    for number, answer in enumerate(wrong):
        verdict = judge(spec, answer)
        assert (number, verdict.state) == (number, "wrong")
        assert not verdict.misconception or spec.kind == "choice"
        assert not any(line in repr(verdict) for line in solution_lines(spec))


def test_wrong_answers_that_are_like_a_listed_one_get_its_sentence():
    for id, name, answer in recognised():
        assert (id, judge(exercise(id), answer).misconception) == (id, name)


def test_every_exercise_has_ten_wrong_and_three_right_answers_beside_the_listed_misconceptions():
    wrong = Counter([id for id, *_ in others()] + [id for id, *_ in recognised()])
    right = Counter(id for id, *_ in rights())
    few = {spec.id: (wrong[spec.id], right[spec.id]) for spec in EXERCISES if wrong[spec.id] < 10 or right[spec.id] < 3}
    assert not few


@pytest.mark.parametrize("id", ["00.1", "02.1", "02.6"])
def test_a_wrong_number_is_not_answered_with_the_right_one(id):
    spec = exercise(id)
    right = spec.reference if spec.names else (spec.reference,)
    wrong = tuple(n + 1000 for n in right) if spec.names else right[0] + 1000
    found = re.findall(r"-?\d+", repr(check(id, wrong)).replace(id, ""))
    assert not {str(n) for n in right} & set(found)


@BY_ID
def test_every_right_answer_in_an_unusual_spelling_is_right(spec):
    answers = [answer for id, _, answer in rights() if id == spec.id]
    verdicts = [(number, judge(spec, answer)) for number, answer in enumerate(answers) for _ in range(3)]
    assert [(number, verdict) for number, verdict in verdicts if not verdict.solved] == []


def test_every_other_way_that_a_check_shows_is_accepted():
    for spec in EXERCISES:
        for code in alternatives(spec.id):
            verdict = judge(spec, solved(replace(spec, solution=code)))
            assert verdict.solved, (code, verdict)


def test_comments_of_solutions_and_other_ways_are_in_the_language_in_use():
    for spec in EXERCISES:
        for chosen, foreign in (("en", CHINESE), ("zh", re.compile(r"[a-z]{2,} [a-z]{2,}"))):
            language.use(chosen)
            codes = [*alternatives(spec.id), localize_comments(spec.solution)]
            comments = [comment for code in codes for comment in re.findall("#.*", code)]
            assert [comment for comment in comments if foreign.search(comment)] == []
    language.use("zh")
    assert localize_comments(exercise("10.1").solution) in [fold.text for fold in check("10.1", (1, 2)).folds]


ODD = [
    0,
    -1.0,
    1j,
    10**400,
    "a",
    [],
    (),
    (1,),
    (1, 2),
    (None, 1),
    ("a", "b"),
    [[1], 2],
    {"a": 1},
    object(),
    int,
    range(3),
]
ODD += [torch.zeros(size) for size in ((), 0, 1, 3, (2, 3))] + [
    torch.zeros(3, dtype=kind) for kind in (bool, complex, int)
]
ODD += [torch.zeros(3).to_sparse(), torch.zeros(3, device="meta"), torch.zeros(3, requires_grad=True)]
ODD += [np.array("a"), np.array([None, 1]), np.zeros(3), (torch.zeros(3), None), (torch.zeros(3), torch.zeros(()))]


@BY_ID
def test_an_answer_of_any_type_gets_a_verdict(spec):
    answers = [*ODD, *(lambda *inputs, odd=odd: odd for odd in ODD), lambda *inputs: inputs, lambda *inputs: inputs[0]]
    assert [answer for answer in answers if judge(spec, answer).state not in ("wrong", "not yet")] == []


@BY_ID
def test_an_exercise_has_what_a_lesson_needs(spec):
    assert len(spec.misconceptions) + len(spec.rules) >= 3
    assert len(spec.hints) == 3 and spec.difficulty in (1, 2, 3) and 0 < spec.minutes <= 15
    names = [item.name for item in (*spec.misconceptions, *spec.rules)]
    whys = [item.why for item in (*spec.misconceptions, *spec.rules)]
    assert len(set(names)) == len(names) and len(set(whys)) == len(whys)


def test_every_sentence_is_there_in_both_languages():
    for text in [text for spec in (*EXERCISES, *PREDICTIONS) for text in texts(spec)]:
        assert text.en and not CHINESE.search(text.en), text.en
        assert CHINESE.search(text.zh) or text.zh == text.en, text.zh
        assert not SPACED.search(text.zh), text.zh
        assert list(string.Formatter().parse(text.en))


def test_the_titles_are_those_of_the_exercises():
    assert sorted(language.names("titles")) == sorted(spec.id for spec in EXERCISES)


REFERENCES_OF_THEIR_OWN = {"03.2", "03.3", "03.4"}  # the module of these exercises says why


def test_a_worked_solution_is_the_reference_itself():
    functions = [spec for spec in EXERCISES if spec.kind == "function"]
    copied = {spec.id for spec in functions if spec.solution != source_of(spec.reference)}
    assert copied == REFERENCES_OF_THEIR_OWN


def test_a_module_says_in_its_name_and_first_line_which_exercises_it_holds():
    names = [module.name for module in pkgutil.walk_packages(folders.__path__, f"{folders.__name__}.")]
    modules = [module for module in map(import_module, names) if hasattr(module, "EXERCISES")]
    for module in modules:
        lesson, file = module.__name__.split(".")[-2:]
        numbers = [int(number) for number in re.findall(r"\d+", file)]
        ids = [f"{lesson[1:]}.{number}" for number in range(numbers[0], numbers[-1] + 1)]
        assert [spec.id for spec in module.EXERCISES] == ids
        assert re.findall(r"\d\d\.\d", module.__doc__.splitlines()[0]) == ids
    assert sum(len(module.EXERCISES) for module in modules) == len(EXERCISES)


def test_ids_are_unique_and_begin_with_their_lesson():
    ids = [spec.id for spec in [*EXERCISES, *PREDICTIONS]]
    assert len(set(ids)) == len(ids) and {id[:2] for id in ids} == set(lesson_numbers())


@pytest.mark.parametrize("id", ["02.99", "77.1", "nonsense", 2.1, None])
def test_an_unknown_id_lists_the_known_ones(id):
    with pytest.raises(ValueError, match=r"02\.1, 02\.2"):
        check(id, 1)


def test_check_without_an_answer_says_how_to_pass_one():
    verdict = check("02.1")
    assert verdict.state == "not yet" and 'check("02.1", answer)' in repr(verdict)


@LANGUAGES
def test_hints_come_one_step_at_a_time(chosen, tmp_path, monkeypatch):
    monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(tmp_path / "progress.json"))
    language.use(chosen)
    seen = [hint("02.1") for _ in range(4)]
    assert [h.step for h in seen] == [1, 2, 3, 3]
    assert [h.text for h in seen[:3]] == [str(text) for text in exercise("02.1").hints]
    assert hint("02.1", 2).text == str(exercise("02.1").hints[1]) and "02.1" in hint("02.1", 2)._repr_html_()


@pytest.mark.parametrize("step", [0, 4, "1", 1.5, True])
def test_a_hint_that_does_not_exist_is_refused(step):
    with pytest.raises(ValueError, match="1, 2 or 3"):
        hint("02.1", step)


def test_paths_may_differ_in_a_constant_but_not_in_one_computed_from_the_input():
    assert check("07.6", lambda x: 2.0 * x.sum() if x.sum() > 0 else 0.5 * x.sum()).solved
    assert check("07.6", lambda x: (x * x).sum() + x[0].item() * 1e-9).misconception == "one_path"
