"""The first process of a cell: it forks a process for every answer of one student, and ends whatever is left of it.

It runs no code of an answer itself. Answers cannot reach it: no signal from within its namespace ends the first process of
it, and it has capabilities that they lack, so that they may not trace it.
"""

import json
import os
import signal
import socket

from seeing_gradients.course.exercises import execution

from . import answer, cell, filter


def host(descriptor, files, held):
    """Do what is asked: "answer", with the socket of an answer and its limits, or "end".

    Args:
        descriptor: int, of the socket (SOCK_SEQPACKET) on which we are asked.
        files: int, bytes of the temporary folder.
        held: int, bytes of address space in use.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)  # one that is handled would reach even the first process
    cell.keep_only(descriptor)
    filter.prepare()
    asked = socket.socket(fileno=descriptor)
    while True:
        data, descriptors, *_ = socket.recv_fds(asked, 65536, 1)
        if not data:
            return
        _end_all()
        order = json.loads(data)
        if order["do"] == "end":
            continue
        cell.clear_folder(files)
        if not cell.fork():
            asked.close()
            _answer(descriptors[0], order["limits"], held)
        os.close(descriptors[0])
        asked.send(b"begun")


def _answer(descriptor, limits, held):
    try:
        cell.powerless(limits, held)
        filter.install()
        cell.keep_only(descriptor)
        execution.limit_processor(limits["processor"])
        answer.serve(socket.socket(fileno=descriptor))
    finally:
        os._exit(1)


def _end_all():
    """Kill every other process of the namespace, and wait for all."""
    try:
        os.kill(-1, signal.SIGKILL)
        while True:
            os.waitpid(-1, 0)
    except (ProcessLookupError, ChildProcessError):
        return  # there is none, or none is left
