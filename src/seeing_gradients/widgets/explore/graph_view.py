"""The graph of the explorer: its scenes, one for each topology, and the static picture."""

import itertools
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Any, cast

from seeing_gradients.language import message
from seeing_gradients.picture.folding import fold
from seeing_gradients.picture.painting import notice, paint
from seeing_gradients.picture.scene import scene, topology
from seeing_gradients.recorder import Record

from .edge_cuts import note_edge_keys
from .nudge import nudge_captions
from .protocol import Scene, State
from .step_captions import step_order

_MOST_SCENES = 64  # in the cache
_MOST_PAINTED = 400  # nodes; a larger static picture would bloat the notebook file


class GraphView:
    """The graph of one explorer.

    Attributes:
        opened: keys of the modules that are open.
    """

    def __init__(self, opened: Sequence[str]) -> None:
        self.opened = list(opened)
        self._scenes: OrderedDict[Hashable, Scene] = OrderedDict()
        self._keys = itertools.count(1)

    def folded(self, record: Record) -> Record:
        """Return the record with all modules folded, except the open ones."""
        return fold(record, self.opened)

    def scene(self, record: Record) -> Scene:
        """Return the scene of a folded record, from the cache if a record of the same topology was drawn before."""
        key = (
            topology(record),
            record.failed,
            tuple(record.backward_order),
            tuple([edge.edge_key for edge in record.edges]),
        )
        if key not in self._scenes:
            drawn = scene(record)
            note_edge_keys(record, drawn)
            self._scenes[key] = cast(Scene, {"key": next(self._keys), **drawn, "steps": step_order(record)})
        self._scenes.move_to_end(key)
        while len(self._scenes) > _MOST_SCENES:
            self._scenes.popitem(last=False)
        return self._scenes[key]


def graph_picture(drawn: Scene, state: State, reason: str) -> str:
    """Return the graph as SVG, as GitHub shows it. If f failed, the picture is the reason rather than an older graph.

    Args:
        drawn: the scene of this state.
        state: the numbers.
        reason: why f failed, "" if it did not.
    """
    values = state.get("values")
    if not values or not state["fresh"]:
        return notice(reason, title=state["call"])
    if len(values) > _MOST_PAINTED:
        return notice(message("explore.large_picture", call=state["call"], count=len(values)), state["call"])
    nudge = state.get("nudge")
    words = {**cast(Any, state), "nudge": nudge if nudge and "moves" in nudge else None}
    return paint(drawn, words, title=state.get("summary", ""), captions=nudge_captions(nudge))
