"""Clocks that not every platform has."""

import time

# Seconds of processor time of this thread; of the clock on the wall where Python cannot tell (in a browser: Pyodide).
thread_time = getattr(time, "thread_time", time.perf_counter)
