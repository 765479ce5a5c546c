"""Tests that need a program beside Python, git and make: skipped where it is missing, and the run ends by saying so.

A test says what it needs by `@pytest.mark.needs("chromium")`, a fixture by `need("chromium")`. With CI set, a missing
program is a failure.
"""

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "seeing-gradients"
SHELL = "chromium-headless-shell"  # Chromium without windows: a seventh less processor time for the same pages
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PACKAGES = f"bubblewrap {SHELL} fonts-noto-cjk graphviz nodejs npm"
PROXY = "configurable-http-proxy@5.1.0"
PYODIDE = "pyodide@0.29.4"
PYODIDE_MODULE = CACHE / "node_modules/pyodide/pyodide.mjs"
TOOLS = "npm ci --ignore-scripts"  # what package.json names: it bundles and checks the page's code
INSTALL = f"sudo apt install {PACKAGES} && npm install --prefix ~/.cache/seeing-gradients {PROXY} {PYODIDE} && {TOOLS}"  # on Debian
_MARK = "a program is missing: "


@dataclass(frozen=True)
class Program:
    """What some tests need.

    Attributes:
        tests: which tests these are, after "12 tests ".
        problem: function that returns why they cannot run here, or None where they can.
    """

    tests: str
    problem: Callable[[], str | None]


def find_browser(has_windows: bool = False) -> str | None:
    """The path of a Chromium on this machine, or None; with `has_windows`, of one such as people use."""
    names = BROWSERS if has_windows else (SHELL, *BROWSERS)
    return next(filter(None, map(shutil.which, names)), None)


def find_proxy() -> str | None:
    """The path of JupyterHub's proxy on this machine, or None."""
    places = os.pathsep.join([os.environ.get("PATH", ""), str(CACHE / "node_modules/.bin")])
    return shutil.which("configurable-http-proxy", path=places)


def find_browser_problem() -> str | None:
    return None if find_browser() else f"none of {', '.join([SHELL, *BROWSERS])} is on the PATH"


def find_proxy_problem() -> str | None:
    missing = [
        name for name, path in (("node", shutil.which("node")), (PROXY.partition("@")[0], find_proxy())) if not path
    ]
    return f"{' and '.join(missing)} cannot be found" if missing else None


def find_sandbox_problem() -> str | None:
    """bwrap may be there and not allowed to do anything: in a container, or without user namespaces."""
    if not sys.platform.startswith("linux"):
        return "bubblewrap is for Linux alone"
    program = shutil.which("bwrap")
    if program is None:
        return "bwrap is not on the PATH"
    options = [
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--ro-bind",
        "/",
        "/",
        "--proc",
        "/proc",
    ]
    options += [] if os.geteuid() == 0 else ["--unshare-user"]
    done = subprocess.run(
        [program, *options, sys.executable, "-S", "-c", ""], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return None
    return (
        f"bwrap is installed but may not make a sandbox here ({done.stderr.strip()}): allow user namespaces (sysctl "
        "kernel.unprivileged_userns_clone=1; on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0)"
    )


def find_graphviz_problem() -> str | None:
    return None if shutil.which("dot") else "dot is not on the PATH"


def find_node_problem() -> str | None:
    if shutil.which("node") is None:
        return "node is not on the PATH"
    packages = Path(__file__).resolve().parents[1] / "node_modules"
    installed = all((packages / name).is_dir() for name in ("esbuild", "katex"))
    return None if installed else "the packages that package.json names are not installed"


def find_pyodide_problem() -> str | None:
    if shutil.which("node") is None:
        return "node is not on the PATH"
    return None if PYODIDE_MODULE.is_file() else f"{PYODIDE_MODULE} is missing"


PROGRAMS = {
    "bubblewrap": Program("of the sandbox in which answers are graded", cache(find_sandbox_problem)),
    "chromium": Program("in a browser", cache(find_browser_problem)),
    "configurable-http-proxy": Program("of JupyterHub", cache(find_proxy_problem)),
    "graphviz": Program("of the pictures that Graphviz draws", cache(find_graphviz_problem)),
    "node": Program("of the page's code and of the site", cache(find_node_problem)),
    "pyodide": Program("of Python in a browser", cache(find_pyodide_problem)),
}


def need(name: str) -> None:
    """Skip the test that runs, or fail it with CI set, unless a program can be used here.

    Args:
        name: a key of PROGRAMS.
    """
    problem = PROGRAMS[name].problem()
    if problem is not None:
        _stop(f"{_MARK}{name}: {problem}")


def _stop(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


class Needs:
    """The pytest plugin: reads the marks, and adds to the end of the run what was skipped."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        for mark in item.iter_markers("needs"):
            for name in mark.args:
                need(name)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.skipped and isinstance(report.longrepr, tuple) and _MARK in report.longrepr[2]:
            report.longrepr = (__file__, 0, report.longrepr[2])  # from one place: pytest makes one line of them
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)  # the outermost: its lines come last
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
        yield
        lines = summary(report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
        if lines:
            terminalreporter.section("skipped for want of a program")
            for line in lines:
                terminalreporter.write_line(line)


def summary(reasons: Iterator[str]) -> list[str]:
    """The lines that say how many tests of which kind were skipped for want of what, and the command that installs it.

    Args:
        reasons: of every test that was skipped, for whatever reason.
    """
    found = Counter(reason.partition(_MARK)[2] for reason in reasons if _MARK in reason)
    lines = []
    for reason, count in sorted(found.items()):
        name, _, problem = reason.partition(": ")
        lines.append(f"{count:4} test{'s' if count > 1 else ' '} {PROGRAMS[name].tests}: {problem}")
    if lines:
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0  # who may have no sudo
        lines += ["To run them, too, on Debian:", f"    {INSTALL.removeprefix('sudo ') if is_root else INSTALL}"]
    return lines
