"""A JupyterLab of its own on loopback, every setting of it in temporary directories.

`serve(root)` runs it over the directory `root`; `page.py` opens its notebooks.
"""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat

from seeing_gradients import server

QUIET = [
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--LanguageServerManager.autodetect=False",  # learners have none; it would find the pyright of node_modules
]
# The extension for static pictures, from this checkout, whatever the environment has installed.
EXTENSIONS = Path(server.__file__).parent / "jupyter-config" / "labextensions"
NO_GRAMMARS = Path(__file__).resolve().parents[1] / "no_grammars"
PROGRESS = "progress.json"
SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
}


@dataclass(frozen=True)
class Server:
    """A running JupyterLab: its address (ends in /), its token, the directory it serves, its log and its progress file."""

    url: str
    token: str
    root: Path
    log: Path
    progress: Path


def write_notebook(path, *cells):
    """Write a notebook of the given code cells, for the Python kernel, to `path`."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, path)


@contextlib.contextmanager
def serve(root, **environment):
    """Run JupyterLab over the directory `root` until the block ends.

    Args:
        root: Path or str.
        environment: str, variables of the server's environment beside the usual ones.

    Yields:
        Server.
    """
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as scratch:
        scratch, token = Path(scratch), secrets.token_hex(16)
        _write_settings(scratch / "settings")
        with open(scratch / "log", "w", encoding="utf-8") as log:
            process = subprocess.Popen(
                _command(root, token), stdout=log, stderr=log, env=_environment(scratch) | environment
            )
        try:
            address = _wait_for_address(process, scratch)
            yield Server(address, token, Path(root), scratch / "log", scratch / PROGRESS)
        finally:
            _end(process)


def _command(root, token):
    options = ["--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0", f"--ServerApp.root_dir={root}"]
    options += [f"--IdentityProvider.token={token}", "--LabApp.expose_app_in_browser=True", *QUIET]
    options.append(f"--LabApp.extra_labextensions_path={EXTENSIONS}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    return [sys.executable, "-m", "jupyterlab", *options]


def _environment(scratch):
    own = {name: str(scratch / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    own |= {"JUPYTER_RUNTIME_DIR": str(scratch / "runtime"), "JUPYTERLAB_SETTINGS_DIR": str(scratch / "settings")}
    own |= {"JUPYTERLAB_WORKSPACES_DIR": str(scratch / "workspaces"), "PYTHONPATH": str(NO_GRAMMARS)}
    return os.environ | own | {"SEEING_GRADIENTS_PROGRESS": str(scratch / PROGRESS)}


def _write_settings(folder):
    for name, values in SETTINGS.items():
        path = folder / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")


def _wait_for_address(process, scratch, seconds=180):
    """The address that the server notes in its runtime directory once it listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        for path in (scratch / "runtime").glob(f"jpserver-{process.pid}.json"):
            with contextlib.suppress(ValueError):  # half written
                return json.loads(path.read_text(encoding="utf-8"))["url"]
        time.sleep(0.05)
    raise RuntimeError("JupyterLab did not start:\n" + (scratch / "log").read_text(encoding="utf-8"))


def _end(process):
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
