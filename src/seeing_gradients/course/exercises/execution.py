"""Run an answer so that its errors, endless loops and output neither end nor change the session.

`attempt(answer, run, inputs, seconds)` returns an `Outcome`. It protects against accidents, not against malice: untrusted
answers run in `classroom.sandbox`. `protected_session()` limits memory, and restores the functions of torch, the
builtins and the settings of the session afterwards.
"""

import builtins
import getpass
import io
import linecache
import math
import signal
import sys
import sysconfig
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, FunctionType, MethodType
from typing import Any, NoReturn

import torch

from seeing_gradients.language import message
from seeing_gradients.runtime import (
    TimeLimitError,
    capture_output,
    restore_settings,
    restore_torch_random_state,
    thread_time,
    time_limit,
)

from .harness.observation import Observation, Watched, copied

MAX_OUTPUT = 20_000  # characters
_MAX_WARNINGS, _MAX_OBSERVATIONS = 5, 100  # of one run
_MEMORY_HEADROOM = 2 << 30  # bytes that an answer may allocate on top of what the kernel already uses
_REPEAT_SECONDS = 0.1  # between two signals to an answer that catches the first one and continues
_LIBRARY = str(Path(__file__).parents[2])
_OTHER_CODE = (_LIBRARY, str(Path(torch.__file__).parent), sysconfig.get_paths()["stdlib"] + "/", "<frozen")
_BUILTINS = (
    "abs", "all", "any", "enumerate", "float", "int", "isinstance", "len", "list", "map", "max", "min", "print",
    "range", "reversed", "round", "sorted", "sum", "tuple", "zip",
)  # fmt: skip


class ProcessorLimitError(TimeLimitError):
    """The answer used up its processor time. Only the sandbox limits this time."""


class WaitLimitError(TimeLimitError):
    """The answer waited, or other programs kept the processor, until even the limit by the clock was reached."""


class OutputLimitError(BaseException):
    """The answer printed more than MAX_OUTPUT. It is no Exception, so that `except Exception` does not catch it."""


@dataclass(frozen=True)
class Outcome:
    """The result of running an answer once.

    Attributes:
        value: what it returned; None after an error.
        error: the exception that it raised, or None.
        line: int, the line number in the learner's cell at which the error arose, or None.
        source: str, that line.
        printed: str, what it printed.
        replaced: tuple of str, the functions that it replaced and that were restored: "torch.cos", "builtins.sum".
        seconds: float, its time: of the processor if the limit was of that, else by the clock.
        warnings: tuple of str, the warnings of PyTorch and Python, each once.
        observations: tuple of Observation, one for each time that the answer was called in this run.
    """

    value: Any = None
    error: BaseException | None = None
    line: int | None = None
    source: str = ""
    printed: str = ""
    replaced: tuple[str, ...] = ()
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    observations: tuple[Observation, ...] = ()


_Guard = Callable[[], AbstractContextManager[list[str]]]


@contextmanager
def protected_session() -> Iterator[list[str]]:
    """Limit memory inside the `with` block, and undo afterwards what the block changed in the session.

    It restores replaced functions, the gradient mode, the default dtype, the random state and other settings.

    Yields:
        list of str, filled when the block ends: the functions that were replaced in it, "torch.cos".
    """
    with _limited_memory(), restored_session() as replaced:
        yield replaced


@contextmanager
def restored_session() -> Iterator[list[str]]:
    """Do what `protected_session` does, except for the memory limit: for a process that has its own limit."""
    replaced = restore_functions()
    try:
        with restored_settings():
            yield replaced
    finally:
        replaced.extend(restore_functions())


@contextmanager
def restored_settings() -> Iterator[list[str]]:
    """Do what `restored_session` does, except for replaced functions, which take time to find; the list stays empty."""
    with (
        restore_settings(),
        restore_torch_random_state(),
        torch.enable_grad(),
        _daemon_threads(),
        _no_exit(),
        _no_input(),
    ):
        yield []


