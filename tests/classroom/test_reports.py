"""The reports of grading: pages that run no script and reveal no secret, and scores in nbgrader's gradebook."""

import re
from html.parser import HTMLParser

import pytest

from helpers import language
from seeing_gradients.classroom.course import Assignment, Course, Task
from seeing_gradients.classroom.pages import class_page, feedback_page, write_feedback
from seeing_gradients.classroom.reports import safe, write_gradebook
from seeing_gradients.classroom.results import Result
from seeing_gradients.course.exercises import exercise

TASKS = (
    Task("answer-02-5", "02.5", 2.0, "import torch", "def two_arrows(x): ...", "two_arrows"),
    Task("answer-02-6", "02.6", 3.0, "import torch", "x_grad = ...", "x_grad"),
)
COURSE = Course(
    "Class <1>", "s", (Assignment("02", "en", "two.ipynb", TASKS), Assignment("03", "zh", "3.ipynb", TASKS))
)
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31mred\x1b]0;title\x07\u202e{{7*7}}"


def graded(state="correct", credit=1.0, **more):
    empty = {
        "text": "A sentence.",
        "facts": [],
        "why": "",
        "misconception": "",
        "reason": "",
        "notes": [],
        "seconds": 0.0,
    }
    return {"exercise": "02.5", "state": state, "credit": credit, **empty, **more}


def result(student="alice", assignment="02", first=None, second=None, faults=(), path="/nowhere"):
    answers = {"answer-02-5": first or graded(), "answer-02-6": second or graded()}
    return Result(student, assignment, "d", str(path), "2026-11-24T08:00:00+00:00", answers, list(faults))


class Tags(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


def page(**more):
    return feedback_page(result(**more), COURSE.by_name[more.get("assignment", "02")])


@pytest.mark.parametrize(
    "text", ["=1", "＝1", "  =1", "a;=1", "a,=1", "a|@x", "\t=1", "\u200b=1", "−1", "﹦1", "⁺1", "a\n-1", "'\"=1"]
)
def test_no_cell_of_a_table_is_a_formula_in_any_spelling(text):
    formula = re.compile(r"(^|[;,\t\n|])[\s\ufffd]*[=+\-@＝﹦⁺−]")
    assert formula.search(text) or text.startswith(("'", "\u200b"))
    assert not formula.search(safe(text))


@pytest.mark.parametrize("text", ["Anna-Lena", "o'hara@example.org", "张三", "bob smith", 3.5])
def test_an_ordinary_cell_stays_as_it_is(text):
    assert safe(text) == text


def test_feedback_shows_points_states_and_sentences():
    text = page(second=graded("wrong", 0.25, why="It adds up."))
    assert "2.75 of 5 points" in text and "0.75 of 3" in text and "Not right" in text and "It adds up." in text


def test_feedback_is_in_the_language_of_the_assignment_and_not_of_the_command():
    text = page(assignment="03")
    assert '<html lang="zh-CN">' in text and "得分：5分" in text and language.current() == "en"


@pytest.mark.parametrize(
    "more",
    [
        {"first": graded("wrong", 0.0, text=EVIL, facts=[[EVIL, EVIL]], why=EVIL, notes=[EVIL])},
        {"student": EVIL},
        {"faults": [{"kind": "malformed", "text": EVIL, "grade_id": None}]},
    ],
)
def test_no_text_of_a_submission_becomes_markup(more):
    text = page(**more)
    assert not {"script", "img"} & {tag for tag, _ in Tags(text).tags}
    assert not any(name.startswith("on") for _, attributes in Tags(text).tags for name in attributes)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text) and "{{7*7}}" in text


@pytest.mark.parametrize("write", [page, lambda: class_page(COURSE, [result()])], ids=["feedback", "class"])
def test_a_page_loads_nothing_and_forbids_scripts(write):
    text = write()
    policy = [attributes for _, attributes in Tags(text).tags if attributes.get("http-equiv")]
    assert policy[0]["content"].startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert not {"script", "link", "iframe", "img"} & {tag for tag, _ in Tags(text).tags}
    assert not re.search(r"(?:src|href)=\"(?!#)", text.replace("xlink:href", "href"))


def test_a_very_long_output_is_cut():
    assert len(page(first=graded(text="x" * 10_000_000))) < 20_000


def test_feedback_is_where_nbgraders_exchange_expects_it(tmp_path):
    handed_in = tmp_path / "submitted" / "alice" / "02"
    handed_in.mkdir(parents=True)
    (handed_in / "timestamp.txt").write_text("2026-11-24 08:00:00 UTC")
    (handed_in / "submission_secret.txt").symlink_to("/etc/passwd")
    assert write_feedback(tmp_path / "feedback", COURSE, [result(path=handed_in / "two.ipynb")]) == 1
    folder = tmp_path / "feedback" / "alice" / "02"
    assert sorted(path.name for path in folder.iterdir()) == ["timestamp.txt", "two.html"]


def test_the_class_page_counts_states_and_misconceptions_and_names_nobody():
    wrong = graded("wrong", 0.0, misconception="doubles", why="It <adds> up.")
    text = class_page(COURSE, [result("zoe"), result("xaver", first=wrong), result("yann", first=wrong)])
    assert "It &lt;adds&gt; up." in text and '<td class="n">67 %</td>' in text and "Class &lt;1&gt;" in text
    assert not any(name in text for name in ("zoe", "xaver", "yann")) and text.count("<svg role=") == 2


def test_the_class_page_explains_in_its_own_language_and_not_in_that_of_the_feedback():
    power = graded("wrong", 0.5, misconception="power", why="A power.")
    assert "A power." in class_page(COURSE, [result(first=power)])
    with language.using("zh"):
        text = class_page(COURSE, [result(first=power)])
    assert str(next(rule.why.zh for rule in exercise("02.5").rules if rule.name == "power"))[:6] in text


@pytest.mark.usefixtures("gradebooks_at_once")
def test_scores_are_in_nbgraders_gradebook_and_those_entered_by_a_person_stay(tmp_path):
    from nbgrader.api import Gradebook  # not above: it takes a second of every process that collects the tests

    path = tmp_path / "gradebook.db"
    results = [result(second=graded("review", 0.0)), result("bob", first=graded("wrong", 0.25))]
    write_gradebook(path, COURSE, results)
    with Gradebook(f"sqlite:///{path}") as book:
        scores = {
            submission.student.id: (submission.score, submission.max_score, submission.needs_manual_grade)
            for submission in book.assignment_submissions("02")
        }
        book.find_grade("test-02-6", "two", "02", "alice").manual_score = 1.5
        book.db.commit()
    assert scores == {"alice": (2.0, 5.0, True), "bob": (3.5, 5.0, False)}
    write_gradebook(path, COURSE, results)
    with Gradebook(f"sqlite:///{path}") as book:
        again = book.find_submission("02", "alice")
        assert (again.score, again.needs_manual_grade) == (3.5, False)
