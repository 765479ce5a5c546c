"""What a recording takes if every outermost module that f runs stays closed in the picture.

`boundary` finds the backward nodes at which a value or gradient crosses the border of a module; only theirs are shown.
`without_middle` leaves out most nodes of an operation that makes very many, as a GRU does on the CPU.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from .backward import Sources
from .modules import Entered
from .preexisting_nodes import preexisting_nodes
from .trace import Call, Trace

_MANY = 64  # backward nodes; the middle of an operation with fewer is recorded like any other


def outermost_modules(trace: Trace, nodes: Mapping[Any, Sources], inputs: Container[int]) -> dict[Any, Entered | None]:
    """Return {backward node: the outermost module in which it was made}; None for a node outside modules.

    The AccumulateGrad of a leaf belongs to the module that alone uses the leaf.

    Args:
        trace: of the forward pass.
        nodes: dict, as `backward_nodes` returns it.
        inputs: ids of the inputs of f, which lie in no module.
    """
    preexisting = preexisting_nodes(trace)
    outermost: dict[Any, Entered | None] = {}
    leaves: dict[Any, Entered | None] = {}
    for node, sources in nodes.items():
        if hasattr(node, "variable"):
            continue
        before, after = trace.call_of(-1 if node in preexisting else node._sequence_nr())
        call = before or (after if node not in preexisting else None)
        module = outermost[node] = None if call is None else trace.outermost(call)
        for source, _ in sources:
            if source is not None and hasattr(source, "variable"):
                alone = leaves.get(source, module) is module and id(getattr(source, "variable", None)) not in inputs
                leaves[source] = module if alone else None
    return outermost | leaves


def boundary(trace: Trace, nodes: Mapping[Any, Sources], outermost: Mapping[Any, Entered | None]) -> set[Any]:
    """Take the snapshots of what crosses the boundary of a module, and return the backward nodes there.

    Args:
        trace: of the forward pass.
        nodes: dict, as `backward_nodes` returns it; the first is that of the output.
        outermost: dict, as `outermost_modules` returns it.
    """
    crossing = {node for node in nodes if outermost.get(node) is None}
    crossing.add(next(iter(nodes)))
    for node, sources in nodes.items():
        module = outermost.get(node)
        for source, output in sources:
            if source is None or (module is not None and module is outermost[source]):
                continue
            crossing |= {node, source}
            leaf = getattr(source, "variable", None)
            value = trace.newest(leaf) if leaf is not None else trace.of_node.get(source, {}).get(output)
            if value is not None:
                trace.reveal(value)
    return crossing


def without_middle(
    trace: Trace, nodes: Mapping[Any, Sources], crossing: AbstractSet[Any]
) -> tuple[Mapping[Any, Sources], dict[Any, int]]:
    """Leave out the backward nodes in the middle of each operation in a closed module that makes very many.

    There remain the first and the last one, those with an edge to another operation, and the first to use each leaf and
    an argument without a gradient.

    Args:
        trace: of the forward pass.
        nodes: dict, as `backward_nodes` returns it.
        crossing: what `boundary` returned; these nodes remain.

    Returns:
        (the remaining nodes, without edges to others; {the last node of an operation: for how many it stands}).
    """
    made = _made_by_large_calls(trace, nodes)
    if not made:
        return nodes, {}
    call_of = {node: call for call, own in made.items() for node in own}
    used = set(trace.of_node)  # f received their values, or another operation uses them
    for node, sources in nodes.items():
        call = call_of.get(node)
        used.update([source for source, _ in sources if call_of.get(source, call) is not call])
    used |= crossing
    middles = {own[-1]: set(_middle(own, nodes, used)) for own in made.values()}
    left_out = set().union(*middles.values())
    remaining = {
        node: tuple([(None, 0) if source in left_out else (source, output) for source, output in sources])
        for node, sources in nodes.items()
        if node not in left_out
    }
    return remaining, {last: 1 + len(middle) for last, middle in middles.items()}


def _made_by_large_calls(trace: Trace, nodes: Mapping[Any, Sources]) -> dict[Call, list[Any]]:
    """The nodes of each operation in a closed module that made very many, in the order in which it made them."""
    large = [call for call in trace.calls if call.end - call.begin >= _MANY and trace.outermost(call) is not None]
    made: dict[Call, list[Any]] = {call: [] for call in large}
    preexisting = preexisting_nodes(trace) if large else ()
    numbered = sorted([(node._sequence_nr(), position, node) for position, node in enumerate(nodes)]) if large else []
    for number, _, node in numbered:
        call = trace.call_of(number)[0]
        if call in made and node not in preexisting:
            made[call].append(node)
    return {call: own for call, own in made.items() if len(own) >= _MANY}


def _middle(own: Sequence[Any], nodes: Mapping[Any, Sources], used: Container[Any]) -> Iterator[Any]:
    """Yield the nodes of one operation that are left out."""
    inside, ends, met = set(own), (own[0], own[-1]), set()
    for node in own:
        # The first node with a given leaf, or without a source, stands for all of them.
        others = {source for source, _ in nodes[node] if source not in inside}
        leaves = {source for source in others if source is None or hasattr(source, "variable")}
        if node not in ends and node not in used and others == leaves and leaves <= met:
            yield node
        met |= leaves
