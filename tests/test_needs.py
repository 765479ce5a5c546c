"""A run of tests on a machine with Python, git and make only: it passes, and says what it skipped; with CI set it fails."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import needs

ROOT = Path(__file__).resolve().parents[1]
SOME = ["tests/browser/test_touch.py", "tests/classroom/test_hub.py", "tests/picture/test_export.py"]
SOME += ["tests/classroom/test_judge.py", "tests/widgets/test_bundles.py", "tests/runtime/test_pyodide.py"]
CHOSEN = "touch or hub or judge or graphviz or bundles or pyodide"
SLOW = "without_an_authenticator or staged_files_are or sandbox_if_asked"  # these need no program, and run elsewhere


@pytest.fixture
def bare(tmp_path):
    """The environment of such a machine."""
    for name in ("git", "make"):
        (tmp_path / name).symlink_to(shutil.which(name))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "CI"))}
    return environment | {"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}


def run(environment, *options):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:nbval", "-o", "addopts=-ra --strict-markers", *options]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


@pytest.mark.slow("starts pytest with a worker, each of which imports PyTorch")
def test_what_needs_a_missing_program_is_skipped_and_the_last_lines_say_so(bare):
    code, lines = run(bare, "-n1", "--dist=loadfile", "-k", f"({CHOSEN}) and not ({SLOW})", *SOME)
    assert code == 0, lines
    start = next(number for number, line in enumerate(lines) if "skipped for want of a program" in line)
    *told, advice, command, counts = lines[start + 1 :]
    skipped = dict(re.fullmatch(r" *(\d+) tests? +(.*): .*", line).group(2, 1) for line in told)
    assert set(skipped) == {program.tests for program in needs.PROGRAMS.values()}
    assert f" {sum(map(int, skipped.values()))} skipped" in counts and "passed" in counts
    assert "Debian" in advice and command.strip() == needs.INSTALL.removeprefix("sudo " if os.geteuid() == 0 else "")


@pytest.mark.slow("starts pytest in a process of its own")
def test_with_CI_set_a_missing_program_is_a_failure(bare):
    code, lines = run(bare | {"CI": "true"}, "-n0", "tests/browser/test_touch.py")
    assert code == 1 and not re.search("skipped|passed", lines[-1])
    assert any("a program is missing: chromium" in line for line in lines)


def test_a_sandbox_that_may_not_work_here_is_told_from_one_that_is_not_installed(monkeypatch, tmp_path):
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho no permissions >&2\nexit 1\n", encoding="utf-8")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert re.search(r"may not .*\(no permissions\).*user namespaces", needs.find_sandbox_problem())


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_names_the_same_command(name):
    assert f"  {needs.INSTALL}\n" in (ROOT / name).read_text(encoding="utf-8")


def test_the_machine_of_the_checks_gets_the_same_programs():
    text = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert all(name in text for name in [*needs.PACKAGES.split(), needs.PROXY, needs.TOOLS])
