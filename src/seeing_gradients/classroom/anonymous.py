"""Marking without names: each student has an id that says nothing, the same in every run.

The ids stand in pseudonyms.csv beside classroom.json, which only the instructor may read. `AnonymousStore` is a Store in
which every student has that id, so that whatever is written from it (tables, feedback, formgrader's tree and gradebook) has
no names.
"""

import csv
import io
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from seeing_gradients.language import message

from . import sanitize
from .late import LatePolicy
from .pages import naming
from .reports import safe
from .results import Decision, Result, Store
from .roster import Roster, Student

FILE = "pseudonyms.csv"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none looks like another
_LENGTH = 6


class Pseudonyms:
    """The ids of the students of a course.

    Args:
        path: Path of the file; it need not exist.

    Raises:
        ValueError: the file is damaged.
        OSError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ids: dict[str, str] = {}
        if path.exists():
            rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
            try:
                self._ids = {row["student"]: row["id"] for row in rows}  # of names as they are written: no formulas
            except (KeyError, csv.Error):
                raise ValueError(message("classroom.pseudonyms_damaged", file=path)) from None
        self._students = {id: student for student, id in self._ids.items()}

    def add(self, students: Iterable[str]) -> None:
        """Give ids to those students who have none, and write the file if there are some.

        Raises:
            OSError: the file cannot be written.
        """
        names = {student: safe(student) for student in students}
        missing = sorted(student for student, name in names.items() if name not in self._ids)
        for student in missing:
            while (id := "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))) in self._students:
                pass
            self._ids[names[student]], self._students[id] = id, student
        self._students |= {self._ids[name]: student for student, name in names.items()}
        if missing:
            self._write()

    def id_of(self, student: str) -> str:
        """Return the id of a student who has one."""
        return self._ids[safe(student)]

    def student_of(self, id: str) -> str:
        """Return the student with this id; the text itself if nobody has it."""
        return self._students.get(id, id)

    def _write(self) -> None:
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")  # so that a shell can take an id out of it
        rows.writerow(["student", "id"])
        rows.writerows(sorted(self._ids.items()))
        new = self._path.with_suffix(".new")
        with naming(self._path):
            new.unlink(missing_ok=True)
            new.touch(0o600)
            new.write_text(text.getvalue(), encoding="utf-8", newline="")
            os.replace(new, self._path)


class AnonymousStore(Store):
    """The results of another Store, of students who are only ids.

    Args:
        store: Store.
        names: Pseudonyms of all its students.
    """

    book = 2

    def __init__(self, store: Store, names: Pseudonyms) -> None:
        self._connection, self._names = store._connection, names

    def results(self) -> Iterator[Result]:
        """Yield the results, sorted by id."""
        renamed = (replace(one, student=self._names.id_of(one.student)) for one in super().results())
        yield from sorted(renamed, key=lambda one: (one.student, one.assignment))

    def decisions(self, *, new: bool = False) -> dict[tuple[str, str, str], Decision]:
        """Return what `Store.decisions` returns, by ids."""
        decisions = super().decisions(new=new).items()
        return {(self._names.id_of(key[0]), key[1], key[2]): decision for key, decision in decisions}

    def decide(
        self, student: str, assignment: str, exercise: str, decision: Decision, in_gradebook: bool = False
    ) -> bool:
        """Note what a person decided about an answer of the student with an id."""
        return super().decide(self._names.student_of(student), assignment, exercise, decision, in_gradebook)

    def set_in_gradebook(self, student: str, assignment: str, exercise: str) -> None:
        """Note that the gradebook without names has a decision."""
        super().set_in_gradebook(self._names.student_of(student), assignment, exercise)

    def drop_outdated_decisions(self) -> list[tuple[str, str, str]]:
        """Return what `Store.drop_outdated_decisions` returns, with ids."""
        return [(self._names.id_of(key[0]), key[1], key[2]) for key in super().drop_outdated_decisions()]


def without_names(students: Roster, policy: LatePolicy | None, names: Pseudonyms) -> tuple[Roster, LatePolicy | None]:
    """Return a roster and a policy in which every student has only the id."""
    roster = {id: Student(id) for id in sorted(names.id_of(student) for student in students)}
    if policy is None:
        return roster, None
    extensions = {
        (names.id_of(student), assignment): time
        for (student, assignment), time in policy.extensions.items()
        if student in students
    }
    return roster, replace(policy, extensions=extensions)


def copy_tree(source: Path, target: Path, store: Store, names: Pseudonyms) -> None:
    """Copy the notebooks that formgrader shows, to folders named by ids.

    Raises:
        OSError: a file cannot be written.
    """
    with naming(target):
        shutil.rmtree(target, ignore_errors=True)
        for result in store.results():
            folder = source / sanitize.key(result.student) / result.assignment
            if folder.is_dir():
                shutil.copytree(folder, target / names.id_of(result.student) / result.assignment)
