"""Store results one submission at a time, so that a run can be interrupted anywhere and continued later.

A `Store` is an SQLite file: a row is written completely or not at all. Its key is the student, the assignment and the
digest of the answers, so that the same answers are graded once, and changed answers again.
"""

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from filelock import FileLock

from seeing_gradients.language import message

from .submissions import Submission

ResultKey = tuple[str, str, str]  # student, assignment, digest
RESULTS_FILE, LOCK_FILE = "results.sqlite", "results.lock"  # in the folder of the reports

_DECIDED = """
CREATE TABLE IF NOT EXISTS decided (
    student TEXT, assignment TEXT, exercise TEXT, digest TEXT NOT NULL, points REAL, comment TEXT NOT NULL,
    in_gradebook INTEGER NOT NULL, PRIMARY KEY (student, assignment, exercise));
"""
_TABLES = f"""
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS handed_in (
    student TEXT, assignment TEXT, digest TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (student, assignment));
CREATE TABLE IF NOT EXISTS graded (
    student TEXT, assignment TEXT, digest TEXT, pass INTEGER NOT NULL, graded_at TEXT NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (student, assignment, digest));
{_DECIDED}
CREATE TABLE IF NOT EXISTS outdated (
    student TEXT, assignment TEXT, exercise TEXT, book INTEGER, PRIMARY KEY (student, assignment, exercise, book));
CREATE TABLE IF NOT EXISTS times (
    student TEXT, assignment TEXT, time TEXT NOT NULL, late INTEGER NOT NULL, PRIMARY KEY (student, assignment));
CREATE TABLE IF NOT EXISTS folders (
    path TEXT PRIMARY KEY, signature TEXT NOT NULL, student TEXT, assignment TEXT, digest TEXT);
"""


@dataclass(frozen=True)
class Result:
    """One graded submission.

    Attributes:
        student, assignment, digest, path: str, as in Submission.
        graded_at: str, ISO 8601 in UTC, "2026-11-24T08:00:00+00:00".
        answers: dict from grade_id to a dict as GradedAnswer.as_dict() returns it.
        faults: list of dicts with kind, text and grade_id, the fields of Fault.
        handed_in_at: str, ISO 8601 in UTC; "" if nothing tells.
        marked_late: bool, whether the platform that it came from marks it as late.
        deduction: float, the points that lateness takes off.
    """

    student: str
    assignment: str
    digest: str
    path: str
    graded_at: str
    answers: dict[str, dict[str, Any]]
    faults: list[dict[str, Any]]
    handed_in_at: str = ""
    marked_late: bool = False
    deduction: float = 0.0


@dataclass(frozen=True)
class Decision:
    """What a person decided about one answer.

    Attributes:
        points: float, or None if they gave a comment alone: then the points are the grader's.
        comment: str, for the feedback; may be "".
    """

    points: float | None
    comment: str


