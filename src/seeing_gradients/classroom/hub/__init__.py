"""JupyterHub for a class: every student a server with this course's environment, a folder of lessons, an exchange.

A site writes its own jupyterhub_config.py (`python -m seeing_gradients.classroom.hub` prints one to begin with); in it
`classroom(c, ...)` makes all settings that belong to the course, and what follows it belongs to the site.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from seeing_gradients import language

if TYPE_CHECKING:
    from traitlets.config import Config

PYTHON = [sys.executable, "-P"]  # -P: so that a helpers.py in a student's folder does not replace the course's
CULLER = {"name": "idle-culler", "command": [*PYTHON, "-m", "jupyterhub_idle_culler", "--timeout=3600"]}
CULLER_SCOPES = ["list:users", "read:users:activity", "read:servers", "delete:servers"]


def classroom(
    c: "Config", course: str, exchange: str | Path, lang: str = "en", folder: str = "~/seeing-gradients"
) -> None:
    """Make the settings of a JupyterHub that serves this course; the lines after the call may change any of them.

    Args:
        c: traitlets Config, what `get_config()` returns.
        course: str, the name of the nbgrader course.
        exchange: str or Path, nbgrader's exchange folder, as the students' servers see it.
        lang: "en" or "zh", the language of the lesson that opens.
        folder: str, where a student finds the lessons; "~" is the student's home.

    Raises:
        ValueError: an unknown language, or a relative path of the exchange.
    """
    language.use(lang)
    if not Path(exchange).is_absolute():
        raise ValueError(language.message("hub.relative_exchange", exchange=exchange))
    if not os.access(exchange, os.W_OK | os.X_OK):
        print(language.message("hub.no_exchange", exchange=exchange), file=sys.stderr)
    _configure_hub(c)
    _configure_servers(c, folder, lang)
    c.Spawner.environment = {
        "SEEING_GRADIENTS_COURSE": course,
        "SEEING_GRADIENTS_EXCHANGE": str(exchange),
        "OMP_NUM_THREADS": "1",  # PyTorch would take every core of the machine for each student
    }


def _configure_hub(c: "Config") -> None:
    c.JupyterHub.bind_url = "http://127.0.0.1:8000"
    c.JupyterHub.authenticator_class = "seeing_gradients.classroom.hub.authenticator.NoAuthenticator"
    c.JupyterHub.services = [CULLER]
    c.JupyterHub.load_roles = [{"name": "idle-culler", "scopes": CULLER_SCOPES, "services": ["idle-culler"]}]


def _configure_servers(c: "Config", folder: str, lang: str) -> None:
    c.Spawner.cmd = [*PYTHON, "-m", "seeing_gradients.classroom.hub.student"]
    c.Spawner.notebook_dir = folder
    c.Spawner.default_url = f"/lab/tree/{lang}/00_start.ipynb"
    c.Spawner.disable_user_config = True
    c.Spawner.mem_limit = "1G"
    c.Spawner.cpu_limit = 1.0
    c.Spawner.start_timeout = 120
    c.Spawner.http_timeout = 120
