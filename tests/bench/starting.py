"""How long a learner waits for JupyterLab from the second start on: `helpers lab` against a plain JupyterLab."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from .figure import Figure

ROOT = Path(__file__).resolve().parents[2]
TARGET = 1.15
OURS = [sys.executable, "helpers", "lab"]
PLAIN = [sys.executable, "-m", "jupyterlab", "--allow-root", f"--ServerApp.root_dir={ROOT}"]
WITHOUT_US = {"ServerApp": {"jpserver_extensions": {"seeing_gradients.server": False}}}


def measure(rounds=3):
    """Return the Figure, in a list: from the command to the first answer, in turn; the first pair is not counted.

    Args:
        rounds: int, a third of the number of pairs.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "jupyter_server_config.json").write_text(json.dumps(WITHOUT_US), encoding="utf-8")
        pairs = [(_seconds(OURS), _seconds(PLAIN, JUPYTER_CONFIG_DIR=folder)) for _ in range(3 * rounds + 1)][1:]
    ours, plain = zip(*pairs, strict=True)
    name = "from the command to JupyterLab's first answer"
    return [Figure(name, "s", "`make lab`", "`jupyter lab`, the same packages", ours, plain, TARGET, at_most=True)]


def _seconds(command, **environment):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", f"--port={port}", "--ServerApp.port_retries=0"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    began = time.perf_counter()
    process = subprocess.Popen([*command, *options], cwd=ROOT, env=os.environ | environment, **quiet)
    try:
        while time.perf_counter() - began < 60:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=60):
                return time.perf_counter() - began
            time.sleep(0.01)
        raise TimeoutError(f"{command} did not answer within a minute")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
