"""What backward keeps, in the explorer: saved tensors below their nodes, freed or retained, and a backward called twice."""

from collections import Counter
from dataclasses import replace

import traitlets

from seeing_gradients.language import counted, message
from seeing_gradients.picture.layout import called, kept, size, version
from seeing_gradients.recorder import memory_of

_WORDS = ("saved_tensors", "retain", "twice", "keeps")
KEPT = ("kept", "writes", "keeps", "memory")  # of the state, what tells of saved tensors
_CLOSED = {"on": False, "retain": False, "twice": False}
_MOST_LISTED = 12  # kinds of saved tensors of a module


class Keeping(traitlets.HasTraits):
    """The part of Explorer that shows saved tensors; `keeping` comes from the page."""

    keeping = traitlets.Dict(default_value=_CLOSED).tag(sync=True, echo_update=False)

    @traitlets.validate("keeping")
    def _plain_switches(self, proposal):
        given = proposal["value"]
        return {name: bool(given.get(name)) for name in _CLOSED}

    @traitlets.observe("keeping")
    def _keeps_otherwise(self, change):
        if change["old"] != change["new"]:
            self._run_again()

    def _passes(self):
        """What record is told: outside this view the graph is retained, since it may go on outside f."""
        if not self.keeping["on"]:
            return {}
        return {"retain_graph": self.keeping["retain"], "backwards": 2 if self.keeping["twice"] else 1}

    def _kept(self, record, plan):
        """The part of the state that tells what is kept."""
        if not self.keeping["on"]:
            return {}
        chips = kept(record, plan)
        told = {"kept": chips, "keeps": _sentences(record), "memory": _memory(record)}
        changed = any(chip[0] == "changed" for row in chips for chip in row)
        return {**told, "writes": _writes(record, chips)} if changed else told


def keeping_words():
    """The labels of the page."""
    return {name: message(f"explore.{name}", saved="{saved}") for name in _WORDS}


def _writes(record, chips):
    """For each chip that tells of a write in place: [its text until then, the node that wrote, -1 where none is known].

    Args:
        record: Record.
        chips: what `kept` gives.

    Returns:
        list of list, as `chips`; None for each of the others.
    """
    return [
        [_write(chip, node, i, record) for i, chip in enumerate(row)]
        for node, row in zip(record.nodes, chips, strict=True)
    ]


def _write(chip, node, i, record):
    if chip[0] != "changed":
        return None
    if node.kind == "module":
        return [chip[1], -1]
    saved = node.kept[i]
    return [f"{called(saved, node, record.nodes)} {version(replace(saved, now=None))}".strip(), _writer(saved, record)]


def _writer(saved, record):
    """The node that wrote to a saved tensor last: id; -1 where that is none of the graph, or its line holds others, too.

    Each write takes what the last one left, so that its nodes are a chain that begins at the tensor as it was saved.
    """
    there = [node for node in record.nodes if node.line == saved.line and node.kind in ("op", "detached")]
    edges, before = {(edge.src, edge.dst) for edge in record.edges}, saved.node
    for node in there:
        if saved.line is None or node.op != there[0].op or (before, node.id) not in edges:
            return -1
        before = node.id
    return there[-1].id if there else -1


def _sentences(record):
    """For each node what it keeps, in full; for a folded module how many tensors, how much, and which, each kind once."""
    said = []
    for node in record.nodes:
        parts = [_described(saved, node, record.nodes) for saved in node.kept]
        said.append(_summed(node.kept, parts) if node.kind == "module" and parts else ", ".join(parts))
    return said


def _described(saved, node, nodes):
    name = called(saved, node, nodes)
    is_short = node.kind == "module" or saved.name in (name, "result")
    whose = name if is_short else f"{saved.name} = {name}"
    state = message(f"explore.state_{saved.state}")
    return f"{whose} ({', '.join(text for text in (version(saved), state) if text)})"


def _summed(kept, parts):
    counts = Counter(parts)
    listed = [f"{part} × {count}" if count > 1 else part for part, count in counts.items()]
    if len(listed) > _MOST_LISTED:
        listed = [*listed[:_MOST_LISTED], f"+{len(listed) - _MOST_LISTED}"]
    fields = {"size": size(memory_of(kept)), "listed": ", ".join(listed)}
    return counted("explore.keeps_inside", len(kept), **fields)


def _memory(record):
    """How many tensors are kept, how much memory that is, and what backward left of it."""
    all_saved = [saved for node in record.nodes for saved in node.kept]
    freed = sum(saved.state == "freed" for saved in all_saved)
    if not all_saved:
        return message("explore.kept_none")
    outcome = "explore.kept_freed" if freed == len(all_saved) else "explore.kept_on"
    return counted(outcome, len(all_saved), size=size(record.saved_bytes), left=len(all_saved) - freed)
