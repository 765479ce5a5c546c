"""Rules about how an answer works, which its values do not show: its graph, backward passes, operations, flags.

Each rule is a function (answer, received, *inputs) -> bool and returns whether the answer breaks it. `answer` is the
learner's function, `received` what it returned for `inputs`. Most rules run the answer once more and watch it. No rule
contains a reference solution, so that the sandbox can load this module beside untrusted code.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from seeing_gradients.recorder import Record, record

from .runs import result_and_vjps

Answer = Callable[..., Any]

_ROWS = 12  # of the batch on which a graph is recorded; an answer without a loop has fewer operations


# Rules about the recorded graph.


def has_power(answer: Answer, received: Any, x: float) -> bool:
    """Whether the graph contains a power."""
    names = [node.grad_fn or "" for node in _record_at(answer, x).nodes]
    return any(name.startswith("Pow") for name in names)


def has_a_third_arrow(answer: Answer, received: Any, x: float) -> bool:
    """Whether more than two edges leave the inputs."""
    graph = _record_at(answer, x)
    return sum(edge.src in graph.inputs.values() for edge in graph.edges) > 2


def has_more_operations(answer: Answer, received: Any, x: float) -> bool:
    """Whether the operations are anything but one addition and one multiplication."""
    names = [node.grad_fn for node in _record_at(answer, x).nodes if node.kind == "op"]
    return sorted(map(str, names)) != ["AddBackward0", "MulBackward0"]


def has_gram_matrix(answer: Answer, received: Any, X: Tensor) -> bool:
    """Whether a node has the shape (rows, rows): all dot products, though only those of the diagonal are needed."""
    return any(tuple(node.shape or ()) == (_ROWS, _ROWS) for node in _record_of_rows(answer).nodes)


def has_loop(answer: Answer, received: Any, X: Tensor) -> bool:
    """Whether there are at least as many operations as rows, as a loop over the rows makes."""
    return sum(node.kind == "op" for node in _record_of_rows(answer).nodes) >= _ROWS


def leaves_the_graph(answer: Answer, received: Any, X: Tensor) -> bool:
    """Whether the result does not require grad although X does."""
    result = answer(X.clone().requires_grad_())
    return not (isinstance(result, Tensor) and result.requires_grad)


def chooses_on_the_graph(answer: Answer, received: Any, x: float) -> bool:
    """Whether the graph contains torch.where."""
    return any(name.startswith("Where") for name in _operations(answer, x))


def computes_both(answer: Answer, received: Any, x: float) -> bool:
    """Whether the graph has the same structure for x and -x, and more than two operations.

    A graph with one or two operations is the formula of a single branch.
    """
    return len(_operations(answer, x)) > 2 and _structure(answer, x) == _structure(answer, -x)


def has_grad_fn(answer: Answer, received: Any, *inputs: Any) -> bool:
    """Whether the result has a `grad_fn`, i.e. is no leaf."""
    return getattr(received, "grad_fn", None) is not None


def has_no_flag(answer: Answer, received: Any, *inputs: Any) -> bool:
    """Whether the result does not require grad."""
    return not keeps_a_graph(answer, received, *inputs)


def keeps_a_graph(answer: Answer, received: Any, *inputs: Any) -> bool:
    """Whether the result requires grad."""
    return isinstance(received, Tensor) and received.requires_grad


# Rules about backward passes.


def never_differentiated(answer: Answer, received: Any, *inputs: Any) -> bool:
    """Whether the answer uses neither a backward pass nor forward-mode differentiation."""
    with _BackwardCounter() as counter:
        answer(*inputs)
    return not counter.calls and not counter.tangents


def differentiates(answer: Answer, received: Any, *inputs: Any) -> bool:
    """Whether the answer uses a backward pass or forward-mode differentiation."""
    return not never_differentiated(answer, received, *inputs)


def differentiates_in_vjps(answer: Answer, received: Any, *inputs: Any) -> bool:
    """Whether an operation of a custom engine, or one of its VJPs, uses a derivative of PyTorch's."""
    with _BackwardCounter() as counter:
        result_and_vjps(answer, *inputs)
    return bool(counter.calls) or counter.tangents


def never_backward(answer: Answer, received: Any, *inputs: Any) -> bool:
    """Whether the answer runs no backward pass."""
    return _count_backwards(answer, inputs) == 0


def goes_backward(answer: Answer, received: Any, *inputs: Any) -> bool:
    """Whether the answer runs a backward pass even though it is called under `torch.no_grad()`."""
    with torch.no_grad():
        return _count_backwards(answer, inputs) > 0


def backward_more_than_once(answer: Answer, received: Any, *inputs: Any) -> bool:
    """Whether the answer runs more than one backward pass."""
    return _count_backwards(answer, inputs) > 1


