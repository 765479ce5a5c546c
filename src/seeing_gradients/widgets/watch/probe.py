"""Read what a model's modules return while it trains, without changing a number.

A `Probe` has a forward hook on every module with parameters of its own or without submodules. In a step that is
measured it computes the spread of what a module returns and its share of dead units. In every step it holds on to
what modules returned until the step ends, so that the first module with a nan can be named afterwards; of a large
tensor it holds the sum.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import torch
from torch import Tensor, nn
from torch._C._functorch import peek_interpreter_stack
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from seeing_gradients.recorder import tensors_in

_LARGE = 1 << 16  # elements; of a larger output only the sum is held
_ENDS = 0.49  # a saturated value lies so far from the middle of an activation's range, as a part of the range
_ZERO = (nn.ReLU, nn.ReLU6)
_RANGES: dict[type[nn.Module], tuple[float, float]] = {
    nn.Sigmoid: (0.0, 1.0), nn.Hardsigmoid: (0.0, 1.0), nn.Tanh: (-1.0, 1.0), nn.Softsign: (-1.0, 1.0),
}  # fmt: skip
# The same activations, called as functions.
_FUNCTIONS: dict[Any, type[nn.Module]] = {
    F.relu: nn.ReLU, torch.relu: nn.ReLU, Tensor.relu: nn.ReLU, F.relu6: nn.ReLU6,
    torch.sigmoid: nn.Sigmoid, Tensor.sigmoid: nn.Sigmoid, F.sigmoid: nn.Sigmoid,
    torch.tanh: nn.Tanh, Tensor.tanh: nn.Tanh, F.tanh: nn.Tanh,
}  # fmt: skip
# They return finite numbers for finite numbers.
_HARMLESS = (nn.ReLU, nn.Tanh, nn.Sigmoid, nn.GELU, nn.SiLU, nn.LeakyReLU, nn.Dropout, nn.Flatten, nn.Identity)


@dataclass(frozen=True)
class WatchedModule:
    """A module that the probe reads.

    Attributes:
        path: "layers.0"; "" for the model itself.
        module: nn.Module.
        kind: the name of its class.
        parameters: the indices of its own parameters among those of the model.
    """

    path: str
    module: nn.Module
    kind: str
    parameters: tuple[int, ...]


class _Hook(partial[Any]):
    """A hook of a Probe. A copy of the model, by deepcopy or pickle, has one that does nothing in its place."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _in_its_place, ()


def _in_its_place() -> Any:
    return _ignore


def _ignore(*args: Any, **kwargs: Any) -> None:
    """What the copy of a watched model calls in place of a hook."""


