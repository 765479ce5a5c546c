"""The HTML pages of a graded class: the feedback for each submission, and statistics without names.

A page is one self-contained file, which runs no script and loads nothing. Control characters are removed from all text
that is filled in, and the text is escaped. The feedback is where `nbgrader release_feedback` expects it, in
feedback/<student>/<assignment>/<notebook>.html.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from statistics import fmean, median
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from seeing_gradients import language
from seeing_gradients.language import message
from seeing_gradients.picture import theme

from . import sanitize
from .course import Assignment, Course, Task
from .plots import histogram, stacked_bars
from .results import Result
from .submissions import UnreadableError, read_bytes

_TEMPLATES = Path(__file__).parent / "templates"
_CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_HTML_LANGUAGE = {"zh": "zh-CN"}
_EXCHANGE_FILES = ("timestamp.txt", "submission_secret.txt")  # nbgrader derives the name of the page from them
_MAX_MISCONCEPTIONS = 20

_SIGNS = {"correct": "✓", "approximately equal": "≈", "wrong": "✗", "not yet": "○", "missing": "–", "review": "?"}
_CSS_CLASSES = {"correct": "good", "approximately equal": "good", "wrong": "bad", "review": "review"}


def score(task: Task, answer: dict[str, Any]) -> float:
    """Return the points for one answer, from 0 to task.points, rounded to hundredths.

    Args:
        task: Task.
        answer: dict of a GradedAnswer.
    """
    return round(min(1.0, max(0.0, answer["credit"])) * task.points, 2)


@contextmanager
def naming(path: Path | str) -> Iterator[None]:
    """Let an OSError inside name the file: that of a full disk names none."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def replace_file(path: Path, text: str) -> None:
    """Write a text file; the old one stays as it is until the new one is complete.

    Raises:
        OSError: it cannot be written; the error names the file.
    """
    new = path.with_name(path.name + ".new")
    with naming(path):
        new.write_text(text, encoding="utf-8")
        os.replace(new, path)


# Feedback


def write_feedback(folder: Path, course: Course, results: Iterable[Result]) -> int:
    """Write the feedback page of every submission.

    Args:
        folder: Path; the pages go to folder/<student>/<assignment>/.
        course: Course.
        results: iterable of Result.

    Returns:
        int, the number of pages.

    Raises:
        OSError: a page cannot be written.
    """
    assignments, count = course.by_name, 0
    for result in results:
        assignment = assignments.get(result.assignment)
        target = folder / result.student / result.assignment
        target.mkdir(parents=True, exist_ok=True)
        stem = Path(assignment.notebook).stem if assignment else "feedback"
        replace_file(target / f"{stem}.html", feedback_page(result, assignment))
        _copy_exchange_files(Path(result.path), target)
        count += 1
    return count


def feedback_page(result: Result, assignment: Assignment | None) -> str:
    """Return the feedback page of one submission as HTML, in the language of the assignment.

    Args:
        result: Result.
        assignment: Assignment, or None if the course has no such assignment.
    """
    tasks = assignment.tasks if assignment else ()
    with language.using(assignment.lang if assignment else language.current()):
        items = [_feedback_item(task, result.answers[task.grade_id]) for task in tasks]
        return render(
            "feedback.html",
            student=result.student,
            assignment=result.assignment,
            graded_at=result.graded_at.replace("T", " ").replace("+00:00", " UTC"),
            points=round(sum(item["points"] for item in items) - result.deduction, 2),
            deduction=result.deduction,
            max=sum(task.points for task in tasks),
            faults=[fault["text"] for fault in result.faults],
            items=items,
        )


def _feedback_item(task: Task, answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "exercise": task.exercise,
        "title": _title(task.exercise),
        "points": score(task, answer),
        "max": task.points,
        "css_class": _CSS_CLASSES.get(answer["state"], ""),
        **{name: answer[name] for name in ("state", "text", "facts", "why", "notes")},
    }


def _title(exercise: str) -> str:
    """The title of an exercise in the language in use; "" if it has none."""
    return message(f"titles.{exercise}") if language.has(f"titles.{exercise}") else ""


def _copy_exchange_files(source: Path, target: Path) -> None:
    """Copy the files beside a page that nbgrader's exchange needs to return it; there are none without the exchange."""
    folder = next(path for path in (source, *source.parents) if os.path.isdir(path))
    for name in _EXCHANGE_FILES:
        if os.path.isfile(folder / name):  # False, too, where the folder may not be entered
            try:
                (target / name).write_bytes(read_bytes(folder / name, 4_096))
            except UnreadableError:
                continue  # the page is written nevertheless; only the exchange cannot return it


