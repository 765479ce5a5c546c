"""The graph of the explorer: its scenes, one for each topology and width of the page, and the static picture."""

import itertools
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Any, cast

from seeing_gradients.language import message
from seeing_gradients.picture import theme
from seeing_gradients.picture.bundles import bundle
from seeing_gradients.picture.directions import Direction
from seeing_gradients.picture.folding import fold
from seeing_gradients.picture.grouping import Fold, Tree, default_opened, tree, tree_key
from seeing_gradients.picture.painting import notice, paint
from seeing_gradients.picture.scene import fitting_scene, height_limit, topology
from seeing_gradients.recorder import Record

from .edge_cuts import note_edge_keys
from .nudge import nudge_captions
from .protocol import Scene, State
from .step_captions import step_order

_MOST_SCENES = 64  # in the cache
_WIDTH_STEP, _NARROWEST = 10, 240  # px: widths of the page that differ by less get the same layout; the smallest width
_MOST_PAINTED = 400  # nodes; a larger static picture would bloat the notebook file


class GraphView:
    """The graph of one explorer.

    Args:
        opened: keys of the modules that are open at first.
        direction: in which the graph runs at first.
        fold: which repeats are folded, as in `draw`.

    Attributes:
        opened: keys of the modules and loops that are open.
        direction: in which the graph runs.
        width: px of the page for it.
        fold: which repeats are folded, as in `draw`.
    """

    def __init__(self, opened: Sequence[str], direction: Direction = "auto", fold: Fold = "auto") -> None:
        self.opened = list(opened)
        self.direction: Direction = direction
        self.fold: Fold = fold
        self.width = theme.PICTURE_WIDTH
        # Topology -> (direction, width) -> scene.
        self._scenes: OrderedDict[Hashable, dict[tuple[str, int], Scene]] = OrderedDict()
        self._trees: OrderedDict[Hashable, Tree] = OrderedDict()
        self._drawn: tuple[Record, list[str], Record] | None = None  # the last record, what was open, what was drawn
        self._keys = itertools.count(1)

    def folded(self, record: Record) -> Record:
        """Return the record with all modules and loops folded, except the open ones."""
        return fold(record, self.opened, self._tree(record))

    def _tree(self, record: Record) -> Tree:
        """The tree of a record, from the cache if that of another record of the same structure is known."""
        key = tree_key(record), self.fold
        known = self._trees.get(key)
        if known is None:
            known = self._trees[key] = tree(record, self.fold)
        self._trees.move_to_end(key)
        while len(self._trees) > _MOST_SCENES:
            self._trees.popitem(last=False)
        return known

    def keys(self, record: Record) -> list[str]:
        """Return the keys of what can be opened."""
        return self._tree(record).keys()

    def sole_modules(self, record: Record) -> list[str]:
        """Return the keys of what is open unless the learner closes it."""
        return default_opened(self._tree(record), record)

    def scene(self, record: Record) -> Scene:
        """Return the scene of a folded record for the page, from the cache if one of the same topology was drawn."""
        return self._fitting(record, self.width)

    def static_scene(self, record: Record) -> Scene:
        """Return the scene of a folded record for a static picture, however wide the page is."""
        return self._fitting(record, theme.PICTURE_WIDTH)

    def drawn(self, record: Record) -> Record:
        """Return a folded record as it is drawn: parallel edges are bundled, except for the opened bundles."""
        if self._drawn is None or self._drawn[0] is not record or self._drawn[1] != self.opened:
            self._drawn = record, list(self.opened), bundle(record, self.opened, self.fold)
        return self._drawn[2]

    def _fitting(self, record: Record, width: int) -> Scene:
        """The scene of a folded record in a width."""
        record = self.drawn(record)
        width = max(_NARROWEST, width - width % _WIDTH_STEP)
        edge_keys = tuple([edge.edge_key for edge in record.edges])
        topology_key = topology(record), record.failed, tuple(record.backward_order), edge_keys
        fitted = self._scenes.setdefault(topology_key, {})
        self._scenes.move_to_end(topology_key)
        while len(self._scenes) > _MOST_SCENES:
            self._scenes.popitem(last=False)
        if (self.direction, width) not in fitted:
            drawn = fitting_scene(record, self.direction, width, height_limit(record))
            note_edge_keys(record, drawn)
            keyed = cast(Scene, {"key": next(self._keys), **drawn, "steps": step_order(record)})
            same = next((each for each in fitted.values() if _is_same(each, keyed)), keyed)
            fitted[self.direction, width] = same
        return fitted[self.direction, width]


def _is_same(one: Scene, other: Scene) -> bool:
    """Whether two scenes of the same topology differ in their keys only."""
    return all(one[name] == other[name] for name in ("direction", "width", "height", "nodes", "edges"))


def graph_picture(drawn: Scene, state: State, reason: str, inputs: Sequence[str] = ()) -> str:
    """Return the graph as SVG, as GitHub shows it. If f failed, the picture is the reason rather than an older graph.

    Args:
        drawn: the scene of this state.
        state: the numbers.
        reason: why f failed, "" if it did not.
        inputs: a line for each input with its value, gradient and check.
    """
    values = state.get("values")
    if not values or not state["fresh"]:
        return notice(reason, title=state["call"])
    if len(values) > _MOST_PAINTED:
        return notice(message("explore.large_picture", call=state["call"], count=len(values)), state["call"])
    nudge = state.get("nudge")
    words = {**cast(Any, state), "nudge": nudge if nudge and "moves" in nudge else None}
    captions = [*((line, theme.TEXT) for line in inputs), *nudge_captions(nudge)]
    if "?" in values:
        captions.append((message("draw.unknown_value"), theme.MUTED))
    legend = message("explore.forward"), message("explore.backward")
    return paint(drawn, words, title=state.get("summary", ""), captions=captions, legend=legend)
