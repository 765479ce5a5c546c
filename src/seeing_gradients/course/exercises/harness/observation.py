"""Watch an answer while it is graded: `Watched(answer)` is called like the answer and notes an `Observation` of each call.
It watches the functions that the answer returns, too.

What is noted is plain data, so the sandbox can watch inside and send it to the judge, who decides outside whether a rule
is broken. This module imports no reference solution.
"""

import contextlib
import math
import random
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from seeing_gradients.runtime import discard_output

_MAX_NODES, _MAX_EDGES = 5000, 15_000  # of a graph that is read
_MAX_NAMES = 1000  # functions and shapes that are noted
VALUE, FLAG, GRAD, HISTORY, VERSION = "value", "requires_grad", "grad", "history", "version"
TENSORS = (Tensor, torch.nn.Parameter)  # of PyTorch itself; a class of an answer's own may hide what they are
NODE_READ, NODE_HOOK = "grad_fn", "register_hook of a node"
CLIPPING = "clip_grads_with_norm_"  # all functions of torch.nn.utils that clip by norm end in this one
_FACTOR = 3.0  # of the gradients with which the backward passes of a second call begin
_CHANCE = random.SystemRandom()  # it leaves the random state of the session as it is


def of_another_kind(value: Any) -> Any:
    """Return an object from which no numbers can be read, and whose type has the name of the value's type.

    So the verdict is "wrong type" and names this type, of a list also that of its first item. A placeholder (None, `...`,
    NotImplemented) is returned itself.
    """
    if value is None or value is ... or value is NotImplemented:
        return value
    of_items = f" of {type(value[0]).__name__}" if type(value) in (list, tuple) and value else ""
    return type(type(value).__name__ + of_items, (), {})()


def _without_own_tensors(result: Any, depth: int = 3) -> Any:
    """The result of an answer; a tensor of a class of the answer's own counts as another type.

    Such a class may have attributes that hide those of the tensor: `requires_grad`, `grad_fn`, `is_leaf`. So may a class
    derived from tuple or list hide its items.
    """
    if type(result) in (tuple, list) and depth:
        return type(result)(_without_own_tensors(part, depth - 1) for part in result)
    is_own = (isinstance(result, Tensor) and type(result) not in TENSORS) or (
        isinstance(result, tuple | list) and type(result) not in (tuple, list, torch.Size)
    )
    return of_another_kind(result) if is_own else result


@dataclass(frozen=True)
class Observation:
    """What one call of an answer did.

    Attributes:
        functions: tuple of str, names of the functions of PyTorch that it called, each once; "backward(inputs=)" for a
            backward pass that was told to which tensors it should go; NODE_READ if it read a node of the graph, which
            can be called; NODE_HOOK if it registered a hook on one.
        shapes: tuple of shapes (tuple of int) of the tensors that these took or returned, each once.
        passes: int, how many backward passes succeeded; of a batch (`is_grads_batched`, `jacrev`) each element counts.
        batched: bool, whether some of them were one batch.
        tangents: bool, whether it used forward-mode differentiation.
        operations: tuple of str, the nodes of the graph of the result without the leaves, "MulBackward0".
        edges: tuple of (int, int), from each operation to those that it goes back to, as indices; of a leaf -1, -2, ...
        requires_grad: bool, whether the result requires grad.
        has_grad_fn: bool, whether the result is no leaf.
        ignores_gradients: bool, whether a second call, whose backward passes began with other gradients, returned some
            number other than 0 again: it was computed beside the passes. False if there was no second call.
        altered: tuple of (int, str), the number of an argument (-1 of a function that the answer returned) and what of it was altered: "value", "requires_grad",
            "grad", "history" (`detach_`) or "version" (a write in place that autograd can notice).
        complete: bool, whether all of this was noted: an answer may do so much that something else is lost in it.
    """

    functions: tuple[str, ...] = ()
    shapes: tuple[tuple[int, ...], ...] = ()
    passes: int = 0
    batched: bool = False
    tangents: bool = False
    operations: tuple[str, ...] = ()
    edges: tuple[tuple[int, int], ...] = ()
    requires_grad: bool = False
    has_grad_fn: bool = False
    ignores_gradients: bool = False
    altered: tuple[tuple[int, str], ...] = ()
    complete: bool = True

    @property
    def most_elements(self) -> int:
        """The number of elements of the largest tensor that a function of PyTorch took or returned."""
        return max((torch.Size(shape).numel() for shape in self.shapes), default=0)


