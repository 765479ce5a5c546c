"""Kernels that start at once: a process that has imported what every lesson imports forks one for each notebook.

`forked(folder)` runs that process and writes a kernel specification of the usual name into `folder`; a Jupyter server with
JUPYTER_PATH=folder takes its kernels from there. So a test of a page, of a server or of a notebook does not wait until
PyTorch and the library have been imported anew. `helpers` each kernel imports itself: `d2l` asks whether it is in a notebook.
The processes of `pytest -n3` share the one that forks: the first that needs a kernel starts it, and it ends with pytest.
The English lesson 00 runs on a kernel that starts as usual (`notebooks/conftest.py`), and so does what nbconvert runs
(`browser/test_everywhere.py`).
"""

import atexit
import contextlib
import fcntl
import functools
import gc
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import traceback

LIMIT = resource.RLIMIT_DATA  # the one that a student's server has
LENGTH = 4  # bytes
READY = b"ready\n"
_started = contextlib.ExitStack()
_shared = []  # the process that forks kernels for all workers, if this one has started it


@functools.cache
def environment():
    """What a Jupyter server needs in its environment for kernels that start at once: dict from str to str, empty off Linux.

    The first call starts the process that forks them, one for all tests of this process, or of `pytest -n3`; `stop` ends it.
    """
    if sys.platform != "linux":
        return {}
    import tempfile  # not above: it would make every kernel start later
    from pathlib import Path

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is not None:
        with contextlib.suppress(OSError):  # a system without pidfd_open
            return {"JUPYTER_PATH": share_forks(Path(tempfile.gettempdir(), f"kernels-{run[:16]}"))}
    folder = _started.enter_context(tempfile.TemporaryDirectory(prefix="kernels-"))
    _started.enter_context(forked(Path(folder)))
    return {"JUPYTER_PATH": folder}


def stop():
    """End the process that `environment` started."""
    _started.close()
    environment.cache_clear()


def share_forks(folder):
    """Start the process that forks kernels for all workers of pytest-xdist, unless another one has; return its folder.

    Args:
        folder: Path, the same one for all workers; the process removes it when it ends, which it does with pytest.
    """
    pytest = os.pidfd_open(os.getppid())
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it has begun
        if not (folder / "ready").exists():
            process = start_process(folder, os.environ, pytest)
            process.stdout.close()
            (folder / "ready").touch()
            _shared.append(process)
    finally:
        os.close(lock)
        os.close(pytest)
    return str(folder)


def start_process(folder, variables, until=None):
    """Start a process that forks the kernels of servers with JUPYTER_PATH=folder; return it when they can start at once.

    Args:
        folder: Path, a short one: the address of a socket has at most 107 bytes.
        variables: dict from str to str, its environment.
        until: file descriptor; the process ends, and removes the folder, when it can be read. Otherwise it ends with its
            standard input.
    """
    import subprocess  # not above: it would make every kernel start later

    address = folder / "socket"
    specification = folder / "kernels/python3/kernel.json"
    specification.parent.mkdir(parents=True)
    argv = [sys.executable, "-I", "-S", __file__, str(address), "-f", "{connection_file}"]
    text = json.dumps({"argv": argv, "display_name": "Python 3 (ipykernel)", "language": "python"})
    specification.write_text(text, encoding="utf-8")
    command, options = [sys.executable, "-P", __file__, str(address)], {"stdin": subprocess.PIPE}
    if until is not None:
        command.append(str(until))
        options = {"stdin": subprocess.DEVNULL, "pass_fds": [until], "start_new_session": True}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=variables, **options)
    if process.stdout.readline() != READY:  # here nobody loses patience, as a page or nbval would
        process.kill()
        raise RuntimeError("the process that forks kernels has ended")
    return process


