"""Read the answers of a submission: only the answer cells, by their id. Nothing else in the file is trusted.

`collect(folder, student, assignment)` returns a `Submission` for any content of the folder. A damaged notebook is
repaired if it can be read in only one way; a `Fault` says so. If there are two ways, the answer is left out, and the
`Fault` names it. No link is followed, nothing is unpacked to disk, and no code of a submission is parsed or run.
"""

import ast
import errno
import hashlib
import io
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO, Any

from seeing_gradients.language import message

from . import sanitize
from .course import Assignment, Task

MAX_FILE = 32 * 2**20  # bytes; a notebook of the course with all its pictures takes less than 2 MB
MAX_ANSWER = 100_000  # characters; the longest worked solution of the course has 3,000
TIME_FILE = "timestamp.txt"  # when a submission was handed in, as nbgrader's exchange writes it
LATE_FILE = "late.txt"  # beside a submission that its platform marks as late, without a time
REPAIRED = frozenset({"renamed", "unpacked", "encoding", "lost_id", "copies", "cell_type", "characters"})
MAX_FILES = 1_000
_MAX_CELLS = 5_000
_MAX_LINE = 500
_MAX_SEARCHED = 1_000_000  # characters of code in which an answer without its id is looked for; lessons have 30,000

Repair = tuple[str, dict[str, Any]]  # (kind of the Fault, fields of its message)


@dataclass(frozen=True)
class Fault:
    """A difference between a file and the notebook that was released.

    Attributes:
        kind: str, "duplicate", "malformed", ...: the end of the key of its message, classroom.fault_<kind>.
        text: str, the message in the language that was in use.
        grade_id: str, the answer concerned, or None for the whole file.
    """

    kind: str
    text: str
    grade_id: str | None = None

    @property
    def repaired(self) -> bool:
        """bool, whether the answer could be read nevertheless."""
        return self.kind in REPAIRED


@dataclass(frozen=True)
class HandInTime:
    """When something was handed in.

    Attributes:
        time: datetime in UTC; None if nothing tells.
        late: bool, whether the platform that it came from marks it as late.
    """

    time: datetime | None = None
    late: bool = False


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one assignment.

    Attributes:
        student: str, the folder's name as `sanitize.key` writes it.
        assignment: str, the name of the assignment.
        path: str, the file that was read, or the folder if none could be read.
        digest: str, SHA-256 of the answers, their tasks and the faults, in hexadecimal digits.
        answers: dict from grade_id to the source of the answer, or None if there is no answer.
        faults: tuple of Fault.
        handed_in: HandInTime.
    """

    student: str
    assignment: str
    path: str
    digest: str
    answers: dict[str, str | None]
    faults: tuple[Fault, ...] = ()
    handed_in: HandInTime = HandInTime()


@dataclass(frozen=True)
class NotebookFile:
    """The bytes of a notebook.

    Attributes:
        path: str, the file; in a zip file, archive/member.
        data: bytes.
        repairs: tuple of Repair.
    """

    path: str
    data: bytes
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook.

    Attributes:
        kind: str, the cell's type in the file, "code", "markdown", ...; "" if it has none.
        source: str, or None if the source in the file is not text.
        grade_id: str, nbgrader's id of the cell; "" if it has none.
    """

    kind: str
    source: str | None
    grade_id: str


class UnreadableError(Exception):
    """The folder holds no notebook that can be read.

    Attributes:
        kind: str, the kind of the Fault.
        fields: dict, the fields of its message.
    """

    def __init__(self, kind: str, **fields: object) -> None:
        super().__init__(kind)
        self.kind, self.fields = kind, fields


