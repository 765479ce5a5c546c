"""`python -m tests.bench.zoo`: what recording and drawing the models of tests/zoo costs; writes ZOO.md beside this file.

Names of models as arguments measure these alone, and print the table without writing it.
"""

import argparse
import gc
import platform
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from seeing_gradients.picture.static import draw
from seeing_gradients.recorder import record

from ..zoo.models import MODELS, Example

GOALS = {"record": (3.0, 8.0), "picture": (0.7, 1.0)}  # of the median, and of every model
ROUNDS = 5
_LIMITS: dict[str, Any] = {"max_ops": 100_000, "max_seconds": None}


@dataclass
class Cost:
    """Processor time of one model in ms, the least of all rounds.

    Attributes:
        name: of the model.
        nodes: of its Record.
        bare: forward and backward.
        recorded: `record`.
        drawn: `draw`, from the model to the SVG.
        forward: forward under no_grad, as torchview runs it.
        torchview: torchview's graph at depth 2, and dot's SVG; None if torchview fails.
    """

    name: str
    nodes: int
    bare: float
    recorded: float
    drawn: float
    forward: float
    torchview: float | None

    @property
    def record_ratio(self) -> float:
        """How many times forward and backward a recording costs."""
        return self.recorded / self.bare

    @property
    def picture(self) -> float:
        """What a picture adds to forward and backward."""
        return self.drawn - self.bare

    @property
    def their_picture(self) -> float | None:
        """What torchview's picture adds to forward."""
        return None if self.torchview is None else self.torchview - self.forward

    @property
    def picture_ratio(self) -> float | None:
        """Our picture against theirs."""
        theirs = self.their_picture
        return None if theirs is None else self.picture / theirs


def measure(name: str, rounds: int = ROUNDS) -> Cost:
    """Measure one model, in training mode.

    Args:
        name: key of MODELS.
        rounds: how often each of the five is run, in turn.
    """
    torch.manual_seed(0)
    example = MODELS[name]()
    example.model.train()
    runs: dict[str, Callable[[], Any]] = {
        "bare": lambda: _bare(example),
        "recorded": lambda: record(
            example.model, *example.args, output=example.output, strict=False, **_LIMITS, **example.kwargs
        ),
        "drawn": lambda: draw(example.model, *example.args, output=example.output, **_LIMITS, **example.kwargs).svg,
        "forward": lambda: _forward(example),
        "torchview": lambda: _torchview(example),
    }
    nodes = len(runs["recorded"]().nodes)
    times: dict[str, list[float]] = {key: [] for key in runs}
    try:
        runs["torchview"]()
    except Exception as error:  # noqa: BLE001 - whatever torchview raises, there is no picture to compare with
        print(f"{name}: torchview raised {type(error).__name__}: {error}", file=sys.stderr)
        del runs["torchview"]
    for number in range(rounds + 1):
        gc.collect()
        for key, run in runs.items():
            began = _processor_time()
            run()
            if number:  # the first round fills caches
                times[key].append((_processor_time() - began) * 1e3)
    return Cost(name, nodes, **{key: min(samples) if samples else None for key, samples in times.items()})


def _processor_time() -> float:
    """Seconds of this process and of those that it waited for, such as dot."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _bare(example: Example) -> None:
    output = example.chosen(example.model(*example.args, **example.kwargs))
    output.backward(torch.ones_like(output))
    example.model.zero_grad()


def _forward(example: Example) -> None:
    with torch.no_grad():
        example.model(*example.args, **example.kwargs)


def _torchview(example: Example) -> str:
    from torchview import draw_graph

    inputs, rest = (list(example.args), example.kwargs) if example.args else (example.kwargs, {})
    graph = draw_graph(example.model, inputs, depth=2, mode="train", device="cpu", **rest)
    return graph.visual_graph.pipe("svg").decode()


def table(costs: list[Cost]) -> str:
    """The costs as a Markdown table."""
    lines = [
        "| model | nodes | forward + backward | record | ratio | picture adds | torchview + dot add | ratio |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for cost in costs:
        theirs = "fails | " if cost.their_picture is None else f"{cost.their_picture:.0f} | {cost.picture_ratio:.2f}"
        lines.append(
            f"| {cost.name} | {cost.nodes} | {cost.bare:.1f} | {cost.recorded:.1f} | {cost.record_ratio:.1f} "
            f"| {cost.picture:.0f} | {theirs} |"
        )
    return "\n".join(lines)


def summary(costs: list[Cost]) -> str:
    """Medians and worst models against the goals, as Markdown."""
    kinds = {
        "record": ("`record` against forward + backward", {c.name: c.record_ratio for c in costs}),
        "picture": (
            "what a picture adds, against torchview + dot",
            {c.name: c.picture_ratio for c in costs if c.picture_ratio is not None},
        ),
    }
    lines = ["| | models | median | goal | worst | goal | above it |", "|---|--:|--:|--:|---|--:|---|"]
    for key, (title, ratios) in kinds.items():
        if not ratios:
            continue
        most_median, most = GOALS[key]
        worst = max(ratios, key=ratios.__getitem__)
        above = ", ".join(name for name, ratio in ratios.items() if ratio > most) or "none"
        median = statistics.median(ratios.values())
        lines.append(
            f"| {title} | {len(ratios)} | {median:.2f} | {most_median:g} | {worst} {ratios[worst]:.2f} | {most:g} | {above} |"
        )
    return "\n".join(lines)


def report(costs: list[Cost], rounds: int) -> str:
    """The text of ZOO.md."""
    return f"""# What recording and drawing foreign models costs

Written by `make zoo` (`python -m tests.bench.zoo`), after the tests of `tests/zoo/`: gradients equal to plain autograd bit
for bit in eval and training mode, random states, buffers and `.grad` unchanged, names equal to `named_parameters()`.

{summary(costs)}

Milliseconds of processor time, one thread, training mode: the least of {rounds} rounds, in each of which all five run in
turn. A picture adds `draw(model, batch)`, from the model to the SVG at default depth, less forward + backward. torchview
adds `draw_graph(model, batch, depth=2)` and dot's SVG, dot's process included, less a forward pass under `no_grad`.
The models have random weights and the few, narrow layers that `tests/zoo/models.py` states; with wider layers both ratios fall.
Python {platform.python_version()}, PyTorch {torch.__version__}.

{table(costs)}
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.zoo", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="model", help="keys of tests.zoo.models.MODELS; all without")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is measured")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    costs = []
    for name in options.names or MODELS:
        costs.append(measure(name, options.rounds))
        print(table(costs[-1:]).splitlines()[-1], flush=True)
    print(summary(costs))
    if not options.names:
        (Path(__file__).parent / "ZOO.md").write_text(report(costs, options.rounds), encoding="utf-8")


if __name__ == "__main__":
    main()
