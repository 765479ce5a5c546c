"""Grades submissions by many processes at once, one job each: on this computer, or on a Dask cluster that is already there.

`make_jobs(...)` reads what was handed in, `run_jobs(...)` has it graded, `to_result(...)` turns the outcome into what
is stored. Plain data goes out and comes back. Every worker process has one Judge; a submission whose worker was lost
goes to another one. No more submissions are under way than keep the workers busy, so that memory does not grow with
the class.
"""

import atexit
import gc
import json
import logging
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from multiprocessing import forkserver
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypedDict, cast

from seeing_gradients import language
from seeing_gradients.language import message

from . import sanitize
from .course import Assignment, Course, Task
from .results import ResultKey, Store
from .submissions import Fault, Submission, collect

if TYPE_CHECKING:
    from distributed import Client, Future

    from .sandbox import Judge

_AHEAD = 4  # submissions under way for each worker
_TRIES = 3
_SILENT_SECONDS = 20.0  # without an answer, after which the workers are asked whether they are at work
_FETCH_SECONDS = 20.0  # for an answer to come over the network
_NOTHING_HANDED_IN = ("missing", "no_file")  # no points, and nothing for a person to read
_judges: dict[tuple[str, str], "Judge"] = {}


class ClusterError(Exception):
    """The workers cannot grade; the message says why."""


class JobTask(TypedDict):
    """One answer to grade: the dict of a Task, the answer's source, the seed of its hidden inputs."""

    task: dict[str, Any]
    source: str | None
    seed: str


class Job(TypedDict):
    """One submission to grade, as plain data; `faults` are dicts of Fault."""

    key: ResultKey
    lang: str
    student: str
    tasks: list[JobTask]
    faults: list[dict[str, Any]]


GradedAnswers = dict[str, dict[str, Any]]  # from grade_id to the dict of a GradedAnswer


@dataclass(frozen=True)
class Settings:
    """How answers are graded, the same on every worker.

    Attributes:
        limits: dict, fields of judge.Limits that differ from its defaults.
        sandbox: str, as Judge takes it.
        judge: str, the module that has Judge, Limits and SandboxError.
    """

    limits: dict[str, float]
    sandbox: str = "bubblewrap"
    judge: str = "seeing_gradients.classroom.sandbox"


# From submissions to jobs, and from what workers return to results


def submission_folders(submitted: Path, assignments: Iterable[str] = ()) -> Iterator[tuple[str, Path]]:
    """Yield (student, folder) for every folder submitted/<student>/<assignment>, by name.

    Args:
        submitted: Path.
        assignments: names of folders that are tried where a student's folder cannot be listed.
    """
    for student in _subfolders(submitted):
        try:
            folders = _subfolders(student)
        except OSError:
            folders = [student / name for name in assignments]
        yield from ((student.name, folder) for folder in folders)


def make_jobs(submitted: Path, course: Course, store: Store, skip: Callable[[], None]) -> Iterator[Job]:
    """Yield the Job of each submission that is not graded yet.

    Args:
        submitted: Path.
        course: Course.
        store: Store, in which every submission is noted.
        skip: called for each submission that is graded already.
    """
    assignments = course.by_name
    for student, folder in submission_folders(submitted, assignments):
        assignment = assignments.get(folder.name)
        submission = _collect(folder, student, assignment)
        if not store.hand_in(submission):
            skip()
            continue
        yield {
            "key": (submission.student, submission.assignment, submission.digest),
            "lang": assignment.lang if assignment else language.current(),
            "student": submission.student,
            "tasks": [_job_task(task, submission, store) for task in assignment.tasks] if assignment else [],
            "faults": [asdict(fault) for fault in submission.faults],
        }


def _job_task(task: Task, submission: Submission, store: Store) -> JobTask:
    seed = store.seed(submission.student, task.exercise, submission.digest)
    return {"task": asdict(task), "source": submission.answers[task.grade_id], "seed": seed}


def _collect(folder: Path, student: str, assignment: Assignment | None) -> Submission:
    if assignment is None:
        fault = Fault("unknown_assignment", message("classroom.fault_unknown_assignment"))
        path = sanitize.clean(str(folder))
        return Submission(sanitize.key(student), sanitize.key(folder.name), path, "", {}, (fault,))
    with language.using(assignment.lang):
        return collect(folder, student, assignment)


def to_result(job: Job, answers: GradedAnswers | None) -> tuple[GradedAnswers, list[dict[str, Any]]]:
    """Return (answers, faults) as they are stored: a person must read answers that could not be graded.

    Args:
        job: Job, from `make_jobs`.
        answers: dict from grade_id to the dict of a GradedAnswer, or None where the workers were lost.
    """
    faults = list(job["faults"])
    if answers is None:
        with language.using(job["lang"]):
            faults += [_worker_lost(item["task"]) for item in job["tasks"]]
        answers = {item["task"]["grade_id"]: _ungraded(item["task"]) for item in job["tasks"]}
    blocking = [f for f in faults if not Fault(**f).repaired and f["kind"] not in _NOTHING_HANDED_IN]
    for grade_id, answer in answers.items():
        if texts := [fault["text"] for fault in blocking if fault["grade_id"] in (None, grade_id)]:
            review = {"state": "review", "credit": 0.0, "text": " ".join(texts), "facts": [], "why": ""}
            answers[grade_id] = {**answer, **review}
    return answers, faults


