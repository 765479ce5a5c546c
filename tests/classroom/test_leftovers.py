"""What a grader that was killed left in the folder for temporary files is gone after the next run, and nothing else is."""

import os
import subprocess
import sys

import pytest

from seeing_gradients.classroom.sandbox.launch import launch, remove_stale_folders

GRADER = """
import time
from seeing_gradients.classroom.sandbox.launch import launch
with launch("none"):
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Function () -> a process that grades, with its folder in tmp_path; all are killed at the end."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    processes = []

    def grader():
        processes.append(subprocess.Popen([sys.executable, "-c", GRADER], stdout=subprocess.PIPE, text=True))
        assert processes[-1].stdout.readline() == "ready\n"
        return processes[-1]

    yield grader
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")
def test_the_folder_of_a_killed_grader_is_removed_by_the_next_and_that_of_a_living_one_is_not(start, tmp_path):
    killed = start()
    (stale,) = tmp_path.iterdir()
    killed.kill()
    killed.wait()
    assert stale.exists()
    start()  # which removes it
    (alive,) = tmp_path.iterdir()
    assert alive != stale
    made = tmp_path / "grader-of-another-program"
    made.mkdir()
    (tmp_path / "grader-link").symlink_to(tmp_path.parent)
    with launch("none"):
        assert alive.exists() and len(os.listdir(tmp_path)) == 4
    remove_stale_folders(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([alive, made, tmp_path / "grader-link"])
