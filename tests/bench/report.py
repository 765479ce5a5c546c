"""The figures as a Markdown report: machine, versions, medians with quartiles, and whether each target is met."""

import os
import platform
import statistics
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from .figure import spread

PACKAGES = ("torch", "jupyterlab", "jupyter_server", "ipykernel", "ipywidgets", "anywidget", "matplotlib")
HERE = Path(__file__).parent
IMPORT_TARGET = 50.0  # ms


@dataclass(frozen=True)
class Import:
    """What `import helpers` adds to the start of Python: list of float in ms, and the heavy modules it brings in."""

    added: list
    heavy: list

    @property
    def met(self):
        return statistics.median(self.added) < IMPORT_TARGET and not self.heavy


def markdown(figures, imported, feels):
    """Write the report.

    Args:
        figures: list of Figure.
        imported: Import.
        feels: dict from Rival to Feel; empty where no browser was used.

    Returns:
        str, Markdown.
    """
    lines = ["# Speed", "", "Written by `make bench`. " + _machine(), "", _load(), ""]
    lines += ["| figure | ours | against | ratio | target | met |", "|---|---|---|---|---|---|"]
    lines += [row(figure) for figure in figures]
    lines += [_import_row(imported), "", "Medians, with quartiles in brackets.", ""]
    if feels:
        lines += _feel(feels)
    return "\n".join(lines)


def row(figure):
    """A Figure as a row of the table."""
    ours = f"{figure.ours}: {spread(figure.our_samples)} {figure.unit}"
    theirs = f"{figure.theirs}: {spread(figure.their_samples)} {figure.unit}"
    target = f"at {'most' if figure.at_most else 'least'} {figure.target:g}"
    return f"| {figure.name} | {ours} | {theirs} | {figure.ratio:.1f} | {target} | {_yes(figure.met)} |"


def _import_row(imported):
    heavy = ", ".join(imported.heavy) or "none"
    added = f"{spread(imported.added)} ms added; heavy modules: {heavy}"
    return (
        f"| `import helpers` | {added} | Python alone | - | under {IMPORT_TARGET:g} ms, none | {_yes(imported.met)} |"
    )


def _yes(met):
    return "yes" if met else "**no**"


def _feel(feels):
    lines = ["## From a key press to the new picture", "", "Milliseconds from the keydown event.", ""]
    moments = ("new picture in the page", "frame that shows it begins", "that frame is drawn")
    drags = ("pictures/s in a drag, 60 frames a second", "no frame limit")
    lines.append(f"| widget | {' | '.join([*moments, *drags])} |")
    lines += ["|---|---|---|---|---|---|"]
    for rival, feel in feels.items():
        cells = [spread(feel.changes), spread(feel.begins), spread(feel.ends), spread(feel.rates), spread(feel.free)]
        lines.append(f"| {rival.title} | {' | '.join(cells)} |")
    return [*lines, "", *(HERE / "method.md").read_text(encoding="utf-8").splitlines(), ""]


def _machine():
    processor = platform.processor() or platform.machine()
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
            break
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{os.cpu_count()} cores ({processor}), {platform.system()}, Python {platform.python_version()}, {packages}."


def _load():
    if not hasattr(os, "getloadavg"):
        return ""
    return f"Load average of the last minute at the end of the run: {os.getloadavg()[0]:.1f}."


def _lines(path):
    path = Path(path)
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
