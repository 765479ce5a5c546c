"""Limit the time that Python code may take, on every platform.

`with time_limit(2.0):` stops the code inside it, even `while True: pass`, by raising TimeLimitError there. The error
waits while Python would swallow it, or while it would leave a clean-up half done: see `_Patience`.
"""

import contextlib
import ctypes
import functools
import gc
import inspect
import itertools
import signal
import sys
import sysconfig
import threading
import weakref
from _signal import signal as set_handler  # pyright: ignore[reportMissingImports]  # signal.signal takes six times as long: it makes enums
from collections.abc import Callable
from pathlib import Path
from time import monotonic, process_time
from types import CodeType, FrameType
from typing import Any, Self, TypeVar

from .clocks import thread_time

# A bare except may swallow a TimeLimitError, so it is raised again until the code leaves the block. After the first
# error the code has _GRACE seconds to end by itself. Then errors come in pairs, one pair every _AGAIN seconds: in a
# loop with a bare except around sleep(), the except swallows the first error of a pair, and the second one arrives
# outside the try, while the loop jumps back. The seconds between the two errors of a pair vary: _SECOND lists them.
_GRACE, _AGAIN, _SECOND = 0.1, 0.005, (1e-5, 2e-5, 4e-5)
# How many of a thread's innermost frames are searched for this module and for Thread.start; how many errors in a chain
# of __context__ are searched for a GeneratorExit.
_LOCK_FRAMES, _CONTEXT_ERRORS = 5, 5
_active = threading.local()

# An import that is interrupted leaves its module broken until the kernel restarts. PyTorch imports many modules at
# first use (SymPy at the first backward(v): 0.5 s and more), so a limit waits for an import, _LONGEST_IMPORT seconds at
# most. Every _PAUSE seconds it checks whether the import has ended. Then the code after it gets its whole time again.
_IMPORTING, _LONGEST_IMPORT, _PAUSE = "<frozen importlib._bootstrap>", 60.0, 0.02

# Where a _TraceGuard follows no lines: the standard library, installed packages, and this library.
_INSTALLED = (*map(sysconfig.get_path, ("stdlib", "purelib", "platlib")), str(Path(__file__).parents[1]), "<frozen")

LONGEST_WAIT = 10.0  # times the seconds of a limit of processor time, by the clock

_LONGEST_CLEANUP = 1.0  # seconds that a limit waits for code that must not be interrupted; see _Patience
_UNDISTURBED: set[CodeType] = set()  # code of the functions that must not be interrupted
_Function = TypeVar("_Function", bound=Callable[..., Any])


class TimeLimitError(BaseException):
    """The code inside time_limit took too long. It is not an Exception: `except Exception` does not catch it."""


class time_limit:
    """Stop the Python code of the with block after some seconds of wall-clock time, or of processor time.

    On the main thread of a POSIX system it uses the timer signal, which also ends sleep() and input(). Elsewhere it
    uses an asynchronous exception, which arrives at the next Python instruction. Neither can stop a single C call that
    takes long, e.g. a huge matrix product. Limits nest: the earliest deadline holds.

    Without signals and threads (Python in a browser: Pyodide) the clock is read at every call of a Python function and at
    every line of the code inside, except for the lines of installed packages. There an endless loop within one line
    (`while True: pass`, written so) is not stopped, nor is code that catches the error and goes on, nor anything while a
    debugger traces this thread.

    An import may finish, within a minute, and the code after it gets its whole time again. A destructor, an __enter__
    or __exit__, and an `undisturbed` function may finish, too, within a second.

    Args:
        seconds: float > 0, or None for no limit.
        processor: bool, whether the seconds are processor time of this thread (off the main thread: of all threads), so
            that a busy machine does not stop code that does little. Code that waits is stopped after `LONGEST_WAIT`
            times as many seconds by the clock.

    Attributes:
        expired: bool, True once this limit has been reached (rather than one around it).
        waited: bool, True if it was reached by the clock although processor time was left.

    Raises:
        TimeLimitError: inside the block, when the time is over.
        ValueError: seconds is not a positive number.
    """

    def __init__(self, seconds: float | None, *, processor: bool = False) -> None:
        if seconds is not None and not seconds > 0:
            raise ValueError(f"seconds must be a positive number or None, received {seconds!r}")
        self.seconds = seconds
        self.expired = self.waited = False
        self._importing = False
        self._clock: Callable[[], float] | None = None
        if processor:
            self._clock = thread_time if threading.current_thread() is threading.main_thread() else process_time

    def __enter__(self) -> Self:
        self._guard: _SignalGuard | _ThreadGuard | _TraceGuard | None = None
        if self.seconds is not None:
            now = monotonic()
            self._deadline = now + self.seconds
            self._last = self._deadline + _LONGEST_IMPORT
            self._restart(now)
            self._frame: FrameType | None = sys._getframe(1)
            limits = _limits()
            limits.append(self)
            _silence.add(self)
            self._guard = guard = _SignalGuard() if _signals_work() else _ThreadGuard()
            try:
                guard.start(limits, now)
            except _NoThreadError:
                self._guard = guard = _TraceGuard()
                guard.start(limits, now)
        return self

    def _restart(self, now: float) -> None:
        """Give the code its whole time again."""
        self._latest = now + LONGEST_WAIT * (self.seconds or 0.0)
        self._spent = self._clock() if self._clock is not None else 0.0

    def _extend(self, now: float) -> None:
        """Put the deadline off if processor time is left."""
        if self._clock is not None and self.seconds is not None:
            left = self.seconds - (self._clock() - self._spent)
            self.waited = left > 0.001 and now >= self._latest
            if left > 0.001:
                self._deadline = min(now + left, self._latest)

    def __exit__(self, *raised: object) -> None:
        if self._guard is None:
            return
        stopped = False
        while not stopped:
            try:
                self._guard.stop()
                stopped = True
            except TimeLimitError:
                continue  # the error arrived while the guard was stopping: the block had already ended
        _limits().remove(self)
        _silence.remove(self)
        self._frame = None
        self._guard.resume()  # last: a timer that it resumes may go off at once


