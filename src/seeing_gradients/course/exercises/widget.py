"""The widget of predict: the page shows `card` and `state` and sends what was pressed in `sent`; Python decides."""

import math
import unicodedata
from fractions import Fraction
from html import escape

import anywidget
import traitlets

from seeing_gradients.course import progress
from seeing_gradients.language import message
from seeing_gradients.picture import theme
from seeing_gradients.widgets.bundles import load_script, load_style

from .comparison import digits
from .verdict import html_language

_LABELS = ("title", "number", "choice", "record", "skip", "compare", "choose", "not_a_number")


class Predictor(anywidget.AnyWidget):
    """What `predict` returns.

    Attributes:
        card: dict, the question, fixed.
        state: dict: stage ("open", "recorded", "skipped", "compared"), text, why, problem.
        sent: dict from the page: action ("record", "skip", "compare"), answer (text, or place of a choice), count.
    """

    _esm = load_script("predict")
    _css = load_style("predict")
    card = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    sent = traitlets.Dict().tag(sync=True)

    def __init__(self, spec):
        self._spec = spec
        asked, self.answer = progress.prediction(spec.id)
        if not self._is_possible(self.answer):  # a file from another version of the course
            asked, self.answer = False, None
        stage = "open" if not asked else "skipped" if self.answer is None else "recorded"
        super().__init__(card=_card(spec), state=self._state(stage))

    def record(self, answer):
        """Record a prediction: a number (or its text), or the place of a choice, counted from 0."""
        if self.state["stage"] != "open":
            return
        value = self._parsed(answer)
        if value is None:
            key = "exercises.predict_choose" if self._spec.kind == "choice" else "exercises.predict_not_a_number"
            self.state = {**self.state, "problem": message(key)}
            return
        self.answer = value
        self.state = self._state("recorded", progress.predicted(self._spec.id, value))

    def skip(self):
        """Go on without a prediction."""
        if self.state["stage"] == "open":
            self.state = self._state("skipped", progress.predicted(self._spec.id, None))

    def compare(self):
        """Show what PyTorch gives, once a prediction was recorded or skipped."""
        if self.state["stage"] in ("recorded", "skipped"):
            self.state = self._state("compared")

    @traitlets.observe("sent")
    def _on_sent(self, change):
        action = change["new"].get("action")
        if action == "record":
            self.record(change["new"].get("answer"))
        elif action == "skip":
            self.skip()
        elif action == "compare":
            self.compare()

    def _is_possible(self, answer):
        if answer is None:
            return True
        if isinstance(answer, bool) or not isinstance(answer, (int, float)):
            return False
        return self._spec.kind != "choice" or answer in range(len(self._spec.options))

    def _parsed(self, answer):
        """What the page sent as a number or a place, or None."""
        if self._spec.kind == "choice":
            return answer if type(answer) is int and answer in range(len(self._spec.options)) else None
        text = unicodedata.normalize("NFKC", str(answer)).strip()  # full-width digits, ½
        for written, meant in (("−", "-"), (",", "."), ("⁄", "/")):
            text = text.replace(written, meant)
        try:
            value = float(Fraction(text)) if "/" in text else float(text)
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        return value if math.isfinite(value) else None

    def _state(self, stage, notice=None):
        text = {"open": lambda: "", "compared": self._comparison}.get(stage, lambda: self._said(stage))()
        why = str(self._spec.why) if stage == "compared" else ""
        return {"stage": stage, "text": text, "why": why, "problem": notice or ""}

    def _said(self, stage):
        if stage == "skipped":
            return message("exercises.predict_skipped")
        return message("exercises.predict_recorded", answer=self._text(self.answer))

    def _comparison(self):
        actual = self._spec.actual()
        if self.answer is None:
            return message("exercises.predict_actual", actual=self._text(actual))
        key = f"exercises.predict_{self._nearness(actual)}"
        return message(key, answer=self._text(self.answer), actual=self._text(actual))

    def _nearness(self, actual):
        if self.answer == actual:
            return "same"
        near = self._spec.kind != "choice" and abs(self.answer - actual) <= self._spec.tolerance
        return "near" if near else "other"

    def _text(self, answer):
        return str(self._spec.options[answer]) if self._spec.kind == "choice" else digits(answer)

    def __repr__(self):
        card, state = self.card, self.state
        lines = [f"{card['labels']['title']} · {card['id']}", card["question"], *card["code"].splitlines()]
        lines += [f"- {option}" for option in card["options"]]
        lines += [f"{digits(card['low'])} ... {digits(card['high'])}"] if card["kind"] == "slider" else []
        return "\n".join([*lines, *(text for text in (state["text"], state["why"]) if text)])

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "text/html": self._html(), "text/plain": repr(self)}, metadata

    def _html(self):
        """The question as a still: what GitHub and a reopened notebook show."""
        card, state = self.card, self.state
        code = f"<pre><code>{escape(card['code'])}</code></pre>" if card["code"] else ""
        options = "".join(f"<li>{escape(option)}</li>" for option in card["options"])
        options = f"<ul>{options}</ul>" if options else ""
        said = " ".join(text for text in (state["text"], state["why"]) if text) or message("exercises.predict_live")
        return (
            f'<div class="sg sg-predict-still" lang="{card["language"]}" style="border-left:4px solid {theme.NOT_YET_BAR};'
            f'padding:8px 12px;color:var(--jp-content-font-color1,inherit)"><p><strong>{escape(card["labels"]["title"])}'
            f"</strong> {_code(card['question'])}</p>{code}{options}<p><em>{escape(said)}</em></p></div>"
        )


def _card(spec):
    return {
        "id": spec.id,
        "kind": spec.kind,
        "question": str(spec.question),
        "code": spec.code,
        "options": [str(option) for option in spec.options],
        "low": spec.low,
        "high": spec.high,
        "step": spec.step,
        "labels": {name: message(f"exercises.predict_{name}") for name in _LABELS},
        "language": html_language(),
    }


def _code(text):
    """HTML of a sentence, with `...` as code."""
    parts = map(escape, text.split("`"))
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))
