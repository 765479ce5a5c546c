"""The learner's progress: what was tried, solved and predicted, in one small local file.

`show()` returns a table of all lessons; `reset()` starts again; `save_to(file)` and `load_from(file)` move the progress
to another machine. `path()` returns the path of the file: the environment variable SEEING_GRADIENTS_PROGRESS, or a file
in the user's data folder, which survives a new copy of the course. Exercises record through `tried`, `hinted` and
`predicted`. These return a sentence for the learner if the file was damaged or could not be written, else None.

The file is JSON. It is replaced as a whole under a lock, so neither a crash nor a second kernel can damage it. A change
that cannot be written stays in memory until the next update that succeeds.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, TypedDict, TypeGuard, cast

from seeing_gradients.language import current, message, names

__all__ = [
    "entries",
    "hinted",
    "load_from",
    "path",
    "predicted",
    "prediction",
    "reset",
    "save_to",
    "seen_hints",
    "show",
    "tried",
]

LOCK_SECONDS = 3.0
_REPLACE_TRIES = 20  # Windows refuses to replace a file that another process has open for reading
_TEXT_CELL = "padding:2px 10px;text-align:left"
_NUMBER_CELL = "padding:2px 10px;text-align:right;font-variant-numeric:tabular-nums"


class Entry(TypedDict, total=False):
    """The progress of one exercise.

    Keys:
        tries: number of answers that were checked.
        hints: number of hints seen, 0 to 3.
        solved: whether one of the answers was right.
    """

    tries: int
    hints: int
    solved: bool


class Data(TypedDict):
    """The content of the file.

    Keys:
        version: of the file format, 1.
        exercises: id -> Entry.
        predictions: id -> the number or the index of the choice, or None if it was skipped.
    """

    version: int
    exercises: dict[str, Entry]
    predictions: dict[str, float | None]


_Change = Callable[[Data], None]
_unwritten: dict[Path, list[_Change]] = {}  # changes that could not be written yet
_process_lock = threading.RLock()


def tried(exercise: str, solved: bool) -> str | None:
    """Record one attempt at an exercise.

    Args:
        exercise: str, its id, "02.1".
        solved: bool, whether this answer was right.

    Returns:
        str, a sentence for the learner if the file was damaged or could not be written; else None.
    """

    def change(data: Data) -> None:
        entry = data["exercises"].setdefault(exercise, {})
        entry["tries"] = entry.get("tries", 0) + 1
        entry["solved"] = bool(entry.get("solved") or solved)

    return update(change)


def hinted(exercise: str, step: int) -> str | None:
    """Record that the hints up to a step were seen.

    Args:
        exercise: str, its id, "02.1".
        step: int, 1 to 3.

    Returns:
        as for `tried`.
    """

    def change(data: Data) -> None:
        entry = data["exercises"].setdefault(exercise, {})
        entry["hints"] = max(step, entry.get("hints", 0))

    return update(change)


def entries() -> dict[str, Entry]:
    """Return the Entry of each exercise that was tried, or of which a hint was seen; the keys are ids, "02.1"."""
    return read()[0]["exercises"]


def seen_hints(exercise: str) -> int:
    """Return how many hints of an exercise, "02.1", were seen: 0 to 3."""
    return read()[0]["exercises"].get(exercise, {}).get("hints", 0)


def predicted(prediction: str, answer: float | None) -> str | None:
    """Record a prediction; one that was recorded before stays, unless it was skipped.

    Args:
        prediction: str, its id, "02.p1".
        answer: float (a number) or int (the index of a choice); None if it was skipped.

    Returns:
        as for `tried`.
    """

    def change(data: Data) -> None:
        if data["predictions"].get(prediction) is None:
            data["predictions"][prediction] = answer

    return update(change)


def prediction(id: str) -> tuple[bool, float | None]:
    """Return (bool, float or None): whether a prediction, "02.p1", was recorded or skipped, and the recorded answer."""
    predictions = read()[0]["predictions"]
    return id in predictions, predictions.get(id)


def show() -> "Table":
    """Return the table of all exercises of all lessons; a notebook shows it as HTML."""
    data, notice = read()
    return Table(data["exercises"], notice)


def reset() -> "Table":
    """Delete the progress and return the empty table; the old progress is saved beside the file.

    Beside "progress.json" it is saved as "progress.before-reset.json".

    Raises:
        OSError: the old progress could not be saved; then nothing is deleted.
    """
    data = read()[0]
    if data["exercises"] or data["predictions"]:
        save_to(path().with_suffix(".before-reset.json"))

    def change(data: Data) -> None:
        cast("dict[str, Any]", data).clear()
        data.update(empty())

    notice = update(change)
    return Table({}, notice)


def save_to(file: str | Path) -> None:
    """Write all progress to a file, for `load_from` on another machine.

    Args:
        file: str or Path; an existing file is replaced.

    Raises:
        OSError: the file cannot be written; an existing one is unchanged.
    """
    text = json.dumps(read()[0], ensure_ascii=False, indent=1)
    try:
        replace(Path(file), text + "\n")
    except OSError as error:
        raise OSError(message("progress.not_exported", path=file, reason=error.strerror or error)) from error


def load_from(file: str | Path) -> "Table":
    """Merge the progress of a file into this learner's progress, and return the table.

    Args:
        file: str or Path, written by `save_to`.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file holds something else.
    """
    try:
        other = json.loads(Path(file).read_text(encoding="utf-8"))
    except ValueError:
        other = None
    if not is_progress(other):
        raise ValueError(message("progress.not_a_progress_file", file=file))

    def change(data: Data) -> None:
        data.update(merged(data, other))

    update(change)
    return show()


def path() -> Path:
    """Return the Path of the progress file: $SEEING_GRADIENTS_PROGRESS, or progress.json in the user's data folder."""
    chosen = os.environ.get("SEEING_GRADIENTS_PROGRESS")
    return Path(chosen).expanduser() if chosen else _data_folder() / "seeing-gradients" / "progress.json"


