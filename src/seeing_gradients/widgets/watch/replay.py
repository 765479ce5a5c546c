"""Run a step of the past again: a copy of the model with the weights, the batch and the random numbers of that step.

Hooks of the user's own are not called again.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from seeing_gradients.language import message
from seeing_gradients.recorder import Record, record, tensors_in
from seeing_gradients.runtime import discard_output, repeat_random_state, restore_tensors, restore_torch_random_state
from seeing_gradients.widgets.errors import text_of
from seeing_gradients.widgets.explore import Explorer, explore

from .history import WEIGHT_BYTES, RestorePoint, Snapshot
from .monitor import Monitor

Loss = Callable[[Any, Any], Tensor]
_MOST_OPS, _MOST_SECONDS = 20_000, 3.0  # of the recording of a model


class Replay:
    """A copy of a model that takes the state of any step.

    Args:
        monitor: of the run.
        loss: (output, target) -> tensor; None in a loop of one's own.
    """

    def __init__(self, monitor: Monitor, loss: Loss | None) -> None:
        self._monitor, self._loss = monitor, loss
        self._model: nn.Module | None = None

    def explore(self, snapshot: Snapshot) -> Explorer:
        """Return an Explorer on the graph of a step.

        With a loss it shows loss(model(x), y). Without one it shows the model, and backward begins with the gradient
        that arrived at its output in that step.

        Raises:
            ValueError: the state of this step was not kept, the batch was written to since, or the model cannot be
                copied, or has other parameters now.
        """
        point = self._usable(snapshot)
        model = self._copied(point)
        args, kwargs = point.arguments or ((), {})
        with restore_torch_random_state(point.random_state):
            if self._loss is not None:
                return explore(loss_of(model, self._loss), *args, point.target, ahead=False)
            return explore(model, *args, gradient=point.output_gradient, ahead=False, **kwargs)

    def _usable(self, snapshot: Snapshot) -> RestorePoint:
        point = snapshot.restore
        if point is None and all(spread is None for spread in snapshot.spreads):  # no module ran
            raise ValueError(message("watch.no_output_gradient", step=snapshot.step))
        if point is None:
            raise ValueError(message("watch.not_restorable", step=snapshot.step, limit=WEIGHT_BYTES >> 20))
        if not point.is_unchanged():
            raise ValueError(message("watch.batch_changed", step=snapshot.step))
        if self._loss is None and point.output_gradient is None:
            raise ValueError(message("watch.no_output_gradient", step=snapshot.step))
        return point

    def _copied(self, point: RestorePoint) -> nn.Module:
        """The copy of the model for one explorer, with the weights of a step."""
        model = self._copy()
        self._model = None  # the explorer keeps it
        kinds = (model.parameters(), point.parameters), (model.buffers(), point.buffers)
        if any([each.shape for each in now] != [each.shape for each in then] for now, then in kinds):
            raise ValueError(message("watch.model_changed"))
        return _restored(model, point)

    def _copy(self) -> nn.Module:
        if self._model is None:
            with self._monitor.probe.off():
                try:
                    self._model = copy.deepcopy(self._monitor.model)
                except Exception as error:  # noqa: BLE001 - whatever the model's own classes raise
                    raise ValueError(message("watch.no_copy", kind=type(error).__name__, text=text_of(error))) from None
            for parameter in self._model.parameters():
                parameter.grad = None
            for module in self._model.modules():
                _drop_hooks(module)
        return self._model

    @contextmanager
    def evaluating(self, point: RestorePoint) -> Iterator[nn.Module]:
        """The model with the weights of a step, in evaluation mode; random numbers are as before afterwards."""
        model = _restored(self._copy(), point)
        model.eval()
        with repeat_random_state(), discard_output(), torch.no_grad():
            yield model

    def recorded(self, point: RestorePoint) -> Record | None:
        """Return a Record of the model in a step, to see how its modules are connected; None if there can be none.

        It holds no values inside modules. The random numbers, and what the model writes to its batch, are restored.
        """
        args, kwargs = point.arguments or ((), {})
        if not point.is_unchanged():
            return None
        with repeat_random_state(), discard_output(), restore_tensors([*args, *kwargs.values()]):
            try:
                model = _restored(self._copy(), point)
                options: dict[str, Any] = {"max_ops": _MOST_OPS, "max_seconds": _MOST_SECONDS}
                return record(model, *args, strict=False, inner=False, output=_whole_output, **options, **kwargs)
            except Exception:  # noqa: BLE001 - no copy, no output, too long: the picture says that it is unknown
                return None


def loss_of(model: nn.Module, loss: Loss) -> Callable[[Any, Any], Tensor]:
    """Return the function (x, y) -> loss(model(x), y)."""

    def step(x: Any, y: Any) -> Tensor:
        return loss(model(x), y)

    return step


def _whole_output(result: Any) -> Any:
    """All that a model returned as one tensor, on which everything depends; a tensor as it is."""
    if isinstance(result, Tensor):
        return result
    return sum(tensor.sum() for _, tensor in tensors_in(result) if tensor.requires_grad)


def _drop_hooks(module: nn.Module) -> None:
    """Remove the hooks of a copied module, which would tell its owner of calls that are none of the training's.

    Those of PyTorch itself stay: torch.nn.utils.spectral_norm computes the weight in one.
    """
    for hooks in (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks, module._backward_pre_hooks):
        for key, hook in list(hooks.items()):
            if not (getattr(hook, "__module__", None) or "").startswith("torch."):
                del hooks[key]


def _restored(model: nn.Module, point: RestorePoint) -> nn.Module:
    with torch.no_grad():
        for tensor, value in zip(model.parameters(), point.parameters, strict=True):
            tensor.copy_(value)
        for tensor, value in zip(model.buffers(), point.buffers, strict=True):
            tensor.copy_(value)
    for module, is_training in zip(model.modules(), point.modes, strict=True):
        module.training = is_training
    return model
