"""Record an explorer: move its sliders and press its buttons as a page would, and collect what it answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from seeing_gradients.language import message
from seeing_gradients.widgets.explore import Explorer, protocol
from seeing_gradients.widgets.explore.packing import packed
from seeing_gradients.widgets.explore.plot_view import movable_inputs

from .collector import Collector
from .limits import Limits
from .positions import Slider, choose_positions
from .recording import RecordingData

SETTINGS = ("opened", "saved_tensors", "cuts", "jacobian_input", "plot_choice", "nudge_choice", "direction")
_CONSTANT = ("controls", "labels", "extras", "home", "more_open", "graph_width")
_MOST_STATES, _MOST_VARIANT_STATES = 441, 36  # positions of the first choices, and of each other one
_MOST_PLOTTED, _MOST_NUDGED, _MOST_OPENED, _MOST_CUT = 3, 2, 8, 24  # inputs, inputs, modules, edges
_NUDGES = (0.01, 0.1, 1.0)
_SAVED = (
    {"on": True},
    {"on": True, "retain": True},
    {"on": True, "twice": True},
    {"on": True, "retain": True, "twice": True},
)


def record_explorer(explorer: Explorer, limits: Limits, collector: Collector) -> RecordingData:
    """Return the data of the recording of an explorer, which itself stays as it is.

    Args:
        explorer: as `explore` returns it.
        limits: how much is recorded.
        collector: collects it.

    Raises:
        RecordingTooLargeError: a limit was reached.
    """
    with explorer.without_page() as copy:
        recorder = _Recorder(copy, limits, collector)
        return recorder.data()


class _Recorder:
    def __init__(self, explorer: Explorer, limits: Limits, collector: Collector) -> None:
        self._explorer, self._limits, self._collector = explorer, limits, collector
        self._scenes: dict[int, protocol.Scene] = {}
        self._plots: dict[str, protocol.Plot] = {}
        self._checks: dict[str, Any] = {}
        self._start = list(explorer.sliders)
        self._base = {name: getattr(explorer, name) for name in SETTINGS}
        self._sliders = [
            Slider(control["low"], control["high"], control["step"], self._start[control["first"] + i])
            for control in cast(list[protocol.Control], explorer.controls)
            if control["kind"] != "fixed"
            for i in range(len(control["labels"]))
        ]

    def data(self) -> RecordingData:
        explorer, limits, collector = self._explorer, self._limits, self._collector
        positions, strides = choose_positions(self._sliders, limits.positions, _MOST_STATES, limits.share)
        positions += [home] if (home := list(explorer.home)) not in positions else []
        coarser = [
            replace(slider, step=slider.scaled(stride)) for slider, stride in zip(self._sliders, strides, strict=True)
        ]
        fewer, _ = choose_positions(coarser, limits.variant_positions, _MOST_VARIANT_STATES)
        limits.check_states(len(positions))
        collector.expect(len(positions))
        self._record({}, positions)
        limits.check_size(collector)
        for settings in self._variants(fewer if len(fewer) < len(positions) else positions):
            collector.expect(len(fewer))
            self._record(settings, fewer)
            if limits.is_full(collector):
                break
        labels = cast(protocol.Labels, explorer.labels)
        traits = {name: getattr(explorer, name) for name in _CONSTANT} | self._base
        traits["labels"] = {**labels, "tip": message("recorded.tip")}
        traits |= {"controls": self._controls(strides), "sliders": self._start, "check_requested": 0}
        scales = [(slider.low, slider.high, False) for slider in self._sliders]
        scenes = {key: packed(scene) for key, scene in self._scenes.items()}
        title, language = explorer.state.get("call", ""), labels["language"]
        names = [name for control in explorer.controls if control["kind"] != "fixed" for name in control["labels"]]
        return collector.data("explore", title, language, traits, SETTINGS, scales, names, scenes)

    def _controls(self, strides: Sequence[int]) -> list[dict[str, Any]]:
        """The controls, with the recorded positions as the steps of their sliders."""
        controls = []
        for control in self._explorer.controls:
            count = 0 if control["kind"] == "fixed" else len(control["labels"])
            own = {strides[control["first"] + i] for i in range(count)}
            controls.append(
                {**control, "step": self._sliders[control["first"]].scaled(own.pop())} if len(own) == 1 else control
            )
        return controls

    # ---- the choices ----

    def _variants(self, positions: Sequence[list[float]]) -> Iterator[dict[str, Any]]:
        """Each choice that differs from the present ones in one respect, the most useful ones first."""
        wanted = self._limits.includes
        if wanted("saved") and self._explorer.extras["saved"] != "none":
            yield from self._saved_tensors()
        if wanted("cut") and self._explorer.extras["cut"] != "none":
            yield from self._cuts()
        if wanted("jacobian"):
            yield from self._jacobian()
        if wanted("modules"):
            yield from self._opened()
        if wanted("plot"):
            yield from self._plot_choices()
        if wanted("nudge"):
            yield from self._nudges()

    def _saved_tensors(self) -> Iterator[dict[str, Any]]:
        hidden = {"on": False, "retain": False, "twice": False}
        for choice in (hidden, *_SAVED):
            if hidden | choice != self._base["saved_tensors"]:
                yield {"saved_tensors": hidden | choice}

    def _cuts(self) -> Iterator[dict[str, Any]]:
        """Each edge by itself, of all graphs that were recorded; the edge that is cut already, restored."""
        base = self._base["cuts"]
        if base:
            yield {"cuts": []}
        keys: dict[str, Any] = {}
        for scene in list(self._scenes.values()):
            keys |= {str(edge["edge_key"]): edge["edge_key"] for edge in scene["edges"] if "edge_key" in edge}
        for key in [*keys.values()][:_MOST_CUT]:
            if [key] != base:
                yield {"cuts": [key]}

    def _jacobian(self) -> Iterator[dict[str, Any]]:
        jacobian = self._explorer.state.get("jacobian")
        for name in ["", *(jacobian["inputs"] if jacobian else [])]:
            if name != self._base["jacobian_input"] and jacobian:
                yield {"jacobian_input": name}

    def _opened(self) -> Iterator[dict[str, Any]]:
        """What one click opens or closes, and what a second one does then."""
        seen = [sorted(self._base["opened"])]
        queue = [list(self._base["opened"])]
        while queue and len(seen) <= _MOST_OPENED:
            opened = queue.pop(0)
            self._choose({"opened": opened})
            scene = cast(protocol.Scene, self._explorer.scene)
            closed = [key for node in scene["nodes"] if (key := node.get("group"))]
            closed += [edge["bundle"]["key"] for edge in scene["edges"] if "bundle" in edge]
            changes = [[*opened, key] for key in closed if key not in opened]
            changes += [[key for key in opened if key != frame["key"]] for frame in scene["frames"]]
            for change in changes:
                if sorted(change) not in seen and len(seen) <= _MOST_OPENED:
                    seen.append(sorted(change))
                    queue.append(change)
                    yield {"opened": change}

    def _plot_choices(self) -> Iterator[dict[str, Any]]:
        base = self._base["plot_choice"]
        names = list(movable_inputs(self._explorer.session.controls))[:_MOST_PLOTTED]
        choices = [{"inputs": []}, *({"inputs": [name]} for name in names)]
        choices += [{"inputs": [name], "derivative": True} for name in names]
        choices += [{"inputs": names[:2]}] if len(names) > 1 else []
        choices += (
            [{"inputs": base["inputs"], "derivative": not base["derivative"]}] if len(base["inputs"]) == 1 else []
        )
        seen = [base]
        for choice in choices:
            whole = {**base, "log": base["log"] if choice["inputs"] == base["inputs"] else [], **choice}
            if whole not in seen:
                seen.append(whole)
                yield {"plot_choice": whole}

    def _nudges(self) -> Iterator[dict[str, Any]]:
        base = self._base["nudge_choice"]
        names = list(movable_inputs(self._explorer.session.controls))[:_MOST_NUDGED]
        choices = [{"input": name, "step": sign * step} for name in names for step in _NUDGES for sign in (1, -1)]
        for choice in [{"input": "", "step": base["step"]}, *choices]:
            if choice != base:
                yield {"nudge_choice": choice}

    # ---- one choice ----

    def _record(self, settings: Mapping[str, Any], positions: Sequence[list[float]]) -> None:
        self._choose(settings)
        self._collector.record(settings, positions, self._contents)

    def _choose(self, settings: Mapping[str, Any]) -> None:
        """Set the choices, all others as they were at first."""
        for name, value in {**self._base, **settings}.items():
            setattr(self._explorer, name, value)

    def _contents(self, position: list[float]) -> list[Any]:
        """The state, the check and the plot at a position."""
        explorer = self._explorer
        explorer.sliders = position
        if explorer.problem is not None and explorer.problem.text == message("explore.interrupted"):
            raise KeyboardInterrupt
        state = cast(protocol.State, explorer.state)
        key = state.get("scene")
        if key is not None and key not in self._scenes and explorer.scene.get("key") == key:
            self._scenes[key] = cast(protocol.Scene, explorer.scene)
        plain = {name: value for name, value in state.items() if name not in ("sequence", "position")}
        return [plain, self._check(position), self._plot(position)]

    def _check(self, position: Sequence[float]) -> Any:
        """The cells of the check at a position: central differences depend on cut edges, and on no other choice."""
        explorer = self._explorer
        key = str([explorer.cuts, list(position), bool(explorer.problem)])
        if key not in self._checks:
            if explorer.check.get("sequence") != explorer.state["sequence"]:
                explorer.check_requested += 1
            self._checks[key] = explorer.check.get("cells", [])
        return self._checks[key]

    def _plot(self, position: Sequence[float]) -> Any:
        """The plot at a position, sampled to the end; where only plotted sliders moved, it is the same one."""
        explorer = self._explorer
        choice = cast(protocol.PlotChoice, explorer.plot_choice)
        if not choice["inputs"]:
            return {"choice": choice, "done": True}
        own = {axis["slider"] for axis in explorer.plot_data.get("axes", [])}
        others = [None if i in own and not choice["steps"] else x for i, x in enumerate(position)]
        key = str([choice, explorer.cuts, others])
        if key not in self._plots:
            self._plots[key] = explorer.finished_plot()
        plot = self._plots[key]
        return {name: value for name, value in plot.items() if name not in ("sequence", "position")}
