"""Walk the graph that autograd built and run its engine once, noting what flows.

Everything is taken from `next_functions` and `Node.register_hook`
(https://docs.pytorch.org/docs/stable/generated/torch.autograd.graph.Node.register_hook.html).
"""

from dataclasses import dataclass, field
from functools import partial

import torch

from .snapshot import snapshot


@dataclass
class Backward:
    """What one backward pass did.

    Attributes:
        order: list of grad_fn in the order in which the engine ran them.
        arrived: dict from grad_fn to a tuple of Snapshot or None, the gradient at each of its outputs.
        sent: dict from grad_fn to a tuple of Snapshot or None, what went along each of its next_functions.
        grads: dict from id of a leaf to its gradient, a tensor or None.
        leaf_nodes: dict from id of a leaf to its AccumulateGrad.
    """

    order: list = field(default_factory=list)
    arrived: dict = field(default_factory=dict)
    sent: dict = field(default_factory=dict)
    grads: dict = field(default_factory=dict)
    leaf_nodes: dict = field(default_factory=dict)


def walk(root):
    """Return every backward node that can be reached from root, root first, each once.

    Args:
        root: a grad_fn.
    """
    reached, stack = {root: None}, [root]
    while stack:
        for node, _ in stack.pop().next_functions:
            if node is not None and node not in reached:
                reached[node] = None
                stack.append(node)
    return list(reached)


def run_backward(output, gradient, nodes):
    """Run output.backward(gradient) with a hook on every node; leaves keep the .grad they had.

    Args:
        output: tensor that requires grad.
        gradient: tensor of the output's shape, or None for a scalar.
        nodes: list of grad_fn, as `walk` gives it.

    Returns:
        Backward.

    Raises:
        RuntimeError: whatever the engine raises, in-place edits of saved tensors say.
    """
    result = Backward()
    result.leaf_nodes = {id(node.variable): node for node in nodes if hasattr(node, "variable")}
    leaves = [node.variable for node in result.leaf_nodes.values()]
    kept = [leaf.grad for leaf in leaves]
    hooks = [node.register_hook(partial(_note, result, node)) for node in nodes]
    try:
        for leaf in leaves:
            leaf.grad = None
        # the graph may go on outside f, where somebody still needs it; an enclosing recording must not see this
        with torch._C.DisableTorchFunction():
            torch.autograd.backward(output, gradient, retain_graph=True)
        result.grads = {id(leaf): leaf.grad for leaf in leaves}
    finally:
        for hook in hooks:
            hook.remove()
        for leaf, grad in zip(leaves, kept, strict=True):
            leaf.grad = grad
    return result


def _note(result, node, sent, arrived):
    result.order.append(node)
    result.sent[node] = tuple([None if grad is None else snapshot(grad) for grad in sent])
    result.arrived[node] = tuple([None if grad is None else snapshot(grad) for grad in arrived])
