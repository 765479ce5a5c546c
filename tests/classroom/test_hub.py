"""JupyterHub with the settings of the course: six students log in at once, run a lesson, solve an exercise and submit it.

Their servers run in an environment of their own, which has the course without the solutions of that lesson.
"""

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from traitlets.config import Config

from seeing_gradients.classroom import __main__ as commands
from seeing_gradients.classroom import grade, hub
from seeing_gradients.classroom.course import load
from seeing_gradients.classroom.hub import classroom
from seeing_gradients.classroom.hub.student import hand_out
from seeing_gradients.course.exercises import exercise
from seeing_gradients.course.exercises.catalogue import WITHHELD
from seeing_gradients.course.exercises.variants import student_key, variant
from tests import kernels
from tests.needs import need

from . import hub_site
from .nbgrader_commands import nbgrader

ROOT = Path(__file__).resolve().parents[2]
NAMES = [f"student{number}" for number in range(6)]
LESSON = "en/00_start.ipynb"
HOMEWORK = "00_start/00_start.ipynb"
LOOK = (
    "from seeing_gradients.course.exercises import exercise\nfrom pathlib import Path\nimport helpers, json\n"
    "looked = [exercise(f'00.{i}') for i in (1, 2)]\n"
    "print([(e.solution, repr(e.reference).partition(' ')[0]) for e in looked], helpers.__file__)"
)  # what a student can read of the solutions
CLASSMATE = "api/contents/en/00_start.ipynb"


def make_course(folder):
    """Assign lesson 00 with personal numbers and release it; return the folder of the course."""
    course, exchange = folder / "course", folder / "exchange"
    exchange.mkdir()
    exchange.chmod(0o1777)
    arguments = [
        "assign",
        "00",
        "--lang",
        "en",
        "--name",
        "gradients",
        "--personal",
        "--without-solutions",
        "--seed",
        "six students",
        "--out",
        str(course),
    ]
    assert commands.main(arguments) == 0
    settings = f'c.Exchange.root = "{folder}/exchange"\n'
    settings += "c.ExchangeCollect.check_owner = False\n"  # in this test all students share one account
    with open(course / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write(settings)
    nbgrader(course, "generate_assignment", "00_start")
    nbgrader(course, "release_assignment", "00_start")
    return course


def total_of(name, course):
    """The right answer of one student to exercise 00.1."""
    (task,) = (task for task in load(course).by_name["00_start"].tasks if task.exercise == "00.1")
    return variant(exercise("00.1"), student_key(task.personal, name, "00.1")).reference


def attend(address, name, course):
    """Do what one student does: log in, run lesson 00, fetch the homework, solve it, check it, submit it.

    Returns:
        (Student, dict of what the student saw).
    """
    student = hub_site.Student(address, name)
    seen = {"page": student.log_in()}
    seen["lesson"] = student.run(LESSON, student.api(f"api/contents/{LESSON}")["content"])
    student.api("assignments/fetch", {"course_id": "gradients", "assignment_id": "00_start"})
    homework = student.api(f"api/contents/{HOMEWORK}")["content"]
    cells = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in homework["cells"]}
    cells["answer-00-1"]["source"] = f"total = {total_of(name, course)}  # {name}"
    student.put(HOMEWORK, homework)
    homework["cells"].append({"cell_type": "code", "source": LOOK})
    seen["check"] = student.run(HOMEWORK, homework)
    seen["submit"] = student.api("assignments/submit", {"course_id": "gradients", "assignment_id": "00_start"})
    return student, seen


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """(folder of the site, list of Student, list of what each saw) after the lesson."""
    need("configurable-http-proxy")
    folder = tmp_path_factory.mktemp("site")
    course = make_course(folder)
    hub_site.make_students(course, folder / "students")
    theirs = {"PYTHONPATH": os.pathsep.join([str(course / "students"), str(hub_site.NO_GRAMMARS)])}
    with ExitStack() as stack:
        if sys.platform == "linux":  # kernels that start at once, with the library that students have
            short = stack.enter_context(tempfile.TemporaryDirectory(prefix="kernels-"))
            stack.enter_context(kernels.forked(Path(short), **theirs))
            theirs["JUPYTER_PATH"] = short
        address = stack.enter_context(hub_site.running(folder, theirs))
        try:
            with ThreadPoolExecutor(len(NAMES)) as pool:
                attended = list(pool.map(lambda name: attend(address, name, course), NAMES))
        except Exception as error:
            error.add_note((folder / "hub.log").read_text(encoding="utf-8")[-20_000:])
            raise
        print(f"{hub_site.memory(hub_site.descendants(os.getpid()))} MB for {len(NAMES)} students and the hub")
        nbgrader(course, "collect", "00_start")
        yield folder, [student for student, _ in attended], [seen for _, seen in attended]


