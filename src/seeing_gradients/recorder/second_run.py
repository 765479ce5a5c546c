"""Run an operation of f a second time, so that neither the user's hooks and modes nor autocast's cache notice it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor
from torch._C import _len_torch_dispatch_stack, _len_torch_function_stack
from torch._C._autograd import _saved_tensors_hooks_is_enabled  # pyright: ignore[reportAttributeAccessIssue]  # torch's stubs lack it
from torch.autograd.graph import saved_tensors_hooks
from torch.overrides import _pop_mode, _push_mode
from torch.utils._python_dispatch import _disable_current_modes

from seeing_gradients.runtime import restore_torch_random_state


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
