"""The data classes of exercises and predictions, all frozen. Their instances are in `lessons/`, one folder per lesson.

Sentences are `Text(en=..., zh=...)`. A `Misconception` recognises one classic wrong answer and says why it is wrong.
`source_of(function)` returns the source of a reference function, for exercises that show it as the worked solution.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

from seeing_gradients.language import current, message


@dataclass(frozen=True)
class Text:
    """A sentence in both languages; str() returns it in the language in use.

    Attributes:
        en: str, English.
        zh: str, Chinese.
    """

    en: str
    zh: str

    def __str__(self) -> str:
        return getattr(self, current())


class Condition(Text):
    """The name of a compared number that the answer did not return: 1 if a condition holds, 0 if not.

    `run` or `read` computes such numbers, e.g. whether a result shares memory with its input. A verdict does not show them.
    """


@dataclass(frozen=True)
class Misconception:
    """A classic wrong answer. It counts as recognised if it explains every input on which the answer is wrong.

    One that `gives` a result must give that of the answer on every input.

    Attributes:
        name: str, for tests and reports.
        why: Text, what went wrong in the learner's thinking; never the solution.
        gives: the result of the mistake. For a function answer: function (*inputs) -> result. For a value: the number,
            or a tuple with one number for each name. For a choice: str, the option chosen wrongly.
        recognises: function (received, *inputs) -> bool, used instead of `gives` if no single computation describes
            the mistake.
        error: str, a part of the message of the error that the mistake raises.
        after: int, how many backward passes of the answer had succeeded when it raised or returned; None if that does
            not matter.
    """

    name: str
    why: Text
    gives: Any = None
    recognises: Callable[..., bool] | None = None
    error: str | None = None
    after: int | None = None


@dataclass(frozen=True)
class Rule:
    """A requirement that the returned values do not show; it is checked after all values are right.

    Attributes:
        name: str, for tests and reports.
        why: Text, what the rule asks and why.
        broken: function (observation, *inputs) -> bool, True if the answer breaks the rule; from `harness.rules`.
            `observation` tells what the answer did in a graded run with these inputs.
        is_about_all_runs: bool; if True, `broken` gets one argument instead, a list of (observation, *inputs), one for
            each graded run.
    """

    name: str
    why: Text
    broken: Callable[..., bool]
    is_about_all_runs: bool = False


def call(answer: Callable[..., Any], *inputs: Any) -> Any:
    """Return answer(*inputs): the default of `Exercise.run`."""
    return answer(*inputs)


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise.

    Attributes:
        id: str, "02.1".
        kind: "value" (numbers), "function" (run on random inputs) or "choice" (a dict from program to cause).
        statement: Text, the task as the lesson states it.
        reference: the right answer: the number or tuple of numbers, the function, or the dict.
        hints: three Texts, each telling more than the one before.
        solution: str, the code of the worked solution.
        difficulty: int, 1 to 3.
        minutes: int, the time it takes.
        misconceptions: tuple of Misconception.
        rules: tuple of Rule.
        names: tuple of str, Text or Condition, one for each number of a value answer or for each part of what a
            function returns ("dL/dw", "dL/db"); empty if there is only one.
        inputs: function (rng: random.Random, sign: int) -> tuple of inputs; sign is +1, -1, or 0 for mixed. None if
            kind is not "function".
        input_names: tuple of str, one for each input, as a verdict shows them; empty for the parameters of the reference.
        run: function (answer, *inputs) -> result; runs the answer, and likewise the reference; from `harness.runs`.
        read: function (result of `run`, *inputs) -> what is compared; None to compare the result itself.
        wanted: Text, what a function must return, in words; None if that is a number, a tensor or the named parts.
        starter: function, the program that the learner repairs, or None; handed in unchanged, it is "not yet".
        options: tuple of str, the causes to choose from.
        vary: Variants, the same exercise with other numbers, one of which `vary(rng)` draws; or None.
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
    input_names: tuple[str, ...] = ()
    run: Callable[..., Any] = call
    read: Callable[..., Any] | None = None
    wanted: Text | None = None
    starter: Callable[..., Any] | None = None
    options: tuple[str, ...] = ()
    vary: "Variants | None" = None

    @property
    def title(self) -> str:
        """The title in the language in use."""
        return message(f"titles.{self.id}")


@dataclass(frozen=True)
class Variants:
    """The same exercise with other numbers.

    Attributes:
        all: function () -> tuple of Exercise; the order decides which one a student gets.
    """

    all: Callable[[], tuple[Exercise, ...]]

    def __call__(self, rng: Random) -> Exercise:
        """Draw one of them."""
        return rng.choice(self.all())


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A question that the learner answers before any code runs.

    Attributes:
        id: str, "02.p1".
        kind: "number" (typed), "choice" or "slider".
        question: Text.
        actual: function () -> float, the right number or the index of the right choice; it runs PyTorch to find out.
        why: Text, one or two sentences shown with the comparison.
        code: str, lines of Python shown below the question.
        options: tuple of Text, for a choice.
        low, high, step: float, for a slider.
        tolerance: float, the largest absolute difference at which a number is called close.
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
    """Return the source text of a reference function, to be shown to learners as the worked solution.

    Write such a function as the lesson would: without annotations or a docstring.
    """
    return inspect.getsource(function).rstrip()
