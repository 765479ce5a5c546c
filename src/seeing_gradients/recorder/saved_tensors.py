"""Describe what each backward node saved for its formula: which tensor, at which version, and whether it has changed.

Saved tensors are read from the `_raw_saved_*` attributes of a node, which neither unpack nor recompute anything
(https://docs.pytorch.org/docs/stable/notes/autograd.html#saved-tensors). They exist since PyTorch 2.13; with older
versions a Record has no saved tensors.
"""

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple

from torch import Tensor
from torch._C._autograd import SavedTensor as RawSavedTensor
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node
from torch.utils.checkpoint import _CheckpointFrame as _Frame

from .graph import Graph
from .snapshot import has_memory, shape_of, version_of
from .trace import Call, Value
from .types import MemoryBlock, SavedTensor, new_frozen

READABLE = hasattr(RawSavedTensor, "data")  # since PyTorch 2.13; before, reading a saved tensor unpacks it
_MOST_BEHIND = 1000  # how many objects are searched behind one hook

_new_block = partial(tuple.__new__, MemoryBlock)  # makes a block in half the time

RawSaved = dict[str, tuple[Any, Any]]  # name -> (tensor or packed object, the hook that unpacks it or None)


class SavedTensorReader:
    """Read the saved tensors of each backward node of a Record, and find the nodes whose values they are.

    Args:
        graph: Graph of the forward pass.
        names: dict from id of a tensor to its name.
        before: dict from grad_fn to what it had saved before backward, as `read_saved` returns it; None unless backward
            freed it.

    Attributes:
        ids: dict from key to node id; set it before the first call of `read`.
    """

    def __init__(self, graph: Graph, names: dict[int, str], before: dict[Node, RawSaved] | None = None) -> None:
        self.graph, self.names, self.before = graph, names, before
        self.ids: dict[Any, int] = {}
        self.trace = graph.trace
        self._blocks: dict[int, MemoryBlock] = {}  # by address
        self._matrices: dict[int, dict[int, list[Value]]] = {}  # by index of a call; see _matrices_of

    def read(self, grad_fn: Node, node: int, call: Call | None) -> tuple[SavedTensor, ...]:
        """Return the saved tensors of a backward node; those from before backward, if backward may have freed them.

        Args:
            grad_fn: the backward node.
            node: id of its node in the Record.
            call: the Call that made the backward node, or None.
        """
        held = read_saved(grad_fn)
        before = held if self.before is None else self.before.get(grad_fn, held)
        if not before:
            return ()
        args, names, blocks = call.args if call is not None else (), self.names, self._blocks
        saved_tensors: list[SavedTensor] = []
        for name, raw in before.items():
            tensor, hook = raw
            for value in args:
                if value.__class__ is Value and value.tensor is tensor:
                    break
            else:
                value = None
            if value is None or hook is not None or value.version != tensor._version or name not in held:
                origin = self._origin(grad_fn, node, call, tensor)
                saved_tensors.append(_describe(grad_fn, name, raw, origin, name not in held, self.trace.writer, blocks))
                continue
            fields = {  # the common case: an argument that has not changed
                "name": name,
                "node": self._id_of(value),
                "output": value.output_nr,
                "variable": names.get(id(tensor)),
                "shape": shape_of(tensor),
                "dtype": tensor.dtype,
                "version": value.version,
                "now": value.version,
                "memory": _memory(tensor, blocks),
            }
            saved_tensors.append(new_frozen(SavedTensor, fields))
        return tuple(saved_tensors)

    def _origin(self, grad_fn: Node, node: int, call: Call | None, tensor: object) -> "_Origin | None":
        """The value that a saved tensor is, or None if f never had it."""
        if not isinstance(tensor, Tensor):
            return None
        args = call.args if call is not None else ()
        for arg in args:
            if isinstance(arg, Value) and arg.tensor is tensor:
                return self._origin_of(arg)
        for value in self.trace.of_node.get(grad_fn, {}).values():
            if value.tensor is tensor or _is_same_memory(value.tensor, tensor):
                return _Origin(node, value.output_nr, value.version, self.names.get(id(value.tensor)))
        if call is not None and tensor.dim() >= 2 and (matrices := self._matrices_of(call)) and has_memory(tensor):
            for arg in matrices.get(tensor.data_ptr(), ()):
                if _is_transposed(arg.tensor, tensor):  # linear saves its weight transposed
                    return self._origin_of(arg)
        value = self.trace.newest(tensor) if call is None else None  # the mode does not see Function.apply
        return self._origin_of(value) if value is not None else None

    def _matrices_of(self, call: Call) -> dict[int, list[Value]]:
        """The arguments of a call that have at least two dimensions, by the address of their first element."""
        matrices = self._matrices.get(call.index)
        if matrices is None:
            matrices = self._matrices[call.index] = {}
            for arg in call.args:
                if isinstance(arg, Value) and arg.tensor.dim() >= 2 and has_memory(arg.tensor):
                    matrices.setdefault(arg.tensor.data_ptr(), []).append(arg)
        return matrices

    def _origin_of(self, value: Value) -> "_Origin":
        return _Origin(self._id_of(value), value.output_nr, value.version, self.names.get(id(value.tensor)))

    def _id_of(self, value: Value) -> int | None:
        node = self.ids.get(value.grad_fn) if self.graph.untracked_writes is None else None
        return self.ids.get(self.graph.key_of(value)) if node is None else node


class _Origin(NamedTuple):
    """The value that a saved tensor is: its node, which output, its version when saved, and its variable in f."""

    node: int | None = None
    output: int = 0
    version: int | None = None
    variable: str | None = None


_UNKNOWN = _Origin()


