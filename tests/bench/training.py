"""What it costs to watch a training: the same loop with `run.step(loss)` and without it, in turn, in processor time."""

import time
from functools import partial

from .figure import Figure

CHUNK, CHUNKS = 20, 32  # steps of one sample; samples of each loop, the first two left out
MOST = 1.3  # times the bare loop


def measure():
    """Return the Figures."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    sgd, adam = partial(torch.optim.SGD, lr=0.05), partial(torch.optim.Adam, lr=0.01)
    classifier = lambda: nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    network = lambda: nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 16, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(16 * 24 * 24, 10),
    )  # fmt: skip
    points, pictures = torch.randn(200, 2), torch.randn(32, 1, 28, 28)
    programs = [
        ("a step of an MLP of 2-64-64-2 on 200 points, SGD", classifier, points, 2, sgd),
        ("a step of the same MLP, Adam", classifier, points, 2, adam),
        ("a step of a CNN on 32 images of 28 x 28, Adam", network, pictures, 10, adam),
    ]
    return [_figure(*program) for program in programs]


def _figure(name, make_model, x, classes, make_optimizer):
    import torch

    from helpers import watch

    y = torch.randint(0, classes, (len(x),))
    loops = []
    for is_watched in (False, True):
        # Both train the same weights: with others, more numbers of Adam may be subnormal, and those are slow.
        torch.manual_seed(0)
        model = make_model()
        loops.append(_loop(model, make_optimizer(model.parameters()), x, y, watch(model) if is_watched else None))
    samples = [[loop() for loop in loops] for _ in range(CHUNKS)][2:]
    bare, watched = zip(*samples, strict=True)
    return Figure(name, "ms", "with `run.step(loss)`", "the bare loop", watched, bare, MOST, at_most=True)


def _loop(model, optimizer, x, y, run):
    """A function that takes some steps and returns the milliseconds of one."""
    import torch

    def step():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    if run:
        run.__enter__()  # the hooks stay on until the process ends

    def watched():
        for _ in range(CHUNK):
            run.step(step())

    def bare():
        for _ in range(CHUNK):
            step()

    def timed():
        began = time.process_time()
        (watched if run else bare)()
        return (time.process_time() - began) / CHUNK * 1000

    return timed
