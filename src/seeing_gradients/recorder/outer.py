"""Which backward nodes were made outside f, before it ran or in another thread.

Sequence numbers alone do not tell: each thread counts its own, and in JupyterLab a cell of a subshell may meet tensors of
the main thread, with numbers higher than its own. What f found has its history outside, unless something made it that
passes no mode (Function.apply, torch.func): then its number is one that no operation seen here has used.
"""

import torch

from .engine import walk_from

_sequence_nr = torch.autograd._get_sequence_nr


def nodes_outside(trace):
    """Return the set of backward nodes behind what f got and found that f did not make.

    Args:
        trace: Trace of the forward pass.
    """
    roots = []
    for value in trace.found:
        if value.grad_fn is None or value.parents:
            continue
        number = value.grad_fn._sequence_nr()
        if _is_unseen(trace, value, number):
            roots += [node for node, _ in value.grad_fn.next_functions if _is_older(node, number, trace.first)]
        else:
            roots.append(value.grad_fn)
    if not roots:
        return frozenset()
    return walk_from(roots, {value.grad_fn for value in trace.values if _is_made(value)})


def _is_unseen(trace, value, number):
    """Whether a number was used up while f ran, before f found the value, by none of its calls."""
    if number < trace.first or not value.at:
        return False
    finder = trace.calls[value.at - 1]
    if number >= (finder.begin if any(arg is value for arg in finder.args) else _sequence_nr()):
        return False
    call = trace.last_begun(number)
    return call is None or number >= trace.spent.get(call.index, call.end)


def _is_older(node, number, first):
    """Whether a node is none of this thread's after `first`: it would have a number between that and its user's."""
    return node is not None and not hasattr(node, "variable") and not first <= node._sequence_nr() < number


def _is_made(value):
    call = value.call
    return call is not None and value.grad_fn is not None and call.begin <= value.grad_fn._sequence_nr() < call.end
