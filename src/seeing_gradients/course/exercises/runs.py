"""Runs a function answer on fresh random inputs and takes plain numbers from what it returns.

`runs(exercise, answer)` yields one `Run` an input, in both sign regimes, within the time that one answer may take.
"""

import inspect
import random
from dataclasses import dataclass

import torch

from .compare import Difference, compare
from .plain import NotPlainError, is_array, plain
from .sandbox import Outcome, copied, is_stopped

INPUTS = 9
_MANY = 100  # parts that are looked at; no exercise asks for more than five
_SIGNS = (1, -1, 0)  # all positive, all negative, mixed


@dataclass(frozen=True)
class Run:
    """An answer on one input.

    Attributes:
        inputs: tuple.
        outcome: Outcome.
        expected: tuple of Plain, one a part.
        received: tuple of Plain, or None where it cannot be read as numbers.
        part: int, the first part that differs, or None.
        difference: Difference of that part, or of the part with the largest difference.
        trouble: "" or "type", "count", "shape", "dtype", "value".
        type: str, the type that could not be read, where trouble is "type".
    """

    inputs: tuple
    outcome: Outcome
    expected: tuple
    received: tuple | None = None
    part: int | None = None
    difference: Difference | None = None
    trouble: str = ""
    type: str = ""


def runs(exercise, answer, rng=None):
    """Return the list of Runs; it ends with the first that raises.

    Args:
        exercise: Exercise of kind "function".
        answer: function.Here, or what is like it.
        rng: random.Random that the inputs are drawn from; a fresh one without it.
    """
    rng, done = rng or random.Random(), []
    drawn = [exercise.inputs(rng, _SIGNS[i % len(_SIGNS)]) for i in range(INPUTS)]
    for inputs, outcome in zip(drawn, answer.attempts(drawn), strict=False):
        expected = _returned(exercise, exercise.run(exercise.reference, *copied(inputs)), inputs)
        done.append(compared(exercise, inputs, outcome, expected))
    return done


def compared(exercise, inputs, outcome, expected):
    """Return the Run of an outcome."""
    if outcome.error is not None:
        return Run(inputs, outcome, expected)
    try:
        received = _returned(exercise, outcome.value, inputs)
    except NotPlainError as error:
        return Run(inputs, outcome, expected, trouble="type", type=str(error))
    if len(received) != len(expected) and exercise.wanted is not None:
        return Run(inputs, outcome, expected, trouble="type", type=type(outcome.value).__name__)
    if len(received) != len(expected):
        return Run(inputs, outcome, expected, received, trouble="count")
    differences = [compare(a, b) for a, b in zip(received, expected, strict=True)]
    part = next((i for i, d in enumerate(differences) if d.kind != "none"), None)
    if part is not None:
        return Run(inputs, outcome, expected, received, part, differences[part], differences[part].kind)
    return Run(inputs, outcome, expected, received, None, max(differences, key=lambda d: d.largest))


def read(exercise, value):
    """Return the parts of what an answer returns as a tuple of Plain.

    Raises:
        NotPlainError: a part is neither a number nor a tensor.
    """
    count = len(exercise.names)
    if not count:
        return (plain(value),)
    if isinstance(value, torch.Tensor) or is_array(value):
        whole = plain(value)
        if whole.shape[:1] == (count,):
            return whole.rows()
    if type(value) not in (tuple, list) or len(value) > _MANY:
        raise NotPlainError(type(value).__name__)
    return tuple(map(plain, value))


def _returned(exercise, value, inputs):
    return read(exercise, value if exercise.read is None else exercise.read(value, *inputs))


def matches(misconception, run, exercise):
    """Return whether a Run shows a misconception."""
    if run.outcome.error is not None:
        stopped = is_stopped(run.outcome.error)
        return misconception.error is not None and not stopped and misconception.error in str(run.outcome.error)
    if misconception.seen is not None:
        return _recognised(misconception.seen, run)
    if misconception.gives is None or run.received is None:
        return False
    wrong = read(exercise, misconception.gives(*copied(run.inputs)))
    same = [compare(a, b).kind == "none" for a, b in zip(run.received, wrong, strict=False)]
    return len(wrong) == len(run.received) and all(same)


def _recognised(seen, run):
    """Whether `seen` knows what an answer returned; that may be anything, and what cannot be read is not known."""
    try:
        return bool(seen(run.outcome.value, *run.inputs))
    except (TypeError, ValueError, LookupError, AttributeError, RuntimeError):
        return False


def input_text(exercise, inputs):
    """The inputs as one line: x = 1.5, w = -0.25, shape = (2, 3)."""
    names = inspect.signature(exercise.reference).parameters
    return ", ".join(f"{name} = {_shown(value)}" for name, value in zip(names, inputs, strict=True))


def _shown(value):
    is_structure = isinstance(value, list | tuple | dict | str)
    return repr(value) if is_structure else str(plain(value))
