"""Keeps torch, the builtins and the settings of the session as they were, whatever an answer does to them.

`guarded()` is a context manager; its list names what had to be put back ("torch.cos").
"""

import builtins
import getpass
import math
import sys
import threading
from contextlib import contextmanager

import torch

from seeing_gradients.language import message

_HEADROOM = 2 << 30  # bytes that an answer may take on top of what the kernel holds
_BUILTINS = ("abs", "all", "any", "enumerate", "float", "int", "isinstance", "len", "list", "map", "max", "min", "print",
             "range", "reversed", "round", "sorted", "sum", "tuple", "zip")  # fmt: skip


def _places():
    return {
        "torch": torch,
        "torch.Tensor": torch.Tensor,
        "torch.autograd": torch.autograd,
        "torch.linalg": torch.linalg,
        "torch.nn.functional": torch.nn.functional,
        "math": math,
        "builtins": builtins,
    }


def _functions(place):
    """The functions to watch; the notebook itself replaces some builtins (input) for every cell."""
    if place is builtins:
        return {name: vars(place)[name] for name in _BUILTINS}
    return {name: value for name, value in vars(place).items() if _is_function(name, value)}


def _is_function(name, value):
    """Public functions and methods; no classes, for torch itself replaces torch.Storage with the default dtype."""
    private = name.startswith("_") and not name.endswith("__")
    return callable(value) and not private and not isinstance(value, type)


_original = {name: _functions(place) for name, place in _places().items()}  # as they were when exercises were loaded

_tensor_names = set(vars(torch.Tensor))


def put_back():
    """Undo what was replaced in torch, math and the builtins; return the names, sorted."""
    replaced = []
    for name, place in _places().items():
        now = vars(place)
        for key, value in _original[name].items():
            if now.get(key) is value:
                continue
            if _is_its_own_wrapper(now.get(key), value):
                _original[name][key] = now[key]
                continue
            setattr(place, key, value)
            replaced.append(f"{name}.{key}")
    for key in set(vars(torch.Tensor)) - _tensor_names:
        if hasattr(torch._C.TensorBase, key):  # torch.Tensor.cos = ... hides the method of the base class
            delattr(torch.Tensor, key)
            replaced.append(f"torch.Tensor.{key}")
    return sorted(replaced)


def _is_its_own_wrapper(value, original):
    """torch wraps some of its functions late (manual_seed, once its compiler is loaded): nobody's patch."""
    names = [(getattr(f, "__module__", None), getattr(f, "__name__", None)) for f in (value, original)]
    return names[0] == names[1] != (None, None) and getattr(value, "__wrapped__", None) is original


@contextmanager
def guarded():
    """Run an answer: afterwards patches, gradient mode, default dtype and random state are as before."""
    with _limited_memory(), kept() as replaced:
        yield replaced


@contextmanager
def kept():
    """`guarded` without its limit of memory, for a process that has one of its own."""
    replaced = put_back()
    try:
        with unwatched():
            yield replaced
    finally:
        replaced.extend(put_back())


@contextmanager
def unwatched():
    """`kept` without the look at every function of torch; nothing is listed."""
    settings = torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_rng_state()
    try:
        with torch.enable_grad(), _daemon_threads(), _no_exit(), _no_input():
            yield []
    finally:
        grad, dtype, rng = settings
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(dtype)
        torch.set_rng_state(rng)


@contextmanager
def _daemon_threads():
    """Threads that an answer starts do not keep the kernel from ending."""
    start = threading.Thread.start

    def start_as_daemon(self):
        if not self.daemon:
            self.daemon = True
        start(self)

    threading.Thread.start = start_as_daemon
    try:
        yield
    finally:
        threading.Thread.start = start


@contextmanager
def _no_exit():
    """exit() and quit() in a notebook would end the kernel without an exception; here they raise one."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None:
        yield
        return

    def refuse():
        raise SystemExit

    shell.ask_exit = refuse
    try:
        yield
    finally:
        del shell.ask_exit


@contextmanager
def _no_input():
    """A notebook that asks waits for a person; an answer that is being checked gets an error at once."""
    ask, ask_secretly = builtins.input, getpass.getpass

    def refuse(*_, **__):
        raise EOFError(message("exercises.no_input"))

    builtins.input = getpass.getpass = refuse
    try:
        yield
    finally:
        builtins.input, getpass.getpass = ask, ask_secretly


@contextmanager
def _limited_memory():
    """On Linux an allocation far too large raises MemoryError, instead of the system ending the kernel."""
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    limit = now + _HEADROOM
    for most in (soft, hard):
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
