"""The parts of a recording: plain frozen data that keeps no tensor of f alive.

`Record` holds `Node`s and `Edge`s; every value and gradient in them is a `Snapshot`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

import torch
from torch import Tensor

from seeing_gradients.language import message

from .errors import ActivationError

if TYPE_CHECKING:
    from .summary import Summary

SMALL = 64  # elements; a snapshot of at most so many holds all of them
_T = TypeVar("_T")

# Where in the code the call stands that made a node: the number of the call, and the position in the bytecode of f,
# followed by that in the innermost function outside PyTorch if this is another one. The rounds of a loop have equal
# positions.
Site: TypeAlias = tuple[int, int | tuple[int, int]]


class Ragged(int):
    """The size of a nested tensor along a dimension in which its components differ: that of the longest, written "≤3".

    It equals no plain number, so that a nested tensor never has the shape of a plain one.
    """

    def __repr__(self) -> str:
        return f"≤{int(self)}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ragged) and int(self) == int(other)

    def __hash__(self) -> int:
        return hash(repr(self))


def new_frozen(kind: type[_T], fields: dict[str, Any]) -> _T:
    """Return kind(**fields) in a third of the time: a frozen dataclass sets its fields one by one.

    Args:
        kind: a frozen dataclass of this module.
        fields: becomes the __dict__ of the instance; a missing field has its default.
    """
    new = _new(kind)
    _set_fields(new, fields)
    return new


def set_frozen(instance: object, name: str, value: object) -> None:
    """Set a field of a frozen dataclass that has just been made and not been passed on."""
    instance.__dict__[name] = value


class _Frozen:
    """The base of the frozen dataclasses that `new_frozen` makes. It lends them its setter of __dict__, which is fast."""


_new, _set_fields = object.__new__, _Frozen.__dict__["__dict__"].__set__


class _Deferred:
    """A field of a Snapshot that is computed when it is first read: see `defer_summary` and `defer_values`.

    In other instances it is None, as it is by default.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is None:
            return None
        fields: dict[str, Any] = instance.__dict__
        summarize = fields.get(SUMMARIZE)
        if summarize is not None:
            fields.update(summarize[0](*summarize[1:]))
            fields.pop(SUMMARIZE, None)  # and with it the copy; another thread may have been faster
        return fields.get(self._name)


_NUMBERS: Any = _Deferred("numbers")
_LOW: Any = _Deferred("low")
_HIGH: Any = _Deferred("high")
_THUMBNAIL: Any = _Deferred("thumbnail")
SUMMARIZE = "_summarize"  # where a Snapshot holds the function that computes these fields, followed by its arguments


def defer_summary(shape: tuple[int, ...], dtype: torch.dtype, summarize: tuple[Any, ...]) -> "Snapshot":
    """Return the Snapshot of a large tensor that computes its range and its thumbnail when one of them is first read.

    Args:
        shape, dtype: of the tensor.
        summarize: a function, followed by its arguments; it returns {"low": ..., "high": ..., "thumbnail": ...}, and must
            not depend on the tensor any more.
    """
    new = _new(Snapshot)
    _set_fields(new, {"shape": shape, "dtype": dtype, "numbers": None, SUMMARIZE: summarize})
    return new


def defer_values(shape: tuple[int, ...], dtype: torch.dtype, compute: Callable[[], Mapping[str, Any]]) -> "Snapshot":
    """Return the Snapshot of a tensor that will be computed when its numbers, range or thumbnail are first read.

    Args:
        shape, dtype: of the tensor.
        compute: returns {"numbers": ..., "low": ..., "high": ..., "thumbnail": ...}.
    """
    return new_frozen(Snapshot, {"shape": shape, "dtype": dtype, SUMMARIZE: (compute,)})


