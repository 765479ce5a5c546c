"""JupyterHub for a class: each student gets a server with this environment, the lessons, and nbgrader's exchange.

A site writes its own jupyterhub_config.py; `python -m seeing_gradients.classroom.hub` prints a first version. There
`classroom(c, ...)` sets everything that belongs to the course; the lines after it set what belongs to the site.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from seeing_gradients import language

if TYPE_CHECKING:
    from traitlets.config import Config

PYTHON = [sys.executable, "-P"]  # -P: so that a helpers.py in a student's folder is not imported instead of ours
CULLER = {"name": "idle-culler", "command": [*PYTHON, "-m", "jupyterhub_idle_culler", "--timeout=3600"]}
CULLER_SCOPES = ["list:users", "read:users:activity", "read:servers", "delete:servers"]


def classroom(
    c: "Config",
    course: str,
    exchange: str | Path,
    lang: str = "en",
    folder: str = "~/seeing-gradients",
    python: str | None = None,
) -> None:
    """Configure a JupyterHub that serves this course; the lines after the call may change any setting.

    Warns on stderr if the exchange folder is not writable.

    Args:
        c: traitlets Config, as `get_config()` returns it; changed in place.
        course: str, nbgrader's course id.
        exchange: str or Path, absolute path of nbgrader's exchange folder on the students' servers.
        lang: "en" or "zh", the language of the lesson that opens first.
        folder: str, the folder of a student that holds the lessons; "~" is the student's home.
        python: str, the Python of an environment of the students' own, e.g. one that has the course without solutions
            (`assign --without-solutions`); None for this one.

    Raises:
        ValueError: the language is unknown, or the path of the exchange is relative.
    """
    language.use(lang)
    if not Path(exchange).is_absolute():
        raise ValueError(language.message("hub.relative_exchange", exchange=exchange))
    if not os.access(exchange, os.W_OK | os.X_OK):
        print(language.message("hub.no_exchange", exchange=exchange), file=sys.stderr)
    _configure_hub(c)
    _configure_servers(c, folder, lang, python or sys.executable)
    c.Spawner.environment = {
        "SEEING_GRADIENTS_COURSE": course,
        "SEEING_GRADIENTS_EXCHANGE": str(exchange),
        "OMP_NUM_THREADS": "1",  # PyTorch would take every core of the machine for each student
    }
    if python is not None:  # what `assign` writes for students holds no notebooks
        c.Spawner.environment["SEEING_GRADIENTS_LESSONS"] = str(Path(__file__).resolve().parents[4] / "notebooks")


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
