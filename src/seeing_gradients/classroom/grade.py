"""The command `grade`: points, feedback and statistics for the submissions of a class.

    python -m seeing_gradients.classroom grade course/submitted --out grades/

Submissions are where nbgrader puts them, in submitted/<student>/<assignment>/; the trusted classroom.json is beside
`submitted`. After an interruption, the same command continues where the run stopped.
"""

import argparse
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TextIO

from filelock import FileLock, Timeout

from seeing_gradients import language
from seeing_gradients.language import message

from . import local, marking, sanitize
from .collecting import folders, hidden_folders
from .course import Course, load
from .jobs import (
    ClusterError,
    GradedAnswers,
    Job,
    Selection,
    Settings,
    connected,
    make_jobs,
    run_jobs,
    to_result,
)
from .results import LOCK_FILE, RESULTS_FILE, Store

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
_MAX_NAMES = 20  # of hidden folders that are listed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to a parser."""
    parser.add_argument("submitted", type=Path, help="the folder submitted/<student>/<assignment>/<notebook>")
    add_report_arguments(parser)
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
        "--only", action="append", default=[], metavar="STUDENT", help="grade only this student's submissions, again"
    )
    parser.add_argument("--exercise", default="", metavar="02.5", help="grade only the answers to this exercise, again")


