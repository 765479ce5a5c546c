"""Run f once forward and once backward, and keep what autograd really did.

`record(f, w=4.0, b=2.0)` gives a Record of nodes and edges; the errors say what f must be; `time_limit` stops any code.
"""

from .arguments import is_too_deep, name_of, names_of, source_of
from .errors import (
    ArgumentError,
    CallsBackwardError,
    GradientShapeError,
    NoGradError,
    OutputError,
    RecordError,
    RecordingLimitError,
    VectorOutputError,
)
from .limits import TimeLimitError, time_limit
from .pause import uncollected
from .reach import outer_names, outside
from .recorder import record, run_cut
from .settings import settings_kept
from .snapshot import snapshot
from .types import Edge, Inside, Node, Opened, Record, Saved, Scope, Snapshot, memory_of

__all__ = [
    "ArgumentError",
    "CallsBackwardError",
    "Edge",
    "GradientShapeError",
    "Inside",
    "NoGradError",
    "Node",
    "Opened",
    "OutputError",
    "Record",
    "RecordError",
    "RecordingLimitError",
    "Saved",
    "Scope",
    "Snapshot",
    "TimeLimitError",
    "VectorOutputError",
    "is_too_deep",
    "memory_of",
    "name_of",
    "names_of",
    "outer_names",
    "outside",
    "record",
    "run_cut",
    "settings_kept",
    "snapshot",
    "source_of",
    "time_limit",
    "uncollected",
]
