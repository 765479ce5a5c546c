"""Where bubblewrap is missing: a root directory of its own with only what is named in it, then the zygote in it.

Run as `python -I -S root.py ORDER`, ORDER being JSON with "shown" (paths that are shown read-only), "hidden" (folders in
them that are shown empty), "grader" (what appears as /grader), "base" (an empty folder) and "command".
"""

import json
import os
import sys

from cell import (
    BIND,
    NEWIPC,
    NEWNET,
    NEWNS,
    NEWPID,
    NEWUTS,
    NODEV,
    NOEXEC,
    NOSUID,
    PRIVATE,
    RDONLY,
    REC,
    REMOUNT,
    called,
    mount,
    own_user,
)  # fmt: skip


def main(order):
    if os.geteuid() == 0:
        called("unshare", NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS)
    else:
        own_user()
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 255)
    called("prctl", 1, 9, 0, 0, 0)  # dies with its parent
    base = order["base"]
    mount(None, "/", flags=REC | PRIVATE)
    mount("tmpfs", base, "tmpfs", NOSUID | NODEV, "size=1m,mode=0755")
    for path in order["shown"]:
        _show(path, base + path)
    for path in order["hidden"]:
        if os.path.isdir(base + path):
            mount("tmpfs", base + path, "tmpfs", NOSUID | NODEV | RDONLY, "size=4k")
    _show(order["grader"], base + "/grader")
    for name in ("null", "zero", "random", "urandom"):
        _show(f"/dev/{name}", f"{base}/dev/{name}", 0)
    for name in ("proc", "answer", "old"):
        os.makedirs(f"{base}/{name}", exist_ok=True)
    mount("proc", base + "/proc", "proc", NOSUID | NODEV | NOEXEC)
    called("pivot_root", base.encode(), f"{base}/old".encode())
    os.chdir("/")
    called("umount2", b"/old", 2)
    mount(None, "/", flags=REMOUNT | BIND | RDONLY | NOSUID | NODEV)
    os.execve(order["command"][0], order["command"], order["environment"])


def _show(source, target, flags=RDONLY):
    """Show a file or a folder at another place, read-only; flags that were locked before us must be kept."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        open(target, "a", encoding="ascii").close()
    mount(source, target, flags=BIND | REC)
    kept = os.statvfs(target).f_flag & (NOSUID | NODEV | NOEXEC | RDONLY | 1024 | 4096)
    relatime = (1024 if kept & 1024 else 0) | (1 << 21 if kept & 4096 else 0)
    mount(None, target, flags=REMOUNT | BIND | NOSUID | flags | (kept & 15) | relatime)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
