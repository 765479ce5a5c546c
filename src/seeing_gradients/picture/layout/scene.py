"""A Record as a scene: plain data (dicts, lists, numbers, text) that says where everything is drawn.

`scene(record)` holds what stays while only numbers change; `texts(record, scene)` holds the numbers as text. The static
picture and the live one are both painted from these two; `topology(record)` tells whether a scene can be kept.
"""

import math
from collections import Counter

from seeing_gradients.picture import theme
from seeing_gradients.runtime import collector_off

from .drawn import PLATES, draw_nodes, round_pairs
from .edges import draw_edges
from .frames import frames, moved
from .geometry import Link, arrange
from .numbers import compact
from .words import letters, width

_CONSTANT_ROOMS = (3, 10, 20)
_BRACKETS = 16  # px more for each pair of brackets around one number
_BOLD, _SIGN = 1.15, 60  # a bold title is wider; px for the plus, on both sides
_CUT = (10, 14)


def topology(record):
    """Return a hashable key: equal for two records that differ in numbers only."""
    nodes = tuple(
        (n.op, n.kind, n.name, n.grad_fn, n.shape, n.line, n.requires_grad, len(n.values)) for n in record.nodes
    )
    edges = tuple((e.src, e.dst, e.output, e.input, e.flow is None, e.cut) for e in record.edges)
    constants = tuple(_constant_room(n) for n in record.nodes if n.kind == "constant")
    return nodes, edges, constants, tuple((n.inside, n.inside.key) for n in record.nodes if n.inside), record.opened


@collector_off()
def scene(record):
    """Lay a Record out.

    Returns:
        dict: width, height (px); nodes: list of dict: id, x, y (the upper left corner of the outline), form (a number that
        nodes alike in all that follows share), kind, op, grad_fn, name, line, root, w, h, room in characters, and, from
        that corner: badge, marks: list of [class, x, y, size, anchor, text], value and grad: [x, y, size, anchor] or None,
        sum: [x, y] or None; edges: list of dict (src, dst, kind, pieces: lists of points, tip and back: where the arrow
        heads point, mark: its points, slot: [x, y, w, h] or None, room); gaps: list of [left, right]; frames: of the
        modules that are open, as `frames` gives them.
    """
    root = len(record.nodes) - 1 if record.complete else -1
    sizes = [_size(node) for node in record.nodes]
    boxes = [(w, above + h + below) for w, h, above, below in sizes]
    crowded = _crowded(record.edges)
    links = [Link(e.src, e.dst, _slot(e, crowded)) for e in record.edges]
    late = {n.id for n in record.nodes if n.kind in ("leaf", "constant")}
    plan = moved(arrange(boxes, links, late, [above + h / 2 for _, h, above, _ in sizes]), record)
    joins = _joins(record)
    nodes = draw_nodes(record.nodes, sizes, plan.places, root, joins)
    edges = draw_edges(record.edges, links, plan, joins)
    return {
        "width": math.ceil(plan.width + 2 * theme.MARGIN),
        "height": math.ceil(plan.height + 2 * theme.MARGIN),
        "nodes": nodes,
        "edges": edges,
        "gaps": round_pairs([(left + theme.MARGIN, right + theme.MARGIN) for left, right in plan.gaps]),
        "frames": frames(record, nodes),
    }


@collector_off()
def texts(record, scene):
    """Return the numbers of a Record as text: dict of values, grads (one a node) and flows (one an edge)."""
    values, grads, flows, known = [], [], [], {}
    for node, drawn in zip(record.nodes, scene["nodes"], strict=True):
        room = drawn["room"]
        values.append(_value(node, room))
        text = _outputs(node.grads, room) if drawn["grad"] else ""
        grads.append(text)
        if len(node.grads) == 1:
            known[id(node.grads[0])] = room, text
    for edge, drawn in zip(record.edges, scene["edges"], strict=True):
        flows.append(_flow(edge.flow, drawn["room"], known) if drawn["slot"] else "")
    return {"values": values, "grads": grads, "flows": flows}


