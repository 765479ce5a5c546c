"""Set the course up and open it: `python3 helpers lab`, `test` or `setup`; on Windows `py helpers lab`.

It builds .venv beside the lessons once, from requirements.txt, and again if that was interrupted. It uses only the
standard library and syntax that older Pythons read, too, since it must be able to say which Python is needed.
"""

from __future__ import annotations

import hashlib
import json
import locale
import os
import re
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
READY = VENV / "ready.json"  # which pins .venv holds; absent while it is being built
EXTRAS = ("", "test", "dev")  # each includes the one before
NEEDED = 2 * 10**9  # bytes
ANNOUNCEMENTS = "@jupyterlab/apputils-extension:announcements"  # asks every newcomer about news, over the network
CAUSES = {
    "setup.disk": r"Errno 28\b|Errno 122\b|WinError 112\b|No space left|Disk quota",
    "setup.long_path": r"Long Path|WinError 206\b",
    "setup.network": r"Retrying \(|ConnectionError|name resolution|getaddrinfo|ProxyError|SSLError|timed out",
    "setup.no_build": r"No matching distribution|Requires-Python",
}


class SetupError(Exception):
    """The set-up failed; the text tells the learner why."""


def main(arguments: list[str]) -> int:
    """Carry one command out.

    Args:
        arguments: list of str, the command and its options; "lab" and "test" pass these to JupyterLab and pytest.

    Returns:
        int, exit status.
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
    """Build .venv unless it is there."""
    prepare("")
    return 0


def lab(*options: str) -> int:
    """Open JupyterLab on lesson 00 in the learner's language; the address that it prints leads there, too."""
    from seeing_gradients import language

    prepare("")
    lesson = f"--LabApp.default_url=/lab/tree/notebooks/{language.current()}/00_start.ipynb"
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # a container's usual user
    return run("-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}", lesson, *as_root, *options)


def test(*options: str) -> int:
    """Run every test in two processes ("-n0" for one), after installing the packages that only tests need."""
    prepare("test")
    return run("-m", "pytest", "-n2", "--dist=loadfile", "--no-loadscope-reorder", *options)


def tool(*arguments: str) -> int:
    """Run Python with `arguments` and the developers' tools."""
    prepare("dev")
    return run(*arguments)


COMMANDS = {"lab": lab, "test": test, "setup": setup, "run": tool}


def check_python(version: tuple[Any, ...] = sys.version_info) -> None:
    """Raise SetupError, in both languages, for a Python that the lessons do not run on."""
    if not (3, 11) <= tuple(version[:2]) <= (3, 13):
        raise SetupError(
            "This course needs Python 3.11 to 3.13; {0} is Python {1}. Install one of these and name it:\n"
            "本课程需要Python 3.11至3.13；{0}是Python {1}。请安装其中一个版本，并指明用它：\n"
            "    make lab PYTHON=python3.13        (Windows: py -3.13 helpers lab)".format(
                sys.executable, ".".join(map(str, version[:3]))
            )
        )


def choose_language() -> None:
    """Use Chinese if the environment does (`make lab LANGUAGE=zh`), else English."""
    from seeing_gradients import language

    settings = [os.environ.get(name) for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")]
    chosen = next((value for value in settings if value), locale.getlocale()[0] or "")
    language.use("zh" if chosen.lower().startswith(("zh", "chinese")) else "en")


def prepare(extra: str) -> None:
    """Make sure that .venv holds what requirements.txt pins, and the packages of `extra`."""
    held, wanted = read_note(), {"place": str(VENV), "pins": digest(), "extra": extra}
    usable = held.get("place") == wanted["place"] and PYTHON.exists()
    if usable and held["pins"] == wanted["pins"] and EXTRAS.index(extra) <= EXTRAS.index(held["extra"]):
        return
    print(say("setup.building", folder=VENV), flush=True)
    if not usable:
        create()
    READY.unlink(missing_ok=True)
    try:
        install(extra)
    except SetupError:
        if usable:
            write_note(held)  # pip has undone its changes, so .venv is as before
        raise
    write_note(wanted)


def create() -> None:
    """Make an empty .venv; replace an existing one."""
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise SetupError(say("setup.no_venv", version="{}.{}".format(*sys.version_info)))
    watch(getattr(sys, "_base_executable", sys.executable), "-m", "venv", "--clear", str(VENV))
    free = shutil.disk_usage(str(VENV)).free
    if free < NEEDED:
        raise SetupError(say("setup.disk_before", free=free // 10**6, needed=NEEDED // 10**6))


def install(extra: str) -> None:
    """Install the pinned packages and the course into .venv, and turn JupyterLab's news off."""
    own = ".[{}]".format(extra or "course")
    watch(str(PYTHON), "-m", "pip", "install", "-r", requirements(), "-e", own)
    watch(str(PYTHON), "-m", "jupyter", "labextension", "disable", ANNOUNCEMENTS)


def requirements() -> str:
    """The file of pins, requirements.txt unless the environment names another."""
    return os.environ.get("REQUIREMENTS", "requirements.txt")


def digest() -> str:
    """A hash of all files that say what to install."""
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in (requirements(), "pyproject.toml"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read_note() -> dict[str, str]:
    """The content of .venv/ready.json; {} if there is none or it is damaged."""
    try:
        return json.loads(READY.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def write_note(note: dict[str, str]) -> None:
    READY.write_text(json.dumps(note), encoding="utf-8")


def watch(*command: str) -> None:
    """Run a command of the set-up and pass its error output on; if it fails, raise SetupError with the cause."""
    environment = dict(os.environ, PYTHONIOENCODING="utf-8")
    process = subprocess.Popen(
        command, cwd=str(ROOT), env=environment, stderr=subprocess.PIPE, encoding="utf-8", errors="replace"
    )
    complaints = []
    for line in process.stderr or ():
        print(line, end="", file=sys.stderr, flush=True)
        complaints.append(line)
    if process.wait():
        raise SetupError(say(cause("".join(complaints)), folder=VENV))


def cause(complaints: str) -> str:
    """The message for an error output of pip or venv."""
    unknown = "setup.disk" if shutil.disk_usage(str(ROOT)).free < 10**8 else "setup.failed"
    return next((key for key, pattern in CAUSES.items() if re.search(pattern, complaints)), unknown)


def say(key: str, **fields: object) -> str:
    from seeing_gradients import language

    return language.message(key, **fields)


def run(*arguments: str) -> int:
    """Run .venv's Python in the folder of the course until it ends; Ctrl+C is for it alone."""
    process = subprocess.Popen([str(PYTHON), *arguments], cwd=str(ROOT))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return process.wait()


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")
    sys.exit(main(sys.argv[1:]))
