"""Test whether this computer has everything that the lessons need, and say how to fix what is missing.

`selftest()` tests the Python of this kernel, the packages, one real backward pass, the extensions of JupyterLab that
show sliders, the progress file, disk space and memory. It imports heavy packages only inside the tests of them.
"""

import ctypes
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from importlib import import_module, metadata
from pathlib import Path

from seeing_gradients.course import progress
from seeing_gradients.language import current, message
from seeing_gradients.picture import theme

__all__ = ["Finding", "Report", "selftest"]

OWN_ENVIRONMENT = Path(__file__).resolve().parents[3] / ".venv"
FRONT_END = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
SERVER_EXTENSION = "etc/jupyter/jupyter_server_config.d/seeing-gradients.json"
DISK, MEMORY = 200 * 10**6, 500 * 10**6  # bytes that must be free
EXTRA = "course"  # the extra of the package that a learner installs
SHOWN = ("torch", "matplotlib", "ipywidgets", "anywidget")  # packages that have a row even if nothing is wrong
_CONTROL_GROUP = Path("/sys/fs/cgroup")
_MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True)
class Finding:
    """The result of one test.

    Attributes:
        what: str, the name of what was tested.
        state: str, its version, or a word such as "ready".
        remedy: str, what to do about the problem; "" if there is none.
    """

    what: str
    state: str
    remedy: str = ""


class Report:
    """The report that `selftest()` returns, shown as text or as an HTML table.

    Attributes:
        findings: list of Finding.
        passed: bool, whether no finding has a remedy.
    """

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = list(findings)
        self.passed = not any(finding.remedy for finding in self.findings)

    def __repr__(self) -> str:
        lines = [f"{_sign(f)} {f.what}{message('selftest.colon')}{f.state}" for f in self.findings]
        lines += [f"→ {f.remedy}" for f in self.findings if f.remedy]
        return "\n".join([*lines, self._headline()])

    def _repr_html_(self) -> str:
        language = {"zh": "zh-CN"}.get(current(), current())
        rows = "".join(map(_html_row, self.findings))
        return (
            f'<div class="sg sg-selftest" role="status" lang="{language}" style="overflow-x:auto"><p><strong>'
            f'{escape(self._headline())}</strong></p><table style="border-collapse:collapse">{rows}</table></div>'
        )

    def _headline(self) -> str:
        missing = sum(bool(finding.remedy) for finding in self.findings)
        return message("selftest.passed") if self.passed else message("selftest.failed", missing=missing)


def selftest() -> Report:
    """Return a Report on this kernel's Python, packages, front end, progress file, disk and memory."""
    rest = (_backward, _front_end, _pictures, _progress_file, _disk, _memory)
    return Report([_python(), _kernel(), *packages(), *(check() for check in rest)])


def _python() -> Finding:
    version = sys.version_info[:3]
    dotted = ".".join(map(str, version))
    good = (3, 11) <= version[:2] <= (3, 13)
    return Finding("Python", dotted, "" if good else message("selftest.wrong_python", found=dotted))


def _kernel() -> Finding:
    """The kernel must run in the course's .venv, if there is one; on Binder, for example, there is none."""
    good = not OWN_ENVIRONMENT.is_dir() or Path(sys.prefix).resolve() == OWN_ENVIRONMENT.resolve()
    remedy = "" if good else message("selftest.other_kernel", prefix=sys.prefix)
    return Finding(message("selftest.kernel"), readiness(good), remedy)


def _backward() -> Finding:
    """One backward pass: d(x * x)/dx at 3 is 6."""
    what = message("selftest.backward")
    try:
        torch = import_module("torch")
        x = torch.tensor(3.0, requires_grad=True)
        (x * x).backward()
        good, reason = x.grad.item() == 6.0, f"x.grad = {x.grad.item()}"
    except Exception as error:  # noqa: BLE001 - a broken installation may raise anything; the finding reports it
        good, reason = False, f"{type(error).__name__}: {error}"
    key = "selftest.torch_dll" if "WinError" in reason else "selftest.torch_broken"
    return Finding(what, readiness(good), "" if good else message(key, reason=reason))


def _front_end() -> Finding:
    """JupyterLab needs two extensions in its own folder to show the widgets."""
    folder = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    missing = [name for name in FRONT_END if not (folder / name).is_dir()]
    remedy = message("selftest.no_front_end", missing=", ".join(missing)) if missing else ""
    return Finding(message("selftest.sliders"), readiness(not missing), remedy)


def _pictures() -> Finding:
    """The server extension must be enabled that puts pictures beside the widgets of a saved notebook."""
    good = (Path(sys.prefix) / SERVER_EXTENSION).is_file()
    return Finding(message("selftest.pictures"), readiness(good), "" if good else message("selftest.no_extension"))


def _progress_file() -> Finding:
    file = progress.path()
    what = message("selftest.progress")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=file.parent) as scratch:
            scratch.write(b"x")
    except OSError as error:
        return Finding(
            what, readiness(False), message("selftest.not_writable", path=file, reason=error.strerror or error)
        )
    return Finding(what, message("selftest.writable"))


