"""A process that has PyTorch loaded and does nothing but fork, so that no answer waits for an import.

Run inside the sandbox as `python -I -S zygote.py CONTROL PATH...`: CONTROL is the number of a socket, PATH... become
sys.path. Its commands are "begin", with the socket on which a session gets its own commands, and "end"; it runs no code of an
answer itself.
"""

import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import NamedTuple


class _Fork(NamedTuple):
    """The processes of a jail: the one that waits, and the first inside, None where that could not start."""

    waiting: int
    first: int | None


def main(control: socket.socket, paths: list[str]) -> None:
    sys.path[:] = [path for path in sys.path if path != os.path.dirname(__file__)] + paths
    from inside import (  # pyright: ignore[reportMissingImports]  # found in /grader, inside the sandbox alone
        answer,
        heap,
        namespaces,
        session,
    )

    def enter(descriptor: int, files: int, report: int) -> None:
        namespaces.enter_jail(partial(session.run_session, descriptor, files), files, report)

    answer.warm_up()  # loads torch
    gc.collect()
    gc.freeze()  # a collection in a child would write to, and so copy, every page
    heap.fill_gaps()
    control.send(b"ready")
    jail = None
    while True:
        data, descriptors, *_ = socket.recv_fds(control, 65536, 1)
        if not data:
            return
        command = json.loads(data)
        if command["do"] == "begin":
            jail, reply = _begin(command["files"], descriptors[0], control, namespaces.fork, enter)
            control.send(reply)
        else:
            if jail is not None:
                _end(jail)
            control.send(b"ended")


def _begin(
    files: int,
    descriptor: int,
    control: socket.socket,
    fork: Callable[[], int],
    enter: Callable[[int, int, int], None],
) -> tuple[_Fork, bytes]:
    """Fork a jail; return its processes, and b"begun" or what went wrong instead."""
    read, write = os.pipe()
    waiting = fork()
    if not waiting:
        control.close()
        os.close(read)
        os.dup2(write, 2)
        enter(descriptor, files, write)
    os.close(write)
    os.close(descriptor)
    report = b""
    while part := os.read(read, 65536):
        report += part
    os.close(read)
    first = int(report) if report.isdigit() else None
    return _Fork(waiting, first), b"begun" if first else b"failed: " + report[-2000:]


def _end(jail: _Fork) -> None:
    """Kill what is left of a jail: with the first process of a process namespace all others in it end."""
    if jail.first:
        try:
            os.kill(jail.first, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has ended by itself
    else:
        os.kill(jail.waiting, signal.SIGKILL)
    os.waitpid(jail.waiting, 0)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
