"""Parts of exercises in several lessons: rules, what differences give, the words "a tensor", and `gradient(leaf)`."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from ..comparison import NotPlainError, compare, plain
from ..harness.observation import copied, numbers_in
from ..harness.rules import differentiates, ignores_backward, ignores_derivative, never_backward, never_differentiated
from ..spec import Misconception, Rule, Text

A_TENSOR = Text(en="a tensor", zh="张量")

NO_BACKWARD = Rule(
    "no_backward",
    Text(
        en="The values are right, but there was no backward pass. This exercise asks for one.",
        zh="值是对的，但没有做反向传播，而这里要用反向传播来求。",
    ),
    never_backward,
)

NOT_FROM_BACKWARD = Rule(
    "not_from_backward",
    Text(
        en="The values are right, but they were computed beside the backward pass. Return the gradients that it found.",
        zh="值是对的，但不是由反向传播得到的，而是另外算出的。请返回反向传播求出的梯度。",
    ),
    ignores_backward,
)

BY_AUTOGRAD = Rule(
    "no_backward",
    Text(
        en="The values are right, but they were found without a derivative: here autograd must do the work.",
        zh="值是对的，但没有经过求导。这里要用自动微分来求。",
    ),
    never_differentiated,
)

NOT_FROM_AUTOGRAD = Rule(
    "not_from_autograd",
    Text(
        en="The values are right, but they were computed beside autograd. Return the derivatives that it found.",
        zh="值是对的，但不是由自动微分得到的，而是另外算出的。请返回自动微分求出的导数。",
    ),
    ignores_derivative,
)

WITHOUT_AUTOGRAD = Rule(
    "by_autograd",
    Text(
        en="The values are right, but autograd found them. This exercise asks for the formula: for what autograd itself does.",
        zh="值是对的，但它们是用自动微分求出的。这里要用公式，即写出自动微分所做的计算。",
    ),
    differentiates,
)

# Beside LARGE, float64 has no digits left for what a step changes; TINY is far below every step that one would take. An
# exercise that asks for a formula draws such numbers where the formula has no use for them or loses nothing by them.
LARGE, TINY = 2.0**64, 2.0**-40
_NEARLY = 0.02  # of the largest number of a part; within it differences in float32 lie


def finite_difference(
    reference: Callable[..., Any],
    is_lossy: Callable[..., bool],
    also: Callable[..., Sequence[Any]] = lambda *inputs: (),
) -> Misconception:
    """Return the misconception of an answer that computes differences where a formula is asked for.

    Args:
        reference: function (*inputs) -> right result.
        is_lossy: function (*inputs) -> bool, whether these were drawn so that differences lose their digits.
        also: function (*inputs) -> results that differences have where f has a corner, or bends within one step.
    """

    def recognises(received: Any, *inputs: Any) -> bool:
        all_finite = all(map(math.isfinite, numbers_in(received)))
        return any(
            _has_its_shape(received, expected) and (_is_nearly(received, expected) or all_finite and is_lossy(*inputs))
            for expected in (reference(*copied(inputs)), *also(*inputs))
        )

    return Misconception("finite_difference", _DIFFERENCES, recognises=recognises)


_DIFFERENCES = Text(
    en="With ordinary numbers this is right, or nearly so; beside a very large or very small one, or at a corner, it "
    "is not. That is how a difference of two close values behaves (lesson 01). This exercise asks for the formula.",
    zh="数的大小寻常时，结果正确或几乎正确，遇到极大或极小的数，或者在拐点处，就不对了。用两个相近的值相减来求导，就会这样（第01课）。这里要用公式。",
)


def _has_its_shape(received: Any, expected: Any) -> bool:
    """Whether each part of a result has the shape and the kind of dtype of what is expected."""
    if isinstance(expected, tuple):
        is_pair = type(received) in (tuple, list) and len(received) == len(expected)
        return is_pair and all(map(_has_its_shape, received, expected))
    try:
        return compare(plain(received), plain(expected)).kind in ("none", "value")
    except NotPlainError:
        return False


def _is_nearly(received: Any, expected: Any) -> bool:
    """Whether each part of a result is nearly what is expected, as differences are, and not merely rounded.

    It has to be nan where nan is expected.
    """
    if isinstance(expected, tuple):
        is_pair = type(received) in (tuple, list) and len(received) == len(expected)
        return is_pair and all(map(_is_nearly, received, expected))
    numbers, right = numbers_in(received), numbers_in(expected)
    if len(numbers) != len(right) or _is_rounded(numbers) and numbers != right:
        return False
    most = _NEARLY * max((abs(number) for number in right if not math.isnan(number)), default=0.0)
    pairs = zip(numbers, right, strict=True)
    return all(abs(a - b) <= most or (math.isnan(a) and math.isnan(b)) for a, b in pairs)


def _is_rounded(numbers: list[float]) -> bool:
    """Whether numbers have so few digits as float16 or rounding leaves."""
    values = torch.tensor(numbers, dtype=torch.float64)
    return torch.equal(values.half().double(), values) or numbers == [round(n, 3) for n in numbers]


def gradient(leaf: Tensor) -> Tensor:
    """Return `leaf.grad`, typed as a Tensor.

    Raises:
        ValueError: it is None.
    """
    if leaf.grad is None:
        raise ValueError("no backward pass has reached this tensor: its .grad is None")
    return leaf.grad
