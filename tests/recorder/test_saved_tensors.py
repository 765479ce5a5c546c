"""What backward nodes keep: which tensors, at which version, freed or not, and where a backward that cannot go on stops."""

import pytest
import torch
from hypothesis import given, settings
from torch.utils.checkpoint import checkpoint

from seeing_gradients.recorder import ArgumentError, CallsBackwardError, record
from tests.programs import programs, run
from tests.recorder import readable_saved_tensors

pytestmark = readable_saved_tensors


def node(taken, op):
    return next(n for n in taken.nodes if n.op == op)


def kept(taken, op):
    return {saved.name: saved for saved in node(taken, op).saved_tensors}


def test_a_product_keeps_both_factors_and_says_whose_values_they_are():
    taken = record(lambda a, b: (a * b).exp(), a=2.0, b=3.0)
    saved = kept(taken, "mul")
    assert {name: taken.nodes[s.node].name for name, s in saved.items()} == {"self": "a", "other": "b"}
    own = kept(taken, "exp")["result"]
    assert own.node == node(taken, "exp").id and own.shape == () and own.dtype is torch.float32
    assert all((s.state, s.version, s.now) == ("kept", 0, 0) for n in taken.nodes for s in n.saved_tensors)


def test_a_factor_without_a_gradient_lets_the_other_go():
    taken = record(lambda w, x: w * x, 3.0, torch.tensor(2.0))
    assert [(s.name, taken.nodes[s.node].name) for s in node(taken, "mul").saved_tensors] == [("other", "x")]


@settings(max_examples=20, deadline=None)
@given(programs(12))
def test_without_retain_graph_every_saved_tensor_is_freed_and_with_it_none(program):
    def f(a, b):
        return run(program, a, b)

    inputs = [0.5, -1.0, 2.0], [1.5, 0.25, -0.75]
    whole = record(f, *inputs)
    freed = record(f, *inputs, retain_graph=False)
    assert all(s.state == "kept" for n in whole.nodes for s in n.saved_tensors)
    ran = set(freed.backward_order)  # what only a comparison used is not on the way
    assert all(s.state == ("freed" if n.id in ran else "kept") for n in freed.nodes for s in n.saved_tensors)
    assert [n.saved for n in freed.nodes] == [n.saved for n in whole.nodes]


def test_the_memory_that_is_kept_is_counted_once_for_all_who_share_it():
    def f(x):
        return (x * x).sum() + (x.view(2, 4) * x.view(2, 4)).sum()

    x = torch.arange(8.0, requires_grad=True)
    assert record(f, x).saved_bytes == x.untyped_storage().nbytes()
    seen = set()
    with torch.autograd.graph.saved_tensors_hooks(lambda t: seen.add(t.untyped_storage().data_ptr()) or t, lambda t: t):
        f(x)
    assert len(seen) == 1


def written_after(a, b):
    e = (a * b).exp()
    y = e * a
    e.add_(1)
    return y


def test_a_write_in_place_is_found_with_both_versions_and_its_line_and_the_node_that_fails():
    with pytest.raises(RuntimeError, match="is at version 1; expected version 0") as caught:
        record(written_after, a=1.0, b=2.0)
    taken = caught.value.record
    failed = taken.nodes[taken.failed]
    assert (failed.name, failed.grad_fn, taken.complete) == ("y", "MulBackward0", False)
    changed = kept(taken, "exp")["result"]
    first = written_after.__code__.co_firstlineno
    assert (changed.state, changed.version, changed.now, changed.line) == ("changed", 0, 1, first + 3)
    assert [s.state for s in failed.saved_tensors if taken.nodes[s.node].name == "a"] == ["kept"]


def test_a_write_through_a_detached_alias_is_found_too():
    def f(x):
        y = x.exp()
        y.detach().add_(1.0)
        return y.sum()

    with pytest.raises(RuntimeError, match="is at version 1; expected version 0") as caught:
        record(f, [0.0, 1.0])
    saved = kept(caught.value.record, "exp")["result"]
    assert (saved.state, saved.version, saved.now) == ("changed", 0, 1)
    assert saved.line == f.__code__.co_firstlineno + 2


@pytest.mark.parametrize(
    "write",
    [
        lambda y: torch.nn.functional.leaky_relu(y, inplace=True),
        torch.nn.ReLU(inplace=True),
        lambda y: torch.add(y.detach(), 1.0, out=y.detach()),
        lambda y: torch._foreach_add_([y], 1.0),
        lambda y: torch._foreach_mul_([y.detach()], 2.0),
        lambda y: y.add_(1.0),
    ],
)
def test_the_line_of_a_write_is_known_whatever_the_operation_is_called(write):
    def f(x):
        y = x.exp()
        write(y)
        return (y * y).sum()

    with pytest.raises(RuntimeError, match="expected version 0") as caught:
        record(f, [0.0, 1.0])
    assert kept(caught.value.record, "exp")["result"].line == f.__code__.co_firstlineno + 2


def test_a_write_to_what_nobody_kept_does_no_harm():
    def f(a):
        s = a + 1.0
        t = s + a
        s.mul_(5.0)
        return t

    taken = record(f, a=2.0)
    assert taken.failed is None and taken.grads["a"] == 2.0


