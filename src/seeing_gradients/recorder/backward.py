"""Collect the backward nodes that autograd built, run its engine once, and note each gradient that flows.

Edges come from `next_functions`, gradients from `Node.register_hook`
(https://docs.pytorch.org/docs/stable/generated/torch.autograd.graph.Node.register_hook.html).
"""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any
from weakref import ReferenceType, ref

import torch
from torch import Tensor
from torch.autograd.graph import Node

from seeing_gradients.runtime import restore_grads, undisturbed

from .snapshot import Source, snapshot, source_of
from .types import Snapshot

# Two threads that record may share a leaf. Its hooks and its .grad belong to one pass at a time.
_one_at_a_time = threading.RLock()

FREED_AT_ONCE = 2_500  # nodes, for half a megabyte of C stack; see bound_release

Sources = tuple[tuple[Node | None, int], ...]  # the type of next_functions
Snapshots = tuple[Snapshot | None, ...]


@dataclass
class Backward:
    """What one backward pass computed.

    Attributes:
        arrived: dict from grad_fn to a tuple of Snapshot or None, the gradient at each of its outputs.
        sent: dict from grad_fn to a tuple of Snapshot or None, the gradient along each of its next_functions. The keys
            are in the order in which the engine ran them.
        grads: dict from id of a leaf to its gradient, a tensor or None.
        leaf_nodes: dict from id of a leaf to its AccumulateGrad.
        running: the grad_fn that is running; after an error the one that failed.
    """

    arrived: dict[Any, Snapshots] = field(default_factory=dict)
    sent: dict[Any, Snapshots] = field(default_factory=dict)
    grads: dict[int, Tensor | None] = field(default_factory=dict)
    leaf_nodes: dict[int, Any] = field(default_factory=dict)
    running: Any = None


def backward_nodes(root: Any) -> dict[Any, Sources]:
    """Return {grad_fn: its next_functions} for every backward node reachable from root, root first.

    Args:
        root: a grad_fn.
    """
    reached: dict[Any, Sources] = {root: ()}
    stack = [root]
    while stack:
        node = stack.pop()
        reached[node] = after = node.next_functions
        for source, _ in after:
            if source is not None and source not in reached:
                reached[source] = ()
                stack.append(source)
    if len(reached) > FREED_AT_ONCE:
        bound_release(reached, reached)
    return reached


def backward_nodes_until(roots: list[Any], stops: set[Any]) -> set[Any]:
    """Return the set of backward nodes reachable from several roots, without those in `stops` and behind them.

    Args:
        roots: list of grad_fn.
        stops: set of grad_fn at which the search ends.
    """
    reached = set(stops)
    stack = [root for root in roots if root not in stops]
    while stack:
        node = stack.pop()
        if node not in reached:
            reached.add(node)
            stack += [source for source, _ in node.next_functions if source is not None]
    if len(reached) > FREED_AT_ONCE:
        bound_release(reached)
    return reached - stops


def bound_release(nodes: Iterable[Node], known: dict[Node, Sources] | None = None, block: int = FREED_AT_ONCE) -> None:
    """Bound the C stack that PyTorch needs to free these backward nodes and all below them, in any order.

    PyTorch frees a chain of backward nodes in a loop. But nodes that Python has seen are freed recursively, with 200
    bytes of stack each, and 40,000 in a row end the process. So this function divides the chain into blocks: the
    first node of a block holds the first nodes of the next blocks in its `metadata`, which PyTorch frees last.

    Args:
        nodes: backward nodes.
        known: dict from backward node to its next_functions, for those that the caller knows already.
        block: how many nodes of a path PyTorch may free recursively; a graph with fewer nodes is left alone.
    """
    sources = dict(known or {})
    heights = _heights(nodes, sources)
    if max(heights.values()) < block:
        return
    first: dict[Any, set[Any]] = {}  # node -> the first nodes of the blocks that it belongs to
    following: dict[Any, set[Any]] = {}  # first node of a block -> first nodes of the blocks below it
    for node in sorted(heights, key=heights.__getitem__, reverse=True):
        begins = {node} if node in following or node not in first else first[node]
        for source, _ in sources[node]:
            if source is None:
                continue
            if heights[source] // block != heights[node] // block:
                following.setdefault(source, set())
                for each in begins:
                    following.setdefault(each, set()).add(source)
            elif source not in first:
                first[source] = begins
            elif first[source] is not begins:
                first[source] = first[source] | begins
    for node, after in following.items():
        node.metadata["seeing_gradients"] = tuple(after)  # pyright: ignore[reportIndexIssue]  # a property; torch's stubs declare a method


