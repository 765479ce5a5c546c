"""A Record as plain data that `json.dumps(data, allow_nan=False)` takes: dict, list, str, int, float, bool, None.

The keys are the attributes of Record, Node, Saved, Edge and Snapshot, as helpers/record/types.py describes them, besides
`format` and `version`. A tensor is a Snapshot's dict: shape, dtype ("float32") and numbers (nested lists, one number
for a scalar), or, above 64 elements, numbers None with low, high and thumbnail. What JSON has no number for is text
that Python's float() or complex() reads: "nan", "-inf", "(1+2j)". `version` rises where a key changes its meaning.
"""

import math
from dataclasses import fields, is_dataclass

import torch

from seeing_gradients.recorder import snapshot

FORMAT, VERSION = "seeing-gradients record", 2


def as_dict(record):
    """Return all of a Record as plain data.

    Args:
        record: Record.

    Returns:
        dict: format, version, then name, complete, source, inputs, nodes, edges, backward_order, output, grads.
    """
    return {"format": FORMAT, "version": VERSION, **_plain(record)}


def _plain(value):
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, complex):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, torch.dtype):
        return str(value).removeprefix("torch.")
    if isinstance(value, torch.Tensor):
        return _plain(snapshot(value))
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"a Record holds a {type(value).__name__}, which has no plain form")
