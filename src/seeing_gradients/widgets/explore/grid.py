"""Sample a function of two numbers on a grid that becomes finer, and follow gradient descent over it.

`Grid(evaluate, axes).work(is_over)` samples until it is fine enough or the time is over; `Descent` takes the steps.
"""

import math

import numpy as np
import torch

from seeing_gradients.picture.chart import torn

_SIZES = (6, 11, 21, 41)  # points a side, each grid holding the one before
_FAR = 1e3  # ranges away from the plot: whoever gets there does not come back


class Grid:
    """Samples of a function of two numbers.

    Args:
        evaluate: (float, float) -> float, across and up; nan where there is nothing to draw.
        axes: two Axis.

    Attributes:
        blank: array (n - 1, n - 1) of bool, the cells of `values` in which f jumps; None where there are no values yet.
    """

    def __init__(self, evaluate, axes):
        self._evaluate, self._axes = evaluate, axes
        self.blank = None
        self._known = {}  # (row, column) of the finest grid -> value
        self._ready = None
        self.is_done = False
        self._todo = self._steps()

    def work(self, is_over):
        """Sample on, until it is done or is_over() says so; return whether it is done."""
        while not self.is_done and not is_over():
            if next(self._todo, None) is None:
                self.is_done = True
        return self.is_done

    def _steps(self):
        last = _SIZES[-1] - 1
        for size in _SIZES:
            stride = last // (size - 1)
            places = [(row, column) for row in range(0, last + 1, stride) for column in range(0, last + 1, stride)]
            for row, column in places:
                if (row, column) not in self._known:
                    across, up = self._axes[0].at(column / last), self._axes[1].at(row / last)
                    self._known[row, column] = self._evaluate(across, up)
                    yield row, column
            blank = yield from self._torn(self._read(size))
            self._ready, self.blank = size, blank

    def _torn(self, z):
        """Look for jumps; each step is one evaluation."""
        search, values = torn(z), None
        while True:
            try:
                places = search.send(values)
            except StopIteration as found:
                return found.value
            values = []
            for across, up in places:
                values.append(self._evaluate(self._axes[0].at(float(across)), self._axes[1].at(float(up))))
                yield across, up

    @property
    def values(self):
        """The finest grid that is complete: array (n, n), row = up; None where there is none yet."""
        return None if self._ready is None else self._read(self._ready)

    def _read(self, size):
        stride = (_SIZES[-1] - 1) // (size - 1)
        places = range(0, _SIZES[-1], stride)
        return np.array([[self._known[row, column] for column in places] for row in places])


class Descent:
    """Gradient descent from a position over the plotted inputs, the others staying where they are.

    Args:
        slopes: list of float, the plotted inputs -> (value, list of derivatives).
        start: list of float.
        axes: list of Axis, of the plotted inputs.
        lr: float > 0.
        steps: int.

    Attributes:
        points: list of (list of float, value), the first at the start.
        stopped: None, or after how many steps it was no use to go on.
    """

    def __init__(self, slopes, start, axes, lr, steps):
        self._slopes, self._axes, self._lr, self._steps = slopes, axes, lr, steps
        self._at, self.points, self.stopped = list(start), [], None
        self.is_done = steps == 0

    def work(self, is_over):
        """Take steps until there are enough or is_over() says so; return whether it is done."""
        while not self.is_done and not is_over():
            self._step()
        return self.is_done

    def _step(self):
        value, grads = self._slopes(self._at)
        if not math.isfinite(value) or self._is_far():
            self.stopped, self.is_done = max(len(self.points) - 1, 0), True
            return
        self.points.append((self._at, value))
        self.is_done = len(self.points) > self._steps
        self._at = [_stepped(x, g, self._lr) for x, g in zip(self._at, grads, strict=True)]

    def _is_far(self):
        return any(
            not abs(x - axis.low) <= _FAR * (axis.high - axis.low) for x, axis in zip(self._at, self._axes, strict=True)
        )


def _stepped(x, g, lr):
    """x − lr · g as a float32 leaf would take it; a leaf without gradient stays."""
    if math.isnan(g):
        return x
    x, g = (torch.tensor(number, dtype=torch.get_default_dtype()) for number in (x, g))
    return (x - lr * g).item()
