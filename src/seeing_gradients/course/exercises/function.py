"""Judges a function answer: it is run on fresh inputs, and what it returned or did decides.

`judge(exercise, answer)` returns a Verdict. The first finding counts: an error, nothing returned, something altered, a
wrong type, count, shape, dtype or value, a broken rule; else it is right.
"""

import ast
import importlib
import inspect
import sys
import textwrap
from functools import partial
from types import FunctionType, MethodType

from seeing_gradients.language import message

from .explain import explain
from .runs import INPUTS, input_text, matches, runs
from .sandbox import attempt, is_stopped
from .verdict import CLOSE, CORRECT, NOT_YET, WRONG, Verdict, fact, gap

SECONDS = 2.0
_MANY_MODULES = 50
_LONGEST = 200  # characters of a message, or of what was printed


class Here:
    """A function answer in this process; what `judge_function` asks of an answer, wherever it runs.

    Attributes:
        limits: dict, seconds of "time" by the clock, for all runs together.
        is_stub: bool.
        is_function: bool.
        type: str.
        has_statements: bool, whether it does more than return a placeholder.
        source: str, or None where there is none to be had.
    """

    def __init__(self, exercise, value):
        self.limits = {"time": SECONDS}
        self.exercise, self.value = exercise, value
        self.is_stub, self.type = is_stub(value), type(value).__name__
        self.is_function = callable(value) and not isinstance(value, type)
        self.has_statements = has_statements(value)

    @property
    def source(self):
        try:
            return inspect.getsource(self.value)
        except (OSError, TypeError):
            return None

    def attempts(self, drawn):
        """Run it on every tuple of inputs; yield Outcomes, up to the first with an error."""
        left = self.limits["time"]
        for inputs in drawn:
            outcome = _timed(partial(self.exercise.run, self.value), inputs, max(left, 0.02))
            left -= outcome.seconds
            yield outcome
            if outcome.error is not None:
                return

    def breaks(self, pairs):
        """Yield the Outcome of every (rule, earlier Run)."""
        for rule, run in pairs:
            broken = partial(rule.broken, self.value, run.outcome.value)
            yield _timed(broken, run.inputs, self.limits["time"])


def _timed(run, inputs, seconds):
    """The Outcome of one run. Where PyTorch loaded parts of itself, as its first optimizer does, that of another one."""
    loaded = len(sys.modules)
    outcome = attempt(run, inputs, seconds)
    if len(sys.modules) < loaded + _MANY_MODULES:
        return outcome
    if is_stopped(outcome.error):
        importlib.import_module("torch._dynamo")  # all of it, for it was stopped halfway
    return attempt(run, inputs, seconds)


def judge(exercise, answer):
    """Return the Verdict on a function answer in this process."""
    return judge_function(exercise, Here(exercise, answer))


def judge_function(exercise, answer, rng=None):
    """Return the Verdict on a function answer.

    Args:
        exercise: Exercise of kind "function".
        answer: Here, or what has the same attributes and methods.
        rng: random.Random that the inputs are drawn from; a fresh one without it.
    """
    if answer.is_stub:
        return Verdict(exercise.id, NOT_YET, message("exercises.stub"), reason="stub")
    if not answer.is_function:
        received = fact("received", answer.type)
        return Verdict(exercise.id, WRONG, message("exercises.not_a_function"), (received,), reason="type")
    if exercise.given is not None and _is_same_program(answer.source, inspect.getsource(exercise.given)):
        return Verdict(exercise.id, NOT_YET, message("exercises.unchanged"), reason="stub")
    done = runs(exercise, answer, rng)
    for find in (_error, _nothing, _replaced, _changed, _wrong, _rule):
        verdict = find(exercise, answer, done)
        if verdict is not None:
            return verdict
    return _right(exercise, done)


def is_stub(value):
    """Return whether a value is what an unsolved stub leaves."""
    return value is None or value is ... or value is NotImplemented


def error_verdict(id, outcome, limits, facts=(), why="", name=""):
    """The Verdict on an outcome that ended with an error, under the limits of `Here`."""
    stopped = is_stopped(outcome.error)
    where = [(message("exercises.line", line=outcome.line), outcome.source)] if outcome.line else []
    said = [fact("printed", _short(outcome.printed))] if outcome.printed.strip() else []
    if stopped:
        text = message(f"exercises.stopped_{stopped}", seconds=f"{limits.get(stopped, 0):g}")
        return Verdict(id, WRONG, text, (*facts, *where, *said), reason=stopped)
    raised = fact("message", _short(f"{type(outcome.error).__name__}: {outcome.error}".rstrip(": ")))
    why = why or explain(outcome.error) or ""
    return Verdict(id, WRONG, message("exercises.raised"), (*facts, *where, raised, *said), why, "raised", name)


def _is_same_program(source, given):
    """Whether the functions in two sources have the same body; bytecode differs with where torch was imported."""
    bodies = [_body(text) for text in (source, given)]
    return bodies[0] is not None and bodies[0] == bodies[1]


def _body(source):
    try:
        tree = ast.parse(textwrap.dedent(source or ""))
    except SyntaxError:  # a lambda amid an expression
        return None
    functions = [statement for statement in tree.body if isinstance(statement, ast.FunctionDef)]
    return [ast.dump(statement) for statement in functions[-1].body] if functions else None


