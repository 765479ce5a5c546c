"""Our side of the sandbox: `Zygote` makes cells, a `Cell` makes processes for the answers of one student."""

import json
import socket
from contextlib import contextmanager

from seeing_gradients.language import message

_PATIENCE = 60  # seconds for a fork on a busy machine


class SandboxError(RuntimeError):
    """There is no sandbox to be had; the message says what is missing and how to mend it."""


class Zygote:
    """The process in the sandbox that forks a cell for every student."""

    def __init__(self, process, control):
        self._process, self._control = process, control

    @contextmanager
    def cell(self, files):
        """Give a Cell; whatever is left in it is killed at the end.

        Args:
            files: int, bytes of its temporary folder.

        Raises:
            SandboxError: no cell could be made.
        """
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with here:
            with there:
                order = json.dumps({"do": "begin", "files": files}).encode()
                socket.send_fds(self._control, [order], [there.fileno()])
            said = self._said()
            try:
                if said != "begun":
                    raise SandboxError(message("judge.no_cell", reason=said))
                here.settimeout(_PATIENCE)
                yield Cell(here)
            finally:
                self._control.send(b'{"do": "end"}')
                self._said()

    def wait(self):
        """Wait until PyTorch is loaded.

        Raises:
            SandboxError: the process ended instead.
        """
        if (said := self._said()) != "ready":
            raise SandboxError(said)

    def close(self):
        """End it, and all that it has forked."""
        self._control.close()

    def _said(self):
        try:
            said = self._control.recv(65536).decode()
        except TimeoutError:
            said = "timeout"
        return said or f"exit status {self._process.wait(10)}"


class Cell:
    """Namespaces for the answers of one student, each of which runs in a process and a folder of its own."""

    def __init__(self, control):
        self._control = control

    @contextmanager
    def answer(self, limits):
        """Give the socket of a fresh process for one answer; it and all that it starts is killed at the end.

        Args:
            limits: dict with the fields of Limits.

        Raises:
            SandboxError: there is no such process, because the cell was lost.
            OSError: likewise.
        """
        here, there = socket.socketpair()
        with here:
            with there:
                order = json.dumps({"do": "answer", "limits": limits}).encode()
                socket.send_fds(self._control, [order], [there.fileno()])
            if self._control.recv(16) != b"begun":
                raise SandboxError(message("judge.no_cell", reason="the cell was lost"))
            yield here
        self._control.send(b'{"do": "end"}')
