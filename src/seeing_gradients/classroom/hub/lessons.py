"""Lessons in a student's folder: copied once, brought up to date as long as the student has not changed them.

What was handed out is noted in a file beside the lessons, each with a fingerprint; a lesson that differs from its
fingerprint is the student's, and stays. A lesson that the student deletes or renames comes anew at the next start.
"""

import hashlib
import json
import os

NOTE = ".seeing-gradients.json"


def hand_out(lessons, folder):
    """Copy the lessons into the folder of a student, who alone may enter it.

    Args:
        lessons: Path, holds one folder a language ("en", "zh") with notebooks in it.
        folder: Path, made if it is missing.

    Returns:
        list of str, what was written: "en/00_start.ipynb".

    Raises:
        OSError: a file cannot be read or written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    note = _read(folder / NOTE)
    written = []
    for source in sorted(lessons.glob("??/*.ipynb")):
        name, new = source.relative_to(lessons).as_posix(), source.read_bytes()
        held = _digest(folder / name)
        if held is None or held == note.get(name) != _fingerprint(new):
            _write(folder / name, new)
            written.append(name)
        if held is None or held == note.get(name):
            note[name] = _fingerprint(new)
    if written:
        _write(folder / NOTE, json.dumps(note, indent=1).encode())
    return written


def _fingerprint(content):
    return hashlib.sha256(content).hexdigest()


def _digest(path):
    """The fingerprint of a file, None where there is none."""
    return _fingerprint(path.read_bytes()) if path.exists() else None


def _read(path):
    """What was handed out before; nothing where the note is missing or damaged: then every lesson is the student's."""
    try:
        note = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def _write(path, content):
    """Write a file so that a broken-off start leaves the old one or the new one."""
    path.parent.mkdir(exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
