"""Record a prediction: its question, and every reply of Python; the reader's answer stays in the browser."""

from seeing_gradients.widgets.predict import PredictWidget

from .collector import Collector
from .limits import Limits
from .recording import RecordingData


def record_prediction(widget: PredictWidget, limits: Limits, collector: Collector) -> RecordingData:
    """Return the data of the recording of a prediction; what the learner answered is no part of it.

    Args:
        widget: as `predict` returns it.
        limits: how much is recorded.
        collector: collects it.

    Raises:
        RecordingTooLargeError: a limit was reached.
    """
    replies = widget.replies()
    collector.expect(1)
    collector.record({}, [[]], lambda position: [replies])
    limits.check_size(collector)
    card = widget.card
    return collector.data("predict", card["question"], card["language"], {"card": card, "sent": {}}, [], [], [])
