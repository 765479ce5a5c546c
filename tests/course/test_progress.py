"""The progress file: a crash, a second kernel, a damaged file or a full disk loses nothing."""

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import filelock
import pytest

from helpers import language, progress

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    """The path of a new progress file for each test."""
    path = tmp_path / "folder" / "progress.json"
    monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(path))
    return path


def saved(path):
    return json.loads(path.read_text(encoding="utf-8"))


def started(code):
    """Start code in another process, with the progress file of this test."""
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_try_a_hint_and_a_prediction_are_kept(file):
    assert progress.tried("02.1", False) is progress.tried("02.1", True) is None
    progress.hinted("02.1", 2)
    progress.predicted("02.p1", 12.0)
    assert saved(file)["exercises"]["02.1"] == {"tries": 2, "solved": True, "hints": 2}
    assert progress.prediction("02.p1") == (True, 12.0) and progress.seen_hints("02.1") == 2


def test_what_was_solved_stays_solved(file):
    progress.tried("02.1", True)
    progress.tried("02.1", False)
    assert saved(file)["exercises"]["02.1"]["solved"] is True


def test_the_first_prediction_stays_and_a_skipped_one_can_be_recorded_later():
    progress.predicted("02.p1", None)
    assert progress.prediction("02.p1") == (True, None)
    progress.predicted("02.p1", 6.0)
    progress.predicted("02.p1", 12.0)
    assert progress.prediction("02.p1") == (True, 6.0)
    assert progress.prediction("02.p2") == (False, None)


def test_without_the_variable_the_file_lies_in_the_data_folder_of_the_user(monkeypatch, tmp_path):
    monkeypatch.delenv("SEEING_GRADIENTS_PROGRESS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert progress.path().parts[-2:] == ("seeing-gradients", "progress.json")
    assert sys.platform == "darwin" or tmp_path in progress.path().parents


def test_two_processes_that_write_at_once_lose_nothing(file):
    code = """
        from helpers import progress
        for i in range(60):
            assert progress.tried("02.{n}", False) is None
            assert progress.tried("02.8", False) is None
    """
    writers = [started(code.format(n=n)) for n in (1, 2, 3)]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    assert {id: entry["tries"] for id, entry in saved(file)["exercises"].items()} == {
        "02.1": 60, "02.2": 60, "02.3": 60, "02.8": 180,
    }  # fmt: skip


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is POSIX")
def test_a_process_killed_while_it_writes_leaves_a_whole_file(file):
    code = """
        from helpers import progress
        progress.tried("02.1", True)
        print("begun", flush=True)
        while True:
            progress.tried("02.2", False)
    """
    for pause in (0.0, 0.003, 0.011, 0.02, 0.035):
        writer = started(code)
        writer.stdout.readline()
        time.sleep(pause)
        writer.kill()
        writer.wait()
        writer.stdout.close()
        assert saved(file)["exercises"]["02.1"]["solved"] is True
        assert progress.tried("02.3", False) is None, "the lock of a dead process must not stay"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_crash_between_writing_and_swapping_keeps_the_old_file(file):
    progress.tried("02.1", True)
    child = os.fork()
    if child == 0:  # die just before the new file replaces the old one
        progress.os.replace = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
        progress.tried("02.2", True)
        os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
    assert list(saved(file)["exercises"]) == ["02.1"]
    assert progress.tried("02.3", True) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"exercises": 3, "predictions": {}}', b"\xff\xfe\x00",
     b'{"exercises": {"a": 1}, "predictions": {}}',
     b'{"exercises": {"02.1": {"tries": "x"}}, "predictions": {}}'],
    ids=str,
)  # fmt: skip
def test_a_damaged_file_is_renamed_and_reported(file, content):
    file.parent.mkdir()
    file.write_bytes(content)
    assert "damaged" in progress.show().notice
    assert "progress.damaged-1.json" in progress.tried("02.1", True)
    assert file.with_name("progress.damaged-1.json").read_bytes() == content
    assert saved(file)["exercises"]["02.1"]["solved"] is True and progress.show().notice is None


def test_a_second_damaged_file_does_not_replace_the_first(file):
    file.parent.mkdir()
    for content in ("one", "two"):
        file.write_text(content, encoding="utf-8")
        progress.tried("02.1", True)
    names = sorted(path.name for path in file.parent.glob("*damaged*"))
    assert names == ["progress.damaged-1.json", "progress.damaged-2.json"]


