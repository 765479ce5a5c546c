"""Rounds of a loop fold into one node; what it shows is what autograd had in these rounds."""

import itertools
from collections import Counter

import pytest
import torch
from torch import nn

from helpers import draw, language
from seeing_gradients.picture.folding import fold, keys, tree
from seeing_gradients.picture.scene import scene, texts
from seeing_gradients.recorder import RecordingLimitError, record


def doubling(n):
    """A function of a loop of n rounds, and the line of its body."""

    def doubled(a):
        b = a * 3
        for _ in range(n):
            b = b * 2
        return b.sum()

    return doubled


LINE = doubling(0).__code__.co_firstlineno + 3
KEY = f"line {LINE}"


def hidden_states(w, xs):
    h, states = torch.zeros(()), []
    for x in xs:
        h = torch.tanh(w * h + x)
        states.append(h)
    return torch.stack(states).sum()


def loops(folded):
    return [node for node in folded.nodes if node.kind == "loop"]


def assert_is_a_graph(folded, whole):
    """Nodes in forward order, and the flows between what is shown are those of autograd."""
    assert [node.id for node in folded.nodes] == list(range(len(folded.nodes)))
    assert all(edge.src < edge.dst for edge in folded.edges)
    known = Counter(id(edge.flow) for edge in whole.edges if edge.flow is not None)
    shown = Counter(id(edge.flow) for edge in folded.edges if edge.flow is not None)
    assert shown <= known
    position = {node: i for i, node in enumerate(folded.backward_order)}
    for edge in folded.edges:
        if edge.flow is not None and edge.src in position:
            assert position[edge.dst] < position[edge.src]
    plan = scene(folded)
    assert len(texts(folded, plan)["values"]) == len(folded.nodes)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4, 5, 9, 50])
def test_rounds_are_folded_from_four_on(n):
    whole = record(doubling(n), 0.5)
    folded = fold(whole)
    assert_is_a_graph(folded, whole)
    assert [node.op for node in loops(folded)] == ([f"{KEY}, {n} rounds"] if n >= 4 else [])
    if n < 4:
        assert folded.nodes == whole.nodes
        return
    (loop,) = loops(folded)
    assert loop.inside.key == KEY and loop.name == "b" and len(loop.rounds) == n
    assert [node.kind for node in folded.nodes] == ["leaf", "constant", "op", "loop", "op"]
    for i, one in enumerate(loop.rounds):
        assert one.names == ("b",)
        assert one.values[0].numbers == 1.5 * 2.0 ** (i + 1)
        assert one.grads[0].numbers == 2.0 ** (n - 1 - i)


@pytest.mark.parametrize("n", [2, 3, 9])
def test_all_repeats_fold_on_request_and_none_if_that_is_asked_for(n):
    whole = record(doubling(n), 0.5)
    assert [len(node.rounds) for node in loops(fold(whole, (), tree(whole, True)))] == [n]
    assert fold(whole, (), tree(whole, False)) is whole


def test_the_key_of_a_loop_stays_when_its_rounds_change_and_opens_it():
    for n in (4, 7):
        whole = record(doubling(n), 0.5)
        assert keys(whole) == [KEY]
        opened = fold(whole, [KEY])
        assert opened.nodes == whole.nodes and opened.edges == whole.edges
        (frame,) = opened.opened
        assert (frame.key, frame.title, frame.name) == (KEY, f"{KEY}, {n} rounds", "b")
        assert len(frame.nodes) == 2 * n  # the multiplications and the constants


def test_a_recurrent_network_keeps_its_weight_and_its_first_state_in_sight():
    xs = torch.linspace(-1, 1, 10)
    whole = record(hidden_states, torch.tensor(0.5, requires_grad=True), xs)
    folded = fold(whole)
    assert_is_a_graph(folded, whole)
    assert [(node.kind, node.name) for node in folded.nodes] == [
        ("leaf", "w"), ("leaf", "xs"), ("constant", None), ("loop", "h"), ("op", None), ("op", None),
    ]  # fmt: skip
    (loop,) = loops(folded)
    w, states, h = torch.tensor(0.5, requires_grad=True), [], torch.zeros(())
    for x in xs:
        h = torch.tanh(w * h + x)
        h.retain_grad()
        states.append(h)
    torch.stack(states).sum().backward()
    assert [one.values[0].numbers for one in loop.rounds] == [state.item() for state in states]
    assert [one.grads[0].numbers for one in loop.rounds] == [state.grad.item() for state in states]
    into_w = [edge.flow.numbers for edge in folded.edges if edge.src == 0]
    assert len(into_w) == 10 and sum(into_w) == pytest.approx(w.grad.item())
    assert len([edge for edge in folded.edges if edge.src == 1]) == 1  # data without a gradient: one edge
    assert sorted(edge.output for edge in folded.edges if edge.src == loop.id) == list(range(10))


def test_one_line_with_equal_operations_is_no_loop():
    whole = record(lambda x: x * 2 * 2 * 2 * 2 * 2, 1.0)
    assert keys(whole) == [] and keys(whole, fold=True) == []


