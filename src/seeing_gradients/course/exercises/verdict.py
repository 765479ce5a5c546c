"""The result of a check: a frozen `Verdict`, shown as text or as a small card in the notebook.

Its states are "not yet", "correct", "approximately equal" and "wrong". `explain(error)` says in the lesson's language
what an error message of Python or PyTorch means, without giving a solution away.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any, NamedTuple

from seeing_gradients.course import progress
from seeing_gradients.language import html_language, message
from seeing_gradients.picture import theme

from .comparison import digits

NOT_YET, CORRECT, CLOSE, WRONG = "not yet", "correct", "approximately equal", "wrong"
_SIGNS_AND_COLOURS = {  # sign, colour of the bar
    NOT_YET: ("○", theme.NOT_YET_BAR),
    CORRECT: ("✓", theme.CORRECT_BAR),
    CLOSE: ("≈", theme.CORRECT_BAR),
    WRONG: ("✗", theme.WRONG_BAR),
}
_STATE_KEYS = {NOT_YET: "not_yet", CORRECT: "correct", CLOSE: "close", WRONG: "wrong"}

# (pattern of the error's own message, key of the sentence that explains it)
_MEANINGS = (
    (r"element 0 of tensors does not require grad", "exercises.means_no_graph"),
    (r"grad can be implicitly created only for scalar outputs", "exercises.means_not_scalar"),
    (r"Trying to backward through the graph a second time", "exercises.means_second_time"),
    (r"a (view of a )?leaf Variable that requires grad", "exercises.means_in_place_on_leaf"),
    (r"modified by an inplace operation", "exercises.means_saved_value_changed"),
    (r"Can't call numpy\(\) on Tensor that requires grad", "exercises.means_numpy"),
    (r"floating point( and complex)? dtype can require gradients", "exercises.means_integers"),
    (r"appears to not have been used in the graph", "exercises.means_unused"),
    (r"\.grad attribute of a Tensor that is not a leaf", "exercises.means_grad_of_non_leaf"),
    (r"One of the differentiated Tensors does not require grad", "exercises.means_input_without_flag"),
    (r"Can't detach views in-place", "exercises.means_detach_of_view"),
    (r"arguments to matmul need to be at least 1D", "exercises.means_product_with_number"),
    (r"unsupported operand type\(s\) for \^|bitwise_xor", "exercises.means_caret"),
    (r"not implemented for", "exercises.means_not_implemented"),
    (
        r"unsupported operand type.*'tuple'|'tuple' object has no attribute|can't multiply sequence by non-int of type 'Tensor'",
        "exercises.means_tuple",
    ),
    (r"expected Tensor as element \d+ in argument \d+, but got tuple", "exercises.means_tuple"),
    (r"math domain error|expected a (positive|nonnegative) input", "exercises.means_domain"),
    (r"you can only change requires_grad flags of leaf", "exercises.means_flag_of_non_leaf"),
    (r"'(Tensor|Parameter)' object has no attribute 'zero_grad'", "exercises.means_no_zero_grad"),
    (r"assigned grad expected to be a Tensor or None", "exercises.means_grad_assigned"),
    (r"support the deepcopy protocol", "exercises.means_deepcopy"),
    (r"'(Tensor|float|int)' object is not callable", "exercises.means_not_callable"),
    (r"'NoneType'", "exercises.means_none"),
    (r"can't allocate memory|not enough memory", "exercises.means_memory"),
    (
        r"must match the size|size mismatch|shapes cannot be multiplied|inconsistent tensor size",
        "exercises.means_sizes",
    ),
    (r"1D tensors expected", "exercises.means_vectors_only"),
    (r"same dtype", "exercises.means_dtypes"),
    (r"cannot be converted to Scalar|only one element tensors", "exercises.means_not_one_number"),
    (r"Boolean value of Tensor", "exercises.means_not_one_truth"),
    (r"'ellipsis'", "exercises.means_ellipsis"),
    (
        r"'(float|int)' object has no attribute '(backward|grad\w*|requires_grad\w*|detach)'",
        "exercises.means_plain_number",
    ),
    (r"must be Tensor, not (float|int)", "exercises.means_not_a_tensor"),
    (r"must be real number, not|Cannot convert expression to float", "exercises.means_not_a_number"),
    (r"takes \d+ positional argument|missing \d+ required positional arguments?: '", "exercises.means_arguments"),
    (r"'type' object does not support the context manager", "exercises.means_no_parentheses"),
    (r"builtin_function_or_method|unsupported operand type.*'(method|function)'", "exercises.means_no_parentheses"),
    (r"expected Tensor as element \d+ in argument \d+, but got (float|int)", "exercises.means_stacked_numbers"),
)
# (class of the error, key of the sentence that explains it); checked before _MEANINGS
_MEANINGS_BY_TYPE = (
    (UnboundLocalError, "exercises.means_unbound"),
    (NameError, "exercises.means_name"),
    (RecursionError, "exercises.means_recursion"),
    (MemoryError, "exercises.means_memory"),
    (ZeroDivisionError, "exercises.means_zero_division"),
    (SystemExit, "exercises.means_exit"),
)


class Fold(NamedTuple):
    """A button that opens a text.

    Attributes:
        label: str, on the button.
        text: str.
        is_code: bool.
        step: int, the number of the hint that it opens, from 1; 0 if it opens something else.
    """

    label: str
    text: str
    is_code: bool = False
    step: int = 0


@dataclass(frozen=True)
class Verdict:
    """The result of checking an answer.

    Attributes:
        id: str, of the exercise.
        state: "not yet", "correct", "approximately equal" or "wrong".
        text: str, the result in one sentence.
        facts: tuple of (label, text), the lines of a table: input, received, expected, line, ...
        why: str, explains the misconception, the broken rule or the error; "" if there is nothing to explain.
        reason: str, what decided a "wrong" or "not yet": "value", "shape", "dtype", "type", "count", "raised", "time",
            "processor", "output", "changed", "replaced", "rule", "stub" or "nothing"; "" for a right answer.
        misconception: str, the name of the recognised misconception or broken rule; "" if there is none.
        difference: float, the largest absolute difference, or None if it was not computed.
        notes: tuple of str, sentences shown below the rest.
        folds: tuple of Fold, buttons in the notebook: the hints and, after a wrong answer, the solution.
        share: float from 0 to 1, the share of the inputs, numbers or choices that were right.
    """

    id: str
    state: str
    text: str
    facts: tuple[tuple[str, str], ...] = ()
    why: str = ""
    reason: str = ""
    misconception: str = ""
    difference: float | None = None
    notes: tuple[str, ...] = ()
    folds: tuple[Fold, ...] = ()
    share: float = 0.0

    @property
    def solved(self) -> bool:
        """Whether the answer is right, exactly or approximately."""
        return self.state in (CORRECT, CLOSE)

    def __repr__(self) -> str:
        lines = [f"{_SIGNS_AND_COLOURS[self.state][0]} {self.id} {self._state_in_words()}{_colon()}{self.text}"]
        lines += [f"  {label}{_colon()}{text}" for label, text in self.facts]
        lines += [f"  {text}" for text in (self.why, *self.notes) if text]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        sign, colour = _SIGNS_AND_COLOURS[self.state]
        rows = "".join(map(_html_row, self.facts))
        table = f'<table style="border-collapse:collapse;margin:6px 0;background:none">{rows}</table>' if rows else ""
        why = f'<p style="margin:6px 0">{rich(self.why)}</p>' if self.why else ""
        notes = "".join(f'<p style="margin:6px 0;opacity:.85">{escape(note)}</p>' for note in self.notes)
        state = escape(self._state_in_words())
        head = f'<p style="margin:0"><strong><span aria-hidden="true">{sign}</span> {self.id} {state}</strong>'
        return (
            f'<div class="sg sg-verdict" role="status" lang="{html_language()}" style="border-left:4px solid {colour};'
            f'padding:8px 12px;overflow-x:auto;color:var(--jp-content-font-color1,inherit);line-height:1.5">'
            f"{head}{rich(_colon() + self.text)}</p>{table}{why}{notes}{_html_folds(self.folds)}</div>"
        )

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The card, and where it has hints a widget of it, through which a hint that is opened counts as seen."""
        data = {"text/plain": repr(self), "text/html": self._repr_html_()}
        num_hints = sum(fold.step > 0 for fold in self.folds)
        if not num_hints:
            return data, {}
        from seeing_gradients.widgets.verdict import VerdictWidget  # imported here, since only a page needs it

        widget = VerdictWidget(data["text/html"], num_hints, partial(progress.hinted, self.id))
        bundle = widget._repr_mimebundle_()
        view, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**view, **data}, metadata

    def _state_in_words(self) -> str:
        return message(f"exercises.{_STATE_KEYS[self.state]}")


