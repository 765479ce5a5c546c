"""Run code that a learner wrote: limit its time, restore the state that it changes, capture its output.

`time_limits` stops code, `clocks` measures it, `restore` undoes its changes to PyTorch and to its arguments, `output` captures what it prints.
"""

from .clocks import thread_time
from .output import LastLines, capture_output, discard_output
from .restore import (
    collect_many,
    collector_off,
    collector_seldom,
    repeat_random_state,
    restore_buffers,
    restore_containers,
    restore_grads,
    restore_settings,
    restore_tensors,
    restore_torch_random_state,
    resume_random_state,
)
from .signature import BY_POSITION, VARIADIC, Signature, as_written, misfit, parameters_of, signature_of
from .time_limits import TimeLimitError, time_limit, undisturbed

__all__ = [
    "BY_POSITION",
    "VARIADIC",
    "LastLines",
    "Signature",
    "TimeLimitError",
    "as_written",
    "capture_output",
    "collect_many",
    "collector_off",
    "collector_seldom",
    "discard_output",
    "misfit",
    "parameters_of",
    "repeat_random_state",
    "restore_buffers",
    "restore_containers",
    "restore_grads",
    "restore_settings",
    "restore_tensors",
    "restore_torch_random_state",
    "resume_random_state",
    "signature_of",
    "thread_time",
    "time_limit",
    "undisturbed",
]
