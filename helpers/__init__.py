"""The names that a lesson imports, e.g. `from helpers import d2l, record, draw, explore, check`.

All except `d2l` come from the library, `seeing_gradients`. Each is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from helpers import d2l
    from seeing_gradients import descend, draw, explore, language, numerical_grad, record, secant, watch
    from seeing_gradients.course import progress
    from seeing_gradients.course.digits import load_digits
    from seeing_gradients.course.exercises import accepted_or_worked, check, hint, personal, predict
    from seeing_gradients.picture import export

# Public name -> the module that it is (_MODULES), or the module that defines it (_FUNCTIONS).
_MODULES = {
    "d2l": "helpers.d2l",
    "export": "seeing_gradients.picture.export",
    "language": "seeing_gradients.language",
    "progress": "seeing_gradients.course.progress",
}
_FUNCTIONS = {
    "accepted_or_worked": "seeing_gradients.course.exercises",
    "check": "seeing_gradients.course.exercises",
    "descend": "seeing_gradients.widgets.descend",
    "draw": "seeing_gradients.picture.static",
    "explore": "seeing_gradients.widgets.explore",
    "hint": "seeing_gradients.course.exercises",
    "load_digits": "seeing_gradients.course.digits",
    "numerical_grad": "seeing_gradients.numeric",
    "personal": "seeing_gradients.course.exercises",
    "predict": "seeing_gradients.course.exercises",
    "record": "seeing_gradients.recorder",
    "secant": "seeing_gradients.widgets.secant",
    "watch": "seeing_gradients.widgets.watch",
}
__all__ = [
    "accepted_or_worked",
    "check",
    "d2l",
    "descend",
    "draw",
    "explore",
    "export",
    "hint",
    "language",
    "load_digits",
    "numerical_grad",
    "personal",
    "predict",
    "progress",
    "record",
    "secant",
    "watch",
]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name) or _FUNCTIONS.get(name)
    if module is None:
        raise AttributeError(f"module 'helpers' has no attribute {name!r}; it offers {', '.join(__all__)}")
    globals()[name] = value = import_module(module) if name in _MODULES else getattr(import_module(module), name)
    return value
