"""Sample a function of one number: more points where it bends, jumps found and told from steep slopes, gaps at nan.

`Curve(evaluate, axis).work(is_over)` samples until there is nothing left to do or the time is over; then `pieces(channel)`
are its lines and `dots(channel)` the ends at its jumps.
"""

import math
from bisect import insort
from dataclasses import dataclass

import numpy as np

_LEVELS = 6  # of halving the whole range, before anything is looked at: 65 points
_BEND = 0.4 / 240  # of the plot's height, that a line may be off
_RESOLUTION = 1 / 1600  # of the plot's width, between the closest points of a curve
_LEAP = 2 / 240  # of the plot's height, over such a distance: worth a look whether it is a jump
_CLOSEST = 1e-6  # of the plot's width, to which a jump is followed
_MOST_POINTS, _MOST_JUMPS = 1200, 60


@dataclass(frozen=True)
class Break:
    """A jump of one channel between two neighbouring samples.

    Attributes:
        left, right: (x, y), the last place before it and the first after it.
        dots: tuple of (x, y, whether the value there is taken).
    """

    left: tuple
    right: tuple
    dots: tuple = ()


class Curve:
    """Samples of a function of one number, in one or more channels (the value, the derivative).

    Args:
        evaluate: float -> tuple of float, one a channel; nan where there is nothing to draw.
        axis: Axis, where it is sampled.
        channels: int.
        pole: (how many times its range so far a value grows at a pole, how many times the usual range is shown whole
            beside a pole).
    """

    def __init__(self, evaluate, axis, channels=1, pole=(2.0, 50.0)):
        self._evaluate, self._axis, self._channels, self._pole = evaluate, axis, channels, pole
        self.values, self.xs = {}, []
        self._shares = {}
        self._breaks = [{} for _ in range(channels)]
        self._poles = [False] * channels
        self.is_done = False
        self._todo = self._steps()

    def work(self, is_over):
        """Sample on, until it is done or is_over() says so; return whether it is done."""
        while not self.is_done and not is_over():
            if next(self._todo, None) is None:
                self.is_done = True
        return self.is_done

    def _steps(self):
        """Each step is one evaluation: first evenly, then where it bends, then at the jumps."""
        for share in _halvings(_LEVELS):
            yield self._at(self._axis.at(share))
        for _ in range(2):
            while len(self.xs) < _MOST_POINTS and (intervals := self._bent()):
                for a, b in intervals:
                    yield self._at(self._middle(a, b))
            for channel in range(self._channels):
                for a, b in self._leaps(channel)[:_MOST_JUMPS]:
                    yield from self._follow(channel, a, b)
            if not any(self._poles):
                return  # else once more: less of the height is shown now, and bends and jumps in that count more

    def _at(self, x):
        if x not in self.values:
            self.values[x] = self._evaluate(x)
            self._shares[x] = float(self._axis.share(x))
            insort(self.xs, x)
        return self.values[x]

    def _middle(self, a, b):
        return self._axis.at((self._shares[a] + self._shares[b]) / 2)

    def span(self, channel):
        """(low, high) of what is to be seen of a channel: all of it, or, beside a pole, what is usual; None if nothing."""
        ys = [y for y in (self.values[x][channel] for x in self.xs) if math.isfinite(y)]
        if not ys:
            return None
        low, high = min(ys), max(ys)
        if not self._poles[channel]:
            return low, high
        evenly = [self.values[x][channel] for x in map(self._axis.at, _halvings(_LEVELS)) if x in self.values]
        usual = sorted(y for y in evenly if math.isfinite(y))
        if len(usual) > 8:
            near, far = usual[len(usual) // 20], usual[-1 - len(usual) // 20]
            room = max(far - near, 1e-9 * max(abs(far), abs(near)))
            if high - low > self._pole[1] * room and room > 0:
                return max(low, near - room), min(high, far + room)
        return low, high

    def _bent(self):
        """The intervals to be halved, the steepest first."""
        found = {}
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
                    found[xs[i], xs[i + 1]] = max(size, found.get((xs[i], xs[i + 1]), 0.0))
        return sorted(found, key=lambda interval: (-found[interval], interval))

    @staticmethod
    def _clamped(y, span):
        reach = (span[1] - span[0]) or 1.0
        return min(max(y, span[0] - reach), span[1] + reach) if math.isfinite(y) else math.nan

    def _leaps(self, channel):
        """The closest intervals over which the value leaps, or ceases to be."""
        span = self.span(channel)
        if span is None:
            return []
        leap = _LEAP * (span[1] - span[0])
        found = []
        for a, b in zip(self.xs, self.xs[1:], strict=False):
            rise = _rise(*(self._clamped(self.values[x][channel], span) for x in (a, b)))
            if 2 * _CLOSEST < self._shares[b] - self._shares[a] <= 2 * _RESOLUTION and (
                rise > leap > 0 or rise == math.inf
            ):
                found.append((-rise, a, b))
        return [(a, b) for _, a, b in sorted(found)]

    def _follow(self, channel, a, b):
        """Halve an interval, always keeping the half in which most happens; a jump stays as high as it was."""
        before = [(self._rise(c, a, b), self.span(c)) for c in range(self._channels)]
        values = {a: self.values[a], b: self.values[b]}
        while self._axis.share(b) - self._axis.share(a) > _CLOSEST:
            middle = self._axis.at(float(self._axis.share(a) + self._axis.share(b)) / 2)
            if not a < middle < b:
                break
            values[middle] = self.values.get(middle) or self._evaluate(middle)
            yield values[middle]
            left = _rise(values[a][channel], values[middle][channel])
            right = _rise(values[middle][channel], values[b][channel])
            a, b = (a, middle) if left >= right else (middle, b)
        for x in (a, b):
            if x not in self.values:
                self.values[x], self._shares[x] = values[x], float(self._axis.share(x))
                insort(self.xs, x)
        for c, (start, span) in enumerate(before):
            if span is None:
                continue
            size = span[1] - span[0]
            ends = [y for y in (values[x][c] for x in (a, b)) if math.isfinite(y)]
            beyond = max((max(span[0] - y, y - span[1]) for y in ends), default=0.0)
            self._poles[c] |= beyond > self._pole[0] * size > 0
            rise = self._rise(c, a, b)
            if math.isfinite(rise) and rise > start / 2 and rise > _LEAP * size > 0 and a not in self._breaks[c]:
                yield from self._describe(c, a, b, is_pole=rise > 4 * start)

    def _rise(self, channel, a, b):
        return _rise(self.values[a][channel], self.values[b][channel])

    def _describe(self, channel, a, b, is_pole):
        """Find the round number at which the jump is, if it is at one, and the values there and at either side."""
        ya, yb = self.values[a][channel], self.values[b][channel]
        if is_pole:
            self._breaks[channel][a] = Break((a, ya), (b, yb))
            return
        c = roundest(a, b)
        tiny = max(float(np.spacing(np.float32(abs(c)))), 1e-8 * (self._axis.high - self._axis.low))
        near = []
        for x in (c - tiny, c, c + tiny):
            near.append(self._evaluate(x)[channel])
            yield near
        before, there, after = near
        jump = abs(yb - ya)
        found = (c <= a or abs(before - ya) < jump / 4) and (c >= b or abs(after - yb) < jump / 4)
        if not found or not all(map(math.isfinite, near)) or max(abs(after - there), abs(there - before)) < jump / 4:
            self._breaks[channel][a] = Break((a, ya), (b, yb), ((a, ya, False), (b, yb, False)))
            return
        left = (c, there) if c <= a else (c, before)
        right = (c, there) if c >= b else (c, after)
        same = lambda y: abs(y - there) < jump / 1000
        open_ends = [(c, y, False) for y, is_own in ((before, c > a), (after, c < b)) if is_own and not same(y)]
        self._breaks[channel][a] = Break(left, right, (*open_ends, (c, there, True)))

    def pieces(self, channel):
        """The unbroken lines: list of list of (x, y)."""
        pieces, line = [], []
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

    def dots(self, channel):
        """The ends at the jumps that are to be seen: sorted list of (x, y, whether the value there is taken)."""
        low, high = self.span(channel) or (0.0, 0.0)
        ends = {dot for broken in self._breaks[channel].values() for dot in broken.dots}
        return sorted(dot for dot in ends if low <= dot[1] <= high)

    def _suspects(self, channel):
        """Left ends of intervals that may hold a jump nobody has looked at yet: no steep line is drawn there."""
        span, xs = self.span(channel), self.xs
        if span is None or len(xs) < 4:
            return set()
        ys = [self._clamped(self.values[x][channel], span) for x in xs]
        slopes = [
            abs(ys[i + 1] - ys[i]) / (self._shares[xs[i + 1]] - self._shares[xs[i]] or 1.0) for i in range(len(xs) - 1)
        ]
        leap = 0.08 * (span[1] - span[0])
        found = set()
        for i in range(len(slopes)):
            beside = max(slopes[i - 1] if i else 0.0, slopes[i + 1] if i + 1 < len(slopes) else 0.0)
            if abs(ys[i + 1] - ys[i]) > leap and slopes[i] > 4 * beside:
                found.add(xs[i])
        return found


def _rise(ya, yb):
    """How much happens between two values: their difference, or infinitely much where only one is finite."""
    if math.isfinite(ya) and math.isfinite(yb):
        return abs(yb - ya)
    return math.inf if math.isfinite(ya) or math.isfinite(yb) else 0.0


def _is_bent(xs, ys, shares, i, allowed):
    before, here, after = ys[i - 1 : i + 2]
    if not math.isfinite(before + here + after):
        return False
    a, b, c = (shares[x] for x in xs[i - 1 : i + 2])
    return abs(before + (after - before) * (b - a) / (c - a) - here) > allowed


def _halvings(levels):
    """0, 1, then the middles of what there is, level by level."""
    yield 0.0
    yield 1.0
    for level in range(1, levels + 1):
        yield from (k / 2**level for k in range(1, 2**level, 2))


def roundest(a, b):
    """The number of fewest decimals from a to b."""
    for digits in range(-6, 16):
        unit = 10.0**-digits
        x = round(math.ceil(a / unit - 1e-12) * unit, max(digits, 0))
        if a <= x <= b:
            return x + 0.0
    return a
