"""Put the collector of reference cycles off while a large picture is made: all of it is in use until it is done.

The collector would go through the half-made picture, and everything else that is loaded, several times: half of the time.
"""

import gc
from contextlib import contextmanager


@contextmanager
def uncollected():
    """Leave the collector off inside a with block, or a function decorated with it, and as it was afterwards."""
    was_on = gc.isenabled()
    try:
        gc.disable()
        yield
    finally:
        if was_on:
            gc.enable()