class Probe:
    """The hooks on one model.

    Args:
        model: nn.Module.

    Attributes:
        names, parameters: of all parameters of the model, in order.
        modules: list of WatchedModule.
        order: the indices of the modules in the order of their first calls.
        shapes: index of a module -> the shape of what it returned.
        is_measuring: whether the present step is measured.
        repeats_any_step: whether a step that is not measured may be run again, too, if it turns out to be of interest.
        seconds: float, the time that measuring took.
        random_state, modes: when the model was called last; None before, and in steps that are not run again.
        arguments: (args, kwargs) of the model's last call, or None.
        output_gradient: what arrived at the model's output in a measured step, or None.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.names, self.parameters = map(list, zip(*model.named_parameters(), strict=True))
        numbers = {id(parameter): i for i, parameter in enumerate(self.parameters)}
        self.modules = list(_watched(model, numbers))
        self.order: list[int] = []
        self.shapes: dict[int, tuple[int, ...]] = {}
        self.is_measuring = self.repeats_any_step = False
        self.seconds = 0.0
        self._hooks: list[Any] = []
        self._hooks_of_measuring: list[Any] = []
        inside = list(model.modules())
        self._follows_functions = any(map(_may_call_functions, inside)) and not any(map(_is_compiled, inside))
        self._modes: list[_ActivationCalls] = []
        self._outputs: list[tuple[int, Tensor]] = []
        self.arguments: tuple[tuple[Any, ...], dict[str, Any]] | None = None
        self._forget_measured()

    def forget(self) -> None:
        """Let go of all that was read: the next step begins."""
        self._outputs.clear()
        self.arguments = None
        if self.is_measuring or self.repeats_any_step or self._spreads:
            self._forget_measured()

    def _forget_measured(self) -> None:
        self._spreads: dict[int, Tensor] = {}
        self._alive: dict[int, tuple[Tensor, int]] = {}
        self._returned: tuple[int, Tensor] | None = None  # by which module, at last
        self._activated: tuple[int, Tensor] | None = None  # the module whose output a function got; what that returned
        self.output_gradient: Tensor | None = None
        self.random_state: Tensor | None = None
        self.modes: tuple[bool, ...] | None = None

    # ---- hooks ----

    @property
    def is_on(self) -> bool:
        return bool(self._hooks)

    def start(self) -> None:
        """Register the hooks."""
        self._hooks = [
            self.model.register_forward_pre_hook(_Hook(self._begin), with_kwargs=True),
            *self._register(False),
        ]
        self.measure(self.is_measuring)

    def stop(self) -> None:
        """Remove the hooks."""
        for hooks in (self._hooks, self._hooks_of_measuring):
            while hooks:
                hooks.pop().remove()

    def measure(self, is_measuring: bool) -> None:
        """Measure the step that comes next, or not. What cannot make a nan has hooks in measured steps only."""
        self.is_measuring = is_measuring
        if is_measuring and self.is_on and not self._hooks_of_measuring:
            self._hooks_of_measuring = self._register(True)
            if self._follows_functions:
                self._hooks_of_measuring += [
                    self.model.register_forward_pre_hook(_Hook(self._follow_functions)),
                    self.model.register_forward_hook(_Hook(self._leave_functions), always_call=True),
                ]
            self._hooks_of_measuring.append(self.model.register_forward_hook(_Hook(self._end)))
        while self._hooks_of_measuring and not is_measuring:
            self._hooks_of_measuring.pop().remove()

    def _register(self, is_harmless: bool) -> list[Any]:
        return [
            each.module.register_forward_hook(_Hook(self._note, i))
            for i, each in enumerate(self.modules)
            if (type(each.module) in _HARMLESS) == is_harmless
        ]

    @contextlib.contextmanager
    def off(self) -> Iterator[None]:
        """Remove the hooks inside a with block, e.g. while the model is copied."""
        was_on = self.is_on
        self.stop()
        try:
            yield
        finally:
            if was_on:
                self.start()

    def _begin(self, module: nn.Module, args: Any, kwargs: Any) -> None:
        """The model is called: what an earlier call returned, e.g. for a validation, counts no more."""
        if _is_training():
            if self._outputs or self.arguments is not None:
                self.forget()
            self.arguments = args, kwargs
            if self.is_measuring or self.repeats_any_step:
                self.random_state = torch.get_rng_state()
            if self.is_measuring:
                self.modes = modes_of(self.model)

    def _note(self, i: int, module: nn.Module, args: Any, output: Any) -> None:
        """A module has returned. Most steps of a training take the short way: what can be asked later is not."""
        if torch.is_grad_enabled() and peek_interpreter_stack() is None:  # _is_training(), without one more call
            if type(output) is Tensor and not self.is_measuring and output.numel() <= _LARGE:
                self._outputs.append((i, output))
            else:
                self._note_all(i, output)

    def _note_all(self, i: int, output: Any) -> None:
        """Module i has returned, in a step that is measured, or something that is not held as it is."""
        tensor = output if isinstance(output, Tensor) else next((each for _, each in tensors_in(output)), None)
        if tensor is None:
            return
        if self.is_measuring:  # our own function mode may be on, and would be called for each question to the tensor
            with _unseen(tensor):
                self._read(i, tensor)
        else:
            self._read(i, tensor)

    def _read(self, i: int, tensor: Tensor) -> None:
        """Read what module i has returned."""
        if not _is_readable(tensor):
            return
        values = tensor.detach()
        if self.is_measuring:
            if self._activated is not None and self._activated[1] is tensor:
                self._alive.pop(self._activated[0])  # it was this module that called the function
            self._activated, self._returned = None, (i, tensor)
            self._measure(i, values)
        # isfinite() would take ten times as long as the sum, which is nan or inf if an element is.
        self._outputs.append((i, values if values.numel() <= _LARGE else _sum(values)))

    def _follow_functions(self, module: nn.Module, args: Any) -> None:
        mode = _ActivationCalls(self._note_function)
        mode.__enter__()
        self._modes.append(mode)

    def _leave_functions(self, module: nn.Module, args: Any, output: Any) -> None:
        if self._modes:
            self._modes.pop().__exit__(None, None, None)
        self._returned = self._activated = None

    def _note_function(self, kind: type[nn.Module], argument: Any, output: Tensor) -> None:
        """An activation was called as a function: its dead units are those of the module whose output it got."""
        if self._returned is None or argument is not self._returned[1] or not _is_training():
            return
        i, values = self._returned[0], output.detach()
        with _unseen(values):
            alive = _alive_units(kind, values)
        if alive is not None:
            self._alive[i] = alive
            self._activated = i, output

    def _end(self, module: nn.Module, args: Any, output: Any) -> None:
        if self.is_measuring and _is_training() and isinstance(output, Tensor) and output.requires_grad:
            output.register_hook(self._note_output_gradient)

    def _note_output_gradient(self, gradient: Tensor) -> None:
        self.output_gradient = gradient.detach().clone()

    def _measure(self, i: int, values: Tensor) -> None:
        began = perf_counter()
        if i not in self.shapes:
            self.order.append(i)
        self.shapes[i] = tuple(values.shape)
        self._spreads[i] = _spread(values)
        alive = _alive_units(type(self.modules[i].module), values)
        if alive is not None:
            self._alive[i] = alive
        self.seconds += perf_counter() - began

    # ---- what was read ----

    def statistics(self) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
        """Return the spreads and the shares of dead units of all modules, None where there is none."""
        if not self.is_measuring:  # a step that became interesting when it was over
            for i, values in self._readable_outputs():
                if values.ndim:  # not a sum
                    with _unseen(values):
                        self._measure(i, values)
        spreads = dict(zip(self._spreads, numbers_of(list(self._spreads.values())), strict=True))
        counts = numbers_of([alive for alive, _ in self._alive.values()])
        units = [count for _, count in self._alive.values()]
        dead = {i: 1 - alive / count for i, alive, count in zip(self._alive, counts, units, strict=True)}
        every = range(len(self.modules))
        return tuple(map(spreads.get, every)), tuple(map(dead.get, every))

    def _readable_outputs(self) -> list[tuple[int, Tensor]]:
        return [(i, output.detach()) for i, output in self._outputs if _is_readable(output)]

    def first_not_finite(self) -> WatchedModule | None:
        """Return the first module that returned a nan or an infinity in this step, or None."""
        for i, values in self._readable_outputs():
            if not bool(values.isfinite().all()):
                return self.modules[i]
        return None

    def has_finite_arguments(self) -> bool:
        """Whether the model was called with finite numbers only."""
        args, kwargs = self.arguments or ((), {})
        tensors = [tensor for value in (*args, *kwargs.values()) for _, tensor in tensors_in(value)]
        return all(bool(each.detach().isfinite().all()) for each in tensors if each.is_floating_point())


def _watched(model: nn.Module, numbers: dict[int, int]) -> Iterator[WatchedModule]:
    """Yield the modules with parameters of their own or without submodules; what torch.compile made is one module."""
    compiled: tuple[str, ...] = ()
    for path, module in model.named_modules():
        if path.startswith(compiled) and compiled:
            continue
        kind = type(module).__name__
        if _is_compiled(module):
            compiled = (*compiled, f"{path}." if path else "")
            own = [numbers[id(each)] for each in module.parameters()]
        else:
            own = [numbers[id(each)] for each in module.parameters(recurse=False)]
            if not own and next(module.children(), None) is not None:
                continue
        yield WatchedModule(path, module, kind, tuple(own))


def _is_compiled(module: nn.Module) -> bool:
    """Whether torch.compile or TorchScript made a module: hooks inside it would change how it runs."""
    is_scripted = isinstance(module, torch.jit.ScriptModule)
    return is_scripted or hasattr(module, "_orig_mod") or module._compiled_call_impl is not None


def _may_call_functions(module: nn.Module) -> bool:
    """Whether a forward may call an activation as a function: not nn.Sequential's, nor those of PyTorch's own layers."""
    kind = type(module)
    is_layer = kind.__module__.startswith("torch.nn.modules.") and next(module.children(), None) is None
    is_plain = (is_layer or kind is nn.Sequential) and "forward" not in vars(module)
    return not is_plain


def _is_training() -> bool:
    """Whether a call of a module belongs to the training; a validation runs under no_grad or inference mode."""
    return torch.is_grad_enabled() and peek_interpreter_stack() is None


def _is_readable(tensor: Tensor) -> bool:
    return tensor.is_floating_point() and tensor.layout == torch.strided and not tensor.is_meta


def modes_of(model: nn.Module) -> tuple[bool, ...]:
    """Return whether each module is in training mode."""
    return tuple(module.training for module in model.modules())


def _unseen(values: Tensor) -> Any:
    """A context in which operations on a plain tensor pass no function mode, neither ours nor one of the user's."""
    return torch._C.DisableTorchFunction() if type(values) in (Tensor, nn.Parameter) else contextlib.nullcontext()


