"""Short texts ("chips") below a node about the tensors that it saves: `■ w v0  ■ x v0`.

For a folded module they give the number and size of the saved tensors instead.
"""

from collections.abc import Iterable, Sequence

from seeing_gradients.recorder import Node, Record, SavedTensor, memory_of

from . import theme
from .labels import room, symbol
from .scene import AnyScene, SceneNode

_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
SIGNS = {"kept": "■", "freed": "□", "changed": "✗", "packed": "▣"}

Chip = list[str]  # [state, text], a list since it is sent to the page as JSON


def saved_chips(record: Record, scene: AnyScene) -> list[list[Chip]]:
    """Return the chips of each node, as many as fit below it.

    Args:
        record: Record.
        scene: of this Record.

    Returns:
        for each node a list of [state, text]. State is a `SavedTensor.state`, "kept", "freed", "changed" or "packed";
        the last chip may be ["more", "+3"]. Text is the name and version, "w v0"; for a folded module the number and
        size of the tensors in a state, "12 · 3.2 kB".
    """
    return [_chips_that_fit(node, scene["nodes"][node.id], record.nodes) for node in record.nodes]


def owner_name(saved: SavedTensor, node: Node, nodes: Sequence[Node]) -> str:
    """Return a name for a saved tensor: of the variable or operation whose value it is, or that of the backward node.

    Args:
        saved: SavedTensor.
        node: the Node that saves it.
        nodes: all nodes of the Record.

    Returns:
        "w", a variable; "result", the node's own value; "×", the symbol of another operation; or "other", the name in
        PyTorch's `_saved_other`.
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
    """Return the version of a saved tensor: "v0"; "v0→v1" if it was written to in place later; "" if it is unknown."""
    if saved.version is None:
        return ""
    return f"v{saved.version}" if saved.now in (None, saved.version) else f"v{saved.version}→v{saved.now}"


def size(count: float) -> str:
    """Return a number of bytes as text with three significant digits and a unit: "3.2 kB"."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} B"


def _of_module(saved: Iterable[SavedTensor]) -> list[Chip]:
    """The chips of a folded module, one for each state."""
    by_state: dict[str, list[SavedTensor]] = {}
    for each in saved:
        by_state.setdefault(each.state, []).append(each)
    return [[state, f"{len(group)} · {size(memory_of(group))}"] for state, group in by_state.items()]


def _chips_that_fit(node: Node, drawn: SceneNode, nodes: Sequence[Node]) -> list[Chip]:
    """The chips that fit below a node."""
    if node.inside is not None:
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
