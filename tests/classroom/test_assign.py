"""assign writes a course that nbgrader can release, grade and export, and that our Judge can grade."""

import csv

import nbformat
import pytest

import helpers
from helpers import language
from seeing_gradients.classroom import __main__, assign, course, lessons
from seeing_gradients.classroom.sandbox import AnswerLimits
from seeing_gradients.classroom.sandbox.inside import helpers as sandboxed_helpers
from seeing_gradients.course.exercises import all_exercises, exercise, lesson_numbers
from seeing_gradients.course.exercises.variants import student_key, variant

from .nbgrader_commands import nbgrader

SEED = "one in which alice and bob have other numbers"
ALL = lesson_numbers()


def assign_lessons(folder, *arguments):
    """Run `assign`; return the Course that it wrote."""
    assert __main__.main(["assign", *arguments, "--out", str(folder)]) == 0
    return course.load(folder)


def worked_solutions(lang):
    """Dict from the id of each exercise to its worked solution."""
    return {
        part.exercise.id: lessons.solution(part.exercise, part.expression)
        for number in ALL
        for part in lessons.read_lesson(number, lang).exercises
    }


def notebook(folder, assignment, kind="source"):
    return nbformat.read(folder / kind / assignment.name / assignment.notebook, as_version=4)


@pytest.fixture(scope="module", params=["en", "zh"])
def full_course(request, tmp_path_factory):
    """(folder, Course, language) of a course with all lessons."""
    folder = tmp_path_factory.mktemp("course")
    return folder, assign_lessons(folder, *ALL, "--lang", request.param, "--name", "calculus"), request.param


def test_every_exercise_is_assigned_once(full_course):
    folder, made_course, _ = full_course
    tasks = [task for assignment in made_course.assignments for task in assignment.tasks]
    assert sorted(task.exercise for task in tasks) == sorted(spec.id for spec in all_exercises())
    ids = [
        cell.metadata["nbgrader"]["grade_id"]
        for assignment in made_course.assignments
        for cell in notebook(folder, assignment).cells
        if "nbgrader" in cell.metadata
    ]
    assert len(ids) == len(set(ids)) == len(tasks) * 3 + len(made_course.assignments)


def test_the_metadata_is_valid_for_nbgrader(full_course):
    from nbgrader.nbgraderformat.v3 import MetadataValidatorV3

    folder, made_course, _ = full_course
    for assignment in made_course.assignments:
        nbformat.validate(notebook(folder, assignment))
        MetadataValidatorV3().validate_nb(notebook(folder, assignment))


def test_stubs_get_no_points_and_worked_solutions_get_all(full_course, judge_with):
    """So the prelude and the expression of each task are what the Judge needs."""
    _, made_course, lang = full_course
    solutions = worked_solutions(lang)
    judge = judge_with(lang, AnswerLimits(seconds=10))
    for task in (task for assignment in made_course.assignments for task in assignment.tasks):
        stub = judge.grade(task, task.stub, "s")
        assert (stub.state, stub.credit) == ("not yet", 0), (task, stub)
        right = judge.grade(task, solutions[task.exercise], "s")
        assert right.credit == 1, (task, right)


