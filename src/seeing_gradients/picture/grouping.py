"""The groups of nodes that a picture can fold: the calls of nn.Modules, what repeats among them, and rounds of loops.

`tree(record)` finds them from the nodes, their edges, and the places in the code from which they were made.
"""

import itertools
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

from seeing_gradients.language import abridged, message
from seeing_gradients.recorder import Node, Record, Scope

from .labels import symbol
from .repeats import Repeat, Shortest, Unit, find_repeats

COMPUTED = ("op", "detached", "failed")  # kinds of nodes that compute something

# Which repeats become groups: "auto", those that make a graph too wide; True, all; False, none.
Fold: TypeAlias = Literal["auto"] | bool

_SHORTEST = {"auto": Shortest(modules=3, operations=4), True: Shortest(modules=2, operations=2)}
# An operation without a history has the name of the call, "radd"; in the next round it may have one, and so be "add".
_REFLECTED = {"radd": "add", "rmul": "mul", "rtruediv": "div", "truediv": "div", "rmatmul": "matmul"}
_REFLECTED |= {"iadd": "add", "imul": "mul", "isub": "sub", "itruediv": "div"}

PREPARATION = "no gradient"  # the key and title of a group of operations without a gradient
_SHORTEST_PREPARATION = 2  # operations

_LOOP_KEY = re.compile(r"(line \d+|lines \d+-\d+)(#\d+)?").fullmatch


