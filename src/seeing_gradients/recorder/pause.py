"""Put the collector of reference cycles off while a recording or its picture is put together: all of it is in use.

For a large graph the collector would go through what is made so far, and all that is loaded, several times: half of the time.
"""

import gc
from contextlib import ContextDecorator

_MANY = 20_000  # objects made while the collector was off
_SELDOM = 50_000  # objects between two collections while f runs; Python's own number is 700


class uncollected(ContextDecorator):
    """Leave the collector off inside a with block, or a function decorated with it, and as it was afterwards."""

    def __enter__(self):
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *raised):
        if self._was_on:
            _let_be()
            gc.enable()

    def _recreate_cm(self):
        return type(self)()  # each call of a decorated function has its own


def _let_be():
    """Count what was made as old: else the collector would go through all of it at once, at the next object made."""
    if gc.get_count()[0] > _MANY and not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()  # into the oldest generation


class seldom_collected:
    """Let the collector come seldom inside a with block: f may leave cycles behind, but most of what is made is kept."""

    def __enter__(self):
        self._before = before = gc.get_threshold()
        if before[0]:  # else somebody has put it off
            gc.set_threshold(max(before[0], _SELDOM), *before[1:])

    def __exit__(self, *raised):
        gc.set_threshold(*self._before)
