"""What backward keeps, in the explorer: saved tensors below their nodes, freed or retained, and a backward called twice."""

import traitlets

from helpers.language import message
from helpers.layout import called, kept, version

_WORDS = ("saved_tensors", "retain", "twice", "keeps")
_CLOSED = {"on": False, "retain": False, "twice": False}
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


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
    """For each node what it keeps, in full."""
    said = []
    for node in record.nodes:
        parts = []
        for saved in node.kept:
            state = message(f"explore.state_{saved.state}")
            name = called(saved, node, record.nodes)
            whose = name if saved.name in (name, "result") else f"{saved.name} = {name}"
            parts.append(f"{whose} ({', '.join(text for text in (version(saved), state) if text)})")
        said.append(", ".join(parts))
    return said


def _memory(record):
    """How many tensors are kept, how much memory that is, and what backward left of it."""
    all_saved = [saved for node in record.nodes for saved in node.kept]
    freed = sum(saved.state == "freed" for saved in all_saved)
    outcome = "kept_none" if not all_saved else "kept_freed" if freed == len(all_saved) else "kept_on"
    return message(
        f"explore.{outcome}", count=len(all_saved), size=_size(record.saved_bytes), left=len(all_saved) - freed
    )


def _size(count):
    """Bytes in a unit of three digits or fewer before the point."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} B"
