"""`python -m tests.bench.classroom`: grading a class, against nbgrader and with every kind of fault, written to CLASSROOM.md.

Needs the extra `classroom`, and Linux. `--students 200` is quicker and rougher. `--cluster 10000` also grades so many
submissions on a Dask cluster of two workers on this computer, one of which is killed every minute. With `--students 0`
only that is done, and nothing is written.
"""

import argparse
import contextlib
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
TIMES_SMALL, TIMES = 20, 60  # as many a minute as nbgrader, at least: of these few, of a large class
NOTHING_SECONDS = 3.0  # that a run with nothing to do may take
SAMPLE_SECONDS = 3.0  # between two looks at the memory, each of which takes the grader's processor for a while
KILL_SECONDS = 60.0  # between two kills of a worker of the cluster
GROWTH = 1.05  # of memory from the first tenth of the cluster's submissions to the last, at most
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
    """Grade the same submissions both ways; return (seconds of nbgrader, ours, ours with nothing to do)."""
    course = submissions.course(root)
    for i in range(SIDE_BY_SIDE):
        submissions.hand_in(
            course, f"s{i:04}", ("right", "misconception", "empty", "half")[i % 4], Random(i), alike=True
        )
    _, status, said = timed(course, "nbgrader", "generate_assignment", submissions.NAME)
    assert status == 0, said[-2000:]
    theirs, status, said = timed(course, "nbgrader", "autograde", submissions.NAME)
    assert status == 0, said[-2000:]
    done = len(list((course / "autograded").glob("*/*/*.ipynb")))
    assert done == SIDE_BY_SIDE, (done, said[-2000:])
    command = "seeing_gradients.classroom", "grade", "course/submitted", "--out", "grades", "--gradebook", "none"
    ours, status, said = timed(root, *command)
    assert status == 0, said[-2000:]
    assert len({row["student"] for row in graded(root)}) == SIDE_BY_SIDE
    nothing, status, said = timed(root, *command)
    assert status == 0, said[-2000:]
    return theirs, ours, nothing


def whole_class(root, count, kinds=submissions.KINDS, options=(), watch=lambda: None, alike=True):
    """Grade a class with faults of every kind.

    Args:
        root: Path, an empty folder.
        count: int, how many students.
        kinds: sequence of str, of submissions.KINDS.
        options: further options of the command.
        watch: function () -> None, called before each sample.
        alike: bool, as for `submissions.hand_in`.

    Returns:
        (seconds, list of (second, submissions graded, MB of the grader, MB of its workers), Counter of (kind, state)).
    """
    course, rng = submissions.course(root), Random(7)
    kinds = {f"s{i:05}": kinds[i % len(kinds)] for i in range(count)}
    for student, kind in kinds.items():
        submissions.hand_in(course, student, kind, rng, alike)
    command = [sys.executable, "-m", "seeing_gradients.classroom", "grade", "course/submitted", "--out", "grades"]
    began, samples = time.perf_counter(), []
    with open(root / "log", "wb") as log:
        process = psutil.Popen(
            [*command, "--gradebook", "none", *options], cwd=root, env=ENVIRONMENT, stdout=log, stderr=log
        )
        while process.poll() is None:
            time.sleep(SAMPLE_SECONDS)
            watch()
            samples.append((time.perf_counter() - began, finished(root), *memory(process)))
    seconds = time.perf_counter() - began
    assert process.returncode == 0, (root / "log").read_text(encoding="utf-8")[-2000:]
    rows = graded(root)
    assert len(rows) == count * len(submissions.tasks(course)), "a submission was lost"
    assert {row["student"] for row in rows} == set(kinds)
    seen = Counter((kinds[row["student"]], row["state"]) for row in rows if row["exercise"] == submissions.EXERCISE)
    return seconds, samples, seen


