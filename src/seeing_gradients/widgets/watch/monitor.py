"""Measure a training run step by step: what a step was, and where the first nan or infinity began.

A `Monitor` reads the model before and after each step and never writes to it. Between two steps it copies the weights,
if the next step is measured, for the ratio of update to weight and for running the step again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, Literal

from torch import Tensor, nn

from seeing_gradients.language import message

from .history import History, RestorePoint, Snapshot, copies, version_of
from .probe import Probe, are_finite, differences, is_finite, modes_of, norms

_LARGE = 1_000_000  # parameters; the gradients of a larger model are not held


@dataclass(frozen=True)
class NotFinite:
    """Where the first nan or infinity of a run began.

    Attributes:
        step: its number.
        kind: "data", if the batch had it; "forward", if a module returned it; "loss", if the loss function did;
            "backward", if a gradient had it; "update", if the optimizer wrote it.
        name: of the module or parameter; "" for the batch and the loss.
        module: class of the module.
        loss: of the step.
    """

    step: int
    kind: Literal["data", "forward", "loss", "backward", "update"]
    name: str
    module: str
    loss: float

    def sentence(self) -> str:
        """Return a sentence for the learner, in the language in use."""
        name = self.name or message("watch.whole_model")
        return message(f"watch.not_finite_{self.kind}", step=self.step, name=name, module=self.module, loss=self.loss)


class Monitor:
    """The measurements of one run.

    Args:
        model: nn.Module.
        every: measure every so many steps; None for the first ten and every twentieth.

    Attributes:
        model: as above.
        probe: Probe.
        history: History.
        step: int, the number of the step that comes next.
        trouble: NotFinite, the first of this run, or None.
    """

    def __init__(self, model: nn.Module, every: int | None = None) -> None:
        self.model, self.probe, self.history = model, Probe(model), History(every)
        self.step = 0
        self.trouble: NotFinite | None = None
        known = [each for each in (*model.parameters(), *model.buffers()) if not nn.parameter.is_lazy(each)]
        self._bytes = sum(each.numel() * each.element_size() for each in known)
        self._is_large = sum(each.numel() for each in known if isinstance(each, nn.Parameter)) > _LARGE
        self._last_gradients: list[Tensor | None] = []  # of the last step
        self._last_loss = 0.0
        self._weights: tuple[Tensor, ...] = ()
        self._buffers: tuple[Tensor, ...] | None = None
        self._own_seconds, self._seconds, self._since = 0.0, 0.0, 0.0

    def start(self) -> None:
        """Register the hooks. The next step begins."""
        if not self.probe.is_on:
            self.probe.start()
            self._since = perf_counter()
            self._prepare()

    def stop(self) -> None:
        """Remove the hooks."""
        if self.probe.is_on:
            self.probe.stop()
            self._seconds += perf_counter() - self._since
            self.probe.forget()
            self._last_gradients = []

    def cost(self) -> float | None:
        """Return how much longer the run took because it was watched, as a part of the time of the run alone."""
        own = self._own_seconds + self.probe.seconds
        alone = self._seconds - own
        return own / alone if alone > 0 and self.step else None

    def _prepare(self) -> None:
        """Between two steps: let go of the last one, and copy the weights if the next one is measured."""
        probe, history = self.probe, self.history
        probe.forget()
        probe.measure(history.is_measured(self.step))
        self._weights, self._buffers = (), None
        if probe.is_measuring:
            self._copy()

    def _copy(self) -> None:
        """Copy the weights, and the buffers if the step can be run again."""
        self._weights = copies(self.probe.parameters)
        if self.history.is_restorable(self._bytes):
            self._buffers = copies(list(self.model.buffers()))

    # ---- what is not finite ----

    def check_forward(self, loss: float) -> NotFinite | None:
        """Return what is not finite in the forward pass of this step, or None."""
        if math.isfinite(loss):
            return None
        if not self.probe.has_finite_arguments():
            return NotFinite(self.step, "data", "", "", loss)
        module = self.probe.first_not_finite()
        if module is None:
            return NotFinite(self.step, "loss", "", "", loss)
        return NotFinite(self.step, "forward", module.path, module.kind, loss)

    def check_weights_before(self, loss: float) -> NotFinite | None:
        """Return the parameter that the update of the step before made nan or infinite, or None.

        Call it before this step's update.
        """
        update = self._first_parameter("update", self._weights_now(), loss)
        return None if update is None else replace(update, step=self.step - 1)

    def check_backward(self, loss: float) -> NotFinite | None:
        """Return the gradient that is the first in backward's order and not finite, or None."""
        gradients = [each.grad for each in self.probe.parameters]
        if are_finite([each for each in gradients if each is not None]):
            return None
        return self._first_parameter("backward", gradients, loss)

    def _first_parameter(self, kind: Any, tensors: list[Tensor | None], loss: float) -> NotFinite | None:
        probe = self.probe
        order = [*probe.order, *(i for i in range(len(probe.modules)) if i not in probe.shapes)]
        for i in reversed(order):
            for k in reversed(probe.modules[i].parameters):
                tensor = tensors[k]
                if tensor is not None and not is_finite(tensor):
                    return NotFinite(self.step, kind, probe.names[k], probe.modules[i].kind, loss)
        return None

    def _weights_now(self) -> list[Tensor | None]:
        return [None if nn.parameter.is_lazy(each) else each.detach() for each in self.probe.parameters]

    def _diagnose(self, loss: float) -> NotFinite | None:
        """What is not finite after a whole step of somebody else's loop, where something may be; the earliest cause counts.

        A small model's gradients are searched when a later loss is not finite, and are held until then. A large one's
        weights are searched in every step, since a nan in a gradient makes the weight nan.
        """
        if self._is_large and math.isfinite(loss):
            return self._search_weights(loss)
        trouble = self.check_forward(loss)
        if trouble is None or trouble.kind == "data":
            return trouble
        pairs = zip(self._last_gradients, self.probe.parameters, strict=False)
        # A gradient that was set to zero in place is the same tensor in this step; it says nothing about the last one.
        gradients = [None if gradient is parameter.grad else gradient for gradient, parameter in pairs]
        before = self._first_parameter("backward", gradients, self._last_loss) if gradients else None
        return trouble if before is None else replace(before, step=self.step - 1)

    def _search_weights(self, loss: float) -> NotFinite | None:
        weights = self._weights_now()
        if are_finite([each for each in weights if each is not None]):
            return None
        return self.check_backward(loss) or self._first_parameter("update", weights, loss)

    def check_end(self) -> None:
        """After the last step of somebody else's loop, search its gradients and weights."""
        if self.trouble is None and self.step:
            trouble = self._search_weights(self._last_loss)
            self.trouble = None if trouble is None else replace(trouble, step=self.step - 1)

    # ---- the end of a step ----

    def end_step(self, loss: float, batch: tuple[Any, Any] | None = None, trouble: NotFinite | None = None) -> None:
        """Take the measurements of the step that has just ended.

        Args:
            loss: of this step.
            batch: (input, target) of the step; None in a loop of one's own.
            trouble: what is known to be not finite, if the step was stopped before it ended.
        """
        began = perf_counter()
        if self.trouble is None:
            if batch is None:
                if self._is_large or not math.isfinite(loss):
                    trouble = self._diagnose(loss)
                if not self._is_large:
                    self._last_gradients = [each.grad for each in self.probe.parameters]
                self._last_loss = loss
            self.trouble = trouble
        if self.probe.is_measuring or trouble is not None:
            self.history.add(self._snapshot(loss, batch, trouble))
        self.history.losses.append(loss)
        self.step += 1
        self._prepare()
        self._own_seconds += perf_counter() - began

    def measure_now(self) -> None:
        """Measure the step that comes next, even if the schedule does not: it is the last one."""
        if not self.probe.is_measuring:
            self.probe.measure(True)
            self._copy()

    def _snapshot(self, loss: float, batch: tuple[Any, Any] | None, trouble: NotFinite | None) -> Snapshot:
        probe = self.probe
        is_forward_only = trouble is not None and trouble.kind in ("data", "forward", "loss") and batch is not None
        count = len(probe.parameters)
        gradients = [None] * count if is_forward_only else [each.grad for each in probe.parameters]
        is_stopped = trouble is not None and batch is not None  # before the optimizer's step
        changes, before = ([None] * count, [None] * count) if is_stopped else self._changes()
        all_norms = norms([*gradients, *changes, *before])
        pairs = zip(all_norms[count : 2 * count], all_norms[2 * count :], strict=True)
        updates = tuple(None if change is None or not size else change / size for change, size in pairs)
        spreads, dead = probe.statistics()
        restore = self._restore_point(batch, is_stopped)
        return Snapshot(self.step, loss, tuple(all_norms[:count]), updates, spreads, dead, restore)

    def _changes(self) -> tuple[Sequence[Tensor | None], Sequence[Tensor | None]]:
        """(the change of each parameter in this step, the parameter before it), None where they are unknown."""
        now = [each.detach() for each in self.probe.parameters]
        before = self._weights
        if not before or any(one.shape != other.shape for one, other in zip(now, before, strict=True)):
            return [None] * len(now), [None] * len(now)  # not measured, or a lazy module has got its parameters
        return differences(now, before), before

    def _restore_point(self, batch: tuple[Any, Any] | None, is_stopped: bool) -> RestorePoint | None:
        probe = self.probe
        if self._buffers is None and is_stopped:
            self._copy()  # the step stopped before its update: these are the weights with which it began
        if self._buffers is None or probe.arguments is None or probe.random_state is None:
            return None
        args, kwargs = probe.arguments
        target = None if batch is None else batch[1]
        return RestorePoint(
            self._weights,
            self._buffers,
            probe.random_state,
            modes_of(self.model) if probe.modes is None else probe.modes,
            probe.arguments,
            target,
            probe.output_gradient if batch is None else None,
            tuple(version_of(each) for each in (*args, *kwargs.values(), target) if isinstance(each, Tensor)),
        )
