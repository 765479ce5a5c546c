"""`python -m tests.bench.classroom`: grading a class, against nbgrader and with every kind of fault, written to CLASSROOM.md.

Needs the extra `classroom`, and Linux. `--students 200` is quicker and rougher.
"""

import argparse
import csv
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import psutil

from . import submissions

HERE = Path(__file__).parent
SIDE_BY_SIDE = 20  # submissions that both grade
TIMES = 30  # as many a minute as nbgrader, at least
PLACES = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader starts alembic by its name
ENVIRONMENT = {**os.environ, "PATH": PLACES, "PYTHONPATH": str(HERE.parents[1])}


def timed(folder, *arguments):
    """Run a module as a command; return (seconds, exit status, what it printed)."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    return time.perf_counter() - began, done.returncode, done.stdout + done.stderr


def graded(root):
    """The lines of grades.csv."""
    with open(root / "grades/grades.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def against_nbgrader(root):
    """Grade the same submissions both ways; return (seconds of nbgrader, ours, points of both by student)."""
    course = submissions.course(root)
    for i in range(SIDE_BY_SIDE):
        submissions.hand_in(course, f"s{i:04}", ("right", "misconception", "empty", "half")[i % 4], Random(i))
    _, status, said = timed(course, "nbgrader", "generate_assignment", submissions.NAME)
    assert status == 0, said[-2000:]
    theirs, status, said = timed(course, "nbgrader", "autograde", submissions.NAME)
    assert status == 0, said[-2000:]
    done = len(list((course / "autograded").glob("*/*/*.ipynb")))
    assert done == SIDE_BY_SIDE, (done, said[-2000:])
    ours, status, said = timed(
        root, "seeing_gradients.classroom", "grade", "course/submitted", "--out", "grades", "--gradebook", "none"
    )
    assert status == 0, said[-2000:]
    assert len({row["student"] for row in graded(root)}) == SIDE_BY_SIDE
    return theirs, ours


def whole_class(root, count):
    """Grade a class with faults of every kind.

    Returns:
        (seconds, list of (submissions graded, MB of the grader, MB of its workers), Counter of (kind, state)).
    """
    course, rng = submissions.course(root), Random(7)
    kinds = {f"s{i:04}": submissions.KINDS[i % len(submissions.KINDS)] for i in range(count)}
    for student, kind in kinds.items():
        submissions.hand_in(course, student, kind, rng)
    command = [sys.executable, "-m", "seeing_gradients.classroom", "grade", "course/submitted", "--out", "grades"]
    began, samples = time.perf_counter(), []
    with open(root / "log", "wb") as log:
        process = psutil.Popen([*command, "--gradebook", "none"], cwd=root, env=ENVIRONMENT, stdout=log, stderr=log)
        while process.poll() is None:
            time.sleep(0.5)
            samples.append((finished(root), *memory(process)))
    seconds = time.perf_counter() - began
    assert process.returncode == 0, (root / "log").read_text(encoding="utf-8")[-2000:]
    rows = graded(root)
    assert len(rows) == count * len(submissions.tasks(course)), "a submission was lost"
    assert {row["student"] for row in rows} == set(kinds)
    seen = Counter((kinds[row["student"]], row["state"]) for row in rows if row["exercise"] == submissions.EXERCISE)
    return seconds, samples, seen


def finished(root):
    """How many submissions are graded by now."""
    try:
        with sqlite3.connect(f"file:{root / 'grades/results.sqlite'}?mode=ro", uri=True) as base:
            return base.execute("SELECT COUNT(*) FROM graded").fetchone()[0]
    except sqlite3.OperationalError:  # not there yet
        return 0


def memory(process):
    """(MB of the grader, MB of the processes below it), what they share counted once."""
    found = []
    for each in [process, *children(process)]:
        try:
            found.append(each.memory_full_info().pss / 1e6)
        except psutil.Error:  # ended meanwhile
            found.append(0.0)
    return found[0], sum(found[1:])


def children(process):
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def markdown(theirs, ours, count, seconds, samples, seen):
    """Return the page."""
    steady = rate(samples)
    per_minute = [60 * SIDE_BY_SIDE / theirs, 60 * SIDE_BY_SIDE / ours, 60 * count / seconds, steady]
    met = "yes" if per_minute[2] >= TIMES * per_minute[0] else "**no**"
    lines = [
        "# Grading a class",
        "",
        (
            f"Written by `python -m tests.bench.classroom`. {os.cpu_count()} cores, {platform.system()}, Python "
            f"{platform.python_version()}. Lesson 02, eight exercises a submission, every answer in a sandbox of its own."
        ),
        "",
        f"Load average of the last minute at the end of the run: {os.getloadavg()[0]:.1f}.",
        "",
        "## Against nbgrader",
        "",
        "| | submissions | seconds, start included | submissions a minute | ratio |",
        "|---|---|---|---|---|",
        f"| `nbgrader autograde` | {SIDE_BY_SIDE} | {theirs:.1f} | {per_minute[0]:.1f} | 1 |",
        f"| `grade`, the same submissions | {SIDE_BY_SIDE} | {ours:.1f} | {per_minute[1]:.0f} | {per_minute[1] / per_minute[0]:.1f} |",
        f"| `grade`, the large class below | {count} | {seconds:.0f} | {per_minute[2]:.0f} | {per_minute[2] / per_minute[0]:.1f} |",
        f"| the same, once it is running | | | {steady:.0f} | {steady / per_minute[0]:.1f} |",
        "",
        f"Wanted: at least {TIMES} times as many a minute. Met by the large class: {met}.",
        "",
        f"## {count:,} submissions with faults of every kind",
        "",
        (
            f"Every student has a line for every exercise in `grades.csv`; nothing was lost. Exercise {submissions.EXERCISE}, by what was "
            "handed in:"
        ),
        "",
        "| handed in | states |",
        "|---|---|",
    ]
    for kind in submissions.KINDS:
        states = ", ".join(f"{state}: {n}" for (of, state), n in sorted(seen.items()) if of == kind)
        lines.append(f"| {submissions.MEANING[kind]} | {states} |")
    lines += ["", "Memory while they were graded, MB (what processes share counted once):", ""]
    lines += ["| submissions graded | grader | workers and their sandboxes |", "|---|---|---|"]
    for mark in (count // 10, count // 4, count // 2, 3 * count // 4, count - count // 20):
        after = [sample for sample in samples if sample[0] >= mark][:5]
        middle = sorted(after, key=lambda sample: sample[1] + sample[2])[len(after) // 2]
        lines.append(f"| {middle[0]} | {middle[1]:.0f} | {middle[2]:.0f} |")
    return "\n".join([*lines, ""])


def rate(samples):
    """Submissions a minute between the first tenth and the last."""
    most = samples[-1][0]
    inner = [i for i, sample in enumerate(samples) if most / 10 <= sample[0] <= 9 * most / 10]
    return (
        (samples[inner[-1]][0] - samples[inner[0]][0]) / (0.5 * (inner[-1] - inner[0])) * 60 if len(inner) > 1 else 0.0
    )


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench.classroom", description=__doc__)
    parser.add_argument("--students", type=int, default=1000)
    count = parser.parse_args().students
    with tempfile.TemporaryDirectory() as folder:
        theirs, ours = against_nbgrader(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        text = markdown(theirs, ours, count, *whole_class(Path(folder), count))
    (HERE / "CLASSROOM.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
