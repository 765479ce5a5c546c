"""Train a model as a learner would write it, under a `Monitor`, and stop at the first nan.

`Training.work(is_late)` takes steps until `is_late()`, and goes on where it stopped when it is called again.
"""

import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from seeing_gradients.language import message

from ..slider_ranges import fits_slider
from .monitor import Monitor

Loss = Callable[[Any, Any], Tensor]


class Training:
    """One training run.

    Args:
        model: nn.Module.
        loss: (output, target) -> tensor with one element.
        batches: iterator over (input, target).
        optimizer: of the model's parameters.
        steps: how many steps to take.
        every: as for `Monitor`.

    Attributes:
        monitor: Monitor.
        loss: as above.
        steps: as above.
        is_done: whether no step follows.
        note: why it ended early, unless that was a nan; else "".
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        batches: Iterator[Any],
        optimizer: torch.optim.Optimizer,
        steps: int,
        every: int | None,
    ) -> None:
        self.monitor, self.loss, self.steps = Monitor(model, every), loss, steps
        self.monitor.probe.repeats_any_step = True  # the one that makes a nan stops before its update
        self._model, self._batches, self._optimizer = model, batches, optimizer
        self.is_done, self.note = False, ""

    def work(self, is_late: Callable[[], bool]) -> None:
        """Take steps until the run ends, or until `is_late()`; hooks are on the model only meanwhile.

        Args:
            is_late: called after every step.

        Raises:
            TypeError, ValueError: a batch is no pair, or the loss function does not return one number.
            Exception: whatever the model, the loss, the data or the optimizer raise.
        """
        self.monitor.start()
        try:
            while not self.is_done:
                self._step()
                if is_late():
                    break
        except BaseException:
            self.is_done = True
            raise
        finally:
            self.monitor.stop()

    def interrupt(self) -> None:
        """End the run, since the learner stopped it."""
        self.is_done, self.note = True, message("watch.interrupted", step=self.monitor.step)

    def _step(self) -> None:
        monitor = self.monitor
        if monitor.step + 1 == self.steps:
            monitor.measure_now()
        try:
            inputs, target = _pair(next(self._batches))
        except StopIteration:
            self.is_done, self.note = True, message("watch.data_ended", step=monitor.step, steps=self.steps)
            return
        self._optimizer.zero_grad()
        loss = self._loss(inputs, target)
        value = loss.item()
        trouble = monitor.check_forward(value)
        if trouble is not None and trouble.kind == "forward":
            trouble = monitor.check_weights_before(value) or trouble
        if trouble is None:
            loss.backward()
            trouble = monitor.check_backward(value)
        if trouble is None:
            if isinstance(self._optimizer, torch.optim.LBFGS):  # it runs the model several times in each step
                self._optimizer.step(lambda: self._closure(inputs, target))
            else:
                self._optimizer.step()
        monitor.end_step(value, (inputs, target), trouble)
        self.is_done = monitor.trouble is not None or monitor.step >= self.steps

    def _loss(self, inputs: Any, target: Any) -> Tensor:
        return checked_loss(self.loss(self._model(inputs), target))

    def _closure(self, inputs: Any, target: Any) -> Any:
        self._optimizer.zero_grad()
        loss = self._loss(inputs, target)
        loss.backward()
        return loss


def checked_loss(loss: Any) -> Tensor:
    """Return the loss.

    Raises:
        TypeError: it is no tensor, or does not require grad.
        ValueError: it has several elements.
    """
    if not isinstance(loss, Tensor):
        raise TypeError(message("watch.loss_no_tensor", received=type(loss).__name__))
    if loss.numel() != 1:
        raise ValueError(message("watch.loss_elements", shape=tuple(loss.shape)))
    if not loss.requires_grad:
        raise TypeError(message("watch.loss_no_grad"))
    return loss


def _pair(batch: Any) -> tuple[Any, Any]:
    if not isinstance(batch, (tuple, list)) or len(batch) != 2:
        size = f", {len(batch)}" if isinstance(batch, (tuple, list, dict)) else ""
        raise TypeError(message("watch.batch_no_pair", received=f"{type(batch).__name__}{size}"))
    return batch[0], batch[1]


# ---- data ----


def check_data(data: Any, is_repeated: bool) -> None:
    """Check the argument `data` of `watch`.

    Args:
        data: as for `watch`.
        is_repeated: whether the data must be there several times, for several runs.

    Raises:
        TypeError: it is of another kind, or an iterator although it must be there several times.
        ValueError: X and y do not have the same number of examples, or the list is empty.
    """
    if _is_whole(data):
        x, y = data
        if x.ndim and y.ndim and len(x) != len(y):
            raise ValueError(message("watch.data_lengths", first=len(x), second=len(y)))
    elif isinstance(data, (tuple, list)) and len(data) == 2 and any(hasattr(each, "__array__") for each in data):
        first, second = (type(each).__name__ for each in data)
        raise TypeError(message("watch.data_arrays", first=first, second=second))
    elif isinstance(data, Iterator):
        if is_repeated:
            raise TypeError(message("watch.data_once", received=type(data).__name__))
    elif isinstance(data, (dict, str, Tensor)) or not (callable(data) or isinstance(data, Iterable)):
        raise TypeError(message("watch.data_kind", received=type(data).__name__))
    elif isinstance(data, (list, tuple)) and not data:
        raise ValueError(message("watch.data_empty"))


def batches(data: Any) -> Iterator[Any]:
    """Return an iterator over the batches of `data`, as described in `watch`; what ends begins again."""
    if _is_whole(data):
        return itertools.repeat(tuple(data))
    if isinstance(data, Iterator):
        return data
    if inspect.isgeneratorfunction(data):
        return _again(data)
    if callable(data) and not isinstance(data, Iterable):
        return _calls(data)
    return _again(lambda: data)


def _is_whole(data: Any) -> bool:
    """Whether the data is X and y, one batch for every step."""
    is_pair = isinstance(data, (tuple, list)) and len(data) == 2
    return is_pair and all(isinstance(each, Tensor) for each in data)


def _again(make: Callable[[], Iterable[Any]]) -> Iterator[Any]:
    while True:
        count = 0
        for batch in make():
            count += 1
            yield batch
        if not count:
            return


def _calls(make: Callable[[], Any]) -> Iterator[Any]:
    while True:
        try:
            batch = make()
        except StopIteration:  # data=lambda: next(batches)
            return
        yield batch


def is_finite_number(x: Any) -> bool:
    """Whether x is an int or a float, and finite; not beyond 1e300, as for every slider."""
    return isinstance(x, (int, float)) and not isinstance(x, bool) and fits_slider(x)
