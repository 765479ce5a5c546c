"""Random programs: what record says against plain autograd, central differences and a walk of grad_fn."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seeing_gradients.recorder import record
from tests.programs import NOT_SMOOTH, backward_nodes, pairs, programs, run

numbers = st.lists(st.floats(-1.5, 1.5, width=32), min_size=3, max_size=3)
many = settings(max_examples=60, deadline=None)


def leaves(*rows):
    return [torch.tensor(row, dtype=torch.float64, requires_grad=True) for row in rows]


def recorded(program, *inputs):
    return record(lambda a, b: run(program, a, b), *inputs, max_ops=10_000, max_seconds=None)


@many
@given(programs(), numbers, numbers)
def test_gradients_of_the_inputs_equal_those_of_plain_autograd(program, first, second):
    a, b = leaves(first, second)
    r = recorded(program, a, b)
    output = run(program, *(plain := leaves(first, second)))
    expected = torch.autograd.grad(output, plain)
    assert torch.equal(r.output, output.detach())
    assert torch.equal(r.grads["a"], expected[0]) and torch.equal(r.grads["b"], expected[1])
    assert a.grad is None and b.grad is None


@many
@given(programs(), numbers, numbers)
def test_the_record_is_node_for_node_the_graph_that_autograd_built(program, first, second):
    r = recorded(program, *leaves(first, second))
    root = run(program, *leaves(first, second)).grad_fn
    matched = pairs(r, root)
    assert len(matched) == len(backward_nodes(root))
    assert sorted(matched) == sorted(r.backward_order)


@many
@given(programs(), numbers, numbers)
def test_the_value_of_every_node_is_the_one_that_the_program_computed(program, first, second):
    r = recorded(program, *leaves(first, second))
    kept = []
    root = run(program, *leaves(first, second), kept=kept).grad_fn
    values = {tensor.grad_fn: tensor.detach() for tensor in kept if tensor.grad_fn is not None}
    compared = {number: values[node] for number, node in pairs(r, root).items() if node in values}
    assert compared
    for number, value in compared.items():
        assert torch.equal(r.nodes[number].value, value)


@many
@given(programs(), numbers, numbers)
def test_no_value_is_missing(program, first, second):
    r = recorded(program, *leaves(first, second))
    assert [node for node in r.nodes if all(value is None for value in node.values)] == []


@many
@given(programs(), numbers, numbers)
def test_the_gradient_at_a_node_is_the_sum_over_its_edges(program, first, second):
    r = recorded(program, *leaves(first, second))
    for node in r.nodes[:-1]:
        for output, grad in enumerate(node.grads):
            flows = [edge.grad for edge in r.edges if edge.src == node.id and edge.output == output]
            flows = [flow for flow in flows if flow is not None]
            if grad is not None and grad.numbers is not None:
                assert flows, node
                torch.testing.assert_close(sum(flows), grad.tensor(), rtol=1e-9, atol=1e-12)


@many
@given(programs(max_ops=12), numbers, numbers)
def test_gradients_agree_with_central_differences_in_float64(program, first, second):
    smooth = [step for step in program if step[0] not in NOT_SMOOTH]
    r = recorded(smooth, *leaves(first, second))
    rows, eps = [torch.tensor(first, dtype=torch.float64), torch.tensor(second, dtype=torch.float64)], 1e-5
    direction = torch.tensor([0.3, -0.5, 0.8], dtype=torch.float64)
    for which, name in enumerate("ab"):
        ends = []
        for sign in (1, -1):
            moved = [row + sign * eps * direction * (place == which) for place, row in enumerate(rows)]
            ends.append(run(smooth, *[row.requires_grad_() for row in moved]).item())
        difference = (ends[0] - ends[1]) / (2 * eps)
        slope = float(r.grads[name] @ direction)
        assert abs(slope - difference) <= 1e-4 * max(1.0, abs(slope), abs(difference))


@many
@given(programs(), numbers, numbers)
def test_nodes_come_after_what_they_are_made_of_and_the_root_is_last(program, first, second):
    r = recorded(program, *leaves(first, second))
    assert [node.id for node in r.nodes] == list(range(len(r.nodes)))
    assert all(edge.src < edge.dst for edge in r.edges)
    assert r.nodes[-1].grad == 1.0