def undisturbed(function: _Function) -> _Function:
    """Decorate a function that no time limit may interrupt, because it cleans up after a learner's code.

    Args:
        function: a Python function.

    Returns:
        the same function.
    """
    _UNDISTURBED.add(function.__code__)
    return function


def _limits() -> list[time_limit]:
    if not hasattr(_active, "limits"):
        _active.limits = []
    return _active.limits


def _signals_work() -> bool:
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def _remaining(limits: list[time_limit], now: float) -> float:
    earliest = limits[0]._deadline if len(limits) == 1 else min([limit._deadline for limit in limits])
    remaining = earliest - now
    return max(1e-6, min(remaining, _PAUSE) if limits[-1]._importing else remaining)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename == _IMPORTING:
            return True
        frame = frame.f_back
    return False


def _mark_expired(limits: list[time_limit], frame: FrameType | None) -> bool:
    """Mark the outermost limit whose deadline has passed, and return whether there is one.

    During an import all deadlines are postponed.
    """
    now, innermost = monotonic(), limits[-1]
    if innermost._importing or min(limit._deadline for limit in limits) <= now:
        innermost._importing = now < innermost._last and _is_importing(frame)
        if innermost._importing:
            for limit in limits:
                limit._deadline = max(limit._deadline, now + (limit.seconds or 0.0))
                limit._restart(now)
    for limit in limits:
        if limit._deadline <= now and not limit.expired:
            limit._extend(now)
        if limit._deadline <= now:
            limit.expired = True
            return True
    return False


class _Patience:
    """Decide whether a limit whose deadline has passed should still wait.

    It waits where Python prints or drops every error: in destructors, in callbacks of weak references and of the
    garbage collector, in a generator that is being closed, and in sys.unraisablehook. It also waits where an error
    would leave a change half done: in an __enter__ or __exit__, and in `undisturbed` functions. Only calls made
    inside the outermost limit count. A limit waits for a second at most.

    Args:
        limits: the limits of one thread, outermost first.
    """

    def __init__(self, limits: list[time_limit]) -> None:
        self._limits, self._end = limits, 0.0

    def waits(self, frame: FrameType | None, error: BaseException | None) -> bool:
        """Return whether to wait.

        Args:
            frame: the innermost frame of the thread.
            error: the exception that the thread is handling, or None.
        """
        now = monotonic()
        if min(limit._deadline for limit in self._limits) > now:
            return False
        if not (_is_closing(error) or _is_cleaning_up(frame, self._limits[0]._frame)):
            self._end = 0.0
            return False
        self._end = self._end or now + _LONGEST_CLEANUP
        return now < self._end


def _is_closing(error: BaseException | None) -> bool:
    """Whether a generator is being closed: the error, or one that it was raised while handling, is a GeneratorExit."""
    for _ in range(_CONTEXT_ERRORS):
        if error is None or isinstance(error, GeneratorExit):
            break
        error = error.__context__
    return isinstance(error, GeneratorExit)


