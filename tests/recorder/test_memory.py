"""A thousand reruns leave nothing behind: no hook, tensor, backward node, mode, thread or listener, and no memory."""

import gc
import signal
import subprocess
import sys
import threading
import tracemalloc
from itertools import pairwise

import pytest
import torch

from helpers import explore, record
from seeing_gradients.recorder import VectorOutputError

FEW = 200
BYTES_PER_RUN = 100  # what the traced runs may grow by, divided by their number: a single forgotten tensor takes more


def loss(w, b, x, y_true):
    y_pred = w * x + b
    error = y_pred - y_true
    return error**2


def alive():
    """How many tensors, backward nodes, and parts of recordings there are, and what is installed globally."""
    gc.collect()
    objects = gc.get_objects()
    return {
        "tensors": sum(issubclass(type(thing), torch.Tensor) for thing in objects),
        "backward nodes": sum(issubclass(type(thing), torch.autograd.graph.Node) for thing in objects),
        "records": sum(type(thing).__name__ in ("Record", "Trace", "Backward", "Builder") for thing in objects),
        "threads": sum(thread.name == "time_limit" for thread in threading.enumerate()),  # others' may end meanwhile
        "function modes": torch._C._len_torch_function_stack(),
        "dispatch modes": torch._C._len_torch_dispatch_stack(),
        "grad": torch.is_grad_enabled(),
        "alarm": signal.getsignal(signal.SIGALRM) if hasattr(signal, "SIGALRM") else None,
        "collector": gc.isenabled(),
    }


def growth(step, runs=1_000, windows=3, traced=100):
    """Run step(i) 200 times, and then `runs` times more; the last of these with every allocation traced, which is slow.

    A leak grows in every window of traced runs; what Python or PyTorch caches once grows in one of them.

    Returns:
        (dict, what was alive after 200 runs; dict, what was alive in the end; float, the bytes that a run left behind in
        the window that grew least).
    """
    for i in range(FEW):
        step(i)
    before = alive()
    start = FEW + runs - (windows + 1) * traced
    for i in range(FEW, start):
        step(i)
    tracemalloc.start()
    try:
        held = []  # bytes after each window; before the first one, what Python keeps for reuse comes into place
        for window in range(windows + 1):
            for i in range(start + window * traced, start + (window + 1) * traced):
                step(i)
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    grown = min(after - earlier for earlier, after in pairwise(held))
    return before, alive(), grown / traced


def listeners(widget):
    """How many callbacks of the widget's traits and messages there are."""
    observers = sum(len(found) for kinds in widget._trait_notifiers.values() for found in kinds.values())
    return observers, len(widget._msg_callbacks.callbacks)


@pytest.fixture
def shared():
    """A tensor that outlives every run, with a history: what a hook could be left on."""
    w = torch.tensor(0.5, requires_grad=True)
    return w, w * 2


@pytest.mark.slow("hundreds of runs, each allocation of the last 400 traced")
def test_a_thousand_records_leave_nothing_behind(shared):
    w, doubled = shared
    before, after, grown = growth(lambda i: record(loss, w=float(i), b=doubled, x=w, y_true=torch.tensor(7.0)))
    assert before == after
    assert grown < BYTES_PER_RUN
    assert w.grad is None and not w._backward_hooks and not doubled._backward_hooks


@pytest.mark.slow("hundreds of runs, each allocation of the last 400 traced")
def test_records_that_fail_leave_nothing_behind():
    def fails(w):
        raise ValueError("on purpose" if w > 0 else "")

    def step(i):
        with pytest.raises(ValueError, match="purpose"):
            record(fails, 1.0 + i)
        with pytest.raises(VectorOutputError):
            record(lambda x: x * 2, torch.ones(3, requires_grad=True))  # a vector output without gradient

    before, after, grown = growth(step, runs=400)
    assert before == after
    assert grown < BYTES_PER_RUN


def test_no_hook_of_a_record_runs_in_a_later_backward(shared, monkeypatch):
    _, doubled = shared
    noted, engine = [], sys.modules["seeing_gradients.recorder.backward"]
    note = engine._note

    def counted(*args):
        noted.append(args)
        note(*args)

    monkeypatch.setattr(engine, "_note", counted)
    record(loss, w=1.0, b=doubled, x=2.0, y_true=7.0)
    during = len(noted)
    doubled.backward(retain_graph=True)
    assert during > 4 and len(noted) == during


@pytest.mark.slow("hundreds of runs, each allocation of the last 400 traced")
def test_a_thousand_moves_of_an_explorer_leave_nothing_behind():
    widget = explore(loss, w=(-5.0, 5.0, 0.05), b=2.0, x=2.0, y_true=7.0)
    installed = listeners(widget)
    before, after, grown = growth(lambda i: widget.set(w=i % 200 * 0.05 - 5.0))
    assert before == after
    assert listeners(widget) == installed
    assert grown < BYTES_PER_RUN


@pytest.mark.slow("hundreds of runs, each allocation of the last 400 traced")
def test_moves_through_changing_graphs_leave_only_the_scenes_that_are_kept():
    def branches(w):
        for _ in range(int(w)):
            w = w.sin()
        return w * w

    widget = explore(branches, w=(0.0, 19.0, 1.0))
    before, after, grown = growth(lambda i: widget.set(w=float(i % 20)), runs=400)
    assert before == after
    assert grown < BYTES_PER_RUN


@pytest.mark.slow("hundreds of runs, each allocation of the last 400 traced")
def test_records_of_a_model_leave_neither_frames_nor_modules_behind():
    model, batch, v = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh()), torch.ones(2), torch.ones(2)
    before, after, grown = growth(lambda i: record(model, batch * i, gradient=v), runs=400)
    assert before == after
    assert grown < BYTES_PER_RUN
    assert all(parameter.grad is None for parameter in model.parameters())


FREED = """
import gc, sys, threading
import torch
from seeing_gradients.recorder import RecordingLimitError, record

def chain(x, count=12_000):
    seen.append(x)
    for number in range(count):
        x = x + 1
        if number == count // 2:
            seen.append(x)
    seen.append(x)
    return x

def work():
    record(chain, 0.0, max_ops=12_001, max_seconds=None)
    while seen:
        del seen[-1]  # all that is left of the graph goes with its last value, half of it with that in the middle
    history = chain(torch.tensor(0.0, requires_grad=True))
    seen.clear()
    record(lambda s: s * history, 1.0, max_seconds=None)
    del history
    try:
        record(chain, 0.0, max_ops=11_000, max_seconds=None)
    except RecordingLimitError as error:
        print(error.record.nodes[-1].value)
    seen.clear()
    gc.collect()
    print(sum(issubclass(type(thing), torch.autograd.graph.Node) for thing in gc.get_objects()), "left")

seen = []
threading.stack_size(2 << 20)  # one inside the other, the nodes would need more
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def test_a_long_graph_is_freed_with_little_stack_by_whoever_lets_go_of_it():
    done = subprocess.run([sys.executable, "-c", FREED], check=False, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["tensor(11000.)", "0", "left"], "")
