"""`python -m tests.bench.lessons`: what each lesson costs a kernel, seconds and peak memory, written to LESSONS.md.

Every lesson is run from a fresh kernel, as Run All does, one after the other. Linux and macOS.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
NOTEBOOKS = HERE.parents[1] / "notebooks" / "en"
PEAK = "import resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
PER_MB = 1e6 if sys.platform == "darwin" else 1e3  # macOS counts bytes, Linux kB
MOST_SECONDS, MOST_MB = 20, 2000


def measure(path):
    """Run one notebook.

    Returns:
        (float, seconds with the start of the kernel; float, the kernel's peak memory in MB).
    """
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    began = time.perf_counter()
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    return time.perf_counter() - began, int(notebook.cells[-1].outputs[0].text) / PER_MB


def markdown(measured):
    """Return the table; `measured` maps a lesson to what measure() gave."""
    lines = [
        "# What a lesson costs",
        "",
        "Written by `python -m tests.bench.lessons`: Run All from a fresh kernel.",
        "",
    ]
    lines += [
        f"A lesson may take {MOST_SECONDS} s; Binder gives {MOST_MB} MB to the kernel and JupyterLab together.",
        "",
    ]
    lines += ["| lesson | seconds | peak memory of the kernel, MB |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {s:.1f} | {mb:.0f} |" for name, (s, mb) in measured.items()), ""])


def main():
    measured = {path.stem: measure(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    text = markdown(measured)
    (HERE / "LESSONS.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
