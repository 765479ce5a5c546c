"""Run f once forward and once backward, and keep what autograd really did.

`record(f, w=4.0, b=2.0)` gives a Record of nodes and edges; the errors say what f must be.
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
from .reach import outer_names, outside, referenced_modules
from .recorder import record, run_cut
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
    "VectorOutputError",
    "is_too_deep",
    "memory_of",
    "name_of",
    "names_of",
    "outer_names",
    "outside",
    "record",
    "referenced_modules",
    "run_cut",
    "snapshot",
    "source_of",
]
