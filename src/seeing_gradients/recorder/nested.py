"""Tensors inside lists, tuples, dicts, dataclasses and other objects, each under its path.

`tensors_in(value)` finds the tensors of an output ("logits", "past[0][1]"), `tensors_in(value, "batch")` those of an
argument ("batch['x']", "batch[0]"); `value_at(value, path)` follows the path of an output.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from itertools import islice
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from torch import Tensor
from torch.nn import Module

_DEEPEST, _MOST = 8, 1_000  # steps in one path; values that are searched
_STEP = re.compile(r"\[(?P<key>[^\]]*)\]|\.?(?P<name>[^.\[\]]+)")
_NO_DATA = (FunctionType, ModuleType, Module, type)  # they have attributes, but are no results of a computation


class _Part(NamedTuple):
    """One value inside another: its key, index or attribute's name, and whether it is an attribute."""

    key: Any
    is_attribute: bool
    value: Any


def tensors_in(value: Any, name: str = "", objects: bool = True) -> Iterator[tuple[str, Tensor]]:
    """Yield (path, tensor) for each tensor inside a value, in the order in which they stand there.

    It looks into lists, tuples, dicts and dataclasses, and into the attributes of an object of another class, but not
    of an object inside that. It ends after 1,000 values, and 8 steps deep.

    Args:
        value: anything; a tensor itself has the path `name`.
        name: of the value. Without a name, keys and indices of the outermost value stand alone: "logits", "0".
        objects: whether to look into the attributes of objects.
    """
    stack: list[tuple[str, Any, tuple[int, ...], bool]] = [(name, value, (), objects)]
    for _ in range(_MOST):
        if not stack:
            return
        path, inside, around, opens = stack.pop()
        if isinstance(inside, Tensor):
            yield path, inside
        elif len(around) < _DEEPEST and id(inside) not in around:
            within = _container(inside)
            if within is None and opens:
                within, opens = _attributes(inside), False
            steps = [
                (_joined(path, part, bool(name)), part.value, (*around, id(inside)), opens)
                for part in islice(within or (), _MOST)
            ]
            stack += reversed(steps)


def value_at(value: Any, path: str) -> Any:
    """Return what lies at a path inside a value: "logits", "0", "encoder.last_hidden_state", "past[0][1]".

    Args:
        value: anything.
        path: as `tensors_in` yields it; "past.0.1" and "['past'][0][1]" lead to the same value.

    Raises:
        LookupError: nothing lies there.
    """
    left = path
    while left:
        parts = {str(part.key): part.value for part in (_container(value) or _attributes(value))}
        if left in parts:
            return parts[left]
        step = _STEP.match(left)
        if step is None:
            raise LookupError(path)
        key = step["name"] if step["key"] is None else step["key"].strip().strip("\"'")
        if key not in parts:
            raise LookupError(path)
        value, left = parts[key], left[step.end() :]
    return value


def _container(value: Any) -> Iterator[_Part] | None:
    """The parts of a list, tuple, dict or dataclass; None for anything else."""
    if isinstance(value, Mapping):
        return (_Part(key, False, part) for key, part in value.items())
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return (_Part(key, True, getattr(value, key)) for key in value._fields)  # pyright: ignore[reportAttributeAccessIssue]  # a named tuple
    if isinstance(value, list | tuple | deque):
        return (_Part(i, False, part) for i, part in enumerate(value))
    if is_dataclass(value) and not isinstance(value, type):
        return (_Part(each.name, True, getattr(value, each.name, None)) for each in fields(value))
    return None


def _attributes(value: Any) -> Iterator[_Part]:
    """The attributes of an object of any other class that holds data."""
    attributes = None if isinstance(value, (Tensor, *_NO_DATA)) else getattr(value, "__dict__", None)
    return (
        (_Part(key, True, each) for key, each in list(attributes.items())) if isinstance(attributes, dict) else iter(())
    )


def _joined(path: str, part: _Part, has_name: bool) -> str:
    """The path of a part: keys of an argument's dict are written in brackets, those of an output after a dot."""
    key = part.key
    if not path:
        return str(key)
    if part.is_attribute or (not has_name and isinstance(key, str) and key.isidentifier()):
        return f"{path}.{key}"
    return f"{path}[{key!r}]"
