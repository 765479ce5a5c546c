"""What comes back along several edges adds up at a node, output by output, unless a hook makes something else of it.

`by_output(node, edges)` sorts the flows; `hooked(flows, arrived)` is their sum where that is not what arrived.
"""

import torch

from seeing_gradients.recorder import snapshot

_ROUNDINGS = 16  # units in the last place of what is added, that a sum may be off: large terms may cancel


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
    numbers = [s.numbers for s in flows]
    if len(numbers) == 1 and numbers[0] == arrived.numbers:  # mostly so, and quick, as is what follows
        return None
    if not arrived.shape and abs(arrived.numbers - sum(numbers)) <= off * sum(map(abs, numbers)):
        return None
    wide = torch.complex128 if arrived.dtype.is_complex else torch.float64
    terms = torch.stack([s.tensor().to(wide) for s in flows])
    total, got = terms.sum(0), arrived.tensor().to(wide)
    is_near = (got - total).abs() <= off * terms.abs().sum(0)
    if (is_near | (got == total) | (got.isnan() & total.isnan())).all():
        return None
    return snapshot(total.to(arrived.dtype))
