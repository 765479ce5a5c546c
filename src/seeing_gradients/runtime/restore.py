"""Restore what a learner's code may change: settings of PyTorch, random states, .grad, buffers and tensors.

Each `restore_*` is a context manager that undoes every change to its subject at the end of the with block.
`repeat_random_state` also lets each of its blocks draw the same random numbers.
`collector_off` and `collector_seldom` hold back the collector of reference cycles.
"""

import contextlib
import ctypes
import gc
import random
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.random.mtrand import get_bit_generator
from torch import Tensor
from torch._C import (
    _get_deterministic_algorithms,
    _get_deterministic_algorithms_warn_only,
    _len_torch_dispatch_stack,
    _len_torch_function_stack,
    _pop_torch_function_stack,
    get_default_dtype,
    is_anomaly_check_nan_enabled,
    is_anomaly_enabled,
    is_grad_enabled,
)
from torch.utils._python_dispatch import _pop_mode

from .compiler import uncompiled
from .time_limits import undisturbed

_LARGEST = 1 << 20  # bytes; larger tensors are not copied at every run, so writes to them are not undone
_MANY = 20_000  # objects; if more were made while the collector was off, they count as old
_SOME = 5_000  # objects that may wait for the collector until a recording is complete
_SELDOM = 50_000  # objects between two collections while f runs; Python's default is 700


class restore_settings:
    """Restore grad mode, default dtype and device, determinism, anomaly detection and the modes on PyTorch's stacks.

    If a time limit interrupts an __exit__ of PyTorch, the setting that this __exit__ should have restored is restored
    here. Inside the block, functions compiled by torch.compile run as ordinary Python.
    """

    def __init__(self) -> None:
        self._uncompiled = uncompiled()

    @property
    def has_met_compiled(self) -> bool:
        """Whether a function that torch.compile has compiled ran inside the block."""
        return self._uncompiled.has_met_compiled

    def __enter__(self) -> Self:
        self._before = _settings()
        self._functions, self._dispatches = _len_torch_function_stack(), _len_torch_dispatch_stack()
        self._uncompiled.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        try:
            self._uncompiled.__exit__(*raised)
        finally:
            self.restore()

    @undisturbed
    def restore(self) -> None:
        """Restore the settings now, inside the with block."""
        before, now = self._before, _settings()
        if now[0] is not before[0]:  # first: a default device is a mode at the bottom of the stack
            torch.set_default_device(before[0])
        while _len_torch_function_stack() > self._functions:
            _pop_torch_function_stack()
        while _len_torch_dispatch_stack() > self._dispatches:
            _pop_mode()
        if now != before:
            _set(before, now)


def _settings() -> tuple[Any, ...]:
    return (
        _device(),
        is_grad_enabled(),
        get_default_dtype(),
        _get_deterministic_algorithms(),
        _get_deterministic_algorithms_warn_only(),
        is_anomaly_enabled(),
        is_anomaly_check_nan_enabled(),
    )


def _set(before: tuple[Any, ...], now: tuple[Any, ...]) -> None:
    """Set only the settings that have changed: use_deterministic_algorithms imports the compiler, which takes a second.

    Args:
        before, now: as `_settings` returns them; the first is to be restored.
    """
    (_, grad, dtype, *deterministic, anomaly, check_nan), (_, _, _, *deterministic_now, _, _) = before, now
    torch.set_grad_enabled(grad)
    torch.set_default_dtype(dtype)
    if deterministic != deterministic_now:
        torch.use_deterministic_algorithms(deterministic[0], warn_only=deterministic[1])
    torch.set_anomaly_enabled(anomaly, check_nan)


def _device() -> torch.device | None:
    """The default device, None if none was set. torch.get_default_device() is slower: it makes a tensor to find out."""
    # vars: a missing attribute of a threading.local raises an error with a message, even inside getattr.
    context = vars(torch._GLOBAL_DEVICE_CONTEXT).get("device_context")
    return None if context is None else context.device


class restore_torch_random_state:
    """Restore the state of torch's random number generator (CPU).

    Args:
        start: uint8 tensor, the state in which the block begins, as torch.get_rng_state() returns it; None for the
            current state.
    """

    def __init__(self, start: Tensor | None = None) -> None:
        self._start, self._before = start, torch.get_rng_state()

    def __enter__(self) -> Self:
        if self._start is not None:
            torch.set_rng_state(self._start)
        return self

    def __exit__(self, *raised: object) -> None:
        torch.set_rng_state(self._before)


