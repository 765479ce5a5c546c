"""The widget of `secant`: moving the slider of the step, or choosing a precision or kind, makes Python recompute."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Real
from typing import Any

import torch
import traitlets

from seeing_gradients.language import abridged, message
from seeing_gradients.recorder import RecordError
from seeing_gradients.runtime import (
    TimeLimitError,
    discard_output,
    repeat_random_state,
    restore_settings,
    time_limit,
)
from seeing_gradients.widgets.bundles import load_script, load_style
from seeing_gradients.widgets.errors import kind_of
from seeing_gradients.widgets.page_widget import PageWidget, silent

from ..slider_ranges import fits_slider
from .picture import BOTTOM, HIGHEST, LEFT, LOWEST, NOTCHES, RIGHT, TOP, NoCurveError, Plots, paint
from .quotient import KINDS, PRECISIONS, NotOneNumberError

_SECONDS = 5.0
_LABELS = (
    "step", "precision", "kind", "central", "one_sided", "plot_curve", "plot_error", "secant", "tangent", "both",
)  # fmt: skip


def secant(
    f: Callable[..., Any],
    x: float = 1.0,
    *,
    h: float = 0.5,
    precision: str = "float64",
    kind: str = "central",
) -> "Secant":
    """Show the difference quotient of f at x with a step h as a widget, beside its error on logarithmic axes.

    Args:
        f: function of a tensor () -> tensor of one element with the same dtype; autograd must differentiate it at x.
        x: finite number, where to differentiate.
        h: the initial step; it is clamped to 1e-16 ... 1. Its slider is logarithmic.
        precision: "float32" or "float64", in which every operation is computed.
        kind: "central" or "one-sided".

    Returns:
        Secant, a widget; its traits h, precision and kind may also be set from Python.

    Raises:
        TypeError: f is not callable.
        ValueError: x or h is no finite number, or precision or kind is unknown, or f cannot be differentiated at x.
    """
    if not callable(f):
        raise TypeError(message("secant.not_callable", received=type(f).__name__))
    for name, number in (("x", x), ("h", h)):
        if isinstance(number, bool) or not isinstance(number, Real) or not fits_slider(number):
            raise ValueError(message("secant.bad_number", name=name, received=abridged(number)))
    for name, received, allowed in (("precision", precision, PRECISIONS), ("kind", kind, KINDS)):
        if not isinstance(received, str) or received not in allowed:
            names = ", ".join(map(repr, allowed))
            raise ValueError(message("secant.unknown", name=name, received=abridged(received), allowed=names))
    return Secant(f, float(x), float(h), precision, kind)


class Secant(PageWidget):
    """The widget that `secant` returns.

    Attributes:
        h: float, the step.
        precision: "float32" or "float64".
        kind: "central" or "one-sided".
        shown: dict, the result of `picture.Plots.view` for these three.
        spec: dict for the page, what never changes; data.d.ts declares both.
    """

    _esm = load_script("secant")
    _css = load_style("secant")
    h = traitlets.CFloat().tag(sync=True)
    precision = traitlets.Enum(list(PRECISIONS)).tag(sync=True)
    kind = traitlets.Enum(list(KINDS)).tag(sync=True)
    spec = traitlets.Dict().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, f: Callable[..., Any], x: float, h: float, precision: str, kind: str) -> None:
        self._f, self._x = f, x
        self._title = f"{getattr(f, '__name__', type(f).__name__)}, x = {x:g}".replace("<lambda>", "f")
        self._random_state = repeat_random_state()
        try:
            with self._guarded():
                self._plots = Plots(f, x)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever f raises, even SystemExit
            raise ValueError(_refusal(error, x)) from None
        super().__init__(h=h, precision=precision, kind=kind, spec=self._specification())
        self._show()
        self.observe(self._moved, names=["h", "precision", "kind"])

    @traitlets.validate("h")
    def _clamp_h(self, proposal: Any) -> float:
        return min(max(proposal["value"], LOWEST), HIGHEST)

    def _moved(self, change: Any) -> None:
        self._show()
        self.answered += 1

    def _show(self) -> None:
        try:
            with self._guarded(), torch.no_grad():
                self.shown = self._plots.view(self.h, self.precision, self.kind)
        except KeyboardInterrupt:
            raise
        except TimeLimitError:
            self.shown = self._nothing(message("secant.too_long_here", seconds=f"{_SECONDS:g}"))
        except BaseException as error:  # noqa: BLE001 - the widget shows it, and recovers at a valid step
            self.shown = self._nothing(message("secant.raised_here", error=kind_of(error)))

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Run f for some seconds, with the same random numbers each time; what it prints is dropped, settings come back."""
        with time_limit(_SECONDS), discard_output(), restore_settings(), self._random_state:
            yield

    def _nothing(self, note: str) -> dict[str, Any]:
        """The value of `shown` without curves or numbers: only a note."""
        return {"marks": [[], []], "rows": [["h", f"{self.h:.3g}"]], "note": note, "summary": note}

    def _specification(self) -> dict[str, Any]:
        """The data that never changes: sizes, axes, the curve of f, and every label in the language in use."""
        frame, _ = self._plots.frames
        return {
            "title": self._title,
            "size": [frame.width, frame.height],
            "margin": [TOP, RIGHT, BOTTOM, LEFT],
            "background": self._plots.background,
            "lowest": LOWEST,
            "notches": NOTCHES,
            "precisions": list(PRECISIONS),
            "kinds": list(KINDS),
            "labels": {name: message(f"secant.{name}") for name in _LABELS} | {"silent": silent()},
        }

    @contextmanager
    def without_page(self) -> Iterator["Secant"]:
        """Lend a copy that shows the same and sends nothing to a page."""
        copy = Secant(self._f, self._x, self.h, self.precision, self.kind)
        copy.close()
        yield copy

    def static_markup(self) -> str:
        """Return the secant and its error as SVG text."""
        plots = self._plots
        return paint(plots.frames, plots.background, self.shown, f"{self._title}, {self.precision}")

    def __repr__(self) -> str:
        return f"{self._title}: {self.shown['summary']}"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        bundle, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return bundle | {"image/svg+xml": self.static_markup(), "text/plain": repr(self)}, metadata


def _refusal(error: BaseException, x: float) -> str:
    """Why f cannot be shown at x."""
    if isinstance(error, RecordError):
        return message("secant.refused", x=f"{x:g}", error=error)
    if isinstance(error, NotOneNumberError):
        return message("secant.one_number", received=error)
    if isinstance(error, NoCurveError):
        return message("secant.no_curve", x=f"{x:g}")
    if isinstance(error, TimeLimitError):
        return message("secant.too_long", seconds=f"{_SECONDS:g}")
    return message("secant.raised", x=f"{x:g}", error=kind_of(error))