def test_an_error_inside_a_backward_of_ones_own_is_placed_too():
    class Refuses(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            raise ZeroDivisionError("on purpose")

    with pytest.raises(ZeroDivisionError) as caught:
        record(lambda x: Refuses.apply(x).sin(), 1.0)
    taken = caught.value.record
    assert taken.nodes[taken.failed].grad_fn == "RefusesBackward"
    assert [taken.nodes[i].op for i in taken.backward_order] == ["sin"]


def test_a_second_backward_adds_where_the_graph_was_retained():
    taken = record(lambda x: x * x * x, 2.0, backwards=3)
    x = torch.tensor(2.0, requires_grad=True)
    y = x * x * x
    for _ in range(3):
        y.backward(retain_graph=True)
    assert taken.accumulated["x"] == x.grad == 36.0 and taken.grads["x"] == 12.0


def test_a_second_backward_fails_at_the_first_node_that_had_kept_something():
    with pytest.raises(RuntimeError, match="second time") as caught:
        record(lambda x: (x * x).exp() + 1.0, 1.0, retain_graph=False, backwards=2)
    taken = caught.value.record
    assert not isinstance(caught.value, CallsBackwardError)
    assert taken.nodes[taken.failed].op == "exp" and taken.complete
    assert taken.grads["x"] == pytest.approx(2 * 2.718281828)


def test_a_graph_that_kept_nothing_runs_twice_without_retain_graph():
    taken = record(lambda x: x + x + 3.0, 1.0, retain_graph=False, backwards=2)
    assert taken.accumulated["x"] == 4.0 and taken.grads["x"] == 2.0


def test_nobody_else_s_graph_is_freed():
    x = torch.tensor(2.0, requires_grad=True)
    h = x * x
    with pytest.raises(ArgumentError, match="MulBackward0"):
        record(lambda h: h * 3.0, h, retain_graph=False)
    h.backward()
    assert x.grad == 4.0


@pytest.mark.parametrize("backwards", [0, 10, -1, 1.5, "2", None])
def test_a_strange_number_of_passes_is_refused(backwards):
    with pytest.raises(ArgumentError, match="backwards"):
        record(lambda x: x * x, 1.0, backwards=backwards)


def test_what_hooks_packed_is_said_to_be_packed_and_not_unpacked():
    unpacked = []

    def f(x):
        with torch.autograd.graph.saved_tensors_hooks(
            lambda t: t.numpy(), lambda a: unpacked.append(a) or torch.tensor(a)
        ):
            return x.detach().exp() * x

    taken = record(f, 1.0)
    assert {s.state for s in node(taken, "mul").saved_tensors} == {"packed"}
    assert len(unpacked) == 1  # by backward itself


def stretch(x):
    return torch.exp(torch.sin(torch.exp(torch.sin(x))))


@pytest.mark.parametrize("reentrant", [False, True])
def test_a_checkpoint_keeps_the_inputs_of_its_stretch_and_nothing_of_its_inside(reentrant):
    x = torch.ones(1000, requires_grad=True)
    plain = record(lambda x: stretch(x).sum(), x).saved_bytes
    assert plain == 3 * 4000  # x, and the results of both exponentials, which sin and the second exp need
    once = lambda x: checkpoint(stretch, x, use_reentrant=reentrant).sum()
    assert record(once, x).saved_bytes == 4000  # x
    twice = lambda x: checkpoint(
        stretch, checkpoint(stretch, x, use_reentrant=reentrant), use_reentrant=reentrant
    ).sum()
    assert record(twice, x).saved_bytes == 2 * 4000  # x, and what is between the two
    assert record(twice, x, retain_graph=False).saved_bytes == 2 * 4000


@pytest.mark.parametrize(("pack", "size"), [(lambda t: t.half(), 2000), (lambda t: (t.device, t.clone()), 4000)])
def test_what_hooks_hold_in_place_of_a_tensor_counts(pack, size):
    unpack = lambda held: held[1] if isinstance(held, tuple) else held.float()

    def f(x):
        with torch.autograd.graph.saved_tensors_hooks(pack, unpack):
            return torch.exp(x).sum()

    assert record(f, torch.ones(1000, requires_grad=True)).saved_bytes == size


def test_several_tensors_under_one_name_are_counted():
    taken = record(lambda x: x[torch.tensor([0, 1])].sum(), [1.0, 2.0])
    assert "indices[0]" in node(taken, "index").saved


def test_what_a_function_of_ones_own_saved_is_freed_like_any_other():
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 2 * x * g

    taken = record(lambda x: Square.apply(x).exp(), 1.5, retain_graph=False)
    assert [saved.state for n in taken.nodes for saved in n.saved_tensors] == [
        "freed",
        "freed",
    ] and taken.saved_bytes == 8


def test_the_weight_that_linear_saves_transposed_is_known_by_its_name():
    taken = record(torch.nn.Linear(3, 2), torch.ones(4, 3, requires_grad=True), gradient=torch.ones(4, 2))
    saved = next(saved for node in taken.nodes for saved in node.saved_tensors if saved.name == "mat2")
    assert (saved.variable, saved.shape) == ("weight", (3, 2))
    assert taken.nodes[saved.node].name == "weight"


def test_a_square_matrix_is_not_taken_for_another_one_of_its_shape():
    def f(a, b):
        return (a @ b.clone().T).sum()

    taken = record(f, torch.eye(3, requires_grad=True), torch.eye(3, requires_grad=True))
    names = [saved.variable for node in taken.nodes for saved in node.saved_tensors if node.op == "mm"]
    assert sorted(map(str, names)) == ["None", "a"]
