"""Grading a class: no submission is graded twice and none is lost, even if the run or a worker is killed."""

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from seeing_gradients.classroom import grade, jobs, local
from seeing_gradients.classroom.course import Assignment, Course, save
from seeing_gradients.classroom.jobs import Settings
from seeing_gradients.classroom.results import Store
from seeing_gradients.language import message

from .notebooks import ASSIGNMENT, RIGHT, STUB, TASK, cell, hand_in, notebook

COURSE = Course("c", "s", (ASSIGNMENT, Assignment("03", "zh", "03.ipynb", (TASK,))))
DOUBLES = "def two_arrows(x):\n    return 2 * x\n"
JUDGE = "tests.classroom.fake_judge"


@pytest.fixture(scope="module")
def address():
    """The scheduler's address of a cluster of two workers, for all tests that do not kill workers."""
    from distributed import LocalCluster  # not above: every process that collects the tests would import it

    with LocalCluster(
        2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1", silence_logs=50
    ) as local:
        yield local.scheduler_address


def options(root, *more):
    parser = argparse.ArgumentParser()
    grade.add_arguments(parser)
    return parser.parse_args([str(root / "submitted"), "--out", str(root / "grades"), "--gradebook", "none", *more])


def class_of(root, answers):
    """A course in which each student handed in one answer to assignment 02."""
    save(COURSE, root)
    for student, source in answers.items():
        hand_in(root / "submitted", notebook(cell(source)), student)
    return root


