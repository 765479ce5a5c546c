"""The command that starts a student's server: copy the lessons, limit the memory, then become JupyterHub's server.

It runs as the student, on the hub's machine or in a container. JupyterHub sets two environment variables: the folder
JUPYTERHUB_ROOT_DIR and the limit MEM_LIMIT.

Lessons are copied at the first start. Later starts update a lesson unless the student has changed it: a file beside the
lessons stores the digest of each as it was copied, and a lesson with another digest stays as it is. A lesson that the
student deleted or renamed is copied again.
"""

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
_WITHHELD = FOLDER / "notebooks"  # what `assign --without-solutions` wrote; a copy of the whole course has none here
LESSONS = _WITHHELD if _WITHHELD.is_dir() else FOLDER.parents[3] / "notebooks"
DIGESTS = ".seeing-gradients.json"
# When a whole class opens notebooks in the same minute, a kernel may take longer to start than the 60 s after which
# Jupyter Server closes the page's connection to it.
KERNEL_TIMEOUT = "--MappingKernelManager.kernel_info_timeout=180"


def main(arguments: Sequence[str]) -> None:
    """Prepare the student's folder and replace this process by the server. Never returns.

    Args:
        arguments: list of str, passed on to jupyterhub.singleuser.
    """
    folder = Path(os.environ["JUPYTERHUB_ROOT_DIR"]).expanduser()
    try:
        hand_out(LESSONS, folder)
    except OSError as error:  # e.g. a full disk; students must still reach their files
        print(f"{folder}: {error}", file=sys.stderr)
    os.chdir(folder)  # nbgrader fetches assignments into the current folder
    limit_memory(int(os.environ.get("MEM_LIMIT", "0")))
    paths = [str(FOLDER / "jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    programs = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([programs, os.environ["PATH"]])  # so that nbgrader is found in a terminal
    os.execv(sys.executable, [sys.executable, "-P", "-m", "jupyterhub.singleuser", KERNEL_TIMEOUT, *arguments])


def limit_memory(size: int) -> None:
    """Limit the data memory of each process of this student, on Linux.

    Spawners with containers or control groups limit all processes together; JupyterHub's default spawner has no limit.

    Args:
        size: int, bytes per process; 0 for no limit.
    """
    if size and sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def hand_out(lessons: Path, folder: Path) -> list[str]:
    """Copy the lessons to the folder of a student and make it inaccessible to others.

    A lesson that the student has changed is not overwritten.

    Args:
        lessons: Path, contains a folder of notebooks per language ("en", "zh").
        folder: Path, created if it is missing.

    Returns:
        list of str, the lessons that were written, such as "en/00_start.ipynb".

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
    """The digests from earlier starts; {} if the file is missing or damaged: then every lesson counts as changed."""
    try:
        digests = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return digests if isinstance(digests, dict) else {}


def _write(path: Path, content: bytes) -> None:
    """Write a file atomically: after an interruption it has either the old content or the new."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


if __name__ == "__main__":
    main(sys.argv[1:])
