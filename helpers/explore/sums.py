"""What comes back along several edges adds up at a node, output by output, unless a hook makes something else of it.

`by_output(node, edges)` sorts the flows; `hooked(flows, arrived)` is their sum where that is not what arrived.
"""

import torch

from helpers.record import snapshot

_ROUNDINGS = 16  # units in the last place, that a sum may be off


def by_output(node, edges):
    """Return for each output of a node the list of Snapshot that flows back to it.

    Args:
        node: Node.
        edges: list of Edge from that node.
    """
    return [[e.flow for e in edges if e.output == output and e.flow] for output in range(len(node.grads))]


def hooked(flows, arrived):
    """Return the sum of what flows back, a Snapshot, where a hook made something else of it; None where none did.

    Args:
        flows: list of Snapshot.
        arrived: Snapshot or None, what the node got.
    """
    if arrived is None or arrived.numbers is None or any(s.numbers is None or s.shape != arrived.shape for s in flows):
        return None  # not every element was kept
    if not flows or not (arrived.dtype.is_floating_point or arrived.dtype.is_complex):
        return None
    off = _ROUNDINGS * torch.finfo(arrived.dtype).eps
    if not arrived.shape or len(flows) == 1:  # mostly so, and quick
        total = sum(s.numbers for s in flows) if not arrived.shape else flows[0].numbers
        if total == arrived.numbers or (not arrived.shape and _is_near(total, arrived.numbers, off)):
            return None
    wide = torch.complex128 if arrived.dtype.is_complex else torch.float64
    total = sum(s.tensor().to(wide) for s in flows)
    if torch.allclose(arrived.tensor().to(wide), total, rtol=off, atol=off, equal_nan=True):
        return None
    return snapshot(total.to(arrived.dtype))


def _is_near(one, other, off):
    return abs(one - other) <= off * (1 + abs(other))
