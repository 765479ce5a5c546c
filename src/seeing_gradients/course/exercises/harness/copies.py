"""Runs answers about memory and graphs: losses kept, a copy made, a leaf updated in place, lists of numbers."""

import numpy
import torch

from .other import other


def weighed(answer, *inputs):
    """(the losses, how many of them hold a graph); of what is neither a list of numbers nor a vector, its type."""
    losses = answer(*inputs)
    listed = list(losses) if isinstance(losses, list | tuple) or getattr(losses, "ndim", None) == 1 else None
    if listed is None or not all(map(_is_number, listed)):
        return other(losses)
    held = sum(isinstance(loss, torch.Tensor) and loss.grad_fn is not None for loss in listed)
    return torch.tensor([loss.item() if hasattr(loss, "item") else float(loss) for loss in listed]), float(held)


def copied(answer, x):
    """(the copy, 1 where it shares memory, 1 where it is on the graph); of what is no tensor, its type."""
    y = x.clone().requires_grad_() * 2
    copy = answer(y)
    x.copy_(y.detach() / 2)  # what was written into y shows in the input
    if not isinstance(copy, torch.Tensor):
        return other(copy)
    shares = copy.untyped_storage().data_ptr() == y.untyped_storage().data_ptr()
    return copy.detach().clone(), float(shares), float(copy.requires_grad)


def updated(answer, w, lr):
    """(w after the step, 1 where it is the same tensor, 1 where it is a leaf that requires grad); of what is no tensor, its type."""
    leaf = w.clone().requires_grad_()
    (leaf * leaf).sum().backward()
    result = answer(leaf, lr)
    if not isinstance(result, torch.Tensor):
        return other(result)
    return result.detach().clone(), float(result is leaf), float(result.is_leaf and result.requires_grad)


def leaves_no_trace(answer, received, w, lr):
    leaf = w.clone().requires_grad_()
    (leaf * leaf).sum().backward()
    before = leaf._version
    answer(leaf, lr)
    return leaf._version == before


def history(answer, w, batches):
    return answer(w.clone().requires_grad_(), batches)


def switches_off(answer, received, w, batches):
    leaf = w.clone().requires_grad_()
    answer(leaf, batches)
    return not leaf.requires_grad


def gradients_of_nodes(answer, edges):
    return as_tensor(answer([list(pairs) for pairs in edges]))


def as_tensor(grads):
    is_list = isinstance(grads, list | tuple) and all(_is_number(g) for g in grads)
    return torch.tensor([float(g) for g in grads]) if is_list else grads


def _is_number(g):
    """Whether it is a real number: Python's, NumPy's or a tensor's."""
    is_array = isinstance(g, numpy.generic | numpy.ndarray) and g.dtype.kind in "fiu"
    is_real = isinstance(g, torch.Tensor) and not g.is_complex() or is_array
    return isinstance(g, int | float) or (is_real and g.ndim == 0)


def in_order(answer, parents, root):
    return answer({node: list(behind) for node, behind in parents.items()}, root)