def test_equal_operations_of_one_call_are_no_rounds():
    whole = record(lambda a: torch.matrix_power(a, 64).sum(), torch.eye(2, requires_grad=True))
    assert sum(node.op == "mm" for node in whole.nodes) > 4 and keys(whole) == []


def test_values_side_by_side_are_no_rounds():
    def squares(x):
        parts = []
        for i in range(6):
            parts.append(x[i] ** 2)
        return torch.stack(parts).sum()

    assert keys(record(squares, torch.ones(6, requires_grad=True))) == []


def nested(x, w):
    for _ in range(4):
        for _ in range(5):
            x = x * w
        x = x + 1
    return x


def triangle(x, w):
    for i in range(4):
        for _ in range(4 + i):
            x = x * w
        x = x + 1
    return x


@pytest.mark.parametrize(("f", "counts"), [(nested, [5, 5, 5, 5]), (triangle, [4, 5, 6, 7])])
def test_a_loop_in_a_loop_is_folded_inside_it(f, counts):
    whole = record(f, 1.5, 0.9)
    folded = fold(whole)
    assert_is_a_graph(folded, whole)
    (outer,) = loops(folded)
    assert outer.op.endswith(", 4 rounds") and outer.inside.key.startswith("lines ")
    inside = fold(whole, [outer.inside.key])
    assert_is_a_graph(inside, whole)
    assert [len(node.rounds) for node in loops(inside)] == counts
    inner = [node.inside.key for node in loops(inside)]
    assert inner == [inner[0], *(f"{inner[0]}#{i}" for i in (2, 3, 4))]
    deeper = fold(whole, [outer.inside.key, inner[1]])
    assert_is_a_graph(deeper, whole)
    assert [len(node.rounds) for node in loops(deeper)] == [*counts[:1], *counts[2:]]
    assert deeper.opened[1].parent == outer.inside.key
    for one, values in zip(outer.rounds, itertools.pairwise((0, 1, 2, 3, 4)), strict=True):
        assert one.values[0].numbers == [n for n in whole.nodes if n.op == "add"][values[0]].values[0].numbers
    everything = fold(whole, "all")
    assert everything.nodes == whole.nodes and everything.edges == whole.edges


def test_only_rounds_of_one_structure_fold():
    def branches(x):
        for i in range(12):
            x = torch.sin(x) if i == 6 else x * 0.9
        return x

    whole = record(branches, 1.0)
    folded = fold(whole)
    assert_is_a_graph(folded, whole)
    assert [len(node.rounds) for node in loops(folded)] == [6, 5]
    assert keys(whole)[1] == f"{keys(whole)[0]}#2"
    assert [node.op for node in folded.nodes if node.kind == "op"] == ["sin"]


def test_rounds_that_take_turns_fold_in_pairs():
    def alternating(x):
        for i in range(8):
            if i % 2:
                x = x * 0.9
            else:
                x = x + 1
        return x

    (loop,) = loops(fold(record(alternating, 1.0)))
    assert len(loop.rounds) == 4 and loop.inside.operations == 8


def test_a_variable_of_the_round_before_the_last_is_carried_too():
    def fibonacci(x):
        a, b = x, x
        for _ in range(6):
            a, b = b, a * b
        return b

    whole = record(fibonacci, 1.1)
    folded = fold(whole)
    assert_is_a_graph(folded, whole)
    (loop,) = loops(folded)
    assert len(loop.rounds) == 6 and len([edge for edge in folded.edges if edge.dst == loop.id]) == 3
    assert loop.rounds[-1].values[0].numbers == whole.output.item()


def step(h, w):
    return torch.tanh(h * w + 0.1)


def test_a_loop_over_a_helper_function_has_the_line_of_the_loop():
    def f(h, w):
        for _ in range(5):
            h = step(h, w)
        return h

    (loop,) = loops(fold(record(f, 0.3, 0.7)))
    assert loop.op == f"line {f.__code__.co_firstlineno + 2}, 5 rounds" and loop.inside.operations == 15
    calls = record(lambda h, w: step(step(step(step(step(h, w), w), w), w), w), 0.3, 0.7)
    assert keys(calls) == []  # the same lines of the helper, but called five times on one line


def test_the_depths_of_a_recursion_are_rounds():
    def power(x, n):
        return x if n == 0 else power(x * 1.5, n - 1)

    whole = record(lambda x: power(x, 6), 1.0)
    (loop,) = loops(fold(whole))
    assert 4 <= len(loop.rounds) <= 6 and loop.rounds[-1].values[0].numbers == pytest.approx(1.5**6)


