"""What an exercise and a prediction are: frozen data, written in `lessons/`, a folder a lesson.

Sentences are `Text(en=..., zh=...)`; a `Misconception` recognises one classic wrong answer and says why it is wrong.
`source_of(function)` is the worked solution of an exercise whose reference is the function that learners are shown.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from seeing_gradients.language import current, message


@dataclass(frozen=True)
class Text:
    """A sentence in both languages; str() gives it in the language in use."""

    en: str
    zh: str

    def __str__(self) -> str:
        return getattr(self, current())


class Condition(Text):
    """The name of a part that is 1 if a condition holds and 0 if not, instead of something returned."""


@dataclass(frozen=True)
class Misconception:
    """A classic wrong answer, recognised on the inputs on which the answer is wrong.

    Attributes:
        name: str, for tests.
        why: Text, what went wrong in the learner's thinking; never the solution.
        gives: what the mistake leads to: a function of the inputs, or the numbers themselves for a value.
        recognises: function (received, *inputs) -> bool, if one wrong computation is not enough.
        error: str, a piece of the message that the mistake raises.
    """

    name: str
    why: Text
    gives: Any = None
    recognises: Callable[..., bool] | None = None
    error: str | None = None


@dataclass(frozen=True)
class Rule:
    """Something that a right value does not show; checked once every value is right.

    Attributes:
        name: str, for tests.
        why: Text, what the rule asks and why.
        broken: function (answer, received, *inputs) -> bool, from `harness.rules`.
    """

    name: str
    why: Text
    broken: Callable[..., bool]


def call(answer: Callable[..., Any], *inputs: Any) -> Any:
    """The plain way to run an answer: answer(*inputs)."""
    return answer(*inputs)


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise.

    Attributes:
        id: str, "02.1".
        kind: "value" (numbers), "function" (run on fresh inputs) or "choice" (a dict from program to cause).
        statement: Text, the task as the lesson puts it.
        reference: the numbers, the function, or the dict.
        hints: three Texts, each telling more.
        solution: str, code.
        difficulty: int, 1 to 3.
        minutes: int.
        misconceptions: tuple of Misconception.
        rules: tuple of Rule.
        names: tuple of str, Text or Condition: the numbers of a value, or the parts of what a function returns
            ("dL/dw", "dL/db").
        wanted: Text, the kind of thing that a function returns, if that is not a number, a tensor or the named parts.
        inputs: function (rng, sign: +1, -1 or 0 for mixed) -> tuple of inputs, or None if it is no function.
        run: function (answer, *inputs) -> what is compared with the same of the reference; from `harness.runs`.
        read: function (returned, *inputs) -> what is compared, if that is not what `run` itself gives.
        starter: the program handed out, for an exercise that repairs one; unchanged it is "not yet".
        options: tuple of str, the causes of a choice.
        vary: function (rng) -> the same Exercise with other numbers, or None.
    """

    id: str
    kind: Literal["value", "function", "choice"]
    statement: Text
    reference: Any
    hints: tuple[Text, ...]
    solution: str
    difficulty: int
    minutes: int
    misconceptions: tuple[Misconception, ...]
    rules: tuple[Rule, ...] = ()
    names: tuple[str | Text, ...] = ()
    inputs: Callable[[Random, int], tuple[Any, ...]] | None = None
    run: Callable[..., Any] = call
    read: Callable[..., Any] | None = None
    wanted: Text | None = None
    starter: Callable[..., Any] | None = None
    options: tuple[str, ...] = ()
    vary: "Callable[[Random], Exercise] | None" = None

    @property
    def title(self) -> str:
        """The title in the language in use."""
        return message(f"titles.{self.id}")


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A question to commit to before anything runs.

    Attributes:
        id: str, "02.p1".
        kind: "number" (typed), "choice" or "slider".
        question: Text; `code` shows below it.
        actual: function () -> the number, or the index of the right choice, from really running PyTorch.
        why: Text, one or two sentences shown with the comparison.
        code: str, lines of Python.
        options: tuple of Text, for a choice.
        low, high, step: float, for a slider.
        tolerance: float, how far off a number may be to be called close.
    """

    id: str
    kind: Literal["number", "choice", "slider"]
    question: Text
    actual: Callable[[], float]
    why: Text
    code: str = ""
    options: tuple[Text, ...] = ()
    low: float = 0.0
    high: float = 1.0
    step: float = 0.1
    tolerance: float = 1e-6


def source_of(function: Callable[..., Any]) -> str:
    """Return the source of a reference function, the worked solution that learners are shown.

    Such a function is written as the lesson would write it: without annotations or a docstring.
    """
    return inspect.getsource(function).rstrip()
