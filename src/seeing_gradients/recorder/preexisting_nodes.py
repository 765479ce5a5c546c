"""Find the backward nodes that f did not make: they existed before it ran, or another thread made them.

Sequence numbers alone do not show this. Each thread counts its own, and in JupyterLab a cell of a subshell may use
tensors of the main thread, with numbers higher than its own. If no recorded call made a tensor, its history usually
lies outside f. The exception is a tensor made by something that the mode does not see (Function.apply, torch.func):
then no recorded call used its sequence number.
"""

from typing import TYPE_CHECKING, Any

from torch._C._autograd import _get_sequence_nr as _sequence_nr

from .backward import backward_nodes_until

if TYPE_CHECKING:
    from .trace import Trace, Value


def preexisting_nodes(trace: "Trace") -> set[Any] | frozenset[Any]:
    """Return the backward nodes that f did not make, among those behind the tensors that it received or referred to.

    Args:
        trace: of the forward pass.
    """
    roots: list[Any] = []
    for value in trace.external:
        if value.grad_fn is None or value.parents:
            continue
        number = value.grad_fn._sequence_nr()
        if _is_unseen(trace, value, number):
            roots += [node for node, _ in value.grad_fn.next_functions if _is_older(node, number, trace.first)]
        else:
            roots.append(value.grad_fn)
    if not roots:
        return frozenset()
    return backward_nodes_until(roots, {value.grad_fn for value in trace.values if _is_made(value)})


def _is_unseen(trace: "Trace", value: "Value", number: int) -> bool:
    """Whether a number was used while f ran, before f first used the value, but by none of the recorded calls."""
    if number < trace.first or not value.calls_before:
        return False
    user = trace.calls[value.calls_before - 1]
    if number >= (user.begin if any(arg is value for arg in user.args) else _sequence_nr()):
        return False
    call = trace.last_begun(number)
    return call is None or number >= trace.spent.get(call.index, call.end)


def _is_older(node: Any, number: int, first: int) -> bool:
    """Whether a node was not made by this thread after `first`.

    Then its number would lie between that and its user's.
    """
    return node is not None and not hasattr(node, "variable") and not first <= node._sequence_nr() < number


def _is_made(value: "Value") -> bool:
    call = value.call
    return call is not None and value.grad_fn is not None and call.begin <= value.grad_fn._sequence_nr() < call.end
