"""One pass, one step at a time, in words: what each operation computes, and what the engine then does, in its own order.

`step_order(record)` says which node each step is about; `step_captions(record)` says what happens there: with a rule of
backward as people write it, `6 × x` or `g × cos(a)`, where that rule gives what autograd really sent. Step 0 is the
inputs; the page needs nothing more to go back and forth.

Source of the rules: the derivative formulas of PyTorch, tools/autograd/derivatives.yaml.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import torch

from seeing_gradients.language import message
from seeing_gradients.picture.labels import brief, compact, number
from seeing_gradients.recorder import Edge, Node, Record, Snapshot, snapshot

_ROUNDINGS = 16  # units in the last place of what is added, that a sum may be off: large terms may cancel
Values: TypeAlias = Mapping[str, Snapshot | None]  # g: the gradient that arrives; a, b: operands; r: the result
Operand: TypeAlias = tuple[Node, int]  # whose value, and which of its outputs
# operation -> for each operand the rule: text, and the same as a function of the arriving gradient g, the operands a and
# b, the result r and a module with cos, exp, ... for their type
_BACKWARD_RULES: dict[str, tuple[tuple[str, Callable[..., Any]], ...]] = {
    "add": (("{g}", lambda g, a, b, r, m: g), ("{g}", lambda g, a, b, r, m: g)),
    "sub": (("{g}", lambda g, a, b, r, m: g), ("−{g}", lambda g, a, b, r, m: -g)),
    "mul": (("{g} × {b}", lambda g, a, b, r, m: g * b), ("{g} × {a}", lambda g, a, b, r, m: g * a)),
    "div": (("{g} ÷ {b}", lambda g, a, b, r, m: g / b), ("−{g} × {a} ÷ {b}²", lambda g, a, b, r, m: -g * a / b**2)),
    "pow": (
        ("{g} × {b} × {a}^({b} − 1)", lambda g, a, b, r, m: g * b * a ** (b - 1)),
        ("{g} × {r} × ln {a}", lambda g, a, b, r, m: g * r * m.log(a)),
    ),
    "neg": (("−{g}", lambda g, a, b, r, m: -g),),
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
_CLOSE = 1e-3  # of the larger; the numbers are float32
_CANCELLED = 1e-6  # of the largest element: another may be the rest of larger numbers that cancel
_MOST_CAPTIONED = 150  # nodes; beyond, the steps are shown without words
_ROOM = 28  # characters of a tensor in a sentence
_LONGEST = 70  # characters of a formula with its numbers


def flows_by_output(node: Node, edges: Iterable[Edge]) -> list[list[Snapshot]]:
    """Return for each output of a node what flows back to it.

    Args:
        node: Node.
        edges: from that node.
    """
    return [[e.flow for e in edges if e.output == output and e.flow] for output in range(len(node.grads))]


def hooked_sum(flows: Sequence[Snapshot], arrived: Snapshot | None) -> Snapshot | None:
    """Return the sum of what flows back where a hook made something else of it; None where none did.

    Args:
        flows: what flows back along the edges of one output.
        arrived: what the node got.
    """
    if arrived is None or arrived.numbers is None or any(s.numbers is None or s.shape != arrived.shape for s in flows):
        return None  # not every element was kept
    if not flows or not (arrived.dtype.is_floating_point or arrived.dtype.is_complex):
        return None
    off = _ROUNDINGS * torch.finfo(arrived.dtype).eps
    numbers: list[Any] = [s.numbers for s in flows]
    if len(numbers) == 1 and numbers[0] == arrived.numbers:  # mostly so, and quick, as is what follows
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
    """The text of the rule that gives what autograd sent, and whether it is spread over more elements.

    None where no rule here gives just that.

    Args:
        op: "mul".
        operand: which one, from 0.
        values: g, a, b, r.
        sent: what flowed to that operand.
    """
    rules = _BACKWARD_RULES.get("square" if op == "pow" and values.get("b") is None else op, ())
    if operand >= len(rules):
        return None
    text, rule = rules[operand]
    grad = _computed(rule, values, ("g", "a", "b", "r"))
    if grad is None or sent is None or not _agree(_summed(grad, sent), sent):
        return None
    return (f"Σ {text}" if _size(grad) > _size(sent) else text), _size(grad) < _size(sent)


def forward_rule(op: str, values: Values) -> str | None:
    """The text of what an operation computes, "{a} × {b}", or None where that is not what it computed.

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
    """What the rule gives: a number where all are numbers, else a float64 tensor; None where it does not apply."""
    snapshots = [values.get(name) for name in names]
    if any(s is not None and (s.numbers is None or s.dtype.is_complex) for s in snapshots):
        return None
    try:
        if all(s is None or not s.shape for s in snapshots):
            return rule(*(s and s.numbers for s in snapshots), math)
        return rule(*(s and s.tensor().double() for s in snapshots), torch)
    except (ArithmeticError, AttributeError, RuntimeError, TypeError, ValueError):
        return None  # not numbers, or of shapes that this rule is not for


