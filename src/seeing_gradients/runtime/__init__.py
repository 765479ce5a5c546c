"""What it takes to run somebody else's code: a limit on its time, its state restored, its output captured.

`limits` stops code, `restore` undoes what it did to PyTorch and to its arguments, `output` catches what it prints.
"""

from .limits import TimeLimitError, time_limit, undisturbed
from .output import LastLines, capture_output, discard_output
from .restore import (
    collector_off,
    collector_seldom,
    restore_buffers,
    restore_grads,
    restore_random_state,
    restore_settings,
    restore_tensors,
    restore_torch_random_state,
)
from .signature import BY_POSITION, VARIADIC, Signature, parameters_of, signature_of

__all__ = [
    "BY_POSITION",
    "VARIADIC",
    "LastLines",
    "Signature",
    "TimeLimitError",
    "capture_output",
    "collector_off",
    "collector_seldom",
    "discard_output",
    "parameters_of",
    "restore_buffers",
    "restore_grads",
    "restore_random_state",
    "restore_settings",
    "restore_tensors",
    "restore_torch_random_state",
    "signature_of",
    "time_limit",
    "undisturbed",
]
