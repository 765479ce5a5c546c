"""What a recording is made of: plain frozen data, no tensor of f kept alive.

`Record` holds `Node`s and `Edge`s; every value and gradient in them is a `Snapshot`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor

SMALL = 64  # elements: up to this many a snapshot keeps them all
_T = TypeVar("_T")


def new_frozen(kind: type[_T], fields: dict[str, Any]) -> _T:
    """Return kind(**fields), in a third of the time: a frozen dataclass would set its fields one by one.

    Args:
        kind: a frozen dataclass of this module.
        fields: becomes the instance's own __dict__; a field that is left out has its default.
    """
    new = _new(kind)
    _set(new, "__dict__", fields)
    return new


def set_frozen(instance: object, name: str, value: object) -> None:
    """Set a field of a frozen dataclass that nobody else has seen yet."""
    instance.__dict__[name] = value


_new, _set = object.__new__, object.__setattr__


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

    shape: tuple[int, ...]
    dtype: torch.dtype
    numbers: Any = None
    low: float | None = None
    high: float | None = None
    thumbnail: list[list[Any]] | None = None

    def tensor(self) -> Tensor:
        """Return the values as a new tensor of this shape and dtype.

        Raises:
            ValueError: the snapshot is of a large tensor, whose elements were not kept.
        """
        if self.numbers is None:
            raise ValueError(f"a snapshot of shape {self.shape} keeps a range and a thumbnail, not every element")
        return torch.tensor(self.numbers, dtype=self.dtype).reshape(self.shape)


def _plain(snapshots: tuple[Snapshot | None, ...]) -> Any:
    """One snapshot as a tensor where it is small, several (a multi-output operation) as a tuple."""
    values = tuple(s if s is None or s.numbers is None else s.tensor() for s in snapshots)
    return values[0] if len(values) == 1 else values


class MemoryBlock(NamedTuple):
    """One block of memory: its number within a Record, and how many bytes it takes."""

    number: int
    nbytes: int


@dataclass(frozen=True)
class SavedTensor:
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
        memory: the MemoryBlock that it keeps alive; others with that number share it. None for a layout without one block.
        behind: tuple of MemoryBlock, of the tensors that hooks hold in its place: what they packed, or a checkpoint's
            inputs. Empty where they hold something else, e.g. an array or a file.
    """

    name: str
    node: int | None = None
    output: int = 0
    variable: str | None = None
    shape: tuple[int, ...] | None = None
    dtype: torch.dtype | None = None
    version: int | None = None
    now: int | None = None
    state: str = "kept"
    line: int | None = None
    memory: MemoryBlock | None = None
    behind: tuple[MemoryBlock, ...] = ()


def memory_of(saved_tensors: Iterable[SavedTensor]) -> int:
    """Return the bytes of memory that saved tensors keep alive, shared memory counted once."""
    blocks = [block for saved in saved_tensors for block in (saved.memory, *saved.behind) if block is not None]
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
    def key(self) -> str:
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
    nodes: tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """One node of the recorded graph.

    Attributes:
        id: int, position in `Record.nodes`.
        op: what made the value, as PyTorch names it: "mul", "pow", "max"; "leaf" and "constant" for those kinds; the
            class for a module.
        grad_fn: name of the backward node, "MulBackward0" or "AccumulateGrad", or None.
        kind: "leaf" (an input, or any tensor that has no history), "constant" (a Python number, or a tensor that f
            made or referred to and that requires no grad), "op" (computed), "detached" (computed from something that requires
            grad, but off autograd's record: detach, no_grad, comparison), "module" (several of these, folded). A value
            after a write that autograd did not record is an "op" without a grad_fn, through which its gradient passes.
        name: the argument's or local variable's name, "w", or None.
        shape, dtype, requires_grad, is_leaf: of the value (of the first output where there are several).
        line: line number, in the file or cell, of the line of f that made it, or None.
        saved_tensors: tuple of SavedTensor, what the backward node saved; their names alone are `saved`.
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
    shape: tuple[int, ...] = ()
    dtype: torch.dtype | None = None
    requires_grad: bool = True
    is_leaf: bool = False
    line: int | None = None
    saved_tensors: tuple[SavedTensor, ...] = ()
    values: tuple[Snapshot | None, ...] = (None,)
    grads: tuple[Snapshot | None, ...] = (None,)
    module: tuple[Scope, ...] = ()
    inside: Inside | None = None

    @property
    def saved(self) -> tuple[str, ...]:
        """Names of the tensors that the backward node saved, ("self", "other")."""
        return tuple([saved.name for saved in self.saved_tensors]) if self.saved_tensors else ()

    @property
    def value(self) -> Any:
        """The value: a tensor, a Snapshot where it is large, a tuple of these for several outputs."""
        return _plain(self.values)

    @property
    def grad(self) -> Any:
        """d output / d this value, in the form of `value`; None where no gradient arrived."""
        return _plain(self.grads)


class EdgeKey(NamedTuple):
    """Where `record(f, ..., cut=[edge_key])` can cut an edge: an argument of a call that f makes.

    Attributes:
        call: int, number of the call.
        operation: str, its name.
        argument: int, position among the arguments of the call; a tuple of several where the edge stands for all of them.
    """

    call: int
    operation: str
    argument: int | tuple[int, ...]


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
        edge_key: EdgeKey at which `record(f, ..., cut=[edge.edge_key])` can cut this edge, noted where cut was passed, if only
            as []; None where nobody can tell which argument it comes from.
    """

    src: int
    dst: int
    output: int = 0
    input: int = -1
    flow: Snapshot | None = None
    cut: bool = False
    edge_key: EdgeKey | None = None
    argument: int = -1

    @property
    def grad(self) -> Any:
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

    output: Tensor | None
    grads: dict[str, Tensor | None]
    nodes: list[Node]
    edges: list[Edge]
    backward_order: list[int]
    inputs: dict[str, int] = field(default_factory=dict)
    name: str = "f"
    source: tuple[int, str] | None = None
    complete: bool = True
    failed: int | None = None
    accumulated: dict[str, Tensor | None] | None = None
    parameters: dict[str, Tensor | None] = field(default_factory=dict)
    opened: tuple[Opened, ...] = ()

    @property
    def saved_bytes(self) -> int:
        """Bytes of the memory that saved tensors kept alive for backward, shared memory counted once.

        Of a checkpoint these are the inputs of its stretch; what backward computes again and drops is not among them.
        """
        return memory_of([saved for node in self.nodes for saved in node.saved_tensors])