def _summed(grad: Any, sent: Snapshot) -> Any:
    """A gradient summed over what was broadcast."""
    if _size(grad) <= _size(sent):
        return grad
    try:
        return grad.sum_to_size(sent.shape)
    except RuntimeError:
        return grad


def _agree(computed: Any, actual: Snapshot | None) -> bool:
    """Whether what a rule gives, copied to every element if need be, is what there was."""
    if actual is None or actual.numbers is None or _size(computed) > _size(actual):
        return False
    if not isinstance(computed, torch.Tensor) and not actual.shape:
        single: Any = actual.numbers
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
    """Return [[phase, node id], ...] with phase "inputs" (once, first), "forward", "backward" or "failed" (last)."""
    computed = [node.id for node in record.nodes if node.kind in ("op", "detached", "module")]
    failed = [record.failed] if record.failed is not None else []
    passes = [("forward", computed), ("backward", record.backward_order), ("failed", failed)]
    return [["inputs", -1], *([phase, i] for phase, ids in passes for i in ids)]


def step_captions(record: Record) -> list[list[str]]:
    """Return for each step of `step_order` a list of sentences."""
    if len(record.nodes) > _MOST_CAPTIONED:
        return []
    captions = _Captions(record)
    of_phase = {
        "inputs": captions.inputs,
        "forward": captions.forward,
        "backward": captions.backward,
        "failed": captions.failed,
    }
    return [of_phase[phase](node) for phase, node in step_order(record)]


