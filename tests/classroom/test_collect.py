"""Bulk downloads of Canvas, Moodle and Gradescope reach submitted/ as they are, for the right student and with their time."""

import argparse
import errno
import io
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seeing_gradients.classroom import collect
from seeing_gradients.classroom.course import Course, save
from seeing_gradients.classroom.roster import load
from seeing_gradients.classroom.submissions import MAX_FILE, read_time
from seeing_gradients.classroom.submissions import collect as read_submission

from .notebooks import ASSIGNMENT, RIGHT, STUB, cell, notebook

ROSTER = """id,first_name,last_name,email,lms_user_id,login
alice,Alice,Liddell,alice@example.org,101,al23
jose,Jose\u0301,O'Hara-Núñez,,102,
zs,三,张,,103,
"""
RIGHT_FILE, STUB_FILE = notebook(cell(RIGHT)), notebook(cell(STUB))
METADATA = """---
submission_11:
  :submitters:
  - :name: Alice Liddell
    :sid: '101'
    :email: alice@example.org
  :created_at: 2026-11-20 22:30:00.500000000 Z
  :score: 3.0
  :status: :processed
  :history:
  - :id: 10
    :created_at: 2026-11-19 08:00:00.000000000 Z
  :results: !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    tests: []
submission_12:
  :submitters:
  - :name: 三张
    :sid:
    :email: nobody@example.org
  - :name: José O'Hara-Núñez
    :sid: '102'
    :email: ''
  :created_at: 2026-11-21 01:00:00 +01:00
submission_13:
  :submitters:
  - :name: Mallory
    :sid: '9'
    :email: m@example.org
"""
CANVAS = {
    "liddellalice_101_7001_02-1.ipynb": RIGHT_FILE,
    "oharanúñezjose\u0301_LATE_102_7002_homework.ipynb": RIGHT_FILE,
    "张三_103_7003_02.ipynb": STUB_FILE,
    "张三_103_7004_notes.txt": "",
    "张三_103_7005_timestamp.txt": "2000-01-01 00:00:00 UTC",
    "mallory_9_7006_02.ipynb": RIGHT_FILE,
    "eve_104_text.html": "typed",
}
MOODLE = {
    "Alice Liddell_1_assignsubmission_file/02.ipynb": RIGHT_FILE,
    "Alice Liddell_1_assignsubmission_onlinetext/onlinetext.html": "<p>",
    "José O'Hara-Núñez_2_assignsubmission_file_/work/homework.ipynb": RIGHT_FILE,
    "三 张_3_assignsubmission_file/02.ipynb": STUB_FILE,
    "Mallory_4_assignsubmission_file/02.ipynb": RIGHT_FILE,
}
GRADESCOPE = {
    "assignment_5_export/submission_metadata.yml": METADATA,
    "assignment_5_export/submission_11/02.ipynb": RIGHT_FILE,
    "assignment_5_export/submission_12/02.ipynb": STUB_FILE,
    "assignment_5_export/submission_13/02.ipynb": RIGHT_FILE,
    "__MACOSX/assignment_5_export/._submission_metadata.yml": "x",
}


@pytest.fixture
def course(tmp_path):
    save(Course("c", "s", (ASSIGNMENT,)), tmp_path)
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return tmp_path


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def collected(root, files, *more):
    """The exit status of collecting a download with these files: name -> content, or the bytes of a zip file."""
    download = root / "download.zip"
    download.write_bytes(files if isinstance(files, bytes) else zipped(files))
    return collect.run(options(root, download, *more))


def options(root, download, *more):
    parser = argparse.ArgumentParser()
    collect.add_arguments(parser)
    return parser.parse_args([str(download), "--submitted", str(root / "submitted"), *more])


