"""A process that has loaded PyTorch and only forks, so that no answer waits for imports.

It runs inside the sandbox as `python -P -s -S zygote.py CONTROL PATH...`: CONTROL is the file descriptor of a socket,
PATH... are added to sys.path. Its commands are "begin", which starts a jail and comes with the socket for the commands
of its session, and "end", which ends the jail; "copy", which forks a process like itself and comes with the socket for its
commands, so that several judges share what is loaded; "warm", which loads what few answers need. It runs no code of an
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


class _JailProcesses(NamedTuple):
    """The process ids of a jail.

    Attributes:
        parent: int, the process that waits for the first one.
        first: int, the first process of the PID namespace; None if it could not start.
    """

    parent: int
    first: int | None


def main(control: socket.socket, paths: list[str]) -> None:
    """Load PyTorch, send "ready", then execute commands until the socket is closed.

    Args:
        control: SOCK_SEQPACKET socket.
        paths: list of str, added to sys.path.
    """
    sys.path[:] = [path for path in sys.path if path != os.path.dirname(__file__)] + paths
    from inside import (  # pyright: ignore[reportMissingImports]  # exists only in the sandbox, in /grader
        answer,
        heap_gaps,
        namespaces,
        session,
    )

    def enter(descriptor: int, files: int, report: int) -> None:
        namespaces.enter_jail(partial(session.run_session, descriptor, files), files, report)

    answer.warm_up()  # loads torch
    gc.collect()
    gc.freeze()  # garbage collection in a child would write to every page, so that all are copied
    heap_gaps.fill_gaps()
    control.send(b"ready")
    jail, copies = None, []
    while True:
        data, descriptors, *_ = socket.recv_fds(control, 65536, 1)
        if not data:
            return
        command = json.loads(data)
        copies = [copy for copy in copies if not os.waitpid(copy, os.WNOHANG)[0]]
        if command["do"] == "begin":
            jail, reply = _begin(command["files"], descriptors[0], control, namespaces.fork, enter)
            control.send(reply)
        elif command["do"] == "copy":
            if copy := namespaces.fork():
                os.close(descriptors[0])
                copies.append(copy)
                control.send(b"copied")
            else:
                control.close()
                control, copies = socket.socket(fileno=descriptors[0]), []
        elif command["do"] == "warm":
            answer.warm_up_fully()
            gc.collect()
            gc.freeze()
            control.send(b"warm")
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
) -> tuple[_JailProcesses, bytes]:
    """Fork a jail; return its processes, and b"begun" or b"failed: " with the reason."""
    read, write = os.pipe()
    parent = fork()
    if not parent:
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
    return _JailProcesses(parent, first), b"begun" if first else b"failed: " + report[-2000:]


def _end(jail: _JailProcesses) -> None:
    """Kill all processes of a jail: the kernel kills a PID namespace with its first process."""
    if jail.first:
        try:
            os.kill(jail.first, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has already ended
    else:
        os.kill(jail.parent, signal.SIGKILL)
    os.waitpid(jail.parent, 0)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
    os._exit(0)  # without the time that it takes to unload PyTorch
