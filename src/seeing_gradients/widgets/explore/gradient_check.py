"""Check each gradient by central differences in float64, which are independent of autograd.

`GradientCheck` compares the gradients of autograd with those of small steps of the inputs, and measures how long that
takes. A quick check is sent with the numbers, a slower one follows them, and a slow one waits until the page asks.
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from seeing_gradients.numeric import numerical_grad
from seeing_gradients.picture.labels import number
from seeing_gradients.recorder import Record
from seeing_gradients.runtime import time_limit

from .controls import Control
from .protocol import CheckCell
from .session import RunSession

_TOLERANCE = 1e-3  # relative: float32 gradients against differences in float64
_ROUNDINGS = 2  # a value near 1, e.g. 1 - tanh², is exact only to the last one or two bits of a float32
_MOST = 10_000  # elements of an output whose magnitude is read
_STEP = 6e-6  # the cube root of float64's precision
_MAX_SECONDS = 1.0
# Seconds that a check may take to be sent with the numbers (_FREE), or just after them (_CHEAP). Slower ones wait.
_FREE, _CHEAP, _CHEAP_AT_FIRST = 0.0015, 0.008, 0.1
UNKNOWN: CheckCell = ("", "")


class GradientCheck:
    """The checks of one explorer.

    Args:
        session: RunSession.
    """

    def __init__(self, session: RunSession) -> None:
        self._session, self._seconds, self._count = session, 0.0, 0

    @property
    def is_free(self) -> bool:
        """Whether a check is quick enough to be sent with the numbers."""
        return self._count > 1 and self._seconds < _FREE

    @property
    def is_free_ahead(self) -> bool:
        """Whether a check is quick enough to be made for prefetched positions."""
        return self._count > 0 and self._seconds < _FREE

    @property
    def is_cheap(self) -> bool:
        """Whether a check is quick enough to follow the numbers without being asked for."""
        return self._seconds < (_CHEAP if self._count > 1 else _CHEAP_AT_FIRST)

    def unknown(self) -> list[CheckCell]:
        """Return empty cells, for a check that has not been made."""
        return [UNKNOWN for _ in self._session.row_names()]

    def timed_cells(self, position: Sequence[float], record: Record) -> list[CheckCell]:
        """Return the same as `cells`, and measure the time."""
        began = time.perf_counter()
        cells = self.cells(position, record)
        self._seconds, self._count = time.perf_counter() - began, self._count + 1
        return cells

    def cells(self, position: Sequence[float], record: Record) -> list[CheckCell]:
        """Return (number as text, sign) for each row: "=" if both agree, "≠" if they differ, "" if unknown.

        Args:
            position: of the sliders.
            record: of that position. Its output tells how large rounding errors of a gradient may be.
        """
        session = self._session
        inputs = session.inputs(position)
        with session.quiet(), session.restored_buffers(inputs.values()):
            return _cells(session, inputs, record, session.gradient(position))


def _cells(session: RunSession, inputs: Mapping[str, Any], record: Record, gradient: Any) -> list[CheckCell]:
    controls, grads = session.controls, record.grads
    size = _size([record.output, *grads.values()])
    moving = {c.name: inputs[c.name] for c in session.moving()}

    def scalar(*moved: Tensor) -> Tensor:
        output = session.call(session.f, {**inputs, **dict(zip(moving, moved, strict=True))})
        return output if gradient is None else (output * torch.as_tensor(gradient)).sum()

    cells: list[CheckCell] = []
    for method in (_quick, _careful):
        differences: Mapping[str, Any] = {}
        try:
            with time_limit(_MAX_SECONDS):
                differences = method(scalar, moving)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - e.g. f refuses float64, or exits: try the other way
            differences = {}
        cells = [cell for c in controls for cell in _cells_of(c, differences.get(c.name), grads.get(c.name), size)]
        if differences and all(sign != "≠" for _, sign in cells):
            break
    return cells


def _quick(scalar: Callable[..., Any], moving: Mapping[str, Any]) -> dict[str, Any]:
    """{name: gradient} by central differences, quickly; inexact if f narrows numbers to float32."""
    position = [torch.tensor(value, dtype=torch.float64) for value in moving.values()]
    return {name: _differences(scalar, position, k) for k, name in enumerate(moving)}


def _differences(scalar: Callable[..., Any], position: list[Tensor], k: int) -> list[float]:
    differences = []
    for i, x in enumerate(position[k].flatten().tolist()):
        h = _STEP * max(1.0, abs(x))
        ahead, behind = (_evaluate(scalar, position, k, i, x + sign * h) for sign in (1, -1))
        differences.append((ahead - behind) / ((x + h) - (x - h)))
    return differences


def _evaluate(scalar: Callable[..., Any], position: list[Tensor], k: int, i: int, x: float) -> float:
    moved = [t.clone() for t in position]
    moved[k].view(-1)[i] = x
    return float(scalar(*(t.requires_grad_() for t in moved)).detach())


def _careful(scalar: Callable[..., Any], moving: Mapping[str, Any]) -> dict[str, Any]:
    """The same by `numerical_grad`, which widens float32 constants. By position, since an input may be called eps."""
    if not moving:
        return {}
    grads: Any = numerical_grad(scalar, *moving.values())
    return dict(zip(moving, grads.values() if len(moving) > 1 else [grads], strict=True))


def _size(tensors: Iterable[Tensor | None]) -> float:
    """The largest magnitude in an output and its gradients, at most 1."""
    return min(1.0, max((_largest(tensor) for tensor in tensors if tensor is not None), default=0.0))


def _largest(tensor: Tensor) -> float:
    if tensor.numel() > _MOST:  # avoid a copy of it
        return 0.0
    try:
        largest = tensor.detach().abs().max().item()
    except (RuntimeError, NotImplementedError):  # no largest element: empty, sparse, or on the meta device
        return 0.0
    return largest if math.isfinite(largest) else 0.0


def _cells_of(control: Control, differences: Any, grad: Tensor | None, size: float) -> list[CheckCell]:
    if differences is None:
        return [UNKNOWN] * max(1, len(control.start))
    numerical = torch.as_tensor(differences, dtype=torch.float64).flatten().tolist()
    analytic = [0.0] * len(numerical) if grad is None else grad.double().flatten().tolist()
    scale = max((abs(x) for x in [*numerical, *analytic] if math.isfinite(x)), default=0.0)
    rounding = 0.0 if grad is None else _ROUNDINGS * torch.finfo(grad.dtype).eps * size
    return [_cell(n, a, scale, rounding) for n, a in zip(numerical, analytic, strict=True)]


def _cell(numerical: float, analytic: float, scale: float, rounding: float) -> CheckCell:
    if math.isnan(numerical):
        return ("nan", "=" if math.isnan(analytic) else "")
    if abs(numerical) < 1e-9 * max(1.0, scale):
        numerical = 0.0  # round-off error of the difference
    allowed = _TOLERANCE * max(abs(numerical), abs(analytic), 1e-3 * scale, 1e-6)
    are_finite = math.isfinite(numerical) and math.isfinite(analytic)
    close = numerical == analytic or (are_finite and abs(numerical - analytic) <= max(allowed, rounding))
    return (number(_rounded(numerical)), "=" if close else "≠")


def _rounded(x: float) -> float:
    """x to seven digits, as a difference has no more: 12.0000000003 is 12."""
    return float(f"{x:.7g}")