def handed_in(root):
    """{student: (names of the files, the answer, time, late)}."""
    table = {}
    for folder in sorted((root / "submitted").iterdir()):
        submission = read_submission(folder / "02", folder.name, ASSIGNMENT)
        names = sorted(path.name for path in (folder / "02").iterdir())
        table[folder.name] = (names, submission.answers["answer-02-5"], submission.handed_in)
    return table


def test_a_download_of_canvas_is_taken_as_it_is(course, capsys):
    assert collected(course, CANVAS) == collect.DONE
    assert {student: (names, answer) for student, (names, answer, _) in handed_in(course).items()} == {
        "alice": (["02.ipynb"], RIGHT),
        "jose": (["homework.ipynb", "late.txt"], RIGHT),
        "zs": (["02.ipynb"], STUB),
    }
    assert [late.late for *_, late in handed_in(course).values()] == [False, True, False]
    output = capsys.readouterr()
    assert "Canvas: submissions put into" in output.out and "Left out: mallory_9." in output.err
    assert "eve_104_text.html" in output.err


def test_a_download_of_moodle_is_taken_with_folders_and_without(course, capsys):
    flat = {name.replace("file_/work/", "file/").replace("file/", "file_"): text for name, text in MOODLE.items()}
    for files in (MOODLE, flat):
        assert collected(course, files) == collect.DONE
        assert {student: answer for student, (_, answer, _) in handed_in(course).items()} == {
            "alice": RIGHT,
            "jose": RIGHT,
            "zs": STUB,
        }
        assert "Left out: Mallory_4." in capsys.readouterr().err
    assert all(
        time == read_time(course / "none") for *_, time in handed_in(course).values()
    )  # which Moodle does not tell


def test_a_download_of_gradescope_is_taken_with_its_times_and_its_groups(course, capsys):
    assert collected(course, GRADESCOPE) == collect.DONE
    table = handed_in(course)
    assert {student: (answer, time.time) for student, (_, answer, time) in table.items()} == {
        "alice": (RIGHT, datetime(2026, 11, 20, 22, 30, 0, 500_000, UTC)),
        "jose": (STUB, datetime(2026, 11, 21, tzinfo=UTC)),
        "zs": (STUB, datetime(2026, 11, 21, tzinfo=UTC)),
    }
    assert "Mallory" in capsys.readouterr().err


def test_an_unpacked_download_is_as_good_and_links_in_it_are_not_followed(course):
    folder = course / "unpacked"
    for name, content in GRADESCOPE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "assignment_5_export" / "submission_13" / "x.ipynb").symlink_to(course / "classroom.json")
    assert collect.run(options(course, folder)) == collect.DONE
    assert sorted(handed_in(course)) == ["alice", "jose", "zs"]


def test_collecting_again_changes_only_what_is_new_and_never_takes_back_a_later_one(course, capsys):
    collected(course, GRADESCOPE)
    before = (course / "submitted" / "alice" / "02").stat().st_ino
    later = {**GRADESCOPE, "assignment_5_export/submission_12/02.ipynb": RIGHT_FILE}
    later["assignment_5_export/submission_metadata.yml"] = METADATA.replace("2026-11-21 01", "2026-11-22 01")
    collected(course, later)
    assert (course / "submitted" / "alice" / "02").stat().st_ino == before
    assert [answer for _, answer, _ in handed_in(course).values()] == [RIGHT] * 3
    collected(course, GRADESCOPE)
    assert [answer for _, answer, _ in handed_in(course).values()] == [RIGHT] * 3
    assert "there already: 1; older than what is there: 2" in capsys.readouterr().out


def test_two_students_of_one_name_are_told_apart_by_the_platform_s_id_only(course, capsys):
    with open(course / "roster.csv", "a", encoding="utf-8") as file:
        file.write("liddell2,Alice,Liddell,,,\n")
    collected(course, {"liddellalice_555_1_02.ipynb": RIGHT_FILE})
    assert "alice, liddell2" in capsys.readouterr().err and not (course / "submitted").exists()
    collected(course, {"liddellalice_101_1_02.ipynb": RIGHT_FILE})
    assert sorted(handed_in(course)) == ["alice"]


