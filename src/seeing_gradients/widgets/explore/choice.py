"""Which plot is shown: one input or two, which axes are logarithmic, the derivative, the descent.

`choose(controls, inputs, ...)` checks what a learner wrote; `cleaned(controls, given)` what the page sent.
"""

import math
from dataclasses import asdict, dataclass

from seeing_gradients.language import message

MOST_STEPS = 200
_OUTPUT = -1  # among the logarithmic axes: that of the value of f


@dataclass(frozen=True)
class Choice:
    """What is to be plotted.

    Attributes:
        inputs: tuple of str, labels of one or two sliders; empty for no plot.
        log: tuple of int, the logarithmic axes: 0 and 1 of the inputs, -1 of the value.
        derivative: bool, whether the derivative is drawn, too (one input).
        steps: int, of gradient descent from where the sliders stand; 0 for none.
        lr: float > 0, its learning rate.
    """

    inputs: tuple = ()
    log: tuple = ()
    derivative: bool = False
    steps: int = 0
    lr: float = 0.1

    def plain(self):
        """As JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def movable(controls):
    """The sliders along which f can be plotted: dict from label to (place among the sliders, control, element)."""
    found, first = {}, 0
    for control in controls:
        if control.kind in ("number", "vector") and not control.weighs:
            found |= {label: (first + i, control, i) for i, label in enumerate(control.labels)}
        first += len(control.start)
    return found


def choose(controls, inputs, log=(), derivative=False, steps=0, lr=0.1):
    """Return the Choice that the arguments name.

    Raises:
        ValueError: an input is unknown or cannot be moved, there are more than two, or an axis cannot be logarithmic.
    """
    names = tuple(inputs) if isinstance(inputs, list | tuple) else (inputs,)
    known = movable(controls)
    if not all(isinstance(name, str) for name in names) or not 1 <= len(set(names)) == len(names) <= 2:
        raise ValueError(message("explore.plot_count", received=_listed(names), allowed=", ".join(known) or "-"))
    for name in names:
        if name not in known:
            raise ValueError(_refusal(controls, name, known))
    if isinstance(steps, bool) or not isinstance(steps, int) or not 0 <= steps <= MOST_STEPS:
        raise ValueError(message("explore.plot_steps", received=repr(steps), most=MOST_STEPS))
    if isinstance(lr, bool) or not isinstance(lr, int | float) or not (math.isfinite(lr) and lr > 0):
        raise ValueError(message("explore.plot_lr", received=repr(lr)))
    return Choice(names, _log_axes(known, names, log), bool(derivative), steps, float(lr))


def _log_axes(known, names, log):
    axes, given = [], (log,) if isinstance(log, str) else tuple(log)
    for name in given:
        if name not in (*names, "output"):
            raise ValueError(message("explore.plot_log", received=repr(name), allowed=", ".join((*names, "output"))))
        if name in names and not known[name][1].low > 0:
            control = known[name][1]
            raise ValueError(message("explore.plot_log_range", name=name, low=control.low, high=control.high))
        axes.append(names.index(name) if name in names else _OUTPUT)
    return tuple(sorted(set(axes)))


def _refusal(controls, name, known):
    """Why f cannot be plotted along an input of this name."""
    allowed = ", ".join(known) or "-"
    for control in controls:
        if control.name == name and control.kind == "vector":
            return message("explore.plot_element", name=name, allowed=", ".join(control.labels))
        if control.name == name:
            return message("explore.plot_fixed", name=name, allowed=allowed)
    return message("explore.plot_unknown", name=_listed((name,)), allowed=allowed)


def cleaned(controls, given):
    """What the page sent as a Choice: nothing in it can be trusted, and nothing is worth an error."""
    known = movable(controls)
    names = given.get("inputs")
    names = tuple(dict.fromkeys(names)) if isinstance(names, list | tuple) else ()
    if not 1 <= len(names) <= 2 or any(name not in known for name in names):
        names = ()
    allowed = {_OUTPUT, *(i for i, name in enumerate(names) if known[name][1].low > 0)}
    log = given.get("log")
    log = tuple(sorted({i for i in log if i in allowed})) if isinstance(log, list | tuple) else ()
    steps, lr = given.get("steps"), given.get("lr")
    steps = min(max(int(steps), 0), MOST_STEPS) if _is_number(steps) else 0
    return Choice(names, log, bool(given.get("derivative")), steps, float(lr) if _is_number(lr) and lr > 0 else 0.1)


def _is_number(x):
    return isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)


def _listed(names):
    text = ", ".join(map(str, names))
    return text if len(text) <= 60 else f"{text[:57]}..."
