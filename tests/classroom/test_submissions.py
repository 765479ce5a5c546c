"""Reading answers from untrusted notebooks: repaired if only one reading is possible, reported otherwise, no crash."""

import io
import json
import os
import stat
import zipfile
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seeing_gradients.classroom import sanitize
from seeing_gradients.classroom.submissions import collect

from .notebooks import ASSIGNMENT, RIGHT, STUB, TASK, cell, hand_in, notebook

ID = "answer-02-5"
OTHER = "def two_arrows(x):\n    return 2 * x\n"


def collected(tmp_path, text, name="02.ipynb"):
    """(answer, kinds of faults) that are read from a file with this content."""
    submission = collect(hand_in(tmp_path, text, name=name), "alice", ASSIGNMENT)
    return submission.answers[ID], [fault.kind for fault in submission.faults]


def zipped(*members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize("source", [RIGHT, RIGHT.splitlines(keepends=True), RIGHT.replace("\n", "\r\n")])
def test_an_answer_is_read_by_its_id(tmp_path, source):
    assert collected(tmp_path, notebook(cell("1", None), cell(source))) == (RIGHT, [])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_notebook_in_another_encoding_is_read(tmp_path, encoding):
    answer, kinds = collected(tmp_path, notebook(cell()).encode(encoding))
    assert answer == RIGHT and kinds == ([] if encoding == "utf-8-sig" else ["encoding"])


def test_a_notebook_with_invalid_bytes_is_read_as_far_as_possible(tmp_path):
    text = notebook(cell(), cell("# here", None)).encode().replace(b"here", b"h\xe9re")
    assert collected(tmp_path, text) == (RIGHT, ["encoding"])


def test_a_notebook_of_format_3_is_read(tmp_path):
    old = {**cell(), "input": RIGHT}
    del old["source"]
    text = json.dumps({"worksheets": [{"cells": [old]}], "nbformat": 3})
    assert collected(tmp_path, text) == (RIGHT, [])


@pytest.mark.parametrize(
    "text, kind",
    [
        ("", "malformed"),
        ("{", "malformed"),
        ("[" * 200_000, "nested"),
        ('{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested"),
        ("9" * 5_000, "malformed"),
        ("null", "no_cells"),
        ("[]", "no_cells"),
        ('{"cells": {}}', "no_cells"),
        ('{"worksheets": [1, {}]}', "no_cells"),
        ('{"cells": [1, null, [], {}]}', "missing"),
        (json.dumps({"cells": [{}] * 6_000}), "many_cells"),
    ],
)
def test_a_file_that_is_not_a_notebook_is_reported(tmp_path, text, kind):
    assert collected(tmp_path, text) == (None, [kind])


@pytest.mark.parametrize(
    "cells, answer, kinds",
    [
        ([cell(RIGHT, None)], RIGHT, ["lost_id"]),
        ([cell(RIGHT, "answer-02-5-copy")], RIGHT, ["lost_id"]),
        ([cell(RIGHT, None), cell(OTHER, None)], None, ["ambiguous"]),
        ([cell("x = two_arrows(1)", None)], None, ["missing"]),
        ([cell(STUB), cell(RIGHT)], RIGHT, ["copies"]),
        ([cell(RIGHT), cell(RIGHT + "  ")], RIGHT, ["copies"]),
        ([cell(""), cell(RIGHT)], RIGHT, ["copies"]),
        ([cell(STUB), cell(STUB)], STUB, ["copies"]),
        ([cell(RIGHT), cell(OTHER)], None, ["duplicate"]),
        ([cell(RIGHT, kind="markdown")], RIGHT, ["cell_type"]),
        ([cell("I do not know", kind="markdown")], None, ["not_code"]),
        ([cell(7)], None, ["no_text"]),
        ([cell(["a", 1])], None, ["no_text"]),
        ([cell("#" * 200_000)], None, ["long_answer"]),
    ],
)
def test_a_damaged_cell_is_repaired_if_only_one_reading_is_possible(tmp_path, cells, answer, kinds):
    received, faults = collected(tmp_path, notebook(*cells))
    assert faults == kinds and (received or "").strip() == (answer or "").strip()


def test_characters_that_cannot_be_in_a_program_are_replaced(tmp_path):
    answer, kinds = collected(tmp_path, notebook(cell("x = '\0\ud800'")))
    assert answer == "x = '\ufffd\ufffd'" and kinds == ["characters"]


def test_several_names_of_one_stub_are_recognised_together(tmp_path):
    tasks = (replace(TASK, stub="dw, db = ..., ...", expression="(dw, db)"),)
    folder = hand_in(tmp_path, notebook(cell("dw, db = 1, 2", None), cell("dw == 3", None), cell("dw = 1", None)))
    assert collect(folder, "alice", replace(ASSIGNMENT, tasks=tasks)).answers == {ID: "dw, db = 1, 2"}


def test_a_forged_checksum_and_forged_points_change_nothing(tmp_path):
    forged = cell(RIGHT, checksum="0" * 32, points=1_000, grade=True, locked=True, solution=False)
    assert collected(tmp_path, notebook(forged)) == collected(tmp_path, notebook(cell()))


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    folder = hand_in(tmp_path, "{}")
    os.truncate(folder / "02.ipynb", 100 * 2**20)
    assert [fault.kind for fault in collect(folder, "alice", ASSIGNMENT).faults] == ["too_large"]


def test_large_outputs_below_the_limit_are_ignored(tmp_path):
    verbose = {**cell(), "outputs": [{"output_type": "stream", "text": "x" * 5_000_000}]}
    assert collected(tmp_path, notebook(verbose)) == (RIGHT, [])


def test_no_link_is_followed(tmp_path):
    secret = tmp_path / "secret.ipynb"
    secret.write_text(notebook(cell()))
    folder = hand_in(tmp_path / "submitted", "")
    (folder / "02.ipynb").unlink()
    (folder / "02.ipynb").symlink_to(secret)
    linked = tmp_path / "submitted" / "bob"
    linked.symlink_to(tmp_path / "submitted" / "alice")
    faults = [*collect(folder, "alice", ASSIGNMENT).faults, *collect(linked / "02", "bob", ASSIGNMENT).faults]
    assert [fault.kind for fault in faults] == ["link", "link"]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_only_an_ordinary_file_is_opened(tmp_path, make):
    folder = hand_in(tmp_path, "")
    (folder / "02.ipynb").unlink()
    make(folder / "02.ipynb")
    assert collect(folder, "alice", ASSIGNMENT).faults[0].kind in ("not_a_file", "not_read")


def test_a_renamed_notebook_is_read_if_it_is_the_only_one(tmp_path):
    assert collected(tmp_path, notebook(cell()), name="02 (1).ipynb") == (RIGHT, ["renamed"])
    assert collected(tmp_path, notebook(cell()), name="02 (2).ipynb") == (None, ["several_files"])


def test_a_name_with_sequences_and_mark_up_is_shown_without_them(tmp_path):
    folder = hand_in(tmp_path, "{", name="a\x1b[31m\n\u202e<b>.ipynb")
    text = collect(folder, "al\nice<i>", ASSIGNMENT).faults
    assert all("\x1b" not in fault.text and "\n" not in fault.text and "\u202e" not in fault.text for fault in text)
    assert collect(folder, "al\nice<i>", ASSIGNMENT).student == "al%0Aice%3Ci%3E"


@pytest.mark.parametrize("name", ["张三", "o'hara@example.org", "bob smith"])
def test_an_ordinary_name_is_kept(name):
    assert sanitize.key(name) == name


def test_the_key_of_a_long_name_is_short_enough_for_a_folder():
    keys = [sanitize.key("<" * 250 + last) for last in "ab"]
    assert max(map(len, keys)) <= 200 and keys[0] != keys[1] and sanitize.key("张" * 60) == "张" * 60


def test_a_notebook_is_read_from_an_archive(tmp_path):
    data = zipped(("work/notes.txt", b""), ("work/02.ipynb", notebook(cell())), ("__MACOSX/02.ipynb", b"x"))
    assert collected(tmp_path, data, name="mine.zip") == (RIGHT, ["unpacked"])


@pytest.mark.parametrize("name", ["../02.ipynb", "/etc/02.ipynb", "a/../../02.ipynb", "C:\\02.ipynb", "a\n.txt"])
def test_an_archive_with_an_unsafe_path_is_refused_as_a_whole(tmp_path, name):
    data = zipped((name, notebook(cell())), ("02.ipynb", notebook(cell())))
    assert collected(tmp_path, data, name="mine.zip") == (None, ["zip_tricks"])


def test_an_archive_with_a_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("02.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert collected(tmp_path, zipped((link, "/etc/passwd")), name="mine.zip") == (None, ["zip_tricks"])


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    data = zipped(("02.ipynb", b" " * (64 * 2**20)))
    assert len(data) < 2**20
    assert collected(tmp_path, data, name="mine.zip") == (None, ["too_large"])


def test_a_broken_archive_is_reported(tmp_path):
    whole = zipped(("02.ipynb", notebook(cell()) * 50))
    assert collected(tmp_path, whole[: len(whole) // 2], name="mine.zip") == (None, ["bad_zip"])
    broken = whole[:60] + b"\xff" * 30 + whole[90:]
    (tmp_path / "alice" / "02" / "mine.zip").unlink()
    assert collected(tmp_path, broken, name="mine.zip") == (None, ["bad_zip"])


def test_a_folder_without_notebook_is_reported(tmp_path):
    folder = hand_in(tmp_path, "", name="notes.txt")
    assert [fault.kind for fault in collect(folder, "alice", ASSIGNMENT).faults] == ["no_file"]


def test_the_digest_depends_only_on_the_answers(tmp_path):
    folder = hand_in(tmp_path, notebook(cell(), cell("1", None)))
    first = collect(folder, "alice", ASSIGNMENT).digest
    hand_in(tmp_path, notebook(cell("2", None), cell()))
    assert collect(folder, "alice", ASSIGNMENT).digest == first
    hand_in(tmp_path, notebook(cell(OTHER)))
    assert collect(folder, "alice", ASSIGNMENT).digest != first


KEYS = st.sampled_from(
    ["cells", "worksheets", "source", "input", "cell_type", "metadata", "nbgrader", "grade_id", "outputs", "id"]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([ID, RIGHT, "code"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)
FAST = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FAST
@given(value=VALUES)
def test_no_json_crashes_collecting(tmp_path, value):
    answer, _ = collected(tmp_path, json.dumps(value))
    assert answer is None or isinstance(answer, str)


@FAST
@given(fields=st.dictionaries(KEYS, VALUES, max_size=5))
def test_no_cell_crashes_collecting(tmp_path, fields):
    answer, _ = collected(tmp_path, json.dumps({"cells": [fields, {**cell(), **fields}]}))
    assert answer is None or isinstance(answer, str)


@FAST
@given(data=st.binary(max_size=200))
def test_no_bytes_crash_collecting(tmp_path, data):
    assert collected(tmp_path, data)[0] is None
    assert collected(tmp_path / "zips", b"PK\x03\x04" + data, name="x.zip")[0] is None
