"""The command `collect`: put a learning platform's bulk download where `grade` looks for submissions.

    python -m seeing_gradients.classroom collect submissions.zip --submitted course/submitted

Whose each submission is, the roster tells. Beside the notebook stands the time of handing in, in the file that nbgrader's
exchange writes, too; or, where a platform tells no time, whether the submission was late.
"""

import argparse
import os
import re
import shutil
import sys
from datetime import datetime
from pathlib import Path

from seeing_gradients import language
from seeing_gradients.language import message

from . import roster, sanitize
from .course import Assignment, Course, load
from .downloads import DownloadedFile, HandIn, open_download
from .pages import naming
from .submissions import LATE_FILE, TIME_FILE, read_time

DONE, FAILED, USAGE = 0, 1, 2
_MAX_NAMES = 50  # that are listed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to a parser."""
    parser.add_argument(
        "download", type=Path, help="what Canvas, Moodle or Gradescope gave: a zip file, or the folder of one"
    )
    parser.add_argument(
        "--submitted", type=Path, default=Path("course/submitted"), help="where to put it (course/submitted)"
    )
    parser.add_argument("--assignment", metavar="NAME", help="its name, if the course has several")
    parser.add_argument("--roster", type=Path, metavar="FILE", help="as for grade: a CSV file of all students")
    parser.add_argument("--lang", choices=language.LANGUAGES, help="language of messages")


def run(options: argparse.Namespace) -> int:
    """Copy what was handed in to submitted/<student>/<assignment>/, and name what cannot be assigned to anybody.

    Returns:
        int, the exit status: 0 done, 1 a file cannot be written, 2 wrong arguments or a download that cannot be read.
    """
    language.use(options.lang or language.current())
    try:
        course = load(options.submitted.absolute().parent)
        language.use(options.lang or course.assignments[0].lang)
        assignment = _assignment(course, options.assignment)
        students = _students(options)
        with open_download(options.download) as download:
            owners, problems = _owners(download.hand_ins, students)
            try:
                counts = [_hand_in(options.submitted, assignment, *pair) for pair in sorted(owners.items())]
            except OSError as error:
                reason, file = error.strerror or str(error), error.filename or options.submitted
                print(message("classroom.collect_not_written", file=file, reason=reason), file=sys.stderr)
                return FAILED
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return USAGE
    for name in problems[:_MAX_NAMES]:
        print(name, file=sys.stderr)
    if len(problems) > _MAX_NAMES:
        print(message("classroom.collect_more", count=len(problems) - _MAX_NAMES), file=sys.stderr)
    numbers = {"new": counts.count("new"), "same": counts.count("same"), "older": counts.count("older")}
    lacking = len(students.keys() - owners.keys())
    print(message("classroom.collect_done", platform=download.platform, folder=options.submitted, **numbers))
    print(message("classroom.collect_lacking", count=lacking, left=len(problems)))
    return DONE


def _assignment(course: Course, name: str | None) -> Assignment:
    if name is None and len(course.assignments) == 1:
        return course.assignments[0]
    if name not in course.by_name:
        names = ", ".join(course.by_name)
        raise ValueError(message("classroom.collect_assignment", received=sanitize.name(name or "-"), names=names))
    return course.by_name[name]


def _students(options: argparse.Namespace) -> roster.Roster:
    path = options.roster or options.submitted.absolute().parent / roster.FILE
    if not options.roster and not path.exists():
        raise ValueError(message("classroom.collect_no_roster", file=path))
    return roster.load(path)


def _owners(hand_ins: tuple[HandIn, ...], students: roster.Roster) -> tuple[dict[str, HandIn], list[str]]:
    """({id of the student: HandIn}, sentences about those left out). Of two of a student the later one counts."""
    matcher, problems = roster.Matcher(students), []
    of_student: dict[str, list[HandIn]] = {}
    for one in hand_ins:
        owners = matcher.match(one.ids, one.name)
        if not any(_is_submission(file) for file in one.files):
            problems.append(message("classroom.collect_no_notebook", name=one.label))
        elif len(owners) == 1:
            of_student.setdefault(min(owners), []).append(one)
        else:
            names = ", ".join(sorted(owners))
            key = "collect_two_students" if owners else "collect_nobody"
            problems.append(message(f"classroom.{key}", name=one.label, students=names))
    latest: dict[str, HandIn] = {}
    for student, several in of_student.items():
        timed = sorted((one for one in several if one.time), key=lambda one: one.time or datetime.min)
        if len(several) > 1 and len(timed) < len(several):
            names = ", ".join(one.label for one in several)
            problems.append(message("classroom.collect_twice", student=student, names=names))
        else:
            latest[student] = (timed or several)[-1]
    return latest, problems


def _is_submission(file: DownloadedFile) -> bool:
    return file.name.lower().endswith((".ipynb", ".zip"))


def _hand_in(submitted: Path, assignment: Assignment, student: str, one: HandIn) -> str:
    """Put the files of a student into their folder; return "new", "same", or "older" where a newer one is there."""
    folder = submitted / student / assignment.name
    before = read_time(folder).time
    if one.time and before and before > one.time:
        return "older"
    files = {_stored_name(file, one, assignment): file for file in one.files if _is_submission(file)}
    extra = {TIME_FILE: f"{one.time:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode()} if one.time else {}
    if one.late:
        extra[LATE_FILE] = b"late\n"
    new = folder.with_name(f".{folder.name}.new")
    with naming(new):
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        for name, file in files.items():
            (new / name).write_bytes(file.read())
        for name, data in extra.items():
            (new / name).write_bytes(data)
        if _same(folder, new):
            shutil.rmtree(new)
            return "same"
        old = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            os.rename(folder, old)
        os.rename(new, folder)
        shutil.rmtree(old, ignore_errors=True)
    return "new"


def _stored_name(file: DownloadedFile, one: HandIn, assignment: Assignment) -> str:
    """The student's own file name, without the -1 that Canvas adds when the same name is handed in again."""
    stem = Path(assignment.notebook).stem
    notebooks = [other for other in one.files if other.name.lower().endswith(".ipynb")]
    again = re.fullmatch(rf"{re.escape(stem)}(?:-\d+| ?\(\d+\))\.ipynb", file.name)
    return assignment.notebook if again and len(notebooks) == 1 else file.name


def _same(folder: Path, new: Path) -> bool:
    """Whether a folder holds the same files as a new one."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    names = sorted(os.listdir(new))
    if sorted(name for name in os.listdir(folder) if not name.startswith(".")) != names:
        return False
    return all(_is_equal(folder / name, new / name) for name in names)


def _is_equal(path: Path, new: Path) -> bool:
    if path.is_symlink() or not path.is_file() or path.stat().st_size != new.stat().st_size:
        return False
    return path.read_bytes() == new.read_bytes()