def empty() -> Data:
    """Return the data of a learner who has done nothing yet."""
    return {"version": 1, "exercises": {}, "predictions": {}}


def read() -> tuple[Data, str | None]:
    """Return (data, notice): the content of the file with all unwritten changes, and a sentence if it is unreadable."""
    file = path()
    try:
        data, notice = _load(file)
    except OSError as error:
        data, notice = empty(), message("progress.not_read", path=file, reason=error.strerror or error)
    with _process_lock:
        for change in _unwritten.get(file, ()):
            change(data)
    return data, notice


def update(change: _Change) -> str | None:
    """Apply a change to the data and write the file.

    Args:
        change: function (data) -> None that changes the data in place.

    Returns:
        as for `tried`.
    """
    from filelock import FileLock, Timeout

    file = path()
    with _process_lock:
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


def is_progress(data: Any) -> TypeGuard[Data]:
    """Return whether a value read from JSON has the form of Data."""
    if not isinstance(data, dict) or not all(isinstance(data.get(part), dict) for part in ("exercises", "predictions")):
        return False
    return all(_is_entry(entry) for entry in data["exercises"].values())


def merged(data: Data, other: Data) -> Data:
    """Return the merged data of two files.

    An exercise solved in either is solved; of counts the larger one stays; of two predictions that of `data` stays.
    """
    exercises: dict[str, Entry] = {}
    for id in {**data["exercises"], **other["exercises"]}:
        entries = [part["exercises"].get(id, {}) for part in (data, other)]
        tries, hints = (max(entry.get(key, 0) for entry in entries) for key in ("tries", "hints"))
        exercises[id] = {"tries": tries, "hints": hints, "solved": any(entry.get("solved") for entry in entries)}
    return {**data, "exercises": exercises, "predictions": {**other["predictions"], **data["predictions"]}}


def replace(file: Path, text: str) -> None:
    """Write a file atomically: first a new file beside the old one, then a rename, so that no reader sees half a file.

    Args:
        file: Path.
        text: the whole content.

    Raises:
        OSError: e.g. the disk is full; the old file is unchanged.
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


def _is_entry(entry: Any) -> bool:
    counts = [entry.get(key, 0) for key in ("tries", "hints")] if isinstance(entry, dict) else [None]
    return all(isinstance(count, int) for count in counts)


def _data_folder() -> Path:
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def _load(file: Path) -> tuple[Data, str | None]:
    """The data of the file; with a sentence if the file is damaged, else None."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return empty(), None
    except ValueError:
        data = None
    if is_progress(data):
        return data, None
    return empty(), message("progress.damaged", path=file)


