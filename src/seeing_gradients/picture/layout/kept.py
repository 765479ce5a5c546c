"""What backward nodes keep, as short texts below them: `■ w v0  ■ x v0`; of a folded module how many and how much."""

from seeing_gradients.recorder import memory_of

from .symbols import symbol
from .words import room

_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
SIGNS = {"kept": "■", "freed": "□", "changed": "✗", "packed": "▣"}


def kept(record, plan):
    """Return for each node a list of [state, text], no longer than there is room for below it.

    Args:
        record: Record.
        plan: its scene.

    Returns:
        list of list of [str, str]: state "kept", "freed", "changed", "packed" or "more"; text "w v0"; below a
            folded module "12 · 3.2 kB" for each state.
    """
    return [_fitting(node, plan["nodes"][node.id], record.nodes) for node in record.nodes]


def called(saved, node, nodes):
    """Whose value a saved tensor is, in a word: "w", "result", "sin", or what the backward node calls it.

    Args:
        saved: Saved.
        node: Node that keeps it.
        nodes: list of Node, of the Record.
    """
    if saved.variable:
        return saved.variable
    if saved.node is None:
        return saved.name
    if saved.node == node.id:
        return "result"
    source = nodes[saved.node]
    return source.name or (saved.name if source.kind == "constant" else symbol(source.op))


def version(saved):
    """Its version, "v0", or "v0→v1" where it was written to since."""
    if saved.version is None:
        return ""
    return f"v{saved.version}" if saved.now in (None, saved.version) else f"v{saved.version}→v{saved.now}"


def size(count):
    """Bytes in a unit of three digits or fewer before the point: "3.2 kB"."""
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count} B"


def _of_module(node):
    states = dict.fromkeys(saved.state for saved in node.kept)
    groups = [(state, [saved for saved in node.kept if saved.state == state]) for state in states]
    return [[state, f"{len(group)} · {size(memory_of(group))}"] for state, group in groups]


def _fitting(node, drawn, nodes):
    if node.kind == "module":
        return _of_module(node)
    chips = [[saved.state, f"{called(saved, node, nodes)} {version(saved)}".strip()] for saved in node.kept]
    limit, shown, used = room(drawn["w"] + 24, 9.5), [], 0
    for place, chip in enumerate(chips):
        used += len(chip[1]) + 4
        if used > limit and place:
            return [*shown, ["more", f"+{len(chips) - place}"]]
        shown.append(chip)
    return shown
