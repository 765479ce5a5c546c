"""Export a recorded graph: Mermaid, DOT or JSON as text, SVG or PNG as a file.

`mermaid(r)`, `dot(r)` and `as_dict(r)` take a Record. `draw` checks its `path` with `target(path)` before it does
anything, and writes the file with `save(file, record, svg)`, completely or not at all.
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
KEYS = {"saved_tensors": "kept", "edge_key": "at"}  # attributes that have another key in the JSON format
_SHARP = 2  # pixels of a PNG for each px of the SVG
_MOST_PIXELS = 40_000_000  # 160 MB while it is painted


def as_dict(record: Record) -> dict[str, Any]:
    """Return all of a Record as plain data for `json.dumps(data, allow_nan=False)`.

    The keys are `format`, `version`, and the attributes of Record, Node, SavedTensor, Edge and Snapshot in
    seeing_gradients/recorder/types.py, some of them renamed by KEYS. A tensor is the dict of a Snapshot: shape, dtype
    ("float32") and numbers (nested lists, one number for a scalar). Above 64 elements numbers is None, and low, high
    and thumbnail are set. Numbers that JSON does not have are texts for Python's float() or complex(): "nan", "-inf",
    "(1+2j)". `version` increases when a key changes its meaning.

    Args:
        record: Record.
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
    """Return an SVG picture as the bytes of a PNG file, with two pixels for each px; one if the picture is large.

    resvg paints it: a wheel of 1.4 MB without system libraries, the same on Windows, macOS and Linux. Fonts come from
    the system, and from Matplotlib (DejaVu) if it is installed.

    Args:
        svg: from `draw`.

    Raises:
        ModuleNotFoundError: resvg_py is not installed.
        ValueError: the picture is too large for a PNG, or svg has no size.
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
    """Return the file to which a path leads; a symbolic link is followed.

    Args:
        path: "~" is the home folder; the case of the suffix does not matter.

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
    """Write a graph to a file, in the format of its suffix; an existing file is replaced.

    Args:
        file: from `target`.
        record: Record.
        svg: its picture.

    Raises:
        OSError: the file cannot be written; no part of it remains.
        ModuleNotFoundError, ValueError: as for `png`.
    """
    content = _WRITERS[file.suffix.lower()](record, svg)
    # JSON can read "\ud800"; `clean` has removed half surrogates from the other formats
    _replace(file, content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace"))


def _replace(file: Path, content: bytes) -> None:
    """Write a new file beside the old one, then swap them: after an error the old file is unchanged."""
    part = file.with_name(f".{uuid.uuid4().hex}.part")
    try:
        if file.exists():
            file.open("r+b").close()  # otherwise the swap would replace even a read-only file
        with open(part, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, file)
    except OSError as error:
        reason = error.strerror or error
        raise type(error)(message("export.not_written", path=file, reason=reason)) from error
    finally:
        with contextlib.suppress(OSError):  # it is swapped already, or was never written
            part.unlink()
