"""One pass, one step at a time: what each operation computes, and what the engine then does, in its own order.

`order(record)` tells which node each step is about; `told(record, numbers)` says in words what happens there. Step 0 is
the inputs; the page needs nothing more to walk to and fro.
"""

import itertools
import math

from seeing_gradients.language import message
from seeing_gradients.picture.layout import brief, compact, number

from .rules import backward_rule, forward_rule
from .sums import by_output, hooked

_MOST_TOLD = 150  # nodes; beyond, the steps are shown without words
_ROOM = 28  # characters of a tensor in a sentence
_LONGEST = 70  # characters of a formula with its numbers


def order(record):
    """Return [[phase, node id], ...] with phase "given" (once, first), "forward", "backward" or "failed" (last)."""
    computed = [node.id for node in record.nodes if node.kind in ("op", "detached", "module")]
    failed = [record.failed] if record.failed is not None else []
    passes = [("forward", computed), ("backward", record.backward_order), ("failed", failed)]
    return [["given", -1], *([phase, i] for phase, ids in passes for i in ids)]


def told(record):
    """Return for each step of `order` a list of sentences."""
    if len(record.nodes) > _MOST_TOLD:
        return []
    story = _Story(record)
    tell = {"given": story.given, "forward": story.forward, "backward": story.backward, "failed": story.failed}
    return [tell[phase](node) for phase, node in order(record)]


class _Story:
    def __init__(self, record):
        self.record, self.nodes = record, record.nodes
        self.into = {node.id: [] for node in record.nodes}  # edges by where the value goes to
        self.out = {node.id: [] for node in record.nodes}  # edges along which a gradient comes back
        for edge in record.edges:
            self.into[edge.dst].append(edge)
            if edge.flow is not None:
                self.out[edge.src].append(edge)

    def given(self, _):
        names = [
            f"{brief(node.name)} = {_value_text(node.values[0])}"
            for node in self.nodes
            if node.kind == "leaf" and node.name
        ]
        return [message("explore.step_given", inputs=", ".join(names))]

    def forward(self, i):
        node = self.nodes[i]
        operands = self._operands(i)[0]
        given = {"a": _value(operands, 0), "b": _value(operands, 1), "r": node.values[0]}
        rule = forward_rule(node.op, given)
        if rule is None:
            inside = ", ".join(_value_text(src.values[output]) for src, output in operands.values())
            formula = f"{node.op.strip('_')}({inside})"
        else:
            formula = rule.format(**{key: _bracketed(_text(value)) for key, value in given.items()})
        result = "; ".join(map(_value_text, node.values))
        return [f"{node.name + ' = ' if node.name else ''}{formula} = {result}"]

    def backward(self, i):
        node = self.nodes[i]
        total = self._arrived(i)
        if node.kind == "leaf":
            return [message("explore.step_accumulates", name=_called(node), total=total)]
        if i == self.record.backward_order[0]:
            sentences = [message("explore.step_begins", grad_fn=node.grad_fn or node.op, gradient=total)]
        else:
            sentences = [message("explore.step_arrives", grad_fn=node.grad_fn or node.op, total=total)]
        return sentences + [self._sends(node, edge) for edge in self.into[i] if edge.flow is not None]

    def _arrived(self, i):
        """What arrives at a node, output by output: the sum of what came along its edges, and what a hook made of it."""
        node, edges = self.nodes[i], self.out[i]
        if not any(node.grads):
            return "0" if any(node.values) else "?"  # Python sees no number on the meta device
        if len(node.grads) == len(edges) == 1 and edges[0].flow.numbers == node.grads[0].numbers:
            return _text(node.grads[0])  # mostly so, and quick
        return "; ".join(map(_total, by_output(node, edges), node.grads))

    def failed(self, i):
        node = self.nodes[i]
        return [message("explore.step_fails", grad_fn=node.grad_fn or node.op)]

    def _sends(self, node, edge):
        operands, places = self._operands(node.id)
        given = {"g": node.grads[0], "a": _value(operands, 0), "b": _value(operands, 1), "r": node.values[0]}
        rule = backward_rule(node.op, places.get(edge.input, 0), given, edge.flow) if len(node.values) == 1 else None
        to, flow = _called(self.nodes[edge.src], edge.output), _text(edge.flow)
        if rule is None:
            return message("explore.step_sends", to=to, formula=flow)
        rule, is_spread = rule
        numbers = {key: _bracketed(_text(value)) for key, value in given.items()}
        numbers["n"] = _each(_value(operands, 0), node.grads[0])
        names = {"g": numbers["g"], "n": numbers["n"], "r": node.name or numbers["r"]}
        names |= {key: _named(operands.get(place)) or numbers[key] for place, key in enumerate("ab")}
        return message(
            "explore.step_sends", to=to, formula=_written(rule.format(**names), rule.format(**numbers), flow, is_spread)
        )

    def _operands(self, i):
        """place -> (Node, which output), and input -> place: what autograd knows stands, in its order, where the others leave room."""
        edges = self.into[i]
        operands = {e.argument: (self.nodes[e.src], e.output) for e in edges if e.argument >= 0}
        places, known = {}, {e.input: (self.nodes[e.src], e.output) for e in edges if e.input >= 0}
        free = (place for place in itertools.count() if place not in operands)
        for given, place in zip(sorted(known), list(itertools.islice(free, len(known))), strict=True):
            operands[place], places[given] = known[given], place
        rest = [(self.nodes[e.src], e.output) for e in edges if e.argument < 0 and e.input < 0]  # of a module
        operands |= dict(enumerate(rest, max(operands, default=-1) + 1))
        return dict(sorted(operands.items())), places


