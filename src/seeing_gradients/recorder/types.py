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


_new, _set = object.__new__, object.__setattr__


def made(kind, fields):
    """Return kind(**fields), in a third of the time: a frozen dataclass would set its fields one by one.

    Args:
        kind: Snapshot, Saved, Node, Edge or Record.
        fields: dict, which becomes the instance's own; what is left out is as the class says.
    """
    new = _new(kind)
    _set(new, "__dict__", fields)
    return new


def _plain(snapshots):
    """One snapshot as a tensor where it is small, several (a multi-output operation) as a tuple."""
    values = tuple(s if s is None or s.numbers is None else s.tensor() for s in snapshots)
    return values[0] if len(values) == 1 else values


@dataclass(frozen=True)
class Saved:
    """One tensor that a backward node keeps for its formula.

    Attributes:
        name: str, as the node calls it: "self", "other", "result".
        node: int or None, id of the node whose value it is (its own for "result"); None where f never had that value.
        output: int, which output of that node.
        variable: str or None, the argument or local variable of f that holds it, written to since or not.
        shape, dtype: of the tensor; None where hooks packed it into something else.
        version: int or None, the tensor's version when it was saved; each write in place counts one up.
        now: int or None, its version after backward.
        state: "kept"; "freed" (backward ran with retain_graph=False); "changed" (written to in place since, so that
            backward refuses); "packed" (saved_tensors_hooks or a checkpoint hold something else in its place).
        line: int or None, the line of f that wrote to it in place after it was saved.
        memory: (number, bytes) of the memory that it keeps alive; others with that number share it. None for a layout
            without one block of memory.
        behind: tuple of the same for the tensors that hooks hold in its place: what they packed, or a checkpoint's inputs.
            Where they hold something else, an array or a file say, it is empty.
    """

    name: str
    node: int | None = None
    output: int = 0
    variable: str | None = None
    shape: tuple | None = None
    dtype: torch.dtype | None = None
    version: int | None = None
    now: int | None = None
    state: str = "kept"
    line: int | None = None
    memory: tuple | None = None
    behind: tuple = ()


def memory_of(kept):
    """Bytes of the memory that saved tensors keep alive, shared memory counted once.

    Args:
        kept: list of Saved.
    """
    blocks = [block for saved in kept for block in (saved.memory, *saved.behind) if block is not None]
    return sum(dict(blocks).values())


@dataclass(frozen=True)
class Scope:
    """One call of an nn.Module.

    Attributes:
        path: str, dotted, "layers.0.attention"; begins with the name that f knows the module by, unless f is it.
        kind: str, the name of its class.
        call: int, 0 for the first call of this module, 1 for the second.
    """

    path: str
    kind: str
    call: int = 0

    @property
    def key(self):
        """The path, with "#2" behind it for the second call."""
        return f"{self.path}#{self.call + 1}" if self.call else self.path


@dataclass(frozen=True)
class Inside:
    """What a group of nodes that is drawn as one holds.

    Attributes:
        key: str, by which it is opened: "layers.0", "layers.0#2" (its second call), "layers.0..layers.11" (twelve alike).
        operations: int, nodes that compute.
        parameters: int, elements of the leaves that require grad.
        members: int, how many modules alike it stands for; 1 for a single module.
    """

    key: str
    operations: int
    parameters: int
    members: int = 1


@dataclass(frozen=True)
class Opened:
    """A group of a folded Record that is open.

    Attributes:
        key: str, by which it is closed.
        title: str, its class, "12 × Block" for a run.
        name: str, its path.
        parent: key of the group around it, or None.
        nodes: tuple of node ids, all that is shown of it.
    """

    key: str
    title: str
    name: str
    parent: str | None
    nodes: tuple


@dataclass(frozen=True)
class Node:
    """One node of the recorded graph.

    Attributes:
        id: int, position in `Record.nodes`.
        op: what made the value, as PyTorch names it: "mul", "pow", "max"; "leaf" and "constant" for those kinds; the
            class for a module.
        grad_fn: name of the backward node, "MulBackward0" or "AccumulateGrad", or None.
        kind: "leaf" (an input, or any tensor that has no history), "constant" (a Python number, or a tensor that f
            made or found and that requires no grad), "op" (computed), "detached" (computed from something that requires
            grad, but off autograd's record: detach, no_grad, comparison), "module" (several of these, folded). A value
            after a write that autograd did not record is an "op" without a grad_fn, through which its gradient passes.
        name: the argument's or local variable's name, "w", or None.
        shape, dtype, requires_grad, is_leaf: of the value (of the first output where there are several).
        line: line number, in the file or cell, of the line of f that made it, or None.
        kept: tuple of Saved, the tensors that the backward node saved; their names alone are `saved`.
        values: tuple of Snapshot, one an output; None where autograd made a value that Python never saw.
        grads: tuple of Snapshot or None, one an output: d output / d this value, everything that arrives summed.
        module: tuple of Scope, the calls of nn.Modules in which it was computed, outermost first; of a leaf that is no
            input, those in which alone it is used.
        inside: Inside, what a folded module holds, else None.
    """

    id: int
    op: str
    grad_fn: str | None = None
    kind: str = "op"
    name: str | None = None
    shape: tuple = ()
    dtype: torch.dtype | None = None
    requires_grad: bool = True
    is_leaf: bool = False
    line: int | None = None
    kept: tuple = ()
    values: tuple = (None,)
    grads: tuple = (None,)
    module: tuple = ()
    inside: Inside | None = None

    @property
    def saved(self):
        """Names of the tensors that the backward node saved, ("self", "other")."""
        return tuple([saved.name for saved in self.kept]) if self.kept else ()

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
        argument: for such an edge its position among the arguments of the operation, those in lists counted one by one; else -1.
        flow: Snapshot of what flows back along this edge (its siblings are summed with it at src), or None.
        cut: True where src requires grad and this edge carries none of it (detach, no_grad, comparison).
        at: (call, name of its operation, argument), at which `record(f, ..., cut=[edge.at])` can cut this edge; noted
            where cut is given, if only as []. The argument is a tuple of several where the edge stands for all of them, and
            `at` None where nobody can tell which.
    """

    src: int
    dst: int
    output: int = 0
    input: int = -1
    flow: Snapshot | None = None
    cut: bool = False
    at: tuple | None = None
    argument: int = -1

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
        complete: False where recording stopped at a limit or an error, before backward had run to its end.
        failed: id of the node at which backward failed, or None.
        accumulated: dict from input name to its .grad after all passes, where `backwards` was 2 or more; else None.
        parameters: dict from name to gradient, a tensor, of every leaf that f did not get as an input: a model's
            parameters by their dotted paths, "layers.0.linear1.weight".
        opened: tuple of Opened, outer ones first, where modules were folded: those that were opened.
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
    failed: int | None = None
    accumulated: dict | None = None
    parameters: dict = field(default_factory=dict)
    opened: tuple = ()

    @property
    def saved_bytes(self):
        """Bytes of the memory that saved tensors kept alive for backward, shared memory counted once.

        Of a checkpoint these are the inputs of its stretch; what backward computes anew and drops is not among them.
        """
        return memory_of([saved for node in self.nodes for saved in node.kept])
