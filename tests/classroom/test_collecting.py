"""A class is read whole, whatever one folder holds; what has not changed is not read again."""

import contextlib
import json
import os
import random
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from seeing_gradients.classroom import collecting, pages
from seeing_gradients.classroom.collecting import collect_class, folders, hidden_folders
from seeing_gradients.classroom.course import Course
from seeing_gradients.classroom.submissions import collect

from .notebooks import ASSIGNMENT, RIGHT, STUB, cell, hand_in, notebook

COURSE = Course("c", "s", (ASSIGNMENT,))
ID = "answer-02-5"


def read(root):
    """{student: (answer, kinds of faults)} of all that was handed in."""
    submissions = [submission for _, submission in collect_class(folders(root, COURSE), COURSE, processes=2)]
    return {s.student: (s.answers.get(ID), [fault.kind for fault in s.faults]) for s in submissions}


@contextlib.contextmanager
def ordinary_user():
    """A folder of a user who may not read everything, and that user's rights."""
    with collecting._pool(1) as pool:  # which imports what the other user may not read
        pool.submit(int).result()
    root = Path(tempfile.mkdtemp(dir="/tmp"))
    is_root = os.geteuid() == 0
    try:
        if is_root:
            os.chown(root, 65534, 65534)
            os.seteuid(65534)
        yield root
    finally:
        if is_root:
            os.seteuid(0)
        for path in root.iterdir():
            path.chmod(0o700)
        shutil.rmtree(root)


@pytest.mark.parametrize("mode", [0o000, 0o444, 0o111])
def test_a_folder_that_cannot_be_read_is_left_to_a_person_and_the_others_are_read(mode):
    with ordinary_user() as root:
        for name in ("alice", "yak", "zoe"):
            hand_in(root, notebook(cell()), name)
        (root / "yak").chmod(mode)
        if mode == 0o111:  # may be entered, but not listed; its folder neither
            (root / "yak" / "02").chmod(0)
        found = read(root)
        if mode == 0o111:
            (root / "yak").chmod(0o700)
            (root / "yak" / "02").chmod(0o700)
    assert found == {"alice": (RIGHT, []), "yak": (None, ["not_read"]), "zoe": (RIGHT, [])}


def test_whatever_the_rights_of_a_folder_or_a_file_forbid_the_class_goes_on(tmp_path):
    with ordinary_user() as root:
        for name in ("alice", "yak", "zoe"):
            hand_in(root, notebook(cell()), name)
        for path in (root / "yak/02/02.ipynb", root / "yak/02", root / "yak"):
            for mode in (0o000, 0o100, 0o200, 0o300, 0o400, 0o500):
                path.chmod(mode)
                found = read(root)
                pages._copy_exchange_files(path, tmp_path)
                path.chmod(0o700)
                assert found.pop("yak") in [(RIGHT, []), (None, ["not_read"])], (path.name, oct(mode))
                assert found == {"alice": (RIGHT, []), "zoe": (RIGHT, [])}


def test_a_notebook_of_much_code_without_ids_costs_no_time(tmp_path):
    lines = [cell("x, y=1\n" * 100_000, None) for _ in range(4)]
    hand_in(tmp_path, notebook(*lines))
    began = time.process_time()
    assert collect(tmp_path / "alice" / "02", "alice", ASSIGNMENT).faults[0].kind == "much_code"
    assert time.process_time() - began < 2


def test_a_notebook_that_takes_long_or_kills_its_reader_is_left_to_a_person(tmp_path, monkeypatch):
    for name in ("alice", "bob", "carol", "dan", "eve"):
        hand_in(tmp_path, notebook(cell()), name)

    def read_or_fail(folder, student, assignment):
        if student == "bob":
            os._exit(1)
        if student == "carol":
            while True:
                time.sleep(0.01)
        if student == "dan":
            raise MemoryError
        return collect(folder, student, assignment)

    monkeypatch.setattr(collecting, "collect", read_or_fail)
    monkeypatch.setattr(collecting, "_SECONDS", 0.5)
    lost = (None, ["too_costly"])
    assert read(tmp_path) == {"alice": (RIGHT, []), "bob": lost, "carol": lost, "dan": lost, "eve": (RIGHT, [])}


def test_two_spellings_of_a_name_are_one_student(tmp_path):
    hand_in(tmp_path, notebook(cell()), "Jose\u0301")
    assert read(tmp_path) == {"José": (RIGHT, [])}
    hand_in(tmp_path, notebook(cell(STUB)), "José")
    assert read(tmp_path) == {"José": (None, ["two_folders"])}


def test_a_hard_link_is_not_read(tmp_path):
    hand_in(tmp_path, notebook(cell()), "alice")
    (tmp_path / "bob" / "02").mkdir(parents=True)
    os.link(tmp_path / "alice" / "02" / "02.ipynb", tmp_path / "bob" / "02" / "02.ipynb")
    assert read(tmp_path)["bob"] == (None, ["hard_link"])


def test_hidden_folders_are_named_but_for_jupyter_s_own(tmp_path):
    for name in (".hidden", ".ipynb_checkpoints", "alice"):
        hand_in(tmp_path, notebook(cell()), name)
    assert hidden_folders(tmp_path) == [".hidden"] and list(read(tmp_path)) == ["alice"]


def test_a_signature_changes_with_a_file_and_not_without(tmp_path):
    hand_in(tmp_path, notebook(cell()))
    (folder,) = folders(tmp_path, COURSE)
    before = folder.signature()
    path = folder.paths[0] / "02.ipynb"
    times = path.stat()
    assert before and folder.signature() == before
    path.write_text(path.read_text().replace("x * x", "x + x"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # as if it were the old one
    assert folder.signature() not in ("", before)


def mutated(rng, text):
    """A notebook with some of its bytes, lines or values changed."""
    kind = rng.randrange(5)
    if kind == 0:
        data = bytearray(text.encode())
        for _ in range(rng.randrange(1, 9)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        return bytes(data)
    if kind == 1:
        return text[: rng.randrange(len(text))]
    if kind == 2:
        start, end = sorted(rng.sample(range(len(text)), 2))
        return text[:end] + text[start:]
    book = json.loads(text)
    for _ in range(rng.randrange(1, 5)):
        one = rng.choice(book["cells"])
        key = rng.choice(["source", "cell_type", "metadata", "outputs"])
        one[key] = rng.choice(
            [None, 5, [], {}, "", [1], ["a", None], {"nbgrader": {"grade_id": ID}}, one.get("source"), "x" * 9_000]
        )
    if kind == 4:
        book["cells"] = book["cells"] * rng.choice([0, 2, 50]) if rng.random() < 0.5 else rng.sample(book["cells"], 2)
    return json.dumps(book)


def test_every_student_is_read_whatever_500_notebooks_hold(tmp_path):
    rng = random.Random(11)
    text = notebook(cell("import torch", None), cell(), cell("x, y = 1, 2\n" * 50, None), cell(RIGHT, None))
    names = [f"s{i:03}" for i in range(500)]
    for name in names:
        hand_in(tmp_path, mutated(rng, text), name)
    found = read(tmp_path)
    assert list(found) == names
    assert all(answer is not None or kinds for answer, kinds in found.values())
    assert 20 < sum(answer == RIGHT for answer, _ in found.values()) < 480
