"""Whether this computer has what the lessons need, and what to do about each thing that it lacks.

`selftest()` looks at the Python of this kernel, the packages, one real backward pass, what JupyterLab needs to show
sliders, the progress file, disk and memory. Nothing heavy is imported before it is tried.
"""

import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from seeing_gradients.course import progress
from seeing_gradients.language import message

from .installed import packages
from .memory import available_memory
from .report import Finding, Report, amount, state

__all__ = ["Finding", "Report", "selftest"]

OWN_ENVIRONMENT = Path(__file__).resolve().parents[4] / ".venv"
FRONT_END = ("@jupyter-widgets/jupyterlab-manager", "anywidget")
SERVER_EXTENSION = "etc/jupyter/jupyter_server_config.d/seeing-gradients.json"
DISK, MEMORY = 200 * 10**6, 500 * 10**6  # bytes


def selftest():
    """Return a Report on this kernel's Python, packages, front end, progress file, disk and memory."""
    rest = (_backward, _front_end, _pictures, _progress_file, _disk, _memory)
    return Report([_python(), _kernel(), *packages(), *(check() for check in rest)])


def _python():
    version = sys.version_info[:3]
    found = ".".join(map(str, version))
    good = (3, 11) <= version[:2] <= (3, 14)
    return Finding("Python", found, "" if good else message("selftest.wrong_python", found=found))


def _kernel():
    """A course that has a .venv is run by that .venv; on Binder and in other environments there is none."""
    good = not OWN_ENVIRONMENT.is_dir() or Path(sys.prefix).resolve() == OWN_ENVIRONMENT.resolve()
    remedy = "" if good else message("selftest.other_kernel", prefix=sys.prefix)
    return Finding(message("selftest.kernel"), state(good), remedy)


def _backward():
    """One backward pass: d(x * x)/dx at 3 is 6."""
    what = message("selftest.backward")
    try:
        torch = import_module("torch")
        x = torch.tensor(3.0, requires_grad=True)
        (x * x).backward()
        good, reason = x.grad.item() == 6.0, f"x.grad = {x.grad.item()}"
    except Exception as error:  # noqa: BLE001, whatever a broken installation raises is the finding
        good, reason = False, f"{type(error).__name__}: {error}"
    key = "selftest.torch_dll" if "WinError" in reason else "selftest.torch_broken"
    return Finding(what, state(good), "" if good else message(key, reason=reason))


def _front_end():
    """JupyterLab needs two extensions in its own folder to show our widgets."""
    folder = Path(sys.prefix) / "share" / "jupyter" / "labextensions"
    missing = [name for name in FRONT_END if not (folder / name).is_dir()]
    remedy = message("selftest.no_front_end", missing=", ".join(missing)) if missing else ""
    return Finding(message("selftest.sliders"), state(not missing), remedy)


def _pictures():
    good = (Path(sys.prefix) / SERVER_EXTENSION).is_file()
    return Finding(message("selftest.pictures"), state(good), "" if good else message("selftest.no_extension"))


def _progress_file():
    file = progress.path()
    what = message("selftest.progress")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=file.parent) as scratch:
            scratch.write(b"x")
    except OSError as error:
        return Finding(what, state(False), message("selftest.not_writable", path=file, reason=error.strerror or error))
    return Finding(what, message("selftest.writable"))


def _disk():
    folder = next(folder for folder in progress.path().absolute().parents if folder.is_dir())
    free = shutil.disk_usage(folder).free
    remedy = "" if free >= DISK else message("selftest.disk_full", free=free // 10**6, path=folder)
    return Finding(message("selftest.disk"), amount(not remedy), remedy)


def _memory():
    free = available_memory()
    good = free is None or free >= MEMORY
    remedy = "" if good else message("selftest.memory_full", free=free // 10**6)
    return Finding(message("selftest.memory"), message("selftest.unknown") if free is None else amount(good), remedy)
