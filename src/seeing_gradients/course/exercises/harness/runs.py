"""How an exercise runs an answer: functions (answer, *inputs) -> result, used alike for the reference.

They record what an answer does, beside the answer; whether that is right, `Exercise.read`, the reference and the rules
judge in another process. If the answer returned a value of a wrong type, the result is `of_another_kind(value)`.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from seeing_gradients.runtime import restore_settings

from .observation import TENSORS, of_another_kind

Answer = Callable[..., Any]

# Factors of the input at which a function that the learner invents is tested; for gradients only the first five.
SCALES, NUM_TESTED = (1.0, -1.0, 20.0, -20.0, 0.05, 1000.0), 5
_ARITHMETIC = re.compile("add|sub|mul|div")  # in the names of functions whose settings are numbers, not dimensions
STEP = 1e-6  # of the central difference in float64, at |x| <= 1


def value_and_slope(answer: Answer, x: float) -> Any:
    """Return (value, derivative by autograd) of an answer at the number x, two tensors of one element."""
    leaf = torch.tensor(x, requires_grad=True)
    y = answer(leaf)
    if not isinstance(y, Tensor):
        return of_another_kind(y)
    (slope,) = torch.autograd.grad(y, leaf)
    return y.detach(), slope


def value_and_gradient(answer: Answer, x: Tensor) -> Any:
    """Return (value, gradient of the value's sum by autograd) of an answer at the tensor x."""
    leaf = x.clone().requires_grad_()
    y = answer(leaf)
    if not isinstance(y, Tensor):
        return of_another_kind(y)
    y.sum().backward()
    return y.detach(), leaf.grad


def from_non_leaf(answer: Answer, q: Tensor) -> Any:
    """Run an answer on a view of q with the same values and shape; if q requires grad, the view is no leaf."""
    leaf = answer(q.reshape(-1).reshape(q.shape))
    return leaf if isinstance(leaf, Tensor) else of_another_kind(leaf)


def on_the_graph(answer: Answer, X: Tensor) -> Any:
    """Run an answer on a copy of X that is a leaf and requires grad."""
    return answer(X.clone().requires_grad_())


def without_recording(answer: Answer, *inputs: Any) -> Any:
    """Run an answer under `torch.no_grad()`."""
    with torch.no_grad():
        return answer(*inputs)


def losses_and_graphs(answer: Answer, *inputs: Any) -> Any:
    """Return (the losses as a tensor (n,), how many have a `grad_fn`, how many are tensors), the counts as floats."""
    losses = answer(*inputs)
    is_vector = isinstance(losses, Tensor | numpy.ndarray) and losses.ndim == 1
    items = list(losses) if is_vector or type(losses) in (list, tuple) else None
    if items is None or not all(map(is_number, items)):
        return of_another_kind(losses)
    tensors = [loss for loss in items if isinstance(loss, Tensor)]
    numbers = [loss.item() if hasattr(loss, "item") else float(loss) for loss in items]
    return torch.tensor(numbers), float(sum(loss.grad_fn is not None for loss in tensors)), float(len(tensors))


def losses_of_batches(answer: Answer, w: Tensor, batches: Tensor) -> Any:
    """Run answer(w, batches), with a copy of w that is a leaf and requires grad; the result must be one tensor."""
    losses = answer(w.clone().requires_grad_(), batches)
    return losses if isinstance(losses, Tensor | numpy.ndarray) else of_another_kind(losses)


def copy_and_sharing(answer: Answer, x: Tensor) -> Any:
    """Run an answer on a tensor on a graph that has the values of x, which a verdict shows as the input.

    Returns:
        (the copy, 1.0 if it shares memory with that tensor, 1.0 if it has a `grad_fn`, 1.0 if it is a leaf that requires grad).
    """
    y = (x / 2).requires_grad_() * 2  # halves of floats are exact
    copy = answer(y)
    if not isinstance(copy, Tensor):
        return of_another_kind(copy)
    shares = copy.untyped_storage().data_ptr() == y.untyped_storage().data_ptr()
    is_new_leaf = copy.is_leaf and copy.requires_grad
    return copy.detach().clone(), float(shares), float(copy.grad_fn is not None), float(is_new_leaf)


def step_and_identity(answer: Answer, w: Tensor, lr: float) -> Any:
    """Return (w after a step, 1.0 if that is the same tensor object, 1.0 if it is a leaf that requires grad).

    The answer gets a leaf with the values of w. Its `.grad` holds their cosines, so that no formula in w that an answer may
    take for the gradient of some usual loss gives the same.
    """
    leaf = w.clone().requires_grad_()
    leaf.sin().sum().backward()
    result = answer(leaf, lr)
    if not isinstance(result, Tensor):
        return of_another_kind(result)
    return result.detach().clone(), float(result is leaf), float(result.is_leaf and result.requires_grad)


def gradients_of_nodes(answer: Answer, edges: Sequence[Sequence[tuple[int, float]]]) -> Any:
    """Return the gradients that an answer computes for a graph, as `as_tensor`.

    Args:
        answer: function of a graph -> list of gradients, one for each node.
        edges: for each node the list of its (parent, local derivative).
    """
    return as_tensor(answer([list(pairs) for pairs in edges]))


def result_and_vjps(answer: Answer, *inputs: Any) -> Any:
    """Return (result, VJP at G, ...) of an operation for a custom engine.

    Args:
        answer: function (*operands) -> (result, vjp, ...), with a function G -> gradient for each operand.
        inputs: the operands, and G, the gradient of the result.
    """
    *operands, G = inputs
    parts = answer(*operands)
    if not isinstance(parts, tuple | list) or not parts:
        return of_another_kind(parts)
    result, *vjps = parts
    if not vjps or not all(callable(vjp) for vjp in vjps):
        return of_another_kind(next((vjp for vjp in vjps if not callable(vjp)), parts))
    gradients = [vjp(G) for vjp in vjps]
    placeholder = [part for part in (result, *gradients) if part is None or part is ... or part is NotImplemented]
    return placeholder[0] if placeholder else (result, *gradients)


class _EngineValue:
    """A value of a custom engine as lesson 14 has them, without operations."""

    def __init__(self, data: Tensor, parents: Sequence[tuple[Any, Callable[..., Any]]] = (), op: str = "leaf") -> None:
        self.data, self.parents, self.op = data, tuple(parents), op
        self.grad: Any = torch.zeros_like(data)


_EngineValue.__name__ = _EngineValue.__qualname__ = "Value"  # as lesson 14 and so its errors name it


def gradients_of_graph(answer: Answer, edges: Sequence[Sequence[tuple[int, list[float] | None]]]) -> Any:
    """Run answer(root) on a graph of values, and return their gradients, as a tensor (nodes, 3).

    Args:
        answer: function of the last value; it fills `grad` of each.
        edges: for each node the list of its (parent, factor): the VJP multiplies by these three numbers; for None it
            returns the very tensor that it received. The last node is a scalar, the others are (3,).
    """
    values: list[_EngineValue] = []
    for pairs in edges:
        data = torch.zeros(() if len(values) == len(edges) - 1 else 3)
        op = "add" if any(factor is None for _, factor in pairs) else "mul"
        values.append(_EngineValue(data, [(values[i], _vjp(factor)) for i, factor in pairs], op if pairs else "leaf"))
    zeros = [value.grad for value in values]
    result = answer(values[-1])
    grads = [value.grad for value in values]
    if all(new is old and not new._version for new, old in zip(grads, zeros, strict=True)):
        return of_another_kind(result)  # the answer did nothing; for a placeholder this is the placeholder
    if not all(is_number(grad) or getattr(grad, "shape", None) == (3,) for grad in grads):
        return of_another_kind(next(grad for grad in grads if not is_number(grad)))
    return torch.stack([torch.as_tensor(grad, dtype=torch.float32).expand(3) for grad in grads])


def _vjp(factor: list[float] | None) -> Callable[[Any], Any]:
    return (lambda G: G) if factor is None else lambda G: G * torch.tensor(factor)


def after_three_steps(answer: Answer, w: Tensor, b: Tensor, target: Tensor, lr: float) -> Any:
    """Run answer([w, b], compute_loss, lr) three times with values of an engine.

    The loss is half the squared distance of w + b from the target. At first `grad` holds 1 everywhere, as if left by an
    earlier pass.

    Returns:
        (w and b after the steps, the losses that were returned as a tensor (3,)).
    """
    parameters = [_EngineValue(w.clone()), _EngineValue(b.clone())]
    for parameter in parameters:
        parameter.grad = torch.ones_like(parameter.data)

    def compute_loss() -> _EngineValue:
        gap = parameters[0].data + parameters[1].data - target
        loss = _EngineValue((gap * gap).sum() / 2)

        def backward() -> None:
            loss.grad = torch.ones(())
            for parameter in parameters:
                parameter.grad += gap.clone()

        loss.backward = backward  # type: ignore[attr-defined]
        return loss

    losses = [answer(parameters, compute_loss, lr) for _ in range(3)]
    if not all(map(is_number, losses)):
        return of_another_kind(next(loss for loss in losses if not is_number(loss)))
    return (*[parameter.data for parameter in parameters], torch.tensor([float(loss) for loss in losses]))


LOOP_LINES = {
    "A": "loss = (h - 0.5) ** 2",
    "B": "optimizer.step()",
    "C": "h = h.detach()",
    "D": "nn.utils.clip_grad_norm_([w], 0.05)",
    "E": "for x in chunk: h = torch.tanh(w * h + x)",
    "F": "optimizer.zero_grad()",
    "G": "loss.backward()",
}  # the lines of a training loop, shuffled, under the letters that an answer puts in order


class _Descent:
    """Plain SGD of one tensor. The first optimizer of torch.optim in a session takes seconds to import."""

    def __init__(self, w: Tensor, lr: float) -> None:
        self.w, self.lr = w, lr

    def zero_grad(self) -> None:
        self.w.grad = None

    @torch.no_grad()
    def step(self) -> None:
        if self.w.grad is not None:
            self.w -= self.lr * self.w.grad


def letters_in_order(answer: Answer) -> Any:
    """Return the letters that an answer puts in order, as one str: case, commas and spaces do not matter.

    Args:
        answer: function () -> a str, or a list of them.
    """
    order = answer()
    if isinstance(order, list | tuple) and all(isinstance(each, str) for each in order):
        order = "".join(order)
    if not isinstance(order, str):
        return of_another_kind(order)
    return "".join(letter for letter in str.upper(order) if letter.isalnum())


class RunError(Exception):
    """What an answer describes was run, and raised the error that is the cause of this one."""


def loop_in_order(order: str) -> tuple[float, ...]:
    """Run three rounds of the training loop whose lines an answer has put in order. It runs no code of the answer.

    Args:
        order: str, as `letters_in_order` returns it.

    Returns:
        (1.0 if each letter occurs once else 0.0, the losses of the three chunks, w in the end), five floats; only zeros
        if some letter is missing, unknown or repeated.

    Raises:
        RunError: the lines raise NameError or RuntimeError in that order.
        TypeError: `order` is no str.
    """
    if not isinstance(order, str):
        raise TypeError(type(order).__name__)
    if sorted(order) != sorted(LOOP_LINES):
        return 0.0, 0.0, 0.0, 0.0, 0.0
    try:
        with torch.enable_grad():
            return _three_rounds(order)
    except (NameError, RuntimeError) as error:
        raise RunError from error


def _three_rounds(order: str) -> tuple[float, ...]:
    w, losses = torch.tensor(0.9, requires_grad=True), []
    optimizer = _Descent(w, lr=1.0)
    names: dict[str, Any] = {"torch": torch, "nn": nn, "w": w, "h": torch.zeros(()), "optimizer": optimizer}
    for chunk in torch.tensor([[0.1, 0.4, 0.2], [0.3, 0.1, 0.5], [0.2, 0.2, 0.1]]):
        names["chunk"] = chunk
        for letter in order:
            exec(LOOP_LINES[letter], names)  # noqa: S102
        losses.append(names["loss"].item())
    return 1.0, *losses, w.item()


def gradient_of_chunks(answer: Answer, w: float, xs: Tensor, k: int) -> Any:
    """Run answer(w, xs, k), with w as a leaf that requires grad."""
    return answer(torch.tensor(w, requires_grad=True), xs, k)


def scaled_gradient(answer: Answer, w: Tensor, x: Tensor, scale: float) -> Any:
    """Run answer(w, x, scale), with a copy of w that is a leaf and requires grad.

    Returns:
        the gradient, each number divided by the true one, since beside a large one the small ones would all count as equal.
    """
    grad = answer(w.clone().requires_grad_(), x, scale)
    if isinstance(grad, numpy.ndarray):
        grad = torch.from_numpy(grad)
    if not isinstance(grad, Tensor):
        return of_another_kind(grad)
    return grad / (x.float() / len(x)) if grad.shape == x.shape else grad


def as_tensor(grads: Any) -> Any:
    """Return a list or tuple of numbers as a tensor (n,); anything else as it is."""
    is_list = isinstance(grads, list | tuple) and all(is_number(g) for g in grads)
    return torch.tensor([float(g) for g in grads]) if is_list else grads


def order_of_nodes(answer: Answer, parents: dict[str, list[str]], root: str) -> Any:
    """Run answer(parents, root) on a copy of `parents`, a dict from node to its parents."""
    return answer({node: list(nodes) for node, nodes in parents.items()}, root)


def gradients_and_paths(answer: Answer, x: Tensor) -> Any:
    """Record what a function that the learner invents does on several multiples of x in float64, and on rearrangements.

    Returns:
        (two results for x; a list with, for each of the first NUM_TESTED of SCALES, the value, the gradient (n,), the values
        a step ahead and a step behind along each element (n,), the structure of the graph, and that with the numbers in it;
        the structures for rearrangements of x, until one differs). The lists are empty if the two results differ; if a
        result is no tensor, only that is returned, in the form of `of_another_kind`. Structures are digests, which are equal
        for equal ones.
    """
    with _float64_default():
        x, tested = x.double(), []
        pair = first, second = [answer(x.clone().requires_grad_()) for _ in range(2)]
        if not isinstance(first, Tensor):
            return of_another_kind(first)
        if not are_same(first, second):
            return pair, [], []
        for scale in SCALES[:NUM_TESTED]:
            tested.append(_tested(answer, x * scale))
            if not isinstance(tested[-1], tuple):
                return tested[-1]
        structures = [structure for *_, structure, _ in tested]
        for each in (each for scale in SCALES for each in _rearranged(x * scale)):
            if len(set(structures)) > 1:
                break
            with _GraphCalls() as calls:
                answer(each.requires_grad_())
            structures.append(calls.structure())
        return pair, tested, structures[NUM_TESTED:]


def are_same(first: Tensor, second: Any) -> bool:
    """Whether an answer gave the same twice; for what is no single number, whether that is of the same kind."""
    if not isinstance(second, Tensor) or first.shape != second.shape:
        return False
    return first.numel() != 1 or first.item() == second.item() or first.item() != first.item()


def steps(x: Tensor) -> Tensor:
    """The steps (n,) of the central difference along each element of x."""
    return STEP * x.abs().clamp(min=1.0)


def _tested(answer: Answer, x: Tensor) -> Any:
    leaf = x.clone().requires_grad_()
    with _GraphCalls() as calls:
        y = answer(leaf)
    if not isinstance(y, Tensor):
        return of_another_kind(y)
    (grad,) = torch.autograd.grad(y, leaf)
    ahead, behind = (
        torch.tensor([answer(each.clone().requires_grad_()).item() for each in x + sign * steps(x).diag()])
        for sign in (1, -1)
    )
    return y.item(), grad, ahead, behind, calls.structure(), calls.path()


def _rearranged(x: Tensor) -> Iterator[Tensor]:
    """x with other signs and other orders of its elements."""
    yield from (x.clone(), x.abs(), -x.abs(), x.roll(1), x.roll(2), x.flip(0))
    for i in range(len(x)):
        yield x.abs() * torch.where(torch.arange(len(x)) == i, -1.0, 1.0)


class _GraphCalls(TorchFunctionMode):
    """Notes the calls whose result requires grad, with their settings: dimensions, indices, factors.

    Attributes:
        numbers: list of the floating-point numbers among the settings, in order.
    """

    def __init__(self) -> None:
        super().__init__()
        self._calls, self.numbers = [], []

    def structure(self) -> str:
        """A digest of the names of the calls and of their settings that are no floating-point numbers, in order."""
        return _digest(self._calls)

    def path(self) -> str:
        """A digest of the structure and of the numbers."""
        return _digest([self._calls, self.numbers])

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and result.requires_grad and func is not Tensor.requires_grad_:
            settings = [*args, *sorted((kwargs or {}).items())]
            numeric = float | int if _ARITHMETIC.search(func.__name__) else float
            self.numbers += [each for each in settings if isinstance(each, numeric)]
            others = [each for each in settings if not isinstance(each, numeric | Tensor)]
            self._calls.append((func.__name__, str(others) if not _holds_tensors(others) else len(others)))
        return result


def _digest(content: list[Any]) -> str:
    return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _holds_tensors(value: Any) -> bool:
    """Whether a tensor is in a list, or in lists in it: as text it would differ on every input."""
    return isinstance(value, Tensor) or (isinstance(value, list | tuple) and any(map(_holds_tensors, value)))


@contextmanager
def _float64_default() -> Iterator[None]:
    """Make float64 the default dtype, so that tensors that the answer makes of Python numbers have it, too."""
    with restore_settings():
        torch.set_default_dtype(torch.float64)
        yield


def is_number(value: Any) -> bool:
    """Whether it is a real number of Python or NumPy, or a real tensor of shape (), of no class of an answer's own."""
    if isinstance(value, Tensor) and type(value) not in TENSORS:
        return False
    is_array = isinstance(value, numpy.generic | numpy.ndarray) and value.dtype.kind in "fiu"
    is_real = isinstance(value, Tensor) and not value.is_complex() or is_array
    return isinstance(value, int | float) or (is_real and value.ndim == 0)
