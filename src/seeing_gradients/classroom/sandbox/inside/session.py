"""The first process of a jail: it forks a process for each answer of one student, and kills its leftovers afterwards.

It runs no code of an answer itself. Answers cannot end it, since the kernel ignores signals to the first process of a
PID namespace from inside; and they cannot trace it, since it has capabilities that they lack.
"""

import json
import os
import signal
import socket
from collections.abc import Mapping

from seeing_gradients.course.exercises.execution import limit_processor

from . import answer, namespaces, seccomp


def run_session(descriptor: int, files: int, address_space: int) -> None:
    """Execute commands until the socket is closed.

    The command {"do": "answer", "limits": ...}, sent with a socket, starts a process that serves an answer on that
    socket; the reply is "begun". The command {"do": "end"} kills all processes of the last answer.

    Args:
        descriptor: int, file descriptor of the SOCK_SEQPACKET socket on which commands come.
        files: int, size limit of the temporary folder in bytes.
        address_space: int, bytes in use.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)  # signals with a handler would reach even the first process
    namespaces.close_files(descriptor)
    seccomp.prepare()
    control = socket.socket(fileno=descriptor)
    while True:
        data, descriptors, *_ = socket.recv_fds(control, 65536, 1)
        if not data:
            return
        _end_processes()
        command = json.loads(data)
        if command["do"] == "end":
            continue
        namespaces.clear_folder(files)
        if not namespaces.fork():
            control.close()
            _run_answer(descriptors[0], command["limits"], address_space)
        os.close(descriptors[0])
        control.send(b"begun")


def _run_answer(descriptor: int, limits: Mapping[str, float], address_space: int) -> None:
    """Lock this process in and serve an answer; never returns."""
    try:
        namespaces.drop_privileges(limits, address_space)
        seccomp.install()
        namespaces.close_files(descriptor)
        limit_processor(limits["processor"])
        answer.serve(socket.socket(fileno=descriptor))
    finally:
        os._exit(1)


def _end_processes() -> None:
    """Kill every other process of the namespace and wait for them."""
    try:
        os.kill(-1, signal.SIGKILL)
        while True:
            os.waitpid(-1, 0)
    except (ProcessLookupError, ChildProcessError):
        return  # no process is left
