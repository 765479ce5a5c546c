"""Put the collector of reference cycles off while a recording or its picture is put together: all of it is in use.

For a large graph the collector would go through what is made so far, and all that is loaded, several times: half of the time.
"""

import gc
from contextlib import contextmanager

_MANY = 20_000  # objects made while the collector was off
_SELDOM = 50_000  # objects between two collections while f runs; Python's own number is 700


@contextmanager
def uncollected():
    """Leave the collector off inside a with block, or a function decorated with it, and as it was afterwards."""
    was_on = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was_on:
            _let_be()
            gc.enable()


def _let_be():
    """Count what was made as old: else the collector would go through all of it at once, at the next object made."""
    if gc.get_count()[0] > _MANY and not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()  # into the oldest generation


@contextmanager
def seldom_collected():
    """Let the collector come seldom inside a with block: f may leave cycles behind, but most of what is made is kept."""
    before = gc.get_threshold()
    try:
        if before[0]:  # else somebody has put it off
            gc.set_threshold(max(before[0], _SELDOM), *before[1:])
        yield
    finally:
        gc.set_threshold(*before)
