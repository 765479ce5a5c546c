"""Find out which nn.Module an operation ran in, and the name of that module.

No hook is needed: a running module has a frame of `Module.__call__` on the stack. While f runs, `Stack` turns these
frames into `Entered`s, one for each call; afterwards, `Naming` gives these their dotted paths.
"""

from collections.abc import Iterable, Iterator
from operator import is_
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module

from .names import modules_in, reachable, referenced_values, tensors_of_modules
from .types import Scope

MODULE_CALL = torch.nn.Module._call_impl.__code__


class Entered:
    """One call of one module: its `number` counts the calls of that module."""

    __slots__ = ("module", "number")

    def __init__(self, module: Module, number: int) -> None:
        self.module, self.number = module, number


class Stack:
    """The module calls that are running, outermost first.

    The stack holds frames while they run, and compares them by identity. So after an exception inside a module the next
    operation simply has other frames.
    """

    def __init__(self) -> None:
        self.frames: list[FrameType] = []
        self.positions: dict[FrameType, int] = {}  # of the frames
        self.entered: tuple[Entered, ...] = ()
        self.counts: dict[int, int] = {}  # id of a module -> number of its calls
        self.modules: list[Module] = []  # that ran, in the order of their first calls

    def calls_of(self, frames: list[FrameType]) -> tuple[Entered, ...]:
        """Return the module calls to which these frames belong; the innermost frame comes first."""
        frames.reverse()
        if len(frames) == len(self.frames) and all(map(is_, frames, self.frames)):
            return self.entered
        same = 0
        while same < min(len(frames), len(self.frames)) and frames[same] is self.frames[same]:
            same += 1
        new = [self._enter(frame.f_locals["self"]) for frame in frames[same:]]
        self.frames, self.entered = frames, (*self.entered[:same], *new)
        self.positions = {frame: position for position, frame in enumerate(frames)}
        return self.entered

    def leave(self) -> None:
        """Release the frames, and with them all local variables of the modules."""
        self.frames, self.positions, self.entered = [], {}, ()

    def _enter(self, module: Module) -> Entered:
        number = self.counts.get(id(module), 0)
        if not number:
            self.modules.append(module)
        self.counts[id(module)] = number + 1
        return Entered(module, number)


class Naming:
    """Give names to the modules that ran, and to their parameters and buffers.

    Args:
        f: the function or nn.Module that was recorded.
        arguments: dict from name to an argument of f.
        local: dict of the local variables of f.
        ran: list of the modules that ran.
    """

    def __init__(self, f: Any, arguments: dict[str, Any], local: dict[str, Any], ran: list[Module]) -> None:
        self.f = f
        self._scopes: dict[Entered, Scope] = {}
        self._chains: dict[tuple[Entered, ...], tuple[Scope, ...]] = {}
        self._last: tuple[tuple[Entered, ...], tuple[Scope, ...]] = (), ()
        self._used: set[tuple[str, int]] = set()  # path and number of each Scope so far
        self.members: list[tuple[str, Module]] = []  # (path, module), of every module that f can reach by a name
        self._paths: dict[int, str] = {}  # by id of a module
        variables = [(name, value) for name, value in local.items() if isinstance(value, Module)]
        self._add(_roots(f, arguments))
        if self._nameless(ran):
            known = {id(module) for _, root in variables for _, module in modules_in(root)}
            if not known >= self._nameless(ran):
                # Before the local variables: in `for layer in self.layers` the variable names the last layer alone.
                self._add_reached(f, arguments, ran)
        self._add(variables)
        if self._nameless(ran):
            self._add_reached(f, local, ran)

    def _nameless(self, ran: Iterable[Module]) -> set[int]:
        """The ids of the modules that have no path yet."""
        return {id(module) for module in ran} - self._paths.keys()

    def _add(self, roots: Iterable[tuple[str, Module]]) -> None:
        for name, root in roots:
            if id(root) not in self._paths:  # otherwise all that it holds has a path, too
                modules = list(modules_in(root, name))
                self.members += modules
                for path, module in modules:
                    self._paths.setdefault(id(module), path)

    def _add_reached(self, f: Any, values: dict[str, Any], ran: list[Module]) -> None:
        """Add the modules that f can reach and that hold, or are, one that ran and has no path yet."""
        nameless = self._nameless(ran)
        for name, value in reachable(f, values):
            if not nameless:
                break
            if (
                isinstance(value, Module)
                and name
                and not nameless.isdisjoint(id(module) for _, module in modules_in(value))
            ):
                self._add([(name, value)])
                nameless -= self._paths.keys()

    def scopes(self, chain: tuple[Entered, ...]) -> tuple[Scope, ...]:
        """Return the Scopes of a chain of Entered, without f itself."""
        if chain is self._last[0]:  # the common case: neighbours lie in the same module
            return self._last[1]
        scopes = self._chains.get(chain)
        if scopes is None:
            inside = chain[1:] if chain and chain[0].module is self.f else chain
            scopes = self._chains[chain] = tuple([self._scope(inside, i) for i in range(len(inside))])
        self._last = chain, scopes
        return scopes

    def tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Yield (dotted name, tensor) of every parameter and buffer."""
        return tensors_of_modules(self.members)

    def own_tensors(self, ran: list[Module]) -> Iterator[tuple[str, Tensor]]:
        """Yield (dotted name, tensor) for the modules that ran without a name: "Linear.weight".

        Call it when `scopes` has named all calls.
        """
        return tensors_of_modules([(self._paths.get(id(module), type(module).__name__), module) for module in ran])

    def _scope(self, chain: tuple[Entered, ...], i: int) -> Scope:
        entered = chain[i]
        if entered not in self._scopes:
            kind, path = type(entered.module).__name__, self._paths.get(id(entered.module))
            if path is None:  # no name or attribute leads to it
                path = f"{self._scope(chain, i - 1).path}.{kind}" if i else kind
                for below, module in modules_in(entered.module, path):
                    self._paths.setdefault(id(module), below)
            number = entered.number
            while (path, number) in self._used:  # another module of the same name, e.g. one that f makes at each call
                number += 1
            self._used.add((path, number))
            self._scopes[entered] = Scope(path, kind, number)
        return self._scopes[entered]


def _roots(f: Any, arguments: dict[str, Any]) -> Iterator[tuple[str, Module]]:
    """Yield (name, module) for every module that f is, receives or refers to; f itself has the name ""."""
    owner = getattr(f, "__self__", f)
    if isinstance(owner, Module):
        yield "", owner
    for values in (arguments, referenced_values(f)):
        for name, value in values.items():
            if isinstance(value, Module) and value is not owner:
                yield name, value


def common(one: tuple[Entered, ...] | None, other: tuple[Entered, ...]) -> tuple[Entered, ...]:
    """The calls that both chains have in common, outermost first."""
    if one is None or one == other:
        return other
    length = 0
    while length < min(len(one), len(other)) and one[length] is other[length]:
        length += 1
    return one[:length]
