"""Points reach Canvas, Moodle and Gradescope with the platform's ids, after decisions and lateness, and never as a formula."""

import csv
import json
import subprocess
import sys

import pytest

from seeing_gradients.classroom import export, grade
from seeing_gradients.classroom.export import _RUN

from .notebooks import cell, hand_in, notebook
from .test_decisions import course, decided, keep, options, report, rows, store  # noqa: F401 - course is a fixture
from .test_reports import graded

ROSTER = """Student,ID,SIS User ID,SIS Login ID,Section,Graphs (4711)
    Points Possible,,,,,2
"Liddell, Alice",101,s1,alice,A,
"=cmd()|, @Bob",102,-s2,bob,B,
"Grunts, Yak",103,s3,yak,A,
"""
LATE = 'penalty_percent = 25\n[late.deadline]\n"02" = 2026-11-20T12:00:00Z\n'


def exported(root, *arguments):
    submitted = str(root / "submitted")
    return export.run(options(root, *arguments, "--submitted", submitted, "--gradebook", "none", command=export))


def cells(root, name):
    with open(root / "grades" / name, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def late_class(course):  # noqa: F811
    """alice has 1.5 points by decision and is a day late; bob has 2; yak handed in nothing."""
    (course / "roster.csv").write_text(ROSTER, encoding="utf-8")
    (course / "points.toml").write_text(f"[late]\n{LATE}", encoding="utf-8")
    folder = hand_in(course / "submitted", notebook(cell()), "alice")
    (folder / "timestamp.txt").write_text("2026-11-20 13:00:00 UTC")
    with store(course) as results:
        keep(course, results, "alice", graded("review", 0.0))
    assert decided(course, "alice", "02.5", "1.5", "Half.", "--gradebook", "none") == grade.DONE
    return course


def test_canvas_gets_its_ids_and_the_points_that_count(late_class, capsys):
    assert exported(late_class, "canvas", "--column", "Graphs (4711)") == grade.DONE
    assert cells(late_class, "canvas.csv") == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Graphs (4711)"],
        ["    Points Possible", "", "", "", "", "2.0"],
        ["Liddell, Alice", "101", "s1", "alice", "A", "1.0"],
        ["'=cmd()|,' @Bob", "102", "'-s2", "bob", "B", "2.0"],
        ["Grunts, Yak", "103", "s3", "yak", "A", "0.0"],
    ]
    assert "canvas.csv" in capsys.readouterr().out
    totals = {name: float(row["points"]) for name, row in rows(late_class, "totals.csv").items()}
    assert totals == {row[3]: float(row[-1]) for row in cells(late_class, "canvas.csv")[2:]}


def test_moodle_gets_what_its_import_recognises_students_by(late_class):
    (late_class / "roster.csv").write_text(
        "id,first_name,last_name,email,lms_user_id\nalice,Alice,Liddell,a@example.org,101\n", encoding="utf-8"
    )
    assert exported(late_class, "moodle", "--column", "02=Graphs") == grade.DONE
    assert cells(late_class, "moodle.csv") == [
        ["First name", "Last name", "Username", "ID number", "Email address", "Graphs"],
        ["Alice", "Liddell", "alice", "101", "a@example.org", "1.0"],
        ["", "", "bob", "", "", "2.0"],
    ]


def test_gradescope_gets_an_autograder_that_answers_with_each_students_results(late_class, tmp_path):
    (late_class / "roster.csv").write_text(
        "First Name,Last Name,SID,Email\nA,L,alice,A@example.org\n", encoding="utf-8"
    )
    assert exported(late_class, "gradescope") == grade.DONE
    folder = late_class / "grades" / "gradescope" / "02"
    alice = json.loads((folder / "results.json").read_text(encoding="utf-8"))["a@example.org"]
    assert (alice["score"], [(t["name"], t["score"], t["max_score"]) for t in alice["tests"]]) == (
        1.0,
        [("02.5", 1.0, 2.0)],
    )
    assert "Half." in alice["tests"][0]["output"] and "after the deadline" in alice["output"]
    there = tmp_path / "autograder"
    for name in ("source", "results"):
        (there / name).mkdir(parents=True)
    (there / "source" / "results.json").write_bytes((folder / "results.json").read_bytes())
    for email, points in (("A@Example.org", 1.0), ("nobody@example.org", 0)):
        (there / "submission_metadata.json").write_text(json.dumps({"users": [{"email": email}]}))
        subprocess.run([sys.executable, "-c", _RUN.replace("/autograder", str(there))], check=True)
        assert json.loads((there / "results" / "results.json").read_text())["score"] == points


def test_what_waits_for_a_person_is_said_and_what_is_lacking_refused(late_class, capsys):
    hand_in(late_class / "submitted", notebook(cell("x")), "bob")
    with store(late_class) as results:
        keep(late_class, results, "bob", graded("review", 0.0))
    assert exported(late_class, "canvas") == grade.DONE
    assert "count 0 points there: 1" in capsys.readouterr().err
    assert exported(late_class, "canvas", "--column", "03=x") == grade.USAGE
    assert "one of 02" in capsys.readouterr().err
    (late_class / "roster.csv").unlink()
    assert exported(late_class, "moodle") == grade.USAGE
    assert "needs the platform's ids" in capsys.readouterr().err
