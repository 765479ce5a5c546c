"""The command `export`: the points of a class in the form that a learning platform imports.

    python -m seeing_gradients.classroom export canvas --submitted course/submitted --out grades --column "Graphs (4711)"

- canvas: canvas.csv, as Canvas' gradebook exports and imports it
- moodle: moodle.csv, for Moodle's grade import
- gradescope: for each assignment a folder gradescope/<assignment>, which, zipped, is an autograder that answers with the
  results.json of each student

The points are those of totals.csv: what people decided and what lateness costs has reached them. The platform's ids come
from the roster.
"""

import argparse
import json
import sqlite3
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from filelock import Timeout

from seeing_gradients import language
from seeing_gradients.language import message

from . import grade, reports, sanitize
from .course import Assignment, Course, load
from .late import after_deduction
from .pages import replace_file, score, state_word
from .results import Result, open_graded
from .roster import Roster, Student, with_everybody

# What Gradescope runs for a submission: it copies the results of the first submitter that has some.
_SETUP = "#!/usr/bin/env bash\napt-get install -y python3\n"
_RUN = '''#!/usr/bin/env python3
"""Answer with the results of the student who handed in; written by `python -m seeing_gradients.classroom export gradescope`."""

import json
import pathlib

folder = pathlib.Path("/autograder")
metadata = json.loads((folder / "submission_metadata.json").read_text(encoding="utf-8"))
all_results = json.loads((folder / "source" / "results.json").read_text(encoding="utf-8"))
emails = [str(user.get("email", "")).lower() for user in metadata.get("users", [])]
nothing = {"score": 0, "output": "There are no results for " + ", ".join(emails)}
results = next((all_results[email] for email in emails if email in all_results), nothing)
(folder / "results" / "results.json").write_text(json.dumps(results), encoding="utf-8")
'''


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to a parser."""
    parser.add_argument("platform", choices=("canvas", "moodle", "gradescope"), help="for which platform")
    parser.add_argument(
        "--submitted", type=Path, default=Path("course/submitted"), help="the folder that was graded (course/submitted)"
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="[ASSIGNMENT=]HEADING",
        help='the heading of an assignment\'s column on the platform, such as "Graphs (4711)"; otherwise its name here',
    )
    grade.add_report_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Write the export and print where it is; return the exit status of `grade.run`."""
    language.use(options.lang or language.current())
    try:
        course = load(options.submitted.absolute().parent)
        language.use(options.lang or course.assignments[0].lang)
        headings = _headings(course, options.column)
        students = reports.load_roster(options)
        if not students:
            raise ValueError(message("classroom.export_no_roster"))
        policy = reports.load_policy(options, course, students)
        with open_graded(options.out) as store:
            reports.exchange_decisions(options, course, store)
            everybody = list(with_everybody(reports.final_results(course, store, policy), students, course))
    except Timeout:
        print(message("classroom.grade_locked", folder=options.out), file=sys.stderr)
        return grade.USAGE
    except (OSError, ValueError, sqlite3.Error) as error:
        print(error, file=sys.stderr)
        return grade.USAGE
    try:
        path = _write(options, course, headings, students, everybody)
    except OSError as error:
        reason, file = error.strerror or str(error), error.filename or options.out
        print(message("classroom.grade_not_written", file=file, reason=reason), file=sys.stderr)
        return grade.FAILED
    count = len(students.keys() | {one.student for one in everybody})
    print(message("classroom.export_done", count=count, file=path))
    if reviews := sum(answer["state"] == "review" for one in everybody for answer in one.answers.values()):
        print(message("classroom.export_reviews", count=reviews), file=sys.stderr)
    return grade.DONE


def _headings(course: Course, columns: Iterable[str]) -> dict[str, str]:
    """{name of an assignment: the heading of its column}."""
    headings = {name: name for name in course.by_name}
    for text in columns:
        name, equals, heading = text.partition("=")
        if not equals and len(headings) == 1:
            headings = dict.fromkeys(headings, text)
        elif not equals or name not in headings:
            names = ", ".join(course.by_name)
            raise ValueError(message("classroom.export_column", received=sanitize.name(text), names=names))
        else:
            headings[name] = heading
    return headings


def _write(
    options: argparse.Namespace, course: Course, headings: dict[str, str], students: Roster, results: list[Result]
) -> Path:
    """Write the files of a platform; return the file or folder."""
    if options.platform == "gradescope":
        return _write_gradescope(options.out / "gradescope", course, students, results)
    totals: dict[str, dict[str, float]] = {student: {} for student in students}
    for one in results:
        if assignment := course.by_name.get(one.assignment):
            points = sum(score(task, one.answers[task.grade_id]) for task in assignment.tasks)
            totals.setdefault(one.student, {})[one.assignment] = round(points - one.deduction, 2)
    path = options.out / f"{options.platform}.csv"
    with reports.table(path) as rows:
        names = [reports.safe(heading) for heading in headings.values()]
        if options.platform == "canvas":
            most = [sum(task.points for task in course.by_name[name].tasks) for name in headings]
            rows.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *names])
            rows.writerow(["    Points Possible", "", "", "", "", *most])
        else:
            rows.writerow(["First name", "Last name", "Username", "ID number", "Email address", *names])
        who = _of_canvas if options.platform == "canvas" else _of_moodle
        for student, points in totals.items():
            cells = [reports.safe(text) for text in who(students.get(student, Student(student)))]
            rows.writerow([*cells, *(points.get(name, "") for name in headings)])
    return path


def _of_canvas(student: Student) -> list[str]:
    name = ", ".join(filter(None, (student.last_name, student.first_name))) or student.id
    return [name, student.lms_user_id, student.sis_user_id, student.login or student.id, student.section]


def _of_moodle(student: Student) -> list[str]:
    return [student.first_name, student.last_name, student.login or student.id, student.lms_user_id, student.email]


def _write_gradescope(folder: Path, course: Course, students: Roster, results: list[Result]) -> Path:
    for assignment in course.assignments:
        own = [one for one in results if one.assignment == assignment.name]
        with language.using(assignment.lang):
            answers = {_address(students, one.student): _gradescope_results(one, assignment) for one in own}
        target = folder / assignment.name
        target.mkdir(parents=True, exist_ok=True)
        replace_file(target / "results.json", json.dumps(answers, ensure_ascii=False, indent=1) + "\n")
        for name, text in (("setup.sh", _SETUP), ("run_autograder", _RUN)):
            replace_file(target / name, text)
            (target / name).chmod(0o755)
    return folder


def _address(students: Roster, student: str) -> str:
    """What Gradescope knows a student by; the id here for one without an address, which nobody there has."""
    return (students[student].email if student in students else "").lower() or student


def _gradescope_results(result: Result, assignment: Assignment) -> dict[str, Any]:
    """The content of results.json: https://gradescope-autograders.readthedocs.io/en/latest/specs/."""
    before = [score(task, result.answers[task.grade_id]) for task in assignment.tasks]
    tests = []
    for task, points in zip(assignment.tasks, after_deduction(before, result.deduction), strict=True):
        answer = result.answers[task.grade_id]
        sentences = [f"{state_word(answer['state'])}: {answer['text']}", answer["why"], *answer["notes"]]
        test = {"name": task.exercise, "score": points, "max_score": task.points}
        test["status"] = "passed" if answer["credit"] >= 1 else "failed"
        tests.append({**test, "output": sanitize.clean("\n".join(filter(None, sentences)))})
    faults = "\n".join(fault["text"] for fault in result.faults)
    total = round(sum(before) - result.deduction, 2)
    return {"score": total, "output": sanitize.clean(faults), "output_format": "text", "tests": tests}
