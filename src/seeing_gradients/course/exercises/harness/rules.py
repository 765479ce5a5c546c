"""Rules for properties that a right value does not show: the recorded graph, backward passes, operations, flags.

Each is a function (answer, received, *inputs) -> bool that returns whether the rule is broken. None of them contains a
reference solution, so untrusted code may run in the same process.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from seeing_gradients.recorder import Record, record

Answer = Callable[..., Any]

_ROWS = 12  # of the batch whose graph is looked at: more than an answer without a loop has operations


# The recorded graph: which operations, how many, how large.


def has_power(answer: Answer, received: Any, x: float) -> bool:
    names = [node.grad_fn or "" for node in _record_at(answer, x).nodes]
    return any(name.startswith("Pow") for name in names)


def has_a_third_arrow(answer: Answer, received: Any, x: float) -> bool:
    graph = _record_at(answer, x)
    return sum(edge.src in graph.inputs.values() for edge in graph.edges) > 2


def has_more_operations(answer: Answer, received: Any, x: float) -> bool:
    names = [node.grad_fn for node in _record_at(answer, x).nodes if node.kind == "op"]
    return sorted(map(str, names)) != ["AddBackward0", "MulBackward0"]


def has_gram_matrix(answer: Answer, received: Any, X: Tensor) -> bool:
    return any(tuple(node.shape or ()) == (_ROWS, _ROWS) for node in _record_of_rows(answer).nodes)


def has_loop(answer: Answer, received: Any, X: Tensor) -> bool:
    return sum(node.kind == "op" for node in _record_of_rows(answer).nodes) >= _ROWS


def leaves_the_graph(answer: Answer, received: Any, X: Tensor) -> bool:
    result = answer(X.clone().requires_grad_())
    return not (isinstance(result, Tensor) and result.requires_grad)


def chooses_on_the_graph(answer: Answer, received: Any, x: float) -> bool:
    return any(name.startswith("Where") for name in _operations(answer, x))


def computes_both(answer: Answer, received: Any, x: float) -> bool:
    """Whether one graph, larger than a formula, serves both signs; a formula spelled out at length is its own graph."""
    return len(_operations(answer, x)) > 2 and _structure(answer, x) == _structure(answer, -x)


def has_grad_fn(answer: Answer, received: Any, *inputs: Any) -> bool:
    return getattr(received, "grad_fn", None) is not None


def has_no_flag(answer: Answer, received: Any, *inputs: Any) -> bool:
    return not keeps_a_graph(answer, received, *inputs)


def keeps_a_graph(answer: Answer, received: Any, *inputs: Any) -> bool:
    return isinstance(received, Tensor) and received.requires_grad


# Backward passes: whether autograd was used, and how often.


def never_differentiated(answer: Answer, received: Any, *inputs: Any) -> bool:
    """Whether autograd was not used at all, neither back through a graph nor forward with tangents."""
    with _BackwardCounter() as counter:
        answer(*inputs)
    return not counter.calls and not counter.tangents


def never_backward(answer: Answer, received: Any, *inputs: Any) -> bool:
    return _count_backwards(answer, inputs) == 0


def goes_backward(answer: Answer, received: Any, *inputs: Any) -> bool:
    """Whether an answer differentiates by autograd although recording is off around it."""
    with torch.no_grad():
        return _count_backwards(answer, inputs) > 0


def backward_more_than_once(answer: Answer, received: Any, *inputs: Any) -> bool:
    return _count_backwards(answer, inputs) > 1


def not_one_backward_a_row(answer: Answer, received: Any, A: Tensor, x: Tensor) -> bool:
    return _count_backwards(answer, (A, x)) != len(A)


def leaves_grad_empty(answer: Answer, received: Any, x: Tensor) -> bool:
    leaf = x.detach().clone().requires_grad_()
    answer(leaf)
    return leaf.grad is None


# What an answer does while it runs: the operations it calls, how it writes.


def uses_cosine(answer: Answer, received: Any, x: Tensor) -> bool:
    with _CallWatcher() as watcher:
        answer(x.clone())
    return any("cos" in getattr(func, "__name__", "") for func in watcher.functions)


def uses_hook(answer: Answer, received: Any, x: Tensor) -> bool:
    """Whether the answer registers a hook on a tensor."""
    with _CallWatcher() as watcher:
        answer(x.clone().requires_grad_())
    return torch.Tensor.register_hook in watcher.functions


def builds_the_matrix(answer: Answer, received: Any, x: Tensor, v: Tensor) -> bool:
    with _CallWatcher() as watcher:
        answer(torch.linspace(1.0, 2.0, 12), torch.linspace(-1.0, 2.0, 12))
    return watcher.most_elements >= 12 * 12


def leaves_no_trace(answer: Answer, received: Any, w: Tensor, lr: float) -> bool:
    """Whether the answer writes to w without moving its version."""
    leaf = w.clone().requires_grad_()
    (leaf * leaf).sum().backward()
    before = leaf._version
    answer(leaf, lr)
    return leaf._version == before


def switches_off_requires_grad(answer: Answer, received: Any, w: Tensor, batches: Tensor) -> bool:
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
    """The grad_fn of each operation that leads to the output, at x."""
    return [node.grad_fn or "" for node in _record_at(answer, x).nodes if node.kind == "op"]


def _structure(answer: Answer, x: float) -> tuple[list[str | None], list[tuple[int, int]]]:
    """The ancestors of the output without their numbers: the nodes in order, and the edges between them."""
    graph = _record_at(answer, x)
    index = {node.id: i for i, node in enumerate(graph.nodes)}
    return [node.grad_fn for node in graph.nodes], [(index[edge.src], index[edge.dst]) for edge in graph.edges]


def _count_backwards(answer: Answer, inputs: Iterable[Any]) -> int:
    """How many times an answer went back through what it computed; a batch of passes made at once counts as one."""
    with _BackwardCounter() as counter:
        answer(*inputs)
    return min(counter.calls.values(), default=0)


class _BackwardCounter(TorchFunctionMode):
    """Registers a hook on every node that is recorded while it is active.

    Attributes:
        calls: Counter from the kind of a node to its calls in backward.
        tangents: bool, whether forward mode was used.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls, self.tangents = Counter(), False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.tangents |= getattr(func, "__name__", "") == "_make_dual"
        result = func(*args, **(kwargs or {}))
        node = result.grad_fn if isinstance(result, Tensor) else None
        if node is not None:
            kind = type(node).__name__
            node.register_hook(lambda *_: self.calls.update([kind]))
        return result


class _CallWatcher(TorchFunctionMode):
    """Remembers which operations of PyTorch run while it is active, and the size of the largest result.

    Not a TorchDispatchMode: the first one in a session imports PyTorch's compiler, which takes seconds.

    Attributes:
        functions: list of the functions called.
        most_elements: int, of a tensor that an operation returned.
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
