"""What an exercise and a prediction are: frozen data, written in one module a lesson.

Sentences are `Text(en=..., zh=...)`; a `Misconception` recognises one classic wrong answer and says why it is wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass

from seeing_gradients.language import current, message


@dataclass(frozen=True)
class Text:
    """A sentence in both languages; str() gives it in the language in use."""

    en: str
    zh: str

    def __str__(self):
        return getattr(self, current())


class Condition(Text):
    """The name of a part that is 1 where a condition holds and 0 where it does not, instead of something returned."""

    is_condition = True


A_TENSOR = Text(en="a tensor", zh="张量")


@dataclass(frozen=True)
class Misconception:
    """A classic wrong answer, recognised on the inputs where the answer is wrong.

    Attributes:
        name: str, for tests.
        why: Text, what went wrong in the learner's thinking; never the solution.
        gives: what the mistake leads to: a function of the inputs, or the numbers themselves for a value.
        seen: function (received, *inputs) -> bool, where one wrong computation is not enough.
        error: str, a piece of the message that the mistake raises.
    """

    name: str
    why: Text
    gives: object = None
    seen: Callable | None = None
    error: str | None = None


@dataclass(frozen=True)
class Rule:
    """Something that a right value does not show; checked once every value is right.

    Attributes:
        name: str, for tests.
        why: Text, what the rule asks and why.
        broken: function (answer, received, *inputs) -> bool.
    """

    name: str
    why: Text
    broken: Callable


def call(answer, *inputs):
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
        names: tuple of str, Text or Condition: the numbers of a value, or the parts of what a function returns ("dL/dw", "dL/db").
        wanted: Text, the kind of thing that a function returns, where that is not a number, a tensor or the named parts.
        inputs: function (rng: random.Random, sign: +1, -1 or 0 for mixed) -> tuple of inputs, or None.
        run: function (answer, *inputs) -> what is compared with the same of the reference.
        read: function (returned, *inputs) -> what is compared, where that is not what `run` gives itself.
        given: the program handed out, for an exercise that mends one; unchanged it is "not yet".
        options: tuple of str, the causes of a choice.
        vary: function (rng: random.Random) -> the same Exercise with other numbers, or None.
    """

    id: str
    kind: str
    statement: Text
    reference: object
    hints: tuple
    solution: str
    difficulty: int
    minutes: int
    misconceptions: tuple
    rules: tuple = ()
    names: tuple = ()
    inputs: Callable | None = None
    run: Callable = call
    read: Callable | None = None
    wanted: Text | None = None
    given: Callable | None = None
    options: tuple = ()
    vary: Callable | None = None

    @property
    def title(self):
        """The title in the language in use."""
        return message(f"titles.{self.id}")


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """A question to commit to before anything runs.

    Attributes:
        id: str, "02.p1".
        kind: "number" (typed), "choice" or "slider".
        question: Text; `code` shows below it, one line each.
        actual: function () -> the number, or the place of the right choice, from really running PyTorch.
        why: Text, one or two sentences shown with the comparison.
        options: tuple of Text, for a choice.
        low, high, step: float, for a slider.
        tolerance: float, how far off a number may be to be called close.
    """

    id: str
    kind: str
    question: Text
    actual: Callable
    why: Text
    code: str = ""
    options: tuple = ()
    low: float = 0.0
    high: float = 1.0
    step: float = 0.1
    tolerance: float = 1e-6