def _named(operand):
    node, output = operand or (None, 0)
    return _called(node, output) if node is not None and node.kind != "constant" and node.name else None


def _called(node, output=0):
    """Its name, or what it is; of an operation whose outputs all have one, `a, b`, that of the output."""
    if not node.name:
        return node.op.strip("_")
    names = node.name.split(", ")
    return brief(names[output] if len(names) == len(node.values) > 1 else node.name)


def _written(named, numbered, flow, is_spread):
    """`6 × x = 6 × 2 = 12`, without what would be said twice; → where one number goes to several elements."""
    equals = "→" if is_spread or (flow.startswith(("[", "(")) and "[" not in numbered) else "="
    if numbered.replace("−", "-").replace("(", "").replace(")", "") == flow:
        return flow
    whole = named if named == numbered else f"{named} = {numbered}"
    return f"{whole if len(whole) <= _LONGEST else named} {equals} {flow}"


def _value(operands, place):
    node, output = operands.get(place, (None, 0))
    return node.values[output] if node is not None and output < len(node.values) else None


def _text(snapshot):
    return compact(snapshot, _ROOM)


def _value_text(snapshot):
    """A value; "?" where Python never saw it: "None" would say that there is none."""
    return "?" if snapshot is None else _text(snapshot)


def _bracketed(text):
    """A negative number inside a formula."""
    return f"({text})" if text.startswith("-") else text


def _sum(parts, total):
    return total if len(parts) < 2 else f"{' + '.join(map(_bracketed, parts))} = {total}"


def _total(flows, arrived):
    """What came along the edges of one output, added up; and what a hook made of it, where one did."""
    parts, total, added = list(map(_text, flows)), _text(arrived), hooked(flows, arrived)
    if added is None:
        return _sum(parts, total)
    return message("explore.step_hooked", total=_sum(parts, _text(added)), after=total)


def _each(value, grad):
    """How many elements of a value share one element of a gradient, as text."""
    if value is None or grad is None:  # a value that Python never saw
        return "n"
    return number(math.prod(value.shape) // max(1, math.prod(grad.shape)))
