"""Random programs of torch operations, and a plain autograd run to hold a recording against."""

import torch
from hypothesis import strategies as st

UNARY = {
    "sin": torch.sin,
    "cos": torch.cos,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "neg": torch.neg,
    "square": torch.square,
    "softplus": torch.nn.functional.softplus,
    "clone": torch.clone,
    "twice": lambda a: a * a,
    "two_times": lambda a: 2 * a,
    "minus": lambda a: a - 1.5,
    "from_one": lambda a: 1 - a,
    "halve": lambda a: a / 2,
    "over": lambda a: 2 / (a * a + 1),
    "power": lambda a: a**2,
    "root": lambda a: (a * a + 0.5) ** 0.5,
    "in_place": lambda a: a.clone().mul_(3).add_(1),
    "written_view": lambda a: _write_view(a.clone()),
    "set_item": lambda a: _set_item(a.clone()),
    "first": lambda a: a[0],
    "slice": lambda a: a[1:].sum(),
    "norm": lambda a: (a + 3).norm(),
    "turn": lambda a: a.flip(0),
    "reshape": lambda a: a.reshape(3, 1).T[0],
    "unbind": lambda a: _unbind(a),
    "largest": lambda a: (a + torch.tensor([0.0, 30.0, 60.0], dtype=a.dtype)).max(dim=0).values,
    "softmax": lambda a: torch.softmax(a, 0),
    "linear": lambda a: torch.nn.functional.linear(a, torch.full((3, 3), 0.5, dtype=a.dtype)),
    "where": lambda a: torch.where(a * a > -1, a, 0.0),
    "einsum": lambda a: torch.einsum("i,i->i", a, a),
    "outer": lambda a: torch.outer(a, a).sum(0),
    "dropout": lambda a: _dropout(a),
    "cross_entropy": lambda a: torch.nn.functional.cross_entropy(a, torch.tensor(1)),
    "standard_deviation": lambda a: (a * torch.tensor([1.0, 2.0, 4.0], dtype=a.dtype) + torch.arange(3.0)).std(),
    "loop": lambda a: _loop(a),
    "detach": lambda a: a + a.detach(),
    "no_grad": lambda a: _without_grad(a),
    "vector_jacobian": lambda a: torch.autograd.grad((a * a * a).sum(), a, create_graph=True)[0],
}
BINARY = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "over_one_plus": lambda a, b: a / (1 + b * b),
    "add_in_place": lambda a, b: a.clone().add_(b),
    "stack": lambda a, b: torch.stack([a, b]).sum(0),
    "concatenate": lambda a, b: torch.cat([a, b])[:3],
    "dot": lambda a, b: a * torch.dot(a, b),
    "matmul": lambda a, b: torch.outer(a, b) @ a,
}
NOT_SMOOTH = {"detach", "no_grad"}  # a central difference sees through the cut


def _write_view(a):
    a[1:].mul_(2)
    return a


def _set_item(a):
    a[0] = a[1] * 2
    return a


def _unbind(a):
    one, two, _ = a.unbind()
    return one * two


def _dropout(a):
    torch.manual_seed(0)
    return torch.nn.functional.dropout(a, 0.4)


def _loop(a):
    for _ in range(3):
        a = a * 0.5 + 1
    return a


def _without_grad(a):
    with torch.no_grad():
        factor = a * 2
    return a * factor


def _index():
    return st.integers(0, 10**6)


def programs(max_ops=30):
    """A program: list of (operation, index of operand[, index of the second])."""
    unary = st.tuples(st.sampled_from(sorted(UNARY)), _index())
    binary = st.tuples(st.sampled_from(sorted(BINARY)), _index(), _index())
    return st.lists(st.one_of(unary, binary), min_size=1, max_size=max_ops)


def run(program, *inputs, kept=None):
    """Run a program on 1-D tensors of 3 elements and return a scalar; every intermediate tensor goes to `kept`."""
    values = list(inputs)
    for name, *places in program:
        operands = [values[-1 - place % len(values)] for place in places]
        result = (UNARY if len(places) == 1 else BINARY)[name](*operands)
        values.append(result if result.ndim else result.expand(3))
    if kept is not None:
        kept.extend(values)
    return torch.tanh(torch.stack(values)).sum()


def backward_nodes(root):
    """Every backward node behind root, by a walk of next_functions; written apart from the one under test."""
    reached, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.append(node)
            waiting.extend(source for source, _ in node.next_functions if source is not None)
    return reached


def short_name(node):
    return node.name().split("::")[-1]


def pairs(record, root):
    """Pair the nodes of a record with those of a plain graph, from the roots along the same inputs.

    Returns:
        dict from record node id to backward node; fails where the two differ.
    """
    by_input = {(edge.dst, edge.input): edge for edge in record.edges if edge.input >= 0}
    matched, waiting = {}, [(record.nodes[-1].id, root)]
    while waiting:
        number, node = waiting.pop()
        if number in matched:
            assert matched[number] is node
            continue
        matched[number] = node
        assert record.nodes[number].grad_fn == short_name(node)
        sources = [(place, *source) for place, source in enumerate(node.next_functions) if source[0] is not None]
        known = {place for dst, place in by_input if dst == number}
        assert known == {place for place, *_ in sources}
        for place, source, output in sources:
            edge = by_input[number, place]
            assert edge.output == output
            waiting.append((edge.src, source))
    assert len(set(map(id, matched.values()))) == len(matched)
    return matched