@dataclass
class _Notes:
    """What a call has done so far."""

    functions: dict[str, None] = field(default_factory=dict)
    shapes: dict[tuple[int, ...], None] = field(default_factory=dict)
    passes: int = 0
    batched: bool = False
    tangents: bool = False
    ignores_gradients: bool = False
    complete: bool = True

    def add_function(self, name: str) -> None:
        """Note a function that was called."""
        if len(self.functions) < _MAX_NAMES:
            self.functions[name] = None
        elif name not in self.functions:
            self.complete = False

    def add_shape(self, shape: tuple[int, ...]) -> None:
        """Note the shape of a tensor."""
        if len(self.shapes) < _MAX_NAMES:
            self.shapes[shape] = None
        elif shape not in self.shapes:
            self.complete = False


class Watched:
    """An answer whose calls are observed.

    Attributes:
        observations: list of Observation, one for each call, also of one that raised.
    """

    def __init__(
        self, answer: Callable[..., Any], parent: "Watched | None" = None, *, varies_gradients: bool = False
    ) -> None:
        """Watch an answer.

        Args:
            answer: function (*anything) -> anything.
            parent: Watched, whose answer returned this one.
            varies_gradients: bool, whether to call it twice each time, so as to find `Observation.ignores_gradients`.
        """
        self._answer, self._is_inner, self._varies_gradients = answer, parent is not None, varies_gradients
        self.observations: list[Observation] = [] if parent is None else parent.observations

    def __call__(self, *arguments: Any) -> Any:
        before, notes, result = [_state(argument) for argument in arguments], _Notes(), None
        copies = copied(arguments) if self._varies_gradients else ()
        is_second_first = _CHANCE.random() < 0.5  # an answer that counts its calls cannot know which one is graded
        others = self._numbers_of_other_gradients(copies) if self._varies_gradients and is_second_first else None
        try:
            with _counted_passes(notes), _noted_clipping(notes), _noted_node_hooks(notes), _CallWatcher(notes):
                result = self._answer(*arguments)
            result = _without_own_tensors(result)
            if self._varies_gradients and not is_second_first:
                others = self._numbers_of_other_gradients(copies)
            notes.ignores_gradients = others is not None and _has_the_same(numbers_in(result), others)
            return self._with_functions_watched(result)
        finally:
            with torch._C.DisableTorchFunctionSubclass():  # so that no method of a subclass of the answer's own runs
                self._observe(before, arguments, notes, result)

    def _numbers_of_other_gradients(self, arguments: tuple[Any, ...]) -> list[float] | None:
        """What the answer returns if each backward pass begins with _FACTOR times its gradients; None if it raises then."""
        try:
            with _scaled_passes(), discard_output(), warnings.catch_warnings(action="ignore"):
                return numbers_in(_without_own_tensors(self._answer(*arguments)))
        except Exception:  # noqa: BLE001, what depends on the gradients may raise anything on others
            return None

    def _with_functions_watched(self, result: Any) -> Any:
        """The result, in which all that can be called, such as VJPs, is watched, too."""
        if type(result) not in (tuple, list):
            return result
        return type(result)(Watched(part, self) if callable(part) else part for part in result)

    def _observe(self, before: list[Any], arguments: tuple[Any, ...], notes: _Notes, result: Any) -> None:
        altered = tuple(
            (-1 if self._is_inner else i, aspect)
            for i, pair in enumerate(zip(before, arguments, strict=True))
            for aspect in _altered(*pair)
        )
        self.observations.append(_observation(notes, result, altered))


_READ_NODE = vars(torch._C.TensorBase)["grad_fn"].__get__  # what reading .grad_fn calls


class _CallWatcher(TorchFunctionMode):
    """Notes which functions of PyTorch are called while it is active, and the shapes of tensors that they take and return.

    It is no TorchDispatchMode, since the first one in a session imports PyTorch's compiler, which takes seconds.
    """

    def __init__(self, notes: _Notes) -> None:
        super().__init__()
        self._notes = notes

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        notes, name = self._notes, getattr(func, "__name__", "")
        result = func(*args, **(kwargs or {}))
        if name != "__get__":  # of an attribute, such as .shape or .grad
            notes.tangents |= name == "_make_dual"
            notes.add_function(name)
            for tensor in (*args, result):
                if isinstance(tensor, Tensor):
                    notes.add_shape(tuple(tensor.shape))
        elif func == _READ_NODE:
            notes.add_function(NODE_READ)
        return result


