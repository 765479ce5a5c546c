"""Turn torch.compile off: what it has compiled runs as ordinary Python, and it is noted that this happened.

The compiler would hide f's operations, and takes longer than any limit. PyTorch loads it when torch.compile is first
called, which f itself may do. So until it is loaded, torch.compile is replaced by a function that loads it and turns it
off.
"""

import importlib
import sys
import threading
from typing import Any, Self

import torch

from .time_limits import undisturbed

_MODULE = "torch._dynamo.eval_frame"
_lock = threading.RLock()
_blocks: "list[uncompiled]" = []  # those that are running, in all threads
_originals: dict[str, Any] = {}  # what PyTorch itself has under the names that are replaced while a block runs


class uncompiled:
    """Inside the with block, functions and modules compiled by torch.compile run as ordinary Python.

    Attributes:
        has_met_compiled: whether one of them has run in this thread inside the block.
    """

    def __init__(self) -> None:
        self.has_met_compiled = False
        self.thread = threading.get_ident()
        self._stance: Any = None

    @undisturbed
    def __enter__(self) -> Self:
        with _lock:
            _blocks.append(self)
            if len(_blocks) == 1:
                _replace()
        if _MODULE in sys.modules:
            self.turn_off()
        return self

    @undisturbed
    def __exit__(self, *raised: object) -> None:
        with _lock:
            _blocks.remove(self)
            if not _blocks:
                _put_back()
        if self._stance is not None:
            self._stance.__exit__(*raised)

    def turn_off(self) -> None:
        """Turn the compiler off until the block ends, once it is loaded."""
        if self._stance is None:
            self._stance = torch.compiler.set_stance("force_eager")
            self._stance.__enter__()


def _replace() -> None:
    compiler: Any = sys.modules.get(_MODULE)
    if compiler is None:
        _originals["compile"] = torch.compile
        torch.compile = _load_and_compile
    elif hasattr(compiler, "_callback_from_stance"):
        _originals["callback"] = compiler._callback_from_stance
        compiler._callback_from_stance = _note


def _put_back() -> None:
    compiler: Any = sys.modules.get(_MODULE)
    if torch.compile is _load_and_compile:
        torch.compile = _originals["compile"]
    if getattr(compiler, "_callback_from_stance", None) is _note:
        compiler._callback_from_stance = _originals["callback"]


@undisturbed
def _load_and_compile(*args: Any, **kwargs: Any) -> Any:
    """torch.compile, for a compiler that is not loaded yet."""
    with _lock:
        importlib.import_module(_MODULE)
        _put_back()
        if _blocks:
            _replace()
    for block in _blocks:
        block.turn_off()
    return torch.compile(*args, **kwargs)


def _note(callback: Any) -> Any:
    """What the compiler asks each time when a compiled function is called: how to run it."""
    if callback not in (False, None):
        thread = threading.get_ident()
        for block in _blocks:
            if block.thread == thread:
                block.has_met_compiled = True
    return _originals["callback"](callback)
