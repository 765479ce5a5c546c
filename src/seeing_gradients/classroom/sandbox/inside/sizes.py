"""Keep PyTorch from importing its compiler, and with it SymPy, only to compare two sizes.

`loss.backward(v)` imports `torch.fx.experimental.symbolic_shapes`, for which PyTorch needs a second of processor time, for
two functions that compare the size of v with that of the loss. `compare_without_compiler()` puts a module with these two
in its place; code that asks it for anything else gets the real one.
"""

import importlib
import sys
from types import ModuleType
from typing import Any

_NAME = "torch.fx.experimental.symbolic_shapes"


class _Sizes(ModuleType):
    @staticmethod
    def expect_true(condition: Any) -> bool:
        return bool(condition)

    @staticmethod
    def sym_eq(size: Any, other: Any) -> bool:
        return size == other

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        load_compiler()
        return getattr(sys.modules[_NAME], name)


def compare_without_compiler() -> None:
    """Put the small module in the place of the real one, unless that is loaded already."""
    sys.modules.setdefault(_NAME, _Sizes(_NAME))


def load_compiler() -> None:
    """Import the real module, and PyTorch's compiler, which the first optimizer of a process needs."""
    if isinstance(sys.modules.get(_NAME), _Sizes):
        del sys.modules[_NAME]
    importlib.import_module(_NAME)
    importlib.import_module("torch._dynamo")
