"""A roster and what people decide reach every table, the feedback and nbgrader's gradebook, and come back from there."""

import argparse
import csv
import re

import pytest

from seeing_gradients.classroom import decide, grade, reports, roster
from seeing_gradients.classroom.course import Course, save
from seeing_gradients.classroom.results import Store
from seeing_gradients.classroom.submissions import collect

from .notebooks import ASSIGNMENT, RIGHT, cell, hand_in, notebook
from .test_reports import graded

COURSE = Course("c", "s", (ASSIGNMENT,))
ID, TEST = "answer-02-5", "test-02-5"
WITH_POINTS_ALWAYS = """
CREATE TABLE decided (
    student TEXT, assignment TEXT, exercise TEXT, digest TEXT NOT NULL, points REAL NOT NULL, comment TEXT NOT NULL,
    in_gradebook INTEGER NOT NULL, PRIMARY KEY (student, assignment, exercise));
INSERT INTO decided SELECT student, assignment, '02.5', digest, 1.0, '', 0 FROM handed_in WHERE student = 'carol';
"""
ROSTER = "id,first_name,last_name,email\nalice,Alice,A,a@b.c\nyak,Yak,Y,\n"


@pytest.fixture
def course(tmp_path, gradebooks_at_once):
    """A course in which alice's answer was left to review, and bob's is right."""
    save(COURSE, tmp_path)
    (tmp_path / "grades").mkdir()
    with store(tmp_path) as results:
        for student, answer in (("alice", graded("review", 0.0)), ("bob", graded())):
            hand_in(tmp_path / "submitted", notebook(cell()), student)
            keep(tmp_path, results, student, answer)
    return tmp_path


def store(root):
    return Store(root / "grades" / "results.sqlite")


def keep(root, results, student, answer):
    submission = collect(root / "submitted" / student / "02", student, ASSIGNMENT)
    results.hand_in(submission)
    results.save((student, "02", submission.digest), {ID: answer}, [])


def options(root, *arguments, command=decide):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args([*arguments, "--out", str(root / "grades")])


def decided(root, *arguments):
    return decide.run(options(root, *arguments, "--submitted", str(root / "submitted")))


def report(root):
    with store(root) as results:
        assert grade.report(options(root, str(root / "submitted"), command=grade), COURSE, results) == grade.DONE