@contextlib.contextmanager
def forked(folder, **variables):
    """Fork the kernels of servers with JUPYTER_PATH=folder until the block ends; it begins when they can start at once.

    Args:
        folder: Path, a short one: the address of a socket has at most 107 bytes.
        variables: str, of the environment in which they have loaded the library: PYTHONPATH, for another copy of it.
    """
    with start_process(folder, os.environ | variables) as process:
        try:
            yield
        finally:
            process.stdin.close()


def fork_kernels(address, until=None):
    """Import what every kernel needs, then fork a kernel for each that connects, until the standard input is closed.

    Args:
        address: str, of the socket.
        until: str, a file descriptor that is watched in place of the standard input; then the socket's folder is removed.
    """
    end = sys.stdin if until is None else int(until)
    if until is not None:
        os.set_inheritable(end, False)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(64)
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # what a kernel would set
        import anywidget  # noqa: F401
        import contourpy  # noqa: F401
        import ipykernel.kernelapp  # noqa: F401
        import ipywidgets  # noqa: F401
        import matplotlib.figure  # noqa: F401
        import sympy  # noqa: F401
        import torch._dynamo  # noqa: F401, what an optimizer and a function transform import

        import_library()
        gc.collect()
        gc.freeze()  # a collection in a kernel need not go through all that was imported, nor copy its pages
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no zombies
        os.write(sys.stdout.fileno(), READY)
        while end not in select.select([listener, end], [], [])[0]:
            connection, _ = listener.accept()
            if not os.fork():
                listener.close()
                become_kernel(connection)
            connection.close()
    if until is not None:
        shutil.rmtree(os.path.dirname(address), ignore_errors=True)


def import_library():
    """Import what `helpers` and the lessons take from the library."""
    import seeing_gradients
    from seeing_gradients.course import digits, exercises, progress  # noqa: F401
    from seeing_gradients.picture import export  # noqa: F401

    for name in seeing_gradients.__all__:
        getattr(seeing_gradients, name)
    exercises.all_exercises()


def receive(connection):
    """Return (the dict, the list of file descriptors) that `stand_for_kernel` sends."""
    length, files, _, _ = socket.recv_fds(connection, LENGTH, 3)
    with connection.makefile("rb") as sent:
        return json.loads(sent.read(int.from_bytes(length))), files


def become_kernel(connection):
    """Go on as the kernel that the other end of a connection asks for, until that is closed; never return."""
    status = 1
    try:
        from ipykernel import kernelapp

        request, files = receive(connection)
        connection.sendall(os.getpid().to_bytes(LENGTH))
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        os.environ.pop("JPY_PARENT_PID", None)  # that of another process's parent
        sys.path[:0] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))  # as Python does at its start
        resource.setrlimit(LIMIT, request["limit"])
        fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
        flags = fcntl.fcntl(connection, fcntl.F_GETFL)
        fcntl.fcntl(connection, fcntl.F_SETFL, flags | os.O_ASYNC)  # at its end SIGIO ends this process
        with contextlib.suppress(BlockingIOError):
            return connection.recv(1, socket.MSG_DONTWAIT)  # it has ended already
        sys.argv = ["ipykernel_launcher", *request["arguments"]]
        kernelapp.launch_new_instance()
        status = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        atexit._run_exitfuncs()
        os._exit(status)  # to free all that was imported takes half a second


def stand_for_kernel(address, *arguments):
    """Have a kernel forked and be, to Jupyter, its process: pass on the signals, and end when it ends."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address)
        request = {"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}
        request["limit"] = resource.getrlimit(LIMIT)
        text = json.dumps(request).encode()
        socket.send_fds(connection, [len(text).to_bytes(LENGTH)], [0, 1, 2])
        connection.sendall(text)
        kernel = int.from_bytes(connection.recv(LENGTH))

        def pass_on(number, frame):
            with contextlib.suppress(ProcessLookupError):
                os.kill(kernel, number)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, pass_on)
        connection.recv(1)


if __name__ == "__main__":
    (stand_for_kernel if "-f" in sys.argv else fork_kernels)(*sys.argv[1:])
