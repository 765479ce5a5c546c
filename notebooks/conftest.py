"""nbval on the lessons: outputs must not depend on the progress of whoever runs it, so each notebook has a file of its own."""

import os
import tempfile
from pathlib import Path

import pytest

_SCRATCH = tempfile.TemporaryDirectory(prefix="progress-", ignore_cleanup_errors=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item):
    """Starts the kernel at the first cell of a notebook."""
    own = Path(_SCRATCH.name) / f"{item.path.parent.name}-{item.path.stem}.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "SEEING_GRADIENTS_PROGRESS", str(own))
        return (yield)
