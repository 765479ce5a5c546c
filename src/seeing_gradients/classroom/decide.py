"""The command `decide`: the points that a person gives for an answer, e.g. one that was left to review.

    python -m seeing_gradients.classroom decide alice 02.5 1.5 "Half right: the second branch." --out grades

The points and the comment reach every table, the feedback and nbgrader's gradebook. They hold until the student hands in
another answer. A score that was entered in nbgrader's formgrader counts likewise.
"""

import argparse
import sqlite3
import sys
from pathlib import Path

from filelock import Timeout

from seeing_gradients import language
from seeing_gradients.language import message

from . import anonymous, grade, sanitize
from .anonymous import Pseudonyms
from .course import load
from .results import Decision, open_graded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to a parser."""
    parser.add_argument("student", help="the name of the student's folder, or the id of --anonymous")
    parser.add_argument("exercise", help="such as 02.5")
    parser.add_argument("points", type=float, help="from 0 to the points of the exercise")
    parser.add_argument("comment", nargs="?", default="", help="a sentence for the feedback")
    parser.add_argument(
        "--submitted", type=Path, default=Path("course/submitted"), help="the folder that was graded (course/submitted)"
    )
    grade.add_report_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Note the decision and write the reports; return the exit status of `grade.run`."""
    language.use(options.lang or language.current())
    try:
        course = load(options.submitted.absolute().parent)
        language.use(options.lang or course.assignments[0].lang)
        assignment, task = course.task_of(options.exercise)
        if not 0 <= options.points <= task.points:
            raise ValueError(message("classroom.decide_points", exercise=task.exercise, most=f"{task.points:g}"))
        with open_graded(options.out) as store:
            names = Pseudonyms(options.submitted.absolute().parent / anonymous.FILE)
            student, comment = names.student_of(sanitize.key(options.student.strip())), sanitize.clean(options.comment)
            if not store.decide(student, assignment.name, task.exercise, Decision(options.points, comment)):
                raise ValueError(message("classroom.decide_unknown", student=student, assignment=assignment.name))
            return grade.report(options, course, store)
    except Timeout:
        print(message("classroom.grade_locked", folder=options.out), file=sys.stderr)
    except sqlite3.Error as error:
        print(message("classroom.grade_not_written", file=options.out, reason=error), file=sys.stderr)
        return grade.FAILED
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
    return grade.USAGE
