"""The minutes that a lesson states are those of its text and of its exercises, added up."""

import re
from pathlib import Path

import jupytext
import pytest

from seeing_gradients.course.exercises import all_exercises

SOURCES = sorted((Path(__file__).resolve().parents[1] / "notebooks" / "source").glob("[0-9][0-9]_*.py"))
STATED = re.compile(
    r"^\*About (\d+) minutes(?:: (\d+) to read and try, (\d+) for the exercises)?\.|"
    r"^\*?约(\d+)分钟(?:，其中阅读和操作(\d+)分钟，练习(\d+)分钟)?。",
    re.MULTILINE,
)
FURTHER = {"07.3", "07.7", "07.8"}  # for those who want more; the lesson says so
WORDS_A_MINUTE, MINUTES_A_LINE, MINUTES_A_WIDGET, MINUTES_A_PREDICTION = 150, 0.06, 1.5, 0.5
WORD = re.compile(r"\$[^$]+\$|[A-Za-z0-9]+")
WIDGET = re.compile(r"^(?:\w+ = )?(?:explore|descend|secant|watch)\(", re.MULTILINE)


def stated(path):
    """(all, reading, exercises) in minutes, in English and in Chinese; 0 where nothing is said."""
    found = STATED.findall(path.read_text(encoding="utf-8"))
    return [
        tuple(int(number or 0) for number in numbers)
        for numbers in ([*row[:3]] if row[0] else [*row[3:]] for row in found)
    ]


def reading(path):
    """What reading the prose, running the cells, moving the widgets and predicting take, in minutes.

    The section of the exercises and what follows is left out, and of exercises in the text all up to their check.
    """
    minutes, in_exercise = 0.0, False
    for cell in jupytext.read(path, fmt="py:percent").cells:
        if "solution" in cell.metadata.get("tags", ()):
            continue
        if cell.cell_type == "markdown" and cell.metadata.get("lang") == "en":
            if re.search(r"^## ((\d+\. )?Exercise|Recap)", cell.source, re.MULTILINE):
                break
            in_exercise = in_exercise or cell.source.lstrip('r"\n').startswith("### Exercise")
            if not in_exercise:
                minutes += len(WORD.findall(cell.source)) / WORDS_A_MINUTE
        elif cell.cell_type == "code" and in_exercise:
            in_exercise = not cell.source.startswith("check(")
        elif cell.cell_type == "code":
            minutes += len(cell.source.splitlines()) * MINUTES_A_LINE
            minutes += len(WIDGET.findall(cell.source)) * MINUTES_A_WIDGET
            minutes += cell.source.count("predict(") * MINUTES_A_PREDICTION
    return minutes


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_minutes_of_a_lesson_add_up(path):
    english, chinese = stated(path)
    assert english == chinese
    total, text, exercises = english
    spent = sum(each.minutes for each in all_exercises() if each.id[:2] == path.stem[:2] and each.id not in FURTHER)
    if text or exercises:
        assert total == text + exercises
        assert abs(exercises - spent) <= 3
    assert abs(total - (reading(path) + spent)) <= 5
