"""See how PyTorch computes derivatives: record a real forward and backward pass, draw it, drag it.

`from seeing_gradients import record, draw, explore` in any notebook or script; nothing heavy is imported before a name
is used. The exercises of the course are in `seeing_gradients.course`, the grader in `seeing_gradients.classroom`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seeing_gradients.numeric import numerical_grad
    from seeing_gradients.picture.static import draw
    from seeing_gradients.recorder import record
    from seeing_gradients.widgets.descend import descend
    from seeing_gradients.widgets.explore import explore
    from seeing_gradients.widgets.secant import secant
    from seeing_gradients.widgets.watch import watch

# public name -> the module that defines it
_PUBLIC = {
    "descend": "seeing_gradients.widgets.descend",
    "draw": "seeing_gradients.picture.static",
    "explore": "seeing_gradients.widgets.explore",
    "numerical_grad": "seeing_gradients.numeric",
    "record": "seeing_gradients.recorder",
    "secant": "seeing_gradients.widgets.secant",
    "watch": "seeing_gradients.widgets.watch",
}
__all__ = ["descend", "draw", "explore", "numerical_grad", "record", "secant", "watch"]


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'seeing_gradients' has no attribute {name!r}; it offers {', '.join(__all__)}")
    value = globals()[name] = getattr(import_module(_PUBLIC[name]), name)
    return value
