"""Start the processes in which answers run: inside bubblewrap, or unprotected on request.

`launch(sandbox)` is a context manager that gives a Launcher. A Launcher starts a Jail for each student, and a Jail
starts a process for each answer. Linux only. The files in the sandbox are read-only: the system's libraries, Python,
its packages, and a copy of those files of this library that contain neither solutions nor tests.
"""

import contextlib
import json
import os
import shutil
import site
import socket
import stat
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import seeing_gradients
from seeing_gradients.language import message

SANDBOXES = ("bubblewrap", "none")
STAGED = (
    "__init__.py", "language.py", "messages", "runtime", "recorder", "numeric", "course/__init__.py",
    "course/exercises/execution.py", "course/exercises/comparison.py", "course/exercises/harness/__init__.py",
    "course/exercises/harness/observation.py", "course/exercises/harness/runs.py",  # the rules judge outside
)  # fmt: skip
_PREFIX, _LOCK, _STAGED_FOLDER = "grader-", "lock", "grader"  # a folder for temporary files, and what is in it
_LIBRARY = Path(seeing_gradients.__file__).parent
_SYSTEM = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/etc/ld.so.cache")
_HUGE_PAGES = "/sys/kernel/mm/transparent_hugepage"  # glibc reads the size of huge pages from there
_ENVIRONMENT = {
    "PATH": "",
    "HOME": "/answer",
    "TMPDIR": "/answer",
    "TORCHINDUCTOR_CACHE_DIR": "/answer",  # PyTorch's compiler looks for a folder to write to when it is imported
    "USER": "answer",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Allocate memory in huge pages of 2 MB if the system has them: a fork copies the page table, which is then smaller;
    # it is three times faster.
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "PYTHONMALLOC": "malloc",
}
_LOAD_SECONDS = 120  # limit for loading PyTorch, which takes long on a busy machine
_FORK_SECONDS = 60  # limit for a fork, likewise
# Only for the trial run in `wait`; the limits of a student's answer are `limits.AnswerLimits`.
_TRIAL_LIMITS = {"processor": 1, "memory": 1 << 28, "processes": 1, "files": 1 << 20}


class SandboxError(RuntimeError):
    """The sandbox is missing or does not work; the message says why and how to fix it."""


class Jail(Protocol):
    """An isolated environment for the answers of one student."""

    def answer(self, limits: Mapping[str, float]) -> AbstractContextManager[socket.socket]:
        """Give a socket connected to a new process for one answer; at the end all processes of the answer are killed.

        Args:
            limits: dict with the fields of `limits.AnswerLimits`.

        Raises:
            SandboxError: the jail was lost, so that no process can start.
            OSError: likewise.
        """
        ...


class Launcher(Protocol):
    """Starts jails. It may still be starting itself when it is given; `wait` waits for that."""

    def wait(self) -> None:
        """Wait until jails can be started.

        Raises:
            SandboxError: the sandbox does not work.
        """
        ...

    def copy(self) -> "Launcher":
        """Return a Launcher that may be used in another process forked from this one, beside this one.

        Raises:
            SandboxError: the process that starts jails was lost.
            OSError: likewise.
        """
        ...

    def warm_up_fully(self) -> None:
        """Load what few answers need, and what takes them more time than they have.

        Raises:
            SandboxError: the process that starts jails was lost.
            OSError: likewise.
        """
        ...

    def close(self) -> None:
        """End this Launcher and all that runs in its jails."""
        ...

    def jail(self, files: int) -> AbstractContextManager[Jail]:
        """Give a Jail; at the end every process in it is killed.

        Args:
            files: int, size limit of its temporary folder in bytes.

        Raises:
            SandboxError: no jail could be started.
            OSError: the process that starts jails was lost.
        """
        ...


def launch(sandbox: str) -> AbstractContextManager[Launcher]:
    """Give a Launcher, which is starting: call `wait` before it is used.

    Args:
        sandbox: "bubblewrap", or "none" to run answers unprotected, with the rights of the current user.

    Raises:
        SandboxError: bubblewrap is missing, or the system is not Linux.
    """
    return _unprotected() if sandbox == "none" else _in_bubblewrap()


def stage(folder: Path) -> None:
    """Copy the files of this library that the sandbox may contain.

    Args:
        folder: Path; the copies go to folder/seeing_gradients and folder/inside.

    Raises:
        OSError: a file cannot be written; the error names it.
    """
    for name in STAGED:
        _copy(_LIBRARY / name, folder / "seeing_gradients" / name)
    (folder / "seeing_gradients/course/exercises/__init__.py").touch()  # empty, since the real one imports the lessons
    _copy(Path(__file__).parent / "inside", folder / "inside")


