"""What goes into f: the names of its arguments, numbers made leaves; and f's own name and source."""

import inspect
import linecache
import reprlib
import tokenize
from functools import lru_cache
from numbers import Real

import torch

from .errors import ArgumentError

_LONGEST = 86_400  # seconds of a time limit: a day
_DEEPEST = 64  # as many dimensions as a tensor can have


def as_leaf(argument):
    """A number or a (nested) list of numbers as a float32 leaf that requires grad; anything else as it is.

    Raises:
        ArgumentError: a list that is no tensor, or a number too large for one.
    """
    is_list = isinstance(argument, list)
    if is_list and is_too_deep(argument):
        raise ArgumentError("record.too_deep", received=reprlib.repr(argument), most=_DEEPEST)
    if not (_all_numbers(argument) if is_list else _is_number(argument)):
        return argument
    dtype = None if isinstance(argument, complex) else torch.get_default_dtype()
    try:
        return torch.tensor(argument, dtype=dtype, requires_grad=True)
    except (ValueError, OverflowError) as error:  # rows of unequal length; an int too large for a float
        key = "record.bad_list" if is_list else "record.bad_number"
        raise ArgumentError(key, received=_short(argument), reason=str(error)) from error


def is_too_deep(items):
    """Whether lists are nested deeper than any tensor, a list that contains itself included."""
    level = [items]
    for _ in range(_DEEPEST):
        inside = {id(item): item for part in level for item in part if isinstance(item, list)}
        if not inside:
            return False
        level = list(inside.values())
    return True


def _all_numbers(items):
    return all(
        _all_numbers(item) if isinstance(item, list) else isinstance(item, (int, float)) and not isinstance(item, bool)
        for item in items
    )


def _is_number(argument):
    if isinstance(argument, (bool, torch.Tensor)):
        return False
    return isinstance(argument, (int, float, complex, Real))  # Real: NumPy's numbers and fractions, too


def check_limits(max_ops, max_seconds, backwards):
    """Refuse limits that are none.

    Raises:
        ArgumentError: max_ops is no whole number from 1, max_seconds neither None nor positive, backwards not 1 to 9.
    """
    if not isinstance(max_ops, int) or isinstance(max_ops, bool) or max_ops < 1:
        raise ArgumentError("record.max_ops", received=_short(max_ops))
    is_time = type(max_seconds) is float or (isinstance(max_seconds, Real) and not isinstance(max_seconds, bool))
    if max_seconds is not None and not (is_time and 0 < max_seconds <= _LONGEST):
        raise ArgumentError("record.max_seconds", received=_short(max_seconds), most=_LONGEST)
    if backwards not in range(1, 10):
        raise ArgumentError("record.backwards", received=backwards)


def check_tensors(tensors):
    """Refuse what has no shape.

    Args:
        tensors: dict from name to tensor.

    Raises:
        ArgumentError: one is nested.
    """
    for name, tensor in tensors.items():
        if tensor.is_nested:
            raise ArgumentError("record.nested_tensor", name=name)


def name_of(f):
    """The name of a function, or of the class of what is called like one; text in any case."""
    name = getattr(f, "__name__", None)
    return name if isinstance(name, str) else type(f).__name__


def names_of(f, args, kwargs):
    """The names of the arguments, positional first.

    Raises:
        ArgumentError: f is not callable, or takes no argument of that name.
    """
    if not callable(f):
        raise ArgumentError("record.not_callable", received=type(f).__name__)
    takes, places, any_name = _parameters(f)
    unknown = [name for name in kwargs if name not in takes]
    if unknown and not any_name:
        raise ArgumentError("record.unknown_argument", name=unknown[0], allowed=", ".join(takes) or "-")
    positional = [takes[place] if place < places else f"arg{place}" for place in range(len(args))]
    return [*positional, *kwargs]


def _parameters(f):
    """The names that f takes, how many of them by position, and whether it takes any name."""
    code = getattr(f, "__code__", None)
    if code is not None and not hasattr(f, "__self__") and not hasattr(f, "__wrapped__"):
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        return names, code.co_argcount, bool(code.co_flags & inspect.CO_VARKEYWORDS)
    target = f.forward if isinstance(f, torch.nn.Module) else f
    try:
        parameters = inspect.signature(target).parameters.values()
    except (TypeError, ValueError):  # some built-in functions do not tell
        return (), 0, True
    placed = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    named = (*placed, *(p.name for p in parameters if p.kind is p.KEYWORD_ONLY))
    return named, len(placed), any(p.kind is p.VAR_KEYWORD for p in parameters)


def source_of(f):
    """Return (first line number, text) of f's source, or None where there is none."""
    target = _written(f)
    code = decorated_code(f) if hasattr(target, "__wrapped__") else getattr(target, "__code__", None)
    return _source_of_code(code) if code is not None else None


def decorated_code(f):
    """Return the code object of the function that decorators have wrapped to make f, or None where none have."""
    target = _written(f)
    return getattr(inspect.unwrap(target), "__code__", None) if hasattr(target, "__wrapped__") else None


def _written(f):
    return getattr(type(f), "forward", None) if isinstance(f, torch.nn.Module) else f  # a scripted one has none


@lru_cache(maxsize=32)
def _source_of_code(code):
    # not inspect.getsourcelines: it looks for the module of f among all that are loaded, many milliseconds with PyTorch
    linecache.checkcache(code.co_filename)
    lines, first = linecache.getlines(code.co_filename), code.co_firstlineno
    if not 0 < first <= len(lines):  # typed at a prompt, or built by exec
        return None
    try:
        return first, "".join(inspect.getblock(lines[first - 1 :]))
    except (SyntaxError, tokenize.TokenError):  # the file was changed since
        return None


def _short(value):
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - an int of too many digits, or a class of the learner's own
        text = type(value).__name__
    return text if len(text) <= 60 else f"{text[:57]}..."
