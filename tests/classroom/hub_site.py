"""For test_hub.py: a folder with a jupyterhub_config.py, a running JupyterHub, and students who use it over HTTP."""

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.parse
import urllib.request
import venv
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from uuid import uuid4

import websocket

from tests.needs import find_proxy

SITE = """
from seeing_gradients.classroom.hub import classroom
c = get_config()
classroom(c, course="gradients", exchange="{folder}/exchange", students="{folder}/students")
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_port = {ports[1]}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "only in this test"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/home/{{username}}"
c.Spawner.args = {as_root}
ports = iter({student_ports})
c.Spawner.pre_spawn_hook = lambda spawner: setattr(spawner, "port", next(ports))
c.Spawner.environment |= {environment}
c.Spawner.start_timeout = c.Spawner.http_timeout = {patience}
"""
ROOT = Path(__file__).resolve().parents[2]
NO_GRAMMARS = ROOT / "tests/no_grammars"
MOST = 20  # students
PATIENCE = 600  # s: six servers and their kernels start at once, on a machine that may have other work


def free_ports(count):
    """Return free ports of 127.0.0.1 outside the range that kernels get theirs from: one may start before a server does."""
    free = []
    while len(free) < count:
        port = random.randrange(20_000, 32_000)  # that range begins at 32,768 on Linux
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            if port not in free:
                free.append(port)
    return free


def make_students(course, place):
    """Make an environment as docs/jupyterhub.md does; its packages, but the course, are those of this environment.

    Args:
        course: Path of a course that was assigned without solutions.
        place: Path, the folder of the environment.
    """
    venv.create(place, symlinks=True)
    packages = next(place.glob("lib/python3*/site-packages"))
    (packages / "others.pth").write_text(
        sysconfig.get_path("purelib"), encoding="utf-8"
    )  # whose .pth files are not read
    for name in ("etc", "share"):
        shutil.rmtree(place / name, ignore_errors=True)
        (place / name).symlink_to(Path(sys.prefix) / name)
    shutil.copytree(course / "students", packages, dirs_exist_ok=True)


@contextmanager
def running(folder, environment):
    """Run JupyterHub for a new site in `folder`; give its address, and end all its processes afterwards.

    Args:
        folder: Path, with a folder `exchange` and an environment `students`.
        environment: dict from str to str, what the students' servers find in theirs beside the usual variables.
    """
    ports = free_ports(3 + MOST)
    as_root = ["--allow-root"] if os.geteuid() == 0 else []  # e.g. in a container
    values = {
        "folder": folder,
        "ports": ports[:3],
        "student_ports": ports[3:],
        "proxy": find_proxy(),
        "as_root": as_root,
    }
    site = SITE.format(**values, environment=environment, patience=PATIENCE)
    (folder / "jupyterhub_config.py").write_text(site, encoding="utf-8")
    with open(folder / "hub.log", "wb") as log:
        command = [sys.executable, "-m", "jupyterhub", "--config", "jupyterhub_config.py"]
        own = os.environ | {"PYTHONPATH": str(NO_GRAMMARS)}
        hub = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True, env=own)
    with ended_with_the_block(hub):
        address = f"http://127.0.0.1:{ports[0]}"
        wait_for(lambda: hub.poll() is not None or answers(f"{address}/hub/api"), folder)
        assert hub.poll() is None, (folder / "hub.log").read_text(encoding="utf-8")
        yield address


@contextmanager
def ended_with_the_block(process):
    """Kill a process and all its descendants at the end of the block, or when this process ends before that.

    Args:
        process: Popen. Asked to end, JupyterHub would end its proxy, and then ask that proxy for half a minute to drop
            each student's route; and after Ctrl-C a worker of pytest-xdist is killed, in which no `finally` is run.
    """
    started = start_time(process.pid)
    code = f"import sys; sys.stdin.read(); from tests.classroom.hub_site import kill; kill({process.pid}, '{started}')"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, start_new_session=True) as guard:
        try:
            yield
        finally:
            kill(process.pid, started)
            process.wait()
            guard.stdin.close()


