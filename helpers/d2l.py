"""The plotting functions of the book: `from helpers import d2l` replaces `from d2l import torch as d2l`.

Names, arguments and pictures are the same. In addition, `plot` accepts tensors that require grad, on any device and of
any dtype, and more than four curves. Figures are SVG without date or random ids, so that equal plots are equal files.
"""

from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import Any, NoReturn

import numpy as np
import torch
from IPython import get_ipython
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from seeing_gradients.language import message

Values = torch.Tensor | np.ndarray | Sequence[Any]  # one curve (n,), or several (k, n)
Limits = tuple[float, float] | Sequence[float] | None

__all__ = ["plot", "plt", "set_axes", "set_figsize", "use_svg_display"]


def __getattr__(name: str) -> NoReturn:
    raise AttributeError(message("d2l.no_such_name", name=name, names=", ".join(__all__)))


def use_svg_display() -> None:
    """Make Jupyter show figures as SVG, the same text each time, by whose creator JupyterLab's extension knows them as ours."""
    plt.rcParams["svg.hashsalt"] = "seeing-gradients"
    if get_ipython() is not None:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("svg", metadata={"Date": None, "Creator": "seeing-gradients"})


def set_figsize(figsize: tuple[float, float] = (3.5, 2.5)) -> None:
    """Set the size of figures that are made from now on.

    Args:
        figsize: (width, height), inches.
    """
    use_svg_display()
    plt.rcParams["figure.figsize"] = figsize


def set_axes(
    axes: Axes,
    xlabel: str | None,
    ylabel: str | None,
    xlim: Limits,
    ylim: Limits,
    xscale: str,
    yscale: str,
    legend: Iterable[Any] | None,
) -> None:
    """Set the labels, scales, limits and legend of axes, and draw their grid.

    Args:
        axes: Matplotlib Axes.
        xlabel, ylabel: str, or None for no label.
        xlim, ylim: (low, high) in units of the data, or None for a range that fits the data.
        xscale, yscale: "linear", "log" or another scale of Matplotlib.
        legend: one label (str or number) for each curve; a single str for one curve; empty or None for no legend.
    """
    axes.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
    axes.set(xlim=xlim, ylim=ylim)  # after the scale: a limit that it allows may be invalid on the previous scale
    labels = _labels(legend)
    if labels:
        axes.legend(labels)
    axes.grid()


def plot(
    X: Values,
    Y: Values | None = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    legend: Iterable[Any] | None = None,
    xlim: Limits = None,
    ylim: Limits = None,
    xscale: str = "linear",
    yscale: str = "linear",
    fmts: str | Iterable[str] = ("-", "m--", "g-.", "r:"),
    figsize: tuple[float, float] = (3.5, 2.5),
    axes: Axes | None = None,
) -> None:
    """Plot one curve or several.

    Args:
        X: the x of one curve, (n,), as a tensor, array, list, tuple or range; or of k curves, (k, n), where lists may
            differ in length. If there are fewer X than Y, the X are repeated.
        Y: likewise the y; None plots X against 0, 1, 2, ...
        xlabel, ylabel, legend, xlim, ylim, xscale, yscale: as for `set_axes`.
        fmts: format strings of Matplotlib, one for each curve; they are repeated if there are more curves.
        figsize: (width, height), inches, of the figure, if this call makes one, and of later figures.
        axes: Matplotlib Axes to clear and draw in; None for the current ones.

    Raises:
        TypeError: X or Y is no sequence of real numbers, or axes is no Axes.
        ValueError: X and Y of a curve differ in length, or fmts is empty.
    """
    formats = _formats(fmts)
    curves = _pair(_curves("X", X), None if Y is None else _curves("Y", Y))
    if axes is not None and not isinstance(axes, Axes):
        raise TypeError(message("d2l.not_axes", received=type(axes).__name__))
    set_figsize(figsize)
    axes = plt.gca() if axes is None else axes
    axes.cla()
    for (x, y), fmt in zip(curves, cycle(formats), strict=False):
        axes.plot(*((x, y) if len(x) else (y,)), fmt)
    set_axes(axes, xlabel, ylabel, xlim, ylim, xscale, yscale, legend)


def _formats(fmts: str | Iterable[str]) -> list[str]:
    formats = [fmts] if isinstance(fmts, str) else list(fmts)
    if not formats:
        raise ValueError(message("d2l.no_formats"))
    return formats


def _labels(legend: Iterable[Any] | None) -> list[Any]:
    if legend is None or isinstance(legend, str):
        return [legend] if legend else []
    return _plain("legend", legend).tolist() if hasattr(legend, "ndim") else list(legend)


def _pair(X: list[Any], Y: list[Any] | None) -> list[tuple[Any, Any]]:
    """Return the (x, y) of each curve; an empty x stands for 0, 1, 2, ..."""
    if Y is None:
        return [((), y) for y in X]
    pairs = list(zip(cycle(X or [()]), Y, strict=False))
    for number, (x, y) in enumerate(pairs, start=1):
        if len(x) and len(x) != len(y):
            raise ValueError(message("d2l.lengths_differ", number=number, x=len(x), y=len(y)))
    return pairs


def _curves(argument: str, values: Any) -> list[Any]:
    """Return the curves in X or Y as a list of arrays or lists that Matplotlib can draw.

    Args:
        argument: "X" or "Y", for messages.
        values: as passed to `plot`.
    """
    if not _is_sequence(values):
        raise TypeError(message("d2l.not_a_curve", argument=argument, received=_describe(values)))
    one = values.ndim == 1 if hasattr(values, "ndim") else len(values) and _ndim(values[0]) == 0
    return [_plain(argument, curve) for curve in ([values] if one else values)]


def _plain(argument: str, curve: Any) -> Any:
    """Return one curve without its graph: a tensor as an array, an array as it is, any other sequence as a list."""
    if not _is_sequence(curve) or _ndim(curve) > 2:
        raise TypeError(message("d2l.not_a_curve", argument=argument, received=_describe(curve)))
    if isinstance(curve, torch.Tensor):
        curve = _array(curve)
    elif not hasattr(curve, "ndim"):
        curve = [_array(value) if isinstance(value, torch.Tensor) else value for value in curve]
        if any(_ndim(value) for value in curve):
            raise TypeError(message("d2l.not_a_curve", argument=argument, received=_describe(curve)))
    if np.iscomplexobj(curve):
        raise TypeError(message("d2l.complex", argument=argument))
    return curve


def _array(tensor: torch.Tensor) -> np.ndarray:
    """Return the values of a tensor as an array; floating-point values as float64, since NumPy has no bfloat16."""
    tensor = tensor.detach().cpu().resolve_conj().resolve_neg()
    tensor = tensor.dequantize() if tensor.is_quantized else tensor
    tensor = tensor if tensor.layout == torch.strided else tensor.to_dense()
    return (tensor.double() if tensor.is_floating_point() else tensor).numpy()


def _ndim(value: Any) -> int:
    """Return the number of dimensions of a tensor or array; 1 for any other sequence, 0 for a number, a date etc."""
    return value.ndim if hasattr(value, "ndim") else int(hasattr(value, "__len__"))


def _is_sequence(value: Any) -> bool:
    return isinstance(value, (list, tuple, range)) or getattr(value, "ndim", 0) > 0


def _describe(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"tensor of shape {tuple(value.shape)}"
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '...'}"
