"""The arguments of f: find their names, make leaves of numbers, refuse what cannot be recorded."""

import reprlib
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import torch
from torch import Tensor

from seeing_gradients.language import abridged
from seeing_gradients.runtime import signature_of

from .errors import ArgumentError
from .names import referenced_modules

_LONGEST = 86_400  # seconds: the longest time limit, a day
_DEEPEST = 64  # a tensor has at most so many dimensions


def as_leaf(argument: Any) -> Any:
    """Return a number or a (nested) list of numbers as a float32 leaf that requires grad, and anything else unchanged.

    Args:
        argument: anything.

    Raises:
        ArgumentError: a list that no tensor can hold, or a number that is too large for float32.
    """
    if type(argument) is float:  # the common case, made fast
        try:
            return torch.scalar_tensor(argument, dtype=torch.get_default_dtype(), requires_grad=True)
        except RuntimeError:  # it lies beyond the range of the dtype; torch.tensor makes it infinite
            pass
    is_list = isinstance(argument, list)
    if is_list and is_too_deep(argument):
        raise ArgumentError("record.too_deep", received=reprlib.repr(argument), most=_DEEPEST)
    if not (_all_numbers(argument) if is_list else _is_number(argument)):
        return argument
    dtype = None if isinstance(argument, complex) else torch.get_default_dtype()
    try:
        return torch.tensor(argument, dtype=dtype, requires_grad=True)
    except (TypeError, ValueError, OverflowError) as error:  # uneven rows, or an int too large for a float
        key = "record.bad_list" if is_list else "record.bad_number"
        raise ArgumentError(key, received=abridged(argument), reason=str(error)) from error


def is_too_deep(items: list[Any]) -> bool:
    """Whether lists and tuples are nested deeper than any tensor can be; also true for a list that contains itself."""
    level = [items]
    for _ in range(_DEEPEST):
        inside = {id(item): item for part in level for item in part if isinstance(item, (list, tuple))}
        if not inside:
            return False
        level = list(inside.values())
    return True


def _all_numbers(items: list[Any]) -> bool:
    return all(
        _all_numbers(item) if isinstance(item, list) else isinstance(item, (int, float)) and not isinstance(item, bool)
        for item in items
    )


def _is_number(argument: object) -> bool:
    if isinstance(argument, (bool, torch.Tensor)):
        return False
    return isinstance(argument, (int, float, complex, Real))  # Real: NumPy's numbers and fractions, too


def check_limits(max_ops: Any, max_seconds: Any, backwards: Any, retain_graph: Any = None) -> None:
    """Refuse options of `record` that are no limits.

    Args:
        max_ops: int >= 1.
        max_seconds: positive number, or None.
        backwards: int from 1 to 9.
        retain_graph: bool, or None.

    Raises:
        ArgumentError: one of them is anything else.
    """
    if not isinstance(max_ops, int) or isinstance(max_ops, bool) or max_ops < 1:
        raise ArgumentError("record.max_ops", received=abridged(max_ops))
    if max_seconds is not None and not (_is_real(max_seconds) and 0 < max_seconds <= _LONGEST):
        raise ArgumentError("record.max_seconds", received=abridged(max_seconds), most=_LONGEST)
    if backwards not in range(1, 10):
        raise ArgumentError("record.backwards", received=abridged(backwards))
    if not (retain_graph is None or isinstance(retain_graph, bool)):
        raise ArgumentError("record.retain_graph", received=abridged(retain_graph))


def _is_real(value: object) -> bool:
    return type(value) is float or (isinstance(value, Real) and not isinstance(value, bool))


def check_tensors(tensors: dict[str, Tensor]) -> None:
    """Refuse nested tensors, which have no shape.

    Args:
        tensors: dict from name to tensor.

    Raises:
        ArgumentError: a tensor is nested.
    """
    for name, tensor in tensors.items():
        if tensor.is_nested:
            raise ArgumentError("record.nested_tensor", name=name)


def sized_inputs(
    f: Any, args: Sequence[Any], kwargs: Mapping[str, Any], input_size: Any, dtypes: Any = None
) -> tuple[Tensor, ...]:
    """Return inputs of given shapes: uniform random numbers from 0 to 1, the same each time.

    Args:
        f: the function or nn.Module.
        args: must be empty.
        kwargs: the other arguments of f.
        input_size: a shape, (1, 3, 224, 224), or a list or tuple of shapes.
        dtypes: torch.dtype, or a list of them, one for each shape; None for that of the parameters, else the default.

    Returns:
        tuple of tensors on the device of the parameters. They require grad if no parameter does.

    Raises:
        ArgumentError: there are args, input_size is no shape, or dtypes does not fit it.
    """
    if args:
        raise ArgumentError("record.input_size_and_arguments", received=len(args))
    shapes = _shapes(input_size)
    parameters = [p for module in referenced_modules(f, kwargs.values()) for p in module.parameters()]
    floats = [p for p in parameters if p.is_floating_point()]
    if dtypes is None:
        dtypes = floats[0].dtype if floats else torch.get_default_dtype()
    types = [dtypes] * len(shapes) if isinstance(dtypes, torch.dtype) else list(dtypes)
    if len(types) != len(shapes) or not all(isinstance(dtype, torch.dtype) for dtype in types):
        raise ArgumentError("record.dtypes", received=abridged(dtypes), count=len(shapes))
    generator, device = torch.Generator().manual_seed(0), parameters[0].device if parameters else None
    needs_grad = not any(p.requires_grad for p in parameters)
    made = [torch.rand(shape, generator=generator, device="cpu", dtype=torch.float32) for shape in shapes]
    made = [tensor.to(device=device, dtype=dtype) for tensor, dtype in zip(made, types, strict=True)]
    return tuple([tensor.requires_grad_(needs_grad and tensor.is_floating_point()) for tensor in made])


def _shapes(input_size: Any) -> list[tuple[int, ...]]:
    sizes = list(input_size) if isinstance(input_size, list | tuple) else None
    if sizes is not None and all(map(_is_size, sizes)):
        return [tuple(sizes)]
    if sizes and all(isinstance(size, list | tuple) and all(map(_is_size, size)) for size in sizes):
        return [tuple(size) for size in sizes]
    raise ArgumentError("record.input_size", received=abridged(input_size))


def _is_size(size: object) -> bool:
    return isinstance(size, int) and not isinstance(size, bool) and size >= 0


def argument_names(f: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[str]:
    """Return the names of the arguments, those by position first.

    Args:
        f: callable.
        args, kwargs: the arguments of a call of f.

    Raises:
        ArgumentError: f is not callable, or has no argument of that name.
    """
    if not callable(f):
        raise ArgumentError("record.not_callable", received=type(f).__name__)
    signature = signature_of(f)
    unknown = [name for name in kwargs if name not in signature.names]
    if unknown and not signature.takes_any_name:
        raise ArgumentError("record.unknown_argument", name=unknown[0], allowed=", ".join(signature.names) or "-")
    return [*signature.positional_names(len(args)), *kwargs]
