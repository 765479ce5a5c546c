"""A recorded graph for a report: Mermaid, DOT or JSON as text, SVG or PNG as a file.

`mermaid(r)`, `dot(r)` and `as_dict(r)` take a Record. `target(path)` checks a path before anything is run and
`save(file, record, svg)` writes it, whole or not at all; both are behind draw's `path`.
"""

import contextlib
import json
import math
import os
import re
import uuid
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import torch

from seeing_gradients.language import message
from seeing_gradients.recorder import Record, snapshot

from .graphviz import dot
from .labels import clean
from .mermaid import mermaid

__all__ = ["as_dict", "clean", "dot", "mermaid", "png", "save", "target"]

FORMAT, VERSION = "seeing-gradients record", 2
KEYS = {"saved_tensors": "kept", "edge_key": "at"}  # attribute -> its key, where the format has another name
_SHARP = 2  # pixels of a PNG for each px of the SVG
_MOST_PIXELS = 40_000_000  # 160 MB while it is painted


def as_dict(record: Record) -> dict[str, Any]:
    """Return all of a Record as plain data that `json.dumps(data, allow_nan=False)` takes.

    The keys are the attributes of Record, Node, SavedTensor, Edge and Snapshot, as seeing_gradients/recorder/types.py
    describes them, but for those in KEYS, besides `format` and `version`. A tensor is a Snapshot's dict: shape, dtype ("float32") and numbers (nested
    lists, one number for a scalar), or, above 64 elements, numbers None with low, high and thumbnail. What JSON has no
    number for is text that Python's float() or complex() reads: "nan", "-inf", "(1+2j)". `version` rises where a key
    changes its meaning.
    """
    return {"format": FORMAT, "version": VERSION, **_plain(record)}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, complex):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, torch.dtype):
        return str(value).removeprefix("torch.")
    if isinstance(value, torch.Tensor):
        return _plain(snapshot(value))
    if is_dataclass(value):
        return {KEYS.get(field.name, field.name): _plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"a Record holds a {type(value).__name__}, which has no plain form")


def png(svg: str) -> bytes:
    """Return an SVG picture as the bytes of a PNG file, with two pixels per px; one where it is large.

    resvg paints it, a wheel of 1.4 MB without system libraries, the same on Windows, macOS and Linux. Letters come from
    the system's fonts, and from the DejaVu fonts of Matplotlib, where that is installed.

    Args:
        svg: as `draw` writes it.

    Raises:
        ModuleNotFoundError: resvg_py is not installed.
        ValueError: the picture is too large for a PNG, or svg states no size.
    """
    try:
        import resvg_py
    except ModuleNotFoundError:
        raise ModuleNotFoundError(message("export.no_rasteriser")) from None
    size = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    if size is None:
        raise ValueError("svg must state its width and height; received another text")
    width, height = float(size[1]), float(size[2])
    zoom = _SHARP if width * height * _SHARP**2 <= _MOST_PIXELS else 1
    if width * height * zoom**2 > _MOST_PIXELS:
        raise ValueError(message("export.too_large", width=round(width), height=round(height)))
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom, font_files=_fonts(), sans_serif_family="DejaVu Sans"))


def _fonts() -> list[str]:
    try:
        import matplotlib
    except ModuleNotFoundError:
        return []
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return [str(folder / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]


_WRITERS: dict[str, Callable[[Record, str], str | bytes]] = {
    ".svg": lambda record, svg: svg,
    ".png": lambda record, svg: png(svg),
    ".mmd": lambda record, svg: mermaid(record),
    ".dot": lambda record, svg: dot(record),
    ".json": lambda record, svg: json.dumps(as_dict(record), ensure_ascii=False, allow_nan=False, indent=1) + "\n",
}


def target(path: str | Path) -> Path:
    """Return the file that a path names, or what it points to where it is a symbolic link.

    Args:
        path: "~" is the home folder, upper case in the suffix does not matter.

    Raises:
        TypeError: path is neither str nor Path.
        ValueError: its suffix is not .svg, .png, .mmd, .dot or .json.
        FileNotFoundError: its folder does not exist.
    """
    if not isinstance(path, str | Path):
        raise TypeError(message("export.not_a_path", received=type(path).__name__))
    file = Path(os.path.realpath(os.path.expanduser(path)))
    if file.suffix.lower() not in _WRITERS:
        raise ValueError(message("export.unknown_suffix", received=str(path), allowed=", ".join(_WRITERS)))
    if not file.parent.is_dir():
        raise FileNotFoundError(message("export.no_folder", folder=file.parent))
    return file


def save(file: Path, record: Record, svg: str) -> None:
    """Write a graph to a file, as what its suffix says; an existing file is replaced.

    Args:
        file: from `target`.
        record: Record.
        svg: its picture.

    Raises:
        OSError: the file cannot be written; nothing of it is left.
        ModuleNotFoundError, ValueError: as `png`.
    """
    content = _WRITERS[file.suffix.lower()](record, svg)
    # JSON reads "\ud800"; in the other texts `clean` has left no half surrogate
    _replace(file, content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace"))


def _replace(file: Path, content: bytes) -> None:
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
        with contextlib.suppress(OSError):  # gone already, or never written
            part.unlink()
