"""Show writes that autograd does not record: inside no_grad, or through a detached alias.

After such a write the tensor still has the backward node of the value before. In a Record the value after the write
is a node of its own, between the value before and the operations that use it. Their gradients are added up at this node
and pass through it unchanged, as in autograd.
"""

from typing import Any, NamedTuple

import torch

from .snapshot import snapshot
from .trace import Call, Trace, Value
from .types import Edge, Node, Snapshot, new_frozen, set_frozen


class History(NamedTuple):
    """What all versions of one tensor have in common.

    Attributes:
        source: the grad_fn; for a leaf the id of its tensor.
        output: which output of the grad_fn.
    """

    source: Any
    output: int


class UntrackedWrites:
    """Find which Value of one history an operation used.

    Args:
        trace: of the forward pass, whose `earlier` is not empty.
    """

    def __init__(self, trace: Trace) -> None:
        self.earlier = trace.earlier
        self._versions: dict[History, list[Value]] = {}
        for index in sorted(self.earlier):
            value = trace.values[index]
            self._versions.setdefault(_history(value), []).append(value)

    def first(self, value: Value) -> Value:
        """Return the Value before all writes.

        Args:
            value: Value.
        """
        while value.index in self.earlier:
            value = self.earlier[value.index]
        return value

    def used(self, history: History, call: Call | None, moment: int) -> Value | None:
        """Return the Value after a write that a call received, else the newest one; None if that is the first one.

        Args:
            history: of the tensor.
            call: the Call that made a backward node, or None.
            moment: how many calls came before; the newest Value at that time is meant.
        """
        versions = self._versions.get(history)
        if versions is None:
            return None
        for arg in call.args if call is not None else ():
            if isinstance(arg, Value) and arg.requires_grad and _history(arg) == history:
                return arg if arg.index in self.earlier else None
        return next((value for value in reversed(versions) if value.calls_before <= moment), None)


def _history(value: Value) -> History:
    return History(value.grad_fn if value.grad_fn is not None else id(value.tensor), value.output_nr)


def pass_back(
    nodes: list[Node], edges: list[Edge], ids: list[int], first: dict[int, Snapshot | None], last: int
) -> None:
    """Set the gradients of the values after untracked writes, and of the edges into them: the sum of all that arrives.

    Args:
        nodes, edges: of a Record, changed in place.
        ids: node ids of these values, in forward order.
        first: dict from each of them to the Snapshot that arrived at the value before all writes, or None.
        last: id of the root.
    """
    out: dict[int, list[Edge]] = {number: [] for number in ids}
    onward: dict[int, Edge] = {}
    concerned = set(ids)
    for edge in edges:
        if edge.src in concerned:
            out[edge.src].append(edge)
        if edge.dst in concerned and not edge.cut and nodes[edge.src].requires_grad:
            onward.setdefault(edge.dst, edge)
    for number in reversed(ids):
        flows: list[Snapshot | None] = [edge.flow for edge in out[number] if edge.flow is not None]
        if number == last:
            flows = [first[number]]
        total = _sum(flows, nodes[number]) if flows else None
        set_frozen(nodes[number], "grads", (total,))
        if number in onward:
            set_frozen(onward[number], "flow", total)


def _sum(flows: list[Snapshot | None], node: Node) -> Snapshot | None:
    known = [flow for flow in flows if flow is not None]
    if len(flows) == 1 or len(known) < len(flows):
        return flows[0]
    if any(flow.numbers is None for flow in known):  # summaries of large tensors cannot be added
        return new_frozen(Snapshot, {"shape": node.shape, "dtype": node.dtype})
    return snapshot(torch.stack([flow.tensor() for flow in known]).sum(0))
