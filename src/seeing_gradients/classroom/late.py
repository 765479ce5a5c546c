"""What lateness costs: deadlines, extensions and deductions, from the table [late] of points.toml.

    [late]
    zone = "Europe/Berlin"      # of times without one
    grace_minutes = 15          # after a deadline, which cost nothing
    penalty_percent = 10        # of the points of the assignment, for every period that has begun
    every_hours = 24            # a period
    maximum_percent = 50        # no more is taken off
    cap_percent = 80            # late work gets no more than this

    [late.deadline]
    "02_computation_graph" = 2026-11-20T23:59:00

    [late.extension]
    alice = 48                  # hours, for every assignment
    bob = { "02_computation_graph" = 2026-11-24T12:00:00 }

`load(path, course)` reads a `LatePolicy`; `with_deductions(results, policy, course)` applies it.
"""

import math
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from seeing_gradients import language
from seeing_gradients.language import message

from . import sanitize
from .course import Assignment, Course
from .pages import score
from .results import Result
from .roster import Roster

FILE = "points.toml"
_NUMBERS = {  # key: (default, the largest value); None: the key must be there
    "penalty_percent": (None, 100.0),
    "every_hours": (24.0, 8784.0),
    "grace_minutes": (0.0, 527040.0),
    "maximum_percent": (100.0, 100.0),
    "cap_percent": (100.0, 100.0),
}
_KEYS = ("zone", *_NUMBERS, "deadline", "extension")


@dataclass(frozen=True)
class LatePolicy:
    """When work is late, and what that costs.

    Attributes:
        penalty: float, percent of an assignment's points that every period which has begun takes off.
        every: timedelta, the length of a period.
        grace: timedelta after a deadline that costs nothing. What is later counts from the deadline.
        maximum: float, percent of an assignment's points that lateness takes off at most.
        cap: float, percent of an assignment's points that late work gets at most.
        deadlines: dict from the name of an assignment to a datetime in UTC.
        extensions: dict from (student, assignment) to the datetime in UTC that replaces the deadline.
    """

    penalty: float
    every: timedelta = timedelta(days=1)
    grace: timedelta = timedelta()
    maximum: float = 100.0
    cap: float = 100.0
    deadlines: dict[str, datetime] = field(default_factory=dict)
    extensions: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def deadline(self, student: str, assignment: str) -> datetime | None:
        """Return the deadline of a student for an assignment, in UTC; None if there is none."""
        return self.extensions.get((student, assignment)) or self.deadlines.get(assignment)

    def deduction(self, late_for: timedelta, points: float, most: float) -> float:
        """Return the points that lateness takes off.

        Args:
            late_for: timedelta after the deadline.
            points: float, what was reached.
            most: float, the points of the assignment.
        """
        if late_for <= max(self.grace, timedelta()):
            return 0.0
        percent = min(math.ceil(late_for / self.every) * self.penalty, self.maximum)
        deduction = max(percent / 100 * most, points - self.cap / 100 * most)
        return round(min(max(deduction, 0.0), points), 2)


