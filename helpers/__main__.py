"""Set up the course and open it: `python3 helpers lab`, `test` or `setup`; on Windows `py helpers lab`.

It builds .venv beside the lessons from requirements.txt, once, or again if that was interrupted. It uses only the
standard library, and no syntax that older Pythons cannot read, since it must tell their users which Python they need.
"""

from __future__ import annotations

import hashlib
import json
import locale
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
READY = VENV / "ready.json"  # which pins .venv holds; absent while it is being built
EXTRAS = ("", "test", "dev")  # each includes the one before
TEXT: Any = {"encoding": "utf-8", "errors": "replace"}
NEEDED = 2 * 10**9  # bytes of free disk space
SHOWN = r"error\b|retrying|\s*downloading .*[MG]B\)|installing collected"  # of pip's output; the rest goes to a file
CAUSES = {
    "setup.disk": r"Errno 28\b|Errno 122\b|WinError 112\b|No space left|Disk quota",
    "setup.long_path": r"Long Path|WinError 206\b",
    "setup.network": r"Retrying \(|ConnectionError|name resolution|getaddrinfo|ProxyError|SSLError|timed out",
    "setup.no_build": r"No matching distribution|Requires-Python",
}


class SetupError(Exception):
    """The set-up failed; the text of the error tells the learner why."""


def main(arguments: list[str]) -> int:
    """Run one command.

    Args:
        arguments: list of str, the command, "lab", "test", "setup" or "run", and its options: those of JupyterLab, of
            pytest, none, or the arguments of Python.

    Returns:
        int, the exit status: that of the program that was run; 0 after "setup", 1 after a SetupError, 2 for a wrong
        command, 130 after Ctrl+C.
    """
    command, *rest = arguments or [""]
    if command not in COMMANDS:
        print("usage: python3 helpers {} [options]".format("|".join(COMMANDS)), file=sys.stderr)
        return 2
    try:
        check_python()
        sys.path.insert(0, str(ROOT / "src"))
        choose_language()
        return COMMANDS[command](*rest)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def setup() -> int:
    """Build .venv unless it is complete already.

    Raises:
        SetupError: it could not be built; also raised by `lab`, `test` and `tool`, which do the same first.
    """
    prepare("")
    return 0


def lab(*options: str) -> int:
    """Open JupyterLab and lesson 00 in the learner's language, with its log in a file, and return its exit status.

    When it is ready, `announce` in src/seeing_gradients/server.py prints a sentence that ends with the address.
    """
    from seeing_gradients import language

    prepare("")
    lesson = f"--LabApp.default_url=/lab/tree/notebooks/{language.current()}/00_start.ipynb"
    menus = f"--LabApp.app_settings_dir={VENV}/share/jupyter/lab/settings-{language.current()}"  # a user's choice wins
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # a container's usual user
    with NamedTemporaryFile("w+", prefix="jupyterlab-", suffix=".log", delete=False, **TEXT) as log:
        os.environ["SEEING_GRADIENTS_READY"] = say("setup.ready", log=log.name, address="{address}")
        status = run("-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}", lesson, menus, *as_root, *options, stderr=log)
        if status:
            show_end(log)
    return status


def test(*options: str) -> int:
    """Install the packages that only tests need, run all tests in three processes ("-n0" for one), return the status.

    A test of a page waits for its kernel or its browser now and then: a third process keeps two cores busy.
    """
    prepare("test")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes import the course: compile it once
    os.environ["PYTHONPATH"] = str(ROOT / "tests/no_grammars")  # and many of them jsonschema
    return run("-m", "pytest", "-n3", "--dist=loadfile", "--no-loadscope-reorder", *options)


def tool(*arguments: str) -> int:
    """Install the developers' tools, run .venv's Python with `arguments`, and return its exit status."""
    prepare("dev")
    return run(*arguments)


COMMANDS = {"lab": lab, "test": test, "setup": setup, "run": tool}


def check_python(version: tuple[Any, ...] = sys.version_info) -> None:
    """Raise a SetupError, in both languages, if the lessons do not run on this version of Python."""
    if not (3, 11) <= tuple(version[:2]) <= (3, 13):
        raise SetupError(
            "This course needs Python 3.11 to 3.13; {0} is Python {1}. Install one of these and name it:\n"
            "本课程需要Python 3.11至3.13；{0}是Python {1}。请安装其中一个版本，并指明用它：\n"
            "    make lab PYTHON=python3.13        (Windows: py -3.13 helpers lab)".format(
                sys.executable, ".".join(map(str, version[:3]))
            )
        )


def check_computer() -> None:
    """Raise a SetupError if PyTorch has no build for this computer."""
    macos = platform.mac_ver()[0]
    problems = {
        "setup.intel_mac": macos and platform.machine() != "arm64",
        "setup.old_macos": macos and int(macos.split(".")[0]) < 14,
        "setup.windows_arm": sysconfig.get_platform() == "win-arm64",
        "setup.no_64_bit": sys.maxsize < 2**32,
    }
    for key in filter(problems.get, problems):
        raise SetupError(say(key, version=macos, python=sys.executable))


