"""Find the ancestors of the output, which become the nodes of the Record: their parents, and their order in time.

The search begins at the output and goes back. It follows next_functions if autograd knows an edge, and the arguments of
the call if it does not (numbers, constants, detached tensors).
"""

import math
from collections.abc import Iterable, Mapping
from functools import partial
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple

from torch.autograd import graph as autograd_graph

from .backward import Sources, backward_nodes
from .modules import Entered, common
from .preexisting_nodes import preexisting_nodes
from .trace import Call, Trace, Value
from .types import EdgeKey
from .untracked_writes import History, UntrackedWrites


class ValueKey(NamedTuple):
    """The key of a node of the Record that has no backward node.

    Attributes:
        kind: "leaf" (requires grad; number is the id of its tensor), "value" (any other Value; number is its index) or
            "number" (a Python number among the arguments of a call; number is the index of the call).
        number: int.
        argument: int, the position of a "number" among the arguments.
    """

    kind: str
    number: int
    argument: int = 0


Key = autograd_graph.Node | ValueKey  # the key of a node of the Record


class Parent(NamedTuple):
    """The parent of a node, and the edge from it.

    Attributes:
        key: of the parent.
        output: which output of the parent.
        input: position among the child's next_functions, or -1 for an edge that autograd does not know.
        argument: position among the arguments of the operation if input is -1; else -1.
        cut: whether the parent requires grad but no gradient flows along this edge.
        edge_key: EdgeKey or None.
    """

    key: Any
    output: int
    input: int = -1
    argument: int = -1
    cut: bool = False
    edge_key: EdgeKey | None = None


# They make a named tuple in half the time: the __new__ of its class is a Python function.
_new_key = partial(tuple.__new__, ValueKey)
_new_parent = partial(tuple.__new__, Parent)
_new_edge_key = partial(tuple.__new__, EdgeKey)