class Store:
    """The results of a class in one file; a context manager that closes it.

    Args:
        path: Path of the SQLite file, created if it does not exist.

    Attributes:
        book: int, the bit that stands for this Store's gradebook: 1 for that with names, 2 for that without.
    """

    book = 1

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_TABLES)
        self._allow_comments_alone()
        self._connection.execute("INSERT OR IGNORE INTO facts VALUES ('secret', ?)", (secrets.token_hex(32),))
        self._connection.execute("INSERT OR IGNORE INTO facts VALUES ('pass', '1')")

    def _allow_comments_alone(self) -> None:
        """Bring a file up to date in which every decision has points."""
        columns = self._connection.execute("PRAGMA table_info(decided)").fetchall()
        if any(column[1] == "points" and column[3] for column in columns):  # it is NOT NULL
            self._connection.executescript(
                f"BEGIN; ALTER TABLE decided RENAME TO earlier; {_DECIDED}"
                " INSERT INTO decided SELECT * FROM earlier; DROP TABLE earlier; COMMIT;"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._connection.close()

    def seed(self, exercise: str) -> str:
        """Return the secret seed of one exercise, from which and from a program the hidden inputs are drawn.

        Args:
            exercise: str, "02.5".

        Returns:
            str, 64 hexadecimal digits; the same for the same exercise in the same file.
        """
        return hmac.new(self._fact("secret").encode(), exercise.encode(), hashlib.sha256).hexdigest()

    def regrade(self) -> None:
        """Mark every submission as not graded; earlier results stay until they are replaced."""
        self._connection.execute("UPDATE facts SET value = CAST(value AS INTEGER) + 1 WHERE name = 'pass'")

    def hand_in(self, submission: Submission) -> bool:
        """Record a submission as the latest of its student and assignment; return whether it still has to be graded."""
        key = (submission.student, submission.assignment, submission.digest)
        self._connection.execute("INSERT OR REPLACE INTO handed_in VALUES (?, ?, ?, ?)", (*key, submission.path))
        time = submission.handed_in.time.isoformat(timespec="seconds") if submission.handed_in.time else ""
        row = (*key[:2], time, int(submission.handed_in.late))
        self._connection.execute("INSERT OR REPLACE INTO times VALUES (?, ?, ?, ?)", row)
        query = "SELECT 1 FROM graded WHERE student = ? AND assignment = ? AND digest = ? AND pass >= ?"
        return self._connection.execute(query, (*key, int(self._fact("pass")))).fetchone() is None

    def decide(
        self, student: str, assignment: str, exercise: str, decision: Decision, in_gradebook: bool = False
    ) -> bool:
        """Note what a person decided about an answer; return whether there is such a submission, graded.

        Args:
            student, assignment, exercise: str.
            decision: Decision.
            in_gradebook: bool, whether nbgrader's gradebook has it already.
        """
        query = "SELECT digest FROM handed_in JOIN graded USING (student, assignment, digest) WHERE student = ? AND assignment = ?"
        row = self._connection.execute(query, (student, assignment)).fetchone()
        if row is not None:
            book = self.book if in_gradebook else 0
            values = (student, assignment, exercise, row[0], decision.points, decision.comment, book)
            self._connection.execute("INSERT OR REPLACE INTO decided VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        return row is not None

    def decisions(self, *, new: bool = False) -> dict[tuple[str, str, str], Decision]:
        """Return what people decided about the latest answers, by (student, assignment, exercise).

        Args:
            new: bool, only those that nbgrader's gradebook does not have yet.
        """
        query = (
            "SELECT d.student, d.assignment, d.exercise, d.points, d.comment FROM decided d"
            " JOIN handed_in USING (student, assignment, digest) WHERE in_gradebook & ? = 0 ORDER BY 1, 2, 3"
        )
        rows = self._connection.execute(query, (self.book if new else 0,))
        return {(student, name, exercise): Decision(*rest) for student, name, exercise, *rest in rows}

    def drop_outdated_decisions(self) -> list[tuple[str, str, str]]:
        """Forget the decisions about answers that were replaced; return those that this gradebook still has.

        Returns:
            list of (student, assignment, exercise).
        """
        query = (
            "SELECT d.student, d.assignment, d.exercise FROM decided d JOIN handed_in h USING (student, assignment)"
            " WHERE d.digest <> h.digest"
        )
        rows = self._connection.execute(query).fetchall()
        condition = "student = ? AND assignment = ? AND exercise = ?"
        self._connection.executemany(f"DELETE FROM decided WHERE {condition}", rows)
        in_books = [(*row, book) for row in rows for book in (1, 2)]
        self._connection.executemany("INSERT OR REPLACE INTO outdated VALUES (?, ?, ?, ?)", in_books)
        query = "SELECT student, assignment, exercise FROM outdated WHERE book = ?"
        rows = self._connection.execute(query, (self.book,)).fetchall()
        self._connection.execute("DELETE FROM outdated WHERE book = ?", (self.book,))
        return rows

    def set_in_gradebook(self, student: str, assignment: str, exercise: str) -> None:
        """Note that this gradebook has a decision."""
        query = (
            "UPDATE decided SET in_gradebook = in_gradebook | ? WHERE student = ? AND assignment = ? AND exercise = ?"
        )
        self._connection.execute(query, (self.book, student, assignment, exercise))

    def remember(self, path: str, signature: str, submission: Submission) -> None:
        """Note what was read from a folder, so that it is read again only after it has changed.

        Args:
            path: of the folder.
            signature: `Folder.signature()` before it was read; "" if the folder has to be read every time.
            submission: Submission.
        """
        row = (path.encode("utf-8", "surrogateescape"), signature)
        key = (submission.student, submission.assignment, submission.digest)
        self._connection.execute("INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?, ?)", (*row, *key))

    def is_graded_as(self, path: str, signature: str) -> bool:
        """Return whether a folder has not changed since it was read, and what was read is the latest and graded."""
        query = (
            "SELECT 1 FROM folders JOIN handed_in USING (student, assignment, digest)"
            " JOIN graded USING (student, assignment, digest) WHERE folders.path = ? AND signature = ? AND pass >= ?"
        )
        values = (path.encode("utf-8", "surrogateescape"), signature, int(self._fact("pass")))
        return bool(signature) and self._connection.execute(query, values).fetchone() is not None

    def state(self) -> str:
        """Return a text that changes whenever a grade, or a submission that counts, does."""
        rows = self._connection.execute(
            "SELECT h.student, h.assignment, h.digest, g.pass, g.graded_at FROM handed_in h LEFT JOIN graded g"
            " USING (student, assignment, digest) ORDER BY h.student, h.assignment"
        )
        times = self._connection.execute("SELECT * FROM times ORDER BY student, assignment").fetchall()
        content = [rows.fetchall(), times, self.decisions()]
        return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()

    def reported(self) -> str:
        """Return what `set_reported` noted last; "" at first."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = 'reported'").fetchone()
        return row[0] if row else ""

    def set_reported(self, state: str) -> None:
        """Note the state of which the reports were written completely."""
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES ('reported', ?)", (state,))

    def save(self, key: ResultKey, answers: dict[str, dict[str, Any]], faults: list[dict[str, Any]]) -> None:
        """Store the result of one submission.

        Args:
            key: (student, assignment, digest).
            answers: dict from grade_id to the dict of a GradedAnswer.
            faults: list of dicts of Fault.
        """
        content = json.dumps({"answers": answers, "faults": faults}, ensure_ascii=False)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = (*key, int(self._fact("pass")), now, content)
        self._connection.execute("INSERT OR REPLACE INTO graded VALUES (?, ?, ?, ?, ?, ?)", row)

    def is_graded(self, key: ResultKey) -> bool:
        """Return whether there is a result for a submission, of whatever run."""
        query = "SELECT 1 FROM graded WHERE student = ? AND assignment = ? AND digest = ?"
        return self._connection.execute(query, key).fetchone() is not None

    def merge(self, key: ResultKey, answers: dict[str, dict[str, Any]], faults: list[dict[str, Any]]) -> None:
        """Replace some answers in the result of a submission that is graded; the arguments are those of `save`."""
        condition = "student = ? AND assignment = ? AND digest = ?"
        query = f"SELECT content FROM graded WHERE {condition}"
        before = json.loads(self._connection.execute(query, key).fetchone()[0])
        lost = [f for f in before["faults"] if f["kind"] == "worker_lost" and f["grade_id"] not in answers]
        content = {"answers": {**before["answers"], **answers}, "faults": [*faults, *lost]}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = (now, json.dumps(content, ensure_ascii=False), *key)
        self._connection.execute(f"UPDATE graded SET graded_at = ?, content = ? WHERE {condition}", row)

    def results(self) -> Iterator[Result]:
        """Yield the Result of each student's latest submission of each assignment, sorted by student and assignment.

        A latest submission that is not graded yet is left out.
        """
        query = (
            "SELECT g.student, g.assignment, g.digest, h.path, g.graded_at, g.content, t.time, t.late FROM graded g"
            " JOIN handed_in h USING (student, assignment, digest) LEFT JOIN times t USING (student, assignment)"
            " ORDER BY g.student, g.assignment"
        )
        for *fields, content, time, late in self._connection.execute(query):
            yield Result(*fields, **json.loads(content), handed_in_at=time or "", marked_late=bool(late))

    def _fact(self, name: str) -> str:
        return self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()[0]


@contextmanager
def open_graded(out: Path) -> Iterator[Store]:
    """Open the results of a class that was graded, and keep other commands out of them meanwhile.

    Args:
        out: the folder of the reports.

    Raises:
        ValueError: nothing was graded there.
        filelock.Timeout: another command is at work there.
    """
    if not (out / RESULTS_FILE).is_file():
        raise ValueError(message("classroom.decide_nothing_graded", folder=out))
    with FileLock(out / LOCK_FILE, timeout=0), Store(out / RESULTS_FILE) as store:
        yield store