class repeat_random_state:
    """Draw the same random numbers in each with block of one object, and restore the generators afterwards.

    The generators are PyTorch's (CPU), Python's, and NumPy's global one. Each block begins in the state that they had
    when the object was made; `rewind()` returns to that state inside a block.

    To read or write the state of NumPy's generator takes hundreds of times as long as that of PyTorch's. So the
    generator is left alone until its words, which are quickly compared, show that a block draws from it.
    """

    _uses_numpy = False  # whether a block is known to draw from NumPy's generator

    def __init__(self) -> None:
        self._start = _random_state()
        self._before: list[_RandomState] = []

    def __enter__(self) -> Self:
        self._before.append(_random_state(None if self._uses_numpy else self._start))
        self.rewind()
        return self

    def __exit__(self, *raised: object) -> None:
        self._note_numpy()
        self._set(self._before.pop())

    def rewind(self) -> None:
        """Set the generators to the state in which every block begins."""
        self._note_numpy()
        self._set(self._start)

    def _note_numpy(self) -> None:
        words, before = _numpy_words(), self._before[-1] if self._before else self._start
        self._uses_numpy = self._uses_numpy or words is None or words != before.numpy.words

    def _set(self, state: "_RandomState") -> None:
        torch.set_rng_state(state.torch)
        random.setstate(state.python)
        if self._uses_numpy:
            np.random.set_state(state.numpy.whole)


class resume_random_state(repeat_random_state):
    """Begin each with block of one object in the state in which its last one ended; restore the generators afterwards.

    A job that is done in slices then draws the same random numbers as in one go, whatever happens in between.
    """

    _uses_numpy = True  # the first slice that draws may be a late one, and others may have drawn meanwhile

    def __init__(self) -> None:
        super().__init__()
        self._first = self._start

    def __exit__(self, *raised: object) -> None:
        self._start = _random_state()
        super().__exit__(*raised)

    def restart(self) -> None:
        """Let the next block begin where the first one began."""
        self._start = self._first


class _NumpyState(NamedTuple):
    """The state of NumPy's global generator.

    Attributes:
        words: the memory of the generator; None if it is not the usual Mersenne twister.
        whole: what np.random.set_state takes; it also has a number that randn has drawn and not yet given out.
    """

    words: bytes | None
    whole: Any


class _RandomState(NamedTuple):
    torch: Tensor
    python: Any
    numpy: _NumpyState


def _random_state(known: _RandomState | None = None) -> _RandomState:
    """The states of the three generators; that of NumPy's is taken from `known` if its words are the same."""
    words = _numpy_words()
    if known is not None and words is not None and known.numpy.words == words:
        numpy = known.numpy
    else:
        numpy = _NumpyState(words, np.random.get_state(legacy=False))
    return _RandomState(torch.get_rng_state(), random.getstate(), numpy)


def _numpy_words() -> bytes | None:
    """The memory of NumPy's global generator.

    numpy.org/doc/stable/reference/random/bit_generators/generated/numpy.random.MT19937.ctypes.html: the address of
    its state, which is 624 words of 32 bits and an int.
    """
    generator = get_bit_generator()
    if type(generator) is not np.random.MT19937:
        return None
    return ctypes.string_at(generator.ctypes.state_address, 4 * 624 + ctypes.sizeof(ctypes.c_int))


class restore_grads:
    """Restore the .grad of some leaves; `clear()` sets all of them to None inside the block.

    Args:
        leaves: tensors without a grad_fn.
    """

    def __init__(self, leaves: list[Tensor]) -> None:
        self._leaves = leaves
        self._before = [leaf.grad for leaf in leaves]

    def __enter__(self) -> Self:
        return self

    def clear(self) -> None:
        for leaf in self._leaves:
            leaf.grad = None

    def __exit__(self, *raised: object) -> None:
        for leaf, grad in zip(self._leaves, self._before, strict=True):
            leaf.grad = grad


@contextlib.contextmanager
def restore_buffers(modules: Iterable[object]) -> Iterator[None]:
    """Restore every buffer of some modules: a BatchNorm in training mode updates its running means at every run.

    Args:
        modules: objects that are not an nn.Module are skipped.
    """
    before = [
        (module, name, tensor, tensor.clone())
        for root in modules
        if isinstance(root, torch.nn.Module)
        for module in root.modules()
        for name, tensor in module._buffers.items()
        if tensor is not None
    ]
    try:
        yield
    finally:
        with torch.no_grad():
            for module, name, tensor, copy in before:
                if not torch.equal(tensor, copy):
                    tensor.copy_(copy)
                module._buffers[name] = tensor


