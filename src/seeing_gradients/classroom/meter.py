"""A progress bar of one line for the terminal; where there is no terminal, a line now and then."""

import sys
import time

from seeing_gradients.language import message

_WIDTH = 30
_EVERY = {True: 0.1, False: 30.0}  # seconds between two drawings, on a terminal and in a file


class Meter:
    """Shows how many of so many are done, and how long the rest may take.

    Args:
        total: int.
        file: where to write, by default stderr.
    """

    def __init__(self, total, file=None):
        self._total, self._file = total, file or sys.stderr
        self._terminal = self._file.isatty()
        self._start = self._last = time.monotonic()
        self.done = self._skipped = 0

    def skip(self):
        """Count one that was done in an earlier run."""
        self._skipped += 1
        self.step()

    def step(self):
        """Count one that is done."""
        self.done += 1
        now = time.monotonic()
        if now - self._last >= _EVERY[self._terminal]:
            self._last = now
            self._draw()

    def close(self):
        """Draw the last state and end the line."""
        self._draw()
        if self._terminal:
            print(file=self._file)

    def _draw(self):
        fresh, seconds = self.done - self._skipped, time.monotonic() - self._start
        rate = fresh / seconds if seconds else 0.0
        left = round((self._total - self.done) / rate) if rate else 0
        filled = _WIDTH * self.done // max(1, self._total)
        bar = "█" * filled + "░" * (_WIDTH - filled)
        fields = {"done": self.done, "total": self._total, "rate": round(60 * rate), "left": _clock(left)}
        text = f"{bar} {message('classroom.grade_progress', **fields)}"
        print(f"\r{text}\x1b[K" if self._terminal else text, end="" if self._terminal else "\n", file=self._file)
        self._file.flush()


def _clock(seconds):
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
