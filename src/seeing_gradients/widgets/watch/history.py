"""What is remembered of a training run: a `Snapshot` for each measured step, with the state to run the step again.

A `History` holds at most 200 snapshots, however long the run is: when it is full, it drops every second one and
measures half as often from then on. Copies of weights have a limit of their own, in bytes.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

MOST_SNAPSHOTS = 200
WEIGHT_BYTES = 64 << 20  # of all weights, buffers and batches from which steps can be run again
FIRST_STEPS, EVERY = 10, 20  # by default the first ten steps are all measured, then every twentieth
_MOST_LOSSES = 4096
_foreach_clone = getattr(torch, "_foreach_clone", None)


@dataclass(frozen=True)
class RestorePoint:
    """The state in which a step began, to run the step again.

    Attributes:
        parameters: a copy of each parameter, in the order of `model.parameters()`.
        buffers: a copy of each buffer, in the order of `model.buffers()`.
        random_state: of torch's generator (CPU) when the model was called.
        modes: whether each module was in training mode, in the order of `model.modules()`.
        arguments: (args, kwargs) of the model's call; None if the model itself was not called.
        target: what the loss got beside the output; None in a loop of one's own.
        output_gradient: what arrived at the model's output in backward; None if that is not a single tensor.
        versions: the version counters of the tensors in `arguments` and `target`.
    """

    parameters: tuple[Tensor, ...]
    buffers: tuple[Tensor, ...]
    random_state: Tensor
    modes: tuple[bool, ...]
    arguments: tuple[tuple[Any, ...], dict[str, Any]] | None = None
    target: Any = None
    output_gradient: Tensor | None = None
    versions: tuple[int, ...] = ()

    def own_bytes(self) -> int:
        """The bytes of the copies."""
        copies = [*self.parameters, *self.buffers]
        copies += [] if self.output_gradient is None else [self.output_gradient]
        return sum(map(_bytes, copies))

    def batch(self) -> list[Tensor]:
        """The tensors of the batch; they are the user's own, not copies."""
        args, kwargs = self.arguments or ((), {})
        return [value for value in (*args, *kwargs.values(), self.target) if isinstance(value, Tensor)]

    def is_unchanged(self) -> bool:
        """Whether nobody has written to the batch since the step."""
        return self.versions == tuple(map(version_of, self.batch()))


@dataclass(frozen=True)
class Snapshot:
    """The measurements of one step.

    Attributes:
        step: its number, from 0.
        loss: before the update.
        gradients: the 2-norm of each parameter's `.grad` when the step ended; None where `.grad` is None.
        updates: the norm of each parameter's change in this step, divided by the norm of the parameter before it; None
            where that was 0 or unknown.
        spreads: the standard deviation of what each module returned in its last call; None if it was not called.
        dead: the share of dead units of each activation function; None for other modules.
        restore: the state in which the step began, or None.
    """

    step: int
    loss: float
    gradients: tuple[float | None, ...]
    updates: tuple[float | None, ...]
    spreads: tuple[float | None, ...]
    dead: tuple[float | None, ...]
    restore: RestorePoint | None = None


class Losses:
    """The loss of every step; of a long run, of every second, fourth, ... step."""

    def __init__(self) -> None:
        self._values, self.stride, self.count = array("d"), 1, 0

    def append(self, loss: float) -> None:
        """Add the loss of the next step."""
        if self.count % self.stride == 0:
            self._values.append(loss)
            if len(self._values) > _MOST_LOSSES:
                self._values, self.stride = self._values[::2], 2 * self.stride
        self.count += 1

    def __iter__(self) -> Iterator[tuple[int, float]]:
        """Yield (step, loss)."""
        return ((i * self.stride, loss) for i, loss in enumerate(self._values))


class History:
    """The snapshots of one run.

    Args:
        every: measure every so many steps; None for the first ten and every twentieth.
        weight_bytes: the limit of all copies of weights with their batches.

    Attributes:
        snapshots: list of Snapshot, in order.
        losses: Losses.
        stride: int, the distance of measured steps now.
        restorable: "all" while every snapshot has a restore point, "some" if some were dropped, "none" if a single one
            is beyond the limit.
    """

    def __init__(self, every: int | None = None, weight_bytes: int = WEIGHT_BYTES) -> None:
        self.snapshots: list[Snapshot] = []
        self.losses = Losses()
        self.stride = EVERY if every is None else every
        self.restorable = "all"
        self._first = FIRST_STEPS if every is None else 0
        self._weight_bytes = weight_bytes
        self._bytes = 0  # of all restore points, or a little more: a batch that several share may count twice

    def is_measured(self, step: int) -> bool:
        """Whether a step is to be measured."""
        return step < self._first or step % self.stride == 0

    def is_restorable(self, model_bytes: int) -> bool:
        """Whether a copy of a model of this size is within the limit."""
        if model_bytes > self._weight_bytes:
            self.restorable = "none"
        return self.restorable != "none"

    def add(self, snapshot: Snapshot) -> None:
        """Add the newest snapshot, and drop others where a limit is exceeded."""
        self.snapshots.append(snapshot)
        if snapshot.restore is not None:
            self._bytes += self._added_bytes(snapshot.restore)
        while len(self.snapshots) > MOST_SNAPSHOTS:
            self.stride *= 2
            *before, last = self.snapshots
            self.snapshots = [each for each in before if self.is_measured(each.step)] + [last]
        self._limit_bytes()

    def _limit_bytes(self) -> None:
        """Drop every second restore point, but the first and the last, until the others are within the limit."""
        while self._bytes > self._weight_bytes and (size := self._restore_bytes()) != self._bytes:
            self._bytes = size
        while self._bytes > self._weight_bytes:
            self.restorable = "some"
            holding = [i for i, each in enumerate(self.snapshots) if each.restore is not None]
            dropped = holding[1:-1:2] if len(holding) > 2 else holding[:-1]
            if not dropped:  # the newest alone, with its batch
                dropped, self.restorable = holding, "none"
            for i in dropped:
                self.snapshots[i] = replace(self.snapshots[i], restore=None)
            self._bytes = self._restore_bytes()

    def _added_bytes(self, point: RestorePoint) -> int:
        """The bytes of the newest restore point; its batch counts unless the one before has the same."""
        before = self.snapshots[-2].restore if len(self.snapshots) > 1 else None
        shared = set() if before is None else set(map(id, before.batch()))
        return point.own_bytes() + sum(_bytes(tensor) for tensor in point.batch() if id(tensor) not in shared)

    def _restore_bytes(self) -> int:
        points = [each.restore for each in self.snapshots if each.restore is not None]
        batches = {id(tensor): tensor for point in points for tensor in point.batch()}
        return sum(point.own_bytes() for point in points) + sum(map(_bytes, batches.values()))


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()


def version_of(tensor: Tensor) -> int:
    """Return the version counter of a tensor; -1 for one made under inference mode, which has none."""
    return -1 if tensor.is_inference() else tensor._version


def copies(tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Return a copy of each tensor, outside the graph."""
    values = [torch.empty(0) if torch.nn.parameter.is_lazy(each) else each.detach() for each in tensors]
    if values and _foreach_clone is not None:  # one call in place of many; older versions do not have it
        return tuple(_foreach_clone(values))
    return tuple(each.clone() for each in values)
