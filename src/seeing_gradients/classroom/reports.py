"""Write the reports of a graded class: grades.csv, totals.csv, the HTML pages, nbgrader's gradebook.

No cell of the tables is a formula that a spreadsheet would run. The gradebook is written through nbgrader's own API, so
that its export and its pages show the scores.
"""

import argparse
import csv
import hashlib
import os
import re
import sys
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seeing_gradients import language
from seeing_gradients.language import message

from . import late, roster, sanitize
from .course import Assignment, Course, Task
from .late import LatePolicy, after_deduction, with_deductions
from .marking import grade_cell_id
from .pages import class_page, naming, replace_file, score, write_feedback
from .results import Decision, Result, Store
from .roster import Roster, with_everybody

if TYPE_CHECKING:
    from _csv import Writer

CLASS_PAGE = "class.html"
Decisions = dict[tuple[str, str, str], Decision]  # by (student, assignment, exercise)
_MAX_NAMES = 20  # of students who are not on the roster
_NBGRADER_FIELDS = ("first_name", "last_name", "email", "lms_user_id")
_GRADES = ["student", "assignment", "exercise", "points", "before_late", "max", "state", "misconception", "faults"]
_GRADES += ["handed_in_at", "graded_at"]


def load_roster(options: argparse.Namespace) -> Roster:
    """Return the students of the class: those of the option `roster`, else of roster.csv beside `submitted`, else none.

    Raises:
        ValueError: the file is damaged.
        OSError: it cannot be read.
    """
    beside = options.submitted.absolute().parent / roster.FILE
    path = options.roster or (beside if beside.exists() else None)
    return roster.load(path) if path else {}


def load_policy(options: argparse.Namespace, course: Course, students: Roster) -> LatePolicy | None:
    """Return what lateness costs: by the option `points_file`, else by points.toml beside `submitted`, else nothing.

    Raises:
        ValueError: the table is not what it must be.
        OSError: it cannot be read.
    """
    beside = options.submitted.absolute().parent / late.FILE
    path = options.points_file or (beside if beside.exists() else None)
    return late.load(path, course, students) if path else None


def state(
    options: argparse.Namespace, course: Course, store: Store, students: Roster, policy: LatePolicy | None
) -> str:
    """Return a text that changes whenever a report would; the arguments are those of `write`."""
    content = [store.state(), asdict(course), language.current(), str(_gradebook(options)), version("seeing-gradients")]
    content += [list(students.values()), policy, str(options.out)]
    return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()


def exist(options: argparse.Namespace) -> bool:
    """Return whether the files of all reports exist."""
    gradebook = _gradebook(options)
    is_file = gradebook != "none" and "://" not in str(gradebook)
    paths = [options.out / name for name in ("grades.csv", "totals.csv", CLASS_PAGE)]
    return all(path.is_file() for path in [*paths, *([Path(gradebook)] if is_file else [])])


def _gradebook(options: argparse.Namespace) -> Path | str:
    return options.gradebook or options.submitted.absolute().parent / "gradebook.db"


def decided(results: Iterable[Result], decisions: Decisions, course: Course) -> Iterator[Result]:
    """Yield results with the points and comments that people gave in place of the grader's."""
    assignments = course.by_name
    for result in results:
        answers = dict(result.answers)
        for task in assignments[result.assignment].tasks if result.assignment in assignments else ():
            if (decision := decisions.get((result.student, result.assignment, task.exercise))) is not None:
                answers[task.grade_id] = _as_decided(answers[task.grade_id], task, decision)
        yield replace(result, answers=answers)


def final_results(course: Course, store: Store, policy: LatePolicy | None) -> Iterator[Result]:
    """Yield the results that count: with what people decided, and what lateness takes off."""
    return with_deductions(decided(store.results(), store.decisions(), course), policy, course)


def _as_decided(answer: dict[str, Any], task: Task, decision: Decision) -> dict[str, Any]:
    if decision.points is None:
        return {**answer, "notes": [*answer["notes"], message("classroom.commented", comment=decision.comment)]}
    credit = decision.points / task.points if task.points else 0.0
    text = decision.comment or message("classroom.decided")
    notes = [message("classroom.decided")] if decision.comment else []
    shown = {"text": text, "facts": [], "why": "", "notes": notes, "reason": "decided"}
    return {**answer, **shown, "state": "correct" if credit >= 1 else "wrong", "credit": credit}


