"""Describe one pass step by step: what each operation computes, then what the engine does, in the engine's order.

`step_order(record)` returns the node of each step, `step_captions(record)` its sentences. They contain the rule of a
backward step as people write it, `6 × x` or `g × cos(a)`, if that rule gives what autograd really sent. Step 0 is the
inputs. The page receives all sentences at once, so it can go back and forth.

Source of the rules: the derivative formulas of PyTorch, tools/autograd/derivatives.yaml.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import torch

from seeing_gradients.language import message
from seeing_gradients.picture.labels import brief, compact, number
from seeing_gradients.recorder import Edge, Node, Record, Snapshot, snapshot

_ROUNDINGS = 16  # rounding units of the largest term by which a sum may be off, since large terms may cancel
Values: TypeAlias = Mapping[str, Snapshot | None]  # g: the gradient that arrives; a, b: operands; r: the result
Operand: TypeAlias = tuple[Node, int]  # (node, output) whose value it is
# operation -> for each operand its rule: a text, and a function of the arriving gradient g, the operands a and b, the
# result r, and a module with cos, exp, ... for their type.
_BACKWARD_RULES: dict[str, tuple[tuple[str, Callable[..., Any]], ...]] = {
    "add": (("{g} × 1", lambda g, a, b, r, m: g), ("{g} × 1", lambda g, a, b, r, m: g)),
    "sub": (("{g} × 1", lambda g, a, b, r, m: g), ("{g} × (−1)", lambda g, a, b, r, m: -g)),
    "mul": (("{g} × {b}", lambda g, a, b, r, m: g * b), ("{g} × {a}", lambda g, a, b, r, m: g * a)),
    "div": (("{g} ÷ {b}", lambda g, a, b, r, m: g / b), ("−{g} × {a} ÷ {b}²", lambda g, a, b, r, m: -g * a / b**2)),
    "pow": (
        ("{g} × {b} × {a}^({b} − 1)", lambda g, a, b, r, m: g * b * a ** (b - 1)),
        ("{g} × {r} × ln {a}", lambda g, a, b, r, m: g * r * m.log(a)),
    ),
    "neg": (("{g} × (−1)", lambda g, a, b, r, m: -g),),
    "exp": (("{g} × {r}", lambda g, a, b, r, m: g * r),),
    "log": (("{g} ÷ {a}", lambda g, a, b, r, m: g / a),),
    "sin": (("{g} × cos {a}", lambda g, a, b, r, m: g * m.cos(a)),),
    "cos": (("−{g} × sin {a}", lambda g, a, b, r, m: -g * m.sin(a)),),
    "tanh": (("{g} × (1 − {r}²)", lambda g, a, b, r, m: g * (1 - r * r)),),
    "sigmoid": (("{g} × {r} × (1 − {r})", lambda g, a, b, r, m: g * r * (1 - r)),),
    "relu": (("{g} × [{a} > 0]", lambda g, a, b, r, m: g * (a > 0)),),
    "sqrt": (("{g} ÷ (2 × {r})", lambda g, a, b, r, m: g / (2 * r)),),
    "square": (("{g} × 2 × {a}", lambda g, a, b, r, m: g * 2 * a),),
    "abs": (("{g} × sign {a}", lambda g, a, b, r, m: g * a / abs(a)),),
    "reciprocal": (("−{g} × {r}²", lambda g, a, b, r, m: -g * r * r),),
    "sum": (("{g}", lambda g, a, b, r, m: g),),
    "mean": (("{g} ÷ {n}", lambda g, a, b, r, m: g / (a.numel() / g.numel() if m is torch else 1)),),
    "matmul": (("{g} @ {b}ᵀ", lambda g, a, b, r, m: g @ b.mT), ("{a}ᵀ @ {g}", lambda g, a, b, r, m: a.mT @ g)),
}
_BACKWARD_RULES |= {
    "square_": _BACKWARD_RULES["square"],
    "dot": _BACKWARD_RULES["mul"],
    "mm": _BACKWARD_RULES["matmul"],
    "__rsub__": _BACKWARD_RULES["sub"][::-1],
}
_BACKWARD_RULES |= {"rsub": _BACKWARD_RULES["__rsub__"]}
_FORWARD_TEXTS: dict[str, tuple[str, Callable[..., Any]]] = {
    "add": ("{a} + {b}", lambda a, b: a + b),
    "sub": ("{a} − {b}", lambda a, b: a - b),
    "mul": ("{a} × {b}", lambda a, b: a * b),
    "div": ("{a} ÷ {b}", lambda a, b: a / b),
    "pow": ("{a}^{b}", lambda a, b: a**b),
    "neg": ("−{a}", lambda a, b: -a),
    "__rsub__": ("{b} − {a}", lambda a, b: b - a),
    "rsub": ("{b} − {a}", lambda a, b: b - a),
    "dot": ("{a} · {b}", lambda a, b: a @ b),
    "matmul": ("{a} @ {b}", lambda a, b: a @ b),
    "mv": ("{a} @ {b}", lambda a, b: a @ b),
    "mm": ("{a} @ {b}", lambda a, b: a @ b),
}
_CONSTANT_SLOPES = {"× 1": "1", "× (−1)": "−1"}  # how a rule ends -> the local slope that it states
_CLOSE = 1e-3  # relative to the larger number; the numbers are float32
_CANCELLED = 1e-6  # relative to the largest element: smaller ones may be rounding errors of numbers that cancel
_MOST_CAPTIONED = 150  # nodes; in a larger graph the steps have no sentences
_MOST_IN_ROUND = 4  # operations; of a longer round of a folded loop only the result is told
_ROOM = 28  # characters for a tensor in a sentence
_LONGEST = 70  # characters for a formula with its numbers


def flows_by_output(node: Node, edges: Iterable[Edge]) -> list[list[Snapshot]]:
    """Return for each output of a node the gradients that flow back to it.

    Args:
        node: Node.
        edges: those that begin at the node.
    """
    return [[e.flow for e in edges if e.output == output and e.flow] for output in range(len(node.grads))]


def hooked_sum(flows: Sequence[Snapshot], arrived: Snapshot | None) -> Snapshot | None:
    """Return the sum of the gradients at an output if a hook changed it; None if no hook did.

    Args:
        flows: the gradients along the edges of one output.
        arrived: the gradient that the node received.
    """
    if arrived is None or arrived.numbers is None or any(s.numbers is None or s.shape != arrived.shape for s in flows):
        return None  # a large tensor: not every number is known
    if not flows or not (arrived.dtype.is_floating_point or arrived.dtype.is_complex):
        return None
    off = _ROUNDINGS * torch.finfo(arrived.dtype).eps
    numbers: list[Any] = [s.numbers for s in flows]
    if len(numbers) == 1 and numbers[0] == arrived.numbers:  # a fast path for the common case
        return None
    single: Any = arrived.numbers
    if not arrived.shape and abs(single - sum(numbers)) <= off * sum(map(abs, numbers)):
        return None
    wide = torch.complex128 if arrived.dtype.is_complex else torch.float64
    terms = torch.stack([s.tensor().to(wide) for s in flows])
    total, actual = terms.sum(0), arrived.tensor().to(wide)
    is_near = (actual - total).abs() <= off * terms.abs().sum(0)
    if (is_near | (actual == total) | (actual.isnan() & total.isnan())).all():
        return None
    return snapshot(total.to(arrived.dtype))


def backward_rule(op: str, operand: int, values: Values, sent: Snapshot | None) -> tuple[str, bool] | None:
    """Return (text of the rule that gives what autograd sent, whether the gradient is broadcast to more elements).

    Returns None if no rule gives exactly that.

    Args:
        op: "mul".
        operand: its number, from 0.
        values: g, a, b, r.
        sent: the gradient that autograd sent to that operand.
    """
    rules = _BACKWARD_RULES.get("square" if op == "pow" and values.get("b") is None else op, ())
    if operand >= len(rules):
        return None
    text, rule = rules[operand]
    grad = _computed(rule, values, ("g", "a", "b", "r"))
    if grad is None or sent is None:
        return None
    if type(grad) is float and not sent.shape:  # the common case, made fast
        return (text, False) if _agree(grad, sent) else None
    if not _agree(_summed(grad, sent), sent):
        return None
    return (f"Σ {text}" if _size(grad) > _size(sent) else text), _size(grad) < _size(sent)


def forward_rule(op: str, values: Values) -> str | None:
    """Return the text of what an operation computes, "{a} × {b}"; None if it computed something else.

    Args:
        op: "mul".
        values: a, b, r.
    """
    if op not in _FORWARD_TEXTS:
        return None
    text, rule = _FORWARD_TEXTS[op]
    result = _computed(lambda a, b, m: rule(a, b), values, ("a", "b"))
    return text if result is not None and _agree(result, values["r"]) else None


def _computed(rule: Callable[..., Any], values: Values, names: Iterable[str]) -> Any:
    """The result of a rule: a number if all values are numbers, else a float64 tensor; None if it does not apply."""
    numbers: list[Any] = []
    for name in names:
        value: Any = values.get(name)
        if value is not None and type(value := value.numbers) is not float:
            break
        numbers.append(value)
    else:  # the common case, made fast: single numbers
        try:
            return rule(*numbers, math)
        except (ArithmeticError, AttributeError, TypeError, ValueError):
            return None
    snapshots = [values.get(name) for name in names]
    if any(s is not None and (s.numbers is None or s.dtype.is_complex) for s in snapshots):
        return None
    try:
        if all(s is None or not s.shape for s in snapshots):
            return rule(*(s and s.numbers for s in snapshots), math)
        return rule(*(s and s.tensor().double() for s in snapshots), torch)
    except (ArithmeticError, AttributeError, RuntimeError, TypeError, ValueError):
        return None  # not numbers, or tensors of other shapes than the rule expects


def _summed(grad: Any, sent: Snapshot) -> Any:
    """A gradient summed over the dimensions that were broadcast."""
    if _size(grad) <= _size(sent):
        return grad
    try:
        return grad.sum_to_size(sent.shape)
    except RuntimeError:
        return grad


def _agree(computed: Any, actual: Snapshot | None) -> bool:
    """Whether the result of a rule, broadcast if necessary, equals the actual numbers."""
    if actual is None or actual.numbers is None:
        return False
    if type(computed) is type(actual.numbers) is float:
        single: Any = actual.numbers
        return computed == single or abs(computed - single) <= _CLOSE * max(abs(computed), abs(single))
    if _size(computed) > _size(actual):
        return False
    if not isinstance(computed, torch.Tensor) and not actual.shape:
        single = actual.numbers
        return computed == single or abs(computed - single) <= _CLOSE * max(abs(computed), abs(single))
    try:
        numbers = actual.tensor().double()
        least = _CANCELLED * float(numbers.abs().max()) if numbers.numel() else 0.0
        return torch.allclose(torch.as_tensor(computed).expand(actual.shape).double(), numbers, rtol=_CLOSE, atol=least)
    except RuntimeError:  # of another shape
        return False


def _size(value: Any) -> int:
    if isinstance(value, torch.Tensor):
        return value.numel()
    return math.prod(getattr(value, "shape", ()))


def step_order(record: Record) -> list[list[Any]]:
    """Return [[phase, node id], ...] with phase "inputs" (once, first), "forward", "backward" or "failed" (last).

    A folded loop has a step for each of its rounds, [phase, node id, round], where rounds are counted from 0; backward
    begins with the last.
    """
    steps: list[list[Any]] = [["inputs", -1]]
    for node in record.nodes:
        if node.rounds:
            steps += [["forward", node.id, i] for i in range(len(node.rounds))]
        elif node.kind in ("op", "detached", "module", "loop"):
            steps.append(["forward", node.id])
    for i in record.backward_order:
        rounds = range(len(record.nodes[i].rounds))
        steps += [["backward", i, each] for each in reversed(rounds)] or [["backward", i]]
    return steps if record.failed is None else [*steps, ["failed", record.failed]]


def step_captions(record: Record, whole: Record | None = None) -> list[list[str]]:
    """Return the sentences of each step of `step_order`.

    Args:
        record: Record, folded or not.
        whole: the Record from which it was folded; the sentences of a round are those of the operations in it.
    """
    if len(record.nodes) > _MOST_CAPTIONED:
        return []
    captions = _Captions(record)
    inner = _Captions(whole) if whole is not None and any(node.rounds for node in record.nodes) else None
    of_phase = {
        "inputs": captions.inputs,
        "forward": captions.forward,
        "backward": captions.backward,
        "failed": captions.failed,
    }
    return [
        captions.round(phase, node, *number, inner=inner) if number else of_phase[phase](node)
        for phase, node, *number in step_order(record)
    ]


class _Facts(NamedTuple):
    """What the rules of a node contain.

    Attributes:
        values: g, a, b and r.
        numbers: their texts, and that of n, how many elements of a share one of g.
        names: the same, with the names of variables that have one.
    """

    values: Values
    numbers: Mapping[str, str]
    names: Mapping[str, str]


class _Captions:
    """The sentences about the nodes of a record."""

    def __init__(self, record: Record) -> None:
        self.record, self.nodes = record, record.nodes
        self.into: dict[int, list[Edge]] = {node.id: [] for node in record.nodes}  # edges by their destination
        self.out: dict[int, list[Edge]] = {node.id: [] for node in record.nodes}  # edges that carry a gradient back
        for edge in record.edges:
            self.into[edge.dst].append(edge)
            if edge.flow is not None:
                self.out[edge.src].append(edge)
        self._known_operands: dict[int, tuple[dict[int, Operand], dict[int, int]]] = {}
        self._known_facts: dict[int, _Facts] = {}

    def inputs(self, _: int) -> list[str]:
        names = [
            f"{brief(node.name)} = {_value_text(node.values[0])}"
            for node in self.nodes
            if node.kind == "leaf" and node.name
        ]
        return [message("explore.step_given", inputs=", ".join(names))]

    def forward(self, i: int) -> list[str]:
        node, facts = self.nodes[i], self._facts(i)
        rule = forward_rule(node.op, facts.values)
        if rule is None:
            inside = ", ".join(_value_text(src.values[output]) for src, output in self._operands(i)[0].values())
            formula = f"{node.op.strip('_')}({inside})"
        else:
            formula = rule.format(**facts.numbers)
        result = "; ".join(map(_value_text, node.values))
        return [f"{node.name + ' = ' if node.name else ''}{formula} = {result}"]

    def round(self, phase: str, i: int, number: int, inner: "_Captions | None") -> list[str]:
        """The sentences of one round of a folded loop; those of its operations only where it has few of them."""
        node = self.nodes[i]
        one = node.rounds[number]
        snapshots, text = (one.values, _value_text) if phase == "forward" else (one.grads, _text)
        values = ", ".join(f"{brief(name)} = {text(each)}" for name, each in zip(one.names, snapshots, strict=True))
        fields = {"loop": node.op, "round": number + 1, "values": values}
        heading = message(f"explore.step_round_{phase}", **fields)
        computed = [] if inner is None else [j for j in one.nodes if inner.nodes[j].kind in ("op", "detached")]
        if inner is None or len(computed) > _MOST_IN_ROUND:
            return [heading]
        if phase == "forward":
            return [heading, *(sentence for j in computed for sentence in inner.forward(j))]
        ran = [j for j in reversed(computed) if any(inner.nodes[j].grads)]
        return [heading, *(sentence for j in ran for sentence in inner.sends(j))]

    def backward(self, i: int) -> list[str]:
        node = self.nodes[i]
        total = self._arrived(i)
        if node.kind == "leaf":
            return [message("explore.step_accumulates", name=_called(node), total=total)]
        if i == self.record.backward_order[0]:
            sentences = [message("explore.step_begins", grad_fn=node.grad_fn or node.op, gradient=total)]
        else:
            sentences = [message("explore.step_arrives", grad_fn=node.grad_fn or node.op, total=total)]
        return sentences + self.sends(i)

    def sends(self, i: int) -> list[str]:
        """For each gradient that a node sends back, what it is."""
        return [self._sends(self.nodes[i], edge) for edge in self.into[i] if edge.flow is not None]

    def _arrived(self, i: int) -> str:
        """For each output, the sum of the gradients that arrive, and what a hook or a custom engine made of it."""
        node, edges = self.nodes[i], self.out[i]
        if not any(node.grads):
            return "0" if any(node.values) else "?"  # a tensor on the meta device has no numbers
        if len(node.grads) == len(edges) == 1 and _is_same(edges[0].flow, node.grads[0]):
            return _text(node.grads[0])  # a fast path for the common case
        flows = flows_by_output(node, edges)
        key = "explore.step_left" if node.is_not_sum else "explore.step_hooked"
        return "; ".join(_total(each, grad, key) for each, grad in zip(flows, node.grads, strict=True))

    def failed(self, i: int) -> list[str]:
        node = self.nodes[i]
        return [message("explore.step_fails", grad_fn=node.grad_fn or node.op)]

    def _sends(self, node: Node, edge: Edge) -> str:
        facts, operand = self._facts(node.id), self._operands(node.id)[1].get(edge.input, 0)
        match = backward_rule(node.op, operand, facts.values, edge.flow) if len(node.values) == 1 else None
        to, flow = _called(self.nodes[edge.src], edge.output), _text(edge.flow)
        if match is None:
            return message("explore.step_sends", to=to, formula=flow)
        rule, is_spread = match
        formula = _written(rule.format(**facts.names), rule.format(**facts.numbers), flow, is_spread)
        slopes = [slope for end, slope in _CONSTANT_SLOPES.items() if rule.endswith(end)]
        key = "explore.step_sends_slope" if slopes else "explore.step_sends"
        return message(key, to=to, formula=formula, slope="".join(slopes))

    def _facts(self, i: int) -> "_Facts":
        """The _Facts of a node, which forward and each gradient that it sends back ask for."""
        facts = self._known_facts.get(i)
        if facts is None:
            node, operands = self.nodes[i], self._operands(i)[0]
            a, b, g = _value(operands, 0), _value(operands, 1), node.grads[0]
            values = {"g": g, "a": a, "b": b, "r": node.values[0]}
            numbers = {key: _bracketed(_text(value)) for key, value in values.items()}
            names = {"g": numbers["g"], "r": node.name or numbers["r"]}
            names |= {key: _named(operands.get(k)) or numbers[key] for k, key in enumerate("ab")}
            numbers["n"] = names["n"] = _each(a, g)
            facts = self._known_facts[i] = _Facts(values, numbers, names)
        return facts

    def _operands(self, i: int) -> tuple[dict[int, Operand], dict[int, int]]:
        """What `_find_operands` returns; it is asked for at each edge, in both directions."""
        if i not in self._known_operands:
            self._known_operands[i] = self._find_operands(i)
        return self._known_operands[i]

    def _find_operands(self, i: int) -> tuple[dict[int, Operand], dict[int, int]]:
        """({number of an operand: (Node, output)}, {input of the backward node: number of its operand}).

        Edges that autograd does not know have numbers of their own. The inputs of the backward node get the numbers
        that are left, in order.
        """
        edges = self.into[i]
        operands = {e.argument: (self.nodes[e.src], e.output) for e in edges if e.argument >= 0}
        operand_of_input, known = {}, {e.input: (self.nodes[e.src], e.output) for e in edges if e.input >= 0}
        free = (k for k in itertools.count() if k not in operands)
        for input, k in zip(sorted(known), list(itertools.islice(free, len(known))), strict=True):
            operands[k], operand_of_input[input] = known[input], k
        rest = [(self.nodes[e.src], e.output) for e in edges if e.argument < 0 and e.input < 0]  # inputs of a module
        operands |= dict(enumerate(rest, max(operands, default=-1) + 1))
        return dict(sorted(operands.items())), operand_of_input


def _is_same(flow: Snapshot | None, grad: Snapshot | None) -> bool:
    return flow is not None and grad is not None and flow.numbers == grad.numbers


def _named(operand: Operand | None) -> str | None:
    node, output = operand or (None, 0)
    return _called(node, output) if node is not None and node.kind != "constant" and node.name else None


def _called(node: Node, output: int = 0) -> str:
    """The name of a node, else a description of it; for an operation with named outputs, `a, b`, the output's name."""
    if not node.name:
        return node.op.strip("_")
    names = node.name.split(", ")
    return brief(names[output] if len(names) == len(node.values) > 1 else node.name)