class Graph:
    """The graph of all ancestors of the output of f.

    Args:
        trace: of the forward pass.
        inputs: the Values of f's arguments, in order.

    Attributes:
        call: dict from backward node to its Call or None.
        value: dict from ValueKey to Value.
        parents: dict from Key to the Parents of each ancestor.
        untracked_writes: UntrackedWrites, or None if there were none.
        preexisting: set of the backward nodes that f did not make.
    """

    def __init__(self, trace: Trace, inputs: list[Value]) -> None:
        self.trace, self.inputs = trace, inputs
        self.untracked_writes = UntrackedWrites(trace) if trace.earlier else None
        self.preexisting = preexisting_nodes(trace)
        self.call: dict[Any, Call | None] = {}
        self.value: dict[ValueKey, Value] = {}
        self.parents: dict[Any, Iterable[Parent]] = {}
        self._made: dict[int, list[Any]] = {}  # call index -> its backward nodes, if there are several
        self._nearest: dict[int, tuple[int, Any]] = {}  # cache: call index -> (how many nodes, the nearest of them)
        self._after: dict[Any, Sources] = {}  # backward node -> its next_functions
        self._leaves: dict[Any, Key] = {}  # AccumulateGrad -> key of its leaf
        self._times: dict[Any, tuple[float, int, int]] = {}  # key -> (call, phase, number): sorts keys by time
        self._nodes: list[Any] = []  # backward nodes whose parents are not known yet
        self._values: list[ValueKey] = []  # all other keys of that kind

    def find_ancestors(self, root: Value) -> tuple[list[Any], Any]:
        """Fill `parents` with all ancestors of a Value, and with the inputs, used or not.

        Args:
            root: Value of the output.

        Returns:
            (keys in the order in which they were made, the root last; key of the root).
        """
        times, parents = self._times, self.parents
        for position, value in enumerate(self.inputs):
            times.setdefault(self.add_ancestor(value), (-1, position, 0))
        last = self.add_ancestor(root)
        nodes, values = self._nodes, self._values
        while nodes or values:
            if nodes:
                node = nodes.pop()
                parents[node] = self._parents_of_node(node)
            else:
                key = values.pop()
                parents[key] = self._parents_of_value(key)
        order = sorted([key for key in parents if key != last], key=times.__getitem__)
        order.append(last)
        return order, last

    def add_ancestor(self, value: Value) -> Any:
        """Add a Value and all its ancestors to the graph, and return its key.

        Args:
            value: Value.
        """
        node = value.grad_fn
        if node is not None and node not in self.call:
            self.add_nodes(backward_nodes(node))
        key = self.key_of(value)
        if key is not node:
            known = self.value.get(key)
            if known is None:
                self._values.append(key)
                self._times.setdefault(key, (value.calls_before - 1, 1 if value.call else -1, value.index))
            if known is None or known.index > value.index:
                self.value[key] = value
        return key

    def key_of(self, value: Value) -> Any:
        """Return the key of a Value, which need not be an ancestor.

        A tensor with a history has the key of its grad_fn, and a leaf that requires grad has one key. A version after
        an untracked write has a key of its own.

        Args:
            value: Value.
        """
        if self.untracked_writes is not None and value.index in self.untracked_writes.earlier:
            return ValueKey("value", value.index)
        if value.grad_fn is not None:
            return value.grad_fn
        kind, number = ("leaf", id(value.tensor)) if value.requires_grad else ("value", value.index)
        return _new_key((kind, number, 0))

    def key_of_node(self, node: Any) -> Any:
        """Return the key of a backward node; for an AccumulateGrad the key of its leaf.

        Args:
            node: grad_fn.
        """
        key = self._leaves.get(node)
        if key is None:
            if not hasattr(node, "variable"):
                return node
            value = self.trace.value_of(node.variable)
            first = value if self.untracked_writes is None else self.untracked_writes.first(value)
            key = self._leaves[node] = self.add_ancestor(first)
        return key

    def add_nodes(self, nodes: Mapping[Any, Sources]) -> None:
        """Add backward nodes to the ancestors, and note which call made each.

        Args:
            nodes: dict from grad_fn to its next_functions, as `backward_nodes` returns it.
        """
        calls, times, preexisting, single = self.call, self._times, self.preexisting, self.trace.single
        self._after.update(nodes)
        waiting = self._nodes
        for node, after in nodes.items():
            if node in calls or (not after and hasattr(node, "variable")):
                continue
            waiting.append(node)
            number = node._sequence_nr()
            call = single.get(number)
            if call is not None and node not in preexisting:  # the common case
                calls[node], times[node] = call, (call.index, 1, number)
            else:
                self._add_node(node, number)

    def _add_node(self, node: Any, number: int) -> None:
        call, later = self.trace.call_of(number if node not in self.preexisting else -1)
        self.call[node] = call
        if call is not None:
            self._made.setdefault(call.index, []).append(node)
            self._times[node] = (call.index, 1, number)
        else:  # made before f, by Function.apply, or made again for a view after a write
            self._times[node] = (later.index - 0.5 if later else len(self.trace.calls), 1, number)

    def module_calls(self, order: list[Any]) -> dict[Any, tuple[Entered, ...]]:
        """Return {key: the calls of modules in which it was computed}.

        A key that was not computed during the recording belongs to the module calls that contain all its uses.

        Args:
            order: keys.
        """
        inputs = {self.key_of(value) for value in self.inputs}
        own = {key: () if key in inputs else self._module_calls_of(key) for key in order}
        chains: dict[Any, tuple[Entered, ...]] = {}
        used: dict[Any, tuple[Entered, ...]] = {}  # of the keys that have none of their own
        for key in reversed(order):
            chain = own[key]
            chains[key] = chain = used.get(key, ()) if chain is None else chain
            for parent in self.parents[key]:
                if own[parent.key] is None:
                    used[parent.key] = common(used.get(parent.key), chain)
        return chains

    def _module_calls_of(self, key: Any) -> tuple[Entered, ...] | None:
        """The calls of modules in which a value was computed; None if f did not compute it."""
        if not isinstance(key, ValueKey):
            if key in self.preexisting:
                return None
            number = key._sequence_nr()
            call = self.call[key] or self.trace.call_of(number)[1]
            return call.entered if call is not None else ()
        if key.kind == "number":
            return self.trace.calls[key.number].entered
        call = self.value[key].call
        return call.entered if call is not None else None

    def _parents_of_value(self, key: ValueKey) -> Iterable[Parent]:
        if key.kind != "value":
            return ()
        value = self.value[key]
        args = value.parents if value.call is None else value.call.args
        parents = [self._parent(arg, value.call, i, True) for i, arg in enumerate(args) if arg is not value]
        if self.untracked_writes is not None and value.index in self.untracked_writes.earlier:
            self._pass_through(parents, self.untracked_writes.earlier[value.index])
        return parents

    def _pass_through(self, parents: list[Parent], earlier: Value) -> None:
        """Uncut the edge from the earlier version.

        The gradient passes through an untracked write unchanged. Other edges stay cut.
        """
        key, output = self.add_ancestor(earlier), earlier.output_nr
        edge = next((i for i, parent in enumerate(parents) if (parent.key, parent.output) == (key, output)), None)
        if edge is None:
            parents.append(Parent(key, output, argument=len(parents)))
        else:
            parents[edge] = Parent(key, output, parents[edge].input, parents[edge].argument)

    def _as_used(self, parents: list[Parent], node: Any, call: Call | None, writes: UntrackedWrites) -> list[Parent]:
        """The same parents; a tensor that was written to is replaced by the value that it had when it was used."""
        moment, used = (call.index if call is not None else math.ceil(self._times[node][0])), []
        for parent in parents:
            source = parent.key.number if isinstance(parent.key, ValueKey) else parent.key
            value = writes.used(History(source, parent.output), call, moment)
            used.append(parent if value is None else parent._replace(key=self.add_ancestor(value)))
        return used

    def _parents_of_node(self, node: Any) -> list[Parent]:
        parents: list[Any] = []
        calls, leaves, position = self.call, self._leaves, -1
        call = calls[node]
        gets_keys = call is not None and call.cut is not None and self.untracked_writes is None
        for source, output in self._after[node]:
            position += 1
            if source in calls:
                key = source
            elif source is not None:
                key = leaves.get(source) or self.key_of_node(source)
            else:
                continue
            parent = key, output, position, -1, False, None
            parents.append(parent if gets_keys else _new_parent(parent))  # _with_edge_keys makes the others
        if self.untracked_writes is not None:
            parents = self._as_used(parents, node, call, self.untracked_writes)
        if call is None:
            return parents
        cut, position = call.cut, -1
        if cut is not None:
            parents = self._with_edge_keys(parents, node, call)
        if call.end - call.begin == 1 or node is self._nearest_to_arguments(call):
            for arg in call.args:
                position += 1
                is_known = arg.__class__ is Value and arg.requires_grad and not (cut and _is_drawn(cut, position))
                if not is_known or (arg.grad_fn is None and self._is_ignored(arg, call, parents)):
                    parents.append(self._parent(arg, call, position, True))
        return parents

    def _is_ignored(self, arg: Value, call: Call, parents: list[Parent]) -> bool:
        """Whether autograd gives an argument no edge although it says that it requires grad.

        It does so for a view of a leaf that was made under no_grad before f ran.

        Args:
            arg: without a grad_fn.
            call: that received it.
            parents: of the backward node that the call made.
        """
        if arg.tensor._base is None or call.end - call.begin != 1:
            return False
        return self.key_of(arg) not in [parent.key for parent in parents]

    def _nearest_to_arguments(self, call: Call) -> Any:
        """The backward node of a call that takes the arguments without a gradient.

        It is the first of its nodes with an input that needs no gradient; else the last one.
        """
        nodes = self._made[call.index]
        known = self._nearest.get(call.index)
        if known is None or known[0] != len(nodes):
            nodes = sorted(nodes, key=lambda node: node._sequence_nr())
            open_nodes = (node for node in nodes if any(source is None for source, _ in node.next_functions))
            known = self._nearest[call.index] = len(nodes), next(open_nodes, nodes[-1])
        return known[1]

    def _with_edge_keys(self, parents: Iterable[tuple[Any, ...]], node: Any, call: Call) -> list[Parent]:
        """Return these parents with the argument, or arguments, of the call that each edge comes from.

        It can be cut there.

        Args:
            parents: Parents, or tuples of their fields.
            node, call: a backward node, and the call that made it.
        """
        positions: dict[tuple[Any, int], int | None] = {}
        of_edge, cut = self.trace.argument_of_edge.get(call.index, {}), call.cut or {}
        for position, arg in enumerate(call.args):
            if arg.__class__ is Value and arg.requires_grad and position not in cut:
                history = self.key_of(arg), arg.output_nr
                positions[history] = None if history in positions else position  # None: it occurs at several positions
        keyed = []
        for key, output, node_input, argument, is_cut, _ in parents:
            position = positions.get((key, output))
            if position is None and of_edge:
                position = of_edge.get((node, node_input))
            edge_key = None if position is None else _new_edge_key((call.index, call.name, position))
            keyed.append(_new_parent((key, output, node_input, argument, is_cut, edge_key)))
        return keyed

    def _parent(self, arg: Any, call: Call | None, position: int, cuts: bool) -> Parent:
        """The edge from an argument that autograd does not know: a Value, or a Python number."""
        shown = 1 - position if call is not None and _is_reversed(call) else position
        if call is None or isinstance(arg, Value):
            edge_key = None
            if call is not None and call.cut and position in call.cut:
                edge_key = _new_edge_key((call.index, call.name, call.cut[position]))
            is_cut = cuts and arg.requires_grad
            return _new_parent((self.add_ancestor(arg), arg.output_nr, -1, shown, is_cut, edge_key))
        key = _new_key(("number", call.index, position))
        self._times[key], self.parents[key] = (call.index, 0, position), ()
        return _new_parent((key, 0, -1, shown, False, None))

    def parents_first(self, last: Any) -> list[Any]:
        """Return the keys with all parents before their children, earliest first.

        Needed only for the rare graph whose nodes were not made in that order.

        Args:
            last: key of the root.
        """
        waiting = {key: len({parent.key for parent in parents}) for key, parents in self.parents.items()}
        children: dict[Any, list[Any]] = {}
        for key, parents in self.parents.items():
            for parent in {parent.key for parent in parents}:
                children.setdefault(parent, []).append(key)
        ready = [(self._times[key], number, key) for number, key in enumerate(waiting) if not waiting[key]]
        heapify(ready)
        order, count = [], len(waiting)
        while ready:
            key = heappop(ready)[2]
            order.append(key)
            for child in children.get(key, ()):
                waiting[child] -= 1
                if not waiting[child]:
                    count += 1
                    heappush(ready, (self._times[child], count, child))
        order.remove(last)
        return [*order, last]


def _is_reversed(call: Call) -> bool:
    """Whether the operation takes its two arguments in reverse: 2**x is x.__rpow__(2)."""
    return call.name in _REVERSED and len(call.args) == 2


_REVERSED = {"__rpow__", "__rmod__", "__rfloordiv__", "__rmatmul__"}


def _is_drawn(cut: dict[int, Any], position: int) -> bool:
    """Whether an argument is cut, and is the first argument of its cut edge."""
    requested = cut.get(position)
    return requested is not None and (
        requested == position or (isinstance(requested, tuple) and position == requested[0])
    )
