"""The file behind `progress`: JSON, replaced as a whole under a lock, so that neither a crash nor a second kernel spoils it.

`update(change)` applies a function to the data and writes it; what cannot be written stays in memory and goes along with
the next update that succeeds. `read()` gives the data and, where something is wrong, a sentence.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

from seeing_gradients.language import message

LOCK_SECONDS = 3.0
_REPLACE_TRIES = 20  # Windows refuses to replace a file that another process has open for reading
_unwritten = {}  # path -> changes that could not be written yet
_busy = threading.RLock()


def path():
    """Return the Path of the progress file: $SEEING_GRADIENTS_PROGRESS, or progress.json in the user's data folder."""
    chosen = os.environ.get("SEEING_GRADIENTS_PROGRESS")
    return Path(chosen).expanduser() if chosen else _data_folder() / "seeing-gradients" / "progress.json"


def empty():
    """Return the data of a learner who has done nothing yet."""
    return {"version": 1, "exercises": {}, "predictions": {}}


def read():
    """Return (data, sentence or None): the file, and on top of it what could not be written yet."""
    file = path()
    try:
        data, notice = _load(file)
    except OSError as error:
        data, notice = empty(), message("progress.not_read", path=file, reason=error.strerror or error)
    with _busy:
        for change in _unwritten.get(file, ()):
            change(data)
    return data, notice


def update(change):
    """Apply `change` to the data and write it; return a sentence for the learner if something went wrong, else None.

    Args:
        change: function of the data (dict), which it alters in place.
    """
    from filelock import FileLock, Timeout

    file = path()
    with _busy:
        changes = _unwritten.setdefault(file, [])
        changes.append(change)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{file}.lock", timeout=LOCK_SECONDS):
                notice = _rewrite(file, changes)
        except Timeout:
            return message("progress.locked", path=file)
        except (OSError, NotImplementedError) as error:
            return message("progress.not_saved", path=file, reason=getattr(error, "strerror", None) or error)
        changes.clear()
    return notice


def is_progress(data):
    """Return whether something read from JSON has the form of our data."""
    if not isinstance(data, dict) or not all(isinstance(data.get(part), dict) for part in ("exercises", "predictions")):
        return False
    return all(_is_entry(entry) for entry in data["exercises"].values())


def merged(data, other):
    """Return the data of two files together: solved in one is solved, the larger counts stay."""
    exercises = {}
    for id in {**data["exercises"], **other["exercises"]}:
        entries = [part["exercises"].get(id, {}) for part in (data, other)]
        exercises[id] = {key: max(entry.get(key, 0) for entry in entries) for key in ("tries", "hints")}
        exercises[id]["solved"] = any(entry.get("solved", False) for entry in entries)
    return {**data, "exercises": exercises, "predictions": {**other["predictions"], **data["predictions"]}}


def _is_entry(entry):
    counts = [entry.get(key, 0) for key in ("tries", "hints")] if isinstance(entry, dict) else [None]
    return all(isinstance(count, int) for count in counts)


def _data_folder():
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def _load(file):
    """The data of the file, and a sentence where the file is damaged."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return empty(), None
    except ValueError:
        data = None
    if is_progress(data):
        return data, None
    return empty(), message("progress.damaged", path=file)


def _rewrite(file, changes):
    """Read, change and replace the file; the lock is held. A damaged file is first put aside."""
    data, notice = _load(file)
    if notice is not None:
        aside = _free_name(file)
        os.replace(file, aside)  # fails, and leaves everything as it is, where the file is not ours to move
        notice = message("progress.put_aside", path=file, aside=aside.name)
    for change in changes:
        change(data)
    replace(file, json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    return notice


def _free_name(file):
    names = (file.with_name(f"{file.stem}.damaged-{n}{file.suffix}") for n in range(1, 1_000_000))
    return next(name for name in names if not name.exists())


def replace(file, text):
    """Write all of it beside the file, then swap: a reader or a crash sees the old file or the new one, never half.

    Raises:
        OSError: the disk is full, say; the file is as it was.
    """
    temporary = file.with_name(f"{file.name}.new")
    try:
        with open(temporary, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    for remaining in reversed(range(_REPLACE_TRIES)):
        try:
            return os.replace(temporary, file)
        except PermissionError:
            if not remaining or os.name != "nt":
                raise
            time.sleep(0.02)