def test_every_student_opens_lesson_00_and_all_its_cells_run(lesson):
    _, _, seen = lesson
    assert all("/lab/tree/en/00_start.ipynb" in each["page"] for each in seen)
    assert [output for each in seen for cell in each["lesson"] for output in cell if output[0] == "error"] == []
    assert all(any("25" in str(outputs) for outputs in each["lesson"][:4]) for each in seen)


def test_every_answer_is_checked_on_the_students_own_kernel_as_far_as_that_goes_without_solutions(lesson):
    _, _, seen = lesson
    assert all("00.1 not yet: nothing is wrong so far" in str(each["check"]) for each in seen), seen[0]["check"]


def test_no_student_finds_the_solutions_of_the_assigned_lesson(lesson):
    folder, _, seen = lesson
    for each in seen:
        printed = str(each["check"][-1])
        assert "[('', '<seeing_gradients.course.exercises.withheld.Withheld'), ('', " in printed, printed
        assert str(folder / "course/students/helpers") in printed
    texts = {path: path.read_text(encoding="utf-8") for path in folder.glob("home/*/seeing-gradients/??/*.ipynb")}
    assert {
        path.name for path, text in texts.items() if "<b>Solution</b>" not in text and path.parent.name == "en"
    } == {"00_start.ipynb"}
    assert not any("def solved_00" in text for text in texts.values())


def test_the_instructor_collects_every_submission_with_its_answer(lesson):
    folder, _, seen = lesson
    collected = {
        path.parts[-3]: path.read_text(encoding="utf-8") for path in folder.glob("course/submitted/*/*/*.ipynb")
    }
    assert sorted(collected) == NAMES
    assert all(f"# {name}" in text for name, text in collected.items())
    assert all(each["submit"]["success"] for each in seen)


@pytest.mark.slow("grades six submissions")
@pytest.mark.needs("bubblewrap")
def test_every_student_gets_the_points_for_their_personal_numbers(lesson, tmp_path):
    folder, _, _ = lesson
    assert commands.main(["grade", str(folder / "course/submitted"), "--out", str(tmp_path)]) == grade.DONE
    with open(tmp_path / "grades.csv", encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["exercise"] == "00.1"]
    assert [(row["student"], row["state"]) for row in rows] == [(name, "correct") for name in NAMES]
    assert len({total_of(name, folder / "course") for name in NAMES}) > 3


def test_no_student_can_use_the_server_of_another_or_read_the_folder_of_another_account(lesson):
    folder, students, _ = lesson
    for student, other in zip(students, [*NAMES[1:], NAMES[0]], strict=True):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            student.api(CLASSMATE, of=other)
    assert {path.stat().st_mode & 0o777 for path in folder.glob("home/*/seeing-gradients")} == {0o700}


def test_a_student_sees_the_list_of_assignments_and_no_tool_of_the_instructor(lesson):
    _, students, _ = lesson
    with pytest.raises(urllib.error.HTTPError, match="404"):
        students[0].api("formgrader/api/assignments")
    assert students[0].api("assignments?course_id=gradients")["success"]


def test_without_an_authenticator_the_hub_does_not_start_and_says_what_to_set(tmp_path):
    config = subprocess.run(
        [sys.executable, "-m", "seeing_gradients.classroom.hub"], capture_output=True, check=True, cwd=ROOT
    )
    text = config.stdout.decode("utf-8").replace('students="/srv/students"', "students=None")
    (tmp_path / "jupyterhub_config.py").write_text(text, encoding="utf-8")
    refused = subprocess.run(
        [sys.executable, "-m", "jupyterhub"], cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
    )
    assert refused.returncode != 0
    assert "c.JupyterHub.authenticator_class" in refused.stderr.splitlines()[-1]


