"""What the backward nodes of a Record kept for their formulas, and whose values these are."""

import torch

from .saved import describe, look, memory
from .snapshot import has_memory
from .trace import Value
from .types import Saved

_new, _set = object.__new__, object.__setattr__


class Keeping:
    """Finds the saved tensors of each backward node.

    Args:
        graph: Graph of the forward pass.
        names: dict from id of a tensor to its name.
        held: dict from grad_fn to what it kept before backward, as `saved.look` gives it, where backward freed that.

    Attributes:
        ids: dict from key to node id, to be set before the first is asked for.
    """

    def __init__(self, graph, names, held=None):
        self.graph, self.names, self.held, self.ids = graph, names, held, {}
        self.trace, self._memories = graph.trace, {}  # address -> (number, bytes)

    def of(self, node, number, call):
        """The tuple of Saved of a backward node; where backward may have freed it, what it had saved before.

        Args:
            node: grad_fn.
            number: int, id of its node.
            call: Call that made it, or None.
        """
        now = look(node)
        held = now if self.held is None else self.held.get(node, now)
        if not held:
            return ()
        found, args, names, memories = [], call.args if call is not None else (), self.names, self._memories
        for name, each in held.items():
            tensor, hook = each
            for value in args:
                if value.__class__ is Value and value.tensor is tensor:
                    break
            else:
                value = None
            if value is None or hook is not None or value.version != tensor._version or name not in now:
                source = self._source(node, number, call, tensor)
                found.append(describe(node, name, each, source, name not in now, self.trace.writer, memories))
                continue
            saved = _new(Saved)  # the common case: an argument, as it was given
            fields = {
                "name": name,
                "node": self._number_of(value),
                "output": value.output_nr,
                "variable": names.get(id(tensor)),
                "shape": tuple(tensor.shape),
                "dtype": tensor.dtype,
                "version": value.version,
                "now": value.version,
                "memory": memory(tensor, memories),
            }
            _set(saved, "__dict__", fields)
            found.append(saved)
        return tuple(found)

    def _source(self, node, number, call, tensor):
        """Whose value a saved tensor is: (node id, output, version then, variable), or None."""
        if not isinstance(tensor, torch.Tensor):
            return None
        args = call.args if call is not None else ()
        for arg in args:
            if isinstance(arg, Value) and arg.tensor is tensor:
                return self._place_of(arg)
        for value in self.trace.of_node.get(node, {}).values():
            if value.tensor is tensor or _is_same_memory(value.tensor, tensor):
                return number, value.output_nr, value.version, self.names.get(id(value.tensor))
        for arg in args:
            if isinstance(arg, Value) and _is_transposed(arg.tensor, tensor):  # linear saves its weight so
                return self._place_of(arg)
        value = self.trace.newest(tensor) if call is None else None  # Function.apply passes no mode
        return self._place_of(value) if value is not None else None

    def _place_of(self, value):
        return self._number_of(value), value.output_nr, value.version, self.names.get(id(value.tensor))

    def _number_of(self, value):
        number = self.ids.get(value.grad_fn) if self.graph.rewritten is None else None
        return self.ids.get(self.graph.key_of(value)) if number is None else number


def _is_same_memory(one, other):
    try:
        return one.data_ptr() == other.data_ptr() and one.shape == other.shape and one.stride() == other.stride()
    except RuntimeError:  # a layout without one block of memory, or under vmap
        return False


def _is_transposed(tensor, saved):
    """Whether a saved tensor is a whole matrix that f had, seen with its dimensions in another order."""
    if not (has_memory(tensor) and has_memory(saved)) or tensor.ndim != saved.ndim or tensor.ndim < 2:
        return False
    axes = [sorted(zip(each.shape, each.stride(), strict=True)) for each in (tensor, saved)]
    return axes[0] == axes[1] and tensor.data_ptr() == saved.data_ptr()
