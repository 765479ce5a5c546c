"""Short texts about saved tensors below their nodes: `■ w v0  ■ x v0`; for a folded module their number and size."""

from collections.abc import Iterable, Sequence

from seeing_gradients.recorder import Node, Record, SavedTensor, memory_of

from . import theme
from .labels import room, symbol
from .scene import AnyScene, SceneNode

_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
SIGNS = {"kept": "■", "freed": "□", "changed": "✗", "packed": "▣"}

Chip = list[str]  # [state, text]


def saved_chips(record: Record, scene: AnyScene) -> list[list[Chip]]:
    """Return for each node its chips, [state, text], as many as fit below it.

    State is "kept", "freed", "changed", "packed" or "more". Text is "w v0", or "12 · 3.2 kB" for each state of a folded
    module.
    """
    return [_fitting(node, scene["nodes"][node.id], record.nodes) for node in record.nodes]


def owner_name(saved: SavedTensor, node: Node, nodes: Sequence[Node]) -> str:
    """Return whose value a saved tensor is: "w", "result", "sin", or the name that the backward node has for it.

    Args:
        saved: SavedTensor.
        node: the Node that saves it.
        nodes: all of the Record.
    """
    if saved.variable:
        return saved.variable
    if saved.node is None:
        return saved.name
    if saved.node == node.id:
        return "result"
    source = nodes[saved.node]
    return source.name or (saved.name if source.kind == "constant" else symbol(source.op))


def version(saved: SavedTensor) -> str:
    """Return the version of a saved tensor: "v0", or "v0→v1" if it was written to afterwards."""
    if saved.version is None:
        return ""
    return f"v{saved.version}" if saved.now in (None, saved.version) else f"v{saved.version}→v{saved.now}"


def size(count: float) -> str:
    """Return a number of bytes with at most three digits before the point: "3.2 kB"."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} B"


def _of_module(saved: Iterable[SavedTensor]) -> list[Chip]:
    by_state: dict[str, list[SavedTensor]] = {}
    for each in saved:
        by_state.setdefault(each.state, []).append(each)
    return [[state, f"{len(group)} · {size(memory_of(group))}"] for state, group in by_state.items()]


def _fitting(node: Node, drawn: SceneNode, nodes: Sequence[Node]) -> list[Chip]:
    if node.kind == "module":
        return _of_module(node.saved_tensors)
    chips = [
        [saved.state, f"{owner_name(saved, node, nodes)} {version(saved)}".strip()] for saved in node.saved_tensors
    ]
    limit, shown, used = room(drawn["w"] + 24, theme.CAPTION_SIZE), [], 0
    for count, chip in enumerate(chips):
        used += len(chip[1]) + 4
        if used > limit and count:
            return [*shown, ["more", f"+{len(chips) - count}"]]
        shown.append(chip)
    return shown
