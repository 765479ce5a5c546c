"""The jail of one student: namespaces of its own, with a process in it that forks one process per answer.

`enter_jail(work, files, report)` is called in a fresh fork and never returns; `drop_privileges(limits,
address_space)` takes all that is left from the process that will run an answer. Linux only; see namespaces(7),
user_namespaces(7), capabilities(7), setrlimit(2).
"""

import ctypes
import math
import os
import resource
import signal
import traceback
from collections.abc import Callable, Mapping

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
RDONLY, NOSUID, NODEV, NOEXEC, REC, PRIVATE = 1, 2, 4, 8, 16384, 1 << 18
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_MNT_DETACH = 2
_OWN_PROCESSES = 2  # processes of ours in a jail: the one that waits for the first, and the first
_FIRST_UNUSED_USER = 2_000_000_000  # the first of the user ids that no user has, for a grader that runs as root

_libc = ctypes.CDLL(None, use_errno=True)
_fork = ctypes.PyDLL(None).fork


def fork() -> int:
    """Return what fork(2) returns, of a process with one thread.

    os.fork does more, for threads, logs and random numbers: each child would copy 300 pages for it, which takes 1 ms.

    Raises:
        OSError: it failed.
    """
    if (child := _fork()) < 0:
        raise OSError("fork")
    return child


def call_libc(name: str, *arguments: object) -> None:
    """Call a function of the C library.

    Raises:
        OSError: it failed.
    """
    if getattr(_libc, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def mount(source: str | None, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    """Call mount(2), with str in place of bytes."""
    texts = [text.encode() if text is not None else None for text in (source, target, kind, data)]
    call_libc("mount", *texts[:3], ctypes.c_ulong(flags), texts[3])


def enter_jail(work: Callable[[int], None], files: int, report: int) -> None:
    """Lock this process in and call `work(address_space)` in its child, the first process of a new process namespace.

    Args:
        work: function; its argument is the number of bytes of address space in use.
        files: int, bytes of the temporary folder, /answer.
        report: file descriptor to which the child's process id is written, or what went wrong.
    """
    try:
        if os.geteuid() == 0:
            user = (
                _FIRST_UNUSED_USER + os.getpid() % 1_000_000_000
            )  # its own, so that the limit on processes counts only it
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            call_libc("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)  # only the owner may write the maps of a user namespace
        _unshare()
        first = fork()
        if first:
            os.write(report, str(first).encode())
            close_files()
            os.waitpid(first, 0)
            os._exit(0)
        call_libc("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        address_space = _mount_all(files)
        _forbid_new_privileges()
        os.close(report)
        work(address_space)
    except BaseException:  # noqa: BLE001, nothing may leave this process
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(1)


def _unshare() -> None:
    """Enter new namespaces of every kind; in the user namespace only the present user exists."""
    user, group = os.getuid(), os.getgid()
    call_libc("unshare", NEWUSER | NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "wb") as file:
            file.write(text.encode())


def close_files(*exceptions: int) -> None:
    """Close all files but these; reading the standard ones gives nothing, and what is written to them is lost."""
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    low = 3
    for number in sorted(exceptions):
        os.closerange(low, number)
        low = number + 1
    os.closerange(low, 65536)


def _mount_all(files: int) -> int:
    mount(None, "/", flags=REC | PRIVATE)
    _mount_folder(files)
    if os.path.isdir("/dev/shm"):
        mount("tmpfs", "/dev/shm", "tmpfs", NOSUID | NODEV | NOEXEC | RDONLY, "size=4k")
    address_space = _address_space()
    mount("tmpfs", "/proc", "tmpfs", NOSUID | NODEV | NOEXEC | RDONLY, "size=4k")
    return address_space


def _mount_folder(files: int) -> None:
    """Make /answer, empty, the working folder."""
    mount("tmpfs", "/answer", "tmpfs", NOSUID | NODEV, f"size={files},nr_inodes=1000,mode=0700")
    os.chdir("/answer")


def clear_folder(files: int) -> None:
    """Make /answer empty again, whatever an answer did to it."""
    with os.scandir("/answer") as entries:
        if next(entries, None) is None and os.stat("/answer").st_mode & 0o7777 == 0o700:
            return
    os.chdir("/")
    call_libc("umount2", b"/answer", _MNT_DETACH)
    _mount_folder(files)


def _address_space() -> int:
    """Bytes of address space in use; nothing reads /proc after this."""
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def drop_privileges(limits: Mapping[str, float], address_space: int) -> None:
    """Set the limits of one answer and give up every capability.

    Args:
        limits: dict with processor, memory, processes, files: see judge.Limits.
        address_space: int, bytes in use before.
    """
    os.setsid()  # kill(0) reaches the whole group, out of the namespace, too
    seconds = math.ceil(limits["processor"]) + 1  # the answer's own timer fires first, and can tell the line
    for kind, limit in (
        (resource.RLIMIT_AS, address_space + int(limits["memory"])),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, int(limits["files"])),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_NPROC, int(limits["processes"]) + _OWN_PROCESSES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this thread
    call_libc("capset", header, (ctypes.c_uint32 * 6)())


def _forbid_new_privileges() -> None:
    """Let nothing that is started from here on regain a capability."""
    call_libc("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call_libc("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break  # beyond the last one that this kernel knows