def _is_cleaning_up(frame: FrameType | None, outermost: FrameType | None) -> bool:
    codes = _UNDISTURBED.union(map(_code_of, gc.callbacks))
    while frame is not None and frame is not outermost:
        code = frame.f_code
        if code.co_name in ("__del__", "__enter__", "__exit__") or code in codes or _is_weak_callback(frame):
            return True
        frame = frame.f_back
    return False


def _code_of(function: Any) -> CodeType | None:
    while isinstance(function, functools.partial):
        function = function.func
    if not hasattr(function, "__code__"):  # a callable object
        function = type(function).__call__
    return getattr(function, "__code__", None)


def _is_weak_callback(frame: FrameType) -> bool:
    """Whether the frame is a callback of a weak reference: one of its arguments is a dead weak reference."""
    code = frame.f_code
    has_more = bool(code.co_flags & inspect.CO_VARARGS)
    if not code.co_argcount and not has_more:
        return False
    local, names = frame.f_locals, code.co_varnames
    arguments: list[Any] = [local.get(name) for name in names[: code.co_argcount]]
    if has_more and type(more := local.get(names[code.co_argcount + code.co_kwonlyargcount])) is tuple:
        arguments += more
    return any(issubclass(type(each), weakref.ref) and weakref.ref.__call__(each) is None for each in arguments)


class _Silence:
    """Replace sys.unraisablehook while there are limits.

    The replacement does not report a TimeLimitError in a destructor, which will be raised again elsewhere.
    """

    def __init__(self) -> None:
        self._limits: list[time_limit] = []
        self.before: Callable[[Any], object] = sys.__unraisablehook__

    def add(self, limit: time_limit) -> None:
        self._limits.append(limit)
        before = sys.unraisablehook
        if before is not _unraisable:
            self.before = before
            sys.unraisablehook = _unraisable

    def remove(self, limit: time_limit) -> None:
        self._limits.remove(limit)
        if not self._limits and sys.unraisablehook is _unraisable:
            sys.unraisablehook = self.before


_silence = _Silence()


@undisturbed
def _unraisable(unraisable: Any) -> None:
    with contextlib.suppress(TimeLimitError):
        if not isinstance(unraisable.exc_value, TimeLimitError):
            _silence.before(unraisable)


class _SignalGuard:
    def start(self, limits: list[time_limit], now: float) -> None:
        self._limits, self._began, self._over = limits, now, False
        self._patience = _Patience(limits)
        self._between, self._wait = itertools.cycle(_SECOND), _GRACE  # seconds until the error is raised again
        self._handler = set_handler(signal.SIGALRM, self._alarm)
        self._timer = signal.setitimer(signal.ITIMER_REAL, _remaining(limits, now))

    def _alarm(self, signum: int, frame: FrameType | None) -> None:
        if self._over:
            return
        is_ours = frame is not None and frame.f_code.co_filename == __file__  # Python is setting up or removing a limit
        if is_ours or self._patience.waits(frame, sys.exception()):
            if self._wait != _GRACE:
                self._wait = next(self._between)  # a new pair
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)
            return
        if not _mark_expired(self._limits, frame):
            signal.setitimer(signal.ITIMER_REAL, _remaining(self._limits, monotonic()))
            return
        signal.setitimer(signal.ITIMER_REAL, self._wait)
        self._wait = next(self._between) if self._wait in (_GRACE, _AGAIN) else _AGAIN
        raise TimeLimitError

    def stop(self) -> None:
        # The order matters: an alarm before its deadline sets the timer again; one without a handler ends the process.
        self._over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        set_handler(signal.SIGALRM, self._handler)

    def resume(self) -> None:
        left, interval = self._timer
        if left or interval:  # a timer was already running: continue it, less the time that has passed
            signal.setitimer(signal.ITIMER_REAL, max(1e-6, left - (monotonic() - self._began)), interval)


class _ThreadGuard:
    """The limits of a thread that gets no signals.

    JupyterLab may handle a widget's messages outside the main thread.
    """

    def start(self, limits: list[time_limit], now: float) -> None:
        self.thread_id, self._limits = threading.get_ident(), list(limits)
        self._patience = _Patience(self._limits)
        self._waits = itertools.chain([_GRACE], itertools.repeat(_AGAIN))
        self.next = now + _remaining(self._limits, now)
        _watcher.add(self)

    def check(self, now: float) -> None:
        """Raise TimeLimitError in the thread if its time is over, and set the time of the next check.

        Args:
            now: seconds, as monotonic() gives them.
        """
        frame = sys._current_frames().get(self.thread_id)
        if _is_delicate(frame) or self._patience.waits(frame, _error_in(self.thread_id)):
            self.next = now + _AGAIN
        elif _mark_expired(self._limits, frame):
            _raise_in(self.thread_id, ctypes.py_object(TimeLimitError))
            self.next = now + next(self._waits)
        else:
            self.next = now + _remaining(self._limits, now)

    def stop(self) -> None:
        _watcher.remove(self)

    def resume(self) -> None:
        """Do nothing: an outer limit has its own guard, which is still running."""


