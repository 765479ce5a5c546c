"""Run nbgrader's commands in this process, since a new process needs seconds for its imports."""

import contextlib
import logging
import os
import sys
from pathlib import Path

APPS = {
    "generate_assignment": "GenerateAssignmentApp",
    "release_assignment": "ReleaseAssignmentApp",
    "collect": "CollectApp",
    "autograde": "AutogradeApp",
    "generate_feedback": "GenerateFeedbackApp",
    "export": "ExportApp",
}


def nbgrader(folder, command, *arguments):
    """Run `nbgrader command arguments` in the folder of a course."""
    from nbgrader import apps  # not above: it takes a second of every process that collects the tests

    before = os.environ["PATH"]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{before}"  # nbgrader runs alembic by its bare name
    try:
        with contextlib.chdir(folder):
            app = getattr(apps, APPS[command])()
            app.initialize(list(arguments))
            app.log.setLevel(logging.ERROR)
            app.start()
    finally:
        os.environ["PATH"] = before
