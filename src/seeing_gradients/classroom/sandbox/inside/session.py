"""The first process of a jail: it forks a process for every answer of one student, and ends whatever is left of it.

It runs no code of an answer itself. Answers cannot reach it: no signal from within its namespace ends the first process of
it, and it has capabilities that they lack, so that they may not trace it.
"""

import json
import os
import signal
import socket
from collections.abc import Mapping

from seeing_gradients.course.exercises.execution import limit_processor

from . import answer, namespaces, seccomp


def run_session(descriptor: int, files: int, address_space: int) -> None:
    """Obey the commands "answer", with the socket of an answer and its limits, and "end", until the socket is closed.

    Args:
        descriptor: int, of the socket (SOCK_SEQPACKET) on which commands come.
        files: int, bytes of the temporary folder.
        address_space: int, bytes in use.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)  # a signal that is handled would reach even the first process
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
    try:
        namespaces.drop_privileges(limits, address_space)
        seccomp.install()
        namespaces.close_files(descriptor)
        limit_processor(limits["processor"])
        answer.serve(socket.socket(fileno=descriptor))
    finally:
        os._exit(1)


def _end_processes() -> None:
    """Kill every other process of the namespace, and wait for all of them."""
    try:
        os.kill(-1, signal.SIGKILL)
        while True:
            os.waitpid(-1, 0)
    except (ProcessLookupError, ChildProcessError):
        return  # there are none, or none are left
