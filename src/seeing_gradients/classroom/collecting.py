"""Read the submissions of a class in parallel processes, and only those that changed since they were graded.

`folders(submitted, course)` lists what was handed in, `collect_class(...)` reads it. Whatever a folder holds, the others
are read: a notebook has a budget of time and memory, and a process that it kills is replaced.
"""

import contextlib
import ctypes
import hashlib
import multiprocessing
import os
import signal
import sys
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from types import FrameType

from seeing_gradients import language
from seeing_gradients.language import message

from . import sanitize
from .course import Assignment, Course
from .submissions import MAX_FILES, Fault, Submission, collect, unread

_MEMORY = 2 << 30  # bytes that a process may use for reading; the largest notebook that is read needs 1 GB
_PR_SET_PDEATHSIG = 1  # the number of prctl(2)
_SECONDS = 10.0  # for reading one submission; an ordinary one takes milliseconds
_AHEAD = 4  # submissions for each process that are read before they are asked for


@dataclass(frozen=True)
class Folder:
    """What one student handed in for one assignment, not read yet.

    Attributes:
        student: str, the name of the student's folder.
        assignment: str, its name.
        paths: tuple of Path. More than one if the names of folders differ only in how Unicode spells their letters.
    """

    student: str
    assignment: str
    paths: tuple[Path, ...]

    def signature(self) -> str:
        """Return a text that changes whenever a file of the folder does; "" if the folder cannot be looked through, or has too many files.

        It holds the times of change, which only the system sets, so that no file can pretend to be an older one.
        """
        files = []
        try:
            for path in self.paths:
                with os.scandir(path) as entries:
                    states = [(e.name, e.stat(follow_symlinks=False)) for e in islice(entries, MAX_FILES + 1)]
                if len(states) > MAX_FILES:
                    return ""
                for name, s in [*states, ("", os.lstat(path))]:
                    files.append(
                        (str(path), name, s.st_mode, s.st_ino, s.st_nlink, s.st_size, s.st_mtime_ns, s.st_ctime_ns)
                    )
        except OSError:
            return ""
        return hashlib.sha256(repr(sorted(files)).encode("utf-8", "surrogatepass")).hexdigest()


def folders(submitted: Path, course: Course) -> list[Folder]:
    """Return every folder submitted/<student>/<assignment>, sorted by name; hidden ones are left out.

    A student whose folder cannot be listed has one for each assignment of the course.

    Raises:
        OSError: `submitted` itself cannot be listed.
    """
    paths: dict[tuple[str, str], list[Path]] = {}
    for student in _subfolders(submitted):
        try:
            own = _subfolders(student)
        except OSError:
            own = [student / name for name in course.by_name]
        for folder in own:
            name = unicodedata.normalize("NFC", folder.name)
            paths.setdefault((sanitize.key(student.name), name), []).append(folder)
    return [Folder(those[0].parent.name, name, tuple(those)) for (_, name), those in paths.items()]


def hidden_folders(submitted: Path) -> list[str]:
    """Return the names of hidden folders in `submitted`, but for Jupyter's own: nothing in them is graded."""
    names = (entry.name for entry in os.scandir(submitted) if _is_folder(entry))
    return sorted(name for name in names if name.startswith(".") and name != ".ipynb_checkpoints")


def collect_class(
    wanted: Iterable[Folder], course: Course, processes: int | None = None
) -> Iterator[tuple[Folder, Submission]]:
    """Read folders, in their order, some ahead of those that are asked for.

    Args:
        wanted: iterable of Folder; it is read only as far as needed.
        course: Course.
        processes: int, how many of them read; None for one per core.
    """
    if "fork" not in multiprocessing.get_all_start_methods():
        yield from ((folder, _read(folder, course)) for folder in wanted)
        return
    count = processes or len(os.sched_getaffinity(0))
    pending: deque[tuple[Folder, Future[Submission]]] = deque()
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(_pool(count))
        for folder in wanted:
            pending.append((folder, pool.submit(_read_limited, folder, course)))
            if len(pending) < _AHEAD * count:
                continue
            first, future = pending.popleft()
            try:
                yield first, future.result()
            except BrokenProcessPool:
                yield first, _read_alone(first, course)
                yield from ((each, _read_alone(each, course)) for each, _ in pending)
                pending.clear()
                pool = stack.enter_context(_pool(count))
        for folder, future in pending:
            try:
                yield folder, future.result()
            except BrokenProcessPool:
                yield folder, _read_alone(folder, course)


class _TooCostlyError(Exception):
    """Reading a submission took too long."""


def _pool(count: int) -> ProcessPoolExecutor:
    # Forked processes start at once: this one has neither PyTorch nor Dask's threads yet.
    return ProcessPoolExecutor(count, multiprocessing.get_context("fork"), _limit)


def _limit() -> None:
    """Limit what this process may use; Ctrl-C is for the process that started it."""
    import resource  # missing on Windows, where nothing is forked

    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooCostlyError

    limit = _address_space() + _MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":  # end with the process that started this one, even if that is killed
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _address_space() -> int:
    """The bytes of address space that this process has."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:  # not Linux
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _read_limited(folder: Folder, course: Course) -> Submission:
    signal.setitimer(signal.ITIMER_REAL, _SECONDS)
    try:
        return _read(folder, course)
    except (_TooCostlyError, MemoryError):
        return _too_costly(folder, course)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _read_alone(folder: Folder, course: Course) -> Submission:
    """Read a folder in a process of its own; if that ends, too, the folder is left to a person."""
    with _pool(1) as pool:
        try:
            return pool.submit(_read_limited, folder, course).result()
        except BrokenProcessPool:
            return _too_costly(folder, course)


def _too_costly(folder: Folder, course: Course) -> Submission:
    return _in_language(folder, course, lambda: _unread(folder, course, "too_costly"))


def _read(folder: Folder, course: Course) -> Submission:
    return _in_language(folder, course, lambda: _collect(folder, course))


def _in_language(folder: Folder, course: Course, read: Callable[[], Submission]) -> Submission:
    assignment = course.by_name.get(folder.assignment)
    with language.using(assignment.lang if assignment else language.current()):
        return read()


def _collect(folder: Folder, course: Course) -> Submission:
    """The Submission in a folder; one without answers if the course has no such assignment."""
    assignment = course.by_name.get(folder.assignment)
    if assignment is None:
        fault = Fault("unknown_assignment", message("classroom.fault_unknown_assignment"))
        path = sanitize.clean(str(folder.paths[0]))
        return Submission(sanitize.key(folder.student), sanitize.key(folder.assignment), path, "", {}, (fault,))
    path, *others = folder.paths
    if others:
        return _unread(folder, course, "two_folders", count=len(folder.paths))
    try:
        return collect(path, folder.student, assignment)
    except OSError as error:  # whatever the rights of a folder forbid, the class goes on
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        return _unread(folder, course, "not_read", file=sanitize.name(path.name), reason=reason)


def _unread(folder: Folder, course: Course, kind: str, **fields: object) -> Submission:
    assignment: Assignment = course.by_name[folder.assignment]
    return unread(folder.paths[0], folder.student, assignment, kind, **fields)


def signed(course: Course, signature: str) -> str:
    """Return a signature that changes with the course, too: with other tasks the same files are read again."""
    return signature and hashlib.sha256(repr((asdict(course), signature)).encode()).hexdigest()


def _subfolders(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return sorted(folder / each.name for each in entries if _is_folder(each) and not each.name.startswith("."))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder, or a link, which is reported and not followed."""
    return entry.is_symlink() or entry.is_dir(follow_symlinks=False)
