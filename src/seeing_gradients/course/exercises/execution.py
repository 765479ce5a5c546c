"""Run an answer so that it can neither end nor change the session, whatever errors, loops or output it has.

`attempt(run, inputs, seconds)` gives an `Outcome`. It guards against accidents, not against malice: answers of
strangers run in `classroom.sandbox`. `protected_session()` limits memory and restores torch, the builtins and the
settings of the session afterwards; its list names the functions that had been replaced ("torch.cos").
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
from types import FrameType, FunctionType, MethodType
from typing import Any, NoReturn

import torch
from torch import Tensor

from seeing_gradients.language import message
from seeing_gradients.runtime import (
    TimeLimitError,
    capture_output,
    restore_settings,
    restore_torch_random_state,
    time_limit,
)

MAX_OUTPUT = 20_000  # characters
_MEMORY_HEADROOM = 2 << 30  # bytes that an answer may take on top of what the kernel holds
_REPEAT_SECONDS = 0.1  # between two signals to an answer that swallows the first
_LIBRARY = str(Path(__file__).parents[2])
_NOT_THE_LEARNERS = (_LIBRARY, str(Path(torch.__file__).parent), sysconfig.get_paths()["stdlib"] + "/", "<frozen")
_BUILTINS = ("abs", "all", "any", "enumerate", "float", "int", "isinstance", "len", "list", "map", "max", "min", "print",
             "range", "reversed", "round", "sorted", "sum", "tuple", "zip")  # fmt: skip


class ProcessorLimitError(TimeLimitError):
    """The answer used up its processor time, which is limited only in the sandbox."""


class OutputLimitError(BaseException):
    """The answer prints without end. It is not an Exception: `except Exception` does not catch it."""


@dataclass(frozen=True)
class Outcome:
    """The result of running an answer once.

    Attributes:
        value: what it returned.
        error: the exception it ended with, or None.
        line: int, line number in the learner's cell where the error arose, or None.
        source: str, that line.
        printed: str.
        replaced: tuple of str, names in torch that it replaced and that were restored.
        changed: tuple of int, indices of the inputs that it altered.
        seconds: float.
    """

    value: Any = None
    error: BaseException | None = None
    line: int | None = None
    source: str = ""
    printed: str = ""
    replaced: tuple[str, ...] = ()
    changed: tuple[int, ...] = ()
    seconds: float = 0.0


_Guard = Callable[[], AbstractContextManager[list[str]]]


@contextmanager
def protected_session() -> Iterator[list[str]]:
    """Run an answer with limited memory; afterwards patches, gradient mode, default dtype and random state are as before."""
    with _limited_memory(), restored_session() as replaced:
        yield replaced


@contextmanager
def restored_session() -> Iterator[list[str]]:
    """Do what `protected_session` does without its memory limit, for a process that has one of its own."""
    replaced = restore_functions()
    try:
        with restored_settings():
            yield replaced
    finally:
        replaced.extend(restore_functions())


@contextmanager
def restored_settings() -> Iterator[list[str]]:
    """Do what `restored_session` does, but without testing every function of torch; the list stays empty."""
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
    run: Callable[..., Any], inputs: tuple[Any, ...], seconds: float, guard: _Guard = protected_session
) -> Outcome:
    """Run `run(*inputs)` for at most `seconds`, on copies of the inputs that it is free to read.

    Args:
        run: function.
        inputs: tuple of numbers, lists and tensors.
        seconds: float > 0.
        guard: function () -> context manager that gives a list of replaced names, as `protected_session` does.

    Raises:
        KeyboardInterrupt: the learner interrupts the kernel.
    """
    copies, printed, value, error = copied(inputs), _LimitedOutput(), None, None
    began = time.monotonic()
    with guard() as replaced:
        try:
            with _captured(printed), time_limit(seconds):
                value = run(*copies)
        except KeyboardInterrupt:
            raise
        except BaseException as raised:  # noqa: BLE001, SystemExit and the limits, too
            error = raised
    line, source = _learners_line(error)
    changed = tuple(i for i, (a, b) in enumerate(zip(copies, inputs, strict=True)) if not _is_unchanged(a, b))
    text = printed.getvalue()
    return Outcome(value, error, line, source, text, tuple(replaced), changed, time.monotonic() - began)


def limit_processor(seconds: float) -> None:
    """Stop the Python code of this process after some processor time, again and again if it continues; POSIX only."""

    def stop(signum: int, frame: FrameType | None) -> NoReturn:
        raise ProcessorLimitError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, _REPEAT_SECONDS)


def copied(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return copies of inputs: a tensor that requires grad becomes a fresh leaf that does."""
    return tuple(_copy(value) for value in inputs)


