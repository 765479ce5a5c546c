"""Cutting an edge: the same as writing detach() there, in values, gradients and graph."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.record import NoGradError, record
from tests.programs import programs, run


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
    taken = record(f, 2.0, 3.0, cut=[edge(whole, "h", "sin").at])

    def written(w, x):
        h = w * x
        return torch.sin(h.detach()) * h + w

    same = record(written, 2.0, 3.0)
    assert taken.output == whole.output and taken.grads == same.grads != whole.grads
    cut = edge(taken, "h", "sin")
    assert cut.cut and cut.flow is None and cut.at == edge(whole, "h", "sin").at


def test_without_the_wish_no_edge_tells_where_it_is():
    assert {e.at for e in record(f, 2.0, 3.0).edges} == {None}


def test_both_uses_of_one_tensor_are_cut_one_by_one():
    whole = record(lambda x: x * x, 3.0, cut=[])
    first, second = (e.at for e in whole.edges)
    assert first != second
    assert record(lambda x: x * x, 3.0, cut=[first]).grads["x"] == 3.0
    with pytest.raises(NoGradError) as caught:
        record(lambda x: x * x, 3.0, cut=[first, second])
    assert all(e.cut for e in caught.value.record.edges)
    assert {e.at for e in caught.value.record.edges} == {first, second}


def without_gradients_of_its_own(program):
    """A gradient that f itself takes is a value, and changes with the cut."""
    return "vector_jacobian" not in {name for name, *_ in program}


@settings(max_examples=60, deadline=None)
@given(programs(10).filter(without_gradients_of_its_own), st.data())
def test_cutting_any_edge_changes_no_value_and_only_that_edge_s_gradients(program, data):
    inputs = [0.5, -1.0, 2.0], [1.5, 0.25, -0.75]
    whole = record(lambda a, b: run(program, a, b), *inputs, cut=[])
    cuttable = [e for e in whole.edges if e.at is not None]
    chosen = data.draw(st.sampled_from(cuttable))
    try:
        taken = record(lambda a, b: run(program, a, b), *inputs, cut=[chosen.at])
    except NoGradError as error:
        taken = error.record
        assert not taken.complete
    assert torch.equal(taken.output, whole.output)
    assert {e.at for e in taken.edges if e.cut and e.at} == {chosen.at}  # both outputs of an unbind bear it
    alive = [e.at for e in taken.edges if e.flow is not None and e.at]
    assert chosen.at not in alive


def test_an_argument_inside_a_list_and_a_named_one_can_be_cut():
    def g(a, b):
        return (torch.stack([a, b]) * torch.tensor([2.0, 3.0])).sum() + torch.add(a, other=b)

    whole = record(g, 1.0, 1.0, cut=[])
    stacked, named = (next(e for e in whole.edges if e.at and e.at[1:] == (op, 1)) for op in ("stack", "add"))
    assert record(g, 1.0, 1.0, cut=[stacked.at]).grads == {"a": 3.0, "b": 1.0}
    assert record(g, 1.0, 1.0, cut=[named.at]).grads == {"a": 3.0, "b": 3.0}


def test_what_is_written_to_in_place_cannot_be_cut():
    def g(a):
        c = a.clone()
        c.mul_(a)
        return c.sum()

    whole = record(g, 2.0, cut=[])
    assert all(e.at is None for e in whole.edges if whole.nodes[e.dst].op == "mul")


def test_a_cut_that_is_not_met_does_nothing():
    assert record(f, 2.0, 3.0, cut=[(99, "mul", 0), (0, "exp", 0)]).grads == record(f, 2.0, 3.0).grads