def not_one_backward_a_row(answer: Answer, received: Any, A: Tensor, x: Tensor) -> bool:
    """Whether the number of backward passes differs from the number of rows of A."""
    return _count_backwards(answer, (A, x)) != len(A)


def leaves_grad_empty(answer: Answer, received: Any, x: Tensor) -> bool:
    """Whether `.grad` of a leaf is None after the answer ran on it."""
    leaf = x.detach().clone().requires_grad_()
    answer(leaf)
    return leaf.grad is None


# Rules about the functions that an answer calls, and about its in-place writes.


def uses_cosine(answer: Answer, received: Any, x: Tensor) -> bool:
    """Whether the answer calls a function with "cos" in its name."""
    with _CallWatcher() as watcher:
        answer(x.clone())
    return any("cos" in getattr(func, "__name__", "") for func in watcher.functions)


def uses_hook(answer: Answer, received: Any, x: Tensor) -> bool:
    """Whether the answer registers a hook on a tensor."""
    with _CallWatcher() as watcher:
        answer(x.clone().requires_grad_())
    return torch.Tensor.register_hook in watcher.functions


def builds_the_matrix(answer: Answer, received: Any, x: Tensor, v: Tensor) -> bool:
    """Whether an operation returns as many elements as the whole Hessian has; tried with 12 inputs."""
    with _CallWatcher() as watcher:
        answer(torch.linspace(1.0, 2.0, 12), torch.linspace(-1.0, 2.0, 12))
    return watcher.most_elements >= 12 * 12


def leaves_no_trace(answer: Answer, received: Any, w: Tensor, lr: float) -> bool:
    """Whether the version counter of w stays the same, as it does for a write through `w.data` or no write at all."""
    leaf = w.clone().requires_grad_()
    (leaf * leaf).sum().backward()
    before = leaf._version
    answer(leaf, lr)
    return leaf._version == before


def switches_off_requires_grad(answer: Answer, received: Any, w: Tensor, batches: Tensor) -> bool:
    """Whether w no longer requires grad after the answer ran."""
    leaf = w.clone().requires_grad_()
    answer(leaf, batches)
    return not leaf.requires_grad


def _record_at(answer: Answer, x: float) -> Record:
    return record(answer, torch.tensor(x, requires_grad=True))


def _record_of_rows(answer: Answer) -> Record:
    """The Record of an answer on a batch of 12 rows with 3 elements each."""
    X = torch.arange(1.0, 3 * _ROWS + 1).reshape(_ROWS, 3).requires_grad_()
    return record(answer, X, gradient=torch.ones(_ROWS))


def _operations(answer: Answer, x: float) -> list[str]:
    """The `grad_fn` of each operation in the graph at x, "" for an operation without one."""
    return [node.grad_fn or "" for node in _record_at(answer, x).nodes if node.kind == "op"]


def _structure(answer: Answer, x: float) -> tuple[list[str | None], list[tuple[int, int]]]:
    """The graph at x without its numbers: the `grad_fn` of each node, and the edges as pairs of indices."""
    graph = _record_at(answer, x)
    index = {node.id: i for i, node in enumerate(graph.nodes)}
    return [node.grad_fn for node in graph.nodes], [(index[edge.src], index[edge.dst]) for edge in graph.edges]


def _count_backwards(answer: Answer, inputs: Iterable[Any]) -> int:
    """The number of backward passes of an answer; passes that run as one batch (`is_grads_batched`) count as one."""
    with _BackwardCounter() as counter:
        answer(*inputs)
    return min(counter.calls.values(), default=0)


class _BackwardCounter(TorchFunctionMode):
    """Counts backward passes: registers a hook on every node that is recorded while it is active.

    Attributes:
        calls: Counter from the type name of a node, "MulBackward0", to how often such nodes ran in backward.
        tangents: bool, whether forward-mode differentiation was used.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls, self.tangents = Counter(), False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.tangents |= getattr(func, "__name__", "") == "_make_dual"
        result = func(*args, **(kwargs or {}))
        node = result.grad_fn if isinstance(result, Tensor) else None
        if node is not None:
            name = type(node).__name__
            node.register_hook(lambda *_: self.calls.update([name]))
        return result


class _CallWatcher(TorchFunctionMode):
    """Notes which functions of PyTorch are called while it is active, and the size of the largest result.

    It is no TorchDispatchMode, since the first one in a session imports PyTorch's compiler, which takes seconds.

    Attributes:
        functions: list of the functions called, in order.
        most_elements: int, the number of elements of the largest tensor that a function returned.
    """

    def __init__(self) -> None:
        super().__init__()
        self.functions, self.most_elements = [], 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.functions.append(func)
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor):
            self.most_elements = max(self.most_elements, result.numel())
        return result
