"""Record a run of `watch`: its page goes through the snapshots that it has, without asking Python."""

from seeing_gradients.language import html_language
from seeing_gradients.widgets.watch.widget import TrainingRun

from .collector import Collector
from .limits import Limits
from .recording import RecordingData


def record_run(run: TrainingRun, limits: Limits, collector: Collector) -> RecordingData:
    """Return the data of the recording of a run, as it is at present.

    Its choices, and the explorers of its steps, need a kernel, and the page does not offer them.

    Args:
        run: as `watch` returns it.
        limits: how much is recorded.
        collector: collects it.

    Raises:
        RecordingTooLargeError: a limit was reached.
    """
    run.refresh()
    shown = {**run.shown, "is_training": False}
    collector.expect(1)
    collector.record({}, [[]], lambda position: [shown])
    limits.check_size(collector)
    traits = {"spec": {**run.spec, "controls": []}, "choices": run.choices, "position": run.position}
    traits |= {"baseline": run.baseline, "explorer": None, "opened_step": -1}
    return collector.data("watch", run.spec["title"], html_language(), traits, [], [], [])
