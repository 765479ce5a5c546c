"""What this learner has tried, solved and predicted, kept in one small local file.

`show()` is the table over all lessons; `reset()` starts anew, `save_to(file)` and `load_from(file)` carry it to another
machine. `path()` tells where the file is: the environment variable SEEING_GRADIENTS_PROGRESS, or the user's data folder,
so that deleting or updating the course loses nothing. Exercises write through `tried`, `hinted` and `predicted`, which
return a sentence when something is to be said (the file could not be written, was damaged), else None.
"""

import json
from pathlib import Path

from seeing_gradients.language import message

from .store import empty, is_progress, merged, path, read, replace, update
from .table import Table

__all__ = ["hinted", "load_from", "path", "predicted", "prediction", "reset", "save_to", "seen_hints", "show", "tried"]


def tried(exercise, solved):
    """Note one try of an exercise.

    Args:
        exercise: str, its id, "02.1".
        solved: bool, whether this try was right.

    Returns:
        str, a sentence for the learner, or None.
    """

    def change(data):
        entry = data["exercises"].setdefault(exercise, {})
        entry["tries"] = entry.get("tries", 0) + 1
        entry["solved"] = bool(entry.get("solved") or solved)

    return update(change)


def hinted(exercise, step):
    """Note that hints up to `step` (1 to 3) were seen; return a sentence for the learner, or None."""

    def change(data):
        entry = data["exercises"].setdefault(exercise, {})
        entry["hints"] = max(step, entry.get("hints", 0))

    return update(change)


def seen_hints(exercise):
    """Return how many hints of an exercise were seen, 0 to 3."""
    return read()[0]["exercises"].get(exercise, {}).get("hints", 0)


def predicted(prediction, answer):
    """Note a prediction; the first one stays. Return a sentence for the learner, or None.

    Args:
        prediction: str, its id, "02.p1".
        answer: float (a number) or int (place of the choice), or None for skipped.
    """

    def change(data):
        if data["predictions"].get(prediction) is None:
            data["predictions"][prediction] = answer

    return update(change)


def prediction(id):
    """Return (whether it was asked and answered or skipped, the answer or None)."""
    predictions = read()[0]["predictions"]
    return id in predictions, predictions.get(id)


def show():
    """Return the table over all exercises of all lessons; a notebook shows it."""
    data, notice = read()
    return Table(data["exercises"], notice)


def reset():
    """Start anew; what was there is kept beside the file as progress.before-reset.json. Returns the empty table."""
    kept = path().with_suffix(".before-reset.json")
    if any(read()[0][part] for part in ("exercises", "predictions")):
        save_to(kept)

    def change(data):
        data.clear()
        data.update(empty())

    notice = update(change)
    return Table({}, notice)


def save_to(file):
    """Write all progress to a file, to be loaded elsewhere with `load_from`.

    Args:
        file: str or Path.

    Raises:
        OSError: it cannot be written; what stood there is as it was.
    """
    text = json.dumps(read()[0], ensure_ascii=False, indent=1)
    try:
        replace(Path(file), text + "\n")
    except OSError as error:
        raise OSError(message("progress.not_exported", path=file, reason=error.strerror or error)) from error


def load_from(file):
    """Add the progress of a file made by `save_to` to this one; nothing solved here is lost. Returns the table.

    Raises:
        ValueError: the file holds something else.
    """
    try:
        other = json.loads(Path(file).read_text(encoding="utf-8"))
    except ValueError:
        other = None
    if not is_progress(other):
        raise ValueError(message("progress.not_a_progress_file", file=file))

    def change(data):
        data.update(merged(data, other))

    update(change)
    return show()
