"""Marking without names: ids that stay, in formgrader's tree, its gradebook and every report; points find their way back."""

import csv
import json
import stat

import pytest

from seeing_gradients.classroom import grade, marking
from seeing_gradients.classroom.anonymous import Pseudonyms
from seeing_gradients.classroom.submissions import collect

from .notebooks import ASSIGNMENT, RIGHT, cell, hand_in, notebook
from .test_decisions import (  # noqa: F401 - course is a fixture
    COURSE,
    ID,
    TEST,
    course,
    decided,
    gradebook,
    keep,
    options,
    report,
    rows,
    store,
)
from .test_reports import graded

ROSTER = "id,first_name,last_name,email\nalice,Alice,Liddell,alice@example.org\nbob,Bob,B,\nyak,Yak,Y,\n"


@pytest.fixture
def marked(course):  # noqa: F811
    """The class after `grade --anonymous`."""
    (course / "roster.csv").write_text(ROSTER, encoding="utf-8")
    for student in ("alice", "bob"):
        submission = collect(course / "submitted" / student / "02", student, ASSIGNMENT)
        marking.write_notebook(course / "autograded", submission, ASSIGNMENT)
    again(course, "--anonymous")
    return course


def again(root, *more):
    with store(root) as results:
        chosen = options(root, str(root / "submitted"), *more, command=grade)
        assert grade.report(chosen, COURSE, results) == grade.DONE


def ids(root):
    with open(root / "pseudonyms.csv", encoding="utf-8", newline="") as file:
        return {row["student"]: row["id"] for row in csv.DictReader(file)}


def nameless(root):
    return gradebook(root / "grades" / "anonymous")


def test_ids_stay_when_students_are_added_and_only_the_instructor_reads_them(tmp_path):
    names = Pseudonyms(tmp_path / "p.csv")
    names.add(["alice", "张三"])
    first = {student: names.id_of(student) for student in ("alice", "张三")}
    assert f"alice,{first['alice']}\n".encode() in (tmp_path / "p.csv").read_bytes()  # as a shell takes it apart
    later = Pseudonyms(tmp_path / "p.csv")
    later.add(["bob", "alice"])
    assert {student: later.id_of(student) for student in first} == first
    assert later.student_of(first["张三"]) == "张三" and later.student_of("bob") == "bob"
    assert stat.S_IMODE((tmp_path / "p.csv").stat().st_mode) == 0o600


def test_a_name_is_no_formula_in_the_list_of_ids_and_a_damaged_list_is_refused(tmp_path):
    path, students = tmp_path / "p.csv", ["=cmd|' /C calc'!A0", "\uff1d1", "a;=1", "'=1", "ann"]
    names = Pseudonyms(path)
    names.add(students)
    with open(path, encoding="utf-8", newline="") as file:
        assert not any(
            row["student"].startswith(("=", "\uff1d")) or ";=" in row["student"] for row in csv.DictReader(file)
        )
    later = Pseudonyms(path)
    later.add(students)
    assert [later.student_of(names.id_of(student)) for student in students] == students
    path.write_text("name,number\nann,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"p\.csv"):
        Pseudonyms(path)


def test_nothing_that_is_written_for_marking_has_a_name_and_points_find_their_way_back(marked):
    known = ids(marked)
    folder = marked / "grades" / "anonymous"
    paths = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in paths} >= {
        "grades.csv",
        "totals.csv",
        "class.html",
        "02.html",
        "02.ipynb",
        "gradebook.db",
    }
    for path in paths:
        assert not any(word in path.read_bytes() for word in (b"alice", b"Alice", b"Liddell")), path
        assert not {"alice", "bob", "yak"} & set(path.parts[len(folder.parts) :])
    assert set(rows(marked, "anonymous/totals.csv")) == set(known.values())
    with nameless(marked) as book:
        book.find_grade(TEST, "02", "02", known["alice"]).manual_score = 1.5
        book.find_comment(ID, "02", "02", known["alice"]).manual_comment = "Nearly."
        book.db.commit()
    again(marked, "--anonymous")
    assert rows(marked, "anonymous/grades.csv")[known["alice"]]["points"] == "1.5"
    again(marked, "--reveal")
    assert rows(marked)["alice"]["points"] == "1.5"
    with gradebook(marked) as book:
        one = book.find_grade(TEST, "02", "02", "alice")
        assert one.manual_score == 1.5
        one.manual_score = 0.5  # a later thought, with the names
        book.db.commit()
    report(marked)
    assert rows(marked)["alice"]["points"] == "0.5"
    again(marked, "--anonymous")
    assert rows(marked, "anonymous/grades.csv")[known["alice"]]["points"] == "0.5"
    assert decided(marked, known["alice"], "02.5", "2", "--anonymous") == grade.DONE
    assert rows(marked, "anonymous/grades.csv")[known["alice"]]["points"] == "2.0"
    again(marked, "--reveal")
    assert rows(marked)["alice"]["points"] == "2.0"


def test_a_score_for_an_answer_that_was_replaced_counts_in_neither_gradebook(marked):
    known = ids(marked)
    assert decided(marked, "alice", "02.5", "1", "--anonymous") == grade.DONE
    again(marked)
    hand_in(marked / "submitted", notebook(cell(RIGHT + "# again")), "alice")
    with store(marked) as results:
        keep(marked, results, "alice", graded())
    again(marked)
    again(marked, "--anonymous")
    assert rows(marked)["alice"]["points"] == rows(marked, "anonymous/grades.csv")[known["alice"]]["points"] == "2.0"


def test_the_notebook_of_formgrader_holds_the_answers_and_nothing_else_of_the_file(tmp_path):
    text = notebook(cell("secret = 'alice was here'", None), cell(RIGHT))
    submission = collect(hand_in(tmp_path, text), "alice", ASSIGNMENT)
    marking.write_notebook(tmp_path / "autograded", submission, ASSIGNMENT)
    book = json.loads((tmp_path / "autograded" / "alice" / "02" / "02.ipynb").read_text(encoding="utf-8"))
    cells = {one["metadata"]["nbgrader"]["grade_id"]: one["source"] for one in book["cells"]}
    assert cells[ID] == RIGHT and cells[TEST] == 'check("02.5", two_arrows)' and "alice" not in json.dumps(book)
