"""Grade submissions in parallel, one job per submission, on an existing Dask cluster; `local` does it on this computer.

`make_jobs(...)` has the submissions read, `run_jobs(...)` has them graded, `to_result(...)` turns the graded answers into
what is stored. Jobs and graded answers are plain data. A worker process has one Judge per language; a submission whose
worker was lost goes to another worker. At any time only a few jobs per worker are in flight, so that memory does not
grow with the size of the class.
"""

import atexit
import gc
import json
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TypedDict, cast

from seeing_gradients import language
from seeing_gradients.language import message

from . import sanitize
from .collecting import Folder, collect_class, signed
from .course import Course, Task
from .marking import write_notebook
from .results import ResultKey, Store
from .submissions import Fault, Submission

if TYPE_CHECKING:
    from distributed import Client, Future

    from .sandbox import Judge

_JOBS_PER_THREAD = 4  # in flight for each thread of a worker
MAX_ATTEMPTS = 3
_STALL_SECONDS = 20.0  # without a result; then the scheduler is asked whether any worker has a job
_FETCH_SECONDS = 20.0  # for a result to come over the network
_NOTHING_HANDED_IN = ("missing", "no_file")  # faults without points and with nothing for a person to read
_judges: dict[tuple[str, str], "Judge"] = {}  # those of this process: (language, settings) -> Judge
_launcher: Any = None  # the sandbox that they share, if one is given


class ClusterError(Exception):
    """The workers cannot grade; the message says why."""


class JobTask(TypedDict):
    """One answer to grade.

    Attributes:
        task: dict of a Task.
        source: str, the answer, or None if there is none.
        seed: str, of the hidden inputs.
    """

    task: dict[str, Any]
    source: str | None
    seed: str


class Job(TypedDict):
    """One submission to grade, as plain data.

    Attributes:
        key: (student, assignment, digest).
        lang: str, "en" or "zh".
        student: str.
        tasks: list of JobTask.
        faults: list of dicts of Fault.
        is_partial: bool, whether the other answers of the submission keep the result that they have.
    """

    key: ResultKey
    lang: str
    student: str
    tasks: list[JobTask]
    faults: list[dict[str, Any]]
    is_partial: bool


GradedAnswers = dict[str, dict[str, Any]]  # from grade_id to the dict of a GradedAnswer


@dataclass(frozen=True)
class Settings:
    """How answers are graded; the same on every worker.

    Attributes:
        limits: dict from fields of `sandbox.AnswerLimits` to values that replace its defaults.
        sandbox: "bubblewrap" or "none", the argument of Judge.
        judge: str, name of the module that defines Judge, AnswerLimits and SandboxError.
    """

    limits: dict[str, float]
    sandbox: str = "bubblewrap"
    judge: str = "seeing_gradients.classroom.sandbox"


@dataclass(frozen=True)
class Selection:
    """What is graded again, and nothing else.

    Attributes:
        students: tuple of str, keys of students; () for all of them.
        exercise: str, "02.5"; "" for all exercises.
    """

    students: tuple[str, ...] = ()
    exercise: str = ""

    def __bool__(self) -> bool:
        return bool(self.students or self.exercise)

    def folders(self, handed_in: Iterable[Folder], course: Course) -> list[Folder]:
        """Return the folders that are graded again.

        Raises:
            ValueError: a student has handed in nothing, or the course has no such exercise.
        """
        name = course.task_of(self.exercise)[0].name if self.exercise else None
        own = [one for one in handed_in if not self.students or sanitize.key(one.student) in self.students]
        for student in self.students:
            if all(sanitize.key(one.student) != student for one in own):
                raise ValueError(message("classroom.only_nobody", student=sanitize.name(student)))
        return [one for one in own if name in (None, one.assignment)]


# From submissions to jobs, and from what workers return to results


