"""What learners call: `check` judges an answer, `hint` helps one step at a time, `predict` asks before anything runs.

All note in the progress what was done.
"""

from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Any

from seeing_gradients.course import progress
from seeing_gradients.language import message
from seeing_gradients.picture import theme

from .catalogue import prediction
from .function_answers import LocalAnswer, judge_function
from .spec import Exercise
from .value_answers import judge_choice, judge_value
from .variants import Personal, as_typed, exercise_of
from .verdict import NOT_YET, WRONG, Verdict, html_language, rich

if TYPE_CHECKING:
    from .predictions import Predictor

_NO_ANSWER = object()


def check(id: str | Personal, answer: Any = _NO_ANSWER) -> Verdict:
    """Judge an answer and return the Verdict; a wrong answer never raises, whatever it does.

    Args:
        id: str, "02.1", or a `Personal`: that exercise with a student's own numbers.
        answer: what the exercise asks for: numbers, a function (not its result), or a dict of choices.

    Raises:
        ValueError: there is no such exercise.
    """
    spec = exercise_of(id)
    if answer is _NO_ANSWER:
        return Verdict(spec.id, NOT_YET, message("exercises.no_answer", id=as_typed(id)), reason="stub")
    verdict = judge(spec, answer)
    if verdict.state == NOT_YET:
        return verdict
    notes = [message("exercises.stuck", id=as_typed(id))] if verdict.state == WRONG else []
    notice = progress.tried(spec.id, verdict.solved)
    return replace(verdict, notes=(*verdict.notes, *notes, *([notice] if notice else [])))


def judge(exercise: Exercise, answer: Any) -> Verdict:
    """Return the Verdict on an answer to an Exercise, without noting it anywhere."""
    if exercise.kind == "function":
        return judge_function(exercise, LocalAnswer(exercise, answer))
    return {"value": judge_value, "choice": judge_choice}[exercise.kind](exercise, answer)


@dataclass(frozen=True)
class Hint:
    """One step of help.

    Attributes:
        id: str, the exercise.
        step: int, 1 to 3.
        text: str.
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
            f'<div class="sg sg-hint" role="status" lang="{html_language()}" style="border-left:4px solid {theme.NOT_YET_BAR};'
            f'padding:8px 12px;color:var(--jp-content-font-color1,inherit);line-height:1.5">'
            f'<p style="margin:0"><strong>{escape(self._title())}</strong></p>'
            f'<p style="margin:6px 0">{rich(self.text)}</p><p style="margin:0;opacity:.85">{escape(self.more)}</p></div>'
        )

    def _title(self) -> str:
        return message("exercises.hint", step=self.step, steps=3, id=self.id)


def hint(id: str | Personal, step: int | None = None) -> Hint:
    """Return the next of three hints for an exercise, or the one asked for; the progress remembers which were seen.

    Args:
        id: str, "02.1", or a `Personal`: that exercise with a student's own numbers.
        step: 1, 2 or 3; None for the next one not yet seen (the third again after that).

    Raises:
        ValueError: there is no such exercise, or no such step.
    """
    spec = exercise_of(id)
    hints = spec.hints
    if step is None:
        step = min(progress.seen_hints(spec.id) + 1, len(hints))
    if step not in range(1, len(hints) + 1) or isinstance(step, bool):
        raise ValueError(message("exercises.bad_step", received=repr(step)))
    notice = progress.hinted(spec.id, step)
    last = step == len(hints)
    more = message("exercises.last_hint") if last else message("exercises.next_hint", id=as_typed(id), step=step + 1)
    return Hint(spec.id, step, str(hints[step - 1]), f"{more} {notice}" if notice else more)


def predict(id: str) -> "Predictor":
    """Return the widget that asks for a prediction, "02.p1".

    The learner records a prediction or skips, runs the cells that follow, then compares with what PyTorch gives. A
    prediction made before (a reopened notebook, another kernel) is shown again; the first one stays.

    Raises:
        ValueError: there is no such prediction.
    """
    spec = prediction(id)
    from .predictions import Predictor  # with anywidget, which checks do without

    return Predictor(spec)