def test_hostile_names_and_broken_files_reach_only_their_own_folder_and_are_left_to_a_person(course):
    name = "liddellalice_101_1_../../../x.ipynb"
    whole = zipped({"liddellalice_101_1_02.ipynb": os.urandom(5_000), "张三_103_2_02.ipynb": RIGHT_FILE})
    broken = whole.replace(whole[60:160], b"\xff" * 100)
    assert collected(course, {name: RIGHT_FILE, "oharanunezjose_102_3_/etc/x.ipynb": RIGHT_FILE}) == collect.USAGE
    assert sorted(os.listdir(course)) == ["classroom.json", "download.zip", "roster.csv"]  # neither has Canvas' form
    assert collected(course, broken) == collect.DONE
    assert handed_in(course)["zs"][1] == RIGHT
    assert read_submission(course / "submitted/alice/02", "alice", ASSIGNMENT).faults[0].kind == "malformed"
    collected(course, {"liddellalice_101_1_02.ipynb": b" " * (MAX_FILE + 9)})
    assert read_submission(course / "submitted/alice/02", "alice", ASSIGNMENT).faults[0].kind == "too_large"


def test_a_full_disk_names_the_folder_and_the_same_command_goes_on(course, capsys, monkeypatch):
    collected(course, {"liddellalice_101_1_02.ipynb": RIGHT_FILE})

    def full(path, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert collect.run(options(course, course / "download.zip")) == collect.FAILED
    assert os.path.join("alice", ".02.new") in capsys.readouterr().err
    assert handed_in(course)["alice"][1] == RIGHT
    assert collected(course, CANVAS) == collect.DONE and sorted(handed_in(course)) == ["alice", "jose", "zs"]


@pytest.mark.parametrize(
    ("files", "more", "words"),
    [
        (b"no zip", (), "neither a folder nor a zip"),
        ({"a.ipynb": ""}, (), "begins with: a.ipynb"),
        ({"e/submission_metadata.yml": "a: ["}, (), "submission_metadata.yml"),
        (CANVAS, ("--assignment", "99"), "no assignment 99"),
        (CANVAS, ("--roster", "/no/such.csv"), "such.csv"),
    ],
)
def test_what_cannot_be_collected_is_refused_with_what_was_expected(course, capsys, files, more, words):
    assert collected(course, files, *more) == collect.USAGE
    assert words in capsys.readouterr().err and not (course / "submitted").exists()


def test_without_a_roster_it_says_which_lists_would_do(course, capsys):
    (course / "roster.csv").unlink()
    assert collected(course, CANVAS) == collect.USAGE
    assert "gradebook of Canvas" in capsys.readouterr().err


LISTS = [
    (
        'Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"Liddell, Alice",101,u1,al23,A\n"Student, Test",9,,,A\n',
        {"id": "al23", "first_name": "Alice", "last_name": "Liddell", "lms_user_id": "101", "section": "A"},
    ),
    (
        "First name,Last name,ID number,Email address\nAlice,Liddell,101,alice@example.org\n",
        {"id": "101", "first_name": "Alice", "lms_user_id": "101", "email": "alice@example.org"},
    ),
    (
        "First Name,Last Name,SID,Email,Role\nAlice,Liddell,101,alice@example.org,Student\n",
        {"id": "101", "last_name": "Liddell", "email": "alice@example.org"},
    ),
]


@pytest.mark.parametrize(("text", "fields"), LISTS, ids=["canvas", "moodle", "gradescope"])
def test_a_list_that_a_platform_exports_is_a_roster(tmp_path, text, fields):
    (tmp_path / "r.csv").write_text("\ufeff" + text, encoding="utf-8")
    (student,) = load(tmp_path / "r.csv").values()
    assert {name: getattr(student, name) for name in fields} == fields