def _rewrite(file: Path, changes: list[_Change]) -> str | None:
    """Read, change and replace the file. The caller holds the lock. A damaged file is renamed first.

    Returns:
        str, a sentence on the damaged file, or None.
    """
    data, notice = _load(file)
    if notice is not None:
        aside = _unused_name(file)
        os.replace(file, aside)  # without permission it raises here, before anything has changed
        notice = message("progress.put_aside", path=file, aside=aside.name)
    for change in changes:
        change(data)
    replace(file, json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    return notice


def _unused_name(file: Path) -> Path:
    paths = (file.with_name(f"{file.stem}.damaged-{n}{file.suffix}") for n in range(1, 1_000_000))
    return next(path for path in paths if not path.exists())


class Row(NamedTuple):
    """One exercise in the table: its id "02.1", its title, and the fields of its Entry."""

    id: str
    title: str
    solved: bool
    tries: int
    hints: int


class Table:
    """The table that `show()` returns. Text has a line for each lesson; HTML has a table for each, which can be opened.

    Attributes:
        rows: list of Row, one for each exercise.
        notice: str, a sentence on the state of the file, or None.
    """

    def __init__(self, entries: dict[str, Entry], notice: str | None = None) -> None:
        self.rows = [_row(id, entries.get(id, {})) for id in sorted(names("titles"), key=_lesson_and_number)]
        self.notice = notice

    def __repr__(self) -> str:
        lines = [f"{number}  {_count(rows)}  {_marks(rows)}" for number, rows in self._lessons()]
        return "\n".join([self._headline(), *lines, *([self.notice] if self.notice else [])])

    def _repr_html_(self) -> str:
        language = {"zh": "zh-CN"}.get(current(), current())
        notice = f"<p>{escape(self.notice)}</p>" if self.notice else ""
        lessons = "".join(_html_lesson(number, rows) for number, rows in self._lessons())
        return (
            f'<div class="sg sg-progress" lang="{language}" style="overflow-x:auto;padding-left:5px"><p>'
            f"<strong>{escape(self._headline())}</strong></p>{notice}{lessons}</div>"
        )

    def _lessons(self) -> Iterator[tuple[str, list[Row]]]:
        for number, rows in groupby(self.rows, key=lambda row: row.id.partition(".")[0]):
            yield number, list(rows)

    def _headline(self) -> str:
        return message("progress.headline", solved=sum(row.solved for row in self.rows), total=len(self.rows))


def _lesson_and_number(id: str) -> tuple[str, int]:
    lesson, _, number = id.partition(".")
    return lesson, int(number)


def _row(id: str, entry: Entry) -> Row:
    title = message(f"titles.{id}")
    return Row(id, title, bool(entry.get("solved")), int(entry.get("tries", 0)), int(entry.get("hints", 0)))


def _count(rows: list[Row]) -> str:
    """How many of the rows are solved, with a fixed width for the first number: " 3/8"."""
    return f"{sum(row.solved for row in rows):>2}/{len(rows)}"


def _marks(rows: list[Row]) -> str:
    return "".join(_mark(row.solved) for row in rows)


def _mark(solved: bool) -> str:
    return "✓" if solved else "·"


def _html_lesson(number: str, rows: list[Row]) -> str:
    """The table of one lesson; it is open at first if the lesson is begun but not finished."""
    begun = any(row.tries for row in rows) and not all(row.solved for row in rows)
    summary = escape(message("progress.lesson", lesson=number, solved=sum(row.solved for row in rows), total=len(rows)))
    columns = (("exercise", _TEXT_CELL), ("solved", _TEXT_CELL), ("tries", _NUMBER_CELL), ("hints", _NUMBER_CELL))
    head = "".join(
        f'<th scope="col" style="{style}">{escape(message(f"progress.{key}"))}</th>' for key, style in columns
    )
    body = "".join(map(_html_row, rows))
    return (
        f"<details{' open' if begun else ''}><summary>{summary} "
        f'<span aria-hidden="true" style="letter-spacing:0.2em">{_marks(rows)}</span></summary>'
        f'<table style="border-collapse:collapse"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></details>'
    )


def _html_row(row: Row) -> str:
    word = escape(message("progress.yes" if row.solved else "progress.no"))
    done = f'<span role="img" aria-label="{word}">{_mark(row.solved)}</span>'
    cells = (
        f'<th scope="row" style="{_TEXT_CELL};font-weight:normal">{row.id} {escape(row.title)}</th>'
        f'<td style="{_TEXT_CELL}">{done}</td>'
    )
    return f'<tr>{cells}<td style="{_NUMBER_CELL}">{row.tries}</td><td style="{_NUMBER_CELL}">{row.hints}</td></tr>'
