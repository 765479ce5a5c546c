"""The ancestors of the root, as they will be nodes: what lies behind what, and in which order it came about.

Begins at the root and goes back: along next_functions where autograd knows the way, along the arguments of the call
where it does not (numbers, constants, what was detached).
"""

import math
from heapq import heapify, heappop, heappush

from .engine import walk
from .modules import common
from .outer import nodes_outside
from .rewritten import Rewritten
from .trace import Value


class Graph:
    """Keys of nodes: a grad_fn, or ("leaf", id), ("value", index), ("number", call, position).

    Args:
        trace: Trace of the forward pass.
        inputs: list of Value of f's arguments, in order.

    Attributes:
        call: dict from backward node to its Call or None.
        value: dict from ("leaf", id) or ("value", index) to Value.
        parents: dict from key to list of (parent key, output, input or -1 - argument, cut, at), of all ancestors.
    """

    def __init__(self, trace, inputs):
        self.trace, self.inputs = trace, inputs
        self.rewritten = Rewritten(trace) if trace.earlier else None
        self.outer = nodes_outside(trace)
        self.call, self.value, self.parents = {}, {}, {}
        self._made = {}  # call index -> backward nodes that the call made, where it made several
        self._after = {}  # backward node -> its next_functions
        self._leaves = {}  # AccumulateGrad -> key of its leaf
        self._when = {}  # key -> time, sortable
        self._nodes, self._others = [], []  # keys whose parents are not known yet: backward nodes; all else

    def find_ancestors(self, root):
        """Fill `parents` with all that lies behind a Value, and with the inputs, used or not.

        Returns:
            (order, key of the root): the keys as they came about in time, the root at the end.
        """
        when, parents = self._when, self.parents
        for position, value in enumerate(self.inputs):
            when.setdefault(self.reach(value), (-1, position))
        last = self.reach(root)
        nodes, others = self._nodes, self._others
        while nodes or others:
            if nodes:
                node = nodes.pop()
                parents[node] = self._behind_node(node)
            else:
                key = others.pop()
                parents[key] = self._behind_other(key)
        order = sorted([key for key in parents if key != last], key=when.__getitem__)
        order.append(last)
        return order, last

    def reach(self, value):
        """Return the key of a Value, which is among the ancestors from now on, and all behind it with it."""
        node = value.grad_fn
        if node is not None and node not in self.call:
            self.place(walk(node))
        key = self.key_of(value)
        if key is not node:
            known = self.value.get(key)
            if known is None:
                self._others.append(key)
                self._when.setdefault(key, (value.at - 1, 1 if value.call else -1, value.index))
            if known is None or known.index > value.index:
                self.value[key] = value
        return key

    def key_of(self, value):
        """A tensor with a history is its grad_fn, a leaf that requires grad one node; what was written to since, another.

        Args:
            value: Value, an ancestor or not.
        """
        if self.rewritten is not None and value.index in self.rewritten.earlier:
            return "value", value.index
        if value.grad_fn is not None:
            return value.grad_fn
        return ("leaf", id(value.tensor)) if value.requires_grad else ("value", value.index)

    def key_of_node(self, node):
        """The key of a backward node; an AccumulateGrad is its leaf."""
        if not hasattr(node, "variable"):
            return node
        key = self._leaves.get(node)
        if key is None:
            value = self.trace.value_of(node.variable)
            key = self._leaves[node] = self.reach(value if self.rewritten is None else self.rewritten.first(value))
        return key

    def place(self, nodes):
        """Note which call made each of these backward nodes, which are among the ancestors from now on.

        Args:
            nodes: dict, as `walk` gives it.
        """
        calls, when, outer, single = self.call, self._when, self.outer, self.trace.single
        self._after.update(nodes)
        waiting = self._nodes
        for node, after in nodes.items():
            if node in calls or (not after and hasattr(node, "variable")):
                continue
            waiting.append(node)
            number = node._sequence_nr()
            call = single.get(number)
            if call is not None and node not in outer:  # the common case
                calls[node], when[node] = call, (call.index, 1, number)
            else:
                self._place(node, number)

    def _place(self, node, number):
        call, later = self.trace.call_of(number if node not in self.outer else -1)
        self.call[node] = call
        if call is not None:
            self._made.setdefault(call.index, []).append(node)
            self._when[node] = (call.index, 1, number)
        else:  # made before f, by Function.apply, or anew for a view that was written to
            self._when[node] = (later.index - 0.5 if later else len(self.trace.calls), 1, number)

    def chains(self, order):
        """The calls of modules in which each key was computed; what nobody computed here belongs where all of its uses are."""
        chains, used = {}, {}
        inputs = {self.key_of(value) for value in self.inputs}
        for key in reversed(order):
            chain = () if key in inputs else self._chain(key)
            chains[key] = used.get(key, ()) if chain is None else chain
            for parent, *_ in self.parents[key]:
                used[parent] = common(used.get(parent), chains[key])
        return chains

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
            return ()
        value = self.value[key]
        args = value.parents if value.call is None else value.call.args
        parents = [self._parent(arg, value.call, place, True) for place, arg in enumerate(args) if arg is not value]
        if self.rewritten is not None and value.index in self.rewritten.earlier:
            self._carry_on(parents, self.rewritten.earlier[value.index])
        return parents

    def _carry_on(self, parents, earlier):
        """The gradient goes on from what was written to as if nothing had been: that edge is not cut, any other one is."""
        key = self.reach(earlier)
        place = next((i for i, parent in enumerate(parents) if parent[:2] == (key, earlier.output_nr)), len(parents))
        argument = parents[place][2] if place < len(parents) else -1 - place
        parents[place : place + 1] = [(key, earlier.output_nr, argument, False, None)]

    def _as_used(self, parents, node, call):
        """The same parents; where one was written to before it was used, the value after that."""
        moment, found = (call.index if call is not None else math.ceil(self._when[node][0])), []
        for key, output, place, cut, at in parents:
            history = (key[1] if isinstance(key, tuple) else key), output
            value = self.rewritten.used(history, call, moment)
            found.append((key if value is None else self.reach(value), output, place, cut, at))
        return found

    def _behind_node(self, node):
        parents, calls, place = [], self.call, -1
        for source, output in self._after[node]:
            place += 1
            if source in calls:
                parents.append((source, output, place, False, None))
            elif source is not None:
                parents.append((self.key_of_node(source), output, place, False, None))
        call = calls[node]
        if self.rewritten is not None:
            parents = self._as_used(parents, node, call)
        if call is None:
            return parents
        cut, place = call.cut, -1
        if cut is not None:
            parents = self._with_places(parents, node, call)
        if call.end - call.begin == 1 or node is _nearest_to_arguments(self._made[call.index]):
            for arg in call.args:
                place += 1
                is_free = arg.__class__ is Value and arg.requires_grad and not (cut and _is_drawn(cut, place))
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
            return self.reach(arg), arg.output_nr, -1 - shown, cuts and arg.requires_grad, at
        key = ("number", call.index, place)
        self._when[key], self.parents[key] = (call.index, 0, place), ()
        return key, 0, -1 - shown, False, None

    def parents_first(self, last):
        """The keys with all parents before their children, earliest first: for the rare graph whose nodes were made out of order."""
        waiting = {key: len({parent[0] for parent in parents}) for key, parents in self.parents.items()}
        children = {}
        for key, parents in self.parents.items():
            for parent in {parent[0] for parent in parents}:
                children.setdefault(parent, []).append(key)
        ready = [(self._when[key], number, key) for number, key in enumerate(waiting) if not waiting[key]]
        heapify(ready)
        order, count = [], len(waiting)
        while ready:
            key = heappop(ready)[2]
            order.append(key)
            for child in children.get(key, ()):
                waiting[child] -= 1
                if not waiting[child]:
                    count += 1
                    heappush(ready, (self._when[child], count, child))
        order.remove(last)
        return [*order, last]


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
