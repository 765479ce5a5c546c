"""The widget that `predict` returns: a question to answer before any code runs. PyTorch's result shows afterwards."""

import math
import re
import unicodedata
from fractions import Fraction
from typing import Any, Literal, cast

from seeing_gradients.course import progress
from seeing_gradients.language import html_language, message
from seeing_gradients.widgets.predict import PredictCard, PredictReplies, PredictState, PredictWidget

from .comparison import digits
from .spec import Prediction

_LABELS = ("title", "number", "choice", "record", "skip", "compare", "choose", "not_a_number")
# A comma before three digits separates thousands for some people and decimals for others: 1,234; but 0,125 is a fraction.
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
_Stage = Literal["open", "recorded", "skipped", "compared"]


class Predictor(PredictWidget):
    """The widget that `predict` returns.

    Attributes:
        answer: float, or int for the index of a choice; None if nothing is recorded.
    """

    def __init__(self, spec: Prediction) -> None:
        """Show a question, or the answer to it that the progress file holds.

        Args:
            spec: Prediction.
        """
        self._spec = spec
        noted, self.answer = progress.prediction(spec.id)
        if not self._is_possible(self.answer):  # the progress file is from another version of the course
            noted, self.answer = False, None
        stage = "open" if not noted else "skipped" if self.answer is None else "recorded"
        super().__init__(_card(spec), self._state(stage))

    def press(self, action: str, answer: Any) -> None:
        """Record a prediction, skip it, or compare it with PyTorch's result.

        An action that the present stage does not allow is ignored.

        Args:
            action: "record", "skip" or "compare".
            answer: to record: a number or its text, or the index of a choice; what cannot be read as such becomes
                `state["problem"]`, a sentence.
        """
        stage = self.state["stage"]
        if action == "record" and stage == "open":
            self._record(answer)
        elif action == "skip" and stage == "open":
            self.state = self._state("skipped", progress.predicted(self._spec.id, None))
        elif action == "compare" and stage in ("recorded", "skipped"):
            self.state = self._state("compared")

    def replies(self) -> PredictReplies:
        """Return every reply, for a recording; it runs PyTorch, and neither reads nor writes what a learner answered."""
        spec, actual = self._spec, self._spec.actual()
        sentences = ("recorded", "skipped", "same", "near", "other")
        text = self._text(actual)
        is_choice = spec.kind == "choice"
        problem = "exercises.predict_choose" if is_choice else "exercises.predict_not_a_number"
        replies: dict[str, float | str] = {
            "actual": actual,
            "actual_text": text,
            "tolerance": -1.0 if is_choice else spec.tolerance,
            **{name: self._sentence(name, answer="{answer}", actual=text) for name in sentences},
            "unanswered": self._sentence("actual", actual=text),
            "why": str(spec.why),
            "problem": message(problem),
            "ambiguous": message("exercises.predict_comma"),
        }
        return cast(PredictReplies, replies)

    def _record(self, answer: Any) -> None:
        value = self._parse(answer)
        if value is None:
            self.state = {**self.state, "problem": self._problem(answer)}
            return
        self.answer = value
        self.state = self._state("recorded", progress.predicted(self._spec.id, value))

    def _problem(self, answer: Any) -> str:
        """A sentence on an answer that is no number or index."""
        if self._spec.kind == "choice":
            return message("exercises.predict_choose")
        ambiguous = _THOUSANDS.fullmatch(_plain_text(answer))
        return message("exercises.predict_comma" if ambiguous else "exercises.predict_not_a_number")

    def _is_possible(self, answer: Any) -> bool:
        if answer is None:
            return True
        if isinstance(answer, bool) or not isinstance(answer, (int, float)):
            return False
        return self._spec.kind != "choice" or answer in range(len(self._spec.options))

    def _parse(self, answer: Any) -> float | None:
        """The number or index that the page sent, or None if it is neither."""
        if self._spec.kind == "choice":
            return answer if type(answer) is int and answer in range(len(self._spec.options)) else None
        text = _plain_text(answer)
        if _THOUSANDS.fullmatch(text):
            return None
        text = text.replace(",", ".")
        try:
            value = float(Fraction(text)) if "/" in text else float(text)
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        return value if math.isfinite(value) else None

    def _state(self, stage: _Stage, notice: str | None = None) -> PredictState:
        why = str(self._spec.why) if stage == "compared" else ""
        return {"stage": stage, "text": self._stage_text(stage), "why": why, "problem": notice or ""}

    def _stage_text(self, stage: _Stage) -> str:
        if stage == "open":
            return ""
        if stage == "skipped":
            return message("exercises.predict_skipped")
        if stage == "recorded":
            return message("exercises.predict_recorded", answer=self._text(self.answer))
        actual = self._spec.actual()
        if self.answer is None:
            return self._sentence("actual", actual=self._text(actual))
        name = self._comparison(self.answer, actual)
        return self._sentence(name, answer=self._text(self.answer), actual=self._text(actual))

    def _sentence(self, name: str, **fields: str) -> str:
        is_about_choice = self._spec.kind == "choice" and name in ("same", "other", "actual")
        return message(f"exercises.predict_chosen_{name}" if is_about_choice else f"exercises.predict_{name}", **fields)

    def _comparison(self, answer: float, actual: float) -> str:
        if answer == actual:
            return "same"
        near = self._spec.kind != "choice" and abs(answer - actual) <= self._spec.tolerance
        return "near" if near else "other"

    def _text(self, answer: Any) -> str:
        return str(self._spec.options[answer]) if self._spec.kind == "choice" else digits(answer)


def _plain_text(answer: Any) -> str:
    """What was typed, with ASCII characters in place of full-width digits, ½ and a minus sign."""
    return unicodedata.normalize("NFKC", str(answer)).strip().replace("−", "-").replace("⁄", "/")


def _card(spec: Prediction) -> PredictCard:
    return {
        "id": spec.id,
        "kind": spec.kind,
        "question": str(spec.question),
        "code": spec.code,
        "options": [str(option) for option in spec.options],
        "low": spec.low,
        "high": spec.high,
        "step": spec.step,
        "labels": {name: message(f"exercises.predict_{name}") for name in _LABELS}
        | {"silent": message("silence.action")},
        "language": html_language(),
    }
