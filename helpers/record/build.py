"""Join what was seen forward (Trace) and backward (Backward) into the plain nodes and edges of a Record.

Begins at the root and goes back: along next_functions where autograd knows the way, along the arguments of the call
where it does not (numbers, constants, what was detached).
"""

import math
import re
from functools import cache
from heapq import heapify, heappop, heappush

import torch
from torch.autograd.function import BackwardCFunction

from .engine import walk
from .modules import common
from .outer import nodes_outside
from .rewritten import Rewritten, pass_back
from .saved import describe, look
from .snapshot import has_memory
from .trace import Value
from .types import Edge, Node, Snapshot, made


class Builder:
    """The ancestors of the root, as keys: a grad_fn, or ("leaf", id), ("value", index), ("number", call, position).

    Args:
        trace: Trace of the forward pass.
        backward: Backward; empty where none was run.
        names: dict from id of a tensor to its name.
        inputs: list of Value of f's arguments, in order.
        held: dict from grad_fn to what it kept before backward, as `saved.look` gives it, where backward freed that.
        naming: Naming of the modules that ran, or None where none did.
    """

    def __init__(self, trace, backward, names, inputs, held=None, naming=None):
        self.trace, self.backward, self.names, self.inputs, self.held = trace, backward, names, inputs, held
        self.naming = naming
        self.is_input = {value.index for value in inputs}
        self.memories = {}  # address -> (number, bytes)
        self.rewritten = Rewritten(trace) if trace.earlier else None
        self.outer = nodes_outside(trace)
        self.made = {}  # call index -> backward nodes that the call made, where it made several
        self.call = {}  # backward node -> its Call or None
        self.after = {}  # backward node -> its next_functions
        self.value = {}  # ("leaf", id) or ("value", index) -> Value
        self.parents = {}  # key -> list of (parent key, output, input or -1 - argument, cut, at)
        self.when = {}  # key -> time, sortable

    def build(self, root):
        """Return (nodes, edges, id of each key) of all that lies behind the root, and of the inputs, used or not.

        Args:
            root: Value of the output.
        """
        stack = [self.key_of(value) for value in self.inputs]
        for position, key in enumerate(stack):
            self.when.setdefault(key, (-1, position))
        last = self.key_of(root)
        stack.append(last)
        while stack:
            key = stack.pop()
            if key not in self.parents:
                self.parents[key] = behind = (
                    self._behind_other(key) if isinstance(key, tuple) else self._behind_node(key)
                )
                stack += [parent[0] for parent in behind]
        order = self._in_order(last)
        nodes = [
            self._other_node(key, number) if isinstance(key, tuple) else self._op_node(key, number)
            for number, key in enumerate(order)
        ]
        if self.naming is not None:
            self._note_modules(nodes, order)
        edges = self._edges(order)
        if self.rewritten is not None:
            self._pass_back(nodes, edges, order)
        return nodes, edges, self.ids

    def _pass_back(self, nodes, edges, order):
        first, ids = {}, []
        for number, key in enumerate(order):
            if isinstance(key, tuple) and key[0] == "value" and key[1] in self.rewritten.earlier:
                value = self.rewritten.first(self.value[key])
                node = value.grad_fn if value.grad_fn is not None else self.backward.leaf_nodes.get(id(value.tensor))
                arrived = self.backward.arrived.get(node)
                first[number] = arrived[value.output_nr] if arrived else None
                ids.append(number)
        pass_back(nodes, edges, ids, first, len(order) - 1)

    def key_of(self, value):
        """A tensor with a history is its grad_fn, a leaf that requires grad one node; what was written to since, another."""
        is_written = self.rewritten is not None and value.index in self.rewritten.earlier
        if value.grad_fn is not None:
            if value.grad_fn not in self.call:
                self.place(walk(value.grad_fn))
            if not is_written:
                return value.grad_fn
        key = ("leaf", id(value.tensor)) if value.requires_grad and not is_written else ("value", value.index)
        if key not in self.value or self.value[key].index > value.index:
            self.value[key] = value
        self.when.setdefault(key, (value.at - 1, 1 if value.call else -1, value.index))
        return key

    def key_of_node(self, node):
        """The key of a backward node; an AccumulateGrad is its leaf."""
        if not hasattr(node, "variable"):
            return node
        value = self.trace.value_of(node.variable)
        return self.key_of(value if self.rewritten is None else self.rewritten.first(value))

    def place(self, nodes):
        """Note which call made each of these backward nodes.

        Args:
            nodes: dict, as `walk` gives it.
        """
        calls, when, call_of, outer = self.call, self.when, self.trace.call_of, self.outer
        self.after.update(nodes)
        for node, after in nodes.items():
            if node in calls or (not after and hasattr(node, "variable")):
                continue
            number = node._sequence_nr()
            call, later = call_of(number if node not in outer else -1)
            calls[node] = call
            if call is not None:
                if call.end - call.begin > 1:
                    self.made.setdefault(call.index, []).append(node)
                when[node] = (call.index, 1, number)
            else:  # made before f, by Function.apply, or anew for a view that was written to
                when[node] = (later.index - 0.5 if later else len(self.trace.calls), 1, number)

    def _note_modules(self, nodes, order):
        """Tell each node its modules; what nobody computed here belongs where all of its uses are."""
        chains, used = {}, {}
        inputs = {self.key_of(value) for value in self.inputs}
        for key in reversed(order):
            chain = () if key in inputs else self._chain(key)
            chains[key] = used.get(key, ()) if chain is None else chain
            for parent, *_ in self.parents[key]:
                used[parent] = common(used.get(parent), chains[key])
        for node, key in zip(nodes, order, strict=True):
            object.__setattr__(node, "module", self.naming.scopes(chains[key]))

    def _chain(self, key):
        """The calls of modules in which a value was computed; None where f found or got it."""
        if not isinstance(key, tuple):
            if key in self.outer:
                return None
            number = key._sequence_nr()
            call = self.call[key] or self.trace.call_of(number)[1]
            return call.entered if call is not None else ()
        if key[0] == "number":
            return self.trace.calls[key[1]].entered
        call = self.value[key].call
        return call.entered if call is not None else None

    def _behind_other(self, key):
        if key[0] != "value":
            return []
        value = self.value[key]
        args = value.parents if value.call is None else value.call.args
        parents = [self._parent(arg, value.call, place, True) for place, arg in enumerate(args) if arg is not value]
        if self.rewritten is not None and value.index in self.rewritten.earlier:
            self._carry_on(parents, self.rewritten.earlier[value.index])
        return parents

    def _carry_on(self, parents, earlier):
        """The gradient goes on from what was written to as if nothing had been: that edge is not cut, any other one is."""
        key = self.key_of(earlier)
        place = next((i for i, parent in enumerate(parents) if parent[:2] == (key, earlier.output_nr)), len(parents))
        argument = parents[place][2] if place < len(parents) else -1 - place
        parents[place : place + 1] = [(key, earlier.output_nr, argument, False, None)]

    def _as_used(self, parents, node, call):
        """The same parents; where one was written to before it was used, the value after that."""
        moment, found = (call.index if call is not None else math.ceil(self.when[node][0])), []
        for key, output, place, cut, at in parents:
            history = (key[1] if isinstance(key, tuple) else key), output
            value = self.rewritten.used(history, call, moment)
            found.append((key if value is None else self.key_of(value), output, place, cut, at))
        return found

    def _behind_node(self, node):
        parents, calls = [], self.call
        for place, (source, output) in enumerate(self.after[node]):
            if source is not None:
                parents.append((source if source in calls else self.key_of_node(source), output, place, False, None))
        call = calls[node]
        if self.rewritten is not None:
            parents = self._as_used(parents, node, call)
        if call is None:
            return parents
        if call.cut is not None:
            parents = self._with_places(parents, node, call)
        if call.end - call.begin == 1 or node is _nearest_to_arguments(self.made[call.index]):
            for place, arg in enumerate(call.args):
                is_free = isinstance(arg, Value) and arg.requires_grad and not (call.cut and _is_drawn(call.cut, place))
                if not is_free:
                    parents.append(self._parent(arg, call, place, True))
        return parents

    def _with_places(self, parents, node, call):
        """Note at each edge which argument of the call it comes from, or which several, so that it can be cut there."""
        places, ways = {}, self.trace.ways.get(call.index, {})
        for place, arg in enumerate(call.args):
            if isinstance(arg, Value) and arg.requires_grad and place not in call.cut:
                history = self.key_of(arg), arg.output_nr
                places[history] = None if history in places else place  # None: at several places
        noted = []
        for key, output, i, cut, at in parents:
            place = places.get((key, output))
            if place is None:
                place = ways.get((node, i))
            noted.append((key, output, i, cut, at if place is None else (call.index, call.name, place)))
        return noted

    def _parent(self, arg, call, place, cuts):
        """The edge from an argument that autograd does not know; in place of the input stands -1 less the argument's place."""
        shown = 1 - place if call is not None and _is_reversed(call) else place
        if isinstance(arg, Value):
            at = (
                (call.index, call.name, call.cut[place])
                if call is not None and call.cut and place in call.cut
                else None
            )
            return self.key_of(arg), arg.output_nr, -1 - shown, cuts and arg.requires_grad, at
        key = ("number", call.index, place)
        self.when[key] = (call.index, 0, place)
        return key, 0, -1 - shown, False, None

    def _in_order(self, last):
        """The keys as they came about in time, parents first in any case; the root at the end. Numbers them, too."""
        order = sorted([key for key in self.parents if key is not last], key=self.when.__getitem__)
        order.append(last)
        self.ids, parents = {}, self.parents
        for number, key in enumerate(order):
            for parent in parents[key]:
                if parent[0] not in self.ids:
                    order = self._parents_first(last)
                    self.ids = {key: number for number, key in enumerate(order)}
                    return order
            self.ids[key] = number
        return order

    def _parents_first(self, last):
        """Kahn's algorithm, earliest first: for the rare graph whose nodes were made out of order."""
        waiting = {key: len({parent[0] for parent in parents}) for key, parents in self.parents.items()}
        children = {}
        for key, parents in self.parents.items():
            for parent in {parent[0] for parent in parents}:
                children.setdefault(parent, []).append(key)
        ready = [(self.when[key], number, key) for number, key in enumerate(waiting) if not waiting[key]]
        heapify(ready)
        order, count = [], len(waiting)
        while ready:
            key = heappop(ready)[2]
            order.append(key)
            for child in children.get(key, ()):
                waiting[child] -= 1
                if not waiting[child]:
                    count += 1
                    heappush(ready, (self.when[child], count, child))
        order.remove(last)
        return [*order, last]

    def _edges(self, order):
        edges, ids, sent = [], self.ids, self.backward.sent
        for dst, key in enumerate(order):
            flows = sent.get(key)
            for source, output, place, cut, at in self.parents[key]:
                flow = flows[place] if flows and place >= 0 else None
                fields = {
                    "src": ids[source],
                    "dst": dst,
                    "output": output,
                    "input": place,
                    "flow": flow,
                    "cut": cut,
                    "at": at,
                }
                if place < 0:
                    fields |= {"input": -1, "argument": -1 - place}
                edges.append(made(Edge, fields))
        return edges

    def _other_node(self, key, number):
        if key[0] == "number":
            constant = self.trace.calls[key[1]].args[key[2]]
            return _constant_node(constant, number, self.trace.calls[key[1]].line)
        return self._value_node(key, number)

    def _op_node(self, node, number):
        seen, arrived, call = self.trace.of_node.get(node), self.backward.arrived.get(node), self.call[node]
        if seen and arrived and len(arrived) == 1 and seen[0].shot is not None:  # the common case, without detours
            value = seen[0]
            shot, named = value.shot, self.names.get(id(value.tensor))
            values, shape, dtype = (shot,), shot.shape, shot.dtype
            if named is not None and not self._is_named(value):
                named = None
        else:
            metadata = node._input_metadata
            values = self._values(node, seen or {}, len(metadata))
            shape, dtype = (tuple(metadata[0].shape), metadata[0].dtype) if metadata else ((), None)
            named = self._names_in(seen) if seen else None
        name, op = _names_of(node.name())
        return made(
            Node,
            {
                "id": number,
                "op": op,
                "grad_fn": name,
                "kind": "op",
                "name": named,
                "shape": shape,
                "dtype": dtype,
                "requires_grad": True,
                "is_leaf": False,
                "line": call.line if call is not None else self._line(node),
                "kept": self._kept(node, number, call),
                "values": values or (None,),
                "grads": arrived or (None,) * max(1, len(values)),
            },
        )

    def _names_in(self, seen):
        """The variables that hold the outputs of a backward node: "low, high"; None where there are none."""
        return ", ".join([self.names[id(v.tensor)] for _, v in sorted(seen.items()) if self._is_named(v)]) or None

    def _values(self, node, seen, count):
        """The snapshots of a backward node's outputs: of what f got, else of what was seen below."""
        if count == 1 and seen:
            return (seen[0].shot,)
        below = self.trace.below.get(node._sequence_nr(), ()) if not (seen or node in self.outer) else ()
        return tuple(
            seen[place].shot if place in seen else below[place] if place < len(below) else None
            for place in range(count)
        )

    def _kept(self, node, number, call):
        """What a backward node saved; where backward may have freed it, what it had saved before."""
        now = look(node)
        held = now if self.held is None else self.held.get(node, now)
        if not held:
            return ()
        found, writer, memories = [], self.trace.writer, self.memories
        for name, each in held.items():
            source = self._source(node, number, call, each[0])
            found.append(describe(node, name, each, source, name not in now, writer, memories))
        return tuple(found)

    def _source(self, node, number, call, tensor):
        """Whose value a saved tensor is: (node id, output, version then, variable), or None."""
        if not isinstance(tensor, torch.Tensor):
            return None
        args = call.args if call is not None else ()
        for arg in args:
            if isinstance(arg, Value) and arg.tensor is tensor:
                return self._place_of(arg)
        for value in self.trace.of_node.get(node, {}).values():
            if value.tensor is tensor or _is_same_memory(value.tensor, tensor):
                return number, value.output_nr, value.version, self.names.get(id(value.tensor))
        for arg in args:
            if isinstance(arg, Value) and _is_transposed(arg.tensor, tensor):  # linear saves its weight so
                return self._place_of(arg)
        value = self.trace.newest(tensor) if call is None else None  # Function.apply passes no mode
        return self._place_of(value) if value is not None else None

    def _place_of(self, value):
        key = value.grad_fn if value.grad_fn in self.ids and self.rewritten is None else self.key_of(value)
        return self.ids.get(key), value.output_nr, value.version, self.names.get(id(value.tensor))

    def _line(self, node):
        """Function.apply passes no mode: its line is that of the first operation inside its forward."""
        if not isinstance(node, BackwardCFunction) or node in self.outer:
            return None
        call = self.trace.call_of(node._sequence_nr())[1]
        return call.line if call is not None else None

    def _value_node(self, key, number):
        value = self.value[key]
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
        if self.rewritten is not None and value.index in self.rewritten.earlier:
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


