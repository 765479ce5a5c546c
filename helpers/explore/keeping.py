"""What backward keeps, in the explorer: saved tensors below their nodes, freed or retained, and a backward called twice."""

from collections import Counter

import traitlets

from helpers.language import counted, message
from helpers.layout import called, kept, size, version
from helpers.record import memory_of

_WORDS = ("saved_tensors", "retain", "twice", "keeps")
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
        return {"kept": kept(record, plan), "keeps": _sentences(record), "memory": _memory(record)}


def keeping_words():
    """The labels of the page."""
    return {name: message(f"explore.{name}", saved="{saved}") for name in _WORDS}


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