def make_jobs(
    folders: Iterable[Folder],
    course: Course,
    store: Store,
    skip: Callable[[], None],
    selection: Selection = Selection(),
    tree: Path | None = None,
) -> Iterator[Job]:
    """Yield the Job of each submission that is not graded yet, or of all of them if there is a selection.

    Args:
        folders: iterable of Folder.
        course: Course.
        store: Store, which records every submission and gives its seeds.
        skip: function () -> None, called for each submission that is already graded.
        selection: Selection. Of answers that were graded before, only those to its exercise are graded again.
        tree: Path of the folder of the notebooks that formgrader shows; None if none are written.

    Raises:
        OSError: a notebook cannot be written; the error names it.
    """
    assignments, signatures = course.by_name, {}

    def changed() -> Iterator[Folder]:
        for folder in folders:
            signatures[folder] = signed(course, folder.signature())
            if not selection and store.is_graded_as(str(folder.paths[0]), signatures[folder]):
                skip()
            else:
                yield folder

    for folder, submission in collect_class(changed(), course):
        is_new = store.hand_in(submission)
        store.remember(str(folder.paths[0]), signatures.pop(folder), submission)
        if not is_new and not selection:
            skip()
            continue
        assignment = assignments.get(folder.assignment)
        if tree is not None and assignment is not None:
            write_notebook(tree, submission, assignment)
        key = (submission.student, submission.assignment, submission.digest)
        is_partial = bool(selection.exercise) and store.is_graded(key)
        tasks = (
            [task for task in assignment.tasks if not is_partial or task.exercise == selection.exercise]
            if assignment
            else []
        )
        yield {
            "key": key,
            "lang": assignment.lang if assignment else language.current(),
            "student": submission.student,
            "tasks": [_job_task(task, submission, store) for task in tasks],
            "faults": [asdict(fault) for fault in submission.faults],
            "is_partial": is_partial,
        }


def _job_task(task: Task, submission: Submission, store: Store) -> JobTask:
    return {"task": asdict(task), "source": submission.answers[task.grade_id], "seed": store.seed(task.exercise)}


def to_result(job: Job, answers: GradedAnswers | None) -> tuple[GradedAnswers, list[dict[str, Any]]]:
    """Return what is stored of a graded job; answers that could not be read or graded are left to a person ("review").

    Args:
        job: Job, from `make_jobs`.
        answers: dict from grade_id to the dict of a GradedAnswer, or None if the workers were lost.

    Returns:
        (answers, faults): dict like `answers`; list of dicts of Fault.
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


# Workers


@contextmanager
def connected(scheduler: str) -> Iterator["Client"]:
    """Give a Dask client, connected to a scheduler.

    Args:
        scheduler: str, its address, "tcp://host:8786".

    Raises:
        ClusterError: no scheduler answers at the address.
    """
    from distributed import Client

    try:
        client = Client(scheduler, set_as_default=False, timeout=10)
    except (OSError, ValueError) as error:
        raise ClusterError(str(error)) from None
    with client:
        yield client


def run_jobs(client: "Client", jobs: Iterable[Job], settings: Settings) -> Iterator[tuple[Job, GradedAnswers | None]]:
    """Yield (job, graded answers) in the order in which jobs finish; None for the answers if three attempts failed.

    Args:
        client: distributed.Client.
        jobs: iterable of Job; it is read only as far as jobs can be submitted.
        settings: Settings.

    Raises:
        ClusterError: a worker has no sandbox or cannot import the grader.
        KeyboardInterrupt: Ctrl-C was pressed; what was yielded before is complete.
    """
    _check_workers(client, settings)
    finished: queue.SimpleQueue[Future | None] = queue.SimpleQueue()
    with deferred_interrupts(lambda: finished.put(None)) as interrupts:
        yield from _Run(client, iter(jobs), settings, finished, interrupts).results()


@contextmanager
def deferred_interrupts(wake: Callable[[], None]) -> Iterator[list[bool]]:
    """Record Ctrl-C in a list instead of raising KeyboardInterrupt, which may get lost in a destructor inside Dask.

    A second Ctrl-C raises KeyboardInterrupt at once. Outside the main thread nothing is changed.

    Args:
        wake: function () -> None, called at the first Ctrl-C.

    Yields:
        list of bool: empty, or [True] after Ctrl-C.
    """
    interrupts: list[bool] = []

    def record_interrupt(number: int, frame: FrameType | None) -> None:
        if interrupts:
            raise KeyboardInterrupt
        interrupts.append(True)
        wake()

    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = signal.signal(signal.SIGINT, record_interrupt)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


class _Run:
    """The jobs of one run: submits them as others finish, and submits a job again if it was lost."""

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
        self._in_flight: dict[object, tuple[Future, Job, int]] = {}  # Future.key -> (Future, Job, attempts)
        self._max_in_flight, self._max_in_flight_expires = 0, 0.0

    def results(self) -> Iterator[tuple[Job, GradedAnswers | None]]:
        """Do what `run_jobs` does, after the workers were checked."""
        self._submit_more()
        while self._in_flight:
            if self._interrupts:
                raise KeyboardInterrupt
            try:
                future = self._finished.get(timeout=_STALL_SECONDS)
            except queue.Empty:
                lost = self._lost_keys()
            else:
                if future is None or future.key not in self._in_flight:
                    continue
                outcome, lost = _outcome(future), []
                if outcome is None:
                    lost = [future.key]
                else:
                    yield self._in_flight.pop(future.key)[1], answers_of(outcome)
            for key in lost:
                if (job := self._submit_again(key)) is not None:
                    yield job, None
            self._submit_more()

    def _submit_more(self) -> None:
        for _ in range(self._capacity() - len(self._in_flight)):
            if (job := next(self._jobs, None)) is None:
                return
            self._submit(job)

    def _submit(self, job: Job, attempts: int = 1) -> None:
        data = {name: job[name] for name in ("lang", "student", "tasks")}
        text = json.dumps([data, self._settings])  # as one string, since Dask searches lists and dicts for futures
        future = self._client.submit(_grade_text, text, pure=False)
        self._in_flight[future.key] = future, job, attempts
        future.add_done_callback(self._finished.put)

    def _submit_again(self, key: object) -> Job | None:
        """Submit a job again that came back without a result; return it instead after the last attempt."""
        _, job, attempts = self._in_flight.pop(key)
        if attempts == MAX_ATTEMPTS:
            return job
        self._submit(job, attempts + 1)
        return None

    def _lost_keys(self) -> list[object]:
        """The keys of jobs that no worker has, if none is busy: Dask may lose jobs while the machine is suspended."""
        is_idle = not any(_processing(self._client).values()) and self._finished.empty()
        return list(self._in_flight) if is_idle else []

    def _capacity(self) -> int:
        """How many jobs may be in flight; the scheduler is asked for its threads at most once a second."""
        if time.monotonic() >= self._max_in_flight_expires:
            self._max_in_flight = _JOBS_PER_THREAD * max(1, sum(_threads(self._client).values()))
            self._max_in_flight_expires = time.monotonic() + 1
        return self._max_in_flight


def _grade_text(text: str) -> dict[str, Any]:
    return grade_job(*json.loads(text))


def grade_job(job: Job, settings: dict[str, Any]) -> dict[str, Any]:
    """Grade the answers of one submission; runs on a worker.

    Args:
        job: dict with lang, student and tasks, as in Job.
        settings: dict of Settings.

    Returns:
        {"answers": dict from grade_id to the dict of a GradedAnswer}, or {"refused": why this worker cannot grade}.
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


