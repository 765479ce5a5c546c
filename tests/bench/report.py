"""The figures as a Markdown report: machine, versions, medians with quartiles, and whether each target is met.

What each part measured last is kept in report.json, so that a part can be measured again alone.
"""

import json
import os
import platform
import statistics
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from .figure import spread

PACKAGES = ("torch", "jupyterlab", "jupyter_server", "ipykernel", "ipywidgets", "anywidget", "matplotlib")
HERE = Path(__file__).parent
KEPT = HERE / "report.json"
IMPORT_TARGET = 50.0  # ms


@dataclass(frozen=True)
class Import:
    """What `import helpers` adds to the start of Python: list of float in ms, and the heavy modules it brings in."""

    added: list
    heavy: list

    @property
    def met(self):
        return statistics.median(self.added) < IMPORT_TARGET and not self.heavy


def keep(name, rows, seconds, feels=()):
    """Keep what a part measured in place of what it measured before.

    Args:
        name: str, of the part.
        rows: list of str, its rows of the table.
        seconds: float, how long it took.
        feels: list of str, the rows of the second table.
    """
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    part = {"rows": rows, "feels": list(feels), "seconds": round(seconds), "load": load, "machine": _machine()}
    KEPT.write_text(json.dumps(_kept() | {name: part}, indent=1) + "\n", encoding="utf-8")


def write(order):
    """Write REPORT.md from all that is kept, its parts in this order; return its text."""
    kept = _kept()
    parts = {name: kept[name] for name in order if name in kept}
    lines = ["# Speed", "", "Written by `make bench`; each part was measured by itself, on:", ""]
    for machine in dict.fromkeys(part["machine"] for part in parts.values()):
        names = [_measured(name, part) for name, part in parts.items() if part["machine"] == machine]
        lines += [f"- {machine}: {'; '.join(names)}."]
    lines += ["", "| figure | ours | against | ratio | target | met |", "|---|---|---|---|---|---|"]
    lines += [row for part in parts.values() for row in part["rows"]]
    lines += ["", "Medians, with quartiles in brackets.", ""]
    feels = [row for part in parts.values() for row in part["feels"]]
    if feels:
        lines += ["## From a key press to the new picture", "", "Milliseconds from the keydown event.", "", *feels, ""]
    lines += [*(HERE / "method.md").read_text(encoding="utf-8").splitlines(), ""]
    text = "\n".join(lines)
    (HERE / "REPORT.md").write_text(text, encoding="utf-8")
    return text


def _kept():
    return json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}


def _measured(name, part):
    took = f" in {part['seconds']} s" if part["seconds"] else ""
    return f"{name}{took} (load average {part['load']})"


def row(figure):
    """A Figure as a row of the table."""
    ours = f"{figure.ours}: {spread(figure.our_samples)} {figure.unit}"
    theirs = f"{figure.theirs}: {spread(figure.their_samples)} {figure.unit}"
    target = f"at {'most' if figure.at_most else 'least'} {figure.target:g}"
    return f"| {figure.name} | {ours} | {theirs} | {figure.ratio:.1f} | {target} | {_yes(figure.met)} |"


def import_row(imported):
    """An Import as a row of the table."""
    heavy = ", ".join(imported.heavy) or "none"
    added = f"{spread(imported.added)} ms added; heavy modules: {heavy}"
    return (
        f"| `import helpers` | {added} | Python alone | - | under {IMPORT_TARGET:g} ms, none | {_yes(imported.met)} |"
    )


def _yes(met):
    return "yes" if met else "**no**"


def feel_rows(feels):
    """The table of a dict from Rival to Feel, as list of str."""
    moments = ("new picture in the page", "frame that shows it begins", "that frame is drawn")
    drags = ("pictures/s in a drag, 60 frames a second", "no frame limit")
    lines = [f"| widget | {' | '.join([*moments, *drags])} |", "|---|---|---|---|---|---|"]
    for rival, feel in feels.items():
        cells = [spread(feel.changes), spread(feel.begins), spread(feel.ends), spread(feel.rates), spread(feel.free)]
        lines.append(f"| {rival.title} | {' | '.join(cells)} |")
    return lines


def _machine():
    processor = platform.processor() or platform.machine()
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            processor = line.partition(":")[2].strip()
            break
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{os.cpu_count()} cores ({processor}), {platform.system()}, Python {platform.python_version()}, {packages}"


def _lines(path):
    path = Path(path)
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
