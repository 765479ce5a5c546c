"""Run an operation of f a second time, so that neither the user's hooks and modes nor autocast's cache notice it.

`InnerValues` collects the values of the backward nodes that the operation then makes.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch._C import _len_torch_dispatch_stack, _len_torch_function_stack
from torch._C._autograd import _get_sequence_nr as _sequence_nr  # the number of this thread's next backward node
from torch._C._autograd import _saved_tensors_hooks_is_enabled  # pyright: ignore[reportAttributeAccessIssue]  # torch's stubs lack it
from torch.autograd.graph import saved_tensors_hooks
from torch.overrides import _pop_mode, _push_mode
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes

from seeing_gradients.runtime import restore_torch_random_state

from .snapshot import snapshot
from .types import Snapshot


@contextmanager
def second_run(random_state: Tensor | None) -> Iterator[None]:
    """Inside the with block operations run as they did, but nothing of the user's sees them.

    - Hooks on saved tensors: a checkpoint counts the tensors that its hooks pack, and finds too many.
    - Autocast's cache: weights that the first run has cast are cast again, so that the same backward nodes are made.
    - Modes around the recording, e.g. one that counts operations.

    Args:
        random_state: of PyTorch's generator (CPU) before the first run, as torch.get_rng_state() returns it; None for
            an operation that draws no random numbers.
    """
    is_cached = torch.is_autocast_cache_enabled()
    with ExitStack() as stack:
        stack.enter_context(restore_torch_random_state(random_state))
        if _saved_tensors_hooks_is_enabled():
            stack.enter_context(saved_tensors_hooks(_same, _same))
        if _len_torch_dispatch_stack():
            stack.enter_context(_disable_current_modes())
        if _len_torch_function_stack():
            stack.enter_context(_without_function_modes())
        torch.set_autocast_cache_enabled(False)
        try:
            yield
        finally:
            torch.set_autocast_cache_enabled(is_cached)


@contextmanager
def _without_function_modes() -> Iterator[None]:
    modes = [_pop_mode() for _ in range(_len_torch_function_stack())]
    try:
        yield
    finally:
        for mode in reversed(modes):
            _push_mode(mode)


def _same(tensor: Any) -> Any:
    return tensor


@cache
def _writes(func: Any) -> bool:
    """Whether an operation below autograd writes to one of its arguments."""
    return func._schema.is_mutable


_aten = torch.ops.aten
_OF_ZEROS = {_aten._efficientzerotensor.default, _aten.expand.default, _aten._to_copy.default, _aten.mul.Tensor}


class InnerValues(TorchDispatchMode):
    """Collect the values of each backward node made while this mode is on: sequence number -> tuple of Snapshot."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[int, tuple[Snapshot | None, ...]] = {}
        self.bases: dict[int, tuple[Snapshot | None, ...]] = {}  # for numbers that no operation of `values` used
        self.first = _sequence_nr()
        self._tried_out: dict[int, Tensor] = {}  # number -> the result so far of an operation on zeros without memory

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # without this method PyTorch loads the compiler, which takes 1.5 s and 800 modules

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None) -> Any:
        number = _sequence_nr() - 1  # autograd makes the backward node before it computes the value
        result = func(*args, **(kwargs or {}))
        if _writes(func):  # mul_: autograd has cloned its argument in between, with a node of its own
            while number in self.values:
                number -= 1
            base = args[0]._base if args and isinstance(args[0], Tensor) else None
            if base is not None:  # autograd then makes CopySlices, whose value is the whole tensor behind the view
                self.bases[_sequence_nr()] = (snapshot(base),)
        if number >= self.first and (number not in self.values or self._is_of_zeros(number, func, args)):
            tensors = result if isinstance(result, (list, tuple)) else (result,)
            self.values[number] = tuple(snapshot(t) if isinstance(t, Tensor) else None for t in tensors)
            if isinstance(result, Tensor) and (result.is_meta or number in self._tried_out):
                self._tried_out[number] = result
        return result

    def _is_of_zeros(self, number: int, func: Any, args: Any) -> bool:
        """Whether an operation computes the result of another one for which zeros stand that have no memory.

        Such zeros are the derivatives that forward mode need not compute. PyTorch first tries out the shape of the
        result on the meta device; then the result is zeros again, or the other operand, expanded, copied and, for a
        difference, multiplied by -1.
        """
        last = self._tried_out.get(number)
        if last is None or func not in _OF_ZEROS:
            return False
        return last.is_meta or (bool(args) and args[0] is last)