def collect(folder: Path, student: str, assignment: Assignment, max_bytes: int = MAX_FILE) -> Submission:
    """Read the submission in a folder. Whatever the folder contains, this does not raise.

    Args:
        folder: Path, submitted/<student>/<assignment>.
        student: str, the name of the student's folder.
        assignment: Assignment, from the trusted classroom.json.
        max_bytes: int, the size of the largest notebook that is read.

    Returns:
        Submission; its faults say what is wrong with it.
    """
    path, faults = str(folder), []
    answers: dict[str, str | None] = {task.grade_id: None for task in assignment.tasks}
    try:
        file = read_notebook(folder, assignment.notebook, max_bytes)
        path = file.path
        cells, repairs = read_cells(file.data)
        faults += [_fault(kind, **fields) for kind, fields in (*file.repairs, *repairs)]
        for task in assignment.tasks:
            answers[task.grade_id], kinds = _read_answer(task, cells, tuple(answers))
            faults += [_fault(kind, task.grade_id, exercise=task.exercise) for kind in kinds]
    except UnreadableError as error:
        faults.append(_fault(error.kind, **error.fields))
    digest = _digest(assignment, answers, faults)
    names = sanitize.key(student), assignment.name, sanitize.clean(path)
    return Submission(*names, digest, answers, tuple(faults), read_time(folder))


def read_time(folder: Path) -> HandInTime:
    """Return when the submission in a folder was handed in, as far as files beside it tell; without a zone it is UTC."""
    try:
        if folder.is_symlink() or folder.parent.is_symlink():
            return HandInTime()
        late = (folder / LATE_FILE).is_file()
    except OSError:  # the folder cannot be entered, and a fault says so
        return HandInTime()
    try:
        text = read_bytes(folder / TIME_FILE, 4_096).decode("utf-8", "replace").strip()
        time = datetime.fromisoformat(re.sub(r"\s*(UTC|Z)$", "+00:00", text))
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (UnreadableError, ValueError, OverflowError):
        return HandInTime(None, late)
    return HandInTime(time, late)


def unread(folder: Path, student: str, assignment: Assignment, kind: str, **fields: object) -> Submission:
    """Return the Submission of a folder that cannot be read, without answers.

    Args:
        folder: Path.
        student: str, the name of the student's folder.
        assignment: Assignment.
        kind: str, of the Fault that says why.
        fields: of its message.
    """
    answers: dict[str, str | None] = {task.grade_id: None for task in assignment.tasks}
    faults = [_fault(kind, **fields)]
    digest = _digest(assignment, answers, faults)
    path = sanitize.clean(str(folder))
    return Submission(sanitize.key(student), assignment.name, path, digest, answers, tuple(faults))


def _read_answer(task: Task, cells: list[Cell], grade_ids: Sequence[str]) -> tuple[str | None, list[str]]:
    """(source or None, kinds of faults) for one task, as a text that can be run and stored as UTF-8."""
    source, kinds = match_answer(task, cells, grade_ids)
    if source is not None and len(source) > MAX_ANSWER:
        return None, [*kinds, "long_answer"]
    if source is not None and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in source):
        valid = source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return valid.replace("\0", "\N{REPLACEMENT CHARACTER}"), [*kinds, "characters"]
    return source, kinds


def _fault(kind: str, grade_id: str | None = None, /, **fields: object) -> Fault:
    return Fault(kind, message(f"classroom.fault_{kind}", **fields), grade_id)


def _digest(assignment: Assignment, answers: dict[str, str | None], faults: list[Fault]) -> str:
    tasks = [(t.grade_id, t.exercise, t.prelude, t.stub, t.expression, t.personal) for t in assignment.tasks]
    content = [assignment.name, assignment.lang, tasks, sorted(answers.items()), [(f.kind, f.grade_id) for f in faults]]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


# Files: read the bytes of a notebook from its folder or from a zip file