class _TraceGuard:
    """The limits of a platform that has neither signals nor threads: a trace function reads the clock.

    Python calls it at every call, and at every line of the functions for which it returns itself. Once it has raised an
    error Python calls it no more, until an outer limit resumes.
    """

    def start(self, limits: list[time_limit], now: float) -> None:
        self._limits, self._before = limits, sys.gettrace()
        self._patience = _Patience(limits)
        self._is_mine = self._before is None or isinstance(getattr(self._before, "__self__", None), _TraceGuard)
        if self._is_mine:  # else a debugger is at work
            frame = limits[-1]._frame
            if frame is not None and _is_followed(frame.f_code):
                frame.f_trace = self._trace
            sys.settrace(self._trace)

    def _trace(self, frame: FrameType, event: str, argument: object) -> Any:
        code = frame.f_code
        if code.co_filename == __file__:
            return None
        now = monotonic()
        is_over = any(limit._deadline <= now for limit in self._limits)
        if is_over and not self._patience.waits(frame, sys.exception()) and _mark_expired(self._limits, frame):
            raise TimeLimitError
        return self._trace if _is_followed(code) else None

    def stop(self) -> None:
        if self._is_mine:
            sys.settrace(None)
            frame = self._limits[-1]._frame
            if frame is not None and frame.f_trace == self._trace:
                frame.f_trace = None

    def resume(self) -> None:
        if self._is_mine:
            sys.settrace(self._before)


@functools.lru_cache(4096)
def _is_followed(code: CodeType) -> bool:
    """Whether the lines of a function are traced: not those of the standard library and of installed packages."""
    return not code.co_filename.startswith(_INSTALLED)


class _NoThreadError(Exception):
    """No thread can be started here."""


class _Watcher:
    """One thread that watches the limits of all threads.

    A thread for each limit would be dangerous. Until a new thread runs, it has the identifier of the thread that
    starts it, so an exception for the parent may hit the child. The child dies, and the parent waits for it for ever.
    """

    def __init__(self) -> None:
        self._changed, self._wakes = threading.Condition(), 0.0
        self._guards: list[_ThreadGuard] = []
        self._thread: threading.Thread | None = None

    def add(self, guard: _ThreadGuard) -> None:
        with self._changed:
            self._guards.append(guard)
            if self._thread is None or not self._thread.is_alive():  # the first time, or in the child of a fork
                thread = threading.Thread(target=self._watch, daemon=True, name="time_limit")
                try:
                    thread.start()
                except RuntimeError as error:
                    self._guards.remove(guard)
                    raise _NoThreadError from error
                self._thread = thread
            elif guard.next < self._wakes:
                self._changed.notify()

    def remove(self, guard: _ThreadGuard) -> None:
        with self._changed:
            if guard in self._guards:
                self._guards.remove(guard)
            _raise_in(guard.thread_id, None)  # cancel an exception that has not arrived yet

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = monotonic()
                for guard in self._guards:
                    if guard.next <= now:
                        guard.check(now)
                self._wakes = min((guard.next for guard in self._guards), default=float("inf"))
                self._changed.wait(None if not self._guards else max(0.0, self._wakes - monotonic()))


_watcher = _Watcher()


def _is_delicate(frame: FrameType | None) -> bool:
    """Whether an exception must not arrive now.

    That is so while the thread sets up or removes a limit, which would then never be removed, and while it starts
    another thread (see `_Watcher`).
    """
    for _ in range(_LOCK_FRAMES):
        if frame is None:
            return False
        code = frame.f_code
        if code.co_filename == __file__ and code is not _unraisable.__code__:
            return True
        if code.co_filename == threading.__file__ and code.co_name == "start":
            born = frame.f_locals.get("self")
            return isinstance(born, threading.Thread) and born.ident is None
        frame = frame.f_back
    return False


def _error_in(thread_id: int) -> BaseException | None:
    """The exception that a thread is handling, or None."""
    error: Any = sys._current_exceptions().get(thread_id)
    return error[1] if isinstance(error, tuple) else error  # a tuple before Python 3.12


def _raise_in(thread_id: int, exception: Any) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), exception)