@pytest.mark.slow("nbgrader runs the notebooks of two students")
@pytest.mark.usefixtures("kernels_at_once")
def test_nbgrader_can_release_grade_and_export_the_course(tmp_path):
    folder = tmp_path / "course"
    (tmp_path / "points.toml").write_text('default = 2\n[points]\n"00.1" = 5\n')
    (assignment,) = assign_lessons(folder, "00", "--lang", "en", "--points", str(tmp_path / "points.toml")).assignments
    assert [task.points for task in assignment.tasks] == [
        5 if task.exercise == "00.1" else 2 for task in assignment.tasks
    ]
    nbgrader(folder, "generate_assignment", assignment.name)
    released = notebook(folder, assignment, "release")
    text = "\n".join(cell.source for cell in released.cells)
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    assert ".solved" not in text
    answers = {cell.metadata["nbgrader"]["grade_id"]: cell for cell in released.cells if "nbgrader" in cell.metadata}
    assert [answers[task.grade_id].source.rstrip("\n") for task in assignment.tasks] == [
        task.stub for task in assignment.tasks
    ]
    solutions = worked_solutions("en")
    for student in ("alice", "bob"):
        if student == "alice":
            for task in assignment.tasks:
                answers[task.grade_id].source = solutions[task.exercise]
        else:
            released = notebook(folder, assignment, "release")
        target = folder / "submitted" / student / assignment.name / assignment.notebook
        target.parent.mkdir(parents=True)
        nbformat.write(released, target)
    nbgrader(folder, "autograde", assignment.name)
    nbgrader(folder, "generate_feedback", assignment.name)
    assert len(list(folder.glob("feedback/*/*/*.html"))) == 2
    nbgrader(folder, "export")
    with open(folder / "grades.csv", encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    total = sum(task.points for task in assignment.tasks)
    assert (float(rows["alice"]["score"]), float(rows["alice"]["max_score"])) == (total, total)
    assert float(rows["bob"]["score"]) == 0


def test_assigning_again_keeps_seed_and_submissions(tmp_path):
    first = assign_lessons(tmp_path, "03", "--lang", "zh")
    submission = tmp_path / "submitted/alice/03_dot_and_norm/03_dot_and_norm.ipynb"
    submission.parent.mkdir(parents=True)
    submission.write_text("work of alice")
    second = assign_lessons(tmp_path, "04", "--lang", "zh")
    assert (second.seed, second.name) == (first.seed, first.name)
    assert [assignment.name[:2] for assignment in second.assignments] == ["03", "04"]
    assert submission.read_text() == "work of alice"
    assert assign_lessons(tmp_path / "other", "03").seed != first.seed
    assert assign_lessons(tmp_path / "seeded", "03", "--seed", "s").seed == "s"


def personal_exercise(task, student):
    """The Exercise of a task with the numbers of one student."""
    return variant(exercise(task.exercise), student_key(task.personal, student, task.exercise))


def personal_solution(task, student):
    """The worked solution of a task with the numbers of one student."""
    return lessons.solution(personal_exercise(task, student), task.expression)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_student_is_graded_with_their_personal_numbers(tmp_path, lang, judge_with):
    """The right answer of one student is wrong for one with other numbers; a note in the feedback names the student."""
    course_of_all = assign_lessons(tmp_path, *ALL, "--lang", lang, "--personal")
    tasks = [task for assignment in course_of_all.assignments for task in assignment.tasks if task.personal]
    assert {task.exercise for task in tasks} == {spec.id for spec in all_exercises() if spec.vary} != set()
    judge = judge_with(lang, AnswerLimits(seconds=10))
    for task in tasks:
        answer, right = personal_solution(task, "alice"), personal_exercise(task, "alice").reference
        names = map("bob{}".format, range(50))
        other = next(name for name in names if personal_exercise(task, name).reference != right)
        assert judge.grade(task, answer, "s", "alice").credit == 1, task
        graded = judge.grade(task, answer, "s", other)
        assert graded.credit < 1, task
        assert repr(other) in graded.notes[0]


@pytest.mark.slow("nbgrader runs the notebooks of three students")
@pytest.mark.usefixtures("kernels_at_once")
def test_nbgrader_grades_personal_numbers_by_the_name_in_the_notebook(tmp_path):
    folder = tmp_path / "course"
    (assignment,) = assign_lessons(folder, "00", "--lang", "en", "--personal", "--seed", SEED).assignments
    assert all(
        personal_exercise(task, "alice") != personal_exercise(task, "bob") for task in assignment.tasks if task.personal
    )
    nbgrader(folder, "generate_assignment", assignment.name)
    text = "\n".join(cell.source for cell in notebook(folder, assignment, "release").cells)
    assert 'student = ""' in text
    assert "SOLUTION" not in text
    assert "instructor" not in text.replace("your instructor", "")
    assert course.load(folder).seed not in text
    for name, claimed in (("alice", "alice"), ("bob", "bob"), ("carol", "")):
        released = notebook(folder, assignment, "release")
        cells = {cell.metadata["nbgrader"]["grade_id"]: cell for cell in released.cells if "nbgrader" in cell.metadata}
        cells["student-00"].source = f'student = "{claimed}"'
        for task in assignment.tasks:
            cells[task.grade_id].source = (
                personal_solution(task, "alice") if task.personal else worked_solutions("en")[task.exercise]
            )
        target = folder / "submitted" / name / assignment.name / assignment.notebook
        target.parent.mkdir(parents=True)
        nbformat.write(released, target)
    nbgrader(folder, "autograde", assignment.name)
    nbgrader(folder, "export")
    with open(folder / "grades.csv", encoding="utf-8", newline="") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    total = sum(task.points for task in assignment.tasks)
    personal = sum(task.points for task in assignment.tasks if task.personal)
    assert scores == {"alice": total, "bob": total - personal, "carol": total - personal}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("default = ", "not a TOML file"),
        ("defualt = 2", "'defualt'"),
        ("points = 3", "points must be a number"),
        ('[points]\n"03.9" = 1', "'03.9'"),
        ('[points]\n"03.1" = "2"', "03.1 must be a number"),
        ("default = -1", "default must be a number"),
        ("default = true", "default must be a number"),
        ("default = nan", "default must be a number"),
        ('[limits."03.1"]\nfiles = 1', "'files'"),
        ('[limits."03.1"]\nseconds = "5"', "seconds must be a number"),
        ('[limits]\n"03.1" = 5', "03.1 must be a number"),
    ],
)
def test_wrong_points(tmp_path, text, expected):
    language.use("en")
    (tmp_path / "points.toml").write_text(text)
    with pytest.raises(ValueError, match=expected) as raised:
        assign.read_points(tmp_path / "points.toml")
    assert "points.toml" in str(raised.value)


