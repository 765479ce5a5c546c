"""Fold the nn.Modules of a Record: each becomes one node until it is opened.

`fold(record, opened)` is a smaller Record, of which scene, texts, topology, draw, export and the steps can be made as of
any other; every flow in it is one that autograd sent.
"""

import math
from dataclasses import replace
from heapq import heapify, heappop, heappush

from seeing_gradients.recorder import Edge, Inside, Node, Opened
from seeing_gradients.runtime import collector_off

from .kept import called
from .modules import tree
from .symbols import symbol

ALL = "all"


def keys(record, depth=None):
    """Return the keys of all groups of a Record, or of those with fewer than `depth` groups around them."""
    found = tree(record)
    return [key for key in found.groups if depth is None or found.depth(key) < depth]


@collector_off()
def fold(record, opened=()):
    """Return a Record in which the calls of modules are single nodes, but for those that are opened.

    A group that values leave and enter again would make a cycle: it is opened, too.

    Args:
        record: Record.
        opened: keys of groups, as `Node.inside` and `keys` give them, or "all".

    Returns:
        Record; `record` itself where nothing is folded and nothing opened.
    """
    if not any(node.module for node in record.nodes):
        return record
    found = tree(record)
    opened = set(found.groups if opened == ALL else opened) & set(found.groups)
    while True:
        units = [next((key for key in chain if key not in opened), i) for i, chain in enumerate(found.chains)]
        order, cyclic = _in_order(record, units)
        if not cyclic:
            return _Folding(record, found, units, order).folded(opened)
        opened.add(max(cyclic, key=lambda key: len(found.groups[key].nodes)))


def _in_order(record, units):
    """The units, sources first, earliest first; and of those groups that lie on a cycle their keys."""
    when = {}
    for node, unit in zip(record.nodes, units, strict=True):
        own = node.id if node.kind in ("op", "detached") or unit == node.id else math.inf
        when[unit] = min(when.get(unit, math.inf), own)
    links = {(units[e.src], units[e.dst]) for e in record.edges if units[e.src] != units[e.dst]}
    order = sort(when, links)
    if len(order) == len(when):
        return order, []
    left = set(when) - set(order)
    after = set(sort(dict.fromkeys(left, 0), {(dst, src) for src, dst in links if src in left and dst in left}))
    return order, [unit for unit in left - after if not isinstance(unit, int)]


def sort(when, links):
    """Return the keys of `when` so that all links go forward, the smallest first; without those on or behind a cycle.

    Args:
        when: dict from key to number.
        links: set of (key, key).
    """
    targets, waiting = {}, dict.fromkeys(when, 0)
    for src, dst in links:
        targets.setdefault(src, []).append(dst)
        waiting[dst] += 1
    ready = [(when[key], str(key), key) for key, count in waiting.items() if not count]
    heapify(ready)
    order = []
    while ready:
        key = heappop(ready)[2]
        order.append(key)
        for dst in targets.get(key, ()):
            waiting[dst] -= 1
            if not waiting[dst]:
                heappush(ready, (when[dst], str(dst), dst))
    return order


