"""Cut an edge in the explorer: f runs again as if detach() stood there."""

from collections import Counter

import traitlets

from seeing_gradients.language import message
from seeing_gradients.picture.layout import symbol

_WORDS = ("cut", "cut_choose", "cut_here", "cut_mend")
_COMPARING = ("compare", "compare_end", "kept_run", "numbers_of", "was")
_MOST, _MOST_EDGES = 64, 3000  # more would only slow the picture down: nobody hits one edge of so many


class Cutting(traitlets.HasTraits):
    """The part of Explorer that cuts edges; `cuts` comes from the page."""

    cuts = traitlets.List().tag(sync=True, echo_update=False)

    @traitlets.validate("cuts")
    def _known_places(self, proposal):
        """Whatever the page sends becomes (call, operation, argument or list of arguments), each once."""
        cuts = []
        for place in proposal["value"][:_MOST]:
            if _is_place(place):
                call, name, argument = place
                known = [call, name, argument if type(argument) is int else list(argument)]
                cuts += [] if known in cuts else [known]
        return cuts

    @traitlets.observe("cuts")
    def _cuts_otherwise(self, change):
        if change["old"] != change["new"]:
            self._run_again()
            self._plot_anew()

    def _cut_places(self):
        """What record is told."""
        return {"cut": [tuple(place) for place in self.cuts]}


def _is_place(place):
    if not isinstance(place, (list, tuple)) or len(place) != 3 or [type(part) for part in place[:2]] != [int, str]:
        return False
    arguments = place[2] if isinstance(place[2], (list, tuple)) else [place[2]]
    return 0 < len(arguments) <= _MOST and all(type(each) is int for each in arguments)


def cutting_words():
    """The labels of the page."""
    return {name: message(f"explore.{name}", edge="{edge}") for name in _WORDS}


def comparing_words():
    """The labels of the page for comparing two runs."""
    return {name: message(f"explore.{name}", value="{value}", call="{call}") for name in _COMPARING}


def note_places(record, plan):
    """Add to each edge of a scene that can be cut its place, `at`, and what the page calls it, `cutname`: "w → ×".

    Edges between the same nodes are counted: "w → × (1)", "w → × (2)".
    """
    if len(record.edges) > _MOST_EDGES:
        return
    places = [(edge, drawn) for edge, drawn in zip(record.edges, plan["edges"], strict=True) if edge.at is not None]
    pairs, met = Counter((edge.src, edge.dst) for edge, _ in places), Counter()
    for edge, drawn in places:
        pair = edge.src, edge.dst
        met[pair] += 1
        drawn["at"] = [list(part) if isinstance(part, tuple) else part for part in edge.at]
        drawn["cutname"] = " → ".join(_called(record.nodes[i]) for i in pair)
        if pairs[pair] > 1:
            drawn["cutname"] += f" ({met[pair]})"


def _called(node):
    return node.name or symbol(node.op)
