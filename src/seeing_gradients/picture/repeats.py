"""Find what repeats in a sequence of units: the rounds of a loop, and blocks of modules one after the other.

A unit is an operation, the call of a module, or a repeat repeats before. Nothing here knows a Record: units are equal if
their tokens are, and `sources` says from which of them each one takes its values.
"""

import itertools
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

_LONGEST_PERIOD = 256  # units in a round
_OUTSIDE = -1  # of a source that is no unit of the sequence


@dataclass(eq=False)
class Unit:
    """One unit of a sequence.

    Attributes:
        key: of a group, or the id of a single node.
        nodes: ids of its nodes, ascending.
        token: equal for units that may be the same place of two rounds.
        has_operation: whether it is an operation outside of all modules of the sequence, or contains one.
        calls: the first and the last call of f that made its nodes, where these are known. A round never begins within
            a call, since one call may make several equal operations.
    """

    key: str | int
    nodes: list[int]
    token: Hashable
    has_operation: bool = False
    calls: tuple[int, int] | None = None


@dataclass(frozen=True)
class Shortest:
    """How many rounds become one group, at least: of modules alone, and of operations of f."""

    modules: int
    operations: int


@dataclass
class Repeat:
    """Equal rounds, one after the other: units[first : first + period * count]."""

    first: int
    period: int
    count: int

    @property
    def end(self) -> int:
        """The position after the last round."""
        return self.first + self.period * self.count

    def rounds(self, units: Sequence[Unit]) -> list[list[Unit]]:
        """The units of each round."""
        starts = range(self.first, self.end, self.period)
        return [list(units[start : start + self.period]) for start in starts]


def find_repeats(units: Sequence[Unit], sources: Sequence[Sequence[int]], shortest: Shortest) -> list[Repeat]:
    """Return the repeats of the shortest period that there is, without overlaps, from left to right.

    Once they have become units themselves, the next call finds the rounds around them.

    Args:
        units: in the order in which they ran.
        sources: for each node the ids of the nodes from which edges lead to it.
        shortest: how many rounds a repeat has, at least.
    """
    least = min(shortest.modules, shortest.operations)
    if len(units) < least or _starts(units) < least:
        return []
    numbers: dict[Hashable, int] = {}
    tokens = np.array([numbers.setdefault(unit.token, len(numbers)) for unit in units])
    if np.bincount(tokens).max() < least:
        return []
    chaining = _Chaining(units, sources)
    for period in range(1, min(len(units) // least, _LONGEST_PERIOD) + 1):
        repeats = [
            repeat
            for first, end in _stretches(tokens[period:] == tokens[:-period], period * (least - 1))
            for repeat in chaining.split(Repeat(first, period, (end - first) // period + 1), shortest)
        ]
        if repeats:
            return repeats
    return []


def _starts(units: Sequence[Unit]) -> int:
    """With how many of the units a round may begin: not within a call, see `Unit.calls`."""
    count, last = 0, None
    for unit in units:
        if unit.calls is None or unit.calls[0] != last:
            count += 1
        last = None if unit.calls is None else unit.calls[1]
    return count


def _stretches(equal: np.ndarray, least: int) -> Iterator[tuple[int, int]]:
    """(first, end) of each stretch of at least so many True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], equal, [False]]).astype(np.int8)))
    for first, end in edges.reshape(-1, 2).tolist():
        if end - first >= least:
            yield first, end


class _Chaining:
    """Says whether rounds of equal tokens are rounds of one loop.

    Each round must use a value of an earlier one, and take everything from the same positions as the round before it.
    What a round takes from before the first round may be anything: the first round takes there what the later ones take
    from each other.
    """

    def __init__(self, units: Sequence[Unit], sources: Sequence[Sequence[int]]) -> None:
        self.units, self.sources = units, sources
        self.unit_of: Mapping[int, int] = {node: i for i, unit in enumerate(units) for node in unit.nodes}

    def split(self, repeat: Repeat, shortest: Shortest) -> Iterator[Repeat]:
        """Yield the parts of a repeat that are rounds of one loop and long enough."""
        period, units = repeat.period, self.units
        has_operation = any(unit.has_operation for unit in units[repeat.first : repeat.first + period])
        least = shortest.operations if has_operation else shortest.modules
        if repeat.count < least:
            return
        if period == 1 and not has_operation:  # modules in a row, whether chained or side by side
            yield repeat
            return
        first, count = repeat.first, 1
        for start in range(repeat.first + period, repeat.end, period):
            if self._continues(first, start, period):
                count += 1
                continue
            if count >= least:
                yield Repeat(first, period, count)
            first, count = start, 1
        if count >= least:
            yield Repeat(first, period, count)

    def _continues(self, first: int, start: int, period: int) -> bool:
        """Whether the round that begins at `start` continues the rounds from `first` on."""
        before, now = self.units[start - 1].calls, self.units[start].calls
        if before is not None and now is not None and before[1] == now[0]:
            return False
        is_chained = False
        rounds_before = (start - first) // period - 1
        for i in range(start, start + period):
            earlier, current = self._sources_of(i - period, first, period), self._sources_of(i, first, period)
            if not earlier <= current:
                return False
            if any(distance <= rounds_before for distance, _ in current - earlier):
                return False  # the round before could have taken this, too, but did not
            is_chained |= any(distance for distance, _ in current)
        return is_chained

    def _sources_of(self, i: int, first: int, period: int) -> Counter[tuple[int, int]]:
        """From where unit i takes its values: (how many rounds before, position in that round), with their number."""
        own = (i - first) // period
        positions: Counter[tuple[int, int]] = Counter()
        for source in itertools.chain.from_iterable(self.sources[node] for node in self.units[i].nodes):
            unit = self.unit_of.get(source, _OUTSIDE)
            if unit >= first and unit != i:
                position = own - (unit - first) // period, (unit - first) % period
                positions[position] = positions[position] + 1 if len(self.units[i].nodes) == 1 else 1
        return positions
