"""A seccomp filter: system calls that no answer needs fail with EPERM, among them those that make new namespaces.

See seccomp(2). The numbers of the system calls are those of x86-64 and of 64-bit ARM; on other processors there is no filter,
and the jail's namespaces and limits stand alone.
"""

import ctypes
import os
import struct
from collections.abc import Iterator
from functools import cache

from .namespaces import NEWUSER, call_libc

# Architecture, clone, prlimit64, socket, and what is denied: mount and the like, namespaces, ptrace and the like, keys, bpf,
# perf, userfaultfd, the kernel's log; and memory that no limit counts: System V's (shmget, shmat, semget, msgget), files without
# a name (memfd_create), pages lent to pipes (vmsplice).
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
# io_uring, the newer ways to mount, pidfd_getfd and process_madvise, memfd_secret
_DENIED_EVERYWHERE = (*range(425, 435), 438, 440, 442, 447, 448)
_AF_UNIX = 1  # the one family that is allowed: network namespaces stop the internet's, but not vsock to a virtual machine's host
_CLONE3, _ENOSYS, _EPERM = 435, 38, 1
_LOAD, _EQUAL, _GREATER, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


def prepare() -> None:
    """Build the filter before a fork, so that not every child does."""
    _program()


def install() -> None:
    """Filter the system calls of this process and of all that it starts.

    Raises:
        OSError: the kernel has no seccomp.
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
    machine = os.uname().machine
    if machine not in _SYSCALLS:
        return None
    return b"".join(struct.pack("HBBI", *instruction) for instruction in _instructions(*_SYSCALLS[machine]))


def _instructions(
    architecture: int, clone: int, prlimit: int, socket: int, denied: tuple[int, ...]
) -> Iterator[tuple[int, int, int, int]]:
    """Instructions (code, jump if true, jump if false, constant) of the filter."""
    yield _LOAD, 0, 0, 4  # the architecture
    yield _EQUAL, 1, 0, architecture
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, 0  # the number of the system call
    yield _GREATER, 0, 1, 0x40000000  # the second numbering of x86-64
    yield _RETURN, 0, 0, _ERRNO | _EPERM
    for number in (*denied, *_DENIED_EVERYWHERE):
        yield _EQUAL, 0, 1, number
        yield _RETURN, 0, 0, _ERRNO | _EPERM
    yield _EQUAL, 0, 1, _CLONE3  # its flags lie in memory, out of a filter's reach; the C library then calls clone
    yield _RETURN, 0, 0, _ERRNO | _ENOSYS
    yield _EQUAL, 0, 3, prlimit
    yield _LOAD, 0, 0, 16  # whose limits; 0 is this process
    yield _EQUAL, 1, 0, 0
    yield _RETURN, 0, 0, _ERRNO | _EPERM
    yield _LOAD, 0, 0, 0
    yield _EQUAL, 0, 3, socket
    yield _LOAD, 0, 0, 16  # its family
    yield _EQUAL, 1, 0, _AF_UNIX
    yield _RETURN, 0, 0, _ERRNO | _EPERM
    yield _LOAD, 0, 0, 0
    yield _EQUAL, 0, 3, clone
    yield _LOAD, 0, 0, 16  # its flags
    yield _ANY_BIT, 0, 1, NEWUSER
    yield _RETURN, 0, 0, _ERRNO | _EPERM
    yield _RETURN, 0, 0, _ALLOW
