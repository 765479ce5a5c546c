"""A seccomp filter: system calls that no answer needs fail with EPERM, e.g. those that create namespaces.

See seccomp(2). The numbers of the system calls are those of x86-64 and 64-bit ARM. On other processors there is no
filter; the jail is then protected by its namespaces and limits only.
"""

import ctypes
import os
import struct
from collections.abc import Iterator
from functools import cache

from .namespaces import NEWUSER, call_libc

# Architecture; numbers of clone, prlimit64 and socket; numbers of denied calls: mounting, namespaces, tracing, keys,
# bpf, perf, userfaultfd, the kernel's log, and memory that no limit counts: that of System V (shmget, shmat, semget,
# msgget), of anonymous files (memfd_create) and of pipes (vmsplice).
_SYSCALLS = {
    "x86_64": (
        0xC000003E, 56, 302, 41,
        (29, 30, 64, 68, 101, 103, 155, 161, 165, 166, 248, 249, 250, 272, 278, 298, 308, 310, 311, 312, 319, 321, 323),
    ),
    "aarch64": (
        0xC00000B7, 220, 261, 198,
        (39, 40, 41, 51, 75, 97, 116, 117, 186, 190, 194, 196, 217, 218, 219, 241, 268, 270, 271, 272, 279, 280, 282),
    ),
}  # fmt: skip
# The same numbers on both: io_uring, newer calls for mounting, pidfd_getfd, process_madvise, memfd_secret
_DENIED_EVERYWHERE = (*range(425, 435), 438, 440, 442, 447, 448)
# The only allowed address family. A network namespace blocks the internet, but not vsock to a virtual machine's host.
_AF_UNIX = 1
_CLONE3, _ENOSYS, _EPERM = 435, 38, 1
_LOAD, _EQUAL, _GREATER, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


def prepare() -> None:
    """Build the filter; call it before a fork, so that not every child has to build it."""
    _program()


def install() -> None:
    """Filter the system calls of this process and of all processes that it starts.

    Raises:
        OSError: the kernel does not support seccomp.
    """
    if (program := _program()) is None:
        return
    buffer = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("count", ctypes.c_ushort), ("instructions", ctypes.c_void_p))

    filter_program = Program(len(program) // 8, ctypes.addressof(buffer))
    call_libc("prctl", _PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(filter_program), 0, 0)


@cache
def _program() -> bytes | None:
    """The filter as a BPF program; None if this processor has none."""
    machine = os.uname().machine
    if machine not in _SYSCALLS:
        return None
    return b"".join(struct.pack("HBBI", *instruction) for instruction in _instructions(*_SYSCALLS[machine]))


def _instructions(
    architecture: int, clone: int, prlimit: int, socket: int, denied: tuple[int, ...]
) -> Iterator[tuple[int, int, int, int]]:
    """The BPF instructions (code, jump if true, jump if false, constant) of the filter."""
    yield _LOAD, 0, 0, 4  # the architecture
    yield _EQUAL, 1, 0, architecture
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, 0  # the number of the system call
    yield _GREATER, 0, 1, 0x40000000  # the x32 numbering of x86-64
    yield _RETURN, 0, 0, _ERRNO | _EPERM
    for number in (*denied, *_DENIED_EVERYWHERE):
        yield _EQUAL, 0, 1, number
        yield _RETURN, 0, 0, _ERRNO | _EPERM
    yield _EQUAL, 0, 1, _CLONE3  # a filter cannot read its flags in memory; after ENOSYS the C library calls clone
    yield _RETURN, 0, 0, _ERRNO | _ENOSYS
    yield _EQUAL, 0, 3, prlimit
    yield _LOAD, 0, 0, 16  # the process whose limits are set; 0 is the caller
    yield _EQUAL, 1, 0, 0
    yield _RETURN, 0, 0, _ERRNO | _EPERM
    yield _LOAD, 0, 0, 0
    yield _EQUAL, 0, 3, socket
    yield _LOAD, 0, 0, 16  # its address family
    yield _EQUAL, 1, 0, _AF_UNIX
    yield _RETURN, 0, 0, _ERRNO | _EPERM
    yield _LOAD, 0, 0, 0
    yield _EQUAL, 0, 3, clone
    yield _LOAD, 0, 0, 16  # its flags
    yield _ANY_BIT, 0, 1, NEWUSER
    yield _RETURN, 0, 0, _ERRNO | _EPERM
    yield _RETURN, 0, 0, _ALLOW
