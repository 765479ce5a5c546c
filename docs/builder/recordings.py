"""Run the lessons and record what their widgets answer, in parallel processes, and keep it until something changes.

A cell of a lesson that shows a widget becomes a fragment of HTML that answers without a kernel. The cache knows a lesson by
its source and by all code of the library: a change of either runs it again.
"""

import contextlib
import hashlib
import io
import json
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from .address import ROOT

CACHE = ROOT / "build/site-cache"
_CODE = ("src/seeing_gradients", "helpers", "docs/builder/recordings.py", "docs/builder/front.py", "notebooks/build.py")
_SUFFIXES = {".py", ".js", ".css", ".toml"}
POSITIONS, VARIANT_POSITIONS = 21, 3  # along each slider of an explorer; with a choice that is not the first one
PARTS = ("jacobian", "modules")  # choices that are always recorded
OPTIONAL_PARTS = ("saved", "cut", "nudge")  # those that are recorded where the lesson asks for them, as in `cut=True`
FRONT = "front"  # the name of the front page's widgets among those of the lessons

Job = tuple[str, str]  # (the name of a lesson, or FRONT; the language)
Fragments = dict[str, str]  # the id of a cell -> HTML


def record_all(jobs: Sequence[Job], wanted: Sequence[Job], report: Callable[[str], None]) -> dict[Job, Fragments]:
    """Return the fragments of each lesson, recorded in parallel processes where the cache does not have them.

    Args:
        jobs: the lessons in their languages.
        wanted: those of them that are recorded; any other has no fragments unless the cache has them.
        report: function that is told of each lesson that was recorded.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    found = {job: _read(job) for job in jobs}
    missing = [job for job in wanted if found[job] is None]
    if missing:
        with ProcessPoolExecutor(_processes(), forked()) as pool:
            for job, fragments in zip(missing, pool.map(_record, missing), strict=True):
                found[job] = fragments
                _write(job, fragments)
                report(f"recorded {job[0]} ({job[1]}): {len(fragments)} widgets")
    return {job: fragments or {} for job, fragments in found.items()}


def forked() -> Any:
    """Return the context for processes that begin with what this one has imported, where the system can fork."""
    return multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn")


def _processes() -> int:
    return max(2, min(4, os.cpu_count() or 2))


def import_once() -> None:
    """Import what every lesson and every run of Sphinx needs, before the processes are forked."""
    os.environ.setdefault("MPLBACKEND", "agg")
    import torch

    import helpers

    torch.set_num_threads(1)
    assert helpers.explore


@cache
def _code_digest() -> str:
    digest = hashlib.sha256()
    for place in _CODE:
        base = ROOT / place
        for path in [base] if base.is_file() else sorted(base.rglob("*")):
            if path.suffix in _SUFFIXES and path.is_file():
                digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _cache_file(job: Job) -> Path:
    source = ROOT / f"notebooks/source/{job[0]}.py"
    text = source.read_text(encoding="utf-8") if job[0] != FRONT else ""
    digest = hashlib.sha256(f"{_code_digest()}\n{job}\n{text}".encode()).hexdigest()[:24]
    return CACHE / f"{job[0]}-{job[1]}-{digest}.json"


def _write(job: Job, fragments: Fragments) -> None:
    """Keep the fragments, in place of those of an earlier state of the lesson."""
    for path in CACHE.glob(f"{job[0]}-{job[1]}-*.json"):
        path.unlink()
    temporary = CACHE / f"{job[0]}-{job[1]}.tmp"
    temporary.write_text(json.dumps(fragments), encoding="utf-8")
    temporary.replace(_cache_file(job))


def _read(job: Job) -> Fragments | None:
    path = _cache_file(job)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _record(job: Job) -> Fragments:
    """The fragments of one lesson."""
    import torch

    from seeing_gradients import language

    torch.set_num_threads(1)
    name, chosen = job
    with tempfile.TemporaryDirectory() as scratch, language.using(chosen):
        os.environ["SEEING_GRADIENTS_PROGRESS"] = str(Path(scratch) / "progress.json")
        if name == FRONT:
            from . import front

            return {key: _fragment(widget, f"{name}-{key}", ("cut",)) for key, widget in front.widgets().items()}
        return _record_lesson(ROOT / f"notebooks/source/{name}.py", chosen)


def _record_lesson(source: Path, language: str) -> Fragments:
    fragments: Fragments = {}
    for id, cell, widget in shown_widgets(source, language):
        parts = [part for part in OPTIONAL_PARTS if f"{part}=" in cell.text[language]]
        fragments[cell.id] = _fragment(widget, id, parts)
    return fragments


def shown_widgets(source: Path, language: str) -> Iterator[tuple[str, Any, Any]]:
    """Run a lesson cell by cell, and yield each widget that a cell shows, before the next cell runs.

    Args:
        source: of the lesson.
        language: "en" or "zh".

    Yields:
        (the id of the widget's element in the page, e.g. "w02-1", the Cell, the widget).
    """
    from IPython.core.interactiveshell import InteractiveShell

    from notebooks import build

    shell = InteractiveShell.instance()
    shell.reset(new_session=True)
    count = 0
    os.chdir(source.parent)
    for cell in build.read(source):
        if cell.kind != "code":
            continue
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            result = shell.run_cell(cell.text[language], store_history=False)
        result.raise_error()
        if _is_widget(result.result):
            count += 1
            yield f"w{source.stem[:2]}-{count}", cell, result.result


def _is_widget(value: Any) -> bool:
    import anywidget

    return isinstance(value, anywidget.AnyWidget)


def _fragment(widget: Any, id: str, parts: Sequence[str]) -> str:
    """The HTML of a recorded widget.

    Args:
        widget: what the cell shows.
        id: of the element.
        parts: the choices that are recorded beside those that every explorer has.
    """
    from seeing_gradients.widgets.explore.explorer import Explorer
    from seeing_gradients.widgets.recorded import record_widget

    limits = {"positions": POSITIONS, "variant_positions": VARIANT_POSITIONS, "parts": (*PARTS, *parts)}
    return record_widget(widget, progress=False, **(limits if isinstance(widget, Explorer) else {})).html_fragment(id)
