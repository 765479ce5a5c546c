"""Sample f for a plot: a curve with its bends, jumps and poles, a grid over two inputs, or a gradient descent.

`Curve(evaluate, axis).work(is_over)` and `Grid(evaluate, axes).work(is_over)` sample until they are done or the time is
over. `Descent` takes steps of gradient descent. `Probe` is f as a function of the sliders, whose errors become nan.
"""

import math
import time
from bisect import insort
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch

from seeing_gradients.language import message
from seeing_gradients.picture.charts import Axis
from seeing_gradients.picture.discontinuities import discontinuities
from seeing_gradients.recorder import as_leaf
from seeing_gradients.runtime import TimeLimitError, thread_time, time_limit

Point: TypeAlias = tuple[float, float]
Dot: TypeAlias = tuple[float, float, bool]  # x, y, whether f takes that value
Element: TypeAlias = tuple[str, int]  # (name of an input, index of an element)
IsOver: TypeAlias = Callable[[], bool]
_CLOSEST = 1e-6  # a jump is located to this part of the width of the plot
_HALVINGS = 6  # the whole range is first halved so often: 65 points
_BEND = 0.4 / 240  # how far a line may be off, as a part of the height of the plot
_RESOLUTION = 1 / 1600  # the least distance between points of a curve, as a part of the width
_LEAP = 2 / 240  # a difference over that distance that may be a jump, as a part of the height
_MOST_POINTS, _MOST_JUMPS = 1200, 60
_SIZES = (6, 11, 21, 41)  # points on each side of the grids; each grid contains the one before
_FAR = 1e3  # a descent so many ranges away from the plot is stopped: it does not come back
_LONGEST = 0.5  # seconds for one evaluation, however long other evaluations took
_SPARE, _TIMES = 0.05, 20  # otherwise: so many seconds, plus so many times the usual duration
_MOST_WASTED = 1.5  # seconds in evaluations that were stopped, after which sampling ends


@dataclass(frozen=True)
class Break:
    """A jump of one channel between two adjacent samples.

    Attributes:
        left, right: the last point before the jump, the first one after it.
        dots: the ends of the curve there: (x, y, whether f has that value).
    """

    left: Point
    right: Point
    dots: tuple[Dot, ...] = ()


def is_close(axis: Axis, a: float, b: float) -> bool:
    """Return whether an interval is too short to be halved again."""
    return axis.share(b) - axis.share(a) <= 2 * _CLOSEST


def follow(
    evaluate: Callable[[float], tuple[float, ...]],
    axis: Axis,
    values: dict[float, tuple[float, ...]],
    channel: int,
    a: float,
    b: float,
) -> Generator[float, None, Point]:
    """Halve an interval repeatedly, keeping the half with the larger rise; each step is one evaluation.

    Args:
        evaluate: x -> one value for each channel.
        axis: of x.
        values: dict from x to its values; new ones are added.
        channel: the index of the value whose rise decides.
        a, b: the interval.

    Returns:
        (a, b), the ends of a very short interval.
    """
    while axis.share(b) - axis.share(a) > _CLOSEST:
        middle = axis.value_at(float(axis.share(a) + axis.share(b)) / 2)
        if not a < middle < b:
            break
        if middle not in values:
            values[middle] = evaluate(middle)
        yield middle
        left = rise(values[a][channel], values[middle][channel])
        right = rise(values[middle][channel], values[b][channel])
        a, b = (a, middle) if left >= right else (middle, b)
    return a, b


def rise(ya: float, yb: float) -> float:
    """Return the difference between two values: infinite if only one of them is finite."""
    if math.isfinite(ya) and math.isfinite(yb):
        return abs(yb - ya)
    return math.inf if math.isfinite(ya) or math.isfinite(yb) else 0.0


