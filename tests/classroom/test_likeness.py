"""Answers that are alike are listed as a hint: renamed copies and the worked solution, and not what everybody writes."""

import argparse
import csv
import random
import re
from dataclasses import replace

from seeing_gradients.classroom import compare
from seeing_gradients.classroom.course import Assignment, Course, save
from seeing_gradients.classroom.lessons import solution
from seeing_gradients.classroom.likeness import compare_answers
from seeing_gradients.course.exercises import exercise

from .notebooks import TASK, cell, hand_in, notebook

STUB = "def f(w, x):\n    return ...\n"
LONG = replace(TASK, stub=STUB, expression="f")
ONE = """def f(w, x):
    # my own idea
    total = torch.zeros(())
    for i, part in enumerate(x):
        total = total + w[i] * part ** 2
    loss = (total - 3.0).abs()
    loss.backward()
    return w.grad
"""
RENAMED = ONE.replace("total", "s").replace("part", "p").replace("loss", "out").replace("# my own idea\n    ", "")
OTHER = """def f(w, x):
    w = w.detach().requires_grad_()
    y = torch.relu(w @ x)
    g, = torch.autograd.grad(y, w, create_graph=True)
    assert g.shape == w.shape, "no"
    return g.detach()
"""
SOLUTION = "def f(w, x):\n    y = torch.tanh(w * x).sum() + torch.exp(-w).mean()\n    (g,) = torch.autograd.grad(y, w)\n    return 2 * g - 1\n"


def alike(answers, task=LONG):
    listed, reasons = compare_answers(task, answers, dict.fromkeys(answers, SOLUTION))
    return {(one.students, one.is_solution): (one.likeness, one.as_written) for one in listed}, reasons


def test_a_copy_with_other_names_and_comments_is_the_same_program_but_not_the_same_text():
    listed, reasons = alike({"alice": ONE, "bob": RENAMED, "carol": OTHER, "dave": STUB})
    ((key, (likeness, written)),) = listed.items()
    assert key == (("alice", "bob"), False) and likeness == 1 and 0.3 < written < 0.9 and reasons == []


def test_a_copy_with_a_line_changed_is_listed_below_an_exact_one():
    changed = ONE.replace("(total - 3.0).abs()", "(total - 4.0).abs()")
    listed, _ = alike({"alice": ONE, "bob": changed, "carol": OTHER, "eve": OTHER})
    assert listed[("carol", "eve"), False] == (1, 1)
    assert 0.8 < listed[("alice", "bob"), False][0] < 1 and len(listed) == 2


def test_a_copy_of_the_worked_solution_is_listed_for_its_student():
    listed, _ = alike({"alice": SOLUTION + "\n\n", "carol": OTHER})
    assert listed == {(("alice",), True): (1, 1)}


def test_short_answers_and_what_many_write_are_left_out_with_the_reason():
    listed, reasons = alike({"alice": "def f(w, x):\n    return w * x\n", "bob": "def f(w, x):\n    return w * x\n"})
    assert listed == {} and "answers: 2. They are too short" in reasons[0]
    listed, reasons = alike({f"s{i}": ONE for i in range(6)})
    assert listed == {} and "6 students wrote the same program" in reasons[0]


def test_personal_numbers_do_not_hide_a_copy():
    task = replace(LONG, personal="course")
    listed, _ = alike({"alice": ONE, "bob": ONE.replace("3.0", "7.25").replace("2", "5")}, task)
    assert listed[("alice", "bob"), False][0] == 1


def test_what_is_no_python_is_compared_as_words():
    broken = ONE.replace("torch.zeros(())", "'unclosed")
    deep = "(" * 50_000
    listed, _ = alike({"alice": broken, "bob": broken, "carol": deep, "dave": "\0" + OTHER})
    assert listed == {(("alice", "bob"), False): (1, 1)}


def test_copies_are_found_in_a_large_class():
    rng = random.Random(3)
    operations = ["relu", "tanh", "exp", "sin", "cos", "log1p", "sigmoid", "sqrt"]

    def program():
        lines = [
            f"    a{i} = torch.{rng.choice(operations)}(w * {rng.randrange(9)} + x)"
            for i in range(rng.randrange(4, 12))
        ]
        return "def f(w, x):\n" + "\n".join(lines) + f"\n    return a0 + {rng.random()}\n"

    answers = {f"s{i:03}": program() for i in range(200)}
    answers["s199"] = re.sub(r"\ba(\d)", r"b\1", answers["s007"])
    answers["s198"] = answers["s008"]
    listed, _ = alike(answers)
    assert {(("s007", "s199"), False), (("s008", "s198"), False)} <= set(listed)


def test_the_command_writes_a_table_and_a_page_and_changes_no_points(tmp_path, capsys):
    task = replace(
        TASK, grade_id="answer-02-2", exercise="02.2", stub="def three_grads(w, b, c, x, y_true):\n    return ...\n"
    )
    task = replace(task, expression="three_grads")
    save(Course("c", "s", (Assignment("02", "en", "02.ipynb", (task,)),)), tmp_path)
    right = solution(exercise("02.2"), "three_grads")
    evil = right.replace("loss.backward()", "loss.backward()  # <script>alert(1)</script>")
    for student, source in (("alice", right), ("=bob", evil), ("carol", task.stub)):
        hand_in(tmp_path / "submitted", notebook(cell(source, "answer-02-2")), student)
    parser = argparse.ArgumentParser()
    compare.add_arguments(parser)
    assert compare.run(parser.parse_args([str(tmp_path / "submitted"), "--out", str(tmp_path / "grades")])) == 0
    assert "like one another: 1; like the worked solution: 2" in capsys.readouterr().out
    with open(tmp_path / "grades" / "likeness.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["students"], row["like"], row["likeness"]) for row in rows] == [
        ("alice", "worked solution", "100"),
        ("'=bob", "worked solution", "100"),
        ("'=bob; alice", "each other", "100"),
    ]
    page = (tmp_path / "grades" / "likeness.html").read_text(encoding="utf-8")
    assert (
        "&lt;script&gt;" in page
        and "<script" not in page
        and sorted(p.name for p in (tmp_path / "grades").iterdir())
        == [
            "likeness.csv",
            "likeness.html",
        ]
    )