def _written(named: str, numbered: str, flow: str, is_spread: bool) -> str:
    """`6 × x = 6 × 2 = 12`, without repeating equal parts; "→" if one number goes to several elements."""
    equals = "→" if is_spread or (flow.startswith(("[", "(")) and "[" not in numbered) else "="
    if numbered.replace("−", "-").replace("(", "").replace(")", "") == flow:
        return flow
    whole = named if named == numbered else f"{named} = {numbered}"
    return f"{whole if len(whole) <= _LONGEST else named} {equals} {flow}"


def _value(operands: Mapping[int, Operand], k: int) -> Snapshot | None:
    node, output = operands.get(k, (None, 0))
    return node.values[output] if node is not None and output < len(node.values) else None


def _text(snapshot: Snapshot | None) -> str:
    return compact(snapshot, _ROOM)


def _value_text(snapshot: Snapshot | None) -> str:
    """A value as text; "?" if Python never saw it, since "None" would say that there is none."""
    return "?" if snapshot is None else _text(snapshot)


def _bracketed(text: str) -> str:
    """A text in brackets if it is a negative number."""
    return f"({text})" if text.startswith("-") else text


def _sum(parts: Sequence[str], total: str) -> str:
    return total if len(parts) < 2 else f"{' + '.join(map(_bracketed, parts))} = {total}"


def _total(flows: Sequence[Snapshot], arrived: Snapshot | None, key: str) -> str:
    """The gradients along the edges of one output and their sum; if another gradient is there, the sentence `key`."""
    parts, total, added = list(map(_text, flows)), _text(arrived), hooked_sum(flows, arrived)
    if added is None:
        return _sum(parts, total)
    return message(key, total=_sum(parts, _text(added)), after=total)


def _each(value: Snapshot | None, grad: Snapshot | None) -> str:
    """How many elements of a value share one element of a gradient, as text."""
    if value is None or grad is None:  # a value that Python never saw
        return "n"
    return number(math.prod(value.shape) // max(1, math.prod(grad.shape)))
