"""Fold the groups of a Record: each call of a module, and the rounds of each loop, become one node until it is opened.

`fold(record, opened)` returns a smaller Record, which can be drawn, exported and stepped through like any other.
Every gradient in it is one that autograd sent. `grouping` finds the groups.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from heapq import heapify, heappop, heappush
from typing import Any

from seeing_gradients.recorder import Edge, Inside, Node, Opened, Record, Round, SavedTensor
from seeing_gradients.recorder.types import new_frozen
from seeing_gradients.runtime import collector_off

from .grouping import COMPUTED, Fold, Group, Tree, keys, tree
from .labels import symbol
from .saved_tensor_chips import owner_name

__all__ = ["ALL", "Fold", "Group", "Tree", "fold", "keys", "tree"]

ALL = "all"
_SUMS = {"add", "add_", "sub", "sub_"}  # operations that add to a sum

Unit = str | int  # a node of the folded Record: the key of a folded group, or the id of a node outside such groups


@collector_off()
def fold(record: Record, opened: Collection[str] = (), groups: Tree | None = None) -> Record:
    """Return a Record in which each group is a single node, except for the opened groups.

    A group would be part of a cycle if values leave it and enter it again; such a group is opened, too.

    Args:
        record: Record.
        opened: keys of groups, from `Node.inside` or `keys`, or "all"; unknown keys are ignored.
        groups: `tree(record)`, if it is known.

    Returns:
        Record; `record` itself if there are no groups.
    """
    groups = groups or tree(record)
    if not groups.groups and not groups.alone:
        return record
    wanted = frozenset(groups.groups if opened == ALL else opened).intersection(groups.groups)
    known = groups.units.get(wanted)
    if known is None:
        known = groups.units[wanted] = _units(record, groups, set(wanted))
    units, order, shown = known
    return _Folding(record, groups, units, order).folded(shown)


def _units(record: Record, groups: Tree, opened: set[str]) -> tuple[list[Unit], list[Unit], set[str]]:
    """For each node its unit; the units in topological order; the open groups, with those that must be opened, too."""
    while True:
        units: list[Unit] = [
            next((key for key in chain if key not in opened), i) for i, chain in enumerate(groups.chains)
        ]
        order, cyclic = _sort_units(record, units)
        if not cyclic:
            return units, order, opened
        opened.add(max(cyclic, key=lambda key: len(groups.groups[key].nodes)))


def _sort_units(record: Record, units: Sequence[Unit]) -> tuple[list[Unit], list[str]]:
    """The units in topological order, and the keys of the groups on a cycle.

    Args:
        record: Record.
        units: for each node the unit that it belongs to.
    """
    first: dict[Unit, float] = {}  # for each unit the id of its first node that computes something
    for node, unit in zip(record.nodes, units, strict=True):
        own = node.id if node.kind in COMPUTED or unit == node.id else math.inf
        first[unit] = min(first.get(unit, math.inf), own)
    links = {(units[e.src], units[e.dst]) for e in record.edges if units[e.src] != units[e.dst]}
    order = _topological_order(first, links)
    if len(order) == len(first):
        return order, []
    left = set(first) - set(order)
    reverse = {(dst, src) for src, dst in links if src in left and dst in left}
    after = set(_topological_order(dict.fromkeys(left, 0), reverse))
    return order, [unit for unit in first if unit in left and unit not in after and isinstance(unit, str)]


def _topological_order(priority: dict[Any, float], links: Iterable[tuple[Any, Any]]) -> list[Any]:
    """Sort keys so that all links go forward, without the keys on a cycle and those that depend on a cycle.

    Args:
        priority: dict from key to number; of the keys that may come next, the one with the smallest number does.
        links: pairs of keys (src, dst).
    """
    targets: dict[Any, list[Any]] = {}
    waiting = dict.fromkeys(priority, 0)
    for src, dst in links:
        targets.setdefault(src, []).append(dst)
        waiting[dst] += 1
    ready = [(priority[key], str(key), key) for key, count in waiting.items() if not count]
    heapify(ready)
    order = []
    while ready:
        key = heappop(ready)[2]
        order.append(key)
        for dst in targets.get(key, ()):
            waiting[dst] -= 1
            if not waiting[dst]:
                heappush(ready, (priority[dst], str(dst), dst))
    return order


class _Folding:
    """Builds a folded Record.

    Attributes:
        record, tree: the Record to fold, and its groups.
        units: for each node of this Record the unit that it belongs to.
        order: the units in topological order; the last one contains the result of f.
        position: dict from unit to its index in `order`, which is its id in the folded Record.
        outputs: dict from group to {(node, output): its number among the outputs of the group}. The outputs of a group
            are the values that other units use, and the result of f.
    """

    def __init__(self, record: Record, tree: Tree, units: Sequence[Unit], order: Sequence[Unit]) -> None:
        self.record, self.tree, self.units = record, tree, units
        last = units[-1]
        self.order = [*(unit for unit in order if unit != last), last]
        self.position = {unit: i for i, unit in enumerate(self.order)}
        self.outputs = self._outputs()

    def folded(self, opened: Collection[str]) -> Record:
        """Return the folded Record; `opened` are the keys of the open groups."""
        record = self.record
        shown = {key for unit in self.order for key in self._groups_around(unit)}.intersection(opened)
        return replace(
            record,
            nodes=[self._node(unit) for unit in self.order],
            edges=self._edges(),
            backward_order=self._backward_order(),
            inputs={name: self.position[self.units[node]] for name, node in record.inputs.items()},
            failed=None if record.failed is None else self.position[self.units[record.failed]],
            opened=tuple([self._opened(key) for key in self.tree.groups if key in shown]),
            sites=[],
        )

    def _groups_around(self, unit: Unit) -> tuple[str, ...]:
        """The keys of the groups that contain a unit, outermost first."""
        if isinstance(unit, int):
            return self.tree.chains[unit]
        chain = self.tree.chains[self.tree.groups[unit].nodes[0]]
        return chain[: chain.index(unit)] if unit in chain else ()

    def _opened(self, key: str) -> Opened:
        group = self.tree.groups[key]
        inside = tuple([i for i, unit in enumerate(self.order) if key in self._groups_around(unit)])
        return Opened(key, group.title, self._name(group), group.parent, inside)

    def _outputs(self) -> dict[str, dict[tuple[int, int], int]]:
        outputs: dict[str, dict[tuple[int, int], int]] = {}
        if isinstance(last := self.units[-1], str):
            outputs[last] = {(len(self.units) - 1, 0): 0}
        for edge in self.record.edges:
            unit = self.units[edge.src]
            if isinstance(unit, str) and unit != self.units[edge.dst]:
                numbers = outputs.setdefault(unit, {})
                numbers.setdefault((edge.src, edge.output), len(numbers))
        return outputs

    def _node(self, unit: Unit) -> Node:
        position = self.position[unit]
        if isinstance(unit, int):
            node = self.record.nodes[unit]
            name, scope = node.name, self.tree.alone.get(unit)
            if name is None and scope is not None:
                name = f"{scope.key} ({scope.kind})"  # a module of one node has no box of its own
            saved = tuple([self._renumbered(each) for each in node.saved_tensors])
            is_same = node.id == position and name == node.name and saved == node.saved_tensors
            return node if is_same else replace(node, id=position, name=name, saved_tensors=saved)
        group, nodes = self.tree.groups[unit], self.record.nodes
        inside = [nodes[i] for i in group.nodes]
        outputs = list(self.outputs.get(unit, {(group.nodes[-1], 0): 0}))
        values = tuple([_output(nodes[i].values, output) for i, output in outputs])
        first = nodes[outputs[0][0]]
        rounds = self._rounds(group)
        return Node(
            id=position,
            op=group.title,
            grad_fn=None,
            kind="loop" if rounds else "module",
            name=self._name(group, rounds) or None,
            shape=values[0].shape if values[0] is not None else first.shape,
            dtype=values[0].dtype if values[0] is not None else first.dtype,
            requires_grad=any(nodes[i].requires_grad for i, _ in outputs),
            is_leaf=False,
            line=next((node.line for node in inside if node.kind == "op"), None),
            values=values,
            grads=tuple([_output(nodes[i].grads, output) for i, output in outputs]),
            module=first.module[: self.tree.modules_around(unit)],
            saved_tensors=tuple([self._named(saved, node) for node in inside for saved in node.saved_tensors]),
            inside=Inside(
                group.key,
                sum(1 if node.inside is None else node.inside.operations for node in inside if node.kind in COMPUTED),
                sum(math.prod(node.shape) for node in inside if node.kind == "leaf" and node.requires_grad),
                group.count,
            ),
            rounds=rounds,
        )

    def _name(self, group: Group, rounds: Sequence[Round] | None = None) -> str:
        """The path of a module; of a loop of operations the variable that its rounds compute."""
        if group.members or not group.rounds:
            return group.name
        rounds = self._rounds(group) if rounds is None else rounds
        return rounds[-1].names[0] if rounds else group.name

    def _rounds(self, group: Group) -> tuple[Round, ...]:
        """The rounds of a loop, each with the variables that it leaves to later rounds or to what comes after."""
        carried = self._carried(group) if group.rounds else ()
        if not carried:
            return ()
        nodes = self.record.nodes
        last = group.rounds[-1]
        names = tuple([_called(nodes[last[unit][rank]], output) for unit, rank, output in carried])
        rounds = []
        for units, constants in zip(group.rounds, group.constants, strict=True):
            left = [(nodes[units[unit][rank]], output) for unit, rank, output in carried]
            rounds.append(
                Round(
                    tuple(sorted([*(node for unit in units for node in unit), *constants])),
                    names,
                    tuple([_output(node.values, output) for node, output in left]),
                    tuple([_output(node.grads, output) for node, output in left]),
                )
            )
        return tuple(rounds)

    def _carried(self, group: Group) -> list[tuple[int, int, int]]:
        """What each round leaves to later rounds and to what comes after the loop, as (unit, rank, output).

        The rank of a node is counted from the end of its unit. A picture shows the first alone: the output of f, else what
        a later round uses, best with a name and for more than to add to it.
        """
        positions = {
            node: (number, i, rank - len(unit))
            for number, units in enumerate(group.rounds)
            for i, unit in enumerate(units)
            for rank, node in enumerate(unit)
        }
        uses: dict[tuple[int, int, int], set[str]] = {}  # (unit, rank, output) -> by which operations of later rounds
        for edge in self.record.edges:
            if (position := positions.get(edge.src)) is None or self.record.nodes[edge.src].kind not in COMPUTED:
                continue
            target = positions.get(edge.dst)
            if target is None or target[0] != position[0]:
                left = *position[1:], edge.output
                uses.setdefault(left, set()).update([] if target is None else [self.record.nodes[edge.dst].op])
        root = None
        if (position := positions.get(len(self.record.nodes) - 1)) is not None:
            root = *position[1:], 0
            uses.setdefault(root, set())
        fits = [left for left in uses if all(-left[1] <= len(units[left[0]]) for units in group.rounds)]
        last = group.rounds[-1]
        named = {left: self.record.nodes[last[left[0]][left[1]]].name is not None for left in fits}
        return sorted(
            fits,
            key=lambda left: (
                left != root,
                not uses[left],
                not named[left],
                uses[left] <= _SUMS,
                *(-number for number in left),
            ),
        )

    def _renumbered(self, saved: SavedTensor) -> SavedTensor:
        """A saved tensor with the id in the folded Record of the node whose value it is."""
        if saved.node is None or saved.node >= len(self.units):
            return saved
        unit = self.units[saved.node]
        if isinstance(unit, int):
            if self.position[unit] == saved.node:
                return saved
            output = saved.output
        else:
            output = self.outputs.get(unit, {}).get((saved.node, saved.output), 0)
        return new_frozen(SavedTensor, {**saved.__dict__, "node": self.position[unit], "output": output})

    def _named(self, saved: SavedTensor, node: Node) -> SavedTensor:
        """A saved tensor of a node inside a folded group; its `variable` says whose value it is."""
        name = owner_name(saved, node, self.record.nodes)
        name = symbol(node.op) if name == "result" else name
        saved = self._renumbered(saved)
        return new_frozen(SavedTensor, {**saved.__dict__, "variable": name})

    def _edges(self) -> list[Edge]:
        edges, without_flow = [], set()
        inputs: dict[str, int] = {}
        for edge in self.record.edges:
            src, dst = self.units[edge.src], self.units[edge.dst]
            if src == dst:
                continue
            output = edge.output if isinstance(src, int) else self.outputs[src][edge.src, edge.output]
            number = edge.input
            if isinstance(dst, str):
                same = (src, output, dst, edge.cut)
                if edge.flow is None:
                    if same in without_flow:
                        continue
                    without_flow.add(same)
                number = inputs[dst] = inputs.get(dst, -1) + 1 if edge.input >= 0 else -1
            edges.append(
                replace(
                    edge,
                    src=self.position[src],
                    dst=self.position[dst],
                    output=output,
                    input=number,
                    argument=edge.argument if isinstance(dst, int) else -1,
                )
            )
        return sorted(edges, key=lambda edge: edge.dst)

    def _backward_order(self) -> list[int]:
        """Each unit once: after the last of its nodes has run, and after all units that send it a gradient."""
        last: dict[Any, float] = {}
        for i, node in enumerate(self.record.backward_order):
            unit = self.units[node]
            if isinstance(unit, int) or self.record.nodes[node].kind != "leaf":
                last[unit] = i
        flows = {(self.units[e.dst], self.units[e.src]) for e in self.record.edges if e.flow is not None}
        links = {(src, dst) for src, dst in flows if src != dst and src in last and dst in last}
        return [self.position[unit] for unit in _topological_order(last, links)]


def _called(node: Node, output: int) -> str:
    """The name of the variable that holds an output, or the symbol of its operation."""
    if not node.name:
        return symbol(node.op)
    names = node.name.split(", ")
    return names[output] if len(names) == len(node.values) > 1 else node.name


def _output(snapshots: Sequence[Any], output: int) -> Any:
    return snapshots[output] if output < len(snapshots) else None