def _heights(nodes: Iterable[Node], sources: dict[Node, Sources]) -> dict[Node, int]:
    """The length of the longest path down from each of these nodes and of all nodes below them.

    Adds the next_functions that `sources` lacks to it.
    """
    heights: dict[Node, int] = {}
    for top in nodes:
        stack = [] if top in heights else [top]
        while stack:
            node, height = stack[-1], 0
            if node not in sources:
                sources[node] = node.next_functions
            for source, _ in sources[node]:
                if source is None:
                    continue
                below = heights.get(source)
                if below is None:
                    stack.append(source)
                elif below >= height:
                    height = below + 1
            if stack[-1] is node:
                heights[stack.pop()] = height
    return heights


def run_backward(
    result: Backward,
    output: Tensor,
    gradient: Tensor | None,
    nodes: dict[Any, Sources],
    retain_graph: bool = True,
    times: int = 1,
    hidden_leaves: Iterable[Tensor] = (),
    watched: Iterable[Node] | None = None,
) -> dict[int, Tensor | None]:
    """Run output.backward(gradient) with hooks on every node, and restore the .grad of the leaves.

    Args:
        result: Backward, to be filled; after an error it is incomplete.
        output: tensor that requires grad.
        gradient: tensor of the output's shape, or None for a scalar.
        nodes: dict, as `backward_nodes` returns it.
        retain_graph: bool, as for Tensor.backward.
        times: int, how often to run backward; `result` describes the first pass.
        hidden_leaves: leaves that f used, but that need not be in the graph: a reentrant checkpoint calls backward
            itself, inside a backward node, and so leaves gradients in the parameters of its part of f.
        watched: the backward nodes whose gradients are noted; None for all.

    Returns:
        dict from id of a leaf to its .grad after all passes.

    Raises:
        RuntimeError: raised by the engine, e.g. for a saved tensor that was written to in place.
    """
    accumulators = [node for node, after in nodes.items() if not after and hasattr(node, "variable")]
    leaves: list[Tensor] = [node.variable for node in accumulators]
    result.leaf_nodes = {id(leaf): node for leaf, node in zip(leaves, accumulators, strict=True)}
    leaves += {id(leaf): leaf for leaf in hidden_leaves if id(leaf) not in result.leaf_nodes}.values()
    with _one_at_a_time:
        return _watched_passes(result, output, gradient, nodes, leaves, retain_graph, times, watched)


def _watched_passes(
    result: Backward,
    output: Tensor,
    gradient: Tensor | None,
    nodes: dict[Any, Sources],
    leaves: list[Tensor],
    retain_graph: bool,
    times: int,
    watched: Iterable[Node] | None,
) -> dict[int, Tensor | None]:
    notes, hooks = _Notes(result, nodes), []
    # A prehook on each node shows which one failed, but takes time. If a failed pass can be repeated, only the
    # repetition has prehooks.
    can_repeat = retain_graph and times == 1
    try:
        noted = nodes if watched is None else watched
        _hook_notes(hooks, noted, notes)
        if not can_repeat:
            _watch(hooks, result, nodes)
        hidden = torch._C.DisableTorchFunction()  # hide these calls from an enclosing recording
        with restore_grads(leaves) as grads, hidden:
            grads.clear()
            try:
                return _passes(result, leaves, times, output, gradient, retain_graph)
            except Exception:
                if can_repeat:
                    _watch(hooks, result, nodes)
                    with suppress(Exception):  # the same error again
                        torch.autograd.backward(output, gradient, retain_graph=True)
                raise
    finally:
        remove_hooks(hooks)


@undisturbed
def _hook(hooks: list[Any], nodes: Iterable[Node], register: Callable[[Node], Any]) -> None:
    for node in nodes:
        hooks.append(register(node))


@undisturbed
def _hook_notes(hooks: list[Any], nodes: Iterable[Node], notes: "_Notes") -> None:
    for node in nodes:
        hooks.append(node.register_hook(partial(_note, notes, node)))


@undisturbed
def remove_hooks(hooks: list[Any]) -> None:
    """Remove hooks, even after a time limit has passed."""
    while hooks:
        hooks.pop().remove()