def rows(root, name="grades.csv"):
    with open(root / "grades" / name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def graded(root, address, *more):
    return grade.run(options(root, "--scheduler", address, *more), judge=JUDGE)


def test_points_are_credit_times_what_the_exercise_is_worth(tmp_path, address):
    class_of(tmp_path, {"alice": RIGHT, "bob": DOUBLES, "carol": STUB})
    assert graded(tmp_path, address) == grade.DONE
    graded_rows = [
        (row["student"], row["points"], row["max"], row["state"], row["misconception"]) for row in rows(tmp_path)
    ]
    assert graded_rows == [
        ("alice", "2.0", "2.0", "correct", ""),
        ("bob", "0.5", "2.0", "wrong", "doubles"),
        ("carol", "0.0", "2.0", "not yet", ""),
    ]
    assert [
        (row["student"], row["02"], row["03"], row["points"], row["max"]) for row in rows(tmp_path, "totals.csv")
    ] == [
        ("alice", "2.0", "", "2.0", "4.0"),
        ("bob", "0.5", "", "0.5", "4.0"),
        ("carol", "0.0", "", "0.0", "4.0"),
    ]


def test_a_submission_that_cannot_be_graded_is_left_to_a_person_with_a_reason(tmp_path, address):
    class_of(tmp_path, {"alice": RIGHT})
    hand_in(tmp_path / "submitted", "{", "bob")
    hand_in(tmp_path / "submitted", notebook(cell(RIGHT), cell(DOUBLES)), "carol")
    hand_in(tmp_path / "submitted", notebook(), "dave")
    hand_in(tmp_path / "submitted", notebook(cell()), "erin", assignment="99")
    (tmp_path / "submitted" / "frank").symlink_to(tmp_path / "submitted" / "alice")
    assert graded(tmp_path, address) == grade.DONE
    by_student = {row["student"]: (row["state"], row["faults"]) for row in rows(tmp_path)}
    assert [by_student[name][0] for name in sorted(by_student)] == [
        "correct",
        "review",
        "review",
        "missing",
        "review",
        "review",
    ]
    assert all(text for name, (_, text) in by_student.items() if name != "alice")


def test_the_same_answers_are_graded_once_and_changed_ones_again(tmp_path, address):
    class_of(tmp_path, {"alice": RIGHT, "bob": STUB})
    graded(tmp_path, address)
    with Store(tmp_path / "grades" / "results.sqlite") as store:
        store._connection.execute("UPDATE graded SET graded_at = 'first'")
    hand_in(tmp_path / "submitted", notebook(cell(RIGHT)), "bob")
    graded(tmp_path, address)
    assert [row["graded_at"] == "first" for row in rows(tmp_path)] == [True, False]
    graded(tmp_path, address, "--regrade")
    assert "first" not in [row["graded_at"] for row in rows(tmp_path)]


def test_one_student_or_one_exercise_is_graded_again_with_a_list_of_what_changed(tmp_path, address, capsys):
    class_of(tmp_path, {"alice": RIGHT, "bob": DOUBLES, "carol": DOUBLES})
    two = Assignment("02", "en", "02.ipynb", (TASK, replace(TASK, grade_id="answer-02-6", exercise="02.6")))
    save(Course("c", "s", (two,)), tmp_path)
    for student in ("alice", "bob"):
        hand_in(tmp_path / "submitted", notebook(cell(DOUBLES), cell(DOUBLES, "answer-02-6")), student)
    graded(tmp_path, address)
    with Store(tmp_path / "grades" / "results.sqlite") as store:  # as if an older grader had judged otherwise
        store._connection.execute("UPDATE graded SET content = replace(content, '0.25', '0.5'), graded_at = 'first'")
    capsys.readouterr()
    assert graded(tmp_path, address, "--only", "bob", "--exercise", "02.5") == grade.DONE
    output = capsys.readouterr().out
    assert "bob 02.5: 1 -> 0.5 points (wrong -> wrong)" in output and "Answers graded again: 1; changed: 1" in output
    assert [row["points"] for row in rows(tmp_path)] == ["1.0", "1.0", "0.5", "1.0", "1.0", "0.0"]
    assert graded(tmp_path, address, "--exercise", "02.5") == grade.DONE
    assert [row["points"] for row in rows(tmp_path)] == ["0.5", "1.0", "0.5", "1.0", "0.5", "0.0"]
    assert "Answers graded again: 3; changed: 2" in capsys.readouterr().out
    graded(tmp_path, address, "--only", "alice")
    assert [row["points"] for row in rows(tmp_path)] == ["0.5", "0.5", "0.5", "1.0", "0.5", "0.0"]
    hand_in(tmp_path / "submitted", notebook(cell(RIGHT), cell(RIGHT, "answer-02-6")), "bob")
    graded(tmp_path, address, "--only", "bob", "--exercise", "02.5")  # another answer to the other one, too
    assert [row["points"] for row in rows(tmp_path) if row["student"] == "bob"] == ["2.0", "2.0"]
    for wrong, words in ((("--only", "zoe"), "zoe"), (("--exercise", "09.9"), "02.5, 02.6")):
        assert graded(tmp_path, address, *wrong) == grade.USAGE
        assert words in capsys.readouterr().err


def test_seeds_differ_by_run_and_exercise_and_stay_the_same(tmp_path):
    with Store(tmp_path / "a") as one, Store(tmp_path / "b") as other:
        seeds = [store.seed(exercise) for store in (one, other) for exercise in ("02.5", "02.6")]
        again = one.seed("02.5")
    assert len(set(seeds)) == 4 and again == seeds[0]


def test_what_has_not_changed_is_neither_read_nor_reported_again(tmp_path, address, monkeypatch, capsys):
    class_of(tmp_path, {"alice": RIGHT, "bob": STUB})
    graded(tmp_path, address)
    written = (tmp_path / "grades" / "class.html").stat().st_mtime_ns
    monkeypatch.setattr(jobs, "collect_class", lambda folders, course: [(folder, None) for folder in folders])
    assert graded(tmp_path, address) == grade.DONE  # nothing is read: what None stands for would fail
    assert (tmp_path / "grades" / "class.html").stat().st_mtime_ns == written
    assert message("classroom.grade_nothing_new") in capsys.readouterr().out
    (tmp_path / "grades" / "totals.csv").unlink()
    graded(tmp_path, address)
    assert len(rows(tmp_path, "totals.csv")) == 2


def test_a_full_disk_is_named_with_its_file_and_loses_nothing(tmp_path, address, capsys):
    class_of(tmp_path, {"alice": RIGHT})
    (tmp_path / "grades").mkdir()
    (tmp_path / "grades" / "grades.new").symlink_to("/dev/full")
    assert graded(tmp_path, address) == grade.FAILED
    assert "grades.csv" in capsys.readouterr().err
    (tmp_path / "grades" / "grades.new").unlink()
    assert graded(tmp_path, address) == grade.DONE
    assert [row["state"] for row in rows(tmp_path)] == ["correct"]


@pytest.mark.slow("starts two workers, and three more to replace those that were killed")
@pytest.mark.parametrize("source", [RIGHT + "# deadly", RIGHT + "# faulty"])
def test_an_answer_that_kills_its_worker_is_left_to_a_person_and_the_others_are_graded(tmp_path, source):
    class_of(tmp_path, {"alice": source, "bob": RIGHT, "carol": DOUBLES})
    assert grade.run(options(tmp_path, "--workers", "2"), judge=JUDGE) == grade.DONE
    assert [row["state"] for row in rows(tmp_path)] == ["review", "correct", "wrong"]


@pytest.mark.slow("starts two workers, and a third after one was killed")
def test_a_worker_that_is_killed_loses_no_submission(tmp_path):
    from distributed import Client, LocalCluster

    names = [f"s{number:02}" for number in range(20)]
    class_of(tmp_path, {name: RIGHT + "# slow" for name in names})
    with LocalCluster(
        2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1", silence_logs=50
    ) as local:

        def kill():
            with Client(local, set_as_default=False) as client:
                while not any(client.processing().values()):
                    time.sleep(0.05)
                os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        assert graded(tmp_path, local.scheduler_address) == grade.DONE
        killer.join()
    assert [(row["student"], row["state"]) for row in rows(tmp_path)] == [(name, "correct") for name in names]


def test_processes_that_were_suspended_continue_where_they_stopped():
    to_grade = [{"lang": "en", "student": f"s{number}", "tasks": [], "key": number} for number in range(20)]
    with local.workers(2, Settings({}, judge=JUDGE)) as workers:
        results = workers.run(to_grade)
        next(results)
        children = [worker.process.pid for worker in workers._workers]
        for child in children:
            os.kill(child, signal.SIGSTOP)
        resume = threading.Timer(0.5, lambda: [os.kill(child, signal.SIGCONT) for child in children])
        resume.start()
        assert len([answers for _, answers in results if answers is not None]) == 19


def test_processes_that_are_killed_again_and_again_lose_no_submission():
    tasks = [{"task": asdict(TASK), "source": RIGHT + "# slow", "seed": "s"}]
    to_grade = [{"lang": "en", "student": f"s{number}", "tasks": tasks, "key": number} for number in range(12)]
    graded_keys = []
    with local.workers(2, Settings({}, judge=JUDGE)) as workers:
        for number, (job, answers) in enumerate(workers.run(to_grade)):
            assert answers is not None
            graded_keys.append(job["key"])
            if number in (1, 5):
                os.kill(workers._workers[0].process.pid, signal.SIGKILL)
    assert sorted(graded_keys) == list(range(12))


def test_large_answers_with_large_verdicts_do_not_wait_for_each_other():
    tasks = [{"task": asdict(TASK), "source": "# slow", "seed": "s" * (2 << 20)}]  # more than a pipe holds, both ways
    to_grade = [{"lang": "en", "student": f"s{number}", "tasks": tasks, "key": number} for number in range(3)]
    with local.workers(1, Settings({}, judge=JUDGE)) as workers:
        results = [answers[TASK.grade_id] for _, answers in workers.run(to_grade) if answers is not None]
    assert [len(answer["text"]) > 2 << 20 for answer in results] == [True] * 3


def test_a_worker_that_is_lost_while_it_is_tried_stops_nothing():
    lost = SimpleNamespace(status="error", exception=lambda: RuntimeError("the worker died"))
    stale = SimpleNamespace(status="error", exception=lambda: ModuleNotFoundError("No module named 'seeing_gradients'"))
    client = {"wait_for_workers": lambda *_, **__: None, "nthreads": lambda: {"a": 1, "b": 1}}
    jobs._check_workers(SimpleNamespace(**client, submit=lambda *_, **__: lost), Settings({}))
    with pytest.raises(jobs.ClusterError, match="seeing_gradients"):
        jobs._check_workers(SimpleNamespace(**client, submit=lambda *_, **__: stale), Settings({}))


def test_jobs_that_the_cluster_lost_are_submitted_again(monkeypatch, address):
    monkeypatch.setattr(jobs, "_STALL_SECONDS", 0.5)
    to_grade = [{"lang": "en", "student": f"s{number}", "tasks": []} for number in range(20)]

    def forget(dask_scheduler, client):
        dask_scheduler.client_releases_keys(list(dask_scheduler.tasks), client)

    with jobs.connected(address) as client:
        results = jobs.run_jobs(client, iter(to_grade), Settings({}, judge=JUDGE))
        finished = [next(results)[0]]
        occupying = client.map(time.sleep, [1.0, 1.1], workers=list(client.nthreads()), pure=False)
        client.run_on_scheduler(forget, client=client.id)
        finished += [job for job, answers in results if answers is not None]
        del occupying
    assert sorted(job["student"] for job in finished) == sorted(job["student"] for job in to_grade)


@pytest.mark.slow("grades in a fresh process with two workers, ends it, grades the rest")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_continues_where_it_stopped(tmp_path, address, number):
    class_of(tmp_path, {f"s{number:02}": RIGHT + "# slow" for number in range(30)})
    code = (
        "import sys; from pathlib import Path; from tests.classroom import test_grade as t\n"
        "if __name__ == '__main__':\n"
        "    sys.exit(t.grade.run(t.options(Path(sys.argv[1]), '--workers', '2'), judge=t.JUDGE))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], start_new_session=True)
    results = tmp_path / "grades" / "results.sqlite"
    while not results.exists() or stored(results) < 3:
        time.sleep(0.05)
        assert process.poll() is None
    children = psutil.Process(process.pid).children(recursive=True)
    if number == signal.SIGINT:
        os.killpg(process.pid, number)  # like Ctrl-C, which also goes to the workers
        assert process.wait(60) == grade.INTERRUPTED
    else:
        process.kill()
        assert process.wait(60) == -number
    assert psutil.wait_procs(children, 30)[1] == [], "workers outlive the run"
    num_stored = stored(results)
    assert 3 <= num_stored < 30
    with Store(results) as store:
        store._connection.execute("UPDATE graded SET graded_at = 'first'")
    assert graded(tmp_path, address) == grade.DONE
    assert [row["graded_at"] for row in rows(tmp_path)].count("first") == num_stored and len(rows(tmp_path)) == 30


def stored(path):
    """How many results the file of a Store contains."""
    with Store(path) as store:
        return store._connection.execute("SELECT COUNT(*) FROM graded").fetchone()[0]


def test_only_a_few_jobs_per_worker_are_in_flight(address):
    read = []

    def to_grade():
        for number in range(100):
            read.append(number)
            yield {"lang": "en", "student": "s", "tasks": [], "key": number}

    with jobs.connected(address) as client:
        done, max_in_flight = 0, 0
        for _ in jobs.run_jobs(client, to_grade(), Settings({}, judge=JUDGE)):
            done += 1
            max_in_flight = max(max_in_flight, len(read) - done)
    assert done == 100 and max_in_flight <= 8


def test_a_cluster_without_a_sandbox_grades_nothing_and_says_why(tmp_path, address, capsys):
    class_of(tmp_path, {"alice": RIGHT})
    assert graded(tmp_path, address, "--sandbox", "none") == grade.FAILED
    assert "not on this cluster" in capsys.readouterr().err
    assert stored(tmp_path / "grades" / "results.sqlite") == 0


def test_a_folder_without_a_course_is_refused(tmp_path, capsys):
    (tmp_path / "submitted").mkdir()
    assert grade.run(options(tmp_path), judge=JUDGE) == grade.USAGE
    assert "classroom.json" in capsys.readouterr().err


def test_two_runs_do_not_grade_into_one_folder(tmp_path, address, capsys):
    class_of(tmp_path, {})
    (tmp_path / "submitted").mkdir()
    (tmp_path / "grades").mkdir()
    with grade.FileLock(tmp_path / "grades" / "results.lock"):
        assert graded(tmp_path, address) == grade.USAGE
    assert "--out" in capsys.readouterr().err


def test_no_cell_of_a_table_is_a_formula(tmp_path, address):
    class_of(tmp_path, {"=HYPERLINK(1)": RIGHT, "@x": RIGHT})
    hand_in(tmp_path / "submitted", "{", "-1+1")
    graded(tmp_path, address)
    text = Path(tmp_path / "grades" / "grades.csv").read_text(encoding="utf-8-sig")
    assert all(not part.startswith(("=", "+", "-", "@")) for line in csv.reader(text.splitlines()) for part in line)


def test_what_is_stored_is_plain_json(tmp_path, address):
    class_of(tmp_path, {"alice": DOUBLES})
    graded(tmp_path, address)
    with Store(tmp_path / "grades" / "results.sqlite") as store:
        (content,) = store._connection.execute("SELECT content FROM graded").fetchone()
    assert json.loads(content)["answers"]["answer-02-5"]["misconception"] == "doubles"
