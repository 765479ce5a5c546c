"""Starts the process in the sandbox: with bubblewrap where it is installed, else with namespaces of our own making.

`launched(sandbox)` is a context manager that gives a `Zygote`. Linux only. What the sandbox shows is read-only: the
system's libraries, Python, its packages, and a copy of those files of ours that hold neither solutions nor tests.
"""

import json
import os
import shutil
import site
import socket
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import contextmanager
from pathlib import Path

import seeing_gradients
from seeing_gradients.language import message

from .cells import SandboxError, Zygote

_OURS = Path(seeing_gradients.__file__).parent
_FILES = (
    "__init__.py", "language.py", "messages", "runtime", "recorder", "numeric", "course/__init__.py",
    "course/exercises/execution.py", "course/exercises/comparison.py", "course/exercises/harness",
)  # fmt: skip
_SYSTEM = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/etc/ld.so.cache")
_PAGES = "/sys/kernel/mm/transparent_hugepage"  # where glibc looks up how large pages are
_ENVIRONMENT = {
    "PATH": "",
    "HOME": "/answer",
    "TMPDIR": "/answer",
    "USER": "answer",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # memory in pages of 2 MB, where there are such: a fork copies the table of pages, and is three times faster with them
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "PYTHONMALLOC": "malloc",
}
_PATIENCE = 120  # seconds for PyTorch to load on a busy machine
_TRIAL = {"processor": 1, "memory": 1 << 28, "processes": 1, "files": 1 << 20}


@contextmanager
def launched(sandbox):
    """Give a Zygote.

    Args:
        sandbox: "bubblewrap", "namespaces", or "auto" for the first of them that works here.

    Raises:
        SandboxError: neither works.
    """
    if not sys.platform.startswith("linux"):
        raise SandboxError(message("judge.linux_only"))
    kinds = {"auto": ("bubblewrap", "namespaces")}.get(sandbox, (sandbox,))
    with tempfile.TemporaryDirectory(prefix="grader-") as folder:
        staged, base = Path(folder, "grader"), Path(folder, "root")
        base.mkdir()
        os.chmod(folder, 0o755)
        stage(staged)
        reasons = []
        for kind in kinds:
            try:
                process, zygote = _started(kind, staged, base)
            except (SandboxError, OSError) as error:
                reasons.append(f"{kind}: {error}")
                continue
            try:
                yield zygote
            finally:
                zygote.close()
                process.kill()
                process.wait()
            return
        raise SandboxError(message("judge.no_sandbox", reasons="; ".join(reasons)))


def stage(folder):
    """Copy to a folder what the sandbox may see of ours."""
    for name in _FILES:
        source, target = _OURS / name, folder / "seeing_gradients" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    (folder / "seeing_gradients/course/exercises/__init__.py").touch()
    shutil.copytree(Path(__file__).parent / "inside", folder / "inside", ignore=shutil.ignore_patterns("__pycache__"))


def _started(kind, staged, base):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(_PATIENCE)
    paths = _packages()
    zygote = [_python(), "-P", "-s", "-S", "/grader/inside/zygote.py", str(theirs.fileno()), "/grader", *paths]
    shown = _outermost(
        [*_SYSTEM, _PAGES, _python(), sysconfig.get_path("stdlib"), sysconfig.get_config_var("LIBDIR"), *paths]
    )
    command = {"bubblewrap": _bubblewrap, "namespaces": _namespaces}[kind](zygote, shown, _hidden(shown), staged, base)
    process = subprocess.Popen(
        command,
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={},
    )
    theirs.close()
    made = Zygote(process, ours)
    try:
        made.wait()
        with made.cell(1 << 20) as cell, cell.answer(_TRIAL):
            return process, made
    except (SandboxError, OSError) as error:
        process.kill()
        _, said = process.communicate()
        raise SandboxError(f"{error} {said.decode(errors='replace')[-400:]}".strip()) from None


def _bubblewrap(zygote, shown, hidden, staged, base):
    if shutil.which("bwrap") is None:
        raise SandboxError("bwrap is not installed")
    options = ["--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    if os.geteuid() == 0:  # to become, in each cell, a user whom nobody is
        options += [part for name in ("SETUID", "SETGID", "KILL") for part in ("--cap-add", f"CAP_{name}")]
    else:
        options += ["--unshare-user"]
    parents = {str(parent) for path in shown for parent in Path(path).parents if parent != Path("/")}
    for path in sorted(parents):  # /root, say, is closed to the users of the cells unless it is made open here
        options += ["--perms", "0755", "--dir", path]
    for path in shown:
        options += ["--ro-bind", path, path]
    for path in hidden:
        options += ["--tmpfs", path]
    options += ["--ro-bind", str(staged), "/grader", "--proc", "/proc", "--dev", "/dev", "--dir", "/answer"]
    options += ["--remount-ro", "/", "--chdir", "/"]
    for name, value in _ENVIRONMENT.items():
        options += ["--setenv", name, value]
    return [shutil.which("bwrap"), *options, "--", *zygote]


def _namespaces(zygote, shown, hidden, staged, base):
    order = {"shown": shown, "hidden": hidden, "grader": str(staged), "base": str(base), "command": zygote}
    start = "import sys; sys.path.insert(0, sys.argv.pop(1)); import json, root; root.main(json.loads(sys.argv[1]))"
    return [
        _python(),
        "-I",
        "-S",
        "-c",
        start,
        str(staged / "inside"),
        json.dumps({**order, "environment": _ENVIRONMENT}),
    ]


def _python():
    return os.path.realpath(sys.executable)


def _packages():
    """The folders of installed packages."""
    found = [*site.getsitepackages(), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    if site.ENABLE_USER_SITE:
        found.append(site.getusersitepackages())
    return list(dict.fromkeys(os.path.realpath(path) for path in found if os.path.isdir(path)))


def _outermost(paths):
    """Existing paths, without those that lie in another one; a symbolic link stays one more path."""
    kept = []
    for path in sorted({path for path in paths if path and os.path.exists(path)}, key=len):
        if not any(path.startswith(f"{other}/") for other in kept):
            kept.append(path)
    return kept


def _hidden(shown):
    """Our own package and the project's folder, where they lie inside what is shown: they hold the solutions."""
    ours = [str(_OURS), os.path.realpath(_OURS)]
    return sorted({path for path in ours if any(path.startswith(f"{other}/") for other in shown)})