def _error(exercise, answer, done):
    last = done[-1]
    if last.outcome.error is None:
        return None
    if isinstance(last.outcome.error, NotImplementedError):
        return Verdict(exercise.id, NOT_YET, message("exercises.stub"), reason="stub")
    known = next((m for m in exercise.misconceptions if matches(m, last, exercise)), None)
    facts = (fact("input", input_text(exercise, last.inputs)),)
    why, name = (str(known.why), known.name) if known else ("", "")
    return error_verdict(exercise.id, last.outcome, answer.limits, facts, why, name)


def _nothing(exercise, answer, done):
    if not all(is_stub(run.outcome.value) for run in done):
        return None
    if exercise.given is None and not answer.has_statements:
        return Verdict(exercise.id, NOT_YET, message("exercises.stub"), reason="stub")
    return Verdict(exercise.id, NOT_YET, message("exercises.returned_nothing"), reason="nothing")


def has_statements(answer):
    """Whether a function does more than return a placeholder."""
    code = answer.__code__ if isinstance(answer, FunctionType | MethodType) else None
    return code is not None and bool(code.co_names or len(code.co_varnames) > code.co_argcount)


def _replaced(exercise, answer, done):
    names = sorted({name for run in done for name in run.outcome.replaced})
    if not names:
        return None
    text = message("exercises.replaced", names=", ".join(names))
    return Verdict(exercise.id, WRONG, text, reason="replaced")


def _changed(exercise, answer, done):
    run = next((run for run in done if run.outcome.changed), None)
    if run is None:
        return None
    names = list(inspect.signature(exercise.reference).parameters)
    text = message("exercises.changed", name=names[run.outcome.changed[0]])
    facts = (fact("input", input_text(exercise, run.inputs)),)
    return Verdict(exercise.id, WRONG, text, facts, message("exercises.changed_why"), "changed")


def _wrong(exercise, answer, done):
    wrong = [run for run in done if run.trouble]
    if not wrong:
        return None
    known = next((m for m in exercise.misconceptions if all(matches(m, run, exercise) for run in wrong)), None)
    run = wrong[0]
    kind = "condition" if _is_condition(exercise, run) else run.trouble
    text = message(f"exercises.differs_{kind}", name=_part_name(exercise, run))
    notes = (message("exercises.some_right", right=len(done) - len(wrong), total=len(done)),) * (len(wrong) < len(done))
    why, name = (str(known.why), known.name) if known else ("", "")
    share = 1 - len(wrong) / len(done)
    gap_ = run.difference.largest if run.trouble == "value" else None
    return Verdict(exercise.id, WRONG, text, _facts(exercise, run), why, run.trouble, name, gap_, notes, share)


def _part_name(exercise, run):
    return str(exercise.names[run.part]) if exercise.names and run.part is not None else message("exercises.result")


def _is_condition(exercise, run):
    name = exercise.names[run.part] if exercise.names and run.part is not None else ""
    return getattr(name, "is_condition", False)  # by its mark: the judge's sandbox has no module of specs


def _wanted(exercise):
    """What a function was to return, in words."""
    if exercise.wanted is not None:
        return str(exercise.wanted)
    names = ", ".join(map(str, exercise.names))
    return message("exercises.wanted_parts", names=names) if names else message("exercises.wanted_numbers")


def _facts(exercise, run):
    """Input, received and expected, in the detail that the trouble calls for."""
    facts = [fact("input", input_text(exercise, run.inputs))]
    if run.trouble == "type":
        return (*facts, fact("received", run.type), fact("expected", _wanted(exercise)))
    if run.trouble == "count":
        counts = [message("exercises.count", count=len(parts)) for parts in (run.received, run.expected)]
        return (
            *facts,
            fact("received", counts[0]),
            fact("expected", f"{counts[1]}: {', '.join(map(str, exercise.names))}"),
        )
    if _is_condition(exercise, run):
        shown = [] if exercise.read is None else [fact("received", _short(repr(run.outcome.value)))]
        return (*facts, *shown)
    received, expected = run.received[run.part], run.expected[run.part]
    facts += [fact("received", str(received)), fact("expected", str(expected))]
    if run.trouble in ("shape", "dtype"):
        pair = [str(getattr(part, run.trouble)) for part in (received, expected)]
        return (*facts, fact(run.trouble, message("exercises.instead_of", received=pair[0], expected=pair[1])))
    if run.difference.index:
        facts.append(fact("index", str(list(run.difference.index))))
    return (*facts, fact("difference", gap(run.difference.largest)))


def _rule(exercise, answer, done):
    pairs = [(rule, run) for rule in exercise.rules for run in done[:3]]
    for (rule, run), outcome in zip(pairs, answer.breaks(pairs) if pairs else (), strict=True):
        if outcome.error is not None:
            return error_verdict(exercise.id, outcome, answer.limits)
        if outcome.value:
            facts = (fact("input", input_text(exercise, run.inputs)),)
            text, why = message("exercises.rule"), str(rule.why)
            return Verdict(exercise.id, WRONG, text, facts, why, "rule", rule.name, share=1.0)
    return None


def _right(exercise, done):
    exact = all(run.difference.exact for run in done)
    largest = max(run.difference.largest for run in done)
    if exact:
        return Verdict(exercise.id, CORRECT, message("exercises.right_on", total=INPUTS), difference=0.0, share=1.0)
    text = message("exercises.close_on", total=INPUTS, gap=gap(largest))
    return Verdict(exercise.id, CLOSE, text, difference=largest, share=1.0)


def _short(text):
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
