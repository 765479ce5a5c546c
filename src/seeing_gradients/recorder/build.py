"""Combine what was recorded forward (Trace) and backward (Backward) into the nodes and edges of a Record."""

import re
from collections.abc import Container, Mapping
from functools import cache
from typing import Any

import torch
from torch.autograd.function import BackwardCFunction

from .backward import Backward
from .deferred_run import DeferredRun
from .graph import Graph, ValueKey
from .modules import Naming
from .saved_tensors import RawSaved, SavedTensorReader
from .snapshot import shape_of
from .trace import Call, Value
from .types import Edge, Inside, Node, Site, Snapshot, new_frozen, set_frozen
from .untracked_writes import UntrackedWrites, pass_back


class Builder:
    """Build the nodes and edges of a Record.

    Args:
        graph: of the forward pass.
        backward: of the backward pass; empty if there was none.
        names: dict from id of a tensor to its name.
        saved_before: dict from grad_fn to what it had saved before backward, as `read_saved` returns it; None unless
            backward freed it.
        naming: of the modules that ran, None if there were none.
        closed: backward nodes whose saved tensors are not read.
        counts: dict from a backward node to how many its operation made, most of which the graph lacks.
    """

    def __init__(
        self,
        graph: Graph,
        backward: Backward,
        names: dict[int, str],
        saved_before: dict[Any, RawSaved] | None = None,
        naming: Naming | None = None,
        closed: Container[Any] = (),
        counts: Mapping[Any, int] | None = None,
    ) -> None:
        self.graph, self.backward, self.names, self.naming = graph, backward, names, naming
        self.trace, self.is_input = graph.trace, {value.index for value in graph.inputs}
        self.saved_tensors = SavedTensorReader(graph, names, saved_before)
        self.closed, self.counts = closed, counts or {}
        self.ids: dict[Any, int] = {}  # key -> node id
        self._used: dict[int, int] = {}  # node id -> the last of its outputs from which an edge leads, if not the first

    def build(self, root: Value) -> tuple[list[Node], list[Edge], dict[Any, int]]:
        """Return (nodes, edges, {key: node id}) of all ancestors of the root and of the inputs, used or not.

        Args:
            root: Value of the output.
        """
        order, last = self.graph.find_ancestors(root)
        edges = self._edges(order)
        if edges is None:
            order = self.graph.parents_first(last)
            edges = self._edges(order) or []
        self.saved_tensors.ids = self.ids
        nodes: list[Node] = []
        for number, key in enumerate(order):
            nodes.append(self._other_node(key, number) if key.__class__ is ValueKey else self._op_node(key, number))
        if self.naming is not None:
            chains = self.graph.module_calls(order)
            for node, key in zip(nodes, order, strict=True):
                set_frozen(node, "module", self.naming.scopes(chains[key]))
        if self.graph.untracked_writes is not None:
            self._pass_back(nodes, edges, order, self.graph.untracked_writes)
        return nodes, edges, self.ids

    def sites(self) -> list[Site | None]:
        """Return the Site of each node of the last `build`; None for a node that no call of f made."""
        calls = (self._call(key) for key in self.ids)
        return [call and (call.index, call.site) for call in calls]

    def _call(self, key: Any) -> Call | None:
        """The call that made the node with this key."""
        if key.__class__ is not ValueKey:
            return self.graph.call[key]
        return self.trace.calls[key.number] if key.kind == "number" else self.graph.value[key].call

    def _edges(self, order: list[Any]) -> list[Edge] | None:
        """Set `ids` and return the edges into each key; return None if a parent comes after its child."""
        edges: list[Edge] = []
        ids: dict[Any, int] = {}
        used: dict[int, int] = {}
        parents, sent = self.graph.parents, self.backward.sent
        for dst, key in enumerate(order):
            flows = sent.get(key)
            for source, output, position, argument, cut, edge_key in parents[key]:
                src = ids.get(source)
                if src is None:
                    return None
                fields: dict[str, Any]  # without those that have their defaults
                if position < 0:
                    fields = {"src": src, "dst": dst, "argument": argument}
                elif flows:
                    fields = {"src": src, "dst": dst, "input": position, "flow": flows[position]}
                else:
                    fields = {"src": src, "dst": dst, "input": position}
                if cut:
                    fields["cut"] = True
                if edge_key is not None:
                    fields["edge_key"] = edge_key
                if output:
                    fields["output"] = output
                    if output > used.get(src, 0):
                        used[src] = output
                edges.append(new_frozen(Edge, fields))
            ids[key] = dst
        self.ids, self._used = ids, used
        return edges

    def _pass_back(self, nodes: list[Node], edges: list[Edge], order: list[Any], writes: UntrackedWrites) -> None:
        first: dict[int, Snapshot | None] = {}
        ids: list[int] = []
        for number, key in enumerate(order):
            if isinstance(key, ValueKey) and key.kind == "value" and key.number in writes.earlier:
                value = writes.first(self.graph.value[key])
                node = value.grad_fn if value.grad_fn is not None else self.backward.leaf_nodes.get(id(value.tensor))
                arrived = self.backward.arrived.get(node)
                first[number] = arrived[value.output_nr] if arrived else None
                ids.append(number)
        pass_back(nodes, edges, ids, first, len(order) - 1)

    def _other_node(self, key: ValueKey, number: int) -> Node:
        if key.kind == "number":
            call = self.trace.calls[key.number]
            return _constant_node(call.args[key.argument], number, call.line)
        return self._value_node(key, number)

    def _op_node(self, node: Any, number: int) -> Node:
        seen, arrived, call = self.trace.of_node.get(node), self.backward.arrived.get(node), self.graph.call[node]
        if seen and arrived and len(arrived) == 1 and (copy := seen[0].snapshot) is not None:  # the common case
            value, tensor = seen[0], seen[0].tensor
            values, shape, dtype = (copy,), copy.shape, copy.dtype
            named = self.names.get(id(tensor))
            if named is not None and self.trace.newest(tensor) is not value:
                named = None
        else:
            metadata = node._input_metadata
            values = self._values(node, seen or {}, len(metadata))
            if len(values) > 1:  # group_norm returns one tensor to f, and makes two for its backward alone
                used = max(self._used.get(number, 0), *(i for i, each in enumerate(values) if each is not None), 0)
                values, arrived = values[: used + 1], arrived[: used + 1] if arrived else arrived
            shape, dtype = (shape_of(metadata[0]), metadata[0].dtype) if metadata else ((), None)
            if shape is None:  # a nested tensor
                shape = values[0].shape if values and values[0] is not None else ()
            named = self._names_in(seen) if seen else None
        name, op = _names_of(node.name())
        fields = {  # the other fields have their defaults: an instance of ten fields takes half the memory
            "id": number,
            "op": op,
            "grad_fn": name,
            "name": named,
            "shape": shape,
            "dtype": dtype,
            "line": call.line if call is not None else self._line(node),
            "saved_tensors": () if node in self.closed else self.saved_tensors.read(node, number, call),
            "values": values or (None,),
            "grads": arrived or (None,) * max(1, len(values)),
        }
        if self.counts and node in self.counts:
            fields["inside"] = Inside("", self.counts[node], 0)
        return new_frozen(Node, fields)

    def _names_in(self, seen: dict[int, Value]) -> str | None:
        """The variables that hold the outputs of a backward node, "low, high"; None if there are none."""
        return ", ".join([self.names[id(v.tensor)] for _, v in sorted(seen.items()) if self._is_named(v)]) or None

    def _values(self, node: Any, seen: dict[int, Value], count: int) -> tuple[Snapshot | None, ...]:
        """The snapshots of a backward node's outputs: those that f received, or those that the dispatch mode saw."""
        if count == 1 and seen:
            return (seen[0].snapshot,)
        is_inside = not (seen or node in self.graph.preexisting)
        call = self.graph.call[node]
        if is_inside and call is not None and (run := self.trace.deferred.get(call.index)) is not None:
            return self._deferred_values(node, call, run)
        below = self.trace.below.get(node._sequence_nr(), ()) if is_inside else ()
        return tuple(seen[i].snapshot if i in seen else below[i] if i < len(below) else None for i in range(count))

    @staticmethod
    def _deferred_values(node: Any, call: Call, run: DeferredRun) -> tuple[Snapshot | None, ...]:
        values: list[Snapshot | None] = []
        for output, metadata in enumerate(node._input_metadata):
            shape = shape_of(metadata)
            position = node._sequence_nr() - call.begin
            values.append(None if shape is None else run.snapshot(position, output, shape, metadata.dtype))
        return tuple(values)

    def _line(self, node: Any) -> int | None:
        """The line of f for a node without a Call.

        The mode does not see Function.apply. Its line is that of the first operation in its forward.
        """
        if not isinstance(node, BackwardCFunction) or node in self.graph.preexisting:
            return None
        call = self.trace.call_of(node._sequence_nr())[1]
        return call.line if call is not None else None

    def _value_node(self, key: ValueKey, number: int) -> Node:
        value = self.graph.value[key]
        line = value.call.line if value.call else None
        kind = self._kind(value)
        gradient = self.backward.grads.get(key.number) if key.kind == "leaf" else None
        node = self.backward.leaf_nodes.get(key.number) if key.kind == "leaf" else None
        fields = {  # ten at most, as in _op_node
            "id": number,
            "op": kind if kind in ("leaf", "constant") else (value.call.name.strip("_") if value.call else "view"),
            "kind": kind,
            "name": self.names.get(id(value.tensor))
            if key.kind == "leaf" or value.index in self.is_input or self._is_named(value)
            else None,
            "shape": shape_of(value.tensor) or (),
            "dtype": value.tensor.dtype,
            "is_leaf": value.is_leaf,
            "values": (value.snapshot,),
        }
        if node is not None:
            fields["grad_fn"] = "AccumulateGrad"
        if gradient is not None:
            fields["grads"] = self.backward.arrived.get(node, (None,))
        if line is not None:
            fields["line"] = line
        if not value.requires_grad:
            fields["requires_grad"] = False
        return new_frozen(Node, fields)

    def _kind(self, value: Value) -> str:
        writes = self.graph.untracked_writes
        if writes is not None and value.index in writes.earlier:
            return "op"
        if value.index in self.is_input or value.requires_grad:
            return "leaf"
        args = value.parents if value.call is None else value.call.args
        if not any(isinstance(arg, Value) and arg is not value for arg in args):
            return "constant"
        return "detached" if self._is_cut_off(value) else "op"

    def _is_cut_off(self, value: Value) -> bool:
        """Whether the value does not require grad, but depends on something that does."""
        seen, stack = {value.index}, [value]
        while stack:
            current = stack.pop()
            if current.requires_grad:
                return True
            for arg in current.parents if current.call is None else current.call.args:
                if isinstance(arg, Value) and arg.index not in seen:
                    seen.add(arg.index)
                    stack.append(arg)
        return False

    def _is_named(self, value: Value) -> bool:
        """Whether the value is the newest version of its tensor: only that one has the name."""
        return id(value.tensor) in self.names and self.trace.newest(value.tensor) is value


_NUMBER_TYPES = {bool: torch.bool, int: torch.int64, float: torch.float64, complex: torch.complex128}


def _constant_node(number: Any, node_id: int, line: int | None) -> Node:
    dtype = _NUMBER_TYPES.get(type(number), torch.float64)
    return new_frozen(
        Node,
        {
            "id": node_id,
            "op": "constant",
            "kind": "constant",
            "dtype": dtype,
            "requires_grad": False,
            "is_leaf": True,
            "line": line,
            "values": (new_frozen(Snapshot, {"shape": (), "dtype": dtype, "numbers": number}),),
        },
    )


@cache
def _names_of(full_name: str) -> tuple[str, str]:
    """The class and the operation: MulBackward0 -> mul, LinalgVectorNormBackward0 -> linalg_vector_norm."""
    class_name = full_name.rpartition("::")[2]
    words = re.sub(r"Backward\d*$", "", class_name)
    return class_name, re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words).lower()
