"""Join what was seen forward (Trace) and backward (Backward) into the plain nodes and edges of a Record."""

import re
from functools import cache

import torch
from torch.autograd.function import BackwardCFunction

from .kept import Keeping
from .rewritten import pass_back
from .trace import Value
from .types import Edge, Node, Snapshot, made

_new, _set = object.__new__, object.__setattr__


class Builder:
    """Makes the nodes and edges.

    Args:
        graph: Graph of the forward pass.
        backward: Backward; empty where none was run.
        names: dict from id of a tensor to its name.
        held: dict from grad_fn to what it kept before backward, as `saved.look` gives it, where backward freed that.
        naming: Naming of the modules that ran, or None where none did.
    """

    def __init__(self, graph, backward, names, held=None, naming=None):
        self.graph, self.backward, self.names, self.naming = graph, backward, names, naming
        self.trace, self.is_input = graph.trace, {value.index for value in graph.inputs}
        self.keeping = Keeping(graph, names, held)
        self.ids = {}  # key -> node id

    def build(self, root):
        """Return (nodes, edges, id of each key) of all that lies behind the root, and of the inputs, used or not.

        Args:
            root: Value of the output.
        """
        order, last = self.graph.find_ancestors(root)
        edges = self._edges(order)
        if edges is None:
            order = self.graph.parents_first(last)
            edges = self._edges(order)
        self.keeping.ids = self.ids
        nodes = []
        for number, key in enumerate(order):
            nodes.append(self._other_node(key, number) if key.__class__ is tuple else self._op_node(key, number))
        if self.naming is not None:
            chains = self.graph.chains(order)
            for node, key in zip(nodes, order, strict=True):
                _set(node, "module", self.naming.scopes(chains[key]))
        if self.graph.rewritten is not None:
            self._pass_back(nodes, edges, order)
        return nodes, edges, self.ids

    def _edges(self, order):
        """The edges to each key from its parents, and `ids`; None where a parent comes after its child."""
        edges, ids, parents, sent = [], {}, self.graph.parents, self.backward.sent
        for dst, key in enumerate(order):
            flows = sent.get(key)
            for source, output, place, cut, at in parents[key]:
                src = ids.get(source)
                if src is None:
                    return None
                edge = _new(Edge)  # as `made` does, without the call
                if place >= 0:
                    flow = flows[place] if flows else None
                    fields = {
                        "src": src,
                        "dst": dst,
                        "output": output,
                        "input": place,
                        "flow": flow,
                        "cut": cut,
                        "at": at,
                    }
                else:
                    fields = {"src": src, "dst": dst, "output": output, "argument": -1 - place, "cut": cut, "at": at}
                _set(edge, "__dict__", fields)
                edges.append(edge)
            ids[key] = dst
        self.ids = ids
        return edges

    def _pass_back(self, nodes, edges, order):
        first, ids = {}, []
        for number, key in enumerate(order):
            if isinstance(key, tuple) and key[0] == "value" and key[1] in self.graph.rewritten.earlier:
                value = self.graph.rewritten.first(self.graph.value[key])
                node = value.grad_fn if value.grad_fn is not None else self.backward.leaf_nodes.get(id(value.tensor))
                arrived = self.backward.arrived.get(node)
                first[number] = arrived[value.output_nr] if arrived else None
                ids.append(number)
        pass_back(nodes, edges, ids, first, len(order) - 1)

    def _other_node(self, key, number):
        if key[0] == "number":
            constant = self.trace.calls[key[1]].args[key[2]]
            return _constant_node(constant, number, self.trace.calls[key[1]].line)
        return self._value_node(key, number)

    def _op_node(self, node, number):
        seen, arrived, call = self.trace.of_node.get(node), self.backward.arrived.get(node), self.graph.call[node]
        if seen and arrived and len(arrived) == 1 and seen[0].shot is not None:  # the common case, without detours
            value = seen[0]
            shot, tensor = value.shot, value.tensor
            values, shape, dtype = (shot,), shot.shape, shot.dtype
            named = self.names.get(id(tensor))
            if named is not None and self.trace.newest(tensor) is not value:
                named = None
        else:
            metadata = node._input_metadata
            values = self._values(node, seen or {}, len(metadata))
            shape, dtype = (tuple(metadata[0].shape), metadata[0].dtype) if metadata else ((), None)
            named = self._names_in(seen) if seen else None
        name, op = _names_of(node.name())
        made_node = _new(Node)  # as `made` does, without the call
        fields = {  # and what is as the class says; ten fields take half the memory of more
            "id": number,
            "op": op,
            "grad_fn": name,
            "name": named,
            "shape": shape,
            "dtype": dtype,
            "line": call.line if call is not None else self._line(node),
            "kept": self.keeping.of(node, number, call),
            "values": values or (None,),
            "grads": arrived or (None,) * max(1, len(values)),
        }
        _set(made_node, "__dict__", fields)
        return made_node

    def _names_in(self, seen):
        """The variables that hold the outputs of a backward node: "low, high"; None where there are none."""
        return ", ".join([self.names[id(v.tensor)] for _, v in sorted(seen.items()) if self._is_named(v)]) or None

    def _values(self, node, seen, count):
        """The snapshots of a backward node's outputs: of what f got, else of what was seen below."""
        if count == 1 and seen:
            return (seen[0].shot,)
        below = self.trace.below.get(node._sequence_nr(), ()) if not (seen or node in self.graph.outer) else ()
        return tuple(
            seen[place].shot if place in seen else below[place] if place < len(below) else None
            for place in range(count)
        )

    def _line(self, node):
        """Function.apply passes no mode: its line is that of the first operation inside its forward."""
        if not isinstance(node, BackwardCFunction) or node in self.graph.outer:
            return None
        call = self.trace.call_of(node._sequence_nr())[1]
        return call.line if call is not None else None

    def _value_node(self, key, number):
        value = self.graph.value[key]
        shot, line = value.shot, value.call.line if value.call else None
        kind = self._kind(value)
        gradient = self.backward.grads.get(key[1]) if key[0] == "leaf" else None
        node = self.backward.leaf_nodes.get(key[1]) if key[0] == "leaf" else None
        return made(
            Node,
            {
                "id": number,
                "op": kind if kind in ("leaf", "constant") else (value.call.name.strip("_") if value.call else "view"),
                "grad_fn": "AccumulateGrad" if node is not None else None,
                "kind": kind,
                "name": self.names.get(id(value.tensor))
                if key[0] == "leaf" or value.index in self.is_input or self._is_named(value)
                else None,
                "shape": tuple(value.tensor.shape),
                "dtype": value.tensor.dtype,
                "requires_grad": value.requires_grad,
                "is_leaf": value.is_leaf,
                "line": line,
                "values": (shot,),
                "grads": self.backward.arrived[node] if gradient is not None and node is not None else (None,),
            },
        )

    def _kind(self, value):
        if self.graph.rewritten is not None and value.index in self.graph.rewritten.earlier:
            return "op"
        if value.index in self.is_input or value.requires_grad:
            return "leaf"
        args = value.parents if value.call is None else value.call.args
        if not any(isinstance(arg, Value) and arg is not value for arg in args):
            return "constant"
        return "detached" if self._is_cut_off(value) else "op"

    def _is_cut_off(self, value):
        """Whether something that requires grad lies behind a value that does not."""
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

    def _is_named(self, value):
        """A name belongs to the newest version of a tensor."""
        return id(value.tensor) in self.names and self.trace.newest(value.tensor) is value


_NUMBER_TYPES = {bool: torch.bool, int: torch.int64, float: torch.float64, complex: torch.complex128}


def _constant_node(number, node_id, line):
    dtype = _NUMBER_TYPES.get(type(number), torch.float64)
    return made(
        Node,
        {
            "id": node_id,
            "op": "constant",
            "grad_fn": None,
            "kind": "constant",
            "name": None,
            "shape": (),
            "dtype": dtype,
            "requires_grad": False,
            "is_leaf": True,
            "line": line,
            "values": (made(Snapshot, {"shape": (), "dtype": dtype, "numbers": number}),),
        },
    )


@cache
def _names_of(full_name):
    """The class and the operation: MulBackward0 -> mul, LinalgVectorNormBackward0 -> linalg_vector_norm."""
    class_name = full_name.rpartition("::")[2]
    words = re.sub(r"Backward\d*$", "", class_name)
    return class_name, re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words).lower()
