"""One sandbox with PyTorch loaded, for all tests of this folder that grade answers."""

import os
from contextlib import ExitStack

import pytest

from seeing_gradients.classroom.sandbox import AnswerLimits, Judge
from seeing_gradients.classroom.sandbox.launch import launch
from tests import kernels
from tests.needs import need

from .nbgrader_commands import read_database_version_here


@pytest.fixture(scope="session")
def launcher():
    need("bubblewrap")
    os.environ["GRADER_SECRET"] = "x"  # an attack tries to read it
    with launch("bubblewrap") as running:
        running.wait()
        yield running
    del os.environ["GRADER_SECRET"]


@pytest.fixture(scope="session")
def judge_with(launcher):
    """Function (lang, limits) -> Judge that uses the shared sandbox, ready to grade."""

    def make(lang="en", limits=None):
        judge = Judge(lang, limits or AnswerLimits())
        judge._launcher, judge._resources = launcher, ExitStack()
        return judge

    return make


@pytest.fixture
def kernels_at_once(monkeypatch):
    """nbgrader's kernels are forked, too."""
    for name, value in kernels.environment().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def gradebooks_at_once():
    """New gradebooks are made without a process for each."""
    read_database_version_here()
