"""A progress bar while a widget is recorded: in a notebook an element of the page, in a terminal one line."""

import sys
import time
from importlib import import_module
from typing import Any

from seeing_gradients.language import message

_FIRST, _INTERVAL = 0.5, 0.2  # seconds until the bar appears, and between two of its pictures
_WIDTH = 30  # characters of the bar in a terminal


class Progress:
    """A bar over so many states; `finish` removes it.

    Args:
        is_shown: whether there is a bar at all.
    """

    def __init__(self, is_shown: bool = True) -> None:
        self._is_shown = is_shown
        self._done, self._total = 0, 0
        self._next = time.perf_counter() + _FIRST
        self._handle: Any = None
        self._is_written = False

    def expect(self, states: int) -> None:
        """Add states that will be recorded."""
        self._total += states

    def step(self) -> None:
        """Count one recorded state."""
        self._done += 1
        if self._is_shown and time.perf_counter() >= self._next:
            self._next = time.perf_counter() + _INTERVAL
            self._draw()

    def finish(self) -> None:
        """Remove the bar."""
        if self._handle is not None:
            self._handle.update({"text/plain": "", "text/html": ""}, raw=True)
        if self._is_written:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def _draw(self) -> None:
        text = message("recorded.progress", done=self._done, total=max(self._total, self._done))
        if _in_notebook():
            bar = f'<label>{text} <progress max="{max(self._total, 1)}" value="{self._done}"></progress></label>'
            data = {"text/plain": text, "text/html": bar}
            if self._handle is None:
                self._handle = import_module("IPython.display").display(data, raw=True, display_id=True)
            else:
                self._handle.update(data, raw=True)
        elif sys.stderr.isatty():
            filled = min(round(_WIDTH * self._done / max(self._total, 1)), _WIDTH)
            sys.stderr.write(f"\r{'█' * filled}{'░' * (_WIDTH - filled)} {text}")
            sys.stderr.flush()
            self._is_written = True


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and hasattr(shell, "kernel")
