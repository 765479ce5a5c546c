"""check: judge an answer, note the try in the learner's progress, return the verdict."""

from dataclasses import replace

from seeing_gradients.course import progress
from seeing_gradients.language import message

from . import function, value
from .personal import of, written
from .verdict import NOT_YET, WRONG, Verdict

_JUDGES = {"function": function.judge, "value": value.judge_value, "choice": value.judge_choice}
_NO_ANSWER = object()


def check(id, answer=_NO_ANSWER):
    """Judge an answer and return the Verdict; a wrong answer never raises, whatever it does.

    Args:
        id: str, "02.1", or a `Personal`: that exercise with a student's own numbers.
        answer: what the exercise asks for: numbers, a function (not its result), or a dict of choices.

    Raises:
        ValueError: there is no such exercise.
    """
    spec = of(id)
    if answer is _NO_ANSWER:
        return Verdict(spec.id, NOT_YET, message("exercises.no_answer", id=written(id)), reason="stub")
    verdict = judge(spec, answer)
    if verdict.state == NOT_YET:
        return verdict
    notes = [message("exercises.stuck", id=written(id))] if verdict.state == WRONG else []
    notice = progress.tried(spec.id, verdict.solved)
    return replace(verdict, notes=(*verdict.notes, *notes, *([notice] if notice else [])))


def judge(spec, answer):
    """Return the Verdict on an answer to an Exercise, without noting it anywhere."""
    return _JUDGES[spec.kind](spec, answer)
