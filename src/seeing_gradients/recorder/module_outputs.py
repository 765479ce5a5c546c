"""Read what each nn.Module returns while f runs: norms for `Record.summary`, whole tensors for `Record.activations`.

A snapshot holds all numbers of a small tensor only. So the norm of a large one is computed while f runs, and that of its
gradient while backward runs. This takes a hook on every module, which `record` registers only if it is asked to.
"""

import math
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.modules.module import register_module_forward_hook

from .errors import ArgumentError
from .modules import Entered, Naming
from .nested import tensors_in
from .snapshot import components_of, has_memory, shape_of
from .trace import Trace
from .types import Activations, ModuleNorms, Scope

Keep = bool | str | Iterable[str]  # the option `keep` of record


def norm_of(tensor: Tensor) -> float | None:
    """Return the 2-norm of all elements; None for a tensor whose numbers cannot be read, or that holds no floats.

    Args:
        tensor: any shape, dtype, device or layout; it is computed in float64 where the device has it.
    """
    if not (tensor.is_floating_point() or tensor.is_complex()) or tensor.is_meta:
        return None
    with torch._C.DisableTorchFunction(), torch.no_grad(), suppress(RuntimeError, NotImplementedError, TypeError):
        numbers = tensor.detach()
        if numbers.is_nested:
            return total_norm([norm_of(part) for part in components_of(numbers)])
        if numbers.layout != torch.strided:
            numbers = numbers.coalesce().values() if numbers.layout == torch.sparse_coo else numbers.values()
        elif not has_memory(numbers):  # under vmap, and PyTorch's zeros without memory
            return 0.0 if numbers._is_zerotensor() else None
        if numbers.device.type != "mps" and not numbers.is_complex():
            return torch.linalg.vector_norm(numbers, dtype=torch.float64).item()
        return torch.linalg.vector_norm(numbers).item()
    return None


def total_norm(norms: Iterable[float | None]) -> float | None:
    """Return the norm of several tensors together; None if that of one of them is unknown, or there is none."""
    known = list(norms)
    if not known or None in known:
        return None
    return math.hypot(*[norm for norm in known if norm is not None])


@dataclass
class _Returned:
    """What one call of a module returned: norms of its tensors and of their gradients, and the kept tensors."""

    chain: tuple[Entered, ...]
    shape: tuple[int, ...] | None = None
    norms: list[float | None] = field(default_factory=list)
    grads: dict[int, float | None] = field(default_factory=dict)
    copy: Any = None


