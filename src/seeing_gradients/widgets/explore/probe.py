"""Evaluate f for a plot: its value at a position and, where wanted, its slopes by autograd.

`Probe.value(sliders)` and `Probe.slopes(sliders, places)` never raise for what f does: nan stands for where there is
nothing to draw; `failed`, `stopped` and `is_spent` say why, `lowest` is the lowest value seen.
"""

import math
import time

import torch

from seeing_gradients.language import message
from seeing_gradients.recorder import TimeLimitError, time_limit
from seeing_gradients.recorder.arguments import as_leaf

_LONGEST = 0.5  # seconds that one evaluation may take, whatever f took elsewhere
_SPARE, _TIMES = 0.05, 20  # else: so much, and so many times what it usually takes
_MOST_WASTED = 1.5  # seconds in evaluations that were stopped, after which no more are begun


class UnplottableError(Exception):
    """f has no single number to plot; the text says so to the learner."""


class Probe:
    """f as a function of the sliders.

    Args:
        call: dict from name to what f receives -> output of f.
        inputs: list of float, the sliders -> dict from name to number, list or tensor.
        keeping: list of what f receives -> context manager that puts back what f writes to it.
        gradient: list of float, the sliders -> v, for a vector output: v times it is plotted; or None.
        max_seconds: float or None, the limit of one run of the explorer.
    """

    def __init__(self, call, inputs, keeping, gradient, max_seconds):
        self._call, self._inputs, self._keeping, self._gradient = call, inputs, keeping, gradient
        self._longest = min(max_seconds or _LONGEST, _LONGEST)
        self._usual, self._wasted = None, 0.0
        self.failed = self.stopped = 0
        self.lowest = math.inf

    @property
    def is_spent(self):
        """Whether so much time went into evaluations that did not end that no more are begun."""
        return self._wasted > _MOST_WASTED

    def value(self, sliders):
        """f there: float; nan where it fails or takes too long.

        Raises:
            UnplottableError: f gives no tensor of one real number, and there is no v.
        """
        return self._guarded(sliders, ())[0]

    def slopes(self, sliders, places):
        """The value there and the derivative along each place: (float, list of float), nan where there is none.

        Args:
            sliders: list of float.
            places: list of (name of an argument, index into its elements).
        """
        return self._guarded(sliders, places)

    def _guarded(self, sliders, places):
        """Evaluate, and once more where the machine rather than f took the time."""
        nothing = math.nan, [math.nan] * len(places)
        for seconds in (self._allowed(), self._longest):
            began, busy = time.perf_counter(), time.thread_time()
            found = nothing if self.is_spent else self._limited(sliders, places, seconds)
            if found is not None:
                return found
            took = time.perf_counter() - began
            self._wasted += took
            if time.thread_time() - busy > took / 2:
                break
        self.stopped += 1
        return nothing

    def _limited(self, sliders, places, seconds):
        """The value and the slopes, nan where f fails; None where it takes longer."""
        began, limit = time.perf_counter(), time_limit(seconds)
        try:
            with limit, torch.enable_grad():
                found = self._evaluate(sliders, places)
        except TimeLimitError:
            if not limit.expired:
                raise
            return None
        except (KeyboardInterrupt, UnplottableError):
            raise
        except BaseException:  # noqa: BLE001 - SystemExit included: a gap in the plot, which says so
            self.failed += 1
            return math.nan, [math.nan] * len(places)
        took = time.perf_counter() - began
        self.lowest = min(self.lowest, found[0])
        self._usual = took if self._usual is None else 0.9 * self._usual + 0.1 * took
        return found

    def _allowed(self):
        return self._longest if self._usual is None else min(self._longest, _SPARE + _TIMES * self._usual)

    def _evaluate(self, sliders, places):
        given = self._inputs(sliders)
        with self._keeping(list(given.values())):
            return self._evaluated(
                {name: as_leaf(value) for name, value in given.items()}, places, self._gradient(sliders)
            )

    def _evaluated(self, inputs, places, gradient):
        loss = scalar(self._call(inputs), gradient)
        value = float(loss.detach())
        if not places:
            return value, []
        leaves = [inputs[name] for name, _ in places]
        if not loss.requires_grad:
            return value, [math.nan] * len(places)
        grads = torch.autograd.grad(loss, leaves, allow_unused=True)
        return value, [element(g, i) for g, (_, i) in zip(grads, places, strict=True)]


def scalar(output, gradient):
    """The number that is plotted, as a tensor of shape ().

    Raises:
        UnplottableError: there is none.
    """
    if not isinstance(output, torch.Tensor) or output.is_complex():
        kind = str(output.dtype) if isinstance(output, torch.Tensor) else type(output).__name__
        raise UnplottableError(message("explore.plot_no_number", received=kind))
    if gradient is not None:
        return (output * torch.as_tensor(gradient, dtype=output.dtype)).sum()
    if output.numel() != 1:
        raise UnplottableError(message("explore.plot_vector", shape=tuple(output.shape)))
    return output.reshape(())


def element(grad, i):
    """One element of a gradient as a float; nan where no gradient arrived."""
    return math.nan if grad is None else float(grad.flatten()[i])