def choose_language() -> None:
    """Use Chinese if the environment says so (`make lab LANGUAGE=zh`, or the system's language), else English."""
    from seeing_gradients import language

    settings = [os.environ.get(name) for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")]
    chosen = next((value for value in settings if value), locale.getlocale()[0] or "")
    language.use("zh" if chosen.lower().startswith(("zh", "chinese")) else "en")


def prepare(extra: str) -> None:
    """Make sure that .venv contains the packages of requirements.txt and of an extra.

    Args:
        extra: one of EXTRAS.

    Raises:
        SetupError: they could not be installed.
    """
    installed, wanted = read_note(), {"place": str(VENV), "pins": digest(), "extra": extra}
    usable = installed.get("place") == wanted["place"] and PYTHON.exists()
    if usable and installed["pins"] == wanted["pins"] and EXTRAS.index(extra) <= EXTRAS.index(installed["extra"]):
        return
    check_computer()
    try:
        VENV.mkdir(exist_ok=True)
        READY.unlink(missing_ok=True)
    except OSError:
        raise SetupError(say("setup.read_only", folder=ROOT)) from None
    print(say("setup.building", folder=VENV), flush=True)
    if not usable:
        create()
    try:
        install(extra)
    except SetupError:
        if usable:
            write_note(installed)  # pip has undone its changes, so .venv is as it was before
        raise
    write_note(wanted)


def create() -> None:
    """Make an empty .venv in place of an existing one; raise SetupError if that fails or the disk is too full."""
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise SetupError(say("setup.no_venv", version="{}.{}".format(*sys.version_info)))
    watch(getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", str(VENV))
    free = shutil.disk_usage(str(VENV)).free
    if free < NEEDED:
        raise SetupError(say("setup.disk_before", free=free // 10**6, needed=NEEDED // 10**6))


def install(extra: str) -> None:
    """Install the pinned packages and the course with an extra into .venv; `editable.py` adds JupyterLab's settings."""
    course = ".[{}]".format(extra or "course")
    watch(str(PYTHON), "-m", "pip", "install", "-r", requirements(), "-e", course)


def requirements() -> str:
    """Return the path of the file of pinned versions: $REQUIREMENTS, or requirements.txt."""
    return os.environ.get("REQUIREMENTS", "requirements.txt")


def digest() -> str:
    """Return a hash, in hex, of the files that say what to install."""
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in (requirements(), "pyproject.toml"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_note() -> dict[str, str]:
    """Return the content of .venv/ready.json; {} if there is no such file or it is damaged."""
    try:
        return json.loads(READY.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_note(note: dict[str, str]) -> None:
    """Write .venv/ready.json: what .venv contains."""
    READY.write_text(json.dumps(note), encoding="utf-8")


def watch(*command: str) -> None:
    """Run a command of the set-up in the folder of the course; show the main lines of its output.

    Args:
        *command: the program and its arguments.

    Raises:
        SetupError: the command failed; the text names the likely cause, found in its output, whose end is shown.
    """
    environment = dict(os.environ, PYTHONIOENCODING="utf-8", PIP_DISABLE_PIP_VERSION_CHECK="1")
    with NamedTemporaryFile("w+", prefix="setup-", suffix=".log", delete=False, **TEXT) as log:
        streams: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(command, cwd=str(ROOT), env=environment, **streams, **TEXT)
        for line in process.stdout or ():
            log.write(line)
            if re.match(SHOWN, line, re.IGNORECASE):
                print(line[:100].rstrip(), flush=True)
        if process.wait():
            raise SetupError(say(cause(show_end(log)), folder=VENV))
    os.remove(log.name)


def show_end(log: IO[str]) -> str:
    """Print the last lines of a log and its path on the error stream, and return all of it."""
    log.seek(0)
    text = log.read()
    print("", *text.splitlines()[-20:], say("setup.log", path=log.name), sep="\n", file=sys.stderr)
    return text


def cause(error_output: str) -> str:
    """Return the key of the message that explains the output of pip or venv."""
    unknown = "setup.disk" if shutil.disk_usage(str(ROOT)).free < 10**8 else "setup.failed"
    return next((key for key, pattern in CAUSES.items() if re.search(pattern, error_output)), unknown)


def say(key: str, **fields: object) -> str:
    """Return a message in the learner's language; `language` is imported only after `main` has checked Python."""
    from seeing_gradients import language

    return language.message(key, **fields)


def run(*arguments: str, stderr: IO[str] | None = None) -> int:
    """Run .venv's Python in the folder of the course, and return its exit status. Only this process handles Ctrl+C."""
    process = subprocess.Popen([str(PYTHON), *arguments], cwd=str(ROOT), stderr=stderr)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return process.wait()


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))