def _passes(
    result: Backward, leaves: list[Tensor], times: int, output: Tensor, gradient: Tensor | None, retain_graph: bool
) -> dict[int, Tensor | None]:
    torch.autograd.backward(output, gradient, retain_graph=retain_graph)
    result.grads = {id(leaf): leaf.grad for leaf in leaves if leaf.grad is not None or id(leaf) in result.leaf_nodes}
    if times == 1:
        return result.grads
    result.grads = {key: None if grad is None else grad.clone() for key, grad in result.grads.items()}
    for _ in range(times - 1):
        torch.autograd.backward(output, gradient, retain_graph=retain_graph)
    return {id(leaf): leaf.grad for leaf in leaves}


def _watch(hooks: list[Any], result: Backward, nodes: Iterable[Any]) -> None:
    _hook(hooks, nodes, lambda node: node.register_prehook(partial(_begins, result, node)))
    _hook(hooks, nodes, lambda node: node.register_hook(partial(_ends, result)))


def _begins(result: Backward, node: Any, arrived: tuple[Tensor | None, ...]) -> None:
    result.running = node
    if node not in result.arrived:
        result.arrived[node] = tuple([None if grad is None else snapshot(grad) for grad in arrived])


def _ends(result: Backward, sent: object, arrived: object) -> None:
    result.running = None


class _Notes:
    """What the hooks of one backward pass share. One node sends the tensor that the next one receives.

    So a snapshot is made once, when the tensor is sent. It is used again if the same tensor arrives, and not the result
    of a hook.

    Args:
        result: Backward, to be filled.
        nodes: dict, as `backward_nodes` returns it.

    Attributes:
        small: dict from id of a small gradient to (tensor, version, Snapshot). It holds these tensors, so no other
            object can have their ids.
        alone: set of (backward node, output) to which a single edge leads. What is sent there is not added to anything,
            and stays in memory until it arrives.
        underway: dict from (backward node, output) to (reference, version, Snapshot), for large gradients. The
            references are weak: autograd would have to copy the gradient of a leaf into .grad if somebody held it.
    """

    def __init__(self, result: Backward, nodes: dict[Any, Sources]) -> None:
        self.sources, self.sent, self.arrived = nodes, result.sent, result.arrived
        self.small: dict[int, tuple[Tensor, int, Snapshot]] = {}
        self.underway: dict[tuple[Any, int], tuple[ReferenceType[Tensor], int, Snapshot | None]] = {}

    @cached_property
    def alone(self) -> set[tuple[Any, int]]:
        count = Counter(itertools.chain.from_iterable(self.sources.values()))
        return {key for key, edges in count.items() if edges == 1}


def _note(notes: _Notes, node: Any, sent: tuple[Tensor, ...], arrived: tuple[Tensor, ...]) -> None:
    if node in notes.sent:
        return
    small, underway = notes.small, notes.underway
    seen: dict[int, Snapshot | None] = {}  # by id; `sent` and `arrived` hold these tensors
    received: list[Snapshot | None] = []
    for output, grad in enumerate(arrived):
        known = small.get(id(grad))
        if known is not None and known[1] == grad._version:  # the common case, made fast
            received.append(known[2])
            continue
        expected = underway.pop((node, output), None) if underway else None
        if expected is not None and expected[0]() is grad and expected[1] == grad._version:
            seen[id(grad)] = expected[2]
            received.append(expected[2])
        else:
            received.append(None if grad is None else _snapshot_once(small, seen, grad))
    passed: list[Snapshot | None] = []
    source: Source | None = None
    is_source_known = False
    for edge, grad in zip(notes.sources[node], sent, strict=False):
        known = small.get(id(grad))
        if known is not None and known[1] == grad._version:
            passed.append(known[2])
            continue
        if grad is None:
            passed.append(None)
            continue
        if not is_source_known:  # many nodes send a view of what has arrived
            is_source_known, source = True, source_of(arrived[0], received[0]) if received else None
        copy = _snapshot_once(small, seen, grad, source)
        passed.append(copy)
        if copy is not None and copy.numbers is None and edge in notes.alone:
            underway[edge] = ref(grad), grad._version, copy
    notes.arrived[node], notes.sent[node] = tuple(received), tuple(passed)


def _snapshot_once(
    small: dict[int, tuple[Tensor, int, Snapshot]],
    seen: dict[int, Snapshot | None],
    grad: Tensor,
    source: Source | None = None,
) -> Snapshot | None:
    key = id(grad)
    if key in seen:
        return seen[key]
    copy = seen[key] = snapshot(grad, source)
    if copy is not None and copy.numbers is not None:
        small[key] = grad, grad._version, copy
    return copy
