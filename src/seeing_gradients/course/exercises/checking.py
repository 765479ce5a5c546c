"""The functions that learners call: `check` judges an answer, `hint` gives help in steps, `predict` asks a question.

`accepted_or_worked` lets a lesson go on with the learner's function, or the worked one. Each of the others records in the progress file what the learner did.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

from seeing_gradients.course import progress
from seeing_gradients.language import abridged, html_language, localize_comments, message
from seeing_gradients.picture import theme

from .catalogue import all_exercises, prediction
from .function_answers import LocalAnswer, judge_function
from .lessons.alternatives import alternatives
from .spec import Exercise
from .value_answers import judge_choice, judge_value
from .variants import Personal, as_typed, exercise_of
from .verdict import NOT_YET, WRONG, Fold, Verdict, rich
from .withheld import is_withheld
from .withheld import judge as judge_withheld

if TYPE_CHECKING:
    from .predictions import Predictor

_NO_ANSWER = object()
_MAX_RECALLED = 3  # exercises of earlier lessons to which a learner is sent back at the end of a lesson


def check(id: str | Personal, answer: Any = _NO_ANSWER) -> Verdict:
    """Judge an answer, record the attempt in the progress file, and return the Verdict.

    An error that the answer raises becomes part of the Verdict.

    Args:
        id: str, "02.1", or a `Personal`: that exercise with a student's own numbers.
        answer: what the exercise asks for: numbers, a function (not its result), or a dict of choices.

    Raises:
        ValueError: there is no such exercise.
        KeyboardInterrupt: the learner interrupts the kernel while a function answer runs.
    """
    spec = exercise_of(id)
    if answer is _NO_ANSWER:
        return Verdict(spec.id, NOT_YET, message("exercises.no_answer", id=as_typed(id)), reason="stub")
    verdict = judge(spec, answer)
    is_personal = isinstance(id, Personal)
    folds = _alternatives(spec) if verdict.solved else _folds(spec, verdict.state == WRONG and not is_personal)
    verdict = replace(verdict, folds=() if verdict.solved and is_personal else folds)
    if verdict.state == NOT_YET:
        return verdict
    notice = progress.tried(spec.id, verdict.solved)
    notes = [message("exercises.stuck", id=as_typed(id))] if verdict.state == WRONG else []
    if verdict.solved and not is_personal:
        notes = list(_what_next(spec.id))
    return replace(verdict, notes=(*verdict.notes, *notes, *([notice] if notice else [])))


def accepted_or_worked(id: str, answer: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function answer if it is right, else the worked solution, and print which of the two.

    So a lesson that builds on its exercises runs whether they are solved or not. The attempt is not recorded.

    Args:
        id: str, "14.1", of an exercise that asks for a function.
        answer: function, as for `check`.

    Raises:
        ValueError: there is no such exercise, or it does not ask for a function.
    """
    spec = exercise_of(id)
    if spec.kind != "function":
        raise ValueError(message("exercises.no_function_asked", id=spec.id))
    accepted = judge(spec, answer).solved
    print(message("exercises.accepted" if accepted else "exercises.worked_instead", id=spec.id))
    return answer if accepted or is_withheld(spec) else spec.reference


def _folds(exercise: Exercise, with_solution: bool) -> tuple[Fold, ...]:
    """What the buttons below a verdict open, one after the other: the hints, and the solution after a wrong answer."""
    steps = len(exercise.hints)
    hints = [
        Fold(message("exercises.hint_button", step=step, steps=steps), str(text), step=step)
        for step, text in enumerate(exercise.hints, 1)
    ]
    if not with_solution:
        return tuple(hints)
    return (*hints, Fold(message("exercises.solution_button"), localize_comments(exercise.solution), is_code=True))


def _alternatives(exercise: Exercise) -> tuple[Fold, ...]:
    """What the buttons below a right answer open: other ways to solve the exercise."""
    codes = alternatives(exercise.id)
    return tuple(
        Fold(message("exercises.way_button", number=number, total=len(codes)), code, is_code=True)
        for number, code in enumerate(codes, 1)
    )


