"""Run f once for the widget: the same dice each time, nothing printed to the notebook, every failure in words.

`run(f, inputs)` returns a Run: a Record, or the Problem that there was, with the line of f where it is known.
"""

import contextlib
import inspect
import io
import linecache
import math
import random
import sys
import threading
import traceback
from dataclasses import dataclass

import torch

from seeing_gradients.language import message
from seeing_gradients.picture.layout import brief, fold, number
from seeing_gradients.recorder import (
    Record,
    RecordError,
    RecordingLimitError,
    TimeLimitError,
    VectorOutputError,
    names_of,
    settings_kept,
)

from .buffers import buffers_kept
from .calling import recorded
from .given import given_kept
from .passes import accumulated, stopped

_PRINTED_LINES, _PRINTED_WIDTH, _LONGEST_ERROR = 5, 200, 600
_DRAWN_UNFINISHED = 60  # nodes: an unfinished record is shown up to this size
_one_at_a_time = threading.RLock()


@dataclass(frozen=True)
class Problem:
    """What went wrong, as it is shown.

    Attributes:
        text: str, the sentence, in the lesson's language.
        severity: "error" (there are no new numbers) or "warning" (there are, and they are odd).
        line: int or None, in the file or cell of f.
        code: str, that line, or "".
    """

    text: str
    severity: str = "error"
    line: int | None = None
    code: str = ""


@dataclass(frozen=True)
class Run:
    """One run: the Record (None where there is none), the Problem (None where there is none), what f printed."""

    record: object
    problem: Problem | None
    printed: str = ""


class Dice:
    """The state of the random number generators when the widget was made: each run throws the same dice.

    `with dice:` leaves torch's and Python's generators afterwards as they were before; `throw()` inside sets them.
    """

    def __init__(self):
        self._start = self._now()
        self._before = []

    def __enter__(self):
        self._before.append(self._now())
        self.throw()
        return self

    def __exit__(self, *exc_info):
        self._set(self._before.pop())

    def throw(self):
        """Set the generators to where every run begins."""
        self._set(self._start)

    @staticmethod
    def _now():
        return torch.get_rng_state(), random.getstate()

    @staticmethod
    def _set(state):
        torch.set_rng_state(state[0])
        random.setstate(state[1])


def run(f, args, kwargs, dice, limits):
    """Record f and turn whatever happens into a Run.

    Args:
        f: the function.
        args, kwargs: what it receives.
        dice: Dice.
        limits: dict of gradient, max_ops and max_seconds, for record.

    Raises:
        KeyboardInterrupt: the learner stopped it.
    """
    printed = _Printed()
    given = [*args, *kwargs.values()]
    with quiet(printed), dice, buffers_kept(f, given), given_kept(given) as kept:
        try:
            taken = recorded(f, args, kwargs, limits)
            problem = _oddity(taken) or _twice(taken)
        except RecordError as error:
            taken, problem = _unfinished(error), Problem(_offered(error), code=_code_at(f, error))
        except (KeyboardInterrupt, TimeLimitError):  # of the learner, or of a limit around this run
            raise
        except BaseException as error:  # noqa: BLE001 - whatever f raises is shown in the widget, SystemExit included
            taken = _unfinished(error)
            problem = raised(f, error) if taken is None or taken.failed is None else _stopped(taken, error)
    return Run(taken, problem or _drifting(f, args, kwargs, kept.lost), printed.text())


def _code_at(f, error):
    """The line of f that the sentence of an error names, as it is written; "" where it names none."""
    line = error.fields.get("line")
    return linecache.getline(_file_of(f), line).strip() if isinstance(line, int) else ""


def _offered(error):
    """The text of an error of record; of one that v would mend, with the offer to put it on sliders."""
    return message("explore.weights_hint", text=error) if isinstance(error, VectorOutputError) else str(error)


def _drifting(f, args, kwargs, lost):
    """The warning that f wrote to an input that cannot be put back."""
    named = dict(zip(names_of(f, args, kwargs), [*args, *kwargs.values()], strict=True)) if lost else {}
    names = [name for name, value in named.items() if any(value is tensor for tensor in lost)]
    return Problem(message("explore.drifts", names=", ".join(names)), "warning") if names else None