class restore_tensors:
    """Restore the content of tensors to which the code inside the block may write; they stay the same objects.

    Args:
        tensors: objects that are not a tensor are skipped.

    Attributes:
        lost: list of tensors that were written to and could not be restored, as they are too large or part of a graph.
    """

    def __init__(self, tensors: Iterable[object]) -> None:
        self._before = [_Before(tensor) for tensor in tensors if isinstance(tensor, Tensor)]
        self.lost: list[Tensor] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        with torch.no_grad():
            self.lost = [before.tensor for before in self._before if not before.restore()]


@contextlib.contextmanager
def restore_containers(values: Iterable[Any]) -> Iterator[None]:
    """Restore the lists and dicts among some values, to which the code inside the block may write: `batch.pop("y")`.

    Args:
        values: objects of other classes are skipped, even of subclasses; so are the lists and dicts inside these.
    """
    before = [(value, value.copy()) for value in values if type(value) in (list, dict)]
    try:
        yield
    finally:
        for value, copy in before:
            if isinstance(value, list):
                value[:] = copy
            else:
                _refill(value, copy)


def _refill(value: dict[Any, Any], copy: dict[Any, Any]) -> None:
    """Give a dict the items of a copy again, if they changed."""
    same = len(value) == len(copy) and all(key in value and value[key] is item for key, item in copy.items())
    if not same:
        value.clear()
        value.update(copy)


class _Before:
    """The state of one tensor before the block."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor, self.version = tensor, _version(tensor)
        self.grad, self.grad_fn = tensor.grad if tensor.is_leaf else None, tensor.grad_fn
        self.requires_grad = tensor.requires_grad
        is_plain = tensor.layout == torch.strided and not (tensor.is_nested or tensor.is_quantized or tensor.is_meta)
        is_copied = is_plain and tensor.numel() * tensor.element_size() <= _LARGEST
        self.copy = tensor.detach().clone() if is_copied else None

    def restore(self) -> bool:
        """Restore the tensor, and return whether it is now as it was."""
        tensor = self.tensor
        if tensor.is_leaf and tensor.grad is not self.grad:
            tensor.grad = self.grad
        if self.copy is None:
            return tensor.grad_fn is self.grad_fn and _version(tensor) == self.version
        if tensor.grad_fn is not self.grad_fn and not self._detach():
            return False
        if tensor.is_leaf and tensor.requires_grad != self.requires_grad:
            tensor.requires_grad_(self.requires_grad)
        if tensor.shape != self.copy.shape or tensor.dtype != self.copy.dtype:
            tensor.data = self.copy
        elif not _is_same(tensor.detach(), self.copy):
            tensor.copy_(self.copy)
        return True

    def _detach(self) -> bool:
        """Detach the tensor from the graph that f gave it; return False for a view, or if it had a history before."""
        if self.grad_fn is not None or self.tensor._is_view():
            return False
        self.tensor.detach_()
        return True


def _version(tensor: Tensor) -> int | None:
    return None if tensor.is_inference() else tensor._version


def _is_same(one: Tensor, other: Tensor) -> bool:
    """Whether all numbers are equal; nan equals nan."""
    if torch.equal(one, other):
        return True
    if not (one.is_floating_point() or one.is_complex()):
        return False
    return torch.equal(one.isnan(), other.isnan()) and torch.equal(one.nan_to_num(), other.nan_to_num())


class collector_off(contextlib.ContextDecorator):
    """Turn the collector of reference cycles off inside a with block or a decorated function.

    While a large graph is built, all of it is in use. The collector would search it, and all loaded modules, several
    times, which takes half of the time.
    """

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *raised: object) -> None:
        if self._was_on:
            _count_as_old()
            gc.enable()

    def _recreate_cm(self) -> "collector_off":
        return type(self)()  # each call of a decorated function has its own object


def _count_as_old() -> None:
    """Move new objects into the oldest generation; otherwise the collector soon searches all of them."""
    if gc.get_count()[0] > _MANY and not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()


def collect_many() -> None:
    """Let the collector search the new objects, as after a `collector_seldom`, but only if there are many of them.

    It frees the cycles of f before `collector_off` counts them as old.
    """
    if gc.isenabled() and gc.get_count()[0] > _SOME:
        gc.collect(0)


class collector_seldom:
    """Run the collector seldom inside a with block: f may leave cycles behind, but most of its objects stay in use."""

    def __enter__(self) -> None:
        self._before = before = gc.get_threshold()
        if before[0]:  # zero means that it is off
            gc.set_threshold(max(before[0], _SELDOM), *before[1:])

    def __exit__(self, *raised: object) -> None:
        gc.set_threshold(*self._before)
