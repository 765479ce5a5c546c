"""What students install without solutions: no reference is in it, and a check finds what shows without one."""

import json
import os
import subprocess
import sys

from seeing_gradients.classroom import __main__ as commands
from seeing_gradients.course.exercises import all_exercises, exercise
from seeing_gradients.course.exercises.variants import variant
from seeing_gradients.course.exercises.withheld import describe, is_withheld, judge, restore

LESSON = "02"
TRIES = """
import json, torch
from helpers import check, hint
from seeing_gradients.course.exercises import exercise, lesson_numbers
def right(x): return x * (x + 1)
def power(x): return x ** 2 + x
def crash(x): return x.no_such_method()
verdicts = [check("02.5", right), check("02.5", power), check("02.5", crash), check("02.5", lambda x: ...)]
verdicts += [check("02.6", (12, 17)), check("02.6", 12), check("01.1", 5)]
print(json.dumps([[v.state, v.reason, v.misconception] for v in verdicts] + [exercise("02.5").solution, hint("02.5").text]))
"""


def test_without_solutions_nothing_of_them_is_left_and_checks_find_what_they_can(tmp_path):
    assert commands.main(["assign", LESSON, "--lang", "en", "--without-solutions", "--out", str(tmp_path)]) == 0
    folder = tmp_path / "students"
    texts = "\n".join(path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in (".py", ".json"))
    withheld = [spec for spec in all_exercises() if spec.id.startswith(f"{LESSON}.")]
    assert [spec.id for spec in withheld if spec.kind == "function" and spec.solution in texts] == []
    assert not list(folder.rglob("judge.py")) and (folder / "seeing_gradients/classroom/hub/student.py").exists()
    lessons = {path.name[:2]: path.read_text(encoding="utf-8") for path in folder.rglob("en/*.ipynb")}
    assert {number for number, text in lessons.items() if "<b>Solution</b>" not in text} == {LESSON}
    assert len(lessons) == len({spec.id[:2] for spec in all_exercises()}) and "solved_02" not in "".join(
        lessons.values()
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder),
        "SEEING_GRADIENTS_PROGRESS": str(tmp_path / "progress.json"),
    }
    done = subprocess.run(
        [sys.executable, "-c", TRIES], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    *verdicts, solution, hint = json.loads(done.stdout.splitlines()[-1])
    assert verdicts[:6] == [
        ["not yet", "withheld", ""],
        ["wrong", "rule", "power"],
        ["wrong", "raised", ""],
        ["not yet", "stub", ""],
        ["not yet", "withheld", ""],
        ["wrong", "count", ""],
    ]
    assert solution == "" and hint == str(exercise("02.5").hints[0])


def test_every_exercise_can_be_withheld():
    for spec in all_exercises():
        restored = restore(json.loads(json.dumps(describe(spec))))
        assert (restored.id, str(restored.statement), restored.hints) == (spec.id, str(spec.statement), spec.hints)
        assert judge(restored, None).state == "not yet"
        for key in ("ann", "bob") if spec.vary else ():
            own = variant(restored, key)
            assert str(own.statement) == str(variant(spec, key).statement) and is_withheld(own), spec.id
        answer = spec.reference
        assert judge(restored, answer).reason == "withheld", spec.id
