"""What needs no browser: `record` against a bare pass, and what `import helpers` costs."""

import importlib.util
import subprocess
import sys
import time

from .figure import Figure

HEAVY = ("torch", "numpy", "matplotlib", "ipywidgets", "anywidget", "IPython", "sympy")


def thirteen(a, b):
    """Thirteen operations on scalars: every kind that the lessons use."""
    c = a * b
    d = c + a
    e = d**2
    g = e.sin()
    h = g - b
    i = h / 3.0
    j = i.exp()
    k = j * c
    m = k.tanh()
    n = m + d
    o = n.abs()
    p = o + 1.0
    return p.log()


def measure_record(pairs=400):
    """`record` of thirteen operations against the same forward and backward without a recorder, in turn."""
    import torch

    from helpers import record

    torch.set_num_threads(1)

    def bare():
        a, b = torch.tensor(1.5, requires_grad=True), torch.tensor(-0.5, requires_grad=True)
        thirteen(a, b).backward()

    def ours():
        record(thirteen, a=1.5, b=-0.5)

    samples = [(_milliseconds(ours), _milliseconds(bare)) for _ in range(pairs)][pairs // 10 :]
    recorded, plain = zip(*samples, strict=True)
    name = "`record` of 13 scalar operations"
    return Figure(
        name, "ms", "`record(f, a=..., b=...)`", "bare forward and backward", recorded, plain, 4.0, at_most=True
    )


def measure_torchlens(pairs=15):
    """`record`, which runs backward too, against torchlens' trace of the forward pass alone, in turn; None without it."""
    if importlib.util.find_spec("torchlens") is None:
        return None
    import torch
    import torchlens

    from helpers import record

    class Thirteen(torch.nn.Module):
        def forward(self, a, b):
            return thirteen(a, b)

    model = Thirteen()

    def theirs():
        leaves = [torch.tensor(1.5, requires_grad=True), torch.tensor(-0.5, requires_grad=True)]
        torchlens.trace(model, leaves)

    def ours():
        record(thirteen, a=1.5, b=-0.5)

    samples = [(_milliseconds(ours), _milliseconds(theirs)) for _ in range(pairs + 3)][3:]
    recorded, traced = zip(*samples, strict=True)
    names = "`record(f, a=..., b=...)`", "`torchlens.trace`, forward alone"
    return Figure("`record` of 13 scalar operations", "ms", *names, recorded, traced, 1.0)


def measure_import(pairs=25):
    """How much longer a fresh Python takes with `import helpers`, and the heavy modules this brings in.

    Returns:
        (list of float, milliseconds added; list of str, heavy modules found).
    """
    added = [_start("import helpers") - _start("pass") for _ in range(pairs)]
    listed = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import helpers"], capture_output=True, check=True
    )
    names = {line.rpartition("|")[2].strip().partition(".")[0] for line in listed.stderr.decode().splitlines()}
    return added, sorted(names & set(HEAVY))


def _start(code):
    return _milliseconds(lambda: subprocess.run([sys.executable, "-c", code], check=True))


def _milliseconds(action):
    begin = time.perf_counter()
    action()
    return (time.perf_counter() - begin) * 1000
