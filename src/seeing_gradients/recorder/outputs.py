"""Choose one tensor of what f returns: dicts, tuples, dataclasses and objects hold several.

`chosen(result, path)` returns the tensor and its path, or raises OutputError with the paths of all tensors.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from torch import Tensor

from .errors import ArgumentError, OutputError
from .nested import tensors_in, value_at

Output = str | Callable[[Any], Any] | None  # the option `output` of record

_MOST_LISTED = 12


def check_output_option(output: Any) -> None:
    """Refuse an option `output` that is neither a path nor a function.

    Raises:
        ArgumentError: it is anything else, e.g. a tensor that was meant for f.
    """
    if output is not None and not isinstance(output, str) and not callable(output):
        raise ArgumentError("record.output_option", received=type(output).__name__)


def selected(result: Any, output: Output) -> Any:
    """Return the tensor that `output` selects from what f returned; anything else where it selects nothing.

    Args:
        result: what f returned.
        output: path of the tensor, function what f returned -> tensor, or None.

    Raises:
        OutputError: there is no tensor at that path.
    """
    if isinstance(output, str):
        return chosen(result, output)[0]
    return result if output is None else output(result)


def chosen(result: Any, path: str | None = None) -> tuple[Tensor, str | None]:
    """Return (tensor, path) of the output in what f returned.

    By itself it chooses a tensor with one element under "loss", else the only tensor that requires grad.

    Args:
        result: what f returned.
        path: of the tensor, "past[0][1]", or None.

    Returns:
        The path is None if f returned the tensor itself.

    Raises:
        OutputError: there is no tensor, none at that path, or several between which the caller has to choose.
    """
    if path is None and isinstance(result, Tensor):
        return result, None
    tensors = list(tensors_in(result))
    if not tensors:
        raise OutputError(_refusal(result), received=type(result).__name__)
    received = type(result).__name__
    if path is not None:
        tensor = _tensor_at(result, path)
        if tensor is not None:
            return tensor, path
        if isinstance(result, Tensor):
            raise OutputError("record.output_is_tensor", path=path, shape=_shape(result))
        raise OutputError("record.no_such_output", path=path, received=received, tensors=_listing(tensors))
    by_itself = _by_itself(tensors)
    if by_itself is None:
        listed = [(path, tensor) for path, tensor in tensors if tensor.requires_grad] or tensors
        example = _example(listed)
        raise OutputError("record.several_outputs", received=received, tensors=_listing(listed), example=example)
    path, tensor = by_itself
    return tensor, path


def _tensor_at(result: Any, path: str) -> Tensor | None:
    try:
        value = value_at(result, path)
    except LookupError:
        return None
    return value if isinstance(value, Tensor) else None


def _by_itself(tensors: Sequence[tuple[str, Tensor]]) -> tuple[str, Tensor] | None:
    """The loss, else the only tensor that requires grad, else the only one that could; None if there are several."""
    requiring = [(path, tensor) for path, tensor in tensors if tensor.requires_grad]
    usable = requiring or [(path, tensor) for path, tensor in tensors if tensor.is_floating_point()]
    losses = [(path, tensor) for path, tensor in usable if path == "loss" and tensor.numel() == 1]
    if losses:
        return losses[0]
    return usable[0] if len(usable) == 1 else None


def _listing(tensors: Sequence[tuple[str, Tensor]]) -> str:
    """The paths and shapes of tensors: "logits (2, 10), past[0][0] (2, 4, 8)"."""
    shown = [f"{path} {_shape(tensor)}" for path, tensor in tensors[:_MOST_LISTED]]
    return ", ".join([*shown, "..."] if len(tensors) > _MOST_LISTED else shown)


def _shape(tensor: Tensor) -> tuple[int, ...] | str:
    try:
        return tuple(tensor.shape)
    except RuntimeError:  # a nested tensor
        return "(?)"


def _example(tensors: Sequence[tuple[str, Tensor]]) -> str:
    """The path that an error gives as an example: that of the logits, else the first."""
    paths = [path for path, _ in tensors]
    return next((path for path in paths if path.endswith("logits")), paths[0])


def _refusal(result: Any) -> str:
    """The key of the sentence about a result without any tensor."""
    if result is None:
        return "record.returned_none"
    if inspect.iscoroutine(result):
        result.close()  # otherwise Python warns that the coroutine was never awaited
    is_unrun = inspect.iscoroutine(result) or inspect.isgenerator(result) or inspect.isasyncgen(result)
    return "record.not_run" if is_unrun else "record.not_a_tensor"