def ends(evaluate: Callable[[float], float], axis: Axis, left: Point, right: Point) -> Break:
    """Return the Break of a jump, with the value of f there. If a round number lies between, the jump is at that.

    Args:
        evaluate: x -> value.
        axis: of x.
        left, right: two points on either side of the jump, very close to each other.
    """
    (a, ya), (b, yb) = left, right
    c, jump = roundest(a, b), abs(yb - ya)
    tiny = max(float(np.spacing(np.float32(abs(c)))), 1e-8 * (axis.high - axis.low))
    before, at_jump, after = near = [evaluate(x) for x in (c - tiny, c, c + tiny)]
    is_round = (c <= a or abs(before - ya) < jump / 4) and (c >= b or abs(after - yb) < jump / 4)
    is_jump = all(map(math.isfinite, near)) and max(abs(after - at_jump), abs(at_jump - before)) >= jump / 4
    if not (is_round and is_jump):
        return Break(left, right, ((*left, False), (*right, False)))
    own = ((before, c > a), (after, c < b))
    open_ends = [(c, y, False) for y, is_own in own if is_own and abs(y - at_jump) >= jump / 1000]
    left_end, right_end = (c, before if c > a else at_jump), (c, after if c < b else at_jump)
    return Break(left_end, right_end, (*open_ends, (c, at_jump, True)))


def roundest(a: float, b: float) -> float:
    """Return the number between a and b with the fewest decimals."""
    for digits in range(-6, 16):
        unit = 10.0**-digits
        x = round(math.ceil(a / unit - 1e-12) * unit, max(digits, 0))
        if a <= x <= b:
            return x + 0.0
    return a