def _sum(values: Tensor) -> Tensor:
    """The sum of all elements, tensor (); in float32 at least."""
    return values.sum(dtype=torch.float32 if values.element_size() < 4 else None)


def _spread(values: Tensor) -> Tensor:
    """The standard deviation of all elements, tensor ()."""
    values = values.float() if values.element_size() < 4 else values
    return values.std(correction=0) if values.numel() else values.new_zeros(())


class _ActivationCalls(TorchFunctionMode):
    """Calls `note(kind, argument, output)` after each activation that is called as a function."""

    def __init__(self, note: Callable[[type[nn.Module], Any, Tensor], None]) -> None:
        super().__init__()
        self._note = note

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = func(*args, **(kwargs or {}))
        kind = _FUNCTIONS.get(func)
        if kind is not None and args and isinstance(output, Tensor):
            self._note(kind, args[0], output)
        return output


def _alive_units(kind: type[nn.Module], values: Tensor) -> tuple[Tensor, int] | None:
    """(the number of units that are not dead, tensor (); the number of units), or None if that is undefined.

    A unit is dead if no example of the batch sends a gradient worth the name through it. A unit of ReLU is dead if it
    is 0 for every example; one of sigmoid or tanh if each of its values is so near an end of the range that the slope
    is below 4 % of the largest. The units are the channels of (N, C, H, W), and the last axis of any other tensor.
    """
    if values.ndim == 0 or not values.numel():
        return None
    axes = (0, *range(2, values.ndim)) if values.ndim > 3 else tuple(range(values.ndim - 1))
    if issubclass(kind, _ZERO):
        units = values.amax(axes) if axes else values
        return units.count_nonzero(), units.numel()
    if kind in _RANGES:
        low, high = _RANGES[kind]
        distances = (values - (low + high) / 2).abs_()
        units = distances.amin(axes) if axes else distances
        return (units < _ENDS * (high - low)).sum(), units.numel()
    return None


