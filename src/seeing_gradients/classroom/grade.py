"""`python -m seeing_gradients.classroom grade course/submitted --out grades/`: points, feedback and statistics of a class.

Submissions lie where nbgrader keeps them, submitted/<student>/<assignment>/; the trusted classroom.json lies beside
`submitted`. A run that was cut off goes on where it stopped when the same command is given again.
"""

import sys
from pathlib import Path

from filelock import FileLock, Timeout

from seeing_gradients import language
from seeing_gradients.language import message

from .cluster import ClusterError, Settings, connected, rule_all, warm_up
from .meter import Meter
from .orders import folders, found, orders
from .results import Store

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def add_arguments(parser):
    """Add the options of the command to an argparse parser."""
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
    parser.add_argument("--sandbox", choices=("auto", "bubblewrap", "namespaces", "none"), default="auto")
    parser.add_argument("--regrade", action="store_true", help="grade again what was graded before")
    parser.add_argument(
        "--gradebook", metavar="FILE", help="nbgrader's gradebook; otherwise gradebook.db beside submitted"
    )


def run(options, judge=Settings.judge):
    """Grade a class and return the exit status: 0 done, 1 not all graded, 2 wrong arguments, 130 interrupted.

    Args:
        options: argparse.Namespace of `add_arguments`.
        judge: str, the module of the Judge, as in Settings.
    """
    from .course import load

    language.use(options.lang or language.current())
    try:
        limits = _limits(options.limit)
        if not options.submitted.is_dir():
            raise ValueError(message("classroom.grade_no_folder", folder=options.submitted))
        course = load(options.submitted.absolute().parent)
        language.use(options.lang or course.assignments[0].lang)
        options.out.mkdir(parents=True, exist_ok=True)
        if not options.scheduler:
            warm_up()
        lock = FileLock(options.out / "results.lock", timeout=0)
        with lock, Store(options.out / "results.sqlite") as store:
            status = _grade(options, course, store, Settings(limits, options.sandbox, judge))
            if status == DONE:
                from . import reports  # with Matplotlib, which nobody needs before

                reports.write(options, course, store)
        return status
    except (OSError, ValueError, Timeout) as error:
        locked = isinstance(error, Timeout)
        return _say(message("classroom.grade_locked", folder=options.out) if locked else str(error), USAGE)
    except KeyboardInterrupt:
        return _say(message("classroom.grade_interrupted_reports"), INTERRUPTED)


def _grade(options, course, store, settings):
    """Grade what is not graded yet; return the exit status."""
    if options.regrade:
        store.begin_again()
    meter = Meter(sum(1 for _ in folders(options.submitted, [one.name for one in course.assignments])))
    try:
        with connected(options.scheduler, options.workers) as client:
            for order, rulings in rule_all(client, orders(options.submitted, course, store, meter), settings):
                store.save(order["key"], *found(order, rulings))
                meter.step()
    except ClusterError as error:
        return _say(message("classroom.grade_refused", reason=error), FAILED)
    except KeyboardInterrupt:
        return _say(message("classroom.grade_interrupted", done=meter.done), INTERRUPTED)
    finally:
        meter.close()
    return DONE


def _limits(pairs):
    """{"seconds": 5.0} of ["seconds=5"]."""
    found = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            found[name] = float(value) if "." in value else int(value)
        except ValueError:
            raise ValueError(message("classroom.grade_bad_limit", received=pair)) from None
    return found


def _say(text, status):
    print(text, file=sys.stderr)
    return status
