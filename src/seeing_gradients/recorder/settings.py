"""What f may switch in PyTorch for all code that comes after it, put back when a recording is over.

`with settings_kept():` keeps grad mode, default dtype and device, determinism, anomaly detection and the modes on
PyTorch's stacks; inside, what torch.compile made runs as the Python that it was made from.
"""

import sys

import torch
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


class settings_kept:
    """Undo what f left switched, and what a time limit that struck inside an __exit__ of PyTorch left undone."""

    def __enter__(self):
        self._before = _settings()
        self._functions, self._dispatches = _len_torch_function_stack(), _len_torch_dispatch_stack()
        self._uncompiled = _uncompiled()
        if self._uncompiled is not None:
            self._uncompiled.__enter__()
        return self

    def __exit__(self, *raised):
        try:
            if self._uncompiled is not None:
                self._uncompiled.__exit__(*raised)
        finally:
            self.put_back()

    def put_back(self):
        """Undo it now, inside the with block."""
        before = self._before
        if _device() is not before[0]:  # first: a default device is a mode at the bottom of the stack
            torch.set_default_device(before[0])
        while _len_torch_function_stack() > self._functions:
            _pop_torch_function_stack()
        while _len_torch_dispatch_stack() > self._dispatches:
            _pop_mode()
        if _settings() != before:
            _set(*before[1:])


def _settings():
    return (
        _device(),
        is_grad_enabled(),
        get_default_dtype(),
        _get_deterministic_algorithms(),
        _get_deterministic_algorithms_warn_only(),
        is_anomaly_enabled(),
        is_anomaly_check_nan_enabled(),
    )


def _set(grad, dtype, deterministic, warn_only, anomaly, check_nan):
    torch.set_grad_enabled(grad)
    torch.set_default_dtype(dtype)
    torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
    torch.set_anomaly_enabled(anomaly, check_nan)


def _device():
    """The default device as it was set, or None; torch.get_default_device() makes a tensor to find out."""
    context = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
    return None if context is None else context.device


def _uncompiled():
    """The compiler would hide f's operations, and takes longer than any time limit. Where it is not loaded, do not."""
    if "torch._dynamo" not in sys.modules:
        return None
    return torch.compiler.set_stance("force_eager")
