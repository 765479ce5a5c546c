"""What a student's server starts with, as the student: a folder of lessons, a memory limit, then JupyterHub's server.

It runs where the server runs, on the hub's machine or in a container, and writes nothing as root. The folder is
JUPYTERHUB_ROOT_DIR, which JupyterHub sets; the limit is MEM_LIMIT. Lessons are copied once, and brought up to date as long as the
student has not changed them: a file beside them holds the digest of each as it was handed out, and a lesson that differs from its
digest is the student's, and stays. A lesson that the student deletes or renames comes again at the next start.
"""

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
LESSONS = FOLDER.parents[3] / "notebooks"
DIGESTS = ".seeing-gradients.json"
# A class opens its notebooks in the same minute. Jupyter Server gives up on a kernel after 60 s, and closes the page's connection.
PATIENCE = "--MappingKernelManager.kernel_info_timeout=180"


def main(arguments: Sequence[str]) -> None:
    """Prepare the student's folder and become the server; the arguments go to it."""
    folder = Path(os.environ["JUPYTERHUB_ROOT_DIR"]).expanduser()
    try:
        hand_out(Path(os.environ.get("SEEING_GRADIENTS_LESSONS", LESSONS)), folder)
    except OSError as error:  # a full disk must not separate students from what they have
        print(f"{folder}: {error}", file=sys.stderr)
    os.chdir(folder)  # where nbgrader puts an assignment that is fetched
    limit_memory(int(os.environ.get("MEM_LIMIT", "0")))
    paths = [str(FOLDER / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    programs = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([programs, os.environ["PATH"]])  # for a terminal: nbgrader
    os.execv(sys.executable, [sys.executable, "-P", "-m", "jupyterhub.singleuser", PATIENCE, *arguments])


def limit_memory(size: int) -> None:
    """Let no process of this student hold more than `size` bytes of its own, where the system has such a limit.

    A spawner with containers or control groups limits all processes together; JupyterHub's default limits nothing.
    """
    if size and sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def hand_out(lessons: Path, folder: Path) -> list[str]:
    """Copy the lessons into the folder of a student, who alone may enter it.

    Args:
        lessons: Path, holds one folder per language ("en", "zh") with notebooks in it.
        folder: Path, created if it is missing.

    Returns:
        list of str, what was written: "en/00_start.ipynb".

    Raises:
        OSError: a file cannot be read or written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    digests = _read_digests(folder / DIGESTS)
    written = []
    for source in sorted(lessons.glob("??/*.ipynb")):
        name, content = source.relative_to(lessons).as_posix(), source.read_bytes()
        present = _digest((folder / name).read_bytes()) if (folder / name).exists() else None
        is_untouched = present is None or present == digests.get(name)
        if present is None or (is_untouched and present != _digest(content)):
            _write(folder / name, content)
            written.append(name)
        if is_untouched:
            digests[name] = _digest(content)
    if written:
        _write(folder / DIGESTS, json.dumps(digests, indent=1).encode())
    return written


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_digests(path: Path) -> dict[str, str]:
    """The digests of earlier starts; none where the file is missing or damaged: then every lesson is the student's."""
    try:
        digests = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return digests if isinstance(digests, dict) else {}


def _write(path: Path, content: bytes) -> None:
    """Write a file so that an interrupted start leaves the old one or the new one."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


if __name__ == "__main__":
    main(sys.argv[1:])
