"""What a widget says of an exception of the learner's code: its text, and the line of that code at which it arose."""

import traceback
from pathlib import Path

import torch

import seeing_gradients

_LIBRARIES = [Path(library.__path__[0]) for library in (torch, seeing_gradients)]


def text_of(error: BaseException) -> str:
    """Return the first line of what an exception says; "" if it says nothing, or if even its __str__ fails."""
    try:
        return str(error).strip().split("\n")[0]
    except Exception:  # noqa: BLE001 - __str__ may be the learner's code
        return ""


def kind_of(error: BaseException) -> str:
    """Return the class of an exception and what it says, "ValueError: no data"."""
    kind, text = type(error).__name__, text_of(error)
    return f"{kind}: {text}" if text else kind


def users_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """Return the frames of the learner's own code in the traceback of an exception, the innermost one last."""
    return [frame for frame in traceback.extract_tb(error.__traceback__) if is_users(frame.filename)]


def is_users(filename: str) -> bool:
    """Return whether a file is the learner's own code, rather than PyTorch's or ours."""
    return not any(Path(filename).is_relative_to(folder) for folder in _LIBRARIES)