def test_a_module_called_in_each_round_is_part_of_it():
    cell = nn.GRUCell(2, 3)

    def unrolled(xs):
        h = torch.zeros(1, 3)
        for x in xs:
            h = cell(x[None], h)
        return h.sum()

    torch.manual_seed(0)
    xs = torch.randn(6, 2)
    whole = record(unrolled, xs)
    folded = fold(whole)
    assert_is_a_graph(folded, whole)
    (loop,) = loops(folded)
    assert loop.op.startswith("line ") and len(loop.rounds) == 6 and loop.name == "h"
    h, states = torch.zeros(1, 3), []
    for x in xs:
        h = cell(x[None], h)
        h.retain_grad()
        states.append(h)
    h.sum().backward()
    for one, state in zip(loop.rounds, states, strict=True):
        torch.testing.assert_close(one.values[0].tensor(), state.detach())
        torch.testing.assert_close(one.grads[0].tensor(), state.grad)
    opened = [node for node in fold(whole, [loop.inside.key]).nodes if node.kind == "module"]
    assert [node.op for node in opened] == ["GRUCell"] * 6
    shown = {node.name: node for node in folded.nodes}
    torch.testing.assert_close(shown["cell.weight_hh"].grads[0].tensor(), cell.weight_hh.grad)


def test_blocks_of_modules_that_take_turns_fold():
    blocks = [m for _ in range(4) for m in (nn.LayerNorm(3), nn.Linear(3, 3), nn.LayerNorm(3), nn.Sequential(
        nn.Linear(3, 5), nn.GELU(), nn.Linear(5, 3)))]  # fmt: skip
    whole = record(nn.Sequential(*blocks), torch.randn(2, 3), gradient=torch.ones(2, 3))
    folded = fold(whole)
    assert_is_a_graph(folded, whole)
    assert [node.op for node in folded.nodes[1:]] == ["4 × (LayerNorm, Linear, LayerNorm, Sequential)"]
    assert (folded.nodes[1].name, folded.nodes[1].inside.members) == ("0 … 15", 4)
    opened = fold(whole, ["0..15"])
    assert len([node for node in opened.nodes if node.kind == "module"]) == 16


def test_layers_with_an_operation_between_them_fold_with_it():
    blocks = nn.ModuleList(nn.ModuleList([nn.LayerNorm(3), nn.Linear(3, 3)]) for _ in range(5))

    def residual(x):
        for norm, linear in blocks:
            x = x + linear(norm(x))
        return x.sum()

    whole = record(residual, torch.randn(2, 3))
    folded = fold(whole)
    assert_is_a_graph(folded, whole)
    assert [node.op for node in folded.nodes][1:] == [f"line {residual.__code__.co_firstlineno + 2}, 5 rounds", "sum"]


def test_modules_with_single_nodes_take_turns_with_others():
    layers = [m for _ in range(6) for m in (nn.Linear(3, 3), nn.Tanh())]
    whole = record(nn.Sequential(*layers), torch.randn(2, 3), gradient=torch.ones(2, 3))
    assert [node.op for node in fold(whole).nodes[1:]] == ["6 × (Linear, Tanh)"]


def test_a_loop_inside_a_module_says_no_line():
    class Iterated(nn.Module):
        def forward(self, x):
            for _ in range(5):
                x = torch.sin(x) * 0.9
            return x

    whole = record(nn.Sequential(Iterated(), nn.Linear(3, 3)), torch.ones(3), gradient=torch.ones(3))
    assert [node.op for node in fold(whole).nodes[1:]] == ["Iterated", "Linear"]
    assert [node.op for node in loops(fold(whole, ["0"]))] == ["5 rounds"]


def test_an_endless_loop_is_folded_up_to_where_the_recording_stopped():
    def endless(a):
        while a.norm() < 1000:
            a = a * 2
        return a

    with pytest.raises(RecordingLimitError) as caught:
        record(endless, 0.0, max_ops=60)
    folded = fold(caught.value.record)
    assert len(loops(folded)) == 1 and len(loops(folded)[0].rounds) > 10


def test_a_picture_shows_the_first_the_middle_and_the_last_round():
    picture = draw(doubling(9), 0.5).svg
    assert f"{KEY}, 9 rounds" in picture
    for text in ("→ 3<", "→ 48<", "→ 768<", "← 256<", "← 16<", "← 1<"):
        assert text in picture
    assert draw(doubling(9), 0.5, fold=False).svg.count(">×<") == 10


def test_a_picture_in_chinese():
    language.use("zh")
    try:
        assert f"第{LINE}行，9轮" in draw(doubling(9), 0.5).svg
    finally:
        language.use("en")


def test_other_values_of_fold_are_refused():
    with pytest.raises(ValueError, match="auto"):
        draw(doubling(9), 0.5, fold="always")


@pytest.mark.parametrize("suffix", [".svg", ".png", ".mmd", ".dot", ".json"])
def test_a_folded_loop_can_be_written_to_every_kind_of_file(suffix, tmp_path):
    path = tmp_path / f"graph{suffix}"
    draw(doubling(9), 0.5, path=path)
    assert path.stat().st_size > 100


def test_a_cut_in_one_round_parts_the_loop():
    whole = record(doubling(9), 0.5, cut=[])
    edge = next(e for e in whole.edges if whole.nodes[e.dst].line == LINE and e.src > 9 and e.flow is not None)
    cut = record(doubling(9), 0.5, cut=[edge.edge_key], strict=False)
    folded = fold(cut)
    assert_is_a_graph(folded, cut)
    assert any(e.cut for e in folded.edges) or any(e.cut for e in fold(cut, "all").edges)