@dataclass(frozen=True)
class Snapshot(_Frozen):
    """A tensor as it was at one moment.

    Attributes:
        shape: tuple of int; of a nested tensor a size is Ragged where that of its components differs.
        dtype: torch.dtype.
        numbers: the elements as (nested lists of) Python numbers, or None where there are more than 64.
        low, high: smallest and largest element of a large tensor, else None.
        thumbnail: at most 8 x 8 elements of a large tensor, evenly spaced, rows by columns, else None.
        components: of a nested tensor of at most 64 components the Snapshot of each, else None. A nested tensor has no
            `numbers` and no thumbnail itself; `low` and `high` are over all of its components.
    """

    shape: tuple[int, ...]
    dtype: torch.dtype
    numbers: Any = _NUMBERS
    low: float | None = _LOW
    high: float | None = _HIGH
    thumbnail: list[list[Any]] | None = _THUMBNAIL
    components: "tuple[Snapshot, ...] | None" = None

    def tensor(self) -> Tensor:
        """Return the values as a new tensor of this shape and dtype.

        Raises:
            ValueError: the snapshot is of a large tensor, and holds only some of its elements, or of a nested tensor.
        """
        if self.components is not None:
            raise ValueError("a snapshot of a nested tensor has components, each of which has a tensor()")
        if self.numbers is None:
            raise ValueError(f"a snapshot of shape {self.shape} keeps a range and a thumbnail, not every element")
        return torch.tensor(self.numbers, dtype=self.dtype).reshape(self.shape)


def _plain(snapshots: tuple[Snapshot | None, ...]) -> Any:
    """One snapshot as a tensor if it is small; several, of an operation with several outputs, as a tuple.

    That of a nested tensor is a list of its components.
    """
    values: tuple[Any, ...] = tuple(
        [_plain((each,)) for each in s.components]
        if s is not None and s.components is not None
        else s
        if s is None or s.numbers is None
        else s.tensor()
        for s in snapshots
    )
    return values[0] if len(values) == 1 else values


class MemoryBlock(NamedTuple):
    """One block of memory: its number within a Record, and how many bytes it takes."""

    number: int
    nbytes: int