def _is_reversed(call):
    """Whether the operation takes its two arguments the other way round, as 2**x, which is x.__rpow__(2), does."""
    return call.name in _REVERSED and len(call.args) == 2


_REVERSED = {"__rpow__", "__rmod__", "__rfloordiv__", "__rmatmul__"}


def _is_drawn(cut, place):
    """Whether an argument is cut, and is the first of those that were cut at one edge."""
    given = cut.get(place)
    return given is not None and (given == place or isinstance(given, tuple) and place == given[0])


def _nearest_to_arguments(nodes):
    """Of the backward nodes of one call, the first that has an input without a gradient takes those arguments."""
    nodes = sorted(nodes, key=lambda node: node._sequence_nr())
    return next((n for n in nodes if any(source is None for source, _ in n.next_functions)), nodes[-1])


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


def _is_same_memory(one, other):
    return (
        has_memory(one)
        and has_memory(other)
        and one.shape == other.shape
        and one.data_ptr() == other.data_ptr()
        and one.stride() == other.stride()
    )


def _is_transposed(tensor, saved):
    """Whether a saved tensor is a whole matrix that f had, seen with its dimensions in another order."""
    if not (has_memory(tensor) and has_memory(saved)) or tensor.ndim != saved.ndim or tensor.ndim < 2:
        return False
    axes = [sorted(zip(each.shape, each.stride(), strict=True)) for each in (tensor, saved)]
    return axes[0] == axes[1] and tensor.data_ptr() == saved.data_ptr()
