"""An error of f passes through unchanged, with the forward pass up to the operation that failed."""

import pytest
import torch
from torch import nn

from helpers import record


def leaf(*shape):
    return torch.ones(*shape, requires_grad=True)


def failed(f, *args, **kwargs):
    """The error that record raises, and the last node of its record."""
    with pytest.raises(Exception) as caught:
        record(f, *args, **kwargs)
    return caught.value, caught.value.record


def mismatch(x, w):
    h = x * 2
    return h @ w


FAILING = {
    "matmul": (mismatch, (leaf(2, 3), leaf(4, 5)), "matmul"),
    "add": (lambda x, w: (x * 2) + w, (leaf(2, 3), leaf(4)), "add"),
    "cat": (lambda x, w: torch.cat([x * 2, w]), (leaf(2, 3), leaf(4, 5)), "cat"),
    "view": (lambda x: (x * 2).view(5), (leaf(2, 3),), "view"),
    "in place": (lambda x: (x * 2).mul_(torch.ones(7)), (leaf(2, 3),), "mul"),
    "index": (lambda x: (x * 2)[5], (leaf(2, 3),), "getitem"),
    "loss": (lambda x: nn.functional.cross_entropy(x * 2, torch.tensor([0])), (leaf(2, 3),), "cross_entropy"),
    "dtype": (lambda x: (x * 2) @ torch.ones(3, 1, dtype=torch.float64), (leaf(2, 3),), "matmul"),
    "attention": (
        lambda x: nn.functional.scaled_dot_product_attention(x * 2, leaf(1, 2, 5), leaf(1, 2, 7)),
        (leaf(1, 2, 3),),
        "scaled_dot_product_attention",
    ),
}


@pytest.mark.parametrize("kind", FAILING)
def test_the_operation_that_failed_is_the_last_node_with_edges_from_what_it_received(kind):
    f, args, name = FAILING[kind]
    with pytest.raises(Exception) as plain:
        f(*args)
    error, r = failed(f, *args)
    assert type(error) is type(plain.value) and str(error) == str(plain.value)
    last = r.nodes[-1]
    assert (last.kind, last.op, r.failed) == ("failed", name, last.id)
    assert last.values == (None,) and not last.requires_grad and r.output is None and not r.complete
    sources = [r.nodes[edge.src] for edge in r.edges if edge.dst == last.id]
    assert "mul" in [node.op for node in sources] and not any(edge.cut for edge in r.edges)
    assert args[0].grad is None


def test_the_note_names_the_shapes_that_met_the_line_and_the_error():
    error, r = failed(mismatch, leaf(2, 3), leaf(4, 5))
    assert "h (2, 3), w (4, 5)" in r.notes[-1].text and str(error) in r.notes[-1].text
    assert r.nodes[-1].line == mismatch.__code__.co_firstlineno + 2
    assert f"failed in line {r.nodes[-1].line} (return h @ w)." in r.notes[-1].text


def test_an_operation_of_a_model_names_its_module_and_parameters():
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Sequential(nn.Linear(5, 2)))
    _, r = failed(model, torch.ones(2, 3))
    assert [scope.path for scope in r.nodes[-1].module] == ["2", "2.0"] and r.nodes[-1].op == "linear"
    assert "1: relu (2, 4), 2.0.weight (2, 5), 2.0.bias (2,)" in r.notes[-1].text


REFUSED = {
    "BatchNorm1d": (nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)), (2, 2, 2, 3)),
    "BatchNorm2d": (nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.ReLU(), nn.BatchNorm2d(4))), (2, 3)),
    "LSTM": (nn.Sequential(nn.Linear(3, 4), nn.LSTM(5, 2)), (2, 3)),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_module_that_refuses_its_input_is_the_failed_node(kind):
    model, shape = REFUSED[kind]
    error, r = failed(model, torch.ones(shape))
    last = r.nodes[-1]
    assert (last.kind, last.op) == ("failed", kind) and last.module[-1].kind == kind
    assert [r.nodes[edge.src].shape for edge in r.edges if edge.dst == last.id] == [(*shape[:-1], 4)]
    assert f": {kind} failed" in r.notes[-1].text and str(error) in r.notes[-1].text


