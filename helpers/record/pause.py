"""Put the collector of reference cycles off while a recording or its picture is put together: all of it is in use.

For a large graph the collector would go through what is made so far, and all that is loaded, several times: half of the time.
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
