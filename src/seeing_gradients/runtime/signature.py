"""Find out which arguments a function, class, nn.Module or built-in takes.

`signature_of(f)` returns only the names, quickly; `parameters_of(f)` returns the parameters with defaults and kinds;
`misfit(f, args, kwargs)` says why a call does not fit them.
"""

import inspect
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import torch

BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Signature(NamedTuple):
    """The names of the arguments that a callable takes.

    Attributes:
        names: all named arguments, those that can be passed by position first.
        positional: how many of them can be passed by position.
        takes_any_name: whether it has **kwargs, or has no signature that can be read.
    """

    names: tuple[str, ...]
    positional: int
    takes_any_name: bool

    def positional_names(self, count: int) -> list[str]:
        """Return the names of the first `count` arguments by position; "arg2" if the third goes into *args.

        Args:
            count: int >= 0.
        """
        if count <= self.positional:
            return list(self.names[:count])
        return [*self.names[: self.positional], *(f"arg{i}" for i in range(self.positional, count))]


def as_written(f: Any) -> Any:
    """Return the nn.Module that torch.compile has wrapped in another one; anything else unchanged."""
    compiler: Any = sys.modules.get("torch._dynamo.eval_frame")
    return f._orig_mod if compiler is not None and isinstance(f, compiler.OptimizedModule) else f


def signature_of(f: Any) -> Signature:
    """Return the Signature of a callable; for an nn.Module, the Signature of its forward.

    Args:
        f: any callable.
    """
    f = as_written(f)
    code = getattr(f, "__code__", None)
    if code is not None and not hasattr(f, "__self__") and not hasattr(f, "__wrapped__"):  # a plain function
        return _signature_of_code(code)
    forward = getattr(f, "forward", None) if isinstance(f, torch.nn.Module) else None
    function = getattr(forward, "__func__", None)
    if isinstance(function, FunctionType) and function.__code__.co_argcount and not vars(function):  # a plain method
        whole = _signature_of_code(function.__code__)
        return Signature(whole.names[1:], whole.positional - 1, whole.takes_any_name)
    parameters = parameters_of(f)
    if parameters is None:
        return Signature((), 0, True)
    positional = [p.name for p in parameters if p.kind in BY_POSITION]
    names = (*positional, *(p.name for p in parameters if p.kind is p.KEYWORD_ONLY))
    return Signature(names, len(positional), any(p.kind is p.VAR_KEYWORD for p in parameters))


@lru_cache(maxsize=256)
def _signature_of_code(code: CodeType) -> Signature:
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return Signature(names, code.co_argcount, bool(code.co_flags & inspect.CO_VARKEYWORDS))


def parameters_of(f: Any) -> list[inspect.Parameter] | None:
    """Return the parameters of a callable in order, or None if it has no readable signature, as for some built-ins.

    Args:
        f: any callable; for an nn.Module its forward is read.
    """
    f = as_written(f)
    target = f.forward if isinstance(f, torch.nn.Module) else f
    try:
        return list(inspect.signature(target).parameters.values())
    except (TypeError, ValueError):
        return None


def misfit(f: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, str] | None:
    """Return why a call does not fit the parameters of f; None if it fits, or f has no readable signature.

    Args:
        f: callable.
        args, kwargs: of the call.

    Returns:
        dict with `reason`, in Python's words, and `allowed`, the names of the parameters; or None.
    """
    parameters = parameters_of(f)
    if parameters is None:
        return None
    try:
        inspect.Signature(parameters).bind(*args, **kwargs)
    except TypeError as error:
        return {"reason": str(error), "allowed": ", ".join(parameter.name for parameter in parameters) or "-"}
    return None
