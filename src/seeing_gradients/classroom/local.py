"""Grade on this computer, in processes forked from this one, which share PyTorch and one sandbox that are loaded once.

`workers(count, settings)` gives LocalWorkers, whose `run` does what `jobs.run_jobs` does on a cluster: a job whose process
was lost goes to another one, three times at most.
"""

import contextlib
import ctypes
import gc
import json
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from . import jobs as grading
from .jobs import MAX_ATTEMPTS, ClusterError, GradedAnswers, Job, Settings

_JOBS_PER_WORKER = 2  # one that is graded, and one that waits, so that no process is idle while a result is stored
_PR_SET_PDEATHSIG = 1  # the number of prctl(2)


@contextmanager
def workers(
    count: int | None, settings: Settings, prepare: Callable[[], None] = lambda: None
) -> Iterator["LocalWorkers"]:
    """Give LocalWorkers; the sandbox loads PyTorch while this process does.

    Args:
        count: int, how many processes grade; None for one per core.
        settings: Settings.
        prepare: function () -> None, called while the sandbox loads; what it loads, the processes share.

    Raises:
        ClusterError: the sandbox is missing or does not work.
    """
    module = import_module(settings.judge)
    with ExitStack() as stack:
        try:
            launcher = (
                stack.enter_context(module.start_sandbox(settings.sandbox))
                if hasattr(module, "start_sandbox")
                else None
            )
            module.Judge(sandbox=settings.sandbox)  # imports PyTorch
            if launcher is not None:
                prepare()
                launcher.wait()
        except module.SandboxError as error:
            raise ClusterError(str(error)) from None
        gc.collect()
        gc.freeze()  # a collection in a forked process would write to every page, so that all are copied
        yield LocalWorkers(count or len(os.sched_getaffinity(0)), settings, launcher)


@dataclass
class _Worker:
    """A process that grades.

    Attributes:
        process: BaseProcess.
        connection: Connection to it.
        jobs: deque of (Job, how many attempts were made before), the first of which it is grading.
    """

    process: BaseProcess
    connection: Connection
    jobs: deque[tuple[Job, int]] = field(default_factory=deque)


class LocalWorkers:
    """Processes on this computer that grade.

    Args:
        count: int, how many.
        settings: Settings.
        launcher: Launcher of the sandbox that they share; None if their Judge needs none.
    """

    def __init__(self, count: int, settings: Settings, launcher: Any) -> None:
        self._count, self._settings, self._launcher = count, settings, launcher
        self._workers: list[_Worker] = []

    def run(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, GradedAnswers | None]]:
        """Yield (job, graded answers) in the order in which jobs finish; None for the answers if three attempts failed.

        Args:
            jobs: iterable of Job; it is read only as far as jobs can be graded.

        Raises:
            ClusterError: the sandbox does not work.
            KeyboardInterrupt: Ctrl-C was pressed; what was yielded before is complete.
        """
        woken, wake = multiprocessing.Pipe(duplex=False)
        with woken, wake, grading.deferred_interrupts(lambda: wake.send_bytes(b"")) as interrupts:
            try:
                yield from self._results(deque(), iter(jobs), woken, interrupts)
            finally:
                self._close()

    def _results(
        self, again: deque[tuple[Job, int]], jobs: Iterator[Job], woken: Connection, interrupts: list[bool]
    ) -> Iterator[tuple[Job, GradedAnswers | None]]:
        while True:
            self._hand_out(again, jobs)
            busy = {worker.connection: worker for worker in self._workers if worker.jobs}
            if not busy:
                return
            ready = wait([woken, *busy])
            if interrupts:
                raise KeyboardInterrupt
            for connection in ready:
                if isinstance(connection, Connection) and connection in busy:
                    yield from self._received(busy[connection], again)

    def _hand_out(self, again: deque[tuple[Job, int]], jobs: Iterator[Job]) -> None:
        """Send jobs to workers that have room, and start processes that are missing."""
        for _ in range(_JOBS_PER_WORKER):
            while len(self._workers) < self._count or any(not worker.jobs for worker in self._workers):
                if (item := again.popleft() if again else _first(jobs)) is None:
                    return
                worker = next((worker for worker in self._workers if not worker.jobs), None) or self._start()
                self._send(worker, item)
            for worker in self._workers:
                if len(worker.jobs) < _JOBS_PER_WORKER:
                    if (item := again.popleft() if again else _first(jobs)) is None:
                        return
                    self._send(worker, item)

    def _send(self, worker: _Worker, item: tuple[Job, int]) -> None:
        worker.jobs.append(item)
        data = {name: item[0][name] for name in ("lang", "student", "tasks")}
        with contextlib.suppress(OSError):  # it has ended, which shows when its result is read
            worker.connection.send_bytes(json.dumps(data).encode())

    def _received(self, worker: _Worker, again: deque[tuple[Job, int]]) -> Iterator[tuple[Job, GradedAnswers | None]]:
        """Take a result from a worker; if it has ended, its jobs are handed out again."""
        try:
            outcome = json.loads(worker.connection.recv_bytes())
        except (EOFError, OSError):
            outcome = None
            self._remove(worker)
        job, attempts = worker.jobs.popleft()
        if outcome is not None and "failed" not in outcome:
            yield job, grading.answers_of(outcome)
        elif attempts + 1 == MAX_ATTEMPTS:
            yield job, None
        else:
            again.append((job, attempts + 1))
        if outcome is None:
            again.extend(worker.jobs)

    def _start(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        launcher = None if self._launcher is None else self._launcher.copy()
        arguments = theirs, ours, launcher, self._settings, os.getpid()
        process = multiprocessing.get_context("fork").Process(target=_work, args=arguments, daemon=True)
        process.start()
        theirs.close()
        if launcher is not None and launcher is not self._launcher:
            launcher.close()
        self._workers.append(_Worker(process, ours))
        return self._workers[-1]

    def _remove(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.connection.close()
        worker.process.kill()
        worker.process.join()

    def _close(self) -> None:
        for worker in list(self._workers):
            self._remove(worker)


def _first(jobs: Iterator[Job]) -> tuple[Job, int] | None:
    """The next job, with no attempts made; None if there is none."""
    job = next(jobs, None)
    return None if job is None else (job, 0)


def _work(connection: Connection, parents_end: Connection, launcher: Any, settings: Settings, parent: int) -> None:
    """Grade jobs until the connection is closed; what a forked process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    parents_end.close()
    if sys.platform == "linux":  # end with that process, even if it is killed
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            return
    grading.set_launcher(launcher)
    received: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, received), daemon=True).start()
    while (data := received.get()) is not None:
        job = json.loads(data)
        try:
            outcome = grading.grade_job(job, asdict(settings))
        except Exception as error:  # noqa: BLE001, a fault of the judge's own must not end the others
            outcome = {"failed": repr(error)[:200]}
        connection.send_bytes(json.dumps(outcome).encode())


def _receive(connection: Connection, received: "queue.SimpleQueue[bytes | None]") -> None:
    """Take jobs as soon as they are sent; None is the end.

    If a job waited in the pipe, a large one would stop the process that sends it, and a large outcome of the job before
    would stop this one: each would wait until the other reads.
    """
    try:
        while True:
            received.put(connection.recv_bytes())
    except (EOFError, OSError):
        received.put(None)
