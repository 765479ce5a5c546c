"""Restore what somebody else's code may change: settings of PyTorch, random numbers, .grad, buffers, tensors, the collector.

Each `restore_*` is a context manager: whatever happens to its subject inside the with block is undone afterwards.
`collector_off` and `collector_seldom` hold back the collector of reference cycles for a while.
"""

import contextlib
import gc
import random
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Self

import torch
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

from .limits import undisturbed

_LARGEST = 1 << 20  # bytes; a larger tensor is not copied at every run, and what is written to it stays
_MANY = 20_000  # objects made while the collector was off
_SELDOM = 50_000  # objects between two collections while f runs; Python's own number is 700


class restore_settings:
    """Restore grad mode, default dtype and device, determinism, anomaly detection and the modes on PyTorch's stacks.

    This also undoes what a time limit left behind that struck inside an __exit__ of PyTorch. Inside the block, whatever
    torch.compile made runs as the Python that it was made from.
    """

    def __enter__(self) -> Self:
        self._before = _settings()
        self._functions, self._dispatches = _len_torch_function_stack(), _len_torch_dispatch_stack()
        self._uncompiled = _uncompiled()
        if self._uncompiled is not None:
            self._uncompiled.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        try:
            if self._uncompiled is not None:
                self._uncompiled.__exit__(*raised)
        finally:
            self.restore()

    @undisturbed
    def restore(self) -> None:
        """Restore the settings now, inside the with block."""
        before = self._before
        if _device() is not before[0]:  # first: a default device is a mode at the bottom of the stack
            torch.set_default_device(before[0])
        while _len_torch_function_stack() > self._functions:
            _pop_torch_function_stack()
        while _len_torch_dispatch_stack() > self._dispatches:
            _pop_mode()
        now = _settings()
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
    """Set what has changed, and no more: use_deterministic_algorithms imports the compiler, which takes a second."""
    (_, grad, dtype, *deterministic, anomaly, check_nan), (_, _, _, *deterministic_now, _, _) = before, now
    torch.set_grad_enabled(grad)
    torch.set_default_dtype(dtype)
    if deterministic != deterministic_now:
        torch.use_deterministic_algorithms(deterministic[0], warn_only=deterministic[1])
    torch.set_anomaly_enabled(anomaly, check_nan)


def _device() -> torch.device | None:
    """The default device as it was set, or None; torch.get_default_device() makes a tensor to find out."""
    context = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
    return None if context is None else context.device


def _uncompiled() -> Any:
    """A with block without the compiler, which hides f's operations and takes longer than any limit; None if not loaded."""
    if "torch._dynamo" not in sys.modules:
        return None
    return torch.compiler.set_stance("force_eager")


class restore_torch_random_state:
    """Restore the state of torch's random number generator (CPU).

    Args:
        start: uint8 tensor, as torch.get_rng_state() gives it, the state in which the block begins; None for the present one.
    """

    def __init__(self, start: Tensor | None = None) -> None:
        self._start, self._before = start, torch.get_rng_state()

    def __enter__(self) -> Self:
        if self._start is not None:
            torch.set_rng_state(self._start)
        return self

    def __exit__(self, *raised: object) -> None:
        torch.set_rng_state(self._before)


class restore_random_state:
    """Restore torch's (CPU) and Python's generators; each with block of one object draws the same random numbers.

    A block begins in the state that the generators had when the object was made; `rewind()` goes back there inside it.
    """

    def __init__(self) -> None:
        self._start = _random_state()
        self._before: list[tuple[Tensor, Any]] = []

    def __enter__(self) -> Self:
        self._before.append(_random_state())
        self.rewind()
        return self

    def __exit__(self, *raised: object) -> None:
        _set_random_state(self._before.pop())

    def rewind(self) -> None:
        """Set the generators to the state in which every block begins."""
        _set_random_state(self._start)


def _random_state() -> tuple[Tensor, Any]:
    return torch.get_rng_state(), random.getstate()


def _set_random_state(state: tuple[Tensor, Any]) -> None:
    torch.set_rng_state(state[0])
    random.setstate(state[1])


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
    """Restore every buffer of some modules: a BatchNorm in training writes its running means at every run.

    Args:
        modules: what is no nn.Module is passed over.
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
    """Restore tensors to which the code inside the block may write; they stay the same objects.

    Args:
        tensors: what is no tensor is passed over.

    Attributes:
        lost: list of the tensors that were written to and could not be restored: too large, or part of a graph.
    """

    def __init__(self, tensors: Iterable[object]) -> None:
        self._before = [_Before(tensor) for tensor in tensors if isinstance(tensor, Tensor)]
        self.lost: list[Tensor] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        with torch.no_grad():
            self.lost = [before.tensor for before in self._before if not before.restore()]


class _Before:
    """What a tensor was like before the block."""

    def __init__(self, tensor: Tensor) -> None:
        self.tensor, self.version = tensor, _version(tensor)
        self.grad, self.grad_fn = tensor.grad if tensor.is_leaf else None, tensor.grad_fn
        self.requires_grad = tensor.requires_grad
        is_plain = tensor.layout == torch.strided and not (tensor.is_nested or tensor.is_quantized or tensor.is_meta)
        is_copied = is_plain and tensor.numel() * tensor.element_size() <= _LARGEST
        self.copy = tensor.detach().clone() if is_copied else None

    def restore(self) -> bool:
        """Return whether the tensor is now as it was."""
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
        """Take a tensor out of the graph into which f wrote it; a view, or one that had a history, cannot be."""
        if self.grad_fn is not None or self.tensor._is_view():
            return False
        self.tensor.detach_()
        return True


def _version(tensor: Tensor) -> int | None:
    return None if tensor.is_inference() else tensor._version


def _is_same(one: Tensor, other: Tensor) -> bool:
    """Whether all numbers are equal, nan included."""
    if torch.equal(one, other):
        return True
    if not (one.is_floating_point() or one.is_complex()):
        return False
    return torch.equal(one.isnan(), other.isnan()) and torch.equal(one.nan_to_num(), other.nan_to_num())


class collector_off(contextlib.ContextDecorator):
    """Leave the collector of reference cycles off inside a with block, or a function decorated with it.

    While a large graph is put together all of it is in use; the collector would go through it, and through all that is
    loaded, several times: half of the time.
    """

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *raised: object) -> None:
        if self._was_on:
            _count_as_old()
            gc.enable()

    def _recreate_cm(self) -> "collector_off":
        return type(self)()  # each call of a decorated function has its own


def _count_as_old() -> None:
    """Move new objects into the oldest generation: else the collector goes through all of them at the next one made."""
    if gc.get_count()[0] > _MANY and not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()


class collector_seldom:
    """Let the collector come seldom inside a with block: f may leave cycles behind, but most of what is made stays in use."""

    def __enter__(self) -> None:
        self._before = before = gc.get_threshold()
        if before[0]:  # else somebody has turned it off
            gc.set_threshold(max(before[0], _SELDOM), *before[1:])

    def __exit__(self, *raised: object) -> None:
        gc.set_threshold(*self._before)
