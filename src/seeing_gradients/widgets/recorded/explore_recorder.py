"""Record an explorer: move its sliders and press its buttons as a page would, and collect what it answers."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from seeing_gradients.language import message
from seeing_gradients.widgets.explore import Explorer, protocol
from seeing_gradients.widgets.explore.nudgeable import nudgeable
from seeing_gradients.widgets.explore.packing import packed
from seeing_gradients.widgets.explore.plot_view import movable_inputs

from .collector import Collector
from .limits import Limits
from .positions import Slider, choose_positions
from .recording import RecordingData

SETTINGS = ("opened", "saved_tensors", "cuts", "jacobian_input", "plot_choice", "nudge_choice", "direction")
_CONSTANT = ("controls", "labels", "extras", "home", "more_open", "graph_width")
_MOST_STATES, _MOST_VARIANT_STATES = 20_000, 36  # positions of the first choices, and of each other one
_FEW_STEPS, _MORE_STEPS = (
    4,
    8,
)  # along each slider: what so small a part of the grid takes tells how much can be recorded
_SHARE_OF_POSITIONS = 0.6  # of the bytes; the rest is for other choices
_MOST_COMBINED_STATES = 300  # positions of all pairs of choices
_NARROW = 340  # px that a telephone has for the graph
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
        self._narrow: dict[int, tuple[float, int]] = {}
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
        title = explorer.state.get("call", "")
        most = _MOST_STATES if limits.positions else self._affordable()
        positions, strides = choose_positions(self._sliders, limits.positions, most, limits.share)
        positions += [home] if (home := list(explorer.home)) not in positions else []
        coarser = [
            replace(slider, step=slider.scaled(stride)) for slider, stride in zip(self._sliders, strides, strict=True)
        ]
        fewer, _ = choose_positions(coarser, limits.variant_positions, _MOST_VARIANT_STATES)
        limits.check_states(len(positions))
        collector.expect(len(positions))
        self._record({}, positions)
        limits.check_size(collector)
        for settings in self._variants(len(fewer)):
            collector.expect(len(fewer))
            self._record(settings, fewer)
            if limits.is_full(collector):
                break
        labels = cast(protocol.Labels, explorer.labels)
        traits = {name: getattr(explorer, name) for name in _CONSTANT} | self._base
        has_engine = explorer.extras["saved"] == "none"
        traits["labels"] = {**labels, "tip": message("recorded.tip_engine" if has_engine else "recorded.tip")}
        traits |= {"controls": self._controls(strides), "sliders": self._start, "check_requested": 0}
        scales = [(slider.low, slider.high, False) for slider in self._sliders]
        scenes = {key: packed(scene) for key, scene in self._scenes.items()}
        names = [name for control in explorer.controls if control["kind"] != "fixed" for name in control["labels"]]
        language = labels["language"]
        return collector.data("explore", title, language, traits, SETTINGS, scales, names, scenes, self._narrow)

    def _affordable(self) -> int:
        """How many positions fit into the limit on bytes, judged by those around the present one."""
        sizes, counts = [], []
        for steps in (_FEW_STEPS, _MORE_STEPS):
            positions, _ = choose_positions([slider.part(steps) for slider in self._sliders], steps + 1, _MOST_STATES)
            texts = [text for position in positions for text in map(self._collector.text, self._contents(position))]
            counts.append(len(positions))
            sizes.append(self._collector.size_of(texts))
        each = (sizes[1] - sizes[0]) / max(counts[1] - counts[0], 1)
        return min(round(_SHARE_OF_POSITIONS * self._limits.max_bytes / max(each, 1)), _MOST_STATES)

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

    def _variants(self, positions: int) -> Iterator[dict[str, Any]]:
        """Each choice that differs from the present ones in one respect, then pairs of them if there are few.

        Args:
            positions: at which each is recorded.
        """
        singles = []
        for settings in self._singles():
            singles.append(settings)
            yield settings
        pairs = [one | other for one, other in itertools.combinations(singles, 2) if not one.keys() & other.keys()]
        if len(pairs) * positions <= _MOST_COMBINED_STATES:
            yield from pairs

    def _singles(self) -> Iterator[dict[str, Any]]:
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
            if not scene:  # f failed at every position
                return
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
        names = list(nudgeable(self._explorer.session.controls))[:_MOST_NUDGED]
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
            self._add_scene(cast(protocol.Scene, explorer.scene))
        plain = {name: value for name, value in state.items() if name not in ("sequence", "position")}
        return [plain, self._check(position), self._plot(position)]

    def _add_scene(self, scene: protocol.Scene) -> None:
        """Keep a scene, and the same graph laid out for a telephone, if its nodes are as large there."""
        explorer = self._explorer
        self._scenes[scene["key"]] = scene
        if scene["width"] <= _NARROW:
            return
        width = explorer.graph_width
        explorer.graph_width = _NARROW
        narrow = cast(protocol.Scene, explorer.scene)
        explorer.graph_width = width
        if narrow["width"] < scene["width"] and _sizes(narrow) == _sizes(scene):
            self._scenes[narrow["key"]] = narrow
            self._narrow[scene["key"]] = scene["width"], narrow["key"]

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


def _sizes(scene: protocol.Scene) -> list[Any]:
    """What the texts of a scene depend on: the sizes of its nodes, and the space for each number."""
    return [(node["w"], node["h"], node["room"]) for node in scene["nodes"]] + [edge["room"] for edge in scene["edges"]]
