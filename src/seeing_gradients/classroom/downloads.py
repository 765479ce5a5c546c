"""The bulk downloads of Canvas, Moodle and Gradescope, as they come: a zip file, or the folder it was unpacked to.

`open_download(path)` gives a `Download`, which lists what each student handed in. How each platform names its files:

- Canvas: doejane_LATE_12345_67890_work.ipynb, that is name, LATE or nothing, user, attachment, the student's own file name
  (canvas-lms, lib/content_zipper.rb). It says who is late, and not when anything was handed in.
- Moodle: a folder "Jane Doe_12345_assignsubmission_file", or the same as the beginning of a file name
  (moodle, mod/assign/classes/downloader.php). It has no times.
- Gradescope: folders submission_12345, and submission_metadata.yml with the submitters and the time of each.

Names and contents are the students': nothing is unpacked by its name, and every file is read only as far as a notebook may go.
"""

import io
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any

from seeing_gradients.language import message

from . import sanitize
from .submissions import MAX_FILE

METADATA = "submission_metadata.yml"
_MAX_ENTRIES = 200_000
_MAX_METADATA = 256 * 2**20  # bytes; Gradescope stores the results of its own tests in it
_CANVAS = re.compile(
    r"(?:(?P<name>.*?)_)?(?:(?P<late>LATE)_)?(?P<user>\d+|anon_\w+?)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL
)
_CANVAS_TEXT = re.compile(r"(?:.*?_)?(?:LATE_)?(?:\d+|anon_\w+?)_(?:text|link)\.html")  # what was typed into a field
_MOODLE_FOLDER = re.compile(r"(?P<name>.+)_(?P<user>\d+)_assignsubmission_(?P<kind>[a-z]+)_?")
_MOODLE_FILE = re.compile(r"(?P<name>.+?)_(?P<user>\d+)_assignsubmission_(?P<kind>[a-z]+)_(?P<file>.+)", re.DOTALL)


@dataclass(frozen=True)
class DownloadedFile:
    """One file of a download, not read yet.

    Attributes:
        name: str, the student's name for it, without folders.
        read: function () -> bytes: its content, cut where it is larger than a notebook may be, or broken.
    """

    name: str
    read: Callable[[], bytes] = field(compare=False, repr=False)


@dataclass(frozen=True)
class HandIn:
    """What one student handed in, as the platform tells it.

    Attributes:
        label: str, the platform's name for it, for messages.
        ids: tuple of str by which the student may be on the roster, surest first.
        name: str, the student's name; "" if it does not tell.
        files: tuple of DownloadedFile.
        time: datetime in UTC, when it was handed in; None if the platform does not tell.
        late: bool, whether the platform marks it as late.
    """

    label: str
    ids: tuple[str, ...]
    name: str
    files: tuple[DownloadedFile, ...]
    time: datetime | None = None
    late: bool = False


@dataclass(frozen=True)
class Download:
    """A download that is open.

    Attributes:
        platform: str, "Canvas", "Moodle" or "Gradescope".
        hand_ins: tuple of HandIn.
    """

    platform: str
    hand_ins: tuple[HandIn, ...]


@dataclass(frozen=True)
class _Entry:
    path: PurePosixPath
    open: Callable[[], IO[bytes]]


@contextmanager
def open_download(path: Path) -> Iterator[Download]:
    """Open a download; its files can be read inside the with statement.

    Args:
        path: Path of a zip file or a folder.

    Raises:
        ValueError: it is none of the three platforms' downloads, or damaged.
        OSError: it cannot be read.
    """
    if path.is_dir():
        yield _download(path, [entry for entry in _folder_entries(path)])
        return
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise ValueError(message("classroom.collect_not_a_zip", file=path, error=error)) from None
    with archive:
        yield _download(path, list(_zip_entries(archive)))


def _download(path: Path, entries: list[_Entry]) -> Download:
    entries = [entry for entry in entries if not any(_is_hidden(part) for part in entry.path.parts)]
    if len(entries) > _MAX_ENTRIES:
        raise ValueError(message("classroom.collect_many_files", file=path, count=_MAX_ENTRIES))
    metadata = min((e for e in entries if e.path.name == METADATA), key=lambda e: len(e.path.parts), default=None)
    if metadata is not None:
        return Download("Gradescope", tuple(_gradescope(path, metadata, entries)))
    if any(_moodle_parts(entry.path) for entry in entries):
        return Download("Moodle", tuple(_moodle(entries)))
    if any(_CANVAS.fullmatch(e.path.name) or _CANVAS_TEXT.fullmatch(e.path.name) for e in entries):
        return Download("Canvas", tuple(_canvas(entries)))
    names = ", ".join(sanitize.name(str(entry.path)) for entry in entries[:3])
    raise ValueError(message("classroom.collect_unknown", file=path, names=names or "-"))


# Platforms


def _canvas(entries: list[_Entry]) -> Iterator[HandIn]:
    hand_ins: dict[str, HandIn] = {}
    for entry in entries:
        if (match := _CANVAS.fullmatch(entry.path.name)) is None:
            yield HandIn(sanitize.name(entry.path.name), (), "", ())
            continue
        user, name = match["user"], match["name"] or ""
        label = sanitize.name(f"{name}_{user}".lstrip("_"))
        one = hand_ins.setdefault(user, HandIn(label, (user,), name, (), late=match["late"] is not None))
        hand_ins[user] = replace(one, files=(*one.files, _file(entry, match["file"], one.files)))
    yield from hand_ins.values()