class ModuleOutputs:
    """The outputs of all modules that run in this thread inside a with block.

    Args:
        trace: of the forward pass.
        naming: returns the Naming of the modules that ran so far.
        computes_norms: whether norms are computed.
        keep: True to keep the output of every module; a path or pattern, "layer1.*", or several, to keep those.
    """

    def __init__(
        self, trace: Trace, naming: Callable[[], Naming | None], computes_norms: bool, keep: Keep = False
    ) -> None:
        self._trace, self._make_naming, self._computes_norms = trace, naming, computes_norms
        self._patterns = ("*",) if keep is True else () if keep is False else _patterns(keep)
        self._naming: Naming | None = None
        self._named: set[int] = set()  # ids of the modules that have a name there
        self._outputs: list[_Returned] = []
        self._without_operations: dict[int, int] = {}  # id of a module -> calls in which it ran no operation
        self._thread = threading.get_ident()
        self._hooks: list[Any] = []

    def __enter__(self) -> Self:
        self._hook = register_module_forward_hook(self._note)
        return self

    def __exit__(self, *raised: object) -> None:
        self._hook.remove()

    def remove_hooks(self) -> None:
        """Remove the hooks on the outputs of modules, after the backward pass."""
        while self._hooks:
            self._hooks.pop().remove()

    def norms(self, naming: Naming | None) -> dict[str, ModuleNorms]:
        """Return {key of a call of a module: norms of its output}; f itself has the key "".

        Args:
            naming: of all modules that ran.
        """
        norms: dict[str, ModuleNorms] = {}
        for returned, scope in self._scopes(naming):
            grads = [returned.grads.get(i) for i in range(len(returned.norms)) if i in returned.grads]
            value, grad = total_norm(returned.norms), total_norm(grads)
            norms.setdefault(scope.key if scope else "", ModuleNorms(returned.shape, value, grad))
        return norms

    def activations(self, naming: Naming | None) -> Activations:
        """Return the kept outputs by path, "layer1", or "layer1#2" for a second call.

        Args:
            naming: of all modules that ran.
        """
        scopes = self._scopes(naming)
        activations = Activations(paths=[scope.key for _, scope in scopes if scope])
        for returned, scope in scopes:
            if scope is not None and returned.copy is not None:
                activations.setdefault(scope.key, returned.copy)
        return activations

    def _scopes(self, naming: Naming | None) -> list[tuple[_Returned, Scope | None]]:
        if naming is None:
            return []
        return [(each, next(iter(reversed(naming.scopes(each.chain))), None)) for each in self._outputs]

    def _note(self, module: Module, args: Any, output: Any) -> None:
        if threading.get_ident() != self._thread:
            return
        with torch._C.DisableTorchFunction(), torch.no_grad():
            returned = _Returned(self._chain(module))
            tensors = [tensor for _, tensor in tensors_in(output)]
            returned.shape = shape_of(tensors[0]) if tensors else None
            if self._computes_norms:
                self._note_norms(returned, tensors)
            if self._patterns and self._is_wanted(module, returned.chain):
                returned.copy = _copy(output)
            self._outputs.append(returned)

    def _note_norms(self, returned: _Returned, tensors: Iterable[Tensor]) -> None:
        for tensor in tensors:
            norm = norm_of(tensor)
            if norm is not None:
                if tensor.requires_grad:
                    self._hooks.append(tensor.register_hook(partial(_note_gradient, returned, len(returned.norms))))
                returned.norms.append(norm)

    def _chain(self, module: Module) -> tuple[Entered, ...]:
        """The calls that are running, down to that of a module which has just returned."""
        running = self._trace.entered
        for i in range(len(running) - 1, -1, -1):
            if running[i].module is module:
                return running[: i + 1]
        number = self._without_operations.get(id(module), 0)  # e.g. nn.Identity
        self._without_operations[id(module)] = number + 1
        return (Entered(module, number),)

    def _is_wanted(self, module: Module, chain: tuple[Entered, ...]) -> bool:
        """Whether the output of a call of a module is kept."""
        if self._naming is None or id(module) not in self._named:  # f may have made the module since
            self._naming = self._make_naming()
            members = self._naming.members if self._naming is not None else []
            self._named = {id(module), *(id(each) for _, each in members)}
        scopes = self._naming.scopes(chain) if self._naming is not None else ()
        if not scopes:
            return False
        key, path = scopes[-1].key, scopes[-1].path
        return any(pattern in (key, path) or fnmatchcase(key, pattern) for pattern in self._patterns)


def _note_gradient(returned: _Returned, i: int, grad: Tensor) -> None:
    returned.grads.setdefault(i, norm_of(grad))


def _patterns(keep: Any) -> tuple[str, ...]:
    patterns = [keep] if isinstance(keep, str) else list(keep) if isinstance(keep, Iterable) else []
    if not patterns or not all(isinstance(pattern, str) for pattern in patterns):
        raise ArgumentError("record.keep", received=type(keep).__name__)
    return tuple(patterns)


def _copy(output: Any) -> Any:
    """A detached copy of what a module returned: tensors, in lists, tuples and dicts as there; None for the rest."""
    if isinstance(output, Tensor):
        return output.detach().clone()
    if isinstance(output, Mapping):
        return {key: _copy(part) for key, part in output.items()}
    if isinstance(output, list | tuple):
        return type(output)(map(_copy, output)) if type(output) in (list, tuple) else tuple(map(_copy, output))
    tensors = dict(tensors_in(output))
    return {path: tensor.detach().clone() for path, tensor in tensors.items()} or None
