"""Record any widget of the library: `record_widget`."""

from collections.abc import Callable, Sequence
from typing import Any

from seeing_gradients.language import message
from seeing_gradients.widgets.descend.widget import Descent
from seeing_gradients.widgets.explore import Explorer
from seeing_gradients.widgets.page_widget import PageWidget
from seeing_gradients.widgets.predict import PredictWidget
from seeing_gradients.widgets.secant.widget import Secant
from seeing_gradients.widgets.watch.widget import TrainingRun

from .collector import Collector
from .descend_recorder import record_descent
from .explore_recorder import record_explorer
from .limits import MAX_BYTES, PARTS, Limits
from .predict_recorder import record_prediction
from .progress import Progress
from .recording import Recording, RecordingData
from .secant_recorder import record_secant
from .watch_recorder import record_run

_RECORDERS: dict[type[PageWidget], Callable[[Any, Limits, Collector], RecordingData]] = {
    Explorer: record_explorer,
    Descent: record_descent,
    Secant: record_secant,
    TrainingRun: record_run,
    PredictWidget: record_prediction,
}


def record_widget(
    widget: PageWidget,
    *,
    positions: int | None = None,
    variant_positions: int | None = None,
    share: float = 0.0,
    parts: Sequence[str] = PARTS,
    max_bytes: int = MAX_BYTES,
    progress: bool = True,
) -> Recording:
    """Run a widget at the positions of its sliders and return what it shows there.

    Of up to two sliders the whole grid is recorded, else each slider by itself from where the others stand; switches
    and sliders with few values are combined with all. The widget itself is not moved.

    Args:
        widget: what `explore`, `descend`, `secant`, `watch` or `predict` returned.
        positions: along each slider, at least 2; None for as many as is sensible. The step of a slider in the page is
            then that of the recorded positions.
        variant_positions: the same for each choice that differs from the present one, e.g. with an edge cut.
        share: of an explorer with more than two sliders: the share of the whole grid that is recorded as well, 0 to 1.
        parts: which choices of an explorer are recorded besides the present ones: "saved", "cut", "jacobian", "modules",
            "plot", "nudge". Each is recorded by itself; the page offers no combination that was not recorded.
        max_bytes: the largest size as a page downloads it. Choices are left out before this is an error.
        progress: whether to show a progress bar.

    Returns:
        Recording.

    Raises:
        TypeError: widget is none of these.
        ValueError: an argument is not as described.
        RecordingTooLargeError: the positions alone are too many or too large; the sentence says which argument to lower.
        KeyboardInterrupt: the user stopped it.

    Example:
        >>> from seeing_gradients import explore
        >>> recording = record_widget(explore(lambda w: (3 * w - 1) ** 2, w=(-5.0, 5.0)), positions=11, parts=())
        >>> recording.states
        11
    """
    recorder = next((_RECORDERS[kind] for kind in type(widget).__mro__ if kind in _RECORDERS), None)
    if recorder is None:
        raise TypeError(message("recorded.not_a_widget", received=type(widget).__name__))
    limits = Limits(positions, variant_positions, share, parts, max_bytes)
    bar = Progress(progress)
    try:
        return Recording(recorder(widget, limits, Collector(bar)), widget.static_markup())
    finally:
        bar.finish()
