"""The widget of `watch`: it holds the run, sends its content to the page, and trains again with each choice.

The page scrubs through what the trait `shown` holds, without asking. It asks the kernel for three things: the next
slice of a training (`{"more": sequence}`), the explorer of a step (`{"open": [panel, index]}`), and to stop.
"""

import math
import time
from collections.abc import Callable
from numbers import Real
from pathlib import Path
from typing import Any, Self, cast

import traitlets
from ipywidgets import Widget, widget_serialization
from torch import Tensor, nn

from seeing_gradients.language import abridged, joined, message
from seeing_gradients.recorder import Record
from seeing_gradients.runtime import resume_random_state
from seeing_gradients.widgets.bundles import load_script, load_style
from seeing_gradients.widgets.errors import text_of, users_frames
from seeing_gradients.widgets.explore import Explorer
from seeing_gradients.widgets.page_widget import PageWidget, silent

from .arguments import Plan, check_every, check_model, name_of, plan
from .boundary import Boundary
from .history import Snapshot
from .live_display import LiveDisplay
from .monitor import Monitor, NotFinite
from .panel import MEASURES, RunContent, nearest, panels
from .picture import paint
from .protocol import WatchShown, WatchSpec
from .replay import Loss, Replay
from .training import Training, is_finite_number

_SLICE = 0.12  # seconds of training before the kernel answers others, and the page is told
_LIVE, _SHARE = 0.3, 0.08  # seconds between two pictures of a running cell; the most of the time that they may take
_LABELS = (
    "step", "step_of", "loss", "play", "pause", "open", "opening", "close", "opened", "show", "boundary", "class",
    "keep", "drop", "this_run", "kept_run", "training", "stop", "help", "help_recorded", "line", "summary", "no_steps", "input", "output",
    *MEASURES, *(f"{measure}_help" for measure in MEASURES),
)  # fmt: skip


def watch(
    model: nn.Module | Callable[..., nn.Module],
    loss: Loss | None = None,
    data: Any = None,
    optimizer: Any = None,
    steps: int = 300,
    *,
    every: int | None = None,
    **choices: Any,
) -> "TrainingRun":
    """Train a model and show the run; or watch a training loop of your own: `with watch(model) as run:`.

    Each measured step has the gradient norm of every parameter, the ratio of update to weight, the spread of every
    module's output, the share of dead units and, for a model of two inputs, its decision boundary. A slider goes
    through the steps. A button opens any of them in the explorer: it is run again with the weights, the batch and the random
    numbers that it had.

    The training is that of the loop `optimizer.zero_grad(); l = loss(model(x), y); l.backward(); optimizer.step()`, bit
    for bit. It stops at the first nan or inf and names the module in which it began.

    Args:
        model: nn.Module, which is trained; or a function that makes one, for choices.
        loss: (output, target) -> tensor with one element; a function, or a module such as nn.CrossEntropyLoss().
        data: (X, y), two tensors, the batch of every step; a DataLoader or a list of batches (input, target), which
            begins again when it ends; a generator function, likewise; a generator; or a function that returns a batch.
        optimizer: of the model's parameters; or a function that makes it from them, e.g. torch.optim.Adam or
            partial(torch.optim.SGD, lr=0.1), as choices need it.
        steps: of the optimizer, 1 to 1,000,000.
        every: measure every so many steps; None for the first ten and every twentieth. At most 200 snapshots are kept:
            when there are more, every second one is dropped and half as many steps are measured. Copies of weights
            with their batches take at most 64 MB.
        **choices: arguments of the function that makes the model, or of the optimizer, with a control each: (1, 20) or
            (0.001, 1.0) for a slider, a list for a menu, True or False for a switch, a number for a slider around it.
            The random numbers are the same for each choice, and the kernel's own are restored.

    Returns:
        TrainingRun, a widget; `.snapshots`, `.losses` and `.trouble` hold its numbers, `.explore(step)` opens a step.

    In a loop of your own, call `run.step(loss)` after each `optimizer.step()`; the gradients are those that it finds in
    `.grad`. Until then the run holds on to what the modules returned. Dead units of an activation that a forward pass calls
    as a function (F.relu) are those of the module whose output it gets.

    Raises:
        TypeError, ValueError: an argument is not as described. Errors of the model, the loss, the data and the
            optimizer pass through; with choices they are shown in the widget.

    Example:
        >>> import torch
        >>> from torch import nn
        >>> X = torch.randn(64, 2, generator=torch.Generator().manual_seed(0))
        >>> y = (X[:, 0] * X[:, 1] > 0).long()
        >>> model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
        >>> sgd = torch.optim.SGD(model.parameters(), lr=0.5)
        >>> run = watch(model, nn.CrossEntropyLoss(), (X, y), sgd, steps=50)
        >>> run.steps_done
        50
    """
    if loss is None and data is None and optimizer is None and isinstance(model, nn.Module) and not choices:
        check_model(model)
        check_every(every)
        return TrainingRun(Monitor(model, every))
    run = TrainingRun(plan(model, loss, data, optimizer, steps, every, choices))
    run._train_in_cell()
    return run