KILLED = """
import os, signal, subprocess, sys
from tests.classroom.hub_site import descendants, ended_with_the_block

waits = "import time; time.sleep(600)"
parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); {waits}'])"
process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, start_new_session=True)
process.stdout.readline()
with ended_with_the_block(process):
    print(process.pid, *descendants(process.pid), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are read from /proc")
def test_the_hub_ends_with_the_tests_even_if_they_are_killed():
    killed = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True, cwd=ROOT, check=False)
    pids = list(map(int, killed.stdout.split()))
    assert (killed.returncode, len(pids)) == (-signal.SIGKILL, 2), killed.stderr
    end = time.monotonic() + 60
    while any(map(hub_site.runs, pids)) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(map(hub_site.runs, pids))


@pytest.mark.parametrize(("lang", "expected"), [("en", "install -d -m 1777"), ("zh", "请运行")])
def test_a_missing_exchange_is_named_in_the_language_of_the_course(tmp_path, capsys, lang, expected):
    c = Config()
    classroom(c, course="gradients", exchange=tmp_path / "none", lang=lang, students=None)
    assert expected in capsys.readouterr().err
    assert c.Spawner.default_url == f"/lab/tree/{lang}/00_start.ipynb"


def test_an_exchange_that_depends_on_the_current_folder_is_refused():
    with pytest.raises(ValueError, match="absolute path, received exchange"):
        classroom(Config(), course="gradients", exchange="exchange", students=None)


def test_students_get_an_environment_of_their_own_and_it_says_what_they_can_read(tmp_path, capsys, monkeypatch):
    place = tmp_path / "students"
    packages = place / "lib/python3.11/site-packages/seeing_gradients/course/exercises/lessons/l00"
    with pytest.raises(ValueError, match=f"no environment for students in {place}"):
        classroom(Config(), course="gradients", exchange=tmp_path, students=place)
    for name in ("bin/python", packages / "exercises.py", "library/__init__.py"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).touch()
    monkeypatch.setattr(hub.seeing_gradients, "__file__", str(place / "library/__init__.py"))
    c = Config()
    classroom(c, course="gradients", exchange=tmp_path, students=place)
    assert c.Spawner.cmd[0] == str(place / "bin/python")
    assert "no lesson there comes from assign --without-solutions" in capsys.readouterr().err
    (packages / WITHHELD).touch()
    for folder in (tmp_path, place, place / "library"):
        folder.chmod(0o755)
    (place / "library").chmod(0o700)
    classroom(Config(), course="gradients", exchange=tmp_path, students=place)
    assert capsys.readouterr().err == ""
    with tempfile.TemporaryDirectory(dir="/tmp") as readable:
        Path(readable).chmod(0o755)
        monkeypatch.setattr(hub.seeing_gradients, "__file__", f"{readable}/__init__.py")
        classroom(Config(), course="gradients", exchange=tmp_path, students=place)
        assert f"can read the solutions in {readable}" in capsys.readouterr().err
    classroom(Config(), course="gradients", exchange=tmp_path, students=None)
    assert "can read every solution" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is set on Linux only")
def test_a_students_process_that_asks_for_more_than_the_limit_gets_a_memory_error():
    code = "from seeing_gradients.classroom.hub.student import limit_memory; limit_memory(10**9); bytearray(2 * 10**9)"
    greedy = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert greedy.stderr.splitlines()[-1] == "MemoryError"


def make_lessons(folder, **texts):
    for name, text in texts.items():
        (folder / "en").mkdir(parents=True, exist_ok=True)
        (folder / f"en/{name}.ipynb").write_text(text, encoding="utf-8")
    return folder


def test_a_lesson_is_updated_only_if_the_student_has_not_changed_it(tmp_path):
    folder = tmp_path / "home/lessons"
    hand_out(make_lessons(tmp_path / "course", same="1", changed="1"), folder)
    (folder / "en/changed.ipynb").write_text("my work", encoding="utf-8")
    newer = make_lessons(tmp_path / "course", same="2", changed="2", added="1")
    assert hand_out(newer, folder) == ["en/added.ipynb", "en/same.ipynb"]
    assert (folder / "en/changed.ipynb").read_text(encoding="utf-8") == "my work"
    assert hand_out(newer, folder) == []


@pytest.mark.parametrize("digests", [None, "{", "[]"])
def test_without_valid_digests_no_lesson_is_overwritten(tmp_path, digests):
    folder = tmp_path / "lessons"
    hand_out(make_lessons(tmp_path / "course", first="1"), folder)
    (folder / ".seeing-gradients.json").unlink()
    if digests is not None:
        (folder / ".seeing-gradients.json").write_text(digests, encoding="utf-8")
    assert hand_out(make_lessons(tmp_path / "course", first="2"), folder) == []


def test_the_digests_of_copied_lessons_are_stored_as_json(tmp_path):
    hand_out(make_lessons(tmp_path / "course", first="1"), tmp_path / "lessons")
    assert list(json.loads((tmp_path / "lessons/.seeing-gradients.json").read_bytes())) == ["en/first.ipynb"]
