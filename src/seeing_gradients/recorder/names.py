"""Find the names of tensors in f, such as "scale", "params[0]" and "self.w", and the name and source of f itself."""

import inspect
import linecache
import tokenize
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from types import CodeType
from typing import Any

import torch
from torch import Tensor

_DEEPEST, _MOST = 3, 500  # brackets in one name; values that are searched for names


def name_of(f: object) -> str:
    """Return the name of a function, or the class name of another callable; always a str."""
    name = getattr(f, "__name__", None)
    return name if isinstance(name, str) else type(f).__name__


def source_of(f: object) -> tuple[int, str] | None:
    """Return (first line number, text) of the source of f, or None if there is none."""
    target = _written(f)
    code = decorated_code(f) if hasattr(target, "__wrapped__") else getattr(target, "__code__", None)
    return _source_of_code(code) if code is not None else None


def decorated_code(f: object) -> CodeType | None:
    """Return the code object of the function that decorators wrap in f, or None if f is not decorated."""
    target: Any = _written(f)
    return getattr(inspect.unwrap(target), "__code__", None) if hasattr(target, "__wrapped__") else None


def _written(f: object) -> object:
    return getattr(type(f), "forward", None) if isinstance(f, torch.nn.Module) else f  # a scripted one has none


@lru_cache(maxsize=32)
def _source_of_code(code: CodeType) -> tuple[int, str] | None:
    # inspect.getsourcelines would search all loaded modules for that of f: many milliseconds with PyTorch.
    linecache.checkcache(code.co_filename)
    lines, first = linecache.getlines(code.co_filename), code.co_firstlineno
    if not 0 < first <= len(lines):  # typed at a prompt, or made by exec
        return None
    try:
        return first, "".join(inspect.getblock(lines[first - 1 :]))
    except (SyntaxError, tokenize.TokenError):  # the file has changed
        return None


def referenced_values(f: object) -> dict[str, Any]:
    """Return {name: value} of the globals and the variables of enclosing functions that f refers to."""
    code = getattr(f, "__code__", None)
    if code is None:
        return {}
    namespace: dict[str, Any] = getattr(f, "__globals__", {})
    values = {name: namespace[name] for name in code.co_names if name in namespace}
    for name, cell in zip(code.co_freevars, getattr(f, "__closure__", None) or (), strict=False):
        if _is_filled(cell):
            values[name] = cell.cell_contents
    return values


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # the variable has no value yet
        return False


def referenced_modules(f: object, arguments: Iterable[Any]) -> list[torch.nn.Module]:
    """Return the nn.Modules that f is, is a method of, refers to, or receives as an argument."""
    owner = getattr(f, "__self__", f)
    values = (owner, *referenced_values(f).values(), *arguments)
    return [value for value in values if isinstance(value, torch.nn.Module)]


def referenced_tensors(f: object) -> Iterator[tuple[str, Tensor]]:
    """Yield (name, tensor) for tensors outside f that it refers to, including those inside nn.Modules."""
    if isinstance(f, torch.nn.Module):
        yield from f.named_parameters()
        yield from f.named_buffers()
        return
    for name, value in referenced_values(f).items():
        if isinstance(value, Tensor):
            yield name, value
        elif isinstance(value, torch.nn.Module):
            yield from value.named_parameters(prefix=name)
            yield from value.named_buffers(prefix=name)


def nested_tensors(values: Mapping[str, Any]) -> Iterator[tuple[str, Tensor]]:
    """Yield (name, tensor) for the tensors inside lists, dicts and `self`: "params[0]", "batch['x']", "self.w"."""
    waiting, left = deque((name, value, 0) for name, value in values.items()), _MOST
    while waiting and left:
        name, value, depth = waiting.popleft()
        left -= 1
        if isinstance(value, Tensor):
            if depth:
                yield name, value
        elif depth < _DEEPEST:
            waiting += [(inside, each, depth + 1) for inside, each in islice(_parts(name, value), left)]


def _parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (list, tuple)):
        return ((f"{name}[{i}]", each) for i, each in enumerate(value))
    if isinstance(value, dict):
        return ((f"{name}[{key!r}]", each) for key, each in value.items() if isinstance(key, (str, int)))
    if name == "self" and isinstance(getattr(value, "__dict__", None), dict):
        return ((f"self.{key}", each) for key, each in vars(value).items())
    return iter(())