def write(
    options: argparse.Namespace, course: Course, store: Store, students: Roster, policy: LatePolicy | None = None
) -> None:
    """Write every report of a class and print where they are.

    Args:
        options: argparse.Namespace of the command `grade`: out, submitted and gradebook are used; a gradebook "none"
            is not written.
        course: Course.
        store: Store.
        students: Roster; each has rows in the tables and is in the gradebook, also without a submission.
        policy: LatePolicy, or None if lateness costs nothing.

    Raises:
        OSError: a file cannot be written.
    """
    out = options.out
    gradebook = _gradebook(options)

    def results() -> Iterator[Result]:
        return final_results(course, store, policy)

    write_grades(out, course, with_everybody(results(), students, course), policy is not None)
    count = write_feedback(out / "feedback", course, results())
    replace_file(out / CLASS_PAGE, class_page(course, results()))
    if gradebook != "none":
        new = store.decisions(new=True)
        with naming(gradebook):
            deductions = {(one.student, one.assignment): one.deduction for one in results()}
            write_gradebook(gradebook, course, store.results(), students, new, policy, deductions)
        for key in new:
            store.set_in_gradebook(*key)
    if students and (strangers := sorted({result.student for result in store.results()} - students.keys())):
        names = ", ".join(map(sanitize.name, strangers[:_MAX_NAMES]))
        print(message("classroom.roster_strangers", count=len(strangers), names=names), file=sys.stderr)
    if policy and (unknown := sum(not (one.handed_in_at or one.marked_late) for one in store.results())):
        print(message("classroom.late_no_times", count=unknown), file=sys.stderr)
    paths = {"grades": out / "grades.csv", "page": out / CLASS_PAGE, "feedback": out / "feedback"}
    current = Path.cwd()
    shown = Path(gradebook).relative_to(current) if Path(gradebook).is_relative_to(current) else gradebook
    print(message("classroom.grade_done", count=count, gradebook=shown, **paths))
    if reviews := sum(_needs_a_person(result) for result in results()):
        print(message("classroom.grade_reviews", count=reviews, grades=out / "grades.csv"))


def _needs_a_person(result: Result) -> bool:
    """Whether a person must read a submission: it has an answer to review, or no known assignment."""
    return not result.answers or any(answer["state"] == "review" for answer in result.answers.values())


# Tables


def write_grades(folder: Path, course: Course, results: Iterable[Result], with_late: bool = False) -> None:
    """Write grades.csv, with a row per student and exercise, and totals.csv, with a row per student.

    Args:
        folder: Path, must exist.
        course: Course.
        results: iterable of Result; the rows are in its order.
        with_late: bool, whether totals.csv has the points before deductions for lateness for each assignment, too.
    """
    assignments = course.by_name
    totals: dict[str, dict[str, tuple[float, float]]] = {}
    with table(folder / "grades.csv") as grades:
        grades.writerow(_GRADES)
        for result in results:
            assignment = assignments.get(result.assignment)
            tasks = assignment.tasks if assignment else ()
            before = [score(task, result.answers[task.grade_id]) for task in tasks]
            after = after_deduction(before, result.deduction)
            for task, *points in zip(tasks, after, before, strict=True) if tasks else [(None, 0, 0)]:
                faults = _faults(result, task.grade_id if task else None)
                row = [*map(safe, _row(result, task, points)), faults, result.handed_in_at, result.graded_at]
                grades.writerow(row)
            totals.setdefault(result.student, {})[result.assignment] = round(sum(after), 2), round(sum(before), 2)
    _write_totals(folder / "totals.csv", course, totals, with_late)


def _row(result: Result, task: Task | None, points: list[float]) -> list[Any]:
    if task is None:  # the course has no such assignment
        return [result.student, result.assignment, "", *points, 0, "review", ""]
    answer = result.answers[task.grade_id]
    details = [task.exercise, *points, task.points, answer["state"], answer["misconception"]]
    return [result.student, result.assignment, *details]


def _write_totals(
    path: Path, course: Course, totals: dict[str, dict[str, tuple[float, float]]], with_late: bool
) -> None:
    assignments = course.by_name
    full_score = sum(task.points for assignment in course.assignments for task in assignment.tasks)
    with table(path) as rows:
        before_late = [f"{name} before_late" for name in assignments] if with_late else []
        rows.writerow(["student", *map(safe, [*assignments, *before_late]), "points", "before_late", "max"])
        for student, points in totals.items():
            own = {name: both for name, both in points.items() if name in assignments}
            columns = [own[name][i] if name in own else "" for i in range(1 + with_late) for name in assignments]
            sums = [round(sum(both[i] for both in own.values()), 2) for i in range(2)]
            rows.writerow([safe(student), *columns, *sums, full_score])