class _Captions:
    """The sentences about each node of a record."""

    def __init__(self, record: Record) -> None:
        self.record, self.nodes = record, record.nodes
        self.into: dict[int, list[Edge]] = {node.id: [] for node in record.nodes}  # edges by where the value goes to
        self.out: dict[int, list[Edge]] = {
            node.id: [] for node in record.nodes
        }  # edges along which a gradient comes back
        for edge in record.edges:
            self.into[edge.dst].append(edge)
            if edge.flow is not None:
                self.out[edge.src].append(edge)

    def inputs(self, _: int) -> list[str]:
        names = [
            f"{brief(node.name)} = {_value_text(node.values[0])}"
            for node in self.nodes
            if node.kind == "leaf" and node.name
        ]
        return [message("explore.step_given", inputs=", ".join(names))]

    def forward(self, i: int) -> list[str]:
        node = self.nodes[i]
        operands = self._operands(i)[0]
        values = {"a": _value(operands, 0), "b": _value(operands, 1), "r": node.values[0]}
        rule = forward_rule(node.op, values)
        if rule is None:
            inside = ", ".join(_value_text(src.values[output]) for src, output in operands.values())
            formula = f"{node.op.strip('_')}({inside})"
        else:
            formula = rule.format(**{key: _bracketed(_text(value)) for key, value in values.items()})
        result = "; ".join(map(_value_text, node.values))
        return [f"{node.name + ' = ' if node.name else ''}{formula} = {result}"]

    def backward(self, i: int) -> list[str]:
        node = self.nodes[i]
        total = self._arrived(i)
        if node.kind == "leaf":
            return [message("explore.step_accumulates", name=_called(node), total=total)]
        if i == self.record.backward_order[0]:
            sentences = [message("explore.step_begins", grad_fn=node.grad_fn or node.op, gradient=total)]
        else:
            sentences = [message("explore.step_arrives", grad_fn=node.grad_fn or node.op, total=total)]
        return sentences + [self._sends(node, edge) for edge in self.into[i] if edge.flow is not None]

    def _arrived(self, i: int) -> str:
        """What arrives at a node, output by output: the sum of what came along its edges, and what a hook made of it."""
        node, edges = self.nodes[i], self.out[i]
        if not any(node.grads):
            return "0" if any(node.values) else "?"  # Python sees no number on the meta device
        if len(node.grads) == len(edges) == 1 and _is_same(edges[0].flow, node.grads[0]):
            return _text(node.grads[0])  # mostly so, and quick
        return "; ".join(map(_total, flows_by_output(node, edges), node.grads))

    def failed(self, i: int) -> list[str]:
        node = self.nodes[i]
        return [message("explore.step_fails", grad_fn=node.grad_fn or node.op)]

    def _sends(self, node: Node, edge: Edge) -> str:
        operands, operand_of_input = self._operands(node.id)
        values = {"g": node.grads[0], "a": _value(operands, 0), "b": _value(operands, 1), "r": node.values[0]}
        operand = operand_of_input.get(edge.input, 0)
        match = backward_rule(node.op, operand, values, edge.flow) if len(node.values) == 1 else None
        to, flow = _called(self.nodes[edge.src], edge.output), _text(edge.flow)
        if match is None:
            return message("explore.step_sends", to=to, formula=flow)
        rule, is_spread = match
        numbers = {key: _bracketed(_text(value)) for key, value in values.items()}
        numbers["n"] = _each(_value(operands, 0), node.grads[0])
        names = {"g": numbers["g"], "n": numbers["n"], "r": node.name or numbers["r"]}
        names |= {key: _named(operands.get(k)) or numbers[key] for k, key in enumerate("ab")}
        return message(
            "explore.step_sends", to=to, formula=_written(rule.format(**names), rule.format(**numbers), flow, is_spread)
        )

    def _operands(self, i: int) -> tuple[dict[int, Operand], dict[int, int]]:
        """Number of the operand -> (Node, which output), and input of the backward node -> number of the operand.

        What autograd knows takes, in its order, the numbers that the others leave.
        """
        edges = self.into[i]
        operands = {e.argument: (self.nodes[e.src], e.output) for e in edges if e.argument >= 0}
        operand_of_input, known = {}, {e.input: (self.nodes[e.src], e.output) for e in edges if e.input >= 0}
        free = (k for k in itertools.count() if k not in operands)
        for input, k in zip(sorted(known), list(itertools.islice(free, len(known))), strict=True):
            operands[k], operand_of_input[input] = known[input], k
        rest = [(self.nodes[e.src], e.output) for e in edges if e.argument < 0 and e.input < 0]  # of a module
        operands |= dict(enumerate(rest, max(operands, default=-1) + 1))
        return dict(sorted(operands.items())), operand_of_input


def _is_same(flow: Snapshot | None, grad: Snapshot | None) -> bool:
    return flow is not None and grad is not None and flow.numbers == grad.numbers


def _named(operand: Operand | None) -> str | None:
    node, output = operand or (None, 0)
    return _called(node, output) if node is not None and node.kind != "constant" and node.name else None


def _called(node: Node, output: int = 0) -> str:
    """Its name, or what it is; of an operation whose outputs all have one, `a, b`, that of the output."""
    if not node.name:
        return node.op.strip("_")
    names = node.name.split(", ")
    return brief(names[output] if len(names) == len(node.values) > 1 else node.name)


def _written(named: str, numbered: str, flow: str, is_spread: bool) -> str:
    """`6 × x = 6 × 2 = 12`, without what would be said twice; → where one number goes to several elements."""
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
    """A value; "?" where Python never saw it: "None" would say that there is none."""
    return "?" if snapshot is None else _text(snapshot)


def _bracketed(text: str) -> str:
    """A negative number inside a formula."""
    return f"({text})" if text.startswith("-") else text


def _sum(parts: Sequence[str], total: str) -> str:
    return total if len(parts) < 2 else f"{' + '.join(map(_bracketed, parts))} = {total}"


def _total(flows: Sequence[Snapshot], arrived: Snapshot | None) -> str:
    """What came along the edges of one output, added up; and what a hook made of it, where one did."""
    parts, total, added = list(map(_text, flows)), _text(arrived), hooked_sum(flows, arrived)
    if added is None:
        return _sum(parts, total)
    return message("explore.step_hooked", total=_sum(parts, _text(added)), after=total)


def _each(value: Snapshot | None, grad: Snapshot | None) -> str:
    """How many elements of a value share one element of a gradient, as text."""
    if value is None or grad is None:  # a value that Python never saw
        return "n"
    return number(math.prod(value.shape) // max(1, math.prod(grad.shape)))
