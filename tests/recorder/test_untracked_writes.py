"""Writes that autograd does not record: no value that was computed before them changes in the picture."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seeing_gradients.recorder import record
from seeing_gradients.widgets.explore.step_captions import step_captions
from tests.recorder import readable_saved_tensors


def under_no_grad(x):
    y = x * 2
    with torch.no_grad():
        y += 1
    return y * 3


def through_an_alias(x):
    y = x * 2
    y.detach().mul_(10)
    return y * 3


def of_an_input(w):
    y = w * 2
    with torch.no_grad():
        w.add_(1)
    return y * w.detach()


def descending(w):
    for _ in range(2):
        (g,) = torch.autograd.grad((w - 3) ** 2, w)
        with torch.no_grad():
            w -= 0.25 * g
    return w * w


def value(taken, number):
    return taken.nodes[number].value.tolist()


def products(taken):
    return [n for n in taken.nodes if n.grad_fn == "MulBackward0"]


@pytest.mark.parametrize(("f", "written"), [(under_no_grad, 3.0), (through_an_alias, 20.0)])
def test_a_node_keeps_the_value_it_had_and_what_is_used_after_the_write_is_a_node_of_its_own(f, written):
    taken = record(f, 1.0)
    first, last = products(taken)
    assert (first.value, last.value) == (2.0, written * 3)
    (operand,) = [taken.nodes[e.src] for e in taken.edges if (e.dst, e.input) == (last.id, 0)]
    assert (operand.value, operand.name, operand.grad_fn) == (written, "y", None) and first.name is None


@pytest.mark.parametrize("f", [under_no_grad, through_an_alias])
def test_the_gradient_passes_such_a_write_unchanged_as_in_autograd(f):
    taken = record(f, 1.0)
    first, last = products(taken)
    assert taken.grads["x"] == 6.0 and first.grad == 3.0
    (written,) = {e.src for e in taken.edges if (e.dst, e.input) == (last.id, 0)}
    (way,) = [e for e in taken.edges if (e.src, e.dst) == (first.id, written)]
    assert way.flow.numbers == 3.0 and not way.cut and taken.nodes[written].grad == 3.0


def test_an_input_shows_the_value_it_came_in_with():
    taken = record(of_an_input, 4.0)
    assert value(taken, taken.inputs["w"]) == 4.0 and taken.output == 40.0
    assert step_captions(taken)[0] == ["the inputs: w = 4"] and step_captions(taken)[1] == ["y = 4 × 2 = 8"]


def test_each_step_of_a_descent_inside_f_shows_its_own_value():
    taken = record(descending, 1.0)
    line = descending.__code__.co_firstlineno + 4
    assert [n.value.item() for n in taken.nodes if n.op == "sub" and n.line == line] == [2.0, 2.5]
    assert value(taken, taken.inputs["w"]) == 1.0
    assert taken.grads["w"] == 5.0


def test_what_comes_back_to_a_written_value_used_twice_adds_up():
    def f(x):
        y = x * 2
        with torch.no_grad():
            y[0] = 7.0
        return (y * y.sin() + y).sum()

    taken = record(f, [1.0, 2.0])
    (written,) = [n for n in taken.nodes if n.name == "y"]
    flows = [e.flow.tensor() for e in taken.edges if e.src == written.id and e.flow is not None]
    assert written.value.tolist() == [7.0, 4.0] and len(flows) == 3
    assert next(n.value.tolist() for n in taken.nodes if n.grad_fn == "MulBackward0") == [2.0, 4.0]
    torch.testing.assert_close(sum(flows), written.grad)
    torch.testing.assert_close(written.grad * 2, taken.grads["x"])


def test_a_written_value_may_be_the_output():
    def f(w):
        with torch.no_grad():
            w.mul_(2)
        return w

    taken = record(f, 3.0)
    assert [n.value.item() for n in taken.nodes if n.name == "w"] == [3.0, 6.0]
    assert taken.nodes[-1].grad == 1.0 and taken.grads["w"] == 1.0


@readable_saved_tensors
def test_a_tensor_saved_after_the_write_is_said_to_be_the_written_value():
    def f(x):
        y = x * 2
        with torch.no_grad():
            y.add_(1)
        return y.exp() * y

    taken = record(f, 1.0)
    saved = next(s for n in taken.nodes for s in n.saved_tensors if s.variable == "y")
    assert (taken.nodes[saved.node].op, value(taken, saved.node)) == ("add", 3.0)
    assert (saved.version, saved.state) == (1, "kept")


def test_a_parameter_that_f_clamps_first_has_its_name_before_and_after():
    inner = torch.nn.Linear(1, 1)

    def f(x):
        with torch.no_grad():
            inner.weight.clamp_(-0.1, 0.1)
        return inner(x).sum()

    taken = record(f, torch.ones(1, 1))
    assert [n.kind for n in taken.nodes if n.name == "inner.weight"] == ["leaf", "op"]


def unseen_writes(steps):
    """A function of sums and products, with writes that autograd records ("mul_") and that it does not."""

    def f(x):
        values = [x, x * 2]
        for step, place in steps:
            v = values[place % len(values)]
            if step == "no_grad":
                with torch.no_grad():
                    v.add_(1)
            elif step == "alias":
                v.detach().mul_(2)
            elif step == "mul_":
                v.mul_(1.5) if not v.is_leaf else None
            else:
                values.append(v * 2 if step == "mul" else v + values[0])
        return values[-1] + values[-2]

    return f


STEPS = st.tuples(st.sampled_from(["mul", "add", "no_grad", "alias", "mul_"]), st.integers(0, 99))


@settings(max_examples=80, deadline=None)
@given(st.lists(STEPS, max_size=10))
def test_every_sum_and_product_is_that_of_the_operands_shown(steps):
    f, x, y = unseen_writes(steps), *(torch.tensor(1.5, requires_grad=True) for _ in range(2))
    taken, output = record(f, x), f(y)
    assert taken.output == output and taken.grads["x"] == torch.autograd.grad(output, y)[0]
    assert value(taken, taken.inputs["x"]) == 1.5
    for node in taken.nodes:
        operands = [taken.nodes[e.src].value for e in taken.edges if e.dst == node.id]
        if node.op in ("add", "mul"):
            a, b = operands
            assert node.value == pytest.approx((a + b if node.op == "add" else a * b).item())


def _kinds(made):
    return [(node.op, node.kind, node.name) for node in made.nodes]


def test_a_view_made_under_no_grad_is_detached_from_its_base():
    """PyTorch says that such a view requires grad, although no gradient flows there."""
    w = torch.arange(4.0).requires_grad_()

    def f(x):
        with torch.no_grad():
            v = w.view(2, 2)
        return (x * v).sum()

    made = record(f, torch.ones(2, 2, requires_grad=True))
    assert _kinds(made)[1:3] == [("leaf", "leaf", "w"), ("view", "detached", "v")]
    assert [(edge.src, edge.dst, edge.cut) for edge in made.edges if edge.src in (1, 2)] == [
        (1, 2, True),
        (2, 3, False),
    ]
    assert made.nodes[2].grad is None
    assert torch.equal(made.grads["x"], w.detach().view(2, 2))
    assert made.parameters == {}


def test_a_view_made_under_no_grad_is_a_leaf_once_it_is_asked_to_require_grad():
    w = torch.arange(4.0).requires_grad_()

    def f(x):
        with torch.no_grad():
            v = w.view(2, 2)
        v.requires_grad_()
        return (x * v).sum()

    made = record(f, torch.full((2, 2), 3.0, requires_grad=True))
    assert _kinds(made)[:2] == [("leaf", "leaf", "x"), ("leaf", "leaf", "v")]
    assert made.parameters["v"].tolist() == [[3.0, 3.0], [3.0, 3.0]]


def test_a_view_made_under_no_grad_before_f_has_its_name_and_no_gradient():
    w = torch.arange(4.0).requires_grad_()
    with torch.no_grad():
        outer = w.view(2, 2)
    made = record(lambda x: (x * outer).sum(), torch.ones(2, 2, requires_grad=True))
    assert _kinds(made)[1] == ("leaf", "leaf", "outer")
    assert [edge.cut for edge in made.edges if edge.src == 1] == [True]
    assert made.nodes[1].grad is None
