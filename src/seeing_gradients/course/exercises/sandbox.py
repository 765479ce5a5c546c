"""Runs an answer so that nothing it does ends or alters the session: errors, endless loops and output are answered.

`attempt(run, inputs, seconds)` gives an `Outcome`; it guards against accidents, not against malice.
"""

import contextlib
import io
import linecache
import signal
import sys
import sysconfig
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch

from seeing_gradients.recorder import TimeLimitError, time_limit

from .guard import guarded

MOST_OUTPUT = 20_000  # characters
_AGAIN = 0.1  # seconds
_OURS = str(Path(__file__).parents[2])
_NOT_THE_LEARNERS = (_OURS, str(Path(torch.__file__).parent), sysconfig.get_paths()["stdlib"] + "/", "<frozen")


class ProcessorLimitError(TimeLimitError):
    """The answer used up the processor time that it has, where that is limited, too."""


class OutputLimitError(BaseException):
    """The answer prints without end; not an Exception, so that `except Exception` lets it through."""


@dataclass(frozen=True)
class Outcome:
    """What came of running an answer once.

    Attributes:
        value: what it returned.
        error: the exception it ended with, or None.
        line: int, line number in the learner's cell where the error arose, or None.
        source: str, that line.
        printed: str.
        replaced: tuple of str, names in torch that it replaced and we put back.
        changed: tuple of int, places of the inputs that it altered.
        seconds: float.
    """

    value: object = None
    error: BaseException | None = None
    line: int | None = None
    source: str = ""
    printed: str = ""
    replaced: tuple = ()
    changed: tuple = ()
    seconds: float = 0.0


def attempt(run, inputs, seconds, guard=guarded):
    """Run `run(*inputs)` for at most `seconds`, on copies of the inputs that it is free to read.

    Args:
        run: function.
        inputs: tuple of numbers, lists and tensors.
        seconds: float > 0.
        guard: what `guarded` is, or does in its place.

    Raises:
        KeyboardInterrupt: the learner interrupts the kernel.
    """
    copies, printed, value, error = copied(inputs), _Printed(), None, None
    began = time.monotonic()
    with guard() as replaced:
        try:
            with _quiet(printed), time_limit(seconds):
                value = run(*copies)
        except KeyboardInterrupt:
            raise
        except BaseException as raised:  # noqa: BLE001, SystemExit and the limits, too
            error = raised
    line, source = _where(error)
    changed = tuple(i for i, (a, b) in enumerate(zip(copies, inputs, strict=True)) if not _same(a, b))
    text = printed.getvalue()
    return Outcome(value, error, line, source, text, tuple(replaced), changed, time.monotonic() - began)


def limit_processor(seconds):
    """Stop the Python code of this process after so much processor time, and again and again if it goes on; POSIX only."""

    def stop(signum, frame):
        raise ProcessorLimitError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)


def copied(inputs):
    """Copies of inputs: a tensor that requires grad becomes a fresh leaf that does."""
    return tuple(_copy(value) for value in inputs)


def _copy(value):
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    return list(value) if isinstance(value, list) else value


def _same(a, b):
    if isinstance(b, torch.Tensor):
        return a.shape == b.shape and a.dtype == b.dtype and torch.equal(a.detach(), b.detach())
    return a == b


class _Printed(io.StringIO):
    """Keeps what is printed, up to a limit."""

    def write(self, text):
        if self.tell() > MOST_OUTPUT:
            raise OutputLimitError
        return super().write(text)


@contextlib.contextmanager
def _quiet(printed):
    recursion = sys.getrecursionlimit()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            sys.setrecursionlimit(recursion)


def _where(error):
    """The last line of the learner's own code that the error passed through."""
    if error is None:
        return None, ""
    if isinstance(error, SyntaxError) and error.lineno:
        return error.lineno, (error.text or "").strip()
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    own = [(file, line) for file, line in frames if not file.startswith(_NOT_THE_LEARNERS)]
    if not own:
        return None, ""
    file, line = own[-1]
    return line, linecache.getline(file, line).strip()


def is_stopped(error):
    """Return whether an error is one of our own limits: "time", "processor", "output", or None."""
    if isinstance(error, ProcessorLimitError):
        return "processor"
    if isinstance(error, TimeLimitError):
        return "time"
    return "output" if isinstance(error, OutputLimitError) else None
