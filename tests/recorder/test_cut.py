"""Cutting an edge: the same as writing detach() there, in values, gradients and graph."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seeing_gradients.recorder import NoGradError, record
from tests.programs import programs, run

F = torch.nn.functional


def f(w, x):
    h = w * x
    return torch.sin(h) * h + w


def edge(taken, src, dst):
    """The first edge between two nodes, by the operation of each or its name."""
    return next(
        e
        for e in taken.edges
        if src in (taken.nodes[e.src].op, taken.nodes[e.src].name)
        and dst in (taken.nodes[e.dst].op, taken.nodes[e.dst].name)
    )


def test_a_cut_is_the_detach_that_one_would_write():
    whole = record(f, 2.0, 3.0, cut=[])
    taken = record(f, 2.0, 3.0, cut=[edge(whole, "h", "sin").edge_key])

    def written(w, x):
        h = w * x
        return torch.sin(h.detach()) * h + w

    same = record(written, 2.0, 3.0)
    assert taken.output == whole.output and taken.grads == same.grads != whole.grads
    cut = edge(taken, "h", "sin")
    assert cut.cut and cut.flow is None and cut.edge_key == edge(whole, "h", "sin").edge_key


def test_without_the_wish_no_edge_tells_where_it_is():
    assert {e.edge_key for e in record(f, 2.0, 3.0).edges} == {None}


def test_both_uses_of_one_tensor_are_cut_one_by_one():
    whole = record(lambda x: x * x, 3.0, cut=[])
    first, second = (e.edge_key for e in whole.edges)
    assert first != second
    assert record(lambda x: x * x, 3.0, cut=[first]).grads["x"] == 3.0
    with pytest.raises(NoGradError) as caught:
        record(lambda x: x * x, 3.0, cut=[first, second])
    assert all(e.cut for e in caught.value.record.edges)
    assert {e.edge_key for e in caught.value.record.edges} == {first, second}


def without_gradients_of_its_own(program):
    """A gradient that f itself takes is a value, and changes with the cut."""
    return "vector_jacobian" not in {name for name, *_ in program}


@settings(max_examples=60, deadline=None)
@given(programs(10).filter(without_gradients_of_its_own), st.data())
def test_cutting_any_edge_changes_no_value_and_only_that_edge_s_gradients(program, data):
    inputs = [0.5, -1.0, 2.0], [1.5, 0.25, -0.75]
    whole = record(lambda a, b: run(program, a, b), *inputs, cut=[])
    cuttable = [e for e in whole.edges if e.edge_key is not None]
    chosen = data.draw(st.sampled_from(cuttable))
    try:
        taken = record(lambda a, b: run(program, a, b), *inputs, cut=[chosen.edge_key])
    except NoGradError as error:
        taken = error.record
        assert not taken.complete
    assert torch.equal(taken.output, whole.output)
    assert {e.edge_key for e in taken.edges if e.cut and e.edge_key} == {
        chosen.edge_key
    }  # both outputs of an unbind bear it
    alive = [e.edge_key for e in taken.edges if e.flow is not None and e.edge_key]
    assert chosen.edge_key not in alive


def test_an_argument_inside_a_list_and_a_named_one_can_be_cut():
    def g(a, b):
        return (torch.stack([a, b]) * torch.tensor([2.0, 3.0])).sum() + torch.add(a, other=b)

    whole = record(g, 1.0, 1.0, cut=[])
    stacked, named = (
        next(e for e in whole.edges if e.edge_key and e.edge_key[1:] == (op, 1)) for op in ("stack", "add")
    )
    assert record(g, 1.0, 1.0, cut=[stacked.edge_key]).grads == {"a": 3.0, "b": 1.0}
    assert record(g, 1.0, 1.0, cut=[named.edge_key]).grads == {"a": 3.0, "b": 3.0}


def test_what_is_written_to_in_place_cannot_be_cut():
    def g(a):
        c = a.clone()
        c.mul_(a)
        return c.sum()

    whole = record(g, 2.0, cut=[])
    assert all(e.edge_key is None for e in whole.edges if whole.nodes[e.dst].op == "mul")


def test_a_cut_that_is_not_met_does_nothing():
    assert record(f, 2.0, 3.0, cut=[(99, "mul", 0), (0, "exp", 0)]).grads == record(f, 2.0, 3.0).grads


def weighed(y):
    """A scalar to which each element counts differently."""
    return (y * torch.linspace(0.5, 2.0, y.numel()).reshape(y.shape)).sum()


torch.manual_seed(0)
CELL, ATTENTION = torch.nn.GRUCell(2, 2), torch.nn.MultiheadAttention(2, 1)
AT_SEVERAL_PLACES = {  # an operation that takes a tensor of each shape, to be given the same one at all places
    "matmul": (torch.matmul, 2, (2, 2, 2)),
    "attention": (F.scaled_dot_product_attention, 3, (2, 2, 2)),
    "attention in one piece": (F.scaled_dot_product_attention, 3, (1, 2, 2, 2)),
    "GRU": (CELL, 2, (2, 2)),
    "linear": (F.linear, 2, (2, 2)),
    "cosine": (lambda a, b: F.cosine_similarity(a, b, dim=0), 2, (2, 2)),
    "einsum": (lambda a, b: torch.einsum("ij,jk->ik", a, b), 2, (2, 2)),
    "stack": (lambda *several: torch.stack(several), 3, (2, 2)),
    "named in another order": (lambda a, b, c: torch.addcmul(a, tensor2=c, tensor1=b * 1), 3, (2, 2)),
}


@pytest.mark.parametrize("name", AT_SEVERAL_PLACES)
def test_of_a_tensor_at_several_places_each_edge_cuts_the_one_it_comes_from(name):
    operation, count, shape = AT_SEVERAL_PLACES[name]
    x = torch.linspace(-1.0, 1.5, torch.Size(shape).numel()).reshape(shape).requires_grad_()
    f = lambda x: weighed(operation(*[x] * count))
    whole = record(f, x, cut=[])
    by_hand = []
    for place in range(count):
        given = [x.detach() if i == place else x for i in range(count)]
        by_hand.append(torch.autograd.grad(weighed(operation(*given)), x)[0])
    places = {e.edge_key for e in whole.edges if e.edge_key and e.src == whole.inputs["x"]}
    cut = [record(f, x, cut=[at]).grads["x"] for at in places]
    assert len(cut) == count
    for grad in cut:
        assert any(torch.allclose(grad, other, atol=1e-6) for other in by_hand)
    for other in by_hand:
        assert any(torch.allclose(grad, other, atol=1e-6) for grad in cut)


@pytest.mark.parametrize("name", ["matmul", "attention", "GRU", "linear"])
def test_what_flowed_along_the_edges_of_a_cut_is_what_the_gradient_loses(name):
    operation, count, shape = AT_SEVERAL_PLACES[name]
    x = torch.linspace(-1.0, 1.5, torch.Size(shape).numel()).reshape(shape).requires_grad_()
    f = lambda x: weighed(operation(*[x] * count))
    whole = record(f, x, cut=[])
    from_x = [e for e in whole.edges if e.src == whole.inputs["x"]]
    for at in {e.edge_key for e in from_x}:
        lost = sum(e.grad for e in from_x if e.edge_key == at)
        assert torch.allclose(whole.grads["x"] - record(f, x, cut=[at]).grads["x"], lost, atol=1e-6)


def test_an_edge_that_stands_for_all_places_cuts_them_all():
    whole = record(lambda x: weighed(ATTENTION(x, x, x)[0]) + x.sum(), torch.ones(3, 1, 2, requires_grad=True), cut=[])
    (at,) = {
        e.edge_key
        for e in whole.edges
        if e.edge_key and e.edge_key[1].startswith("multi") and e.src == whole.inputs["x"]
    }
    assert at[2] == (0, 1, 2)
    f = lambda x: weighed(ATTENTION(x, x, x)[0]) + x.sum()
    taken = record(f, torch.ones(3, 1, 2, requires_grad=True), cut=[at])
    assert torch.equal(taken.grads["x"], torch.ones(3, 1, 2)) and torch.equal(taken.output, whole.output)
    assert [e.edge_key for e in taken.edges if e.cut and e.edge_key] == [at]


def test_where_nobody_can_tell_the_place_no_cut_is_offered():
    def f(x, w):
        return weighed(F.instance_norm(x, torch.zeros(2), torch.ones(2), w, w))  # counts its writes: no second run

    whole = record(f, [[[1.0, 2.0], [3.0, 5.0]]], [1.0, 2.0], cut=[])
    assert [e.edge_key for e in whole.edges if e.src == whole.inputs["w"]] == [None, None]
    assert [e.edge_key[1] for e in whole.edges if e.src == whole.inputs["x"]] == ["instance_norm"]


def test_looking_for_the_place_changes_no_running_mean():
    means = torch.zeros(2), torch.zeros(2)

    def f(x, w, mean):
        return weighed(F.batch_norm(x, mean, torch.ones(2), w, w, training=True))

    x, w = torch.tensor([[1.0, 2.0], [3.0, 5.0]], requires_grad=True), torch.tensor([1.0, 2.0], requires_grad=True)
    f(x, w, means[0])
    whole = record(f, x, w, means[1], cut=[])
    assert torch.equal(*means)
    assert {e.edge_key[2] for e in whole.edges if e.src == whole.inputs["w"]} == {3, 4}


def test_a_gradient_taken_inside_f_offers_no_cut_that_would_break_it():
    f = lambda x: torch.autograd.grad((x * x * x).sum(), x, create_graph=True)[0].sum()
    whole = record(f, [1.0, 2.0], cut=[])
    assert {e.edge_key[1] for e in whole.edges if e.edge_key} == {"mul", "sum"}
