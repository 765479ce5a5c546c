"""One measured figure: what is ours, what it stands against, and the target it has to meet."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A figure of the report.

    Attributes:
        name: str, what was measured.
        unit: str, "ms" or "1/s".
        ours, theirs: str, what the two columns are.
        our_samples, their_samples: list of float, in `unit`, taken in turn in one run.
        target: float, the ratio asked for.
        at_most: True where ours / theirs must not exceed the target, False where the better ratio must reach it.
    """

    name: str
    unit: str
    ours: str
    theirs: str
    our_samples: list
    their_samples: list
    target: float
    at_most: bool = False

    @property
    def ratio(self):
        """Ours against theirs, as the target counts it: medians, times how much faster or how many times the cost."""
        ours, theirs = statistics.median(self.our_samples), statistics.median(self.their_samples)
        return theirs / ours if self.unit == "ms" and not self.at_most else ours / theirs

    @property
    def met(self):
        return self.ratio <= self.target if self.at_most else self.ratio >= self.target


def spread(samples):
    """Median with the quartiles: "12.3 (11.0 to 14.1)"."""
    if len(samples) < 2:
        return f"{samples[0]:.3g}"
    low, middle, high = statistics.quantiles(samples, n=4)
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"