@dataclass(frozen=True)
class SavedTensor(_Frozen):
    """One tensor that a backward node keeps for its formula.

    Attributes:
        name: str, the node's name for it: "self", "other", "result".
        node: int or None, id of the node whose value it is (the same node for "result"); None if f never had that
            value.
        output: int, which output of that node.
        variable: str or None, the argument or local variable of f that holds it, even if it was written to afterwards.
        shape, dtype: of the tensor; None if hooks packed it into something else.
        version: int or None, the tensor's version when it was saved; each write in place adds one.
        now: int or None, its version after backward.
        state: "kept"; "freed" (backward ran with retain_graph=False); "changed" (written to in place since, so that
            backward refuses); "packed" (saved_tensors_hooks or a checkpoint hold something else in its place).
        line: int or None, the line of f that wrote to it in place after it was saved.
        memory: the MemoryBlock that it keeps alive; blocks with equal numbers are shared. None for a layout without a
            single block.
        behind: tuple of MemoryBlock, of the tensors that hooks hold instead: those that they packed, or a checkpoint's
            inputs. Empty if they hold something else, e.g. an array or a file.
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
    """Return how many bytes of memory saved tensors keep alive, counting shared memory once."""
    blocks = [block for saved in saved_tensors for block in (saved.memory, *saved.behind) if block is not None]
    return sum(dict(blocks).values())


@dataclass(frozen=True)
class Scope:
    """One call of an nn.Module.

    Attributes:
        path: str, dotted, "layers.0.attention"; it begins with the name of the module in f, unless the module is f.
        kind: str, the name of its class.
        call: int, 0 for the first call of this module, 1 for the second.
    """

    path: str
    kind: str
    call: int = 0

    @property
    def key(self) -> str:
        """The path, followed by "#2" for the second call."""
        return f"{self.path}#{self.call + 1}" if self.call else self.path


@dataclass(frozen=True)
class Inside:
    """The content of a group of nodes that is drawn as one node.

    Attributes:
        key: str, opens the group: "layers.0", "layers.0#2" (its second call), "layers.0..layers.11" (twelve equal
            modules), "line 4" (rounds of a loop).
        operations: int, nodes that compute.
        parameters: int, elements of the leaves that require grad.
        members: int, how many equal modules or rounds it stands for; 1 for a single module.
    """

    key: str
    operations: int
    parameters: int
    members: int = 1


@dataclass(frozen=True)
class Round:
    """One round of a folded loop.

    Attributes:
        nodes: tuple of the ids of its nodes, in the Record that was folded.
        names: tuple of str, of the variables that it leaves to later rounds and to what comes after the loop; the
            operation for a value without a name.
        values, grads: tuples of Snapshot or None, of these variables: d output / d this value, as everywhere.
    """

    nodes: tuple[int, ...]
    names: tuple[str, ...]
    values: tuple[Snapshot | None, ...]
    grads: tuple[Snapshot | None, ...]


@dataclass(frozen=True)
class Opened:
    """An open group of a folded Record.

    Attributes:
        key: str, closes the group.
        title: str, its class, "12 × Block" for a run, "line 4, 9 rounds" for a loop.
        name: str, its path; of a loop, the variable that its rounds compute.
        parent: key of the group around it, or None.
        nodes: tuple of the ids of all its nodes that are shown.
    """

    key: str
    title: str
    name: str
    parent: str | None
    nodes: tuple[int, ...]


@dataclass(frozen=True)
class Node(_Frozen):
    """One node of the recorded graph.

    Attributes:
        id: int, position in `Record.nodes`.
        op: PyTorch's name of the operation that made the value: "mul", "pow", "max". For the other kinds "leaf" or
            "constant", and for a module its class.
        grad_fn: name of the backward node, "MulBackward0" or "AccumulateGrad", or None.
        kind: one of
            "leaf": an input, or any tensor that has no history;
            "constant": a Python number, or a tensor that f made or referred to and that requires no grad;
            "op": computed; without a grad_fn it is a value after an untracked write, which gradients pass unchanged;
            "detached": computed from something that requires grad, but outside the graph (detach, no_grad, comparison);
            "module": several nodes, folded into one;
            "loop": the same for rounds of a loop of f;
            "failed": an operation that raised an error, and so has no value.
        name: the argument's or local variable's name, "w", or None.
        shape, dtype, requires_grad, is_leaf: of the value (of the first output if there are several).
        line: line number, in the file or cell, of the line of f that made it, or None.
        saved_tensors: tuple of SavedTensor, those of the backward node; `saved` holds only their names.
        values: tuple of Snapshot, one for each output; None for a value that Python never saw. Those inside a composite
            operation of a module are computed when their numbers are first read, and have none if that is not possible.
        grads: tuple of Snapshot or None, one for each output: d output / d this value, the sum of all that arrives.
        module: tuple of Scope, the calls of nn.Modules in which it was computed, outermost first. For a leaf that is
            not an input, the calls that contain all its uses.
        inside: Inside, the content of a folded module or loop; with record(..., inner="counted") also what an operation
            stands for; else None.
        rounds: tuple of Round, those of a folded loop.
        is_not_sum: bool, whether a custom engine left another gradient here than the sum of all that arrives.
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
    rounds: tuple[Round, ...] = ()
    is_not_sum: bool = False

    @property
    def saved(self) -> tuple[str, ...]:
        """Names of the tensors that the backward node saved, ("self", "other")."""
        return tuple([saved.name for saved in self.saved_tensors]) if self.saved_tensors else ()

    @property
    def value(self) -> Any:
        """The value: a tensor, or a Snapshot if it is large; a tuple of these for several outputs.

        That of a nested tensor is a list of its components.
        """
        return _plain(self.values)

    @property
    def grad(self) -> Any:
        """d output / d this value, in the form of `value`; None if no gradient arrived."""
        return _plain(self.grads)


class EdgeKey(NamedTuple):
    """Where `record(f, ..., cut=[edge_key])` can cut an edge: an argument of a call that f makes.

    Attributes:
        call: int, number of the call.
        operation: str, its name.
        argument: int, position among the arguments of the call; a tuple of positions if the edge comes from all of
            them.
    """

    call: int
    operation: str
    argument: int | tuple[int, ...]


