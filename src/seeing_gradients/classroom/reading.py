"""Gets the bytes of a handed-in notebook: from its folder or from a zip file, bounded, and never by way of a link.

`read_notebook(folder, name)` returns the bytes; whatever is in the way is an `Unreadable` with a kind, never another
error. Nothing is unpacked to the disk: the members of a zip file are read in memory, and only as far as the limit.
"""

import errno
import io
import os
import stat
import zipfile
import zlib
from dataclasses import dataclass

from . import cleaning

LARGEST = 32 * 2**20  # bytes; a notebook of the course with all its pictures has less than 2 MB
_MOST_FILES = 1_000


class Unreadable(Exception):
    """No notebook can be had; `kind` names why, `fields` fill in the sentence."""

    def __init__(self, kind, **fields):
        super().__init__(kind)
        self.kind, self.fields = kind, fields


@dataclass(frozen=True)
class Found:
    """A notebook's bytes.

    Attributes:
        path: str, the file, for a zip file followed by the member.
        data: bytes.
        remarks: tuple of (kind, fields), what was repaired to find it.
    """

    path: str
    data: bytes
    remarks: tuple = ()


def read_notebook(folder, name, largest=LARGEST):
    """Return the notebook of this name that was handed in in a folder, or the only one that can be meant.

    Args:
        folder: Path, submitted/<student>/<assignment>.
        name: str, the notebook's file name as it was released.
        largest: int, bytes that are read at most.

    Raises:
        Unreadable: there is none, or more than one, or it is no ordinary file, or too large.
    """
    if folder.is_symlink() or folder.parent.is_symlink():
        raise Unreadable("link", file=cleaning.name(folder.name))
    names = _listed(folder)
    if name in names:
        return Found(str(folder / name), read_bytes(folder / name, largest))
    notebooks = [other for other in names if other.lower().endswith(".ipynb")]
    archives = [other for other in names if other.lower().endswith(".zip")]
    if len(notebooks) == 1:
        remark = ("renamed", {"file": cleaning.name(notebooks[0]), "name": name})
        return Found(str(folder / notebooks[0]), read_bytes(folder / notebooks[0], largest), (remark,))
    if notebooks or len(archives) > 1:
        raise Unreadable("several_files", name=name, count=len(notebooks or archives))
    if archives:
        return _from_zip(folder / archives[0], name, largest)
    raise Unreadable("no_file", name=name)


def read_bytes(path, largest):
    """Return what an ordinary file holds.

    Args:
        path: Path.
        largest: int, bytes.

    Raises:
        Unreadable: it is a link, no ordinary file, or too large.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        kind = "link" if error.errno == errno.ELOOP or path.is_symlink() else "not_read"
        raise Unreadable(kind, file=cleaning.name(path.name), reason=_reason(error)) from None
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise Unreadable("not_a_file", file=cleaning.name(path.name))
        if facts.st_size > largest:
            raise Unreadable("too_large", file=cleaning.name(path.name), megabytes=largest // 2**20)
        with open(handle, "rb", closefd=False) as file:
            return _bounded(file, largest, path.name)
    except OSError as error:
        raise Unreadable("not_read", file=cleaning.name(path.name), reason=_reason(error)) from None
    finally:
        os.close(handle)


def _listed(folder):
    names = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                names.append(entry.name)
                if len(names) > _MOST_FILES:
                    raise Unreadable("many_files", count=_MOST_FILES)
    except OSError as error:
        raise Unreadable("not_read", file=cleaning.name(folder.name), reason=_reason(error)) from None
    return sorted(name for name in names if not name.startswith("."))


def _bounded(file, largest, name):
    data = file.read(largest + 1)
    if len(data) > largest:
        raise Unreadable("too_large", file=cleaning.name(name), megabytes=largest // 2**20)
    return data


def _from_zip(path, name, largest):
    shown = cleaning.name(path.name)
    data = read_bytes(path, largest)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member = _member(archive, name, shown)
            with archive.open(member) as file:
                unpacked = _bounded(file, largest, member.filename)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Unreadable("bad_zip", file=shown, reason=cleaning.name(type(error).__name__)) from None
    remark = ("unpacked", {"file": shown, "name": cleaning.name(member.filename)})
    return Found(f"{path}/{cleaning.name(member.filename)}", unpacked, (remark,))


def _member(archive, name, shown):
    """The notebook in an archive; one odd name in it, and none of it is trusted."""
    members = archive.infolist()
    if len(members) > _MOST_FILES:
        raise Unreadable("many_files", count=_MOST_FILES)
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        odd = ".." in parts or not parts[0] or ":" in parts[0] or stat.S_ISLNK(member.external_attr >> 16)
        if odd or cleaning.key(member.filename.replace("/", "")) != member.filename.replace("/", ""):
            raise Unreadable("zip_tricks", file=shown, name=cleaning.name(member.filename))
    notebooks = [m for m in members if m.filename.lower().endswith(".ipynb") and not _is_rubbish(m.filename)]
    named = [member for member in notebooks if member.filename.rsplit("/", 1)[-1] == name]
    found = named or notebooks
    if len(found) != 1:
        raise Unreadable("several_files" if found else "no_file", name=name, count=len(found))
    return found[0]


def _is_rubbish(name):
    """What macOS and Jupyter put beside the files that were meant."""
    return name.startswith("__MACOSX/") or ".ipynb_checkpoints/" in name


def _reason(error):
    return os.strerror(error.errno) if error.errno else type(error).__name__
