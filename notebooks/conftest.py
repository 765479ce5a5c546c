"""nbval on the lessons: each notebook has a progress file of its own, and a kernel that starts at once.

A lesson that the same run opens in a browser is compared there (`tests/browser/committed.py`), with nbval's own function;
it is not run twice.
"""

import os
import tempfile
from pathlib import Path

import pytest

from tests import kernels
from tests.needs import find_browser

_SCRATCH = tempfile.TemporaryDirectory(prefix="progress-", ignore_cleanup_errors=True)
_COMPARED_IN_A_PAGE = "test_every_cell_gives_what_the_committed_notebook_shows"
_NOTEBOOKS = Path(__file__).resolve().parent
_STARTS_AS_USUAL = "en-00_start"  # its kernel, as a learner's does: it imports PyTorch itself


@pytest.hookimpl(trylast=True)  # after -k and -m have chosen
def pytest_collection_modifyitems(config, items):
    """Leave out the notebooks that the tests of pages compare; without a browser nothing is left out."""
    if not find_browser():
        return
    compared = {
        _NOTEBOOKS / item.module.LESSON for item in items if getattr(item, "originalname", "") == _COMPARED_IN_A_PAGE
    }
    left_out = [item for item in items if item.path in compared]
    if left_out:
        items[:] = [item for item in items if item.path not in compared]
        config.hook.pytest_deselected(items=left_out)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item):
    """Starts the kernel at the first cell of a notebook. Outputs must not depend on the progress of whoever runs it."""
    name = f"{item.path.parent.name}-{item.path.stem}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "SEEING_GRADIENTS_PROGRESS", str(Path(_SCRATCH.name) / f"{name}.json"))
        if name != _STARTS_AS_USUAL:
            for variable, value in kernels.environment().items():
                patch.setitem(os.environ, variable, value)
        return (yield)


def pytest_unconfigure():
    kernels.stop()