def add_report_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments about reports, which `decide` has, too."""
    parser.add_argument(
        "--out", type=Path, default=Path("grades"), help="the folder for grades, feedback and statistics"
    )
    parser.add_argument("--lang", choices=language.LANGUAGES, help="language of the class page and of messages")
    parser.add_argument(
        "--gradebook", metavar="FILE", help="nbgrader's gradebook; otherwise gradebook.db beside submitted"
    )
    parser.add_argument(
        "--roster",
        type=Path,
        metavar="FILE",
        help="a CSV file of all students, with the columns id, first_name, last_name, email, lms_user_id; otherwise "
        "roster.csv beside submitted, if it is there",
    )
    parser.add_argument(
        "--anonymous",
        action="store_true",
        help="write into the folder `anonymous` of --out, with ids in place of names; pseudonyms.csv beside submitted has both",
    )
    parser.add_argument(
        "--reveal", action="store_true", help="take over what was entered in the gradebook without names"
    )
    parser.add_argument(
        "--points",
        dest="points_file",  # `decide` has an argument of the other name
        type=Path,
        metavar="FILE",
        help="the TOML file whose table [late] says what lateness costs; otherwise points.toml beside submitted, if it "
        "is there",
    )


def run(options: argparse.Namespace, judge: str = Settings.judge) -> int:
    """Grade a class and write the reports.

    Args:
        options: argparse.Namespace with the arguments that `add_arguments` adds.
        judge: str, name of the module with the Judge, as in Settings.

    Returns:
        int, the exit status: 0 done, 1 the workers refused to grade or a file cannot be written, 2 wrong arguments, 130
            interrupted.
    """
    language.use(options.lang or language.current())
    try:
        limits = _limits(options.limit)
        if not options.submitted.is_dir():
            raise ValueError(message("classroom.grade_no_folder", folder=options.submitted))
        course = load(options.submitted.absolute().parent)
        language.use(options.lang or course.assignments[0].lang)
        options.out.mkdir(parents=True, exist_ok=True)
        results = options.out / RESULTS_FILE
        try:
            with FileLock(options.out / LOCK_FILE, timeout=0), Store(results) as store:
                settings, selection = Settings(limits, options.sandbox, judge), _selection(options)
                before = _points(course, store, selection)
                status = _grade(options, course, store, settings, selection)
                if status != DONE:
                    return status
                if selection:
                    store.set_reported("")  # the time of grading has whole seconds, and may be the same
                status = report(options, course, store)
                if selection:
                    _print_changes(before, _points(course, store, selection))
                return status
        except sqlite3.Error as error:
            return _fail(message("classroom.grade_not_written", file=results, reason=error), FAILED)
    except Timeout:
        return _fail(message("classroom.grade_locked", folder=options.out), USAGE)
    except (OSError, ValueError) as error:
        return _fail(str(error), USAGE)
    except KeyboardInterrupt:
        return _fail(message("classroom.grade_interrupted_reports"), INTERRUPTED)


def report(options: argparse.Namespace, course: Course, store: Store) -> int:
    """Write the reports, unless those of the same grades are there; return the exit status.

    Raises:
        ValueError: the roster or the table of lateness is not what it must be.
    """
    from . import anonymous, reports  # imports Matplotlib, which grading does not need

    students = reports.load_roster(options)
    policy = reports.load_policy(options, course, students)
    if options.anonymous or options.reveal:
        nameless = _without_names(options)
        names = anonymous.Pseudonyms(options.submitted.absolute().parent / anonymous.FILE)
        names.add({one.student for one in store.results()} | students.keys())
        hidden = anonymous.AnonymousStore(store, names)
        if options.anonymous:
            tree = options.submitted.absolute().parent / marking.FOLDER
            anonymous.copy_tree(tree, nameless.out / marking.FOLDER, store, names)
            options, store = nameless, hidden
            students, policy = anonymous.without_names(students, policy, names)
        else:
            reports.exchange_decisions(nameless, course, hidden)
    reports.exchange_decisions(options, course, store)
    state = reports.state(options, course, store, students, policy)
    if store.reported() == state and reports.exist(options):
        print(message("classroom.grade_nothing_new"))
        return DONE
    try:
        reports.write(options, course, store, students, policy)
    except OSError as error:
        reason = error.strerror or str(error)
        return _fail(message("classroom.grade_not_written", file=error.filename or options.out, reason=reason), FAILED)
    store.set_reported(state)
    return DONE


def _without_names(options: argparse.Namespace) -> argparse.Namespace:
    """The options for reports without names, with a folder and a gradebook of their own."""
    out = options.out / "anonymous"
    out.mkdir(parents=True, exist_ok=True)
    config = options.submitted.absolute().parent / "nbgrader_config.py"
    if config.is_file():
        shutil.copy(config, out)
    gradebook = "none" if options.gradebook == "none" else str(out / "gradebook.db")
    return argparse.Namespace(**{**vars(options), "out": out, "gradebook": gradebook})


def _selection(options: argparse.Namespace) -> Selection:
    return Selection(tuple(map(sanitize.key, options.only)), options.exercise)


_Points = dict[tuple[str, str], tuple[float, str, bool]]  # (student, exercise) -> (points, state, given by a person)


def _points(course: Course, store: Store, selection: Selection) -> _Points:
    """The points of every answer of a selection, before deductions for lateness."""
    if not selection:
        return {}
    from .pages import score
    from .reports import decided  # imports Matplotlib, which grading does not need

    points: _Points = {}
    decisions = store.decisions()
    for result in decided(store.results(), decisions, course):
        if selection.students and result.student not in selection.students:
            continue
        for task in course.by_name[result.assignment].tasks if result.assignment in course.by_name else ():
            if selection.exercise in ("", task.exercise):
                answer = result.answers[task.grade_id]
                decision = decisions.get((result.student, result.assignment, task.exercise))
                is_decided = decision is not None and decision.points is not None
                points[result.student, task.exercise] = score(task, answer), answer["state"], is_decided
    return points


def _print_changes(before: _Points, after: _Points) -> None:
    """Print every answer whose points or state changed."""
    changed = {key: (before.get(key), now) for key, now in after.items() if before.get(key) != now}
    for (student, exercise), (old, new) in sorted(changed.items()):
        fields = {"before": f"{old[0]:g}" if old else "-", "old": old[1] if old else "-", "new": new[1]}
        names = {"student": sanitize.name(student), "exercise": exercise}
        print(message("classroom.only_changed", after=f"{new[0]:g}", **fields, **names))
    by_person = sum(is_decided for *_, is_decided in after.values())
    print(message("classroom.only_done", count=len(after), changed=len(changed), decided=by_person))


def _grade(options: argparse.Namespace, course: Course, store: Store, settings: Settings, selection: Selection) -> int:
    """Grade the submissions that are not graded yet; return the exit status."""
    if options.regrade:
        store.regrade()
    if hidden := hidden_folders(options.submitted):
        names = ", ".join(map(sanitize.name, hidden[:_MAX_NAMES]))
        print(message("classroom.grade_hidden", names=names), file=sys.stderr)
    handed_in = selection.folders(folders(options.submitted, course), course)
    progress = ProgressBar(len(handed_in))
    tree = options.submitted.absolute().parent / marking.FOLDER
    jobs = make_jobs(handed_in, course, store, progress.skip, selection, tree)
    try:
        if (first := next(jobs, None)) is None:
            return DONE  # no worker is started
        for job, answers in _results(options, chain([first], jobs), settings, course):
            save = store.merge if job["is_partial"] else store.save
            save(job["key"], *to_result(job, answers))
            progress.step()
    except ClusterError as error:
        return _fail(message("classroom.grade_refused", reason=error), FAILED)
    except KeyboardInterrupt:
        return _fail(message("classroom.grade_interrupted", done=progress.done), INTERRUPTED)
    except OSError as error:
        if error.filename is None:
            raise
        reason = error.strerror or str(error)
        return _fail(message("classroom.grade_not_written", file=error.filename, reason=reason), FAILED)
    finally:
        progress.close()
    return DONE


def _results(
    options: argparse.Namespace, jobs: Iterable[Job], settings: Settings, course: Course
) -> Iterator[tuple[Job, GradedAnswers | None]]:
    """Yield (job, graded answers), on the cluster that the options name or on this computer."""
    if options.scheduler:
        with connected(options.scheduler) as client:
            yield from run_jobs(client, jobs, settings)
    else:
        with local.workers(options.workers, settings, lambda: _load(course)) as workers:
            yield from workers.run(jobs)


def _load(course: Course) -> None:
    """Load what grading and the reports need. No backward pass may run here: none could in the processes forked later."""
    from seeing_gradients.course.exercises import exercise

    from . import reports  # noqa: F401
    from .sandbox.screening import suspicious_parts

    for assignment in course.assignments:
        for task in assignment.tasks:
            exercise(task.exercise)
    suspicious_parts("torch.ones(1)")  # fills its lists


def _limits(pairs: list[str]) -> dict[str, float]:
    """{"seconds": 5} for ["seconds=5"]."""
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
    """Show on one line of the terminal how many submissions are graded, and estimate how long the rest will take.

    If the file is not a terminal, print a line every 30 seconds.

    Args:
        total: int, the number of submissions.
        file: text file to write to; stderr if None.

    Attributes:
        done: int, how many are graded, in this run or an earlier one.
    """

    _WIDTH = 30
    _TERMINAL_SECONDS, _FILE_SECONDS = 0.1, 30.0  # between two updates

    def __init__(self, total: int, file: TextIO | None = None) -> None:
        self._total, self._file = total, file or sys.stderr
        self._is_terminal = self._file.isatty()
        self._start = self._last = time.monotonic()
        self.done = self._skipped = 0

    def skip(self) -> None:
        """Count a submission that was graded in an earlier run."""
        self._skipped += 1
        self.step()

    def step(self) -> None:
        """Count a submission that has been graded, and update the line if it is time."""
        self.done += 1
        now = time.monotonic()
        if now - self._last >= (self._TERMINAL_SECONDS if self._is_terminal else self._FILE_SECONDS):
            self._last = now
            self._draw()

    def close(self) -> None:
        """Show the final state and end the line."""
        self._draw()
        if self._is_terminal:
            print(file=self._file)

    def _draw(self) -> None:
        graded_now, seconds = self.done - self._skipped, time.monotonic() - self._start
        rate = graded_now / seconds if seconds else 0.0
        seconds_left = round((self._total - self.done) / rate) if rate else 0
        filled = self._WIDTH * self.done // max(1, self._total)
        bar = "█" * filled + "░" * (self._WIDTH - filled)
        fields = {"done": self.done, "total": self._total, "rate": round(60 * rate), "left": _clock(seconds_left)}
        text = f"{bar} {message('classroom.grade_progress', **fields)}"
        if self._is_terminal:
            print(f"\r{text}\x1b[K", end="", file=self._file)
        else:
            print(text, file=self._file)
        self._file.flush()


def _clock(seconds: int) -> str:
    """A duration as 1:02:03 or 2:03."""
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
