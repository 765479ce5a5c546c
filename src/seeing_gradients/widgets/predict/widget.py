"""A question as a widget: the page shows `card` and `state`, and sends in `sent` what the learner pressed.

The types of this data are declared here for Python and in data.d.ts for the page.
"""

from html import escape
from typing import Any, Literal, TypedDict

import traitlets

from seeing_gradients.language import message
from seeing_gradients.picture import theme
from seeing_gradients.widgets.bundles import load_script, load_style
from seeing_gradients.widgets.page_widget import PageWidget


class PredictCard(TypedDict):
    """The question, which never changes: fields of `course.exercises.Prediction`, in the language in use.

    Keys:
        labels: the words of the page: name of a message -> text.
        language: "en" or "zh-CN".
    """

    id: str
    kind: Literal["number", "choice", "slider"]
    question: str
    code: str
    options: list[str]
    low: float
    high: float
    step: float
    labels: dict[str, str]
    language: str


class PredictState(TypedDict):
    """How far the learner has come.

    Keys:
        stage: "open" before the learner records a prediction or skips it; "compared" after PyTorch's result is shown.
        text: a sentence about the stage; "" while it is "open".
        why: the explanation, once the prediction is compared; else "".
        problem: a sentence about an input that cannot be read, or about the progress file; else "".
    """

    stage: Literal["open", "recorded", "skipped", "compared"]
    text: str
    why: str
    problem: str


class PredictSent(TypedDict):
    """What the learner pressed.

    Keys:
        action: which button.
        answer: the text of a number, the index of an option, or None if nothing was chosen.
        count: differs in each message, so that the trait changes even if the rest is the same.
    """

    action: Literal["record", "skip", "compare"]
    answer: str | float | None
    count: str


class PredictReplies(TypedDict):
    """Every reply to a prediction, for a page without a kernel.

    Keys:
        actual: PyTorch's result, a number, or the index of an option.
        actual_text: the same as text.
        tolerance: the largest difference of an answer that is near the result; -1 if there is no such thing.
        recorded, skipped, unanswered, same, near, other: sentences; "{answer}" stands for the answer's text.
        why: the explanation.
        problem: a sentence about an input that cannot be read.
        ambiguous: a sentence about a comma before three digits.
    """

    actual: float
    actual_text: str
    tolerance: float
    recorded: str
    skipped: str
    unanswered: str
    same: str
    near: str
    other: str
    why: str
    problem: str
    ambiguous: str


class PredictWidget(PageWidget):
    """Shows a question, and passes what the learner presses to `press`, which a subclass defines.

    Attributes:
        card: PredictCard.
        state: PredictState.
        sent: PredictSent, from the page.
    """

    _esm = load_script("predict")
    _css = load_style("predict")
    card = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    sent = traitlets.Dict().tag(sync=True)

    def __init__(self, card: PredictCard, state: PredictState) -> None:
        super().__init__(card=card, state=state)

    def press(self, action: str, answer: Any) -> None:
        """React to a pressed button by setting `state`.

        Args:
            action: "record", "skip" or "compare"; but the page may send anything.
            answer: as in PredictSent; but the page may send anything.
        """
        raise NotImplementedError

    def replies(self) -> PredictReplies:
        """Return every reply, for a recording."""
        raise NotImplementedError

    @traitlets.observe("sent")
    def _on_sent(self, change: dict[str, Any]) -> None:
        self.press(change["new"].get("action"), change["new"].get("answer"))
        self.answered += 1

    def __repr__(self) -> str:
        card, state = self.card, self.state
        lines = [f"{card['labels']['title']} · {card['id']}", card["question"], *card["code"].splitlines()]
        lines += [f"- {option}" for option in card["options"]]
        lines += [f"{card['low']:.6g} ... {card['high']:.6g}"] if card["kind"] == "slider" else []
        return "\n".join([*lines, *(text for text in (state["text"], state["why"]) if text)])

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return {**data, "text/html": self.static_markup(), "text/plain": repr(self)}, metadata

    def static_markup(self) -> str:
        """Return the question as static HTML, for GitHub and for a reopened notebook without a kernel."""
        card, state = self.card, self.state
        code = f"<pre><code>{escape(card['code'])}</code></pre>" if card["code"] else ""
        options = "".join(f"<li>{escape(option)}</li>" for option in card["options"])
        options = f"<ul>{options}</ul>" if options else ""
        text = " ".join(text for text in (state["text"], state["why"]) if text) or message("exercises.predict_live")
        title, question = escape(card["labels"]["title"]), _with_code(card["question"])
        text = (
            escape(text) if card["language"].startswith("zh") else f"<em>{escape(text)}</em>"
        )  # Chinese has no italics
        return (
            f'<div class="sg sg-predict-still" lang="{card["language"]}" '
            f'style="border-left:4px solid {theme.NOT_YET_BAR};'
            f'padding:8px 12px;color:var(--jp-content-font-color1,inherit)"><p><strong>{title}'
            f"</strong> {question}</p>{code}{options}<p>{text}</p></div>"
        )


def _with_code(text: str) -> str:
    """A sentence as HTML; text between backticks becomes code."""
    parts = map(escape, text.split("`"))
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))
