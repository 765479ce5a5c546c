"""Which nn.Module an operation ran in, and what that module is called.

No hook is needed: a module that is running has a frame of `Module.__call__` on the stack. `Stack` turns these frames into
`Entered`s, one a call, while f runs; `Naming` gives them their dotted paths afterwards.
"""

import torch

from .reach import outside
from .types import Scope

MODULE_CALL = torch.nn.Module._call_impl.__code__


class Entered:
    """One call of one module: its `number` counts the calls of that module."""

    __slots__ = ("module", "number")

    def __init__(self, module, number):
        self.module, self.number = module, number


class Stack:
    """The module calls that are running, outermost first.

    Frames are held while they run and compared by identity: after an exception inside a module the next operation
    simply finds other frames.
    """

    def __init__(self):
        self.frames, self.entered, self.counts = [], (), {}

    def at(self, frames):
        """Return the tuple of Entered of these frames, given innermost first."""
        frames.reverse()
        if len(frames) == len(self.frames) and all(map(_is, frames, self.frames)):
            return self.entered
        same = 0
        while same < min(len(frames), len(self.frames)) and frames[same] is self.frames[same]:
            same += 1
        new = [self._enter(frame.f_locals["self"]) for frame in frames[same:]]
        self.frames, self.entered = frames, (*self.entered[:same], *new)
        return self.entered

    def leave(self):
        """Let go of the frames, and with them of every local variable of the modules."""
        self.frames, self.entered = [], ()

    def _enter(self, module):
        number = self.counts.get(id(module), 0)
        self.counts[id(module)] = number + 1
        return Entered(module, number)


def _is(one, other):
    return one is other


class Naming:
    """Names for the modules that ran, and for their parameters and buffers.

    Args:
        f: the function or nn.Module that was recorded.
        given: dict from argument name to what f received.
        local: dict of the local variables of f.
    """

    def __init__(self, f, given, local):
        self.f, self._scopes, self._taken = f, {}, set()
        self.roots = dict(_roots(f, given, local))
        self._paths = {}
        for name, root in self.roots.items():
            for path, module in root.named_modules(prefix=name):
                self._paths.setdefault(id(module), path)

    def scopes(self, chain):
        """Return the tuple of Scope of a tuple of Entered, without f itself."""
        if chain and chain[0].module is self.f:
            chain = chain[1:]
        return tuple([self._scope(chain, i) for i in range(len(chain))])

    def tensors(self):
        """Yield (dotted name, tensor) of every parameter and buffer."""
        for name, root in self.roots.items():
            yield from root.named_parameters(prefix=name)
            yield from root.named_buffers(prefix=name)

    def _scope(self, chain, i):
        entered = chain[i]
        if entered not in self._scopes:
            kind, path = type(entered.module).__name__, self._paths.get(id(entered.module))
            if path is None:  # reached by another way than a name or an attribute
                path = f"{self._scope(chain, i - 1).path}.{kind}" if i else kind
                for below, module in entered.module.named_modules(prefix=path):
                    self._paths.setdefault(id(module), below)
            number = entered.number
            while (path, number) in self._taken:  # another module of that name, made anew by f
                number += 1
            self._taken.add((path, number))
            self._scopes[entered] = Scope(path, kind, number)
        return self._scopes[entered]


def _roots(f, given, local):
    """Yield (name, module) for every module that f is, gets or knows; "" is the name of f itself."""
    owner = getattr(f, "__self__", f)
    if isinstance(owner, torch.nn.Module):
        yield "", owner
    for found in (given, outside(f), local):
        for name, value in found.items():
            if isinstance(value, torch.nn.Module) and value is not owner:
                yield name, value


def common(one, other):
    """The chain of calls that both lie in."""
    if one is None or one == other:
        return other
    length = 0
    while length < min(len(one), len(other)) and one[length] is other[length]:
        length += 1
    return one[:length]
