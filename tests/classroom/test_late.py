"""Deadlines, extensions and deductions: what points.toml says reaches tables, feedback and nbgrader's gradebook."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeing_gradients.classroom import late
from seeing_gradients.classroom.late import LatePolicy, after_deduction
from seeing_gradients.classroom.roster import Student

from .notebooks import cell, hand_in, notebook
from .test_decisions import COURSE, TEST, course, gradebook, keep, report, rows, store  # noqa: F401 - course is a fixture
from .test_reports import graded

POLICY = """
[late]
zone = "Europe/Berlin"
grace_minutes = 10
penalty_percent = 10
maximum_percent = 50
cap_percent = 80

[late.deadline]
"02" = 2026-11-20T23:59:00

[late.extension]
zoe = 48
yak = { "02" = 2026-11-22T12:00:00Z }
"""
DEADLINE = datetime(2026, 11, 20, 22, 59, tzinfo=UTC)
ROSTER = {name: Student(name) for name in ("alice", "bob", "zoe", "yak", "carol")}


def load(tmp_path, text=POLICY, students=ROSTER):
    (tmp_path / "points.toml").write_text(text, encoding="utf-8")
    return late.load(tmp_path / "points.toml", COURSE, students)


def test_a_deadline_has_its_zone_and_an_extension_its_own(tmp_path):
    policy = load(tmp_path)
    assert policy is not None and load(tmp_path, "default = 2\n[points]\n") is None
    deadlines = {name: policy.deadline(name, "02") for name in ("alice", "zoe", "yak")}
    assert deadlines == {
        "alice": DEADLINE,
        "zoe": DEADLINE + timedelta(hours=48),
        "yak": datetime(2026, 11, 22, 12, tzinfo=UTC),
    }
    assert policy.deadline("alice", "03") is None


@pytest.mark.parametrize(
    ("minutes", "points", "expected"),
    [
        (-60, 20, 0),
        (10, 20, 0),  # within the grace
        (11, 20, 4),  # 10 % of 20 and, since no more than 80 % can be had, 4
        (11, 10, 2),
        (24 * 60, 10, 2),
        (24 * 60 + 1, 10, 4),
        (24 * 60 * 30, 20, 10),  # at most half of 20
        (24 * 60 * 30, 6, 6),  # never below zero
    ],
)
def test_every_period_that_has_begun_costs_up_to_the_maximum(tmp_path, minutes, points, expected):
    policy = load(tmp_path)
    assert policy.deduction(timedelta(minutes=minutes), points, 20) == expected


def test_a_period_may_be_an_hour():
    policy = LatePolicy(5, every=timedelta(hours=1))
    assert [policy.deduction(timedelta(minutes=m), 10, 10) for m in (0, 1, 60, 61)] == [0, 0.5, 0.5, 1]


@given(
    points=st.lists(st.integers(0, 2_000).map(lambda n: n / 100), max_size=8),
    share=st.floats(0, 1),
)
def test_points_after_a_deduction_add_up_to_what_is_left(points, share):
    deduction = round(sum(points) * share, 2)
    after = after_deduction(points, min(deduction, sum(points)))
    assert sum(after) == pytest.approx(sum(points) - deduction, abs=0.006)
    assert all(-0.006 <= one <= before + 0.011 for one, before in zip(after, points, strict=True))
    assert after_deduction(points, 0.0) == points


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "penalty_percent = 10",
            "penalty_percent = 101",
            "late.penalty_percent is 101. Expected: a number from 0 to 100",
        ),
        ("penalty_percent = 10", "", "late.penalty_percent is -"),
        ("grace_minutes = 10", 'grace_minutes = "10"', "late.grace_minutes is 10. Expected: a number"),
        ("grace_minutes = 10", "every_hours = 0", "late.every_hours is 0"),
        ("grace_minutes = 10", "grace = 10", "late.grace is grace. Expected: one of zone, penalty_percent"),
        ("Europe/Berlin", "Europe/Bielefeld", "late.zone is Europe/Bielefeld"),
        ('zone = "Europe/Berlin"', "", "late.zone is -. Expected: a time zone"),
        (
            '"02" = 2026-11-20T23:59:00',
            '"02" = 2026-11-20',
            "late.deadline.02 is 2026-11-20. Expected: a date with a time",
        ),
        ('"02" = 2026-11-20T23:59:00', '"04" = 2026-11-20T23:59:00', "late.deadline.04 is 04. Expected: one of 02"),
        ("zoe = 48", 'zoe = "48"', "late.extension.zoe.02 is 48. Expected: hours"),
        ("zoe = 48", "eve = 48", "late.extension.eve is eve. Expected: a student of the roster"),
        (POLICY, "late = 5", "late is 5. Expected: a table"),
        ("[late]", "[late", "is not a TOML file"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_key_and_what_is_expected(tmp_path, old, new, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        load(tmp_path, POLICY.replace(old, new, 1))


def test_lateness_reaches_every_table_the_feedback_and_the_gradebook(course, capsys):  # noqa: F811
    late_by = {"alice": 26, "bob": -1, "zoe": 47, "carol": None}
    with store(course) as results:
        for student, hours in late_by.items():
            folder = hand_in(course / "submitted", notebook(cell()), student)
            if hours is None:
                (folder / "late.txt").touch()
            else:
                time = DEADLINE + timedelta(hours=hours)
                (folder / "timestamp.txt").write_text(f"{time:%Y-%m-%d %H:%M:%S.%f} UTC")
            keep(course, results, student, graded())
    report(course)
    assert [row["points"] for row in rows(course).values()] == ["2.0"] * 4
    (course / "points.toml").write_text(POLICY, encoding="utf-8")
    report(course)
    table = {name: (row["points"], row["before_late"]) for name, row in rows(course).items()}
    assert table == {"alice": ("1.6", "2.0"), "bob": ("2.0", "2.0"), "carol": ("1.6", "2.0"), "zoe": ("2.0", "2.0")}
    assert "1 d 2 h 0 min after the deadline: 0.4 points" in rows(course)["alice"]["faults"]
    assert rows(course)["alice"]["handed_in_at"] == "2026-11-22T00:59:00+00:00"
    totals = rows(course, "totals.csv")["alice"]
    assert (totals["02"], totals["02 before_late"], totals["points"], totals["before_late"]) == (
        "1.6",
        "2.0",
        "1.6",
        "2.0",
    )
    page = (course / "grades" / "feedback" / "alice" / "02" / "02.html").read_text(encoding="utf-8")
    assert "1.6 of 2 points" in page and "2 points before the deduction of 0.4" in page
    assert "before deductions for lateness" in (course / "grades" / "class.html").read_text(encoding="utf-8")
    with gradebook(course) as book:
        submission = book.find_submission("02", "alice")
        assert (submission.score, submission.late_submission_penalty) == (2.0, 0.4)
        assert submission.total_seconds_late == 26 * 3600
        assert book.find_submission("02", "zoe").total_seconds_late == 0
        assert book.find_submission("02", "bob").late_submission_penalty == 0
    (course / "points.toml").write_text(POLICY.replace("zoe = 48", "alice = 48"), encoding="utf-8")
    report(course)
    assert (rows(course)["alice"]["points"], rows(course)["zoe"]["points"]) == ("2.0", "1.6")
    with gradebook(course) as book:
        assert book.find_submission("02", "zoe").total_seconds_late == 47 * 3600
    assert "count as in time: " not in capsys.readouterr().err
