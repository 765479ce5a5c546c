"""Find the names of tensors in f, such as "scale", "params[0]" and "self.w", and the name and source of f itself."""

import functools
import inspect
import linecache
import sys
import tokenize
import types
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from types import CodeType
from typing import Any

import torch
from torch import Tensor

from seeing_gradients.runtime import as_written

from .snapshot import is_leaf

_DEEPEST, _MOST = 6, 5_000  # steps from f to a value; values that are searched for names


def name_of(f: object) -> str:
    """Return the name of a function, or the class name of another callable; always a str.

    That of functools.partial(f, ...) is that of f, and that of a compiled module is the class of the module.
    """
    f = as_written(_without_partial(f))
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


def _without_partial(f: object) -> object:
    while isinstance(f, functools.partial):
        f = f.func
    return f


def _written(f: object) -> object:
    f = as_written(_without_partial(f))
    return getattr(type(f), "forward", None) if isinstance(f, torch.nn.Module) else f  # a scripted one has none


@lru_cache(maxsize=32)
def _source_of_code(code: CodeType) -> tuple[int, str] | None:
    if (
        code.co_filename == "<string>"
    ):  # made by exec; from Python 3.13 on, the lines of this name are those of `python -c`
        return None
    # inspect.getsourcelines would search all loaded modules for that of f: many milliseconds with PyTorch.
    linecache.checkcache(code.co_filename)
    lines, first = linecache.getlines(code.co_filename), code.co_firstlineno
    if not 0 < first <= len(lines):  # typed at a prompt
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
    values = {name: namespace[name] for name in _used_names(code) if name in namespace}
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
    """Return the nn.Modules that f is, is a method of, refers to, or receives as an argument, however deep inside."""
    values = {str(i): argument for i, argument in enumerate(arguments)}
    return [value for _, value in reachable(f, values) if isinstance(value, torch.nn.Module)]


def modules_in(root: torch.nn.Module, prefix: str = "") -> Iterator[tuple[str, torch.nn.Module]]:
    """Yield what `root.named_modules(prefix=prefix)` yields, in a fifth of the time, since no generator is nested."""
    met: set[torch.nn.Module] = set()
    stack = [(prefix, root)]
    while stack:
        path, module = stack.pop()
        if module in met:
            continue
        met.add(module)
        yield path, module
        children = [
            (f"{path}.{name}" if path else name, child) for name, child in module._modules.items() if child is not None
        ]
        stack += children[::-1]


def tensors_of_modules(modules: Iterable[tuple[str, torch.nn.Module]]) -> Iterator[tuple[str, Tensor]]:
    """Yield (dotted name, tensor) of every parameter of some modules, and then of every buffer.

    Args:
        modules: pairs of (path, module), as `modules_in` yields them.
    """
    for own in ("_parameters", "_buffers"):
        for path, module in modules:
            for name, tensor in getattr(module, own).items():
                if tensor is not None:
                    yield f"{path}.{name}" if path else name, tensor


def referenced_tensors(f: object) -> Iterator[tuple[str, Tensor]]:
    """Yield (name, tensor) for tensors outside f that it refers to, including those inside nn.Modules."""
    if isinstance(f, torch.nn.Module):
        yield from tensors_of_modules(list(modules_in(f)))
        return
    for name, value in referenced_values(f).items():
        if isinstance(value, Tensor):
            yield name, value
        elif isinstance(value, torch.nn.Module):
            yield from tensors_of_modules(list(modules_in(value, name)))


def leaves_beside(f: object) -> Iterator[tuple[str, Tensor]]:
    """Yield (name, tensor) for the global leaves that require grad, of the module or notebook in which f is written.

    f need not refer to them: they lie behind a tensor that was computed from them before f ran.
    """
    for name, value in list(getattr(_written(f), "__globals__", {}).items()):
        if isinstance(value, Tensor) and not name.startswith("_") and value.requires_grad and is_leaf(value):
            yield name, value


def reachable(f: object, values: Mapping[str, Any]) -> Iterator[tuple[str, Tensor | torch.nn.Module]]:
    """Yield (name, value) of the tensors and nn.Modules that f can reach, the nearest first.

    The search goes through containers and the attributes of objects ("params[0]", "self.w", "trainer.net"), and through
    functions: those that f calls, that a decorator or functools.partial wraps, and the forward of an nn.Module. What
    these refer to has the name that they use. The content of an nn.Module is not searched for its parameters, which
    `named_parameters` knows, but for lists of layers that PyTorch does not see.

    Args:
        f: any callable.
        values: dict from name to a value from which the search begins, too, e.g. the arguments of f.
    """
    waiting: deque[tuple[str, Any, int]] = deque((name, value, 0) for name, value in values.items())
    waiting.append(("", f, 0))
    met: set[int] = set()
    left = _MOST
    while waiting and left:
        name, value, depth = waiting.popleft()
        if id(value) in met:
            continue
        left -= 1
        if isinstance(value, (Tensor, torch.nn.Module)):
            yield name, value
        if isinstance(value, (Tensor, str, bytes, int, float, type(None))):
            continue
        met.add(id(value))  # `values` and f hold the value, so no other object gets its id
        if depth < _DEEPEST:
            waiting += [(inside, each, depth + 1) for inside, each in islice(_inside(name, value), left)]


