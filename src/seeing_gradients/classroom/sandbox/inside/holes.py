"""Fills the holes in the memory of a process that is going to be forked very often.

A child that finds room between old blocks writes to many pages, each of which is copied for it; where there are no holes, what
it needs lies side by side. See mallinfo2(3) and malloc(3) of the GNU C library; elsewhere nothing is done.
"""

import ctypes

_SMALL = range(24, 1040, 16)  # what malloc keeps in lists of seven for each size, and hands out first
_SPLIT = (504, 120, 56, 24)  # large holes are filled with few blocks, what is left of them with small ones
_MOST = 100_000


class _Info(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    )  # fmt: skip


def fill():
    """Take every hole, for good; return how many blocks that needed."""
    libc, count = ctypes.CDLL(None), 0
    if not hasattr(libc, "mallinfo2"):
        return count
    libc.mallinfo2.restype, libc.malloc.argtypes = _Info, (ctypes.c_size_t,)
    for size in _SMALL:
        for _ in range(8):
            libc.malloc(size)
    for size in _SPLIT:
        end = libc.mallinfo2().keepcost
        while (
            libc.mallinfo2().keepcost >= end and count < _MOST
        ):  # until a block is cut off the end, beyond the last hole
            libc.malloc(size)
            count += 1
    return count