def _copy(source: Path, target: Path) -> None:
    """Copy a file, or the files of a folder; an error names the file that cannot be written, which that of shutil does not."""
    for path in source.rglob("*") if source.is_dir() else [source]:
        if path.is_file() and path.suffix != ".pyc":
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(path, copy)
            except OSError as error:
                raise OSError(error.errno, error.strerror, str(copy)) from None


class _Zygote:
    """The process in the sandbox that forks a jail for every student; a Launcher.

    Args:
        control: SOCK_SEQPACKET socket on which the zygote takes commands.
        process: Popen of bubblewrap; None for a copy, which another process has started.
    """

    def __init__(self, control: socket.socket, process: subprocess.Popen[bytes] | None = None) -> None:
        self._control, self._process = control, process

    @contextmanager
    def jail(self, files: int) -> Iterator["_ForkedJail"]:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            with theirs:
                command = json.dumps({"do": "begin", "files": files}).encode()
                socket.send_fds(self._control, [command], [theirs.fileno()])
            reply = self._receive()
            try:
                if reply != "begun":
                    raise SandboxError(message("judge.no_jail", reason=reply))
                ours.settimeout(_FORK_SECONDS)
                yield _ForkedJail(ours)
            finally:
                self._control.send(b'{"do": "end"}')
                self._receive()

    def wait(self) -> None:
        """Wait until PyTorch is loaded, and try the sandbox with one jail and one process for an answer."""
        try:
            if (reply := self._receive()) != "ready":
                raise SandboxError(reply)
            with self.jail(1 << 20) as jail, jail.answer(_TRIAL_LIMITS):
                return
        except (SandboxError, OSError) as error:
            stderr = b""
            if self._process is not None:
                self._process.kill()
                _, stderr = self._process.communicate()
            reason = f"{error} {stderr.decode(errors='replace')[-400:]}".strip()
            raise SandboxError(message("judge.bubblewrap_failed", reason=reason)) from None

    def copy(self) -> "_Zygote":
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(_LOAD_SECONDS)
        with theirs:
            socket.send_fds(self._control, [b'{"do": "copy"}'], [theirs.fileno()])
        if (reply := self._receive()) != "copied":
            ours.close()
            raise SandboxError(message("judge.no_jail", reason=reply))
        return _Zygote(ours)

    def warm_up_fully(self) -> None:
        self._control.send(b'{"do": "warm"}')
        if (reply := self._receive()) != "warm":
            raise SandboxError(message("judge.no_jail", reason=reply))

    def close(self) -> None:
        """End the process and with it all processes in its jails."""
        self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _receive(self) -> str:
        try:
            reply = self._control.recv(65536).decode()
        except TimeoutError:
            reply = "timeout"
        return reply or (f"exit status {self._process.wait(10)}" if self._process else "it has ended")