def _faults(result: Result, grade_id: str | None) -> Any:
    """The faults of one answer and of the whole file, or why a person must read it, as the text of one table cell."""
    texts = [fault["text"] for fault in result.faults if fault["grade_id"] in (None, grade_id)]
    answer = result.answers.get(grade_id or "", {})
    if answer.get("state") == "review" and answer["text"] not in " ".join(texts):
        texts.append(answer["text"])
    return safe(" ".join(texts))


# What may start a formula: a sign, in any of its spellings, at the start of a text or after what a spreadsheet may take for
# the end of a cell. Blanks, and what is not seen, may stand before it.
_FORMULA_SIGNS = "=+-@" + "".join(
    c for c in map(chr, range(0x80, 0x1_0000)) if unicodedata.normalize("NFKC", c) in {"=", "+", "-", "@", "\u2212"}
)
_ENDS = ";,\t\r\n|\"'"
_FORMULA = re.compile(rf"(^|[{_ENDS}])([^\w{_ENDS}]*?)([{re.escape(_FORMULA_SIGNS)}])")


def safe(value: Any) -> Any:
    """A value that no spreadsheet reads as a formula: an apostrophe stands before every sign that could start one."""
    if not isinstance(value, str):
        return value
    value = _FORMULA.sub(r"\1'\2\3", sanitize.clean(value))
    return f"'{value}" if value[:1] in ("\t", "\n") else value


@contextmanager
def table(path: Path) -> "Iterator[Writer]":
    """A writer of a CSV file that replaces the old one when it is complete.

    Its byte order mark tells spreadsheets that it is UTF-8.
    """
    new = path.with_suffix(".new")
    with naming(path):
        with open(new, "w", encoding="utf-8-sig", newline="") as file:
            yield csv.writer(file)
        os.replace(new, path)


# nbgrader's gradebook


def write_gradebook(
    path: Path | str,
    course: Course,
    results: Iterable[Result],
    students: Roster | None = None,
    decisions: Decisions | None = None,
    policy: LatePolicy | None = None,
    deductions: dict[tuple[str, str], float] | None = None,
) -> None:
    """Write the automatic scores to nbgrader's gradebook; scores that a person entered stay.

    Args:
        path: Path of the database, created if it does not exist; or str, an SQLAlchemy URL.
        course: Course.
        results: iterable of Result; those of unknown assignments are left out.
        students: Roster, added with their names.
        decisions: Decisions that become scores which a person entered.
        policy: LatePolicy, whose deadlines and extensions are noted.
        deductions: dict from (student, assignment) to the points that lateness takes off.
    """
    assignments, decisions = course.by_name, decisions or {}
    with _open_gradebook(path, course) as gradebook:
        for assignment in course.assignments:
            _add_assignment(gradebook, assignment, policy)
        for student in (students or {}).values():
            known = {name: value for name in _NBGRADER_FIELDS if (value := getattr(student, name))}
            gradebook.update_or_create_student(student.id, **known)
        for result in results:
            if result.assignment in assignments:
                submission = _add_result(gradebook, assignments[result.assignment], result, decisions)
                _set_lateness(submission, result, policy, (deductions or {}).get((result.student, result.assignment)))
                gradebook.db.commit()


def exchange_decisions(options: argparse.Namespace, course: Course, store: Store) -> None:
    """Take over what people entered in nbgrader's formgrader, and drop what was decided about answers since replaced."""
    path = _gradebook(options)
    outdated = store.drop_outdated_decisions()
    if path == "none" or ("://" not in str(path) and not Path(path).is_file()):
        return
    newer, known = store.decisions(new=True), store.decisions()
    with _open_gradebook(path, course) as gradebook:
        comments = _comments(gradebook)
        exercises = {
            grade_cell_id(task.grade_id): task for assignment in course.assignments for task in assignment.tasks
        }
        existing = {assignment.name for assignment in gradebook.assignments}
        for assignment in course.assignments:
            for submission in gradebook.assignment_submissions(assignment.name) if assignment.name in existing else ():
                for grade in (grade for notebook in submission.notebooks for grade in notebook.grades):
                    if (task := exercises.get(grade.name)) is None:
                        continue
                    comment = comments.get((grade.notebook_id, task.grade_id))
                    entered = Decision(grade.manual_score, comment.manual_comment if comment else "")
                    key = submission.student.id, assignment.name, task.exercise
                    if key in outdated:
                        grade.manual_score = None
                        if comment:
                            comment.manual_comment = None
                    elif entered != Decision(None, "") and key not in newer and known.get(key) != entered:
                        store.decide(*key, entered, in_gradebook=True)
        gradebook.db.commit()