def attempt(
    answer: Any,
    run: Callable[..., Any],
    inputs: tuple[Any, ...],
    seconds: float,
    guard: _Guard = protected_session,
    *,
    processor: bool = False,
    varies_gradients: bool = False,
) -> Outcome:
    """Run an answer on copies of the inputs for a limited time, watch it, and return the Outcome.

    Args:
        answer: function (*anything) -> anything.
        run: function (answer, *inputs) -> anything.
        inputs: tuple of numbers, lists and tensors.
        seconds: float > 0, the limit.
        guard: function () -> context manager around the run; it yields a list of str, the replaced functions, as
            `protected_session` does.
        processor: bool, whether the limit is of processor time; see `time_limit`.
        varies_gradients: bool, whether to call the answer twice; see `Watched`.

    Raises:
        KeyboardInterrupt: the learner interrupts the kernel. Every other exception becomes part of the Outcome.
    """
    watched, copies = Watched(answer, varies_gradients=varies_gradients), copied(inputs)
    printed, caught = _LimitedOutput(), []
    value, error = None, None
    limit = time_limit(seconds, processor=processor)
    clock = thread_time if processor else time.monotonic
    began = clock()
    with guard() as replaced:
        try:
            with _captured(printed, caught), limit:
                value = run(watched, *copies)
        except KeyboardInterrupt:
            raise
        except BaseException as raised:  # noqa: BLE001 - also SystemExit and the errors of exceeded limits
            error = WaitLimitError() if isinstance(raised, TimeLimitError) and limit.waited else raised
    line, source = _learners_line(error)
    spent, warned = clock() - began, tuple(dict.fromkeys(str(warning.message) for warning in caught))[:_MAX_WARNINGS]
    seen = tuple(watched.observations[:_MAX_OBSERVATIONS])
    return Outcome(value, error, line, source, printed.getvalue(), tuple(replaced), spent, warned, seen)


def limit_processor(seconds: float) -> None:
    """Raise ProcessorLimitError in this process after so much processor time, repeatedly if it is caught. POSIX only.

    Args:
        seconds: float > 0, of processor time from now on.
    """

    def stop(signum: int, frame: FrameType | None) -> NoReturn:
        raise ProcessorLimitError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, _REPEAT_SECONDS)


def stopped_by(error: BaseException | None) -> str | None:
    """Return which limit an error reports, "time", "wait", "processor" or "output"; None for any other error."""
    if isinstance(error, ProcessorLimitError):
        return "processor"
    if isinstance(error, WaitLimitError):
        return "wait"
    if isinstance(error, TimeLimitError):
        return "time"
    return "output" if isinstance(error, OutputLimitError) else None


def is_stub(value: object) -> bool:
    """Return whether a value is the placeholder of an unsolved exercise: None, `...` or NotImplemented."""
    return value is None or value is ... or value is NotImplemented


def is_placeholder_error(error: BaseException | None) -> bool:
    """Return whether an error is a bare `raise NotImplementedError`, rather than one of PyTorch's."""
    return isinstance(error, NotImplementedError) and not str(error)


def has_statements(answer: object) -> bool:
    """Return whether a function uses a name, a local variable or a function inside it, i.e. is more than a placeholder."""
    code = answer.__code__ if isinstance(answer, FunctionType | MethodType) else None
    if code is None:
        return False
    inner = any(isinstance(constant, CodeType) for constant in code.co_consts)
    return bool(inner or code.co_names or code.co_freevars or len(code.co_varnames) > code.co_argcount)


class _LimitedOutput(io.StringIO):
    """Collects what is printed; it raises OutputLimitError beyond MAX_OUTPUT characters."""

    def write(self, text: str) -> int:
        if self.tell() > MAX_OUTPUT:
            raise OutputLimitError
        return super().write(text)


@contextmanager
def _captured(printed: _LimitedOutput, caught: list[warnings.WarningMessage]) -> Iterator[None]:
    """Collect the output and the warnings, and restore the recursion limit, which an answer may change."""
    recursion = sys.getrecursionlimit()
    with capture_output(printed, all_threads=True), warnings.catch_warnings(record=True) as recorded:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            caught += recorded
            sys.setrecursionlimit(recursion)


def _learners_line(error: BaseException | None) -> tuple[int | None, str]:
    """(number, text) of the last line of the learner's code in the traceback of an error."""
    if error is None:
        return None, ""
    if isinstance(error, SyntaxError) and error.lineno:
        return error.lineno, (error.text or "").strip()
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    own = [(file, line) for file, line in frames if not file.startswith(_OTHER_CODE)]
    if not own:
        return None, ""
    file, line = own[-1]
    return line, linecache.getline(file, line).strip()


