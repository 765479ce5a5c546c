"""See autograd live: `explore(f, w=(-5.0, 5.0), b=2.0, x=[1.0, 2.0])` gives sliders and the recorded graph.

Each move of a slider runs f and its backward pass anew in the kernel; the page updates the numbers in place.
"""

from torch.nn import Module

from seeing_gradients.language import message
from seeing_gradients.picture.layout import ALL, keys
from seeing_gradients.recorder import outside

from .calling import check_options, check_passing
from .choice import choose
from .controls import Control, control, controls
from .run import Problem, Run, run
from .weights import weights
from .widget import Explorer

_SHORT, _LONG = 1.5, 10.0  # seconds that a run may take: of a function, of a model

__all__ = ["Control", "Explorer", "Problem", "Run", "control", "controls", "explore", "run"]


def explore(
    f,
    /,
    *args,
    plot=None,
    gradient=None,
    max_ops=2_000,
    max_seconds="auto",
    ahead=True,
    opened=(),
    saved=False,
    engine=None,
    **kwargs,
):
    """Run f forward and backward at every position of its sliders, and show the graph that autograd recorded.

    Args:
        f: callable, tensors -> tensor; an nn.Module too.
        args, kwargs: one for each parameter of f, by position or name:
            (low, high) or (low, high, step): a slider; it starts at f's default, else in the middle;
            a number: a slider around it; integers are taken as floats, since only floats have gradients;
            a list of numbers: a vector (nested: a matrix), one slider a number;
            range(low, high): a slider over integers, which f receives as an integer tensor;
            True or False: a switch; a tensor: fixed, passed as it is.
        plot: "w" for a curve along that input, ("w", "b") for contours over two, "x[0]" for an element of a vector;
            `.plot(...)` of what is returned takes more: log axes, the derivative, a descent.
        gradient: v, of the output's shape, for a vector output; "v" puts v on sliders of that name, one an element of the
            output, and shows the Jacobian, whose rows v weighs; {"v": [1.0, 10.0]} starts there.
        max_ops, max_seconds: int and float; where a run is stopped: by default after 1.5 s, a model after 10; None for never.
        ahead: bool, whether f may be run where a slider can be moved to next, so that the page shows that at once; f is
            run anew where it comes to rest. Not done where f prints, is slow, or alters anything outside itself.
        saved: bool, whether the tensors that backward keeps are shown from the beginning; the page can show them, too.
        engine: class of an autograd of one's own, whose values f gets in place of tensors (`record` says what it needs);
            the check beside its gradients is by PyTorch's numbers.
        opened: keys of modules that are open at first, "layers.0" or "layers.0..layers.11", or "all"; the others open on a click.

    The modules that f runs, or a model passed in place of f, are one node each: explore(model, batch, gradient=v), where
    the batch is fixed and v weighs the outputs, or explore(loss, batch) for a function that ends in a number. Buffers that
    a run writes to, running means say, are given back what they held.

    Returns:
        Explorer: shown by the notebook; `.set(w=2.0)` moves it, `.position`, `.record` and `.problem` tell.

    Raises:
        TypeError: f is not callable, an argument is unknown, missing, or of no kind named above, or has a name that is
            taken; gradient names no slider.
        ValueError: a range is empty, a step not positive, a list empty or too long; plot names no slider, or opened no
            module that f ran.
    """
    options = {"plot": plot, "gradient": gradient, "max_ops": max_ops, "max_seconds": max_seconds, "ahead": ahead}
    options |= {"opened": opened, "saved": saved, "engine": engine}
    set_here = [name for name, value in options.items() if value is not explore.__kwdefaults__[name]]
    check_options(f, len(args), set_here, options)
    if max_seconds == "auto":
        max_seconds = _LONG if any(isinstance(thing, Module) for thing in (f, *outside(f).values())) else _SHORT
    limits = {"max_ops": max_ops, "max_seconds": max_seconds}
    given = controls(f, args, kwargs)
    check_passing(f, args, kwargs)
    by_position = [c.name for c in given[: len(args)]]
    if isinstance(gradient, str | dict):
        given.append(weights(f, given, by_position, gradient, limits))
    limits |= {"gradient": gradient} | ({} if engine is None else {"engine": engine})
    choice = None if plot is None else choose(given, plot)
    everything = opened == ALL
    opened = () if everything else (opened,) if isinstance(opened, str) else tuple(opened)
    explorer = Explorer(f, given, by_position, limits, ahead, opened)
    _check_opened(opened, explorer.record)
    if everything and explorer.record is not None:
        explorer.opened = keys(explorer.record)
    explorer.keeping = {"on": saved}
    return explorer if choice is None else explorer.plot(*choice.inputs)


def _check_opened(opened, record):
    if not opened:
        return
    known = keys(record) if record is not None else opened
    for key in opened:
        if key not in known:
            raise ValueError(message("draw.not_opened", received=key, allowed=", ".join(known[:12]) or "-"))
