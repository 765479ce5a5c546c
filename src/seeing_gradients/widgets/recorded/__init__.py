"""Recordings: the widgets alive without a kernel.

`record_widget(widget)` runs a widget at every position of its sliders and returns a `Recording`; the same page code then
answers from it. Nothing is interpolated: a slider moves to the nearest recorded position, and the page says so.
"""

from .limits import MAX_BYTES, PARTS, RecordingTooLargeError
from .recorder import record_widget
from .recording import Recording, shared_script, shared_style

__all__ = [
    "MAX_BYTES",
    "PARTS",
    "Recording",
    "RecordingTooLargeError",
    "record_widget",
    "shared_script",
    "shared_style",
]
