"""`python -m seeing_gradients.classroom grade course/submitted --out grades/`: points, feedback and statistics of a class.

Submissions lie where nbgrader puts them, submitted/<student>/<assignment>/; the trusted classroom.json lies beside
`submitted`. A run that was cut off goes on where it stopped when the same command is run again.
"""

import argparse
import sys
import time
from itertools import chain
from pathlib import Path
from typing import TextIO

from filelock import FileLock, Timeout

from seeing_gradients import language
from seeing_gradients.language import message

from .course import Course, load
from .jobs import ClusterError, Settings, connected, make_jobs, run_jobs, submission_folders, to_result, warm_up
from .results import Store

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command to a parser."""
    parser.add_argument("submitted", type=Path, help="the folder submitted/<student>/<assignment>/<notebook>")
    parser.add_argument(
        "--out", type=Path, default=Path("grades"), help="the folder for grades, feedback and statistics"
    )
    parser.add_argument("--lang", choices=language.LANGUAGES, help="language of the class page and of messages")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask scheduler, tcp://host:8786; otherwise this computer"
    )
    parser.add_argument("--workers", type=int, metavar="N", help="processes on this computer; otherwise one per core")
    parser.add_argument(
        "--limit", action="append", default=[], metavar="NAME=VALUE", help="a limit of the sandbox, such as seconds=5"
    )
    parser.add_argument(
        "--sandbox", choices=("bubblewrap", "none"), default="bubblewrap", help="none: answers run as you, unprotected"
    )
    parser.add_argument("--regrade", action="store_true", help="grade again what was graded before")
    parser.add_argument(
        "--gradebook", metavar="FILE", help="nbgrader's gradebook; otherwise gradebook.db beside submitted"
    )


def run(options: argparse.Namespace, judge: str = Settings.judge) -> int:
    """Grade a class and return the exit status: 0 done, 1 not all graded, 2 wrong arguments, 130 interrupted.

    Args:
        options: argparse.Namespace of `add_arguments`.
        judge: str, the module of the Judge, as in Settings.
    """
    language.use(options.lang or language.current())
    try:
        limits = _limits(options.limit)
        if not options.submitted.is_dir():
            raise ValueError(message("classroom.grade_no_folder", folder=options.submitted))
        course = load(options.submitted.absolute().parent)
        language.use(options.lang or course.assignments[0].lang)
        options.out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(options.out / "results.lock", timeout=0)
        with lock, Store(options.out / "results.sqlite") as store:
            status = _grade(options, course, store, Settings(limits, options.sandbox, judge))
            if status == DONE:
                from . import reports  # with Matplotlib, which nothing needs before

                reports.write(options, course, store)
        return status
    except Timeout:
        return _fail(message("classroom.grade_locked", folder=options.out), USAGE)
    except (OSError, ValueError) as error:
        return _fail(str(error), USAGE)
    except KeyboardInterrupt:
        return _fail(message("classroom.grade_interrupted_reports"), INTERRUPTED)


def _grade(options: argparse.Namespace, course: Course, store: Store, settings: Settings) -> int:
    """Grade what is not graded yet; return the exit status."""
    if options.regrade:
        store.regrade()
    progress = ProgressBar(sum(1 for _ in submission_folders(options.submitted, course.by_name)))
    jobs = make_jobs(options.submitted, course, store, progress.skip)
    try:
        if (first := next(jobs, None)) is None:
            return DONE  # without starting workers
        if not options.scheduler:
            warm_up()
        with connected(options.scheduler, options.workers) as client:
            for job, answers in run_jobs(client, chain([first], jobs), settings):
                store.save(job["key"], *to_result(job, answers))
                progress.step()
    except ClusterError as error:
        return _fail(message("classroom.grade_refused", reason=error), FAILED)
    except KeyboardInterrupt:
        return _fail(message("classroom.grade_interrupted", done=progress.done), INTERRUPTED)
    finally:
        progress.close()
    return DONE


def _limits(pairs: list[str]) -> dict[str, float]:
    """{"seconds": 5.0} of ["seconds=5"]."""
    limits = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            limits[name] = float(value) if "." in value else int(value)
        except ValueError:
            raise ValueError(message("classroom.grade_bad_limit", received=pair)) from None
    return limits


def _fail(text: str, status: int) -> int:
    print(text, file=sys.stderr)
    return status


class ProgressBar:
    """Shows on one line of a terminal how many of a class are graded, and how long the rest may take.

    Without a terminal it prints a line now and then.

    Args:
        total: int.
        file: where to write, by default stderr.
    """

    _WIDTH = 30
    _TERMINAL_SECONDS, _FILE_SECONDS = 0.1, 30.0  # between two drawings

    def __init__(self, total: int, file: TextIO | None = None) -> None:
        self._total, self._file = total, file or sys.stderr
        self._is_terminal = self._file.isatty()
        self._start = self._last = time.monotonic()
        self.done = self._skipped = 0

    def skip(self) -> None:
        """Count one that was graded in an earlier run."""
        self._skipped += 1
        self.step()

    def step(self) -> None:
        """Count one that is graded."""
        self.done += 1
        now = time.monotonic()
        if now - self._last >= (self._TERMINAL_SECONDS if self._is_terminal else self._FILE_SECONDS):
            self._last = now
            self._draw()

    def close(self) -> None:
        """Draw the last state and end the line."""
        self._draw()
        if self._is_terminal:
            print(file=self._file)

    def _draw(self) -> None:
        fresh, seconds = self.done - self._skipped, time.monotonic() - self._start
        rate = fresh / seconds if seconds else 0.0
        left = round((self._total - self.done) / rate) if rate else 0
        filled = self._WIDTH * self.done // max(1, self._total)
        bar = "█" * filled + "░" * (self._WIDTH - filled)
        fields = {"done": self.done, "total": self._total, "rate": round(60 * rate), "left": _clock(left)}
        text = f"{bar} {message('classroom.grade_progress', **fields)}"
        if self._is_terminal:
            print(f"\r{text}\x1b[K", end="", file=self._file)
        else:
            print(text, file=self._file)
        self._file.flush()


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
