"""Fold the nn.Modules of a Record: each call of a module becomes one node until it is opened.

`fold(record, opened)` returns a smaller Record, which can be drawn, exported and stepped through like any other.
Every gradient in it is one that autograd sent. `tree(record)` returns the groups of nodes: the calls of nn.Modules,
and runs of equal modules.
"""

import itertools
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush
from typing import Any

from seeing_gradients.recorder import Edge, Inside, Node, Opened, Record, SavedTensor, Scope
from seeing_gradients.recorder.types import new_frozen
from seeing_gradients.runtime import collector_off

from .labels import symbol
from .saved_tensor_chips import owner_name

ALL = "all"
_SHORTEST_RUN = 3  # so many equal modules in a row become one group
_COMPUTED = ("op", "detached", "failed")  # kinds of nodes that compute something

Unit = str | int  # a node of the folded Record: the key of a folded group, or the id of a node outside such groups


@dataclass
class Group:
    """One group of nodes: the call of a module, or a run of equal modules.

    Attributes:
        key: "layers.0", "layers.0#2" for its second call, "layers.0..layers.11" for a run.
        kind: the name of the module's class.
        parent: key of the group around it, or None.
        nodes: ids of its nodes, ascending.
        members: keys of the modules in a run; empty for a single module.
    """

    key: str
    kind: str
    parent: str | None
    nodes: list[int] = field(default_factory=list)
    members: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What a picture writes in its node: "Linear", "12 × Block"."""
        return f"{len(self.members)} × {self.kind}" if self.members else self.kind

    @property
    def name(self) -> str:
        """What a picture writes above its node: "layers.0", "layers.0 … 11"."""
        return f"{self.members[0]} … {self.members[-1].rpartition('.')[2]}" if self.members else self.key


@dataclass(frozen=True)
class Tree:
    """The groups of a Record.

    Attributes:
        groups: dict from key to Group, outer groups first.
        chains: for each node the keys of the groups that contain it, outermost first.
        alone: dict from id of a node to the innermost module that computed this node only, and so is no group.
    """

    groups: dict[str, Group]
    chains: list[tuple[str, ...]]
    alone: dict[int, Scope]

    def depth(self, key: str) -> int:
        """Return how many groups contain the group with this key."""
        depth, parent = 0, self.groups[key].parent
        while parent is not None:
            depth, parent = depth + 1, self.groups[parent].parent
        return depth

    def keys(self, depth: int | None = None) -> list[str]:
        """Return the keys of the groups inside fewer than `depth` other groups, outer groups first; None for all."""
        return [key for key in self.groups if depth is None or self.depth(key) < depth]


def keys(record: Record, depth: int | None = None) -> list[str]:
    """Return the keys of the groups of a Record, outer groups first.

    Args:
        record: Record.
        depth: only groups inside fewer than `depth` other groups; None for all.
    """
    return tree(record).keys(depth)


@collector_off()
def fold(record: Record, opened: Collection[str] = (), groups: Tree | None = None) -> Record:
    """Return a Record in which each group is a single node, except for the opened groups.

    A group would be part of a cycle if values leave it and enter it again; such a group is opened, too.

    Args:
        record: Record.
        opened: keys of groups, from `Node.inside` or `keys`, or "all"; unknown keys are ignored.
        groups: `tree(record)`, if it is known.

    Returns:
        Record; `record` itself if f called no module.
    """
    if not any(node.module for node in record.nodes):
        return record
    groups = groups or tree(record)
    opened = set(groups.groups if opened == ALL else opened) & set(groups.groups)
    while True:
        units: list[Unit] = [
            next((key for key in chain if key not in opened), i) for i, chain in enumerate(groups.chains)
        ]
        order, cyclic = _sort_units(record, units)
        if not cyclic:
            return _Folding(record, groups, units, order).folded(opened)
        opened.add(max(cyclic, key=lambda key: len(groups.groups[key].nodes)))


def _sort_units(record: Record, units: Sequence[Unit]) -> tuple[list[Unit], list[str]]:
    """The units in topological order, and the keys of the groups on a cycle.

    Args:
        record: Record.
        units: for each node the unit that it belongs to.
    """
    first: dict[Unit, float] = {}  # for each unit the id of its first node that computes something
    for node, unit in zip(record.nodes, units, strict=True):
        own = node.id if node.kind in _COMPUTED or unit == node.id else math.inf
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
        return Opened(key, group.title, group.name, group.parent, inside)

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
        return Node(
            id=position,
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
            grads=tuple([_output(nodes[i].grads, output) for i, output in outputs]),
            module=first.module[: self.tree.depth(unit)],
            saved_tensors=tuple([self._named(saved, node) for node in inside for saved in node.saved_tensors]),
            inside=Inside(
                group.key,
                sum(node.kind in _COMPUTED for node in inside),
                sum(math.prod(node.shape) for node in inside if node.kind == "leaf" and node.requires_grad),
                max(1, len(group.members)),
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


def _output(snapshots: Sequence[Any], output: int) -> Any:
    return snapshots[output] if output < len(snapshots) else None


# ---- the groups ----


def tree(record: Record) -> Tree:
    """Return the Tree of a Record, without modules that have a single node or the same nodes as a group inside them."""
    groups: dict[str, Group] = {}
    scope_keys: dict[int, str] = {}  # by id of a Scope: nodes share them, and making a key takes time
    modules: list[tuple[str, ...]] = []  # for each node the keys of its Scopes
    for node in record.nodes:
        parent, chain = None, []
        for scope in node.module:
            key = scope_keys.get(id(scope))
            if key is None:
                key = scope_keys[id(scope)] = scope.key
            group = groups.get(key)
            if group is None:
                group = groups[key] = Group(key, scope.kind, parent)
            group.nodes.append(node.id)
            chain.append(key)
            parent = key
        modules.append(tuple(chain))
    single = {key for key, group in groups.items() if len(group.nodes) == 1}
    alone = {
        node.id: scope
        for node, chain in zip(record.nodes, modules, strict=True)
        if node.kind in _COMPUTED and not single.isdisjoint(chain)
        for scope, key in zip(node.module, chain, strict=True)
        if key in single
    }
    several = {key: group for key, group in groups.items() if key not in single}
    chains = [
        chain if single.isdisjoint(chain) else tuple([key for key in chain if key not in single]) for chain in modules
    ]
    runs = _runs(record, several, chains)
    groups = _with_runs(several, runs)
    empty = {group.parent for group in groups.values() if group.parent and group.nodes == groups[group.parent].nodes}
    for group in groups.values():
        while group.parent is not None and group.parent in empty:
            group.parent = groups[group.parent].parent
    inner = {chain: tuple([key for key in _through_runs(chain, runs) if key not in empty]) for chain in set(chains)}
    chains = [inner[chain] for chain in chains]
    return Tree({key: group for key, group in groups.items() if key not in empty}, chains, alone)


def _with_runs(groups: dict[str, Group], runs: dict[str, Group]) -> dict[str, Group]:
    """The groups and the runs by key; each run comes before its members and becomes their parent."""
    result: dict[str, Group] = {}
    for key, group in groups.items():
        run = runs.get(key)
        if run is not None:
            result.setdefault(run.key, run).nodes.extend(group.nodes)
            group.parent = run.key
        result[key] = group
    for run in runs.values():
        run.nodes.sort()
    return result


def _through_runs(chain: Sequence[str], runs: dict[str, Group]) -> tuple[str, ...]:
    """A chain as in Tree, with the key of a run before each of its members."""
    return tuple([key for inner in chain for key in ((runs[inner].key, inner) if inner in runs else (inner,))])


def _runs(record: Record, groups: dict[str, Group], chains: Sequence[tuple[str, ...]]) -> dict[str, Group]:
    """Dict from the key of a module to its run.

    A run is a sequence of modules of one class and structure, between which nothing else is computed.
    """
    computed = [node.kind in _COMPUTED for node in record.nodes]
    ends: dict[str, tuple[int, int]] = {}  # the first and the last node of each group that computes something
    for key, group in groups.items():
        first = next((node for node in group.nodes if computed[node]), None)
        if first is not None:
            ends[key] = first, next(node for node in reversed(group.nodes) if computed[node])
    sources = _sources(record)
    runs: dict[str, Group] = {}
    for siblings in _siblings(groups, {key: first for key, (first, _) in ends.items()}):
        for alike in _split(siblings, lambda key: (groups[key].kind, len(groups[key].nodes))):
            if len(alike) < _SHORTEST_RUN:
                continue  # before their structures are compared, which takes time
            gaps = _gaps([ends[key] for key in alike], set(siblings), computed, chains)
            for equal in _split(alike, lambda key: _structure(record, groups[key], sources), gaps):
                if len(equal) >= _SHORTEST_RUN:
                    group = groups[equal[0]]
                    run = Group(f"{equal[0]}..{equal[-1]}", group.kind, group.parent, members=equal)
                    runs |= dict.fromkeys(equal, run)
    return runs


def _split(keys: Sequence[str], property_of: Callable[[str], Any], breaks: Collection[int] = ()) -> list[list[str]]:
    """Split a sequence where a property changes, and before the positions `breaks`."""
    parts: list[list[str]] = []
    before = None
    for position, key in enumerate(keys):
        now = property_of(key)
        if position and now == before and position not in breaks:
            parts[-1].append(key)
        else:
            parts.append([key])
        before = now
    return parts


def _gaps(
    ends: Sequence[tuple[int, int]], siblings: set[str], computed: Sequence[bool], chains: Sequence[tuple[str, ...]]
) -> set[int]:
    """The positions of the groups before which something is computed that is in none of the siblings.

    Args:
        ends: first and last node of each group, in the order in which the groups ran.
        siblings: keys of all groups with the same parent.
        computed: for each node whether it computes something.
        chains: for each node the keys of the groups that contain it.
    """
    return {
        position
        for position, ((_, last), (first, _)) in enumerate(itertools.pairwise(ends), 1)
        if any(computed[node] and siblings.isdisjoint(chains[node]) for node in range(last + 1, first))
    }


def _siblings(groups: dict[str, Group], ran: dict[str, int]) -> list[list[str]]:
    """Lists of the keys of groups with the same parent, each in the order in which the groups ran.

    Args:
        groups: all groups.
        ran: dict from key to the id of the group's first node that computes something; without groups that have none.
    """
    families: dict[str | None, list[str]] = {}
    for key, group in groups.items():
        if key in ran:
            families.setdefault(group.parent, []).append(key)
    return [sorted(family, key=ran.__getitem__) for family in families.values()]


def _sources(record: Record) -> list[list[int]]:
    """For each node the ids of the nodes from which edges lead to it."""
    sources: list[list[int]] = [[] for _ in record.nodes]
    for edge in record.edges:
        sources[edge.dst].append(edge.src)
    return sources


def _structure(record: Record, group: Group, sources: Sequence[Sequence[int]]) -> tuple[Any, ...]:
    """A key that is equal for modules with the same operations, shapes and edges."""
    rank = {node: i for i, node in enumerate(group.nodes)}
    nodes = [record.nodes[node] for node in group.nodes]
    return tuple([(n.op, n.kind, n.grad_fn, n.shape, tuple([rank.get(s, -1) for s in sources[n.id]])) for n in nodes])
