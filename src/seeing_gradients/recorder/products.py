"""The values inside a matrix product, found without running it again.

`linear` and `matmul` make several backward nodes: one product (AddmmBackward0, BmmBackward0), and nodes around it that
only rearrange elements. What these compute follows from the arguments and from the result.
"""

from typing import TYPE_CHECKING, Any

from torch import Tensor
from torch.nn import Parameter

from .snapshot import grad_fn_of, shape_of, snapshot_of_rearranged
from .types import Snapshot

if TYPE_CHECKING:
    from .trace import Call

PRODUCTS = {"linear", "matmul", "__matmul__", "__rmatmul__"}  # names of the operations

_PRODUCT_NODES = {"AddmmBackward0", "MmBackward0", "BmmBackward0", "MvBackward0"}
_RESHAPES = {"ViewBackward0", "UnsafeViewBackward0", "ReshapeAliasBackward0"}
_FROM_ARGUMENTS = _RESHAPES | {"TBackward0", "ExpandBackward0", "CloneBackward0", "UnsqueezeBackward0"}


def values_in_product(call: "Call", result: Any) -> dict[int, tuple[Snapshot | None, ...]] | None:
    """Return {sequence number of a backward node: its value} for a matrix product; None if it has another form.

    Args:
        call: finished; its name is one of PRODUCTS.
        result: what it returned.
    """
    node = grad_fn_of(result) if type(result) is Tensor else None
    if node is None or not all(map(_is_plain, call.args)):
        return None
    values: dict[int, tuple[Snapshot | None, ...]] = {}
    tensor, original = result.detach(), None
    while node.name() in _RESHAPES:  # from the result back to the product
        node = node.next_functions[0][0]
        shape = None if node is None else shape_of(node._input_metadata[0])
        if node is None or shape is None or node._sequence_nr() < call.begin:
            return None
        tensor = tensor.reshape(shape)
        values[node._sequence_nr()] = (snapshot_of_rearranged(tensor, original),)
    if node.name() not in _PRODUCT_NODES:
        return None
    for source, _ in node.next_functions:
        if source is not None and not _add_from_argument(values, source, call):
            return None
    return values


def _is_plain(argument: Any) -> bool:
    """Whether an argument is the Value of a tensor of no subclass; a parameter is none, either."""
    return hasattr(argument, "tensor") and (type(argument.tensor) is Tensor or type(argument.tensor) is Parameter)


def _add_from_argument(values: dict[int, tuple[Snapshot | None, ...]], node: Any, call: "Call") -> bool:
    """Add the values of the nodes between an argument and the product; return whether all of them are known."""
    between = []
    while not hasattr(node, "variable") and node._sequence_nr() >= call.begin:
        if node.name() not in _FROM_ARGUMENTS:
            return False
        between.append(node)
        node = node.next_functions[0][0]
        if node is None:
            return False
    if not between:
        return True
    leaf = getattr(node, "variable", None)
    argument = next(
        (arg for arg in call.args if (arg.tensor is leaf if leaf is not None else arg.grad_fn is node)), None
    )
    if argument is None:
        return False
    tensor, original = argument.tensor.detach(), argument.snapshot
    for each in reversed(between):
        name, shape = each.name(), shape_of(each._input_metadata[0])
        if shape is None:
            return False
        if name == "TBackward0":
            tensor = tensor.t()
        elif name == "ExpandBackward0":
            tensor = tensor.expand(shape)
        else:
            tensor = tensor.reshape(shape)
        if tensor.shape != shape:
            return False
        values[each._sequence_nr()] = (snapshot_of_rearranged(tensor, original),)
    return True
