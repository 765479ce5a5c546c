"""Values that were written to where autograd did not look: inside no_grad, or through a detached alias.

The backward node stays that of the value before the write. In a Record the value after it is a node of its own, between
that one and the operations that used it; what they send back is added up there and goes on unchanged, as autograd has it.
"""

import torch

from .snapshot import snapshot
from .types import Snapshot

_set = object.__setattr__


class Rewritten:
    """Which Value of one history an operation used.

    Args:
        trace: Trace of the forward pass, whose `earlier` is not empty.
    """

    def __init__(self, trace):
        self.earlier, self._versions = trace.earlier, {}
        for index in sorted(self.earlier):
            value = trace.values[index]
            self._versions.setdefault(_history(value), []).append(value)

    def first(self, value):
        """The Value as it was computed or came in."""
        while value.index in self.earlier:
            value = self.earlier[value.index]
        return value

    def used(self, history, call, moment):
        """The Value after a write that a call took, else the newest at a moment; None where that is the first.

        Args:
            history: (grad_fn, output), or (id of a leaf, 0).
            call: Call that made a backward node, or None.
            moment: number of calls before it.
        """
        versions = self._versions.get(history)
        if versions is None:
            return None
        for arg in call.args if call is not None else ():
            if hasattr(arg, "tensor") and arg.requires_grad and _history(arg) == history:
                return arg if arg.index in self.earlier else None
        return next((value for value in reversed(versions) if value.at <= moment), None)


def _history(value):
    return (value.grad_fn if value.grad_fn is not None else id(value.tensor)), value.output_nr


def pass_back(nodes, edges, ids, first, last):
    """Give the nodes of rewritten values their gradients, and the edges into them what flows on: the sum of what comes.

    Args:
        nodes, edges: of a Record, changed in place.
        ids: node ids of the rewritten values, forward order.
        first: dict from each of them to the Snapshot that arrived at the value before all writes, or None.
        last: id of the root.
    """
    out, way, concerned = {number: [] for number in ids}, {}, set(ids)
    for edge in edges:
        if edge.src in concerned:
            out[edge.src].append(edge)
        if edge.dst in concerned and not edge.cut and nodes[edge.src].requires_grad:
            way.setdefault(edge.dst, edge)
    for number in reversed(ids):
        flows = [edge.flow for edge in out[number] if edge.flow is not None]
        if number == last:
            flows = [first[number]]
        total = _sum(flows, nodes[number]) if flows else None
        _set(nodes[number], "grads", (total,))
        if number in way:
            _set(way[number], "flow", total)


def _sum(flows, node):
    if len(flows) == 1 or None in flows:
        return flows[0]
    if any(flow.numbers is None for flow in flows):  # a range and a thumbnail do not add up
        return Snapshot(node.shape, node.dtype)
    return snapshot(torch.stack([flow.tensor() for flow in flows]).sum(0))
