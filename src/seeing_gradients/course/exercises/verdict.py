"""What a check says: one frozen Verdict, shown as text and as a small card in the notebook.

States: "not yet", "correct", "approximately equal", "wrong".
"""

import re
from dataclasses import dataclass
from html import escape

from seeing_gradients.language import current, message
from seeing_gradients.picture import theme

from .plain import digits

NOT_YET, CORRECT, CLOSE, WRONG = "not yet", "correct", "approximately equal", "wrong"
_LOOK = {  # sign, colour of the bar
    NOT_YET: ("○", theme.NOT_YET_BAR),
    CORRECT: ("✓", theme.CORRECT_BAR),
    CLOSE: ("≈", theme.CORRECT_BAR),
    WRONG: ("✗", theme.WRONG_BAR),
}
_WORDS = {NOT_YET: "not_yet", CORRECT: "correct", CLOSE: "close", WRONG: "wrong"}


@dataclass(frozen=True)
class Verdict:
    """The answer to an answer.

    Attributes:
        id: str, the exercise.
        state: "not yet", "correct", "approximately equal" or "wrong".
        text: str, what was found, one sentence.
        facts: tuple of (label, text): input, received, expected, line, ...
        why: str, the misconception or the error explained, or "".
        reason: str, what decided: "value", "shape", "raised", "time", "rule", ...
        misconception: str, the name of the misconception or rule recognised, or "".
        difference: float, the largest difference, or None.
        notes: tuple of str, remarks beside the verdict.
        share: float from 0 to 1, of the inputs, numbers or choices that were right.
    """

    id: str
    state: str
    text: str
    facts: tuple = ()
    why: str = ""
    reason: str = ""
    misconception: str = ""
    difference: float | None = None
    notes: tuple = ()
    share: float = 0.0

    @property
    def solved(self):
        """Whether the answer is right, exactly or approximately."""
        return self.state in (CORRECT, CLOSE)

    def __repr__(self):
        lines = [f"{_LOOK[self.state][0]} {self.id} {self._word()}{_colon()}{self.text}"]
        lines += [f"  {label}{_colon()}{text}" for label, text in self.facts]
        lines += [f"  {text}" for text in (self.why, *self.notes) if text]
        return "\n".join(lines)

    def _repr_html_(self):
        sign, colour = _LOOK[self.state]
        rows = "".join(map(_row, self.facts))
        table = f'<table style="border-collapse:collapse;margin:6px 0;background:none">{rows}</table>' if rows else ""
        why = f'<p style="margin:6px 0">{rich(self.why)}</p>' if self.why else ""
        notes = "".join(f'<p style="margin:6px 0;opacity:.85">{escape(note)}</p>' for note in self.notes)
        head = f'<p style="margin:0"><strong><span aria-hidden="true">{sign}</span> {self.id} {escape(self._word())}</strong>'
        return (
            f'<div class="sg sg-verdict" role="status" lang="{html_language()}" style="border-left:4px solid {colour};'
            f'padding:8px 12px;overflow-x:auto;color:var(--jp-content-font-color1,inherit);line-height:1.5">'
            f"{head}{escape(_colon() + self.text)}</p>{table}{why}{notes}</div>"
        )

    def _word(self):
        return message(f"exercises.{_WORDS[self.state]}")


def rich(text):
    """A sentence as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def html_language():
    """The language in use as HTML names it."""
    return {"zh": "zh-CN"}.get(current(), current())


def fact(key, text):
    """One line of facts: (label in the language in use, text)."""
    return message(f"exercises.{key}"), text


def gap(difference):
    """A difference as text."""
    return digits(float(f"{difference:.3g}"))


def _colon():
    return message("exercises.colon")


def _row(pair):
    label, text = pair
    style = "text-align:left;vertical-align:top;padding:1px 12px 1px 0;font-weight:normal;opacity:.8;white-space:nowrap"
    code = f'<code style="white-space:pre-wrap;overflow-wrap:anywhere">{escape(text)}</code>'
    return f'<tr style="background:none"><th scope="row" style="{style}">{escape(label)}</th><td style="text-align:left;padding:1px 0">{code}</td></tr>'
