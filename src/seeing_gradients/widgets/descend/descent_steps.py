"""Gradient descent as a learner would write it: evaluate f, differentiate it by autograd, take a step.

`descent_steps(f, start, fixed, lr, count)` takes `count` steps; if it has to stop earlier, it says why.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from seeing_gradients.language import counted, message
from seeing_gradients.recorder import RecordError, VectorOutputError, record
from seeing_gradients.runtime import TimeLimitError, time_limit
from seeing_gradients.widgets.errors import kind_of, users_frames


@dataclass(frozen=True)
class Step:
    """One point of the descent.

    Attributes:
        position: name of an input -> its value.
        loss: the value of f at this position.
        grads: name of an input -> its gradient, or None if f does not depend on it.
        next: name of an input -> its value after one step from here.
    """

    position: dict[str, float]
    loss: float
    grads: dict[str, float | None]
    next: dict[str, float]

    @property
    def is_finite(self) -> bool:
        """Whether the loss and the next position are finite, so that another step is possible."""
        return all(map(math.isfinite, (self.loss, *self.next.values())))


@dataclass(frozen=True)
class DescentPath:
    """The steps of a descent.

    Attributes:
        steps: tuple of Step, in order; empty if f failed at the start.
        trouble: a sentence on why it stopped early, in the language in use; else None.
    """

    steps: tuple[Step, ...]
    trouble: str | None = None


def descent_steps(
    f: Callable[..., Any],
    start: Mapping[str, float],
    fixed: Mapping[str, Any],
    lr: float,
    count: int,
    max_seconds: float = 2.0,
    before: Sequence[Step] = (),
) -> DescentPath:
    """Take steps of gradient descent.

    Args:
        f: function (**inputs) -> tensor of one element; the inputs in `start` are tensors ().
        start: name of an input -> its value at the start.
        fixed: name -> value of every other argument of f.
        lr: > 0, the learning rate.
        count: >= 0, the number of steps.
        max_seconds: the limit of wall-clock time for all steps.
        before: the first Steps of the same descent, if they are known already.

    Returns:
        DescentPath with count + 1 Steps, since the start is one, too; with fewer if f fails, its result stops being
        finite, or the time is over.

    Raises:
        TimeLimitError: another time limit, around this call, has expired.
    """
    done = list(before[: count + 1])
    limit = time_limit(max_seconds)
    try:
        with limit:
            while len(done) <= count:
                if done and not done[-1].is_finite:
                    return DescentPath(tuple(done), _divergence_sentence(done, lr))
                done.append(evaluate(f, done[-1].next if done else start, fixed, lr))
    except TimeLimitError:
        if not limit.expired:
            raise
        return DescentPath(tuple(done), message("descend.too_long", seconds=f"{max_seconds:g}"))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - the widget shows every error of f, even SystemExit
        return DescentPath(tuple(done), _error_sentence(error))
    return DescentPath(tuple(done), None if done[-1].is_finite else _divergence_sentence(done, lr))


def evaluate(f: Callable[..., Any], position: Mapping[str, float], fixed: Mapping[str, Any], lr: float) -> Step:
    """Run f forward and backward once at a position, and return this Step.

    Args:
        f, fixed, lr: as for `descent_steps`.
        position: name of an input -> its value.

    Raises:
        RecordError: f does not return one loss that depends on the inputs.
        Exception: whatever f raises.
    """
    leaves = {
        name: torch.tensor(value, dtype=torch.get_default_dtype(), requires_grad=True)
        for name, value in position.items()
    }
    with torch.enable_grad():
        loss = f(**leaves, **fixed)
        if not isinstance(loss, torch.Tensor) or loss.numel() != 1 or not loss.requires_grad:
            _raise_record_error(f, position, fixed)
        grads = torch.autograd.grad(loss.reshape(()), list(leaves.values()), allow_unused=True)
    after = [leaf if g is None else leaf - lr * g for leaf, g in zip(leaves.values(), grads, strict=True)]
    return Step(
        position={name: leaf.item() for name, leaf in leaves.items()},
        loss=loss.item(),
        grads={name: None if g is None else g.item() for name, g in zip(leaves, grads, strict=True)},
        next={name: value.item() for name, value in zip(leaves, after, strict=True)},
    )


def _raise_record_error(f: Callable[..., Any], position: Mapping[str, float], fixed: Mapping[str, Any]) -> None:
    """Raise the error of `record` for this f, since `record` has a message for every case."""
    record(f, **position, **fixed)
    raise RuntimeError(message("descend.not_steady"))  # `record` succeeded: f returns something else each time


def _error_sentence(error: BaseException) -> str:
    """A sentence on an error of f, with the line of f at which it arose."""
    if isinstance(error, VectorOutputError):
        return message("descend.several_elements")
    if isinstance(error, RecordError):
        return str(error)
    frames = users_frames(error)
    line = message("descend.at_line", line=frames[0].lineno) if frames else ""
    return message("descend.raised", error=kind_of(error), line=line)


def _divergence_sentence(done: Sequence[Step], lr: float) -> str:
    """A sentence on a loss or next position that is not finite, with the number of steps before it."""
    loss = f"{done[-1].loss:.4g}"
    if len(done) == 1:
        return message("descend.not_finite", loss=loss)
    return counted("descend.diverged", len(done) - 1, lr=f"{lr:.4g}", loss=loss)