def stopped_by(error: BaseException | None) -> str | None:
    """Return which of our limits an error is: "time", "processor" or "output"; None for any other."""
    if isinstance(error, ProcessorLimitError):
        return "processor"
    if isinstance(error, TimeLimitError):
        return "time"
    return "output" if isinstance(error, OutputLimitError) else None


def is_stub(value: object) -> bool:
    """Return whether a value is the placeholder of an unsolved stub."""
    return value is None or value is ... or value is NotImplemented


def has_statements(answer: object) -> bool:
    """Return whether a function does more than return a placeholder."""
    code = answer.__code__ if isinstance(answer, FunctionType | MethodType) else None
    return code is not None and bool(code.co_names or len(code.co_varnames) > code.co_argcount)


def _copy(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    return list(value) if isinstance(value, list) else value


def _is_unchanged(copy: Any, original: Any) -> bool:
    if isinstance(original, Tensor):
        same_kind = copy.shape == original.shape and copy.dtype == original.dtype
        return same_kind and torch.equal(copy.detach(), original.detach())
    return copy == original


class _LimitedOutput(io.StringIO):
    """Collects what is printed, up to a limit."""

    def write(self, text: str) -> int:
        if self.tell() > MAX_OUTPUT:
            raise OutputLimitError
        return super().write(text)


@contextmanager
def _captured(printed: _LimitedOutput) -> Iterator[None]:
    recursion = sys.getrecursionlimit()
    with capture_output(printed, all_threads=True), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            sys.setrecursionlimit(recursion)


def _learners_line(error: BaseException | None) -> tuple[int | None, str]:
    """(number, text) of the last line of the learner's code in the traceback of an error."""
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
    """The functions to watch; the notebook itself replaces some builtins (input) for every cell."""
    if module is builtins:
        return {name: vars(module)[name] for name in _BUILTINS}
    return {name: value for name, value in vars(module).items() if _is_function(name, value)}


def _is_function(name: str, value: object) -> bool:
    """Whether it is a public function or method; not a class, for torch itself replaces torch.Storage with the dtype."""
    private = name.startswith("_") and not name.endswith("__")
    return callable(value) and not private and not isinstance(value, type)


_original = {name: _functions(module) for name, module in _watched_modules().items()}  # as they were at import
_tensor_names = set(vars(torch.Tensor))


def restore_functions() -> list[str]:
    """Undo what was replaced in torch, math and the builtins; return the names, sorted."""
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
    """Whether torch itself has wrapped the function, as it does with manual_seed when its compiler is loaded."""
    names = [(getattr(f, "__module__", None), getattr(f, "__name__", None)) for f in (value, original)]
    return names[0] == names[1] != (None, None) and getattr(value, "__wrapped__", None) is original


@contextmanager
def _daemon_threads() -> Iterator[None]:
    """Make daemons of threads that an answer starts, so that they do not keep the kernel from ending."""
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
    """Let exit() and quit() raise an exception; in a notebook they would end the kernel without one."""
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
    """Let input() raise an error, since a check must not wait for a person."""
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
    """Let a far too large allocation raise MemoryError on Linux, where the system would otherwise kill the kernel."""
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as file:
        in_use = int(file.read().split()[0]) * resource.getpagesize()
    limit = in_use + _MEMORY_HEADROOM
    for most in (soft, hard):
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
