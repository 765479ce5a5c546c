"""What a student's server starts with, as the student: a folder of lessons, a limit of memory, then JupyterHub's server.

It runs where the server runs, on the hub's machine or in a container, and writes nothing as root. The folder is
JUPYTERHUB_ROOT_DIR, which JupyterHub sets; the limit is MEM_LIMIT.
"""

import os
import sys
from pathlib import Path

from seeing_gradients.classroom.hub.lessons import hand_out

HERE = Path(__file__).resolve().parent
LESSONS = HERE.parents[3] / "notebooks"


def main(arguments):
    """Prepare the student's folder and become the server; the arguments go to it."""
    folder = Path(os.environ["JUPYTERHUB_ROOT_DIR"]).expanduser()
    try:
        hand_out(Path(os.environ.get("SEEING_GRADIENTS_LESSONS", LESSONS)), folder)
    except OSError as error:  # a full disk must not keep students from what they have
        print(f"{folder}: {error}", file=sys.stderr)
    os.chdir(folder)  # where nbgrader puts an assignment that is fetched
    limit_memory(int(os.environ.get("MEM_LIMIT", "0")))
    paths = [str(HERE / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ["PATH"]]
    )  # for a terminal: nbgrader
    os.execv(sys.executable, [sys.executable, "-P", "-m", "jupyterhub.singleuser", *arguments])


def limit_memory(size):
    """Let no process of this student hold more than `size` bytes of its own, where the system has such a limit.

    A spawner with containers or control groups limits all processes together; JupyterHub's default limits nothing.
    """
    if size and sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


if __name__ == "__main__":
    main(sys.argv[1:])
