"""Has submissions ruled by many processes at once: on this computer, or on a Dask cluster that is already there.

Plain data goes out and comes back. Every worker process keeps one Judge; a submission whose worker was lost goes to
another one. No more submissions are under way than keep the workers busy, so that memory does not grow with the class.
"""

import atexit
import gc
import json
import logging
import multiprocessing
import os
import queue
import signal
import threading
import time
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from multiprocessing import forkserver

_AHEAD = 4  # submissions under way for each worker
_TRIES = 3
_QUIET = 20.0  # seconds without an answer, after which the workers are asked whether they are at work
_judges = {}


class ClusterError(Exception):
    """The workers cannot grade; the message says why."""


@dataclass(frozen=True)
class Settings:
    """How answers are ruled, the same on every worker.

    Attributes:
        limits: dict, fields of judge.Limits that differ from its defaults.
        sandbox: str, as Judge takes it.
        judge: str, the module that has Judge, Limits and SandboxError.
    """

    limits: dict
    sandbox: str = "auto"
    judge: str = "seeing_gradients.classroom.sandbox"


def warm_up():
    """Start the process that the workers of this computer are forked from, once PyTorch and Dask are loaded in it.

    It loads them while this process does other things, once for all workers.
    """
    multiprocessing.get_context("forkserver").set_forkserver_preload(
        ["distributed", "seeing_gradients.classroom.sandbox", __name__]
    )
    forkserver.ensure_running()