@contextlib.contextmanager
def _passes_replaced(replacement: Callable[..., Any]) -> Iterator[None]:
    """Replace the function of torch.autograd through which all backward passes go.

    Args:
        replacement: function (run, outputs, gradients, *args, **kwargs), of which `run` is the function that it replaces.
    """
    modules: tuple[Any, ...] = (torch.autograd, torch.autograd.graph)
    run = torch.autograd.graph._engine_run_backward
    for module in modules:
        module._engine_run_backward = partial(replacement, run)
    try:
        yield
    finally:
        for module in modules:
            module._engine_run_backward = run


def _counted_passes(notes: _Notes) -> contextlib.AbstractContextManager[None]:
    """Count the backward passes that succeed."""

    def counting(run: Callable[..., Any], outputs: Any, *args: Any, **kwargs: Any) -> Any:
        result = run(outputs, *args, **kwargs)
        starts = args[0] if args and isinstance(args[0], tuple | list) else ()
        if len(args) > 3 and args[3]:
            notes.add_function("backward(inputs=)")
        # vmap(grad(f)) has outputs as many as gradients, and is one pass for all; jacrev has one output for many.
        size = _largest_batch(starts) // _largest_batch(outputs)
        notes.passes += size
        notes.batched |= size > 1
        return result

    return _passes_replaced(counting)


def _scaled_passes() -> contextlib.AbstractContextManager[None]:
    """Begin every backward pass with _FACTOR times the gradients that it was given: what it finds is scaled, too."""

    def scaling(run: Callable[..., Any], outputs: Any, starts: Any, *args: Any, **kwargs: Any) -> Any:
        return run(outputs, tuple(start if start is None else start * _FACTOR for start in starts), *args, **kwargs)

    return _passes_replaced(scaling)


def numbers_in(result: Any, depth: int = 3) -> list[float]:
    """Return the numbers in a result, in order, of complex ones both parts; what is no number is left out."""
    if isinstance(result, Tensor):
        with torch._C.DisableTorchFunctionSubclass():
            result = torch.view_as_real(result.resolve_conj()) if result.is_complex() else result
            return result.detach().double().flatten().tolist()
    if type(result) in (tuple, list) and depth:
        return [number for part in result for number in numbers_in(part, depth - 1)]
    if isinstance(result, numpy.ndarray | numpy.generic) and result.dtype.kind in "fiu":
        return numpy.asarray(result, dtype=float).ravel().tolist()
    return [float(result)] if isinstance(result, int | float) else []


def _has_the_same(numbers: list[float], others: list[float]) -> bool:
    """Whether a number other than 0 is the same in both lists."""
    pairs = zip(numbers, others, strict=False)
    return any(a != 0 and math.isclose(a, b, rel_tol=1e-4) for a, b in pairs)


@contextlib.contextmanager
def _noted_node_hooks(notes: _Notes) -> Iterator[None]:
    """Note the hooks of nodes, whose methods a TorchFunctionMode does not see: all of them are stored by one function."""
    owner: Any = torch.autograd.function._HookMixin
    store = owner._register_hook

    def noting(*args: Any) -> Any:
        notes.add_function(NODE_HOOK)
        return store(*args)

    owner._register_hook = staticmethod(noting)
    try:
        yield
    finally:
        owner._register_hook = staticmethod(store)


@contextlib.contextmanager
def _noted_clipping(notes: _Notes) -> Iterator[None]:
    """Note that gradients are clipped: a TorchFunctionMode does not see functions that are written in Python alone."""
    module, name = torch.nn.utils.clip_grad, f"_{CLIPPING}"
    clip = getattr(module, name)

    def noting(*args: Any, **kwargs: Any) -> Any:
        notes.add_function(CLIPPING)
        return clip(*args, **kwargs)

    setattr(module, name, noting)
    try:
        yield
    finally:
        setattr(module, name, clip)


def _largest_batch(tensors: Any) -> int:
    return max(map(_batch_size, tensors), default=1)


def _batch_size(tensor: Any) -> int:
    """How many tensors a tensor inside vmap stands for; 1 outside."""
    functorch, size = torch._C._functorch, 1  # pyright: ignore[reportAttributeAccessIssue]
    while isinstance(tensor, Tensor) and functorch.is_functorch_wrapped_tensor(tensor):
        inner = functorch.get_unwrapped(tensor)
        if functorch.is_batchedtensor(tensor):
            size *= inner.shape[functorch.maybe_get_bdim(tensor)]
        tensor = inner
    return size


