"""Judge a function answer by running it on random inputs.

`judge_function(exercise, answer)` returns a Verdict. The answer is a `LocalAnswer`, or another `FunctionAnswer` that
runs in another process. It is right unless it has one of these problems, of which the first is reported: an error,
nothing returned, functions of torch replaced, an input changed, a wrong type, count, shape, dtype or value, a broken
rule.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import math
import random
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from torch import Tensor

from seeing_gradients.language import message
from seeing_gradients.runtime import time_limits

from .comparison import NO_DIFFERENCE, Difference, NotPlainError, Plain, compare, is_array, plain
from .execution import Outcome, attempt, has_statements, is_placeholder_error, is_stub, stopped_by
from .harness.observation import VERSION, Observation, Watched, copied
from .harness.rules import NEED_OTHER_GRADIENTS
from .harness.runs import RunError
from .spec import Condition, Exercise, Misconception, Rule
from .verdict import CLOSE, CORRECT, NOT_YET, WRONG, Verdict, difference_text, explain, explain_text, fact

ANSWER_SECONDS = 2.0  # of processor time, for all runs of one answer together
NUM_INPUTS = 9
_SIGNS = (1, -1, 0)  # all positive, all negative, mixed
_MANY_MODULES = 50  # so many new modules in one run mean that PyTorch imported parts of itself
_MAX_PARTS = 100  # parts of an answer that are read; no exercise asks for more than five
_MAX_TEXT = 200  # characters of a message, or of what was printed
# What code that expects a certain kind of value may raise on another kind.
_ODD_VALUE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RuntimeError, RecursionError)


class FunctionAnswer(Protocol):
    """The interface through which `judge_function` uses an answer, in whatever process the answer runs.

    Attributes:
        limits: dict from the name of a limit to seconds; "time" is for all runs together.
        is_stub: bool, whether the answer is the placeholder of an unsolved exercise.
        is_function: bool, whether it can be called (and is not a class).
        type: str, the name of its type.
        has_statements: bool, whether it does more than return a placeholder.
        source: str, its source text, or None if there is none.
    """

    limits: dict[str, float]
    is_stub: bool
    is_function: bool
    type: str
    has_statements: bool

    @property
    def source(self) -> str | None: ...

    def outcomes(self, inputs: Sequence[tuple[Any, ...]]) -> Iterator[Outcome]:
        """Run the answer on each tuple of inputs and yield the Outcomes; stop after the first one with an error."""
        ...


class LocalAnswer:
    """A function answer that runs in this process; it implements `FunctionAnswer`."""

    def __init__(self, exercise: Exercise, value: Any) -> None:
        self.limits = {"time": ANSWER_SECONDS, "wait": ANSWER_SECONDS * time_limits.LONGEST_WAIT}
        self.exercise, self.value = exercise, value
        self.is_stub, self.type = is_stub(value), type(value).__name__
        self.is_function = callable(value) and not isinstance(value, type)
        self.has_statements = has_statements(value)

    @property
    def source(self) -> str | None:
        try:
            return inspect.getsource(self.value)
        except (OSError, TypeError):
            return None

    def outcomes(self, inputs: Sequence[tuple[Any, ...]]) -> Iterator[Outcome]:
        """Run the answer on each tuple of inputs and yield the Outcomes; stop after the first one with an error."""
        seconds_left = self.limits["time"]
        for arguments in inputs:
            seconds = max(seconds_left, 0.02)
            outcome = _attempt_after_loading(self.value, self.exercise, arguments, seconds)
            seconds_left -= outcome.seconds
            yield outcome
            if outcome.error is not None:
                return


@dataclass(frozen=True)
class Run:
    """The result of running an answer on one tuple of inputs, compared with the reference.

    Attributes:
        inputs: tuple, the arguments.
        outcome: Outcome.
        expected: tuple of Plain, one for each part of the reference's result.
        received: tuple of Plain, likewise of the answer's; None if it raised or its result is not numbers.
        part: int, index of the first part that differs, or None.
        difference: Difference of that part; without one, of the part with the largest difference.
        problem: "type", "count", "shape", "dtype" or "value"; "" if there is none.
        type: str, the name of the type that could not be read, if the problem is "type".
    """

    inputs: tuple[Any, ...]
    outcome: Outcome
    expected: tuple[Plain, ...]
    received: tuple[Plain, ...] | None = None
    part: int | None = None
    difference: Difference = NO_DIFFERENCE
    problem: str = ""
    type: str = ""


def judge_function(exercise: Exercise, answer: FunctionAnswer, rng: random.Random | None = None) -> Verdict:
    """Return the Verdict on a function answer.

    Args:
        exercise: Exercise of kind "function".
        answer: LocalAnswer, or another FunctionAnswer.
        rng: random.Random that draws the inputs; None for one with a random seed.

    Raises:
        KeyboardInterrupt: the user interrupts the kernel while a LocalAnswer runs.
        ValueError: the exercise has no `inputs`.
    """
    if (verdict := _check_kind(exercise, answer)) is not None:
        return verdict
    if exercise.starter is not None and _is_same_program(answer.source, inspect.getsource(exercise.starter)):
        return Verdict(exercise.id, NOT_YET, message("exercises.unchanged"), reason="stub")
    runs = _run_on_inputs(exercise, answer, rng or random.Random())
    checks = (
        _check_error,
        _check_nothing_returned,
        _check_replaced,
        _check_altered_input,
        _check_results,
        _check_rules,
    )
    verdicts = (check(exercise, answer, runs) for check in checks)
    return next((verdict for verdict in verdicts if verdict is not None), None) or _verdict_right(exercise, runs)


def judge_without_reference(exercise: Exercise, answer: FunctionAnswer) -> Verdict | None:
    """Return the Verdict on a problem that shows without a reference, such as an error or a broken rule; None if none does.

    Args:
        exercise: Exercise of kind "function"; its reference is not called.
        answer: FunctionAnswer.
    """
    if (verdict := _check_kind(exercise, answer)) is not None or exercise.inputs is None:
        return verdict
    rng = random.Random()
    all_inputs = [exercise.inputs(rng, _SIGNS[i % len(_SIGNS)]) for i in range(NUM_INPUTS)]
    outcomes = answer.outcomes(all_inputs)
    runs = [_unread(exercise, inputs, outcome) for inputs, outcome in zip(all_inputs, outcomes, strict=False)]
    checks = (_check_error, _check_nothing_returned, _check_replaced, _check_rules)
    verdicts = (check(exercise, answer, runs) for check in checks)
    return next((verdict for verdict in verdicts if verdict is not None), None)


def _unread(exercise: Exercise, inputs: tuple[Any, ...], outcome: Outcome) -> Run:
    """A Run without a comparison; reading its result shows only whether that can be run."""
    try:
        if outcome.error is None and exercise.read is not None:
            exercise.read(outcome.value, *inputs)
    except RunError as error:
        outcome = replace(outcome, value=None, error=error.__cause__)
    except _ODD_VALUE:
        pass  # what kind of value is right only the reference tells
    return Run(inputs, outcome, ())


def _check_kind(exercise: Exercise, answer: FunctionAnswer) -> Verdict | None:
    """The Verdict on an answer that is no function, which need not run."""
    if answer.is_stub:
        return Verdict(exercise.id, NOT_YET, message("exercises.stub"), reason="stub")
    if not answer.is_function:
        received = fact("received", answer.type)
        return Verdict(exercise.id, WRONG, message("exercises.not_a_function"), (received,), reason="type")
    return None


def varies_gradients(exercise: Exercise) -> bool:
    """Return whether answers have to be called twice, the second time with other gradients, since a rule asks for it."""
    return any(rule.broken in NEED_OTHER_GRADIENTS for rule in exercise.rules)


def error_verdict(
    id: str,
    outcome: Outcome,
    limits: dict[str, float],
    facts: tuple[tuple[str, str], ...] = (),
    why: str = "",
    name: str = "",
) -> Verdict:
    """Return the Verdict on an answer that ended with an error.

    Args:
        id: of the exercise.
        outcome: Outcome with an error.
        limits: of the FunctionAnswer; the sentence about an exceeded limit names its seconds.
        facts: lines that come first in `Verdict.facts`.
        why: str, the explanation; "" for that of `verdict.explain`.
        name: of the recognised misconception, or "".
    """
    error = outcome.error
    line = [(message("exercises.line", line=outcome.line), outcome.source)] if outcome.line else []
    printed = [fact("printed", _shortened(outcome.printed))] if outcome.printed.strip() else []
    if limit := stopped_by(error):
        text = message(f"exercises.stopped_{limit}", seconds=f"{limits.get(limit, 0):g}")
        return Verdict(id, WRONG, text, (*facts, *line, *printed), reason=limit)
    raised = fact("message", _shortened(f"{type(error).__name__}: {error}".rstrip(": ")))
    why = why or (explain(error) if error else None) or ""
    return Verdict(id, WRONG, message("exercises.raised"), (*facts, *line, raised, *printed), why, "raised", name)


def _attempt_after_loading(answer: Any, exercise: Exercise, inputs: tuple[Any, ...], seconds: float) -> Outcome:
    """The Outcome of a run that does not include time for imports.

    PyTorch imports parts of itself when they are first used, e.g. by the first optimizer. Then the answer runs again.
    """

    def run() -> Outcome:
        twice = varies_gradients(exercise)
        return attempt(answer, exercise.run, inputs, seconds, processor=True, varies_gradients=twice)

    num_loaded = len(sys.modules)
    outcome = run()
    if len(sys.modules) < num_loaded + _MANY_MODULES:
        return outcome
    if stopped_by(outcome.error):
        importlib.import_module("torch._dynamo")  # the limit stopped this import halfway
    return run()


def _is_same_program(source: str | None, starter: str) -> bool:
    """Whether the last functions in two sources have the same body.

    It compares syntax trees, since bytecode depends on where torch was imported.
    """
    bodies = [_body(text) for text in (source, starter)]
    return bodies[0] is not None and bodies[0] == bodies[1]


def _body(source: str | None) -> list[str] | None:
    try:
        tree = ast.parse(textwrap.dedent(source or ""))
        functions = [statement for statement in tree.body if isinstance(statement, ast.FunctionDef)]
        return [ast.dump(statement) for statement in functions[-1].body] if functions else None
    except (
        SyntaxError,
        ValueError,
        RecursionError,
        MemoryError,
    ):  # a lambda in an expression; null bytes; nested deeply
        return None


# The checks of `judge_function`, in their order. Each returns the Verdict on a problem, or None if there is none.


def _check_error(exercise: Exercise, answer: FunctionAnswer, runs: list[Run]) -> Verdict | None:
    last = runs[-1]
    if last.outcome.error is None:
        return None
    if is_placeholder_error(last.outcome.error):
        return Verdict(exercise.id, NOT_YET, message("exercises.stub"), reason="stub")
    known = next((m for m in exercise.misconceptions if _has_misconception(m, last, exercise)), None)
    facts = _input_facts(exercise, last.inputs)
    why, name = (str(known.why), known.name) if known else ("", "")
    return error_verdict(exercise.id, last.outcome, answer.limits, facts, why, name)


def _check_nothing_returned(exercise: Exercise, answer: FunctionAnswer, runs: list[Run]) -> Verdict | None:
    if not all(is_stub(run.outcome.value) for run in runs):
        return None
    has_placeholder = all(
        run.outcome.value is not None for run in runs
    )  # `...`, returned by a function with more lines
    if exercise.starter is None and (has_placeholder or not answer.has_statements):
        return Verdict(exercise.id, NOT_YET, message("exercises.stub"), reason="stub")
    facts = _warnings_as_facts(runs[:1])
    why = explain_text(" ".join(runs[0].outcome.warnings)) or ""
    return Verdict(exercise.id, NOT_YET, message("exercises.returned_nothing"), facts, why, "nothing")


def _check_replaced(exercise: Exercise, answer: FunctionAnswer, runs: list[Run]) -> Verdict | None:
    names = sorted({name for run in runs for name in run.outcome.replaced})
    if not names:
        return None
    text = message("exercises.replaced", names=", ".join(names))
    return Verdict(exercise.id, WRONG, text, reason="replaced")


def _check_altered_input(exercise: Exercise, answer: FunctionAnswer, runs: list[Run]) -> Verdict | None:
    for run in runs:
        altered = [what for seen in run.outcome.observations for what in seen.altered]
        if any(what[1] != VERSION for what in altered):
            allowed = _altered_by_reference(exercise, run.inputs)
            altered = [what for what in altered if what not in allowed]
        complaint = next((what for what in altered if what[1] != VERSION), None)
        if complaint is None:
            continue
        position, aspect = complaint
        names = _input_names(exercise)
        text = message("exercises.changed", name=names[position] if position < len(names) else "?")
        facts = _input_facts(exercise, run.inputs)
        return Verdict(exercise.id, WRONG, text, facts, message(f"exercises.changed_{aspect}"), "changed")
    return None


def _altered_by_reference(exercise: Exercise, inputs: tuple[Any, ...]) -> set[tuple[int, str]]:
    """What the reference alters of the same inputs, and an answer therefore may."""
    reference = Watched(exercise.reference)
    exercise.run(reference, *copied(inputs))
    return {what for seen in reference.observations for what in seen.altered}


def _check_results(exercise: Exercise, answer: FunctionAnswer, runs: list[Run]) -> Verdict | None:
    wrong = [run for run in runs if run.problem]
    if not wrong:
        return None
    known = next((m for m in exercise.misconceptions if _explains(m, runs, wrong, exercise)), None)
    run = wrong[0]
    kind = "condition" if _is_condition(exercise, run) else run.problem
    text = message(f"exercises.differs_{kind}", name=_part_name(exercise, run))
    notes = (message("exercises.some_right", right=len(runs) - len(wrong), total=len(runs)),) * (len(wrong) < len(runs))
    why, name = (str(known.why), known.name) if known else ("", "")
    share = 1 - len(wrong) / len(runs)
    largest = run.difference.largest if run.problem == "value" else None
    facts = (*_result_facts(exercise, run), *_warnings_as_facts(wrong))
    why = why or (message("exercises.means_tuple") if _is_tuple_of_grad(run.outcome.value) else "")
    why = why or explain_text(" ".join(run.outcome.warnings)) or ""
    return Verdict(exercise.id, WRONG, text, facts, why, run.problem, name, largest, notes, share=share)


def _is_tuple_of_grad(value: Any) -> bool:
    """Whether a value looks like what torch.autograd.grad returns for one input."""
    return type(value) is tuple and len(value) == 1 and isinstance(value[0], Tensor)


def _part_name(exercise: Exercise, run: Run) -> str:
    return str(exercise.names[run.part]) if exercise.names and run.part is not None else message("exercises.result")


def _is_measured(value: Any) -> bool:
    """Whether a result is measurements of the answer, tensors in lists, which would tell its author nothing."""
    lists = [part for part in value if type(part) in (list, tuple)] if type(value) in (list, tuple) else []
    return any(isinstance(part, Tensor) for each in lists for part in each)


def _is_condition(exercise: Exercise, run: Run) -> bool:
    name = exercise.names[run.part] if exercise.names and run.part is not None else ""
    return isinstance(name, Condition)


def _expected_in_words(exercise: Exercise) -> str:
    """What the function should return, in words."""
    if exercise.wanted is not None:
        return str(exercise.wanted)
    names = ", ".join(map(str, exercise.names))
    return message("exercises.wanted_parts", names=names) if names else message("exercises.wanted_numbers")


def _result_facts(exercise: Exercise, run: Run) -> tuple[tuple[str, str], ...]:
    """The facts of a wrong result: input, received, expected, and what else explains this problem."""
    facts = list(_input_facts(exercise, run.inputs))
    if run.problem == "type":
        return (*facts, fact("received", run.type), fact("expected", _expected_in_words(exercise)))
    received, expected = run.received or (), run.expected
    if run.problem == "count":
        counts = [message("exercises.count", count=len(parts)) for parts in (received, expected)]
        return (
            *facts,
            fact("received", counts[0]),
            fact("expected", f"{counts[1]}: {', '.join(map(str, exercise.names))}"),
        )
    if _is_condition(exercise, run):
        value = run.outcome.value  # what `read` turns into conditions
        shown = [] if exercise.read is None or _is_measured(value) else [fact("received", _shortened(repr(value)))]
        return (*facts, *shown)
    pair = [parts[run.part or 0] for parts in (received, expected)]
    facts += [fact("received", str(pair[0])), fact("expected", str(pair[1]))]
    if run.problem in ("shape", "dtype"):
        pair = [str(getattr(part, run.problem)) for part in pair]
        return (*facts, fact(run.problem, message("exercises.instead_of", received=pair[0], expected=pair[1])))
    if run.difference.index:
        facts.append(fact("index", str(list(run.difference.index))))
    if pair[1].dtype == "bool":
        return tuple(facts)  # True and False do not differ by a number
    return (*facts, fact("difference", difference_text(run.difference.largest)))


def _check_rules(exercise: Exercise, answer: FunctionAnswer, runs: list[Run]) -> Verdict | None:
    for rule in exercise.rules:
        run = _first_that_breaks(rule, runs)
        if run is not None:
            facts = _input_facts(exercise, run.inputs)
            text, why = message("exercises.rule"), str(rule.why)
            return Verdict(exercise.id, WRONG, text, facts, why, "rule", rule.name, share=1.0)
    return None


def _first_that_breaks(rule: Rule, runs: list[Run]) -> Run | None:
    """The first Run of which a rule is broken, or None.

    An answer that was never called breaks every rule, and so does one that did more than could be noted: it may have
    done that to hide something.
    """
    seen = [(run, observation) for run in runs for observation in run.outcome.observations or (Observation(),)]
    if incomplete := next((run for run, observation in seen if not observation.complete), None):
        return incomplete
    if rule.is_about_all_runs:
        return runs[0] if rule.broken([(observation, *run.inputs) for run, observation in seen]) else None
    return next((run for run, observation in seen if rule.broken(observation, *run.inputs)), None)


def _warnings_as_facts(runs: list[Run]) -> tuple[tuple[str, str], ...]:
    """The warnings of the first Run that has some."""
    warned = next((run.outcome.warnings for run in runs if run.outcome.warnings), ())
    return tuple(fact("warning", _shortened(text)) for text in warned[:2])


def _verdict_right(exercise: Exercise, runs: list[Run]) -> Verdict:
    exact = all(run.difference.exact for run in runs)
    largest = max(run.difference.largest for run in runs)
    has_inputs = any(run.inputs for run in runs)
    if exact:
        text = message("exercises.right_on", total=NUM_INPUTS) if has_inputs else message("exercises.right")
        return Verdict(exercise.id, CORRECT, text, difference=0.0, share=1.0)
    relative = max(run.difference.relative for run in runs if not math.isnan(run.difference.relative))
    gap = difference_text(relative)
    text = message("exercises.close_on", total=NUM_INPUTS, gap=gap) if has_inputs else message("exercises.right_close")
    return Verdict(exercise.id, CLOSE, text, difference=largest, share=1.0)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 3] + "..."


def _run_on_inputs(exercise: Exercise, answer: FunctionAnswer, rng: random.Random) -> list[Run]:
    """The Runs of an answer on random inputs of every sign in _SIGNS; they end with the first that raises."""
    if exercise.inputs is None:
        raise ValueError(f"exercise {exercise.id} has no inputs to run a function on")
    all_inputs = [exercise.inputs(rng, _SIGNS[i % len(_SIGNS)]) for i in range(NUM_INPUTS)]
    runs = []
    for inputs, outcome in zip(all_inputs, answer.outcomes(all_inputs), strict=False):
        expected = _read(exercise, exercise.run(exercise.reference, *copied(inputs)), inputs)
        runs.append(_compare_with_reference(exercise, inputs, outcome, expected))
    return runs


def _compare_with_reference(
    exercise: Exercise, inputs: tuple[Any, ...], outcome: Outcome, expected: tuple[Plain, ...]
) -> Run:
    if outcome.error is not None:
        return Run(inputs, outcome, expected)
    try:
        received = _read(exercise, outcome.value, inputs)
    except NotPlainError as error:
        return Run(inputs, outcome, expected, problem="type", type=str(error))
    except RunError as error:
        return Run(inputs, replace(outcome, value=None, error=error.__cause__), expected)
    except _ODD_VALUE:
        return Run(inputs, outcome, expected, problem="type", type=type(outcome.value).__name__)
    if len(received) != len(expected) and exercise.wanted is not None:
        return Run(inputs, outcome, expected, problem="type", type=type(outcome.value).__name__)
    if len(received) != len(expected):
        return Run(inputs, outcome, expected, received, problem="count")
    differences = [compare(a, b) for a, b in zip(received, expected, strict=True)]
    part = next((i for i, d in enumerate(differences) if d.kind != "none"), None)
    if part is not None:
        return Run(inputs, outcome, expected, received, part, differences[part], differences[part].kind)
    return Run(inputs, outcome, expected, received, None, max(differences, key=lambda d: d.largest))


def _parts(exercise: Exercise, value: Any) -> tuple[Plain, ...]:
    """A result as the tuple of its parts, one for each name of the exercise.

    Raises:
        NotPlainError: there should be several parts, and the result is no tuple or list; or a part is not numbers.
    """
    count = len(exercise.names)
    if not count:
        return (plain(value),)
    if isinstance(value, Tensor) or is_array(value):
        whole = plain(value)
        if whole.shape[:1] == (count,):
            return whole.rows()
    if type(value) not in (tuple, list) or len(value) > _MAX_PARTS:
        raise NotPlainError(type(value).__name__)
    return tuple(map(plain, value))


def _read(exercise: Exercise, value: Any, inputs: tuple[Any, ...]) -> tuple[Plain, ...]:
    """The parts of a result after `Exercise.read`; raise as `_parts`."""
    return _parts(exercise, value if exercise.read is None else exercise.read(value, *inputs))


def _explains(misconception: Misconception, runs: list[Run], wrong: list[Run], exercise: Exercise) -> bool:
    """Whether a misconception explains all wrong Runs; and the right ones, too, if it says what each would give."""
    explained = wrong if misconception.gives is None or misconception.recognises is not None else runs
    return all(_has_misconception(misconception, run, exercise) for run in explained)


def _has_misconception(misconception: Misconception, run: Run, exercise: Exercise) -> bool:
    """Whether a Run shows a misconception."""
    passes = sum(observation.passes for observation in run.outcome.observations)
    if misconception.after not in (None, passes):
        return False
    if run.outcome.error is not None:
        stopped = stopped_by(run.outcome.error)
        return misconception.error is not None and not stopped and misconception.error in str(run.outcome.error)
    if misconception.recognises is not None:
        return _is_recognised(misconception.recognises, run)
    if misconception.gives is None or run.received is None:
        return False
    wrong = _parts(exercise, misconception.gives(*copied(run.inputs)))
    same = [compare(a, b).kind == "none" for a, b in zip(run.received, wrong, strict=False)]
    return len(wrong) == len(run.received) and all(same)


def _is_recognised(recognises: Callable[..., bool], run: Run) -> bool:
    """Whether `recognises` is true for a Run; False if it fails, since an answer may return any kind of object."""
    try:
        return bool(recognises(run.outcome.value, *run.inputs))
    except _ODD_VALUE:
        return False


def _input_facts(exercise: Exercise, inputs: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    """The inputs of a run as a fact; nothing for a function without arguments."""
    return (fact("input", input_text(exercise, inputs)),) if inputs else ()


def input_text(exercise: Exercise, inputs: Iterable[Any]) -> str:
    """Return the inputs as one line, "x = 1.5, w = -0.25, shape = (2, 3)".

    Args:
        exercise: Exercise, which names the inputs.
        inputs: one value for each name.
    """
    names = _input_names(exercise)
    return ", ".join(f"{name} = {_as_text(value)}" for name, value in zip(names, inputs, strict=True))


def _input_names(exercise: Exercise) -> list[str]:
    return list(exercise.input_names or inspect.signature(exercise.reference).parameters)


def _as_text(value: Any) -> str:
    if type(value) is list and any(isinstance(item, Tensor) for item in value):
        return f"[{', '.join(map(_as_text, value))}]"
    is_structure = isinstance(value, list | tuple | dict | str)
    return repr(value) if is_structure else str(plain(value))