@dataclass
class Group:
    """One group of nodes: the call of a module, a run of equal modules or blocks of modules, or the rounds of a loop.

    Attributes:
        key: "layers.0", "layers.0#2" for its second call, "layers.0..layers.11" for a run, "line 4" for a loop.
        kind: the name of the module's class; of a run what one block consists of; "" for a loop of operations alone.
        parent: key of the group around it, or None.
        nodes: ids of its nodes, ascending.
        members: keys of the modules in a run; empty for a single module and for a loop.
        period: how many of these modules make one block.
        rounds: of a loop, for each round the ids of the nodes of each of its units.
        constants: of a loop, for each round the ids of the constants that it alone uses.
        lines: of a loop in f itself, the first and the last line of f in a round.
        variable: of a preparation of data, what holds its result; "" if nothing does.
    """

    key: str
    kind: str
    parent: str | None
    nodes: list[int] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    period: int = 1
    rounds: list[list[list[int]]] = field(default_factory=list)
    constants: list[list[int]] = field(default_factory=list)
    lines: tuple[int, int] | None = None
    variable: str = ""

    @property
    def count(self) -> int:
        """How many equal modules, blocks or rounds it stands for; 1 for a single module."""
        return len(self.rounds) or max(1, len(self.members) // self.period)

    @property
    def title(self) -> str:
        """What a picture writes in its node: "Linear", "12 × Block", "line 4, 9 rounds"."""
        if self.lines is not None and self.lines[0] == self.lines[1]:
            return message("draw.rounds_of_line", line=self.lines[0], count=self.count)
        if self.lines is not None:
            return message("draw.rounds_of_lines", first=self.lines[0], last=self.lines[1], count=self.count)
        if not self.kind:
            return message("draw.rounds", count=self.count)
        return f"{self.count} × {self.kind}" if self.count > 1 else self.kind

    @property
    def name(self) -> str:
        """What a picture writes above its node: "layers.0", "layers.0 … 11"."""
        if self.kind == PREPARATION:
            return self.variable
        return f"{self.members[0]} … {self.members[-1].rpartition('.')[2]}" if self.members else self.key


@dataclass(frozen=True)
class Tree:
    """The groups of a Record.

    Attributes:
        groups: dict from key to Group, outer groups first.
        chains: for each node the keys of the groups that contain it, outermost first.
        alone: dict from id of a node to the innermost module that computed this node only, and so is no group.
        units: cache of `fold`: keys that are to be open -> (for each node the unit that it belongs to, the units in
            topological order, the keys that are open then).
    """

    groups: dict[str, Group]
    chains: list[tuple[str, ...]]
    alone: dict[int, Scope]
    units: dict[frozenset[str], tuple[list[Any], list[Any], set[str]]] = field(default_factory=dict, compare=False)

    def depth(self, key: str) -> int:
        """Return how many groups contain the group with this key."""
        return len(self._around(key))

    def modules_around(self, key: str) -> int:
        """Return how many calls of modules contain the group with this key, and are groups."""
        return sum(not group.members and not group.rounds for group in self._around(key))

    def _around(self, key: str) -> list[Group]:
        """The groups that contain the group with this key, innermost first."""
        around, parent = [], self.groups[key].parent
        while parent is not None:
            around.append(self.groups[parent])
            parent = self.groups[parent].parent
        return around

    def keys(self, depth: int | None = None) -> list[str]:
        """Return the keys of the groups inside fewer than `depth` other groups, outer groups first; None for all."""
        return [key for key in self.groups if depth is None or self.depth(key) < depth]


def keys(record: Record, depth: int | None = None, fold: Fold = "auto") -> list[str]:
    """Return the keys of the groups of a Record, outer groups first.

    Args:
        record: Record.
        depth: only groups inside fewer than `depth` other groups; None for all.
        fold: which repeats are groups.
    """
    return tree(record, fold).keys(depth)


def tree(record: Record, fold: Fold = "auto") -> Tree:
    """Return the Tree of a Record, without modules that have a single node or the same nodes as a group inside them.

    Args:
        record: Record.
        fold: which repeats are groups: "auto", from three equal modules and from four rounds of a loop on; True, from
            two; False, none.
    """
    groups, modules = _called_modules(record)
    single = {key for key, group in groups.items() if len(group.nodes) == 1}
    alone = {
        node.id: scope
        for node, chain in zip(record.nodes, modules, strict=True)
        if node.kind in COMPUTED and not single.isdisjoint(chain)
        for scope, key in zip(node.module, chain, strict=True)
        if key in single
    }
    several = {key: group for key, group in groups.items() if key not in single}
    chains = [
        chain if single.isdisjoint(chain) else tuple([key for key in chain if key not in single]) for chain in modules
    ]
    if fold is not False:
        repeated = _Repeats(record, several, chains, alone, _SHORTEST[fold])
        groups, chains = repeated.groups(), repeated.chains()
    else:
        groups = several
    empty = {
        group.parent
        for group in groups.values()
        if group.parent and (group.members or not group.rounds) and group.nodes == groups[group.parent].nodes
    }
    for group in groups.values():
        while group.parent is not None and group.parent in empty:
            group.parent = groups[group.parent].parent
    if empty:
        inner = {chain: tuple([key for key in chain if key not in empty]) for chain in set(chains)}
        chains = [inner[chain] for chain in chains]
    groups = {key: group for key, group in groups.items() if key not in empty}
    if groups and fold is not False:
        groups, chains = _with_preparations(record, groups, chains, alone)
    return Tree(groups, chains, alone)


def tree_key(record: Record) -> Hashable:
    """Return a key that is equal for Records which have the same Tree, since they differ in numbers only."""
    nodes = [(n.op, n.kind, n.name, n.grad_fn, n.shape, n.requires_grad, n.line, n.module) for n in record.nodes]
    edges = [(edge.src, edge.dst, edge.input) for edge in record.edges]
    return tuple(nodes), tuple(edges), tuple(record.sites)


def check_fold(fold: object) -> None:
    """Raise a ValueError unless `fold` is "auto", True or False."""
    if not isinstance(fold, bool) and fold != "auto":
        raise ValueError(message("draw.fold", received=abridged(fold)))


def check_opened(opened: object) -> tuple[str, ...]:
    """Return the keys of modules and loops that are to be open: one text, or several of them.

    Raises:
        TypeError: it is anything else.
    """
    keys = (opened,) if isinstance(opened, str) else tuple(opened) if isinstance(opened, Iterable) else (None,)
    if not all(isinstance(key, str) for key in keys):
        raise TypeError(message("draw.opened_kind", received=abridged(opened)))
    return cast(tuple[str, ...], keys)


def is_loop_key(key: str) -> bool:
    """Whether a key is one that a loop of f can have; it may have too few rounds to be a group at one position."""
    return _LOOP_KEY(key) is not None


def _called_modules(record: Record) -> tuple[dict[str, Group], list[tuple[str, ...]]]:
    """The calls of modules by key, outer ones first, and for each node the keys of those that contain it."""
    groups: dict[str, Group] = {}
    scope_keys: dict[int, str] = {}  # by id of a Scope: nodes share them, and making a key takes time
    chains: list[tuple[str, ...]] = []
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
        chains.append(tuple(chain))
    return groups, chains


def _with_preparations(
    record: Record, groups: dict[str, Group], chains: list[tuple[str, ...]], alone: Mapping[int, Scope]
) -> tuple[dict[str, Group], list[tuple[str, ...]]]:
    """Return the groups and chains of a model with a group for each preparation of its data.

    That is some operations between modules which hand each other values without a gradient, e.g. labels that are moved
    by a token; their constants belong to them.
    """
    nodes = record.nodes
    if not any(node.requires_grad for node in nodes):
        return groups, chains
    in_loop = {i for group in groups.values() if group.rounds for i in group.nodes}
    is_plain = [
        node.kind == "op" and not node.requires_grad and node.id not in alone and node.id not in in_loop
        for node in nodes
    ]
    joined = list(range(len(nodes)))  # for each node an earlier one of the same preparation, or itself

    def first(i: int) -> int:
        while joined[i] != i:
            i = joined[i]
        return i

    targets: list[list[int]] = [[] for _ in nodes]
    for edge in record.edges:
        targets[edge.src].append(edge.dst)
        if is_plain[edge.src] and is_plain[edge.dst] and chains[edge.src] == chains[edge.dst]:
            one, other = sorted((first(edge.src), first(edge.dst)))
            joined[other] = one
    members: dict[int, list[int]] = {}
    for i, plain in enumerate(is_plain):
        if plain:
            members.setdefault(first(i), []).append(i)
    groups, chains = dict(groups), list(chains)
    for inside in members.values():
        if len(inside) < _SHORTEST_PREPARATION:
            continue
        around = chains[inside[0]]
        constants = [
            node.id
            for node in nodes
            if node.kind == "constant" and targets[node.id] and set(targets[node.id]) <= set(inside)
        ]
        key = next(each for each in _preparation_keys() if each not in groups)
        groups[key] = Group(
            key,
            PREPARATION,
            around[-1] if around else None,
            sorted([*inside, *constants]),
            variable=nodes[inside[-1]].name or "",
        )
        for i in groups[key].nodes:
            chains[i] = *around, key
    return groups, chains


def _preparation_keys() -> Iterator[str]:
    yield PREPARATION
    for i in itertools.count(2):
        yield f"{PREPARATION}#{i}"


class _Repeats:
    """Finds the repeats among the nodes and modules of each module, and of f itself.

    Attributes:
        modules: the calls of modules by key.
        repeats: the groups found, by key.
        around: dict from the key of a group or the id of a node to the innermost repeat that contains it.
    """

    def __init__(
        self,
        record: Record,
        modules: dict[str, Group],
        chains: list[tuple[str, ...]],
        alone: dict[int, Scope],
        shortest: Shortest,
    ) -> None:
        self.record, self.modules, self.alone, self.shortest = record, modules, alone, shortest
        self.module_chains = chains
        self.repeats: dict[str, Group] = {}
        self.around: dict[str | int, str] = {}
        self.sources = _sources(record)
        self._targets: list[list[int]] | None = None
        for parent, units in self._families().items():
            self._find(parent, units)

    def groups(self) -> dict[str, Group]:
        """All groups by key; each repeat comes before its members, and is their parent."""
        result: dict[str, Group] = {}
        for key, group in [*self.modules.items(), *self.repeats.items()]:
            around = self._repeats_around(key)
            if around:
                group.parent = around[-1]
            for repeat in around:
                result.setdefault(repeat, self.repeats[repeat])
            result.setdefault(key, group)
        return result

    def chains(self) -> list[tuple[str, ...]]:
        """For each node the keys of all groups that contain it, outermost first."""
        if not self.repeats:
            return self.module_chains
        whole = {
            chain: tuple([key for module in chain for key in (*self._repeats_around(module), module)])
            for chain in set(self.module_chains)
        }
        return [(*whole[chain], *self._repeats_around(i)) for i, chain in enumerate(self.module_chains)]

    def _repeats_around(self, unit: str | int) -> list[str]:
        """The keys of the repeats around a group or node within one module, outermost first."""
        around = []
        while (key := self.around.get(unit)) is not None:
            around.append(key)
            unit = key
        return around[::-1]

    def _families(self) -> dict[str | None, list[Unit]]:
        """For each module, and for f itself (None), its units in the order in which they ran."""
        nodes, sites = self.record.nodes, self.record.sites
        members: dict[str, Unit] = {}
        families: dict[str | None, list[Unit]] = {}
        for node, chain in zip(nodes, self.module_chains, strict=True):
            if node.kind not in COMPUTED:
                continue
            for parent, key in zip((None, *chain), chain, strict=False):
                if key not in members:
                    members[key] = Unit(key, self.modules[key].nodes, None)
                    families.setdefault(parent, []).append(members[key])
            site = sites[node.id] if node.id < len(sites) else None
            families.setdefault(chain[-1] if chain else None, []).append(self._operation(node, site))
        for units in families.values():
            self._describe([unit for unit in units if isinstance(unit.key, str)])
        return families

    def _operation(self, node: Node, site: Any) -> Unit:
        scope = self.alone.get(node.id)
        if scope is not None:  # a module of one node
            return Unit(node.id, [node.id], ("module", scope.kind, node.op, node.shape))
        if site is None or node.kind == "failed":
            return Unit(node.id, [node.id], ("unknown", node.id), has_operation=True)
        op = node.op.strip("_")
        token = "op", _REFLECTED.get(op, op), site[1], node.line
        return Unit(node.id, [node.id], token, has_operation=True, calls=(site[0], site[0]))

    def _describe(self, modules: Sequence[Unit]) -> None:
        """Set the tokens of modules.

        Calls of one module are alike if they have the same operations: the first round of a loop may take constants
        where the others take values with a history. Other modules must have equal structures, which are compared only
        where several are alike, since it takes time.
        """
        least = min(self.shortest.modules, self.shortest.operations)
        paths = Counter(self._path(unit) for unit in modules)
        alike: dict[tuple[str, int], list[Unit]] = {}
        for unit in modules:
            group = self.modules[str(unit.key)]
            if paths[self._path(unit)] >= least:
                nodes = (self.record.nodes[i] for i in group.nodes)
                unit.token = "call", self._path(unit), tuple([node.op for node in nodes if node.kind in COMPUTED])
            else:
                alike.setdefault((group.kind, len(group.nodes)), []).append(unit)
        for (kind, count), units in alike.items():
            for unit in units:
                whole = len(units) >= least
                structure = _structure(self.record, unit.nodes, self.sources) if whole else unit.key
                unit.token = "module", kind, count, structure

    @staticmethod
    def _path(unit: Unit) -> str:
        """The key of a call of a module without the number of the call."""
        return str(unit.key).partition("#")[0]

    def _find(self, parent: str | None, units: list[Unit]) -> None:
        """Add the repeats among the units of a module."""
        while repeats := find_repeats(units, self.sources, self.shortest):
            result, position = [], 0
            for repeat in repeats:
                result += [*units[position : repeat.first], self._add(parent, repeat, repeat.rounds(units))]
                position = repeat.end
            units = [unit for unit in (*result, *units[position:]) if unit.key not in self.around]

    def _add(self, parent: str | None, repeat: Repeat, rounds: list[list[Unit]]) -> Unit:
        """Add the group of a repeat, and return the unit that takes its place."""
        units = [unit for one in rounds for unit in one]
        has_operation = any(unit.has_operation for unit in rounds[0])
        group = self._loop(parent, rounds) if has_operation else self._run(parent, rounds)
        if has_operation or repeat.period > 1:
            group.rounds = [[unit.nodes for unit in one] for one in rounds]
            group.constants = self._constants(group, parent)
        inside = [node for unit in units for node in unit.nodes]
        group.nodes = sorted([*inside, *itertools.chain.from_iterable(group.constants)])
        self.repeats[group.key] = group
        self.around |= {unit.key: group.key for unit in units}
        self.around |= {node: group.key for constants in group.constants for node in constants}
        calls = [unit.calls for unit in units if unit.calls is not None]
        return Unit(
            group.key,
            group.nodes,
            ("repeat", tuple([unit.token for unit in rounds[0]])),
            has_operation,
            (calls[0][0], calls[-1][1]) if calls else None,
        )

    def _run(self, parent: str | None, rounds: list[list[Unit]]) -> Group:
        """The group of equal modules or blocks of modules."""
        kinds = [self._kind(unit) for unit in rounds[0]]
        members = [self._member(unit) for one in rounds for unit in one]
        kind = kinds[0] if len(kinds) == 1 else f"({', '.join(kinds)})"
        key = self._free_key(f"{members[0]}..{members[-1]}")
        return Group(key, kind, parent, members=members, period=len(kinds))

    def _loop(self, parent: str | None, rounds: list[list[Unit]]) -> Group:
        """The group of rounds of a loop. Only of f itself are the lines known; inside a module they are those of f."""
        nodes, kinds = self.record.nodes, [self._kind(unit) for unit in rounds[0]]
        lines = [nodes[node].line for unit in rounds[0] for node in unit.nodes if nodes[node].kind in COMPUTED]
        known = [line for line in lines if line is not None] if parent is None else []
        first, last = (min(known), max(known)) if known else (0, 0)
        key = f"line {first}" if first == last else f"lines {first}-{last}"
        key = key if known else f"{parent}/rounds" if parent else "rounds"
        has_module = any(not unit.has_operation for unit in rounds[0])
        group = Group(self._free_key(key), f"({', '.join(kinds)})" if has_module else "", parent)
        group.lines = (first, last) if known else None
        return group

    def _kind(self, unit: Unit) -> str:
        """What a title calls a unit: the class of a module, the symbol of an operation, the title of a repeat."""
        if isinstance(unit.key, str):
            return (self.modules.get(unit.key) or self.repeats[unit.key]).title
        scope = self.alone.get(unit.key)
        return symbol(self.record.nodes[unit.key].op) if scope is None else scope.kind

    def _member(self, unit: Unit) -> str:
        """The path of a module, which has no group if it is a single node."""
        if isinstance(unit.key, str):
            return self.repeats[unit.key].members[0] if unit.key in self.repeats else unit.key
        return self.alone[unit.key].key

    def _free_key(self, key: str) -> str:
        if key not in self.repeats:
            return key
        return next(f"{key}#{i}" for i in itertools.count(2) if f"{key}#{i}" not in self.repeats)

    def _constants(self, group: Group, parent: str | None) -> list[list[int]]:
        """For each round the constants and data that only this round uses, where the last round has as many such ones.

        The value with which a loop begins belongs to the first round alone, so it stays in sight.
        """
        arguments = set(self.record.inputs.values())
        whole = {node for one in group.rounds for unit in one for node in unit}
        constants_of: list[list[int]] = []
        for units in group.rounds:
            inside = {node for unit in units for node in unit}
            constants: list[int] = []
            waiting = sorted({source for node in inside for source in self.sources[node]} - whole)
            while waiting:
                i = waiting.pop()
                if i in inside or i in arguments or not self._is_constant(i, parent, whole):
                    continue
                if inside.issuperset(self._targets_of(i)):
                    inside.add(i)
                    constants.append(i)
                    waiting += self.sources[i]
            constants_of.append(sorted(constants))
        return [
            [i for i, use in zip(constants, uses, strict=True) if uses.count(use) == last.count(use)]
            for (constants, uses), last in self._uses(group, constants_of)
        ]

    def _uses(
        self, group: Group, constants_of: list[list[int]]
    ) -> Iterator[tuple[tuple[list[int], list[Any]], list[Any]]]:
        """For each round ((its constants, for what each is used), for what the constants of the last round are used)."""
        nodes = self.record.nodes
        uses: list[list[Any]] = []
        for units, constants in zip(group.rounds, constants_of, strict=True):
            unit_of = {node: i for i, unit in enumerate(units) for node in unit}
            targets = [unit_of.get(self._targets_of(i)[0], -1) for i in constants]
            uses.append([(nodes[i].kind, nodes[i].op, target) for i, target in zip(constants, targets, strict=True)])
        for constants, used in zip(constants_of, uses, strict=True):
            yield (constants, used), uses[-1]

    def _targets_of(self, i: int) -> list[int]:
        """The ids of the nodes to which edges lead from node i."""
        if self._targets is None:
            self._targets = [[] for _ in self.record.nodes]
            for edge in self.record.edges:
                self._targets[edge.src].append(edge.dst)
        return self._targets[i]

    def _is_constant(self, i: int, parent: str | None, loop: set[int]) -> bool:
        """Whether a node is a constant, or data without a gradient, of this module itself and of no loop inside it."""
        node, chain = self.record.nodes[i], self.module_chains[i]
        if node.kind not in ("leaf", "constant", "op") or node.requires_grad or i in self.around or i in self.alone:
            return False
        is_computed_before = loop.isdisjoint(self.sources[i]) and node.grad_fn is None
        return is_computed_before and (chain[-1] if chain else None) == parent


def _sources(record: Record) -> list[list[int]]:
    """For each node the ids of the nodes from which edges lead to it."""
    sources: list[list[int]] = [[] for _ in record.nodes]
    for edge in record.edges:
        sources[edge.dst].append(edge.src)
    return sources


def _structure(record: Record, group: Sequence[int], sources: Sequence[Sequence[int]]) -> tuple[Any, ...]:
    """A key that is equal for modules with the same operations, shapes and edges.

    The order of the edges into a node says nothing: an argument without a history comes last.
    """
    rank = {node: i for i, node in enumerate(group)}
    nodes = [record.nodes[node] for node in group]
    return tuple(
        [
            (n.op, n.kind, n.grad_fn, n.shape, n.inside, tuple(sorted([rank[s] for s in sources[n.id] if s in rank])))
            for n in nodes
        ]
    )


def default_opened(groups: Tree, record: Record) -> list[str]:
    """Return the keys of the groups that are open unless the user closes them.

    A sole outer module, with nothing computed around it, is a picture of one box; so is a sole module inside it.
    """
    opened: list[str] = []
    computed = [i for i, node in enumerate(record.nodes) if node.kind in COMPUTED]
    while computed:
        inside = {key_at(groups.chains[i], len(opened)) for i in computed}
        key = inside.pop()
        if key is None or inside or groups.groups[key].count > 1:
            break
        opened.append(key)
    return opened


def key_at(chain: Sequence[str], depth: int) -> str | None:
    """The key at a depth of a chain of Tree, or None."""
    return chain[depth] if depth < len(chain) else None