@dataclass(frozen=True)
class Edge(_Frozen):
    """An edge: the value flows from src to dst, the gradient flows back.

    Attributes:
        src, dst: node ids.
        output: which output of src is used (0 unless the operation has several).
        input: position among dst.grad_fn.next_functions, or -1 for an edge that autograd does not know.
        argument: position among the arguments of the operation if input is -1, counting those in lists one by one;
            else -1.
        flow: Snapshot of the gradient along this edge, or None. At src it is added to those of the other edges.
        cut: whether src requires grad but no gradient flows along this edge (detach, no_grad, comparison).
        edge_key: EdgeKey with which `record(f, ..., cut=[edge.edge_key])` cuts this edge. None if the argument that
            it comes from is unknown, or if the record was made without `cut`, which may be [].
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
        """The gradient along this edge: a tensor, or a Snapshot if it is large, or None."""
        return _plain((self.flow,))


class ModuleNorms(NamedTuple):
    """What one call of a module returned, for a record made with summary=True.

    Attributes:
        shape: tuple of int, of the first tensor that it returned; None if there is none.
        value: float, 2-norm of all that it returned, or None.
        grad: float, 2-norm of the gradient that arrived there, or None.
    """

    shape: tuple[int, ...] | None
    value: float | None
    grad: float | None


class Activations(dict[str, Any]):
    """What modules returned, by path: detached copies of the whole tensors.

    Args:
        paths: of all modules that ran, whether kept or not.
    """

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self.paths = tuple(paths)

    def __missing__(self, path: object) -> Any:
        stored, ran = ", ".join(self) or "-", ", ".join(self.paths[:20]) or "-"
        raise ActivationError("record.not_kept", path=path, kept=stored, paths=ran)


class Note(NamedTuple):
    """Something that `record` decided by itself, and that a picture says in its caption.

    Attributes:
        key: str, of the sentence in the catalogue, "draw.ones".
        fields: dict, the fields of that sentence.
    """

    key: str
    fields: dict[str, Any]

    @property
    def text(self) -> str:
        """The sentence, in the language of the lesson."""
        return message(self.key, **self.fields)


@dataclass(frozen=True)
class Record(_Frozen):
    """One real forward and backward pass of f.

    Attributes:
        output: detached result of f, tensor.
        grads: dict from input name to tensor of the input's shape, or None if no gradient arrives. A tensor inside a list,
            dict, tuple or dataclass that requires grad has its path as name: "batch['x']", "params[0]".
        nodes: list of Node in forward order; the last is the root.
        edges: list of Edge.
        backward_order: list of node ids in the order in which the engine ran them.
        inputs: dict from input name to node id, of the tensors inside other arguments those that f used.
        name: the name of f.
        source: (first line number, source text of f), or None if there is no source.
        complete: False if a limit or an error stopped the recording before backward had finished.
        failed: id of the node at which backward failed, or of the operation of f that raised an error; or None.
        accumulated: dict from input name to its .grad after all passes if `backwards` was 2 or more; else None.
        parameters: dict from name to gradient, a tensor, of every leaf that is not an argument itself: a model's
            parameters by their dotted paths, "layers.0.linear1.weight".
        output_path: where the output lies in what f returned, "logits" or "past[0][1]"; None if f, or the function
            `output` of record, returned the tensor itself.
        notes: tuple of Note, what record decided by itself: the output among several tensors, and with strict=False
            the gradient, or to record the forward pass alone.
        activations: dict from path to what the module returned, a detached copy, if the record was made with keep=...
        module_norms: dict from the key of a Scope to ModuleNorms, if the record was made with summary=True; f itself has
            the key "" if it is a module.
        opened: tuple of Opened, the open groups of a folded Record, outer ones first.
        sites: list of the Site of each node, None for a node that no call of f made; empty for a folded Record and for
            other engines.
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
    output_path: str | None = None
    notes: tuple[Note, ...] = ()
    activations: dict[str, Any] = field(default_factory=Activations)
    module_norms: dict[str, ModuleNorms] = field(default_factory=dict)
    opened: tuple[Opened, ...] = ()
    sites: list[Site | None] = field(default_factory=list)

    def summary(self) -> "Summary":
        """Return a Summary, with a row for each call of a module: shapes, norms of values and gradients, saved bytes.

        The norms of large outputs and of their gradients are known only if the record was made with summary=True. Those
        of the gradients of parameters are always known, and show where the gradient vanishes, too.
        """
        from .summary import summary_of

        return summary_of(self)

    @property
    def has_raised(self) -> bool:
        """Whether an operation of f raised an error, so that there was no backward pass; its node is `failed`."""
        return self.failed is not None and self.nodes[self.failed].kind == "failed"

    @property
    def saved_bytes(self) -> int:
        """How many bytes of memory saved tensors kept alive for backward, counting shared memory once.

        For a checkpoint this counts the inputs of its part of f, but not the tensors that backward computes again.
        """
        return memory_of([saved for node in self.nodes for saved in node.saved_tensors])
