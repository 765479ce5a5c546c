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


def read_database_version_here():
    """Have nbgrader read the version of a new database in this process: for each it starts alembic, 1.4 s of processor time.

    `test_whole_class.py` grades as instructors do, with the program.
    """
    from alembic.script import ScriptDirectory
    from nbgrader import api, dbutil  # not above: they take a second of every process that collects the tests

    api.get_alembic_version = lambda: ScriptDirectory(dbutil.ALEMBIC_DIR).get_current_head()


def nbgrader(folder, command, *arguments):
    """Run `nbgrader command arguments` in the folder of a course."""
    from nbgrader import apps  # not above, likewise

    read_database_version_here()
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