def read_notebook(folder: Path, name: str, max_bytes: int = MAX_FILE) -> NotebookFile:
    """Read the notebook with this name; without it the only notebook in the folder, or in its only zip file.

    Args:
        folder: Path, submitted/<student>/<assignment>.
        name: str, the file name of the released notebook.
        max_bytes: int, the size of the largest file that is read.

    Returns:
        NotebookFile.

    Raises:
        UnreadableError: there is no notebook or more than one, or it is a link, not a regular file, or too large.
    """
    try:
        is_link = folder.is_symlink() or folder.parent.is_symlink()
    except OSError as error:  # the student's folder may be listed but not entered
        raise UnreadableError("not_read", file=sanitize.name(folder.name), reason=_reason(error)) from None
    if is_link:
        raise UnreadableError("link", file=sanitize.name(folder.name))
    names = _list_folder(folder)
    if name in names:
        return NotebookFile(str(folder / name), read_bytes(folder / name, max_bytes))
    notebooks = [other for other in names if other.lower().endswith(".ipynb")]
    archives = [other for other in names if other.lower().endswith(".zip")]
    if len(notebooks) == 1:
        repair = ("renamed", {"file": sanitize.name(notebooks[0]), "name": name})
        return NotebookFile(str(folder / notebooks[0]), read_bytes(folder / notebooks[0], max_bytes), (repair,))
    if notebooks or len(archives) > 1:
        raise UnreadableError("several_files", name=name, count=len(notebooks or archives))
    if archives:
        return _read_zip(folder / archives[0], name, max_bytes)
    raise UnreadableError("no_file", name=name)