class Curve:
    """Sample a function of one number in one or more channels (the value, the derivative).

    Args:
        evaluate: x -> one value for each channel; nan if there is nothing to draw.
        axis: the range of x.
        channels: how many.
        pole: (by how many times its earlier range a value must grow to be a pole, how many times the usual range is
            shown whole beside a pole).
    """

    def __init__(
        self,
        evaluate: Callable[[float], tuple[float, ...]],
        axis: Axis,
        channels: int = 1,
        pole: tuple[float, float] = (2.0, 50.0),
    ) -> None:
        self._evaluate, self._axis, self._channels, self._pole = evaluate, axis, channels, pole
        self.values: dict[float, tuple[float, ...]] = {}
        self.xs: list[float] = []
        self._shares: dict[float, float] = {}
        self._breaks: list[dict[float, Break]] = [{} for _ in range(channels)]
        self._poles = [False] * channels
        self.is_done = False
        self._todo = self._steps()

    def work(self, is_over: IsOver) -> bool:
        """Continue sampling until it is done or is_over() returns True; return whether it is done."""
        while not self.is_done and not is_over():
            if next(self._todo, None) is None:
                self.is_done = True
        return self.is_done

    def _steps(self) -> Iterator[Any]:
        """Each step is one evaluation: first at even distances, then at bends, then at jumps."""
        for share in _halvings(_HALVINGS):
            yield self._value(self._axis.value_at(share))
        for _ in range(2):
            while len(self.xs) < _MOST_POINTS and (intervals := self._bent()):
                for a, b in intervals:
                    yield self._value(self._middle(a, b))
            for channel in range(self._channels):
                for a, b in self._leaps(channel)[:_MOST_JUMPS]:
                    yield from self._follow(channel, a, b)
            if not any(self._poles):
                return  # otherwise repeat: now less of the height is shown, so smaller bends and jumps count

    def _value(self, x: float) -> tuple[float, ...]:
        if x not in self.values:
            self._add(x, self._evaluate(x))
        return self.values[x]

    def _add(self, x: float, value: tuple[float, ...]) -> None:
        if x not in self.values:
            self.values[x], self._shares[x] = value, float(self._axis.share(x))
            insort(self.xs, x)

    def _middle(self, a: float, b: float) -> float:
        return self._axis.value_at((self._shares[a] + self._shares[b]) / 2)

    def span(self, channel: int) -> tuple[float, float] | None:
        """Return (low, high), the part of a channel to show: all of it, or the usual range beside a pole; or None."""
        ys = [y for y in (self.values[x][channel] for x in self.xs) if math.isfinite(y)]
        if not ys:
            return None
        low, high = min(ys), max(ys)
        if not self._poles[channel]:
            return low, high
        evenly = [self.values[x][channel] for x in map(self._axis.value_at, _halvings(_HALVINGS)) if x in self.values]
        usual = sorted(y for y in evenly if math.isfinite(y))
        if len(usual) > 8:
            near, far = usual[len(usual) // 20], usual[-1 - len(usual) // 20]
            room = max(far - near, 1e-9 * max(abs(far), abs(near)))
            if high - low > self._pole[1] * room and room > 0:
                return max(low, near - room), min(high, far + room)
        return low, high

    def _bent(self) -> list[Point]:
        """The intervals to halve next, the steepest first."""
        sizes: dict[Point, float] = {}
        xs, shares = self.xs, self._shares
        for channel in range(self._channels):
            span = self.span(channel)
            if span is None:
                continue
            ys = [self._clamped(self.values[x][channel], span) for x in xs]
            allowed = _BEND * ((span[1] - span[0]) or 1.0)
            bent = [True, *(_is_bent(xs, ys, shares, i, allowed) for i in range(1, len(xs) - 1)), True]
            for i in range(len(xs) - 1):
                inner = (bent[i] and i > 0) or (bent[i + 1] and i + 1 < len(xs) - 1)
                wide = shares[xs[i + 1]] - shares[xs[i]] > _RESOLUTION
                edge = math.isfinite(ys[i]) != math.isfinite(ys[i + 1])
                if wide and (inner or edge) and (ys[i] != ys[i + 1] or inner):
                    size = abs(ys[i + 1] - ys[i]) / allowed if math.isfinite(ys[i] + ys[i + 1]) else math.inf
                    sizes[xs[i], xs[i + 1]] = max(size, sizes.get((xs[i], xs[i + 1]), 0.0))
        return sorted(sizes, key=lambda interval: (-sizes[interval], interval))

    @staticmethod
    def _clamped(y: float, span: tuple[float, float]) -> float:
        room = (span[1] - span[0]) or 1.0
        return min(max(y, span[0] - room), span[1] + room) if math.isfinite(y) else math.nan

    def _leaps(self, channel: int) -> list[Point]:
        """The shortest intervals over which the value may jump, or stops being defined."""
        span = self.span(channel)
        if span is None:
            return []
        leap = _LEAP * (span[1] - span[0])
        leaps = []
        for a, b in zip(self.xs, self.xs[1:], strict=False):
            size = rise(*(self._clamped(self.values[x][channel], span) for x in (a, b)))
            near = self._shares[b] - self._shares[a] <= 2 * _RESOLUTION and not is_close(self._axis, a, b)
            if near and (size > leap > 0 or size == math.inf):
                leaps.append((-size, a, b))
        return [(a, b) for _, a, b in sorted(leaps)]

    def _follow(self, channel: int, a: float, b: float) -> Iterator[float]:
        """Locate the jump, pole or edge between two samples, in every channel."""
        before = [(self._rise(c, a, b), self.span(c)) for c in range(self._channels)]
        values = dict(self.values)
        a, b = yield from follow(self._evaluate, self._axis, values, channel, a, b)
        for x in (a, b):
            self._add(x, values[x])
        for c, (start, span) in enumerate(before):
            if span is not None:
                self._note(c, a, b, start, span)

    def _note(self, channel: int, a: float, b: float, start: float, span: tuple[float, float]) -> None:
        """Note the jump or pole in (a, b). Before, the value rose by `start`, and lay within `span`."""
        size, ya, yb = span[1] - span[0], self.values[a][channel], self.values[b][channel]
        beyond = max((max(span[0] - y, y - span[1]) for y in (ya, yb) if math.isfinite(y)), default=0.0)
        self._poles[channel] |= beyond > self._pole[0] * size > 0
        now = rise(ya, yb)
        if math.isfinite(now) and now > start / 2 and now > _LEAP * size > 0 and a not in self._breaks[channel]:
            value = lambda x: self._evaluate(x)[channel]
            is_pole = now > 4 * start
            left, right = (a, ya), (b, yb)
            self._breaks[channel][a] = Break(left, right) if is_pole else ends(value, self._axis, left, right)

    def _rise(self, channel: int, a: float, b: float) -> float:
        return rise(self.values[a][channel], self.values[b][channel])

    def pieces(self, channel: int) -> list[list[Point]]:
        """Return the continuous parts of the curve."""
        pieces: list[list[Point]] = []
        line: list[Point] = []
        suspects = set() if self.is_done and len(self.xs) < _MOST_POINTS else self._suspects(channel)
        for x in self.xs:
            y = self.values[x][channel]
            if not math.isfinite(y):
                pieces, line = [*pieces, line], []
                continue
            line.append((x, y))
            broken = self._breaks[channel].get(x)
            if broken:
                line[-1] = broken.left
                pieces, line = [*pieces, line], [broken.right]
            elif x in suspects:
                pieces, line = [*pieces, line], []
        return [piece for piece in [*pieces, line] if len(piece) > 1]

    def dots(self, channel: int) -> list[Dot]:
        """Return the ends of the curve at visible jumps, sorted."""
        low, high = self.span(channel) or (0.0, 0.0)
        room = _LEAP * (high - low)  # an end lies closer to its jump than any sample: a little outside the span
        ends = {dot for broken in self._breaks[channel].values() for dot in broken.dots}
        return sorted(dot for dot in ends if low - room <= dot[1] <= high + room)

    def _suspects(self, channel: int) -> set[float]:
        """Left ends of intervals that may hold a jump and were not searched yet: no steep line is drawn there."""
        span, xs = self.span(channel), self.xs
        if span is None or len(xs) < 4:
            return set()
        ys = [self._clamped(self.values[x][channel], span) for x in xs]
        slopes = [
            abs(ys[i + 1] - ys[i]) / (self._shares[xs[i + 1]] - self._shares[xs[i]] or 1.0) for i in range(len(xs) - 1)
        ]
        leap = 0.08 * (span[1] - span[0])
        suspects = set()
        for i in range(len(slopes)):
            beside = max(slopes[i - 1] if i else 0.0, slopes[i + 1] if i + 1 < len(slopes) else 0.0)
            if abs(ys[i + 1] - ys[i]) > leap and slopes[i] > 4 * beside:
                suspects.add(xs[i])
        return suspects


def _is_bent(xs: Sequence[float], ys: Sequence[float], shares: Mapping[float, float], i: int, allowed: float) -> bool:
    before, middle, after = ys[i - 1 : i + 2]
    if not math.isfinite(before + middle + after):
        return False
    a, b, c = (shares[x] for x in xs[i - 1 : i + 2])
    return abs(before + (after - before) * (b - a) / (c - a) - middle) > allowed


def _halvings(count: int) -> Iterator[float]:
    """Yield 0, 1, then the midpoints of all intervals, `count` times."""
    yield 0.0
    yield 1.0
    for power in range(1, count + 1):
        yield from (k / 2**power for k in range(1, 2**power, 2))


class Grid:
    """Sample a function of two numbers on a grid.

    Args:
        evaluate: (across, up) -> value; nan if there is nothing to draw.
        axes: two, across and up.

    Attributes:
        blank: bool array (n - 1, n - 1), the cells of `values` in which f jumps; None before there are values.
    """

    def __init__(self, evaluate: Callable[[float, float], float], axes: Sequence[Axis]) -> None:
        self._evaluate, self._axes = evaluate, axes
        self.blank: np.ndarray | None = None
        self._known: dict[tuple[int, int], float] = {}  # (row, column) of the finest grid -> value
        self._ready: int | None = None
        self.is_done = False
        self._todo = self._steps()

    def work(self, is_over: IsOver) -> bool:
        """Continue sampling until it is done or is_over() returns True; return whether it is done."""
        while not self.is_done and not is_over():
            if next(self._todo, None) is None:
                self.is_done = True
        return self.is_done

    def _steps(self) -> Iterator[Any]:
        last = _SIZES[-1] - 1
        for size in _SIZES:
            stride = last // (size - 1)
            cells = [(row, column) for row in range(0, last + 1, stride) for column in range(0, last + 1, stride)]
            for row, column in cells:
                if (row, column) not in self._known:
                    across, up = self._axes[0].value_at(column / last), self._axes[1].value_at(row / last)
                    self._known[row, column] = self._evaluate(across, up)
                    yield row, column
            blank = yield from self._discontinuities(self._read(size))
            self._ready, self.blank = size, blank

    def _discontinuities(self, z: np.ndarray) -> Generator[Any, None, np.ndarray]:
        """Search for jumps; each step is one evaluation."""
        search: Any = discontinuities(z)
        values: list[float] | None = None
        while True:
            try:
                points = search.send(values)
            except StopIteration as end:
                return end.value
            values = []
            for across, up in points:
                values.append(self._evaluate(self._axes[0].value_at(float(across)), self._axes[1].value_at(float(up))))
                yield across, up

    @property
    def values(self) -> np.ndarray | None:
        """The finest grid that is complete: array (n, n), row = up; None before there is one."""
        return None if self._ready is None else self._read(self._ready)

    def _read(self, size: int) -> np.ndarray:
        stride = (_SIZES[-1] - 1) // (size - 1)
        indices = range(0, _SIZES[-1], stride)
        return np.array([[self._known[row, column] for column in indices] for row in indices])


class Descent:
    """Gradient descent over the plotted inputs; the other inputs keep their values.

    Args:
        slopes: position of the plotted inputs -> (value, derivatives).
        start: position of the plotted inputs.
        axes: of the plotted inputs.
        lr: learning rate, > 0.
        steps: how many.

    Attributes:
        points: list of (position, value); the first one is the start.
        stopped: None, or the number of steps after which it stopped early.
    """

    def __init__(
        self,
        slopes: Callable[[Sequence[float]], tuple[float, list[float]]],
        start: Sequence[float],
        axes: Sequence[Axis],
        lr: float,
        steps: int,
    ) -> None:
        self._slopes, self._axes, self._lr, self._steps = slopes, axes, lr, steps
        self._position = list(start)
        self.points: list[tuple[list[float], float]] = []
        self.stopped: int | None = None
        self.is_done = steps == 0

    def work(self, is_over: IsOver) -> bool:
        """Take steps until there are enough or is_over() returns True; return whether it is done."""
        while not self.is_done and not is_over():
            self._step()
        return self.is_done

    def _step(self) -> None:
        value, grads = self._slopes(self._position)
        if not math.isfinite(value) or self._is_far():
            self.stopped, self.is_done = max(len(self.points) - 1, 0), True
            return
        self.points.append((self._position, value))
        self.is_done = len(self.points) > self._steps
        self._position = [_stepped(x, g, self._lr) for x, g in zip(self._position, grads, strict=True)]

    def _is_far(self) -> bool:
        return any(
            not abs(x - axis.low) <= _FAR * (axis.high - axis.low)
            for x, axis in zip(self._position, self._axes, strict=True)
        )


def _stepped(x: float, g: float, lr: float) -> float:
    """x − lr · g, rounded as for a float32 leaf; x itself if there is no gradient."""
    if math.isnan(g):
        return x
    leaf, grad = (torch.tensor(number, dtype=torch.get_default_dtype()) for number in (x, g))
    return (leaf - lr * grad).item()


class UnplottableError(Exception):
    """f has no single number to plot; the text explains that to the learner."""


class Probe:
    """Evaluate f as a function of the sliders.

    Args:
        call: dict from name to argument of f -> output of f.
        inputs: position -> dict from name to argument of f.
        restored: arguments of f -> context manager that undoes what f writes to them.
        gradient: position -> v, or None; for a vector output, its sum weighted by v is plotted.
        max_seconds: how long a run of the explorer may take, or None.
    """

    def __init__(
        self,
        call: Callable[[Mapping[str, Any]], Any],
        inputs: Callable[[Sequence[float]], dict[str, Any]],
        restored: Callable[[Sequence[Any]], AbstractContextManager[Any]],
        gradient: Callable[[Sequence[float]], Any],
        max_seconds: float | None,
    ) -> None:
        self._call, self._inputs, self._restored, self._gradient = call, inputs, restored, gradient
        self._longest = min(max_seconds or _LONGEST, _LONGEST)
        self._usual: float | None = None
        self._wasted = 0.0
        self.failed = self.stopped = 0
        self.lowest = math.inf

    @property
    def is_spent(self) -> bool:
        """Whether so much time was lost in evaluations that did not end that sampling should stop."""
        return self._wasted > _MOST_WASTED

    def value(self, position: Sequence[float]) -> float:
        """Return f at a position; nan if it fails or takes too long.

        Raises:
            UnplottableError: f does not return a tensor of one real number, and there is no v.
        """
        return self._guarded(position, ())[0]

    def slopes(self, position: Sequence[float], elements: Sequence[Element]) -> tuple[float, list[float]]:
        """Return (value, derivative along each element) at a position; nan if there is none."""
        return self._guarded(position, elements)

    def _guarded(self, position: Sequence[float], elements: Sequence[Element]) -> tuple[float, list[float]]:
        """Evaluate f; do it again if the machine rather than f took the time."""
        nothing = math.nan, [math.nan] * len(elements)
        for seconds in (self._allowed(), self._longest):
            began, busy = time.perf_counter(), thread_time()
            values = nothing if self.is_spent else self._limited(position, elements, seconds)
            if values is not None:
                return values
            took = time.perf_counter() - began
            self._wasted += took
            if thread_time() - busy > took / 2:
                break
        self.stopped += 1
        return nothing

    def _limited(
        self, position: Sequence[float], elements: Sequence[Element], seconds: float
    ) -> tuple[float, list[float]] | None:
        """(value, slopes), nan if f fails; None if it takes longer than `seconds`."""
        began, limit = time.perf_counter(), time_limit(seconds)
        try:
            with limit, torch.enable_grad():
                values = self._evaluate(position, elements)
        except TimeLimitError:
            if not limit.expired:
                raise
            return None
        except (KeyboardInterrupt, UnplottableError):
            raise
        except BaseException:  # noqa: BLE001 - even SystemExit becomes a gap in the plot
            self.failed += 1
            return math.nan, [math.nan] * len(elements)
        took = time.perf_counter() - began
        self.lowest = min(self.lowest, values[0])
        self._usual = took if self._usual is None else 0.9 * self._usual + 0.1 * took
        return values

    def _allowed(self) -> float:
        return self._longest if self._usual is None else min(self._longest, _SPARE + _TIMES * self._usual)

    def _evaluate(self, position: Sequence[float], elements: Sequence[Element]) -> tuple[float, list[float]]:
        inputs = self._inputs(position)
        with self._restored(list(inputs.values())):
            leaves = {name: as_leaf(value) for name, value in inputs.items()}
            return self._differentiated(leaves, elements, self._gradient(position))

    def _differentiated(
        self, inputs: Mapping[str, Any], elements: Sequence[Element], gradient: Any
    ) -> tuple[float, list[float]]:
        loss = scalar(self._call(inputs), gradient)
        value = float(loss.detach())
        if not elements:
            return value, []
        leaves = [inputs[name] for name, _ in elements]
        if not loss.requires_grad:
            return value, [math.nan] * len(elements)
        grads = torch.autograd.grad(loss, leaves, allow_unused=True)
        return value, [element(g, i) for g, (_, i) in zip(grads, elements, strict=True)]


def scalar(output: Any, gradient: Any) -> torch.Tensor:
    """Return the number to plot, as a tensor of shape ().

    Raises:
        UnplottableError: there is no such number.
    """
    if not isinstance(output, torch.Tensor) or output.is_complex():
        kind = str(output.dtype) if isinstance(output, torch.Tensor) else type(output).__name__
        raise UnplottableError(message("explore.plot_no_number", received=kind))
    if gradient is not None:
        return (output * torch.as_tensor(gradient, dtype=output.dtype)).sum()
    if output.numel() != 1:
        raise UnplottableError(message("explore.plot_vector", shape=tuple(output.shape)))
    return output.reshape(())


def element(grad: torch.Tensor | None, i: int) -> float:
    """Return one element of a gradient as a float; nan if no gradient arrived."""
    return math.nan if grad is None else float(grad.flatten()[i])
