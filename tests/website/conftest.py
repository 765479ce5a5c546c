"""The site that the tests of this folder read, built once and kept while nothing changes.

In `make test` the widgets of lesson 00 and of the front page are recorded, and the other lessons have their pictures. With
SITE=whole in the environment, as `make site-test` sets it, every explorer is recorded, and every page walked in a browser. A
whole site that `make site` has built is used in either case.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from docs.builder import __main__ as builder
from tests.needs import need

ROOT = Path(__file__).resolve().parents[2]
WHOLE = os.environ.get("SITE") == "whole"
SAMPLE = ("00",)


@pytest.fixture(scope="session")
def site():
    """The folder of the built site."""
    need("node")
    (ROOT / "build").mkdir(exist_ok=True)
    with FileLock(ROOT / "build/site-test.lock"):
        if WHOLE or builder.is_current(builder.SITE):
            return built(builder.SITE)
        return built(ROOT / "build/site-sample", *SAMPLE)


def built(folder, *lessons):
    """Build a site into a folder, in a process of its own, and return the folder."""
    command = [sys.executable, "-m", "docs.builder", *lessons, "--to", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder
