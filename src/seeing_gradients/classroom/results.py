"""Keeps what was found, one submission at a time, so that a run can be cut off anywhere and go on later.

A `Store` is one SQLite file: a row is written whole or not at all, and is found again by the student, the assignment
and the digest of the answers, so that the same answers are graded once and changed ones again.
"""

import hashlib
import hmac
import json
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS handed_in (
    student TEXT, assignment TEXT, digest TEXT NOT NULL, path TEXT NOT NULL, PRIMARY KEY (student, assignment));
CREATE TABLE IF NOT EXISTS results (
    student TEXT, assignment TEXT, digest TEXT, pass INTEGER NOT NULL, graded_at TEXT NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (student, assignment, digest));
"""


@dataclass(frozen=True)
class Result:
    """One graded submission.

    Attributes:
        student, assignment, digest, path: str, as in Submission.
        graded_at: str, in UTC, "2026-11-24T08:00:00+00:00".
        rulings: dict from grade_id to a dict, as Ruling.as_dict() gives it.
        faults: list of dicts with kind, text and grade_id.
    """

    student: str
    assignment: str
    digest: str
    path: str
    graded_at: str
    rulings: dict
    faults: list


class Store:
    """The results of a class in one file.

    Args:
        path: Path; made if it is not there.
    """

    def __init__(self, path):
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.execute("PRAGMA synchronous = FULL")
        self._base.executescript(_TABLES)
        self._base.execute("INSERT OR IGNORE INTO facts VALUES ('secret', ?)", (secrets.token_hex(32),))
        self._base.execute("INSERT OR IGNORE INTO facts VALUES ('pass', '1')")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._base.close()

    def seed(self, student, exercise, digest):
        """Return the seed of the hidden inputs: nobody can know it before the answers are handed in."""
        content = json.dumps([student, exercise, digest]).encode()
        return hmac.new(self._fact("secret").encode(), content, hashlib.sha256).hexdigest()

    def begin_again(self):
        """Have everything graded anew; what was found before stays until it is replaced."""
        self._base.execute("UPDATE facts SET value = CAST(value AS INTEGER) + 1 WHERE name = 'pass'")

    def hand_in(self, submission):
        """Note that this is the student's latest submission, and return whether it still has to be graded."""
        key = (submission.student, submission.assignment, submission.digest)
        self._base.execute("INSERT OR REPLACE INTO handed_in VALUES (?, ?, ?, ?)", (*key, submission.path))
        query = "SELECT 1 FROM results WHERE student = ? AND assignment = ? AND digest = ? AND pass >= ?"
        return self._base.execute(query, (*key, int(self._fact("pass")))).fetchone() is None

    def save(self, key, rulings, faults):
        """Keep what was found in one submission.

        Args:
            key: (student, assignment, digest).
            rulings: dict from grade_id to the dict of a Ruling.
            faults: list of dicts.
        """
        content = json.dumps({"rulings": rulings, "faults": faults}, ensure_ascii=False)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        row = (*key, int(self._fact("pass")), now, content)
        self._base.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?)", row)

    def results(self):
        """Yield the Result of every student's latest submission, by student and assignment."""
        query = (
            "SELECT r.student, r.assignment, r.digest, h.path, r.graded_at, r.content FROM results r"
            " JOIN handed_in h USING (student, assignment, digest) ORDER BY r.student, r.assignment"
        )
        for *fields, content in self._base.execute(query):
            yield Result(*fields, **json.loads(content))

    def _fact(self, name):
        return self._base.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()[0]