def _is_same_memory(one: Tensor, other: Tensor) -> bool:
    try:
        return one.data_ptr() == other.data_ptr() and one.shape == other.shape and one.stride() == other.stride()
    except RuntimeError:  # a tensor whose layout has no single memory block, or one under vmap
        return False


def _is_transposed(tensor: Tensor, saved: Tensor) -> bool:
    """Whether a saved tensor is a whole matrix of f with its dimensions permuted; both begin at the same address."""
    axes = [sorted(zip(each.shape, each.stride(), strict=True)) for each in (tensor, saved)]
    return axes[0] == axes[1]


def read_saved(grad_fn: Node) -> RawSaved:
    """Return what a backward node holds now: {name: (tensor or packed object, hook)}, in PyTorch's order.

    Args:
        grad_fn: the backward node.
    """
    saved: RawSaved = {}
    for name, attribute in _attributes(type(grad_fn)):
        try:
            raw: Any = getattr(grad_fn, attribute, None)
        except RuntimeError:  # a custom Function whose saved tensors backward has freed
            continue
        if raw.__class__ is tuple:
            for i, each in enumerate(raw):
                if each is not None and each.data is not None:
                    saved[f"{name}[{i}]"] = each.data, each.unpack_hook
        elif raw is not None:
            data = raw.data
            if data is not None:
                saved[name] = data, raw.unpack_hook
    return saved


@cache
def _attributes(kind: type) -> list[tuple[str, str]]:
    if not READABLE:
        return []
    if issubclass(kind, BackwardCFunction):
        return [("saved_tensors", "_raw_saved_tensors")]
    names = [name for name in dir(kind) if name.startswith("_raw_saved_")]
    return [(name.removeprefix("_raw_saved_"), name) for name in names]


def _describe(
    grad_fn: Node,
    name: str,
    raw: tuple[Any, Any],
    origin: _Origin | None,
    freed: bool,
    writer: Callable[[Tensor], int | None],
    blocks: dict[int, MemoryBlock],
) -> SavedTensor:
    """Return a SavedTensor for one entry of `read_saved`.

    Args:
        grad_fn: the backward node that saved it.
        name: the backward node's name for it.
        raw: (tensor, None) or (packed object, hook), as `read_saved` returns it.
        origin: the value that it is, or None if f never had it.
        freed: whether backward has freed it.
        writer: returns the line of f that last wrote to a tensor's memory in place, or None.
        blocks: dict from address to MemoryBlock; new blocks are added.
    """
    tensor, hook = raw
    node, output, version, variable = origin or _UNKNOWN
    if hook is not None or not isinstance(tensor, Tensor):
        behind = [_memory(each, blocks) for each in _behind(tensor, hook)]
        return SavedTensor(
            name,
            node,
            output,
            variable,
            version=version,
            state="freed" if freed else "packed",
            behind=tuple(dict.fromkeys(filter(None, behind))),
        )
    state, now, line = "freed" if freed else "kept", version_of(tensor), None
    if freed and version is None:  # backward accepted it, so nothing had written to it
        version = now
    if version != now:
        if not freed:
            version, state = _compare_versions(grad_fn, name, now)
        line = writer(tensor) if version != now else None
    fields = {
        "name": name,
        "node": node,
        "output": output,
        "variable": variable,
        "shape": shape_of(tensor),
        "dtype": tensor.dtype,
        "version": version,
        "now": now,
        "state": state,
        "line": line,
        "memory": _memory(tensor, blocks),
    }
    return new_frozen(SavedTensor, fields)


def _compare_versions(grad_fn: Node, name: str, now: int | None) -> tuple[int | None, str]:
    """The version when it was saved, and the state: "changed" if PyTorch refuses to unpack it."""
    if now == 0:  # nothing ever wrote to it
        return 0, "kept"
    try:
        if isinstance(grad_fn, BackwardCFunction):
            _ = grad_fn.saved_tensors
        else:
            getattr(grad_fn, f"_saved_{name.partition('[')[0]}")
    except RuntimeError as error:
        expected = str(error).partition("expected version ")[2].partition(" ")[0]
        return (int(expected) if expected.isdigit() else None), "changed"
    return now, "kept"


def _behind(packed: Any, hook: Any) -> Iterator[Tensor]:
    """Yield the tensors that hooks hold instead of a saved one: those that they packed, or the inputs of a checkpoint.

    A checkpoint (use_reentrant=False) packs nothing: all its hooks share a frame with the inputs of the part of f
    that will run again (torch.utils.checkpoint._CheckpointFrame.saved_args).
    """
    waiting, met = [packed, hook], set()
    while waiting:
        item = waiting.pop()
        if id(item) in met or len(met) > _MOST_BEHIND:
            continue
        met.add(id(item))
        if isinstance(item, Tensor):
            yield item
        elif isinstance(item, (list, tuple)):
            waiting += item
        elif isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, RawSavedTensor):
            waiting.append(getattr(item, "data", None))
        elif isinstance(item, _Frame):
            waiting.append(getattr(item, "saved_args", ()))
        elif item is hook or getattr(item, "__module__", "") == _Frame.__module__:
            waiting += [cell.cell_contents for cell in getattr(item, "__closure__", None) or ()]


def _memory(tensor: Tensor, blocks: dict[int, MemoryBlock]) -> MemoryBlock | None:
    """The memory block that a tensor keeps alive, shared by all its views; None for a tensor without one.

    Args:
        tensor: any layout.
        blocks: dict from address to MemoryBlock; a new block is added.
    """
    try:
        storage = tensor.untyped_storage()
        address = storage.data_ptr()
    except RuntimeError:  # another layout, under vmap, or one of PyTorch's zeros that have no memory
        return None
    block = blocks.get(address)
    if block is None:
        block = blocks[address] = _new_block((len(blocks), storage.nbytes()))
    return block
