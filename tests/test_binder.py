"""What Binder, or any repo2docker image, does with the folder binder/, asked of repo2docker's own build packs."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BINDER = ROOT / "binder"
CPU_INDEX = "--extra-index-url https://download.pytorch.org/whl/cpu"


def lines(path):
    """The lines of a requirements file that say something."""
    text = path.read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.fixture
def pack(monkeypatch):
    """The build pack that repo2docker chooses for this repository."""
    from repo2docker.app import Repo2Docker  # not above: every process that collects the tests would import it

    monkeypatch.chdir(ROOT)
    chosen = next(pack for pack in (make("base") for make in Repo2Docker().buildpacks) if pack.detect())
    chosen.platform = "linux/amd64"
    return chosen


def test_repo2docker_takes_the_course_for_a_python_project_of_a_supported_python(pack):
    assert type(pack).__name__ == "PythonBuildPack"
    assert pack.python_version == "3.11"


def test_the_image_installs_the_pins_first_and_helpers_last(pack):
    steps = pack.render({}).splitlines()
    pins = next(n for n, line in enumerate(steps) if 'pip install --no-cache-dir -r "binder/requirements.txt"' in line)
    course = next(n for n, line in enumerate(steps) if line.startswith("COPY") and " src/ " in line)
    assert pins < course < steps.index("RUN ./binder/postBuild")


def test_the_pins_are_those_of_a_learner_with_the_cpu_build_of_torch():
    index, *pins = lines(BINDER / "requirements.txt")
    assert index == CPU_INDEX
    assert [pin.replace("torch==2.13.0+cpu", "torch==2.13.0") for pin in pins] == lines(ROOT / "requirements.txt")[:-1]
    assert "torch==2.13.0+cpu" in pins


@pytest.mark.skipif(os.name == "nt", reason="an image is built on Linux")
def test_the_last_step_installs_helpers_alone_and_fails_when_they_do_not_work(tmp_path):
    stub = f'#!/bin/sh\necho "${{0##*/}} $*" >>"{tmp_path}/log"\n[ "$1" != -c ] || exec "{sys.executable}" "$@"\n'
    for name in ("python", "jupyter"):
        (tmp_path / name).write_text(stub, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    post_build = [shutil.which("bash"), str(BINDER / "postBuild")]
    subprocess.run(post_build, cwd=ROOT, env=environment, check=True)
    assert "python -m pip install --no-cache-dir --no-deps -e .\n" in (tmp_path / "log").read_text(encoding="utf-8")
    (tmp_path / "helpers.py").write_text("raise ImportError", encoding="utf-8")
    broken = subprocess.run(post_build, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert broken.returncode == 1


def test_the_last_step_can_be_executed_and_has_unix_line_ends():
    assert b"\r" not in (BINDER / "postBuild").read_bytes()
    assert os.name == "nt" or (BINDER / "postBuild").stat().st_mode & stat.S_IXUSR
