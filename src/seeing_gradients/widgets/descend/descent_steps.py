"""Gradient descent itself: f evaluated, differentiated by autograd, and stepped, as a learner would write it.

`walk(f, at, fixed, lr, steps)` returns the Steps that could be made and the sentence that says why it stopped, if it did.
"""

import math
import traceback
from dataclasses import dataclass

import torch

from seeing_gradients.language import counted, message
from seeing_gradients.recorder import RecordError, VectorOutputError, record
from seeing_gradients.runtime import TimeLimitError, time_limit


@dataclass(frozen=True)
class Step:
    """One point of the descent.

    Attributes:
        at: dict from input name to float, where it is.
        loss: float, f there.
        grads: dict from input name to float, or None where no gradient arrives.
        next: dict from input name to float, where a step leads.
    """

    at: dict
    loss: float
    grads: dict
    next: dict

    @property
    def is_finite(self):
        """Whether a step from here leads anywhere."""
        return all(map(math.isfinite, (self.loss, *self.next.values())))


@dataclass(frozen=True)
class Walk:
    """A descent: its Steps, first to last, and why it ended early.

    Attributes:
        steps: tuple of Step; empty where f failed at the start.
        trouble: str in the lesson's language, or None.
    """

    steps: tuple
    trouble: str | None = None


def walk(f, at, fixed, lr, steps, max_seconds=2.0, before=()):
    """Take `steps` steps of gradient descent from `at`.

    Args:
        f: numbers by name -> tensor of one element.
        at: dict from name to float, the start.
        fixed: dict from name to what else f gets.
        lr: float > 0, the learning rate.
        steps: int >= 0.
        max_seconds: float, for all of it.
        before: tuple of Step, what is already known of this very descent.

    Returns:
        Walk of at most steps + 1 Steps; fewer where f fails or stops being finite.
    """
    done = list(before[: steps + 1])
    limit = time_limit(max_seconds)
    try:
        with limit:
            while len(done) <= steps:
                if done and not done[-1].is_finite:
                    return Walk(tuple(done), _diverged(done, lr))
                done.append(evaluate(f, done[-1].next if done else at, fixed, lr))
    except TimeLimitError:
        if not limit.expired:
            raise
        return Walk(tuple(done), message("descend.too_long", seconds=f"{max_seconds:g}"))
    except Exception as error:  # noqa: BLE001 - whatever f raises is shown where the learner looks
        return Walk(tuple(done), _told(error))
    return Walk(tuple(done), None if done[-1].is_finite else _diverged(done, lr))


def evaluate(f, at, fixed, lr):
    """Run f forward and backward once at `at`, and make one step of gradient descent.

    Raises:
        RecordError: f has no single loss that depends on the inputs.
        Exception: whatever f raises.
    """
    leaves = {
        name: torch.tensor(value, dtype=torch.get_default_dtype(), requires_grad=True) for name, value in at.items()
    }
    with torch.enable_grad():
        loss = f(**leaves, **fixed)
        if not isinstance(loss, torch.Tensor) or loss.numel() != 1 or not loss.requires_grad:
            _refuse(f, at, fixed)
        grads = torch.autograd.grad(loss.reshape(()), list(leaves.values()), allow_unused=True)
    after = [leaf if g is None else leaf - lr * g for leaf, g in zip(leaves.values(), grads, strict=True)]
    return Step(
        at={name: leaf.item() for name, leaf in leaves.items()},
        loss=loss.item(),
        grads={name: None if g is None else g.item() for name, g in zip(leaves, grads, strict=True)},
        next={name: value.item() for name, value in zip(leaves, after, strict=True)},
    )


def _refuse(f, at, fixed):
    """Let record say what is wrong with f: it knows every case."""
    record(f, **at, **fixed)
    raise RuntimeError(message("descend.not_steady"))


def _told(error):
    if isinstance(error, VectorOutputError):
        return message("descend.several_elements")
    if isinstance(error, RecordError):
        return str(error)
    text = str(error).strip().split("\n")[0]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    line = message("descend.at_line", line=frames[0].lineno) if frames else ""
    return message("descend.raised", kind=type(error).__name__, text=text, line=line)


def _diverged(done, lr):
    """Say which number is no longer finite, after how many steps."""
    loss = f"{done[-1].loss:.4g}"
    if len(done) == 1:
        return message("descend.not_finite", loss=loss)
    return counted("descend.diverged", len(done) - 1, lr=f"{lr:.4g}", loss=loss)