def explain(error: BaseException) -> str | None:
    """Return a sentence on what an exception means; None if the course has no sentence for it."""
    text = str(error)
    for kind, key in _MEANINGS_BY_TYPE:
        if isinstance(error, kind):
            quoted = re.search(r"'(\w+)'", text)
            return message(key, name=getattr(error, "name", None) or (quoted[1] if quoted else "?"))
    return explain_text(text)


def explain_text(text: str) -> str | None:
    """Return a sentence on what the message of an error or a warning means; None if the course has none for it."""
    return next((message(key) for pattern, key in _MEANINGS if re.search(pattern, text)), None)


def rich(text: str) -> str:
    """Return a sentence as HTML; text between backticks becomes code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def fact(key: str, text: str) -> tuple[str, str]:
    """Return an item of `Verdict.facts`: (label, text).

    Args:
        key: of the label's message below "exercises.".
        text: str.
    """
    return message(f"exercises.{key}"), text


def difference_text(difference: float) -> str:
    """Return a difference as text, with three significant digits."""
    return digits(float(f"{difference:.3g}"))


def _html_folds(folds: Sequence[Fold]) -> str:
    """Buttons, each behind the text that the one before it opens. A browser opens <details> by mouse, Enter and Space."""
    if not folds:
        return ""
    fold, *others = folds
    body = f'<p style="margin:6px 0">{rich(fold.text)}</p>'
    if fold.is_code:
        body = f'<pre style="margin:6px 0;overflow-x:auto"><code>{escape(fold.text)}</code></pre>'
    button = "display:inline-block;cursor:pointer;padding:2px 10px;border:1px solid currentColor;border-radius:4px;opacity:.9"
    step = f' data-step="{fold.step}"' if fold.step else ""
    return (
        f'<details class="sg-help"{step} style="margin:6px 0 0"><summary style="{button}">{escape(fold.label)}</summary>'
        f"{body}{_html_folds(others)}</details>"
    )


def _colon() -> str:
    return message("exercises.colon")


def _html_row(pair: tuple[str, str]) -> str:
    """A row of the card's table, for one item of `Verdict.facts`."""
    label, text = pair
    style = "text-align:left;vertical-align:top;padding:1px 12px 1px 0;font-weight:normal;opacity:.8;white-space:nowrap"
    wrapped = (
        "white-space:pre-wrap;overflow-wrap:anywhere;-webkit-box-decoration-break:clone;box-decoration-break:clone"
    )
    code = f'<code style="{wrapped}">{escape(text)}</code>'
    return (
        f'<tr style="background:none"><th scope="row" style="{style}">{escape(label)}</th>'
        f'<td style="text-align:left;padding:1px 0">{code}</td></tr>'
    )
