"""The frames around modules that are open: a box with a title, where nothing else stands inside it."""

from dataclasses import replace

from seeing_gradients.picture import theme

from .words import fit, width


def depths(record):
    """Key of an open group -> how many open groups lie inside it, one in the other."""
    inner = dict.fromkeys((group.key for group in record.opened), 0)
    for group in reversed(record.opened):
        if group.parent in inner:
            inner[group.parent] = max(inner[group.parent], inner[group.key] + 1)
    return inner


def moved(plan, record):
    """An Arrangement with room for the frames at its borders."""
    if not record.opened:
        return plan
    levels = 1 + max(depths(record).values())
    x, top, bottom = levels * theme.FRAME_SIDE, levels * theme.FRAME_HEADER, levels * theme.FRAME_SIDE
    return replace(
        plan,
        places=[(left + x, y + top) for left, y in plan.places],
        points=plan.points + (x, top),
        slots=[slot and (slot[0] + x, slot[1] + top) for slot in plan.slots],
        gaps=[(left + x, right + x) for left, right in plan.gaps],
        width=plan.width + 2 * x,
        height=plan.height + top + bottom,
    )


def frames(record, nodes):
    """Return the frames of a scene, outer ones first.

    They are dicts: key, title, name, text; box: [x, y, w, h], or None where something else stands inside; level: how many
    frames lie in it; first and nodes: ids of what it holds.

    Args:
        record: folded Record.
        nodes: list of the nodes of its scene.
    """
    inner = depths(record)
    drawn = []
    for group in record.opened:
        left, top, right, bottom = _around([nodes[i] for i in group.nodes], inner[group.key])
        held = set(group.nodes)
        strange = [n for n in nodes if n["id"] not in held and _overlaps(n, (left, top, right, bottom))]
        text = f"{group.title}  {group.name}"
        wide = width(len(text), theme.LABEL_SIZE) <= right - left - 40
        text = fit(text if wide else group.title, right - left - 40, theme.LABEL_SIZE)
        box = None if strange else [round(v, 1) for v in (left, top, right - left, bottom - top)]
        names = {"key": group.key, "title": group.title, "name": group.name, "text": text}
        drawn.append(
            {**names, "box": box, "level": inner[group.key], "first": group.nodes[0], "nodes": list(group.nodes)}
        )
    return drawn


def _around(nodes, level):
    side = (level + 1) * theme.FRAME_SIDE
    return (
        min(n["x"] for n in nodes) - side,
        min(n["y"] - (theme.NAME_ROOM if n["name"] else 0) for n in nodes) - (level + 1) * theme.FRAME_HEADER,
        max(n["x"] + n["w"] for n in nodes) + side,
        max(n["y"] + n["h"] + theme.CAPTION_ROOM for n in nodes) + side,
    )


def _overlaps(node, box):
    left, top, right, bottom = box
    return node["x"] < right and node["x"] + node["w"] > left and node["y"] < bottom and node["y"] + node["h"] > top