def test_an_exercise_may_have_limits_of_its_own(tmp_path, judge_with):
    (tmp_path / "points.toml").write_text('[limits."02.5"]\nseconds = 0.3\nprocesses = 2\n')
    arguments = [
        "assign",
        "02",
        "--lang",
        "en",
        "--points",
        str(tmp_path / "points.toml"),
        "--out",
        str(tmp_path / "c"),
    ]
    assert __main__.main(arguments) == 0
    tasks = {task.exercise: task for task in course.load(tmp_path / "c").assignments[0].tasks}
    assert (tasks["02.5"].limits, tasks["02.2"].limits) == ({"seconds": 0.3, "processes": 2}, {})
    asleep = "import time\ndef two_arrows(x):\n    time.sleep(60)\n"
    judge = judge_with("en", AnswerLimits(seconds=30))
    assert "within 0.3 seconds" in judge.grade(tasks["02.5"], asleep, "s").text


def test_the_next_command_is_for_the_lesson_that_was_just_assigned(tmp_path, capsys):
    for number in ("03", "00"):
        assert __main__.main(["assign", number, "--lang", "en", "--out", str(tmp_path)]) == 0
        assert f"generate_assignment {number}_" in capsys.readouterr().out


def test_wrong_arguments(tmp_path, capsys):
    for arguments in (["42"], ["../03"], ["03", "--points", str(tmp_path / "none.toml")]):
        assert __main__.main(["assign", *arguments, "--lang", "en", "--out", str(tmp_path / "c")]) == 2
    assert "00, 01, 02" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()
    assert assign.run and lessons.read_lesson("00", "en")


def test_the_sandbox_has_every_name_that_a_lesson_imports_from_helpers():
    assert set(helpers.__all__) <= set(vars(sandboxed_helpers))
