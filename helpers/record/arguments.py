"""What goes into f: the names of its arguments, numbers made leaves, the names of what f finds outside."""

import inspect
from functools import lru_cache

import torch

from .errors import ArgumentError


def as_leaf(argument):
    """A number or a (nested) list of numbers as a float32 leaf that requires grad; anything else as it is."""
    is_number = isinstance(argument, (int, float)) and not isinstance(argument, bool)
    if is_number or (isinstance(argument, list) and _all_numbers(argument)):
        try:
            return torch.tensor(argument, dtype=torch.get_default_dtype(), requires_grad=True)
        except (ValueError, OverflowError) as error:  # rows of unequal length; an int too large for a float
            raise ArgumentError("record.bad_list", received=_short(argument), reason=str(error)) from error
    return argument


def _all_numbers(items):
    return all(
        _all_numbers(item) if isinstance(item, list) else isinstance(item, (int, float)) and not isinstance(item, bool)
        for item in items
    )


def names_of(f, args, kwargs):
    """The names of the arguments, positional first.

    Raises:
        ArgumentError: f is not callable, or takes no argument of that name.
    """
    if not callable(f):
        raise ArgumentError("record.not_callable", received=type(f).__name__)
    takes, any_name = _parameters(f)
    unknown = [name for name in kwargs if name not in takes]
    if unknown and not any_name:
        raise ArgumentError("record.unknown_argument", name=unknown[0], allowed=", ".join(takes) or "-")
    positional = [takes[place] if place < len(takes) else f"arg{place}" for place in range(len(args))]
    return [*positional, *kwargs]


def _parameters(f):
    code = getattr(f, "__code__", None)
    if code is not None and not hasattr(f, "__self__") and not hasattr(f, "__wrapped__"):
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        return names, bool(code.co_flags & inspect.CO_VARKEYWORDS)
    target = f.forward if isinstance(f, torch.nn.Module) else f
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):  # some built-in functions do not tell
        return (), True
    named = tuple(p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
    return named, any(p.kind is p.VAR_KEYWORD for p in parameters)


def outside(f):
    """Return a dict from name to value: the globals and the variables of enclosing functions that f names."""
    code = getattr(f, "__code__", None)
    if code is None:
        return {}
    found = {name: f.__globals__[name] for name in code.co_names if name in f.__globals__}
    for name, cell in zip(code.co_freevars, f.__closure__ or (), strict=False):
        if _is_filled(cell):
            found[name] = cell.cell_contents
    return found


def outer_names(f):
    """Yield (name, tensor) for tensors, parameters and buffers of modules that f finds outside itself."""
    if isinstance(f, torch.nn.Module):
        yield from f.named_parameters()
        yield from f.named_buffers()
        return
    for name, value in outside(f).items():
        if isinstance(value, torch.Tensor):
            yield name, value
        elif isinstance(value, torch.nn.Module):
            yield from value.named_parameters(prefix=name)
            yield from value.named_buffers(prefix=name)


def _is_filled(cell):
    try:
        return cell.cell_contents is not cell
    except ValueError:  # assigned only later
        return False


def source_of(f):
    """Return (first line number, text) of f's source, or None where there is none."""
    target = type(f).forward if isinstance(f, torch.nn.Module) else f
    code = (
        getattr(inspect.unwrap(target), "__code__", None)
        if hasattr(target, "__wrapped__")
        else getattr(target, "__code__", None)
    )
    return _source_of_code(code) if code is not None else None


@lru_cache(maxsize=32)
def _source_of_code(code):
    try:
        lines, first = inspect.getsourcelines(code)
    except (OSError, TypeError):  # typed at a prompt, or built by exec
        return None
    return first, "".join(lines)


def _short(value):
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
