"""A platform without signals, threads, processor clocks and file locks, as Python in a browser (Pyodide) is one.

The features are taken from a Python of its own before the library is imported; then what a learner uses runs there.
"""

import subprocess
import sys

import pytest

BARE = """
import os, sys
import resource, fcntl, signal, threading, time
import torch, asyncio  # they may use what they like: there, their builds differ
import IPython, ipywidgets, anywidget, matplotlib.pyplot

for code in sys.argv[1:]:
    sys.stdout.flush()
    if not os.fork():  # PyTorch is imported once
        break
    assert os.wait()[1] == 0
    print("END")
else:
    sys.exit()

for name in ("setitimer", "getitimer", "SIGALRM", "SIGPROF", "ITIMER_REAL", "ITIMER_PROF"):
    delattr(signal, name)
del time.thread_time

def refuse(self):
    raise RuntimeError("can't start new thread")

threading.Thread.start = refuse
for name in [*sys.modules]:
    if name.split(".")[0] in ("resource", "fcntl", "multiprocessing", "concurrent", "resvg_py", "editables"):
        del sys.modules[name]
sys.meta_path.insert(0, type("Missing", (), {"find_spec": staticmethod(lambda name, path=None, target=None: missing(name))}))

def missing(name):
    if name.split(".")[0] in ("resource", "fcntl", "_posixshmem", "resvg_py", "editables"):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

os.fork = None
"""


EVERYTHING = """
from seeing_gradients import descend, draw, explore, record, secant, watch
from seeing_gradients.course.exercises import check, predict

def f(w, x=2.0):
    return (w * x - 3.0) ** 2

assert record(f, w=1.0).grads["w"] == -4.0
assert "<svg" in draw(f, w=1.0).svg
print("record")

widget = explore(f, w=(-5.0, 5.0))
widget.sliders = [2.0]
assert widget.record.grads["w"] == 4.0 and widget.state["problem"] is None, widget.state
sent = []
widget.send = lambda content, buffers=None: sent.append(content)
widget._handle_custom_msg({"ahead": [[1.0], [3.0]], "scenes": []}, [])
entries = sent[-1]["ahead"]["entries"]
assert entries and entries[0]["state"] is not None and not sent[-1]["ahead"]["off"]
widget.plot("w")
widget.nudge("w", 0.01)
print("explore")

model = torch.nn.Linear(2, 1)
data = torch.randn(8, 2), torch.randn(8, 1)
run = watch(model, torch.nn.MSELoss(), data, torch.optim.SGD(model.parameters(), lr=0.1), steps=3)
assert run.shown
print("watch")

descend(lambda w: w * w, w=(-3.0, 3.0), lr=0.1)
secant(torch.sin, 1.0, h=0.1)
predict("02.p1")
print("widgets")

assert check("00.1", None) is not None
print("checked")
"""
ENDLESS = """
from seeing_gradients import explore, record
from seeing_gradients.recorder import RecordingLimitError
from seeing_gradients.runtime import TimeLimitError, time_limit
from seeing_gradients.widgets.explore import session

def lines():
    while True:
        total = 1

def operations():
    w = torch.tensor(1.0)
    while True:
        w = w * 1.0

def calls():
    while True: sum([1.0])

def stop(work, seconds=0.05):
    try:
        with time_limit(seconds) as limit:
            work()
    except TimeLimitError:
        return limit.expired

print(*[stop(work) for work in (lines, operations, calls)])

inner = 0
try:
    with time_limit(2.0) as outer:
        while True:
            inner += bool(stop(lines, 0.02))
except TimeLimitError:
    print(outer.expired, inner > 1)
with time_limit(60):
    print(sum(range(1000)))
print(sys.gettrace())

def f(w):
    while w > 1:
        w = w + 1
    return w * w

session.FUNCTION_SECONDS = 0.2
try:
    record(f, w=2.0, max_seconds=0.2, max_ops=10**9)
except RecordingLimitError:
    print("limited")
widget = explore(f, w=(-5.0, 5.0))
widget.sliders = [2.0]
print(widget.state["problem"] is not None)
widget.sliders = [0.5]
print(widget.state["problem"])
"""


@pytest.fixture(scope="module")
def said():
    """The words that each of the two programs printed in a bare Python, in which PyTorch was imported first."""
    done = subprocess.run(
        [sys.executable, "-c", f"{BARE}\nexec(code)", EVERYTHING, ENDLESS],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return [part.split() for part in done.stdout.split("END\n")]


@pytest.mark.slow("a Python of its own imports PyTorch, runs every widget, and waits for limits")
def test_everything_that_a_learner_uses_works(said):
    assert said[0] == ["record", "explore", "watch", "widgets", "checked"]


@pytest.mark.slow("a Python of its own imports PyTorch, runs every widget, and waits for limits")
def test_what_never_ends_is_stopped_limits_nest_and_the_next_position_recovers(said):
    assert said[1] == ["True"] * 5 + ["499500", "None", "limited", "True", "None"]
