"""How much memory this kernel could still use."""

import ctypes
import os
import re
import sys
from pathlib import Path

_CONTROL_GROUP = Path("/sys/fs/cgroup")
_MEMINFO = Path("/proc/meminfo")


def available_memory():
    """Return the bytes of memory that are left, or None where the system does not tell."""
    if sys.platform == "win32":
        return _windows()
    try:
        free = int(re.search(r"MemAvailable:\s+(\d+) kB", _MEMINFO.read_text(encoding="utf-8")).group(1)) * 1024
    except (OSError, AttributeError):
        return _whole()
    return min(free, _left_in_container())


def _left_in_container():
    """What the limit of a container, such as Binder's 2 GB, leaves; infinity without a limit."""
    try:
        limit, used = (
            (_CONTROL_GROUP / name).read_text(encoding="utf-8").strip() for name in ("memory.max", "memory.current")
        )
        return float("inf") if limit == "max" else int(limit) - int(used)
    except (OSError, ValueError):
        return float("inf")


def _whole():
    """All the memory there is: macOS tells no more without help."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _windows():
    class Status(ctypes.Structure):  # MEMORYSTATUSEX of the Windows API
        _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong)] + [
            (name, ctypes.c_ulonglong) for name in ("total", "free", "file", "file_free", "space", "space_free", "rest")
        ]

    status = Status(length=ctypes.sizeof(Status))
    return status.free if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else None
