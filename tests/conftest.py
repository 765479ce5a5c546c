"""What all tests share: one thread each, a progress file that is not the developer's own, messages in English, no deadlines."""

import gc
import os
import tempfile
from pathlib import Path

import hypothesis
import pytest

from helpers import language
from tests import kernels, needs
from tests.scheduling import pytest_xdist_make_scheduler  # noqa: F401, a hook
from tests.slow import pytest_terminal_summary  # noqa: F401, a hook

_SCRATCH = tempfile.TemporaryDirectory(prefix="progress-", ignore_cleanup_errors=True)
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["SEEING_GRADIENTS_PROGRESS"] = str(Path(_SCRATCH.name) / "progress.json")


pytest.register_assert_rewrite("browser.lessons")  # a failed assertion there says what was found
hypothesis.settings.register_profile("course", deadline=None)  # how long a case takes depends on what else runs here
hypothesis.settings.load_profile("course")


def pytest_configure(config):
    config.pluginmanager.register(needs.Needs())


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """All that is imported and collected stays: the collector of reference cycles need never go through it again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_unconfigure():
    kernels.stop()


@pytest.fixture(autouse=True)
def english():
    """Whatever language a test chooses, the next one finds English."""
    yield
    language.use("en")
