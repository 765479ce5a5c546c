"""Run f at a position of the sliders, each time with the same random numbers; show its output and its errors.

`RunSession` holds f, its controls and the options of `record`, e.g. how long f may run. `run(position)` records f and
returns a `RunResult`: a Record, a Problem, or both. `call` and `call_cut` evaluate f without recording it, for the
gradient check and for plots.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import traitlets
from torch import Tensor

from seeing_gradients.language import message
from seeing_gradients.picture.folding import fold
from seeing_gradients.picture.labels import brief
from seeing_gradients.picture.scene import EdgeKey
from seeing_gradients.recorder import (
    Record,
    RecordError,
    RecordingLimitError,
    VectorOutputError,
    referenced_modules,
    run_cut,
    selected_output,
    tensors_in,
)
from seeing_gradients.runtime import (
    LastLines,
    TimeLimitError,
    capture_output,
    discard_output,
    repeat_random_state,
    restore_buffers,
    restore_containers,
    restore_settings,
    restore_tensors,
)

from . import problems
from .controls import Control
from .option_names import recorded
from .prefetch import surroundings
from .problems import Problem

FUNCTION_SECONDS, MODEL_SECONDS = 1.5, 10.0  # that one run of f may take: of a function, of a model
_LARGEST_UNFINISHED = 60  # nodes; a larger unfinished record is not shown


@dataclass(frozen=True)
class RunResult:
    """The result of one run.

    Attributes:
        record: what was recorded, perhaps unfinished; None if there is nothing to show.
        problem: what went wrong, or None.
        printed: the last lines that f printed.
    """

    record: Record | None
    problem: Problem | None
    printed: str = ""


class RunSession:
    """Run f at positions of its sliders.

    Args:
        f: the function or nn.Module.
        controls: one for each argument of f, and one for v if v has sliders.
        by_position: names of the arguments that f receives by position.
        record_options: max_ops, max_seconds (None for no limit), and engine and output, if there are any.
        gradient: v for a vector output, if v has no sliders; or None.

    Attributes:
        lock: held while f runs and while its result is shown.
        v_control: the control that holds v, or None.
        cuts: keys of the edges that are cut.
        passes: the options of `record` for the backward pass: retain_graph and backwards.
        lacks_gradient: whether the last run had a vector output without a v, so that f has no single value.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        controls: Sequence[Control],
        by_position: Iterable[str],
        record_options: Mapping[str, Any],
        gradient: Any = None,
    ) -> None:
        self.f, self.controls, self.record_options = f, list(controls), dict(record_options)
        self.lock = threading.RLock()
        self.v_control = next((control for control in controls if control.is_v), None)
        self.cuts: list[EdgeKey] = []
        self.passes: dict[str, Any] = {}
        self.lacks_gradient = False
        self._by_position, self._gradient = set(by_position), gradient
        self._output = self.record_options.get("output")  # which tensor of what f returns is the output, or None
        self._random_state = repeat_random_state()
        self._fixed = [control.form for control in controls if control.kind == "fixed"]

    @property
    def max_seconds(self) -> float | None:
        """How many seconds a run may take, or None."""
        return self.record_options["max_seconds"]

    def split(self, position: Sequence[float]) -> Iterator[tuple[Control, list[float]]]:
        """Yield each control with its numbers.

        Args:
            position: one number for each slider.
        """
        first = 0
        for control in self.controls:
            yield control, list(position[first : first + len(control.start)])
            first += len(control.start)

    def clamp(self, position: Sequence[float]) -> list[float]:
        """Return the position with every number moved into the range of its slider.

        Args:
            position: one number for each slider.

        Raises:
            TraitError: there are more or fewer numbers than sliders.
            ValueError: one of them is not a number.
        """
        count = sum(len(control.start) for control in self.controls)
        if len(position) != count:
            raise traitlets.TraitError(message("explore.bad_sliders", count=count, received=len(position)))
        return [float(x) for c, numbers in self.split(position) for x in (c.numbers(numbers) if numbers else ())]

    def row_names(self) -> list[str]:
        """Return the name of each row of the table of inputs, "w" or "x[0]"."""
        return [brief(label) for control in self.controls for label in (control.labels or (control.name,))]

    def moving(self) -> list[Control]:
        """Return the controls of the inputs that have a gradient."""
        return [c for c in self.controls if c.kind in ("number", "vector") and not c.is_v]

    def inputs(self, position: Sequence[float]) -> dict[str, Any]:
        """Return the arguments of f at a position, by name."""
        return {control.name: control.value(numbers) for control, numbers in self.split(position) if not control.is_v}

    def gradient(self, position: Sequence[float]) -> Any:
        """Return v, the gradient with which backward begins, at a position; or None."""
        if self.v_control is None:
            return self._gradient
        return next(control.value(numbers) for control, numbers in self.split(position) if control.is_v)

    @property
    def has_gradient(self) -> bool:
        """Whether there is a v, which weights the elements of the output."""
        return self._gradient is not None or self.v_control is not None

    def options(self, position: Sequence[float]) -> dict[str, Any]:
        """Return the options of `record` for a run at a position."""
        return {**self.record_options, "gradient": self.gradient(position), **self.passes, **self.cut_option()}

    def cut_option(self) -> dict[str, Any]:
        """Return the option of `record` that names the edges to cut."""
        return {"cut": [tuple(key) for key in self.cuts]}

    def run(
        self,
        position: Sequence[float],
        options: Mapping[str, Any] | None = None,
        replaced: Mapping[str, Any] | None = None,
    ) -> RunResult:
        """Record f at a position, and turn errors into Problems.

        Args:
            position: one number for each slider.
            options: of `record`; None for `self.options(position)`.
            replaced: arguments of f in place of those that have this position, by name.

        Raises:
            KeyboardInterrupt: the learner stopped the run.
            TimeLimitError: a limit around this run was reached.
        """
        f, printed = self.f, LastLines()
        args, kwargs = self._arguments({**self.inputs(position), **(replaced or {})})
        options = self.options(position) if options is None else options
        values = [*args, *kwargs.values()]
        modules = referenced_modules(f, values)
        restored = restore_tensors(_tensors(values))
        self.lacks_gradient = False
        with captured(printed), self._random_state, restore_buffers(modules), restore_containers(values), restored:
            try:
                record = recorded(f, args, kwargs, options)
                problem = (
                    problems.of_numbers(record) or problems.of_second_backward(record) or problems.of_compiled(record)
                )
                self._output = self.record_options.get("output") or record.output_path
            except RecordError as error:
                record, problem = _unfinished(error), problems.of_record_error(f, error)
                self.lacks_gradient = isinstance(error, VectorOutputError)
            except (KeyboardInterrupt, TimeLimitError):  # from the learner, or from a limit around this run
                raise
            except BaseException as error:  # noqa: BLE001 - the widget shows every error of f, even SystemExit
                record = _unfinished(error)
                if record is None or record.failed is None or record.has_raised:
                    record, problem = None, problems.of_exception(f, error)
                else:
                    problem = problems.of_failed_backward(record, error)
        problem = problem or problems.of_changed_inputs(f, args, kwargs, restored.lost)
        return RunResult(record, problem and problems.with_own_line(f, problem), printed.text())

    def record(self, position: Sequence[float]) -> Record:
        """Record f at a position without cuts and with one backward pass; its errors are raised."""
        args, kwargs = self._arguments(self.inputs(position))
        with self.restored([*args, *kwargs.values()]):
            return recorded(self.f, args, kwargs, {**self.record_options, "gradient": self.gradient(position)})

    def call(self, f: Callable[..., Any], inputs: Mapping[str, Any]) -> Any:
        """Return the output of f for these inputs. Call it inside `self.quiet()`, since f may print."""
        args, kwargs = self._arguments(inputs)
        self._random_state.rewind()
        values = inputs.values()
        with restore_settings(), restore_containers(values), restore_tensors(_tensors(values)):
            return selected_output(f(*args, **kwargs), None if f is not self.f else self._output)

    def call_cut(self, inputs: Mapping[str, Any]) -> Any:
        """Return the output of f for these inputs with the edges cut that the learner has cut."""
        if not self.cuts:
            return self.call(self.f, inputs)
        cut, most = self.cut_option()["cut"], self.record_options["max_ops"]
        return self.call(lambda *args, **kwargs: run_cut(self.f, args, kwargs, cut, most, self._output), inputs)

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Drop the output of f, restore the settings of PyTorch, and let f draw the same random numbers each time."""
        with captured(), self._random_state:
            yield

    @contextlib.contextmanager
    def restored(self, values: Sequence[Any]) -> Iterator[None]:
        """Restore the tensors and buffers to which f writes."""
        with self.restored_buffers(values), restore_containers(values), restore_tensors(_tensors(values)):
            yield

    def restored_buffers(self, values: Iterable[Any]) -> contextlib.AbstractContextManager[None]:
        """Restore the buffers of the modules that f is, refers to, or receives."""
        return restore_buffers(referenced_modules(self.f, values))

    def surroundings(self) -> Any:
        """Return everything outside f that it may change, in a form that can be compared."""
        return surroundings(self.f, self._fixed)

    def _arguments(self, inputs: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The inputs as (positional arguments, named arguments)."""
        args = [value for name, value in inputs.items() if name in self._by_position]
        return args, {name: value for name, value in inputs.items() if name not in self._by_position}


@contextlib.contextmanager
def captured(printed: LastLines | None = None) -> Iterator[None]:
    """Capture this thread's output, and restore PyTorch's settings afterwards; other threads print as usual.

    Args:
        printed: receives the output; None to drop it.
    """
    with discard_output() if printed is None else capture_output(printed), restore_settings():
        yield


def _tensors(values: Iterable[Any]) -> list[Tensor]:
    """All tensors that f receives, those inside lists, dicts and dataclasses, too."""
    return [tensor for value in values for _, tensor in tensors_in(value)]


def _unfinished(error: BaseException) -> Record | None:
    """The unfinished Record of an error, if it is small enough to be shown."""
    record = getattr(error, "record", None)
    if not isinstance(record, Record) or isinstance(error, RecordingLimitError):
        return None
    return record if len(fold(record).nodes) <= _LARGEST_UNFINISHED else None
