"""Stores what was graded, one submission at a time, so that a run can be cut off anywhere and go on later.

A `Store` is one SQLite file: a row is written whole or not at all, and its key is the student, the assignment and the
digest of the answers, so that the same answers are graded once and changed ones again.
"""

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from .submissions import Submission

ResultKey = tuple[str, str, str]  # student, assignment, digest

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS handed_in (
    student TEXT, assignment TEXT, digest TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (student, assignment));
CREATE TABLE IF NOT EXISTS graded (
    student TEXT, assignment TEXT, digest TEXT, pass INTEGER NOT NULL, graded_at TEXT NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (student, assignment, digest));
"""


@dataclass(frozen=True)
class Result:
    """One graded submission.

    Attributes:
        student, assignment, digest, path: str, as in Submission.
        graded_at: str, in UTC, "2026-11-24T08:00:00+00:00".
        answers: dict from grade_id to a dict, as GradedAnswer.as_dict() returns it.
        faults: list of dicts with kind, text and grade_id.
    """

    student: str
    assignment: str
    digest: str
    path: str
    graded_at: str
    answers: dict[str, dict[str, Any]]
    faults: list[dict[str, Any]]


class Store:
    """The results of a class in one file.

    Args:
        path: Path; created if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_TABLES)
        self._connection.execute("INSERT OR IGNORE INTO facts VALUES ('secret', ?)", (secrets.token_hex(32),))
        self._connection.execute("INSERT OR IGNORE INTO facts VALUES ('pass', '1')")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._connection.close()

    def seed(self, student: str, exercise: str, digest: str) -> str:
        """Return the seed of the hidden inputs: it is unknown until the answers are handed in."""
        content = json.dumps([student, exercise, digest]).encode()
        return hmac.new(self._fact("secret").encode(), content, hashlib.sha256).hexdigest()

    def regrade(self) -> None:
        """Have everything graded again; earlier results stay until they are replaced."""
        self._connection.execute("UPDATE facts SET value = CAST(value AS INTEGER) + 1 WHERE name = 'pass'")

    def hand_in(self, submission: Submission) -> bool:
        """Note that this is the student's latest submission, and return whether it still has to be graded."""
        key = (submission.student, submission.assignment, submission.digest)
        self._connection.execute("INSERT OR REPLACE INTO handed_in VALUES (?, ?, ?, ?)", (*key, submission.path))
        query = "SELECT 1 FROM graded WHERE student = ? AND assignment = ? AND digest = ? AND pass >= ?"
        return self._connection.execute(query, (*key, int(self._fact("pass")))).fetchone() is None

    def save(self, key: ResultKey, answers: dict[str, dict[str, Any]], faults: list[dict[str, Any]]) -> None:
        """Store the result of one submission.

        Args:
            key: (student, assignment, digest).
            answers: dict from grade_id to the dict of a GradedAnswer.
            faults: list of dicts.
        """
        content = json.dumps({"answers": answers, "faults": faults}, ensure_ascii=False)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = (*key, int(self._fact("pass")), now, content)
        self._connection.execute("INSERT OR REPLACE INTO graded VALUES (?, ?, ?, ?, ?, ?)", row)

    def results(self) -> Iterator[Result]:
        """Yield the Result of every student's latest submission, by student and assignment."""
        query = (
            "SELECT g.student, g.assignment, g.digest, h.path, g.graded_at, g.content FROM graded g"
            " JOIN handed_in h USING (student, assignment, digest) ORDER BY g.student, g.assignment"
        )
        for *fields, content in self._connection.execute(query):
            yield Result(*fields, **json.loads(content))

    def _fact(self, name: str) -> str:
        return self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()[0]