class _Folding:
    """The folded Record in the making.

    Args:
        record: Record.
        found: Tree.
        units: list, one a node: what it is drawn as, the key of a group or its own id.
        order: list of units, sources first.
    """

    def __init__(self, record, found, units, order):
        self.record, self.found, self.units = record, found, units
        last = units[-1]
        self.order = [*(unit for unit in order if unit != last), last]
        self.place = {unit: i for i, unit in enumerate(self.order)}
        self.outputs = self._outputs()

    def folded(self, opened):
        record = self.record
        shown = {key for unit in self.order for key in self._around(unit)} & opened
        return replace(
            record,
            nodes=[self._node(unit) for unit in self.order],
            edges=self._edges(),
            backward_order=self._backward_order(),
            inputs={name: self.place[self.units[node]] for name, node in record.inputs.items()},
            failed=None if record.failed is None else self.place[self.units[record.failed]],
            opened=tuple([self._opened(key) for key in self.found.groups if key in shown]),
        )

    def _around(self, unit):
        """The groups around a unit."""
        chain = self.found.chains[unit if isinstance(unit, int) else self.found.groups[unit].nodes[0]]
        return chain if isinstance(unit, int) else chain[: chain.index(unit)] if unit in chain else ()

    def _opened(self, key):
        group = self.found.groups[key]
        inside = tuple([i for i, unit in enumerate(self.order) if key in self._around(unit)])
        return Opened(key, group.title, group.name, group.parent, inside)

    def _outputs(self):
        """Group -> {(node, output): place among the outputs of the group}: what others use, and the result of f."""
        outputs = {}
        if not isinstance(self.units[-1], int):
            outputs[self.units[-1]] = {(len(self.units) - 1, 0): 0}
        for edge in self.record.edges:
            unit = self.units[edge.src]
            if not isinstance(unit, int) and unit != self.units[edge.dst]:
                places = outputs.setdefault(unit, {})
                places.setdefault((edge.src, edge.output), len(places))
        return outputs

    def _node(self, unit):
        place = self.place[unit]
        if isinstance(unit, int):
            node = self.record.nodes[unit]
            kept = tuple([self._moved(saved) for saved in node.kept])
            return node if node.id == place and kept == node.kept else replace(node, id=place, kept=kept)
        group, nodes = self.found.groups[unit], self.record.nodes
        inside = [nodes[i] for i in group.nodes]
        outputs = list(self.outputs.get(unit, {(group.nodes[-1], 0): 0}))
        values = tuple([_at(nodes[i].values, output) for i, output in outputs])
        first = nodes[outputs[0][0]]
        return Node(
            id=place,
            op=group.title,
            grad_fn=None,
            kind="module",
            name=group.name,
            shape=values[0].shape if values[0] is not None else first.shape,
            dtype=values[0].dtype if values[0] is not None else first.dtype,
            requires_grad=any(nodes[i].requires_grad for i, _ in outputs),
            is_leaf=False,
            line=next((node.line for node in inside if node.kind == "op"), None),
            values=values,
            grads=tuple([_at(nodes[i].grads, output) for i, output in outputs]),
            module=first.module[: self.found.depth(unit)],
            kept=tuple([self._held(saved, node) for node in inside for saved in node.kept]),
            inside=Inside(
                group.key,
                sum(node.kind in ("op", "detached") for node in inside),
                sum(math.prod(node.shape) for node in inside if node.kind == "leaf" and node.requires_grad),
                max(1, len(group.members)),
            ),
        )

    def _moved(self, saved):
        """A saved tensor, with the node whose value it is by its new number."""
        if saved.node is None or saved.node >= len(self.units):
            return saved
        unit = self.units[saved.node]
        if self.place[unit] == saved.node and isinstance(unit, int):
            return saved
        output = (
            saved.output if isinstance(unit, int) else self.outputs.get(unit, {}).get((saved.node, saved.output), 0)
        )
        return replace(saved, node=self.place[unit], output=output)

    def _held(self, saved, node):
        """A saved tensor of a node inside a group, with the name that it has there."""
        name = called(saved, node, self.record.nodes)
        name = symbol(node.op) if name == "result" else name
        return replace(self._moved(saved), variable=name)

    def _edges(self):
        edges, without, inputs = [], set(), {}
        for edge in self.record.edges:
            src, dst = self.units[edge.src], self.units[edge.dst]
            if src == dst:
                continue
            output = edge.output if isinstance(src, int) else self.outputs[src][edge.src, edge.output]
            place = edge.input
            if not isinstance(dst, int):
                same = (src, output, dst, edge.cut)
                if edge.flow is None:
                    if same in without:
                        continue
                    without.add(same)
                place = inputs[dst] = inputs.get(dst, -1) + 1 if edge.input >= 0 else -1
            argument = edge.argument if isinstance(dst, int) else -1
            edges.append(Edge(self.place[src], self.place[dst], output, place, edge.flow, edge.cut, edge.at, argument))
        return sorted(edges, key=lambda edge: edge.dst)

    def _backward_order(self):
        """Each unit once, when all of it has run, and after all that sends it a gradient."""
        when = {}
        for i, node in enumerate(self.record.backward_order):
            unit = self.units[node]
            if isinstance(unit, int) or self.record.nodes[node].kind != "leaf":
                when[unit] = i
        flows = {(self.units[e.dst], self.units[e.src]) for e in self.record.edges if e.flow is not None}
        links = {(src, dst) for src, dst in flows if src != dst and src in when and dst in when}
        return [self.place[unit] for unit in sort(when, links)]


def _at(snapshots, output):
    return snapshots[output] if output < len(snapshots) else None
