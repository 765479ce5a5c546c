"""Run f once forward and once backward, and return what autograd really did.

`record(f, w=4.0, b=2.0)` gives a Record of nodes and edges; the errors say what f must be.
"""

from .arguments import argument_names, as_leaf, is_too_deep
from .errors import (
    ArgumentError,
    CallsBackwardError,
    FreedGraphError,
    GradientShapeError,
    NoGradError,
    OutputError,
    RecordError,
    RecordingLimitError,
    VectorOutputError,
)
from .names import name_of, referenced_modules, referenced_tensors, referenced_values, source_of
from .nested import tensors_in
from .outputs import selected as selected_output
from .recording import Inner, record, run_cut
from .snapshot import snapshot, whole_snapshots
from .types import (
    Edge,
    EdgeKey,
    Inside,
    MemoryBlock,
    Node,
    Note,
    Opened,
    Ragged,
    Record,
    Round,
    SavedTensor,
    Scope,
    Site,
    Snapshot,
    memory_of,
)

__all__ = [
    "ArgumentError",
    "CallsBackwardError",
    "Edge",
    "EdgeKey",
    "FreedGraphError",
    "GradientShapeError",
    "Inner",
    "Inside",
    "MemoryBlock",
    "NoGradError",
    "Node",
    "Note",
    "Opened",
    "OutputError",
    "Ragged",
    "Record",
    "RecordError",
    "RecordingLimitError",
    "Round",
    "SavedTensor",
    "Scope",
    "Site",
    "Snapshot",
    "VectorOutputError",
    "argument_names",
    "as_leaf",
    "is_too_deep",
    "memory_of",
    "name_of",
    "record",
    "referenced_modules",
    "referenced_tensors",
    "referenced_values",
    "run_cut",
    "selected_output",
    "snapshot",
    "source_of",
    "tensors_in",
    "whole_snapshots",
]