def load(path: Path, course: Course, students: Roster) -> LatePolicy | None:
    """Return the policy of a TOML file; None if it has no table [late].

    Args:
        path: Path.
        course: Course, whose assignments the table may name.
        students: Roster, whose students it may name; any student if it is empty.

    Raises:
        ValueError: the file is no TOML, or a value is not what it must be; the message names the key and what is expected.
        OSError: the file cannot be read.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(message("classroom.late_not_toml", file=path, error=error)) from None
    return _Table(path, data["late"], course, students).policy() if "late" in data else None


class _Table:
    """The table [late] of a file, checked value by value."""

    def __init__(self, path: Path, table: Any, course: Course, students: Roster) -> None:
        self._path, self._course, self._students = path, course, students
        self._table = self._subtable("late", table, _KEYS)
        self._zone = self._read_zone()

    def policy(self) -> LatePolicy:
        """Return what the table says."""
        numbers = {key: self._number(key, *limits) for key, limits in _NUMBERS.items()}
        names = tuple(self._course.by_name)
        deadlines = {
            name: self._time(f"late.deadline.{name}", value)
            for name, value in self._subtable("late.deadline", self._table.get("deadline", {}), names).items()
        }
        return LatePolicy(
            numbers["penalty_percent"],
            timedelta(hours=numbers["every_hours"]),
            timedelta(minutes=numbers["grace_minutes"]),
            numbers["maximum_percent"],
            numbers["cap_percent"],
            deadlines,
            self._extensions(deadlines),
        )

    def _extensions(self, deadlines: dict[str, datetime]) -> dict[tuple[str, str], datetime]:
        extensions: dict[tuple[str, str], datetime] = {}
        for name, value in self._subtable("late.extension", self._table.get("extension", {}), None).items():
            key, student = f"late.extension.{name}", sanitize.key(name)
            if self._students and student not in self._students:
                raise self._error(key, name, message("classroom.late_expected_student"))
            values = self._subtable(key, value, tuple(deadlines)) if isinstance(value, dict) else None
            for assignment, one in (values if values is not None else dict.fromkeys(deadlines, value)).items():
                extensions[student, assignment] = self._extended(f"{key}.{assignment}", one, deadlines[assignment])
        return extensions

    def _extended(self, key: str, value: Any, deadline: datetime) -> datetime:
        if type(value) in (int, float) and 0 <= value <= 8784:
            return deadline + timedelta(hours=value)
        if isinstance(value, datetime):
            return self._time(key, value)
        raise self._error(key, value, message("classroom.late_expected_extension"))

    def _time(self, key: str, value: Any) -> datetime:
        if not isinstance(value, datetime):
            raise self._error(key, value, message("classroom.late_expected_time"))
        if value.tzinfo is None and self._zone is None:
            raise self._error("late.zone", "-", message("classroom.late_expected_zone"))
        return (value if value.tzinfo else value.replace(tzinfo=self._zone)).astimezone(UTC)

    def _read_zone(self) -> tzinfo | None:
        name = self._table.get("zone")
        if name is None:
            return None
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError, AttributeError):
            raise self._error("late.zone", name, message("classroom.late_expected_zone")) from None

    def _number(self, key: str, default: float | None, most: float) -> float:
        value = self._table.get(key, default)
        is_number = type(value) in (int, float) and 0 <= value <= most
        if not is_number or (key == "every_hours" and value == 0):
            shown = "-" if value is None else value
            raise self._error(f"late.{key}", shown, message("classroom.late_expected_number", most=f"{most:g}"))
        return float(value)

    def _subtable(self, key: str, value: Any, allowed: tuple[str, ...] | None) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._error(key, value, message("classroom.late_expected_table"))
        if unknown := [name for name in value if allowed is not None and name not in allowed]:
            expected = message("classroom.late_expected_key", keys=", ".join(allowed or ()) or "-")
            raise self._error(f"{key}.{unknown[0]}", unknown[0], expected)
        return value

    def _error(self, key: str, received: Any, expected: str) -> ValueError:
        text = received.isoformat() if isinstance(received, date) else received
        fields = {"file": self._path, "key": sanitize.name(key), "received": sanitize.name(str(text))}
        return ValueError(message("classroom.late_wrong", expected=expected, **fields))


def with_deductions(results: Iterable[Result], policy: LatePolicy | None, course: Course) -> Iterator[Result]:
    """Yield results with the points that lateness takes off, and a sentence that says so."""
    assignments = course.by_name
    for result in results:
        assignment = assignments.get(result.assignment)
        if policy is None or assignment is None or policy.deadline(result.student, result.assignment) is None:
            yield result
        else:
            yield _deducted(result, policy, assignment)


def _deducted(result: Result, policy: LatePolicy, assignment: Assignment) -> Result:
    points = sum(score(task, result.answers[task.grade_id]) for task in assignment.tasks)
    most = sum(task.points for task in assignment.tasks)
    deadline = policy.deadline(result.student, result.assignment)
    with language.using(assignment.lang):
        if result.handed_in_at and deadline is not None:
            late_for = datetime.fromisoformat(result.handed_in_at) - deadline
            deduction = policy.deduction(late_for, points, most)
            if late_for <= policy.grace:
                return result
            minutes = late_for // timedelta(minutes=1)
            parts = {"days": minutes // 1440, "hours": minutes // 60 % 24, "minutes": minutes % 60}
            text = message("classroom.late_by", points=f"{deduction:g}", **parts)
        elif result.marked_late and (result.student, result.assignment) in policy.extensions:
            deduction, text = 0.0, message("classroom.late_extended")
        elif result.marked_late:
            deduction = policy.deduction(policy.grace + timedelta(microseconds=1), points, most)
            text = message("classroom.late_unknown", points=f"{deduction:g}")
        else:
            return result
    fault = {"kind": "late", "text": text, "grade_id": None}
    return replace(result, deduction=deduction, faults=[*result.faults, fault])


def after_deduction(points: Iterable[float], deduction: float) -> list[float]:
    """Return the points of each exercise after a deduction from their sum, in proportion, in hundredths.

    Args:
        points: iterable of float, before the deduction.
        deduction: float, at most their sum.

    Returns:
        list of float; its sum is exactly what is left.
    """
    before = list(points)
    whole = sum(before)
    share = (whole - deduction) / whole if whole else 0.0
    ends = [round(sum(before[: i + 1]) * share, 2) for i in range(len(before))]
    return [round(end - start, 2) for start, end in zip([0.0, *ends], ends, strict=False)]