def _worker_lost(task: dict[str, Any]) -> dict[str, Any]:
    text = message("classroom.fault_worker_lost", exercise=task["exercise"])
    return {"kind": "worker_lost", "text": text, "grade_id": task["grade_id"]}


def _ungraded(task: dict[str, Any]) -> dict[str, Any]:
    empty = {"text": "", "facts": [], "why": "", "misconception": "", "notes": [], "seconds": 0.0}
    return {"exercise": task["exercise"], "state": "review", "credit": 0.0, **empty, "reason": "worker lost"}


def _subfolders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


# Workers


def warm_up() -> None:
    """Start the process that the workers of this computer are forked from, which loads PyTorch and Dask.

    It loads them while this process does other things, once for all workers.
    """
    multiprocessing.get_context("forkserver").set_forkserver_preload(
        ["distributed", "seeing_gradients.classroom.sandbox", __name__]
    )
    forkserver.ensure_running()


@contextmanager
def connected(scheduler: str | None = None, workers: int | None = None) -> Iterator["Client"]:
    """Give a Dask client: of the scheduler at this address, or of as many new processes as there are cores.

    Raises:
        ClusterError: nothing answers at the address.
    """
    import dask.config
    from distributed import Client, LocalCluster

    if scheduler:
        try:
            client = Client(scheduler, set_as_default=False, timeout=10)
        except (OSError, ValueError) as error:
            raise ClusterError(str(error)) from None
        with client:
            yield client
        return
    settings = {
        "distributed.worker.multiprocessing-method": "forkserver",
        # a laptop that slept, or a machine that was held up, is no reason to give up workers: their sockets tell if
        # they live
        "distributed.scheduler.worker-ttl": None,
        # for the dashboard only, and they take time from the answers
        "distributed.worker.profile.enabled": False,
        "distributed.admin.system-monitor.interval": "10s",
        "distributed.worker.memory.monitor-interval": "2s",
    }
    # TLS, with keys of this run: on a shared computer any user could reach the port, and a scheduler runs what it is
    # sent
    count = workers or len(os.sched_getaffinity(0))
    local = {"n_workers": count, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "preload": [__name__]}
    with (
        dask.config.set(settings),
        LocalCluster(**local, security=True, host="127.0.0.1", silence_logs=logging.CRITICAL) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.wait_for_workers(count, timeout=60)
        yield client


def run_jobs(client: "Client", jobs: Iterable[Job], settings: Settings) -> Iterator[tuple[Job, GradedAnswers | None]]:
    """Yield (job, graded answers) as they are finished; None for the answers where the worker was lost again and again.

    Args:
        client: distributed.Client.
        jobs: iterable of Job; read only as far as there is room.
        settings: Settings.

    Raises:
        ClusterError: a worker has no sandbox, or cannot load the grader.
        KeyboardInterrupt: Ctrl-C was pressed; what was yielded until then is whole.
    """
    _try_workers(client, settings)
    finished: queue.SimpleQueue[Future | None] = queue.SimpleQueue()
    with _noting_interrupts(lambda: finished.put(None)) as interrupts:
        yield from _Run(client, iter(jobs), settings, finished, interrupts).results()


@contextmanager
def _noting_interrupts(wake: Callable[[], None]) -> Iterator[list[bool]]:
    """Note Ctrl-C in the list, for a moment that is safe: inside Dask, e.g. in a destructor, it may be lost.

    Pressed again, it ends the run wherever that is.
    """
    interrupts: list[bool] = []

    def note(number: int, frame: FrameType | None) -> None:
        if interrupts:
            raise KeyboardInterrupt
        interrupts.append(True)
        wake()

    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


class _Run:
    """The jobs of one run: those under way, and the room for more."""

    def __init__(
        self,
        client: "Client",
        jobs: Iterator[Job],
        settings: Settings,
        finished: "queue.SimpleQueue[Future | None]",
        interrupts: Sequence[bool],
    ) -> None:
        self._client, self._jobs, self._settings = client, jobs, asdict(settings)
        self._finished, self._interrupts = finished, interrupts
        self._under_way: dict[object, tuple[Future, Job, int]] = {}  # Future.key -> (Future, Job, tries)
        self._room, self._room_expires = 0, 0.0

    def results(self) -> Iterator[tuple[Job, GradedAnswers | None]]:
        self._fill()
        while self._under_way:
            if self._interrupts:
                raise KeyboardInterrupt
            try:
                future = self._finished.get(timeout=_SILENT_SECONDS)
            except queue.Empty:
                lost = self._forgotten()
            else:
                if future is None or future.key not in self._under_way:
                    continue
                outcome, lost = _outcome(future), []
                if outcome is None:
                    lost = [future.key]
                else:
                    yield self._under_way.pop(future.key)[1], _answers(outcome)
            for key in lost:
                if (job := self._send_again(key)) is not None:
                    yield job, None
            self._fill()

    def _fill(self) -> None:
        for _ in range(self._capacity() - len(self._under_way)):
            if (job := next(self._jobs, None)) is None:
                return
            self._send(job)

    def _send(self, job: Job, tries: int = 1) -> None:
        data = {name: job[name] for name in ("lang", "student", "tasks")}
        text = json.dumps([data, self._settings])  # Dask walks through everything that is not text
        future = self._client.submit(_grade_text, text, pure=False)
        self._under_way[future.key] = future, job, tries
        future.add_done_callback(self._finished.put)

    def _send_again(self, key: object) -> Job | None:
        """Send once more what came back without an answer; return its job if that was tried too often."""
        _, job, tries = self._under_way.pop(key)
        if tries == _TRIES:
            return job
        self._send(job, tries + 1)
        return None

    def _forgotten(self) -> list[object]:
        """The keys of jobs that no worker has: a cluster may lose jobs while the whole machine is suspended."""
        is_idle = not any(_processing(self._client).values()) and self._finished.empty()
        return list(self._under_way) if is_idle else []

    def _capacity(self) -> int:
        """How many submissions may be under way; the scheduler is asked for its workers once a second."""
        if time.monotonic() >= self._room_expires:
            self._room = _AHEAD * max(1, sum(_threads(self._client).values()))
            self._room_expires = time.monotonic() + 1
        return self._room


def _grade_text(text: str) -> dict[str, Any]:
    return grade_job(*json.loads(text))


def grade_job(job: Job, settings: dict[str, Any]) -> dict[str, Any]:
    """Grade the answers of one submission; runs on a worker.

    Args:
        job: dict with lang, student and tasks, as in Job.
        settings: dict, of Settings.

    Returns:
        A dict: "answers" from grade_id to the dict of a GradedAnswer, or "refused", why this worker grades nothing.
    """
    module = import_module(settings["judge"])
    try:
        answers = {}
        with _judge(job["lang"], settings).session() as session:
            for item in job["tasks"]:
                task = Task(**item["task"])
                graded = session.grade(task, item["source"], seed=item["seed"], student=job["student"])
                answers[task.grade_id] = graded.as_dict()
    except module.SandboxError as error:
        return {"refused": str(error)}
    return {"answers": answers}


def dask_setup(worker: object) -> None:
    """Leave an interrupt from the keyboard to the process that started the workers; Dask calls this."""
    signal.signal(signal.SIGINT, lambda *_: None)


def _judge(lang: str, settings: dict[str, Any]) -> "Judge":
    """The Judge of this process for a language, started when it is first needed and closed with the process."""
    key = lang, repr(settings)
    if key not in _judges:
        module = import_module(settings["judge"])
        limits = module.Limits(**settings["limits"])
        judge = module.Judge(lang=lang, limits=limits, sandbox=settings["sandbox"])
        _judges[key] = judge.__enter__()
        gc.freeze()  # so that PyTorch's hundred thousands of objects are not collected again and again
        atexit.register(judge.__exit__, None, None, None)
    return _judges[key]


def _try_workers(client: "Client", settings: Settings) -> None:
    """Send an empty job to every worker, so that a cluster that cannot grade says so before the class is sent there."""
    client.wait_for_workers(1, timeout=60)
    text = json.dumps([{"lang": "en", "student": "", "tasks": []}, asdict(settings)])
    tries = [
        client.submit(_grade_text, text, workers=[worker], pure=False, allow_other_workers=True)
        for worker in _threads(client)
    ]
    try:
        for outcome in cast("list[dict[str, Any]]", client.gather(tries)):
            _answers(outcome)
    except ImportError as error:
        raise ClusterError(str(error)) from None


def _threads(client: "Client") -> dict[str, int]:
    """How many threads each worker has, by its address; the cast tells that this client is not asynchronous."""
    return cast("dict[str, int]", client.nthreads())


def _processing(client: "Client") -> dict[str, tuple[str, ...]]:
    """The keys that each worker has been sent, by its address."""
    return cast("dict[str, tuple[str, ...]]", client.processing())


def _outcome(future: "Future") -> dict[str, Any] | None:
    """What `grade_job` returned, or None where it raised, or where it was lost with its worker before it was fetched."""
    if future.status != "finished":
        return None
    try:
        return future.result(timeout=_FETCH_SECONDS)
    except (CancelledError, TimeoutError, OSError, UnboundLocalError):  # the last by Dask, cancelled at its time limit
        return None


def _answers(outcome: dict[str, Any]) -> GradedAnswers:
    if "refused" in outcome:
        raise ClusterError(outcome["refused"])
    return outcome["answers"]