def refuse(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_on_a_full_disk_nothing_is_lost_and_the_next_successful_write_includes_it(file, monkeypatch):
    progress.tried("02.1", True)
    with monkeypatch.context() as full:
        full.setattr(progress.os, "fsync", refuse)
        notice = progress.tried("02.2", True)
        assert "No space left" in notice and "SEEING_GRADIENTS_PROGRESS" in notice
        assert [row[0] for row in progress.show().rows if row[2]] == ["02.1", "02.2"]
    assert list(saved(file)["exercises"]) == ["02.1"]
    assert progress.tried("02.3", False) is None
    assert sorted(saved(file)["exercises"]) == ["02.1", "02.2", "02.3"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the size of a file")
def test_a_file_that_the_system_cuts_short_keeps_the_old_one(file):
    for n in range(1, 9):
        progress.tried(f"02.{n}", True)
    before = file.read_bytes()
    code = """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        from helpers import progress
        print("could not be saved" in progress.tried("00.1", True), progress.show().rows[0][2])
    """
    assert started(code).communicate(timeout=600)[0].split() == ["True", "True"]
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_a_message_not_an_error(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(blocked / "progress.json"))
    assert "could not be saved" in progress.tried("02.1", True)
    assert [row[0] for row in progress.show().rows if row[2]] == ["02.1"], "it is kept in memory"


@contextlib.contextmanager
def as_nobody():
    """Run the block as the user "nobody" if this process is root, since root may write anywhere."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="Windows folders have no mode")
def test_a_read_only_folder_is_a_message_not_an_error(monkeypatch):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o555)
        monkeypatch.setenv("SEEING_GRADIENTS_PROGRESS", str(Path(folder, "progress.json")))
        with as_nobody():
            assert "could not be saved" in progress.tried("02.1", True)
        assert os.listdir(folder) == []


def test_a_lock_that_another_notebook_holds_is_waited_for_and_then_reported(file, monkeypatch):
    monkeypatch.setattr(progress, "LOCK_SECONDS", 0.1)
    file.parent.mkdir()
    with filelock.FileLock(f"{file}.lock"):
        assert "another notebook" in progress.tried("02.1", True)
    progress.tried("02.2", True)
    assert sorted(saved(file)["exercises"]) == ["02.1", "02.2"]


def test_the_table_lists_every_exercise_in_both_languages():
    progress.tried("02.1", True)
    total = len(language.names("titles"))
    for chosen, headline in (("en", f"1 of {total}"), ("zh", f"已完成1道练习，共{total}道")):
        language.use(chosen)
        table = progress.show()
        assert headline in repr(table) and headline in table._repr_html_()
        assert [row[0] for row in table.rows] == sorted(language.names("titles"))
        assert all(language.message(f"titles.{id}") in table._repr_html_() for id in language.names("titles"))
        assert repr(table) == repr(progress.show())


def test_a_lesson_is_a_line_and_open_only_while_it_is_begun_and_not_finished():
    exercises = [id for id in language.names("titles") if id.startswith("02.")]
    assert "<details open" not in progress.show()._repr_html_()
    progress.tried("02.1", True)
    assert f"\n02   1/{len(exercises)}  ✓" + "·" * (len(exercises) - 1) + "\n" in f"{progress.show()!r}\n"
    assert progress.show()._repr_html_().count("<details open") == 1
    for id in exercises:
        progress.tried(id, True)
    assert "<details open" not in progress.show()._repr_html_()


def test_a_reset_starts_again_and_keeps_a_copy(file):
    progress.tried("02.1", True)
    assert not any(row[2] for row in progress.reset().rows)
    assert saved(file)["exercises"] == {}
    assert saved(file.with_suffix(".before-reset.json"))["exercises"]["02.1"]["solved"] is True


def test_progress_can_be_carried_to_another_machine(file, tmp_path):
    progress.tried("02.1", True)
    progress.tried("02.2", False)
    progress.predicted("02.p1", 6.0)
    progress.save_to(tmp_path / "mine.json")
    file.unlink()
    progress.tried("02.2", True)
    table = progress.load_from(tmp_path / "mine.json")
    assert [row[0] for row in table.rows if row[2]] == ["02.1", "02.2"]
    assert progress.prediction("02.p1") == (True, 6.0)


def test_an_export_that_fails_says_why_and_leaves_the_old_file(file, tmp_path, monkeypatch):
    progress.tried("02.1", True)
    progress.save_to(tmp_path / "mine.json")
    before = (tmp_path / "mine.json").read_text(encoding="utf-8")
    progress.tried("02.2", True)
    monkeypatch.setattr(progress.os, "fsync", refuse)
    with pytest.raises(OSError, match=r"could not be written to .*mine\.json \(No space left on device\)"):
        progress.save_to(tmp_path / "mine.json")
    assert (tmp_path / "mine.json").read_text(encoding="utf-8") == before
    assert [path.name for path in tmp_path.glob("*.new")] == []


@pytest.mark.parametrize("content", ["", "{}", "[1]", "not json"])
def test_a_file_that_holds_no_progress_is_not_loaded(tmp_path, content):
    other = tmp_path / "other.json"
    other.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match="other.json holds no progress"):
        progress.load_from(other)
