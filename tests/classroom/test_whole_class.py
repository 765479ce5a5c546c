"""From assign to grades as an instructor does it: no part is replaced by another, every answer runs in the sandbox."""

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


def command(folder, *arguments):
    """Run a command as a person would; return what it printed."""
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout + done.stderr


def right(task, student):
    spec = exercise(task.exercise)
    spec = variant(spec, student_key(task.personal, student, task.exercise)) if task.personal else spec
    return lessons.solution(spec, task.expression)


def hand_in(folder, assignment, student, answer):
    """Hand in the released notebook with answer(task), a text or None for no cell, in each answer's cell."""
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
    """A course of two lessons in two languages, with numbers of everybody's own, graded: (folder, Course, printed)."""
    need("bubblewrap")
    root = tmp_path_factory.mktemp("class")
    folder = root / "course"
    (root / "points.toml").write_text('default = 2\n[points]\n"02.5" = 10\n', encoding="utf-8")
    more = [
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
    assert commands.main(["assign", "00", "--lang", "zh", *more]) == 0
    assert commands.main(["assign", "02", "--lang", "en", *more]) == 0
    made = course.load(folder)
    nbgrader(folder, "generate_assignment", "--assignment=00_start")
    nbgrader(folder, "generate_assignment", "--assignment=02_computation_graph")
    first, second = made.assignments
    for assignment in made.assignments:
        hand_in(folder, assignment, "alice", lambda task: right(task, "alice"))
        hand_in(folder, assignment, "张三", lambda task: task.stub)
    hand_in(folder, first, "bob", lambda task: right(task, "alice"))  # copied from a neighbour
    hand_in(
        folder, second, "carol", lambda task: LOOP.format(name=task.expression) if task.exercise == "02.5" else None
    )
    hand_in(
        folder,
        second,
        "dave",
        lambda task: "def two_arrows(x):\n    return x * x + x\n" if task.exercise == "02.5" else right(task, "dave"),
    )
    damaged = hand_in(folder, second, "erin", lambda task: right(task, "erin"))
    damaged.write_bytes(damaged.read_bytes()[:-200])
    printed = command(root, "seeing_gradients.classroom", "grade", "course/submitted", "--out", "grades")
    return root, made, printed


def rows(root, name="grades.csv"):
    with open(root / "grades" / name, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def states(root, student, assignment):
    return {r["exercise"]: r["state"] for r in rows(root) if (r["student"], r["assignment"]) == (student, assignment)}


def test_right_answers_have_all_points_and_empty_ones_none(graded):
    root, made, _ = graded
    totals = {row["student"]: row for row in rows(root, "totals.csv")}
    most = sum(task.points for assignment in made.assignments for task in assignment.tasks)
    assert sum(float(row["points"]) for row in rows(root) if row["student"] == "alice") == most
    assert set(states(root, "张三", "00_start").values()) == {"not yet"}
    assert all(float(row["points"]) == 0 for row in rows(root) if row["student"] == "张三")
    assert set(totals) == {"alice", "张三", "bob", "carol", "dave", "erin"}


def test_a_neighbours_numbers_are_wrong_and_the_feedback_shows_the_students_own(graded):
    root, made, _ = graded
    task = next(task for task in made.by_name["00_start"].tasks if task.personal)
    assert states(root, "bob", "00_start")[task.exercise] == "wrong"
    page = (root / "grades/feedback/bob/00_start/00_start.html").read_text(encoding="utf-8")
    own = variant(exercise(task.exercise), student_key(task.personal, "bob", task.exercise))
    assert own.statement.zh.split("。")[0].replace("`", "") in page.replace("`", "")
    assert f"{own.reference}<" not in page


def test_a_broken_rule_has_half_of_the_points_and_a_loop_none(graded):
    root, _, _ = graded
    by = {(r["student"], r["exercise"]): r for r in rows(root)}
    assert (float(by["dave", "02.5"]["points"]), by["dave", "02.5"]["state"]) == (5.0, "wrong")
    assert (float(by["carol", "02.5"]["points"]), by["carol", "02.5"]["state"]) == (0.0, "wrong")
    assert {r["state"] for r in rows(root) if r["student"] == "carol" and r["exercise"] != "02.5"} == {"missing"}
    page = (root / "grades/feedback/carol/02_computation_graph/02_computation_graph.html").read_text(encoding="utf-8")
    assert "was stopped. Does a loop never end?" in page


def test_a_notebook_that_is_cut_off_is_for_a_person_to_look_at(graded):
    root, _, _ = graded
    assert set(states(root, "erin", "02_computation_graph").values()) <= {"review", "correct"}
    assert any(r["faults"] for r in rows(root) if r["student"] == "erin")


def test_the_pages_are_in_the_language_of_the_assignment_and_hold_no_seed(graded):
    root, made, _ = graded
    chinese = (root / "grades/feedback/alice/00_start/00_start.html").read_text(encoding="utf-8")
    english = (root / "grades/feedback/alice/02_computation_graph/02_computation_graph.html").read_text(
        encoding="utf-8"
    )
    assert 'lang="zh' in chinese
    assert 'lang="en' in english
    pages = [path.read_text(encoding="utf-8") for path in (root / "grades").rglob("*.html")]
    assert all(made.seed not in page for page in pages)
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
    command(root, "seeing_gradients.classroom", "grade", "course/submitted", "--out", "grades")
    assert [row["graded_at"] for row in rows(root)] == before
