"""What a lesson types: `from helpers import d2l, record, draw, explore, numerical_grad, check, hint, predict`.

All of it is the library's, `seeing_gradients`, but for `d2l`; nothing heavy is imported before a name is used.
"""

from importlib import import_module

# public name -> the module that it is, or that defines it
_MODULES = {
    "d2l": "helpers.d2l",
    "export": "seeing_gradients.picture.export",
    "language": "seeing_gradients.language",
    "progress": "seeing_gradients.course.progress",
}
_FUNCTIONS = {
    "check": "seeing_gradients.course.exercises",
    "descend": "seeing_gradients.widgets.descend",
    "draw": "seeing_gradients.picture.svg",
    "explore": "seeing_gradients.widgets.explore",
    "hint": "seeing_gradients.course.exercises",
    "numerical_grad": "seeing_gradients.numeric",
    "personal": "seeing_gradients.course.exercises",
    "predict": "seeing_gradients.course.exercises",
    "record": "seeing_gradients.recorder",
    "secant": "seeing_gradients.widgets.secant",
}
__all__ = sorted(_MODULES | _FUNCTIONS)  # noqa: PLE0605, a list all the same


def __dir__():
    return __all__


def __getattr__(name):
    if name in _MODULES:
        value = import_module(_MODULES[name])
    elif name in _FUNCTIONS:
        value = getattr(import_module(_FUNCTIONS[name]), name)
    else:
        raise AttributeError(f"module 'helpers' has no attribute {name!r}; it offers {', '.join(__all__)}")
    globals()[name] = value
    return value
