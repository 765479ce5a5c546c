"""Record a descent: from a grid of starts, with several learning rates, and along each slider."""

import math
from collections.abc import Sequence
from typing import Any, cast

from seeing_gradients.language import html_language
from seeing_gradients.widgets.descend.widget import Descent

from .collector import Collector
from .limits import Limits
from .positions import Slider
from .recording import RecordingData

_MOST_STEPS = 20  # that are recorded; more if the widget shows more at first
_STARTS, _COARSE = {1: 21, 2: 7}, {1: 5, 2: 3}  # along each axis, by the number of axes; combined with learning rates
_RATES, _FEW_RATES = 20, 4  # intervals of the learning rate's slider; fewer from other starts
_VALUES = 11  # along each other slider


def record_descent(descent: Descent, limits: Limits, collector: Collector) -> RecordingData:
    """Return the data of the recording of a descent, which itself stays as it is.

    Args:
        descent: as `descend` returns it.
        limits: how much is recorded.
        collector: collects it.

    Raises:
        RecordingTooLargeError: a limit was reached.
    """
    most = max(_MOST_STEPS, descent.steps)
    spec = descent.spec
    axes, values = spec["axes"][: len(descent.start)], spec["sliders"]
    count = limits.positions or _STARTS[len(axes)]
    starts = [_multiples(axis, x, count) for axis, x in zip(axes, descent.start, strict=True)]
    positions = _positions(descent, starts, limits.positions)
    limits.check_states(len(positions))
    collector.expect(len(positions))
    with descent.without_page() as copy:
        collector.record({}, positions, lambda position: _contents(copy, position, most))
    limits.check_size(collector)
    spec = spec | {
        "max_steps": most,
        "rate_notches": _RATES,
        "axes": [axis | {"step": starts[i][1]} if i < len(starts) else axis for i, axis in enumerate(spec["axes"])],
        "sliders": [
            value | {"step": value["step"] * _slider(value, x).stride(_VALUES)} for value, x in _values(descent)
        ],
    }
    traits = {"spec": spec, "start": list(descent.start), "lr": descent.lr}
    traits |= {"values": dict(descent.values), "steps": descent.steps}
    lr = spec["lr"]
    names = [*(axis["name"] for axis in axes), "η", *(value["name"] for value in values)]
    scales = [(axis["low"], axis["high"], False) for axis in axes]
    scales += [(lr["low"], lr["high"], True), *((value["low"], value["high"], False) for value in values)]
    return collector.data("descend", spec["title"], html_language(), traits, [], scales, names)


def _positions(descent: Descent, starts: Sequence[tuple[list[float], float]], most: int | None) -> list[list[float]]:
    """Positions: the start, the learning rate, the other numbers."""
    start, lr = list(descent.start), descent.lr
    values = list(descent.values.values())
    coarse = [axis[:: max(len(axis) // _COARSE[len(starts)], 1)] for axis, _ in starts]
    positions = [[*start, lr, *values]]
    positions += [[*each, lr, *values] for each in _product([axis for axis, _ in starts])]
    positions += [[*start, rate, *values] for rate in _rates(descent, _RATES)]
    positions += [[*each, rate, *values] for each in _product(coarse) for rate in _rates(descent, _FEW_RATES)]
    for i, (value, x) in enumerate(_values(descent)):
        for moved in _slider(value, x).values(most or _VALUES):
            positions.append([*start, lr, *values[:i], moved, *values[i + 1 :]])
    return [list(position) for position in dict.fromkeys(map(tuple, positions))]


def _product(axes: Sequence[Sequence[float]]) -> list[list[float]]:
    products: list[list[float]] = [[]]
    for axis in axes:
        products = [[*each, x] for each in products for x in axis]
    return products


def _multiples(axis: dict[str, Any], home: float, most: int) -> tuple[list[float], float]:
    """Multiples of a step in the range of an axis, with its ends and home; and the step."""
    fewest = max(math.ceil((axis["high"] - axis["low"]) / axis["step"] / most), 1)
    strides = range(fewest, 2 * fewest + 1)
    notch = home / axis["step"]
    stride = next((s for s in strides if abs(notch / s - round(notch / s)) < 1e-6), fewest)
    step = axis["step"] * stride
    first, last = math.ceil(axis["low"] / step - 1e-9), math.floor(axis["high"] / step + 1e-9)
    inner = [float(f"{k * step:.12g}") for k in range(first, last + 1)]
    return sorted({*inner, axis["low"], axis["high"], home}), step


def _rates(descent: Descent, intervals: int) -> list[float]:
    """Learning rates at equal distances on the slider, in the digits that the page gives them."""
    lr = descent.spec["lr"]
    rates = [lr["low"] * (lr["high"] / lr["low"]) ** (k / intervals) for k in range(intervals + 1)]
    rates = [float(f"{rate:.2g}") for rate in rates]
    rates[intervals // 2] = lr["value"]
    return [min(max(rate, lr["low"]), lr["high"]) for rate in rates]


def _values(descent: Descent) -> list[tuple[dict[str, Any], float]]:
    """The other sliders with their values."""
    return [(value, descent.values[value["name"]]) for value in descent.spec["sliders"]]


def _slider(value: dict[str, Any], x: float) -> Slider:
    return Slider(value["low"], value["high"], value["step"], x)


def _contents(descent: Descent, position: Sequence[float], most: int) -> list[Any]:
    """What is shown after each number of steps up to the last recorded one, and the contours or the curve."""
    count = len(descent.start)
    names = [slider["name"] for slider in descent.spec["sliders"]]
    descent.steps = 0
    descent.start, descent.lr = list(position[:count]), position[count]
    descent.values = dict(zip(names, position[count + 1 :], strict=True))
    shown = []
    for steps in range(most + 1):
        descent.steps = steps
        shown.append(dict(cast(dict[str, Any], descent.shown)))
        if shown[-1]["trouble"]:
            break
    return [_shortened(shown), descent.field]


def _shortened(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with the length of a path in place of its data where a longer path begins with it, that of a later step."""
    longest: dict[str, str] = {}
    for each in reversed(shown):
        marks = []
        for name, form, *rest in each["marks"]:
            whole = longest.get(name, "")
            if form == "path" and len(rest) == 1 and whole.startswith(rest[0]) and len(whole) > len(rest[0]):
                marks.append([name, form, len(rest[0])])
                continue
            if form == "path":
                longest[name] = rest[0]
            marks.append([name, form, *rest])
        each["marks"] = marks
    return shown
