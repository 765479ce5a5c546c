"""A cell for the answers of one student: processes with namespaces of their own.

`locked_in(work, files, tell)` is called in a fresh fork and never returns; `powerless(limits, held)` takes all that is left
from the process that will run an answer. Linux only; see namespaces(7), user_namespaces(7), capabilities(7), setrlimit(2).
"""

import ctypes
import math
import os
import resource
import signal
import traceback

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
_DUMPABLE, _BOUNDING_DROP, _NO_NEW_PRIVILEGES, _AMBIENT, _CLEAR_ALL, _DEATH = 4, 24, 38, 47, 4, 1
_DETACH = 2
_OURS = 2  # processes of ours in a cell: the one that waits for the first, and the first
_ANY = 2_000_000_000  # the first of the user ids that nobody has, for a grader that runs as root

_libc = ctypes.CDLL(None, use_errno=True)
_fork = ctypes.PyDLL(None).fork


def fork():
    """fork(2) of a process with one thread, without what os.fork does for threads, logs and random numbers: each child
    would copy 300 pages for it, which takes 1 ms.

    Raises:
        OSError: it failed.
    """
    if (child := _fork()) < 0:
        raise OSError("fork")
    return child


def called(name, *arguments):
    """Call a function of the C library.

    Raises:
        OSError: it failed.
    """
    if getattr(_libc, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def mount(source, target, kind=None, flags=0, data=None):
    """mount(2), with text for bytes."""
    texts = [text.encode() if text is not None else None for text in (source, target, kind, data)]
    called("mount", *texts[:3], ctypes.c_ulong(flags), texts[3])


def own_user():
    """Enter a user namespace in which only the present user exists, and other namespaces with it."""
    user, group = os.getuid(), os.getgid()
    called("unshare", NEWUSER | NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "wb") as file:
            file.write(text.encode())


def locked_in(work, files, tell):
    """Lock this process in and call `work(held)` in its child, the first process of a new process namespace.

    Args:
        work: function; it is told how many bytes of address space are in use.
        files: int, bytes of the temporary folder, /answer.
        tell: file descriptor to which the child's process id is written, or what went wrong.
    """
    try:
        if os.geteuid() == 0:
            user = _ANY + os.getpid() % 1_000_000_000  # of its own, so that the limit on processes counts only it
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            called("prctl", _DUMPABLE, 1, 0, 0, 0)  # the maps of a user namespace are written by its owner only
        own_user()
        first = fork()
        if first:
            os.write(tell, str(first).encode())
            keep_only()
            os.waitpid(first, 0)
            os._exit(0)
        called("prctl", _DEATH, signal.SIGKILL, 0, 0, 0)
        held = _mounts(files)
        _no_more_privileges()
        os.close(tell)
        work(held)
    except BaseException:  # noqa: BLE001, nothing may leave this process
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(1)


def keep_only(*descriptors):
    """Close every other file; what is read is empty, what is written is lost."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    _close_all_but(*descriptors)


def _close_all_but(*kept):
    low = 3
    for number in sorted(kept):
        os.closerange(low, number)
        low = number + 1
    os.closerange(low, 65536)


def _mounts(files):
    mount(None, "/", flags=REC | PRIVATE)
    fresh_folder(files)
    if os.path.isdir("/dev/shm"):
        mount("tmpfs", "/dev/shm", "tmpfs", NOSUID | NODEV | NOEXEC | RDONLY, "size=4k")
    held = _held()
    mount("tmpfs", "/proc", "tmpfs", NOSUID | NODEV | NOEXEC | RDONLY, "size=4k")
    return held


def fresh_folder(files):
    """Make /answer the working folder, empty."""
    mount("tmpfs", "/answer", "tmpfs", NOSUID | NODEV, f"size={files},nr_inodes=1000,mode=0700")
    os.chdir("/answer")


def clear_folder(files):
    """Make /answer empty again, whatever an answer did to it."""
    with os.scandir("/answer") as found:
        if next(found, None) is None and os.stat("/answer").st_mode & 0o7777 == 0o700:
            return
    os.chdir("/")
    called("umount2", b"/answer", _DETACH)
    fresh_folder(files)


def _held():
    """Bytes of address space in use; the last look into /proc."""
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def powerless(limits, held):
    """Set the limits of one answer and give up every capability.

    Args:
        limits: dict with processor, memory, processes, files: see Limits.
        held: int, bytes of address space in use before.
    """
    os.setsid()  # kill(0) reaches the whole group, out of the namespace, too
    seconds = math.ceil(limits["processor"]) + 1  # the answer's own timer comes first, and can say where it was
    for kind, most in (
        (resource.RLIMIT_AS, held + limits["memory"]),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, limits["files"]),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_NPROC, limits["processes"] + _OURS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(kind, (most, most))
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this thread
    called("capset", header, (ctypes.c_uint32 * 6)())


def _no_more_privileges():
    """Nothing that is started from here on gets a capability back."""
    called("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    called("prctl", _AMBIENT, _CLEAR_ALL, 0, 0, 0)
    for capability in range(64):
        if _libc.prctl(_BOUNDING_DROP, capability, 0, 0, 0) < 0:
            break  # beyond the last one that this kernel knows
