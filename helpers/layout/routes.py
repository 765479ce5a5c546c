"""The curves that links follow: bends in the gaps between columns, straight lines past them.

`lead` gives each link its pieces, x and y of their points in a row, and each label its place.
"""

import itertools
from bisect import bisect_right

_LANE = 18  # px between two lanes below the graph


def lead(grid, links, boxes, places, gaps, levels):
    """Return the pieces of every link and the centre of every label (None where there is none).

    Args:
        grid: Lattice.
        links, boxes, places: as in `arrange`.
        gaps: list of (left, right).
        levels: (y of each item, y of each link's end, y of each link's label or None).
    """
    level, ports, slots = levels
    bottom = max(y + boxes[i][1] for i, (_, y) in enumerate(places))
    lanes, paths, centres = {}, [], []
    for i, link in enumerate(links):
        x0, x1 = places[link.src][0] + boxes[link.src][0], places[link.dst][0]
        if grid.routes[i]:
            if grid.routes[i][0] != link.src:
                x0 = gaps[grid.column[grid.routes[i][0]]][0]
            path, centre = _route(grid, grid.routes[i], gaps, level, (x0, x1, ports[i], slots[i]))
        else:
            lane, turns = lanes.setdefault(link.src, (bottom + _LANE * (len(lanes) + 1), []))
            path, centre = _lane(grid, link, gaps, level, (x0, x1, ports[i], slots[i], lane, turns))
        paths.append(path)
        centres.append(centre)
    return paths, centres


def _route(grid, route, gaps, level, ends):
    """Pieces of a link through the passing points of its route; its label sits in the last gap."""
    x, x1, port, slot = ends
    path, centre = [], None
    for item, following in itertools.pairwise(route):
        left, right = gaps[grid.column[item]]
        y0 = level[item]
        last = following == route[-1]
        y1 = port if last else level[following]
        if left > x:
            path.append((x, y0, left, y0))
        if last and slot is not None:
            centre = ((left + right) / 2, slot)
        path += _bend(left, right, y0, y1, slot if last else None)
        x = right
    if x1 > x:
        path.append((x, port, x1, port))
    return path, centre


def _lane(grid, link, gaps, level, ends):
    """Pieces of a link that runs below everything: down in the first gap, along, up in the last.

    It begins where an earlier link of this source, of those that turned up before it, has left their lane.
    """
    x, x1, port, slot, lane, turns = ends
    first, last = gaps[grid.column[link.src]], gaps[grid.column[link.dst] - 1]
    y = level[link.src]
    place = bisect_right(turns, last[0])
    if place:
        path, begin = [], turns[place - 1]
    else:
        path, begin = [(x, y, first[0], y), *_bend(*first, y, lane, None)], first[1]
    if begin < last[0]:
        path.append((begin, lane, last[0], lane))
        turns.insert(place, last[0])
    path += [*_bend(*last, lane, port, slot), (last[1], port, x1, port)]
    return path, ((last[0] + last[1]) / 2, slot) if slot is not None else None


def _bend(left, right, y0, y1, through):
    """A smooth curve over one gap, level at both ends; through a given height half-way, if there is one."""
    if y0 == y1 and through in (None, y0):
        return [(left, y0, right, y1)]
    if through is None:
        middle = (left + right) / 2
        return [(left, y0, middle, y0, middle, y1, right, y1)]
    w, rise = right - left, (y1 - y0) / 4
    middle = left + w / 2
    return [
        (left, y0, left + w / 4, y0, left + w * 3 / 8, through - rise, middle, through),
        (middle, through, left + w * 5 / 8, through + rise, left + w * 3 / 4, y1, right, y1),
    ]