def _flow(snapshot, room, known):
    """What flows along an edge is most often all that arrives: then it is written already, and as it is where it fits here."""
    before, text = known.get(id(snapshot), (0, ""))
    return text if text and len(text) <= room <= before else compact(snapshot, room)


def _value(node, room):
    if not any(node.values):
        return "?"  # Python never saw it
    return _constant(node) if node.kind == "constant" else _outputs(node.values, room)


def _outputs(snapshots, room):
    """One snapshot, or the outputs of an operation that has several, in the room there is."""
    if len(snapshots) == 1:
        return compact(snapshots[0], room)
    known = [s for s in snapshots if s is not None]
    if not known:
        return "None"
    share = max(4, room // len(known) - 2)
    whole = "; ".join(compact(s, share) for s in known)
    return whole if len(whole) <= room else f"{compact(known[0], room - 3)} .."


def _constant(node):
    return _outputs(node.values, _CONSTANT_ROOMS[-1])


def _constant_room(node):
    """Characters for a constant, in few steps: one that f computes anew each time must not move its neighbours."""
    return next(room for room in _CONSTANT_ROOMS if len(_constant(node)) <= room or room == _CONSTANT_ROOMS[-1])


def _size(node):
    """Width and height of the outline, and the room above (variable's name) and below (backward node)."""
    wide = _BRACKETS * min(len(node.shape or ()), 2) if _is_single(node) else theme.MORE_WIDTH
    if node.kind == "constant":
        name = len(node.name) + 3 if node.name else 0
        return width(_constant_room(node) + name, theme.VALUE_SIZE) + 14, theme.CONSTANT_HEIGHT, 0, 0
    if node.kind == "module":
        wanted = width(letters(node.op) * _BOLD, theme.NAME_SIZE) + _SIGN
        below = theme.CAPTION_ROOM + 2 + (PLATES[0] if node.inside.members > 1 else 0)
        return min(max(theme.MODULE_WIDTH, wanted), theme.WIDEST_MODULE), theme.MODULE_HEIGHT, theme.NAME_ROOM, below
    below = theme.CAPTION_ROOM if node.grad_fn else 0
    if node.kind == "leaf":
        return theme.LEAF_WIDTH + wide, theme.LEAF_HEIGHT if node.requires_grad else theme.SHORT_LEAF_HEIGHT, 0, below
    return (
        theme.OPERATION_WIDTH + wide,
        theme.OPERATION_HEIGHT,
        theme.NAME_ROOM if node.name else 0,
        below or theme.CAPTION_ROOM,
    )


def _is_single(node):
    return len(node.values) == 1 and math.prod(node.shape or ()) == 1


def _crowded(edges):
    """The pairs of nodes between which there is a cut edge beside another that is drawn with a mark or a label."""
    cut = {(edge.src, edge.dst) for edge in edges if edge.cut}
    if not cut:
        return cut
    pairs = Counter((edge.src, edge.dst) for edge in edges if edge.cut or edge.flow is not None)
    return {pair for pair in cut if pairs[pair] > 1}


def _slot(edge, crowded):
    if edge.flow is None:  # the mark of a cut must not lie behind what another edge between the same nodes carries
        return _CUT if edge.cut and (edge.src, edge.dst) in crowded else None
    return (theme.LABEL_WIDTH if math.prod(edge.flow.shape) == 1 else theme.WIDE_LABEL_WIDTH, theme.LABEL_HEIGHT)


def _joins(record):
    """The nodes at which several gradient flows are added."""
    flows = {}
    for edge in record.edges:
        if edge.flow is not None:
            flows[edge.src, edge.output] = flows.get((edge.src, edge.output), 0) + 1
    return {src for (src, _), count in flows.items() if count > 1}