def set_launcher(launcher: Any) -> None:
    """Let the judges of this process use a Launcher that is given, in place of one of their own."""
    global _launcher
    _launcher = launcher


def _judge(lang: str, settings: dict[str, Any]) -> "Judge":
    """The Judge of this process for a language; it is started when it is first needed and closed with the process."""
    key = lang, repr(settings)
    if key not in _judges:
        module = import_module(settings["judge"])
        limits = module.AnswerLimits(**settings["limits"])
        shared = {} if _launcher is None else {"launcher": _launcher}
        judge = module.Judge(lang=lang, limits=limits, sandbox=settings["sandbox"], **shared)
        _judges[key] = judge.__enter__()
        gc.freeze()  # later collections need not go through the hundreds of thousands of objects of PyTorch
        atexit.register(judge.__exit__, None, None, None)
    return _judges[key]


def _check_workers(client: "Client", settings: Settings) -> None:
    """Have every worker grade an empty job, so that a cluster that cannot grade says so before any job is sent.

    A worker that is lost meanwhile says nothing: the jobs of a lost one are sent to others anyway.

    Raises:
        ClusterError: a worker has no sandbox or cannot import the grader.
    """
    client.wait_for_workers(1, timeout=60)
    text = json.dumps([{"lang": "en", "student": "", "tasks": []}, asdict(settings)])
    futures = [
        client.submit(_grade_text, text, workers=[worker], pure=False, allow_other_workers=True)
        for worker in _threads(client)
    ]
    for future in futures:
        if isinstance(error := future.exception(), ImportError):
            raise ClusterError(str(error))
        if error is None and (outcome := _outcome(future)) is not None:
            answers_of(outcome)


def _threads(client: "Client") -> dict[str, int]:
    """Dict from the address of each worker to its number of threads."""
    return cast("dict[str, int]", client.nthreads())  # not a coroutine, since the client is not asynchronous


def _processing(client: "Client") -> dict[str, tuple[str, ...]]:
    """Dict from the address of each worker to the keys of the jobs that it has."""
    return cast("dict[str, tuple[str, ...]]", client.processing())


def _outcome(future: "Future") -> dict[str, Any] | None:
    """What `grade_job` returned; None if it raised, or if its worker was lost before the result was fetched."""
    if future.status != "finished":
        return None
    try:
        return future.result(timeout=_FETCH_SECONDS)
    except Exception:  # noqa: BLE001 - Dask runs a lost job once more by itself, and then raises whatever came of that
        return None


def answers_of(outcome: dict[str, Any]) -> GradedAnswers:
    """The graded answers in what `grade_job` returned.

    Raises:
        ClusterError: the worker refused to grade.
    """
    if "refused" in outcome:
        raise ClusterError(outcome["refused"])
    return outcome["answers"]
