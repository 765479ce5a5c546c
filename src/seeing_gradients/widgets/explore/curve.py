"""Sample a function of one number: more points where it bends, jumps found and told from steep slopes, gaps at nan.

`Curve(evaluate, axis).work(is_over)` samples until there is nothing left to do or the time is over; then `pieces(channel)`
are its lines and `dots(channel)` the ends at its jumps.
"""

import math
from bisect import insort

from .jumps import Break, ends, follow, is_close, rise

_LEVELS = 6  # of halving the whole range, before anything is looked at: 65 points
_BEND = 0.4 / 240  # of the plot's height, that a line may be off
_RESOLUTION = 1 / 1600  # of the plot's width, between the closest points of a curve
_LEAP = 2 / 240  # of the plot's height, over such a distance: worth a look whether it is a jump
_MOST_POINTS, _MOST_JUMPS = 1200, 60


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
            self._keep(x, self._evaluate(x))
        return self.values[x]

    def _keep(self, x, value):
        if x not in self.values:
            self.values[x], self._shares[x] = value, float(self._axis.share(x))
            insort(self.xs, x)

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
            size = rise(*(self._clamped(self.values[x][channel], span) for x in (a, b)))
            near = self._shares[b] - self._shares[a] <= 2 * _RESOLUTION and not is_close(self._axis, a, b)
            if near and (size > leap > 0 or size == math.inf):
                found.append((-size, a, b))
        return [(a, b) for _, a, b in sorted(found)]

    def _follow(self, channel, a, b):
        """Find the jump, pole or edge between two samples, in every channel."""
        before = [(self._rise(c, a, b), self.span(c)) for c in range(self._channels)]
        values = dict(self.values)
        a, b = yield from follow(self._evaluate, self._axis, values, channel, a, b)
        for x in (a, b):
            self._keep(x, values[x])
        for c, (start, span) in enumerate(before):
            if span is not None:
                self._note(c, a, b, start, span)

    def _note(self, channel, a, b, start, span):
        """Note a jump or pole that was followed to (a, b), where the value rose by `start` and lay within `span` before."""
        size, ya, yb = span[1] - span[0], self.values[a][channel], self.values[b][channel]
        beyond = max((max(span[0] - y, y - span[1]) for y in (ya, yb) if math.isfinite(y)), default=0.0)
        self._poles[channel] |= beyond > self._pole[0] * size > 0
        now = rise(ya, yb)
        if math.isfinite(now) and now > start / 2 and now > _LEAP * size > 0 and a not in self._breaks[channel]:
            value = lambda x: self._evaluate(x)[channel]
            is_pole = now > 4 * start
            left, right = (a, ya), (b, yb)
            self._breaks[channel][a] = Break(left, right) if is_pole else ends(value, self._axis, left, right)

    def _rise(self, channel, a, b):
        return rise(self.values[a][channel], self.values[b][channel])

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
        room = _LEAP * (high - low)  # an end lies closer to its jump than any sample: a little beyond all
        ends = {dot for broken in self._breaks[channel].values() for dot in broken.dots}
        return sorted(dot for dot in ends if low - room <= dot[1] <= high + room)

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
