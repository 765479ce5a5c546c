"""From `assign` to `grade` as an instructor uses them: nothing is mocked, every answer runs in the sandbox."""

import contextlib
import csv
import subprocess
import sys

import nbformat
import pytest

from seeing_gradients.classroom import __main__ as commands
from seeing_gradients.classroom import course, lessons
from seeing_gradients.course.exercises import exercise
from seeing_gradients.course.exercises.variants import student_key, variant
from tests.needs import need

from .nbgrader_commands import nbgrader

SEED = "one in which alice and bob have other numbers"
LOOP = "def {name}(*args):\n    while True:\n        pass\n"


def run_module(folder, *arguments):
    """Run `python -m` with these arguments in a folder; return what it printed."""
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def right_answer(task, student):
    """The worked solution of a task with the numbers of one student."""
    spec = exercise(task.exercise)
    spec = variant(spec, student_key(task.personal, student, task.exercise)) if task.personal else spec
    return lessons.solution(spec, task.expression)


def hand_in(folder, assignment, student, answer):
    """Hand in the released notebook with answer(task) in each answer's cell, or without that cell if it is None."""
    released = nbformat.read(folder / "release" / assignment.name / assignment.notebook, as_version=4)
    for task in assignment.tasks:
        (cell,) = (c for c in released.cells if c.metadata.get("nbgrader", {}).get("grade_id") == task.grade_id)
        source = answer(task)
        if source is None:
            released.cells.remove(cell)
        else:
            cell.source = source
    target = folder / "submitted" / student / assignment.name / assignment.notebook
    target.parent.mkdir(parents=True)
    nbformat.write(released, target)
    return target


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """(folder, Course, printed) of a graded course with two lessons, in two languages and with personal numbers."""
    need("bubblewrap")
    root = tmp_path_factory.mktemp("class")
    folder = root / "course"
    (root / "points.toml").write_text('default = 2\n[points]\n"02.5" = 10\n', encoding="utf-8")
    options = [
        "--points",
        str(root / "points.toml"),
        "--personal",
        "--name",
        "calculus",
        "--seed",
        SEED,
        "--out",
        str(folder),
    ]
    assert commands.main(["assign", "00", "--lang", "zh", *options]) == 0
    assert commands.main(["assign", "02", "--lang", "en", *options]) == 0
    written_course = course.load(folder)
    nbgrader(folder, "generate_assignment", "--assignment=00_start")
    nbgrader(folder, "generate_assignment", "--assignment=02_computation_graph")
    first, second = written_course.assignments
    for assignment in written_course.assignments:
        hand_in(folder, assignment, "alice", lambda task: right_answer(task, "alice"))
        hand_in(folder, assignment, "张三", lambda task: task.stub)
    hand_in(folder, first, "bob", lambda task: right_answer(task, "alice"))  # copied from alice
    hand_in(
        folder, second, "carol", lambda task: LOOP.format(name=task.expression) if task.exercise == "02.5" else None
    )
    hand_in(
        folder,
        second,
        "dave",
        lambda task: (
            "def two_arrows(x):\n    return x * x + x\n" if task.exercise == "02.5" else right_answer(task, "dave")
        ),
    )
    damaged = hand_in(folder, second, "erin", lambda task: right_answer(task, "erin"))
    damaged.write_bytes(damaged.read_bytes()[:-200])
    printed = run_module(root, "seeing_gradients.classroom", "grade", "course/submitted", "--out", "grades")
    return root, written_course, printed


def rows(root, name="grades.csv"):
    with open(root / "grades" / name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def states(root, student, assignment):
    return {r["exercise"]: r["state"] for r in rows(root) if (r["student"], r["assignment"]) == (student, assignment)}


def test_right_answers_get_all_points_and_stubs_none(graded):
    root, written_course, _ = graded
    totals = {row["student"]: row for row in rows(root, "totals.csv")}
    full_score = sum(task.points for assignment in written_course.assignments for task in assignment.tasks)
    assert sum(float(row["points"]) for row in rows(root) if row["student"] == "alice") == full_score
    assert set(states(root, "张三", "00_start").values()) == {"not yet"}
    assert all(float(row["points"]) == 0 for row in rows(root) if row["student"] == "张三")
    assert set(totals) == {"alice", "张三", "bob", "carol", "dave", "erin"}


def test_an_answer_copied_from_another_student_is_wrong_and_the_feedback_shows_the_right_numbers(graded):
    root, written_course, _ = graded
    task = next(task for task in written_course.by_name["00_start"].tasks if task.personal)
    assert states(root, "bob", "00_start")[task.exercise] == "wrong"
    page = (root / "grades/feedback/bob/00_start/00_start.html").read_text(encoding="utf-8")
    own = variant(exercise(task.exercise), student_key(task.personal, "bob", task.exercise))
    assert own.statement.zh.split("。")[0].replace("`", "") in page.replace("`", "")
    assert f"{own.reference}<" not in page


def test_a_broken_rule_gets_half_of_the_points_and_an_endless_loop_none(graded):
    root, _, _ = graded
    by_exercise = {(r["student"], r["exercise"]): r for r in rows(root)}
    assert (float(by_exercise["dave", "02.5"]["points"]), by_exercise["dave", "02.5"]["state"]) == (5.0, "wrong")
    assert (float(by_exercise["carol", "02.5"]["points"]), by_exercise["carol", "02.5"]["state"]) == (0.0, "wrong")
    assert {r["state"] for r in rows(root) if r["student"] == "carol" and r["exercise"] != "02.5"} == {"missing"}
    page = (root / "grades/feedback/carol/02_computation_graph/02_computation_graph.html").read_text(encoding="utf-8")
    assert "was stopped. Does a loop never end?" in page


def test_a_truncated_notebook_is_left_to_a_person(graded):
    root, _, _ = graded
    assert set(states(root, "erin", "02_computation_graph").values()) <= {"review", "correct"}
    assert any(r["faults"] for r in rows(root) if r["student"] == "erin")


def test_the_pages_are_in_the_language_of_the_assignment_and_hold_no_seed(graded):
    root, written_course, _ = graded
    chinese = (root / "grades/feedback/alice/00_start/00_start.html").read_text(encoding="utf-8")
    english = (root / "grades/feedback/alice/02_computation_graph/02_computation_graph.html").read_text(
        encoding="utf-8"
    )
    assert 'lang="zh' in chinese
    assert 'lang="en' in english
    pages = [path.read_text(encoding="utf-8") for path in (root / "grades").rglob("*.html")]
    assert all(written_course.seed not in page for page in pages)
    assert len(pages) >= 9


def test_nbgraders_gradebook_holds_the_same_scores(graded):
    root, _, _ = graded
    nbgrader(root / "course", "export")
    with open(root / "course/grades.csv", encoding="utf-8", newline="") as file:
        exported = {(r["student_id"], r["assignment"]): float(r["score"]) for r in csv.DictReader(file)}
    ours = {}
    for row in rows(root):
        key = row["student"], row["assignment"]
        ours[key] = ours.get(key, 0.0) + float(row["points"])
    assert {key: exported[key] for key in ours} == pytest.approx(ours)


def test_a_second_run_grades_nothing_again(graded):
    root, _, _ = graded
    before = [row["graded_at"] for row in rows(root)]
    with contextlib.chdir(root):
        assert commands.main(["grade", "course/submitted", "--out", "grades"]) == 0
    assert [row["graded_at"] for row in rows(root)] == before