def read_bytes(path: Path, max_bytes: int) -> bytes:
    """Return the content of a regular file.

    Args:
        path: Path.
        max_bytes: int, the size of the largest file that is read.

    Raises:
        UnreadableError: it is a link, not a regular file, has a second name (a hard link), is too large, or cannot be
            read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        kind = "link" if error.errno == errno.ELOOP or os.path.islink(path) else "not_read"
        raise UnreadableError(kind, file=sanitize.name(path.name), reason=_reason(error)) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise UnreadableError("not_a_file", file=sanitize.name(path.name))
        if status.st_nlink > 1:  # it may be a file of somebody else
            raise UnreadableError("hard_link", file=sanitize.name(path.name))
        if status.st_size > max_bytes:
            raise UnreadableError("too_large", file=sanitize.name(path.name), megabytes=max_bytes // 2**20)
        with open(handle, "rb", closefd=False) as file:
            return _read_bounded(file, max_bytes, path.name)
    except OSError as error:
        raise UnreadableError("not_read", file=sanitize.name(path.name), reason=_reason(error)) from None
    finally:
        os.close(handle)


def _list_folder(folder: Path) -> list[str]:
    names = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                names.append(entry.name)
                if len(names) > MAX_FILES:
                    raise UnreadableError("many_files", count=MAX_FILES)
    except OSError as error:
        raise UnreadableError("not_read", file=sanitize.name(folder.name), reason=_reason(error)) from None
    return sorted(name for name in names if not name.startswith("."))


def _read_bounded(file: IO[bytes], max_bytes: int, name: str) -> bytes:
    data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise UnreadableError("too_large", file=sanitize.name(name), megabytes=max_bytes // 2**20)
    return data


def _read_zip(path: Path, name: str, max_bytes: int) -> NotebookFile:
    archive_name = sanitize.name(path.name)
    data = read_bytes(path, max_bytes)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            member = _zip_member(archive, name, archive_name)
            with archive.open(member) as file:
                unpacked = _read_bounded(file, max_bytes, member.filename)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnreadableError("bad_zip", file=archive_name, reason=sanitize.name(type(error).__name__)) from None
    member_name = sanitize.name(member.filename)
    return NotebookFile(f"{path}/{member_name}", unpacked, (("unpacked", {"file": archive_name, "name": member_name}),))


def _zip_member(archive: zipfile.ZipFile, name: str, archive_name: str) -> zipfile.ZipInfo:
    """The entry of the notebook in an archive; an archive with an unsafe entry is rejected as a whole."""
    members = archive.infolist()
    if len(members) > MAX_FILES:
        raise UnreadableError("many_files", count=MAX_FILES)
    for member in members:
        if _is_unsafe(member):
            raise UnreadableError("zip_tricks", file=archive_name, name=sanitize.name(member.filename))
    notebooks = [m for m in members if m.filename.lower().endswith(".ipynb") and not _is_system_file(m.filename)]
    named = [member for member in notebooks if member.filename.rsplit("/", 1)[-1] == name]
    candidates = named or notebooks
    if len(candidates) != 1:
        raise UnreadableError("several_files" if candidates else "no_file", name=name, count=len(candidates))
    return candidates[0]


def _is_unsafe(member: zipfile.ZipInfo) -> bool:
    """Whether an entry points outside the archive, is a link, or has a name that `sanitize.key` escapes."""
    parts = member.filename.replace("\\", "/").split("/")
    plain_name = member.filename.replace("/", "")
    points_outside = ".." in parts or not parts[0] or ":" in parts[0]
    return points_outside or stat.S_ISLNK(member.external_attr >> 16) or sanitize.key(plain_name) != plain_name


def _is_system_file(name: str) -> bool:
    """Whether macOS or Jupyter, not the student, added a file to the archive."""
    return name.startswith("__MACOSX/") or ".ipynb_checkpoints/" in name


def _reason(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else type(error).__name__


# Cells: turn JSON of any shape into a list of plain cells


def read_cells(data: bytes) -> tuple[list[Cell], tuple[Repair, ...]]:
    """Read the cells of a notebook file of nbformat 3 or 4.

    Only ids, kinds and sources are read; outputs, checksums, points and all other metadata are ignored.

    Args:
        data: bytes, UTF-8 with or without a byte order mark, UTF-16 or UTF-32.

    Returns:
        (list of Cell, tuple of Repair).

    Raises:
        UnreadableError: it is not JSON, JSON without cells, or has too many cells.
    """
    text, repairs = _decode(data)
    try:
        notebook = json.loads(text)
    except RecursionError:
        raise UnreadableError("nested") from None
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise UnreadableError("malformed", line=line) from None
    items = _cell_items(notebook)
    if items is None:
        raise UnreadableError("no_cells")
    if len(items) > _MAX_CELLS:
        raise UnreadableError("many_cells", count=_MAX_CELLS)
    return [_cell(item) for item in items if isinstance(item, dict)], repairs


def _decode(data: bytes) -> tuple[str, tuple[Repair, ...]]:
    """(text, repairs); bytes that are invalid in the encoding become U+FFFD."""
    encoding, repairs = json.detect_encoding(data), ()
    try:
        text = data.decode(encoding)
        if not encoding.startswith("utf-8"):
            repairs = (("encoding", {"encoding": encoding.upper()}),)
    except UnicodeDecodeError:
        text, repairs = data.decode("utf-8", "replace"), (("encoding", {"encoding": "?"}),)
    return text.removeprefix("\ufeff"), repairs


def _cell_items(notebook: object) -> list[Any] | None:
    """The cells of a notebook of format 4, or of format 3, with its worksheets; None if there are none."""
    if not isinstance(notebook, dict):
        return None
    if isinstance(notebook.get("cells"), list):
        return notebook["cells"]
    sheets = notebook.get("worksheets")
    if not isinstance(sheets, list):
        return None
    lists = [sheet["cells"] for sheet in sheets if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)]
    return [cell for cells in lists for cell in cells] if lists else None


def _cell(item: dict[str, Any]) -> Cell:
    kind, metadata = item.get("cell_type"), item.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return Cell(
        kind=kind if isinstance(kind, str) else "",
        source=_source(item.get("source", item.get("input"))),
        grade_id=grade_id if isinstance(grade_id, str) else "",
    )


def _source(value: object) -> str | None:
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    return re.sub(r"\r\n?", "\n", value) if isinstance(value, str) else None


# Answers: find the cell that answers a task, by its id; where ids were lost or copied, only if one cell is possible


def match_answer(task: Task, cells: list[Cell], grade_ids: Sequence[str] = ()) -> tuple[str | None, list[str]]:
    """Find the answer to one task.

    Args:
        task: Task, of which grade_id and stub are used.
        cells: list of Cell, of the whole notebook.
        grade_ids: sequence of str, the ids of all tasks of the assignment.

    Returns:
        (source, kinds): str, or None if no answer was found; list of str, kinds of faults.
    """
    named = [cell for cell in cells if cell.grade_id == task.grade_id]
    if not named:
        return _match_without_id(task, cells, grade_ids)
    readable = [cell for cell in named if cell.source is not None]
    if not readable:
        return None, ["no_text"]
    kinds = ["copies"] if len(named) > 1 else []
    chosen = _single_answer(task, readable)
    if chosen is None or chosen.source is None:
        return None, ["duplicate"]
    if chosen.kind != "code":
        if not defines(chosen.source, task.stub):
            return None, ["not_code"]
        kinds.append("cell_type")
    return chosen.source, kinds


def defines(source: str, stub: str) -> bool:
    """Return whether the source defines every name that the stub defines, judged by the beginnings of its lines.

    The source is not parsed, since it is not trusted.

    Args:
        source: str, any text.
        stub: str, trusted code; without a name that it defines, the result is False.
    """
    names = stub_names(stub)
    lines = [line[:_MAX_LINE] for line in source.split("\n") if line[:1].strip()]
    return bool(names) and all(any(name in line and _defines(line, name) for line in lines) for name in names)


@cache
def stub_names(stub: str) -> tuple[str, ...]:
    """Return the names that a stub (trusted code) defines at its top level."""
    names = []
    for node in ast.parse(stub).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        names += [part.id for target in targets if target for part in ast.walk(target) if isinstance(part, ast.Name)]
    return tuple(dict.fromkeys(names))


def _defines(line: str, name: str) -> bool:
    """Whether a line begins the definition of `name`, or an assignment to it."""
    if re.match(rf"(?:async\s+def|def|class)\s+{name}\b", line):
        return True
    left, equals, right = line.partition("=")
    if not equals or right.startswith("=") or not re.fullmatch(r"[\w\s,()\[\]*]+(?::[^=]*)?", left):
        return False
    return re.search(rf"(?<!\w){name}\b", left.partition(":")[0]) is not None


def _single_answer(task: Task, cells: list[Cell]) -> Cell | None:
    """The only cell with an answer among several candidates, or None if their answers differ.

    Empty cells and unsolved stubs do not count; if there are no others, the first cell is returned.
    """
    sources = [(_normalized(cell.source or ""), cell) for cell in cells]
    answers = {source: cell for source, cell in sources if source not in ("", _normalized(task.stub))}
    if len(answers) > 1:
        return None
    return next(iter(answers.values()), cells[0])


def _match_without_id(task: Task, cells: list[Cell], grade_ids: Sequence[str]) -> tuple[str | None, list[str]]:
    """Find an answer whose id was lost: a code cell with no id of the assignment that defines the stub's names."""
    candidates = [cell for cell in cells if cell.source and cell.grade_id not in grade_ids and cell.kind == "code"]
    if sum(len(cell.source or "") for cell in candidates) > _MAX_SEARCHED:
        return None, ["much_code"]
    candidates = [cell for cell in candidates if defines(cell.source or "", task.stub)]
    if not candidates:
        return None, ["missing"]
    chosen = _single_answer(task, candidates)
    if chosen is None or len(candidates) > 1:
        return None, ["ambiguous"]
    return chosen.source, ["lost_id"]


def _normalized(source: str) -> str:
    """The source without blank lines around it and without spaces at the ends of lines."""
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))
