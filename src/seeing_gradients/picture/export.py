"""Export a recorded graph: Mermaid, DOT or JSON as text, SVG, PNG or HTML as a file.

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

from seeing_gradients.language import abridged, current, message
from seeing_gradients.picture import theme
from seeing_gradients.recorder import Record, snapshot

from .graphviz import dot
from .labels import clean
from .mermaid import mermaid

__all__ = ["as_dict", "clean", "dot", "html", "mermaid", "png", "save", "target"]

FORMAT, VERSION = "seeing-gradients record", 2
KEYS = {"saved_tensors": "kept", "edge_key": "at"}  # attributes with another name in the JSON format
_SCALES = (2, 1, 0.75)  # pixels of a PNG for each px of the SVG: as many as its size allows; fewer cannot be read
_MOST_PIXELS = 40_000_000  # of a PNG; painting them takes 160 MB


def as_dict(record: Record) -> dict[str, Any]:
    """Return a whole Record as plain data for `json.dumps(data, allow_nan=False)`.

    The keys are `format`, `version`, and the attributes of Record, Node, SavedTensor, Edge and Snapshot in
    seeing_gradients/recorder/types.py, some of them renamed by KEYS. A tensor becomes the dict of a Snapshot: shape,
    dtype ("float32") and numbers (nested lists; one number for a scalar). If it has more than 64 elements, numbers is
    None, and low, high and thumbnail are set. Numbers that JSON does not have become texts that Python's float() or
    complex() can read: "nan", "-inf", "(1+2j)". `version` increases when a key changes its meaning.

    Args:
        record: Record.

    Raises:
        TypeError: the Record contains an object that has no plain form.
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
    """Return an SVG picture as the bytes of a PNG file, with two pixels for each px, or fewer if the picture is large.

    resvg paints it, which needs no system libraries and gives the same picture on Windows, macOS and Linux. Fonts come
    from the system, and from Matplotlib (DejaVu) if that is installed.

    Args:
        svg: SVG text, from `draw`.

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
    zoom = next((scale for scale in _SCALES if width * height * scale**2 <= _MOST_PIXELS), None)
    if zoom is None:
        raise ValueError(message("export.too_large", width=round(width), height=round(height)))
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=zoom, font_files=_fonts(), sans_serif_family="DejaVu Sans"))


def _fonts() -> list[str]:
    """The paths of Matplotlib's DejaVu fonts; empty without Matplotlib."""
    try:
        import matplotlib
    except ModuleNotFoundError:
        return []
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return [str(folder / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]


def html(svg: str) -> str:
    """Return a page that shows an SVG picture, as wide as the window at most; it loads nothing, and opens from a file.

    It is light or dark, as the system's setting says.

    Args:
        svg: SVG text, from `draw`.
    """
    title = re.search(r"<title>(.*?)</title>", svg, re.DOTALL)
    language = {"zh": "zh-CN"}.get(current(), current())
    return _PAGE.format(language=language, title=title[1] if title else "", dark=theme.dark_picture_css(), svg=svg)


_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 16px; }}
svg {{ display: block; max-width: 100%; height: auto; margin: 0 auto; }}
{dark}</style>
<main>
{svg}
</main>
</html>
"""
_WRITERS: dict[str, Callable[[Record, str], str | bytes]] = {
    ".svg": lambda record, svg: svg,
    ".png": lambda record, svg: png(svg),
    ".html": lambda record, svg: html(svg),
    ".mmd": lambda record, svg: mermaid(record),
    ".dot": lambda record, svg: dot(record),
    ".json": lambda record, svg: json.dumps(as_dict(record), ensure_ascii=False, allow_nan=False, indent=1) + "\n",
}


def target(path: str | Path) -> Path:
    """Return the file to write for a path, after testing that it can be one; a symbolic link is followed.

    Args:
        path: str or Path; "~" is the home folder, and the case of the suffix does not matter.

    Raises:
        TypeError: path is neither str nor Path.
        ValueError: its suffix is not .svg, .png, .html, .mmd, .dot or .json; or no file can have this name.
        FileNotFoundError: its folder does not exist.
    """
    if not isinstance(path, str | Path):
        raise TypeError(message("export.not_a_path", received=type(path).__name__))
    try:
        file = Path(os.path.realpath(os.path.expanduser(path)))
    except ValueError as error:  # it contains the character 0
        raise ValueError(message("export.not_written", path=abridged(path), reason=error)) from None
    if file.suffix.lower() not in _WRITERS:
        raise ValueError(message("export.unknown_suffix", received=str(path), allowed=", ".join(_WRITERS)))
    if not file.parent.is_dir():
        raise FileNotFoundError(message("export.no_folder", folder=file.parent))
    return file


def save(file: Path, record: Record, svg: str) -> None:
    """Write a Record to a file, in the format of the file's suffix; an existing file is replaced.

    Args:
        file: from `target`.
        record: Record.
        svg: its picture as SVG text.

    Raises:
        OSError: the file cannot be written; an existing file is unchanged, and no part of a new one remains.
        ModuleNotFoundError, ValueError: as for `png`.
    """
    content = _WRITERS[file.suffix.lower()](record, svg)
    # JSON can contain "\ud800" as an escape; in the other formats `clean` has replaced such half surrogates.
    _replace(file, content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace"))


def _replace(file: Path, content: bytes) -> None:
    """Write a new file beside the old one, then rename it, so that after an error the old file is unchanged."""
    part = file.with_name(f".{uuid.uuid4().hex}.part")
    try:
        if file.exists():
            file.open("r+b").close()  # raises for a read-only file, which the renaming would replace
        with open(part, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, file)
    except OSError as error:
        reason = error.strerror or error
        raise type(error)(message("export.not_written", path=file, reason=reason)) from error
    finally:
        with contextlib.suppress(OSError):  # it was renamed already, or never written
            part.unlink()
