"""nbval on the lessons: each notebook has a progress file of its own, and a kernel that starts at once."""

import os
import tempfile
from pathlib import Path

import pytest

from tests import kernels

_SCRATCH = tempfile.TemporaryDirectory(prefix="progress-", ignore_cleanup_errors=True)
_STARTS_AS_USUAL = "en-00_start"  # its kernel, as a learner's does: it imports PyTorch itself


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
