"""Whatever arrives from the process of an answer is judged in bounded time and without an error of the judge's own."""

import json
import random
import time

import pytest

from seeing_gradients.classroom.sandbox.answer import _outcome
from seeing_gradients.classroom.sandbox.inside.protocol import ProtocolError
from seeing_gradients.classroom.sandbox.judge import graded_answer
from seeing_gradients.course.exercises import all_exercises
from seeing_gradients.course.exercises.execution import Outcome
from seeing_gradients.course.exercises.function_answers import judge_function
from seeing_gradients.course.exercises.value_answers import judge_choice, judge_value

EXERCISES = all_exercises()
COUNT = 10_000
SECONDS = 20.0  # that one verdict may take, on a machine with much else to do; most take milliseconds
NUMBERS = (
    0,
    1,
    -1,
    1.5,
    -0.0,
    float("nan"),
    float("inf"),
    1e308,
    5e-324,
    2**63,
    -(10**400),
    10**4000,
    True,
    None,
    "1",
    [],
    {},
)
SIZES = (0, 1, 1, 2, 3, 7, 1 << 22, 1 << 40, 2**63, -1, 1.5, None, "2")
DTYPES = (
    "torch.float32",
    "torch.float64",
    "torch.int64",
    "torch.bool",
    "torch.complex64",
    "torch.float16",
    "torch.x",
    None,
    "os",
)
TEXTS = (
    "",
    "x",
    "\0",
    "\x1b[31m",
    "<script>",
    "\ud800",
    "\u202e",
    "y" * 5000,
    "__class__",
    "三",
    "{0.__class__}",
    "%s",
)


def hostile(rng, depth=0):
    """A packed value, honest, damaged or made to be large."""
    kind = rng.randrange(12 if depth < 3 else 7)
    number, text = rng.choice(NUMBERS), rng.choice(TEXTS)
    if kind == 0:
        return [
            rng.choice(("int", "float", "bool", "str", "none", "ellipsis", "notimplemented", "complex", text)),
            number,
        ]
    if kind == 1:
        return ["float", rng.uniform(-5, 5)]
    if kind == 2:
        return ["str", text]
    if kind == 3:
        return ["other", rng.choice([text, number])]
    if kind == 4:
        return rng.choice([None, number, text, {}, [], [[]], ["tensor"], ["dict", number], ["tuple", text]])
    if kind in (5, 6):
        return tensor(rng)
    if kind == 7:
        deep = ["float", 1.0]
        for _ in range(rng.choice([2, 24, 26, 200])):
            deep = [rng.choice(["tuple", "list"]), [deep]]
        return deep
    if kind == 8:
        return ["list", [["float", 1.0]] * (30_000 if rng.random() < 0.02 else rng.choice([100, 101]))]
    if kind == 9:
        return ["dict", [[hostile(rng, depth + 1), hostile(rng, depth + 1)] for _ in range(rng.randrange(3))]]
    return [rng.choice(["tuple", "list"]), [hostile(rng, depth + 1) for _ in range(rng.randrange(6))]]


def tensor(rng):
    shape = rng.choice([[rng.choice(SIZES) for _ in range(rng.randrange(4))], [1] * 17, [1] * 1500, [3], [2, 2]])
    count = rng.choice([0, 1, 3, 4, 100])
    numbers = [rng.choice(NUMBERS) if rng.random() < 0.3 else rng.uniform(-2, 2) for _ in range(count)]
    return ["tensor", rng.choice(DTYPES), shape, numbers, rng.choice([True, False, 1]), rng.choice([True, False, None])]


def hostile_reply(rng):
    """A reply as `inside.answer` sends it, which is also how it arrives: it holds nothing but what JSON leaves as it is."""
    error = {
        "type": rng.choice(TEXTS),
        "base": rng.choice(["ValueError", "KeyboardInterrupt", "print", 3]),
        "text": rng.choice(TEXTS),
    }
    reply = {
        "error": rng.choice([None, None, None, None, error, {}, 5]),
        "line": rng.choice([None, 3, "3", 10**50]),
        "source": rng.choice([*TEXTS, None, 7]),
        "printed": rng.choice([*TEXTS, None]),
        "replaced": rng.choice([[], [], [], ["torch.cos"], ["x" * 900] * 30, 5, [None]]),
        "warnings": rng.choice([[], [], [], ["a warning"], [None], ["x" * 9000] * 30, 5, None]),
        "observations": hostile_observations(rng),
        "value": hostile(rng),
    }
    if rng.random() < 0.05:
        del reply[rng.choice(list(reply))]
    return reply


def hostile_observations(rng):
    """Observations as an answer that runs beside what observes it may send them: honest, or with one field spoilt."""
    fields = [["mul"], [[2, 2]], 1, False, False, ["MulBackward0"], [[0, -1]], True, True, False, [[0, "grad"]], True]
    if rng.random() < 0.5:
        fields[rng.randrange(len(fields))] = rng.choice(
            [None, 5, -1, 10**400, 1e400, "x" * 9000, [[]], [[10**50]], [[0, "nonsense"]], [[9, "value"]], ["x"] * 5000]
        )
    return rng.choice([[], [fields], [fields] * 300, [fields[:3]], None, 7, [None]])


class HostileAnswer:
    """An answer whose every run sends a hostile reply."""

    def __init__(self, rng):
        self._rng, self.count = rng, 0
        self.limits, self.is_stub, self.is_function, self.type = {"time": 2.0}, False, True, "function"
        self.has_statements, self.source = True, None

    def outcomes(self, inputs):
        for _ in inputs:
            self.count += 1
            yield received(self._rng)


def received(rng):
    """The Outcome in a hostile reply; one without a value if the reply is refused."""
    try:
        return _outcome(hostile_reply(rng), 0.01)
    except ProtocolError:
        return Outcome(value=None, seconds=0.01)


def test_a_reply_arrives_as_it_is_sent():
    rng = random.Random(7)
    for _ in range(200):
        sent = hostile_reply(rng)
        arrived = json.loads(json.dumps(sent))
        assert repr(arrived) == repr(sent)  # NaN equals nothing


@pytest.mark.slow("judges 10,000 hostile values")
def test_no_value_crashes_or_holds_the_judge():
    rng, count = random.Random(7), 0
    while count < COUNT:
        spec = EXERCISES[count % len(EXERCISES)]
        began = time.thread_time()
        if spec.kind == "function":
            answer = HostileAnswer(rng)
            verdict = judge_function(spec, answer, rng)
            count += answer.count
        else:
            verdict = {"value": judge_value, "choice": judge_choice}[spec.kind](spec, received(rng).value)
            count += 1
        graded = graded_answer(spec, verdict, 0.0)
        assert 0 <= graded.credit <= 1 and len(json.dumps(graded.as_dict())) < 20_000
        assert time.thread_time() - began < SECONDS
