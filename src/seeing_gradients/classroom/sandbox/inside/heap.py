"""Fills the gaps in the memory of a process that is going to be forked very often.

A child that finds room between old blocks writes to many pages, each of which is copied for it; where there are no gaps, what
it needs lies side by side. See mallinfo2(3) and malloc(3) of the GNU C library; elsewhere nothing is done.
"""

import ctypes

_SMALL_SIZES = range(
    24, 1040, 16
)  # malloc keeps freed blocks of these sizes in lists of seven, and hands them out first
_SPLIT_SIZES = (504, 120, 56, 24)  # large gaps are filled with few blocks, what is left of them with small ones
_MAX_BLOCKS = 100_000


class _MallocInfo(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    )  # fmt: skip


def fill_gaps() -> int:
    """Allocate every gap and never free it; return how many blocks that needed."""
    libc, count = ctypes.CDLL(None), 0
    if not hasattr(libc, "mallinfo2"):
        return count
    libc.mallinfo2.restype, libc.malloc.argtypes = _MallocInfo, (ctypes.c_size_t,)
    for size in _SMALL_SIZES:
        for _ in range(8):
            libc.malloc(size)
    for size in _SPLIT_SIZES:
        end = libc.mallinfo2().keepcost
        while libc.mallinfo2().keepcost >= end and count < _MAX_BLOCKS:  # a block from the end: no gap is left
            libc.malloc(size)
            count += 1
    return count
