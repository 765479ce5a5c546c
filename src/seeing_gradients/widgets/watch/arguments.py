"""Check the arguments of `watch`: each wrong one gets an error that names it and says how to write it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import nn

from seeing_gradients.language import abridged, message

from .choices import Choice, read_choices
from .training import Loss, Training, batches, check_data

MOST_STEPS = 1_000_000


@dataclass(frozen=True)
class Plan:
    """What is to be trained, with everything checked that can be checked before.

    Attributes:
        model: nn.Module, or the function that makes it.
        loss, data: as for `watch`.
        optimizer: an optimizer, or the function that makes it from the parameters.
        steps, every: as for `watch`.
        choices: of the arguments that have a control.
        is_made: whether `model` is a function that makes the model.
    """

    model: Any
    loss: Loss
    data: Any
    optimizer: Any
    steps: int
    every: int | None
    choices: tuple[Choice, ...]
    is_made: bool

    def training(self, numbers: Mapping[str, float]) -> Training:
        """Return a new training run.

        Args:
            numbers: name of a choice -> its number.

        Raises:
            TypeError, ValueError: a function does not return what it should.
            Exception: whatever these functions raise.
        """
        values = {choice.name: choice.value(numbers[choice.name]) for choice in self.choices}
        receivers = {choice.name: choice.receiver for choice in self.choices}
        for_model, for_optimizer = (
            {name: value for name, value in values.items() if receivers[name] == receiver}
            for receiver in ("model", "optimizer")
        )
        model = self.model(**for_model) if self.is_made else self.model
        if self.is_made and not isinstance(model, nn.Module):
            raise TypeError(message("watch.made_no_model", received=type(model).__name__))
        check_model(model)
        optimizer = self.optimizer
        if not isinstance(optimizer, torch.optim.Optimizer):
            optimizer = optimizer(model.parameters(), **for_optimizer)
            if not isinstance(optimizer, torch.optim.Optimizer):
                raise TypeError(message("watch.made_no_optimizer", received=type(optimizer).__name__))
        _check_parameters(model, optimizer)
        return Training(model, self.loss, batches(self.data), optimizer, self.steps, self.every)


def plan(
    model: Any,
    loss: Any,
    data: Any,
    optimizer: Any,
    steps: Any,
    every: Any,
    choices: Mapping[str, Any],
) -> Plan:
    """Check the arguments of `watch` and return them as a Plan.

    Args:
        model, loss, data, optimizer, steps, every, choices: as for `watch`.

    Raises:
        TypeError, ValueError: an argument is not as described there.
    """
    is_made = not isinstance(model, nn.Module)
    if is_made and not callable(model):
        raise TypeError(message("watch.not_a_model", received=_kind(model)))
    arguments = {"loss": loss, "data": data, "optimizer": optimizer}
    missing = [name for name, value in arguments.items() if value is None]
    if missing:
        raise TypeError(message("watch.incomplete", names=", ".join(missing)))
    if not callable(loss) or isinstance(loss, type):
        raise TypeError(message("watch.loss_not_callable", received=_kind(loss)))
    _check_count("steps", steps, MOST_STEPS)
    check_every(every)
    check_data(data, is_repeated=is_made)
    if isinstance(optimizer, torch.optim.Optimizer):
        if is_made:
            raise TypeError(message("watch.optimizer_bound", kind=type(optimizer).__name__))
    elif not callable(optimizer):
        raise TypeError(message("watch.optimizer_kind", received=_kind(optimizer)))
    if choices and not is_made:
        raise TypeError(message("watch.choices_without_function", names=", ".join(choices)))
    if not is_made:
        check_model(model)
        if isinstance(optimizer, torch.optim.Optimizer):
            _check_parameters(model, optimizer)
    controls = tuple(read_choices(model, optimizer, choices)) if choices else ()
    return Plan(model, cast(Loss, loss), data, optimizer, steps, every, controls, is_made)


def check_model(model: Any) -> None:
    """Check that a model has parameters.

    Raises:
        TypeError: it is no nn.Module, or torch.jit made it or a part of it.
        ValueError: it has no parameters.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(message("watch.not_a_model", received=_kind(model)))
    scripted = next((each for each in model.modules() if isinstance(each, torch.jit.ScriptModule)), None)
    if scripted is not None:
        raise TypeError(message("watch.scripted", kind=type(scripted).__name__))
    if next(model.parameters(), None) is None:
        raise ValueError(message("watch.no_parameters", kind=type(model).__name__))


def check_every(every: Any) -> None:
    """Check the argument `every`.

    Raises:
        TypeError, ValueError: it is neither None nor an int from 1.
    """
    if every is not None:
        _check_count("every", every, MOST_STEPS)


def _check_count(name: str, count: Any, most: int) -> None:
    if not isinstance(count, int) or isinstance(count, bool):
        raise TypeError(message("watch.bad_count", name=name, received=abridged(count), most=most))
    if not 1 <= count <= most:
        raise ValueError(message("watch.bad_count", name=name, received=count, most=most))


def _check_parameters(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Check that the optimizer changes at least one parameter of the model."""
    own = {id(parameter) for parameter in model.parameters()}
    held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    if not own & held:
        raise ValueError(message("watch.optimizer_foreign", kind=type(optimizer).__name__))


def _kind(value: Any) -> str:
    return value.__name__ if isinstance(value, type) else type(value).__name__


def name_of(model: Callable[..., Any]) -> str:
    """Return the name of a model's class, or of the function that makes it."""
    return type(model).__name__ if isinstance(model, nn.Module) else getattr(model, "__name__", type(model).__name__)
