"""What a recording is made of: plain frozen data, no tensor of f kept alive.

`Record` holds `Node`s and `Edge`s; every value and gradient in them is a `Snapshot`.
"""

from dataclasses import dataclass, field

import torch

SMALL = 64  # elements: up to this many a snapshot keeps them all


@dataclass(frozen=True)
class Snapshot:
    """A tensor as it was at one moment.

    Attributes:
        shape: tuple of int.
        dtype: torch.dtype.
        numbers: the elements as (nested lists of) Python numbers, or None where there are more than 64.
        low, high: smallest and largest element of a large tensor, else None.
        thumbnail: at most 8 x 8 elements of a large tensor, evenly spaced, rows by columns, else None.
    """

    shape: tuple
    dtype: torch.dtype
    numbers: object = None
    low: float | None = None
    high: float | None = None
    thumbnail: list | None = None

    def tensor(self):
        """Return the values as a new tensor of this shape and dtype.

        Raises:
            ValueError: the snapshot is of a large tensor, whose elements were not kept.
        """
        if self.numbers is None:
            raise ValueError(f"a snapshot of shape {self.shape} keeps a range and a thumbnail, not every element")
        return torch.tensor(self.numbers, dtype=self.dtype).reshape(self.shape)


def made(kind, /, **fields):
    """Return kind(**fields), in a third of the time: a frozen dataclass would set its fields one by one.

    Args:
        kind: Snapshot, Node or Edge; what is left out is as the class says.
    """
    new = object.__new__(kind)
    object.__setattr__(new, "__dict__", fields)
    return new


def _plain(snapshots):
    """One snapshot as a tensor where it is small, several (a multi-output operation) as a tuple."""
    values = tuple(s if s is None or s.numbers is None else s.tensor() for s in snapshots)
    return values[0] if len(values) == 1 else values


@dataclass(frozen=True)
class Node:
    """One node of the recorded graph.

    Attributes:
        id: int, position in `Record.nodes`.
        op: what made the value, as PyTorch names it: "mul", "pow", "max"; "leaf" and "constant" for those kinds.
        grad_fn: name of the backward node, "MulBackward0" or "AccumulateGrad", or None.
        kind: "leaf" (an input, or any tensor that has no history), "constant" (a Python number, or a tensor that f
            made or found and that requires no grad), "op" (computed), "detached" (computed from something that requires
            grad, but off autograd's record: detach, no_grad, comparison).
        name: the argument's or local variable's name, "w", or None.
        shape, dtype, requires_grad, is_leaf: of the value (of the first output where there are several).
        line: line number, in the file or cell, of the line of f that made it, or None.
        saved: names of the tensors that the backward node saved, ("self", "other").
        values: tuple of Snapshot, one an output; None where autograd made a value that Python never saw.
        grads: tuple of Snapshot or None, one an output: d output / d this value, everything that arrives summed.
    """

    id: int
    op: str
    grad_fn: str | None
    kind: str
    name: str | None
    shape: tuple
    dtype: torch.dtype | None
    requires_grad: bool
    is_leaf: bool
    line: int | None = None
    saved: tuple = ()
    values: tuple = (None,)
    grads: tuple = (None,)

    @property
    def value(self):
        """The value: a tensor, a Snapshot where it is large, a tuple of these for several outputs."""
        return _plain(self.values)

    @property
    def grad(self):
        """d output / d this value, in the form of `value`; None where no gradient arrived."""
        return _plain(self.grads)


@dataclass(frozen=True)
class Edge:
    """Value flows from src to dst; gradient flows back.

    Attributes:
        src, dst: node ids.
        output: which output of src is used (0 unless the operation has several).
        input: position among dst.grad_fn.next_functions, or -1 for an edge that autograd does not know.
        flow: Snapshot of what flows back along this edge (its siblings are summed with it at src), or None.
        cut: True where src requires grad and this edge carries none of it (detach, no_grad, comparison).
    """

    src: int
    dst: int
    output: int = 0
    input: int = -1
    flow: Snapshot | None = None
    cut: bool = False

    @property
    def grad(self):
        """What flows back along this edge: a tensor, a Snapshot where it is large, or None."""
        return _plain((self.flow,))


@dataclass(frozen=True)
class Record:
    """One real forward and backward pass of f.

    Attributes:
        output: detached result of f, tensor.
        grads: dict from input name to tensor of the input's shape, or None where no gradient arrives.
        nodes: list of Node in forward order; the last is the root.
        edges: list of Edge.
        backward_order: list of node ids in the order in which the engine ran them.
        inputs: dict from input name to node id.
        name: the name of f.
        source: (first line number, source text of f), or None where there is no source.
        complete: False where recording stopped at a limit and no backward was run.
    """

    output: torch.Tensor | None
    grads: dict
    nodes: list
    edges: list
    backward_order: list
    inputs: dict = field(default_factory=dict)
    name: str = "f"
    source: tuple | None = None
    complete: bool = True