@contextmanager
def _open_gradebook(path: Path | str, course: Course) -> Iterator[Any]:
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SAWarning

    _add_alembic_to_path()
    url = str(path) if "://" in str(path) else f"sqlite:///{Path(path).absolute()}"
    with warnings.catch_warnings(), Gradebook(url, course.name) as gradebook:
        warnings.simplefilter("ignore", SAWarning)  # nbgrader 0.9.6 causes one for every submission that it adds
        yield gradebook


def _comments(gradebook: Any) -> dict[tuple[str, str], Any]:
    """nbgrader's comments that people wrote, by its number of the notebook and the name of the answer's cell."""
    from nbgrader.api import Comment

    written = gradebook.db.query(Comment).filter(Comment.manual_comment.is_not(None), Comment.manual_comment != "")
    return {(comment.notebook_id, comment.name): comment for comment in written}


def _comment(gradebook: Any, assignment: Assignment, task: Task, student: str) -> Any:
    """nbgrader's comment on an answer, or None if the gradebook has none."""
    from nbgrader.api import MissingEntry

    try:
        return gradebook.find_comment(task.grade_id, Path(assignment.notebook).stem, assignment.name, student)
    except MissingEntry:
        return None


def _add_alembic_to_path() -> None:
    """Let nbgrader find `alembic`, which it runs by its bare name, if the environment is not activated."""
    folder = str(Path(sys.executable).parent)
    if folder not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), folder])


def _add_assignment(gradebook: Any, assignment: Assignment, policy: LatePolicy | None) -> None:
    notebook = Path(assignment.notebook).stem
    known = policy is not None and assignment.name in policy.deadlines
    due = {"duedate": _naive(policy.deadlines[assignment.name])} if policy and known else {}
    gradebook.update_or_create_assignment(assignment.name, **due)
    gradebook.update_or_create_notebook(notebook, assignment.name)
    for task in assignment.tasks:
        cell = grade_cell_id(task.grade_id), notebook, assignment.name
        gradebook.update_or_create_grade_cell(*cell, max_score=task.points, cell_type="code")
        gradebook.update_or_create_solution_cell(task.grade_id, notebook, assignment.name)


def _naive(time: datetime) -> datetime:
    """A time as nbgrader stores it: in UTC, without saying so."""
    return time.astimezone(UTC).replace(tzinfo=None)


def _set_lateness(submission: Any, result: Result, policy: LatePolicy | None, deduction: float | None) -> None:
    submission.timestamp = _naive(datetime.fromisoformat(result.handed_in_at)) if result.handed_in_at else None
    if policy and (due := policy.deadlines.get(result.assignment)):
        submission.extension = policy.extensions.get((result.student, result.assignment), due) - due
    for part in submission.notebooks:
        part.late_submission_penalty = deduction or None


def _add_result(gradebook: Any, assignment: Assignment, result: Result, decisions: Decisions) -> Any:
    """Write the scores of a result; return nbgrader's submission."""
    notebook = Path(assignment.notebook).stem
    gradebook.update_or_create_student(result.student)
    submission = gradebook.update_or_create_submission(assignment.name, result.student)
    grades = {grade.name: grade for part in submission.notebooks if part.name == notebook for grade in part.grades}
    for task in assignment.tasks:
        answer = result.answers[task.grade_id]
        grade = grades.get(grade_cell_id(task.grade_id)) or gradebook.find_grade(
            grade_cell_id(task.grade_id), notebook, assignment.name, result.student
        )
        grade.auto_score = min(1.0, max(0.0, answer["credit"])) * task.points
        if (decision := decisions.get((result.student, result.assignment, task.exercise))) is not None:
            grade.manual_score = decision.points
            if decision.comment and (comment := _comment(gradebook, assignment, task, result.student)) is not None:
                comment.manual_comment = decision.comment
        grade.needs_manual_grade = answer["state"] == "review" and grade.manual_score is None
    return submission