def _disk() -> Finding:
    folder = next(folder for folder in progress.path().absolute().parents if folder.is_dir())
    free = shutil.disk_usage(folder).free
    remedy = "" if free >= DISK else message("selftest.disk_full", free=free // 10**6, path=folder)
    return Finding(message("selftest.disk"), sufficiency(not remedy), remedy)


def _memory() -> Finding:
    free = available_memory()
    if free is None:
        return Finding(message("selftest.memory"), message("selftest.unknown"))
    good = free >= MEMORY
    remedy = "" if good else message("selftest.memory_full", free=int(free // 10**6))
    return Finding(message("selftest.memory"), sufficiency(good), remedy)


def packages() -> list[Finding]:
    """Return one Finding for each package in SHOWN, and for each other required package with a problem."""
    try:
        declared = needs_of_a_learner(metadata.requires("seeing-gradients") or ())
    except metadata.PackageNotFoundError:
        return [Finding("seeing-gradients", readiness(False), message("selftest.not_installed"))]
    rank = {name: i for i, name in enumerate(SHOWN)}
    findings = [finding for finding in map(package, declared) if finding.what in rank or finding.remedy]
    return sorted(findings, key=lambda finding: rank.get(finding.what, len(rank)))


def needs_of_a_learner(requires: Iterable[str]) -> list[str]:
    """Return the requirements of the library and of EXTRA, without their conditions: ["torch<3,>=2.13", ...].

    If both require a package, the requirement of EXTRA counts, whose range is narrower.

    Args:
        requires: requirements from the package's metadata, such as "torch<3,>=2.13; extra == 'course'".
    """
    needs = {}
    for requirement in requires:
        need, _, condition = (part.strip() for part in requirement.partition(";"))
        name = _name(need)
        if condition in ("", f"extra == '{EXTRA}'", f'extra == "{EXTRA}"'):
            needs[name] = need if condition else needs.get(name, need)
    return list(needs.values())


def package(need: str) -> Finding:
    """Return the Finding on one requirement, such as "torch<3,>=2.13"."""
    name = _name(need)
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(name, readiness(False), message("selftest.no_package", name=name))
    wanted = need.removeprefix(name).strip()
    remedy = "" if satisfies(version, wanted) else message("selftest.wrong_package", name=name, wanted=wanted)
    return Finding(name, version, remedy)


def satisfies(version: str, wanted: str) -> bool:
    """Return whether a version, "2.13.1", lies in a range of the form ">=2.13,<3"; either bound may be missing."""
    limits = {sign: _numbers(number) for sign, number in re.findall(r"(>=|<)([\d.]+)", wanted)}
    return limits.get(">=", ()) <= _numbers(version) < limits.get("<", (float("inf"),))


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version: "2.13.1+cpu" -> (2, 13, 1)."""
    release = re.split(r"[^\d.]", version)[0]
    return tuple(map(int, re.findall(r"\d+", release)))


def _name(need: str) -> str:
    """The package of a requirement: "torch<3,>=2.13" -> "torch"."""
    return re.split(r"[^\w.-]", need)[0]


def available_memory() -> float | None:
    """Return the bytes of available memory, or None if the system does not tell; on macOS the bytes of all memory."""
    if sys.platform == "win32":
        return _windows_memory()
    try:
        line = re.search(r"MemAvailable:\s+(\d+) kB", _MEMINFO.read_text(encoding="utf-8"))
    except OSError:
        line = None
    return min(int(line[1]) * 1024, _left_in_container()) if line else _total_memory()


def _left_in_container() -> float:
    """The bytes left under the memory limit of a container, such as Binder's 2 GB; infinity if there is no limit."""
    try:
        limit, used = (
            (_CONTROL_GROUP / name).read_text(encoding="utf-8").strip() for name in ("memory.max", "memory.current")
        )
        return float("inf") if limit == "max" else int(limit) - int(used)
    except (OSError, ValueError):
        return float("inf")


def _total_memory() -> int | None:
    """The bytes of all memory, for macOS, which has no simple way to ask how much is available."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _windows_memory() -> int | None:
    if sys.platform != "win32":
        return None

    class Status(ctypes.Structure):  # MEMORYSTATUSEX of the Windows API
        _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong)] + [
            (name, ctypes.c_ulonglong) for name in ("total", "free", "file", "file_free", "space", "space_free", "rest")
        ]

    status = Status(length=ctypes.sizeof(Status))
    return status.free if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)) else None


def readiness(good: bool) -> str:
    """Return the word for "ready" or "missing" in the language in use."""
    return message("selftest.ready" if good else "selftest.missing")


def sufficiency(good: bool) -> str:
    """Return the word for "enough" or "too little" in the language in use."""
    return message("selftest.enough" if good else "selftest.too_little")


def _sign(finding: Finding) -> str:
    return "✗" if finding.remedy else "✓"


def _html_row(finding: Finding) -> str:
    colour = theme.WRONG_BAR if finding.remedy else theme.CORRECT_BAR
    style = "text-align:left;vertical-align:top;padding:2px 12px 2px 0"
    remedy = f"<br>{escape(finding.remedy)}" if finding.remedy else ""
    return (
        f'<tr><td style="{style};border-left:4px solid {colour};padding-left:10px"><span aria-hidden="true">'
        f'{_sign(finding)}</span></td><th scope="row" style="{style};font-weight:normal">{escape(finding.what)}</th>'
        f'<td style="{style}">{escape(finding.state)}{remedy}</td></tr>'
    )
