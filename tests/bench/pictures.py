"""The picture of a graph from its record or backward node to SVG text: ours against torchviz with Graphviz's dot.

Four forms of graph in three sizes. dot gets 60 s; where it is not done by then, 60 s is what it is counted with.
"""

import shutil
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import replace

from .figure import Figure

SIZES = (100, 1_000, 10_000)
TARGETS = {100: 5.0, 1_000: 20.0, 10_000: 50.0}
PATIENCE = 60.0  # s for one picture by dot
_REPEATS = {100: 9, 1_000: 5, 10_000: 1}
_MORE = 5  # of ours, which are soon done: else one stall of the machine is half of what is measured
_OF_A_LAYER = 54  # nodes
_DEEP = 512 * 1024 * 1024  # bytes of stack: torchviz walks the graph recursively


def chain(count):
    def f(x, w, b):
        for i in range(count):
            x = x.sin() if i % 2 else x.cos()
        return x * w + b

    return f


def wide(count):
    def f(x, w, b):
        import torch

        return (torch.stack([x.sin() if i % 2 else x.cos() for i in range(count)]) * w + b).sum()

    return f


def shared(count):
    """A recurrent net: every step uses the same two parameters."""

    def f(x, w, b):
        for _ in range(count // 3):
            x = (w * x + b).tanh()
        return x

    return f


def transformer(count):
    """Encoder layers, every operation drawn: what a learner's own model looks like inside."""
    import torch

    torch.manual_seed(0)
    layer = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
    model = torch.nn.TransformerEncoder(layer, max(1, round(count / _OF_A_LAYER)), enable_nested_tensor=False)
    batch = torch.randn(1, 3, 8)
    return lambda x, w, b: (model(batch * x) * w + b).sum()


SHAPES = {"a chain": chain, "a wide sum": wide, "shared parameters": shared, "a transformer": transformer}


def measure():
    """The figures of every size and shape.

    Returns:
        list of Figure; empty where torchviz or dot is missing.
    """
    if not _installed():
        return []
    figures = []
    for size in SIZES:
        of_size = [_measure(size, shape, make(size)) for shape, make in SHAPES.items()]
        figures += [*of_size, _mean(size, of_size)]
    return [*figures, *(_in_a_second(figure) for figure in of_size)]


def _mean(size, figures):
    """The geometric mean over the forms of a size: its ratio is the geometric mean of theirs."""
    ours, theirs = (
        statistics.geometric_mean(map(statistics.median, samples))
        for samples in zip(*((figure.our_samples, figure.their_samples) for figure in figures), strict=True)
    )
    name = f"picture of some {size:,} nodes, geometric mean of the forms"
    return Figure(name, "ms", "scene and SVG", "torchviz and dot", [ours], [theirs], TARGETS[size])


def _in_a_second(figure):
    """The largest size once more, against the clock."""
    return replace(figure, theirs="one second", their_samples=[1_000.0], target=1.0)


def _installed():
    try:
        import torchviz  # noqa: F401
    except ImportError:
        return False
    return shutil.which("dot") is not None


def _measure(size, shape, f):
    import torch

    from helpers import record
    from seeing_gradients.picture.painting import paint
    from seeing_gradients.picture.scene import fitting_scene, height_limit, texts

    taken = record(f, 0.3, 0.9, 0.1, max_ops=10 * size, max_seconds=None)
    output = f(*(torch.tensor(value, requires_grad=True) for value in (0.3, 0.9, 0.1)))

    def ours():
        plan = fitting_scene(taken, height=height_limit(taken))  # as `draw` does
        paint(plan, texts(taken, plan))

    ours_samples = [_milliseconds(ours) for _ in range(_REPEATS[size] + _MORE)][1:]
    theirs_samples = []
    for _ in range(_REPEATS[size]):
        theirs_samples.append(_deep(lambda: _by_dot(output)))
        if theirs_samples[-1] > 5_000:
            break
    late = ", not done" if max(theirs_samples) >= PATIENCE * 1000 else ""
    name = f"picture of {shape}, {len(taken.nodes):,} nodes"
    labels = "scene and SVG", f"torchviz and dot{late}"
    return Figure(name, "ms", *labels, ours_samples, theirs_samples, TARGETS[size])


def _by_dot(output):
    import torchviz

    def draw():
        source = torchviz.make_dot(output).source.encode()
        try:
            subprocess.run(["dot", "-Tsvg"], input=source, capture_output=True, check=True, timeout=PATIENCE)
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError):  # the latter: out of memory
            return False
        return True

    began = time.perf_counter()
    done = draw()
    return (time.perf_counter() - began) * 1000 if done else PATIENCE * 1000


def _deep(action):
    """Run in a thread with a deep stack, without Python's own limit."""
    limit, found = sys.getrecursionlimit(), []
    sys.setrecursionlimit(200_000)
    before = threading.stack_size(_DEEP)
    try:
        thread = threading.Thread(target=lambda: found.append(action()))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
        sys.setrecursionlimit(limit)
    return found[0]


def _milliseconds(action):
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000