def _observation(notes: _Notes, result: Any, altered: tuple[tuple[int, str], ...]) -> Observation:
    results = result if type(result) in (tuple, list) else [result]
    tensors = [each for each in results if isinstance(each, Tensor)]
    operations, edges, is_whole = _graph([each.grad_fn for each in tensors if each.grad_fn is not None])
    return Observation(
        functions=tuple(notes.functions),
        shapes=tuple(notes.shapes),
        passes=notes.passes,
        batched=notes.batched,
        tangents=notes.tangents,
        operations=operations,
        edges=edges,
        requires_grad=any(each.requires_grad for each in tensors),
        has_grad_fn=any(each.grad_fn is not None for each in tensors),
        ignores_gradients=notes.ignores_gradients,
        altered=altered,
        complete=notes.complete and is_whole,
    )


def _graph(roots: list[Any]) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...], bool]:
    """The names of the nodes behind the roots, the edges between them as indices, and whether that is all of the graph.

    Leaves have negative indices.
    """
    names, edges, indices, num_leaves, todo = [], [], {}, 0, list(roots)
    for root in roots:
        if root not in indices:
            indices[root] = len(names)
            names.append(type(root).__name__)
    while todo and len(names) < _MAX_NODES and len(edges) < _MAX_EDGES:
        node = todo.pop()
        for parent, _ in node.next_functions:
            if parent is None:
                continue
            if parent not in indices and type(parent).__name__ == "AccumulateGrad":
                num_leaves += 1
                indices[parent] = -num_leaves
            elif parent not in indices:
                indices[parent] = len(names)
                names.append(type(parent).__name__)
                todo.append(parent)
            edges.append((indices[node], indices[parent]))
    return tuple(names), tuple(edges), not todo


def copied(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return copies of the inputs: of a tensor a new leaf with the same `requires_grad`; lists and dicts at any depth."""
    return tuple(map(_copy, inputs))


def _copy(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if type(value) in (list, tuple):
        return type(value)(map(_copy, value))
    return {key: _copy(item) for key, item in value.items()} if type(value) is dict else value


@dataclass(frozen=True)
class _TensorState:
    values: Tensor
    requires_grad: bool
    grad: Tensor | None
    grad_fn: Any
    version: int


def _state(value: Any) -> Any:
    """A copy of everything of an argument that a call might alter."""
    if isinstance(value, Tensor):
        grad = None if value.is_leaf is False or value.grad is None else value.grad.detach().clone()
        version = 0 if value.is_inference() else value._version
        return _TensorState(value.detach().clone(), value.requires_grad, grad, value.grad_fn, version)
    if type(value) in (list, tuple):
        return [_state(item) for item in value]
    if type(value) is dict:
        return {key: _state(item) for key, item in value.items()}
    return value


def _altered(before: Any, now: Any) -> Iterator[str]:
    """What of an argument differs from its earlier state."""
    if isinstance(before, _TensorState):
        yield from _altered_tensor(before, now)
    elif type(before) in (list, tuple) and type(now) in (list, tuple):
        if len(before) != len(now):
            yield VALUE
        for pair in zip(before, now, strict=False):
            yield from _altered(*pair)
    elif type(before) is dict and type(now) is dict:
        if list(before) != list(now):
            yield VALUE
        for key in before.keys() & now.keys():
            yield from _altered(before[key], now[key])
    elif isinstance(now, Tensor) or (before is not now and before != now):
        yield VALUE


def _altered_tensor(before: _TensorState, now: Any) -> Iterator[str]:
    if not isinstance(now, Tensor):
        yield VALUE
        return
    with torch.no_grad():
        if not _are_equal(before.values, now.detach()):
            yield VALUE
        if before.requires_grad != now.requires_grad and before.grad_fn is None:
            yield FLAG
        if before.grad_fn is not now.grad_fn and not (before.grad_fn is not None and now.grad_fn is not None):
            yield HISTORY
        grad = now.grad if now.is_leaf else None
        if (grad is None) != (before.grad is None) or not (grad is None or _are_equal(before.grad, grad.detach())):
            yield GRAD
        if not now.is_inference() and before.version != now._version:
            yield VERSION


def _are_equal(a: Tensor | None, b: Tensor) -> bool:
    if a is None or a.shape != b.shape or a.dtype != b.dtype:
        return False
    return torch.equal(a, b) or bool(((a == b) | (a.isnan() & b.isnan())).all())
