"""Ways to run an answer: with a leaf, for its value and slope; where autograd records nothing; on what is no leaf."""

import torch

from .other import other


def value_and_slope(answer, x):
    """(value, slope by autograd) of an answer at x; of what is no tensor its type."""
    leaf = torch.tensor(x, requires_grad=True)
    y = answer(leaf)
    if not isinstance(y, torch.Tensor):
        return other(y)
    (slope,) = torch.autograd.grad(y, leaf)
    return y.detach(), slope


def from_non_leaf(answer, q):
    """Hand the answer a tensor of q's values that is a reshaped leaf, and so no leaf itself."""
    return answer(q.reshape(-1).reshape(q.shape))


def by_hand(answer, *inputs):
    """Run an answer where autograd records nothing."""
    with torch.no_grad():
        return answer(*inputs)


def value_and_gradient(answer, x):
    """(value, gradient by autograd) of an answer at x; of what is no tensor its type."""
    leaf = x.clone().requires_grad_()
    y = answer(leaf)
    if not isinstance(y, torch.Tensor):
        return other(y)
    y.sum().backward()
    return y.detach(), leaf.grad
