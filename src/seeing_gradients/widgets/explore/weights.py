"""v on sliders: `explore(f, x=[1.0, 2.0], gradient="v")` weighs the elements of a vector output, one slider each.

`weights(...)` makes the Control; what it stands at is the gradient that backward begins with.
"""

from dataclasses import replace

from seeing_gradients.language import message
from seeing_gradients.recorder import VectorOutputError

from .buffers import buffers_kept
from .calling import recorded
from .controls import control
from .given import given_kept
from .run import Dice, Nowhere, quiet


def weights(f, given, by_position, gradient, limits):
    """Return the Control that holds v.

    Args:
        f: the function.
        given: list of Control, of its arguments.
        by_position: container of the names that f receives by position.
        gradient: str, its name, all of it 1 at first; or dict from the name to a (nested) list, where it starts.
        limits: dict of max_ops and max_seconds, for the run that tells the output's shape.

    Raises:
        ValueError: the name is that of an argument, the list is empty or too long, f fails where it starts.
        TypeError: it is not one name, or what it starts at is no list of numbers.
    """
    name, start = _parts(gradient)
    if any(c.name == name for c in given):
        raise ValueError(message("explore.weights_name", name=name))
    start = _ones(f, given, by_position, name, limits) if start is None else start
    return replace(control(name, start), weighs=True)


def _parts(gradient):
    if isinstance(gradient, str):
        return gradient, None
    (name, start), *more = list(gradient.items()) or [(None, None)]
    if more or not isinstance(name, str) or not isinstance(start, list | int | float) or isinstance(start, bool):
        raise TypeError(message("explore.weights_form", received=repr(gradient)[:80]))
    return name, start


def _ones(f, given, by_position, name, limits):
    """1 for every element of what f gives where the sliders start, as a number or nested list."""
    inputs = {c.name: c.value(list(c.start)) for c in given}
    args = [inputs.pop(c.name) for c in given if c.name in by_position]
    try:
        with quiet(Nowhere()), Dice(), buffers_kept(f, args), given_kept([*args, *inputs.values()]):
            output = recorded(f, args, inputs, limits).output
    except VectorOutputError as error:
        output = error.record.output
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".split("\n")[0][:300]
        raise ValueError(message("explore.weights_unknown", name=name, reason=reason)) from error
    return output.new_ones(output.shape).tolist()