def rows(root, name="grades.csv"):
    with open(root / "grades" / name, encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def gradebook(root):
    from nbgrader.api import Gradebook  # not above: every process that collects the tests would import it

    return Gradebook(f"sqlite:///{root / 'gradebook.db'}")


def test_a_decision_reaches_every_table_the_feedback_and_the_gradebook_until_another_answer_comes(course):
    assert decided(course, "alice", "02.5", "1.5", "Half <right>.") == grade.DONE
    assert (rows(course)["alice"]["points"], rows(course)["alice"]["state"]) == ("1.5", "wrong")
    assert rows(course, "totals.csv")["alice"]["points"] == "1.5"
    feedback = (course / "grades" / "feedback" / "alice" / "02" / "02.html").read_text(encoding="utf-8")
    assert "Half &lt;right&gt;." in feedback and "1.5 of 2" in feedback
    with gradebook(course) as book:
        one = book.find_grade(TEST, "02", "02", "alice")
        assert (one.manual_score, one.needs_manual_grade) == (1.5, False)
        assert book.find_comment(ID, "02", "02", "alice").manual_comment == "Half <right>."
    hand_in(course / "submitted", notebook(cell(RIGHT + "# again")), "alice")
    with store(course) as results:
        keep(course, results, "alice", graded())
    report(course)
    assert (rows(course)["alice"]["points"], rows(course)["alice"]["state"]) == ("2.0", "correct")
    with gradebook(course) as book:
        assert book.find_grade(TEST, "02", "02", "alice").manual_score is None


def test_a_score_entered_in_formgrader_reaches_every_table_and_the_newest_decision_counts(course):
    report(course)
    assert (rows(course)["alice"]["state"], rows(course)["alice"]["faults"]) == ("review", "A sentence.")
    with gradebook(course) as book:
        book.find_grade(TEST, "02", "02", "alice").manual_score = 2.0
        book.find_comment(ID, "02", "02", "alice").manual_comment = "Right after all."
        book.db.commit()
    report(course)
    assert (rows(course)["alice"]["points"], rows(course)["alice"]["state"]) == ("2.0", "correct")
    feedback = (course / "grades" / "feedback" / "alice" / "02" / "02.html").read_text(encoding="utf-8")
    assert "Right after all." in feedback
    decided(course, "alice", "02.5", "0.5")
    assert rows(course)["alice"]["points"] == "0.5" and rows(course)["bob"]["points"] == "2.0"


def test_a_comment_without_a_score_reaches_the_feedback_and_points_stay_the_grader_s(course):
    hand_in(course / "submitted", notebook(cell()), "carol")
    with store(course) as results:
        keep(course, results, "carol", graded())
        # as an earlier edition made the file
        results._connection.executescript("DROP TABLE decided; " + WITH_POINTS_ALWAYS)
    report(course)
    with gradebook(course) as book:
        for student in ("alice", "bob"):
            book.find_comment(ID, "02", "02", student).manual_comment = "Well <written>."
        book.db.commit()
    report(course)
    assert [(rows(course)[name]["points"], rows(course)[name]["state"]) for name in ("alice", "bob", "carol")] == [
        ("0.0", "review"),
        ("2.0", "correct"),
        ("1.0", "wrong"),
    ]
    feedback = (course / "grades" / "feedback" / "bob" / "02" / "02.html").read_text(encoding="utf-8")
    assert "Comment: Well &lt;written&gt;." in feedback
    hand_in(course / "submitted", notebook(cell(RIGHT + "# again")), "bob")
    with store(course) as results:
        keep(course, results, "bob", graded())
    report(course)
    assert "Well" not in (course / "grades" / "feedback" / "bob" / "02" / "02.html").read_text(encoding="utf-8")
    report(course)  # nor does the gradebook bring it back
    assert "Well" not in (course / "grades" / "feedback" / "bob" / "02" / "02.html").read_text(encoding="utf-8")


def test_whoever_handed_in_nothing_has_a_row_in_every_table_and_is_in_the_gradebook(course, capsys):
    from nbgrader.api import MissingEntry

    (course / "roster.csv").write_text("\ufeff" + ROSTER, encoding="utf-8")
    report(course)
    yak = rows(course)["yak"]
    assert (yak["points"], yak["max"], yak["state"], yak["faults"]) == (
        "0.0",
        "2.0",
        "missing",
        "Nothing was handed in.",
    )
    assert rows(course, "totals.csv")["yak"]["points"] == "0.0"
    assert "bob" in capsys.readouterr().err  # who is not on the roster
    with gradebook(course) as book:
        assert (book.find_student("yak").first_name, book.find_student("alice").email) == ("Yak", "a@b.c")
        with pytest.raises(MissingEntry):
            book.find_submission("02", "yak")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("alice", "02.5", "3"), "from 0 to 2"),
        (("alice", "02.5", "nan"), "from 0 to 2"),
        (("alice", "09.9", "1"), "02.5"),
        (("zoe", "02.5", "1"), "zoe"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_with_what_would_be_right(course, capsys, arguments, words):
    assert decided(course, *arguments, "--gradebook", "none") == grade.USAGE
    assert words in capsys.readouterr().err
    with store(course) as results:
        assert results.decisions() == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name\nalice\n", 'no column "id"'),
        ("id\nalice\nalice\n", "line 3: alice"),
        ("id,email\n,a@b.c\n", "line 2"),
        ("id\nJose\u0301\nJosé\n", "second time"),
        (b"id\n\xff\xfe\n", "UTF-8"),
    ],
)
def test_a_damaged_roster_is_refused_by_line(tmp_path, text, words):
    (tmp_path / "r.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=re.escape(words)):
        roster.load(tmp_path / "r.csv")


def test_a_roster_of_a_spreadsheet_is_read(tmp_path):
    (tmp_path / "r.csv").write_text("\ufeffid;first_name;group\r\n张三;三;A\r\n", encoding="utf-8")
    assert roster.load(tmp_path / "r.csv") == {"张三": roster.Student("张三", "三")}


def test_without_a_gradebook_a_decision_counts_all_the_same(course):
    assert decided(course, "alice", "02.5", "2", "--gradebook", "none") == grade.DONE
    assert rows(course)["alice"]["points"] == "2.0" and reports.exist(
        options(course, str(course / "submitted"), "--gradebook", "none", command=grade)
    )
