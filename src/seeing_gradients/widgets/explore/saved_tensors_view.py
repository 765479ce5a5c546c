"""The explorer's view of saved tensors.

It shows below each node which tensors it saves, and lets the learner retain them or call backward a second time.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from seeing_gradients.language import counted, message
from seeing_gradients.picture.saved_tensor_chips import SIGNS, owner_name, saved_chips, size, version
from seeing_gradients.recorder import Node, Record, SavedTensor, memory_of

from . import protocol

# The keys of the state that this view sets.
STATE_KEYS = ("saved_tensors", "inplace_writes", "saved_sentences", "memory")
HIDDEN: protocol.SavedTensorsChoice = {"on": False, "retain": False, "twice": False}
_WORDS = ("saved_tensors", "retain", "twice", "saves")
_MOST_LISTED = 12  # kinds of saved tensors that a module's sentence lists


class SavedTensorsView:
    """What the explorer shows about saved tensors.

    Attributes:
        choice: three switches: whether saved tensors are shown ("on"), whether backward retains them ("retain"), and
            whether it is called twice ("twice").
    """

    def __init__(self) -> None:
        self.choice = HIDDEN

    def record_options(self) -> dict[str, Any]:
        """Return the keyword arguments for `record`: `retain_graph` and `backwards`.

        They are empty while saved tensors are hidden. Then the graph is retained, since part of it may lie outside f.
        """
        if not self.choice["on"]:
            return {}
        return {"retain_graph": self.choice["retain"], "backwards": 2 if self.choice["twice"] else 1}

    def state(self, record: Record, scene: protocol.Scene) -> dict[str, Any]:
        """Return the part of the state about saved tensors: the keys STATE_KEYS; empty while they are hidden.

        Args:
            record: Record of the last run, with its modules folded as in the scene.
            scene: of this Record.
        """
        if not self.choice["on"]:
            return {}
        chips = saved_chips(record, scene)
        state = {"saved_tensors": chips, "saved_sentences": _sentences(record), "memory": _memory(record)}
        changed = any(chip[0] == "changed" for row in chips for chip in row)
        return {**state, "inplace_writes": _writes(record, chips)} if changed else state


def clean_saved_tensors(sent: Mapping[str, Any]) -> protocol.SavedTensorsChoice:
    """Return the choice that the page sent, reduced to its three switches."""
    return {"on": bool(sent.get("on")), "retain": bool(sent.get("retain")), "twice": bool(sent.get("twice"))}


def saved_tensors_labels() -> dict[str, Any]:
    """Return the words and signs of the page about saved tensors."""
    return {name: message(f"explore.{name}", saved="{saved}") for name in _WORDS} | {"signs": SIGNS}


def _writes(record: Record, chips: list[list[list[str]]]) -> list[list[list[Any] | None]]:
    """What the page needs to show a changed tensor as it was before the write.

    Args:
        record: Record.
        chips: for each node the [state, text] of its chips.

    Returns:
        for each node a list with an item for each chip: [its text before the write, id of the node that wrote, or -1 if
        that is unknown]; None for a chip that is not "changed".
    """
    return [
        [_write(chip, node, i, record) for i, chip in enumerate(row)]
        for node, row in zip(record.nodes, chips, strict=True)
    ]


def _write(chip: list[str], node: Node, i: int, record: Record) -> list[Any] | None:
    if chip[0] != "changed":
        return None
    if node.inside is not None:
        return [chip[1], -1]
    saved = node.saved_tensors[i]
    return [
        f"{owner_name(saved, node, record.nodes)} {version(replace(saved, now=None))}".strip(),
        _writer(saved, record),
    ]


def _writer(saved: SavedTensor, record: Record) -> int:
    """The id of the node that last wrote to a saved tensor, or -1 if that is unknown.

    Every write uses the result of the write before, so the writing nodes form a chain that begins at the saved tensor.
    If other nodes have the same line, or no node has it, the writer is unknown.
    """
    writers = [node for node in record.nodes if node.line == saved.line and node.kind in ("op", "detached")]
    edges, before = {(edge.src, edge.dst) for edge in record.edges}, saved.node
    for node in writers:
        if saved.line is None or node.op != writers[0].op or (before, node.id) not in edges:
            return -1
        before = node.id
    return writers[-1].id if writers else -1


def _sentences(record: Record) -> list[str]:
    """For each node a sentence about its saved tensors; for a folded module with their number, size and kinds."""
    sentences = []
    for node in record.nodes:
        parts = [_described(saved, node, record.nodes) for saved in node.saved_tensors]
        sentences.append(_summed(node.saved_tensors, parts) if node.inside and parts else ", ".join(parts))
    return sentences


def _described(saved: SavedTensor, node: Node, nodes: Sequence[Node]) -> str:
    name = owner_name(saved, node, nodes)
    is_short = node.inside is not None or saved.name in (name, "result")
    whose = name if is_short else f"{saved.name} = {name}"
    state = message(f"explore.state_{saved.state}")
    return f"{whose} ({', '.join(text for text in (version(saved), state) if text)})"


def _summed(saved: Sequence[SavedTensor], parts: list[str]) -> str:
    counts = Counter(parts)
    listed = [f"{part} × {count}" if count > 1 else part for part, count in counts.items()]
    if len(listed) > _MOST_LISTED:
        listed = [*listed[:_MOST_LISTED], f"+{len(listed) - _MOST_LISTED}"]
    fields = {"size": size(memory_of(saved)), "listed": ", ".join(listed)}
    return counted("explore.saves_inside", len(saved), **fields)


def _memory(record: Record) -> str:
    """A sentence: how many tensors are saved, how much memory they take, and how many remain after backward."""
    all_saved = [saved for node in record.nodes for saved in node.saved_tensors]
    freed = sum(saved.state == "freed" for saved in all_saved)
    if not all_saved:
        return message("explore.saved_none")
    outcome = "explore.saved_freed" if freed == len(all_saved) else "explore.saved_retained"
    return counted(outcome, len(all_saved), size=size(record.saved_bytes), left=len(all_saved) - freed)
