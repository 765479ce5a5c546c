"""One file of a graph, its kind chosen by the suffix: whole or not at all.

`target(path)` checks a path before anything is run; `save(file, record, svg)` writes it.
"""

import contextlib
import json
import os
import uuid
from pathlib import Path

from seeing_gradients.language import message

from .graphviz import dot
from .mermaid import mermaid
from .plain import as_dict
from .raster import png

_KINDS = {
    ".svg": lambda record, svg: svg,
    ".png": lambda record, svg: png(svg),
    ".mmd": lambda record, svg: mermaid(record),
    ".dot": lambda record, svg: dot(record),
    ".json": lambda record, svg: json.dumps(as_dict(record), ensure_ascii=False, allow_nan=False, indent=1) + "\n",
}


def target(path):
    """Return the file that a path names.

    Args:
        path: str or Path; "~" is the home folder, upper case in the suffix does not matter.

    Returns:
        Path; of what it points to where it is a symbolic link.

    Raises:
        TypeError: path is neither str nor Path.
        ValueError: its suffix is not .svg, .png, .mmd, .dot or .json.
        FileNotFoundError: its folder does not exist.
    """
    if not isinstance(path, str | Path):
        raise TypeError(message("export.not_a_path", received=type(path).__name__))
    file = Path(os.path.realpath(os.path.expanduser(path)))
    if file.suffix.lower() not in _KINDS:
        raise ValueError(message("export.unknown_suffix", received=str(path), allowed=", ".join(_KINDS)))
    if not file.parent.is_dir():
        raise FileNotFoundError(message("export.no_folder", folder=file.parent))
    return file


def save(file, record, svg):
    """Write a graph to a file, as what its suffix says; a file that is there already is replaced.

    Args:
        file: Path, from `target`.
        record: Record.
        svg: str, its picture.

    Raises:
        OSError: the file cannot be written; nothing of it is left.
        ModuleNotFoundError, ValueError: as `png`.
    """
    content = _KINDS[file.suffix.lower()](record, svg)
    # JSON reads "\ud800"; in the other texts `clean` has left no half surrogate
    _replace(file, content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace"))


def _replace(file, content):
    """Write beside the file, then swap: what fails half-way leaves the old file as it was."""
    part = file.with_name(f".{uuid.uuid4().hex}.part")
    try:
        if file.exists():
            file.open("r+b").close()  # the swap below would replace a read-only file, too
        with open(part, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, file)
    except OSError as error:
        reason = error.strerror or error
        raise type(error)(message("export.not_written", path=file, reason=reason)) from error
    finally:
        with contextlib.suppress(OSError):  # gone already, or never there
            part.unlink()
