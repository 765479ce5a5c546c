"""Record a secant: every step of its slider, in both precisions and of both kinds."""

import math
from typing import Any

from seeing_gradients.language import html_language
from seeing_gradients.widgets.secant.widget import Secant

from .collector import Collector
from .limits import Limits
from .recording import RecordingData

_NOTCHES = 10  # recorded positions per power of ten


def record_secant(secant: Secant, limits: Limits, collector: Collector) -> RecordingData:
    """Return the data of the recording of a secant, which itself stays as it is.

    Args:
        secant: as `secant` returns it.
        limits: how much is recorded.
        collector: collects it.

    Raises:
        RecordingTooLargeError: a limit was reached.
    """
    spec: dict[str, Any] = secant.spec
    decades = round(-math.log10(spec["lowest"]))
    notches = max((limits.positions or _NOTCHES * decades) // decades, 1)
    steps = [10.0 ** (-k / notches) for k in range(decades * notches + 1)]
    positions = [[h] for h in dict.fromkeys([secant.h, *steps])]
    base = {"precision": secant.precision, "kind": secant.kind}
    others = [
        {"precision": precision, "kind": kind}
        for precision in spec["precisions"]
        for kind in spec["kinds"]
        if {"precision": precision, "kind": kind} != base
    ]
    collector.expect(len(positions) * (len(others) + 1))
    with secant.without_page() as copy:

        def contents(position: list[float]) -> list[Any]:
            copy.h = position[0]
            return [copy.shown]

        for settings in ({}, *others):
            for name, value in {**base, **settings}.items():
                setattr(copy, name, value)
            collector.record(settings, positions, contents)
    limits.check_size(collector)
    traits = {**base, "h": secant.h, "spec": spec | {"notches": notches}}
    scales = [(spec["lowest"], 1.0, True)]
    return collector.data("secant", spec["title"], html_language(), traits, list(base), scales, ["h"])