def _what_next(id: str) -> Iterator[str]:
    """After a right answer: which exercise is the next unsolved one, and at the end of a lesson which to recall."""
    entries = progress.entries()
    ids = [spec.id for spec in all_exercises()]
    position = ids.index(id)
    unsolved = [each for each in (*ids[position + 1 :], *ids[:position]) if not entries.get(each, {}).get("solved")]
    if not unsolved:
        yield message("exercises.all_solved")
        return
    yield message("exercises.next", id=unsolved[0], title=message(f"titles.{unsolved[0]}"))
    lesson = id.partition(".")[0]
    if not any(each.partition(".")[0] == lesson for each in unsolved):
        hard = [each for each in ids[:position] if each.partition(".")[0] < lesson and _was_hard(entries.get(each, {}))]
        if hard:
            titles = [f"{each} {message(f'titles.{each}')}" for each in hard[:_MAX_RECALLED]]
            yield message("exercises.recall", titles=message("exercises.separator").join(titles))


def _was_hard(entry: progress.Entry) -> bool:
    """Whether an exercise was solved with hints, or not at the first attempt."""
    return bool(entry.get("solved")) and (entry.get("hints", 0) > 0 or entry.get("tries", 0) > 1)


def judge(exercise: Exercise, answer: Any) -> Verdict:
    """Return the Verdict on an answer to an Exercise, without recording it.

    Args:
        exercise: Exercise.
        answer: as for `check`.

    Raises:
        KeyboardInterrupt: the user interrupts the kernel while a function answer runs.
    """
    if is_withheld(exercise):
        return judge_withheld(exercise, answer)
    if exercise.kind == "function":
        return judge_function(exercise, LocalAnswer(exercise, answer))
    return {"value": judge_value, "choice": judge_choice}[exercise.kind](exercise, answer)


@dataclass(frozen=True)
class Hint:
    """One step of help; a notebook shows it as a small card.

    Attributes:
        id: str, of the exercise.
        step: int, 1 to 3.
        text: str, the hint.
        more: str, what to type for the next step.
    """

    id: str
    step: int
    text: str
    more: str

    def __repr__(self) -> str:
        return f"{self._title()}\n  {self.text}\n  {self.more}"

    def _repr_html_(self) -> str:
        return (
            f'<div class="sg sg-hint" role="status" lang="{html_language()}" '
            f'style="border-left:4px solid {theme.NOT_YET_BAR};'
            f'padding:8px 12px;color:var(--jp-content-font-color1,inherit);line-height:1.5">'
            f'<p style="margin:0"><strong>{escape(self._title())}</strong></p>'
            f'<p style="margin:6px 0">{rich(self.text)}</p>'
            f'<p style="margin:0;opacity:.85">{escape(self.more)}</p></div>'
        )

    def _title(self) -> str:
        return message("exercises.hint", step=self.step, steps=3, id=self.id)


def hint(id: str | Personal, step: int | None = None) -> Hint:
    """Return one of the three hints for an exercise, and record in the progress file that it was seen.

    Args:
        id: str, "02.1", or a `Personal`: that exercise with a student's own numbers.
        step: 1, 2 or 3; None for the first one not seen yet, or the third if all were seen.

    Raises:
        ValueError: there is no such exercise, or no such step.
    """
    spec = exercise_of(id)
    hints = spec.hints
    if step is None:
        step = min(progress.seen_hints(spec.id) + 1, len(hints))
    if step not in range(1, len(hints) + 1) or isinstance(step, bool):
        raise ValueError(message("exercises.bad_step", received=abridged(step)))
    notice = progress.hinted(spec.id, step)
    last = step == len(hints)
    more = message("exercises.last_hint") if last else message("exercises.next_hint", id=as_typed(id), step=step + 1)
    return Hint(spec.id, step, str(hints[step - 1]), f"{more} {notice}" if notice else more)


def predict(id: str) -> "Predictor":
    """Return the widget that asks for a prediction.

    The learner records a prediction or skips it, runs the cells that follow, and then compares the prediction with
    PyTorch's result. The first prediction stays: a reopened notebook or another kernel shows it again.

    Args:
        id: str, "02.p1".

    Raises:
        ValueError: there is no such prediction.
    """
    spec = prediction(id)
    from .predictions import Predictor  # imported here because it needs anywidget, which `check` and `hint` do not

    return Predictor(spec)
