"""JupyterHub for a class: each student gets a server with this environment, the lessons, and nbgrader's exchange.

A site writes its own jupyterhub_config.py; `python -m seeing_gradients.classroom.hub` prints a first version. There
`classroom(c, ...)` sets everything that belongs to the course; the lines after it set what belongs to the site. Students'
servers run in an environment of their own, which has the course without the solutions of what was assigned.
"""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import seeing_gradients
from seeing_gradients import language

if TYPE_CHECKING:
    from traitlets.config import Config

STUDENTS = "/srv/students"
WITHHELD = "withheld.json"  # in the folder of a lesson whose solutions are left out
PYTHON = [sys.executable, "-P"]  # -P: so that a helpers.py in a student's folder is not imported instead of ours
CULLER = {"name": "idle-culler", "command": [*PYTHON, "-m", "jupyterhub_idle_culler", "--timeout=3600"]}
CULLER_SCOPES = ["list:users", "read:users:activity", "read:servers", "delete:servers"]


def classroom(
    c: "Config",
    course: str,
    exchange: str | Path,
    lang: str = "en",
    folder: str = "~/seeing-gradients",
    students: str | Path | None = STUDENTS,
) -> None:
    """Configure a JupyterHub that serves this course; the lines after the call may change any setting.

    Warns on stderr if the exchange folder is not writable, and if students can read solutions.

    Args:
        c: traitlets Config, as `get_config()` returns it; changed in place.
        course: str, nbgrader's course id.
        exchange: str or Path, absolute path of nbgrader's exchange folder on the students' servers.
        lang: "en" or "zh", the language of the lesson that opens first.
        folder: str, the folder of a student that holds the lessons; "~" is the student's home.
        students: str or Path, the folder of the environment in which the students' servers run: it has what
            `assign --without-solutions` wrote in place of this course. None for the environment of this process, where
            students can read all solutions.

    Raises:
        ValueError: the language is unknown, the path of the exchange is relative, or there is no such environment.
    """
    language.use(lang)
    if not Path(exchange).is_absolute():
        raise ValueError(language.message("hub.relative_exchange", exchange=exchange))
    if not os.access(exchange, os.W_OK | os.X_OK):
        print(language.message("hub.no_exchange", exchange=exchange), file=sys.stderr)
    python = Path(sys.executable) if students is None else Path(students) / "bin/python"
    if not python.is_file():
        raise ValueError(language.message("hub.no_students", folder=students))
    for warning in _readable_solutions(students):
        print(warning, file=sys.stderr)
    _configure_hub(c)
    _configure_servers(c, folder, lang, str(python))
    c.Spawner.environment = {
        "SEEING_GRADIENTS_COURSE": course,
        "SEEING_GRADIENTS_EXCHANGE": str(exchange),
        "OMP_NUM_THREADS": "1",  # PyTorch would take every core of the machine for each student
    }


def _readable_solutions(students: str | Path | None) -> Iterator[str]:
    """What students can read of the solutions, as sentences."""
    if students is None:
        yield language.message("hub.all_readable")
        return
    lessons = "lib/python3*/site-packages/seeing_gradients/course/exercises/lessons/"
    if not list(Path(students).glob(f"{lessons}l*/{WITHHELD}")):
        yield language.message("hub.nothing_withheld", folder=students)
    library = Path(seeing_gradients.__file__).resolve().parent
    if all(path.stat().st_mode & stat.S_IXOTH for path in [library, *library.parents]):
        yield language.message("hub.course_readable", folder=library)


def _configure_hub(c: "Config") -> None:
    c.JupyterHub.bind_url = "http://127.0.0.1:8000"
    c.JupyterHub.authenticator_class = "seeing_gradients.classroom.hub.authenticator.NoAuthenticator"
    c.JupyterHub.services = [CULLER]
    c.JupyterHub.load_roles = [{"name": "idle-culler", "scopes": CULLER_SCOPES, "services": ["idle-culler"]}]


def _configure_servers(c: "Config", folder: str, lang: str, python: str) -> None:
    c.Spawner.cmd = [python, "-P", "-m", "seeing_gradients.classroom.hub.student"]
    c.Spawner.notebook_dir = folder
    c.Spawner.default_url = f"/lab/tree/{lang}/00_start.ipynb"
    c.Spawner.disable_user_config = True
    c.Spawner.mem_limit = "1G"
    c.Spawner.cpu_limit = 1.0
    c.Spawner.start_timeout = 120
    c.Spawner.http_timeout = 120
