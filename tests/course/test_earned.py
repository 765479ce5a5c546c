"""Points are earned: what is watched for a rule is the run whose value counts, and no constant or table passes.

The attacks are run by the judge of the learner's own check. The grader's is the same judge; there the answer runs in a
sandbox, and what was seen of it comes out as plain data.
"""

import inspect
import random
import sys
from itertools import count

import torch

from seeing_gradients.course.exercises import all_exercises
from seeing_gradients.course.exercises.execution import copied
from seeing_gradients.course.exercises.function_answers import NUM_INPUTS, LocalAnswer, judge_function

from .answers import misconceptions

FUNCTIONS = [spec for spec in all_exercises() if spec.kind == "function"]
WITH_INPUTS = [spec for spec in FUNCTIONS if inspect.signature(spec.reference).parameters]  # others ask for an example


def judge(spec, answer):
    """The verdict on an answer, always on the same inputs, which are drawn from another seed than those that were seen."""
    return judge_function(spec, LocalAnswer(spec, answer), random.Random(11))


def rule_breakers(spec):
    """The right values got in a way that each rule forbids: list of (name of the rule, answer)."""
    names = {rule.name for rule in spec.rules}
    return [(name, answer) for id, name, answer in misconceptions() if id == spec.id and name in names]


def by_number(forbidden, allowed, chosen):
    """An answer that works in the forbidden way in all calls but those whose number is chosen."""
    calls = count()
    return lambda *inputs: (allowed if chosen(next(calls)) else forbidden)(*inputs)


def by_size(forbidden, allowed, chosen):
    """An answer that works in the forbidden way for all sizes of the first input but those chosen."""

    def answer(*inputs):
        first = inputs[0]
        size = first.numel() if isinstance(first, torch.Tensor) else len(first) if hasattr(first, "__len__") else 1
        return (allowed if chosen(size) else forbidden)(*inputs)

    return answer


def if_watched(forbidden, allowed):
    """An answer that works in the allowed way only when it finds itself called in an unusual way."""

    def answer(*inputs):
        frame, names = sys._getframe(1), set()
        while frame:
            names.add(frame.f_code.co_name)
            frame = frame.f_back
        is_watched = "record" in names or "broken" in names or any(name.endswith("_rules") for name in names)
        return (allowed if is_watched else forbidden)(*inputs)

    return answer


def attacks(forbidden, allowed):
    yield by_number(forbidden, allowed, lambda n: n >= NUM_INPUTS)
    yield by_number(forbidden, allowed, lambda n: n in (0, NUM_INPUTS - 1))
    yield by_size(forbidden, allowed, lambda size: size == 12)
    yield if_watched(forbidden, allowed)


def test_a_rule_is_watched_in_every_run_that_counts():
    for spec in FUNCTIONS:
        for name, forbidden in rule_breakers(spec):
            for number, answer in enumerate(attacks(forbidden, spec.reference)):
                verdict = judge(spec, answer)
                assert not verdict.solved, (spec.id, name, number, verdict)


def right_values(spec, draws):
    """A dict from what an answer receives, as text, to what it should return, for these inputs."""
    values = {}

    def noting(*arguments):
        key = repr(arguments)
        values[key] = spec.reference(*arguments)
        return values[key]

    for inputs in draws:
        spec.run(noting, *copied(inputs))
    return {key: value.detach() if isinstance(value, torch.Tensor) else value for key, value in values.items()}


def draws(spec, seed):
    rng = random.Random(seed)
    return [spec.inputs(rng, (1, -1, 0)[i % 3]) for i in range(NUM_INPUTS)]


CLAIMS = (
    {"requires_grad": False, "grad_fn": None, "is_leaf": True},
    {"requires_grad": True, "grad_fn": object(), "is_leaf": False},
    {"requires_grad": True, "grad_fn": None, "is_leaf": True},
)  # attributes of a class, which hide those of its tensors


def test_no_class_of_the_answers_own_says_what_its_result_is():
    for id in ("02.8", "03.2", "05.3", "05.4", "05.5", "09.6"):
        spec = next(spec for spec in FUNCTIONS if spec.id == id)
        for other, name, answer in misconceptions():
            for claims in CLAIMS if other == id else ():
                kind = type("Claiming", (torch.Tensor,), claims)
                verdict = judge(spec, lambda *inputs, answer=answer, kind=kind: claimed(answer(*inputs), kind))
                assert not verdict.solved, (id, name, claims)


def claimed(result, kind):
    """A result whose tensors are of this class."""
    if isinstance(result, torch.Tensor):
        return result.as_subclass(kind)
    return type(result)(claimed(each, kind) for each in result) if type(result) in (tuple, list) else result


def test_no_constant_passes():
    for spec in WITH_INPUTS:
        for value in ((1.0, 1.0), torch.zeros(3), *list(right_values(spec, draws(spec, 5)).values())[:2]):
            verdict = judge(spec, lambda *inputs, value=value: value)
            assert not verdict.solved, (spec.id, value, verdict)


def test_no_table_of_inputs_that_were_seen_passes():
    for spec in WITH_INPUTS:
        table = right_values(spec, draws(spec, 5))
        first = next(iter(table.values()))
        verdict = judge(spec, lambda *inputs, table=table, first=first: table.get(repr(inputs), first))
        assert not verdict.solved, (spec.id, verdict)
