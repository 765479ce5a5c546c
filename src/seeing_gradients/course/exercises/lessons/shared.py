"""Parts of exercises in several lessons: rules, the words "a tensor", and `gradient(leaf)`."""

from torch import Tensor

from ..harness.rules import differentiates, ignores_backward, ignores_derivative, never_backward, never_differentiated
from ..spec import Rule, Text

A_TENSOR = Text(en="a tensor", zh="张量")

NO_BACKWARD = Rule(
    "no_backward",
    Text(
        en="The values are right, but there was no backward pass. Here one is asked for.",
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
        en="The values are right, but autograd found them. Here the formula is asked for: what autograd itself does.",
        zh="值是对的，但它们是用自动微分求出的。这里要用公式，即写出自动微分所做的计算。",
    ),
    differentiates,
)


def gradient(leaf: Tensor) -> Tensor:
    """Return `leaf.grad`, typed as a Tensor.

    Raises:
        ValueError: it is None.
    """
    if leaf.grad is None:
        raise ValueError("no backward pass has reached this tensor: its .grad is None")
    return leaf.grad
