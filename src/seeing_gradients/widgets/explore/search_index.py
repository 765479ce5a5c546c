"""What can be searched for in a graph: its modules and its named nodes, those inside closed modules, too."""

from seeing_gradients.language import message
from seeing_gradients.picture.grouping import Fold, tree
from seeing_gradients.recorder import Record

from .protocol import SearchEntry

_LABELS = ("search", "search_none", "search_count")
_MOST_ENTRIES = 20_000  # a page that filters more of them at each key would lag behind


def search_labels() -> dict[str, str]:
    """Return the words of the page about searching."""
    return {name: message(f"explore.{name}", count="{count}") for name in _LABELS}


def search_index(record: Record, fold: Fold = "auto") -> list[SearchEntry]:
    """Return the modules of a record, outer ones first, and then its named nodes in the order of the run.

    Args:
        record: not folded.
        fold: which repeats are folded.
    """
    groups = tree(record, fold)
    entries: list[SearchEntry] = []
    around: dict[str, list[str]] = {}  # for each group the keys of those that contain it, outermost first
    for key, group in groups.groups.items():
        around[key] = [] if group.parent is None else [*around[group.parent], group.parent]
        entries.append({"name": group.name, "text": group.title, "opens": around[key], "group": key})
    for node, chain in zip(record.nodes, groups.chains, strict=True):
        module = groups.alone.get(node.id)
        if node.name is None and module is not None:
            shown = f"{module.key} ({module.kind})"  # as `fold` names it
            entries.append({"name": module.key, "text": module.kind, "opens": list(chain), "node": shown})
        elif node.name:
            text = message(f"explore.kind_{node.kind}") if node.kind in ("leaf", "constant") else node.op
            entries.append({"name": node.name, "text": text, "opens": list(chain), "node": node.name})
    return entries[:_MOST_ENTRIES]