class _ForkedJail:
    """A Jail in namespaces of its own; each answer runs in a separate process and an empty folder."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control

    @contextmanager
    def answer(self, limits: Mapping[str, float]) -> Iterator[socket.socket]:
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                command = json.dumps({"do": "answer", "limits": dict(limits)}).encode()
                socket.send_fds(self._control, [command], [theirs.fileno()])
            if self._control.recv(16) != b"begun":
                raise SandboxError(message("judge.no_jail", reason="the cell was lost"))
            yield ours
        self._control.send(b'{"do": "end"}')


@contextmanager
def _in_bubblewrap() -> Iterator[_Zygote]:
    if not sys.platform.startswith("linux"):
        raise SandboxError(message("judge.linux_only"))
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxError(message("judge.no_bubblewrap"))
    with _temporary_folder() as folder:
        staged = folder / _STAGED_FOLDER
        os.chmod(folder, 0o755)
        stage(staged)
        zygote = _start(program, staged)
        try:
            yield zygote
        finally:
            zygote.close()


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """Give a new folder, which is removed at the end, and remove those that killed graders of this user have left.

    A lock says that a folder's grader lives: the kernel frees it when the last of the processes that hold it ends.
    """
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        lock = os.open(Path(name, _LOCK), os.O_CREAT | os.O_RDONLY, 0o600)
        try:
            _is_locked(lock)
            remove_stale_folders(Path(name).parent)
            yield Path(name)
        finally:
            os.close(lock)


def remove_stale_folders(parent: Path) -> None:
    """Remove the folders that graders of this user were using when they were killed. What cannot be removed stays.

    Args:
        parent: Path of the folder for temporary files.
    """
    for folder in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # it is not ours, or has just been removed
            state = folder.lstat()
            if (
                not stat.S_ISDIR(state.st_mode)
                or state.st_uid != os.geteuid()
                or not (folder / _STAGED_FOLDER).is_dir()
            ):
                continue  # without the staged files it may be one that is just being made, not locked yet
            lock = os.open(folder / _LOCK, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                if not _is_locked(lock):
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _is_locked(file: int) -> bool:
    """Whether another process holds the lock of a file; otherwise this one holds it from now on."""
    import fcntl  # missing on Windows

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _start(program: str, staged: Path) -> _Zygote:
    """Start the zygote, without waiting for it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(_LOAD_SECONDS)
    process = subprocess.Popen(
        [program, *_bubblewrap_options(staged), "--", *_zygote_command(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env={},
    )
    theirs.close()
    return _Zygote(ours, process)


def _zygote_command(descriptor: int) -> list[str]:
    return [_python(), "-P", "-s", "-S", "/grader/inside/zygote.py", str(descriptor), "/grader", *_packages()]


def _bubblewrap_options(staged: Path) -> list[str]:
    options = ["--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    if os.geteuid() == 0:  # each jail switches to a user id that no user has
        options += [part for name in ("SETUID", "SETGID", "KILL") for part in ("--cap-add", f"CAP_{name}")]
    else:
        options += ["--unshare-user"]
    visible = _without_nested(
        [
            *_SYSTEM,
            _HUGE_PAGES,
            _python(),
            sysconfig.get_path("stdlib"),
            sysconfig.get_config_var("LIBDIR"),
            *_packages(),
        ]
    )
    parents = {str(parent) for path in visible for parent in Path(path).parents if parent != Path("/")}
    for path in sorted(parents):  # readable for the users of the jails; the real ones, e.g. /root, may not be
        options += ["--perms", "0755", "--dir", path]
    for path in visible:
        options += ["--ro-bind", path, path]
    for path in _paths_to_hide(visible):
        options += ["--tmpfs", path]
    options += ["--ro-bind", str(staged), "/grader", "--proc", "/proc", "--dev", "/dev", "--dir", "/answer"]
    options += ["--remount-ro", "/", "--chdir", "/"]
    for name, value in _ENVIRONMENT.items():
        options += ["--setenv", name, value]
    return options


def _python() -> str:
    return os.path.realpath(sys.executable)


def _packages() -> list[str]:
    """The folders with installed packages."""
    paths = [*site.getsitepackages(), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    if site.ENABLE_USER_SITE:
        paths.append(site.getusersitepackages())
    return list(dict.fromkeys(os.path.realpath(path) for path in paths if os.path.isdir(path)))


def _without_nested(paths: list[str | None]) -> list[str]:
    """The existing paths, without those inside another one. Symbolic links are not resolved."""
    outermost: list[str] = []
    for path in sorted({path for path in paths if path and os.path.exists(path)}, key=len):
        if not any(path.startswith(f"{other}/") for other in outermost):
            outermost.append(path)
    return outermost


def _paths_to_hide(visible: list[str]) -> list[str]:
    """The folder of this library, which contains the solutions, if it is inside a visible one."""
    folders = [str(_LIBRARY), os.path.realpath(_LIBRARY)]
    return sorted({path for path in folders if any(path.startswith(f"{other}/") for other in visible)})


@contextmanager
def _unprotected() -> Iterator["_Unprotected"]:
    with _temporary_folder() as folder:
        stage(folder / _STAGED_FOLDER)
        yield _Unprotected(str(folder / _STAGED_FOLDER))


class _Unprotected:
    """Starts a new process for each answer, without protection; a Launcher, and also the Jail of every student.

    It is meant for answers that you trust, on systems without a sandbox. An answer can do anything that the user who
    grades can do.
    """

    _PROGRAM = (
        "import socket, sys; sys.path.insert(0, sys.argv[2]); from inside import answer; answer.warm_up(); "
        "sys.argv[3] == 'True' and answer.warm_up_fully(); "
        "connection = socket.socket(fileno=int(sys.argv[1])); connection.sendall(b'r'); answer.serve(connection)"
    )

    def __init__(self, folder: str) -> None:
        self._folder, self._is_warm = folder, False

    def wait(self) -> None:
        pass

    def copy(self) -> "_Unprotected":
        return self

    def warm_up_fully(self) -> None:
        self._is_warm = True

    def close(self) -> None:
        pass

    @contextmanager
    def jail(self, files: int) -> Iterator["_Unprotected"]:
        yield self

    @contextmanager
    def answer(self, limits: Mapping[str, float]) -> Iterator[socket.socket]:
        ours, theirs = socket.socketpair()
        process = subprocess.Popen(
            [sys.executable, "-c", self._PROGRAM, str(theirs.fileno()), self._folder, str(self._is_warm)],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        try:
            with ours:
                ours.recv(1)
                yield ours
        finally:
            process.kill()
            process.wait()
