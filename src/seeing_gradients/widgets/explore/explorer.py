"""The live explorer: sliders in the page, f and autograd in the kernel, only numbers in between.

The synced traits hold its whole state. `controls` and `labels` never change, and `home` is the position to which reset
returns. The page sets `sliders`, and `opened`, the modules that are open. The kernel sets `scene`, only when the
topology of the graph changes, and `state` and `check`, the numbers of this position. The other traits belong to the
views. `RunSession` runs f, and each view makes its part of the state.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import traitlets

from seeing_gradients.language import joined, message
from seeing_gradients.picture import theme
from seeing_gradients.picture.bundles import is_bundle_key
from seeing_gradients.picture.directions import Direction, check_direction
from seeing_gradients.picture.folding import ALL
from seeing_gradients.picture.grouping import Fold, check_fold, check_opened, is_loop_key
from seeing_gradients.picture.labels import brief, columns
from seeing_gradients.picture.loop_nodes import round_details
from seeing_gradients.picture.scene import EdgeKey, texts
from seeing_gradients.picture.static import Picture, draw
from seeing_gradients.recorder import Record, referenced_modules
from seeing_gradients.runtime import collector_off
from seeing_gradients.widgets.bundles import load_script, load_style
from seeing_gradients.widgets.page_widget import PageWidget, export_page, is_page, not_expected

from . import descriptions, protocol
from .controls import read_controls
from .edge_cuts import baseline_labels, clean_cuts, cut_labels
from .extras import extra_labels, extra_places
from .gradient_check import GradientCheck
from .graph_view import GraphView, graph_picture
from .jacobian import JacobianView, control_of_v, jacobian_labels, jacobian_text, with_jacobian
from .nudge import STEP, NudgeView, nudge_labels, nudge_lines
from .nudge import Choice as NudgeChoice
from .nudge import choose as choose_nudge
from .nudge import clean_choice as clean_nudge
from .option_names import check_options, check_passing
from .packing import PACKED_FROM, packed
from .plot_picture import stack
from .plot_view import (
    COARSE,
    FINE,
    PICTURE_PATIENCE,
    PICTURE_SECONDS,
    Choice,
    PlotView,
    choose,
    clean_choice,
    plot_labels,
)
from .prefetch import Prefetch
from .problems import Problem
from .saved_tensors_view import HIDDEN, STATE_KEYS, SavedTensorsView, clean_saved_tensors, saved_tensors_labels
from .search_index import search_index, search_labels
from .session import FUNCTION_SECONDS, MODEL_SECONDS, RunResult, RunSession
from .step_captions import step_captions
from .tensor_previews import preview_labels, shapes, tensor_previews

if TYPE_CHECKING:
    from seeing_gradients.widgets.recorded import Recording

_CHOICES = (
    "opened",
    "saved_tensors",
    "cuts",
    "jacobian_input",
    "plot_choice",
    "nudge_choice",
    "graph_width",
    "more_open",
)
_RECORDING_PATIENCE = (
    20  # times as long as on an idle machine that the samples of a recorded plot may take by the clock
)
_MOST_LINES = 8  # inputs that a static picture lists
_SECONDS_AHEAD = 0.25  # the time limit of f at a prefetched position


def explore(
    f: Callable[..., Any],
    /,
    *args: Any,
    plot: str | Sequence[str] | None = None,
    gradient: Any = None,
    output: str | Callable[[Any], Any] | None = None,
    max_ops: int = 2_000,
    max_seconds: Any = "auto",
    ahead: bool = True,
    opened: str | Sequence[str] = (),
    saved: bool = False,
    cut: bool = False,
    keep: bool = False,
    nudge: str | tuple[str, float] | None = None,
    fold: Fold = "auto",
    engine: type | None = None,
    direction: Direction = "auto",
    **kwargs: Any,
) -> "Explorer":
    """Run f forward and backward at every position of its sliders, and show the graph that autograd recorded.

    Args:
        f: callable, tensors -> tensor; may be an nn.Module.
        args, kwargs: one for each parameter of f, by position or name:
            (low, high) or (low, high, step): a slider; it starts at f's default, else in the middle;
            a number: a slider around it; integers become floats, since only floats have gradients;
            a list of numbers: a vector (nested: a matrix) with a slider for each number;
            range(low, high): a slider over integers, which f receives as an integer tensor;
            True or False: a switch; anything else, e.g. a tensor, dict, str or None: fixed, passed unchanged.
        plot: "w" for a curve along that input, ("w", "b") for contours over two, "x[0]" for an element of a vector;
            `.plot(...)` of what is returned takes more: log axes, the derivative, a descent.
        gradient: v, of the output's shape, for a vector output; "v" makes a slider for each element
            of v, and shows the Jacobian, whose rows v weights; {"v": [1.0, 10.0]} starts there.
        output: which tensor of what f returns is the output, a path such as "logits" or a function, as in `record`.
        max_ops: the number of operations after which a run stops.
        max_seconds: how long a run may take, by default 1.5 s, for a model 10 s (session.py: FUNCTION_SECONDS,
            MODEL_SECONDS); None for no limit.
        ahead: whether f may run at positions to which a slider may move next, so that the page shows them at once; when
            the slider stops, f runs there again. This ends if f prints, is slow, or changes anything outside itself.
        saved, cut, keep: what the page shows at once rather than behind the button "more": the saved tensors with
            their switches; the menu that cuts edges, which a click on an edge does then, too; the button that keeps a
            run to compare others with.
        nudge: "w", "x[0]" or ("w", 0.01): an input that is moved by a small step, 0.01 unless stated; "x" for all elements
            of a vector, or of a tensor that requires grad, along their gradient together. f runs there, too,
            and each node shows how far it really moved, and its gradient times that move, which is how far the output
            should move through this node alone. For the input itself that is the predicted move, g * h. Where the real
            and the predicted move of the output part, the node that causes it is marked. See `Explorer.nudge`.
        engine: class of a custom autograd; f receives its values instead of tensors (see `record_custom_engine`). The
            check beside its gradients uses PyTorch.
        direction: in which the graph runs: "right", in rows where the page is too narrow, "down", or "auto", whichever
            fits the page better.
        opened: keys of modules, loops and bundles of edges that are open at first, "layers.0", "layers.0..layers.11",
            "line 4" or "w=>line 4", or "all" modules and loops; a click opens the others.
        fold: whether what repeats is one node or edge: rounds of a loop, equal modules, blocks of modules, parallel
            edges. "auto": from four rounds, three modules or blocks, three or four edges on; True: from two; False:
            never.

    Each module that f runs is one node, and so is each module inside a model that is passed as f:
    explore(model, batch, gradient=v) with a fixed batch and weights v for the outputs, or explore(loss, batch) for a
    function that returns a number. Buffers that a run writes to, e.g. running means, are restored.

    Returns:
        Explorer, which the notebook shows. `.set(w=2.0)` moves its sliders; `.position`, `.record` and `.problem`
        describe it.

    Raises:
        TypeError: f is not callable; an argument is unknown, missing, a list in which not everything is a number, or
            has the name of an option; gradient names no slider; opened is no key; saved, cut or keep is not a bool.
        ValueError: a range is empty, a step not positive, a list empty or too long; plot or nudge names no slider,
            opened no module that f ran, or direction no direction; the step of nudge is 0; saved or cut is switched on
            for an engine, which has neither; fold is neither "auto" nor a bool.
    """
    options = {"plot": plot, "gradient": gradient, "max_ops": max_ops, "max_seconds": max_seconds, "ahead": ahead}
    options |= {"opened": opened, "saved": saved, "cut": cut, "keep": keep, "nudge": nudge, "engine": engine}
    options |= {"output": output, "direction": direction, "fold": fold}
    defaults = cast(dict[str, Any], explore.__kwdefaults__)
    used_options = [name for name, value in options.items() if value is not defaults[name]]
    check_options(f, len(args), used_options, options)
    direction = check_direction(direction)
    extras = extra_places({"saved": saved, "cut": cut, "keep": keep}, engine is not None)
    if max_seconds == "auto":
        has_module = bool(referenced_modules(f, [*args, *kwargs.values()]))
        max_seconds = MODEL_SECONDS if has_module else FUNCTION_SECONDS
    record_options: dict[str, Any] = {"max_ops": max_ops, "max_seconds": max_seconds}
    record_options |= {} if output is None else {"output": output}
    check_fold(fold)
    controls = read_controls(f, args, kwargs)
    check_passing(f, args, kwargs)
    by_position = [c.name for c in controls[: len(args)]]
    if isinstance(gradient, str | dict):
        controls.append(control_of_v(f, controls, by_position, gradient, record_options))
    choice = None if plot is None else choose(controls, plot)
    nudged = None if nudge is None else choose_nudge(controls, nudge)
    everything, opened = opened == ALL, () if opened == ALL else check_opened(opened)
    record_options |= {} if engine is None else {"engine": engine}
    session = RunSession(f, controls, by_position, record_options, gradient)
    explorer = Explorer(session, ahead, opened, extras, direction, fold)
    explorer.open_at_first(opened, everything)
    explorer.saved_tensors = {"on": saved}
    if nudged is not None:
        explorer.nudge(nudged.input, nudged.step)
    return explorer if choice is None else explorer.plot(*choice.inputs)


class Explorer(PageWidget):
    """The widget that `explore` returns. Python can move it, `widget.set(w=2.0)`, and read `widget.record`.

    Args:
        session: runs f.
        ahead: whether f may run at positions to which a slider may move next.
        opened: keys of the modules and loops that are open.
        extras: where saved tensors, cuts etc. stand in the page; by default behind "more".
        direction: in which the graph runs.
        fold: which repeats are folded.

    Attributes:
        position: dict from argument name to its current value; may be set, also for some names only.
        record: Record of the last run that succeeded, or None.
        problem: Problem of the current position, or None.
        saved_tensors: dict of bool; on, whether they are shown; retain, as retain_graph; twice, whether backward is
            called twice. May be set.
        cuts: list of the keys of the edges that are cut, as `Edge` has them. May be set.
        more_open: whether the page shows what stands behind the button "more". May be set.
        direction: "auto", "right" or "down", in which the graph runs. May be set.
    """

    _esm = load_script("explore")
    _css = load_style("explore")
    controls = traitlets.List().tag(sync=True)
    labels = traitlets.Dict().tag(sync=True)
    sliders = traitlets.List(traitlets.Float()).tag(sync=True, echo_update=False)
    scene = traitlets.Dict().tag(sync=True, to_json=packed)
    state = traitlets.Dict().tag(sync=True)
    check = traitlets.Dict().tag(sync=True)
    home = traitlets.List(traitlets.Float()).tag(sync=True)
    check_requested = traitlets.Int(0).tag(sync=True, echo_update=False)
    opened = traitlets.List(traitlets.Unicode()).tag(sync=True, echo_update=False)
    saved_tensors: Any = traitlets.Dict(default_value=dict(HIDDEN)).tag(sync=True, echo_update=False)
    cuts = traitlets.List().tag(sync=True, echo_update=False)
    direction = traitlets.Unicode("auto").tag(sync=True)
    graph_width = traitlets.Int(theme.PICTURE_WIDTH).tag(sync=True, echo_update=False)
    jacobian_input = traitlets.Unicode("").tag(sync=True, echo_update=False)
    extras: Any = traitlets.Dict().tag(sync=True)
    more_open = traitlets.Bool(False).tag(sync=True)
    plot_choice = traitlets.Dict(dict(Choice().plain())).tag(sync=True)
    plot_data = traitlets.Dict().tag(sync=True)
    nudge_choice = traitlets.Dict(dict(NudgeChoice().plain())).tag(sync=True, echo_update=False)

    def __init__(
        self,
        session: RunSession,
        ahead: bool = True,
        opened: Sequence[str] = (),
        extras: protocol.Extras | None = None,
        direction: Direction = "auto",
        fold: Fold = "auto",
    ) -> None:
        self._session = session
        labels = descriptions.page_labels(session.f)
        self._graph = GraphView(opened, direction, fold)
        self._gradient_check = GradientCheck(session)
        self._plot = PlotView(session, labels["name"])
        self._jacobian = JacobianView(session, labels["name"])
        self._saved_tensors = SavedTensorsView()
        self._nudge = NudgeView(session, labels["name"])
        self._prefetch = Prefetch(self._run_ahead, session.surroundings) if ahead else None
        self._sequence, self._displayed = 0, False
        self.record: Record | None = None
        self.problem: Problem | None = None
        self._last_run: tuple[Sequence[float], RunResult] | None = None
        self._folded: Record | None = None  # what is drawn
        start = [float(x) for control in session.controls for x in control.start]
        extras = extras or extra_places({"saved": False, "cut": False, "keep": False}, custom_engine=False)
        labels |= {
            **extra_labels(custom_engine=extras["saved"] == "none"),
            "plot": plot_labels(self._plot.name),
            "saved_tensors": saved_tensors_labels(),
            "cuts": cut_labels(),
            "tensor_previews": preview_labels(),
            "baseline": baseline_labels(),
            "jacobian": jacobian_labels(),
            "nudge": nudge_labels(),
            "search": search_labels(),
        }
        shown: dict[str, Any] = {"sliders": start, "home": start, "opened": list(opened), "direction": direction}
        shown |= self._run(start)
        shown["extras"] = {**extras, "plot": "none"} if session.lacks_gradient else extras
        super().__init__(controls=descriptions.control_data(session.controls), labels=labels, **shown)
        if self._is_large():  # the page asks, once it shows the graph
            self.check = {"cells": self._gradient_check.unknown()}
        else:
            self._do_check()
        self.on_msg(self._received)

    @property
    def keeping(self) -> dict[str, bool]:
        """The trait `saved_tensors`, by the name that lesson 9 uses; may be set."""
        return self.saved_tensors

    @keeping.setter
    def keeping(self, switches: Mapping[str, bool]) -> None:
        self.saved_tensors = dict(switches) if isinstance(switches, Mapping) else switches

    # ---- the position of the sliders ----

    @property
    def position(self) -> dict[str, Any]:
        """The current value of each argument: dict from name to value."""
        parts = self._session.split(self.sliders)
        return {c.name: c.position(numbers) for c, numbers in parts if c.kind != "fixed"}

    @position.setter
    def position(self, values: Mapping[str, Any]) -> None:
        if not isinstance(values, Mapping) or not all(isinstance(name, str) for name in values):
            raise TypeError(not_expected("position", message("widget.named_values"), values))
        self.set(**values)

    def set(self, /, **values: Any) -> Self:
        """Move sliders, by argument name, and return the widget: explore(f, w=(-5.0, 5.0)).set(w=2.0).

        Raises:
            ValueError: there is no such slider, or the value is not of its form.
        """
        known = [c.name for c in self._session.controls if c.kind != "fixed"]
        for name in values:
            if name not in known:
                raise ValueError(message("explore.unknown", name=name, allowed=", ".join(known) or "-"))
        parts = self._session.split(self.sliders)
        moved = [c.numbers(values[c.name]) if c.name in values else numbers for c, numbers in parts]
        self.sliders = [float(x) for part in moved for x in part]
        if not self._displayed:
            self.home = self.sliders
        return self

    @traitlets.validate("sliders")
    def _clamp(self, proposal: Any) -> list[float]:
        """Move every number that the page sent into the range of its slider."""
        return self._session.clamp(proposal["value"])

    @traitlets.observe("sliders")
    def _moved(self, change: Any) -> None:
        if change["new"] == self.state.get("position"):
            return
        with self._session.lock:
            try:
                shown = self._run(change["new"])
                self._show(shown)
                if self._prefetch and not self._prefetch.agrees(change["new"], shown["state"]):
                    self._forget_prefetched()
            except KeyboardInterrupt:
                self.problem = Problem(message("explore.interrupted"))
                self._show({"state": self._state_with_problem(change["new"], self.problem)})

    # ---- run f and show the result ----

    def _run(self, position: Sequence[float]) -> dict[str, Any]:
        """Run f at a position; return the traits that change."""
        self._sequence += 1
        result = self._session.run(position)
        self.problem = result.problem
        if result.record is None:
            self._last_run = None
            return {"state": self._state_with_problem(position, result.problem, result.printed)}
        if result.record.complete:
            self.record = result.record
        self._last_run = position, result
        return self._drawn(position, result)

    def _run_again(self) -> None:
        """Run f again at the current position, with other options."""
        with self._session.lock:
            if self._prefetch:
                self._forget_prefetched()
            self._show(self._run(self.sliders))

    def _show(self, traits: Mapping[str, Any]) -> None:
        """Send changed traits to the page, with a quick check; a slower one follows, or waits until the page asks."""
        check = self._gradient_check
        at_once = check.is_free
        with self.hold_sync():
            for name, value in traits.items():
                setattr(self, name, value)
            if at_once:
                self._do_check()
        if not at_once and check.is_cheap:
            self._do_check()

    @collector_off()
    def _drawn(self, position: Sequence[float], result: RunResult) -> dict[str, Any]:
        """The traits that show a run, with all modules folded except the open ones."""
        folded = self._folded = self._graph.folded(cast(Record, result.record))
        scene = self._graph.scene(folded)
        traits: dict[str, Any] = {"state": self._state(position, result, scene, folded)}
        if scene["key"] != self.scene.get("key"):
            traits["scene"] = scene
        return traits

    def _state(
        self,
        position: Sequence[float],
        result: RunResult,
        scene: protocol.Scene,
        folded: Record,
        captioned: bool = True,
    ) -> protocol.State:
        """The state of a run; its numbers are those of `folded`, the record as it is drawn."""
        session, record = self._session, cast(Record, result.record)
        drawn = self._graph.drawn(folded)
        numbers = texts(drawn, scene)
        rows = [cell for control in session.controls for cell in descriptions.gradients(control, record)]
        output = descriptions.output_text(record)
        heading = self._heading(position, result.problem, result.printed)
        named = zip(session.row_names(), rows, strict=True)
        grads = ", ".join(f"{label} {row}" for label, row in named if row != "-")
        nudge = self._nudge.state(position, record, scene, folded, self._graph.folded)
        summary = message("explore.summary", call=heading["call"], output=output, grads=grads or "-")
        state = {
            **heading,
            "summary": joined([summary, *nudge_lines(nudge.get("nudge"))]),
            "fresh": True,
            "complete": record.complete and record.output is not None,
            "output": output,
            "gradients": rows,
            "details": descriptions.details(folded, scene, numbers),
            **({"step_captions": step_captions(folded, record)} if captioned else {}),
            "round_details": round_details(folded),
            "scene": scene["key"],
            **numbers,
            "failed": -1 if folded.failed is None else folded.failed,
            **self._plot.state(position, record),
            **self._jacobian.state(position, record),
            **self._saved_tensors.state(folded, scene),
            **nudge,
            "tensor_previews": tensor_previews(folded),
            "shapes": shapes(drawn),
        }
        return cast(protocol.State, state)

    def _state_with_problem(
        self, position: Sequence[float], problem: Problem | None, printed: str = ""
    ) -> protocol.State:
        """The state with a problem and the last good numbers, marked as those of another call."""
        shown = self._saved_tensors.choice["on"]
        last = {name: value for name, value in self.state.items() if shown or name not in STATE_KEYS}
        last_good_call = last.get("last_good_call", last.get("call"))
        return cast(
            protocol.State,
            {**last, **self._heading(position, problem, printed), "fresh": False, "last_good_call": last_good_call},
        )

    def _heading(self, position: Sequence[float], problem: Problem | None, printed: str) -> dict[str, Any]:
        return {
            "sequence": self._sequence,
            "position": list(position),
            "call": descriptions.call_text(self._session.f, self._session.split(position)),
            "problem": problem and descriptions.problem_data(problem),
            "printed": printed,
        }

    # ---- run f ahead of the learner ----

    def _run_ahead(
        self, position: list[float], captioned: bool = True
    ) -> tuple[protocol.State, list[protocol.CheckCell] | None, protocol.Scene] | None:
        """The state and scene of a prefetched position, with the cells of a quick check; or None.

        Args:
            position: one number for each slider.
            captioned: whether the state has the sentences of the steps, which only a page that shows a step needs.
        """
        session = self._session
        try:
            if session.clamp(position) != position:
                return None
        except ValueError:  # not a number
            return None
        seconds = min(_SECONDS_AHEAD, session.max_seconds or _SECONDS_AHEAD)
        result = session.run(position, {**session.options(position), "max_seconds": seconds})
        if result.record is None or result.problem or result.printed:
            return None
        folded = self._graph.folded(result.record)
        scene = self._graph.scene(folded)
        cells = self._gradient_check.cells(position, result.record) if self._gradient_check.is_free_ahead else None
        return self._state(position, result, scene, folded, captioned), cells, scene

    def _forget_prefetched(self) -> None:
        self.send({"ahead": {"forget": True}})

    def _received(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        """Answer the page, which asks for more of a plot, for prefetched positions, or for what can be searched."""
        if "search" in content and self._last_run is not None:
            self.send({"search": search_index(cast(Record, self._last_run[1].record), self._graph.fold)})
        if "plot" in content:
            self._answer_plot(COARSE if content["plot"] == "coarse" else FINE)
        if "ahead" not in content:
            return
        with self._session.lock:
            if self._prefetch is None:
                self.send({"ahead": {"off": True}})
            else:
                captioned = content.get("captions", True)
                self.send(self._prefetch.answer(content["ahead"], content["scenes"], captioned))

    # ---- the check ----

    @traitlets.observe("check_requested")
    def _check_requested(self, change: Any) -> None:
        with self._session.lock:
            if self.check.get("sequence") != self._sequence:
                self._do_check()

    def _do_check(self) -> None:
        """Compute the central differences of the current position."""
        check = self._gradient_check
        if self.record is None or (self.problem is not None and self.problem.severity == "error"):
            self.check = {"sequence": self._sequence, "cells": check.unknown()}
            return
        self.check = {"sequence": self._sequence, "cells": check.timed_cells(self.sliders, self.record)}

    # ---- modules, saved tensors, cuts, Jacobian ----

    def open_at_first(self, opened: Sequence[str], everything: bool = False) -> None:
        """Open modules and loops before the learner does.

        Args:
            opened: keys, besides those that are open unless the learner closes them.
            everything: whether to open all.

        Raises:
            ValueError: f ran no module with such a key.
        """
        if self.record is None:
            return
        known = self._graph.keys(self.record)
        for key in opened:
            if not (key in known or is_loop_key(key) or is_bundle_key(key)):
                raise ValueError(message("draw.not_opened", received=key, allowed=", ".join(known[:12]) or "-"))
        self.opened = known if everything else [*opened, *self._graph.sole_modules(self.record)]

    @traitlets.observe("opened")
    def _opened_changed(self, change: Any) -> None:
        """Draw the record with other modules open, without running f."""
        if change["new"] == self._graph.opened:
            return
        with self._session.lock:
            self._graph.opened = change["new"]
            self._draw_again()

    def _draw_again(self) -> None:
        """Draw the last run, e.g. with other modules open, without running f."""
        if self._last_run is None:
            return
        with self.hold_sync():
            for name, value in self._drawn(*self._last_run).items():
                setattr(self, name, value)
        if self._prefetch:
            self._forget_prefetched()

    @traitlets.validate("direction")
    def _clean_direction(self, proposal: Any) -> Direction:
        return check_direction(proposal["value"])

    @traitlets.observe("direction", "graph_width")
    def _layout_changed(self, change: Any) -> None:
        """Lay the graph out for another direction, or for the width that the page has for it; the numbers stay."""
        with self._session.lock:
            self._graph.direction, self._graph.width = cast(Direction, self.direction), self.graph_width
            if self._folded is not None and self._graph.scene(self._folded)["key"] != self.scene.get("key"):
                self._draw_again()

    @traitlets.validate("saved_tensors")
    def _clean_saved_tensors(self, proposal: Any) -> protocol.SavedTensorsChoice:
        return clean_saved_tensors(proposal["value"])

    @traitlets.observe("saved_tensors")
    def _saved_tensors_changed(self, change: Any) -> None:
        if change["old"] != change["new"]:
            self._saved_tensors.choice = change["new"]
            self._session.passes = self._saved_tensors.record_options()
            self._run_again()

    @traitlets.validate("cuts")
    def _clean_cuts(self, proposal: Any) -> list[EdgeKey]:
        """Reduce what the page sent to valid keys of edges, each once."""
        return clean_cuts(proposal["value"])

    @traitlets.observe("cuts")
    def _cuts_changed(self, change: Any) -> None:
        if change["old"] == change["new"]:
            return
        self._session.cuts = change["new"]
        self._run_again()
        if self._plot.choice.inputs:
            self._plot.forget()
            self._answer_plot(COARSE)

    @traitlets.validate("jacobian_input")
    def _known_jacobian_input(self, proposal: Any) -> str:
        return self._jacobian.check_input(proposal["value"])

    @traitlets.observe("jacobian_input")
    def _jacobian_input_changed(self, change: Any) -> None:
        """Show other columns of the Jacobian, without running f."""
        self._jacobian.input = change["new"]
        if self.record is None or not self.state.get("fresh"):
            return
        with self._session.lock:
            if self._prefetch:
                self._forget_prefetched()  # those positions have other columns
            self.state = {**self.state, **self._jacobian.state(self.sliders, self.record)}

    # ---- the nudge ----

    def nudge(self, input: str = "", step: float = STEP, /) -> Self:
        """Nudge one input by a small step, and show each node's real move beside what its gradient predicts.

        f runs a second time, at the moved position, with the same random numbers. For a node n with the gradient g that
        moved by Δ, the picture shows Δ and g · Δ: how far the output should move through this node alone. The products
        of all nodes that cut the graph in two add up to the whole. The real and the predicted move of the output differ
        by the sum of what the straight line through each operation leaves out; the operations that matter are marked.

        Args:
            input: label of a slider, "w", of an element, "x[0]", or the name of a vector or of a tensor that requires
                grad, "x": all its elements then move together along their gradient; "" to end the nudge.
            step: how far, of several elements the length of their move, not 0; the moved position may lie outside the slider's range.

        Returns:
            Explorer: itself.

        Raises:
            TypeError: input is no str.
            ValueError: there is no such slider, it has no gradient, or the step is 0 or not finite.
        """
        choice = choose_nudge(self._session.controls, (input, step)) if input != "" else NudgeChoice()
        self.nudge_choice = dict(choice.plain())
        return self

    @traitlets.validate("nudge_choice")
    def _clean_nudge_choice(self, proposal: Any) -> protocol.NudgeChoice:
        return clean_nudge(self._session.controls, proposal["value"]).plain()

    @traitlets.observe("nudge_choice")
    def _nudge_chosen(self, change: Any) -> None:
        """Run f at the moved position; the run at the sliders' own position is still valid."""
        with self._session.lock:
            self._nudge.choice = clean_nudge(self._session.controls, change["new"])
            if self._prefetch:
                self._forget_prefetched()  # those positions show another nudge, or none
            if self._last_run is None:
                self.state = {name: value for name, value in self.state.items() if name != "nudge"}
                return
            try:
                self._show(self._drawn(*self._last_run))
            except KeyboardInterrupt:
                self.nudge_choice = dict(NudgeChoice().plain())

    # ---- the plot ----

    def plot(
        self,
        *inputs: str,
        log: str | Iterable[str] = (),
        derivative: bool = False,
        steps: int = 0,
        lr: float = 0.1,
    ) -> Self:
        """Plot f along one input, or its contours over two, in step with the sliders; without any, no plot.

        Args:
            inputs: labels of sliders: "w", or "x[0]" for an element of a vector.
            log: one or several of the inputs and "output": whose axis is logarithmic.
            derivative: whether the derivative is drawn, too, along one input.
            steps: of gradient descent from where the sliders stand.
            lr: > 0, its learning rate.

        Returns:
            Explorer: itself.

        Raises:
            ValueError: an input is unknown or has no slider, there are three, or an axis cannot be logarithmic.
        """
        controls = self._session.controls
        choice = choose(controls, inputs, log, derivative, steps, lr) if inputs else Choice()
        self.plot_choice = choice.plain()
        return self

    @traitlets.validate("plot_choice")
    def _clean_plot_choice(self, proposal: Any) -> protocol.PlotChoice:
        return clean_choice(self._session.controls, proposal["value"]).plain()

    @traitlets.observe("plot_choice")
    def _plot_chosen(self, change: Any) -> None:
        with self._session.lock:
            self._plot.show(clean_choice(self._session.controls, change["new"]))
            if self._last_run is not None:  # its backward may have failed, so that `record` is of an earlier run
                position, result = self._last_run
                self.state = {**self.state, "point": self._plot.point(position, cast(Record, result.record))}
            self._forget_prefetched()  # those positions have the point of another plot, or none
            self._answer_plot(COARSE)

    def _answer_plot(self, seconds: float, patience: float = 1) -> None:
        """Sample for some seconds and show the plot so far."""
        with self._session.lock:
            try:
                with self._session.quiet():
                    self.plot_data = self._plot.answer(self.sliders, seconds, patience)
            except KeyboardInterrupt:
                self.plot_data = {**self.plot_data, "done": True, "notes": [message("explore.interrupted")]}

    # ---- without a page ----

    def _is_large(self) -> bool:
        return len(self.state.get("values", ())) >= PACKED_FROM

    def picture(self) -> str:
        """Return the current graph as SVG text, as GitHub shows it; if f failed, the reason."""
        reason = self.problem.text if self.problem else ""
        scene = self.scene if self._folded is None else self._graph.static_scene(self._folded)
        return graph_picture(cast(Any, scene), cast(Any, self.state), reason, self._input_lines())

    def _input_lines(self) -> list[str]:
        """A line for each input with its value, gradient and check, as the table of the page has them."""
        if not self._is_large():
            self._check_requested(None)
        session, state = self._session, cast(protocol.State, self.state)
        parts = session.split(self.sliders)
        values = [text for control, numbers in parts for text in descriptions.values(control, numbers)]
        grads, checks = state.get("gradients", []), self.check.get("cells", [])
        if len(values) > _MOST_LINES or not len(values) == len(grads) == len(checks):
            return []
        lines = []
        for name, value, grad, (difference, sign) in zip(session.row_names(), values, grads, checks, strict=True):
            gradient = "" if grad == "-" else f", ← {grad}"
            check = f", {message('explore.check')} {sign} {difference}" if sign else ""
            lines.append(f"{brief(name)} = {value}{gradient}{check}")
        return lines

    def text(self) -> str:
        """Return inputs, values, gradients and the check as a text table."""
        if not self._is_large():
            self._check_requested(None)
        session, state = self._session, cast(protocol.State, self.state)
        head = [message(f"explore.{key}") for key in ("input", "value", "gradient", "check")]
        values = [text for c, numbers in session.split(self.sliders) for text in descriptions.values(c, numbers)]
        is_fresh = state.get("fresh")
        grads = state.get("gradients", []) if is_fresh else ["?"] * len(values)
        checks = [" ".join(reversed(cell)) for cell in self.check["cells"]]
        shown = f"= {state.get('output')}" if is_fresh else "= ?"
        rows = zip(session.row_names(), values, grads, checks, strict=True)
        lines = [f"{state['call']} {shown}", *columns([head, *map(list, rows)]), *jacobian_text(state)]
        lines += nudge_lines(state.get("nudge")) if is_fresh else []
        return "\n".join([*lines, descriptions.sentence(self.problem)] if self.problem else lines)

    def __repr__(self) -> str:
        return f"<Explorer {self.state.get('call', '')}>"

    def static_markup(self) -> str:
        """Return graph, Jacobian and plot of the current position as SVG text."""
        svg = with_jacobian(self.picture(), cast(protocol.State, self.state))
        if self._plot.choice.inputs:
            self._answer_plot(PICTURE_SECONDS, PICTURE_PATIENCE)
            svg = stack(svg, self.plot_data, self.state.get("point") if self.state.get("fresh") else None)
        return svg

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        self._displayed = True
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "image/svg+xml": self.static_markup(), "text/plain": self.text()}, metadata

    # ---- recordings ----

    @property
    def session(self) -> RunSession:
        """What runs f."""
        return self._session

    @contextmanager
    def without_page(self) -> Iterator["Explorer"]:
        """Lend a copy that shows the same and sends nothing to a page; what it changes in the session is undone."""
        session = self._session
        with session.lock:
            try:
                copy = Explorer(
                    session, False, self.opened, self.extras, cast(Direction, self.direction), self._graph.fold
                )
                copy.close()
                for name in _CHOICES:
                    setattr(copy, name, getattr(self, name))
                copy.sliders, copy.home = self.sliders, self.home
                yield copy
            finally:
                session.cuts, session.passes = list(self.cuts), self._saved_tensors.record_options()

    def finished_plot(self) -> protocol.Plot:
        """Return the plot of the current position, sampled to the end."""
        self._answer_plot(FINE, _RECORDING_PATIENCE)
        while not self.plot_data["done"]:
            self._answer_plot(FINE, _RECORDING_PATIENCE)
        return cast(protocol.Plot, self.plot_data)

    def export(self, path: str | Path, **limits: Any) -> "Picture | Recording":
        """Write this explorer to a file: as a page that is alive without a kernel, or the graph of the current position.

        Args:
            path: "page.html" for a page in which the sliders move through positions that are recorded now; with any other
                suffix the graph is written as `draw(record, path=path)` does.
            limits: of the recording, as for `record_widget`: positions, variant_positions, share, parts, max_bytes,
                progress.

        Returns:
            Recording of a page, else Picture.

        Raises:
            ValueError: f failed at this position or its recording stopped early; or as `draw` or `record_widget`.
            OSError: the file cannot be written.
        """
        if is_page(path):
            return export_page(self, path, limits)
        with self._session.lock:
            record, problem = self.record, self.problem
        if record is None or (problem is not None and problem.severity == "error"):
            raise ValueError(message("export.no_graph", reason=problem.text if problem else "-"))
        known = self._graph.keys(record)
        opened = [key for key in self.opened if key in known or is_bundle_key(key)]
        options = {"direction": cast(Direction, self.direction), "fold": self._graph.fold}
        return draw(record, path=path, opened=opened, **options)
