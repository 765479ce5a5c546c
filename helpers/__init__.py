"""Look inside PyTorch's autograd: record a real forward and backward pass, draw it, drag it.

Type `from helpers import d2l, record, draw, explore, numerical_grad, check, hint, predict`; nothing heavy is
imported before a name is used.
"""

import sys
from importlib import import_module
from types import ModuleType

# public name -> (module, attribute; None for the module itself)
_PUBLIC = {
    "check": ("exercises", "check"),
    "d2l": ("d2l", None),
    "descend": ("descend", "descend"),
    "draw": ("svg", "draw"),
    "explore": ("explore", "explore"),
    "export": ("export", None),
    "hint": ("exercises", "hint"),
    "language": ("language", None),
    "numerical_grad": ("numeric", "numerical_grad"),
    "personal": ("exercises", "personal"),
    "predict": ("exercises", "predict"),
    "progress": ("progress", None),
    "record": ("record", "record"),
    "secant": ("secant", "secant"),
}
__all__ = sorted(_PUBLIC)  # noqa: PLE0605, a list all the same


def __dir__():
    return __all__


class _Package(ModuleType):
    """Keeps `helpers.record` the function, although the import system binds the submodule of that name."""

    def __getattr__(self, name):
        if name not in _PUBLIC:
            raise AttributeError(f"module 'helpers' has no attribute {name!r}; it offers {', '.join(__all__)}")
        module, attribute = _PUBLIC[name]
        value = import_module(f"helpers.{module}")
        if attribute is not None:
            value = getattr(value, attribute)
        self.__dict__[name] = value
        return value

    def __setattr__(self, name, value):
        if isinstance(value, ModuleType) and _PUBLIC.get(name, (None, None))[1] is not None:
            return  # the import of helpers.record must not hide the function helpers.record
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
