"""The groups that the nodes of a Record form: the calls of nn.Modules, and runs of modules that are all alike.

`tree(record)` tells which groups there are, what lies in them, and in which of them each node lies.
"""

import itertools
from dataclasses import dataclass, field

_FEWEST_ALIKE = 3  # modules in a row that become one group
_COMPUTED = ("op", "detached")


@dataclass
class Group:
    """One group.

    Attributes:
        key: str, "layers.0", "layers.0#2" for its second call, "layers.0..layers.11" for a run.
        kind: str, the class.
        parent: key of the group around it, or None.
        nodes: list of node ids, ascending.
        members: list of keys, of the modules in a run; empty for a single module.
    """

    key: str
    kind: str
    parent: str | None
    nodes: list = field(default_factory=list)
    members: list = field(default_factory=list)

    @property
    def title(self):
        return f"{len(self.members)} × {self.kind}" if self.members else self.kind

    @property
    def name(self):
        return f"{self.members[0]} … {self.members[-1].rpartition('.')[2]}" if self.members else self.key


@dataclass(frozen=True)
class Tree:
    """Attributes:
    groups: dict from key to Group, outer ones first.
    chains: list, one a node, of tuples of keys, outermost first.
    """

    groups: dict
    chains: list

    def depth(self, key):
        """How many groups lie around it."""
        depth, parent = 0, self.groups[key].parent
        while parent is not None:
            depth, parent = depth + 1, self.groups[parent].parent
        return depth


def tree(record):
    """Return the Tree of a Record; a module of a single node, or of nothing but one other group, is no group."""
    groups = {}
    for node in record.nodes:
        parent = None
        for scope in node.module:
            groups.setdefault(scope.key, Group(scope.key, scope.kind, parent)).nodes.append(node.id)
            parent = scope.key
    single = {key for key, group in groups.items() if len(group.nodes) == 1}
    kept = {key: group for key, group in groups.items() if key not in single}
    chains = [tuple([scope.key for scope in node.module if scope.key in kept]) for node in record.nodes]
    runs = _runs(record, kept, chains)
    found = _with_runs(kept, runs)
    empty = {group.parent for group in found.values() if group.parent and group.nodes == found[group.parent].nodes}
    for group in found.values():
        while group.parent in empty:
            group.parent = found[group.parent].parent
    chains = [tuple([key for key in _through_runs(chain, runs) if key not in empty]) for chain in chains]
    return Tree({key: group for key, group in found.items() if key not in empty}, chains)


def _with_runs(groups, runs):
    found = {}
    for key, group in groups.items():
        run = runs.get(key)
        if run is not None:
            found.setdefault(run.key, run).nodes.extend(group.nodes)
            group.parent = run.key
        found[key] = group
    for run in runs.values():
        run.nodes.sort()
    return found


def _through_runs(chain, runs):
    return tuple([key for inner in chain for key in ((runs[inner].key, inner) if inner in runs else (inner,))])


def _runs(record, groups, chains):
    """Key of a module -> the run that it is part of: neighbours of one class and structure, nothing computed between."""
    computed = {node.id for node in record.nodes if node.kind in _COMPUTED}
    first = {key: min(computed.intersection(group.nodes), default=None) for key, group in groups.items()}
    sources = _sources(record)
    runs = {}
    for siblings in _siblings(groups, first):
        loose = _loose(siblings, computed, chains)
        alike = [(groups[key].kind, _structure(record, groups[key], sources)) for key in siblings]
        places = range(len(siblings))
        ends = [max(computed.intersection(groups[key].nodes)) for key in siblings]
        breaks = [
            i
            for i in places
            if i == 0 or alike[i] != alike[i - 1] or any(ends[i - 1] < node < first[siblings[i]] for node in loose)
        ]
        for begin, end in itertools.pairwise([*breaks, len(siblings)]):
            if end - begin >= _FEWEST_ALIKE:
                members = siblings[begin:end]
                group = groups[members[0]]
                run = Group(f"{members[0]}..{members[-1]}", group.kind, group.parent, members=members)
                runs |= dict.fromkeys(members, run)
    return runs


def _siblings(groups, first):
    """Lists of the keys of groups with one parent, in the order in which they ran."""
    families = {}
    for key, group in groups.items():
        if first[key] is not None:
            families.setdefault(group.parent, []).append(key)
    return [sorted(keys, key=first.get) for keys in families.values()]


def _loose(siblings, computed, chains):
    """What was computed by none of these modules."""
    known = set(siblings)
    return sorted(node for node in computed if known.isdisjoint(chains[node]))


def _sources(record):
    sources = [[] for _ in record.nodes]
    for edge in record.edges:
        sources[edge.dst].append(edge.src)
    return sources


def _structure(record, group, sources):
    """What two modules that are alike have in common: operations, shapes, and how they are joined."""
    place = {node: i for i, node in enumerate(group.nodes)}
    nodes = [record.nodes[node] for node in group.nodes]
    return tuple([(n.op, n.kind, n.grad_fn, n.shape, tuple([place.get(s, -1) for s in sources[n.id]])) for n in nodes])
