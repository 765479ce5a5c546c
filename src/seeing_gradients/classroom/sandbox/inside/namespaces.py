"""The jail of one student: Linux namespaces of its own, in which a first process forks one process per answer.

`enter_jail(work, files, report)` is called right after a fork and never returns; `drop_privileges(limits,
address_space)` is called in the process that will run an answer. Linux only; see namespaces(7), user_namespaces(7),
capabilities(7), setrlimit(2).
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
_OWN_PROCESSES = 2  # our processes in a jail: the first process of its namespace, and the parent that waits for it
_FIRST_UNUSED_USER = 2_000_000_000  # start of a range of user ids that no user has, for a grader that runs as root

_libc = ctypes.CDLL(None, use_errno=True)
_fork = ctypes.PyDLL(None).fork


def fork() -> int:
    """Call fork(2); the process must have only one thread.

    os.fork also prepares threads, logging and random numbers; for that each child would copy 300 pages, in 1 ms.

    Returns:
        int, 0 in the child, the id of the child in the parent.

    Raises:
        OSError: the call failed.
    """
    if (child := _fork()) < 0:
        raise OSError("fork")
    return child


def call_libc(name: str, *arguments: object) -> None:
    """Call a function of the C library that returns a negative number on failure.

    Args:
        name: str.
        arguments: as ctypes accepts them.

    Raises:
        OSError: the call failed.
    """
    if getattr(_libc, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def mount(source: str | None, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    """Call mount(2).

    Args:
        source, target, kind, data: str, or None for a null pointer; `kind` is the type of the file system.
        flags: int, the constants of this module combined by "|".

    Raises:
        OSError: the call failed.
    """
    texts = [text.encode() if text is not None else None for text in (source, target, kind, data)]
    call_libc("mount", *texts[:3], ctypes.c_ulong(flags), texts[3])


def enter_jail(work: Callable[[int], None], files: int, report: int) -> None:
    """Enter new namespaces and call `work(address_space)` in a child, the first process of the new PID namespace.

    Never returns: this process waits for the child and exits.

    Args:
        work: function (int) -> None; its argument is the address space in use, in bytes.
        files: int, size limit of the temporary folder /answer in bytes.
        report: int, file descriptor to which the process id of the child is written. Errors are written to stderr.
    """
    try:
        if os.geteuid() == 0:
            # A user id for this jail alone, since the limit on processes counts all processes of a user.
            user = _FIRST_UNUSED_USER + os.getpid() % 1_000_000_000
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            call_libc("prctl", _PR_SET_DUMPABLE, 1, 0, 0, 0)  # or /proc/self/uid_map could not be written
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
    except BaseException:  # noqa: BLE001, no exception may unwind into the code of the zygote
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(1)


def _unshare() -> None:
    """Enter new namespaces of every kind; the user namespace maps only the current user and group."""
    user, group = os.getuid(), os.getgid()
    call_libc("unshare", NEWUSER | NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "wb") as file:
            file.write(text.encode())


def close_files(*exceptions: int) -> None:
    """Close all open files and connect stdin, stdout and stderr to /dev/null.

    Args:
        exceptions: file descriptors that stay open.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    low = 3
    for number in sorted(exceptions):
        os.closerange(low, number)
        low = number + 1
    os.closerange(low, 65536)


def _mount_all(files: int) -> int:
    """Mount /answer, cover /dev/shm and /proc with empty folders; return the address space in use, in bytes."""
    mount(None, "/", flags=REC | PRIVATE)
    _mount_folder(files)
    if os.path.isdir("/dev/shm"):
        mount("tmpfs", "/dev/shm", "tmpfs", NOSUID | NODEV | NOEXEC | RDONLY, "size=4k")
    address_space = _address_space()
    mount("tmpfs", "/proc", "tmpfs", NOSUID | NODEV | NOEXEC | RDONLY, "size=4k")
    return address_space


def _mount_folder(files: int) -> None:
    """Mount an empty temporary file system on /answer and make it the working folder."""
    mount("tmpfs", "/answer", "tmpfs", NOSUID | NODEV, f"size={files},nr_inodes=1000,mode=0700")
    os.chdir("/answer")


def clear_folder(files: int) -> None:
    """Make /answer empty again, with its permissions and size limit.

    Args:
        files: int, its size limit in bytes.

    Raises:
        OSError: it could not be mounted again.
    """
    with os.scandir("/answer") as entries:
        if next(entries, None) is None and os.stat("/answer").st_mode & 0o7777 == 0o700:
            return
    os.chdir("/")
    call_libc("umount2", b"/answer", _MNT_DETACH)
    _mount_folder(files)


def _address_space() -> int:
    """The address space in use, in bytes; call it before /proc is covered."""
    with open("/proc/self/statm", "rb") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def drop_privileges(limits: Mapping[str, float], address_space: int) -> None:
    """Set the limits of one answer and give up every capability.

    Args:
        limits: dict with processor, memory, processes, files: see `limits.AnswerLimits`.
        address_space: int, bytes in use before the answer runs.

    Raises:
        OSError: a limit could not be set.
    """
    os.setsid()  # a process group of its own: the present one has members outside, which kill(0) would signal
    seconds = math.ceil(limits["processor"]) + 1  # later than the timer in the process, whose error has a line number
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
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this thread
    call_libc("capset", header, (ctypes.c_uint32 * 6)())


def _forbid_new_privileges() -> None:
    """Prevent this process and all its children from gaining capabilities by execve."""
    call_libc("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call_libc("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break  # beyond the last capability of this kernel