def _watched_modules() -> dict[str, Any]:
    return {
        "torch": torch,
        "torch.Tensor": torch.Tensor,
        "torch.autograd": torch.autograd,
        "torch.linalg": torch.linalg,
        "torch.nn.functional": torch.nn.functional,
        "math": math,
        "builtins": builtins,
    }


def _functions(module: Any) -> dict[str, Any]:
    """The functions of a module to watch; only some builtins, since the notebook itself replaces others (`input`)."""
    if module is builtins:
        return {name: vars(module)[name] for name in _BUILTINS}
    return {name: value for name, value in vars(module).items() if _is_function(name, value)}


def _is_function(name: str, value: object) -> bool:
    """Whether it is a public function or method. Classes are left out, since torch itself replaces torch.Storage."""
    private = name.startswith("_") and not name.endswith("__")
    return callable(value) and not private and not isinstance(value, type)


_original = {name: _functions(module) for name, module in _watched_modules().items()}  # at the time of the import
_tensor_names = set(vars(torch.Tensor))


def restore_functions() -> list[str]:
    """Undo replacements of functions in torch, math and the builtins; return their names, sorted: ["torch.cos"]."""
    replaced = []
    for name, module in _watched_modules().items():
        current = vars(module)
        for key, value in _original[name].items():
            if current.get(key) is value:
                continue
            if _is_torchs_own_wrapper(current.get(key), value):
                _original[name][key] = current[key]
                continue
            setattr(module, key, value)
            replaced.append(f"{name}.{key}")
    for key in set(vars(torch.Tensor)) - _tensor_names:
        if hasattr(torch._C.TensorBase, key):  # torch.Tensor.cos = ... hides the method of the base class
            delattr(torch.Tensor, key)
            replaced.append(f"torch.Tensor.{key}")
    return sorted(replaced)


def _is_torchs_own_wrapper(value: Any, original: Any) -> bool:
    """Whether torch itself has wrapped the function, as it wraps manual_seed when its compiler is imported."""
    names = [(getattr(f, "__module__", None), getattr(f, "__name__", None)) for f in (value, original)]
    return names[0] == names[1] != (None, None) and getattr(value, "__wrapped__", None) is original


@contextmanager
def _daemon_threads() -> Iterator[None]:
    """Make every thread that an answer starts a daemon, so that it does not keep the kernel from ending."""
    start = threading.Thread.start

    def start_as_daemon(self: threading.Thread) -> None:
        if not self.daemon:
            self.daemon = True
        start(self)

    threading.Thread.start = start_as_daemon
    try:
        yield
    finally:
        threading.Thread.start = start


@contextmanager
def _no_exit() -> Iterator[None]:
    """Make exit() and quit() raise SystemExit; in a notebook they would end the kernel instead."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        yield
        return

    def refuse() -> NoReturn:
        raise SystemExit

    shell.ask_exit = refuse
    try:
        yield
    finally:
        del shell.ask_exit


@contextmanager
def _no_input() -> Iterator[None]:
    """Make input() and getpass() raise EOFError, since a check must not wait for the user."""
    ask, ask_secretly = builtins.input, getpass.getpass

    def refuse(*_: object, **__: object) -> NoReturn:
        raise EOFError(message("exercises.no_input"))

    builtins.input = getpass.getpass = refuse
    try:
        yield
    finally:
        builtins.input, getpass.getpass = ask, ask_secretly


@contextmanager
def _limited_memory() -> Iterator[None]:
    """Make a far too large allocation raise MemoryError. Linux only, where the system would kill the kernel instead."""
    try:
        import resource
    except ModuleNotFoundError:  # not on Windows, nor in a browser (Pyodide)
        resource = None
    if resource is None or not sys.platform.startswith("linux"):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as file:
        in_use = int(file.read().split()[0]) * resource.getpagesize()
    limit = in_use + _MEMORY_HEADROOM
    for bound in (soft, hard):
        limit = limit if bound == resource.RLIM_INFINITY else min(limit, bound)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