@contextmanager
def connected(scheduler=None, workers=None):
    """Give a Dask client: of the scheduler at this address, or of as many new processes as there are cores.

    Raises:
        ClusterError: nothing answers at the address.
    """
    import dask
    from distributed import Client, LocalCluster

    if scheduler:
        try:
            client = Client(scheduler, set_as_default=False, timeout=10)
        except (OSError, ValueError) as error:
            raise ClusterError(str(error)) from None
        with client:
            yield client
        return
    settings = {
        "distributed.worker.multiprocessing-method": "forkserver",
        # a laptop that slept, or a machine that was held up, is no reason to give up workers: their sockets tell if they live
        "distributed.scheduler.worker-ttl": None,
        # for the dashboard only, and they take time from the answers
        "distributed.worker.profile.enabled": False,
        "distributed.admin.system-monitor.interval": "10s",
        "distributed.worker.memory.monitor-interval": "2s",
    }
    # TLS, with keys of this run: on a shared computer any user could reach the port, and a scheduler runs what it is sent
    count = workers or len(os.sched_getaffinity(0))
    local = {"n_workers": count, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "preload": [__name__]}
    with (
        dask.config.set(settings),
        LocalCluster(**local, security=True, host="127.0.0.1", silence_logs=logging.CRITICAL) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.wait_for_workers(count, timeout=60)
        yield client


def rule_all(client, orders, settings):
    """Yield (order, rulings) as they are finished; rulings is None where the worker was lost again and again.

    Args:
        client: distributed.Client.
        orders: iterator of dicts as `rule` takes them; read only as far as there is room.
        settings: Settings.

    Raises:
        ClusterError: a worker has no sandbox, or cannot load the grader.
        KeyboardInterrupt: Ctrl-C was pressed; what is given until then is whole.
    """
    settings, ended = asdict(settings), queue.SimpleQueue()
    _try_out(client, settings)
    with _interrupts(lambda: ended.put(None)) as pressed:
        yield from _rule_all(client, iter(orders), settings, ended, pressed)


@contextmanager
def _interrupts(wake):
    """Note Ctrl-C in the list that is given, for a moment that is safe: inside Dask it may be lost, in a destructor say.

    Pressed again, it ends the run wherever that is.
    """
    pressed = []

    def note(*_):
        if pressed:
            raise KeyboardInterrupt
        pressed.append(True)
        wake()

    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def _rule_all(client, orders, settings, ended, pressed):
    under_way, room = {}, _Room(client)

    def send(order, tries=1):
        asked = {name: order[name] for name in ("lang", "student", "tasks")}
        future = client.submit(
            _ruled, json.dumps([asked, settings]), pure=False
        )  # Dask walks through all that is no text
        under_way[future.key] = future, order, tries
        future.add_done_callback(ended.put)

    def fill():
        for _ in range(room.now() - len(under_way)):
            if (order := next(orders, None)) is None:
                return
            send(order)

    def again(key):
        """Send once more what came back without an answer; its order, if that was tried too often."""
        _, order, tries = under_way.pop(key)
        if tries == _TRIES:
            return order
        send(order, tries + 1)
        return None

    fill()
    while under_way:
        lost = []
        if pressed:
            raise KeyboardInterrupt
        try:
            future = ended.get(timeout=_QUIET)
        except queue.Empty:
            # After a pause of the whole machine, a cluster may have forgotten what it was asked.
            if not any(client.processing().values()) and ended.empty():
                lost = list(under_way)
        else:
            if future is None:
                continue
            if future.key in under_way and (outcome := _outcome(future)) is not None:
                yield under_way.pop(future.key)[1], _allowed(outcome)
            elif future.key in under_way:
                lost = [future.key]
        for key in lost:
            if (order := again(key)) is not None:
                yield order, None
        fill()


def _ruled(text):
    return rule(*json.loads(text))


def rule(order, settings):
    """Rule the answers of one submission; runs on a worker.

    Args:
        order: dict with lang, student, and tasks: a list of dicts with task, source and seed.
        settings: dict, of Settings.

    Returns:
        A dict: "rulings" from grade_id to the dict of a Ruling, or "refused", why this worker grades nothing.
    """
    from .course import Task

    module = import_module(settings["judge"])
    try:
        rulings = {}
        with _judge(order["lang"], settings).sitting() as sitting:
            for part in order["tasks"]:
                task = Task(**part["task"])
                ruling = sitting.rule(task, part["source"], seed=part["seed"], student=order["student"])
                rulings[task.grade_id] = ruling.as_dict()
    except module.SandboxError as error:
        return {"refused": str(error)}
    return {"rulings": rulings}


def dask_setup(worker):
    """Leave an interrupt from the keyboard to the process that started the workers; Dask calls this."""
    signal.signal(signal.SIGINT, lambda *_: None)


def _judge(lang, settings):
    """The Judge of this process for a language, made when it is first needed and closed with the process."""
    key = lang, repr(settings)
    if key not in _judges:
        module = import_module(settings["judge"])
        limits = module.Limits(**settings["limits"])
        judge = module.Judge(lang=lang, limits=limits, sandbox=settings["sandbox"])
        _judges[key] = judge.__enter__()
        gc.freeze()  # PyTorch's hundred thousands of objects are not looked through again and again
        atexit.register(judge.__exit__, None, None, None)
    return _judges[key]


def _try_out(client, settings):
    """An empty order for every worker, so that a cluster that cannot grade says so before the class is sent there."""
    client.wait_for_workers(1, timeout=60)
    text = json.dumps([{"lang": "en", "student": "", "tasks": []}, settings])
    where = {"pure": False, "allow_other_workers": True}
    tries = [client.submit(_ruled, text, workers=[worker], **where) for worker in client.nthreads()]
    try:
        for outcome in client.gather(tries):
            _allowed(outcome)
    except ImportError as error:
        raise ClusterError(str(error)) from None


def _outcome(future):
    """What `rule` returned, or None where it raised, or where it was lost with its worker before it was fetched."""
    if future.status != "finished":
        return None
    try:
        return future.result(timeout=_QUIET)
    except (CancelledError, TimeoutError, OSError):
        return None


def _allowed(outcome):
    if "refused" in outcome:
        raise ClusterError(outcome["refused"])
    return outcome["rulings"]


class _Room:
    """How many submissions may be under way; the scheduler is asked for its workers now and then."""

    def __init__(self, client):
        self._client, self._next = client, 0.0

    def now(self):
        if time.monotonic() >= self._next:
            self._room, self._next = _AHEAD * max(1, sum(self._client.nthreads().values())), time.monotonic() + 1
        return self._room