def on_a_cluster(root, count):
    """Grade a large class on a Dask cluster of two workers on this computer, one of which is killed every minute.

    Returns:
        (seconds, list of (submissions graded, MB of the grader, MB of the cluster), how many workers were killed).
    """
    port, programs = 18786, Path(sys.executable).parent
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": ENVIRONMENT}
    scheduler = psutil.Popen(
        [programs / "dask", "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"], **quiet
    )
    nannies = psutil.Popen(
        [programs / "dask", "worker", address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard"], **quiet
    )
    killed, latest, used = [], [time.perf_counter()], []

    def watch():
        used.append(sum(memory(scheduler)) + sum(memory(nannies)))
        if not finished(root):  # the first minute begins when the workers have loaded PyTorch
            latest[0] = time.perf_counter()
        if time.perf_counter() - latest[0] > KILL_SECONDS:
            latest[0] = time.perf_counter()
            workers = [each for each in children(nannies) if "spawn_main" in " ".join(command_of(each))]
            if workers:
                victim = workers[len(killed) % len(workers)]
                victim.kill()
                killed.append(victim.pid)

    try:
        plain = ("right", "misconception", "empty", "half", "rule", "error")
        seconds, samples, _ = whole_class(root, count, plain, ("--scheduler", address), watch, alike=False)
    finally:
        for process in (nannies, scheduler):
            for each in [*children(process), process]:
                with contextlib.suppress(psutil.NoSuchProcess):  # the one above it has ended it
                    each.kill()
            process.wait()
    return seconds, [(done, ours, mb) for (_, done, ours, _), mb in zip(samples, used, strict=True)], len(killed)


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


def command_of(process):
    try:
        return process.cmdline()
    except psutil.Error:  # ended meanwhile
        return []


def children(process):
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def markdown(side_by_side, count, seconds, samples, seen, unlike_seconds):
    """Return the page."""
    (theirs, ours, nothing), steady = side_by_side, rate(samples)
    per_minute = [60 * SIDE_BY_SIDE / theirs, 60 * SIDE_BY_SIDE / ours, 60 * count / seconds, steady]
    met = [
        "yes" if is_met else "**no**"
        for is_met in (
            per_minute[1] >= TIMES_SMALL * per_minute[0],
            per_minute[2] >= TIMES * per_minute[0],
            nothing <= NOTHING_SECONDS,
        )
    ]
    lines = [
        "# Grading a class",
        "",
        (
            f"Written by `python -m tests.bench.classroom`. {os.cpu_count()} cores, {platform.system()}, Python "
            f"{platform.python_version()}. Lesson 02, eight exercises a submission, every answer in a sandbox of its own. "
            "Students of one kind hand in the same programs with other comments, and a program that many hand in runs once; in the "
            "class of the last row no two answers are the same program."
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
        *([f"| the same, once it is running | | | {steady:.0f} | {steady / per_minute[0]:.1f} |"] if steady else []),
        (
            f"| `grade`, as large a class without two programs alike | {count} | {unlike_seconds:.0f} | "
            f"{60 * count / unlike_seconds:.0f} | {60 * count / unlike_seconds / per_minute[0]:.1f} |"
        ),
        "",
        (
            f"Wanted: at least {TIMES_SMALL} times as many a minute by the small class: {met[0]}; {TIMES} times by the large "
            f"one: {met[1]}. A run with nothing to do took {nothing:.1f} s; wanted: at most {NOTHING_SECONDS:g} s: {met[2]}."
        ),
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
    held = [sample for sample in samples if sample[2]]  # without the last look, when the grader had ended
    rows: list[str] = []
    for mark in (count // 10, count // 4, count // 2, 3 * count // 4, count - count // 20):
        after = [sample[1:] for sample in held if sample[1] >= mark][:3] or [held[-1][1:]]
        middle = sorted(after, key=lambda sample: sample[1] + sample[2])[len(after) // 2]
        rows.append(f"| {middle[0]} | {middle[1]:.0f} | {middle[2]:.0f} |")
    lines += dict.fromkeys(rows)  # a class that is graded quickly is seen a few times only
    return "\n".join([*lines, ""])


def of_the_cluster(count, seconds, samples, killed):
    """Return the part of the page about the cluster."""
    first, last = (_memory_at(samples, count * share) for share in (0.1, 0.97))
    met = "yes" if last <= GROWTH * first else "**no**"
    return "\n".join(
        [
            "",
            f"## {count:,} submissions on a Dask cluster of two workers on this computer",
            "",
            (
                f"Graded in {seconds:.0f} s, {60 * count / seconds:.0f} a minute, while a worker was killed every "
                f"{KILL_SECONDS:g} s, {killed} in all. Every student has a line for every exercise; nothing was lost. Memory of "
                f"grader, scheduler, workers and sandboxes: {first:.0f} MB after the first tenth, {last:.0f} MB at the end. "
                f"Wanted: at most {GROWTH - 1:.0%} more: {met}."
            ),
            "",
            "| submissions graded | MB |",
            "|---|---|",
            *(f"| {count * share // 10} | {_memory_at(samples, count * share / 10):.0f} |" for share in range(1, 10)),
            "",
        ]
    )


def _memory_at(samples, mark):
    """The median of the MB in use in a minute from so many submissions on; a worker that was just killed uses none."""
    after = [ours + theirs for done, ours, theirs in samples if done >= mark][: int(60 / SAMPLE_SECONDS)] or [0.0]
    return sorted(after)[len(after) // 2]


def rate(samples):
    """Submissions a minute between the first tenth and the last."""
    most = samples[-1][1]
    inner = [sample for sample in samples if most / 10 <= sample[1] <= 9 * most / 10]
    if len(inner) < 2:
        return 0.0
    (start, before, *_), (end, after, *_) = inner[0], inner[-1]
    return 60 * (after - before) / (end - start)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench.classroom", description=__doc__)
    parser.add_argument("--students", type=int, default=1000)
    parser.add_argument("--cluster", type=int, default=0, metavar="N", help="submissions that a cluster grades, too")
    options = parser.parse_args()
    if not options.students:
        with tempfile.TemporaryDirectory() as folder:
            print(of_the_cluster(options.cluster, *on_a_cluster(Path(folder), options.cluster)))
        return
    with tempfile.TemporaryDirectory() as folder:
        side_by_side = against_nbgrader(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        unlike_seconds, *_ = whole_class(Path(folder), options.students, alike=False)
    with tempfile.TemporaryDirectory() as folder:
        text = markdown(side_by_side, options.students, *whole_class(Path(folder), options.students), unlike_seconds)
    if options.cluster:
        with tempfile.TemporaryDirectory() as folder:
            text += of_the_cluster(options.cluster, *on_a_cluster(Path(folder), options.cluster))
    (HERE / "CLASSROOM.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
