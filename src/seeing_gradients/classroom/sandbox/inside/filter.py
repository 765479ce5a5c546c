"""A seccomp filter: calls of the kernel that no answer needs fail with EPERM, those that make new namespaces among them.

See seccomp(2). The numbers of the calls are those of x86-64 and of 64-bit ARM; on other processors there is no filter, and the
namespaces and limits of `cell` stand alone.
"""

import ctypes
import os
import struct
from functools import cache

from .cell import NEWUSER, called

# Mount and its like, namespaces, ptrace and its like, keys, bpf, perf, userfaultfd, the kernel's log; and memory that no limit
# counts: System V's (shmget, shmat, semget, msgget), files without a name (memfd_create), pages lent to pipes (vmsplice).
_DENIED = {
    "x86_64": (
        0xC000003E, 56, 302, 41,
        (29, 30, 64, 68, 101, 103, 155, 161, 165, 166, 248, 249, 250, 272, 278, 298, 308, 310, 311, 312, 319, 321, 323),
    ),
    "aarch64": (
        0xC00000B7, 220, 261, 198,
        (39, 40, 41, 51, 75, 97, 116, 117, 186, 190, 194, 196, 217, 218, 219, 241, 268, 270, 271, 272, 279, 280, 282),
    ),
}  # fmt: skip
# io_uring, the newer ways to mount, hands on other processes, memfd_secret
_DENIED_EVERYWHERE = (*range(425, 435), 438, 440, 442, 447, 448)
_UNIX = (
    1  # sockets within the machine; namespaces hold back the internet's, but not those to the host of a virtual machine
)
_CLONE3, _NOT_THERE, _NOT_ALLOWED = 435, 38, 1
_LOAD, _EQUAL, _ABOVE, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_PR_SET_SECCOMP, _FILTER = 22, 2


def prepare():
    """Put the filter together before a fork, so that not every child does."""
    _program()


def install():
    """Filter the calls of this process and of all that it starts.

    Raises:
        OSError: the kernel has no seccomp.
    """
    if (program := _program()) is None:
        return
    text = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("count", ctypes.c_ushort), ("steps", ctypes.c_void_p))

    called("prctl", _PR_SET_SECCOMP, _FILTER, ctypes.byref(Program(len(program) // 8, ctypes.addressof(text))), 0, 0)


@cache
def _program():
    machine = os.uname().machine
    return b"".join(struct.pack("HBBI", *step) for step in _steps(*_DENIED[machine])) if machine in _DENIED else None


def _steps(architecture, clone, prlimit, socket, denied):
    """Instructions (code, jump if true, jump if not, constant) of the filter."""
    yield _LOAD, 0, 0, 4  # the architecture
    yield _EQUAL, 1, 0, architecture
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, 0  # the number of the call
    yield _ABOVE, 0, 1, 0x40000000  # the other numbering of x86-64
    yield _RETURN, 0, 0, _ERROR | _NOT_ALLOWED
    for number in (*denied, *_DENIED_EVERYWHERE):
        yield _EQUAL, 0, 1, number
        yield _RETURN, 0, 0, _ERROR | _NOT_ALLOWED
    yield _EQUAL, 0, 1, _CLONE3  # its flags lie in memory, beyond a filter; the C library then calls clone
    yield _RETURN, 0, 0, _ERROR | _NOT_THERE
    yield _EQUAL, 0, 3, prlimit
    yield _LOAD, 0, 0, 16  # whose limits; 0 is one's own
    yield _EQUAL, 1, 0, 0
    yield _RETURN, 0, 0, _ERROR | _NOT_ALLOWED
    yield _LOAD, 0, 0, 0
    yield _EQUAL, 0, 3, socket
    yield _LOAD, 0, 0, 16  # its family
    yield _EQUAL, 1, 0, _UNIX
    yield _RETURN, 0, 0, _ERROR | _NOT_ALLOWED
    yield _LOAD, 0, 0, 0
    yield _EQUAL, 0, 3, clone
    yield _LOAD, 0, 0, 16  # its flags
    yield _ANY_BIT, 0, 1, NEWUSER
    yield _RETURN, 0, 0, _ERROR | _NOT_ALLOWED
    yield _RETURN, 0, 0, _ALLOW