def _inside(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The values one step inside a value, with their names."""
    if isinstance(value, torch.nn.Module):
        yield from _inside_module(name, value)
    elif isinstance(value, types.FunctionType):
        yield from _behind_function(value)
    elif isinstance(value, types.MethodType):
        names = getattr(getattr(value.__func__, "__code__", None), "co_varnames", ())
        yield next(iter(names), "self"), value.__self__
        yield "", value.__func__
    elif isinstance(value, functools.partial):
        names = list(getattr(getattr(value.func, "__code__", None), "co_varnames", ()))
        yield from zip(names or [f"arg{i}" for i in range(len(value.args))], value.args, strict=False)
        yield from value.keywords.items()
        yield "", value.func
    elif isinstance(value, (list, tuple, deque)):
        fields = getattr(value, "_fields", None)  # of a named tuple
        for i, each in enumerate(value):
            yield f"{name}.{fields[i]}" if fields else f"{name}[{i}]", each
    elif isinstance(value, dict):
        yield from ((f"{name}[{key!r}]", each) for key, each in value.items() if isinstance(key, (str, int)))
    elif not _is_foreign(value):
        name = name or "self"
        yield from ((f"{name}.{key}", each) for key, each in _attributes(value) if not key.startswith("__"))
        if not isinstance(value, type):
            call = inspect.getattr_static(type(value), "__call__", None)
            if isinstance(call, types.FunctionType):
                yield "", call


def _attributes(value: Any) -> list[tuple[str, Any]]:
    """The attributes of an object, of the slots of its class, and of the classes that it comes from."""
    kinds = value.__mro__ if isinstance(value, type) else type(value).__mro__
    own = [] if isinstance(value, type) else list(getattr(value, "__dict__", {}).items())
    for kind in kinds:
        if _is_foreign(kind):
            continue
        for key, each in vars(kind).items():
            if isinstance(each, types.MemberDescriptorType) and not isinstance(value, type):  # a slot
                try:
                    own.append((key, each.__get__(value, kind)))
                except AttributeError:  # it has no value yet
                    continue
            elif isinstance(each, (Tensor, torch.nn.Module, list, tuple, dict)):
                own.append((key, each))
    return own


def _inside_module(name: str, module: torch.nn.Module) -> Iterator[tuple[str, Any]]:
    own = vars(torch.nn.Module()).keys()
    kinds = set()
    for path, each in modules_in(module, name):
        for key, value in vars(each).items():
            if key not in own and isinstance(value, (Tensor, torch.nn.Module, list, tuple, dict)):
                yield f"{path}.{key}" if path else key, value
        kinds.add(type(each))
    for kind in kinds:
        if not _is_foreign(kind) and isinstance(forward := getattr(kind, "forward", None), types.FunctionType):
            yield "", forward


def _behind_function(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    if _is_foreign(function):
        return
    inner = getattr(function, "__wrapped__", None)
    if inner is not None:
        yield "", inner
    yield from referenced_values(function).items()
    code = function.__code__
    defaults = function.__defaults__ or ()
    yield from zip(code.co_varnames[: code.co_argcount][-len(defaults) :], defaults, strict=False)
    yield from (function.__kwdefaults__ or {}).items()
    for name, value in referenced_values(function).items():
        if isinstance(value, types.ModuleType) and not _is_foreign(value):  # import config; config.w
            names = vars(value)
            yield from ((f"{name}.{key}", names[key]) for key in _used_names(code) if key in names)


_FOREIGN = {"torch", "numpy", "builtins", "functools", "typing", "collections", "abc", "importlib"}


def _is_foreign(value: Any) -> bool:
    """Whether a function, class, module, or the class of an object belongs to PyTorch, NumPy or Python itself."""
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", "")
    root = name.partition(".")[0] if isinstance(name, str) else "builtins"
    return root in _FOREIGN or (root in sys.stdlib_module_names and root != "__main__" and root != "types")


def _used_names(code: CodeType) -> list[str]:
    """The names that a function uses, those of functions and comprehensions inside it included."""
    inner = [name for each in code.co_consts if isinstance(each, CodeType) for name in _used_names(each)]
    return list(dict.fromkeys([*code.co_names, *inner]))
