"""How much of a widget is recorded: positions, choices and bytes, and the advice when it is too much."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from seeing_gradients.language import abridged, message

from .collector import Collector

Part: TypeAlias = Literal["saved", "cut", "jacobian", "modules", "plot", "nudge"]
PARTS: tuple[Part, ...] = ("saved", "cut", "jacobian", "modules", "plot", "nudge")
_MOST_STATES = 20_000
MAX_BYTES = 1_000_000


class RecordingTooLargeError(ValueError):
    """A recording is larger than its limits allow; the sentence says which argument to lower."""


@dataclass(frozen=True)
class Limits:
    """The limits of one recording.

    Attributes:
        positions: along each slider; None for as many as is sensible.
        variant_positions: the same with other choices than the present ones.
        share: of the grid of more than two sliders that is recorded besides each slider by itself.
        parts: which choices are recorded besides the present ones.
        max_bytes: the largest size.
    """

    positions: int | None = None
    variant_positions: int | None = None
    share: float = 0.0
    parts: Sequence[str] = PARTS
    max_bytes: int = MAX_BYTES

    def __post_init__(self) -> None:
        for name in ("positions", "variant_positions"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 2):
                raise ValueError(message("recorded.bad_positions", name=name, received=abridged(value)))
        if not isinstance(self.share, int | float) or not 0 <= self.share <= 1:
            raise ValueError(message("recorded.bad_share", received=abridged(self.share)))
        if isinstance(self.max_bytes, bool) or not isinstance(self.max_bytes, int) or self.max_bytes < 1:
            raise ValueError(message("recorded.bad_bytes", received=abridged(self.max_bytes)))
        for part in self.parts if isinstance(self.parts, list | tuple | set) else (self.parts,):
            if part not in PARTS:
                raise ValueError(message("recorded.bad_part", received=abridged(part), allowed=", ".join(PARTS)))

    def includes(self, part: Part) -> bool:
        """Return whether these choices are recorded."""
        return part in self.parts

    def check_states(self, count: int) -> None:
        """Raise RecordingTooLargeError if there are too many positions."""
        if count > _MOST_STATES:
            raise RecordingTooLargeError(message("recorded.too_many", count=count, most=_MOST_STATES))

    def check_size(self, collector: Collector) -> None:
        """Raise RecordingTooLargeError if the positions with the present choices alone are too large."""
        size = collector.size()
        if size > self.max_bytes:
            advice = {"size": f"{size / 1e6:.2g}", "most": f"{self.max_bytes / 1e6:.2g}"}
            raise RecordingTooLargeError(message("recorded.too_large", **advice))

    def is_full(self, collector: Collector) -> bool:
        """Return whether no more choices fit, and leave out the last one if it was too much already."""
        if collector.size() <= self.max_bytes:
            return False
        collector.variants.pop()
        return True