def numbers_of(tensors: Sequence[Tensor]) -> list[float]:
    """Return tensors () as floats; they are fetched together."""
    if not tensors:
        return []
    first = tensors[0]
    if all(each.dtype == first.dtype and each.device == first.device for each in tensors):
        return torch.stack(list(tensors)).tolist()
    return [float(each) for each in tensors]


def norms(tensors: Sequence[Tensor | None]) -> list[float | None]:
    """Return the 2-norm of each tensor; None for None."""
    present = [each for each in tensors if each is not None]
    if not present:
        return [None] * len(tensors)
    values = iter(_fast_norms(present) if _are_plain(present) else [_norm(each) for each in present])
    return [None if each is None else next(values) for each in tensors]


def _are_plain(tensors: Sequence[Tensor]) -> bool:
    first = tensors[0]
    return first.dtype in (torch.float32, torch.float64) and all(
        each.dtype == first.dtype and each.layout == torch.strided and each.device == first.device for each in tensors
    )


def _fast_norms(tensors: Sequence[Tensor]) -> list[float]:
    values = torch.stack(_foreach_norms(tensors)).tolist()
    # The squares of numbers beyond 1e19 overflow float32.
    return [_norm(each) if value == float("inf") else value for each, value in zip(tensors, values, strict=True)]


def _foreach_norms(tensors: Sequence[Tensor]) -> list[Tensor]:
    return list(torch._foreach_norm(list(tensors)))  # pyright: ignore[reportPrivateImportUsage]


def differences(tensors: Sequence[Tensor], others: Sequence[Tensor]) -> Sequence[Tensor]:
    """Return the difference of each pair of tensors."""
    return torch._foreach_sub(list(tensors), list(others))  # pyright: ignore[reportPrivateImportUsage]


def _norm(tensor: Tensor) -> float:
    if tensor.layout != torch.strided:
        tensor = tensor.coalesce().values() if tensor.layout == torch.sparse_coo else tensor.to_dense()
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor.resolve_conj())
    dtype = torch.float32 if tensor.device.type == "mps" else torch.float64
    return float(torch.linalg.vector_norm(tensor, dtype=dtype))


def are_finite(tensors: Sequence[Tensor]) -> bool:
    """Whether all elements of all tensors are finite; fast if they are."""
    if not tensors:
        return True
    if _are_plain(tensors):
        total = torch.stack(_foreach_norms(tensors)).sum().item()
        if total - total == 0:  # neither nan nor infinity
            return True
    return all(is_finite(each) for each in tensors)


def is_finite(tensor: Tensor) -> bool:
    """Whether all elements are finite."""
    if tensor.layout == torch.sparse_coo:
        tensor = tensor.coalesce().values()
    return bool(tensor.isfinite().all())
