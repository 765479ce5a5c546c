"""Run f once for the widget: the same random numbers each time, nothing printed to the notebook, every failure in words.

`run(f, inputs)` returns a Run: a Record, or the Problem that there was, with the line of f where it is known.
"""

import contextlib
import inspect
import linecache
import math
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from seeing_gradients.language import message
from seeing_gradients.picture.layout import brief, fold, number
from seeing_gradients.recorder import (
    Record,
    RecordError,
    RecordingLimitError,
    VectorOutputError,
    names_of,
    referenced_modules,
)
from seeing_gradients.runtime import (
    LastLines,
    TimeLimitError,
    capture_output,
    discard_output,
    restore_buffers,
    restore_settings,
    restore_tensors,
)

from .calling import recorded
from .passes import accumulated, stopped

_LONGEST_ERROR = 600
_DRAWN_UNFINISHED = 60  # nodes: an unfinished record is shown up to this size


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


def run(f, args, kwargs, random_state, limits):
    """Record f and turn whatever happens into a Run.

    Args:
        f: the function.
        args, kwargs: what it receives.
        random_state: restore_random_state, in which every run begins.
        limits: dict of gradient, max_ops and max_seconds, for record.

    Raises:
        KeyboardInterrupt: the learner stopped it.
    """
    printed = LastLines()
    given = [*args, *kwargs.values()]
    modules = referenced_modules(f, given)
    with undisturbed(printed), random_state, restore_buffers(modules), restore_tensors(given) as restored:
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
    return Run(taken, problem or _drifting(f, args, kwargs, restored.lost), printed.text())


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
def undisturbed(printed: LastLines | None = None) -> Iterator[None]:
    """Capture what this thread prints, or drop it, and restore what it switches in PyTorch; other threads print as ever."""
    with discard_output() if printed is None else capture_output(printed), restore_settings():
        yield


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
