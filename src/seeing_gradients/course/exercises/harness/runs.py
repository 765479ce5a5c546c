"""How an exercise runs an answer: functions (answer, *inputs) -> what is compared with the same of the reference.

What they cannot read, because the answer returned another kind of thing, they replace by `of_another_kind`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy
import torch
from torch import Tensor

from seeing_gradients.recorder import Node, record
from seeing_gradients.runtime import restore_settings

Answer = Callable[..., Any]

_SCALES = (1.0, -1.0, 20.0, -20.0, 0.05)  # of the inputs on which an own function is examined
_STEP, _TOLERANCE = 1e-6, 1e-4  # of the central difference in float64; relative


def of_another_kind(value: Any) -> Any:
    """Return an object of an empty type with the name of the value's type: the verdict is about this type.

    Nothing in it can be read as what was asked for. A stub stays what it is.
    """
    if value is None or value is ... or value is NotImplemented:
        return value
    return type(type(value).__name__, (), {})()


def value_and_slope(answer: Answer, x: float) -> Any:
    """Return (value, slope by autograd) of an answer at the number x."""
    leaf = torch.tensor(x, requires_grad=True)
    y = answer(leaf)
    if not isinstance(y, Tensor):
        return of_another_kind(y)
    (slope,) = torch.autograd.grad(y, leaf)
    return y.detach(), slope


def value_and_gradient(answer: Answer, x: Tensor) -> Any:
    """Return (value, gradient of its sum by autograd) of an answer at the tensor x."""
    leaf = x.clone().requires_grad_()
    y = answer(leaf)
    if not isinstance(y, Tensor):
        return of_another_kind(y)
    y.sum().backward()
    return y.detach(), leaf.grad


def from_non_leaf(answer: Answer, q: Tensor) -> Any:
    """Hand the answer a tensor with the values of q that is a reshaped leaf, and so not a leaf itself."""
    return answer(q.reshape(-1).reshape(q.shape))


def without_recording(answer: Answer, *inputs: Any) -> Any:
    """Run an answer while autograd records nothing."""
    with torch.no_grad():
        return answer(*inputs)


def losses_and_graphs(answer: Answer, *inputs: Any) -> Any:
    """Return (the losses, how many of them hold a graph)."""
    losses = answer(*inputs)
    items = list(losses) if isinstance(losses, list | tuple) or getattr(losses, "ndim", None) == 1 else None
    if items is None or not all(map(_is_number, items)):
        return of_another_kind(losses)
    num_graphs = sum(isinstance(loss, Tensor) and loss.grad_fn is not None for loss in items)
    numbers = [loss.item() if hasattr(loss, "item") else float(loss) for loss in items]
    return torch.tensor(numbers), float(num_graphs)


def losses_of_batches(answer: Answer, w: Tensor, batches: Tensor) -> Any:
    """Run an answer on a leaf with the values of w, and the batches."""
    return answer(w.clone().requires_grad_(), batches)


def copy_and_sharing(answer: Answer, x: Tensor) -> Any:
    """Return (the copy, 1 if it shares memory, 1 if it is on the graph)."""
    y = x.clone().requires_grad_() * 2
    copy = answer(y)
    x.copy_(y.detach() / 2)  # what was written into y shows in the input
    if not isinstance(copy, Tensor):
        return of_another_kind(copy)
    shares = copy.untyped_storage().data_ptr() == y.untyped_storage().data_ptr()
    return copy.detach().clone(), float(shares), float(copy.requires_grad)


def step_and_identity(answer: Answer, w: Tensor, lr: float) -> Any:
    """Return (w after the step, 1 if it is the same tensor, 1 if it is a leaf that requires grad)."""
    leaf = w.clone().requires_grad_()
    (leaf * leaf).sum().backward()
    result = answer(leaf, lr)
    if not isinstance(result, Tensor):
        return of_another_kind(result)
    return result.detach().clone(), float(result is leaf), float(result.is_leaf and result.requires_grad)


def gradients_of_nodes(answer: Answer, edges: Sequence[Sequence[tuple[int, float]]]) -> Any:
    """Return the list of gradients that an answer gives for a graph, as a tensor."""
    return as_tensor(answer([list(pairs) for pairs in edges]))


def as_tensor(grads: Any) -> Any:
    """Return a list of numbers as a tensor; anything else as it is."""
    is_list = isinstance(grads, list | tuple) and all(_is_number(g) for g in grads)
    return torch.tensor([float(g) for g in grads]) if is_list else grads


def order_of_nodes(answer: Answer, parents: dict[str, list[str]], root: str) -> Any:
    """Run an answer on a copy of a graph."""
    return answer({node: list(nodes) for node, nodes in parents.items()}, root)


def gradients_and_paths(answer: Answer, x: Tensor) -> Any:
    """Return (1 if the gradients agree with central differences on all test inputs, 1 if two graphs came up)."""
    with _float64_default():
        first = answer(x.double().requires_grad_())
        return _examined(answer, x.double()) if isinstance(first, Tensor) else first


def _examined(answer: Answer, x: Tensor) -> tuple[float, float]:
    agreements, paths, structures = [], set(), set()
    for scale in _SCALES:
        scaled = x * scale
        leaf = scaled.clone().requires_grad_()
        y = answer(leaf)
        (grad,) = torch.autograd.grad(y, leaf)
        if y.isfinite():  # a number too large for float64 says nothing about the slope
            agreements.append(_is_gradient(grad, answer, scaled, y.abs().item()))
        nodes = record(answer, scaled.clone().requires_grad_()).nodes
        structures.add(tuple(node.op for node in nodes))
        paths.add(tuple((node.op, _constant(node)) for node in nodes))
    # a constant that differs on every input was computed from the input, and says nothing about the path
    several = len(structures) > 1 or 1 < len(paths) < len(_SCALES)
    return float(any(agreements) and all(agreements)), float(several)


def _constant(node: Node) -> str | None:
    """The number that a constant is, e.g. an exponent in the program; None for any other node."""
    return repr(node.values[0].numbers) if node.kind == "constant" and node.values[0] is not None else None


@contextmanager
def _float64_default() -> Iterator[None]:
    """A tensor that an answer makes of plain numbers is float64, like the input."""
    with restore_settings():
        torch.set_default_dtype(torch.float64)
        yield


def _is_gradient(grad: Tensor, answer: Answer, x: Tensor, size: float) -> bool:
    """Whether grad is the central difference at x, up to what rounding does to values of this size."""
    round_off = 100 * torch.finfo(torch.float64).eps * size / _STEP
    return torch.allclose(grad, _central_difference(answer, x), rtol=_TOLERANCE, atol=_TOLERANCE + round_off)


def _central_difference(answer: Answer, x: Tensor) -> Tensor:
    gradient = torch.zeros_like(x)
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = _STEP * max(1.0, abs(x[i].item()))
        ahead, behind = (answer((x + sign * step).requires_grad_()).detach() for sign in (1, -1))
        gradient[i] = (ahead - behind) / (2 * step[i])
    return gradient


def _is_number(g: Any) -> bool:
    """Whether it is a real number: Python's, NumPy's or a tensor's."""
    is_array = isinstance(g, numpy.generic | numpy.ndarray) and g.dtype.kind in "fiu"
    is_real = isinstance(g, Tensor) and not g.is_complex() or is_array
    return isinstance(g, int | float) or (is_real and g.ndim == 0)