@contextlib.contextmanager
def quiet(printed):
    """Catch what this thread prints, and undo what it switches in PyTorch; other threads print as ever.

    One run at a time: the streams are global.
    """
    with _one_at_a_time, settings_kept():
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = _Fork(before[0], printed), _Fork(before[1], printed)
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before


class _Fork(io.TextIOBase):
    """A stream that takes this thread's output aside and passes on that of all others."""

    def __init__(self, stream, printed):
        self._stream, self._printed, self._thread = stream, printed, threading.get_ident()

    def write(self, text):
        target = self._printed if threading.get_ident() == self._thread else self._stream
        return target.write(text)

    def flush(self):
        if threading.get_ident() != self._thread:
            self._stream.flush()

    def close(self):
        """Nothing: what io calls at the end of each object would flush the notebook's stream, which takes a thread's turn."""


class Nowhere:
    """A stream for what f prints where it is not run to be shown."""

    def write(self, text):
        return len(text)


class _Printed:
    """Keeps the last few lines of what f prints."""

    def __init__(self):
        self._tail = ""

    def write(self, text):
        self._tail = (self._tail + text)[-_PRINTED_LINES * _PRINTED_WIDTH :]
        return len(text)

    def text(self):
        return "\n".join(line[:_PRINTED_WIDTH] for line in self._tail.splitlines()[-_PRINTED_LINES:])


def raised(f, error):
    """The Problem that an exception of f is, with the line of f that it came from."""
    line, filename = None, _file_of(f)
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == filename:
            line = frame.lineno
    code = linecache.getline(filename, line).strip() if line else ""
    kind, text = type(error).__name__, _said(error)
    return Problem(message("explore.raised", error=f"{kind}: {text}" if text else kind), line=line, code=code)


def _said(error):
    """The first line of an exception's own text; "" where it cannot even say that."""
    try:
        return brief(str(error).strip().split("\n")[0], _LONGEST_ERROR)
    except Exception:  # noqa: BLE001 - __str__ is f's code, too
        return ""


def _file_of(f):
    target = getattr(type(f), "forward", None) if isinstance(f, torch.nn.Module) else inspect.unwrap(f)
    return getattr(getattr(target, "__code__", None), "co_filename", "")


def _stopped(taken, error):
    node = taken.nodes[taken.failed]
    return Problem(stopped(taken, error), line=node.line, code=_line_of(taken, node.line))


def _twice(taken):
    text = accumulated(taken)
    return text and Problem(text, "warning")


def _unfinished(error):
    """The forward pass that an error left behind, where it is small enough to help."""
    taken = getattr(error, "record", None)
    if (
        not isinstance(taken, Record)
        or isinstance(error, RecordingLimitError)
        or len(fold(taken).nodes) > _DRAWN_UNFINISHED
    ):
        return None
    return taken


def _oddity(taken):
    """The warning that nan or infinity in a record deserves: where the first comes from."""
    for node in taken.nodes:
        bad = _first_bad(node.values)
        if bad is not None and node.kind != "leaf":
            code = _line_of(taken, node.line)
            return Problem(message("explore.value_not_finite", op=node.op, value=bad), "warning", node.line, code)
    for name, place in taken.inputs.items():
        bad = _first_bad(taken.nodes[place].grads)
        if bad is not None:
            return Problem(message("explore.gradient_not_finite", name=name, value=bad), "warning")
    return None


def _line_of(taken, line):
    if line is None or taken.source is None:
        return ""
    lines = taken.source[1].splitlines()
    place = line - taken.source[0]
    return lines[place].strip() if 0 <= place < len(lines) else ""


def _first_bad(snapshots):
    """The first number that is nan or infinite, as text, or None."""
    for snapshot in snapshots:
        if snapshot is None:
            continue
        stack = [snapshot.low, snapshot.high] if snapshot.numbers is None else [snapshot.numbers]
        while stack:
            item = stack.pop()
            if isinstance(item, list):
                stack.extend(item)
            elif isinstance(item, float) and not math.isfinite(item):
                return number(item)
    return None