def kill(pid, start):
    """Kill a process that started then and all its descendants by id, the oldest first: nothing restarts what follows."""
    if start is None or start_time(pid) != start:
        return
    for each, its_start in sorted((descendants(pid) | {pid: start}).items(), key=lambda item: int(item[1] or 0)):
        if its_start and start_time(each) == its_start:
            os.kill(each, signal.SIGKILL)


def start_time(pid):
    """When the process started, None if it has ended; it tells whether an id has been reused."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except OSError:
        return None


def runs(pid):
    """Whether the process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid):
    """Dict from id to start time of all descendants of a process."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {child: start_time(child) for child in found - {pid}}


def memory(pids):
    """The memory of processes in MB; shared pages are counted once."""
    summaries = [Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8") for pid in pids if start_time(pid)]
    return sum(int(re.search(r"^Pss: +(\d+)", text, re.MULTILINE)[1]) for text in summaries) // 1024


def answers(url):
    try:
        return urllib.request.urlopen(url, timeout=5).status == 200
    except OSError:
        return False


def wait_for(condition, folder, seconds=PATIENCE):
    for _ in range(seconds * 5):
        if condition():
            return
        time.sleep(0.2)
    raise TimeoutError((folder / "hub.log").read_text(encoding="utf-8"))


class Student:
    """Does what one student does in a browser.

    Args:
        address: str, URL of the hub.
        name: str.
    """

    def __init__(self, address, name):
        self.address, self.name = address, name
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def log_in(self):
        """Log in and start the server; return the URL of the page that opens."""
        self._open("/hub/login")
        form = {"username": self.name, "password": "only in this test", "_xsrf": self._xsrf("/hub/")}
        self._open("/hub/login?next=/hub/spawn", urllib.parse.urlencode(form).encode())
        for _ in range(PATIENCE):
            page = self._open(f"/hub/spawn-pending/{self.name}")
            if page.url.startswith(f"{self.address}/user/{self.name}/lab"):
                return page.url
            time.sleep(1)
        raise TimeoutError(page.url)

    def api(self, path, body=None, of=None):
        """Return the JSON that this student's server replies, or the server of the student named `of`."""
        headers = {"X-XSRFToken": self._xsrf(f"/user/{self.name}/"), "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        return json.load(self._open(f"/user/{of or self.name}/{path}", data, headers))

    def put(self, path, content):
        """Save a notebook."""
        headers = {"X-XSRFToken": self._xsrf(f"/user/{self.name}/"), "Content-Type": "application/json"}
        body = json.dumps({"type": "notebook", "format": "json", "content": content}).encode()
        url = f"{self.address}/user/{self.name}/api/contents/{path}"
        self.opener.open(urllib.request.Request(url, body, headers, method="PUT"), timeout=PATIENCE)

    def run(self, path, notebook):
        """Run the code cells of a notebook on a new kernel; return the outputs of each cell, as `execute` does."""
        session = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        kernel = self.api("api/sessions", session)["kernel"]["id"]
        url = f"{self.address}/user/{self.name}/api/kernels/{kernel}/channels"
        request = urllib.request.Request(url)
        self.jar.add_cookie_header(request)
        connection = websocket.create_connection(
            url.replace("http", "ws", 1),
            timeout=PATIENCE,
            header={"Cookie": request.get_header("Cookie")},
            suppress_origin=True,
        )
        try:
            return [
                execute(connection, "".join(cell["source"]))
                for cell in notebook["cells"]
                if cell["cell_type"] == "code"
            ]
        finally:
            connection.close()

    def _open(self, path, data=None, headers=None):
        return self.opener.open(urllib.request.Request(self.address + path, data, headers or {}), timeout=PATIENCE)

    def _xsrf(self, path):
        return next(cookie.value for cookie in self.jar if cookie.name == "_xsrf" and cookie.path == path)


def execute(connection, code):
    """Run one cell over a websocket; return its outputs in order, as (message type, content)."""
    id, outputs = uuid4().hex, []
    header = {"msg_id": id, "msg_type": "execute_request", "session": id, "username": "", "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    connection.send(json.dumps(message))
    while True:
        reply = json.loads(connection.recv())
        if reply["parent_header"].get("msg_id") != id:
            continue
        kind = reply["header"]["msg_type"]
        if kind == "status" and reply["content"]["execution_state"] == "idle":
            return outputs
        if reply["channel"] == "iopub":
            outputs.append((kind, reply["content"]))
