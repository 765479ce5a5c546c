"""Rules about how an answer works, which its values do not show: its graph, backward passes, operations, what it leaves.

Each rule is a function (observation, *inputs) -> bool and returns whether the answer breaks it. `observation` is what was
seen of the very call whose result is graded (`observation.Observation`), `inputs` are what the exercise drew for it.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from .observation import CLIPPING, GRAD, NODE_READ, VERSION, Observation

_MANY = 12  # rows, from which on an answer without a loop has fewer operations than rows


# Rules about the graph of the result.


def has_power(observation: Observation, *inputs: Any) -> bool:
    """Whether the graph contains a power."""
    return any(name.startswith("Pow") for name in observation.operations)


def has_a_third_arrow(observation: Observation, *inputs: Any) -> bool:
    """Whether more than two edges leave the leaves."""
    return sum(parent < 0 for _, parent in observation.edges) > 2


def has_more_operations(observation: Observation, *inputs: Any) -> bool:
    """Whether the operations are anything but one addition and one multiplication."""
    return sorted(observation.operations) != ["AddBackward0", "MulBackward0"]


def has_gram_matrix(observation: Observation, X: Tensor) -> bool:
    """Whether a tensor has the shape (rows, rows): all dot products, though only those of the diagonal are needed."""
    # (1, rows, rows) is one, too
    without_ones = {tuple(size for size in shape if size != 1) for shape in observation.shapes}
    return 1 < len(X) != X.shape[1] and (len(X), len(X)) in without_ones


def has_loop(observation: Observation, X: Tensor) -> bool:
    """Whether there are at least as many operations as rows, as a loop over the rows makes."""
    return len(X) >= _MANY and len(observation.operations) >= len(X)


def leaves_the_graph(observation: Observation, *inputs: Any) -> bool:
    """Whether the result does not require grad."""
    return not observation.requires_grad


def chooses_on_the_graph(observation: Observation, *inputs: Any) -> bool:
    """Whether the graph contains torch.where."""
    return any(name.startswith("Where") for name in observation.operations)


def computes_both(calls: Sequence[tuple[Observation, float]]) -> bool:
    """Whether some graph of more than two operations has the same structure for a positive x as for another one.

    A graph with one or two operations is the formula of a single branch. This rule looks at all calls together.

    Args:
        calls: sequence of (observation, x).
    """
    positive, other = (
        {(seen.operations, seen.edges) for seen, x in calls if (x > 0) is side and len(seen.operations) > 2}
        for side in (True, False)
    )
    return bool(positive & other)


def has_grad_fn(observation: Observation, *inputs: Any) -> bool:
    """Whether the result has a `grad_fn`, i.e. is no leaf."""
    return observation.has_grad_fn


def has_no_flag(observation: Observation, *inputs: Any) -> bool:
    """Whether the result does not require grad."""
    return not observation.requires_grad


def keeps_a_graph(observation: Observation, *inputs: Any) -> bool:
    """Whether the result, or a part of it, requires grad."""
    return observation.requires_grad


# Rules about backward passes.


def never_differentiated(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer uses neither a backward pass nor forward-mode differentiation."""
    return not observation.passes and not observation.tangents


def differentiates(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer uses a backward pass, forward-mode differentiation, or a node, which computes a gradient if called."""
    return bool(observation.passes) or observation.tangents or NODE_READ in observation.functions


def never_backward(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer runs no backward pass."""
    return observation.passes == 0


def backward_more_than_once(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer runs more than one backward pass."""
    return observation.passes > 1


def more_than_two_passes(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer runs more than two backward passes."""
    return observation.passes > 2


def ignores_backward(observation: Observation, *inputs: Any) -> bool:
    """Whether some number of the result does not depend on the backward passes that the answer runs."""
    return observation.passes > 0 and observation.ignores_gradients


def ignores_derivative(observation: Observation, *inputs: Any) -> bool:
    """Whether some number of the result does not depend on the backward passes, and forward mode is not used either."""
    return ignores_backward(observation) and not observation.tangents


def not_one_backward_a_row(observation: Observation, A: Tensor, *inputs: Any) -> bool:
    """Whether the number of ordinary backward passes differs from the number of rows of A."""
    return observation.passes != len(A) or observation.batched


def leaves_grad_empty(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer has not filled `.grad` of its first argument."""
    return (0, GRAD) not in observation.altered


def never_asks_for_a_gradient(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer has no way to see the gradient of a computed tensor, or returns something else instead."""
    asked = {"retain_grad", "backward(inputs=)"} & set(observation.functions)
    return observation.has_grad_fn or observation.ignores_gradients or not (asked or uses_hook(observation))


# Rules about the functions that an answer calls, and about its in-place writes.


def uses_cosine(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer calls a function with "cos" in its name."""
    return any("cos" in name for name in observation.functions)


def uses_cross_entropy(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer calls `F.cross_entropy`, itself or through `nn.CrossEntropyLoss`."""
    return "cross_entropy" in observation.functions


def clips_by_torch(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer calls `clip_grad_norm_` or another function of `torch.nn.utils` that clips gradients."""
    return CLIPPING in observation.functions


def never_in_half(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer converts no tensor to another dtype, and so never computes in float16."""
    return not {"half", "to", "type", "type_as"} & set(observation.functions)


def retains_grad(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer asks for the gradient of a computed tensor."""
    return "retain_grad" in observation.functions


def uses_hook(observation: Observation, *inputs: Any) -> bool:
    """Whether the answer registers a hook on a tensor."""
    return any(name.startswith("register_") for name in observation.functions)


def builds_the_matrix(observation: Observation, x: Tensor, *inputs: Any) -> bool:
    """Whether some tensor has as many elements as the whole Hessian, or all of its rows were computed one by one.

    Two passes are enough for a Hessian-vector product; a third one is allowed for forward mode by two of them.
    """
    return observation.most_elements >= len(x) ** 2 or observation.passes > max(3, len(x) - 1)


def leaves_no_trace(observation: Observation, *inputs: Any) -> bool:
    """Whether the version counter of the first argument stays, as for a write through `.data` or no write at all."""
    return (0, VERSION) not in observation.altered


# The rules that read `Observation.ignores_gradients`, for which an answer is called a second time.
NEED_OTHER_GRADIENTS = (ignores_backward, ignores_derivative, never_asks_for_a_gradient)