class TrainingRun(PageWidget):
    """The widget that `watch` returns; in a loop of one's own also a context manager.

    Attributes:
        model: the model that is, or was, trained; None if it could not be made.
        choices: dict, name -> number, of the controls; `set` takes values instead.
        position: int, the index of the snapshot that is shown; -1 for the last one.
        baseline: bool, whether the run before is shown beside this one.
        explorer: Explorer of the opened step, or None.
        spec, shown: dicts for the page: what never changes; the runs. protocol.py declares them.
    """

    _esm: str | Path = load_script("watch")
    _css = load_style("watch")
    spec = traitlets.Dict().tag(sync=True)
    shown = traitlets.Dict().tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)
    position = traitlets.Int(-1).tag(sync=True)
    baseline = traitlets.Bool(False).tag(sync=True)
    explorer: Any = traitlets.Instance(Widget, allow_none=True).tag(sync=True, **widget_serialization)
    opened_step = traitlets.Int(-1).tag(sync=True)

    def __init__(self, source: Plan | Monitor) -> None:
        self._plan = source if isinstance(source, Plan) else None
        self._monitor = source if isinstance(source, Monitor) else None
        self._training: Training | None = None
        self._random_state = resume_random_state()
        self._sequence, self._problem = 0, ""
        self._replays: dict[int, Replay] = {}
        self._boundaries: dict[int, Boundary] = {}
        self._records: dict[int, Record | None] = {}  # of the models, for their connections
        self._baseline: RunContent | None = None
        self._is_silent = False  # while Python sets a trait that the page may set, too
        self._live = LiveDisplay(self)
        self._is_displayed, self._next_picture = False, 0.0
        controls = self._plan.choices if self._plan else ()
        super().__init__(
            spec=self._specification(),
            choices={choice.name: choice.start for choice in controls},
        )
        self.refresh()
        self.observe(self._on_choices, names=["choices"])
        self.observe(self._on_baseline, names=["baseline"])
        self.on_msg(self._received)

    # ---- what a program reads ----

    @property
    def model(self) -> nn.Module | None:
        """The model that is, or was, trained; None if it could not be made."""
        return self._monitor.model if self._monitor else None

    @property
    def steps_done(self) -> int:
        """How many steps were taken."""
        return self._monitor.step if self._monitor else 0

    @property
    def snapshots(self) -> list[Snapshot]:
        """The measured steps; their gradients and updates are in the order of `parameter_names`, spreads and dead
        units in that of `module_names`."""
        return list(self._monitor.history.snapshots) if self._monitor else []

    @property
    def losses(self) -> list[tuple[int, float]]:
        """(step, loss) of every step, of a long run of every second, fourth, ... step."""
        return list(self._monitor.history.losses) if self._monitor else []

    @property
    def parameter_names(self) -> list[str]:
        """The names of the parameters, as in `model.named_parameters()`."""
        return list(self._monitor.probe.names) if self._monitor else []

    @property
    def module_names(self) -> list[str]:
        """The paths of the modules that are watched."""
        return [each.path for each in self._monitor.probe.modules] if self._monitor else []

    @property
    def trouble(self) -> NotFinite | None:
        """Where the first nan or infinity began, or None."""
        return self._monitor.trouble if self._monitor else None

    def explore(self, step: int | None = None) -> Explorer:
        """Return the explorer on the graph of the measured step nearest to `step`; None for the last one.

        Raises:
            TypeError: step is no number.
            ValueError: nothing was measured, or the state of this step is not there any more.
        """
        if step is not None and not is_finite_number(step):
            raise TypeError(message("watch.bad_step", received=abridged(step)))
        snapshots = self.snapshots
        if self._monitor is None or not snapshots:
            raise ValueError(message("watch.no_steps"))
        steps = [each.step for each in snapshots]
        index = len(steps) - 1 if step is None else nearest(steps, step)
        return self._replay(self._monitor).explore(snapshots[index])

    def set(self, /, **values: Any) -> Self:
        """Choose values by name, train with them to the end, and return the widget: run.set(depth=3).

        Raises:
            ValueError: there is no such choice, or no such option.
        """
        known = {choice.name: choice for choice in (self._plan.choices if self._plan else ())}
        for name in values:
            if name not in known:
                raise ValueError(message("watch.no_choice", name=name, allowed=", ".join(known) or "-"))
        numbers = {**self.choices, **{name: known[name].number(value) for name, value in values.items()}}
        self._is_silent = True
        try:
            self.choices = numbers
        finally:
            self._is_silent = False
        self._begin()
        self._work(lambda: False)
        return self

    # ---- a loop of one's own ----

    def __enter__(self) -> Self:
        if self._plan is not None or self._monitor is None:
            raise RuntimeError(message("watch.not_own_loop"))
        self._monitor.start()
        return self

    def __exit__(self, *raised: object) -> None:
        if self._monitor is not None:
            self._monitor.stop()
            self._monitor.check_end()
            if self._is_displayed:
                self.refresh()

    def step(self, loss: Any) -> None:
        """Measure the step that has just ended; call it after `optimizer.step()`.

        Args:
            loss: of this step, a tensor with one element or a number.

        Raises:
            RuntimeError: outside the with block.
            TypeError, ValueError: loss is not one number.
        """
        if self._monitor is None or self._plan is not None:
            raise RuntimeError(message("watch.not_own_loop"))
        if not self._monitor.probe.is_on:
            raise RuntimeError(message("watch.not_entered"))
        self._monitor.end_step(_one_number(loss))
        if self._is_displayed:
            self._refresh_at_times()

    # ---- training ----

    def _begin(self) -> None:
        """Make a model with the present choices; its training begins with the next slice."""
        plan = cast(Plan, self._plan)
        self._sequence += 1
        self._problem, self._training, self._monitor = "", None, None
        if plan.is_made:
            self._random_state.restart()
        try:
            with self._random_numbers():
                self._training = plan.training(self.choices)
        except Exception as error:
            if not plan.choices:
                raise
            self._problem = _raised(error, 0)
            return
        self._monitor = self._training.monitor

    def _work(self, is_late: Callable[[], bool]) -> None:
        """Take steps until `is_late()`, and show them."""
        training = self._training
        if training is None:
            self.refresh()
            return
        try:
            with self._random_numbers():
                training.work(is_late)
        except KeyboardInterrupt:
            training.interrupt()
        except Exception as error:
            if not cast(Plan, self._plan).choices:
                raise
            self._problem = _raised(error, training.monitor.step)
        finally:
            self.refresh()

    def _random_numbers(self) -> Any:
        """The random numbers of a model that is made here; a model of the user's draws its own."""
        return self._random_state if cast(Plan, self._plan).is_made else _NoContext()

    def _train_in_cell(self) -> None:
        """Train to the end within the running cell, and show the run meanwhile."""
        self._begin()
        self._live.begin()
        try:
            self._work(self._is_interrupted_never)
        finally:
            self._live.finish()

    def _is_interrupted_never(self) -> bool:
        self._refresh_at_times()
        return False

    def _refresh_at_times(self) -> None:
        """Show the run so far, if it is displayed and the last picture was some time ago."""
        if not self._is_displayed or time.perf_counter() < self._next_picture:
            return
        began = time.perf_counter()
        self.refresh()
        now = time.perf_counter()
        self._next_picture = now + max(_LIVE, (now - began) / _SHARE)

    # ---- what the page asks for ----

    def _on_choices(self, change: Any) -> None:
        if self._is_silent or self._plan is None or not self._plan.choices:
            return
        clean = {choice.name: choice.clean(change["new"].get(choice.name)) for choice in self._plan.choices}
        if clean != change["new"]:
            self._is_silent = True
            try:
                self.choices = clean
            finally:
                self._is_silent = False
        self._begin()
        self._work(_after(_SLICE))

    def _on_baseline(self, change: Any) -> None:
        self._baseline = self._content() if change["new"] else None
        self.refresh()
        self.answered += 1  # what is shown may be what was shown

    def _received(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        if "more" in content and content["more"] == self._sequence and self._is_training():
            self._work(_after(_SLICE))
        elif "stop" in content and self._training is not None and not self._training.is_done:
            self._training.interrupt()
            self.refresh()
        elif "open" in content:
            self.answered += 1  # the page knows that somebody is at work
            self._open(content["open"])
        elif "close" in content:
            self._close()

    def _open(self, which: Any) -> None:
        """Show the explorer of a step: [index of the panel, index of the snapshot]."""
        self._close()
        try:
            content = self._contents()[which[0]]
            snapshot = content.monitor.history.snapshots[which[1]]
        except IndexError:  # what the page still shows is not here any more
            self.send({"not_opened": message("watch.no_such_step")})
            return
        try:
            explorer = self._replay(content.monitor).explore(snapshot)
        except Exception as error:  # noqa: BLE001 - whatever the model raises; the page shows it
            self.send({"not_opened": text_of(error)})
            return
        with self.hold_sync():
            self.explorer, self.opened_step = explorer, snapshot.step

    def _close(self) -> None:
        explorer, self.explorer, self.opened_step = self.explorer, None, -1
        if explorer is not None:
            explorer.close()

    # ---- the content of the page ----

    def _replay(self, monitor: Monitor) -> Replay:
        if id(monitor) not in self._replays:
            self._replays[id(monitor)] = Replay(monitor, self._plan.loss if self._plan else None)
        return self._replays[id(monitor)]

    def _boundary(self, monitor: Monitor) -> Boundary | None:
        if id(monitor) not in self._boundaries:
            snapshots = monitor.history.snapshots
            if not snapshots or snapshots[0].restore is None:
                return None
            self._boundaries[id(monitor)] = Boundary(self._replay(monitor), snapshots)
        return self._boundaries[id(monitor)]

    def _record(self, monitor: Monitor) -> Record | None:
        """A Record of the model, made from the first step that can be run again; None if there is none."""
        if id(monitor) not in self._records:
            points = (each.restore for each in monitor.history.snapshots)
            point = next((each for each in points if each is not None), None)
            if point is None:
                return None
            self._records[id(monitor)] = self._replay(monitor).recorded(point)
        return self._records[id(monitor)]

    def _is_training(self) -> bool:
        return self._training is not None and not self._training.is_done and not self._problem

    def _content(self) -> RunContent | None:
        """The present run, or None if there is none."""
        monitor, plan, training = self._monitor, self._plan, self._training
        if monitor is None:
            return None
        caption = ""
        if plan is not None:
            caption = ", ".join(f"{each.name} = {each.text(self.choices[each.name])}" for each in plan.choices)
        return RunContent(
            monitor,
            None if training is None else training.steps,
            caption,
            self._boundary(monitor),
            self._record(monitor),
            "" if training is None else training.note,
            not self._is_training() and not monitor.probe.is_on,
            plan is not None,
        )

    def _contents(self) -> list[RunContent]:
        """The present run and, after it, the one that it is compared with."""
        present = self._content()
        contents = [] if present is None else [present]
        if self._baseline is not None and (present is None or self._baseline.monitor is not present.monitor):
            contents.append(self._baseline)
        used = {id(each.monitor) for each in contents}
        for cache in (self._replays, self._boundaries, self._records):
            for key in [key for key in cache if key not in used]:
                del cache[key]
        return contents

    def refresh(self) -> None:
        """Send the page what there is to show."""
        shown: WatchShown = {
            "sequence": self._sequence,
            "is_training": self._is_training(),
            "panels": panels(contents) if (contents := self._contents()) else [],
            "problem": self._problem,
        }
        self.shown = shown

    def _specification(self) -> WatchSpec:
        plan = self._plan
        model = plan.model if plan else cast(Monitor, self._monitor).model
        fields = {name: f"{{{name}}}" for name in ("step", "total", "name", "row", "measure", "value", "loss")}
        return {
            "title": message("watch.title", name=name_of(model)),
            "controls": [
                {
                    "name": each.name,
                    "kind": each.kind,
                    "low": each.low,
                    "high": each.high,
                    "log": each.log,
                    "options": each.texts(),
                }
                for each in (plan.choices if plan else ())
            ],
            "measures": list(MEASURES),
            "labels": {name: message(f"watch.{name}", **fields) for name in _LABELS}
            | {"silent": silent(), "silent_training": silent("training")},
        }

    # ---- without a page ----

    def static_markup(self) -> str:
        """Return the run at its last step as SVG text."""
        return self.picture()

    def picture(self) -> str:
        """Return the run at its last step as SVG text, as GitHub shows it."""
        return paint(self.spec["title"], self.shown["panels"], self.shown["problem"], self.spec["labels"])

    def __repr__(self) -> str:
        shown = cast(WatchShown, self.shown)
        lines = [self.spec["title"]]
        for panel in shown["panels"]:
            if panel["steps"]:
                text = self.spec["labels"]["summary"].format(step=panel["steps"][-1], loss=panel["loss"]["texts"][-1])
                lines.append(joined((panel["caption"], text, panel["trouble"])))
        return ": ".join(lines) + (f" {shown['problem']}" if shown["problem"] else "")

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        self._is_displayed = True
        self.refresh()
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        return data | {"image/svg+xml": self.picture(), "text/plain": repr(self)}, metadata

    def _ipython_display_(self) -> None:
        self._live.show()


class _NoContext:
    def __enter__(self) -> None: ...

    def __exit__(self, *raised: object) -> None: ...


def _after(seconds: float) -> Callable[[], bool]:
    end = time.perf_counter() + seconds
    return lambda: time.perf_counter() > end


def _one_number(loss: Any) -> float:
    if isinstance(loss, Tensor):
        if loss.numel() != 1:
            raise ValueError(message("watch.step_loss", received=f"shape {tuple(loss.shape)}"))
        if loss.is_complex() or loss.is_meta:
            raise TypeError(message("watch.step_loss", received=loss.dtype if loss.is_complex() else loss.device))
        return float(loss.item())
    if isinstance(loss, Real) and not isinstance(loss, bool):
        try:
            return float(loss)
        except OverflowError:  # a training that diverges, in whole numbers
            return math.inf if cast(int, loss) > 0 else -math.inf
    raise TypeError(message("watch.step_loss", received=type(loss).__name__))


def _raised(error: Exception, step: int) -> str:
    """A sentence on an error of the user's functions, with the line at which it arose."""
    frames = users_frames(error)
    where = message("watch.raised_where", name=frames[-1].name, line=frames[-1].lineno) if frames else ""
    key = "raised" if step else "raised_before"
    return message(f"watch.{key}", step=step, kind=type(error).__name__, text=text_of(error), where=where)