def _moodle(entries: list[_Entry]) -> Iterator[HandIn]:
    hand_ins: dict[tuple[str, str], HandIn] = {}
    for entry in entries:
        if (parts := _moodle_parts(entry.path)) is None:
            yield HandIn(sanitize.name(str(entry.path)), (), "", ())
            continue
        name, user, kind, file = parts
        one = hand_ins.setdefault((name, user), HandIn(sanitize.name(f"{name}_{user}"), (user,), name, ()))
        if kind == "file":
            hand_ins[name, user] = replace(one, files=(*one.files, _file(entry, file, one.files)))
    yield from hand_ins.values()


def _moodle_parts(path: PurePosixPath) -> tuple[str, str, str, str] | None:
    """(name, number, kind of the submission, the student's file name), or None."""
    for i, part in enumerate(path.parts[:-1]):
        if match := _MOODLE_FOLDER.fullmatch(part):
            return match["name"], match["user"], match["kind"], "/".join(path.parts[i + 1 :])
    if match := _MOODLE_FILE.fullmatch(path.name):
        return match["name"], match["user"], match["kind"], match["file"]
    return None


def _gradescope(path: Path, metadata: _Entry, entries: list[_Entry]) -> Iterator[HandIn]:
    files: dict[str, list[tuple[_Entry, str]]] = {}
    depth = len(metadata.path.parts) - 1
    for entry in entries:
        if entry is not metadata and len(entry.path.parts) > depth + 1:
            files.setdefault(entry.path.parts[depth], []).append((entry, "/".join(entry.path.parts[depth + 1 :])))
    for folder, facts in _read_metadata(path, metadata).items():
        folder, facts = str(folder), facts if isinstance(facts, dict) else {}
        own: tuple[DownloadedFile, ...] = ()
        for entry, name in files.pop(folder, []):
            own = (*own, _file(entry, name, own))
        time = facts.get(":created_at")
        submitters = facts.get(":submitters")
        for submitter in (submitters if isinstance(submitters, list) else None) or [{}]:
            submitter = submitter if isinstance(submitter, dict) else {}
            sid, email, name = (str(submitter.get(f":{key}") or "") for key in ("sid", "email", "name"))
            label = sanitize.name(f"{folder} ({name or email or sid})")
            yield HandIn(label, (sid, email), name, own, _in_utc(time))
    yield from (HandIn(sanitize.name(folder), (), "", ()) for folder in files)


def _read_metadata(path: Path, metadata: _Entry) -> dict[Any, Any]:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):
        """Ruby's own tags are read as the plain data that they stand before."""

    def plain(loader: Any, suffix: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!ruby/", plain)
    try:
        with metadata.open() as file:
            data = yaml.load(file.read(_MAX_METADATA), Loader)
    except (yaml.YAMLError, ValueError, RecursionError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(message("classroom.collect_metadata", file=path, error=sanitize.name(str(error)))) from None
    return data if isinstance(data, dict) else {}


def _in_utc(time: object) -> datetime | None:
    """A time of the metadata, which PyYAML reads as a datetime; without a zone it is UTC."""
    if not isinstance(time, datetime):
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


# Files


def _file(entry: _Entry, name: str, others: tuple[DownloadedFile, ...]) -> DownloadedFile:
    """The file with the student's own name; with its folders, if another one has that name already."""
    last = sanitize.key(name.rsplit("/", 1)[-1])
    last = f"_{last}" if last.startswith(".") else last  # else it would be hidden, and not be graded
    if any(last == other.name for other in others):
        last = sanitize.key(name.replace("/", "_"))
    while any(last == other.name for other in others):
        last = f"_{last}"
    return DownloadedFile(last, partial(_read, entry))


def _read(entry: _Entry) -> bytes:
    """The bytes of a file: one more than a notebook may have at most, and of a broken one those before the break.

    So the grader sees by itself that it is too large or broken.
    """
    data = io.BytesIO()
    try:
        with entry.open() as file:
            while data.tell() <= MAX_FILE and (part := file.read(min(1 << 20, MAX_FILE + 1 - data.tell()))):
                data.write(part)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError):
        return data.getvalue()
    return data.getvalue()


def _is_hidden(part: str) -> bool:
    return part.startswith(".") or part == "__MACOSX"


def _zip_entries(archive: zipfile.ZipFile) -> Iterator[_Entry]:
    for info in archive.infolist():
        name = info.filename
        if not info.flag_bits & 0x800:  # not marked as UTF-8, which some archivers write all the same
            try:
                name = name.encode("cp437").decode("utf-8")
            except UnicodeError:
                name = info.filename
        if not info.is_dir():
            yield _Entry(PurePosixPath(name.replace("\\", "/")), partial(archive.open, info))


def _folder_entries(folder: Path) -> Iterator[_Entry]:
    for path, _, names in os.walk(folder):  # which follows no links
        for name in sorted(names):
            file = Path(path) / name
            if not file.is_symlink() and file.is_file():
                yield _Entry(PurePosixPath(file.relative_to(folder).as_posix()), partial(file.open, "rb"))
