"""Capture what code prints: `with capture_output(to):` passes everything that it writes to `to.write`.

`LastLines` keeps its last lines, which can then be shown; `discard_output()` drops all of it.
"""

import contextlib
import io
import sys
import threading
from collections.abc import Iterator
from typing import Protocol, TextIO

_LINES, _WIDTH = 5, 200  # LastLines keeps this many lines of this many characters
_one_at_a_time = threading.RLock()  # sys.stdout and sys.stderr belong to the whole process


class Writable(Protocol):
    """Anything with a `write(text)` that returns how many characters it took."""

    def write(self, text: str, /) -> int: ...


@contextlib.contextmanager
def capture_output(to: Writable, *, stderr: bool = True, all_threads: bool = False) -> Iterator[None]:
    """Send the text that is printed inside the with block to `to`.

    One block runs at a time: a second thread waits until the first one has left its block.

    Args:
        to: its `write` gets every piece of text; an error that it raises is raised in the code that prints.
        stderr: whether to capture the error stream, too.
        all_threads: whether to capture the output of other threads, too; otherwise they print as usual.
    """
    with _one_at_a_time:
        before = sys.stdout, sys.stderr
        sys.stdout = _Captured(to, before[0], all_threads)
        if stderr:
            sys.stderr = _Captured(to, before[1], all_threads)
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before


def discard_output(*, stderr: bool = True) -> contextlib.AbstractContextManager[None]:
    """Return a context manager that drops what this thread prints.

    Args:
        stderr: whether to drop the error stream, too.
    """
    return capture_output(_Nowhere(), stderr=stderr)


class LastLines:
    """Keep the last few lines that are written; `text()` returns them and cuts long ones off."""

    def __init__(self) -> None:
        self._tail = ""

    def write(self, text: str) -> int:
        self._tail = (self._tail + text)[-_LINES * _WIDTH :]
        return len(text)

    def text(self) -> str:
        return "\n".join(line[:_WIDTH] for line in self._tail.splitlines()[-_LINES:])


class _Captured(io.TextIOBase):
    """A stream that replaces sys.stdout or sys.stderr.

    It passes this thread's output to `to`, and that of other threads to the stream that it replaces.
    """

    def __init__(self, to: Writable, stream: TextIO, all_threads: bool) -> None:
        self._to, self._stream = to, stream
        self._thread = None if all_threads else threading.get_ident()

    def _is_captured(self) -> bool:
        return self._thread is None or threading.get_ident() == self._thread

    def write(self, text: str, /) -> int:
        return (self._to if self._is_captured() else self._stream).write(text)

    def flush(self) -> None:
        if not self._is_captured():
            self._stream.flush()

    def close(self) -> None:
        """Do nothing.

        io calls close when the object is deleted; it would flush the notebook's stream, which may block.
        """


class _Nowhere:
    """Drop everything that is written."""

    def write(self, text: str) -> int:
        return len(text)
