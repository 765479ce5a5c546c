"""Fill the gaps in the heap of a process that will be forked very often.

A child that allocates memory in gaps between old blocks writes to many pages, and the kernel copies each of them for
the child. Without gaps, its new blocks are in a few new pages. This works only with the GNU C library; see malloc(3)
and mallinfo2(3).
"""

import ctypes

# Sizes in bytes. malloc keeps up to seven freed blocks of each of these sizes, and hands them out first.
_CACHED_SIZES = range(24, 1040, 16)
_BLOCK_SIZES = (504, 120, 56, 24)  # large blocks fill most of a gap, smaller ones the rest
_MAX_BLOCKS = 100_000


class _MallocInfo(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    )  # fmt: skip


def fill_gaps() -> int:
    """Allocate all gaps in the heap and never free them.

    Returns:
        int, the number of blocks that were allocated for this; 0 if the C library has no mallinfo2.
    """
    libc, count = ctypes.CDLL(None), 0
    if not hasattr(libc, "mallinfo2"):
        return count
    libc.mallinfo2.restype, libc.malloc.argtypes = _MallocInfo, (ctypes.c_size_t,)
    for size in _CACHED_SIZES:
        for _ in range(8):
            libc.malloc(size)
    for size in _BLOCK_SIZES:
        free_at_end = libc.mallinfo2().keepcost
        # Once a block comes from the free space at the end of the heap, no gap of this size is left.
        while libc.mallinfo2().keepcost >= free_at_end and count < _MAX_BLOCKS:
            libc.malloc(size)
            count += 1
    return count