# Statistics of the class


def class_page(course: Course, results: Iterable[Result]) -> str:
    """Return the page with the statistics of the class as HTML, in the language in use. It names no student.

    Args:
        course: Course.
        results: iterable of Result.
    """
    assignments = course.by_name
    points: defaultdict[str, list[float]] = defaultdict(list)
    states: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    counts: Counter[tuple[str, str]] = Counter()  # (exercise, misconception) -> how often
    sentences: dict[tuple[str, str], tuple[str, str]] = {}  # the same keys -> (language, sentence)
    is_any_late = False
    for result in results:
        if (assignment := assignments.get(result.assignment)) is None:
            continue
        is_any_late = is_any_late or result.deduction > 0
        pairs = [(task, result.answers[task.grade_id]) for task in assignment.tasks]
        points[assignment.name].append(sum(score(task, answer) for task, answer in pairs))
        for task, answer in pairs:
            states[assignment.name, task.exercise][answer["state"]] += 1
            if answer["misconception"]:
                key = task.exercise, answer["misconception"]
                counts[key] += 1
                sentences.setdefault(key, (assignment.lang, answer["why"] or answer["text"]))
    frequent = counts.most_common(_MAX_MISCONCEPTIONS)
    return render(
        "class.html",
        course=course.name,
        count=sum(map(len, points.values())),
        is_any_late=is_any_late,
        parts=[_statistics(item, points[name], states) for name, item in assignments.items() if points[name]],
        colours=theme.ANSWER_STATES,
        misconceptions=[(key[0], times, _explanation(key, *sentences[key])) for key, times in frequent],
    )


def _statistics(
    assignment: Assignment, points: list[float], states: dict[tuple[str, str], Counter[str]]
) -> dict[str, Any]:
    """What the page shows of one assignment: the variables of its part of the template."""
    name, full_score = assignment.name, sum(task.points for task in assignment.tasks)
    exercises = [task.exercise for task in assignment.tasks]
    table = [_percentages(states[name, exercise]) for exercise in exercises]
    return {
        "name": name,
        "count": len(points),
        "mean": fmean(points),
        "median": median(points),
        "max": full_score,
        "points_svg": histogram(points, full_score, f"{name}: {message('classroom.stats_points_caption')}"),
        "states_svg": stacked_bars(exercises, table, f"{name}: {message('classroom.stats_states_caption')}"),
        "states": [(e, _title(e), [round(share) for share in row]) for e, row in zip(exercises, table, strict=True)],
    }


def _explanation(misconception: tuple[str, str], lang: str, sentence: str) -> str:
    """The explanation of a misconception in the language in use.

    Args:
        misconception: (exercise, name).
        lang: str, the language of `sentence`.
        sentence: str, the explanation in the feedback; returned if no other is found.
    """
    if lang == language.current():
        return sentence
    from seeing_gradients.course.exercises import exercise  # imports PyTorch, which this process needs for nothing else

    try:
        spec = exercise(misconception[0])
    except ValueError:  # from an older version of the course
        return sentence
    candidates = (*spec.misconceptions, *spec.rules)
    return next((str(item.why) for item in candidates if item.name == misconception[1]), sentence)


def _percentages(counter: Counter[str]) -> list[float]:
    """The share of each state of theme.ANSWER_STATES, in percent and in that order."""
    total = sum(counter.values())
    return [100 * counter[state] / total for state in theme.ANSWER_STATES]


# Templates


def render(template: str, /, **fields: object) -> str:
    """Return a page as HTML, in the language in use.

    Args:
        template: str, the name of a file in the folder `templates`.
        fields: the variables of the template; text is cleaned and escaped, Markup is not.
    """
    lang = _HTML_LANGUAGE.get(language.current(), language.current())
    common = {"lang": lang, "policy": _CONTENT_POLICY, "signs": _SIGNS}
    return _environment().get_template(template).render(**common, **fields)


def state_word(state: str) -> str:
    """Return the word for the state of a GradedAnswer in the language in use."""
    return message(f"classroom.state_{state.replace(' ', '_')}")


def number(value: float) -> str:
    """Return points as text without trailing zeros: "2", "0.5", "1.25"."""
    return f"{round(value, 2):g}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, Markup) else sanitize.clean(str(value)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(message=lambda key, **fields: message(f"classroom.{key}", **fields))
    style = theme.page_css_variables() + (_TEMPLATES / "style.css").read_text(encoding="utf-8")
    environment.globals.update(style=Markup(style))
    environment.filters.update(state_word=state_word, number=number)
    return environment