def test_a_slip_of_the_pen_is_no_failed_node():
    class Net(nn.Module):
        def forward(self, x):
            y = x * 2
            return self.missing(y)

    error, r = failed(Net(), leaf(2))
    assert isinstance(error, AttributeError) and r.failed is None


def test_what_has_no_name_is_described_by_its_module_shape_or_number():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(5, 2))
    assert "0: addmm (2, 4), 1.weight (2, 5)" in failed(model, torch.ones(2, 3))[1].notes[-1].text
    assert "mul (2,), (7,)" in failed(lambda x: (x * 2) + torch.ones(7), leaf(2))[1].notes[-1].text
    assert "x (2,), (7,), 0.5" in failed(lambda x: torch.lerp(x, torch.ones(7), 0.5), leaf(2))[1].notes[-1].text


def test_what_was_computed_aside_belongs_to_the_graph_up_to_there():
    def two_towers(x, y):
        left = x.exp()
        right = y.sin() @ torch.ones(5)
        return left.sum() + right.sum()

    _, r = failed(two_towers, leaf(2), leaf(3))
    assert {node.op for node in r.nodes if node.kind == "op"} == {"exp", "sin"}
    assert r.nodes[-1].kind == "failed" and len([e for e in r.edges if e.dst == r.failed]) == 2


def test_an_error_of_python_has_the_forward_pass_but_no_failed_node():
    def f(x):
        y = x * x
        return y + {}["key"]

    error, r = failed(f, 2.0)
    assert isinstance(error, KeyError) and r.failed is None
    assert r.nodes[-1].op == "mul" and not r.complete and not r.notes


def test_an_error_that_f_caught_is_not_blamed_for_a_later_one():
    def f(x):
        try:
            x.view(7)
        except RuntimeError:
            pass
        return (x * x) / {}["key"]

    assert failed(f, leaf(2))[1].failed is None

    def reads(x):
        try:
            x.view(7)
        except RuntimeError:
            return torch.func.vmap(lambda row: row.view(5))(x * x)

    assert failed(reads, leaf(2, 2))[1].failed is None

    def again(x):
        try:
            x.view(7)
        except RuntimeError:
            y = x * x
        return y.view(9)

    _, r = failed(again, leaf(2))
    assert "mul" in [node.op for node in r.nodes] and "[9]" in r.notes[-1].text


def test_an_error_that_f_caught_leaves_an_ordinary_record():
    def f(x):
        try:
            x.view(7)
        except RuntimeError:
            return (x * x).sum()

    r = record(f, leaf(2))
    assert r.complete and r.failed is None and all(node.kind != "failed" for node in r.nodes)


def test_an_error_before_any_operation_has_no_record():
    def f(x):
        raise ValueError("early")

    with pytest.raises(ValueError, match="early") as caught:
        record(f, 2.0)
    assert getattr(caught.value, "record", None) is None


def test_the_first_operation_may_fail():
    _, r = failed(lambda x, w: x @ w, leaf(2, 3), leaf(4))
    assert [node.kind for node in r.nodes] == ["leaf", "leaf", "failed"]


def test_an_error_without_words_or_without_attributes_is_passed_on():
    class Silent(Exception):
        def __str__(self):
            raise ValueError("no words")

    class Slim(Exception):
        __slots__ = ()

        def __setattr__(self, name, value):
            raise AttributeError(name)

    for kind in (Silent, Slim):

        class Raises(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, kind=kind):
                raise kind

        with pytest.raises(kind):
            record(lambda x, function=Raises: function.apply(x * x), 2.0)


def test_a_failed_forward_pass_keeps_nothing_of_f_alive_but_the_record():
    error, r = failed(mismatch, leaf(2, 3), leaf(4, 5))
    del error
    assert all(not isinstance(value, torch.Tensor) for value in vars(r.nodes[-1]).values())
